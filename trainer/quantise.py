"""GGUF types: their numbers, how large they come out, and llama.cpp's quantiser."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from trainer.program import Refusal


@dataclass(frozen=True, slots=True)
class FileType:
    """One kind of GGUF file."""

    number: int
    """llama.cpp's `llama_ftype`, stored as general.file_type."""
    bits: float
    """Bits a weight, as Llama-3.1-8B comes out; small models come out larger."""
    main: str
    """The tensor type that most weights get where their row size allows it."""


FILE_TYPES: dict[str, FileType] = {
    "f32": FileType(0, 32.0, "F32"),
    "f16": FileType(1, 16.0, "F16"),
    "Q8_0": FileType(7, 8.5, "Q8_0"),
    "Q6_K": FileType(18, 6.56, "Q6_K"),
    "Q5_K_M": FileType(17, 5.7, "Q5_K"),
    "Q5_K_S": FileType(16, 5.57, "Q5_K"),
    "Q5_0": FileType(8, 5.57, "Q5_0"),
    "Q4_K_M": FileType(15, 4.89, "Q4_K"),
    "Q4_K_S": FileType(14, 4.67, "Q4_K"),
    "Q4_0": FileType(2, 4.67, "Q4_0"),
    "IQ4_XS": FileType(30, 4.46, "IQ4_XS"),
    "IQ4_NL": FileType(25, 4.68, "IQ4_NL"),
    "Q3_K_L": FileType(13, 4.30, "Q3_K"),
    "Q3_K_M": FileType(12, 4.00, "Q3_K"),
    "Q3_K_S": FileType(11, 3.64, "Q3_K"),
    "Q2_K": FileType(10, 3.16, "Q2_K"),
}
"""Those that need no importance matrix. The numbers are llama.cpp's `enum llama_ftype`; sizes from its README."""


def quantise(source: Path, target: Path, kind: str, *, threads: int) -> None:
    """Write `target` from a 16-bit file in the same folder. Raises Refusal.

    llama.cpp opens the target in Windows' ANSI code page, so it gets bare ASCII names in the working folder.
    """
    from cyllama.llama import llama_cpp as llama

    assert source.parent == target.parent
    assert source.name.isascii() and target.name.isascii()
    settings = llama.LlamaModelQuantizeParams()
    settings.ftype = FILE_TYPES[kind].number
    settings.nthread = threads
    before = Path.cwd()
    os.chdir(source.parent)
    try:
        llama.model_quantize(source.name, target.name, settings)
    except (RuntimeError, ValueError) as error:
        raise Refusal("crashed", f"llama.cpp could not quantise to {kind}: {error}") from error
    finally:
        os.chdir(before)
