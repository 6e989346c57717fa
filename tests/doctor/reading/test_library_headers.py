"""Headers of libraries: what real and made ones say, and that no bytes can do harm."""

from __future__ import annotations

import random
import re
import sys
from typing import TYPE_CHECKING

import pytest

from doctor.reading.elf import ElfError, read_elf
from doctor.reading.pe import PeError, exported_names, read_pe
from tests.library_files import make_elf, make_pe

if TYPE_CHECKING:
    from pathlib import Path


def test_a_windows_library_tells_what_it_needs(tmp_path: Path) -> None:
    file = tmp_path / "库 a.dll"
    wanted = {"c10.dll": ["?f@@YAXXZ"], "VCRUNTIME140.dll": ["memcpy", "__std_terminate"]}
    file.write_bytes(make_pe(wanted, delayed=["nvcuda.dll"], version=(14, 44, 35211, 0), linker=(14, 42)))
    found = read_pe(file, version=True, functions_of=re.compile("vcruntime140.dll"))
    assert (found.bits, found.machine, found.linker) == (64, "x86_64", (14, 42))
    assert found.imports == ("c10.dll", "VCRUNTIME140.dll")
    assert found.delayed == ("nvcuda.dll",)
    assert found.version == "14.44.35211.0"
    assert found.functions == {"vcruntime140.dll": ("memcpy", "__std_terminate")}


def test_a_32_bit_library_is_told_apart(tmp_path: Path) -> None:
    file = tmp_path / "a.dll"
    file.write_bytes(make_pe({"KERNEL32.dll": ["Sleep"]}, bits=32))
    found = read_pe(file, functions_of=re.compile(".*"))
    assert (found.bits, found.machine) == (32, "x86")
    assert found.functions == {"kernel32.dll": ("Sleep",)}


def test_exports_are_named(tmp_path: Path) -> None:
    file = tmp_path / "a.dll"
    file.write_bytes(make_pe(exports=["memcpy", "memmove"]))
    assert exported_names(file) == {"memcpy", "memmove"}


def test_a_windows_library_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    whole = make_pe(["c10.dll"], version=(1, 2, 3, 4))
    file = tmp_path / "a.dll"
    file.write_bytes(whole[:-8])
    with pytest.raises(PeError, match="cut short"):
        read_pe(file)


@pytest.mark.parametrize("words", [b"", b"MZ", b"MZ" + b"\xff" * 100, b"\x7fELF" + b"\0" * 200, b"<html>" * 40])
def test_what_is_no_windows_library_is_refused(tmp_path: Path, words: bytes) -> None:
    (tmp_path / "a.dll").write_bytes(words)
    with pytest.raises(PeError):
        read_pe(tmp_path / "a.dll")


def test_a_linux_library_tells_what_it_needs(tmp_path: Path) -> None:
    file = tmp_path / "liba.so"
    file.write_bytes(make_elf(["libc10.so", "libcudart.so.12"], soname="liba.so", runpath="$ORIGIN:$ORIGIN/../x"))
    found = read_elf(file)
    assert (found.bits, found.machine, found.soname) == (64, "x86_64", "liba.so")
    assert found.needed == ("libc10.so", "libcudart.so.12")
    assert found.runpath == ("$ORIGIN", "$ORIGIN/../x")
    assert found.rpath == ()


def test_a_linux_library_that_is_cut_short_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.so").write_bytes(make_elf(["libc10.so"])[:-4])
    with pytest.raises(ElfError, match="cut short"):
        read_elf(tmp_path / "a.so")


@pytest.mark.skipif(sys.platform == "win32", reason="a Linux program")
def test_the_running_python_is_read() -> None:
    from pathlib import Path

    if sys.platform == "linux":
        found = read_elf(Path(sys.executable).resolve())
        assert found.bits == (64 if sys.maxsize > 2**32 else 32)
        assert any(name.startswith("libc.") for name in found.needed)


def test_no_bytes_do_harm(tmp_path: Path) -> None:
    """Truncated, flipped and random files give an answer or the reader's own error, and always an end."""
    dice = random.Random(3)
    wholes = [
        make_pe(
            {"c10.dll": ["a", "b"], "MSVCP140.dll": ["c"]},
            delayed=["nvcuda.dll"],
            exports=["x", "y"],
            version=(1, 2, 3, 4),
        ),
        make_pe({"KERNEL32.dll": ["Sleep"]}, bits=32, version=(9, 9, 9, 9)),
        make_elf(["liba.so.1", "libb.so"], soname="c.so", rpath="$ORIGIN", runpath="/x:/y"),
    ]
    file = tmp_path / "hostile"
    answers = 0
    for round_ in range(1500):
        words = bytearray(dice.choice(wholes))
        kind = round_ % 4
        if kind == 0:
            del words[dice.randrange(len(words)) :]
        elif kind == 1:
            for _ in range(dice.randrange(1, 24)):
                words[dice.randrange(min(len(words), 0x600))] = dice.choice(
                    (0, 1, 0x7F, 0x80, 0xFF, dice.randrange(256))
                )
        elif kind == 2:
            start = dice.randrange(len(words))
            words[start : start + dice.randrange(200)] = dice.randbytes(dice.randrange(200))
        else:
            words = bytearray(words[: dice.choice((4, 64, 0x60, 0x100))] + dice.randbytes(dice.randrange(2000)))
        file.write_bytes(words)
        for read in (
            lambda: read_pe(file, version=True, functions_of=re.compile(".*")),
            lambda: exported_names(file),
            lambda: read_elf(file),
        ):
            try:
                read()
                answers += 1
            except (PeError, ElfError):
                continue
    assert answers > 100
