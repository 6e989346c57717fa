"""Count the tokens of records with a model's tokenizer and chat template: lengths, what is cut, what is learned."""

from __future__ import annotations

import dataclasses
from array import array
from typing import TYPE_CHECKING, Any

from trainer.program import Refusal
from trainer.records import Problem
from trainer.tokens import IGNORED, give_template, tokenise

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from trainer.contract import LookRequest
    from trainer.records import Record
    from trainer.tokens import Tokens

_PERCENTILES = (50, 75, 90, 95, 99, 100)
_UNCUT = 1 << 40
_LONGEST_EXAMPLE = 2_000
"""Tokens of an example that are shown."""


class TokenCounts:
    """Counts over all records that `add` was given; 4 bytes are kept for each."""

    def __init__(self, request: LookRequest) -> None:
        from transformers import AutoTokenizer

        self._request = request
        self.examples: list[dict[str, Any]] = []
        self._lengths = array("I")
        self._learned = 0
        self._cut_records = 0
        self._cut_tokens = 0
        self._cut_answers = 0
        self._unanswered = 0
        self._blind: set[str] = set()
        self._with_media: set[str] = set()
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(
                request.model, local_files_only=True, trust_remote_code=False
            )
            self.own_template = give_template(self._tokenizer)
        except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
            first = str(error).strip().splitlines()
            raise Refusal(
                "bad_model", f"the tokenizer cannot be loaded: {first[0] if first else error}", file=request.model
            ) from error

    def add(self, records: Sequence[Record], *, held_out: bool) -> Iterator[Problem]:
        """Count records; what they lose to `max_length`, and what the chat template refuses, is told."""
        sequences = [(record, part) for record in records for part in _sequences(record)]
        try:
            tokenised: list[Tokens | Refusal] = [*self._tokenise([part for _, part in sequences])]
        except Refusal:
            # One of them is refused; which one shows when each is tried by itself.
            tokenised = [self._tried(part) for _, part in sequences]
        told: Record | None = None
        for (record, _), tokens in zip(sequences, tokenised, strict=True):
            if isinstance(tokens, Refusal):
                yield _problem(record, "template_refused", "failure", reason=_reason(tokens.message))
                continue
            lost = self._count(record, tokens)
            if lost is not None and record is not told:
                # Of two answers to a question, one is told.
                told = record
                yield lost
            if (record.tools or any(turn.tool_calls for turn in record.messages)) and self._is_blind_to_tools(record):
                yield _problem(record, "template_without_tools", "warning")
            if record.media and record.file not in self._with_media:
                self._with_media.add(record.file)
                yield _problem(record, "media_uncounted", "note")
            if len(self.examples) < self._request.examples and not held_out:
                self.examples.append(self._example(record, tokens))

    def summary(self) -> dict[str, Any]:
        """All counts, as the doctor shows them."""
        lengths = sorted(self._lengths)
        total = sum(lengths)
        return {
            "records": len(lengths),
            "tokens": total,
            "learned": self._learned,
            "learned_share": round(self._learned / total, 4) if total else 0.0,
            "percentiles": {str(p): _percentile(lengths, p) for p in _PERCENTILES} if lengths else {},
            "histogram": _histogram(lengths),
            "max_length": self._request.max_length,
            "cut": {
                "records": self._cut_records,
                "tokens": self._cut_tokens,
                "answer_tokens": self._cut_answers,
                "without_answer": self._unanswered,
            },
            "chat_template": self.own_template,
        }

    def _tokenise(self, records: Sequence[Record]) -> list[Tokens]:
        """Every token of each record, uncut. Raises Refusal when the chat template does."""
        answers_only = self._request.assistant_only_loss
        return tokenise(records, self._tokenizer, max_length=_UNCUT, answers_only=answers_only)

    def _tried(self, record: Record) -> Tokens | Refusal:
        try:
            return self._tokenise([record])[0]
        except Refusal as refusal:
            return refusal

    def _is_blind_to_tools(self, record: Record) -> bool:
        """Whether the chat template leaves tools out; told once a file."""
        if "tool" in str(self._tokenizer.chat_template) or record.file in self._blind:
            return False
        self._blind.add(record.file)
        return True

    def _count(self, record: Record, tokens: Tokens) -> Problem | None:
        """Count one sequence. What it loses is returned."""
        length, limit = len(tokens.ids), self._request.max_length
        self._lengths.append(length)
        # The first token is never predicted, so never learned.
        learned = sum(label != IGNORED for label in tokens.labels[1:limit])
        if record.text:
            # Raw text is not cut but laid into rows.
            self._learned += length - -(-length // limit)
            return None
        self._learned += learned
        if length <= limit:
            return None
        lost = sum(label != IGNORED for label in tokens.labels[limit:])
        self._cut_records += 1
        self._cut_tokens += length - limit
        self._cut_answers += lost
        if learned:
            return _problem(record, "cut", "note", tokens=length, cut=length - limit, max_length=limit)
        self._unanswered += 1
        return _problem(record, "answer_cut", "warning", tokens=length, max_length=limit)

    def _example(self, record: Record, tokens: Tokens) -> dict[str, Any]:
        limit = self._request.max_length
        spans: list[dict[str, Any]] = []
        kept: list[tuple[str, list[int]]] = []
        for place, (token, label) in enumerate(zip(tokens.ids, tokens.labels, strict=True)):
            if place >= _LONGEST_EXAMPLE:
                break
            kind = "cut" if place >= limit and not record.text else "learned" if label != IGNORED and place else "given"
            if not kept or kept[-1][0] != kind:
                kept.append((kind, []))
            kept[-1][1].append(token)
        for kind, ids in kept:
            spans.append({"kind": kind, "tokens": len(ids), "text": self._tokenizer.decode(ids)})
        return {
            "file": record.file,
            **({"line": record.line} if record.line is not None else {"record": record.record}),
            "tokens": len(tokens.ids),
            "shown": min(len(tokens.ids), _LONGEST_EXAMPLE),
            "spans": spans,
        }


def _sequences(record: Record) -> list[Record]:
    """What the model sees of a record: one conversation, or one with each of two answers."""
    if not record.chosen and not record.rejected:
        return [record]
    answers = (record.chosen, record.rejected)
    return [
        dataclasses.replace(record, messages=record.messages + answer, chosen=(), rejected=())
        for answer in answers
        if answer
    ]


def _problem(record: Record, code: str, severity: Any, **detail: str | int) -> Problem:
    return Problem(
        file=record.file, code=code, severity=severity, line=record.line, record=record.record, detail=detail
    )


def _reason(message: str) -> str:
    """The template's own words, without the place that stands before them."""
    return message.rpartition("refuses this conversation: ")[2][:200]


def _percentile(lengths: Sequence[int], percent: int) -> int:
    """The least length that so many percent of the records do not exceed. `lengths` is sorted."""
    return lengths[max(0, -(-len(lengths) * percent // 100) - 1)]


def _histogram(lengths: Sequence[int]) -> list[dict[str, int]]:
    """Records by length, in classes that double: from 1, 33, 65, 129, …"""
    classes: list[dict[str, int]] = []
    low, high, place = 1, 32, 0
    while place < len(lengths):
        begun = place
        while place < len(lengths) and lengths[place] <= high:
            place += 1
        classes.append({"from": low, "to": high, "records": place - begun})
        low, high = high + 1, high * 2
    while len(classes) > 1 and not classes[0]["records"]:
        del classes[0]
    return classes
