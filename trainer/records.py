"""Read training data: files become records, and whatever cannot be used becomes a problem with its place.

Line formats, arrays and tables are streamed. Nothing is dropped silently and no row raises. Standard library only, but
for Parquet: both the doctor and the trainer read data through this module, so that what `tunedoc data check` says is
what `tunedoc train` meets.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from trainer.columns import COLUMN_NAMES, guess_columns, renamed, tags_of
from trainer.documents import rows_of_document
from trainer.encodings import Encoding, NotText, find_encoding
from trainer.layouts import (
    TRAINABLE,
    USABLE,
    BadRow,
    Layout,
    Message,
    ToolCall,
    is_of_a_tree,
    kind_of,
    layout_of,
    read_example,
    unused_fields,
)
from trainer.media_files import MediaFiles
from trainer.rows import Fault, Found, Parser, Severity, Window, rows_of_lines, rows_of_list
from trainer.seen import Seen
from trainer.tables import rows_of_arrow, rows_of_csv

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from trainer.turns import Detail

__all__ = ["TRAINABLE", "USABLE", "DataFile", "Layout", "Message", "Problem", "Record", "Severity", "ToolCall"]

Form = Literal["jsonl", "json", "csv", "tsv", "parquet", "arrow", "text"]

LINE_SUFFIXES = (".jsonl", ".ndjson", ".jsonlines")
TABLE_SUFFIXES = (".csv", ".tsv", ".parquet", ".arrow")
DOCUMENT_SUFFIXES = (".txt", ".md")
DATA_SUFFIXES = (".json", *LINE_SUFFIXES, *TABLE_SUFFIXES)
"""What a folder is searched for; documents only where there is none of these."""

_LIST_FIELDS = ("data", "train", "records", "examples", "rows", "items", "instances")
"""Where files that wrap their list in an object keep it."""
_NAMES_SHOWN = 6
_TABLES = ("csv", "tsv", "parquet", "arrow")


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """One thing to learn from and where it stands."""

    messages: tuple[Message, ...]
    """The conversation with its answers; of preference pairs what comes before them; nothing for raw text."""
    file: str
    line: int | None = None
    """From 1, in line formats."""
    record: int | None = None
    """From 0, in arrays and tables."""
    layout: Layout = "openai"
    tools: str = ""
    """JSON list of the tools' definitions in OpenAI's form; empty when there are none."""
    chosen: tuple[Message, ...] = ()
    """Preference: how the conversation should go on."""
    rejected: tuple[Message, ...] = ()
    """Preference: how it should not."""
    label: bool | None = None
    """KTO: whether the last answer is a good one."""
    media: tuple[str, ...] = ()
    """Files of the placeholders `<image>`, `<video>`, `<audio>`: images, then videos, then sound."""
    media_counts: tuple[int, int, int] = (0, 0, 0)
    """How many of them are images, videos, sound."""
    text: str = ""
    """Raw text."""


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

    def __init__(
        self,
        path: Path,
        *,
        layout: str = "auto",
        columns: Mapping[str, str] | None = None,
        find_duplicates: bool = True,
    ) -> None:
        self.path = path
        self.layout: Layout | None = None
        """Of the first row whose layout is known."""
        self.form: Form = "jsonl"
        self.encoding: str | None = None
        """The codec; None until known, or when the file is not text."""
        self.rows = 0
        """Rows met, good or bad."""
        self._said: Layout | None = layout if layout != "auto" else None  # type: ignore[assignment]
        self._columns = dict(columns or {})
        self._renames = {name: source for name, source in self._columns.items() if name in COLUMN_NAMES}
        self._tags = tags_of(self._columns)
        self._guessed: dict[str, str] = {}
        self._media = MediaFiles(path.parent)
        self._seen = Seen() if find_duplicates else None
        self._told: set[str] = set()
        self._parser = Parser()

    @property
    def trainable(self) -> bool:
        """Whether supervised fine-tuning can use this layout."""
        return self.layout in TRAINABLE

    def __iter__(self) -> Iterator[Record | Problem]:
        """Records and problems in the file's order. Raises OSError when the file cannot be opened."""
        for item in self.raw_rows():
            if isinstance(item, Fault):
                self.rows += item.is_row
                if item.severity == "failure" and not item.is_row:
                    self._told.add("ended")
                yield self._problem(item)
                continue
            self.rows += 1
            if self._parser.not_numbers and "NaN" not in self._told:
                self._told.add("NaN")
                yield self._problem(Fault("not_numbers", item.line, item.record, severity="note"))
            if self.form in _TABLES and self.layout is None and isinstance(row := item.value, dict):
                # What the columns are called is the same in every row.
                if self._is_strange(row):
                    first = 1 if item.line is not None else None
                    yield self._problem(Fault("unknown_layout", line=first, detail={"names": _shown(row)}))
                    return
            yield from self._row(item)
        if self.rows == 0 and "ended" not in self._told:
            yield self._problem(Fault("no_records"))
        if self.layout is not None and not self.trainable:
            yield self._problem(Fault(f"layout_{self.layout}", severity="note", detail={"layout": self.layout}))

    # ------------------------------------------------------------------------------------------ forms of files

    def raw_rows(self) -> Iterator[Found | Fault]:
        """The rows as they stand there, whatever they hold."""
        suffix = self.path.suffix.lower()
        found = find_encoding(self.path)
        if isinstance(found, NotText):
            if found.kind in ("Parquet", "Arrow") or suffix in (".parquet", ".arrow"):
                self.form = "arrow" if suffix == ".arrow" else "parquet"
                yield from rows_of_arrow(self.path)
                return
            code = "not_text" if found.kind else "encoding"
            yield Fault(code, line=found.line, detail={"kind": found.kind})
            return
        if suffix in (".parquet", ".arrow") and self.path.stat().st_size:
            self.form = "arrow" if suffix == ".arrow" else "parquet"
            yield from rows_of_arrow(self.path)
            return
        self.encoding = found.codec
        if found.codec == "utf-8-sig":
            yield Fault("utf8_bom", severity="note")
        elif found.codec != "utf-8":
            names = {"gb18030": "GBK (GB18030)", "cp1252": "Windows-1252"}
            shown = names.get(found.codec, found.codec.upper())
            yield Fault("other_encoding", severity="note", detail={"encoding": shown})
        if suffix in (".csv", ".tsv"):
            self.form = "tsv" if suffix == ".tsv" else "csv"
            with self.path.open(encoding=found.codec, errors=found.errors, newline="") as stream:
                yield from rows_of_csv(stream, tabs=suffix == ".tsv")
        elif suffix in DOCUMENT_SUFFIXES:
            self.form = "text"
            with self.path.open(encoding=found.codec, errors=found.errors) as stream:
                yield from rows_of_document(stream)
        else:
            yield from self._rows_of_json(found, lines=suffix in LINE_SUFFIXES)

    def _rows_of_json(self, encoding: Encoding, *, lines: bool) -> Iterator[Found | Fault]:
        with self.path.open(encoding=encoding.codec, errors=encoding.errors) as stream:
            window = Window(stream)
            letter = window.letter()
            if letter == "[" and not self._are_lists_in_lines(encoding):
                self.form = "json"
                yield from rows_of_list(window, self._parser, _is_row, damaged=encoding.damaged)
                return
            if letter and letter != "[" and not lines:
                yield from self._rows_of_object(window, encoding)
                return
        if letter:
            yield from self._rows_of_lines(encoding)

    def _rows_of_lines(self, encoding: Encoding) -> Iterator[Found | Fault]:
        self.form = "jsonl"
        with self.path.open(encoding=encoding.codec, errors=encoding.errors) as stream:
            yield from rows_of_lines(stream, self._parser, damaged=encoding.damaged)

    def _rows_of_object(self, window: Window, encoding: Encoding) -> Iterator[Found | Fault]:
        """A file named .json that begins with an object: lines after all, one record, or a list wrapped in it."""
        try:
            whole, end = window.value(self._parser)
        except (ValueError, RecursionError) as error:
            # One line that is broken reads better as a line.
            if self._second_line_begins_an_object(encoding):
                yield from self._rows_of_lines(encoding)
            else:
                self.form = "json"
                yield window.fault(error)
            return
        in_one_line = "\n" not in window.text[window.at : end]
        window.at = end
        if window.letter():
            # Something follows the first object.
            if in_one_line:
                yield from self._rows_of_lines(encoding)
                return
            with self.path.open(encoding=encoding.codec, errors=encoding.errors) as stream:
                self.form = "json"
                yield from rows_of_list(Window(stream), self._parser, _is_row, damaged=encoding.damaged)
            return
        self.form = "json"
        yield from self._wrapped(whole)

    def _wrapped(self, whole: object) -> Iterator[Found | Fault]:
        if not isinstance(whole, dict):
            yield Fault("not_a_list", detail={"names": ""})
            return
        rows = _rows_of_columns(whole)
        lists = [name for name in _LIST_FIELDS if _is_list_of_rows(whole.get(name))]
        if rows is not None:
            yield Fault("by_columns", severity="note")
            for place, row in enumerate(rows):
                yield Found(row, record=place)
        elif layout_of(whole) is not None and not lists:
            yield Found(whole, record=0)
        elif len(lists) == 1:
            yield Fault("wrapped_list", severity="note", field=lists[0], detail={"name": lists[0]})
            for place, row in enumerate(whole[lists[0]]):
                yield Found(row, record=place)
        else:
            yield Fault("not_a_list", detail={"names": _shown(whole)})

    def _are_lists_in_lines(self, encoding: Encoding) -> bool:
        """Whether each line is a conversation's bare list of turns."""
        with self.path.open(encoding=encoding.codec, errors=encoding.errors) as stream:
            filled = (line for line in stream if line.strip())
            first, second = next(filled, ""), next(filled, "")
        return second.lstrip().startswith("[") and _is_bare_conversation(self._parsed(first))

    def _second_line_begins_an_object(self, encoding: Encoding) -> bool:
        with self.path.open(encoding=encoding.codec, errors=encoding.errors) as stream:
            filled = (line for line in stream if line.strip())
            first, second = next(filled, ""), next(filled, "")
        return second.startswith('{"') or (bool(second) and isinstance(self._parsed(first), dict))

    def _parsed(self, text: str) -> object:
        try:
            return self._parser.whole(text)
        except (ValueError, RecursionError):
            return None

    # ------------------------------------------------------------------------------------------ one row

    def _row(self, found: Found) -> Iterator[Record | Problem]:
        row, line, record = found
        if not isinstance(row, dict):
            if not _is_bare_conversation(row):
                yield self._problem(Fault("not_an_object", line, record, detail={"found": kind_of(row)}))
                return
            row = {"messages": row}
        if self._renames:
            row = renamed(row, self._renames)
        elif self._guessed or self.layout is None:
            row, note = self._with_guesses(row)
            if note is not None:
                yield self._problem(note._replace(line=line, record=record))
        layout = self._said or layout_of(row)
        if layout is None or (self.layout in ("preference", "kto", "text") and layout in TRAINABLE):
            # A field is missing that makes the file what it is; that is what reading it so will say.
            layout = self.layout or layout
        if layout is None:
            code = "message_tree" if is_of_a_tree(row) else "unknown_layout"
            yield self._problem(Fault(code, line, record, detail={"names": _shown(row)}))
            return
        for fault in self._mixed(layout):
            yield self._problem(fault._replace(line=line, record=record))
            if fault.severity == "failure":
                return
        try:
            example = read_example(row, layout, self._tags)
            media, counts, notes = (
                self._media.of(example) if example.media or layout == "media" else ((), (0, 0, 0), [])
            )
        except BadRow as bad:
            yield self._problem(Fault(bad.code, line, record, self._own_name(bad.field), bad.detail))
            return
        except RecursionError:
            yield self._problem(Fault("deep_json", line, record))
            return
        for note in notes:
            yield self._problem(note._replace(line=line, record=record))
        new = unused_fields(row, layout) - self._told
        if new:
            self._told |= new
            names = ", ".join(sorted(str(name)[:40] for name in new)[:_NAMES_SHOWN])
            yield self._problem(Fault("unused_fields", line, record, detail={"names": names}, severity="note"))
        if self._seen is not None:
            place = line if line is not None else record or 0
            first = self._seen.first(example.content(), place)
            if first != place:
                code = "duplicate_line" if line is not None else "duplicate_record"
                yield self._problem(Fault(code, line, record, detail={"first": first}, severity="note"))
        yield Record(
            messages=example.messages,
            file=str(self.path),
            line=line,
            record=record,
            layout=layout,
            tools=example.tools,
            chosen=example.chosen,
            rejected=example.rejected,
            label=example.label,
            media=media,
            media_counts=counts,
            text=example.text,
        )

    def _own_name(self, name: str | None) -> str | None:
        """What the file calls a field."""
        if name is None:
            return None
        head = re.split(r"[.\[]", name, maxsplit=1)[0]
        return (self._columns.get(head) or self._guessed.get(head) or head) + name[len(head) :]

    def _is_strange(self, row: dict[str, Any]) -> bool:
        row = renamed(row, self._renames)
        return self._said is None and layout_of({**row, **guess_columns(row)}) is None

    def _with_guesses(self, row: dict[str, Any]) -> tuple[dict[str, Any], Fault | None]:
        """The row under the usual names where its own are plain; told once."""
        note = None
        if not self._guessed:
            self._guessed = guess_columns(row)
            if self._guessed:
                pairs = ", ".join(f"{source} → {name}" for name, source in self._guessed.items())
                note = Fault("guessed_columns", detail={"names": pairs}, severity="note")
        missing = {name: source for name, source in self._guessed.items() if name not in row and source in row}
        return (renamed(row, missing) if missing else row), note

    def _mixed(self, layout: Layout) -> Iterator[Fault]:
        if self.layout is None:
            self.layout = layout
        elif layout != self.layout:
            detail: Detail = {"layout": layout, "first": self.layout}
            if not (layout in TRAINABLE and self.layout in TRAINABLE):
                yield Fault("mixed_layout", detail=detail)
            elif "media" not in (layout, self.layout) and "mixed layouts" not in self._told:
                self._told.add("mixed layouts")
                yield Fault("mixed_note", detail=detail, severity="note")
            elif layout == "media":
                self.layout = layout

    def _problem(self, fault: Fault) -> Problem:
        return Problem(
            file=str(self.path),
            code=fault.code,
            severity=fault.severity,
            line=fault.line,
            record=fault.record,
            field=fault.field,
            detail=fault.detail,
        )


def _is_row(value: object) -> bool:
    return isinstance(value, dict) and layout_of(value) is not None


def _is_list_of_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


def _is_bare_conversation(value: object) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(turn, dict) and ("role" in turn or "from" in turn) for turn in value)
    )


def _rows_of_columns(whole: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The rows of a table that was written column by column, as pandas and datasets write one."""
    if layout_of(whole) is None and not guess_columns(whole):
        return None
    columns = list(whole.values())
    if all(isinstance(column, dict) and column.keys() == columns[0].keys() for column in columns):
        return [{name: column[key] for name, column in whole.items()} for key in columns[0]]
    same = all(isinstance(column, list) and len(column) == len(columns[0]) for column in columns)
    if same and len(columns) > 1 and any(isinstance(column[0], str) for column in columns if column):
        return [{name: column[place] for name, column in whole.items()} for place in range(len(columns[0]))]
    return None


def _shown(row: Mapping[str, Any]) -> str:
    return ", ".join(str(name)[:40] for name in list(row)[:_NAMES_SHOWN])
