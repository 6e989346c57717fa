"""A file read in small pieces on demand, so that the headers of a library of gigabytes cost a few kilobytes.

Not mapped into memory: a mapped file that somebody shortens meanwhile (pip at work) ends the whole program.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from io import RawIOBase
    from types import TracebackType

_BLOCK = 16 * 1024


class ShortFile(Exception):
    """The file ends before the place that was asked for."""


class Blocks:
    """Pieces of a file, each read once. A context manager; opening raises OSError.

    Instead of a path it takes an open file, such as a member of an archive, and leaves it open.
    """

    def __init__(self, file: Path | RawIOBase) -> None:
        self._own = isinstance(file, Path)
        self._stream: RawIOBase = file.open("rb", buffering=0) if isinstance(file, Path) else file
        self.size = self._stream.seek(0, 2)
        self._blocks: dict[int, bytes] = {}

    def __enter__(self) -> Blocks:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._own:
            self._stream.close()

    def read(self, offset: int, size: int) -> bytes:
        """Exactly `size` bytes from `offset`. Raises ShortFile, OSError."""
        if offset < 0 or size < 0 or offset + size > self.size:
            raise ShortFile(f"{offset} + {size} of {self.size} bytes")
        first, last = offset // _BLOCK, (offset + size - 1) // _BLOCK
        piece = self._block(first) if first == last else b"".join(self._block(at) for at in range(first, last + 1))
        start = offset - first * _BLOCK
        found = piece[start : start + size]
        if len(found) != size:
            raise ShortFile(f"{offset} + {size}: only {len(found)} bytes")
        return found

    def text(self, offset: int, limit: int = 512) -> bytes:
        """The bytes from `offset` up to a zero byte. Raises ShortFile where none comes within `limit` bytes."""
        if not 0 <= offset < self.size:
            raise ShortFile(f"{offset} of {self.size} bytes")
        found = self.read(offset, min(limit, self.size - offset))
        end = found.find(b"\0")
        if end < 0:
            raise ShortFile(f"no end of the name at {offset}")
        return found[:end]

    def _block(self, number: int) -> bytes:
        block = self._blocks.get(number)
        if block is None:
            self._stream.seek(number * _BLOCK)
            block = self._blocks[number] = self._stream.read(_BLOCK) or b""
        return block
