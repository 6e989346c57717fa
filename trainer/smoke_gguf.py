"""The proof of the way out: a made-up model as a GGUF gives the same words in llama.cpp as in transformers, quantised
files load and compute, and the converter starts."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from trainer.proving import Wrong, last_line

_WIDTH = 256
"""The K types of llama.cpp need rows of 256."""
_HEADS = 4
_INNER = 256
_CONTEXT = 64
STEPS = 12
_SEED = 109
"""Of the first hundred the one whose likeliest tokens lead by most, 0.35: a hundred times what 16-bit keys and values
change."""
_Q8_STEPS = 6
"""Tokens that 8 bits must not change; with this seed they change none of the twelve."""
_SPREAD = 0.15
"""Size of the weights: every layer has its say in which token is the likeliest."""
_PIECES = ("<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256)), "▁a", "▁b", "a", "b")
_QUANTISED = ("Q8_0", "Q4_K_M")


def compare_with_transformers() -> dict[str, Any]:
    """Write a Llama of one layer, and let llama.cpp and transformers say the likeliest tokens in turn.

    In 32 bits they must agree, and in 8 bits for a while; what 4 bits change is counted, not judged. Raises Wrong.
    """
    from cyllama.llama import llama_cpp

    llama_cpp.disable_logging()
    llama_cpp.llama_backend_init()
    model = tiny_model()
    with tempfile.TemporaryDirectory(prefix="tunedoc-proof-", ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "proof.gguf"
        write_gguf(model, file)
        prompt = prompt_ids(file, "a b")
        wanted, lead = likeliest(model, prompt)
        found = generate(file, prompt)
        if found != wanted:
            raise Wrong(
                f"llama.cpp says the tokens {found} where transformers says {wanted}"
                f" (the closest second is behind by {lead:.3g})"
            )
        same = {"f32": len(found)}
        for kind in _QUANTISED:
            same[kind] = _agreeing(generate(_quantised(file, kind), prompt), wanted)
        if same["Q8_0"] < _Q8_STEPS:
            raise Wrong(f"a Q8_0 file says other tokens than transformers after {same['Q8_0']}")
    return {"ggml": str(llama_cpp.ggml_version()), "tokens": len(found), "lead": round(lead, 3), "same": same}


def tiny_model(seed: int = _SEED) -> Any:
    """A made-up Llama, the same each time for the same seed."""
    import torch
    from transformers import LlamaConfig, LlamaForCausalLM

    config = LlamaConfig(
        vocab_size=len(_PIECES), hidden_size=_WIDTH, intermediate_size=_INNER, num_hidden_layers=1,
        num_attention_heads=_HEADS, num_key_value_heads=_HEADS, max_position_embeddings=_CONTEXT, rms_norm_eps=1e-5,
        tie_word_embeddings=False, bos_token_id=1, eos_token_id=2,
    )  # fmt: skip
    model = LlamaForCausalLM(config).eval()
    numbers = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for name, value in sorted(model.named_parameters()):
            if value.dim() == 2:
                value.copy_(torch.randn(value.shape, generator=numbers) * (1.0 if "embed" in name else _SPREAD))
    return model


def likeliest(model: Any, prompt: list[int]) -> tuple[list[int], float]:
    """The tokens that transformers says, each the likeliest, and the least by which one led the second."""
    import torch

    ids, leads = list(prompt), []
    with torch.no_grad():
        for _ in range(STEPS):
            best = model(input_ids=torch.tensor([ids]), use_cache=False).logits[0, -1].topk(2)
            leads.append(float(best.values[0] - best.values[1]))
            ids.append(int(best.indices[0]))
    return ids[len(prompt) :], min(leads)


def prompt_ids(file: Path, words: str) -> list[int]:
    """Token ids as llama.cpp makes them."""
    from cyllama.llama import llama_cpp

    model = llama_cpp.LlamaModel(str(file), llama_cpp.LlamaModelParams())
    ids = [int(one) for one in model.get_vocab().tokenize(words, True, True)]
    del model
    return ids


def generate(file: Path, prompt: list[int]) -> list[int]:
    """The tokens that llama.cpp says, each the likeliest. Raises Wrong for one that there is not."""
    from cyllama.llama import llama_cpp

    model = llama_cpp.LlamaModel(str(file), llama_cpp.LlamaModelParams())
    options = llama_cpp.LlamaContextParams()
    options.n_ctx = _CONTEXT
    options.n_threads = 1
    context = llama_cpp.LlamaContext(model, options)
    # cyllama 0.2.18 cannot hand out logits (it asks the model for a method that is not there); its sampler can see
    # them, and finds no token when they are not numbers.
    sampler = llama_cpp.LlamaSampler(llama_cpp.LlamaSamplerChainParams())
    sampler.add_greedy()
    found: list[int] = []
    ids, place = list(prompt), 0
    try:
        for _ in range(STEPS):
            context.decode(llama_cpp.llama_batch_get_one(ids, place))
            place += len(ids)
            token = int(sampler.sample(context, -1))
            if not 0 <= token < len(_PIECES):
                raise Wrong(f"llama.cpp computes a token {token} that a small model does not have")
            found.append(token)
            ids = [token]
    finally:
        # Closed before its file goes: Windows deletes no file that is in use.
        del sampler, context, model
    return found


def write_gguf(model: Any, file: Path) -> None:
    """A complete GGUF of the made-up Llama, bytes as its vocabulary."""
    import gguf

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
    weights = model.state_dict()
    for name, source in _TENSORS.items():
        value = weights[source].float().numpy()
        if source.endswith(("q_proj.weight", "k_proj.weight")):
            # llama.cpp turns neighbours, transformers turns halves: the rows of a head change places.
            value = value.reshape(_HEADS, 2, _WIDTH // _HEADS // 2, _WIDTH).swapaxes(1, 2).reshape(_WIDTH, _WIDTH)
        writer.add_tensor(name, value.copy())
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


_TENSORS: dict[str, str] = {
    "token_embd.weight": "model.embed_tokens.weight",
    "output.weight": "lm_head.weight",
    "output_norm.weight": "model.norm.weight",
    "blk.0.attn_norm.weight": "model.layers.0.input_layernorm.weight",
    "blk.0.ffn_norm.weight": "model.layers.0.post_attention_layernorm.weight",
    "blk.0.attn_q.weight": "model.layers.0.self_attn.q_proj.weight",
    "blk.0.attn_k.weight": "model.layers.0.self_attn.k_proj.weight",
    "blk.0.attn_v.weight": "model.layers.0.self_attn.v_proj.weight",
    "blk.0.attn_output.weight": "model.layers.0.self_attn.o_proj.weight",
    "blk.0.ffn_gate.weight": "model.layers.0.mlp.gate_proj.weight",
    "blk.0.ffn_up.weight": "model.layers.0.mlp.up_proj.weight",
    "blk.0.ffn_down.weight": "model.layers.0.mlp.down_proj.weight",
}


@dataclass(slots=True)
class Converter:
    """llama.cpp's converter, told to say its usage, which makes it import all that it needs.

    That takes seconds of its own process, so it is begun before the other proofs and asked after them.
    """

    process: subprocess.Popen[str]
    words: list[str] = field(default_factory=lambda: ["", ""])
    reader: threading.Thread | None = None

    @classmethod
    def start(cls, folder: Path) -> Converter:
        # The converter's own gguf package must come before the environment's.
        variables = {**os.environ, "PYTHONPATH": str(folder)}
        variables.pop("PYTHONSAFEPATH", None)
        process = subprocess.Popen(
            [sys.executable, str(folder / "convert_hf_to_gguf.py"), "--help"], env=variables, text=True,
            encoding="utf-8", errors="replace", stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )  # fmt: skip
        started = cls(process)
        # Read while it runs, or it would stop at a full pipe.
        started.reader = threading.Thread(target=started._read, daemon=True)
        started.reader.start()
        return started

    def _read(self) -> None:
        self.words[:] = self.process.communicate()

    def require_well(self) -> None:
        """Wait for its end. Raises Wrong."""
        assert self.reader is not None
        self.reader.join()
        out, errors = self.words
        if self.process.returncode != 0 or "usage" not in out:
            why = last_line(errors) or f"exit code {self.process.returncode}"
            raise Wrong(f"llama.cpp's converter does not start: {why}")

    def end(self) -> None:
        """End it, wherever it is."""
        if self.process.poll() is None:
            self.process.kill()


def _quantised(file: Path, kind: str) -> Path:
    from trainer.program import Refusal
    from trainer.quantise import quantise

    target = file.with_name(f"proof-{kind}.gguf")
    try:
        quantise(file, target, kind, threads=1)
    except Refusal as exc:
        raise Wrong(str(exc)) from exc
    return target


def _agreeing(found: list[int], wanted: list[int]) -> int:
    """How many tokens agree before the first that does not."""
    return next((place for place, pair in enumerate(zip(found, wanted, strict=True)) if pair[0] != pair[1]), len(found))


def _token_type(piece: str) -> int:
    # gguf.TokenType: 1 normal, 2 unknown, 3 control, 6 byte
    if piece == "<unk>":
        return 2
    if piece in ("<s>", "</s>"):
        return 3
    return 6 if piece.startswith("<0x") else 1
