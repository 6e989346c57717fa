"""The code for GPUs inside of libraries."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

from doctor.reading.fatbins import FatbinScanner, by_age, sum_of
from tests.library_files import make_elf, make_fatbin, make_pe

REAL = Path(__file__).parent.parent.parent / "data" / "fatbins" / "nvcc-13.0.fatbin"
MAGIC = struct.pack("<I", 0xBA55ED50)


def scan(words: bytes, step: int = 1 << 20, *, whole: bool = True):  # type: ignore[no-untyped-def]
    scanner = FatbinScanner()
    for place in range(0, len(words), step):
        scanner.feed(words[place : place + step])
    return scanner.code(whole=whole)


@pytest.mark.parametrize("step", [1 << 20, 4096, 64, 61, 16, 5, 1])
def test_what_nvcc_made_is_read_whatever_the_pieces(step: int) -> None:
    code = scan(b"\0" * 13 + REAL.read_bytes() + b"\0" * 100, step)
    assert code.containers == 1 and code.damaged == 0
    assert code.cubins == (("7.5", 1), ("9.0a", 1), ("10.0f", 1), ("12.0", 1))
    assert code.ptx == (("12.0", 1),)


def test_libraries_of_both_systems_have_their_code_found() -> None:
    container = make_fatbin(["7.5", "8.6"], ["8.6"])
    for library in (make_elf(extra=container), make_pe(["kernel32.dll"], extra=container)):
        code = scan(library)
        assert code.architectures == ("7.5", "8.6") and code.ptx_architectures == ("8.6",)


def test_an_architecture_of_single_kernels_is_not_what_the_library_was_built_for() -> None:
    words = make_fatbin(["7.5", "9.0"]) * 9 + make_fatbin(["7.5", "9.0", "9.0a"], ["12.0"], header=112)
    code = scan(words)
    assert code.containers == 10
    assert code.architectures == ("7.5", "9.0") and code.ptx_architectures == ()
    assert ("9.0a", 1) in code.cubins and code.ptx == (("12.0", 1),)


def test_an_architecture_that_is_twice_in_a_container_counts_once() -> None:
    assert scan(make_fatbin(["8.0", "8.0"])).cubins == (("8.0", 1),)


def test_compressed_payloads_are_passed_over() -> None:
    assert scan(make_fatbin(["12.0"], payload=100_000, compressed=True), 999).cubins == (("12.0", 1),)


def test_a_library_without_code_for_gpus_has_none() -> None:
    assert scan(make_elf(["libc.so.6"])) is None
    assert scan(b"") is None


def test_the_magic_in_ordinary_code_is_no_container() -> None:
    assert scan(MAGIC * 20 + b"\x01\x00" + b"\0" * 40) is None


def test_a_magic_in_a_payload_is_no_container() -> None:
    inner = make_fatbin(["5.0"])
    words = make_fatbin(["8.0"], payload=len(inner)).replace(b"\xba" * len(inner), inner)
    assert scan(words).cubins == (("8.0", 1),)


def test_nonsense_in_a_container_is_counted_and_what_follows_is_read() -> None:
    good = make_fatbin(["8.0", "9.0"])
    bad = bytearray(good)
    bad[16 + 4 : 16 + 8] = struct.pack("<I", 0xFFFFFFFF)
    code = scan(bytes(bad) + make_fatbin(["12.0"]))
    assert code.damaged == 1 and code.cubins == (("12.0", 1),)


def test_a_library_that_is_cut_short_is_damaged_but_one_that_was_left_early_is_not() -> None:
    words = make_fatbin(["8.0"]) + make_fatbin(["8.0", "9.0"])[:-60]
    assert scan(words).damaged == 1
    left = scan(words, whole=False)
    assert left.damaged == 0 and left.cubins == (("8.0", 1),) and not left.whole


def test_noise_never_raises() -> None:
    dice = random.Random(4)
    good = make_fatbin(["7.5", "12.0a"], ["12.0"])
    for _ in range(100):
        words = bytearray(good * 3)
        for _ in range(dice.randrange(1, 12)):
            words[dice.randrange(len(words))] = dice.randrange(256)
        scan(bytes(words), dice.choice([7, 64, 4096]))


def test_bytes_of_containers_are_counted_so_that_reading_can_stop() -> None:
    scanner = FatbinScanner()
    scanner.feed(b"\0" * 10_000 + make_fatbin(["8.0"], payload=5000))
    assert scanner.passed_bytes == 5000 + 64 + 16


def test_codes_of_several_libraries_are_added_up() -> None:
    both = sum_of([scan(make_fatbin(["8.0"])), scan(make_fatbin(["8.0", "10.0"]))])
    assert both is not None
    assert both.containers == 2 and both.cubins == (("8.0", 2), ("10.0", 1))
    assert sum_of([]) is None


def test_architectures_are_sorted_by_age() -> None:
    mixed = ["12.0", "9.0a", "7.5", "10.0f", "9.0", "10.0"]
    assert sorted(mixed, key=by_age) == ["7.5", "9.0", "9.0a", "10.0", "10.0f", "12.0"]
