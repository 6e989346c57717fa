"""The proofs of what comes on top of torch: 4-bit layers, FlashAttention and the other optional parts.

Each does one small real operation and compares it with the same in plain torch, where the part has one for the device;
else it is imported, in a process of its own where importing it changes other packages.
"""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module, metadata
from typing import TYPE_CHECKING, Any

from trainer.proving import (
    BFLOAT16,
    FLOAT16,
    FLOAT32,
    Wrong,
    last_line,
    made_up,
    require_capability,
    require_close,
    training_format,
)

if TYPE_CHECKING:
    from trainer.contract import SmokeRequest

_NF4_LIMIT = 0.2
"""NF4 keeps 16 levels a block: about a tenth of the values' spread is lost."""
_IMPORT_SECONDS = 240.0
_FLASH_CAPABILITY = (8, 0)


def prove_nf4(device: str, request: SmokeRequest) -> dict[str, Any]:
    """A layer quantised to 4 bits gives nearly what the layer gave, and passes back the gradients that it must."""
    del request
    import torch
    from bitsandbytes import functional
    from bitsandbytes.nn import Linear4bit

    kind = training_format(device) if device != "cpu" else FLOAT32
    plain = torch.nn.Linear(128, 64, bias=False)
    with torch.no_grad():
        plain.weight.copy_(made_up(64, 128, seed=11) / 128**0.5)
    layer = Linear4bit(128, 64, bias=False, compute_dtype=kind.kind, quant_type="nf4", compress_statistics=True)
    layer.load_state_dict(plain.state_dict())
    layer = layer.to(device)
    inputs = made_up(8, 128, seed=6).to(device, kind.kind).requires_grad_()
    with torch.no_grad():
        exact = plain(inputs.detach().cpu().float()).double()
        kept = functional.dequantize_4bit(layer.weight.data, layer.weight.quant_state).cpu().double()
    outputs = layer(inputs)
    told = {
        # Against the plain layer: the loss of 4 bits. Against the unpacked weights: the kernel's own error.
        "error": require_close(outputs, exact, _NF4_LIMIT, "an NF4 layer"),
        "kernel_error": require_close(
            outputs, inputs.detach().cpu().double() @ kept.reshape(64, 128).T, 2 * kind.product_limit,
            f"an NF4 layer's product in {kind.name}",
        ),
    }  # fmt: skip
    outputs.float().sum().backward()
    if inputs.grad is None:
        raise Wrong("an NF4 layer passes no gradient back")
    expected = kept.reshape(64, 128).sum(0).expand(8, 128)
    told["gradient_error"] = require_close(
        inputs.grad, expected, 4 * kind.product_limit, f"the gradient of an NF4 layer in {kind.name}"
    )
    return {"format": kind.name, **told}


def prove_flash_attn(device: str, request: SmokeRequest) -> dict[str, Any]:
    """FlashAttention agrees with torch's own attention, forward and backward, causal and not."""
    del request
    from flash_attn import flash_attn_func

    require_capability(device, _FLASH_CAPABILITY, "FlashAttention 2")
    told: dict[str, Any] = {}
    for kind in (FLOAT16, BFLOAT16):
        for causal in (False, True):
            name = f"{kind.name}{' causal' if causal else ''}"
            parts = [made_up(2, 65, 4, 64, seed=seed).to(device, kind.kind).requires_grad_() for seed in (3, 4, 5)]
            found = flash_attn_func(*parts, causal=causal)
            told[name] = _as_attention(found, parts, causal=causal, limit=2 * kind.product_limit, what=name)
    return told


def _as_attention(found: Any, parts: list[Any], *, causal: bool, limit: float, what: str) -> float:
    """The error of attention and its gradients against torch's in double precision, from the same rounded numbers.

    These parts have the heads behind the places, torch before them.
    """
    from torch.nn import functional

    exact = [part.detach().cpu().double().requires_grad_() for part in parts]
    wanted = functional.scaled_dot_product_attention(*(part.transpose(1, 2) for part in exact), is_causal=causal)
    wanted = wanted.transpose(1, 2)
    upstream = made_up(*wanted.shape, seed=13).to(found.dtype)
    wanted.backward(upstream.double())
    found.backward(upstream.to(found.device))
    error = require_close(found, wanted.detach(), limit, f"attention in {what}")
    for part, one, name in zip(parts, exact, ("queries", "keys", "values"), strict=True):
        require_close(part.grad, one.grad, 3 * limit, f"the gradient of attention's {name} in {what}")
    return error


def prove_xformers(device: str, request: SmokeRequest) -> dict[str, Any]:
    """Memory-efficient attention agrees with torch's own."""
    del request
    if device == "cpu":
        return {**_importable("import xformers"), **_version("xformers", imported_only=True)}
    return {**_version("xformers"), "error": _prove_xformers_on(device)}


def _prove_xformers_on(device: str) -> float:
    from xformers import ops

    kind = training_format(device)
    parts = [made_up(2, 65, 4, 64, seed=seed).to(device, kind.kind).requires_grad_() for seed in (3, 4, 5)]
    found = ops.memory_efficient_attention(*parts, attn_bias=ops.LowerTriangularMask())
    return _as_attention(found, parts, causal=True, limit=2 * kind.product_limit, what=kind.name)


def prove_liger(device: str, request: SmokeRequest) -> dict[str, Any]:
    """Liger's normalisation, a kernel in Triton, agrees with the plain formula."""
    del request
    if device == "cpu":
        # Its kernels are Triton's, which has none for a CPU.
        return {**_importable("import liger_kernel"), **_version("liger-kernel", imported_only=True)}
    import torch
    from liger_kernel.transformers import LigerRMSNorm

    inputs = made_up(16, 256, seed=12).requires_grad_()
    # Not in place: this proof keeps its inputs to compare with.
    layer = LigerRMSNorm(hidden_size=256, eps=1e-6, in_place=False).to(device, torch.float32)
    given = inputs.detach().to(device, torch.float32).requires_grad_()
    found = layer(given)
    exact = inputs / (inputs.pow(2).mean(-1, keepdim=True) + 1e-6).sqrt()
    error = require_close(found, exact.detach(), FLOAT32.product_limit, "Liger's normalisation")
    upstream = made_up(16, 256, seed=13)
    found.backward(upstream.to(device, torch.float32))
    exact.backward(upstream)
    if given.grad is None:
        raise Wrong("Liger's normalisation passes no gradient back")
    require_close(given.grad, inputs.grad, 4 * FLOAT32.product_limit, "the gradient of Liger's normalisation")
    return {**_version("liger-kernel"), "error": error}


def prove_torchao(device: str, request: SmokeRequest) -> dict[str, Any]:
    """A layer with weights of 8 bits gives nearly what the layer gave."""
    del request
    import torch
    from torchao.quantization import Int8WeightOnlyConfig, quantize_

    kind = training_format(device)
    layer = torch.nn.Sequential(torch.nn.Linear(128, 64, bias=False))
    with torch.no_grad():
        layer[0].weight.copy_(made_up(64, 128, seed=11) / 128**0.5)
    weight = layer[0].weight.detach().double().clone()
    layer = layer.to(device, kind.kind)
    quantize_(layer, Int8WeightOnlyConfig())
    inputs = made_up(8, 128, seed=6)
    with torch.no_grad():
        found = layer(inputs.to(device, kind.kind))
    # 127 levels a row: a hundredth of the largest weight, which is about three times the usual one.
    return {**_version("torchao"), "error": require_close(found, inputs @ weight.T, 0.05, "a layer of 8 bits")}


def prove_hqq(device: str, request: SmokeRequest) -> dict[str, Any]:
    """A layer that HQQ quantised to 4 bits gives nearly what the layer gave."""
    del request
    import torch
    from hqq.core.quantize import BaseQuantizeConfig, HQQLinear

    plain = torch.nn.Linear(128, 64, bias=False)
    with torch.no_grad():
        plain.weight.copy_(made_up(64, 128, seed=11) / 128**0.5)
    weight = plain.weight.detach().double().clone()
    kind = training_format(device) if device != "cpu" else FLOAT32
    settings = BaseQuantizeConfig(nbits=4, group_size=64)
    layer = HQQLinear(plain, quant_config=settings, compute_dtype=kind.kind, device=device)
    inputs = made_up(8, 128, seed=6)
    with torch.no_grad():
        found = layer(inputs.to(device, kind.kind))
    return {**_version("hqq"), "error": require_close(found, inputs @ weight.T, _NF4_LIMIT, "a layer of HQQ")}


def prove_llama_cpp_python(device: str, request: SmokeRequest) -> dict[str, Any]:
    """llama-cpp-python loads a made-up GGUF and says the tokens that transformers says, on the GPU where it can."""
    del request
    import tempfile
    from pathlib import Path

    import llama_cpp

    from trainer.smoke_gguf import STEPS, likeliest, tiny_model, write_gguf

    model = tiny_model()
    with tempfile.TemporaryDirectory(prefix="tunedoc-proof-", ignore_cleanup_errors=True) as folder:
        file = Path(folder) / "proof.gguf"
        write_gguf(model, file)
        offload = bool(llama_cpp.llama_supports_gpu_offload())
        llama = llama_cpp.Llama(
            model_path=str(file), n_ctx=64, n_threads=1, n_gpu_layers=-1 if offload and device != "cpu" else 0,
            verbose=False,
        )  # fmt: skip
        prompt = llama.tokenize(b"a b", add_bos=True, special=True)
        wanted, _ = likeliest(model, prompt)
        stream = llama.generate(prompt, temp=0.0, repeat_penalty=1.0)
        found = [int(next(stream)) for _ in range(STEPS)]
        llama.close()
    if found != wanted:
        raise Wrong(f"llama-cpp-python says the tokens {found} where transformers says {wanted}")
    return {**_version("llama-cpp-python"), "gpu": offload and device != "cpu", "tokens": len(found)}


def prove_unsloth(device: str, request: SmokeRequest) -> dict[str, Any]:
    """Unsloth can be imported; it changes transformers as it is, so this is done elsewhere."""
    del request
    require_capability(device, (7, 0), "Unsloth")
    return {**_importable("import unsloth"), **_version("unsloth", imported_only=True)}


def prove_deepspeed(device: str, request: SmokeRequest) -> dict[str, Any]:
    """DeepSpeed can be imported and finds the kind of device."""
    del request
    wanted = "cpu" if device == "cpu" else "cuda"
    told = _importable(
        "import deepspeed; from deepspeed.accelerator import get_accelerator; print(get_accelerator().device_name())"
    )
    if told["said"] != wanted:
        raise Wrong(f"DeepSpeed finds `{told['said']}` where there is `{wanted}`")
    return {**told, **_version("deepspeed", imported_only=True)}


def prove_gptq(device: str, request: SmokeRequest) -> dict[str, Any]:
    """GPTQModel, which reads GPTQ and AWQ models for transformers, can be imported."""
    del device, request
    return {**_importable("import gptqmodel"), **_version("gptqmodel", imported_only=True)}


def _importable(words: str) -> dict[str, Any]:
    """Run an import in a process of its own. Raises Wrong."""
    try:
        ran = subprocess.run(
            [sys.executable, "-c", words], capture_output=True, text=True, encoding="utf-8", errors="replace",
            stdin=subprocess.DEVNULL, timeout=_IMPORT_SECONDS, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired as exc:
        raise Wrong(f"`{words}` gave no answer within {_IMPORT_SECONDS:.0f} s") from exc
    if ran.returncode != 0:
        why = last_line(ran.stderr) or f"exit code {ran.returncode}"
        raise Wrong(f"`{words}` fails: {why}") from (ImportError(why) if "ModuleNotFoundError" in why else None)
    return {"said": last_line(ran.stdout)}


def _version(package: str, *, imported_only: bool = False) -> dict[str, Any]:
    told: dict[str, Any] = {"version": metadata.version(package)}
    if imported_only:
        told["only"] = "imported"
    return told


def import_packages(names: tuple[str, ...], began: Any) -> dict[str, str]:
    """Import packages one by one; their versions. `began` hears of each before. Raises Wrong with the one at fault."""
    versions: dict[str, str] = {}
    for package in names:
        began(package)
        try:
            import_module(package)
            versions[package] = metadata.version(package)
        except Exception as exc:
            # Not only ImportError: a library that does not load raises OSError, a wrong pair of versions anything.
            message = f"{package} cannot be imported: {type(exc).__name__}: {exc}"
            raise Wrong(message, package=package) from exc
    return versions
