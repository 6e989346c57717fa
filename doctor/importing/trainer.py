"""The settings of plain Trainer scripts, of TRL's and Unsloth's, as a job of ours.

They come from a command line, a file of TrainingArguments or a script; the names are those of transformers, TRL and
peft, and those that scripts commonly have for the same.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from doctor.errors import BadInput
from doctor.fields.nodes import compose, whole
from doctor.importing import places, shared
from doctor.importing import values as read
from doctor.importing.draft import Draft
from doctor.importing.model import Given, Note, Unread
from doctor.importing.trainer_keys import TRAINER_KEYS, TRAINER_PREFIXES
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doctor.importing.model import Imported, Tool

_NAMES = {
    "model_name_or_path": ("model_name", "base_model", "model_id", "model_path", "pretrained_model_name_or_path",
                           "base_model_name_or_path", "model", "pretrain_model", "base_model_id"),
    "dataset_name": ("data_path", "train_file", "train_files", "train_data", "train_data_path", "data_file", "dataset",
                     "dataset_path", "train_file_dir", "data", "train_path", "data_files", "dataset_id"),
    "eval_dataset_name": ("validation_file", "eval_file", "eval_data_path", "val_data_path", "validation_data",
                          "eval_data",
                          "val_file", "eval_path", "validation_file_dir", "val_dataset", "eval_dataset"),
    "output_dir": ("output_path", "save_dir", "out_dir", "output"),
    "max_length": ("max_seq_length", "max_seq_len", "model_max_length", "cutoff_len", "block_size", "max_len",
                   "seq_length"),
    "num_train_epochs": ("num_epochs", "epochs", "epoch", "n_epochs"),
    "learning_rate": ("lr",),
    "per_device_train_batch_size": ("micro_batch_size", "per_gpu_train_batch_size", "train_batch_size",
                                    "per_device_batch_size"),
    "gradient_accumulation_steps": ("grad_accum", "gradient_accumulation", "accumulation_steps"),
    "lora_r": ("r", "lora_rank", "rank", "lora_dim"),
    "lora_target_modules": ("lora_target", "target_modules", "lora_modules"),
    "lora_modules_to_save": ("modules_to_save", "additional_target"),
    "lr_scheduler_type": ("lr_scheduler", "scheduler"),
    "optim": ("optimizer",),
    "val_set_size": ("val_size", "validation_split", "test_size", "test_split_size"),
    "report_to": ("log_with",),
    "use_rslora": ("rslora",),
    "use_peft": ("use_peft_lora",),
    "load_in_4bit": ("use_4bit_quantization", "use_4bit", "load_4bit"),
    "load_in_8bit": ("use_8bit_quantization", "use_8bit", "load_8bit"),
    "use_dora": ("dora",),
}  # fmt: skip
"""Our canonical name, and what scripts call it."""
_FULL = {"trainer", "sft", "pt", "dpo", "kto", "orpo", "reward"}
_RATES = {"trainer": 5e-5, "sft": 2e-5, "dpo": 1e-6, "kto": 1e-6, "orpo": 1e-6, "reward": 1e-4, "pt": 5e-5}
"""Learning rates that transformers and TRL start from."""


def import_trainer(
    source: Path, given: Mapping[str, Given], folder: Path, launch: Mapping[str, Given], *, by_trl: bool = False
) -> Imported:
    """The job that these settings mean; `by_trl`: they are TRL's own command's, which has defaults of its own.

    Raises BadInput for what is no training, or of a wrong kind.
    """
    tool: Tool = "Unsloth" if "use_unsloth" in given else "Trainer"
    aliases = {alias: name for name, others in _NAMES.items() for alias in others}
    named: dict[str, Given] = {}
    for name, one in given.items():
        target = aliases.get(name, name)
        if target not in given and target not in named:
            named[target] = one
        elif target == name:
            named[name] = one
        else:
            named[name] = one
    draft = _Named(tool, source, named)
    method = _method(draft)
    _model(draft, folder)
    _tuning(draft, by_trl=by_trl)
    _data(draft, folder)
    _batches(draft)
    _processes(draft, launch)
    _learning(draft, method)
    _text(draft, method)
    shared.measuring(draft)
    draft.rest((TRAINER_KEYS,), TRAINER_PREFIXES)
    if "max_steps" not in draft.values:
        draft.default("epochs", 3.0, "num_train_epochs")
    for field, value, theirs in (
        ("learning_rate", _RATES[method], "learning_rate"),
        ("per_device_batch_size", 8, "per_device_train_batch_size"),
    ):
        draft.default(field, value, theirs)
    if method != "trainer":
        draft.default("max_length", 1024, "max_length")
    return draft.finish()


class _Named(Draft):
    """Settings under canonical names; notes tell the name that was written."""

    def note(self, kind: Any, given: Given, field: str | None = None, message: Any = None) -> None:
        super().note(kind, given, field, message)
        # A setting that stands here under another name is met as well.
        self._met |= {name for name, one in self._given.items() if one is given}


def _method(draft: Draft) -> str:
    given = draft.take("method_of_command")
    method = str(given.value) if given is not None else "trainer"
    for name in ("loss_type", "rl"):
        if name == "loss_type" and method == "dpo":
            _loss(draft)
    if method in ("grpo", "ppo", "rloo", "online_dpo", "gkd"):
        line = given.line if given is not None else None
        raise BadInput(
            text("importing.no_ppo", name=method.upper()), hint=text("importing.no_ppo_hint"),
            file=str(draft.source), line=line,
        )  # fmt: skip
    if method in ("cpo", "bco") and given is not None:
        draft.lost(given, text("equivalents.lost_preference_loss", name=method))
        method = "orpo" if method == "cpo" else "kto"
    if method not in _FULL:
        method = "sft"
    if method in ("dpo", "kto", "orpo", "reward"):
        draft.values["method"] = method
    elif method == "pt":
        draft.values["method"] = "pretrain"
    stage = draft.take("stage")
    if stage is not None:
        draft.idle(stage, text("equivalents.idle_details"))
    draft.copy("beta", "preference.beta", "number")
    draft.copy("rpo_alpha", "preference.sft_weight", "number")
    draft.copy("desirable_weight", "preference.desirable_weight", "number")
    draft.copy("undesirable_weight", "preference.undesirable_weight", "number")
    return method


def _loss(draft: Draft) -> None:
    given = draft.take("loss_type")
    if given is None:
        return
    found = list(read.names(given))
    if len(found) == 1 and found[0] in ("sigmoid", "ipo", "hinge"):
        draft.same(given, "preference.loss", found[0])
    else:
        draft.lost(given, text("equivalents.lost_preference_loss", name=", ".join(found)))


def _model(draft: Draft, folder: Path) -> None:
    name = draft.take("model_name_or_path")
    if name is not None:
        places.model(draft, name, folder)
    target = draft.take("output_dir")
    if target is not None:
        places.output(draft, target)
    adapter = draft.take("adapter_name_or_path")
    if adapter is not None:
        draft.lost(adapter, text("equivalents.lost_adapter"))


def _tuning(draft: Draft, *, by_trl: bool) -> None:
    four, eight = draft.is_on("load_in_4bit"), draft.is_on("load_in_8bit")
    bits = draft.take("bits")
    if bits is None:
        bits = draft.take("quantization_bit") or draft.take("quant_bits")
    if bits is not None:
        kinds = {4: "nf4", 8: "int8", 16: "none", 32: "none"}
        if read.integer(bits) in kinds:
            draft.same(bits, "quantisation", kinds[read.integer(bits)])
        else:
            draft.lost(bits, text("equivalents.lost_bits"))
    for name, on, ours in (("load_in_4bit", four, "nf4"), ("load_in_8bit", eight and not four, "int8")):
        switch = draft.take(name)
        if switch is not None and on and read.truth(switch):
            draft.same(switch, "quantisation", ours)
        elif switch is not None:
            draft.idle(switch, text("equivalents.idle_off"))
    for name in ("bnb_4bit_quant_type", "quant_type"):
        kind = draft.take(name)
        if kind is not None and read.words(kind).lower() == "nf4":
            draft.idle(kind, text("equivalents.idle_ours"))
        elif kind is not None:
            draft.lost(kind, text("equivalents.lost_quantisation", name=read.words(kind)))
    quantised = draft.values.get("quantisation") == "nf4"
    for name in ("bnb_4bit_use_double_quant", "use_bnb_nested_quant", "double_quant"):
        double = draft.take(name)
        if double is not None and quantised:
            draft.same(double, "double_quantisation", read.truth(double))
        elif double is not None:
            draft.idle(double, text("equivalents.idle_off"))
    if quantised and "double_quantisation" not in draft.values and draft.tool != "Unsloth":
        draft.default("double_quantisation", False, "bnb_4bit_use_double_quant")
    wants = _wants_adapter(draft)
    if not wants:
        draft.default("tuning", "full", "use_peft")
        if draft.values.pop("quantisation", None) is not None:
            draft.values["tuning"] = "lora"
            draft.comments["tuning"] = text("importing.quantised_without_adapter")
            draft.values["quantisation"] = "nf4" if four or quantised else "int8"
        shared.idle_without_adapter(
            draft, "lora_r", "lora_alpha", "lora_dropout", "lora_target_modules", "lora_modules_to_save",
            "use_rslora", "use_dora", "init_lora_weights",
        )  # fmt: skip
        return
    shared.whole_alpha(draft, "lora_alpha")
    shared.modules(draft, "lora_target_modules", "lora.targets")
    shared.modules(draft, "lora_modules_to_save", "lora.modules_to_save")
    draft.copy("lora_r", "lora.rank", "integer")
    draft.copy("lora_dropout", "lora.dropout", "number")
    draft.copy("use_rslora", "lora.rslora", "truth")
    draft.copy("use_dora", "lora.dora", "truth")
    draft.copy("loraplus_lr_ratio", "lora.plus_ratio", "number")
    shared.start_of_adapter(draft, "init_lora_weights")
    if draft.tool == "Unsloth":
        shared.adapter(draft, "lora_r", rank=16, alpha=16)
        draft.default(
            "lora.targets",
            ["q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"],
            "lora_target_modules",
        )
    elif by_trl:
        shared.adapter(draft, "lora_r", rank=16, alpha=32)
        draft.default("lora.dropout", 0.05, "lora_dropout")
    else:
        shared.adapter(draft, "lora_r", rank=8, alpha=8)
        draft.default("lora.targets", ["q_proj", "v_proj"], "lora_target_modules")


def _wants_adapter(draft: Draft) -> bool:
    """Whether these settings train an adapter, told by any that speaks of one."""
    wants: bool | None = None
    for name in ("use_peft", "use_lora", "peft", "use_qlora", "lora", "lora_enable"):
        given = draft.take(name)
        if given is None:
            continue
        draft.same(given, "tuning", "lora" if read.truth(given) else "full")
        wants = read.truth(given)
    for name in ("full_finetune", "full_finetuning"):
        given = draft.take(name)
        if given is None:
            continue
        draft.same(given, "tuning", "full" if read.truth(given) else "lora")
        wants = not read.truth(given)
    for name in ("train_type", "tuner_type", "sft_type", "finetuning_type", "train_mode"):
        given = draft.take(name)
        if given is None:
            continue
        word = read.words(given).lower()
        draft.same(given, "tuning", "full" if word == "full" else "lora")
        wants = word != "full"
    unsloth = draft.take("use_unsloth")
    if unsloth is not None:
        draft.idle(unsloth, text("equivalents.idle_unsloth"))
        wants = True if wants is None else wants
    if wants is None:
        wants = any(name in draft for name in ("lora_r", "lora_alpha", "lora_target_modules"))
    return wants


def _data(draft: Draft, folder: Path) -> None:
    for name, field in (("dataset_name", "data"), ("eval_dataset_name", "held_out_data")):
        given = draft.take(name)
        if given is None:
            continue
        value = given.value if isinstance(given.value, list) else read.words(given).split(",")
        sources = [_source(draft, given, str(each).strip(), folder) for each in value if str(each).strip()]
        draft.same(given, field, sources)
    percent = draft.take("validation_split_percentage")
    if percent is None:
        places.held_out(draft, "val_set_size", folder)
    else:
        draft.same(percent, "held_out", read.number(percent) / 100)


def _source(draft: Draft, given: Given, name: str, folder: Path) -> dict[str, Any]:
    path = places.find(name, draft.source)
    if path is not None:
        return {"path": places.written(path, folder)}
    on_hub = places.is_hub_name(name)
    local = places.local_name(name) if on_hub else name.replace("\\", "/")
    message = (
        text("importing.data_on_hub", name=name, folder=local) if on_hub else text("importing.no_data_file", path=name)
    )
    draft.notes.append(
        Note(kind="lost", name=f"{given.name}: {name}", value=name, file=given.file, line=given.line, message=message)
    )
    return {"path": local}


def _batches(draft: Draft) -> None:
    """A script's `batch_size` beside a micro-batch is the product of what one card learns from in a step."""
    total = draft.take("batch_size")
    if total is not None:
        if "per_device_train_batch_size" not in draft:
            draft.same(total, "per_device_batch_size", read.integer(total))
        elif "gradient_accumulation_steps" in draft:
            draft.idle(total, text("equivalents.idle_batch_size"))
        else:
            micro = draft.take("per_device_train_batch_size")
            size = read.integer(micro) if micro is not None else 1
            if micro is not None:
                draft.same(micro, "per_device_batch_size", size)
            draft.changed(
                total,
                "gradient_accumulation",
                max(read.integer(total) // max(size, 1), 1),
                text("importing.total_batch"),
            )
    shared.grouping(draft)


def _processes(draft: Draft, launch: Mapping[str, Given]) -> None:
    """What the launcher was told: its own options are no settings of the script."""
    for name, given in launch.items():
        one = Given(name=given.name, value=given.value, file=given.file, line=given.line)
        if name in ("nproc_per_node", "num_processes", "num_gpus", "nproc"):
            count = str(given.value)
            if count.isdigit() and int(count) >= 1:
                draft.same(one, "processes", int(count))
            else:
                draft.lost(one, text("equivalents.lost_unread"))
        elif name in ("nnodes", "num_machines") and str(given.value) not in ("1", "1:1"):
            draft.lost(one, text("equivalents.lost_machines"))
        elif name == "mixed_precision":
            draft.values.setdefault("precision", {"bf16": "bf16", "fp16": "fp16"}.get(str(given.value), "fp32"))
            draft.note("same", one, "precision")
        elif name == "config_file":
            _accelerate(draft, one)
        elif name == "visible_devices":
            draft.idle(one, text("equivalents.idle_device"))
        elif name in ("use_deepspeed", "use_fsdp"):
            draft.lost(one, text("equivalents.lost_sharded"))
        else:
            draft.idle(one, text("equivalents.idle_ddp"))


def _accelerate(draft: Draft, given: Given) -> None:
    """accelerate's own file: how many processes, and what spreads the weights."""
    path = places.find(str(given.value), draft.source)
    settings = whole(compose(path)) if path is not None and path.is_file() else None
    count = settings.get("num_processes") if isinstance(settings, dict) else None
    kind = settings.get("distributed_type") if isinstance(settings, dict) else None
    if str(kind).upper() in ("DEEPSPEED", "FSDP"):
        draft.lost(given, text("equivalents.lost_sharded"))
    elif not isinstance(count, int):
        draft.lost(given, text("equivalents.lost_accelerate"))
    elif "processes" in draft.values:
        draft.idle(given, text("equivalents.idle_ddp"))
    if isinstance(count, int) and "processes" not in draft.values:
        draft.same(given, "processes", count)


def _learning(draft: Draft, method: str) -> None:
    shared.schedule(draft, "lr_scheduler_type", default="linear")
    shared.optimizer(draft, "optim")
    shared.precision(draft, "torch_dtype", "dtype")
    shared.checkpointing(draft)
    shared.steps_to_take(draft)
    shared.saving(draft)
    shared.logging(draft)
    shared.trackers(draft)
    shared.attention(draft, "attn_implementation", "flash_attn", "use_flash_attn", "use_flash_attention_2")
    shared.liger(draft, "use_liger_kernel", "use_liger")
    shared.sharded(draft)


def _text(draft: Draft, method: str) -> None:
    """How records become tokens, and which of them are learned."""
    length = draft.take("max_length")
    if length is not None:
        draft.same(length, "max_length", read.integer(length))
    elif method == "trainer":
        draft.values["max_length"] = 1024
        draft.comments["max_length"] = text("importing.own_length")
    answers = False
    for name in ("assistant_only_loss", "completion_only_loss"):
        given = draft.take(name)
        if given is not None:
            answers = answers or read.truth(given)
            draft.same(given, "assistant_only_loss", answers)
    for name in ("train_on_inputs", "train_on_source", "train_on_prompt"):
        given = draft.take(name)
        if given is not None:
            draft.same(given, "assistant_only_loss", not read.truth(given))
    if method in ("trainer", "sft") and "assistant_only_loss" not in draft.values:
        draft.values["assistant_only_loss"] = False
        draft.comments["assistant_only_loss"] = text("importing.whole_text")
    shared.packing(draft, "packing", "group_texts")
    for name in ("template", "prompt_template_name", "prompt_template", "template_name", "conversation_template"):
        given = draft.take(name)
        if given is not None:
            draft.note("changed", given, message=text("importing.template"))
    kind = draft.take("loss_type")
    if kind is not None:
        if isinstance(kind.value, Unread) or read.words(kind) not in ("nll", "kto"):
            draft.lost(kind, text("equivalents.lost_loss"))
        else:
            draft.idle(kind, text("equivalents.idle_ours"))
