"""`tunedoc catalogue`: for those who keep wheels.toml: read facts out of wheels, ask the indexes, look for faults."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from doctor.cli.face import Answer
from doctor.cli.parser import VerbParser, add_common
from doctor.words.text import text

if TYPE_CHECKING:
    import argparse

    from doctor.cli.face import Face
    from doctor.refreshing.comparing import Compared

DESCRIPTION = text("cli.verb_catalogue")
EXAMPLE = text("refreshing.example")
_ACTIONS = ("read",)


def configure(parser: VerbParser) -> None:
    parser.add_argument("action", choices=_ACTIONS, help=parser.say(text("refreshing.help_action")))
    parser.add_argument("places", nargs="*", metavar="WHEEL|NAME|FILE", help=parser.say(text("refreshing.help_places")))
    parser.add_argument("--whole", action="store_true", help=parser.say(text("refreshing.help_whole")))
    parser.add_argument("--toml", action="store_true", help=parser.say(text("refreshing.help_toml")))
    parser.add_argument("--file", metavar="FILE", help=parser.say(text("refreshing.help_file")))
    add_common(parser)


def run(arguments: argparse.Namespace, face: Face) -> Answer:
    return _read(arguments, face)


def _read(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.cli.catalogue_view import progress, show_lines, show_wheel, wheel_record
    from doctor.errors import ExitCode, UsageError
    from doctor.refreshing.comparing import compare
    from doctor.refreshing.named import named_wheels
    from doctor.refreshing.reading import read_place
    from doctor.refreshing.web import Web
    from doctor.uv.program import Uv

    if not arguments.places:
        raise UsageError(text("refreshing.nothing_to_read"), hint=text("refreshing.nothing_to_read_hint"))
    uv = Uv(face.host)
    web = Web(uv.sources.variables)
    catalogue = _catalogue(arguments, face)
    report = progress(face)
    records: list[dict[str, Any]] = []
    compared: list[Compared] = []
    for place in arguments.places:
        for address in named_wheels(place, web, uv):
            for read in read_place(address, web, whole=arguments.whole, on_member=report):
                facts = compare(catalogue, read.facts)
                compared += facts
                records.append(wheel_record(read, facts))
                if arguments.toml:
                    show_lines(read, face)
                else:
                    show_wheel(read, facts, face)
    different = [fact for fact in compared if not fact.agrees]
    return Answer(
        data={"wheels": records, "compared": len(compared), "contradictions": len(different)},
        exit_code=ExitCode.FINDINGS if different else ExitCode.WELL,
    )


def _catalogue(arguments: argparse.Namespace, face: Face) -> Any:
    from pathlib import Path

    from doctor.catalogue.load import catalogue_file, load_catalogue

    return load_catalogue(Path(arguments.file) if arguments.file else catalogue_file(face.host.environ))
