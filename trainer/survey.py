"""Look through data files in one pass: what each holds, what cannot be used, what is there twice.

`tunedoc data check` sees data through this module, by itself or, where the model's tokenizer or a table is to be read,
through `trainer.look`. Standard library only.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trainer.likeness import Texts, question_of, record_key, record_text
from trainer.records import USABLE, Problem, Record
from trainer.sources import files_of, open_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trainer.contract import Method, Source
    from trainer.likeness import Alike
    from trainer.records import DataFile, Severity

_UNREPLACED = frozenset({"{{name}}", "{{author}}", "<NAME>", "<AUTHOR>"})
"""What templates of identity questions leave to be filled in."""
_SHIFT = 40


@dataclass(slots=True, kw_only=True)
class FileSurvey:
    """What one data file holds."""

    file: str
    held_out: bool = False
    """Meant for measuring only."""
    layout: str | None = None
    form: str = ""
    """`jsonl`, `json`, …"""
    encoding: str | None = None
    rows: int = 0
    records_ok: int = 0
    roles: dict[str, int] = dataclasses.field(default_factory=dict)
    """Turns by role."""
    problems: dict[str, int] = dataclasses.field(default_factory=dict)
    """How often each code was met."""


class Survey:
    """A look through several files. Read each, then ask `files`."""

    def __init__(self, *, near: bool = True, held_out: bool = False, method: Method | None = None) -> None:
        self.files: list[FileSurvey] = []
        self._method = method
        self._texts = {False: Texts(near=near), True: Texts(near=near)}
        self._questions = Texts(near=near) if held_out else None
        self._told_full = False
        self._unreplaced = _UNREPLACED

    def read(self, source: Source, *, held_out: bool = False) -> Iterator[Record | Problem]:
        """Records that can be used, and all that is to be told, file by file. What is held out is to come last.

        With a method, a layout that it cannot learn from is a failure. Raises OSError when a file cannot be opened.
        """
        files, problems = files_of(source)
        yield from problems
        for file in files:
            yield from self._file(open_file(source, file, find_duplicates=False), held_out=held_out)

    def _file(self, data: DataFile, *, held_out: bool) -> Iterator[Record | Problem]:
        survey = FileSurvey(file=str(data.path), held_out=held_out)
        self.files.append(survey)
        self._unreplaced = _UNREPLACED
        roles: Counter[str] = Counter()
        problems: Counter[str] = Counter()
        refused = False
        for item in data:
            if isinstance(item, Problem):
                problems[item.code] += 1
                yield item
                continue
            if self._method is not None and item.layout not in USABLE[self._method]:
                if not refused:
                    refused = True
                    problems["layout_for_method"] += 1
                    yield self._problem(item, "layout_for_method", "failure", layout=item.layout, method=self._method)
                continue
            survey.records_ok += 1
            roles.update(message.role for message in (*item.messages, *item.chosen, *item.rejected))
            for told in self._about(item, held_out=held_out):
                problems[told.code] += 1
                yield told
            yield item
        survey.layout, survey.form, survey.encoding, survey.rows = data.layout, data.form, data.encoding, data.rows
        survey.roles, survey.problems = dict(roles), dict(problems)

    def _about(self, record: Record, *, held_out: bool) -> Iterator[Problem]:
        words = record_text(record)
        place = self._place(record)
        texts = self._texts[held_out]
        alike = texts.meet(record_key(record), words, place)
        if alike is not None and alike.how == "same" and self._file_of(alike.place) == record.file:
            code = "duplicate_record" if record.line is None else "duplicate_line"
            yield self._alike(record, alike, code, "note")
        elif alike is not None:
            yield self._alike(record, alike, f"duplicate_{alike.how}", "note")
        if texts.full and not self._told_full:
            self._told_full = True
            yield self._problem(record, "near_limit", "note")
        if self._questions is not None:
            question = question_of(record) or words
            if held_out:
                leak = self._questions.find(hash(question), question)
                if leak is not None:
                    yield self._alike(record, leak, f"leak_{leak.how}", "note" if leak.how == "near" else "warning")
            else:
                self._questions.meet(hash(question), question, place)
        for name in sorted(self._unreplaced):
            if name in words:
                # Once a file: they come in hundreds.
                self._unreplaced = self._unreplaced - {name}
                yield self._problem(record, "placeholder", "note", name=name)

    def _place(self, record: Record) -> int:
        """File and place in it as one number; the lowest bit tells lines from records."""
        number = record.line * 2 + 1 if record.line is not None else (record.record or 0) * 2
        return len(self.files) - 1 << _SHIFT | number

    def _file_of(self, place: int) -> str:
        return self.files[place >> _SHIFT].file

    def _alike(self, record: Record, alike: Alike, code: str, severity: Severity) -> Problem:
        number = alike.place & (1 << _SHIFT) - 1
        file = self._file_of(alike.place)
        detail: dict[str, Any] = {"first": number >> 1}
        if code in ("duplicate_line", "duplicate_record"):
            return self._problem(record, code, severity, **detail)
        detail["place"] = "line" if number & 1 else "record"
        if file != record.file:
            detail["other"] = file
        if alike.how == "near":
            detail["percent"] = alike.percent
        return self._problem(record, code, severity, **detail)

    def _problem(self, record: Record, code: str, severity: Severity, **detail: str | int) -> Problem:
        return Problem(
            file=record.file, code=code, severity=severity, line=record.line, record=record.record, detail=detail
        )
