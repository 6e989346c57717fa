"""Turn one row of a data file into an example to learn from: Alpaca, ShareGPT, OpenAI messages, prompt/completion,
preference pairs, KTO, raw text, and any of them with images, videos or sound.

Standard library only.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from trainer.preferences import read_preference
from trainer.turns import (
    MEDIA_KINDS,
    PLAIN_TAGS,
    BadRow,
    Detail,
    Media,
    Message,
    Tags,
    ToolCall,
    in_order,
    kind_of,
    read_tools,
    read_turns,
    require_whole,
    require_whole_letters,
)

if TYPE_CHECKING:
    from trainer.contract import Method

__all__ = ["TRAINABLE", "USABLE", "BadRow", "Detail", "Example", "Layout", "Message", "ToolCall", "kind_of"]

Layout = Literal["alpaca", "sharegpt", "openai", "prompt_completion", "preference", "kto", "media", "text"]

TRAINABLE: frozenset[Layout] = frozenset({"alpaca", "sharegpt", "openai", "prompt_completion", "media"})
"""Layouts that supervised fine-tuning can use. `media` is a conversation with files beside it."""
USABLE: dict[Method, frozenset[Layout]] = {
    "sft": TRAINABLE,
    "pretrain": frozenset({"text"}),
    "dpo": frozenset({"preference"}),
    "orpo": frozenset({"preference"}),
    "reward": frozenset({"preference"}),
    "kto": frozenset({"kto"}),
}
"""Which layouts each method can use."""

_MEDIA_FIELDS = {f"{kind}{end}": kind for kind in MEDIA_KINDS for end in ("s", "")}
_MEDIA_NAMES = frozenset(_MEDIA_FIELDS)
_PREFERENCE_FIELDS = frozenset({"chosen", "rejected", "preferred_output"})
_TURN_FIELDS = ("messages", "conversations", "conversation")
_ALWAYS_USED = frozenset({"system", "tools", "functions", *_MEDIA_FIELDS})
_USED: dict[Layout, frozenset[str]] = {
    "alpaca": _ALWAYS_USED | {"instruction", "input", "output", "history"},
    "sharegpt": _ALWAYS_USED | {"conversations", "conversation"},
    "openai": _ALWAYS_USED | {"messages", "parallel_tool_calls"},
    "prompt_completion": _ALWAYS_USED | {"prompt", "completion"},
    "preference": _ALWAYS_USED
    | {"chosen", "rejected", "prompt", "question", "query", "instruction", "input", "history", "output", *_TURN_FIELDS}
    | {"preferred_output", "non_preferred_output"},
    "kto": _ALWAYS_USED
    | {"label", "kto_tag", "prompt", "completion", "instruction", "input", "output", "history", *_TURN_FIELDS},
    "media": _ALWAYS_USED | {"prompt", "completion", "instruction", "input", "output", "history", *_TURN_FIELDS},
    "text": frozenset({"text"}),
}


class Example(NamedTuple):
    """What one row holds."""

    messages: tuple[Message, ...] = ()
    tools: str = ""
    chosen: tuple[Message, ...] = ()
    rejected: tuple[Message, ...] = ()
    label: bool | None = None
    media: dict[str, list[str]] | None = None
    """Files by kind."""
    text: str = ""
    unused: frozenset[str] = frozenset()
    """Names in turns that nothing is learned from."""

    def content(self) -> bytes:
        """What makes it another example than others."""
        parts = [self.text, self.tools, str(self.label)]
        for messages in (self.messages, self.chosen, self.rejected):
            parts.append("\2")
            for message in messages:
                parts.append(message.role)
                parts.append(message.content)
                if message.tool_calls or not message.train:
                    parts.append(f"{message.tool_calls}{message.train}")
        if self.media:
            parts.append(str(self.media))
        return "\1".join(parts).encode("utf-8")


class _Row(NamedTuple):
    fields: dict[str, Any]
    tags: Tags
    media: Media


def layout_of(row: dict[str, Any]) -> Layout | None:
    """The layout that a row's field names speak of, or None."""
    if not _PREFERENCE_FIELDS.isdisjoint(row) or _are_two_answers(row):
        return "preference"
    if "kto_tag" in row or (isinstance(row.get("label"), bool) and ("text" not in row or "completion" in row)):
        return "kto"
    layout: Layout | None = None
    if "conversations" in row or "conversation" in row:
        layout = "sharegpt"
    elif "messages" in row:
        layout = "openai"
    elif "instruction" in row or ("input" in row and "output" in row):
        layout = "alpaca"
    elif "prompt" in row or "completion" in row:
        layout = "prompt_completion"
    elif "text" in row and not is_of_a_tree(row):
        return "text"
    if layout is not None and not _MEDIA_NAMES.isdisjoint(row):
        return "media"
    return layout


def is_of_a_tree(row: dict[str, Any]) -> bool:
    """Whether a row is one message of a tree of them, as OASST's are, and no conversation."""
    return "role" in row and ("parent_id" in row or "message_id" in row)


def read_example(row: dict[str, Any], layout: Layout, tags: Tags = PLAIN_TAGS) -> Example:
    """What a row holds. Raises BadRow for the first thing that is wrong with it."""
    media = Media()
    whole = _Row(row, tags, media)
    if layout == "text":
        words = _filled(row, "text")
        require_whole(words)
        return Example(text=words)
    if not _MEDIA_NAMES.isdisjoint(row):
        for name, kind in _MEDIA_FIELDS.items():
            if name in row:
                _take_media(row[name], name, kind, media)
    tools = read_tools(row["tools"], "tools") if "tools" in row else ""
    if not tools and "functions" in row:
        tools = read_tools(row["functions"], "functions")
    if tools:
        require_whole(tools)
    if layout == "preference":
        messages, chosen, rejected = _preference(whole)
        require_whole_letters([*messages, *chosen, *rejected])
        example = Example(tuple(messages), tools, tuple(chosen), tuple(rejected))
    else:
        messages = _conversation(whole, layout)
        require_whole_letters(messages)
        label = _label(row) if layout == "kto" else None
        example = Example(tuple(messages), tools, label=label)
    return example._replace(media=dict(media) or None, unused=media.unused) if media or media.unused else example


def unused_fields(row: dict[str, Any], layout: Layout) -> set[str]:
    """Names of fields that nothing is learned from: they are told, not silently left out."""
    return row.keys() - _USED[layout]


def _conversation(row: _Row, layout: Layout) -> list[Message]:
    fields = row.fields
    if layout in ("kto", "media"):
        name = next((n for n in _TURN_FIELDS if n in fields), None)
        layout = "openai" if name else "alpaca" if "instruction" in fields else "prompt_completion"
    match layout:
        case "alpaca":
            return [*_alpaca_question(row), Message("assistant", _filled(fields, "output"))]
        case "sharegpt" | "openai":
            first = "messages" if layout == "openai" else "conversations"
            name = next((n for n in (first, *_TURN_FIELDS) if n in fields), first)
            messages = _turns(row, name)
            if not messages:
                raise BadRow("empty", name)
            if messages[0].role != "system":
                messages = [*_system(fields), *messages]
            in_order(messages, name)
            return messages
        case _:
            return _prompt_completion(row)


def _alpaca_question(row: _Row) -> list[Message]:
    fields = row.fields
    question = _string(fields, "instruction", required=True)
    extra = _string(fields, "input")
    if not question.strip() and not extra.strip():
        raise BadRow("empty", "instruction")
    messages = _system(fields)
    history = fields.get("history")
    for place, pair in enumerate(_list(history, "history") if history not in (None, "") else []):
        if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(side, str) for side in pair)):
            raise BadRow("bad_history", "history", place=place)
        for side in pair:
            if not side.strip():
                raise BadRow("empty", f"history[{place}]")
        messages += [Message("user", pair[0]), Message("assistant", pair[1])]
    return [*messages, Message("user", f"{question}\n{extra}" if question and extra else question or extra)]


def _prompt_completion(row: _Row) -> list[Message]:
    fields = row.fields
    prompt, answer = fields.get("prompt"), fields.get("completion")
    if isinstance(prompt, str) and isinstance(answer, str):
        return [
            *_system(fields),
            Message("user", _filled(fields, "prompt")),
            Message("assistant", _filled(fields, "completion")),
        ]
    if "prompt" not in fields and isinstance(answer, list):
        messages = _turns(row, "completion")
    else:
        before = [Message("user", _filled(fields, "prompt"))] if not isinstance(prompt, list) else _turns(row, "prompt")
        if isinstance(answer, list | dict):
            after = _turns(row, "completion")
        else:
            after = [Message("assistant", _filled(fields, "completion"))]
        messages = [*before, *after]
    if not messages:
        raise BadRow("empty", "completion")
    if messages[0].role != "system":
        messages = [*_system(fields), *messages]
    in_order(messages, "completion")
    return messages


def _preference(row: _Row) -> tuple[list[Message], list[Message], list[Message]]:
    fields = row.fields
    if "preferred_output" in fields or "non_preferred_output" in fields:
        # OpenAI's preference fine-tuning.
        asked = fields.get("input")
        asked = asked if isinstance(asked, dict) else {}
        before = _turns(_Row(asked, row.tags, row.media), "messages") if "messages" in asked else []
        return read_preference(before, fields, "preferred_output", "non_preferred_output", row.tags, row.media)
    if _are_two_answers(fields):
        answers = fields["output"]
        fields = {**fields, "chosen": answers[0], "rejected": answers[1]}
        del fields["output"]
    for name in ("chosen", "rejected"):
        if fields.get(name) in (None, "", [], {}):
            raise BadRow("missing", name)
    turns = next((n for n in (*_TURN_FIELDS, "prompt") if isinstance(fields.get(n), list)), None)
    before = []
    if turns is not None:
        before = _turns(row, turns)
        repeated = "prompt" in fields or isinstance(fields["chosen"], list)
        if turns == "messages" and repeated and before and before[-1].role == "assistant":
            # Some sets repeat the whole chosen conversation there.
            before = []
            turns = None
        elif not before or before[0].role != "system":
            before = [*_system(fields), *before]
    if turns is None:
        asking = [name for name in ("instruction", "prompt", "question", "query") if name in fields]
        question = next((name for name in asking if fields[name]), asking[0] if asking else None)
        if question == "instruction" or fields.get("history"):
            before = _alpaca_question(row)
        elif question is not None:
            before = [*_system(fields), Message("user", _filled(fields, question))]
        else:
            before = _system(fields)
            if isinstance(fields["chosen"], str) and not fields["chosen"].lstrip().startswith("Human:"):
                raise BadRow("missing", "prompt")
    return read_preference(before, fields, "chosen", "rejected", row.tags, row.media)


def _are_two_answers(row: dict[str, Any]) -> bool:
    """An Alpaca row whose output is a better and a worse answer."""
    answers = row.get("output")
    return isinstance(answers, list) and len(answers) == 2 and all(isinstance(answer, str) for answer in answers)


def _label(row: dict[str, Any]) -> bool:
    name = "kto_tag" if "kto_tag" in row else "label"
    if name not in row:
        raise BadRow("missing", name)
    value = row[name]
    if not isinstance(value, bool):
        raise BadRow("wrong_type", name, expected="boolean", found=kind_of(value))
    return value


def _take_media(value: object, name: str, kind: str, media: Media) -> None:
    files = value if isinstance(value, list) else [value] if value not in (None, "") else []
    for place, file in enumerate(files):
        if isinstance(file, dict) and isinstance(file.get("path"), str) and file["path"]:
            file = file["path"]
        elif isinstance(file, dict) and "bytes" in file:
            raise BadRow("media_bytes", name)
        if not isinstance(file, str):
            raise BadRow("wrong_type", f"{name}[{place}]", expected="string", found=kind_of(file))
        if not file.strip():
            raise BadRow("empty", f"{name}[{place}]")
        media.add(kind, file)


def _turns(row: _Row, name: str) -> list[Message]:
    return read_turns(_list(row.fields.get(name), name), name, row.tags, row.media)


def _system(row: dict[str, Any]) -> list[Message]:
    words = _string(row, "system")
    return [Message("system", words)] if words.strip() else []


def _filled(row: dict[str, Any], name: str) -> str:
    value = _string(row, name, required=True)
    if not value.strip():
        raise BadRow("empty", name)
    return value


def _string(row: dict[str, Any], name: str, *, required: bool = False) -> str:
    value = row.get(name)
    if isinstance(value, str):
        return value
    if value is None and not required:
        return ""
    if name not in row:
        raise BadRow("missing", name)
    raise BadRow("wrong_type", name, expected="string", found=kind_of(value))


def _list(value: object, name: str) -> list[Any]:
    if isinstance(value, list):
        return value
    if value is None:
        raise BadRow("missing", name)
    raise BadRow("wrong_type", name, expected="array", found=kind_of(value))
