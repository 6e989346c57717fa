"""`tunedoc catalogue`: for those who keep wheels.toml: read facts out of wheels, ask the indexes, look for faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from doctor.cli.face import Answer
from doctor.cli.parser import VerbParser, add_common
from doctor.words.text import text

if TYPE_CHECKING:
    import argparse
    from pathlib import Path

    from doctor.catalogue.model import Catalogue
    from doctor.cli.face import Face
    from doctor.errors import TunedocError
    from doctor.refreshing.asked import Silent
    from doctor.refreshing.comparing import Compared
    from doctor.refreshing.refresh import Refreshed
    from doctor.refreshing.web import Web

DESCRIPTION = text("cli.verb_catalogue")
EXAMPLE = text("refreshing.example")
_ACTIONS = ("read", "refresh", "check")


def configure(parser: VerbParser) -> None:
    # Options may stand between the action and what it is to look at.
    parser.parse_args = parser.parse_intermixed_args  # type: ignore[method-assign]
    parser.add_argument("action", choices=_ACTIONS, help=parser.say(text("refreshing.help_action")))
    parser.add_argument("places", nargs="*", metavar="WHEEL|NAME|FILE", help=parser.say(text("refreshing.help_places")))
    parser.add_argument("--whole", action="store_true", help=parser.say(text("refreshing.help_whole")))
    parser.add_argument("--toml", action="store_true", help=parser.say(text("refreshing.help_toml")))
    parser.add_argument("--online", action="store_true", help=parser.say(text("refreshing.help_online")))
    parser.add_argument("--write", action="store_true", help=parser.say(text("refreshing.help_write")))
    parser.add_argument("--file", metavar="FILE", help=parser.say(text("refreshing.help_file")))
    add_common(parser)


def run(arguments: argparse.Namespace, face: Face) -> Answer:
    match arguments.action:
        case "read":
            return _read(arguments, face)
        case "refresh":
            return _refresh(arguments, face)
        case _:
            return _check(arguments, face)


def _read(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.cli.catalogue_view import progress, show_failure, show_lines, show_wheel, wheel_record
    from doctor.errors import BadInput, ExitCode, NoNetwork, UsageError
    from doctor.refreshing.comparing import compare
    from doctor.refreshing.named import named_wheels
    from doctor.refreshing.reading import places_of, read_place
    from doctor.refreshing.web import Web
    from doctor.uv.program import Uv

    if not arguments.places:
        raise UsageError(text("refreshing.nothing_to_read"), hint=text("refreshing.nothing_to_read_hint"))
    uv = Uv(face.host)
    web = Web(uv.sources.variables)
    catalogue = _catalogue(arguments, face)
    report = progress(face)
    places = [each for named in arguments.places for place in named_wheels(named, web, uv) for each in places_of(place)]
    records: list[dict[str, Any]] = []
    compared: list[Compared] = []
    failed: list[TunedocError] = []
    for place in places:
        try:
            read = read_place(place, web, whole=arguments.whole, on_member=report)
        except (BadInput, NoNetwork) as error:
            # One of many ends nothing; it is said, and the exit code tells.
            if len(places) == 1:
                raise
            failed.append(error)
            show_failure(error, place, face)
            continue
        facts = compare(catalogue, read.facts)
        compared += facts
        records.append(wheel_record(read, facts))
        if arguments.toml:
            show_lines(read, facts, face)
        else:
            show_wheel(read, facts, face)
    different = [fact for fact in compared if not fact.agrees]
    return Answer(
        data={
            "wheels": records,
            "compared": len(compared),
            "contradictions": len(different),
            "unread": [face.screen.words(error.message) for error in failed],
        },
        exit_code=failed[0].exit_code if failed else ExitCode.FINDINGS if different else ExitCode.WELL,
    )


def _refresh(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.catalogue.load import load_catalogue
    from doctor.cli.catalogue_view import change_record, show_refreshed, silent_record
    from doctor.errors import ExitCode
    from doctor.fetching.addresses import without_credentials
    from doctor.refreshing.refresh import refresh
    from doctor.refreshing.web import Web
    from doctor.uv.program import Uv

    file = _file(arguments, face)
    uv = Uv(face.host)
    web = Web(uv.sources.variables)
    refreshed = refresh(
        load_catalogue(file), uv, web, lambda step: face.screen.note(text(f"refreshing.step_{step}")), arguments.places
    )
    show_refreshed(refreshed, face, writing=arguments.write)
    written = _write(refreshed, file, web, face) if arguments.write else 0
    return Answer(
        data={
            "file": str(file),
            "index": without_credentials(refreshed.index),
            "changes": [change_record(change) for change in refreshed.changes],
            "silent": [silent_record(silent, face) for silent in refreshed.silent],
            "written": written,
        },
        exit_code=ExitCode.FINDINGS if refreshed.changes else ExitCode.WELL,
    )


def _write(refreshed: Refreshed, file: Path, web: Web, face: Face) -> int:
    import datetime

    from doctor.refreshing.indexes import project_files
    from doctor.refreshing.measuring import lines_of
    from doctor.refreshing.writing import write_lines

    lines = lines_of(
        refreshed.changes,
        lambda project: project_files(web, refreshed.index, project),
        web,
        lambda name: face.screen.note(text("refreshing.step_reading", file=name)),
    )
    if not lines:
        face.screen.note(text("refreshing.nothing_written"))
        return 0
    write_lines(file, lines, datetime.datetime.now(tz=datetime.UTC).date())
    face.screen.note(text("refreshing.written", count=len(lines), file=str(file)))
    return len(lines)


def _check(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.cli.catalogue_view import fault_record, show_faults
    from doctor.errors import ExitCode, UsageError
    from doctor.refreshing.checking import check_file, check_online
    from doctor.refreshing.web import Web
    from doctor.uv.program import Uv

    if len(arguments.places) > 1:
        raise UsageError(text("refreshing.one_file"), hint=text("cli.bad_arguments_hint", verb="catalogue"))
    file = _file(arguments, face)
    catalogue, faults = check_file(file)
    silent: tuple[Silent, ...] = ()
    if arguments.online and catalogue is not None:
        uv = Uv(face.host)
        more, silent = check_online(catalogue, file, uv, Web(uv.sources.variables))
        faults += more
    show_faults(faults, silent, catalogue, file, face)
    return Answer(
        data={"file": str(file), "faults": [fault_record(fault, face) for fault in faults], "silent": len(silent)},
        exit_code=ExitCode.FINDINGS if faults else ExitCode.WELL,
    )


def _catalogue(arguments: argparse.Namespace, face: Face) -> Catalogue:
    from doctor.catalogue.load import load_catalogue

    return load_catalogue(_file(arguments, face))


def _file(arguments: argparse.Namespace, face: Face) -> Path:
    from pathlib import Path

    from doctor.catalogue.load import catalogue_file

    named = arguments.file or (arguments.places[0] if arguments.action == "check" and arguments.places else None)
    return Path(named) if named else catalogue_file(face.host.environ)
