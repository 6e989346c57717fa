"""What in a job does not go together, and what in it has no effect: decided from the job alone. Pure.

`given` names the fields that somebody wrote, such as `lora.rank`: a default contradicts nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.fields.ranges import COLUMNS, TRACKERS
from doctor.quick_dataclass import dataclass
from doctor.words.text import Text, text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator

    from trainer.contract import Job

_HIGH_RATE = 5e-5
"""From here on a learning rate is one for adapters: fine-tuning whole weights or preferences takes about 1e-5 and
less (the defaults of TRL's own trainers are 2e-5 and 1e-6)."""


@dataclass(frozen=True)
class Conflict:
    """One field that cannot be, or does not do, what it says beside the others."""

    field: str
    message: Text
    hint: Text | None = None


def find_conflicts(job: Job, given: Collection[str]) -> Iterator[Conflict]:
    """What a run could not carry out: each is an error."""
    for rule in _CONFLICTS:
        yield from rule(job, given)


def find_remarks(job: Job, given: Collection[str]) -> Iterator[Conflict]:
    """What a run would carry out, but perhaps not as it was meant."""
    for rule in _REMARKS:
        yield from rule(job, given)


def _weights(job: Job, given: Collection[str]) -> Iterator[Conflict]:
    if job.tuning == "lora":
        return
    if job.quantisation != "none":
        yield Conflict(
            "quantisation",
            text("jobs.quantised_whole", quantisation=job.quantisation, tuning=job.tuning),
            text("jobs.quantised_whole_hint"),
        )
    written = sorted(name for name in given if name.startswith("lora."))
    if written or "lora" in given:
        yield Conflict(
            written[0] if written else "lora",
            text("jobs.lora_unused", tuning=job.tuning),
            text("jobs.lora_unused_hint"),
        )


def _adapter(job: Job, given: Collection[str]) -> Iterator[Conflict]:
    if job.tuning != "lora":
        return
    lora = job.lora
    if lora.start == "pissa" and job.quantisation != "none":
        yield Conflict(
            "lora.start", text("jobs.pissa_quantised", quantisation=job.quantisation), text("jobs.pissa_quantised_hint")
        )
    if lora.start == "pissa" and lora.dora:
        yield Conflict("lora.start", text("jobs.pissa_dora"), text("jobs.pissa_dora_hint"))
    if lora.start == "pissa" and job.method in ("dpo", "kto"):
        yield Conflict("lora.start", text("jobs.pissa_method", method=job.method), text("jobs.pissa_method_hint"))
    if "all-linear" in lora.targets and len(lora.targets) > 1:
        yield Conflict("lora.targets", text("jobs.all_and_more"), text("jobs.all_and_more_hint"))
    twice = sorted(set(lora.targets) & set(lora.modules_to_save))
    if twice:
        yield Conflict(
            "lora.modules_to_save", text("jobs.saved_and_adapted", name=twice[0]), text("jobs.saved_and_adapted_hint")
        )


def _packing(job: Job, given: Collection[str]) -> Iterator[Conflict]:
    if job.packing == "none":
        return
    if job.attention in ("sdpa", "eager"):
        yield Conflict(
            "packing", text("jobs.packing_attention", attention=job.attention), text("jobs.packing_attention_hint")
        )
    if job.method not in ("sft", "pretrain"):
        yield Conflict(
            "packing", text("jobs.packing_method", method=job.method), text("jobs.take_out_hint", field="packing")
        )


def _attention(job: Job, given: Collection[str]) -> Iterator[Conflict]:
    if job.attention == "flash_attention_2" and job.precision == "fp32":
        yield Conflict("attention", text("jobs.flash_fp32"), text("jobs.flash_fp32_hint"))


def _devices(job: Job, given: Collection[str]) -> Iterator[Conflict]:
    if job.split == "layers" and job.processes > 1:
        yield Conflict(
            "split", text("jobs.split_processes", processes=job.processes), text("jobs.split_processes_hint")
        )


def _measuring(job: Job, given: Collection[str]) -> Iterator[Conflict]:
    if job.held_out_data and "held_out" in given and job.held_out > 0:
        yield Conflict("held_out", text("jobs.held_out_twice"), text("jobs.held_out_twice_hint"))
    if job.eval_steps and not job.held_out and not job.held_out_data:
        yield Conflict("eval_steps", text("jobs.nothing_held_out"), text("jobs.nothing_held_out_hint"))
    shared = sorted({source.path for source in job.data} & {source.path for source in job.held_out_data})
    if shared:
        yield Conflict("held_out_data", text("jobs.same_data", name=shared[0]), text("jobs.same_data_hint"))


def _data(job: Job, given: Collection[str]) -> Iterator[Conflict]:
    from trainer.layouts import USABLE

    # A job names a layout as its data do; a conversation with files beside it is none of its own there.
    usable = {str(layout) for layout in USABLE[job.method]} - {"media"}
    for field, sources in (("data", job.data), ("held_out_data", job.held_out_data)):
        for place, source in enumerate(sources):
            if source.layout != "auto" and source.layout not in usable:
                yield Conflict(
                    f"{field}[{place}].layout",
                    text("jobs.layout_method", layout=source.layout, method=job.method),
                    text("jobs.layout_method_hint", layouts=", ".join(sorted(usable))),
                )
            for name in source.columns:
                if name not in COLUMNS:
                    yield Conflict(
                        f"{field}[{place}].columns", text("jobs.no_column", name=name), nearest_of(name, COLUMNS)
                    )


def _method(job: Job, given: Collection[str]) -> Iterator[Conflict]:
    if job.method == "kto" and job.per_device_batch_size == 1:
        yield Conflict("per_device_batch_size", text("jobs.kto_one"), text("jobs.kto_one_hint"))
    if job.method == "reward" and job.sample_prompts:
        yield Conflict(
            "sample_prompts", text("jobs.reward_answers"), text("jobs.take_out_hint", field="sample_prompts")
        )


def _trackers(job: Job, given: Collection[str]) -> Iterator[Conflict]:
    for name in job.trackers:
        if name not in TRACKERS:
            yield Conflict(
                "trackers", text("jobs.no_tracker", name=name, known=", ".join(TRACKERS)), nearest_of(name, TRACKERS)
            )


def _places(job: Job, given: Collection[str]) -> Iterator[Conflict]:
    if job.output and job.output in (job.model, *(source.path for source in job.data)):
        yield Conflict("output", text("jobs.output_taken"), text("jobs.output_taken_hint"))


def _without_effect(job: Job, given: Collection[str]) -> Iterator[Conflict]:
    """Fields that only count beside another."""
    preferences = {
        "preference.beta": ("dpo", "orpo", "kto"),
        "preference.loss": ("dpo",),
        "preference.sft_weight": ("dpo",),
        "preference.desirable_weight": ("kto",),
        "preference.undesirable_weight": ("kto",),
    }
    idle = {
        "trained_layers": (job.tuning != "freeze", "tuning: freeze"),
        "double_quantisation": (job.quantisation != "nf4", "quantisation: nf4"),
        "micro_batch_tokens": (job.batching != "same_records", "batching: same_records"),
        "assistant_only_loss": (job.method != "sft", "method: sft"),
        "lora.plus_ratio": (job.optimizer == "sgd" and job.lora.plus_ratio > 0, "optimizer: adamw"),
        **{
            field: (job.method not in methods, " / ".join(f"method: {method}" for method in methods))
            for field, methods in preferences.items()
        },
    }
    for field, (without, needs) in idle.items():
        if without and field in given:
            yield Conflict(field, text("jobs.no_effect", field=field, needs=needs))
    if job.max_steps != -1 and {"max_steps", "epochs"} <= set(given):
        yield Conflict("epochs", text("jobs.steps_decide", steps=job.max_steps))
    if job.warmup_steps and {"warmup_steps", "warmup_ratio"} <= set(given):
        yield Conflict("warmup_ratio", text("jobs.warmup_decides", steps=job.warmup_steps))
    if job.sample_prompts and not job.held_out and not job.held_out_data:
        yield Conflict("sample_prompts", text("jobs.no_samples"), text("jobs.nothing_held_out_hint"))


def _rates(job: Job, given: Collection[str]) -> Iterator[Conflict]:
    whole = job.tuning != "lora"
    if (whole or job.method in ("dpo", "orpo", "kto")) and job.learning_rate >= _HIGH_RATE:
        rate = "1e-5" if job.method in ("sft", "pretrain", "reward") else "5e-6" if not whole else "5e-7"
        yield Conflict(
            "learning_rate",
            text("jobs.high_rate", rate=f"{job.learning_rate:g}"),
            text("jobs.high_rate_hint", rate=rate),
        )


def _sizes(job: Job, given: Collection[str]) -> Iterator[Conflict]:
    if 0 < job.micro_batch_tokens < job.max_length and job.batching == "same_records":
        yield Conflict("micro_batch_tokens", text("jobs.small_micro_batch", tokens=job.max_length))
    if job.max_steps != -1 and job.warmup_steps >= job.max_steps:
        yield Conflict("warmup_steps", text("jobs.only_warmup", steps=job.max_steps))
    if job.save_steps > job.max_steps != -1 and "save_steps" in given:
        yield Conflict("save_steps", text("jobs.never_saved", steps=job.max_steps))


def nearest_of(name: str, known: Collection[str]) -> Text:
    """The name that was probably meant, or all there are."""
    from difflib import get_close_matches

    nearest = get_close_matches(name, known, n=1)
    return text("jobs.nearest", nearest=nearest[0]) if nearest else text("jobs.known", names=", ".join(known))


_CONFLICTS: tuple[Callable[[Job, Collection[str]], Iterator[Conflict]], ...] = (
    _weights, _adapter, _packing, _attention, _devices, _measuring, _data, _method, _trackers, _places,
)  # fmt: skip
_REMARKS: tuple[Callable[[Job, Collection[str]], Iterator[Conflict]], ...] = (_without_effect, _rates, _sizes)
