"""Fields that a file calls by other names: said by the user (`columns` of a source), or guessed and told.

Standard library only.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal

from trainer.literals import read_literal
from trainer.turns import Tags

if TYPE_CHECKING:
    from collections.abc import Mapping

    from trainer.turns import Role

COLUMN_NAMES = (
    "instruction", "input", "output", "system", "history", "messages", "tools", "prompt", "completion", "chosen",
    "rejected", "label", "text", "images", "videos", "audios",
)  # fmt: skip
"""Fields that `columns` of a source can give another name."""
TURN_NAMES = ("role", "content", "role:user", "role:assistant", "role:system", "role:tool", "role:tool_call")
"""The same for what stands in one turn; with `role:` it is the value of its role."""

_ROLES: dict[str, Role | Literal["tool_call"]] = {
    "user": "user",
    "assistant": "assistant",
    "system": "system",
    "tool": "tool",
    "tool_call": "tool_call",
}
_ANSWERS = ("output", "completion", "response", "answer", "target", "solution", "reply", "assistant",
            "输出", "回答", "答案", "回复")  # fmt: skip
_QUESTIONS = ("question", "query", "problem", "user", "input", "指令", "问题", "提问")
_EXTRAS = ("context", "输入", "上下文")
_WHOLE = ("messages", "conversations", "conversation", "chosen", "rejected", "preferred_output")
"""Where one of these is, nothing about the layout needs to be guessed."""
_TURN_LISTS = ("dialog", "dialogue", "chat", "turns", "data")
_NESTED = frozenset({
    *_TURN_LISTS, "messages", "conversations", "conversation", "history", "tools", "functions", "chosen", "rejected",
    "images", "videos", "audios", "prompt", "completion", "output",
})  # fmt: skip
"""Fields that may hold lists, which tables carry as text."""


def tags_of(columns: Mapping[str, str]) -> Tags:
    """What a source's columns say of turns."""
    roles = {
        file_role.strip().lower(): _ROLES[name.removeprefix("role:")]
        for name, file_role in columns.items()
        if name.startswith("role:") and name.removeprefix("role:") in _ROLES
    }
    return Tags(role_key=columns.get("role"), content_key=columns.get("content"), roles=roles)


def renamed(row: dict[str, Any], columns: Mapping[str, str]) -> dict[str, Any]:
    """A row under the usual names: what `columns` names is called so, and nothing else is."""
    moved = {name: source for name, source in columns.items() if name in COLUMN_NAMES}
    taken = set(moved.values())
    renamed_row = {name: value for name, value in row.items() if name not in taken and name not in moved}
    for name, source in moved.items():
        if source in row:
            renamed_row[name] = row[source]
    return renamed_row


def guess_columns(row: dict[str, Any]) -> dict[str, str]:
    """The usual names of fields that are plainly meant so, each with the file's; empty where nothing is plain."""
    guessed: dict[str, str] = {}
    if any(name in row for name in _WHOLE):
        pass
    elif "chosen_response" in row and "rejected_response" in row:
        guessed = {"chosen": "chosen_response", "rejected": "rejected_response"}
    elif (answer := _first_text(row, _ANSWERS)) is not None:
        if "instruction" in row and answer != "output":
            guessed["output"] = answer
            extra = next((name for name in _EXTRAS if isinstance(row.get(name), str)), None)
            if "input" not in row and extra is not None:
                guessed["input"] = extra
        elif "prompt" in row and answer != "completion":
            guessed["completion"] = answer
        elif "instruction" not in row and "prompt" not in row:
            question = _first_text(row, [name for name in _QUESTIONS if name != answer])
            extra = next((name for name in _EXTRAS if isinstance(row.get(name), str)), None)
            if question is not None and extra is not None:
                guessed = {"instruction": question, "input": extra, "output": answer}
            elif question is not None:
                guessed = {"prompt": question, "completion": answer}
    elif (turns := next((name for name in _TURN_LISTS if _are_turns(row.get(name))), None)) is not None:
        guessed["messages"] = turns
    if "system" not in row and isinstance(row.get("system_prompt"), str):
        guessed["system"] = "system_prompt"
    return guessed


def unpack_cells(row: dict[str, Any]) -> dict[str, Any]:
    """A row of a table, whose cells are all text: lists and labels as what they are."""
    unpacked: dict[str, Any] = {}
    for name, cell in row.items():
        value: Any = cell
        if isinstance(cell, str):
            if name in _NESTED and cell.lstrip()[:1] in ("[", "{"):
                value = _parsed(cell)
            elif name in ("label", "kto_tag") and cell.strip().lower() in ("true", "false", "1", "0"):
                value = cell.strip().lower() in ("true", "1")
        unpacked[name] = value
    return unpacked


def _parsed(cell: str) -> Any:
    """The list in a cell, or the cell where it holds none: pandas writes lists as Python prints them."""
    try:
        return json.loads(cell)
    except (ValueError, RecursionError):
        pass
    try:
        value = read_literal(cell)
        json.dumps(value)
    except (ValueError, RecursionError, TypeError):
        return cell
    return value


def _first_text(row: dict[str, Any], names: tuple[str, ...] | list[str]) -> str | None:
    return next((name for name in names if isinstance(row.get(name), str) and row[name].strip()), None)


def _are_turns(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) > 1
        and (all(isinstance(turn, str) for turn in value) or all(isinstance(turn, dict) for turn in value))
    )
