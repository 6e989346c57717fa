"""Which records an optimizer step learns from, and how they are split into micro-batches.

A step gets its records whole. What it learns depends on them alone and not on the split, because the loss is divided by
the answer tokens of the whole step: so the split is free to follow the lengths, the memory and the number of processes.
The order depends on nothing but the lengths, the seed and the epoch, so a resumed run meets the same steps.
"""

from __future__ import annotations

import bisect
import itertools
import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from trainer.mixing import order as mixed_order
from trainer.mixing import places
from trainer.tokens import IGNORED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trainer.contract import Job

_POOL = 16
"""Steps whose records are sorted together in `like_lengths`. More pads less but lets the lengths decide the company."""
MOST_HELD_OUT = 2000
"""Records that are kept out at most: enough for a loss to two digits, and no more to measure than that."""
_LOOK_BACK = 512
"""Most records of one micro-batch, so that finding the best split of a large step takes no time to speak of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Batching:
    """How a job's records become steps and micro-batches."""

    how: Literal["same_records", "like_lengths", "plain"]
    a_step: int
    """Records of one optimizer step, over all processes."""
    at_once: int
    """Records of one micro-batch, where the lengths do not decide."""
    tokens_at_once: int
    """Most tokens, padding counted, of one micro-batch, where they do."""
    overhead_tokens: int
    """What one more micro-batch costs, in tokens that could be computed meanwhile."""

    @classmethod
    def of(cls, job: Job, *, on_gpu: bool) -> Batching:
        """A job's."""
        return cls(
            how=job.batching,
            a_step=job.per_device_batch_size * job.gradient_accumulation * job.processes,
            at_once=job.per_device_batch_size,
            tokens_at_once=job.micro_batch_tokens or job.max_length * job.per_device_batch_size,
            # A GPU is kept waiting while the work of another micro-batch is handed to it, kernel by kernel. On a CPU
            # it is the second core that waits: by 16 tokens, SmolLM2 trained at 80 tokens a second, by 96 at 105.
            overhead_tokens=512 if on_gpu else 96,
        )


def split_records(count: int, share: float, seed: int) -> tuple[list[int], list[int]]:
    """Places of the training records and of those held out; the same for the same seed."""
    if share <= 0 or count < 2:
        return list(range(count)), []
    order = list(range(count))
    random.Random(f"split {seed}").shuffle(order)
    kept_out = min(max(1, round(count * share)), count - 1, MOST_HELD_OUT)
    return sorted(order[kept_out:]), sorted(order[:kept_out])


def counts_of_sources(places: Sequence[int], by_source: Sequence[int]) -> list[int]:
    """How many of these places, which ascend, each source has, when the sources have so many one after the other."""
    ends = itertools.accumulate(by_source)
    borders = [0, *(bisect.bisect_left(places, end) for end in ends)]
    return [end - begin for begin, end in itertools.pairwise(borders)]


def order_of_epoch(
    lengths: Sequence[int], batch: int, seed: int, epoch: int, places: Sequence[int] | None = None
) -> list[int]:
    """Every place once: `batch` after `batch` of records with like lengths, the batches in random order.

    A last, smaller batch stays last. `places` says which records an epoch takes where these are not all.
    """
    chance = random.Random(f"order {seed} {epoch}")
    shuffled = list(range(len(lengths)) if places is None else places)
    chance.shuffle(shuffled)
    batches: list[list[int]] = []
    for begin in range(0, len(shuffled), batch * _POOL):
        pool = sorted(shuffled[begin : begin + batch * _POOL], key=lambda place: lengths[place])
        batches += [pool[start : start + batch] for start in range(0, len(pool), batch)]
    small = [group for group in batches if len(group) < batch]
    full = [group for group in batches if len(group) == batch]
    chance.shuffle(full)
    return [place for group in [*full, *small] for place in group]


def best_split(lengths: Sequence[int], most: int, overhead: int) -> list[list[int]]:
    """Places in groups of like lengths, so that padding and the number of groups cost least together.

    A group takes at most `most` tokens, padding counted, unless it is one record alone. Of all ways to cut the sorted
    records into runs this is the best one.
    """
    order = sorted(range(len(lengths)), key=lambda place: lengths[place])
    cost = [0.0]
    begins = [0]
    for end in range(1, len(order) + 1):
        widest = lengths[order[end - 1]]
        best, begun = float("inf"), end - 1
        for begin in range(end - 1, max(-1, end - 1 - _LOOK_BACK), -1):
            tokens = widest * (end - begin)
            if tokens > most and end - begin > 1:
                break
            if cost[begin] + tokens + overhead < best:
                best, begun = cost[begin] + tokens + overhead, begin
        cost.append(best)
        begins.append(begun)
    groups: list[list[int]] = []
    end = len(order)
    while end:
        groups.append(order[begins[end] : end])
        end = begins[end]
    return groups


def share_out(step: Sequence[int], lengths: Sequence[int], batching: Batching, processes: int) -> list[list[int]]:
    """The records of a step for each process; some may get none of a small last step."""
    if processes == 1:
        return [list(step)]
    shares: list[list[int]] = [[] for _ in range(processes)]
    if batching.how != "same_records":
        for number, begin in enumerate(range(0, len(step), batching.at_once)):
            shares[number % processes] += step[begin : begin + batching.at_once]
        return shares
    work = [0] * processes
    for place in sorted(step, key=lambda place: -lengths[place]):
        least = min(range(processes), key=lambda process: work[process])
        shares[least].append(place)
        work[least] += lengths[place]
    return shares


class StepOrder:
    """The sampler that gives this process its records of one step after the other."""

    def __init__(
        self,
        lengths: Sequence[int],
        batching: Batching,
        seed: int,
        *,
        rank: int = 0,
        processes: int = 1,
        counts: Sequence[int] = (),
        weights: Sequence[float] = (),
    ) -> None:
        """`counts` are the records of each source, one after the other, and `weights` how often an epoch takes each."""
        self.lengths = lengths
        self.batching = batching
        self.seed = seed
        self.rank = rank
        self.processes = processes
        self._counts = counts or (len(lengths),)
        self._weights = weights or (1.0,) * len(self._counts)
        self.epoch = 0

    def __iter__(self) -> Iterator[list[int]]:
        size = self.batching.a_step
        order: Sequence[int]
        if self.batching.how == "like_lengths":
            taken = places(self._counts, self._weights, seed=self.seed, epoch=self.epoch)
            order = order_of_epoch(self.lengths, size, self.seed, self.epoch, taken)
        else:
            order = mixed_order(self._counts, self._weights, seed=self.seed, epoch=self.epoch)
        for begin in range(0, len(order), size):
            yield share_out(order[begin : begin + size], self.lengths, self.batching, self.processes)[self.rank]

    def __len__(self) -> int:
        # Every epoch takes as many.
        return -(-len(places(self._counts, self._weights, seed=self.seed, epoch=0)) // self.batching.a_step)

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch


class Padding:
    """Collator: rows of one micro-batch padded to the longest of them."""

    def __init__(self, pad_id: int, multiple: int = 1) -> None:
        self.pad_id = pad_id
        self.multiple = multiple
        """Width is rounded up to this; tensor cores like 8."""

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        import torch

        widest = max(len(row["input_ids"]) for row in rows)
        width = -(-widest // self.multiple) * self.multiple
        ids = torch.full((len(rows), width), self.pad_id)
        labels = torch.full((len(rows), width), IGNORED)
        seen = torch.zeros((len(rows), width), dtype=torch.long)
        for place, row in enumerate(rows):
            length = len(row["input_ids"])
            ids[place, :length] = torch.as_tensor(row["input_ids"])
            labels[place, :length] = torch.as_tensor(row["labels"])
            seen[place, :length] = 1
        return {"input_ids": ids, "labels": labels, "attention_mask": seen}
