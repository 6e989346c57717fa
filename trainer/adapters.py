"""Which weights are trained: an adapter beside the base, all of them, or the last layers."""

from __future__ import annotations

import copy
import math
from typing import TYPE_CHECKING, Any

from trainer.program import Refusal

if TYPE_CHECKING:
    from pathlib import Path

    from trainer.contract import Job

_EXACT = 2048
"""Rows or columns up to which PiSSA takes the exact principal directions; beyond, sixteen rounds of a quick method."""


def lora_config(job: Job, model: Any) -> Any:
    """peft's configuration of the job's adapter; None where weights of the model itself are trained."""
    if job.tuning != "lora":
        return None
    from peft import LoraConfig

    _require_modules(model, job.lora.modules_to_save)
    start: bool | str = True if job.lora.start == "default" else job.lora.start
    if start == "pissa" and max(_sides(model)) > _EXACT:
        start = "pissa_niter_16"
    tied = bool(getattr(model.config.get_text_config(), "tie_word_embeddings", False))
    return LoraConfig(
        r=job.lora.rank,
        lora_alpha=job.lora.alpha,
        lora_dropout=job.lora.dropout,
        target_modules="all-linear" if job.lora.targets == ("all-linear",) else list(job.lora.targets),
        init_lora_weights=start,
        use_dora=job.lora.dora,
        use_rslora=job.lora.rslora,
        modules_to_save=list(job.lora.modules_to_save) or None,
        # One matrix that serves as both stays one, or the exported model would lose what it learned.
        ensure_weight_tying=bool(tied and job.lora.modules_to_save),
        task_type="SEQ_CLS" if job.method == "reward" else "CAUSAL_LM",
    )


def choose_weights(job: Job, model: Any) -> None:
    """Of a model without an adapter, let the right weights be trained. Raises Refusal for more layers than it has."""
    if job.tuning == "lora":
        return
    if job.tuning == "freeze":
        layers = decoder_layers(model)
        if job.trained_layers > len(layers):
            raise Refusal("bad_job", f"`trained_layers: {job.trained_layers}`: this model has {len(layers)} layers")
        model.requires_grad_(False)
        for layer in layers[len(layers) - job.trained_layers :]:
            layer.requires_grad_(True)
        if job.method == "reward":
            # The judge's own head begins with nothing.
            model.score.requires_grad_(True)
        for weight in model.parameters():
            if weight.requires_grad:
                # A step of training is smaller than the distance between two 16-bit numbers.
                weight.data = weight.data.float()


def decoder_layers(model: Any) -> Any:
    """The model's layers, first to last."""
    from torch.nn import ModuleList

    lists = [(len(module), name, module) for name, module in model.named_modules() if isinstance(module, ModuleList)]
    named = [each for each in lists if each[1].rpartition(".")[2] in {"layers", "h", "blocks"}]
    if not named:
        raise Refusal("bad_model", "this kind of model has no layers that could be told apart; use `tuning: lora`")
    return max(named, key=lambda each: each[0])[2]


def give_lora_plus(trainer: Any, job: Job) -> None:
    """LoRA+: an optimizer in which B learns faster than A."""
    if job.tuning != "lora" or job.lora.plus_ratio <= 0:
        return
    from peft.optimizers import create_loraplus_optimizer

    kind, settings = trainer.get_optimizer_cls_and_kwargs(trainer.args, trainer.model)
    trainer.optimizer = create_loraplus_optimizer(
        trainer.model,
        kind,
        loraplus_lr_ratio=job.lora.plus_ratio,
        loraplus_weight_decay=job.weight_decay,
        **settings,
    )


def pissa_start(job: Job, model: Any) -> dict[str, Any] | None:
    """PiSSA's first matrices, to be told from what they become; None where the adapter starts otherwise."""
    if job.tuning != "lora" or job.lora.start != "pissa":
        return None
    from peft import get_peft_model_state_dict

    return {name: weight.detach().cpu().clone() for name, weight in get_peft_model_state_dict(model).items()}


def save_plain_lora(model: Any, start: dict[str, Any], folder: Path) -> None:
    """Write a PiSSA adapter as an ordinary one of twice the rank, which fits the untouched base.

    PiSSA takes its first matrices out of the base and trains them: what it changed is the trained product less the
    first one.
    """
    import torch
    from peft import get_peft_model_state_dict
    from safetensors.torch import save_file

    config = copy.deepcopy(model.peft_config["default"])
    scale = config.lora_alpha / (math.sqrt(config.r) if config.use_rslora else config.r)
    tensors = {}
    for name, weight in get_peft_model_state_dict(model).items():
        trained = weight.detach().cpu()
        if ".lora_A." in name:
            trained = torch.cat([trained, start[name].to(trained.dtype)], dim=0)
        elif ".lora_B." in name:
            trained = torch.cat([trained, -start[name].to(trained.dtype)], dim=1)
        tensors[name] = trained.contiguous()
    alpha = scale * 2 * config.r
    config.r, config.lora_alpha = 2 * config.r, int(alpha) if alpha == int(alpha) else alpha
    config.use_rslora, config.init_lora_weights, config.inference_mode = False, True, True
    folder.mkdir(parents=True)
    save_file(tensors, folder / "adapter_model.safetensors", metadata={"format": "pt"})
    config.save_pretrained(folder)


def _require_modules(model: Any, names: tuple[str, ...]) -> None:
    """Raises Refusal for a module to be trained whole that the model lacks; peft would pass over it in silence."""
    there = {name.rpartition(".")[2] for name, _ in model.named_modules()}
    for name in names:
        if name.rpartition(".")[2] not in there:
            known = ", ".join(sorted(each for each in there if each and not each.isdigit())[:20])
            raise Refusal("bad_job", f"`lora.modules_to_save`: the model has no {name!r}; it has {known}")


def _sides(model: Any) -> list[int]:
    config = model.config.get_text_config()
    return [config.hidden_size, getattr(config, "intermediate_size", None) or config.hidden_size]
