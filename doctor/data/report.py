"""Check data files before anything is trained on them: what is in each, and what cannot be used."""

from __future__ import annotations

from collections import Counter
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doctor.errors import BadInput
from doctor.quick_dataclass import dataclass
from doctor.words.text import text
from trainer.records import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from doctor.words.text import Text
    from trainer.contract import Method, Source
    from trainer.survey import FileSurvey

MOST_OF_A_KIND = 10_000
"""Findings of one kind in one file that are kept; of the rest only their number is."""
_UNREADABLE = frozenset({"no_records", "not_text", "needs_pyarrow", "bad_table"})


@dataclass(frozen=True, kw_only=True)
class FileReport:
    """What one data file holds."""

    file: str
    held_out: bool
    """Meant for measuring only."""
    layout: str | None
    form: str
    """`jsonl`, `json`, …"""
    encoding: str | None
    rows: int
    records_ok: int
    roles: dict[str, int]
    """Turns by role."""
    problems: tuple[Problem, ...]
    counts: dict[str, int] = field(default_factory=dict)
    """How often each kind of problem was met; `problems` holds so many of a kind at most."""

    @property
    def readable(self) -> bool:
        """Whether the file holds anything that can be read."""
        return not (_UNREADABLE & self.counts.keys() or ("encoding" in self.counts and self.rows == 0))

    @property
    def worst(self) -> str | None:
        """The gravest status of its problems."""
        statuses = {problem.severity for problem in self.problems}
        return next((status for status in ("failure", "warning", "note") if status in statuses), None)


@dataclass(frozen=True, kw_only=True)
class Examination:
    """What several files hold."""

    reports: tuple[FileReport, ...]
    others: tuple[Problem, ...] = ()
    """What is to be told of files that hold no data, and of folders."""


class Collection:
    """Problems of several files, so many of each kind in a file."""

    def __init__(self) -> None:
        self._kept: dict[str, list[Problem]] = {}
        self._counts: Counter[tuple[str, str]] = Counter()

    def add(self, problem: Problem) -> None:
        """Count a problem, and keep it while there are not too many of its kind."""
        kind = (problem.file, problem.code)
        self._counts[kind] += 1
        if self._counts[kind] <= MOST_OF_A_KIND:
            self._kept.setdefault(problem.file, []).append(problem)

    def examination(self, surveys: Iterable[FileSurvey | dict[str, Any]]) -> Examination:
        """What became of all files."""
        reports = tuple(self._report(survey) for survey in surveys)
        known = {report.file for report in reports}
        others = tuple(problem for file, kept in self._kept.items() if file not in known for problem in kept)
        return Examination(reports=reports, others=others)

    def _report(self, survey: FileSurvey | dict[str, Any]) -> FileReport:
        """What became of one file."""
        facts = survey if isinstance(survey, dict) else {name: getattr(survey, name) for name in survey.__slots__}
        file = facts["file"]
        counts = {code: count for (name, code), count in self._counts.items() if name == file}
        return FileReport(
            file=file,
            held_out=facts["held_out"],
            layout=facts["layout"],
            form=facts["form"],
            encoding=facts["encoding"],
            rows=facts["rows"],
            records_ok=facts["records_ok"],
            roles=facts["roles"],
            problems=tuple(self._kept.get(file, ())),
            counts=counts,
        )


def examine_data(
    sources: Sequence[Source],
    held_out: Sequence[Source] = (),
    *,
    method: Method | None = None,
    near: bool = True,
) -> Examination:
    """Read whole data files, those held out last. Raises BadInput when one is missing or cannot be opened.

    With a method, a layout that it cannot learn from is a failure.
    """
    from trainer.survey import Survey

    survey = Survey(near=near, held_out=bool(held_out), method=method)
    collection = Collection()
    for group, is_held_out in ((sources, False), (held_out, True)):
        for source in group:
            require_file(Path(source.path))
            try:
                for item in survey.read(source, held_out=is_held_out):
                    if isinstance(item, Problem):
                        collection.add(item)
            except OSError as exc:
                raise BadInput(text("data.unreadable", detail=exc.strerror or str(exc)), file=source.path) from exc
    return collection.examination(survey.files)


def require_usable(sources: Iterable[Source], method: Method = "sft") -> None:
    """Raises BadInput with the place of the first thing in some data files that a method cannot learn from.

    Tables are left to the trainer, which alone can read them.
    """
    from trainer.sources import read_source

    for source in sources:
        require_file(Path(source.path))
        first: Problem | None = None
        count = 0
        try:
            for item in read_source(source, method=method):
                if isinstance(item, Problem) and item.severity == "failure" and item.code != "needs_pyarrow":
                    count += 1
                    first = first or item
        except OSError as exc:
            raise BadInput(text("data.unreadable", detail=exc.strerror or str(exc)), file=source.path) from exc
        if first is None:
            continue
        message = words_of(first)
        if first.line is None and first.record is not None:
            message = text("data.at_record", record=first.record, message=message)
        if count > 1:
            message = text("data.and_more", message=message, count=count - 1)
        raise BadInput(
            message,
            hint=text("data.check_hint", file=first.file),
            file=first.file,
            line=first.line,
            field=first.field,
        )


def require_file(path: Path) -> None:
    """Raises BadInput when there is nothing at a path."""
    if not path.exists():
        raise BadInput(text("data.no_file"), hint=text("data.no_file_hint"), file=str(path))


def require_one_file(path: Path) -> None:
    """Raises BadInput when there is nothing at a path, or a folder."""
    require_file(path)
    if path.is_dir():
        raise BadInput(text("data.is_folder"), hint=text("data.is_folder_hint"), file=str(path))


def words_of(problem: Problem) -> Text:
    """A problem in words."""
    fields: dict[str, object] = {"field": problem.field or "", **problem.detail}
    if problem.code == "bad_json":
        fields["expected"] = text(f"data.json_{problem.detail['expected']}")
    for name in ("expected", "found"):
        if name in problem.detail and problem.code in ("wrong_type", "not_an_object"):
            fields[name] = text(f"data.kind_{problem.detail[name]}")
    for name in ("layout", "first"):
        if name in problem.detail and problem.code in ("layout_for_method", "mixed_layout", "mixed_note"):
            fields[name] = text(f"data.layout_{problem.detail[name]}")
    if "first" in problem.detail and "place" in problem.detail:
        fields["first"] = _earlier(problem)
    return text(f"data.problem_{problem.code}", **fields)


def _earlier(problem: Problem) -> Text:
    """The place that a duplicate speaks of."""
    number, other = problem.detail["first"], problem.detail.get("other")
    if problem.detail["place"] == "line":
        return text("data.first_line", line=number) if other is None else text("data.line_of", line=number, file=other)
    if other is None:
        return text("data.first_record", record=number)
    return text("data.record_of", record=number, file=other)
