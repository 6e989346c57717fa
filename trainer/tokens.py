"""Turn conversations into token ids and labels with the model's own chat template.

The labels hold the answers and the token that ends each of them, so that the model learns to stop; everything else is
IGNORED. Padding is told apart by position, never by token, so a pad token that equals the end token does no harm.
"""

from __future__ import annotations

import bisect
import itertools
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trainer.program import Refusal

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from trainer.records import Message, Record

IGNORED = -100
"""The label that torch's cross entropy leaves out."""

PLAIN_TEMPLATE = (
    "{% if bos_token %}{{ bos_token }}{% endif %}"
    "{% for message in messages %}{{ '### ' + message['role'] + ':\n' + message['content'] }}"
    "{% if message['role'] == 'assistant' %}{{ eos_token }}{% endif %}{{ '\n\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '### assistant:\n' }}{% endif %}"
)
"""For base models that come without a chat template; saved with the adapter, so that the export carries it on."""

_TOGETHER = 256
"""Records tokenised in one call; the Rust tokenizer is quicker on many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """One record as the model sees it."""

    ids: list[int]
    labels: list[int]
    cut: int
    """Tokens cut from the end because the record was too long."""


def give_template(tokenizer: Any) -> bool:
    """Make sure that there is a chat template; False when the plain one had to stand in.

    Raises Refusal when the tokenizer has no end token, so that no answer could ever end.
    """
    if tokenizer.chat_template:
        return True
    if tokenizer.eos_token is None:
        raise Refusal("bad_model", "the tokenizer has neither a chat template nor an end token (eos_token)")
    tokenizer.chat_template = PLAIN_TEMPLATE
    return False


def tokenise(records: Iterable[Record], tokenizer: Any, *, max_length: int, answers_only: bool) -> list[Tokens]:
    """Token ids and labels of every record, in order. Raises Refusal for a conversation that the template refuses."""
    return list(tokenise_each(records, tokenizer, max_length=max_length, answers_only=answers_only))


def tokenise_each(
    records: Iterable[Record], tokenizer: Any, *, max_length: int, answers_only: bool
) -> Iterator[Tokens]:
    """As `tokenise`, some records at a time, so that any number of them can go by.

    Raw text is not cut: what is longer than `max_length` becomes several rows, and its end is marked.
    """
    special = frozenset(tokenizer.all_special_ids)
    waiting = iter(records)
    while some := list(itertools.islice(waiting, _TOGETHER)):
        rendered = [_rendered(record, tokenizer) for record in some]
        encoded = tokenizer(
            [text for text, _ in rendered],
            add_special_tokens=False,
            return_offsets_mapping=bool(tokenizer.is_fast),
            return_attention_mask=False,
        )
        for place, (text, spans) in enumerate(rendered):
            ids: list[int] = list(encoded["input_ids"][place])
            if spans is None:
                yield from _rows_of_text(ids, max_length)
                continue
            if not answers_only:
                labels = list(ids)
            elif tokenizer.is_fast:
                labels = _labels(ids, [offset[0] for offset in encoded["offset_mapping"][place]], spans, special)
            else:
                labels = _labels(ids, _starts(text, len(ids), spans, tokenizer), spans, special)
            cut = max(0, len(ids) - max_length)
            yield Tokens(ids=ids[:max_length], labels=labels[:max_length], cut=cut)


def learns_to_stop(tokens: Tokens, tokenizer: Any) -> bool:
    """Whether the last label is a token that ends an answer."""
    last = next((label for label in reversed(tokens.labels) if label != IGNORED), None)
    return last is not None and (last == tokenizer.eos_token_id or last in tokenizer.all_special_ids)


def _rows_of_text(ids: list[int], max_length: int) -> Iterator[Tokens]:
    for begin in range(0, len(ids), max_length):
        some = ids[begin : begin + max_length]
        if len(some) > 1 or begin == 0:
            yield Tokens(ids=some, labels=list(some), cut=0)


def _rendered(record: Record, tokenizer: Any) -> tuple[str, list[tuple[int, int]] | None]:
    """The conversation as text, and where its answers stand in it, end marks included; None for raw text."""
    from jinja2.exceptions import TemplateError

    if record.text:
        return f"{tokenizer.bos_token or ''}{record.text}{tokenizer.eos_token or ''}", None
    try:
        return _answer_spans(record, tokenizer)
    except (TemplateError, TypeError, ValueError, KeyError) as error:
        place = f"line {record.line}" if record.line is not None else f"record {record.record}"
        raise Refusal(
            "bad_data", f"{place}: the model's chat template refuses this conversation: {error}", file=record.file
        ) from error


def _answer_spans(record: Record, tokenizer: Any) -> tuple[str, list[tuple[int, int]]]:
    turns = [_turn(message) for message in record.messages]
    tools = json.loads(record.tools) if record.tools else None

    def render(count: int, *, prompt: bool) -> str:
        return str(
            tokenizer.apply_chat_template(turns[:count], tools=tools, tokenize=False, add_generation_prompt=prompt)
        )

    whole = render(len(turns), prompt=False)
    spans: list[tuple[int, int]] = []
    begun = 0
    for place, message in enumerate(record.messages):
        if message.role != "assistant" or not message.train:
            continue
        # What the model will be given to go on from, and what it should have written when it is done. Templates that
        # rewrite earlier turns (thoughts taken out) break the prefix; then the words themselves are looked for.
        before = render(place, prompt=True)
        after = whole if place + 1 == len(turns) else render(place + 1, prompt=False)
        words = message.content.strip()
        start = len(before) if whole.startswith(before) else whole.find(words, begun)
        if start < begun:
            raise ValueError("an answer cannot be found in what the template makes of it")
        end = len(after) if whole.startswith(after) and len(after) > start else whole.find(words, start) + len(words)
        spans.append((start, end))
        begun = end
    return whole, spans


def _turn(message: Message) -> dict[str, Any]:
    """A message as chat templates want it."""
    turn: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.tool_calls:
        turn["tool_calls"] = [
            {"type": "function", "function": {"name": call.name, "arguments": _arguments(call.arguments)}}
            for call in message.tool_calls
        ]
    return turn


def _arguments(written: str) -> Any:
    """Arguments as an object, as most templates write them down themselves."""
    try:
        return json.loads(written)
    except ValueError:
        return written


def _labels(ids: list[int], starts: list[int], spans: list[tuple[int, int]], special: frozenset[int]) -> list[int]:
    labels = [IGNORED] * len(ids)
    for begin, end in spans:
        first, last = bisect.bisect_left(starts, begin), bisect.bisect_left(starts, end)
        # Templates write a line feed after the mark that ends an answer; the model never gets to write that.
        marks = (place for place in range(last - 1, first - 1, -1) if ids[place] in special)
        last = next(marks, last - 1) + 1
        labels[first:last] = ids[first:last]
    return labels


def _starts(text: str, count: int, spans: list[tuple[int, int]], tokenizer: Any) -> list[int]:
    """Where tokens begin, for tokenizers that do not say: right at the borders of answers, which is what is asked."""
    starts = [0] * count
    for begin, end in spans:
        first = len(tokenizer(text[:begin], add_special_tokens=False)["input_ids"])
        last = len(tokenizer(text[:end], add_special_tokens=False)["input_ids"])
        starts[first:last] = [begin] * (min(last, count) - first)
        starts[last:] = [end] * (count - last)
    return starts
