"""Prove that a training environment works: `python -m trainer.smoke request.json` runs the proofs that are named.

Each proof does a small piece of the real work and compares the result with what it must be; importing a package proves
little. The first proof that fails ends the program, with the name of the package that is at fault.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass
from importlib import import_module, metadata
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.contract import Failed, Finished, SmokeRequest, Staged, Started, build
from trainer.emit import claim_stdout, emit

if TYPE_CHECKING:
    from collections.abc import Callable

    from trainer.contract import FailureKind

PACKAGES: tuple[str, ...] = (
    "torch", "transformers", "peft", "trl", "accelerate", "datasets", "gguf", "sentencepiece", "cyllama",
)  # fmt: skip
"""What every row of the catalogue has; bitsandbytes comes with the nf4 proof."""


class Wrong(Exception):
    """A result is not what it must be. `package` is the one at fault where it is not the proof's own."""

    def __init__(self, message: str, *, package: str = "") -> None:
        super().__init__(message)
        self.package = package


@dataclass(frozen=True, slots=True)
class Proof:
    """One proof and the package that is at fault when it fails."""

    package: str
    """As it is installed; empty where the proof itself says which."""
    run: Callable[[str, SmokeRequest], dict[str, Any]]
    """Takes a device and the request; returns what is worth keeping."""
    on_every_device: bool = True


def main(request_file: str) -> int:
    """Run the proofs in order. Returns the exit code."""
    claim_stdout()
    begun = time.monotonic()
    emit(Started(program="smoke", versions={"python": sys.version.partition(" ")[0]}))
    request = build(SmokeRequest, json.loads(Path(request_file).read_text(encoding="utf-8")))
    results: dict[str, Any] = {}
    for name in request.tests:
        proof = PROOFS.get(name)
        if proof is None:
            emit(Failed(kind="bad_job", message=f"there is no proof named {name!r}"))
            return 2
        for device in request.devices if proof.on_every_device else request.devices[:1]:
            emit(Staged(stage=name, detail={"device": device}))
            started = time.monotonic()
            try:
                detail = proof.run(device, request)
            except Exception as exc:
                at_fault = (exc.package if isinstance(exc, Wrong) else "") or proof.package
                where = device if proof.on_every_device else None
                message = _message(name, proof, device, exc)
                emit(Failed(kind=_kind(exc), message=message, package=at_fault or None, proof=name, device=where))
                return 1
            results[f"{name} {device}" if proof.on_every_device else name] = detail
            emit(Staged(stage=name, seconds=time.monotonic() - started, detail={"device": device, **detail}))
    emit(Finished(result={"proofs": results, "seconds": time.monotonic() - begun}))
    return 0


def prove_import(device: str, request: SmokeRequest) -> dict[str, Any]:
    """Every package can be imported; the answer says which versions they are."""
    del device
    versions: dict[str, str] = {}
    for package in PACKAGES + (("bitsandbytes",) if "nf4" in request.tests else ()):
        try:
            import_module(package)
            versions[package] = metadata.version(package)
        except Exception as exc:
            # Not only ImportError: a library that does not load raises OSError, a wrong pair of versions anything.
            raise Wrong(f"{package} cannot be imported: {type(exc).__name__}: {exc}", package=package) from exc
    return versions


def prove_matmul(device: str, request: SmokeRequest) -> dict[str, Any]:
    """A product of matrices agrees with the same one in double precision on the CPU."""
    del request
    import torch

    left, right = _made_up(256, 192, seed=1), _made_up(192, 128, seed=2)
    exact = left @ right
    # What rounding allows: the relative error of a sum of 192 products, a few units in the last place of the format.
    errors: dict[str, Any] = {}
    for kind, most in ((torch.float32, 1e-5), (_short_format(device), 2e-2)):
        product = left.to(device, kind) @ right.to(device, kind)
        errors[str(kind).removeprefix("torch.")] = _require_close(product, exact, most, f"matmul in {kind}")
    return errors


def prove_attention(device: str, request: SmokeRequest) -> dict[str, Any]:
    """Fused attention agrees with attention written out in double precision."""
    del request
    import torch
    from torch.nn import functional

    query, key, value = (_made_up(2, 4, 33, 32, seed=seed) for seed in (3, 4, 5))
    scores = query @ key.transpose(-1, -2) / 32**0.5
    future = torch.ones(33, 33, dtype=torch.bool).triu(1)
    exact = scores.masked_fill(future, float("-inf")).softmax(-1) @ value
    errors: dict[str, Any] = {}
    for kind, most in ((torch.float32, 1e-4), (_short_format(device), 3e-2)):
        parts = (part.to(device, kind) for part in (query, key, value))
        found = functional.scaled_dot_product_attention(*parts, is_causal=True)
        errors[str(kind).removeprefix("torch.")] = _require_close(found, exact, most, f"attention in {kind}")
    return errors


def prove_nf4(device: str, request: SmokeRequest) -> dict[str, Any]:
    """A layer quantised to 4 bits gives nearly what the layer gave, and passes gradients back."""
    del request
    import torch
    from bitsandbytes.nn import Linear4bit

    plain = torch.nn.Linear(128, 64, bias=False)
    layer = Linear4bit(128, 64, bias=False, compute_dtype=torch.float32, quant_type="nf4")
    layer.load_state_dict(plain.state_dict())
    layer = layer.to(device)
    inputs = _made_up(8, 128, seed=6).to(device, torch.float32).requires_grad_()
    with torch.no_grad():
        exact = plain(inputs.detach().cpu()).double()
    outputs = layer(inputs)
    # NF4 keeps 16 levels a block: about a tenth of the values' spread is lost.
    error = _require_close(outputs.detach(), exact, 0.2, "an NF4 layer")
    outputs.sum().backward()
    if inputs.grad is None or not torch.isfinite(inputs.grad).all() or not inputs.grad.any():
        raise Wrong("an NF4 layer passes no gradient back")
    return {"error": error}


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
    """llama.cpp loads a made-up GGUF and computes with it; the converter starts."""
    del device
    from trainer.smoke_gguf import compute_with_llama_cpp, start_converter

    detail = compute_with_llama_cpp()
    if request.converter:
        start_converter(Path(request.converter))
    return detail


PROOFS: dict[str, Proof] = {
    "import": Proof("", prove_import, on_every_device=False),
    "matmul": Proof("torch", prove_matmul),
    "attention": Proof("torch", prove_attention),
    "nf4": Proof("bitsandbytes", prove_nf4),
    "train": Proof("peft", prove_train),
    "gguf": Proof("cyllama", prove_gguf, on_every_device=False),
}


def _made_up(*shape: int, seed: int) -> Any:
    import torch

    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _short_format(device: str) -> Any:
    """The 16-bit format that training uses there: GPUs before compute capability 8.0 have no bfloat16 of their own."""
    import torch

    if device != "cpu" and torch.cuda.get_device_capability(device)[0] < 8:
        return torch.float16
    return torch.bfloat16


def _require_close(found: Any, exact: Any, most: float, what: str) -> float:
    """The error relative to the size of the exact values. Raises Wrong."""
    error = float((found.cpu().double() - exact).norm() / exact.norm())
    if not error <= most:  # so that NaN is wrong too
        raise Wrong(f"{what} is off by {error:.2g} of its size, and {most:g} is the most that rounding explains")
    return error


def _kind(error: Exception) -> FailureKind:
    if isinstance(error, ImportError) or isinstance(error.__cause__, ImportError):
        return "missing_package"
    return "out_of_memory" if "out of memory" in str(error).lower() else "crashed"


def _message(name: str, proof: Proof, device: str, error: Exception) -> str:
    words = str(error) if isinstance(error, Wrong) else f"{type(error).__name__}: {error}"
    first = next((line.strip() for line in words.splitlines() if line.strip()), type(error).__name__)
    where = f" on {device}" if proof.on_every_device else ""
    at_fault = f"{proof.package}: " if proof.package else ""
    return f"{at_fault}the proof `{name}`{where} failed: {first}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
