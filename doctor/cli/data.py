"""`tunedoc data`: check data files, write better or converted copies of them, make identity questions."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from doctor.cli.face import Answer
from doctor.cli.parser import VerbParser, add_common
from doctor.errors import ExitCode, UsageError
from doctor.words.text import text

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from doctor.cli.face import Face
    from doctor.data.looking import Look
    from doctor.data.report import FileReport
    from trainer.records import Problem

DESCRIPTION = text("cli.verb_data")
EXAMPLE = text("data.example")

_ACTIONS = ("check", "fix", "convert", "identity")
_METHODS = ("sft", "pretrain", "dpo", "orpo", "kto", "reward")


def configure(parser: VerbParser) -> None:
    # Or argparse takes no file that comes after an option: `check --json FILE`.
    parser.parse_args = parser.parse_intermixed_args  # type: ignore[method-assign]
    parser.add_argument("action", choices=_ACTIONS, help=parser.say(text("data.help_action")))
    parser.add_argument("files", nargs="*", metavar="FILE", help=parser.say(text("data.help_files")))
    looking = parser.add_argument_group("check")
    looking.add_argument("--model", metavar="FOLDER", help=parser.say(text("data.help_model")))
    looking.add_argument("--method", choices=_METHODS, help=parser.say(text("data.help_method")))
    looking.add_argument("--max-length", type=int, metavar="N", help=parser.say(text("data.help_max_length")))
    looking.add_argument("--held-out", action="append", metavar="FILE", help=parser.say(text("data.help_held_out")))
    looking.add_argument("--examples", type=int, metavar="N", default=2, help=parser.say(text("data.help_examples")))
    looking.add_argument("--quick", action="store_true", help=parser.say(text("data.help_quick")))
    writing = parser.add_argument_group("fix, convert, identity")
    writing.add_argument("-o", "--output", metavar="NEW", help=parser.say(text("data.help_output")))
    writing.add_argument("--drop-unusable", action="store_true", help=parser.say(text("data.help_drop_unusable")))
    writing.add_argument("--drop-duplicates", action="store_true", help=parser.say(text("data.help_drop_duplicates")))
    writing.add_argument("--name", help=parser.say(text("data.help_name")))
    writing.add_argument("--author", help=parser.say(text("data.help_author")))
    writing.add_argument(
        "--language", choices=("en", "zh", "both"), default=None, help=parser.say(text("data.help_language"))
    )
    add_common(parser)


def run(arguments: argparse.Namespace, face: Face) -> Answer:
    if arguments.action == "identity":
        return _identity(arguments, face)
    if not arguments.files:
        raise UsageError(text("data.files_needed"), hint=text("data.files_needed_hint", action=arguments.action))
    if arguments.action == "check":
        return _check(arguments, face)
    if len(arguments.files) > 1:
        raise UsageError(text("data.one_file"), hint=text("data.one_file_hint", action=arguments.action))
    if not arguments.output:
        raise UsageError(text("data.output_needed"), hint=text("data.output_needed_hint", action=arguments.action))
    return _fix(arguments, face) if arguments.action == "fix" else _convert(arguments, face)


# ------------------------------------------------------------------------------------------------------------ check


def _check(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.cli.data_view import show_file, show_look, show_others
    from doctor.data.looking import look_at, request_of

    request = request_of(
        arguments.files,
        face.home,
        held_out=arguments.held_out or (),
        model=arguments.model,
        method=arguments.method,
        max_length=arguments.max_length,
        examples=max(0, arguments.examples),
        near=not arguments.quick,
    )
    screen = face.screen
    look = look_at(
        face.host,
        face.home,
        request,
        screen.note,
        progress=screen.note if screen.is_terminal else lambda words: None,
        must_count=arguments.model is not None,
    )
    for report in look.data.reports:
        show_file(report, face)
    show_others(look.data.others, face)
    show_look(look, face)
    if any(problem.severity == "failure" for problem in look.data.others):
        return Answer(data=_look_record(look, face), exit_code=ExitCode.USAGE)
    return Answer(data=_look_record(look, face), exit_code=_exit_code(look.data.reports))


def _look_record(look: Look, face: Face) -> dict[str, Any]:
    reports = look.data.reports
    problems = [*look.data.others, *(problem for report in reports for problem in report.problems)]
    layouts = {report.layout for report in reports if report.layout is not None}
    return {
        "records_ok": sum(report.records_ok for report in reports),
        "layout": layouts.pop() if len(layouts) == 1 else "mixed" if layouts else None,
        "files": [
            {
                "file": report.file,
                "held_out": report.held_out,
                "layout": report.layout,
                "form": report.form,
                "encoding": report.encoding,
                "rows": report.rows,
                "records_ok": report.records_ok,
                "roles": report.roles,
                "counts": report.counts,
            }
            for report in reports
        ],
        "findings": [problem_record(problem, face) for problem in problems],
        "tokens": look.tokens,
        "examples": list(look.examples),
    }


def _exit_code(reports: Sequence[FileReport]) -> ExitCode:
    if not all(report.readable for report in reports):
        return ExitCode.USAGE
    attention = any(report.worst in {"failure", "warning"} for report in reports)
    return ExitCode.FINDINGS if attention else ExitCode.WELL


def problem_record(problem: Problem, face: Face) -> dict[str, Any]:
    """A finding as the envelope carries it."""
    from doctor.data.report import words_of

    place: dict[str, int | None] = {"line": problem.line}
    if problem.record is not None:
        place = {"record": problem.record} if problem.line is None else {"record": problem.record, **place}
    return {
        "file": problem.file,
        **place,
        "field": problem.field,
        "status": problem.severity,
        "code": problem.code,
        "message": face.screen.words(words_of(problem)),
    }


# ---------------------------------------------------------------------------------------------------- fix, convert


def _fix(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.cli.data_view import show_changes
    from doctor.data.fixing import fix_data
    from doctor.data.report import examine_data
    from trainer.contract import Source

    source, target = Path(arguments.files[0]), Path(arguments.output)
    outcome = fix_data(source, target, drop_unusable=arguments.drop_unusable, drop_duplicates=arguments.drop_duplicates)
    after = examine_data([Source(path=str(target))], near=False).reports[0]
    show_changes(outcome, str(source), str(target), after.records_ok, face)
    left = outcome.counts.get("unusable", 0)
    return Answer(
        data={
            "file": str(source),
            "output": str(target),
            "rows": outcome.rows,
            "written": outcome.written,
            "encoding": outcome.encoding,
            "records_ok": after.records_ok,
            "mended": outcome.counts.get("mended", 0),
            "left_out": outcome.counts.get("left_out", 0),
            "unusable": left,
            "changes": [_change_record(change, face) for change in outcome.changes],
        },
        exit_code=ExitCode.FINDINGS if left else ExitCode.WELL,
    )


def _change_record(change: Any, face: Face) -> dict[str, Any]:
    from doctor.cli.data_view import words_of_change

    code = change.mend.code if change.mend is not None else change.problem.code
    about = change.mend.field if change.mend is not None else change.problem.field
    place = {"line": change.line} if change.record is None else {"record": change.record}
    return {**place, "fate": change.fate, "field": about, "code": code,
            "message": face.screen.words(words_of_change(change))}  # fmt: skip


def _convert(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.cli.data_view import show_file
    from doctor.data.converting import convert_data

    outcome = convert_data(Path(arguments.files[0]), Path(arguments.output))
    show_file(outcome.report, face)
    face.screen.show(text("data.converted", file=arguments.output, count=outcome.written))
    return Answer(
        data={
            "file": arguments.files[0],
            "output": arguments.output,
            "written": outcome.written,
            "rows": outcome.report.rows,
            "findings": [problem_record(problem, face) for problem in outcome.report.problems],
        },
        exit_code=_exit_code([outcome.report]),
    )


# --------------------------------------------------------------------------------------------------------- identity


def _identity(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.data.identity import write_identity

    if arguments.files:
        raise UsageError(text("data.identity_files"), hint=text("data.identity_hint"))
    for option in ("name", "author", "output"):
        if not (getattr(arguments, option) or "").strip():
            raise UsageError(text("data.identity_needs", option=f"--{option}"), hint=text("data.identity_hint"))
    language = arguments.language or face.language
    count = write_identity(arguments.name.strip(), arguments.author.strip(), language, Path(arguments.output))
    face.screen.show(text("data.identity_written", count=count, file=arguments.output))
    face.screen.note(text("cli.hint", message=text("data.identity_next")))
    return Answer(data={"output": arguments.output, "records": count, "language": language})
