"""What a job asks for that cannot be had: said before anything is loaded, with the package that is missing."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.program import Refusal

if TYPE_CHECKING:
    from trainer.contract import Job

PREFERENCES = ("dpo", "orpo", "kto", "reward")
"""Methods that learn from which answer is the better one."""

_LIBRARIES: dict[str, tuple[tuple[str, str], ...]] = {
    "bitsandbytes": (("bitsandbytes", "bitsandbytes"),),
    "gptq": (("gptqmodel", "gptqmodel"), ("optimum", "optimum")),
    "awq": (("gptqmodel", "gptqmodel"),),
    "hqq": (("hqq", "hqq"),),
    "aqlm": (("aqlm", "aqlm"),),
    "eetq": (("kernels", "kernels"),),
    "quanto": (("optimum.quanto", "optimum-quanto"),),
    "torchao": (("torchao", "torchao"),),
    "compressed-tensors": (("compressed_tensors", "compressed-tensors"),),
    "fbgemm_fp8": (("fbgemm_gpu", "fbgemm-gpu"),),
    "fp8": (),
    "mxfp4": (("kernels", "kernels"),),
}
"""How a base was quantised, and what transformers reads it with: module and package. Those that are not here cannot be
trained on: transformers says so of higgs, vptq, spqr, quark and auto-round, and does not know the rest."""


def check_demands(job: Job, *, on_gpu: bool, gpus: int) -> None:
    """Raises Refusal for what the job combines and cannot be, and for a package that it needs and that is not there."""
    base = quantised_base(Path(job.model))
    if base is not None:
        _check_quantised_base(job, base)
    if job.tuning != "lora":
        _check_without_adapter(job)
    if job.lora.start == "pissa":
        _check_pissa(job)
    if job.quantisation != "none":
        require("bitsandbytes", "bitsandbytes", f"`quantisation: {job.quantisation}` needs bitsandbytes")
    if job.optimizer in ("adamw_8bit", "paged_adamw", "paged_adamw_8bit"):
        if not on_gpu:
            raise Refusal("bad_job", f"`optimizer: {job.optimizer}` needs an NVIDIA GPU; use adamw on a CPU")
        require("bitsandbytes", "bitsandbytes", f"`optimizer: {job.optimizer}` needs bitsandbytes")
    if job.attention == "flash_attention_2":
        if not on_gpu:
            raise Refusal("bad_job", "`attention: flash_attention_2` needs an NVIDIA GPU; use auto or sdpa")
        require("flash_attn", "flash-attn", "`attention: flash_attention_2` needs flash-attn")
    if job.kernels == "liger":
        require("liger_kernel", "liger-kernel", "`kernels: liger` needs liger-kernel")
        if not on_gpu:
            raise Refusal("bad_job", "`kernels: liger` needs an NVIDIA GPU; use auto or none")
    if job.packing == "padding_free" and job.method in PREFERENCES:
        raise Refusal("bad_job", f"`packing: padding_free` is for sft and pretrain; `method: {job.method}` needs none")
    if job.method == "reward" and job.sample_prompts:
        raise Refusal("bad_job", "`method: reward` makes a judge, which answers nothing; leave `sample_prompts` out")
    if job.split == "layers":
        if job.processes > 1:
            raise Refusal("bad_job", "`split: layers` spreads one process over the GPUs; it needs `processes: 1`")
        if gpus < 2:
            raise Refusal("bad_job", f"`split: layers` needs two GPUs at least; there are {gpus}")


def require(module: str, package: str, why: str) -> None:
    """Raises Refusal `missing_package` where a module is not installed."""
    if not installed(module):
        raise Refusal("missing_package", why, package=package)


def installed(module: str) -> bool:
    """Whether a module is there, without loading it."""
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def quantised_base(model: Path) -> dict[str, Any] | None:
    """What config.json says of how the base was quantised; None where it was not."""
    try:
        config = json.loads((model / "config.json").read_text(encoding="utf-8-sig"))
        found = config.get("quantization_config")
    except (OSError, ValueError, AttributeError):
        return None
    return found if isinstance(found, dict) else None


def _check_quantised_base(job: Job, base: dict[str, Any]) -> None:
    config = str(Path(job.model) / "config.json")
    by = str(base.get("quant_method") or "")
    if base.get("load_in_4bit") or base.get("load_in_8bit"):
        by = "bitsandbytes"
    if by not in _LIBRARIES:
        raise Refusal(
            "bad_model",
            f"this model was quantised by {by or 'an unknown method'}, which cannot be trained on; "
            "take its 16-bit original",
            file=config,
        )
    if job.tuning != "lora":
        raise Refusal("bad_job", f"a quantised model takes an adapter only, not `tuning: {job.tuning}`", file=config)
    if job.quantisation != "none":
        raise Refusal("bad_job", f"the model is quantised already, by {by}; leave `quantisation` out", file=config)
    if job.lora.start == "pissa":
        raise Refusal("bad_job", "`lora.start: pissa` changes the base's weights and needs the 16-bit original")
    for module, package in _LIBRARIES[by]:
        require(module, package, f"the model was quantised by {by}, which is read with {package}")


def _check_without_adapter(job: Job) -> None:
    if job.quantisation != "none":
        raise Refusal(
            "bad_job", f"`quantisation: {job.quantisation}` needs an adapter: quantised weights cannot be trained"
        )
    if job.lora.plus_ratio > 0:
        raise Refusal("bad_job", "`lora.plus_ratio` needs `tuning: lora`")


def _check_pissa(job: Job) -> None:
    if job.tuning != "lora":
        return
    if job.quantisation != "none":
        raise Refusal("bad_job", "`lora.start: pissa` changes the base's weights and cannot be had with quantisation")
    if job.lora.dora:
        raise Refusal("bad_job", "`lora.start: pissa` and `lora.dora` cannot be had together")
    if job.method in ("dpo", "kto"):
        raise Refusal(
            "bad_job",
            f"`lora.start: pissa` cannot be had with `method: {job.method}`, which compares with the untouched base",
        )
