"""Read pairs of answers, one preferred to the other, in whichever style they are written. Standard library only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from trainer.turns import BadRow, Media, Message, Tags, in_order, kind_of, read_turn, read_turns

if TYPE_CHECKING:
    from collections.abc import Sequence

_SPEAKER = re.compile(r"(?:^|\n\n)\s*(Human|Assistant):\s?")
"""How whole dialogues are written as one text in the HH-RLHF sets."""


def read_preference(
    before: list[Message], row: dict[str, Any], better: str, worse: str, tags: Tags, media: Media
) -> tuple[list[Message], list[Message], list[Message]]:
    """The conversation so far, and the better and the worse way to go on. Raises BadRow.

    The answers may be texts, single turns, lists of turns, or whole conversations that begin alike.
    """
    for name in (better, worse):
        if row.get(name) in (None, "", [], {}):
            raise BadRow("missing", name)
    chosen = _answer(row[better], better, tags, media)
    rejected = _answer(row[worse], worse, tags, media)
    before, chosen, rejected = _apart(before, chosen, rejected, better, worse)
    if _same(chosen, rejected):
        raise BadRow("same_answers", worse)
    in_order([*before, *chosen], better)
    in_order([*before, *rejected], worse)
    return before, chosen, rejected


def _answer(value: object, name: str, tags: Tags, media: Media) -> list[Message]:
    if isinstance(value, str):
        if not value.strip():
            raise BadRow("empty", name)
        return _dialogue(value) or [Message("assistant", value)]
    if isinstance(value, dict):
        return [read_turn(value, name, tags, media)]
    if isinstance(value, list):
        return read_turns(value, name, tags, media)
    raise BadRow("wrong_type", name, expected="string", found=kind_of(value))


def _dialogue(text: str) -> list[Message]:
    if not text.lstrip().startswith("Human:"):
        return []
    pieces = _SPEAKER.split(text)[1:]
    return [
        Message("user" if speaker == "Human" else "assistant", words.strip())
        for speaker, words in zip(pieces[::2], pieces[1::2], strict=True)
        if words.strip()
    ]


def _apart(
    before: list[Message], chosen: list[Message], rejected: list[Message], better: str, worse: str
) -> tuple[list[Message], list[Message], list[Message]]:
    """The same, with what both answers repeat of the conversation moved to where it belongs."""
    repeats = [bool(side) and side[0].role != "assistant" for side in (chosen, rejected)]
    if not any(repeats):
        return before, chosen, rejected
    if not all(repeats):
        raise BadRow("prompt_differs", worse if repeats[0] else better)
    common = 0
    for left, right in zip(chosen, rejected, strict=False):
        # The last turn is an answer even where both are the same, which is told as such.
        if left != right or common + 1 == min(len(chosen), len(rejected)):
            break
        common += 1
    shared = chosen[:common]
    asked = [message for message in before if message.role != "system"]
    if not any(message.role == "user" for message in shared):
        raise BadRow("prompt_differs", worse)
    if asked:
        # A prompt beside whole conversations is their beginning, or the last thing that is asked in it.
        plain = [message for message in shared if message.role != "system"]
        if not (plain[: len(asked)] == asked or _last_question(plain) == _last_question(asked)):
            raise BadRow("prompt_differs", better)
    systems = [message for message in before if message.role == "system"]
    if systems and shared[0].role != "system":
        shared = [*systems, *shared]
    return shared, chosen[common:], rejected[common:]


def _last_question(messages: Sequence[Message]) -> str:
    return next((message.content.strip() for message in reversed(messages) if message.role == "user"), "")


def _same(chosen: Sequence[Message], rejected: Sequence[Message]) -> bool:
    return [(m.role, m.content.strip(), m.tool_calls) for m in chosen] == [
        (m.role, m.content.strip(), m.tool_calls) for m in rejected
    ]
