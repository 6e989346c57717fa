"""Which records go into which batch: shuffled, but with neighbours of like length, so that little is padding.

The order depends on nothing but the lengths, the seed and the epoch, so a resumed run meets the same batches.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import torch

from trainer.tokens import IGNORED

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_POOL = 16
"""Batches whose records are sorted together. More pads less but lets the lengths decide the company."""


def split_records(count: int, share: float, seed: int) -> tuple[list[int], list[int]]:
    """Places of the training records and of those held out; the same for the same seed."""
    if share <= 0 or count < 2:
        return list(range(count)), []
    order = list(range(count))
    random.Random(f"split {seed}").shuffle(order)
    kept_out = min(max(1, round(count * share)), count - 1)
    return sorted(order[kept_out:]), sorted(order[:kept_out])


def order_of_epoch(lengths: Sequence[int], batch: int, seed: int, epoch: int) -> list[int]:
    """Every place once: `batch` after `batch` of records with like lengths, the batches in random order.

    A last, smaller batch stays last.
    """
    chance = random.Random(f"order {seed} {epoch}")
    shuffled = list(range(len(lengths)))
    chance.shuffle(shuffled)
    batches: list[list[int]] = []
    for begin in range(0, len(shuffled), batch * _POOL):
        pool = sorted(shuffled[begin : begin + batch * _POOL], key=lambda place: lengths[place])
        batches += [pool[start : start + batch] for start in range(0, len(pool), batch)]
    small = [group for group in batches if len(group) < batch]
    full = [group for group in batches if len(group) == batch]
    chance.shuffle(full)
    return [place for group in [*full, *small] for place in group]


class EpochOrder(torch.utils.data.Sampler):  # type: ignore[misc]
    """The sampler that gives `order_of_epoch`; accelerate tells it the epoch."""

    def __init__(self, lengths: Sequence[int], batch: int, seed: int, multiple: int = 1) -> None:
        self.lengths = lengths
        self.batch = batch
        self.seed = seed
        self.multiple = multiple
        """Of several processes each must get as many micro-batches as the others, so an epoch is filled up to a
        multiple of this with the place behind the last record, where a row without answers stands. Left alone,
        accelerate would fill it up with records of the epoch's beginning, which would then count twice."""
        self.epoch = 0

    def __iter__(self) -> Iterator[int]:
        order = order_of_epoch(self.lengths, self.batch, self.seed, self.epoch)
        return iter(order + [len(self.lengths)] * (len(self) - len(order)))

    def __len__(self) -> int:
        return -(-len(self.lengths) // self.multiple) * self.multiple

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch


class Padding:
    """Collator: rows of one batch padded to the longest of them."""

    def __init__(self, pad_id: int, multiple: int = 1) -> None:
        self.pad_id = pad_id
        self.multiple = multiple
        """Width is rounded up to this; tensor cores like 8."""

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        widest = max(len(row["input_ids"]) for row in rows)
        width = -(-widest // self.multiple) * self.multiple
        ids = torch.full((len(rows), width), self.pad_id)
        labels = torch.full((len(rows), width), IGNORED)
        seen = torch.zeros((len(rows), width), dtype=torch.long)
        for place, row in enumerate(rows):
            length = len(row["input_ids"])
            ids[place, :length] = torch.tensor(row["input_ids"])
            labels[place, :length] = torch.tensor(row["labels"])
            seen[place, :length] = 1
        return {"input_ids": ids, "labels": labels, "attention_mask": seen}
