"""Makes small libraries for Windows and Linux out of bytes, as their formats are written down."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_ADDRESS = 0x1000
_PLACE = 0x400


class _Section:
    """Bytes that know their addresses."""

    def __init__(self) -> None:
        self.words = bytearray()

    def put(self, piece: bytes) -> int:
        """Append, aligned to 8 bytes; the address where it lies."""
        self.words += b"\0" * (-len(self.words) % 8)
        address = _ADDRESS + len(self.words)
        self.words += piece
        return address


def make_fatbin(
    cubins: Sequence[str], ptx: Sequence[str] = (), *, payload: int = 40, header: int = 64, compressed: bool = False
) -> bytes:
    """A container with machine code for `7.5`, `9.0a`, `10.0f` and PTX, as nvcc lays it out; the payloads are noise."""
    entries = b""
    for kind, name in [(2, name) for name in cubins] + [(1, name) for name in ptx]:
        number = name.rstrip("af")
        flags = {"a": 0x100000, "f": 0x200000}.get(name[len(number) :], 0) | (0x8000 if compressed else 0x11)
        head = struct.pack("<HHIQIIHHI", kind, 0x101, header, payload, 0, 0, 0, 8, int(number.replace(".", "")))
        entries += (head + struct.pack("<IIQ", 0, 0, flags)).ljust(header, b"\0") + b"\xba" * payload
    return struct.pack("<IHHQ", 0xBA55ED50, 1, 16, len(entries)) + entries


def make_pe(
    imports: Mapping[str, Sequence[str]] | Sequence[str] = (),
    *,
    delayed: Sequence[str] = (),
    exports: Sequence[str] = (),
    version: tuple[int, int, int, int] | None = None,
    linker: tuple[int, int] = (14, 29),
    bits: int = 64,
    extra: bytes = b"",
) -> bytes:
    """A library with these imports (with or without functions), exports and version; `extra` follows its section."""
    wanted = imports if not isinstance(imports, (list, tuple)) else dict.fromkeys(imports, ())
    section = _Section()
    directories = [(0, 0)] * 16
    size, word = (8, "<Q") if bits == 64 else (4, "<I")
    if exports:
        names = b"".join(struct.pack("<I", section.put(name.encode() + b"\0")) for name in sorted(exports))
        table = section.put(names)
        head = struct.pack("<IIHHIIIIIII", 0, 0, 0, 0, 0, 1, len(exports), len(exports), 0, table, 0)
        directories[0] = (section.put(head), len(head))
    if wanted:
        entries = b""
        for library, functions in wanted.items():
            hints = [section.put(b"\0\0" + name.encode() + b"\0") for name in functions]
            lookup = section.put(b"".join(struct.pack(word, hint) for hint in hints) + b"\0" * size)
            name = section.put(library.encode() + b"\0")
            entries += struct.pack("<5I", lookup, 0, 0, name, lookup)
        directories[1] = (section.put(entries + b"\0" * 20), len(entries) + 20)
    if version is not None:
        high, low = version[0] << 16 | version[1], version[2] << 16 | version[3]
        fixed = b"\xbd\x04\xef\xfe" + struct.pack("<III", 0x10000, high, low) + b"\0" * 36
        data = section.put(fixed)
        leaf = struct.pack("<IIII", data, len(fixed), 0, 0)
        tree = b"".join(
            struct.pack("<12xHH", 0, 1) + struct.pack("<II", number, below)
            for number, below in ((16, 24 | 0x80000000), (1, 48 | 0x80000000), (1033, 72))
        )
        directories[2] = (section.put(tree + leaf), 88)
    if delayed:
        entries = b"".join(struct.pack("<II24x", 1, section.put(library.encode() + b"\0")) for library in delayed)
        directories[13] = (section.put(entries + b"\0" * 32), len(entries) + 32)
    raw = bytes(section.words) or b"\0"
    optional = struct.pack("<HBB", 0x20B if bits == 64 else 0x10B, *linker)
    optional = optional.ljust(108 if bits == 64 else 92, b"\0") + struct.pack("<I", 16)
    optional += b"".join(struct.pack("<II", *entry) for entry in directories)
    machine = 0x8664 if bits == 64 else 0x14C
    head = b"MZ".ljust(0x3C, b"\0") + struct.pack("<I", 0x40) + b"PE\0\0"
    head += struct.pack("<HHIIIHH", machine, 1, 0, 0, 0, len(optional), 0x2022) + optional
    head += b".rdata\0\0" + struct.pack("<4I16x", len(raw), _ADDRESS, len(raw), _PLACE)
    return head.ljust(_PLACE, b"\0") + raw + extra


def make_elf(
    needed: Sequence[str] = (), *, soname: str = "", rpath: str = "", runpath: str = "", extra: bytes = b""
) -> bytes:
    """A 64-bit library for x86-64 with these needs; `extra` is appended inside of what is loaded."""
    strings = bytearray(b"\0")

    def put(name: str) -> int:
        place = len(strings)
        strings.extend(name.encode() + b"\0")
        return place

    entries = [(1, put(name)) for name in needed]
    entries += [(tag, put(words)) for tag, words in ((14, soname), (15, rpath), (29, runpath)) if words]
    dynamic_at = 64 + 2 * 56
    strings_at = dynamic_at + 16 * (len(entries) + 2)
    entries += [(5, strings_at), (0, 0)]
    dynamic = b"".join(struct.pack("<qQ", tag, value) for tag, value in entries)
    whole = strings_at + len(strings) + len(extra)
    head = b"\x7fELF\x02\x01\x01".ljust(16, b"\0")
    head += struct.pack("<HHIQQQIHHHHHH", 3, 62, 1, 0, 64, 0, 0, 64, 56, 2, 64, 0, 0)
    load = struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, whole, whole, 0x1000)
    table = struct.pack("<IIQQQQQQ", 2, 6, dynamic_at, dynamic_at, dynamic_at, len(dynamic), len(dynamic), 8)
    return head + load + table + dynamic + bytes(strings) + extra
