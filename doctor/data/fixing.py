"""Write a better copy of a data file: what has one right form gets it, and what was done is told."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, Literal

from doctor.data.mending import Mend, mend_line, mend_row
from doctor.data.new_file import NewFile
from doctor.data.report import require_one_file, words_of
from doctor.errors import BadInput
from doctor.quick_dataclass import dataclass
from doctor.words.text import text
from trainer.encodings import NotText, find_encoding
from trainer.forms import LINE_SUFFIXES
from trainer.likeness import Places, record_key
from trainer.records import DataFile, Problem, Record
from trainer.rows import Fault, Found, fault_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from trainer.encodings import Encoding
    from trainer.records import Severity

MOST_TOLD = 10_000
"""Changes that are listed; of the rest only the number is kept."""

Fate = Literal["mended", "left_out", "unusable"]


@dataclass(frozen=True, kw_only=True)
class Change:
    """What became of one row that is not as it was, or cannot be used."""

    fate: Fate
    """mended: put right. left_out: not in the new file. unusable: in the new file as it was."""
    line: int | None
    """From 1, in line formats."""
    record: int | None
    """From 0, in arrays."""
    mend: Mend | None = None
    problem: Problem | None = None
    """Why it is left out or cannot be used."""


@dataclass(frozen=True, kw_only=True)
class FixOutcome:
    """What was written."""

    rows: int
    """Rows of the old file."""
    written: int
    encoding: str
    """Codec of the old file."""
    changes: tuple[Change, ...]
    counts: dict[str, int] = field(default_factory=dict)
    """How many rows met each fate."""


def fix_data(path: Path, target: Path, *, drop_unusable: bool = False, drop_duplicates: bool = False) -> FixOutcome:
    """Write `target` from `path`, which stays as it is.

    The new file is UTF-8 without a mark: an array where its name ends with .json, else one object a line. Rows that
    cannot be used are kept as they are unless `drop_unusable`; a row that is no JSON cannot stand in an array and is
    left out there. Raises BadInput when the file cannot be read, or the target is there already.
    """
    require_one_file(path)
    encoding = _encoding(path)
    in_array = target.suffix.lower() == ".json"
    told = _Told()
    seen = Places()
    rows = written = 0
    with NewFile(target) as stream:
        for row in _rows(path, encoding):
            if not row.is_row:
                told.add("mended", row, mend=row.mends[0])
                continue
            rows += 1
            problem, whole = row.problem, row.text
            if problem is None and drop_duplicates:
                place = row.line if row.line is not None else row.record or 0
                first = seen.meet(row.key, place)
                if first is not None:
                    code = "duplicate_record" if row.line is None else "duplicate_line"
                    problem = _problem(path, row, code, None, {"first": first}, "note")
            if row.value is not None and (whole is None or row.mends):
                try:
                    whole = _json(row.value)
                except RecursionError:
                    problem, whole = _problem(path, row, "deep_json", None, {}), None
            gone = problem is not None and (problem.severity == "note" or drop_unusable)
            if whole is None or gone or (in_array and row.value is None):
                told.add("left_out", row, problem=problem)
                continue
            for mend in row.mends:
                told.add("mended", row, mend=mend)
            if problem is not None:
                told.add("unusable", row, problem=problem)
            stream.write((",\n" if written else "[\n") + whole if in_array else whole + "\n")
            written += 1
        if in_array:
            stream.write("\n]\n")
        if not written:
            hint = text("data.check_hint", file=str(path))
            raise BadInput(text("data.nothing_to_write"), hint=hint, file=str(path))
    return FixOutcome(
        rows=rows,
        written=written,
        encoding=encoding.codec,
        changes=tuple(told.changes),
        counts=dict(told.counts),
    )


class _Told:
    """What is told of the rows, up to a number of them."""

    def __init__(self) -> None:
        self.changes: list[Change] = []
        self.counts: Counter[str] = Counter()
        self._last: tuple[Fate, int | None, int | None] | None = None

    def add(self, fate: Fate, row: _Row, *, mend: Mend | None = None, problem: Problem | None = None) -> None:
        """Tell one thing; rows are counted once for each fate."""
        now = (fate, row.line, row.record)
        self.counts[fate] += now != self._last
        self._last = now
        if len(self.changes) < MOST_TOLD:
            self.changes.append(Change(fate=fate, line=row.line, record=row.record, mend=mend, problem=problem))


@dataclass(frozen=True, kw_only=True)
class _Row:
    """One row of the old file."""

    line: int | None = None
    record: int | None = None
    value: Any = None
    """What it means; None when it cannot be read."""
    text: str | None = None
    """As it stands there, in line formats."""
    mends: tuple[Mend, ...] = ()
    problem: Problem | None = None
    key: int = 0
    """A hash of the record that it gives."""
    is_row: bool = True
    """False for what was put right between rows."""


def _json(value: Any) -> str:
    words = json.dumps(value, ensure_ascii=False)
    # Half characters can only be written as escapes.
    return json.dumps(value) if is_damaged(words) else words


def _rows(path: Path, encoding: Encoding) -> Iterator[_Row]:
    reader = DataFile(path, find_duplicates=False)
    rows = _line_rows(path, encoding) if _is_in_lines(path, encoding) else _other_rows(path)
    for row in rows:
        yield row if row.problem is not None or not row.is_row else _mended(reader, row)


def _encoding(path: Path) -> Encoding:
    try:
        encoding = find_encoding(path)
    except OSError as exc:
        raise BadInput(text("data.unreadable", detail=exc.strerror or str(exc)), file=str(path)) from exc
    if isinstance(encoding, NotText):
        hint = text("data.check_hint", file=str(path))
        raise BadInput(text("data.cannot_fix"), hint=hint, file=str(path), line=encoding.line)
    return encoding


def _is_in_lines(path: Path, encoding: Encoding) -> bool:
    """Whether each line is a row of its own: by the name, or because the second line begins an object too."""
    if path.suffix.lower() in LINE_SUFFIXES:
        return True
    if path.suffix.lower() != ".json":
        return False
    with path.open(encoding=encoding.codec, errors=encoding.errors) as stream:
        filled = (line.strip() for line in stream if line.strip())
        first, second = next(filled, ""), next(filled, "")
    return first.startswith("{") and second.startswith("{")


def _line_rows(path: Path, encoding: Encoding) -> Iterator[_Row]:
    with path.open(encoding=encoding.codec, errors=encoding.errors) as stream:
        for line, written in enumerate(stream, 1):
            words = written.strip("\ufeff \t\r\n")
            if not words:
                continue
            row = _Row(line=line)
            if encoding.damaged and is_damaged(words):
                # Half a character cannot be written in UTF-8.
                yield replace(row, problem=_problem(path, row, "encoding", None, {"kind": ""}))
                continue
            try:
                value, mends = mend_line(words)
            except ValueError as error:
                fault = fault_of(error, line=line)
                problem = _problem(path, row, fault.code, fault.field, fault.detail)
                yield replace(row, text=words, problem=problem)
                continue
            yield replace(row, value=value, text=words, mends=tuple(mends))


def _other_rows(path: Path) -> Iterator[_Row]:
    """Rows of lists and tables, which reading them puts right in form."""
    for found in DataFile(path).raw_rows():
        if not isinstance(found, Fault):
            yield _Row(line=found.line, record=found.record, value=found.value)
            continue
        row = _Row(line=found.line, record=found.record)
        if found.is_row or found.code == "rest_unread":
            yield replace(row, problem=_problem(path, row, found.code, found.field, found.detail))
        elif found.code == "bad_json":
            yield replace(row, is_row=False, mends=(Mend(code="list"),))
        elif found.severity == "failure":
            raise BadInput(
                words_of(_problem(path, row, found.code, found.field, found.detail)),
                hint=text("data.check_hint", file=str(path)),
                file=str(path),
                line=found.line,
            )


def _mended(reader: DataFile, row: _Row) -> _Row:
    """A row that was read, with all put right that can be."""

    keys = [0]

    def check(value: object) -> Problem | None:
        for item in reader.read_row(Found(value, row.line, row.record)):
            if isinstance(item, Record):
                keys.append(record_key(item))
            elif item.severity == "failure":
                return item
        return None

    if not isinstance(row.value, dict):
        return replace(row, problem=check(row.value))
    value, mends, problem = mend_row(row.value, check)
    return replace(row, value=value, mends=(*row.mends, *mends), problem=problem, key=keys[-1])


def is_damaged(words: str) -> bool:
    """Whether a text holds half characters, as bytes that could not be decoded become."""
    try:
        words.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return "\ufffd" in words


def _problem(
    path: Path, row: _Row, code: str, about: str | None, detail: Any, severity: Severity = "failure"
) -> Problem:
    return Problem(
        file=str(path), code=code, severity=severity, line=row.line, record=row.record, field=about, detail=detail
    )
