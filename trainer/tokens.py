"""Turn conversations into token ids and labels with the model's own chat template.

The labels hold the answers and the token that ends each of them, so that the model learns to stop; everything else is
IGNORED. Padding is told apart by position, never by token, so a pad token that equals the end token does no harm.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trainer.program import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

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


def tokenise(records: Sequence[Record], tokenizer: Any, *, max_length: int, answers_only: bool) -> list[Tokens]:
    """Token ids and labels of every record, in order. Raises Refusal for a conversation that the template refuses."""
    tokenised: list[Tokens] = []
    for begin in range(0, len(records), _TOGETHER):
        some = records[begin : begin + _TOGETHER]
        rendered = [_rendered(record, tokenizer) for record in some]
        encoded = tokenizer(
            [text for text, _ in rendered],
            add_special_tokens=False,
            return_offsets_mapping=bool(tokenizer.is_fast),
            return_attention_mask=False,
        )
        for place, (text, spans) in enumerate(rendered):
            ids: list[int] = list(encoded["input_ids"][place])
            if not answers_only:
                labels = list(ids)
            elif tokenizer.is_fast:
                labels = _labels(ids, [offset[0] for offset in encoded["offset_mapping"][place]], spans, tokenizer)
            else:
                labels = _labels(ids, _starts(text, len(ids), spans, tokenizer), spans, tokenizer)
            cut = max(0, len(ids) - max_length)
            tokenised.append(Tokens(ids=ids[:max_length], labels=labels[:max_length], cut=cut))
    return tokenised


def learns_to_stop(tokens: Tokens, tokenizer: Any) -> bool:
    """Whether the last label is a token that ends an answer."""
    last = next((label for label in reversed(tokens.labels) if label != IGNORED), None)
    return last is not None and (last == tokenizer.eos_token_id or last in tokenizer.all_special_ids)


def _rendered(record: Record, tokenizer: Any) -> tuple[str, list[tuple[int, int]]]:
    """The conversation as text, and where its answers stand in it, end marks included."""
    from jinja2.exceptions import TemplateError

    try:
        return _answer_spans(record.messages, tokenizer)
    except (TemplateError, TypeError, ValueError, KeyError) as error:
        place = f"line {record.line}" if record.line is not None else f"record {record.record}"
        raise Refusal(
            "bad_data", f"{place}: the model's chat template refuses this conversation: {error}", file=record.file
        ) from error


def _answer_spans(messages: Sequence[Message], tokenizer: Any) -> tuple[str, list[tuple[int, int]]]:
    turns = [{"role": message.role, "content": message.content} for message in messages]

    def render(count: int, *, prompt: bool) -> str:
        return str(tokenizer.apply_chat_template(turns[:count], tokenize=False, add_generation_prompt=prompt))

    whole = render(len(turns), prompt=False)
    spans: list[tuple[int, int]] = []
    begun = 0
    for place, turn in enumerate(turns):
        if turn["role"] != "assistant":
            continue
        # What the model will be given to go on from, and what it should have written when it is done. Templates that
        # rewrite earlier turns (thoughts taken out) break the prefix; then the words themselves are looked for.
        before = render(place, prompt=True)
        after = render(place + 1, prompt=False)
        words = turn["content"].strip()
        start = len(before) if whole.startswith(before) else whole.find(words, begun)
        if start < begun:
            raise ValueError("an answer cannot be found in what the template makes of it")
        end = len(after) if whole.startswith(after) and len(after) > start else whole.find(words, start) + len(words)
        spans.append((start, end))
        begun = end
    return whole, spans


def _labels(ids: list[int], starts: list[int], spans: list[tuple[int, int]], tokenizer: Any) -> list[int]:
    labels = [IGNORED] * len(ids)
    special = set(tokenizer.all_special_ids)
    for begin, end in spans:
        inside = [place for place, start in enumerate(starts) if begin <= start < end]
        # Templates write a line feed after the mark that ends an answer; the model never gets to write that.
        ends = [place for place in inside if ids[place] in special]
        if ends:
            inside = [place for place in inside if place <= ends[-1]]
        for place in inside:
            labels[place] = ids[place]
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
