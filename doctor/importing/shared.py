"""Settings that several tools share and whose meaning depends on others: schedule, precision, optimizer, saving."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from doctor.importing import values as read
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.importing.draft import Draft

SCHEDULES = {"linear": "linear", "cosine": "cosine", "constant_with_warmup": "constant", "constant": "constant"}
_NEAR_SCHEDULES = {
    "cosine_with_restarts": "cosine",
    "cosine_with_min_lr": "cosine",
    "cosine_warmup_with_min_lr": "cosine",
    "polynomial": "linear",
    "inverse_sqrt": "linear",
    "one_cycle": "cosine",
    "rex": "cosine",
    "log_sweep": "constant",
    "greedy": "constant",
    "reduce_lr_on_plateau": "constant",
    "warmup_stable_decay": "constant",
}
_OPTIMIZERS = {
    "adamw": "adamw", "adamw_torch": "adamw", "adamw_torch_fused": "adamw", "adamw_hf": "adamw",
    "adamw_apex_fused": "adamw", "adamw_torch_xla": "adamw", "adamw_torch_npu_fused": "adamw",
    "adamw_bnb_8bit": "adamw_8bit", "adamw_8bit": "adamw_8bit", "adamw_torch_8bit": "adamw_8bit",
    "paged_adamw": "paged_adamw", "paged_adamw_32bit": "paged_adamw", "paged_adamw_8bit": "paged_adamw_8bit",
    "adafactor": "adafactor", "sgd": "sgd",
}  # fmt: skip
_SAVING = ("save_strategy", "save_steps", "saves_per_epoch")
_PRECISIONS = {
    "bfloat16": "bf16", "bf16": "bf16", "float16": "fp16", "fp16": "fp16", "half": "fp16",
    "float32": "fp32", "fp32": "fp32", "float": "fp32", "auto": "auto",
}  # fmt: skip


def schedule(draft: Draft, name: str, *, default: str, warmup: float = 0.0) -> None:
    """The learning rate's course with its warm-up; `name` is what the tool calls it."""
    constant = False
    given = draft.take(name)
    if given is not None:
        word = read.words(given).lower().removeprefix("schedulertype.")
        constant = word == "constant"
        if word in SCHEDULES:
            draft.same(given, "scheduler", SCHEDULES[word])
        elif word in _NEAR_SCHEDULES:
            nearest = _NEAR_SCHEDULES[word]
            draft.changed(given, "scheduler", nearest, text("importing.near_schedule", name=word, nearest=nearest))
        else:
            draft.lost(given, text("equivalents.lost_schedule"))
    draft.default("scheduler", default, name)
    steps, ratio = draft.take("warmup_steps"), draft.take("warmup_ratio")
    if constant:
        # transformers' `constant` has no warm-up, whatever else is written.
        for each in (steps, ratio):
            if each is not None:
                draft.idle(each, text("equivalents.idle_constant"))
        draft.values["warmup_ratio"] = 0.0
        return
    warms = False
    if steps is not None:
        count = read.number(steps)
        warms = count > 0
        if 0 < count < 1:
            draft.same(steps, "warmup_ratio", count)
        elif count >= 1:
            draft.same(steps, "warmup_steps", read.integer(steps))
        else:
            draft.idle(steps, text("equivalents.idle_off"))
    if ratio is not None:
        if warms:
            draft.idle(ratio, text("equivalents.idle_warmup"))
        else:
            draft.same(ratio, "warmup_ratio", read.number(ratio))
            return
    if not warms:
        draft.default("warmup_ratio", warmup, "warmup_ratio")


def optimizer(draft: Draft, name: str) -> None:
    given = draft.take(name)
    if given is None:
        return
    word = read.words(given).lower().removeprefix("optimizernames.")
    if word in _OPTIMIZERS:
        draft.same(given, "optimizer", _OPTIMIZERS[word])
    else:
        nearest = "paged_adamw_8bit" if "paged" in word else "adamw_8bit" if "8bit" in word else "adamw"
        draft.changed(given, "optimizer", nearest, text("importing.near_optimizer", name=word, nearest=nearest))


def precision(draft: Draft, *names_of_types: str) -> None:
    """`bf16`, `fp16` and the like, and settings that name the type itself."""
    on: str | None = None
    off = 0
    for name, ours in (
        ("bf16", "bf16"), ("pure_bf16", "bf16"), ("bfloat16", "bf16"), ("fp16", "fp16"), ("float16", "fp16"),
        ("float32", "fp32"),
    ):  # fmt: skip
        given = draft.take(name)
        if given is None:
            continue
        if str(given.value).strip().lower() in ("auto", "full"):
            draft.same(given, "precision", "auto" if str(given.value).strip().lower() == "auto" else "bf16")
            on = str(draft.values["precision"])
        elif not read.truth(given):
            off += 1
            draft.idle(given, text("equivalents.idle_off"))
        elif on is not None:
            draft.idle(given, text("equivalents.idle_precision", precision=on))
        elif name in ("pure_bf16", "bfloat16", "float16"):
            on = ours
            draft.changed(given, "precision", ours, text("importing.pure_type", precision=ours))
        else:
            on = ours
            draft.same(given, "precision", ours)
    for name in names_of_types:
        given = draft.take(name)
        if given is None:
            continue
        word = str(given.value).removeprefix("torch.").lower()
        if on is not None:
            draft.idle(given, text("equivalents.idle_precision", precision=on))
        elif word in _PRECISIONS:
            draft.same(given, "precision", _PRECISIONS[word])
            on = word
        else:
            draft.lost(given, text("equivalents.lost_type"))
    if on is None and off >= 2:
        draft.values["precision"] = "fp32"


def checkpointing(draft: Draft) -> None:
    """Gradient checkpointing, by the names that the tools have for it."""
    for name in ("gradient_checkpointing", "use_gradient_checkpointing"):
        given = draft.take(name)
        if given is None:
            continue
        word = str(given.value).strip().lower()
        if word in ("unsloth", "offload", "offload_disk", "mixed", "selective"):
            draft.changed(given, "gradient_checkpointing", "on", text("importing.near_checkpointing", name=word))
        else:
            draft.same(given, "gradient_checkpointing", "on" if read.truth(given) else "off")


def saving(draft: Draft) -> None:
    """How often checkpoints are written. It changes no result, so what cannot be carried over is idle."""
    strategy = draft.take("save_strategy")
    kind = str(strategy.value).strip().lower() if strategy is not None else "steps"
    if strategy is not None:
        message = text("equivalents.idle_save_strategy") if kind != "steps" else text("equivalents.idle_saving_steps")
        draft.idle(strategy, message)
    steps = draft.take("save_steps")
    if steps is None:
        return
    count = read.number(steps)
    if kind == "steps" and count >= 1:
        draft.same(steps, "save_steps", int(count))
    else:
        draft.idle(steps, text("equivalents.idle_save_strategy"))


def measuring(draft: Draft) -> None:
    """When the held-out loss is measured. To be called when it is known what is held out."""
    kind = "steps"
    strategies = [draft.take(name) for name in ("eval_strategy", "evaluation_strategy")]
    for strategy in strategies:
        if strategy is None:
            continue
        kind = str(strategy.value).removeprefix("IntervalStrategy.").strip().lower()
        message = text("equivalents.idle_eval_epoch") if kind == "epoch" else text("equivalents.idle_eval_steps")
        draft.idle(strategy, message)
    steps = draft.take("eval_steps")
    held_out = bool(draft.values.get("held_out")) or bool(draft.values.get("held_out_data"))
    if steps is None:
        return
    count = read.number(steps)
    if kind != "steps" or (not any(strategies) and draft.tool != "Axolotl"):
        draft.idle(steps, text("equivalents.idle_eval_steps"))
    elif not held_out:
        draft.idle(steps, text("equivalents.idle_nothing_held_out"))
    elif count >= 1:
        draft.same(steps, "eval_steps", int(count))
    else:
        draft.lost(steps, text("equivalents.lost_eval_share"))


def logging(draft: Draft) -> None:
    steps = draft.take("logging_steps")
    if steps is None:
        return
    if read.number(steps) >= 1:
        draft.same(steps, "log_steps", int(read.number(steps)))
    else:
        draft.idle(steps, text("equivalents.idle_log"))


def steps_to_take(draft: Draft) -> None:
    given = draft.take("max_steps")
    if given is None:
        return
    count = read.integer(given)
    if count > 0:
        draft.same(given, "max_steps", count)
    else:
        draft.idle(given, text("equivalents.idle_no_limit"))


def trackers(draft: Draft) -> None:
    given = draft.take("report_to")
    if given is None:
        return
    found = [name.lower() for name in read.names(given)]
    if not set(found) - {"none"}:
        draft.idle(given, text("equivalents.idle_no_tracker"))
        return
    ours = [name for name in ("tensorboard", "wandb", "swanlab", "mlflow") if name in found or "all" in found]
    strange = sorted(set(found) - {"tensorboard", "wandb", "swanlab", "mlflow", "none"})
    if strange:
        draft.changed(given, "trackers", ours, text("equivalents.lost_trackers", names=", ".join(strange)))
    else:
        draft.same(given, "trackers", ours)


def attention(draft: Draft, *names: str) -> None:
    kinds = {
        "auto": "auto", "sdpa": "sdpa", "eager": "eager", "disabled": "eager", "fa2": "flash_attention_2",
        "flash_attention_2": "flash_attention_2", "true": "flash_attention_2",
    }  # fmt: skip
    for name in names:
        given = draft.take(name)
        if given is None:
            continue
        word = str(given.value).strip().lower()
        if word in kinds:
            draft.same(given, "attention", kinds[word])
        elif word in ("false", "off"):
            draft.idle(given, text("equivalents.idle_off"))
        else:
            draft.changed(given, "attention", "auto", text("importing.near_attention", name=word))


def liger(draft: Draft, *names: str) -> None:
    for name in names:
        given = draft.take(name)
        if given is None:
            continue
        if read.truth(given):
            draft.same(given, "kernels", "liger")
        else:
            draft.idle(given, text("equivalents.idle_off"))


def grouping(draft: Draft) -> None:
    """How records become batches: each step as the other tool draws it, unless it grouped by length itself."""
    given = draft.take("group_by_length")
    if given is not None and read.truth(given):
        draft.same(given, "batching", "like_lengths")
        return
    if given is not None:
        draft.idle(given, text("equivalents.idle_grouping"))
    # Our own default, which draws each step's records by chance as they do.
    draft.values.pop("batching", None)


def sharded(draft: Draft) -> None:
    """DeepSpeed's configuration: a file, or the settings themselves."""
    given = draft.take("deepspeed")
    if given is None:
        return
    settings = given.value
    if isinstance(settings, str):
        for base in (draft.source.parent, *draft.source.parents):
            if (base / settings).is_file():
                try:
                    settings = json.loads((base / settings).read_text(encoding="utf-8"))
                except (OSError, ValueError, RecursionError):
                    break
                break
    optimization = settings.get("zero_optimization") if isinstance(settings, dict) else None
    stage = optimization.get("stage") if isinstance(optimization, dict) else None
    draft.lost(given, text("equivalents.lost_deepspeed", stage=stage if isinstance(stage, int) else "?"))


def adapter(draft: Draft, name: str, *, rank: int, alpha: int | None, alpha_of_rank: int = 0) -> None:
    """The tool's defaults for LoRA's rank, which it calls `name`, and alpha."""
    draft.default("lora.rank", rank, name)
    held = draft.values.get("lora.rank", rank)
    if alpha_of_rank and isinstance(held, int):
        draft.default("lora.alpha", held * alpha_of_rank, "lora_alpha")
    elif alpha is not None:
        draft.default("lora.alpha", alpha, "lora_alpha")


def idle_without_adapter(draft: Draft, *names: str) -> None:
    """Settings of an adapter, where there is none."""
    for name in names:
        given = draft.take(name)
        if given is not None:
            draft.idle(given, text("equivalents.idle_no_adapter"))


def packing(draft: Draft, *names: str) -> bool:
    """Records laid end to end, which is done otherwise here; whether the job says anything of it."""
    said = [given for name in names if (given := draft.take(name)) is not None]
    for given in said:
        if read.truth(given):
            draft.note("changed", given, message=text("importing.packing"))
        else:
            draft.idle(given, text("equivalents.idle_off"))
    return bool(said)


def whole_alpha(draft: Draft, name: str) -> None:
    """LoRA's alpha, which is a whole number here."""
    given = draft.take(name)
    if given is None:
        return
    value = read.number(given)
    if value == int(value):
        draft.same(given, "lora.alpha", int(value))
    else:
        draft.changed(given, "lora.alpha", max(round(value), 1), text("importing.whole_alpha"))


def modules(draft: Draft, name: str, field: str) -> None:
    """Names of modules; `all` and peft's `all-linear` mean the same."""
    given = draft.take(name)
    if given is None:
        return
    written = given.value if isinstance(given.value, list) else [given.value]
    if any(letter in str(each) for each in written for letter in "*?|()^$\\"):
        draft.lost(given, text("equivalents.lost_expression"))
        return
    found = read.names(given)
    if field == "lora.targets" and ("all" in found or "all-linear" in found):
        draft.same(given, field, ["all-linear"])
    else:
        draft.same(given, field, list(found))


def start_of_adapter(draft: Draft, name: str) -> None:
    """peft's `init_lora_weights`."""
    given = draft.take(name)
    if given is None:
        return
    word = str(given.value).strip().lower()
    quantised = draft.values.get("quantisation", "none") != "none"
    if word in ("true", "false") or word == "gaussian":
        draft.same(given, "lora.start", "gaussian" if word == "gaussian" else "default")
    elif word.startswith("pissa") and not quantised:
        draft.same(given, "lora.start", "pissa")
    elif word.startswith("pissa"):
        draft.lost(given, text("equivalents.lost_pissa_quantised"))
    else:
        draft.lost(given, text("equivalents.lost_start"))
