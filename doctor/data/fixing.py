"""Write a better copy of a data file: what has one right form gets it, and what was done is told."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import field, replace
from typing import TYPE_CHECKING, Any, Literal

from doctor.data.mending import Mend, mend_line, mend_row
from doctor.data.new_file import NewFile
from doctor.data.report import require_file
from doctor.errors import BadInput
from doctor.quick_dataclass import dataclass
from doctor.words.text import text
from trainer.encodings import NotText, find_encoding
from trainer.likeness import Places
from trainer.records import Problem
from trainer.rows import Fault, Parser, Window, fault_of, rows_of_list
from trainer.turns import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

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
    require_file(path)
    codec = _codec(path)
    in_array = target.suffix.lower() == ".json"
    told = _Told()
    seen = Places()
    rows = written = 0
    with NewFile(target) as stream:
        for row in _rows(path, codec):
            rows += 1
            problem = row.problem
            if problem is None:
                place = row.line if row.line is not None else row.record or 0
                first = seen.meet(hash(json.dumps(row.value, sort_keys=True)), place) if drop_duplicates else None
                if first is not None:
                    code = "duplicate_record" if row.line is None else "duplicate_line"
                    problem = _problem(path, row, code, None, {"first": first}, "note")
            gone = problem is not None and (
                problem.severity == "note" or drop_unusable or (row.value is None and (in_array or row.text is None))
            )
            if gone:
                told.add("left_out", row, problem=problem)
                continue
            for mend in row.mends:
                told.add("mended", row, mend=mend)
            if problem is not None:
                told.add("unusable", row, problem=problem)
            whole = json.dumps(row.value, ensure_ascii=False) if row.text is None or row.mends else row.text
            stream.write((",\n" if written else "[\n") + whole if in_array else whole + "\n")
            written += 1
        if in_array:
            stream.write("\n]\n" if written else "[]\n")
    return FixOutcome(rows=rows, written=written, encoding=codec, changes=tuple(told.changes), counts=dict(told.counts))


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


def _codec(path: Path) -> str:
    try:
        encoding = find_encoding(path)
    except OSError as exc:
        raise BadInput(text("data.unreadable", detail=exc.strerror or str(exc)), file=str(path)) from exc
    if isinstance(encoding, NotText):
        hint = text("data.check_hint", file=str(path))
        raise BadInput(text("data.cannot_fix"), hint=hint, file=str(path), line=encoding.line)
    return encoding.codec


def _rows(path: Path, codec: str) -> Iterator[_Row]:
    with path.open(encoding=codec) as stream:
        window = Window(stream)
        is_list = window.letter() == "["
    with path.open(encoding=codec) as stream:
        if is_list:
            yield from _list_rows(path, stream)
        else:
            yield from _line_rows(path, stream)


def _line_rows(path: Path, stream: TextIO) -> Iterator[_Row]:
    for line, written in enumerate(stream, 1):
        words = written.strip()
        if not words.strip("\ufeff"):
            continue
        try:
            value, mends = mend_line(words)
        except ValueError as error:
            fault = fault_of(error, line=line)
            row = _Row(line=line, text=words)
            yield replace(row, problem=_problem(path, row, fault.code, fault.field, fault.detail))
            continue
        yield _mended(path, _Row(line=line, value=value, text=words, mends=tuple(mends)))


def _list_rows(path: Path, stream: TextIO) -> Iterator[_Row]:
    for found in rows_of_list(Window(stream), Parser(), lambda value: isinstance(value, dict), damaged=False):
        row = _Row(line=found.line if isinstance(found, Fault) else None, record=found.record)
        if isinstance(found, Fault):
            if found.is_row or found.code == "rest_unread":
                yield replace(row, problem=_problem(path, row, found.code, found.field, found.detail))
            continue
        yield _mended(path, replace(row, value=found.value))


def _mended(path: Path, row: _Row) -> _Row:
    """A row that was read, with all put right that can be."""
    if not isinstance(row.value, dict):
        return replace(row, problem=_problem(path, row, "not_an_object", None, {"found": kind_of(row.value)}))
    value, mends, bad = mend_row(row.value)
    problem = None if bad is None else _problem(path, row, bad.code, bad.field, bad.detail)
    return replace(row, value=value, mends=(*row.mends, *mends), problem=problem)


def _problem(
    path: Path, row: _Row, code: str, about: str | None, detail: Any, severity: Severity = "failure"
) -> Problem:
    return Problem(
        file=str(path), code=code, severity=severity, line=row.line, record=row.record, field=about, detail=detail
    )
