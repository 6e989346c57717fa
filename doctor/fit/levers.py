"""Changes to a job that save memory, with what each saves. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from doctor.fit.model import Lever

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from doctor.fit.model import Placement
    from doctor.fit.shape import ModelShape
    from doctor.fit.software import Software
    from trainer.contract import Job

_LEAST_TOKENS = 256
_WORTH = 32 * 2**20
"""Savings below this are not worth a line."""
_MOST = 8


def levers(
    shape: ModelShape,
    job: Job,
    software: Software,
    now: Placement,
    cards: int,
    place: Callable[[ModelShape, Job, Software | None], Placement],
) -> tuple[Lever, ...]:
    """The changes worth making, those that make the job fit first, then by what they save.

    `place` lays a changed job out as the job in question is laid out; with None it chooses the software anew.
    """
    worst = now.worst
    found: list[Lever] = []
    for name, before, after, changes, changed_shape in _changes(shape, job, software, cards):
        changed = replace(job, **changes) if changes else job
        then = place(changed_shape or shape, changed, None)
        saves = worst.device.likely - then.worst.device.likely
        if saves >= _WORTH:
            found.append(
                Lever(name=name, before=before, after=after, saves=saves, changes=changes, verdict=then.verdict)
            )
    if software.loss == "stock" and job.method == "sft" and now.kind != "host":
        then = place(shape, job, replace(software, loss="trl_tiles"))
        saves = worst.device.likely - then.worst.device.likely
        if saves >= _WORTH:
            found.append(Lever(name="loss", before="", after="1.15", saves=saves, verdict=then.verdict))
    if now.verdict != "fits" and not any(each.verdict == "fits" and each.changes for each in found):
        found += _together(shape, job, now, found, place)
    order = {"fits": 0, "tight": 1, "too_large": 2}
    found.sort(key=lambda lever: (order[lever.verdict], lever.name == "model", -lever.saves))
    return tuple(found[:_MOST])


_GENTLEST = ("checkpointing", "attention", "batch", "optimizer", "nf4", "tuning", "split", "length")
"""Changes in the order in which they are tried together: what costs least of quality and speed first."""


def _together(
    shape: ModelShape,
    job: Job,
    now: Placement,
    found: list[Lever],
    place: Callable[[ModelShape, Job, Software | None], Placement],
) -> list[Lever]:
    """The gentlest changes that make the job fit together; empty where they do not, or where one is enough."""
    taken: list[Lever] = []
    changed = job
    for name in _GENTLEST:
        strongest = max((each for each in found if each.name == name), key=lambda each: each.saves, default=None)
        if strongest is None:
            continue
        taken.append(strongest)
        changed = replace(changed, **strongest.changes)
        then = place(shape, changed, None)
        if then.verdict == "fits":
            changes = {key: value for each in taken for key, value in each.changes.items()}
            saves = now.worst.device.likely - then.worst.device.likely
            if len(taken) < 2:
                return []
            return [Lever(name="together", before="", after="", saves=saves, changes=changes, verdict="fits",
                          parts=tuple(taken))]  # fmt: skip
    return []


def _changes(
    shape: ModelShape, job: Job, software: Software, cards: int
) -> Iterator[tuple[str, Any, Any, dict[str, Any], ModelShape | None]]:
    if job.tuning == "full":
        yield "tuning", "full", "lora", {"tuning": "lora"}, None
    length = job.max_length
    while length // 2 >= _LEAST_TOKENS and length > job.max_length // 4:
        length //= 2
        yield "length", job.max_length, length, {"max_length": length}, None
    batch = job.per_device_batch_size
    for after in sorted({batch // 2, 1} - {0, batch}):
        # The step learns from as many records as before.
        more = -(-job.gradient_accumulation * batch // after)
        yield "batch", batch, after, {"per_device_batch_size": after, "gradient_accumulation": more}, None
    if cards > 1 and job.split == "none":
        yield "split", "none", "layers", {"split": "layers", "processes": 1}, None
    if not software.checkpointing:
        yield "checkpointing", "off", "on", {"gradient_checkpointing": "on"}, None
    if job.tuning == "lora" and job.quantisation != "nf4" and not shape.quantised:
        yield "nf4", job.quantisation, "nf4", {"quantisation": "nf4"}, None
    if job.optimizer in {"adamw", "paged_adamw"}:
        yield "optimizer", job.optimizer, "adamw_8bit", {"optimizer": "adamw_8bit"}, None
    if job.tuning == "lora" and job.lora.rank > 8:
        rank = job.lora.rank // 2
        alpha = max(1, job.lora.alpha // 2)
        yield "rank", job.lora.rank, rank, {"lora": replace(job.lora, rank=rank, alpha=alpha)}, None
    if job.tuning == "lora" and job.lora.targets == ("all-linear",):
        few = ("q_proj", "v_proj")
        yield "targets", "all-linear", "q_proj, v_proj", {"lora": replace(job.lora, targets=few)}, None
    if job.attention == "eager":
        yield "attention", "eager", "sdpa", {"attention": "sdpa"}, None
    for share in (3, 2, 1):
        kept = len(shape.layers) * share // 4
        if kept:
            smaller = replace(shape, layers=shape.layers[:kept])
            yield "model", shape.numbers, smaller.numbers, {}, smaller
