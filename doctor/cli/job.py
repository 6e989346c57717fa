"""`tunedoc job new|check|schema`: begin a job file, look one over, and what editors need for it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from doctor.cli.face import Answer
from doctor.cli.parser import VerbParser, add_common
from doctor.cli.render import quoted
from doctor.errors import BadInput, ExitCode, UsageError
from doctor.words.text import text

if TYPE_CHECKING:
    import argparse

    from doctor.cli.face import Face

DESCRIPTION = text("cli.verb_job")
EXAMPLE = text("jobs.verb_example")
_ACTIONS = ("new", "check", "schema")


def configure(parser: VerbParser) -> None:
    parser.add_argument("action", choices=_ACTIONS, help=parser.say(text("jobs.help_action")))
    parser.add_argument("file", nargs="?", metavar="JOB.yaml", help=parser.say(text("jobs.help_file")))
    parser.add_argument("--model", metavar="NAME|FOLDER", help=parser.say(text("jobs.help_model")))
    parser.add_argument("--data", metavar="FILE", help=parser.say(text("jobs.help_data")))
    parser.add_argument("--force", action="store_true", help=parser.say(text("jobs.help_force")))
    add_common(parser)


def run(arguments: argparse.Namespace, face: Face) -> Answer:
    if arguments.action == "schema":
        return _schema(arguments, face)
    if not arguments.file:
        raise UsageError(
            text("jobs.file_needed", action=arguments.action),
            hint=text("jobs.file_needed_hint", action=arguments.action),
        )
    file = Path(arguments.file)
    return _new(file, arguments, face) if arguments.action == "new" else _check(file, face)


def _new(file: Path, arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.fields.files import write_schema, write_whole
    from doctor.fields.starting import starting_job

    if file.exists() and not arguments.force:
        raise BadInput(text("jobs.exists", file=str(file)), hint=text("jobs.exists_hint"))
    schema = write_schema(face.home, face.language)
    words = starting_job(
        model=arguments.model or "smollm2-135m-instruct",
        data=(arguments.data or "my-records.jsonl"),
        language=face.language,
        schema=schema.as_uri(),
    )
    write_whole(file, words)
    face.screen.show(text("jobs.written", file=quoted(str(file))))
    return Answer(data={"job_file": str(file), "schema": str(schema)})


def _check(file: Path, face: Face) -> Answer:
    import dataclasses

    from doctor.jobs import check_job, read_job_file

    found = read_job_file(file, face.home)
    of_model = check_job(found.job)
    remarks: list[dict[str, Any]] = []
    face.screen.show(text("jobs.right", file=str(file), fields=found.count))
    for remark, line in (*found.remarks, *((each, found.line_of(each.field)) for each in of_model)):
        message = face.screen.words(remark.message)
        hint = face.screen.words(remark.hint) if remark.hint is not None else None
        remarks.append({"field": remark.field, "line": line, "message": message, "hint": hint})
        face.screen.show(text("jobs.remark", line=line, message=message))
        if hint:
            face.screen.show("    " + hint)
    code = ExitCode.FINDINGS if remarks else ExitCode.WELL
    return Answer(data={"job": dataclasses.asdict(found.job), "remarks": remarks}, exit_code=code)


def _schema(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.fields.files import schema_text, write_whole
    from doctor.fields.schema import job_schema

    if arguments.file:
        target = Path(arguments.file)
        if target.exists() and not arguments.force:
            raise BadInput(text("jobs.exists", file=str(target)), hint=text("jobs.exists_hint"))
        write_whole(target, schema_text(face.language))
        face.screen.show(text("jobs.written", file=quoted(str(target))))
        return Answer(data={"schema": str(target)})
    face.screen.show(schema_text(face.language).rstrip("\n"))
    return Answer(data={"schema": job_schema(face.language)})
