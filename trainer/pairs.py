"""Turn preferences into token ids: both answers to a prompt, or one answer and one that belongs to another."""

from __future__ import annotations

import random
from array import array
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import torch

from trainer.token_store import Counts
from trainer.tokens import IGNORED, tokenise

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from trainer.contract import Job
    from trainer.reading import Records
    from trainer.records import Record
    from trainer.tokens import Tokens
    from trainer.turns import Message

_TOGETHER = 1024
"""Records that are turned into tokens at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """Two conversations that are computed together: a good and a bad one; for KTO one and a stranger's answer to it."""

    ids: array[int]
    labels: array[int]
    other_ids: array[int]
    other_labels: array[int]
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


class PairStore:
    """The pairs of a job in memory; to be asked as `TokenStore` is."""

    def __init__(self) -> None:
        self._pairs: list[Pair] = []
        self.counts = Counts()
        self.lengths = array("i")

    def fill(self, job: Job, records: Records, tokenizer: Any, stop: Callable[[], bool]) -> bool:
        """Take the pairs of every record; False when told to stop meanwhile. Raises Refusal."""
        for source in records.by_source():
            kept = len(self._pairs)
            for some in _questions(list(source), job):
                if stop():
                    return False
                for pair in _pairs(some, tokenizer, job):
                    self.counts.records += 1
                    self.counts.cut += pair.cut > 0
                    self.counts.cut_tokens += pair.cut
                    if not pair.usable:
                        self.counts.left_out += 1
                        continue
                    self._pairs.append(pair)
                    self.lengths.append(len(pair.ids) + len(pair.other_ids))
            self.counts.by_source.append(len(self._pairs) - kept)
        return True

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
            padded["input_ids"][place, : len(each)] = torch.tensor(list(each))
            padded["labels"][place, : len(each)] = torch.tensor(list(wanted))
            padded["attention_mask"][place, : len(each)] = 1
        return {**padded, "good": torch.tensor([bool(row["good"]) for row in rows])}


@dataclass(frozen=True, slots=True)
class _Question:
    """A prompt, in a record of its own, and the two answers that stand against each other."""

    asked: Record
    answer: Sequence[Message]
    other: Sequence[Message]
    good: bool = True


def _questions(records: Sequence[Record], job: Job) -> Iterator[list[_Question]]:
    """Some at a time, so that few are there in all their forms at once."""
    split = [_last_answer(record) for record in records] if job.method == "kto" else []
    others = _strangers([prompt for prompt, _ in split], job.seed)
    for begin in range(0, len(records), _TOGETHER):
        some = range(begin, min(begin + _TOGETHER, len(records)))
        if job.method == "kto":
            yield [
                _Question(
                    replace(records[place], messages=split[place][0]),
                    split[place][1],
                    split[others[place]][1],
                    records[place].label is not False,
                )
                for place in some
            ]
        else:
            yield [_Question(records[place], records[place].chosen, records[place].rejected) for place in some]


def _pairs(questions: Sequence[_Question], tokenizer: Any, job: Job) -> Iterator[Pair]:
    first = _answers([(each.asked, each.answer) for each in questions], tokenizer, job)
    second = _answers([(each.asked, each.other) for each in questions], tokenizer, job)
    for question, one, two in zip(questions, first, second, strict=True):
        yield Pair(
            ids=array("i", one.ids),
            labels=array("i", one.labels),
            other_ids=array("i", two.ids),
            other_labels=array("i", two.labels),
            good=question.good,
            # Of another record's answer nothing is learned.
            cut=one.cut + (0 if job.method == "kto" else two.cut),
        )


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
