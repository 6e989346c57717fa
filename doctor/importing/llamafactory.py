"""LLaMA-Factory's settings as a job of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.errors import BadInput
from doctor.importing import places, shared
from doctor.importing import values as read
from doctor.importing.data_sets import data_sets, mixing
from doctor.importing.draft import Draft
from doctor.importing.llamafactory_keys import LLAMAFACTORY_KEYS, LLAMAFACTORY_PREFIXES
from doctor.importing.model import Note
from doctor.importing.trainer_keys import TRAINER_KEYS, TRAINER_PREFIXES
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doctor.importing.model import Given, Imported

_STAGES = {"sft": "sft", "pt": "pretrain", "dpo": "dpo", "kto": "kto", "rm": "reward", "orpo": "orpo"}
_LOSSES = {"sigmoid": "sigmoid", "ipo": "ipo", "hinge": "hinge"}


def import_llamafactory(source: Path, given: Mapping[str, Given], folder: Path, info: Path | None) -> Imported:
    """The job that these settings mean. Raises BadInput for what is no training, or of a wrong kind."""
    draft = Draft("LLaMA-Factory", source, given)
    _refuse_other_work(draft)
    name = draft.take("model_name_or_path")
    if name is not None:
        places.model(draft, name, folder)
    _method(draft)
    _tuning(draft)
    data_sets(draft, "dataset", "data", folder, info)
    data_sets(draft, "eval_dataset", "held_out_data", folder, info)
    mixing(draft, folder)
    places.held_out(draft, "val_size", folder)
    target = draft.take("output_dir")
    if target is not None:
        places.output(draft, target)
    _learning(draft)
    _text(draft)
    shared.measuring(draft)
    draft.rest((LLAMAFACTORY_KEYS, TRAINER_KEYS), {**LLAMAFACTORY_PREFIXES, **TRAINER_PREFIXES})
    if "max_steps" not in draft.values:
        draft.default("epochs", 3.0, "num_train_epochs")
    for field, value, theirs in (
        ("learning_rate", 5e-5, "learning_rate"),
        ("max_length", 2048, "cutoff_len"),
    ):
        draft.default(field, value, theirs)
    if draft.values.get("tuning", "lora") == "lora":
        shared.adapter(draft, "lora_rank", rank=8, alpha=None, alpha_of_rank=2)
    return draft.finish()


def _refuse_other_work(draft: Draft) -> None:
    """Settings for exporting or chatting, and a stage that needs models of its own."""
    stage = draft.peek("stage")
    if str(stage).strip().lower() == "ppo":
        raise BadInput(
            text("importing.no_ppo", name="PPO"), hint=text("importing.no_ppo_hint"), file=str(draft.source),
            line=_line(draft, "stage"), field="stage",
        )  # fmt: skip
    if "dataset" not in draft:
        hint = text("importing.export_hint") if "export_dir" in draft else text("importing.no_dataset_hint")
        raise BadInput(text("importing.no_training", tool="LLaMA-Factory"), hint=hint, file=str(draft.source))


def _line(draft: Draft, name: str) -> int | None:
    given = draft.take(name)
    return given.line if given is not None else None


def _method(draft: Draft) -> None:
    stage = draft.take("stage")
    method = "sft"
    if stage is not None:
        word = read.words(stage).lower()
        if word not in _STAGES:
            raise read.wrong(stage, text("importing.one_of", choices=", ".join(_STAGES)))
        method = _STAGES[word]
    loss = draft.take("pref_loss")
    kind = read.words(loss).lower() if loss is not None else "sigmoid"
    if method == "dpo" and kind == "orpo":
        method = "orpo"
    if stage is not None:
        draft.same(stage, "method", method)
    if loss is None:
        return
    if kind == "orpo" and method == "orpo":
        draft.note("same", loss, "method")
    elif method != "dpo":
        draft.idle(loss, text("equivalents.idle_details"))
    elif kind in _LOSSES:
        draft.same(loss, "preference.loss", _LOSSES[kind])
    else:
        draft.lost(loss, text("equivalents.lost_preference_loss", name=kind))


def _tuning(draft: Draft) -> None:
    bits = draft.take("quantization_bit")
    if bits is not None:
        kinds = {4: "nf4", 8: "int8"}
        if read.integer(bits) in kinds:
            draft.same(bits, "quantisation", kinds[read.integer(bits)])
        else:
            draft.lost(bits, text("equivalents.lost_bits"))
    for name, ours in (("quantization_method", ("bnb", "bitsandbytes")), ("quantization_type", ("nf4",))):
        given = draft.take(name)
        if given is not None and read.words(given).lower() in ours:
            draft.idle(given, text("equivalents.idle_ours"))
        elif given is not None:
            draft.lost(given, text("equivalents.lost_quantisation", name=read.words(given)))
    tuning = draft.take("finetuning_type")
    kind = read.words(tuning).lower() if tuning is not None else "lora"
    if tuning is not None:
        if kind in ("lora", "full", "freeze"):
            draft.same(tuning, "tuning", kind)
        else:
            draft.changed(tuning, "tuning", "lora", text("importing.near_tuning", name=kind))
    layers = draft.take("freeze_trainable_layers")
    if layers is not None:
        if kind == "freeze":
            draft.same(layers, "trained_layers", read.integer(layers))
        else:
            draft.idle(layers, text("equivalents.idle_details"))
    if kind in ("full", "freeze"):
        shared.idle_without_adapter(
            draft, "lora_rank", "lora_alpha", "lora_dropout", "lora_target", "additional_target", "use_dora",
            "use_rslora", "loraplus_lr_ratio", "pissa_init", "pissa_iter", "pissa_convert",
        )  # fmt: skip
        return
    shared.whole_alpha(draft, "lora_alpha")
    shared.modules(draft, "lora_target", "lora.targets")
    shared.modules(draft, "additional_target", "lora.modules_to_save")
    draft.copy("lora_rank", "lora.rank", "integer")
    draft.copy("lora_dropout", "lora.dropout", "number")
    pissa = draft.take("pissa_init")
    if pissa is not None:
        if not read.truth(pissa):
            draft.idle(pissa, text("equivalents.idle_off"))
        elif draft.values.get("quantisation", "none") != "none":
            draft.lost(pissa, text("equivalents.lost_pissa_quantised"))
        else:
            draft.same(pissa, "lora.start", "pissa")


def _learning(draft: Draft) -> None:
    shared.schedule(draft, "lr_scheduler_type", default="linear")
    shared.optimizer(draft, "optim")
    shared.precision(draft)
    shared.steps_to_take(draft)
    shared.saving(draft)
    shared.logging(draft)
    shared.trackers(draft)
    shared.attention(draft, "flash_attn")
    shared.liger(draft, "enable_liger_kernel", "use_liger_kernel")
    shared.grouping(draft)
    shared.sharded(draft)
    keeps = draft.take("disable_gradient_checkpointing")
    if keeps is not None:
        draft.same(keeps, "gradient_checkpointing", "off" if read.truth(keeps) else "on")
    shared.checkpointing(draft)


def _text(draft: Draft) -> None:
    """How records become tokens."""
    template = draft.take("template")
    if template is not None:
        draft.note("changed", template, message=text("importing.template"))
    prompt = draft.take("train_on_prompt")
    if prompt is not None:
        draft.same(prompt, "assistant_only_loss", not read.truth(prompt))
    history = draft.take("mask_history")
    if history is not None:
        if read.truth(history):
            draft.lost(history, text("equivalents.lost_mask_history"))
        else:
            draft.idle(history, text("equivalents.idle_off"))
    packs = draft.values.get("method") == "pretrain"
    if shared.packing(draft, "packing", "neat_packing"):
        packs = False
    if packs:
        draft.notes.append(
            Note(kind="changed", name="packing", value="true", file=draft.source, message=text("importing.packing"))
        )
