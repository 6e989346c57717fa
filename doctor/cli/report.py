"""`tunedoc report`: findings, facts and the ends of logs in one file for a bug report, without personal data."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from doctor.cli.face import Answer
from doctor.cli.parser import VerbParser, add_common
from doctor.words.text import text

if TYPE_CHECKING:
    import argparse

    from doctor.cli.face import Face
    from doctor.reporting import Log, Report

DESCRIPTION = text("cli.verb_report")
EXAMPLE = text("report.example")

_TAIL_BYTES = 4_000_000
"""More than the end that is shown, so that names which stand further up in a log are known."""


def configure(parser: VerbParser) -> None:
    parser.add_argument("file", nargs="?", metavar="FILE", help=parser.say(text("report.help_file")))
    parser.add_argument("--format", choices=("md", "json"), default="md", help=parser.say(text("report.help_format")))
    parser.add_argument("--from", dest="source", metavar="FILE", help=parser.say(text("report.help_from")))
    parser.add_argument(
        "--log", action="append", default=[], metavar="FILE", dest="logs", help=parser.say(text("report.help_log"))
    )
    add_common(parser)


def run(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.reporting import to_json, to_markdown

    logs = tuple(_read_log(Path(name)) for name in arguments.logs)
    if arguments.file is not None:
        refuse_impossible(Path(arguments.file))
    report = _build(arguments, face, logs)
    words = to_json(report) if arguments.format == "json" else to_markdown(report)
    if arguments.file is None:
        face.screen.show(words.rstrip("\n"))
    else:
        from doctor.cli.plan import write_output

        write_output(Path(arguments.file), words)
        face.screen.note(text("report.written", file=arguments.file))
    face.screen.note(text("report.look_over"))
    return Answer(data={"file": arguments.file, "report": report.record})


def _build(arguments: argparse.Namespace, face: Face, logs: tuple[Log, ...]) -> Report:
    from doctor.catalogue.load import catalogue_file, load_catalogue
    from doctor.checks.registry import ALL_CHECKS
    from doctor.diagnosis import diagnose
    from doctor.probe.identity import identify
    from doctor.probe.machine import examine_machine
    from doctor.reporting import build_report

    if arguments.source:
        from doctor.cli.plan import read_input
        from doctor.snapshot.codec import from_json

        snapshot = from_json(read_input(Path(arguments.source)), arguments.source)
    else:
        snapshot = examine_machine(face.host, face.home)
    catalogue = load_catalogue(catalogue_file(face.host.environ))
    return build_report(
        snapshot,
        diagnose(snapshot, catalogue),
        catalogue=catalogue.updated.isoformat(),
        titles={check.id: check.title for check in ALL_CHECKS},
        identity=identify(face.host, Path.home()),
        language=face.language,
        logs=logs,
    )


def _read_log(file: Path) -> Log:
    """A log that the user named. Raises BadInput."""
    from doctor.errors import BadInput
    from doctor.reading.document import decode
    from doctor.reporting import Log

    try:
        with file.open("rb") as stream:
            head = stream.read(2)
            stream.seek(0, 2)
            # Two bytes a letter in UTF-16: begin at an even place, with its mark before it.
            start = max(0, stream.tell() - _TAIL_BYTES) & ~1
            stream.seek(start)
            raw = stream.read(_TAIL_BYTES + 1)
    except OSError as exc:
        raise BadInput(
            text("report.no_log", detail=exc.strerror or str(exc)), hint=text("report.no_log_hint"), file=str(file)
        ) from exc
    if start and head in (b"\xff\xfe", b"\xfe\xff"):
        raw = head + raw
    return Log(name=file.name, words=decode(raw)[0])


def refuse_impossible(file: Path) -> None:
    """Say it before the machine is examined, not after."""
    from doctor.errors import UsageError

    if file.is_dir():
        raise UsageError(text("snapshot.is_folder", file=str(file)), hint=text("snapshot.hint_folder"))
    if not file.absolute().parent.is_dir():
        raise UsageError(text("snapshot.no_folder", file=str(file)), hint=text("snapshot.hint_folder"))
