"""Read the header of a GGUF file: its fields and its tensors' places. Standard library only, so both sides use it.

Long arrays (the vocabulary) are passed over, which makes this a hundred times faster than reading them all.
"""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

MAGIC = b"GGUF"
VERSIONS = (2, 3)
_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9
_DEEPEST_ARRAY = 4


class HeaderError(Exception):
    """The header cannot be read. `reason`: `not_gguf`, `version` or `damaged`."""

    def __init__(self, reason: str, version: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.version = version


@dataclass(frozen=True, slots=True)
class TensorPlace:
    """One tensor."""

    name: str
    shape: tuple[int, ...]
    """The row size first, as ggml counts."""
    type: int
    """ggml_type."""
    offset: int
    """Bytes from the start of the data."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """All of a header."""

    fields: dict[str, Any]
    """Metadata; an array is given as its length."""
    tensors: tuple[TensorPlace, ...]
    data_start: int


def read_header(path: Path) -> Header:
    """Raises HeaderError for a file that is no GGUF or ends too early, OSError."""
    with path.open("rb") as stream:
        if stream.read(4) != MAGIC:
            raise HeaderError("not_gguf")
        try:
            with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
                return _header(_Reader(data))
        except (struct.error, ValueError, IndexError, KeyError, OverflowError, MemoryError) as exc:
            raise HeaderError("damaged") from exc


def _header(reader: _Reader) -> Header:
    version = reader.scalar("<I")
    if version not in VERSIONS:
        raise HeaderError("version", version)
    tensor_count, field_count = reader.scalar("<Q"), reader.scalar("<Q")
    fields: dict[str, Any] = {}
    for _ in range(field_count):
        name = reader.string()
        fields[name] = reader.value(reader.scalar("<I"))
    tensors: list[TensorPlace] = []
    for _ in range(tensor_count):
        name = reader.string()
        shape = tuple(reader.scalar("<Q") for _ in range(reader.scalar("<I")))
        tensors.append(TensorPlace(name, shape, reader.scalar("<I"), reader.scalar("<Q")))
    alignment = int(fields.get("general.alignment", 32)) or 32
    return Header(
        fields=fields,
        tensors=tuple(tensors),
        data_start=(reader.place + alignment - 1) // alignment * alignment,
    )


class _Reader:
    """A place in the file that moves forward."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self.place = len(MAGIC)

    def scalar(self, form: str) -> Any:
        value = struct.unpack_from(form, self._data, self.place)[0]
        self.place += struct.calcsize(form)
        return value

    def string(self) -> str:
        length = self.scalar("<Q")
        start = self.place
        self._forward(length)
        return self._data[start : self.place].decode("utf-8", errors="replace")

    def value(self, kind: int, depth: int = 0) -> Any:
        if kind == _STRING:
            return self.string()
        if kind != _ARRAY:
            return self.scalar(_SCALARS[kind])
        if depth > _DEEPEST_ARRAY:
            raise ValueError("arrays in arrays in arrays")
        inner, count = self.scalar("<I"), self.scalar("<Q")
        if inner == _STRING:
            for _ in range(count):
                self._forward(self.scalar("<Q"))
        elif inner == _ARRAY:
            for _ in range(count):
                self.value(_ARRAY, depth + 1)
        else:
            self._forward(struct.calcsize(_SCALARS[inner]) * count)
        return count

    def _forward(self, length: int) -> None:
        if self.place + length > len(self._data):
            raise ValueError("beyond the end")
        self.place += length
