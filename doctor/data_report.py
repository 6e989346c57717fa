"""Check data files before anything is trained on them: what is in each, and what cannot be used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from doctor.errors import BadInput
from doctor.quick_dataclass import dataclass
from doctor.words.text import text
from trainer.records import DataFile, Problem, Record

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doctor.words.text import Text
    from trainer.records import Layout


@dataclass(frozen=True, kw_only=True)
class FileReport:
    """What one data file holds."""

    file: str
    layout: Layout | None
    trainable: bool
    """Whether `tunedoc train` can use this layout."""
    form: str
    """`jsonl` or `json`."""
    encoding: str | None
    rows: int
    records_ok: int
    problems: tuple[Problem, ...]

    @property
    def usable(self) -> bool:
        """Whether every row can be learned from."""
        return self.records_ok > 0 and not any(problem.severity == "failure" for problem in self.problems)

    @property
    def readable(self) -> bool:
        """Whether the file is text and holds anything at all."""
        return not any(problem.code in {"no_records", "not_text", "encoding"} for problem in self.problems)


def examine_data(path: Path) -> FileReport:
    """Read a whole data file. Raises BadInput when it is missing or cannot be opened."""
    if not path.exists():
        raise BadInput(text("data.no_file"), hint=text("data.no_file_hint"), file=str(path))
    if path.is_dir():
        raise BadInput(text("data.is_folder"), hint=text("data.is_folder_hint"), file=str(path))
    data = DataFile(path)
    problems: list[Problem] = []
    records_ok = 0
    try:
        for item in data:
            if isinstance(item, Record):
                records_ok += 1
            else:
                problems.append(item)
    except OSError as exc:
        raise BadInput(text("data.unreadable", detail=exc.strerror or str(exc)), file=str(path)) from exc
    return FileReport(
        file=str(path),
        layout=data.layout,
        trainable=data.trainable,
        form=data.form,
        encoding=data.encoding,
        rows=data.rows,
        records_ok=records_ok,
        problems=tuple(problems),
    )


def require_usable(names: Iterable[str]) -> tuple[FileReport, ...]:
    """Reports of files that can all be trained on. Raises BadInput with the place of the first thing that is wrong."""
    reports = []
    for name in names:
        report = examine_data(Path(name))
        worst = [problem for problem in report.problems if problem.severity == "failure"]
        worst += [problem for problem in report.problems if problem.severity == "warning" and not report.trainable]
        if worst:
            first = worst[0]
            message = words_of(first)
            if first.record is not None:
                message = text("data.at_record", record=first.record, message=message)
            if len(worst) > 1:
                message = text("data.and_more", message=message, count=len(worst) - 1)
            raise BadInput(
                message, hint=text("data.check_hint", file=name), file=name, line=first.line, field=first.field
            )
        reports.append(report)
    return tuple(reports)


def words_of(problem: Problem) -> Text:
    """A problem in words."""
    fields: dict[str, object] = {"field": problem.field or "", **problem.detail}
    if problem.code == "bad_json":
        fields["expected"] = text(f"data.json_{problem.detail['expected']}")
    for name in ("expected", "found"):
        if name in problem.detail and problem.code != "bad_json":
            fields[name] = text(f"data.kind_{problem.detail[name]}")
    return text(f"data.problem_{problem.code}", **fields)
