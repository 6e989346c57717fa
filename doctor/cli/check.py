"""`tunedoc check`: examine this machine, or a snapshot of another, and say what needs attention."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.cli.face import Answer
from doctor.cli.parser import VerbParser, add_common
from doctor.words.text import text

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from doctor.checks.base import Check
    from doctor.cli.face import Face
    from doctor.snapshot.model import Snapshot

DESCRIPTION = text("cli.verb_check")
EXAMPLE = text("check.example")


def configure(parser: VerbParser) -> None:
    parser.add_argument("names", nargs="*", metavar="NAME", help=parser.say(text("check.help_name")))
    parser.add_argument("--from", dest="source", metavar="FILE", help=parser.say(text("check.help_from")))
    parser.add_argument("--environment", metavar="FOLDER", help=parser.say(text("check.help_environment")))
    parser.add_argument("--network", action="store_true", help=parser.say(text("check.help_network")))
    parser.add_argument("--list", action="store_true", dest="listed", help=parser.say(text("check.help_list")))
    add_common(parser)


def run(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.checks.registry import ALL_CHECKS

    if arguments.listed:
        return _list(face)
    chosen = _choose(arguments.names) if arguments.names else ALL_CHECKS
    return _examine(arguments, face, chosen)


def _examine(arguments: argparse.Namespace, face: Face, chosen: tuple[Check, ...]) -> Answer:
    from doctor.catalogue.load import catalogue_file, load_catalogue
    from doctor.cli.findings import finding_record, report_lines
    from doctor.cli.marked import show_marked
    from doctor.diagnosis import causes, diagnose
    from doctor.errors import ExitCode

    catalogue = load_catalogue(catalogue_file(face.host.environ))
    snapshot = _snapshot(arguments, face)
    diagnosis = diagnose(snapshot, catalogue, chosen)
    if not face.json:
        lines = report_lines(diagnosis, chosen, face.language, verbose=face.verbose, whole=not arguments.names)
        if arguments.names:
            # Asked for by name, so its absence is said; in the whole report it would be noise.
            titles = {check.id: check.title for check in chosen}
            for name in diagnosis.left_out:
                words = face.screen.words(text("check.not_applicable"))
                lines.insert(0, f"· {face.screen.words(titles[name])}  {words}")
        show_marked(face, lines)
    return Answer(
        data={
            "snapshot_schema": snapshot.schema,
            "findings": [finding_record(finding, face.language) for finding in diagnosis.findings],
            "causes": [finding.check for finding in causes(diagnosis, chosen)],
            "counts": {status.value: count for status, count in diagnosis.counts.items()},
            "left_out": list(diagnosis.left_out),
        },
        exit_code=ExitCode.FINDINGS if diagnosis.needs_attention else ExitCode.WELL,
    )


def _list(face: Face) -> Answer:
    from doctor.checks.registry import ALL_CHECKS

    width = max(len(check.id) for check in ALL_CHECKS)
    face.screen.show("\n".join(f"{check.id:<{width}}  {face.screen.words(check.title)}" for check in ALL_CHECKS))
    return Answer(
        data={"checks": [{"check": check.id, "title": face.screen.words(check.title)} for check in ALL_CHECKS]}
    )


def _choose(names: list[str]) -> tuple[Check, ...]:
    """The checks that are named, in the order of the report. Raises UsageError for a name that is none."""
    from difflib import get_close_matches

    from doctor.checks.registry import ALL_CHECKS
    from doctor.errors import UsageError

    known = [check.id for check in ALL_CHECKS]
    for name in names:
        if name not in known:
            nearest = get_close_matches(name, known, n=1)
            hint = text("check.no_such_check_hint", nearest=nearest[0]) if nearest else text("check.all_checks_hint")
            raise UsageError(text("check.no_such_check", name=name), hint=hint)
    return tuple(check for check in ALL_CHECKS if check.id in names)


def _snapshot(arguments: argparse.Namespace, face: Face) -> Snapshot:
    """Of this machine, or the file that is named. Raises UsageError, BadInput."""
    from doctor.errors import UsageError

    if not arguments.source:
        environment = _environment_folder(arguments.environment) if arguments.environment else None
        return _take_snapshot(face, environment, network=arguments.network)
    if arguments.environment or arguments.network:
        option = "--environment" if arguments.environment else "--network"
        raise UsageError(text("check.not_with_from", option=option), hint=text("check.not_with_from_hint"))
    return _read_snapshot(arguments.source)


def _environment_folder(named: str) -> Path:
    """The Python environment that is named. Raises BadInput where there is none."""
    from pathlib import Path

    from doctor.errors import BadInput
    from doctor.probe.places import find_place

    path = Path(named).expanduser().absolute()
    if find_place(path) is None:
        raise BadInput(text("check.no_environment", path=named), hint=text("check.no_environment_hint"), file=named)
    return path


def _take_snapshot(face: Face, environment: Path | None, *, network: bool) -> Snapshot:
    from doctor.probe.machine import examine_machine

    return examine_machine(face.host, face.home, environment=environment, network=network)


def _read_snapshot(source: str) -> Snapshot:
    from pathlib import Path

    from doctor.errors import BadInput
    from doctor.snapshot.codec import decode, from_json

    try:
        raw = Path(source).read_bytes()
        words = decode(raw)
    except (OSError, UnicodeDecodeError) as exc:
        detail = getattr(exc, "strerror", None) or str(exc)
        raise BadInput(
            text("snapshot.unreadable", file=source, detail=detail), hint=text("snapshot.hint_make_one"), file=source
        ) from exc
    return from_json(words, source)
