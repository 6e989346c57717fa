"""How the catalogue is taken apart: rows of TOML key by key, and tables in text line by line."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from doctor.late_pattern import late_pattern
from doctor.words.text import text

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from doctor.words.text import Text

NUMBER = late_pattern(r"\d+(\.\d+)*")
PYTHON = late_pattern(r"3\.\d+")
NAME = late_pattern(r"[a-z0-9]+(-[a-z0-9]+)*")
ADDRESS = late_pattern(r"(https?|file)://\S+")


class Refused(Exception):
    """A row that is not right: its name, the key, and what is wrong with it."""

    def __init__(self, row: str, key: str, reason: Text) -> None:
        super().__init__(f"{row}.{key}")
        self.row, self.key, self.reason = row, key, reason


class Row:
    """A table that is taken apart key by key; `finish` refuses what nobody took."""

    def __init__(self, name: str, table: Any) -> None:
        if not isinstance(table, dict):
            raise Refused(name, "-", text("catalogue.want_table"))
        self.name = name
        self._left = dict(table)

    def __contains__(self, key: str) -> bool:
        return key in self._left

    def refuse(self, key: str, reason: Text) -> Refused:
        return Refused(self.name, key, reason)

    def take(self, key: str, *, required: bool = True) -> Any:
        if key not in self._left:
            if required:
                raise self.refuse(key, text("catalogue.missing"))
            return None
        return self._left.pop(key)

    def string(self, key: str, pattern: re.Pattern[str] | None = None, *, required: bool = True) -> str:
        value = self.take(key, required=required)
        if value is None:
            return ""
        if not isinstance(value, str) or not value.strip():
            raise self.refuse(key, text("catalogue.want_string"))
        return self._matching(key, value, pattern)

    def strings(self, key: str, pattern: re.Pattern[str] | None = None, *, required: bool = True) -> tuple[str, ...]:
        value = self.take(key, required=required)
        if value is None:
            return ()
        if not isinstance(value, list) or not value or not all(isinstance(part, str) for part in value):
            raise self.refuse(key, text("catalogue.want_strings"))
        return tuple(self._matching(key, part, pattern) for part in value)

    def whole(self, key: str) -> int:
        value = self.take(key)
        if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
            raise self.refuse(key, text("catalogue.want_number"))
        return value

    def truth(self, key: str, *, default: bool) -> bool:
        value = self.take(key, required=False)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.refuse(key, text("catalogue.want_truth"))
        return value

    def date(self, key: str) -> datetime.date:
        value = self.take(key)
        if not isinstance(value, datetime.date) or isinstance(value, datetime.datetime):
            raise self.refuse(key, text("catalogue.want_date"))
        return value

    def choice(self, key: str, allowed: tuple[str, ...], *, required: bool = True) -> str:
        value = self.string(key, required=required)
        if value not in allowed and (value or required):
            raise self.refuse(key, text("catalogue.want_choice", allowed=", ".join(allowed), value=value))
        return value

    def rows(self, key: str, *, required: bool = True) -> list[Any]:
        value = self.take(key, required=required)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.refuse(key, text("catalogue.want_rows"))
        return value

    def finish(self) -> None:
        if self._left:
            raise self.refuse(min(self._left), text("catalogue.unknown_key"))

    def items(self) -> list[tuple[str, Any]]:
        left, self._left = self._left, {}
        return list(left.items())

    def _matching(self, key: str, value: str, pattern: re.Pattern[str] | None) -> str:
        if pattern is not None and not pattern.fullmatch(value):
            raise self.refuse(key, text("catalogue.bad_form", value=value))
        return value


def row_name(kind: str, place: int, table: Any, key: str = "id") -> str:
    """`stack linux-cpu-…` where the row says its id, else `stack 3`."""
    named = table.get(key) if isinstance(table, dict) else None
    return f"{kind} {named}" if isinstance(named, str) else f"{kind} {place + 1}"


class Lines:
    """A table in text: a line of column names, then one line a fact, its cells between `|`; `-` is an empty cell.

    Lines are taken apart when they are asked for, so that a long table costs little where few lines are wanted.
    """

    def __init__(self, name: str, words: str, columns: tuple[str, ...]) -> None:
        self._name, self._columns = name, columns
        lines = [line for line in words.splitlines() if line and not line.isspace()]
        found = tuple(cell.strip() for cell in lines[0].split("|")) if lines else ()
        if found != columns:
            raise Refused(name, " | ".join(found) or "-", text("catalogue.want_columns", columns=" | ".join(columns)))
        self._of: dict[str, list[str]] = {}
        for line in lines[1:]:
            self._of.setdefault(line.partition("|")[0].strip(), []).append(line)

    def of(self, first: str) -> Iterator[dict[str, str]]:
        """Lines whose first cell is this, as cells by column."""
        for line in self._of.get(first, ()):
            yield self._cells(first, line)

    def __iter__(self) -> Iterator[dict[str, str]]:
        for first, lines in self._of.items():
            for line in lines:
                yield self._cells(first, line)

    def _cells(self, first: str, line: str) -> dict[str, str]:
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) != len(self._columns):
            wanted = " | ".join(self._columns)
            raise Refused(self._name, first, text("catalogue.want_columns", columns=wanted))
        return {column: "" if cell == "-" else cell for column, cell in zip(self._columns, cells, strict=True)}


def sources(cell: str) -> tuple[str, ...]:
    """The sources of a cell: a space stands between them and `_` inside one."""
    return tuple(word if "://" in word else word.replace("_", " ") for word in cell.split())
