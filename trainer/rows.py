"""Rows of JSON, from lines or from one list, a piece at a time, and what is wrong with them. Standard library only."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trainer.turns import Detail

Severity = Literal["note", "warning", "failure"]
"""note: told, the data is used as it is. warning: used, but probably not meant so. failure: cannot be used."""

_PIECE = 1 << 20
"""Letters read at once."""
_NEAR_END = 16
"""An error in the last letters of a piece may come from the cut, not from the file: `tru`, `\\u12`."""
_LOOK_AHEAD = 1 << 22
"""Letters after a fault among which the next row is looked for."""
_TRIES = 2_000
"""Objects there that are tried."""
_BETWEEN = re.compile(r"[}\]]\s*,\s*(?=\{)")
_FIRST_NAME = re.compile(r'\{\s*("[^"\\]{1,80}")\s*:')
_OBJECT = re.compile(r'\{\s*"')
_NOT_BLANK = re.compile(r"[^ \t\r\n\ufeff]")
_DAMAGED = re.compile("[\udc80-\udcff\ufffd]")
_EXPECTED = {
    "Expecting value": "value",
    "Expecting ',' delimiter": "comma",
    "Expecting ':' delimiter": "colon",
    "Expecting property name enclosed in double quotes": "name",
    "Unterminated string starting at": "unterminated",
    "Invalid control character at": "control",
    "Extra data": "extra",
    "Illegal trailing comma before end of array": "trailing_comma",
    "Illegal trailing comma before end of object": "trailing_comma",
}


class Found(NamedTuple):
    """One row."""

    value: object
    line: int | None = None
    """From 1, in line formats."""
    record: int | None = None
    """From 0, in arrays and tables."""


class Fault(NamedTuple):
    """Something that is wrong with a file, or worth telling."""

    code: str
    line: int | None = None
    record: int | None = None
    field: str | None = None
    detail: Detail = {}  # noqa: RUF012
    severity: Severity = "failure"
    is_row: bool = False
    """A row is lost by it."""


class DuplicateName(ValueError):
    """An object names a field twice, so that one value would be lost."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class Parser:
    """JSON without its traps: fields named twice are refused, NaN is null and counted."""

    def __init__(self) -> None:
        self.not_numbers = 0
        self._decoder = json.JSONDecoder(object_pairs_hook=_all_named_once, parse_constant=self._not_a_number)
        self.whole: Callable[[str], Any] = self._decoder.decode
        """Raises ValueError or RecursionError."""
        self.next: Callable[[str, int], tuple[Any, int]] = self._decoder.raw_decode
        """The value at a place, and where it ends. Raises ValueError or RecursionError."""

    def _not_a_number(self, _: str) -> None:
        self.not_numbers += 1


def rows_of_lines(stream: TextIO, parser: Parser, *, damaged: bool) -> Iterator[Found | Fault]:
    """A value a line. With `damaged`, lines with letters that could not be decoded are told."""
    # Universal newlines, and not str.splitlines: a text may hold U+2028, which is no line end in JSONL.
    parse = parser.whole
    for line, text in enumerate(stream, 1):
        if damaged and _DAMAGED.search(text):
            yield Fault("encoding", line=line, is_row=True)
            continue
        if text[0] == "\ufeff":
            # Files put together from files that each began with a mark.
            text = text.lstrip("\ufeff")
        if text.isspace() or not text:
            continue
        try:
            value = parse(text)
        except (ValueError, RecursionError) as error:
            yield fault_of(error, line=line)._replace(is_row=True)
            continue
        yield Found(value, line=line)


def rows_of_list(
    window: Window, parser: Parser, is_row: Callable[[object], bool], *, damaged: bool
) -> Iterator[Found | Fault]:
    """The rows of a JSON list, or of objects that follow one another, from the window's next letter on.

    After a fault, reading goes on at the next row that is told by `is_row`.
    """
    bracket = window.letter() == "["
    if bracket:
        window.at += 1
    record = 0
    comma = True
    doubled = False
    while True:
        letter = window.letter()
        if letter == "":
            if bracket:
                yield window.fault_at(window.at, "closing")
            return
        if letter == "]" and bracket:
            if comma and record:
                yield window.fault_at(window.at, "trailing_comma")._replace(severity="warning")
            window.at += 1
            if window.letter():
                yield window.fault_at(window.at, "extra")
            return
        if letter == ",":
            if comma and not doubled:
                yield window.fault_at(window.at, "value", record=record)
            doubled = comma
            comma = True
            window.at += 1
            continue
        doubled = False
        if not comma and bracket:
            yield window.fault_at(window.at, "comma", record=record)
            if letter not in "{[":
                if not window.find_row(parser, is_row, window.at):
                    return
                comma = True
                continue
        if record == 0:
            window.learn_row()
        try:
            value, end = window.value(parser)
        except (ValueError, RecursionError) as error:
            fault = window.fault(error)._replace(record=record, is_row=True)
            cut_off = window.ends_at(error)
            yield fault
            record += 1
            if not window.find_row(parser, is_row, window.at + 1):
                if not cut_off and window.has_more_objects():
                    yield Fault("rest_unread", line=fault.line)
                return
            comma = True
            continue
        text = window.text
        if damaged and _DAMAGED.search(text, window.at, end):
            yield Fault("encoding", line=window.line_of(window.at), record=record, is_row=True)
        else:
            yield Found(value, record=record)
        window.at = end
        record += 1
        comma = False


class Window:
    """A text that is read a piece at a time, with the place that has been reached in it."""

    def __init__(self, stream: TextIO) -> None:
        self.text = ""
        self.at = 0
        self.line = 1
        """The line in which `text` begins, from 1."""
        self._column = 0
        """Letters of that line that have gone by."""
        self._known = (0, 1)
        """A place in `text` and its line, so that many faults do not count lines from the beginning."""
        self._row_start: re.Pattern[str] | None = None
        """How rows begin, as the first does."""
        self._gave_up = False
        self._stream = stream
        self._ended = False

    def letter(self) -> str:
        """The next letter that is not blank, at which `at` then stands; empty at the end."""
        while True:
            match = _NOT_BLANK.search(self.text, self.at)
            if match:
                self.at = match.start()
                return match.group()
            self.at = len(self.text)
            if not self._more():
                return ""

    def value(self, parser: Parser) -> tuple[Any, int]:
        """The value that begins at `at`, and where it ends. Raises ValueError or RecursionError."""
        while True:
            try:
                value, end = parser.next(self.text, self.at)
            except json.JSONDecodeError as error:
                if self._may_go_on(error) and self._more():
                    continue
                raise
            if end < len(self.text) or self.text[end - 1] in '}]"' or not self._more():
                return value, end

    def find_row(self, parser: Parser, is_row: Callable[[object], bool], begin: int) -> bool:
        """Go to the next row after `begin`, which is not before `at`; False when none is near."""
        ahead = first = begin - self.at
        for _try in range(_TRIES):
            match = _OBJECT.search(self.text, self.at + ahead)
            if match is None:
                ahead = max(first, len(self.text) - self.at - _NEAR_END)
                self._gave_up = ahead > _LOOK_AHEAD
                if self._gave_up or not self._more():
                    return False
                continue
            place = match.start()
            ahead = place - self.at
            if ahead > _LOOK_AHEAD:
                break
            try:
                value, _ = parser.next(self.text, place)
            except (ValueError, RecursionError) as error:
                ended = isinstance(error, json.JSONDecodeError) and self._may_go_on(error)
                if ended and len(self.text) - self.at < _LOOK_AHEAD and self._more():
                    continue
                if isinstance(error, RecursionError):
                    # What is nested too deeply is so at each of its levels, too.
                    between = _BETWEEN.search(self.text, place)
                    ahead = (between.end() if between else len(self.text)) - self.at
                    continue
                before = self.text[max(0, place - 200) : place].rstrip()[-1:]
                if before in ",}" and self._row_start is not None and self._row_start.match(self.text, place):
                    # A row by its beginning, with a fault of its own.
                    self.at = place
                    return True
            else:
                if is_row(value):
                    self.at = place
                    return True
            ahead += 1
        self._gave_up = True
        return False

    def learn_row(self) -> None:
        """Take from the row that begins at `at` how rows begin."""
        match = _FIRST_NAME.match(self.text, self.at)
        if match:
            self._row_start = re.compile(r"\{\s*" + re.escape(match.group(1)))

    def ends_at(self, error: Exception) -> bool:
        """Whether the text just ends where a parser has failed."""
        return self._ended and isinstance(error, json.JSONDecodeError) and self._may_go_on(error)

    def has_more_objects(self) -> bool:
        """Whether a search that has failed left out what may be rows."""
        return self._gave_up or (self._row_start is None and _OBJECT.search(self.text, self.at + 1) is not None)

    def line_of(self, place: int) -> int:
        """The line of a place in `text`, from 1."""
        known, line = self._known if self._known[0] <= place else (0, self.line)
        line += self.text.count("\n", known, place)
        self._known = (place, line)
        return line

    def fault(self, error: Exception) -> Fault:
        """What a parser raised, with its line and column."""
        if not isinstance(error, json.JSONDecodeError):
            return fault_of(error, line=self.line_of(self.at))
        fault = fault_of(error, line=self.line_of(error.pos))
        return fault._replace(detail={**fault.detail, "column": self._column_of(error.pos)})

    def fault_at(self, place: int, expected: str, *, record: int | None = None) -> Fault:
        """A fault of the list itself."""
        detail: Detail = {"expected": expected, "column": self._column_of(place)}
        return Fault("bad_json", line=self.line_of(place), record=record, detail=detail)

    def _column_of(self, place: int) -> int:
        begin = self.text.rfind("\n", 0, place)
        return place - begin if begin >= 0 else place + self._column + 1

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        return error.msg.startswith("Unterminated string") or error.pos >= len(self.text) - _NEAR_END

    def _more(self) -> bool:
        """Read on, and forget what lies before `at`."""
        if self._ended:
            return False
        piece = self._stream.read(max(_PIECE, len(self.text) - self.at))
        if not piece:
            self._ended = True
            return False
        begin = self.text.rfind("\n", 0, self.at)
        self._column = self.at - begin - 1 if begin >= 0 else self._column + self.at
        self.line = self.line_of(self.at)
        self.text = self.text[self.at :] + piece
        self.at = 0
        self._known = (0, self.line)
        return True


def fault_of(error: Exception, *, line: int | None) -> Fault:
    """What a parser raised."""
    if isinstance(error, json.JSONDecodeError):
        expected = _EXPECTED.get(error.msg, "escape" if "escape" in error.msg else "value")
        return Fault("bad_json", line=line, detail={"expected": expected, "column": error.colno})
    if isinstance(error, DuplicateName):
        return Fault("duplicate_name", line=line, field=error.name, detail={"name": error.name})
    return Fault("deep_json", line=line)


def _all_named_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) != len(pairs):
        names = [name for name, _ in pairs]
        raise DuplicateName(next(name for name in names if names.count(name) > 1)[:80])
    return row
