"""Look at a GGUF file: what it says about itself, and whether it is whole. Reads the header only."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from doctor.errors import BadInput
from doctor.quick_dataclass import dataclass
from doctor.words.text import Text, text
from trainer.gguf_header import HeaderError, read_header

if TYPE_CHECKING:
    from pathlib import Path

    from trainer.gguf_header import Header

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


@dataclass(frozen=True, kw_only=True)
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
    try:
        header = read_header(path)
    except HeaderError as exc:
        raise _bad(_reason(exc), path) from exc
    return _facts(header, path, path.stat().st_size)


def _facts(header: Header, path: Path, size: int) -> GgufFacts:
    parameters, end = 0, 0
    for tensor in header.tensors:
        count = math.prod(tensor.shape)
        parameters += count
        values, block_bytes = _SIZES.get(tensor.type, (1, 0))
        end = max(end, tensor.offset + count // values * block_bytes)
    if header.tensors and header.data_start + end > size:
        raise _bad(text("chat.cut_short", have=size, want=header.data_start + end), path)
    found = header.fields
    architecture = str(found.get("general.architecture", ""))
    file_type = found.get("general.file_type")
    return GgufFacts(
        path=path,
        bytes=size,
        architecture=architecture,
        title=_words(found.get("general.name")),
        file_type=_FILE_TYPES.get(file_type, f"type {file_type}") if isinstance(file_type, int) else "?",
        tensors=len(header.tensors),
        parameters=parameters,
        context_tokens=found.get(f"{architecture}.context_length"),
        has_chat_template=bool(found.get("tokenizer.chat_template")),
        licence=_words(found.get("general.license")),
    )


def _reason(error: HeaderError) -> Text:
    if error.reason == "not_gguf":
        return text("chat.not_gguf")
    if error.reason == "version":
        return text("chat.other_version", version=error.version)
    return text("chat.truncated")


def _words(value: object) -> str | None:
    return str(value) if value else None


def _bad(message: Text, path: Path) -> BadInput:
    return BadInput(message, file=str(path), hint=text("chat.damaged_hint"))
