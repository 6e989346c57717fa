"""Windows libraries and programs (PE files): their bits, what they import and their version, from headers alone.

The layout is Microsoft's "PE Format". Numbers in a file are never trusted: each offset and count is checked.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Literal

from doctor.quick_dataclass import dataclass
from doctor.reading.blocks import Blocks, ShortFile

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping
    from io import RawIOBase
    from pathlib import Path

_EXPORTS, _IMPORTS, _RESOURCES, _DELAYED = 0, 1, 2, 13
_MOST_LIBRARIES = 512
_MOST_FUNCTIONS = 8192
"""Of all libraries together that a file imports from; torch_python takes some thousands from the runtime."""
_MOST_EXPORTS = 16 * 1024
_MOST_ENTRIES = 64
_MACHINES = {0x014C: "x86", 0x8664: "x86_64", 0xAA64: "arm64", 0xA641: "arm64ec"}
_VERSION_RESOURCE = 16
_FIXED_INFO = b"\xbd\x04\xef\xfe"


class PeError(Exception):
    """Not a PE file, or one that is cut short or damaged; the message says which."""


@dataclass(frozen=True, kw_only=True)
class PeFile:
    """What the headers say."""

    bits: Literal[32, 64]
    machine: str
    """`x86_64`, `x86`, `arm64`, or the number in hex."""
    linker: tuple[int, int]
    """Version of Microsoft's tool set, such as (14, 42)."""
    imports: tuple[str, ...]
    """Libraries that must be there when it is loaded, as it spells them."""
    delayed: tuple[str, ...]
    """Libraries that are loaded only when first used."""
    version: str
    """Four numbers of the version resource, `14.44.35211.0`; empty when it has none or was not asked."""
    functions: Mapping[str, tuple[str, ...]]
    """By library in lower case, where they were asked for."""


def read_pe(file: Path | RawIOBase, *, version: bool = False, functions_of: re.Pattern[str] | None = None) -> PeFile:
    """The headers and import tables. Raises PeError, OSError.

    With the version resource when asked, and with the functions that are imported by name from libraries whose names,
    in lower case, match `functions_of` as a whole.
    """
    with Blocks(file) as blocks:
        try:
            image = _Image(blocks)
            imported = list(image.imported())
            return PeFile(
                bits=image.bits,
                machine=image.machine,
                linker=image.linker,
                imports=tuple(name for name, _ in imported),
                delayed=tuple(image.delayed()),
                version=image.version() if version else "",
                functions={
                    name.lower(): tuple(image.functions(table))
                    for name, table in imported
                    if functions_of is not None and functions_of.fullmatch(name.lower())
                },
            )
        except (ShortFile, struct.error) as exc:
            raise PeError(f"damaged: {exc}") from exc


def exported_names(file: Path) -> frozenset[str]:
    """The functions that a library gives away by name. Raises PeError, OSError."""
    with Blocks(file) as blocks:
        try:
            return frozenset(_Image(blocks).exports())
        except (ShortFile, struct.error) as exc:
            raise PeError(f"damaged: {exc}") from exc


class _Image:
    """The parsed headers of one file."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._functions_left = _MOST_FUNCTIONS
        if blocks.size < 64 or blocks.read(0, 2) != b"MZ":
            raise PeError("not a Windows library")
        (start,) = struct.unpack("<I", blocks.read(0x3C, 4))
        if start + 24 > blocks.size or blocks.read(start, 4) != b"PE\0\0":
            raise PeError("not a Windows library, or cut short")
        machine, sections, optional_size = struct.unpack("<HH12xH2x", blocks.read(start + 4, 20))
        self.machine = _MACHINES.get(machine, hex(machine))
        optional = start + 24
        magic, major, minor = struct.unpack("<HBB", blocks.read(optional, 4))
        if magic not in (0x10B, 0x20B):
            raise PeError(f"damaged: unknown kind of header {magic:#x}")
        self.linker = (major, minor)
        self.bits: Literal[32, 64] = 64 if magic == 0x20B else 32
        base, self._base_size = (24, 8) if magic == 0x20B else (28, 4)
        self._image_base = int.from_bytes(blocks.read(optional + base, self._base_size), "little")
        count_at = optional + (108 if magic == 0x20B else 92)
        (count,) = struct.unpack("<I", blocks.read(count_at, 4))
        raw = blocks.read(count_at + 4, 8 * min(count, 16))
        self._directories = [struct.unpack_from("<II", raw, 8 * index) for index in range(len(raw) // 8)]
        self._sections: list[tuple[int, int, int, int]] = []
        for index in range(min(sections, 96)):
            entry = blocks.read(optional + optional_size + 40 * index, 40)
            virtual_size, virtual, raw_size, raw_at = struct.unpack_from("<4I", entry, 8)
            # A section that is only memory (.bss) has no bytes in the file, whatever its pointer says.
            if raw_size and raw_at + raw_size > blocks.size:
                raise PeError(f"cut short: {blocks.size} bytes of at least {raw_at + raw_size}")
            self._sections.append((virtual, max(virtual_size, raw_size), raw_at, raw_size))

    def imported(self) -> Iterator[tuple[str, int]]:
        """Libraries with the place of the table of their functions."""
        at = self._directory(_IMPORTS)
        for index in range(_MOST_LIBRARIES if at else 0):
            lookup, _, _, name, thunk = struct.unpack("<5I", self._blocks.read(self.offset(at) + 20 * index, 20))
            if not name:
                return
            yield self._name(name), lookup or thunk

    def delayed(self) -> Iterator[str]:
        at = self._directory(_DELAYED)
        for index in range(_MOST_LIBRARIES if at else 0):
            attributes, name = struct.unpack("<II", self._blocks.read(self.offset(at) + 32 * index, 8))
            if not name:
                return
            # Tool sets before Visual Studio 2002 wrote addresses there, not distances from the image's base.
            yield self._name(name if attributes & 1 else name - self._image_base)

    def functions(self, table: int) -> Iterator[str]:
        """Names of the functions in an import table; those that are imported by number are left out."""
        size = 8 if self.bits == 64 else 4
        by_number = 1 << (size * 8 - 1)
        start = self.offset(table)
        for index in range(self._functions_left):
            entry = int.from_bytes(self._blocks.read(start + size * index, size), "little")
            if not entry:
                return
            self._functions_left -= 1
            if not entry & by_number:
                yield self._function(self.offset(entry & 0x7FFFFFFF) + 2)

    def exports(self) -> Iterator[str]:
        """Names of the functions that it gives away."""
        at = self._directory(_EXPORTS)
        if not at:
            return
        count, _, table = struct.unpack("<III", self._blocks.read(self.offset(at) + 24, 12))
        if not count:
            return
        if count > _MOST_EXPORTS:
            raise ShortFile(f"{count} names are too many")
        places = self._blocks.read(self.offset(table), 4 * count)
        for (place,) in struct.iter_unpack("<I", places):
            yield self._function(self.offset(place))

    def version(self) -> str:
        """The numbers of the version resource, or nothing."""
        root = self._directory(_RESOURCES)
        if not root:
            return ""
        place = self._resource(root, 0, _VERSION_RESOURCE)
        for _ in range(2):  # below the type: name, then language; the first of each will do
            if place is None or not place & 0x80000000:
                break
            place = self._resource(root, place & 0x7FFFFFFF, None)
        if place is None or place & 0x80000000:
            return ""
        at, size = struct.unpack("<II", self._blocks.read(self.offset(root + place), 8))
        words = self._blocks.read(self.offset(at), min(size, 4096))
        start = words.find(_FIXED_INFO)
        if start < 0:
            return ""
        high, low = struct.unpack_from("<II", words, start + 8)
        return f"{high >> 16}.{high & 0xFFFF}.{low >> 16}.{low & 0xFFFF}"

    def offset(self, address: int) -> int:
        """Where in the file a virtual address lies."""
        for virtual, size, raw, raw_size in self._sections:
            if virtual <= address < virtual + size:
                if address - virtual >= raw_size:
                    raise ShortFile(f"address {address:#x} is not in the file")
                return raw + address - virtual
        raise ShortFile(f"address {address:#x} is in no section")

    def _directory(self, number: int) -> int:
        if number >= len(self._directories):
            return 0
        address, size = self._directories[number]
        return int(address) if size else 0

    def _name(self, address: int) -> str:
        name = self._blocks.text(self.offset(address), 260)
        if not name or not name.isascii():
            raise ShortFile(f"no name of a library at {address:#x}")
        return name.decode("ascii")

    def _function(self, offset: int) -> str:
        return self._blocks.text(offset, 4096).decode("latin-1")

    def _resource(self, root: int, directory: int, wanted: int | None) -> int | None:
        """Where a resource directory sends an id; None for `wanted` takes the first."""
        start = self.offset(root + directory)
        named, numbered = struct.unpack("<HH", self._blocks.read(start + 12, 4))
        for index in range(min(named + numbered, _MOST_ENTRIES)):
            number, place = struct.unpack("<II", self._blocks.read(start + 16 + 8 * index, 8))
            if wanted is None or number == wanted:
                return int(place)
        return None
