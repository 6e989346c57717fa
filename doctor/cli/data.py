"""`tunedoc data check FILE…`: what is in data files, and what in them cannot be used."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from doctor.cli.face import Answer
from doctor.cli.parser import VerbParser, add_common
from doctor.errors import ExitCode
from doctor.words.text import Text, text

if TYPE_CHECKING:
    import argparse

    from doctor.cli.face import Face
    from doctor.data_report import FileReport
    from trainer.records import Problem

DESCRIPTION = text("cli.verb_data")
EXAMPLE = text("data.example")

_SHOWN = 20
"""Findings of one file that are shown without `-v`."""
_MARKS = {"failure": "✗", "warning": "●", "note": "·"}


def configure(parser: VerbParser) -> None:
    parser.add_argument("action", choices=("check",), help=parser.say(text("data.help_action")))
    parser.add_argument("files", nargs="+", metavar="FILE", help=parser.say(text("data.help_files")))
    add_common(parser)


def run(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.data_report import examine_data

    reports = [examine_data(Path(name)) for name in arguments.files]
    for report in reports:
        _show(report, face)
    layouts = {report.layout for report in reports if report.layout is not None}
    data = {
        "records_ok": sum(report.records_ok for report in reports),
        "layout": layouts.pop() if len(layouts) == 1 else "mixed" if layouts else None,
        "files": [
            {
                "file": report.file,
                "layout": report.layout,
                "trainable": report.trainable,
                "form": report.form,
                "encoding": report.encoding,
                "rows": report.rows,
                "records_ok": report.records_ok,
            }
            for report in reports
        ],
        "findings": [_record(problem, face) for report in reports for problem in report.problems],
    }
    return Answer(data=data, exit_code=_exit_code(reports))


def _exit_code(reports: list[FileReport]) -> ExitCode:
    if not all(report.readable for report in reports):
        return ExitCode.USAGE
    severities = {problem.severity for report in reports for problem in report.problems}
    return ExitCode.FINDINGS if severities & {"failure", "warning"} else ExitCode.WELL


def _record(problem: Problem, face: Face) -> dict[str, Any]:
    from doctor.data_report import words_of

    place = {"line": problem.line} if problem.record is None else {"record": problem.record}
    return {
        "file": problem.file,
        **place,
        "field": problem.field,
        "status": problem.severity,
        "code": problem.code,
        "message": face.screen.words(words_of(problem)),
    }


def _show(report: FileReport, face: Face) -> None:
    from doctor.data_report import words_of

    worst = next((s for s in ("failure", "warning") if any(p.severity == s for p in report.problems)), None)
    mark = _MARKS[worst] if worst else "✓"
    if report.rows == 0:
        face.screen.show(text("data.summary_unreadable", mark=mark, file=report.file))
    else:
        face.screen.show(
            text(
                "data.summary",
                mark=mark,
                file=report.file,
                ok=report.records_ok,
                rows=report.rows,
                layout=text(f"data.layout_{report.layout or 'none'}"),
                form=report.form.upper(),
                encoding="GBK" if report.encoding == "gb18030" else (report.encoding or "").upper(),
            )
        )
    # What cannot be used comes before what is only told.
    ordered = sorted(report.problems, key=lambda problem: list(_MARKS).index(problem.severity))
    shown = ordered if face.verbose else ordered[:_SHOWN]
    places = [face.screen.words(_place(problem)) for problem in shown]
    width = max((len(place) for place in places), default=0)
    for problem, place in zip(shown, places, strict=True):
        words = face.screen.words(words_of(problem))
        face.screen.show(f"  {_MARKS[problem.severity]} {place:<{width}}  {words}")
    if len(shown) < len(ordered):
        face.screen.show(text("data.more_findings", count=len(ordered) - len(shown)))


def _place(problem: Problem) -> Text:
    if problem.line is not None:
        return text("data.at_line", line=problem.line)
    if problem.record is not None:
        return text("data.at_place", record=problem.record)
    return text("data.whole_file")
