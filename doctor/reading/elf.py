"""Linux libraries and programs (ELF files): their bits and the libraries they need, from headers alone.

The layout is that of the System V ABI. Numbers in a file are never trusted: each offset and count is checked.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Literal

from doctor.quick_dataclass import dataclass
from doctor.reading.blocks import Blocks, ShortFile

if TYPE_CHECKING:
    from io import RawIOBase
    from pathlib import Path

_LOAD, _DYNAMIC = 1, 2
_NEEDED, _STRINGS, _SONAME, _RPATH, _RUNPATH = 1, 5, 14, 15, 29
_MOST_HEADERS = 256
_MOST_ENTRIES = 4096
_MACHINES = {3: "x86", 40: "arm", 62: "x86_64", 183: "arm64", 243: "riscv"}


class ElfError(Exception):
    """Not an ELF file, or one that is cut short or damaged; the message says which."""


@dataclass(frozen=True, kw_only=True)
class ElfFile:
    """What the headers say."""

    bits: Literal[32, 64]
    machine: str
    """`x86_64`, `arm64`, …, or the number."""
    needed: tuple[str, ...]
    """Libraries that must be there when it is loaded."""
    soname: str
    """The name that others need it by; may be empty."""
    rpath: tuple[str, ...]
    """Folders that the loader searches for it and for what it loads in turn, with `$ORIGIN` as written."""
    runpath: tuple[str, ...]
    """Folders that the loader searches for its own needs alone; where it is set, `rpath` does not count."""


def read_elf(file: Path | RawIOBase) -> ElfFile:
    """The headers and the dynamic section. Raises ElfError, OSError."""
    with Blocks(file) as blocks:
        try:
            return _read(blocks)
        except (ShortFile, struct.error) as exc:
            raise ElfError(f"damaged: {exc}") from exc


def _read(blocks: Blocks) -> ElfFile:
    if blocks.size < 52 or blocks.read(0, 4) != b"\x7fELF":
        raise ElfError("not a Linux library")
    wide, order = blocks.read(4, 2)
    if wide not in (1, 2) or order not in (1, 2):
        raise ElfError("damaged: unknown kind of header")
    end = "<" if order == 1 else ">"
    (machine,) = struct.unpack(end + "H", blocks.read(18, 2))
    if wide == 2:
        (start,) = struct.unpack(end + "Q", blocks.read(32, 8))
        size, count = struct.unpack(end + "HH", blocks.read(54, 4))
    else:
        (start,) = struct.unpack(end + "I", blocks.read(28, 4))
        size, count = struct.unpack(end + "HH", blocks.read(42, 4))
    loads: list[tuple[int, int, int]] = []
    dynamic: tuple[int, int] | None = None
    if size < (56 if wide == 2 else 32) and count:
        raise ElfError("damaged: program headers too small")
    for index in range(min(count, _MOST_HEADERS)):
        entry = blocks.read(start + size * index, size)
        if wide == 2:
            kind, offset, address, in_file = struct.unpack_from(end + "I4xQQ8xQ", entry)
        else:
            kind, offset, address, in_file = struct.unpack_from(end + "III4xI", entry)
        if kind == _LOAD:
            if offset + in_file > blocks.size:
                raise ElfError(f"cut short: {blocks.size} bytes of at least {offset + in_file}")
            loads.append((address, in_file, offset))
        elif kind == _DYNAMIC:
            dynamic = (offset, in_file)
    entries = _dynamic(blocks, dynamic, wide, end)
    strings = next((value for tag, value in entries if tag == _STRINGS), None)

    def words(value: int) -> str:
        assert strings is not None
        return blocks.text(_offset(loads, strings) + value, 16 * 1024).decode("utf-8", "replace")

    def all_of(tag: int) -> list[str]:
        return [words(value) for found, value in entries if found == tag] if strings is not None else []

    def folders(tag: int) -> tuple[str, ...]:
        return tuple(folder for value in all_of(tag) for folder in value.split(":") if folder)

    return ElfFile(
        bits=64 if wide == 2 else 32,
        machine=_MACHINES.get(machine, str(machine)),
        needed=tuple(all_of(_NEEDED)),
        soname=next(iter(all_of(_SONAME)), ""),
        rpath=folders(_RPATH),
        runpath=folders(_RUNPATH),
    )


def _dynamic(blocks: Blocks, place: tuple[int, int] | None, wide: int, end: str) -> list[tuple[int, int]]:
    if place is None:
        return []
    offset, size = place
    width = 16 if wide == 2 else 8
    layout = end + ("qQ" if wide == 2 else "iI")
    found: list[tuple[int, int]] = []
    for index in range(min(size // width, _MOST_ENTRIES)):
        tag, value = struct.unpack(layout, blocks.read(offset + width * index, width))
        if tag == 0:
            break
        found.append((tag, value))
    return found


def _offset(loads: list[tuple[int, int, int]], address: int) -> int:
    for start, size, offset in loads:
        if start <= address < start + size:
            return offset + address - start
    raise ShortFile(f"address {address:#x} is not in the file")
