"""Values of other tools' settings as the kind that ours are. Raises BadInput with file, line and name."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from doctor.errors import BadInput
from doctor.importing.model import Unread
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.importing.model import Given
    from doctor.words.text import Text

_NOTHING = ("", "none", "null", "~")
_SHOWN = 80


def shown(value: object) -> str:
    """A value as a message quotes it."""
    if isinstance(value, Unread):
        words = value.source
    elif isinstance(value, bool):
        words = "true" if value else "false"
    elif isinstance(value, float):
        words = f"{value:g}" if math.isfinite(value) else str(value)
    elif isinstance(value, list | tuple):
        words = ", ".join(shown(each) for each in value)
    else:
        words = str(value)
    words = " ".join(words.split())
    return words if len(words) <= _SHOWN else words[: _SHOWN - 1] + "…"


def is_nothing(value: object) -> bool:
    """Whether a setting is written but left empty."""
    return value is None or value in ([], {}) or (isinstance(value, str) and value.strip().lower() in _NOTHING)


def is_off(value: object) -> bool:
    """Whether a setting asks for nothing."""
    return (
        is_nothing(value)
        or value is False
        or (isinstance(value, int | float) and value == 0)
        or (isinstance(value, str) and value.strip().lower() in ("false", "no", "off", "0"))
    )


def number(given: Given) -> float:
    """A finite number."""
    value = given.value
    if isinstance(value, str):
        try:
            value = float(value.strip().replace("_", ""))
        except ValueError:
            value = None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise wrong(given, text("jobs.kind_float"))
    return value


def integer(given: Given) -> int:
    """A whole number; `8.0` is one."""
    value = number(given)
    if value != int(value):
        raise wrong(given, text("jobs.kind_int"))
    return int(value)


def truth(given: Given) -> bool:
    """True or false, in the spellings that YAML, JSON and command lines have."""
    value = given.value
    if isinstance(value, bool):
        return value
    if value is None:
        return False
    if isinstance(value, int | float) and value in (0, 1):
        return bool(value)
    if isinstance(value, str):
        word = value.strip().lower()
        if word in ("true", "yes", "on", "1"):
            return True
        if word in ("false", "no", "off", "0", *_NOTHING):
            return False
    raise wrong(given, text("jobs.kind_bool"))


def words(given: Given) -> str:
    """A text."""
    if isinstance(given.value, bool | list | dict) or given.value is None:
        raise wrong(given, text("jobs.kind_str"))
    return str(given.value).strip()


def names(given: Given) -> tuple[str, ...]:
    """Names: a list, or a text with commas or spaces between them."""
    value = given.value
    if isinstance(value, str):
        value = value.strip().strip("[]").replace(",", " ").split()
    if isinstance(value, tuple):
        value = list(value)
    if not isinstance(value, list) or not all(isinstance(each, str) for each in value):
        raise wrong(given, text("jobs.kind_names"))
    parts = [each.strip("[], ").strip("'\"") for each in value]
    return tuple(part for part in parts if part)


def wrong(given: Given, expected: Text) -> BadInput:
    """The error for a value of the wrong kind."""
    return BadInput(
        text("jobs.wrong_value", field=given.name, found=shown(given.value), expected=expected),
        file=str(given.file),
        line=given.line,
        field=given.name,
    )
