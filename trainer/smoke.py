"""Prove that a training environment works: `python -m trainer.smoke request.json` runs the proofs that are named.

Each proof does a small piece of the real work and compares the result with what it must be; importing a package proves
little. The first proof that fails ends the program, with the name of the package that is at fault.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer import proofs_parts, proofs_torch
from trainer.contract import Failed, Finished, SmokeRequest, Staged, Started, build
from trainer.emit import claim_stdout, emit
from trainer.proof_group import prove_all_reduce
from trainer.proving import Proof, Wrong, first_line, limit, wait_for_device

if TYPE_CHECKING:
    from trainer.contract import FailureKind
    from trainer.smoke_gguf import Converter

PACKAGES: tuple[str, ...] = (
    "torch", "transformers", "peft", "trl", "accelerate", "datasets", "gguf", "sentencepiece", "cyllama",
)  # fmt: skip
"""What every row of the catalogue has; bitsandbytes comes with the nf4 proof."""

_converter: Converter | None = None
"""Begun before the first proof, asked by the `gguf` proof."""


def main(request_file: str) -> int:
    """Run the proofs in order. Returns the exit code."""
    global _converter
    claim_stdout()
    begun = time.monotonic()
    emit(Started(program="smoke", versions={"python": sys.version.partition(" ")[0]}))
    request = build(SmokeRequest, json.loads(Path(request_file).read_text(encoding="utf-8")))
    unknown = next((name for name in request.tests if name not in PROOFS), None)
    if unknown is not None:
        emit(Failed(kind="bad_job", message=f"there is no proof named {unknown!r}"))
        return 2
    try:
        if "gguf" in request.tests and request.converter:
            from trainer.smoke_gguf import Converter

            _converter = Converter.start(Path(request.converter))
        return _run_all(request, begun)
    finally:
        if _converter is not None:
            _converter.end()


def _run_all(request: SmokeRequest, begun: float) -> int:
    results: dict[str, Any] = {}
    for name in request.tests:
        proof = PROOFS[name]
        if "cuda" in request.devices and name != "import":
            try:
                request = replace(request, devices=_every_gpu())
            except Exception as exc:
                emit(_failed("matmul", replace(PROOFS["matmul"], on_every_device=False), "cuda", exc))
                return 1
        for device in request.devices if proof.on_every_device else request.devices[:1]:
            key = f"{name} {device}" if proof.on_every_device else name
            # Said before it begins: a library that brings the whole process down says nothing any more.
            emit(Staged(stage=name, detail={"device": device, "package": proof.package}))
            started = time.monotonic()
            try:
                hangs = partial(_hangs, name, proof, device, request)
                with limit(proof.limit_seconds * request.patience, hangs):
                    detail = proof.run(device, request)
                    if proof.on_every_device:
                        wait_for_device(device)
            except Exception as exc:
                emit(_failed(name, proof, device, exc))
                return 1
            results[key] = detail
            emit(Staged(stage=name, seconds=time.monotonic() - started, detail={"device": device, **detail}))
    emit(Finished(result={"proofs": results, "seconds": time.monotonic() - begun}))
    return 0


def prove_import(device: str, request: SmokeRequest) -> dict[str, Any]:
    """Every package can be imported; the answer says which versions they are."""

    def began(package: str) -> None:
        emit(Staged(stage="import", detail={"device": device, "package": package}))

    names = PACKAGES + (("bitsandbytes",) if "nf4" in request.tests else ())
    return dict(proofs_parts.import_packages(names, began))


def prove_train(device: str, request: SmokeRequest) -> dict[str, Any]:
    """Two optimizer steps of LoRA on a made-up model of two layers change the adapter and nothing else."""
    del request
    import torch
    from peft import LoraConfig, get_peft_model
    from transformers import LlamaConfig, LlamaForCausalLM

    torch.manual_seed(7)
    config = LlamaConfig(
        vocab_size=64, hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=4,
        num_key_value_heads=2, max_position_embeddings=64, tie_word_embeddings=True,
    )  # fmt: skip
    model = get_peft_model(
        LlamaForCausalLM(config), LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", task_type="CAUSAL_LM")
    ).to(device)
    base = {name: value.clone() for name, value in model.named_parameters() if not value.requires_grad}
    adapter = {name: value.clone() for name, value in model.named_parameters() if value.requires_grad}
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)
    tokens = torch.arange(48).remainder(61).view(2, 24).to(device)
    losses: list[float] = []
    for _ in range(2):
        loss = model(input_ids=tokens, labels=tokens).loss
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(float(loss.detach()))
    values = dict(model.named_parameters())
    if not all(abs(loss) < 100 for loss in losses):
        raise Wrong(f"the loss of a small model is {losses}")
    if any(not torch.equal(values[name], before) for name, before in base.items()):
        raise Wrong("training an adapter changed the base model")
    if not any(not torch.equal(values[name], before) for name, before in adapter.items()):
        raise Wrong("two optimizer steps did not change the adapter")
    return {"losses": losses}


def prove_gguf(device: str, request: SmokeRequest) -> dict[str, Any]:
    """llama.cpp says what transformers says, computes with quantised files, and its converter starts."""
    del device, request
    from trainer.smoke_gguf import compare_with_transformers

    told = compare_with_transformers()
    if _converter is not None:
        _converter.require_well()
    return told


PROOFS: dict[str, Proof] = {
    "import": Proof("", prove_import, on_every_device=False, limit_seconds=900),
    "matmul": Proof("torch", proofs_torch.prove_matmul),
    "attention": Proof("torch", proofs_torch.prove_attention),
    "nf4": Proof("bitsandbytes", proofs_parts.prove_nf4),
    "train": Proof("peft", prove_train),
    "gguf": Proof("cyllama", prove_gguf, on_every_device=False),
    "all-reduce": Proof("torch", prove_all_reduce, on_every_device=False, limit_seconds=900),
    # Optional parts, by the names that `install --with` has for them.
    "triton": Proof("triton", proofs_torch.prove_triton, limit_seconds=600),
    "flash-attn": Proof("flash-attn", proofs_parts.prove_flash_attn),
    "xformers": Proof("xformers", proofs_parts.prove_xformers),
    "liger": Proof("liger-kernel", proofs_parts.prove_liger, limit_seconds=600),
    "torchao": Proof("torchao", proofs_parts.prove_torchao),
    "hqq": Proof("hqq", proofs_parts.prove_hqq),
    "llama-cpp-python": Proof("llama-cpp-python", proofs_parts.prove_llama_cpp_python),
    "unsloth": Proof("unsloth", proofs_parts.prove_unsloth),
    "deepspeed": Proof("deepspeed", proofs_parts.prove_deepspeed),
    "gptq": Proof("gptqmodel", proofs_parts.prove_gptq, on_every_device=False),
    "awq": Proof("gptqmodel", proofs_parts.prove_gptq, on_every_device=False),
}
"""By the names that rows use (doctor/catalogue/model.py has the same)."""


def _every_gpu() -> tuple[str, ...]:
    import torch

    count = torch.cuda.device_count()
    if not count:
        raise Wrong("torch sees no GPU", package="torch")
    return tuple(f"cuda:{place}" for place in range(count))


def _failed(name: str, proof: Proof, device: str, error: Exception) -> Failed:
    at_fault = (error.package if isinstance(error, Wrong) else "") or proof.package
    return Failed(
        kind=_kind(error),
        message=_message(name, proof, device, error),
        package=at_fault or None,
        proof=name,
        device=device if proof.on_every_device else None,
    )


def _hangs(name: str, proof: Proof, device: str, request: SmokeRequest) -> None:
    seconds = proof.limit_seconds * request.patience
    if _converter is not None:
        _converter.end()
    emit(_failed(name, proof, device, Wrong(f"no end after {seconds:.0f} s")))


def _kind(error: Exception) -> FailureKind:
    if isinstance(error, ImportError) or isinstance(error.__cause__, ImportError):
        return "missing_package"
    return "out_of_memory" if "out of memory" in str(error).lower() else "crashed"


def _message(name: str, proof: Proof, device: str, error: Exception) -> str:
    words = str(error) if isinstance(error, Wrong) else f"{type(error).__name__}: {error}"
    first = first_line(words) or type(error).__name__
    where = f" on {device}" if proof.on_every_device else ""
    at_fault = f"{proof.package}: " if proof.package else ""
    return f"{at_fault}the proof `{name}`{where} failed: {first}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
