"""Axolotl's settings as a job of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.errors import BadInput
from doctor.importing import places, shared
from doctor.importing import values as read
from doctor.importing.axolotl_data import axolotl_data
from doctor.importing.axolotl_keys import AXOLOTL_KEYS, AXOLOTL_PREFIXES
from doctor.importing.draft import Draft
from doctor.importing.model import Note
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doctor.importing.model import Given, Imported

_RAW_TYPES = {"completion", "pretrain"}


def import_axolotl(source: Path, given: Mapping[str, Given], folder: Path) -> Imported:
    """The job that these settings mean. Raises BadInput for what is no training, or of a wrong kind."""
    draft = Draft("Axolotl", source, given)
    name = draft.take("base_model")
    if name is not None:
        places.model(draft, name, folder)
    _method(draft)
    _tuning(draft)
    _data(draft, folder)
    target = draft.take("output_dir")
    if target is not None:
        places.output(draft, target)
    _batches(draft)
    shared.schedule(draft, "lr_scheduler", default="cosine", warmup=0.03)
    shared.optimizer(draft, "optimizer")
    shared.precision(draft)
    shared.checkpointing(draft)
    shared.steps_to_take(draft)
    shared.saving(draft)
    shared.logging(draft)
    per_epoch = draft.take("evals_per_epoch")
    if per_epoch is not None:
        draft.idle(per_epoch, text("equivalents.idle_eval_epoch"))
    shared.measuring(draft)
    _attention(draft)
    _trackers(draft)
    shared.sharded(draft)
    _liger(draft)
    _text(draft)
    draft.rest((AXOLOTL_KEYS,), AXOLOTL_PREFIXES)
    for field, value, theirs in (
        ("per_device_batch_size", 1, "micro_batch_size"),
        ("max_length", 512, "sequence_len"),
    ):
        draft.default(field, value, theirs)
    return draft.finish()


def _method(draft: Draft) -> None:
    rl = draft.take("rl")
    method = "sft"
    if rl is not None:
        word = read.words(rl).lower()
        if word in ("grpo", "gdpo", "ebft", "ppo", "rloo"):
            raise BadInput(
                text("importing.no_ppo", name=word.upper()), hint=text("importing.no_ppo_hint"), file=str(rl.file),
                line=rl.line, field="rl",
            )  # fmt: skip
        if word in ("dpo", "ipo"):
            method = "dpo"
            draft.same(rl, "method", "dpo")
            if word == "ipo":
                draft.values["preference.loss"] = "ipo"
        elif word in ("orpo", "kto"):
            method = word
            draft.same(rl, "method", word)
        else:
            method = "dpo"
            draft.values["method"] = "dpo"
            draft.lost(rl, text("equivalents.lost_preference_loss", name=word))
    reward = draft.take("reward_model")
    if reward is not None:
        if read.truth(reward):
            draft.same(reward, "method", "reward")
        else:
            draft.idle(reward, text("equivalents.idle_off"))
    losses = draft.take("dpo_loss_type")
    if losses is not None:
        found = list(read.names(losses))
        if len(found) == 1 and found[0] in ("sigmoid", "ipo", "hinge") and method == "dpo":
            draft.same(losses, "preference.loss", found[0])
        else:
            draft.lost(losses, text("equivalents.lost_preference_loss", name=", ".join(found)))
    if method == "orpo":
        draft.copy("orpo_alpha", "preference.beta", "number")


def _tuning(draft: Draft) -> None:
    four, eight = draft.is_on("load_in_4bit"), draft.is_on("load_in_8bit")
    for name, on, ours in (("load_in_4bit", four, "nf4"), ("load_in_8bit", eight and not four, "int8")):
        given = draft.take(name)
        if given is not None and on and read.truth(given):
            draft.same(given, "quantisation", ours)
        elif given is not None:
            draft.idle(given, text("equivalents.idle_off"))
    adapter = draft.take("adapter")
    kind = read.words(adapter).lower() if adapter is not None else "full"
    if adapter is None:
        if "adapter" not in draft:
            draft.default("tuning", "full", "adapter")
    elif kind in ("lora", "qlora"):
        draft.same(adapter, "tuning", "lora")
        if kind == "qlora" and not eight:
            draft.values.setdefault("quantisation", "nf4")
    else:
        draft.changed(adapter, "tuning", "lora", text("importing.near_tuning", name=kind))
    if draft.values.get("tuning") == "full":
        shared.idle_without_adapter(
            draft, "lora_r", "lora_alpha", "lora_dropout", "lora_target_modules", "lora_target_linear",
            "lora_modules_to_save", "peft_use_dora", "peft_use_rslora", "loraplus_lr_ratio",
            "peft_init_lora_weights", "lora_fan_in_fan_out", "lora_model_dir",
        )  # fmt: skip
        if draft.values.pop("quantisation", None) is not None:
            draft.comments.pop("quantisation", None)
        return
    shared.whole_alpha(draft, "lora_alpha")
    linear = draft.take("lora_target_linear")
    everything = linear is not None and read.truth(linear)
    if linear is not None:
        if everything:
            draft.same(linear, "lora.targets", ["all-linear"])
        else:
            draft.idle(linear, text("equivalents.idle_off"))
    if everything:
        more = draft.take("lora_target_modules")
        if more is not None:
            draft.idle(more, text("equivalents.idle_all_linear"))
    else:
        shared.modules(draft, "lora_target_modules", "lora.targets")
    shared.modules(draft, "lora_modules_to_save", "lora.modules_to_save")
    draft.copy("lora_dropout", "lora.dropout", "number")
    draft.copy("lora_r", "lora.rank", "integer")
    shared.start_of_adapter(draft, "peft_init_lora_weights")


def _data(draft: Draft, folder: Path) -> None:
    types = axolotl_data(draft, "datasets", "data", folder)
    raw = axolotl_data(draft, "pretraining_dataset", "data", folder)
    if not types and not raw:
        raise BadInput(
            text("importing.no_training", tool="Axolotl"), hint=text("importing.no_axolotl_data_hint"),
            file=str(draft.source),
        )  # fmt: skip
    if draft.values.get("method", "sft") == "sft" and (raw or (types and types <= _RAW_TYPES)):
        draft.values["method"] = "pretrain"
        draft.comments["method"] = text("importing.completion")
    elif types & _RAW_TYPES:
        where = draft.peek("datasets")
        draft.notes.append(
            Note(
                kind="lost", name="datasets", value=read.shown(where if isinstance(where, str) else "completion"),
                file=draft.source, message=text("equivalents.lost_mixed_types"),
            )
        )  # fmt: skip
    axolotl_data(draft, "test_datasets", "held_out_data", folder)
    places.held_out(draft, "val_set_size", folder)


def _batches(draft: Draft) -> None:
    """`batch_size` is the product of what one card learns from in a step."""
    total = draft.take("batch_size")
    micro = draft.take("micro_batch_size")
    if micro is not None:
        draft.same(micro, "per_device_batch_size", read.integer(micro))
    if total is not None:
        size = draft.values.get("per_device_batch_size", 1)
        if "gradient_accumulation_steps" in draft or not isinstance(size, int):
            draft.idle(total, text("equivalents.idle_batch_size"))
        else:
            count = max(read.integer(total) // size, 1)
            draft.changed(total, "gradient_accumulation", count, text("importing.total_batch"))
    shared.grouping(draft)


def _attention(draft: Draft) -> None:
    for name, ours in (
        ("flash_attention", "flash_attention_2"), ("sdp_attention", "sdpa"), ("eager_attention", "eager"),
    ):  # fmt: skip
        given = draft.take(name)
        if given is None:
            continue
        if read.truth(given):
            draft.same(given, "attention", ours)
        else:
            draft.idle(given, text("equivalents.idle_off"))
    for name in ("xformers_attention", "flex_attention", "sage_attention"):
        given = draft.take(name)
        if given is None:
            continue
        if read.truth(given):
            draft.changed(given, "attention", "auto", text("importing.near_attention", name=name))
        else:
            draft.idle(given, text("equivalents.idle_off"))
    shared.attention(draft, "attn_implementation")
    if draft.values.get("attention") == "flash_attention_2" and draft.values.get("precision") == "fp32":
        draft.values["attention"] = "auto"
        draft.comments["attention"] = text("importing.no_flash_fp32")


def _trackers(draft: Draft) -> None:
    found = []
    for name, ours in (("use_wandb", "wandb"), ("use_mlflow", "mlflow"), ("use_tensorboard", "tensorboard"),
                       ("use_swanlab", "swanlab")):  # fmt: skip
        given = draft.take(name)
        if given is None:
            continue
        if read.truth(given):
            found.append(ours)
            draft.note("same", given, "trackers")
        else:
            draft.idle(given, text("equivalents.idle_off"))
    project = draft.peek("wandb_project")
    if project and "use_wandb" not in draft and str(draft.peek("wandb_mode")) != "disabled":
        found.append("wandb")
    if found:
        draft.values["trackers"] = found


def _liger(draft: Draft) -> None:
    plugins = draft.peek("plugins")
    if isinstance(plugins, list) and any("liger" in str(each).lower() for each in plugins):
        draft.values["kernels"] = "liger"


def _text(draft: Draft) -> None:
    template = draft.take("chat_template")
    if template is not None:
        word = str(template.value)
        if word == "tokenizer_default":
            draft.idle(template, text("equivalents.idle_template"))
        else:
            draft.note("changed", template, message=text("importing.template"))
    inputs = draft.take("train_on_inputs")
    if inputs is not None:
        draft.same(inputs, "assistant_only_loss", not read.truth(inputs))
    packs = draft.take("sample_packing")
    if packs is not None:
        if read.truth(packs):
            draft.note("changed", packs, message=text("importing.packing"))
        else:
            draft.idle(packs, text("equivalents.idle_off"))
    excess = draft.take("excess_length_strategy")
    if excess is not None and read.words(excess).lower() == "truncate":
        draft.idle(excess, text("equivalents.idle_truncate"))
    else:
        if excess is not None:
            draft.note("changed", excess, "max_length", text("importing.dropped"))
        draft.comments["max_length"] = text("importing.dropped")
    special = draft.take("special_tokens")
    if special is not None:
        only_pad = isinstance(special.value, dict) and set(special.value) <= {"pad_token"}
        if only_pad:
            draft.idle(special, text("equivalents.idle_pad"))
        else:
            draft.lost(special, text("equivalents.lost_tokens"))
