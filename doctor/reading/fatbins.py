"""What GPUs a library has code for, from the headers of the fat binaries inside of it. Pure.

nvcc puts the code of each source file into one container in the section `.nv_fatbin` (`.nv_fatb` in a Windows library):

    container  u32 magic 0xBA55ED50, u16 version 1, u16 size of this header (16), u64 bytes of all entries
    entry      u16 kind (1 PTX, 2 cubin), u16 version, u32 size of this header (64, or up to 112 from CUDA 12.8 on),
               u64 bytes of the payload with its padding, u32 bytes of it when compressed, u32, u16 minor, u16 major,
               u32 architecture (75, 120), u32, u32, u64 flags, …

Payloads may be compressed (flag 0x2000 LZ4, 0x8000 zstd); headers never are, so nothing is uncompressed here. Flag
0x100000 marks code for one architecture alone (`sm_90a`), 0x200000 for its family (`sm_100f`).

NVIDIA does not publish the format. Source: the structs in ZLUDA's `cuda_types` and `zluda_trace`, and the files that
nvcc 13.0 makes for `sm_75` to `sm_120` with `a` and `f` (tests/data/fatbins). Containers are found by their magic
instead of by the section table, which lies at a library's end: a library in a wheel is unpacked from its beginning, and
reading may stop early.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Iterable

_MAGIC = struct.pack("<I", 0xBA55ED50)
_HEADER = struct.Struct("<4xHHQ")
_ENTRY = struct.Struct("<HHIQ12xI8xQ")
_ENTRY_BYTES = 64
_MOST_HEADER = 4096
_MOST_CONTAINER = 2 * 1024**3
_PTX, _CUBIN = 1, 2
_BUILT_FOR = 5
"""One container of so many makes an architecture one that a library was built for. Of the 449 of torch 2.13.0+cu130
all have 7.5 and 12.0, 59 have 10.3f and 4 have 9.0a."""
_ONE_ARCHITECTURE, _FAMILY = 0x100000, 0x200000


@dataclass(frozen=True, kw_only=True)
class DeviceCode:
    """The code for GPUs in one library, or in several."""

    containers: int
    """Fat binaries with at least one entry, about one for each source file."""
    cubins: tuple[tuple[str, int], ...]
    """Architectures with machine code (`7.5`, `9.0a`, `10.0f`), oldest first, each with the number of containers that
    have it."""
    ptx: tuple[tuple[str, int], ...]
    """Architectures with PTX, likewise."""
    damaged: int
    """Containers whose entries make no sense; those before the damage are counted."""
    whole: bool
    """Whether the library was read to its end."""

    @property
    def architectures(self) -> tuple[str, ...]:
        """Those that at least a fifth of the containers have machine code for: what the library was built for. Others
        are single kernels, such as matrix products written for one generation."""
        return self._most(self.cubins)

    @property
    def ptx_architectures(self) -> tuple[str, ...]:
        """Those that at least a fifth of the containers have PTX for."""
        return self._most(self.ptx)

    def _most(self, counted: tuple[tuple[str, int], ...]) -> tuple[str, ...]:
        return tuple(name for name, count in counted if _BUILT_FOR * count >= self.containers)


class FatbinScanner:
    """Takes a library piece by piece, from its beginning, and counts what its containers hold."""

    def __init__(self) -> None:
        from collections import Counter

        self.passed_bytes = 0
        """Bytes of containers that went by so far."""
        self._cubins: Counter[str] = Counter()
        self._ptx: Counter[str] = Counter()
        self._containers = self._damaged = 0
        self._kept = b""
        self._skip = 0
        self._left = 0
        self._found: set[tuple[int, str]] = set()

    def feed(self, piece: bytes) -> None:
        """The next bytes of the library."""
        if self._skip >= len(piece) and not self._kept:
            self._skip -= len(piece)
            self.passed_bytes += len(piece)
            return
        words = self._kept + piece
        at = 0
        while True:
            if self._skip:
                step = min(self._skip, len(words) - at)
                self.passed_bytes += step
                at, self._skip = at + step, self._skip - step
                if self._skip:
                    break
            stop = self._entry(words, at) if self._left else self._container(words, at)
            if stop is None:
                break
            at = stop
        # Outside of a container, three bytes may be the beginning of a magic; inside, a header may be cut in two.
        self._kept = words[at:] if self._left else words[self._keep_from(words, at) :]

    def code(self, *, whole: bool = True) -> DeviceCode | None:
        """What was found, or None where there is no container at all."""
        if self._left or self._skip:
            if whole:
                self._damaged += 1
                self._close()
            self._found.clear()
        if not self._containers and not self._damaged:
            return None
        return DeviceCode(
            containers=self._containers,
            cubins=_ordered(self._cubins),
            ptx=_ordered(self._ptx),
            damaged=self._damaged,
            whole=whole,
        )

    def _container(self, words: bytes, at: int) -> int | None:
        """Where reading goes on after the next container's header; None to wait for more bytes."""
        while True:
            at = words.find(_MAGIC, at)
            if at < 0 or at + _HEADER.size > len(words):
                return None
            version, header, size = _HEADER.unpack_from(words, at)
            # Code that handles fat binaries has the magic in it too, but not what must follow.
            if version == 1 and _HEADER.size <= header <= _MOST_HEADER and 0 < size <= _MOST_CONTAINER:
                self._left = size
                self._skip = int(header)
                return at
            at += len(_MAGIC)

    def _entry(self, words: bytes, at: int) -> int | None:
        if self._left < _ENTRY_BYTES:
            self._close()
            return at
        if at + _ENTRY_BYTES > len(words):
            return None
        kind, _, header, size, architecture, flags = _ENTRY.unpack_from(words, at)
        if not _ENTRY_BYTES <= header <= _MOST_HEADER or header + size > self._left or not 10 <= architecture < 1000:
            self._damaged += 1
            self._close()
            return at
        self._left -= header + size
        self._skip = header + size
        if kind in (_PTX, _CUBIN):
            self._found.add((kind, _label(architecture, flags)))
        if not self._left:
            self._close()
        return at

    def _close(self) -> None:
        """The container is over: each architecture counts once."""
        self._left = 0
        if self._found:
            self._containers += 1
        for kind, label in self._found:
            (self._ptx if kind == _PTX else self._cubins)[label] += 1
        self._found.clear()

    @staticmethod
    def _keep_from(words: bytes, at: int) -> int:
        found = words.find(_MAGIC, at)
        return found if found >= 0 else max(at, len(words) - len(_MAGIC) + 1)


def sum_of(parts: Iterable[DeviceCode]) -> DeviceCode | None:
    """The code of several libraries together, or None of none."""
    from collections import Counter

    found = list(parts)
    if not found:
        return None
    cubins: Counter[str] = Counter()
    ptx: Counter[str] = Counter()
    for part in found:
        cubins.update(dict(part.cubins))
        ptx.update(dict(part.ptx))
    return DeviceCode(
        containers=sum(part.containers for part in found),
        cubins=_ordered(cubins),
        ptx=_ordered(ptx),
        damaged=sum(part.damaged for part in found),
        whole=all(part.whole for part in found),
    )


def by_age(architecture: str) -> tuple[int, int, str]:
    """A key that sorts `7.5` before `9.0`, `9.0` before `9.0a` and that before `10.0`."""
    number = architecture.rstrip("af")
    major, _, minor = number.partition(".")
    return int(major), int(minor or 0), architecture[len(number) :]


def _label(architecture: int, flags: int) -> str:
    special = "a" if flags & _ONE_ARCHITECTURE else "f" if flags & _FAMILY else ""
    return f"{architecture // 10}.{architecture % 10}{special}"


def _ordered(counted: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple((name, counted[name]) for name in sorted(counted, key=by_age))
