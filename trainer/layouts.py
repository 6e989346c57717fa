"""Turn one row of a data file into a conversation: Alpaca, ShareGPT, OpenAI messages, prompt/completion.

Other layouts are recognised and named, so that nothing is trained on by mistake. Standard library only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Role = Literal["system", "user", "assistant", "tool"]
Layout = Literal["alpaca", "sharegpt", "openai", "prompt_completion", "preference", "kto", "media", "text"]
TRAINABLE: frozenset[Layout] = frozenset({"alpaca", "sharegpt", "openai", "prompt_completion"})
"""Layouts that supervised fine-tuning can use."""

Detail = dict[str, str | int]

_ROLES: dict[str, Role] = {
    "system": "system",
    "developer": "system",
    "human": "user",
    "user": "user",
    "gpt": "assistant",
    "assistant": "assistant",
    "chatgpt": "assistant",
    "bot": "assistant",
    "model": "assistant",
    "function_call": "assistant",
    "tool": "tool",
    "function": "tool",
    "observation": "tool",
}
_MAY_FOLLOW: dict[Role, tuple[Role | None, ...]] = {
    "system": (None,),
    "user": (None, "system", "assistant"),
    "assistant": ("user", "tool"),
    "tool": ("assistant", "tool"),
}
_MEDIA = ("images", "videos", "audios", "image", "video", "audio")


@dataclass(frozen=True, slots=True)
class Message:
    """One turn."""

    role: Role
    content: str


class BadRow(Exception):
    """A row that cannot be used: a stable code, the field it is about, and what fills the words."""

    def __init__(self, code: str, field: str | None = None, **detail: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.detail: Detail = detail


def layout_of(row: dict[str, Any]) -> Layout | None:
    """The layout that a row's field names speak of, or None."""
    if "chosen" in row or "rejected" in row:
        return "preference"
    if any(row.get(name) for name in _MEDIA):
        return "media"
    if isinstance(row.get("label", row.get("kto_tag")), bool):
        return "kto"
    if "conversations" in row or "conversation" in row:
        return "sharegpt"
    if "messages" in row:
        return "openai"
    if "instruction" in row or ("input" in row and "output" in row):
        return "alpaca"
    if "prompt" in row or "completion" in row:
        return "prompt_completion"
    if "text" in row:
        return "text"
    return None


def messages_of(row: dict[str, Any], layout: Layout) -> tuple[Message, ...]:
    """The conversation in a row. Raises BadRow for the first thing that is wrong with it."""
    messages = _read(row, layout)
    for message in messages:
        if any("\ud800" <= letter <= "\udfff" for letter in message.content):
            raise BadRow("half_character")
    return tuple(messages)


def unused_fields(row: dict[str, Any]) -> list[str]:
    """Fields that carry something a conversation does not: they are told, not silently left out."""
    return [name for name in ("tools", "functions") if row.get(name) not in (None, "", "[]", [])]


def _read(row: dict[str, Any], layout: Layout) -> list[Message]:
    match layout:
        case "alpaca":
            return _alpaca(row)
        case "sharegpt":
            return _conversation(row, "conversations" if "conversations" in row else "conversation")
        case "openai":
            return _conversation(row, "messages")
        case "prompt_completion":
            return _prompt_completion(row)
        case "preference":
            return _preference(row)
        case "kto" | "media":
            name = next((n for n in ("messages", "conversations") if n in row), None)
            return _conversation(row, name) if name else _prompt_completion(row)
        case "text":
            return [Message("assistant", _filled(row, "text"))]


def _alpaca(row: dict[str, Any]) -> list[Message]:
    question = _string(row, "instruction", required=True)
    extra = _string(row, "input")
    if not question.strip() and not extra.strip():
        raise BadRow("empty", "instruction")
    messages = _system(row)
    history = row.get("history")
    for place, pair in enumerate(_list(history, "history") if history is not None else []):
        if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(side, str) for side in pair)):
            raise BadRow("bad_history", "history", place=place)
        if not pair[1].strip():
            raise BadRow("empty", f"history[{place}]")
        messages += [Message("user", pair[0]), Message("assistant", pair[1])]
    prompt = f"{question}\n{extra}" if question and extra else question or extra
    return [*messages, Message("user", prompt), Message("assistant", _filled(row, "output"))]


def _prompt_completion(row: dict[str, Any]) -> list[Message]:
    prompt, answer = row.get("prompt"), row.get("completion")
    if isinstance(prompt, list) or isinstance(answer, list):
        before = _turns(_list(prompt, "prompt"), "prompt") if not isinstance(prompt, str) else [Message("user", prompt)]
        after = (
            _turns(_list(answer, "completion"), "completion")
            if not isinstance(answer, str)
            else [Message("assistant", _filled(row, "completion"))]
        )
        return _in_order([*_system(row), *before, *after], "completion")
    return [
        *_system(row),
        Message("user", _filled(row, "prompt")),
        Message("assistant", _filled(row, "completion")),
    ]


def _preference(row: dict[str, Any]) -> list[Message]:
    for name in ("chosen", "rejected"):
        if row.get(name) in (None, "", [], {}):
            raise BadRow("missing", name)
    if row["chosen"] == row["rejected"]:
        raise BadRow("same_answers", "rejected")
    answers = [_answer(row["chosen"], "chosen"), _answer(row["rejected"], "rejected")]
    before = next((n for n in ("conversations", "messages", "prompt") if isinstance(row.get(n), list)), None)
    if before is not None:
        return [*_turns(row[before], before), answers[0]]
    if isinstance(row["chosen"], list):
        return [*_turns(row["chosen"][:-1], "chosen"), answers[0]]
    field = "instruction" if "instruction" in row else "prompt" if "prompt" in row else "question"
    return [*_system(row), Message("user", _filled(row, field)), answers[0]]


def _answer(value: object, field: str) -> Message:
    if isinstance(value, str):
        value = {"role": "assistant", "content": value}
    if isinstance(value, list) and value:
        value = value[-1]
    return _turn(value, field)


def _conversation(row: dict[str, Any], field: str) -> list[Message]:
    turns = _list(row.get(field), field)
    if not turns:
        raise BadRow("empty", field)
    messages = _turns(turns, field)
    if messages[0].role != "system":
        messages = [*_system(row), *messages]
    return _in_order(messages, field)


def _in_order(messages: list[Message], field: str) -> list[Message]:
    """The same messages. Raises BadRow when they do not take turns or do not end with an answer."""
    before: Role | None = None
    for place, message in enumerate(messages):
        if before not in _MAY_FOLLOW[message.role]:
            if message.role == "system":
                raise BadRow("system_late", field, place=place)
            if before is None or before == "system":
                raise BadRow("role_first", field, role=message.role)
            raise BadRow("role_order", field, role=message.role, before=before, place=place)
        before = message.role
    if not messages or messages[-1].role != "assistant":
        raise BadRow("no_answer", field, role=before or "")
    return messages


def _turns(turns: list[Any], field: str) -> list[Message]:
    return [_turn(turn, f"{field}[{place}]") for place, turn in enumerate(turns)]


def _turn(turn: object, field: str) -> Message:
    if not isinstance(turn, dict):
        raise BadRow("wrong_type", field, expected="object", found=kind_of(turn))
    role_name = "from" if "from" in turn else "role"
    text_name = "value" if "value" in turn else "content"
    if role_name not in turn:
        raise BadRow("missing", f"{field}.{role_name}")
    written = turn[role_name]
    role = _ROLES.get(written.strip().lower()) if isinstance(written, str) else None
    if role is None:
        raise BadRow("unknown_role", f"{field}.{role_name}", role=str(written)[:40])
    content = turn.get(text_name)
    if isinstance(content, list):
        content = _joined(content, f"{field}.{text_name}")
    if content is None and turn.get("tool_calls"):
        raise BadRow("tool_calls", f"{field}.tool_calls")
    if content is None:
        raise BadRow("missing", f"{field}.{text_name}")
    if not isinstance(content, str):
        raise BadRow("wrong_type", f"{field}.{text_name}", expected="string", found=kind_of(content))
    if not content.strip() and role != "system":
        raise BadRow("empty", f"{field}.{text_name}")
    return Message(role, content)


def _joined(parts: list[Any], field: str) -> str:
    """OpenAI's content in parts: the text parts as one string."""
    texts = []
    for part in parts:
        if not (isinstance(part, dict) and part.get("type") == "text" and isinstance(part.get("text"), str)):
            kind = str(part.get("type")) if isinstance(part, dict) else kind_of(part)
            raise BadRow("media_part", field, kind=kind[:40])
        texts.append(part["text"])
    return "".join(texts)


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


def _list(value: object, field: str) -> list[Any]:
    if isinstance(value, list):
        return value
    if value is None:
        raise BadRow("missing", field)
    raise BadRow("wrong_type", field, expected="array", found=kind_of(value))


def kind_of(value: object) -> str:
    """JSON's name for the kind of a value."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list():
            return "array"
        case _:
            return "object"
