"""Put rows of data right where there is only one way to do it. Pure: text and rows in, text and rows out."""

from __future__ import annotations

import copy
import json
import re
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from doctor.late_pattern import late_pattern
from doctor.quick_dataclass import dataclass
from trainer.literals import read_literal
from trainer.rows import DuplicateName, Parser

if TYPE_CHECKING:
    from collections.abc import Callable

    from trainer.records import Problem

_MOST = 10_000
"""Things that are put right in one row."""
_LONGEST_LITERAL = 1 << 20
"""Characters of a line that may be read as Python's notation."""
_ROLES = {
    "system": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "tool": "tool",
    "observation": "tool",
    "function_call": "call",
}
"""Names that a misspelt role may stand for, and what they mean."""
_STEPS = late_pattern(r"([^\[\].]+)|\[(\d+)\]")


@dataclass(frozen=True, kw_only=True)
class Mend:
    """One thing that was put right."""

    code: str
    """Stable; worded as `data.mend_<code>`."""
    field: str | None = None
    before: str = ""
    after: str = ""


def mend_line(line: str) -> tuple[Any, list[Mend]]:
    """The value that a line of JSON means, and what had to be put right to read it.

    Raises ValueError when the line means nothing, or more than one thing.
    """
    line = line.strip().lstrip("\ufeff")
    try:
        return Parser().whole(line), []
    except DuplicateName:
        raise
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    except ValueError as error:
        first = error
    for code, reading in _READINGS:
        try:
            value = reading(line)
        except (ValueError, SyntaxError, MemoryError, RecursionError, TypeError):
            continue
        if isinstance(value, dict):
            return value, [Mend(code=code)]
    raise first


def mend_row(
    row: dict[str, Any], check: Callable[[dict[str, Any]], Problem | None]
) -> tuple[dict[str, Any], list[Mend], Problem | None]:
    """A row with all put right that can be, what was, and the first thing that could not be. `row` itself stays.

    `check` gives the first thing that is wrong with a row.
    """
    mends: list[Mend] = []
    bad = check(row)
    while bad is not None and bad.code in _MENDINGS and len(mends) < _MOST:
        if not mends:
            try:
                row = copy.deepcopy(row)
            except RecursionError:
                break
        mend = _MENDINGS[bad.code](row, bad)
        if mend is None:
            break
        mends.append(mend)
        bad = check(row)
    return row, mends, bad


# ------------------------------------------------------------------------------------------------------ broken JSON


def _without_comma(line: str) -> Any:
    """A line that was cut out of an array: `{…},`."""
    if not line.endswith(","):
        raise ValueError
    return Parser().whole(line[:-1])


def _with_controls(line: str) -> Any:
    """Tabs and other control characters as they are inside strings."""
    return json.loads(line, strict=False, object_pairs_hook=_named_once)


def _named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) < len(pairs):
        raise ValueError("a field is named twice")
    return row


def _without_inner_commas(line: str) -> Any:
    """Commas before a closing bracket, outside strings."""
    return Parser().whole(re.sub(r'("(?:[^"\\]|\\.)*")|,(?=\s*[}\]])', lambda found: found[1] or "", line))


def _python(line: str) -> Any:
    """A dictionary as Python prints it: single quotes, None, True."""
    if len(line) > _LONGEST_LITERAL or not line.startswith("{"):
        raise ValueError
    value = read_literal(line)
    json.dumps(value)
    return value


_READINGS: tuple[tuple[str, Callable[[str], Any]], ...] = (
    ("line_comma", _without_comma),
    ("control_characters", _with_controls),
    ("inner_comma", _without_inner_commas),
    ("python_notation", _python),
)


# -------------------------------------------------------------------------------------------------------- bad rows


def _number(row: dict[str, Any], bad: Problem) -> Mend | None:
    """A number where words are due: its digits."""
    if bad.detail.get("expected") != "string" or bad.detail.get("found") != "number" or bad.field is None:
        return None
    holder, name = _holder(row, bad.field)
    if holder is None or isinstance(holder[name], bool) or not isinstance(holder[name], int | float):
        return None
    digits = json.dumps(holder[name])
    holder[name] = digits
    return Mend(code="number", field=bad.field, after=digits)


def _role(row: dict[str, Any], bad: Problem) -> Mend | None:
    """A role that is misspelt and can be only one."""
    if bad.field is None:
        return None
    holder, name = _holder(row, bad.field)
    if holder is None or not isinstance(holder[name], str):
        return None
    written: str = holder[name]
    near = get_close_matches(written.strip().lower(), list(_ROLES), n=3, cutoff=0.75)
    meant = {_ROLES[role] for role in near}
    if len(meant) != 1:
        return None
    holder[name] = near[0]
    return Mend(code="role", field=bad.field, before=written[:40], after=near[0])


def _late_system(row: dict[str, Any], bad: Problem) -> Mend | None:
    """The only system message of a conversation goes to its beginning."""
    turns = _turns(row, bad)
    if turns is None or row.get("system"):
        return None
    places = [place for place, turn in enumerate(turns) if _role_of(turn) == "system"]
    if len(places) != 1 or places[0] == 0:
        return None
    turns.insert(0, turns.pop(places[0]))
    return Mend(code="system_first", field=bad.field)


def _joined_turns(row: dict[str, Any], bad: Problem) -> Mend | None:
    """Two turns of the same speaker become one, with an empty line between them."""
    turns = _turns(row, bad)
    if turns is None:
        return None
    for place in range(1, len(turns)):
        before, after = turns[place - 1], turns[place]
        role = _role_of(after)
        if role not in ("user", "assistant") or role != _role_of(before):
            continue
        names = ("value" if "value" in before else "content"), ("value" if "value" in after else "content")
        words = before.get(names[0]), after.get(names[1])
        plain = {"from", "role", "value", "content"}
        if not all(isinstance(each, str) for each in words) or (set(before) | set(after)) - plain:
            return None
        before[names[0]] = "\n\n".join(str(each) for each in words if str(each).strip())
        del turns[place]
        return Mend(code="joined", field=f"{bad.field}[{place}]", after=role)
    return None


_MENDINGS: dict[str, Callable[[dict[str, Any], Problem], Mend | None]] = {
    "wrong_type": _number,
    "unknown_role": _role,
    "system_late": _late_system,
    "role_order": _joined_turns,
}


def _holder(row: dict[str, Any], field: str) -> tuple[Any, Any]:
    """What holds a field such as `messages[2].role`, and its name in there; None where there is no such thing."""
    steps = [name if name else int(number) for name, number in _STEPS.findall(field)]
    value: Any = row
    try:
        for step in steps[:-1]:
            value = value[step]
        value[steps[-1]]
    except (KeyError, IndexError, TypeError):
        return None, None
    return value, steps[-1]


def _turns(row: dict[str, Any], bad: Problem) -> list[dict[str, Any]] | None:
    turns = row.get((bad.field or "").partition("[")[0])
    return turns if isinstance(turns, list) and all(isinstance(turn, dict) for turn in turns) else None


def _role_of(turn: dict[str, Any]) -> str | None:
    role = turn.get("from", turn.get("role"))
    return _ROLES.get(role.strip().lower()) if isinstance(role, str) else None
