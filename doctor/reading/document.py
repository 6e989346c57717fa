"""Turn what somebody pasted, of whatever encoding and size, into lines. Never raises for any bytes."""

from __future__ import annotations

import re

from doctor.late_pattern import late_pattern
from doctor.quick_dataclass import dataclass

MAX_BYTES = 8 * 1024 * 1024
"""Of longer input the beginning and the end are read: versions stand at the top of a log, the error at its bottom."""
MAX_LINE = 2000
"""Characters of a line that are looked at in one piece."""
MAX_LINES = 60_000
"""Different lines that are looked at, half from the beginning and half from the end."""

_SHORT = 2000
"""Lines up to which nothing is dropped."""
_REPETITIONS = 8

_ANSI = late_pattern(r"\x1b(?:\[[0-9;?]{0,40}[A-Za-z]|\][^\x07\x1b]{0,400}(?:\x07|\x1b\\)|[@-Z\\-_])")
_CONTROL = late_pattern(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_DIGITS = str.maketrans("0123456789", "0000000000")
_CHINESE = late_pattern("[\u4e00-\u9fff]")


@dataclass(frozen=True)
class Document:
    """A text in lines. Of a long one, lines that differ in their numbers only are there a few times."""

    lines: tuple[tuple[int, str], ...]
    """Number, from 1, and words."""
    encoding: str
    whole: bool
    """False: the middle of a long input was left out."""
    binary: bool
    """Most of it is no text at all."""

    @property
    def words(self) -> str:
        return "\n".join(words for _, words in self.lines)


def read_document(raw: bytes, *, whole: bool = True) -> Document:
    """The lines of what was pasted. `whole` is False when the caller has already left some of it out."""
    if len(raw) > MAX_BYTES:
        half = MAX_BYTES // 2
        raw, whole = raw[:half] + b"\n" + raw[-half:], False
    words, encoding = decode(raw)
    binary = _is_binary(words)
    if "\x1b" in words:
        words = _ANSI.sub("", words)
    words = _CONTROL.sub(" ", words)
    lines, complete = _lines(words)
    return Document(lines, encoding, whole and complete, binary)


def decode(raw: bytes) -> tuple[str, str]:
    """Text and the name of its encoding. What cannot be read becomes the replacement character."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if raw.startswith(mark):
            return raw.decode(name, "replace"), name
    try:
        return raw.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        pass
    sample = raw[:4000]
    # PowerShell 5 pipes UTF-16 without a mark at times: every second byte of English text is zero.
    for name, zeros in (("utf-16-le", sample[1::2]), ("utf-16-be", sample[0::2])):
        if len(sample) > 3 and zeros.count(0) > len(zeros) * 0.7:
            return raw.decode(name, "replace"), name
    if _fits_gbk(raw):
        return raw.decode("gb18030", "replace"), "gb18030"
    # A log cut in the middle of a letter, or mixed: keep all that is UTF-8.
    words = raw.decode("utf-8", "replace")
    if words.count("\ufffd") * 20 > len(words):
        return raw.decode("cp1252", "replace"), "cp1252"
    return words, "utf-8"


def _fits_gbk(raw: bytes) -> bool:
    # Chinese letters take two bytes and stand together; accents of western languages stand alone between ASCII letters.
    runs = re.findall(rb"[\x80-\xff]+", raw[:200_000])
    if sum(map(len, runs)) < 2 * len(runs):
        return False
    try:
        words = raw[:200_000].decode("gb18030")
    except UnicodeDecodeError as exc:
        if exc.start < min(len(raw), 200_000) - 4:
            return False
        words = raw[: exc.start].decode("gb18030", "ignore")
    high = sum(1 for letter in words[:50_000] if letter > "\x7f")
    return high > 0 and len(_CHINESE.findall(words[:50_000])) > high * 0.7


def _is_binary(words: str) -> bool:
    sample = words[:20_000]
    if not sample:
        return False
    strange = sum(1 for letter in sample if letter == "\ufffd" or (letter < " " and letter not in "\t\n\r\x1b\x08\x0c"))
    return strange * 10 > len(sample)


def _lines(words: str) -> tuple[tuple[tuple[int, str], ...], bool]:
    """Numbered lines, and whether all of them are there. A long log's repetitions are dropped."""
    words = words.replace("\r\n", "\n")
    found: list[tuple[int, str]] = []
    shapes: list[str] = []
    # What a line looks like without its numbers, for the whole text at once: line by line takes ten times as long.
    for number, (line, shape) in enumerate(
        zip(words.split("\n"), words.translate(_DIGITS).split("\n"), strict=True), 1
    ):
        if not line or line.isspace():
            continue
        if len(line) <= MAX_LINE and "\r" not in line:
            found.append((number, line))
            shapes.append(shape)
            continue
        # A progress bar writes over itself with carriage returns: each state is a line.
        for piece in line.split("\r"):
            for at in range(0, len(piece), MAX_LINE - 200):
                part = piece[at : at + MAX_LINE]
                if part.strip():
                    found.append((number, part))
                    shapes.append(part.translate(_DIGITS))
    if len(found) > _SHORT:
        found = _without_repetitions(found, shapes)
    if len(found) <= MAX_LINES:
        return tuple(found), True
    return tuple(found[: MAX_LINES // 2] + found[-(MAX_LINES // 2) :]), False


def _without_repetitions(lines: list[tuple[int, str]], shapes: list[str]) -> list[tuple[int, str]]:
    """Of lines that differ in their numbers only, the first few: two cards in a list stay two cards."""
    times: dict[str, int] = {}
    kept = []
    for line, shape in zip(lines, shapes, strict=True):
        count = times[shape] = times.get(shape, 0) + 1
        if count <= _REPETITIONS:
            kept.append(line)
    return kept
