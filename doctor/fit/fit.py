"""The planner: whether a job fits, how it is best laid out, what would make it fit. Pure; takes milliseconds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.fit.levers import levers
from doctor.fit.model import Fit, HostMemory, Storage
from doctor.fit.placing import host_memory, micro_batch, on_host, on_one, side_by_side, split_weights_mib, spread
from doctor.fit.software import software_of
from doctor.fit.trained import count_trained, trained_layers
from doctor.versions import numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doctor.fit.model import Card, Measured, Placement
    from doctor.fit.shape import ModelShape
    from doctor.fit.software import Software, Versions
    from trainer.contract import Job

_UNKNOWN_HOST = HostMemory(total=0, available=0)
_MIB = 2**20


def fit(
    shape: ModelShape,
    job: Job,
    cards: Sequence[Card],
    versions: Versions,
    *,
    host: HostMemory = _UNKNOWN_HOST,
    longest: int | None = None,
    download: int = 0,
    measured: Measured | None = None,
    native_bf16: bool = True,
    advice: bool = True,
) -> Fit:
    """Lay the job out on these cards, or in main memory where there are none.

    `longest`: tokens of the longest record, where the data was looked at; `download`: bytes of the model that are still
    to be fetched; `native_bf16`: whether a CPU computes bf16 itself; without `advice` no levers and no other placements
    are worked out.
    """
    if job.method == "reward":
        # A judge has a head of one number in place of the words'.
        shape = replace(shape, head=0)
    cards = tuple(cards)
    on_gpu = bool(cards)
    half = native_bf16 if not on_gpu else all(numbers(card.capability or "9.0") >= (8, 0) for card in cards)

    def software_for(changed_shape: ModelShape, changed: Job) -> Software:
        return software_of(changed, changed_shape, versions, on_gpu=on_gpu, native_bf16=half)

    def asked(changed_shape: ModelShape, changed: Job, software: Software | None) -> Placement:
        return _as_asked(
            changed_shape, changed, software or software_for(changed_shape, changed), cards, host, longest, measured
        )

    software = software_for(shape, job)
    mine = asked(shape, job, software)
    others: tuple[Placement, ...] = ()
    if advice and on_gpu:
        others = _others(shape, job, software, cards, longest, measured, mine)
    best = _choose(mine, others)
    trained = count_trained(
        shape, job, software, shape.layers[len(shape.layers) - trained_layers(shape, job) :], first=True, last=True
    )
    rows, tokens = micro_batch(job, longest)
    split = next((each for each in (mine, best) if each.kind == "split"), None)
    return Fit(
        placement=best,
        as_asked=mine,
        others=others,
        levers=levers(shape, job, software, mine, len(cards), asked) if advice else (),
        storage=_storage(job, trained.numbers, trained.state + trained.paged, software, download),
        loading=host_memory(shape, job, mine) if on_gpu else mine.needs[0].device,
        merging=_merging(shape),
        loss=software.loss,
        kernel=software.kernel,
        parameters=shape.numbers,
        trained=trained.numbers,
        tokens=rows * tokens,
        exact=shape.exact,
        versions=versions,
        measured=measured,
        weights_mib=split_weights_mib(shape, job, software, split) if split else (),
    )


def _as_asked(
    shape: ModelShape,
    job: Job,
    software: Software,
    cards: tuple[Card, ...],
    host: HostMemory,
    longest: int | None,
    measured: Measured | None,
) -> Placement:
    """The way that the job itself says."""
    if not cards:
        return on_host(shape, job, software, host, longest=longest, measured=measured)
    if job.split == "layers" and len(cards) > 1:
        return spread(shape, job, software, cards, longest=longest)
    if job.processes > 1 and len(cards) > 1:
        return side_by_side(shape, job, software, cards[: job.processes], longest=longest, measured=measured)
    return on_one(shape, job, software, cards[0], longest=longest, measured=measured)


def _others(
    shape: ModelShape,
    job: Job,
    software: Software,
    cards: tuple[Card, ...],
    longest: int | None,
    measured: Measured | None,
    mine: Placement,
) -> tuple[Placement, ...]:
    roomiest = max(cards, key=lambda card: card.usable)
    found = [on_one(shape, job, software, roomiest, longest=longest, measured=measured)]
    if len(cards) > 1:
        found.append(side_by_side(shape, job, software, cards, longest=longest, measured=measured))
        if len(shape.layers) >= len(cards):
            found.append(spread(shape, job, software, cards, longest=longest))
    return tuple(each for each in found if each != mine)


def _choose(mine: Placement, others: tuple[Placement, ...]) -> Placement:
    """The quickest that fits: side by side, else one card, else the layers spread; else the one with most room."""
    if mine.verdict == "fits":
        return mine
    quickest = {"parallel": 0, "one": 1, "split": 2, "host": 3}
    every = sorted((mine, *others), key=lambda each: quickest[each.kind])
    for verdict in ("fits", "tight"):
        for each in every:
            if each.verdict == verdict:
                return each
    return min(every, key=lambda each: each.worst.device.likely / max(each.worst.usable, 1))


def _storage(job: Job, trained: int, state: int, software: Software, download: int) -> Storage:
    each = software.adapter if job.tuning == "lora" else software.master
    # A checkpoint holds the weights that are trained and the optimizer's state; one more is written beside those kept.
    one = trained * each + state + 16 * _MIB
    return Storage(download=download, checkpoints=one * (job.save_limit + 1), adapter=trained * each + 16 * _MIB)


def _merging(shape: ModelShape) -> int:
    """Host memory of a merge: it streams, and holds the largest tensor a few times over."""
    largest = max((each.outer * each.inner * (each.copies if each.fused else 1)
                   for layer in shape.layers[:1] for each in layer.linears), default=0)  # fmt: skip
    return 300 * _MIB + 3 * 4 * max(largest, shape.embeddings)


def estimate(shape: ModelShape, job: Job, cards: Sequence[Card], versions: Versions, **given: object) -> Fit:
    """`fit` without advice, for a form that asks at every key."""
    return fit(shape, job, cards, versions, advice=False, **given)  # type: ignore[arg-type]


def with_time(found: Fit, *, tokens: int, tokens_per_second: float, watts: float = 0.0) -> Fit:
    """The same with time and energy of a run over so many tokens, from a speed that was measured."""
    seconds = tokens / tokens_per_second
    return replace(found, seconds=seconds, watt_hours=seconds * watts / 3600 if watts else None)
