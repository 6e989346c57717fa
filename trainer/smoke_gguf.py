"""The proof of the way out: gguf writes a tiny model, llama.cpp computes with it, the converter starts."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

_WIDTH = 32
_HEADS = 2
_INNER = 64
_CONTEXT = 32
_PIECES = ("<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁a", "▁b", "a", "b")


def compute_with_llama_cpp() -> dict[str, Any]:
    """Write a Llama of one layer, load it and let it choose a token. Raises RuntimeError for one that there is not."""
    from cyllama.llama import llama_cpp

    llama_cpp.disable_logging()
    llama_cpp.llama_backend_init()
    with tempfile.TemporaryDirectory(prefix="tunedoc-proof-", ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "proof.gguf"
        write_tiny_model(file)
        model = llama_cpp.LlamaModel(str(file), llama_cpp.LlamaModelParams())
        options = llama_cpp.LlamaContextParams()
        options.n_ctx = _CONTEXT
        options.n_threads = 1
        context = llama_cpp.LlamaContext(model, options)
        ids = model.get_vocab().tokenize("a b", True, True)
        context.decode(llama_cpp.llama_batch_get_one(ids))
        # cyllama 0.2.18 cannot hand out logits (it asks the model for a method that is not there); its sampler can see
        # them, and finds no token when they are not numbers.
        sampler = llama_cpp.LlamaSampler(llama_cpp.LlamaSamplerChainParams())
        sampler.add_greedy()
        token = int(sampler.sample(context, -1))
        # Closed before its file goes: Windows deletes no file that is in use.
        del sampler, context, model
    if not 0 <= token < len(_PIECES):
        raise RuntimeError(f"llama.cpp computes a token {token} that a small model does not have")
    return {"ggml": str(llama_cpp.ggml_version()), "tokens": len(ids), "answer": token}


def write_tiny_model(file: Path) -> None:
    """A complete GGUF of a made-up Llama: one layer, bytes as its vocabulary."""
    import gguf
    import numpy

    values = numpy.random.default_rng(8)
    writer = gguf.GGUFWriter(str(file), "llama")
    writer.add_block_count(1)
    writer.add_context_length(_CONTEXT)
    writer.add_embedding_length(_WIDTH)
    writer.add_feed_forward_length(_INNER)
    writer.add_head_count(_HEADS)
    writer.add_head_count_kv(_HEADS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_dimension_count(_WIDTH // _HEADS)
    writer.add_vocab_size(len(_PIECES))
    writer.add_tokenizer_model("llama")
    writer.add_token_list([piece.encode() for piece in _PIECES])
    writer.add_token_scores([-float(place) for place in range(len(_PIECES))])
    writer.add_token_types([_token_type(piece) for piece in _PIECES])
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    square = (_WIDTH, _WIDTH)
    shapes: dict[str, tuple[int, ...]] = {
        "token_embd.weight": (len(_PIECES), _WIDTH),
        "output.weight": (len(_PIECES), _WIDTH),
        "output_norm.weight": (_WIDTH,),
        "blk.0.attn_norm.weight": (_WIDTH,),
        "blk.0.ffn_norm.weight": (_WIDTH,),
        **{f"blk.0.attn_{name}.weight": square for name in ("q", "k", "v", "output")},
        "blk.0.ffn_gate.weight": (_INNER, _WIDTH),
        "blk.0.ffn_up.weight": (_INNER, _WIDTH),
        "blk.0.ffn_down.weight": (_WIDTH, _INNER),
    }
    for name, shape in shapes.items():
        writer.add_tensor(name, values.standard_normal(shape, dtype=numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def start_converter(folder: Path) -> None:
    """Let llama.cpp's converter say its usage, which makes it import all that it needs. Raises RuntimeError."""
    script = folder / "convert_hf_to_gguf.py"
    # The converter's own gguf package must come before the environment's.
    variables = {**os.environ, "PYTHONPATH": str(folder)}
    variables.pop("PYTHONSAFEPATH", None)
    ran = subprocess.run(
        [sys.executable, str(script), "--help"], env=variables, capture_output=True, text=True, encoding="utf-8",
        errors="replace", stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    if ran.returncode != 0 or "usage" not in ran.stdout:
        last = next((line for line in reversed(ran.stderr.splitlines()) if line.strip()), f"exit code {ran.returncode}")
        raise RuntimeError(f"llama.cpp's converter does not start: {last}")


def _token_type(piece: str) -> int:
    # gguf.TokenType: 1 normal, 2 unknown, 3 control, 6 byte
    if piece == "<unk>":
        return 2
    if piece in ("<s>", "</s>"):
        return 3
    return 6 if piece.startswith("<0x") else 1
