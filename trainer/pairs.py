"""Turn preferences into token ids: both answers to a prompt, or one answer and one that belongs to another."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch

from trainer.token_store import Counts
from trainer.tokens import IGNORED, tokenise

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trainer.contract import Job
    from trainer.reading import Records
    from trainer.records import Record
    from trainer.tokens import Tokens
    from trainer.turns import Message


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two conversations that are computed together: a good and a bad one; for KTO one and a stranger's answer to it."""

    ids: list[int]
    labels: list[int]
    other_ids: list[int]
    other_labels: list[int]
    good: bool = True
    cut: int = 0

    @property
    def usable(self) -> bool:
        """Whether something of both answers is left."""
        return all(any(label != IGNORED for label in labels[1:]) for labels in (self.labels, self.other_labels))

    def row(self) -> dict[str, Any]:
        """As the trainer's collator takes it."""
        return {
            "input_ids": self.ids,
            "labels": self.labels,
            "other_ids": self.other_ids,
            "other_labels": self.other_labels,
            "good": self.good,
        }

    @property
    def length(self) -> int:
        """Tokens that are computed."""
        return len(self.ids) + len(self.other_ids)


class PairStore:
    """The pairs of a job in memory; to be asked as `TokenStore` is."""

    def __init__(self, job: Job, records: Records, tokenizer: Any) -> None:
        """Make them of every record; what was cut or left out is told. Raises Refusal."""
        self._pairs: list[Pair] = []
        self.counts = Counts()
        for source in records.by_source():
            some = list(source)
            pairs = _unpaired(some, tokenizer, job) if job.method == "kto" else _paired(some, tokenizer, job)
            usable = [pair for pair in pairs if pair.usable]
            self._pairs += usable
            self.counts.records += len(pairs)
            self.counts.cut += sum(pair.cut > 0 for pair in pairs)
            self.counts.cut_tokens += sum(pair.cut for pair in pairs)
            self.counts.left_out += len(pairs) - len(usable)
            self.counts.by_source.append(len(usable))
        self.lengths = [pair.length for pair in self._pairs]

    def __len__(self) -> int:
        return len(self._pairs)

    def __getitem__(self, place: int) -> dict[str, Any]:
        return self._pairs[place].row()

    def close(self) -> None:
        """There is nothing to let go of."""


class PairPadding:
    """Collator: the first conversations of a micro-batch, below them the others, padded to the longest of all."""

    def __init__(self, pad_id: int, multiple: int = 1) -> None:
        self.pad_id = pad_id
        self.multiple = multiple

    def __call__(self, rows: Sequence[dict[str, Any]]) -> dict[str, Any]:
        ids = [row["input_ids"] for row in rows] + [row["other_ids"] for row in rows]
        labels = [row["labels"] for row in rows] + [row["other_labels"] for row in rows]
        width = -(-max(map(len, ids)) // self.multiple) * self.multiple
        padded = {
            "input_ids": torch.full((len(ids), width), self.pad_id),
            "labels": torch.full((len(ids), width), IGNORED),
            "attention_mask": torch.zeros((len(ids), width), dtype=torch.long),
        }
        for place, (each, wanted) in enumerate(zip(ids, labels, strict=True)):
            padded["input_ids"][place, : len(each)] = torch.tensor(each)
            padded["labels"][place, : len(each)] = torch.tensor(wanted)
            padded["attention_mask"][place, : len(each)] = 1
        return {**padded, "good": torch.tensor([bool(row["good"]) for row in rows])}


def _paired(records: Sequence[Record], tokenizer: Any, job: Job) -> list[Pair]:
    good = _answers([(record, record.chosen) for record in records], tokenizer, job)
    bad = _answers([(record, record.rejected) for record in records], tokenizer, job)
    return [
        Pair(ids=one.ids, labels=one.labels, other_ids=two.ids, other_labels=two.labels, cut=one.cut + two.cut)
        for one, two in zip(good, bad, strict=True)
    ]


def _unpaired(records: Sequence[Record], tokenizer: Any, job: Job) -> list[Pair]:
    """A record's own answer, and that of another record to its prompt."""
    split = [_last_answer(record) for record in records]
    others = _strangers([prompt for prompt, _ in split], job.seed)
    asked = [replace(record, messages=prompt) for record, (prompt, _) in zip(records, split, strict=True)]
    own = _answers([(record, answer) for record, (_, answer) in zip(asked, split, strict=True)], tokenizer, job)
    strange = _answers([(record, split[other][1]) for record, other in zip(asked, others, strict=True)], tokenizer, job)
    return [
        Pair(
            ids=one.ids,
            labels=one.labels,
            other_ids=two.ids,
            other_labels=two.labels,
            good=record.label is not False,
            cut=one.cut,
        )
        for record, one, two in zip(records, own, strange, strict=True)
    ]


def _last_answer(record: Record) -> tuple[tuple[Message, ...], tuple[Message, ...]]:
    if record.chosen:
        return record.messages, record.chosen
    return record.messages[:-1], record.messages[-1:]


def _strangers(prompts: Sequence[Any], seed: int) -> list[int]:
    """For each record another one, with another prompt where there is any; the same for the same seed."""
    order = list(range(len(prompts)))
    random.Random(f"strangers {seed}").shuffle(order)
    found = [0] * len(order)
    for place, mine in enumerate(order):
        nearby = (order[(place + step) % len(order)] for step in range(1, min(len(order), 64) + 1))
        found[mine] = next((other for other in nearby if prompts[other] != prompts[mine]), order[place - 1])
    return found


def _answers(asked: Sequence[tuple[Record, Sequence[Message]]], tokenizer: Any, job: Job) -> list[Tokens]:
    """The tokens of prompt and answer; labels are those of the answer alone, not of answers within the prompt."""
    whole = [
        replace(record, messages=(*(replace(turn, train=False) for turn in record.messages), *answer))
        for record, answer in asked
    ]
    return tokenise(whole, tokenizer, max_length=job.max_length, answers_only=True)
