"""Read a finished GGUF back and see that it is what its name says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from trainer.gguf_header import HeaderError, read_header
from trainer.program import Refusal
from trainer.quantise import FILE_TYPES

if TYPE_CHECKING:
    from pathlib import Path

_FLOATS = frozenset({"F32", "F16", "BF16", "F64"})
_SMALLEST_BLOCK = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Contents:
    """What a GGUF file says about itself."""

    file_type: int
    architecture: str
    tensors: int
    tensor_types: dict[str, int] = field(default_factory=dict)
    """Tensors of each number format."""
    fallbacks: dict[str, int] = field(default_factory=dict)
    """Weights that got another format than the type's main one because their rows do not divide into its blocks."""
    odd_rows: int = 0
    """Weights whose rows no block of 32 divides: they can only stay in 16 bits."""
    weights: int = 0
    """Two-dimensional weights, those that a quantiser changes."""
    chat_template: str | None = None
    eos: int | None = None
    bos: int | None = None
    context_tokens: int | None = None


def read_contents(file: Path, kind: str) -> Contents:
    """Read the header. `kind` says which format the weights should mainly have. Raises Refusal."""
    from gguf.constants import GGML_QUANT_SIZES, GGMLQuantizationType

    try:
        header = read_header(file)
    except (HeaderError, OSError) as error:
        raise Refusal("crashed", f"the file cannot be read back: {error}", file=str(file)) from error
    main = FILE_TYPES[kind].main
    block = GGML_QUANT_SIZES[GGMLQuantizationType[main]][0]
    types: dict[str, int] = {}
    fallbacks: dict[str, int] = {}
    weights = odd_rows = 0
    for tensor in header.tensors:
        name = GGMLQuantizationType(tensor.type).name
        types[name] = types.get(name, 0) + 1
        if len(tensor.shape) > 1:
            weights += 1
            odd_rows += tensor.shape[0] % _SMALLEST_BLOCK != 0
            if name != main and tensor.shape[0] % block:
                fallbacks[name] = fallbacks.get(name, 0) + 1
    architecture = str(header.fields.get("general.architecture") or "")
    return Contents(
        file_type=int(header.fields.get("general.file_type") or 0),
        architecture=architecture,
        tensors=len(header.tensors),
        tensor_types=types,
        fallbacks=fallbacks,
        odd_rows=odd_rows,
        weights=weights,
        chat_template=header.fields.get("tokenizer.chat_template"),
        eos=header.fields.get("tokenizer.ggml.eos_token_id"),
        bos=header.fields.get("tokenizer.ggml.bos_token_id"),
        context_tokens=header.fields.get(f"{architecture}.context_length"),
    )


def check_contents(contents: Contents, kind: str, *, tensors: int | None, template: str | None, file: Path) -> None:
    """Refuse a file whose contents do not fit its name or its source.

    `tensors` is the count in the 16-bit file; `template` the base model's chat template. Raises Refusal.
    """
    faults: list[str] = []
    wanted = FILE_TYPES[kind]
    if contents.file_type != wanted.number:
        faults.append(f"its type is number {contents.file_type}, not {wanted.number} ({kind})")
    if tensors is not None and contents.tensors != tensors:
        faults.append(f"it has {contents.tensors} tensors, the 16-bit file has {tensors}")
    if contents.eos is None:
        faults.append("it has no end-of-text token")
    if template is not None and (contents.chat_template or "").strip() != template.strip():
        faults.append("the chat template is not the base model's")
    if wanted.main not in _FLOATS:
        plain = sum(count for name, count in contents.tensor_types.items() if name in {"F16", "BF16"})
        allowed = sum(count for name, count in contents.fallbacks.items() if name in {"F16", "BF16"})
        if plain > allowed:
            faults.append(f"{plain - allowed} of its weights were left in 16 bits")
    if faults:
        raise Refusal("crashed", f"the {kind} file is not right: " + "; ".join(faults), file=str(file))
