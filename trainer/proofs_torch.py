"""The proofs of torch itself: products of matrices, attention by every kernel that it has, compiled kernels."""

from __future__ import annotations

import os
import tempfile
import warnings
from typing import TYPE_CHECKING, Any

from trainer.proving import (
    FLOAT32,
    Wrong,
    capability_of,
    first_line,
    formats_for,
    made_up,
    require_capability,
    require_close,
    training_format,
)

if TYPE_CHECKING:
    from trainer.contract import SmokeRequest
    from trainer.proving import Format

_KERNELS = {
    "flash": "FLASH_ATTENTION",
    "efficient": "EFFICIENT_ATTENTION",
    "cudnn": "CUDNN_ATTENTION",
    "math": "MATH",
}
"""torch.nn.attention.SDPBackend's names; a torch that lacks one has not got that kernel."""
_TF32_LIMIT = 2e-3
"""TF32 keeps ten bits of the factors, as float16 does."""
_TRITON_CAPABILITY = (8, 0)
"""Triton 3.3 and newer; torch.compile itself refuses what is older than 7.0."""


def prove_matmul(device: str, request: SmokeRequest) -> dict[str, Any]:
    """Products of matrices agree with the same one in double precision on the CPU, in every format that there is."""
    del request
    left, right = made_up(256, 192, seed=1), made_up(192, 128, seed=2)
    exact = left @ right
    formats, left_out = formats_for(capability_of(device))
    told: dict[str, Any] = {**describe(device), **left_out}
    for kind in formats:
        most = kind.product_limit
        if kind is FLOAT32 and device != "cpu" and os.environ.get("NVIDIA_TF32_OVERRIDE") == "1":
            most = _TF32_LIMIT
            told["tf32"] = "NVIDIA_TF32_OVERRIDE=1"
        product = left.to(device, kind.kind) @ right.to(device, kind.kind)
        told[kind.name] = require_close(product, exact, most, f"matmul in {kind.name}")
    return told


def describe(device: str) -> dict[str, Any]:
    """What a GPU is; nothing for the CPU."""
    if device == "cpu":
        return {}
    import torch

    facts = torch.cuda.get_device_properties(device)
    return {
        "gpu": facts.name,
        "capability": f"{facts.major}.{facts.minor}",
        "memory_mib": facts.total_memory // 2**20,
        "compiled_for": torch.cuda.get_arch_list(),
    }


def prove_attention(device: str, request: SmokeRequest) -> dict[str, Any]:
    """Attention by each kernel that there is agrees with attention written out in double precision; and gradients."""
    del request
    query, key, value = (made_up(2, 4, 33, 32, seed=seed) for seed in (3, 4, 5))
    for part in (query, key, value):
        part.requires_grad_()
    exact = _written_out(query, key, value)
    exact.backward(made_up(*exact.shape, seed=13))
    told: dict[str, Any] = {}
    for kind in (FLOAT32, training_format(device)):
        parts = [part.detach().to(device, kind.kind).requires_grad_() for part in (query, key, value)]
        told[kind.name] = _attend(parts, exact.detach(), [part.grad for part in (query, key, value)], kind)
    return told


def _attend(parts: list[Any], exact: Any, gradients: list[Any], kind: Format) -> dict[str, Any]:
    from torch.nn import functional

    # Two products with a softmax between them.
    most = 2 * kind.product_limit
    found = functional.scaled_dot_product_attention(*parts, is_causal=True)
    told: dict[str, Any] = {"error": require_close(found, exact, most, f"attention in {kind.name}")}
    found.backward(made_up(*exact.shape, seed=13).to(found))
    for part, gradient, name in zip(parts, gradients, ("queries", "keys", "values"), strict=True):
        require_close(part.grad, gradient, 3 * most, f"the gradient of attention's {name} in {kind.name}")
    told["default"] = _default_kernel(parts)
    told["kernels"] = {name: _forced(name, parts, exact, most, kind) for name in _KERNELS}
    if told["kernels"]["math"] is None:
        raise Wrong(f"torch has no kernel for attention in {kind.name}, not even the plain one")
    return told


def _forced(name: str, parts: list[Any], exact: Any, most: float, kind: Format) -> float | None:
    """The error of one kernel; None where torch has none of this name for the device and the format."""
    from torch.nn import functional
    from torch.nn.attention import SDPBackend, sdpa_kernel

    backend = getattr(SDPBackend, _KERNELS[name], None)
    if backend is None:
        return None
    with warnings.catch_warnings():
        # torch says in warnings why a kernel does not fit, and then in an error that none is left.
        warnings.simplefilter("ignore")
        try:
            with sdpa_kernel(backend):
                found = functional.scaled_dot_product_attention(*(part.detach() for part in parts), is_causal=True)
                found = found.cpu()
        except RuntimeError as exc:
            if "viable backend" in str(exc) or "available kernel" in str(exc).lower():
                return None
            raise Wrong(f"attention by the {name} kernel in {kind.name}: {first_line(str(exc))}") from exc
    return require_close(found, exact, most, f"attention by the {name} kernel in {kind.name}")


def _default_kernel(parts: list[Any]) -> str:
    """The kernel that torch takes when it is not told; empty where this torch does not tell."""
    import torch
    from torch.nn.attention import SDPBackend

    choose = getattr(torch, "_fused_sdp_choice", None)
    if choose is None:
        return ""
    chosen = SDPBackend(choose(*(part.detach() for part in parts), None, 0.0, True))
    return next((name for name, one in _KERNELS.items() if getattr(SDPBackend, one, None) == chosen), str(chosen))


def _written_out(query: Any, key: Any, value: Any) -> Any:
    import torch

    length, width = query.shape[-2:]
    scores = query @ key.transpose(-1, -2) / width**0.5
    future = torch.ones(length, length, dtype=torch.bool).triu(1)
    return scores.masked_fill(future, float("-inf")).softmax(-1) @ value


def prove_triton(device: str, request: SmokeRequest) -> dict[str, Any]:
    """A kernel written in Triton, and one that torch.compile writes, are compiled here and compute what they must."""
    del request
    import time

    import torch

    require_capability(device, _TRITON_CAPABILITY, "Triton")
    before = {name: os.environ.get(name) for name in ("TRITON_CACHE_DIR", "TORCHINDUCTOR_CACHE_DIR")}
    with tempfile.TemporaryDirectory(prefix="tunedoc-", ignore_cleanup_errors=True) as folder:
        # Compiled for real: what earlier runs left in the caches proves nothing about the compiler.
        os.environ |= dict.fromkeys(before, folder)
        try:
            from trainer.triton_kernel import add_scaled

            left, right = made_up(1000, seed=9), made_up(1000, seed=10)
            begun = time.monotonic()
            found = add_scaled(left.to(device, torch.float32), right.to(device, torch.float32), 0.5)
            told: dict[str, Any] = {
                "kernel": require_close(found, left + 0.5 * right, FLOAT32.product_limit, "a kernel made by Triton"),
                "kernel_seconds": round(time.monotonic() - begun, 2),
            }
            begun = time.monotonic()
            compiled = torch.compile(_small_function)
            found = compiled(left.to(device, torch.float32), right.to(device, torch.float32))
            exact = _small_function(left, right)
            told["compiled"] = require_close(found, exact, FLOAT32.product_limit, "a function compiled by torch")
            told["compile_seconds"] = round(time.monotonic() - begun, 2)
        finally:
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value
    return told


def _small_function(left: Any, right: Any) -> Any:
    return (left * 2 + right).relu() / (1 + right * right)
