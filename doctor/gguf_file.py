"""Look at a GGUF file: what it says about itself, and whether it is whole. Reads the header only."""

from __future__ import annotations

import math
import mmap
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from doctor.errors import BadInput
from doctor.words.text import Text, text

if TYPE_CHECKING:
    from pathlib import Path

_MAGIC = b"GGUF"
_VERSIONS = (2, 3)
_SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?", 10: "<Q", 11: "<q", 12: "<d"}
_STRING, _ARRAY = 8, 9
_SIZES = {
    0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 10: (256, 84),
    11: (256, 110), 12: (256, 144), 13: (256, 176), 14: (256, 210), 20: (32, 18), 23: (256, 136), 30: (1, 2),
}  # fmt: skip
"""Values and bytes of one block, by ggml_type; types that are not here are not measured."""
_FILE_TYPES = {
    0: "f32", 1: "f16", 2: "Q4_0", 3: "Q4_1", 7: "Q8_0", 8: "Q5_0", 9: "Q5_1", 10: "Q2_K", 11: "Q3_K_S", 12: "Q3_K_M",
    13: "Q3_K_L", 14: "Q4_K_S", 15: "Q4_K_M", 16: "Q5_K_S", 17: "Q5_K_M", 18: "Q6_K", 25: "IQ4_NL", 30: "IQ4_XS",
    32: "bf16",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class GgufFacts:
    """What a GGUF file says about itself."""

    path: Path
    bytes: int
    architecture: str
    """llama.cpp's name of it: `llama`, `qwen2`, …"""
    title: str | None
    file_type: str
    """`Q4_K_M` and the like; `type N` for a number that is not known here."""
    tensors: int
    parameters: int
    context_tokens: int | None
    has_chat_template: bool
    licence: str | None


def read_gguf(path: Path) -> GgufFacts:
    """Read the header and check that the file is as long as it says. Raises BadInput."""
    if not path.exists():
        raise BadInput(text("chat.no_file"), file=str(path), hint=text("chat.no_file_hint"))
    if path.is_dir():
        raise BadInput(text("chat.is_folder"), file=str(path), hint=text("chat.is_folder_hint"))
    size = path.stat().st_size
    with path.open("rb") as stream:
        if stream.read(4) != _MAGIC:
            raise _bad(text("chat.not_gguf"), path)
        if size < 24:
            raise _bad(text("chat.truncated"), path)
        with mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ) as data:
            try:
                return _facts(_Reader(data), path, size)
            except (struct.error, ValueError, IndexError, KeyError, UnicodeDecodeError, MemoryError) as exc:
                raise _bad(text("chat.truncated"), path) from exc


class _Reader:
    """A place in the file that moves forward."""

    def __init__(self, data: mmap.mmap) -> None:
        self._data = data
        self.place = 4

    def scalar(self, form: str) -> Any:
        value = struct.unpack_from(form, self._data, self.place)[0]
        self.place += struct.calcsize(form)
        return value

    def string(self) -> str:
        raw = self._string()
        return raw.decode("utf-8", errors="replace")

    def value(self, kind: int) -> Any:
        """A value of the metadata; arrays are passed over and come back as their length."""
        if kind == _STRING:
            return self.string()
        if kind != _ARRAY:
            return self.scalar(_SCALARS[kind])
        inner, count = self.scalar("<I"), self.scalar("<Q")
        if inner == _STRING:
            for _ in range(count):
                self._string()
        elif inner == _ARRAY:
            for _ in range(count):
                self.value(_ARRAY)
        else:
            self._forward(struct.calcsize(_SCALARS[inner]) * count)
        return count

    def _string(self) -> bytes:
        length = self.scalar("<Q")
        start = self.place
        self._forward(length)
        return self._data[start : self.place]

    def _forward(self, length: int) -> None:
        if self.place + length > len(self._data):
            raise ValueError("beyond the end")
        self.place += length


def _facts(reader: _Reader, path: Path, size: int) -> GgufFacts:
    version = reader.scalar("<I")
    if version not in _VERSIONS:
        raise _bad(text("chat.other_version", version=version), path)
    tensors, fields = reader.scalar("<Q"), reader.scalar("<Q")
    found: dict[str, Any] = {}
    for _ in range(fields):
        name = reader.string()
        found[name] = reader.value(reader.scalar("<I"))
    parameters, end = 0, 0
    for _ in range(tensors):
        reader.string()
        shape = [reader.scalar("<Q") for _ in range(reader.scalar("<I"))]
        kind, offset = reader.scalar("<I"), reader.scalar("<Q")
        count = math.prod(shape)
        parameters += count
        values, block_bytes = _SIZES.get(kind, (1, 0))
        end = max(end, offset + count // values * block_bytes)
    alignment = int(found.get("general.alignment", 32)) or 32
    start = (reader.place + alignment - 1) // alignment * alignment
    if tensors and start + end > size:
        raise _bad(text("chat.cut_short", have=size, want=start + end), path)
    architecture = str(found.get("general.architecture", ""))
    file_type = found.get("general.file_type")
    return GgufFacts(
        path=path,
        bytes=size,
        architecture=architecture,
        title=_words(found.get("general.name")),
        file_type=_FILE_TYPES.get(file_type, f"type {file_type}") if isinstance(file_type, int) else "?",
        tensors=tensors,
        parameters=parameters,
        context_tokens=found.get(f"{architecture}.context_length"),
        has_chat_template=bool(found.get("tokenizer.chat_template")),
        licence=_words(found.get("general.license")),
    )


def _words(value: object) -> str | None:
    return str(value) if value else None


def _bad(message: Text, path: Path) -> BadInput:
    return BadInput(message, file=str(path), hint=text("chat.damaged_hint"))
