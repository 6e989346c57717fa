"""Lay a job out: on one card, on several side by side, or its layers spread over them. Pure."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from doctor.fit.memory import need_of, weight_bytes
from doctor.fit.model import Band, Component, Need, Placement, exactly

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doctor.fit.model import Card, HostMemory, Measured
    from doctor.fit.shape import ModelShape
    from doctor.fit.software import Software
    from trainer.contract import Job

_MIB = 2**20
_PROCESS = Band(420 * _MIB, 510 * _MIB, 800 * _MIB)
"""Python with torch, transformers and TRL loaded, before any model. Measured on Linux: 500 MiB."""
_LASTING = frozenset({"weights", "adapter", "gradients", "optimizer"})
_HEAP = (0.15, 0.42, 0.65)
"""Of the memory that comes and goes, what the C library keeps beside it: low, likely and high. Measured on Linux with
SmolLM2-135M at three lengths: 0.35 to 0.45."""
_PAIRED = frozenset({"dpo", "orpo", "reward"})
"""Methods whose every record is two rows: the good answer and the bad one."""


def micro_batch(job: Job, longest: int | None = None) -> tuple[int, int]:
    """Rows and tokens of the largest micro-batch; `longest` is the longest record, where it is known."""
    tokens = min(job.max_length, longest or job.max_length)
    rows = job.per_device_batch_size
    if job.batching == "same_records" and job.micro_batch_tokens:
        rows = max(1, job.micro_batch_tokens // max(tokens, 1))
    return rows * (2 if job.method in _PAIRED else 1), tokens


def on_one(
    shape: ModelShape, job: Job, software: Software, card: Card, *, longest: int | None = None,
    measured: Measured | None = None,
) -> Placement:  # fmt: skip
    """The whole job on one card."""
    return Placement(kind="one", needs=(_whole(shape, job, software, card, 1, longest, measured),))


def side_by_side(
    shape: ModelShape, job: Job, software: Software, cards: Sequence[Card], *, longest: int | None = None,
    measured: Measured | None = None,
) -> Placement:  # fmt: skip
    """The whole model on every card, each with records of its own."""
    needs = tuple(_whole(shape, job, software, card, len(cards), longest, measured) for card in cards)
    return Placement(kind="parallel", needs=needs)


def spread(
    shape: ModelShape, job: Job, software: Software, cards: Sequence[Card], *, longest: int | None = None
) -> Placement:
    """The layers over all cards, so that the fullest of them is as empty as can be.

    The last card also holds the head, the logits and their gradients, so it gets fewer layers.
    """
    count = len(shape.layers)
    rows, tokens = micro_batch(job, longest)

    @cache
    def need(place: int, start: int, stop: int) -> Need:
        card = cards[place]
        return need_of(shape, job, software, layers=range(start, stop), rows=rows, tokens=tokens, card=card.index,
                       usable=card.usable)  # fmt: skip

    def fill(share: float) -> list[tuple[int, int]] | None:
        """Each card in turn takes as many layers as its share of its memory holds; None when some are left over."""
        cuts, start = [], 0
        for place, card in enumerate(cards):
            least = min(start + 1, count)
            if place == len(cards) - 1:
                stop = count
                if start >= count or need(place, start, stop).device.likely > share * card.usable:
                    return None
            else:
                low, high = least, count - (len(cards) - 1 - place)
                if low > high:
                    return None
                while low < high:
                    middle = (low + high + 1) // 2
                    if need(place, start, middle).device.likely <= share * card.usable:
                        low = middle
                    else:
                        high = middle - 1
                stop = low
            cuts.append((start, stop))
            start = stop
        return cuts

    low, high, best = 0.0, 8.0, None
    for _ in range(14):
        share = (low + high) / 2
        found = fill(share)
        if found is None:
            low = share
        else:
            high, best = share, found
    if best is None:
        each = max(1, count // len(cards))
        best = [(min(i * each, count), count if i == len(cards) - 1 else min((i + 1) * each, count))
                for i in range(len(cards))]  # fmt: skip
    return Placement(kind="split", needs=tuple(need(i, start, stop) for i, (start, stop) in enumerate(best)))


def split_weights_mib(shape: ModelShape, job: Job, software: Software, placement: Placement) -> tuple[int, ...]:
    """For `weights_mib` of a request: what each card may take of the weights, and a little, as layers are not cut."""
    out: list[int] = []
    start = 0
    count = len(shape.layers)
    for need in placement.needs:
        stop = start + need.layers
        taken = weight_bytes(shape, job, software, range(start, stop), first=start == 0, last=stop == count)
        one = taken / max(need.layers, 1)
        out.append(int((taken + one / 2) / _MIB) + 1)
        start = stop
    return tuple(out)


def on_host(
    shape: ModelShape, job: Job, software: Software, host: HostMemory, *, longest: int | None = None,
    measured: Measured | None = None,
) -> Placement:  # fmt: skip
    """The job on the CPU: all of it lies in main memory, once for each process."""
    rows, tokens = micro_batch(job, longest)
    one = need_of(shape, job, software, layers=range(len(shape.layers)), rows=rows, tokens=tokens, measured=measured)
    said, seen = one.allocated, one.reserved
    if measured is not None:
        # What was measured is the whole process.
        used = seen
        beside = Band(max(0, seen.low - said.low), max(0, seen.likely - said.likely), max(0, seen.high - said.high))
        parts = [Component(name="process", bytes=beside)]
    else:
        lasting = sum(part.bytes.likely for part in one.components if part.name in _LASTING)
        slack = exactly(said.likely - lasting).scaled(*_HEAP)
        used = said + slack + _PROCESS
        parts = [Component(name="slack", bytes=slack), Component(name="process", bytes=_PROCESS)]
    components = (*(part for part in one.components if part.name not in {"context", "products", "slack"}), *parts)
    each = job.processes
    reserve = max(host.total // 20, 256 * _MIB)
    need = Need(
        card=-1,
        components=components,
        allocated=one.allocated,
        reserved=used,
        device=Band(used.low * each, used.likely * each, used.high * each),
        usable=max(0, host.available - reserve),
        layers=len(shape.layers),
        weights=one.weights,
    )
    return Placement(kind="host", needs=(need,))


def host_memory(shape: ModelShape, job: Job, placement: Placement) -> Band:
    """Main memory while the model is loaded to cards, and what paged optimizers may put there.

    Files are mapped, and one tensor at a time is copied; a quantiser keeps one in 16 bits beside it.
    """
    largest = max((each.numbers for layer in shape.layers[:1] for each in layer.linears), default=0)
    largest = 2 * max(largest, shape.embeddings)
    paged = sum(part.bytes.high - part.bytes.low for need in placement.needs for part in need.components
                if part.name == "optimizer") if job.optimizer.startswith("paged") else 0  # fmt: skip
    processes = max(1, job.processes)
    one = Band(_PROCESS.low + largest, _PROCESS.likely + 2 * largest, _PROCESS.high + 4 * largest + paged)
    return Band(one.low * processes, one.likely * processes, one.high * processes)


def _whole(
    shape: ModelShape, job: Job, software: Software, card: Card, processes: int, longest: int | None,
    measured: Measured | None,
) -> Need:  # fmt: skip
    rows, tokens = micro_batch(job, longest)
    return need_of(
        shape, job, software, layers=range(len(shape.layers)), rows=rows, tokens=tokens, card=card.index,
        usable=card.usable, processes=processes, measured=measured,
    )  # fmt: skip
