"""Turn the turns of a conversation into messages: roles, content in parts, tool calls, and the order they come in.

Reads what ShareGPT, OpenAI, Axolotl and others write for one turn. Standard library only.
"""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from trainer.literals import read_literal

if TYPE_CHECKING:
    from collections.abc import Sequence

Role = Literal["system", "user", "assistant", "tool"]
Detail = dict[str, str | int]
MEDIA_KINDS = ("image", "video", "audio")

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
    "tool": "tool",
    "function": "tool",
    "function_response": "tool",
    "ipython": "tool",
    "observation": "tool",
}
_CALLS = frozenset({"function_call", "tool_call"})
"""Roles whose words are a tool call, written as JSON."""
_MAY_FOLLOW: dict[Role, tuple[Role | None, ...]] = {
    "system": (None,),
    "user": (None, "system", "assistant"),
    "assistant": ("user", "tool"),
    "tool": ("assistant", "tool"),
}
_TURN_FIELDS = frozenset({
    "from", "value", "role", "content", "tool_calls", "function_call", "tool_call_id", "id", "name", "weight", "train",
})  # fmt: skip
_PAIRS = (("input", "output"), ("human", "assistant"), ("user", "assistant"), ("question", "answer"))
"""Names under which a question and its answer stand together in one turn."""
_PARTS = {f"{kind}{end}": kind for kind in MEDIA_KINDS for end in ("", "_url")} | {"input_audio": "audio"}
_LONGEST_LITERAL = 100_000
"""Letters of a tool call that is not JSON, beyond which Python's own way of writing is not tried."""


class BadRow(Exception):
    """A row that cannot be used: a stable code, the field it is about, and what fills the words."""

    def __init__(self, code: str, field: str | None = None, **detail: str | int) -> None:
        super().__init__(code)
        self.code = code
        self.field = field
        self.detail: Detail = detail


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of one tool by the assistant."""

    name: str
    arguments: str
    """JSON, as it was written."""


@dataclass(unsafe_hash=True, slots=True)
class Message:
    """One turn. Nobody changes it; see `Record`."""

    role: Role
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    train: bool = True
    """False for answers that are there to be read and not to be learned (`weight: 0`, `train: false`)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tags:
    """What a file calls the parts of a turn, where it says so itself."""

    role_key: str | None = None
    content_key: str | None = None
    roles: dict[str, Role | Literal["tool_call"]] = field(default_factory=dict)
    """The file's roles, in small letters."""


PLAIN_TAGS = Tags()


class Media(dict[str, list[str]]):
    """Files of one record, by kind (image, video, audio), and what else its turns hold."""

    unused: frozenset[str] = frozenset()
    """Names in turns that nothing is learned from."""

    def add(self, kind: str, file: str) -> None:
        self.setdefault(kind, []).append(file)


def read_turns(turns: list[Any], name: str, tags: Tags, media: Media) -> list[Message]:
    """The messages of a list of turns. Raises BadRow for the first that cannot be read."""
    messages: list[Message] = []
    bare = all(isinstance(turn, str) for turn in turns)
    for place, turn in enumerate(turns):
        if bare:
            # Bare strings take turns, as UltraChat's do.
            messages.append(Message("assistant" if place % 2 else "user", _filled(turn, f"{name}[{place}]")))
        elif isinstance(turn, dict) and (pair := _pair(turn, tags)) is not None:
            for side, role in zip(pair, ("user", "assistant"), strict=True):
                words = turn[side]
                if not isinstance(words, str):
                    raise BadRow("wrong_type", f"{name}[{place}].{side}", expected="string", found=kind_of(words))
                messages.append(Message(role, _filled(words, f"{name}[{place}].{side}")))  # type: ignore[arg-type]
        else:
            messages.append(read_turn(turn, f"{name}[{place}]", tags, media))
    return messages


def read_turn(turn: object, name: str, tags: Tags, media: Media) -> Message:
    """One message. Raises BadRow."""
    if not isinstance(turn, dict):
        raise BadRow("wrong_type", name, expected="object", found=kind_of(turn))
    role_key = tags.role_key or ("from" if "from" in turn else "role")
    content_key = tags.content_key or ("value" if "value" in turn else "content")
    if role_key not in turn:
        raise BadRow("missing", f"{name}.{role_key}")
    written = turn[role_key]
    if not isinstance(written, str):
        raise BadRow("unknown_role", f"{name}.{role_key}", role=_short(written))
    lowered = written.strip().lower()
    role = tags.roles.get(lowered) or _ROLES.get(lowered)
    content = turn.get(content_key)
    if not _TURN_FIELDS.issuperset(turn):
        known = (role_key, content_key)
        unused = (key for key, value in turn.items() if value is not None and key not in known)
        media.unused |= {f"{name.partition('[')[0]}[].{key}" for key in unused if key not in _TURN_FIELDS}
    if role == "tool_call" or (role is None and lowered in _CALLS):
        return Message("assistant", "", _calls_in(content, f"{name}.{content_key}"), _is_trained(turn, name))
    if role is None:
        raise BadRow("unknown_role", f"{name}.{role_key}", role=_short(written))
    if isinstance(content, list):
        content = _joined(content, f"{name}.{content_key}", media)
    elif isinstance(content, dict) and role == "tool":
        content = json.dumps(content, ensure_ascii=False)
    calls: tuple[ToolCall, ...] = ()
    if role == "assistant":
        if turn.get("tool_calls"):
            calls = _tool_calls(turn["tool_calls"], f"{name}.tool_calls")
        elif turn.get("function_call"):
            calls = (_call(turn["function_call"], f"{name}.function_call"),)
    if content is None and calls:
        content = ""
    if content is None:
        raise BadRow("missing", f"{name}.{content_key}")
    if not isinstance(content, str):
        raise BadRow("wrong_type", f"{name}.{content_key}", expected="string", found=kind_of(content))
    if role != "system" and not calls and not content.strip():
        raise BadRow("empty", f"{name}.{content_key}")
    return Message(role, content, calls, role != "assistant" or _is_trained(turn, name))


def in_order(messages: Sequence[Message], name: str) -> None:
    """Raises BadRow when messages do not take turns or do not end with an answer."""
    before: Role | None = None
    for place, message in enumerate(messages):
        role = message.role
        if before not in _MAY_FOLLOW[role]:
            if role == "system":
                raise BadRow("system_late", name, place=place)
            if before is None or before == "system":
                raise BadRow("role_first", name, role=role)
            raise BadRow("role_order", name, role=role, before=before, place=place)
        before = role
    if before != "assistant":
        raise BadRow("no_answer", name, role=before or "")
    if not any(message.train for message in messages if message.role == "assistant"):
        raise BadRow("nothing_to_learn", name)


def read_tools(value: object, name: str) -> str:
    """Tool definitions as a JSON list in OpenAI's form; empty when there are none. Raises BadRow."""
    if isinstance(value, str):
        if not value.strip():
            return ""
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise BadRow("bad_tools", name) from None
    if value is None or value in ([], {}):
        return ""
    if isinstance(value, dict):
        value = [value]
    if not isinstance(value, list):
        raise BadRow("wrong_type", name, expected="array", found=kind_of(value))
    tools = []
    for place, tool in enumerate(value):
        if isinstance(tool, str):
            # Parquet and CSV carry each definition as text.
            try:
                tool = json.loads(tool)
            except (ValueError, RecursionError):
                raise BadRow("bad_tools", f"{name}[{place}]") from None
        inner = tool.get("function", tool) if isinstance(tool, dict) else None
        if not isinstance(inner, dict) or not isinstance(inner.get("name"), str):
            raise BadRow("bad_tools", f"{name}[{place}]")
        tools.append(tool if "function" in tool else {"type": "function", "function": tool})
    return json.dumps(tools, ensure_ascii=False)


def undefined_tools(messages: Sequence[Message], tools: str) -> list[str]:
    """Names of tools that are called and that `tools`, as `read_tools` gives it, does not define."""
    called = [call.name for message in messages for call in message.tool_calls]
    if not called or not tools:
        return []
    defined = {tool["function"]["name"] for tool in json.loads(tools)}
    return [name for name in called if name not in defined]


def require_whole_letters(messages: Sequence[Message]) -> None:
    """Raises BadRow when a text holds half a character, which no tokenizer takes."""
    for message in messages:
        require_whole(message.content)
        for call in message.tool_calls:
            require_whole(call.name)
            require_whole(call.arguments)


def require_whole(text: str) -> None:
    """Raises BadRow when a text holds half a character."""
    if text.isascii():
        return
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise BadRow("half_character") from None


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


def _filled(words: str, name: str) -> str:
    if not words.strip():
        raise BadRow("empty", name)
    return words


def _pair(turn: dict[str, Any], tags: Tags) -> tuple[str, str] | None:
    if "from" in turn or "role" in turn or "value" in turn or "content" in turn or tags.role_key:
        return None
    return next(((ask, answer) for ask, answer in _PAIRS if ask in turn and answer in turn), None)


def _is_trained(turn: dict[str, Any], name: str) -> bool:
    weight, train = turn.get("weight"), turn.get("train")
    if weight is not None and weight not in (0, 1):
        raise BadRow("bad_weight", f"{name}.weight", weight=_short(weight))
    if train is not None and not isinstance(train, bool):
        raise BadRow("wrong_type", f"{name}.train", expected="boolean", found=kind_of(train))
    return weight != 0 and train is not False


def _joined(parts: list[Any], name: str, media: Media) -> str:
    """OpenAI's content in parts as one text; a placeholder stands for each file."""
    texts: list[str] = []
    for part in parts:
        if isinstance(part, str):
            texts.append(part)
            continue
        kind = part.get("type") if isinstance(part, dict) else kind_of(part)
        if kind == "text" and isinstance(part.get("text"), str):
            texts.append(part["text"])
        elif isinstance(kind, str) and kind in _PARTS and isinstance(part, dict):
            texts.append(f"<{_PARTS[kind]}>")
            file = part.get(kind, part.get("path", part.get("url")))
            if isinstance(file, dict):
                file = file.get("url", file.get("path"))
            if isinstance(file, str) and file:
                media.add(_PARTS[kind], file)
        else:
            raise BadRow("media_part", name, kind=_short(kind))
    return "".join(texts)


def _tool_calls(value: object, name: str) -> tuple[ToolCall, ...]:
    if isinstance(value, str):
        return _calls_in(value, name)
    if not isinstance(value, list):
        raise BadRow("wrong_type", name, expected="array", found=kind_of(value))
    return tuple(_call(call, f"{name}[{place}]") for place, call in enumerate(value))


def _calls_in(value: object, name: str) -> tuple[ToolCall, ...]:
    """The calls in a text of JSON, or in what is JSON already."""
    if isinstance(value, str):
        value = _parsed(_filled(value, name), name)
    calls = value if isinstance(value, list) else [value]
    if not calls:
        raise BadRow("empty", name)
    return tuple(_call(call, name) for call in calls)


def _parsed(words: str, name: str) -> object:
    try:
        return json.loads(words)
    except (ValueError, RecursionError):
        pass
    if len(words) <= _LONGEST_LITERAL:
        # As Python prints it: single quotes round what should have double ones.
        try:
            return read_literal(words)
        except ValueError:
            pass
    raise BadRow("bad_tool_call", name)


def _call(value: object, name: str) -> ToolCall:
    if isinstance(value, str):
        value = _parsed(value, name)
    inner = value.get("function", value) if isinstance(value, dict) else None
    if isinstance(inner, str) and isinstance(value, dict):
        inner = {"name": inner, **{key: each for key, each in value.items() if key != "function"}}
    if not isinstance(inner, dict) or not isinstance(inner.get("name"), str) or not inner["name"].strip():
        raise BadRow("bad_tool_call", name)
    arguments = inner.get("arguments", inner.get("parameters"))
    if arguments is None or arguments == "":
        return ToolCall(inner["name"], "{}")
    if isinstance(arguments, str):
        try:
            json.loads(arguments)
        except (ValueError, RecursionError):
            raise BadRow("bad_tool_call", f"{name}.arguments") from None
        return ToolCall(inner["name"], arguments)
    try:
        return ToolCall(inner["name"], json.dumps(arguments, ensure_ascii=False))
    except (TypeError, ValueError, RecursionError):
        raise BadRow("bad_tool_call", f"{name}.arguments") from None


def _short(value: object) -> str:
    """A value as it may stand in a message."""
    try:
        return str(value)[:40] if not isinstance(value, int) or value.bit_length() < sys.maxsize.bit_length() else "…"
    except (ValueError, RecursionError):
        return "…"
