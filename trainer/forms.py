"""The rows of one file, whatever its form: lines, a list, columns, a table, plain text. Standard library only, but for
Parquet."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Literal

from trainer.columns import guess_columns
from trainer.documents import rows_of_document
from trainer.encodings import Encoding, NotText, find_encoding
from trainer.layouts import layout_of
from trainer.rows import Fault, Found, Parser, Window, rows_of_lines, rows_of_list
from trainer.tables import rows_of_arrow, rows_of_csv

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Form = Literal["jsonl", "json", "csv", "tsv", "parquet", "arrow", "text"]

LINE_SUFFIXES = (".jsonl", ".ndjson", ".jsonlines")
TABLE_SUFFIXES = (".csv", ".tsv", ".parquet", ".arrow")
DOCUMENT_SUFFIXES = (".txt", ".md")
DATA_SUFFIXES = (".json", *LINE_SUFFIXES, *TABLE_SUFFIXES)
"""What a folder is searched for; documents only where there is none of these."""

_LIST_FIELDS = ("data", "train", "records", "examples", "rows", "items", "instances")
"""Where files that wrap their list in an object keep it."""
_NAMES_SHOWN = 6


class FileRows:
    """The rows of one file."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.form: Form = "jsonl"
        self.encoding: str | None = None
        """The codec; None until known, or when the file is not text."""
        self.parser = Parser()

    def raw_rows(self) -> Iterator[Found | Fault]:
        """The rows as they stand there, whatever they hold. Raises OSError when the file cannot be opened."""
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
                yield from rows_of_list(window, self.parser, _is_row, damaged=encoding.damaged)
                return
            if letter and letter != "[" and not lines:
                yield from self._rows_of_object(window, encoding)
                return
        if letter:
            yield from self._rows_of_lines(encoding)

    def _rows_of_lines(self, encoding: Encoding) -> Iterator[Found | Fault]:
        self.form = "jsonl"
        with self.path.open(encoding=encoding.codec, errors=encoding.errors) as stream:
            yield from rows_of_lines(stream, self.parser, damaged=encoding.damaged)

    def _rows_of_object(self, window: Window, encoding: Encoding) -> Iterator[Found | Fault]:
        """A file named .json that begins with an object: lines after all, one record, or a list wrapped in it."""
        try:
            whole, end = window.value(self.parser)
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
                yield from rows_of_list(Window(stream), self.parser, _is_row, damaged=encoding.damaged)
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
            yield Fault("not_a_list", detail={"names": shown(whole)})

    def _are_lists_in_lines(self, encoding: Encoding) -> bool:
        """Whether each line is a conversation's bare list of turns."""
        with self.path.open(encoding=encoding.codec, errors=encoding.errors) as stream:
            filled = (line for line in stream if line.strip())
            first, second = next(filled, ""), next(filled, "")
        return second.lstrip().startswith("[") and is_bare_conversation(self._parsed(first))

    def _second_line_begins_an_object(self, encoding: Encoding) -> bool:
        with self.path.open(encoding=encoding.codec, errors=encoding.errors) as stream:
            filled = (line for line in stream if line.strip())
            first, second = next(filled, ""), next(filled, "")
        return second.startswith('{"') or (bool(second) and isinstance(self._parsed(first), dict))

    def _parsed(self, text: str) -> object:
        try:
            return self.parser.whole(text)
        except (ValueError, RecursionError):
            return None


def is_bare_conversation(value: object) -> bool:
    """Whether a row is nothing but a conversation's list of turns."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(turn, dict) and ("role" in turn or "from" in turn) for turn in value)
    )


def shown(row: Iterable[Any]) -> str:
    """The first of a row's names, for a message."""
    return ", ".join(str(name)[:40] for name in islice(row, _NAMES_SHOWN))


def _is_row(value: object) -> bool:
    return isinstance(value, dict) and layout_of(value) is not None


def _is_list_of_rows(value: object) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], dict)


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
