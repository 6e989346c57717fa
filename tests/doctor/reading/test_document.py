"""What somebody pasted becomes lines, whatever its encoding, size and line ends."""

from __future__ import annotations

import pytest

from doctor.reading.document import MAX_BYTES, MAX_LINE, read_document

WORDS = "第一行 页面文件太小\nOSError: [WinError 1455]\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"])
def test_every_usual_encoding_is_read(encoding: str) -> None:
    ascii_part = "plain words so that the zeros of UTF-16 show " * 4 + "\n"
    document = read_document((ascii_part + WORDS).encode(encoding))
    assert "OSError: [WinError 1455]" in document.words
    assert "页面文件太小" in document.words
    assert not document.binary


def test_what_is_western_european_is_read() -> None:
    assert "privilège" in read_document("Le client ne dispose pas d’un privilège nécessaire".encode("cp1252")).words


def test_a_letter_cut_in_two_spoils_nothing_else() -> None:
    assert "torch 2.8.0" in read_document("torch 2.8.0\n页面文件太小".encode()[:-1]).words


def test_escapes_of_colours_and_progress_bars_are_taken_apart() -> None:
    raw = b"\x1b[31mERROR\x1b[0m: one\r\n 10%|#   |\r 20%|##  |\rtwo\r\n"
    assert [words.strip() for _, words in read_document(raw).lines] == ["ERROR: one", "10%|#   |", "20%|##  |", "two"]


def test_lines_keep_their_numbers() -> None:
    assert read_document(b"a\n\n\nb\n").lines == ((1, "a"), (4, "b"))


def test_a_long_line_is_looked_at_in_pieces() -> None:
    raw = b"x" * 5000 + b" no kernel image " + b"y" * 5000
    document = read_document(raw)
    assert max(len(words) for _, words in document.lines) <= MAX_LINE
    assert "no kernel image" in document.words


def test_of_a_long_log_repetitions_are_dropped_and_nothing_else() -> None:
    lines = [f"step {number} loss 0.{number}" for number in range(20_000)] + ["the one message"]
    document = read_document("\n".join(lines).encode())
    assert len(document.lines) < 200
    assert document.lines[-1] == (20_001, "the one message")
    assert document.whole


def test_a_list_of_cards_stays_whole() -> None:
    assert len(read_document(b"GPU 0: TITAN RTX\nGPU 1: TITAN RTX\n").lines) == 2


def test_of_what_is_too_long_both_ends_are_read() -> None:
    raw = b"first line\n" + b"middle\n" * (MAX_BYTES // 5) + b"last line\n"
    document = read_document(raw)
    assert not document.whole
    assert document.lines[0][1] == "first line"
    assert document.lines[-1][1] == "last line"


def test_a_program_is_known_to_be_no_text() -> None:
    assert read_document(bytes(range(256)) * 40).binary
    assert not read_document(b"").binary
