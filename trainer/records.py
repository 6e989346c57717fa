"""Read training data: files become records, and whatever cannot be used becomes a problem with its place.

Line formats, arrays and tables are streamed. Nothing is dropped silently and no row raises. Standard library only, but
for Parquet: both the doctor and the trainer read data through this module, so that what `tunedoc data check` says is
what `tunedoc train` meets.
"""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trainer.columns import COLUMN_NAMES, guess_columns, renamed, tags_of
from trainer.forms import LINE_SUFFIXES, FileRows, Form, is_bare_conversation, shown
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
from trainer.rows import Fault, Found, Severity
from trainer.seen import Seen
from trainer.turns import undefined_tools

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from trainer.turns import Detail

__all__ = [
    "LINE_SUFFIXES",
    "TRAINABLE",
    "USABLE",
    "DataFile",
    "Layout",
    "Message",
    "Problem",
    "Record",
    "Severity",
    "ToolCall",
]

_TABLES = ("csv", "tsv", "parquet", "arrow")


@dataclass(unsafe_hash=True, slots=True, kw_only=True)
class Record:
    """One thing to learn from and where it stands. Nobody changes it; frozen, it would take three times as long to
    make, and there are millions."""

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
        self._name = str(path)
        self.layout: Layout | None = None
        """Of the first row whose layout is known."""
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
        self._rows = FileRows(path)

    @property
    def form(self) -> Form:
        """How the file is written."""
        return self._rows.form

    @property
    def encoding(self) -> str | None:
        """The codec; None until known, or when the file is not text."""
        return self._rows.encoding

    @property
    def trainable(self) -> bool:
        """Whether supervised fine-tuning can use this layout."""
        return self.layout in TRAINABLE

    def __iter__(self) -> Iterator[Record | Problem]:
        """Records and problems in the file's order. Raises OSError when the file cannot be opened."""
        parser = self._rows.parser
        for item in self._rows.raw_rows():
            if isinstance(item, Fault):
                self.rows += item.is_row
                if item.severity == "failure" and not item.is_row:
                    self._told.add("ended")
                yield self._problem(item)
                continue
            self.rows += 1
            if parser.not_numbers and "NaN" not in self._told:
                self._told.add("NaN")
                yield self._problem(Fault("not_numbers", item.line, item.record, severity="note"))
            row = item.value
            if self.layout is None and self.form in _TABLES and isinstance(row, dict) and self._is_strange(row):
                # What the columns are called is the same in every row.
                first = 1 if item.line is not None else None
                yield self._problem(Fault("unknown_layout", line=first, detail={"names": shown(row)}))
                return
            yield from self.read_row(item)
        if self.rows == 0 and "ended" not in self._told:
            yield self._problem(Fault("no_records"))
        if self.layout is not None and not self.trainable:
            yield self._problem(Fault(f"layout_{self.layout}", severity="note", detail={"layout": self.layout}))

    def raw_rows(self) -> Iterator[Found | Fault]:
        """The rows as they stand in the file, whatever they hold. Raises OSError when it cannot be opened."""
        return self._rows.raw_rows()

    def read_row(self, found: Found) -> Iterator[Record | Problem]:
        """What one row gives: all that is to be told of it, then the record if it can be used."""
        row, line, record = found
        if not isinstance(row, dict):
            if not is_bare_conversation(row):
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
            yield self._problem(Fault(code, line, record, detail={"names": shown(row)}))
            return
        if layout != self.layout:
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
        if example.tools and (undefined := undefined_tools(example.messages, example.tools)):
            yield self._problem(
                Fault("undefined_tool", line, record, detail={"name": undefined[0][:60]}, severity="warning")
            )
        new = unused_fields(row, layout) - self._told
        if example.unused:
            new |= example.unused - self._told
        if new:
            self._told |= new
            detail: Detail = {"names": shown(sorted(map(str, new)))}
            yield self._problem(Fault("unused_fields", line, record, detail=detail, severity="note"))
        if self._seen is not None:
            place = line if line is not None else record or 0
            first = self._seen.first(example.content(), place)
            if first != place:
                code = "duplicate_line" if line is not None else "duplicate_record"
                yield self._problem(Fault(code, line, record, detail={"first": first}, severity="note"))
        yield Record(
            messages=example.messages,
            file=self._name,
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
        else:
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
            file=self._name,
            code=fault.code,
            severity=fault.severity,
            line=fault.line,
            record=fault.record,
            field=fault.field,
            detail=fault.detail,
        )
