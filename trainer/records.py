"""Read training data: files become records, and whatever cannot be used becomes a problem with its place.

Line formats are streamed. Nothing is dropped silently and no row raises. Standard library only: both the doctor and
the trainer read data through this module, so that what `tunedoc data check` says is what `tunedoc train` meets.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from trainer.encodings import NotText, find_encoding
from trainer.layouts import (
    TRAINABLE,
    BadRow,
    Detail,
    Layout,
    Message,
    kind_of,
    layout_of,
    messages_of,
    unused_fields,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["TRAINABLE", "DataFile", "Layout", "Message", "Problem", "Record", "Severity"]

Severity = Literal["note", "warning", "failure"]
"""note: told, the data is used as it is. warning: used, but probably not meant so. failure: cannot be used."""

_LINE_SUFFIXES = (".jsonl", ".ndjson", ".jsonlines")
_LIST_FIELDS = ("data", "train", "records", "examples", "rows", "items", "instances")
"""Where files that wrap their list in an object keep it."""
_JSON_EXPECTED = {
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One conversation and where it stands."""

    messages: tuple[Message, ...]
    file: str
    line: int | None = None
    """From 1, in line formats."""
    record: int | None = None
    """From 0, in arrays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Something about a file or a row that the user should know."""

    file: str
    code: str
    """Stable; the doctor words it as `data.problem_<code>`."""
    severity: Severity
    line: int | None = None
    record: int | None = None
    field: str | None = None
    detail: Detail = dataclasses.field(default_factory=dict)


class DataFile:
    """One data file. Iterating reads it; afterwards the attributes say what was met."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.layout: Layout | None = None
        """Of the first row whose layout is known."""
        self.form: Literal["jsonl", "json"] = "jsonl"
        self.encoding: str | None = None
        """The codec; None until known, or when the file is not text."""
        self.rows = 0
        """Rows met, good or bad."""
        self._seen: dict[bytes, int] = {}
        self._told: set[str] = set()

    @property
    def trainable(self) -> bool:
        """Whether supervised fine-tuning can use this layout."""
        return self.layout in TRAINABLE

    def __iter__(self) -> Iterator[Record | Problem]:
        """Records and problems in the file's order. Raises OSError when the file cannot be opened."""
        name = str(self.path)
        encoding = find_encoding(self.path)
        if isinstance(encoding, NotText):
            code = "not_text" if encoding.kind else "encoding"
            yield Problem(file=name, code=code, severity="failure", line=encoding.line, detail={"kind": encoding.kind})
            return
        self.encoding = encoding.codec
        if encoding.codec == "utf-8-sig":
            yield Problem(file=name, code="utf8_bom", severity="note")
        elif encoding.codec != "utf-8":
            shown = "GBK (GB18030)" if encoding.codec == "gb18030" else encoding.codec.upper()
            yield Problem(file=name, code="other_encoding", severity="note", detail={"encoding": shown})
        match _first_letter(self.path, encoding.codec):
            case "":
                yield Problem(file=name, code="no_records", severity="failure")
                return
            case "[":
                yield from self._array()
            case _ if self.path.suffix.lower() in _LINE_SUFFIXES:
                yield from self._lines()
            case _:
                yield from self._lines_or_object()
        if self.rows == 0 and "ended" not in self._told:
            yield Problem(file=name, code="no_records", severity="failure")
        if self.layout is not None and not self.trainable:
            yield Problem(file=name, code=f"layout_{self.layout}", severity="warning", detail={"layout": self.layout})

    def _lines(self) -> Iterator[Record | Problem]:
        assert self.encoding is not None
        # Universal newlines, and not str.splitlines: a text may hold U+2028, which is no line end in JSONL.
        with self.path.open(encoding=self.encoding, newline=None) as stream:
            for line, text in enumerate(stream, 1):
                if not text.strip():
                    continue
                self.rows += 1
                try:
                    row = json.loads(text.rstrip("\n"))
                except (ValueError, RecursionError) as error:
                    yield self._bad_json(error, line=line)
                    continue
                yield from self._row(row, line=line, record=None)

    def _array(self) -> Iterator[Record | Problem]:
        self.form = "json"
        rows = self._whole()
        if isinstance(rows, Problem):
            yield rows
            return
        for place, row in enumerate(rows):
            self.rows += 1
            yield from self._row(row, line=None, record=place)

    def _lines_or_object(self) -> Iterator[Record | Problem]:
        """A file named .json that begins with an object: lines after all, one record, or a list wrapped in it."""
        whole = self._whole()
        if isinstance(whole, Problem):
            # One object ends and something follows: lines. One line that is broken reads better as a line, too.
            if whole.detail.get("expected") == "extra" or _first_line_is_json(self.path, self.encoding or "utf-8"):
                self._told.discard("ended")
                yield from self._lines()
            else:
                self.form = "json"
                yield whole
            return
        self.form = "json"
        lists = [n for n in _LIST_FIELDS if isinstance(whole, dict) and _is_list_of_rows(whole.get(n))]
        if isinstance(whole, dict) and layout_of(whole) is not None:
            self.rows += 1
            yield from self._row(whole, line=None, record=0)
        elif len(lists) == 1:
            yield Problem(
                file=str(self.path), code="wrapped_list", severity="note", field=lists[0], detail={"name": lists[0]}
            )
            for place, row in enumerate(whole[lists[0]]):
                self.rows += 1
                yield from self._row(row, line=None, record=place)
        else:
            self._told.add("ended")
            names = ", ".join(list(whole)[:6]) if isinstance(whole, dict) else ""
            yield Problem(file=str(self.path), code="not_a_list", severity="failure", detail={"names": names})

    def _whole(self) -> Any:
        """The parsed file, or the Problem that kept it from being parsed."""
        text = self.path.read_text(encoding=self.encoding)
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            self._told.add("ended")
            return self._bad_json(error, line=getattr(error, "lineno", None))

    def _bad_json(self, error: Exception, *, line: int | None) -> Problem:
        if isinstance(error, json.JSONDecodeError):
            expected = _JSON_EXPECTED.get(error.msg, "escape" if "escape" in error.msg else "value")
            detail: Detail = {"expected": expected, "column": error.colno}
            return Problem(file=str(self.path), code="bad_json", severity="failure", line=line, detail=detail)
        return Problem(file=str(self.path), code="deep_json", severity="failure", line=line)

    def _row(self, row: object, *, line: int | None, record: int | None) -> Iterator[Record | Problem]:
        name = str(self.path)

        def problem(code: str, severity: Severity, about: str | None = None, **detail: str | int) -> Problem:
            return Problem(
                file=name, code=code, severity=severity, line=line, record=record, field=about, detail=detail
            )

        if not isinstance(row, dict):
            yield problem("not_an_object", "failure", found=kind_of(row))
            return
        layout = layout_of(row) or (self.layout if not row else None)
        if layout is None:
            yield problem("unknown_layout", "failure", names=", ".join(list(row)[:6]))
            return
        if self.layout is None:
            self.layout = layout
        elif layout != self.layout and not (layout in TRAINABLE and self.layout in TRAINABLE):
            yield problem("mixed_layout", "failure", layout=layout, first=self.layout)
            return
        elif layout != self.layout and "mixed" not in self._told:
            self._told.add("mixed")
            yield problem("mixed_note", "note", layout=layout, first=self.layout)
        try:
            messages = messages_of(row, layout)
        except BadRow as bad:
            yield problem(bad.code, "failure", bad.field, **bad.detail)
            return
        for unused in unused_fields(row):
            if unused not in self._told:
                self._told.add(unused)
                yield problem("unused_field", "note", unused, name=unused)
        digest = hashlib.blake2b(repr(messages).encode("utf-8"), digest_size=16).digest()
        place = line if line is not None else record or 0
        first = self._seen.setdefault(digest, place)
        if first != place:
            yield problem("duplicate_line" if line is not None else "duplicate_record", "note", first=first)
        yield Record(messages=messages, file=name, line=line, record=record)


def _first_letter(path: Path, codec: str) -> str:
    with path.open(encoding=codec) as stream:
        while letters := stream.read(4096):
            if letters.strip():
                return letters.lstrip()[0]
    return ""


def _first_line_is_json(path: Path, codec: str) -> bool:
    with path.open(encoding=codec) as stream:
        line = next((text for text in stream if text.strip()), "")
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def _is_list_of_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)
