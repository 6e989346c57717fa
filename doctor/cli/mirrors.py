"""`tunedoc mirrors`: where packages, models and programs can come from, measured, and which place would be used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from doctor.cli.face import Answer
from doctor.cli.parser import VerbParser, add_common
from doctor.words.text import Text, text

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from doctor.cli.face import Face
    from doctor.mirrors.places import Measured, Place
    from doctor.mirrors.survey import Survey

DESCRIPTION = text("cli.verb_mirrors")
EXAMPLE = text("mirrors.example")
_MARK = "✓"


def configure(parser: VerbParser) -> None:
    parser.add_argument("--mirror", metavar="WISH", default="auto", help=parser.say(text("mirrors.help_mirror")))
    parser.add_argument("--torch", metavar="VERSION", default="", help=parser.say(text("mirrors.help_torch")))
    parser.add_argument("--anew", action="store_true", help=parser.say(text("mirrors.help_anew")))
    add_common(parser)


def run(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.catalogue.load import catalogue_file, load_catalogue
    from doctor.errors import ExitCode
    from doctor.mirrors.places import kind_of_wish
    from doctor.mirrors.survey import survey
    from doctor.uv.program import machine_sources

    catalogue = load_catalogue(catalogue_file(face.host.environ))
    fits = kind_of_wish(catalogue, arguments.mirror)
    if fits is not None:
        url = _shown(arguments.mirror.removeprefix(f"{fits}="))
        face.screen.note(text("mirrors.replaces", url=url, kind=text(f"mirrors.kind_{fits}")))
    sources = machine_sources(face.host)
    found = survey(
        face.host,
        face.home,
        catalogue,
        arguments.mirror,
        options=sources.options,
        variables=sources.variables,
        torch=arguments.torch,
        everything=True,
        anew=arguments.anew,
    )
    show_table(found, face)
    away = [kind for kind in dict.fromkeys(one.place.kind for one in found.measured) if not _reachable(found, kind)]
    if found.remembered:
        face.screen.note(text("mirrors.remembered"))
    if away:
        named = ", ".join(face.screen.words(text(f"mirrors.kind_{kind}")) for kind in away)
        face.screen.note(text("mirrors.none", kinds=named))
        face.screen.note(text("cli.hint", message=text("mirrors.none_hint")))
    else:
        face.screen.show(text("mirrors.how", wish=_shown(arguments.mirror), mark=_MARK))
    return Answer(data=survey_record(found, face), exit_code=ExitCode.FINDINGS if away else ExitCode.WELL)


def show_table(found: Survey, face: Face) -> None:
    """What was measured, one line a place, on stdout."""
    if face.json:
        return
    say = face.screen.words
    heads = ("kind", "place", "latency", "speed")
    rows = [("", *(say(text(f"mirrors.column_{name}")) for name in heads))]
    previous = ""
    for one in _in_order(found):
        kind = one.place.kind
        mark = _MARK if one.place in found.chosen and one.reachable else ""
        name = say(text(f"mirrors.kind_{kind}")) if kind != previous else ""
        latency, speed = (say(words) for words in _values(one))
        rows.append((mark, name, _name(one.place, face), latency, speed))
        previous = kind
    _show_rows(rows, [one.problem for one in _in_order(found)], face)


def _show_rows(rows: Sequence[tuple[str, ...]], problems: Sequence[Text | None], face: Face) -> None:
    """Columns as wide as what is in them. Why a place is away stands where its numbers would."""
    from rich.cells import cell_len

    widths = [max(cell_len(row[place]) for row in rows) for place in range(5)]
    for row, problem in zip(rows, (None, *problems), strict=True):
        left = [f"{words}{' ' * (width - cell_len(words))}" for words, width in zip(row[:3], widths[:3], strict=True)]
        right = [f"{' ' * (width - cell_len(words))}{words}" for words, width in zip(row[3:], widths[3:], strict=True)]
        said = right if problem is None else [face.screen.words(problem)]
        face.screen.show("  ".join([*left, *said]).rstrip())


def survey_record(found: Survey, face: Face) -> dict[str, Any]:
    """What was measured, as the envelope carries it."""
    return {
        "wish": _shown(found.wish),
        "remembered": found.remembered,
        "places": [
            {
                "kind": one.place.kind,
                "name": one.place.name,
                "url": _shown(one.place.url) or None,
                "layout": one.place.layout,
                "official": one.place.official,
                "reachable": one.reachable,
                "latency_ms": one.latency_ms,
                "bytes_per_second": one.bytes_per_second,
                "problem": None if one.problem is None else face.screen.words(one.problem),
                "code": None if one.problem is None else one.problem.key,
                "chosen": one.reachable and one.place in found.chosen,
            }
            for one in _in_order(found)
        ],
    }


def _in_order(found: Survey) -> Sequence[Measured]:
    """By kind; within a kind what the wish puts first, then the rest as it stands in the catalogue."""
    ranks = {place: number for number, place in enumerate(found.order)}
    kinds = list(dict.fromkeys(one.place.kind for one in found.measured))
    return sorted(found.measured, key=lambda one: (kinds.index(one.place.kind), ranks.get(one.place, len(ranks))))


def _values(one: Measured) -> tuple[Text | str, Text | str]:
    from doctor.sizing import size_words

    latency = "" if one.latency_ms is None else text("mirrors.latency", ms=one.latency_ms)
    speed = "" if one.bytes_per_second is None else text("mirrors.speed", size=size_words(one.bytes_per_second))
    return latency, speed


def _name(place: Place, face: Face) -> str:
    if place.official and place.name == "default":
        return face.screen.words(text(f"mirrors.default_{place.kind}"))
    return place.name


def _reachable(found: Survey, kind: str) -> bool:
    return any(one.reachable for one in found.measured if one.place.kind == kind)


def _shown(url: str) -> str:
    from doctor.uv.options import without_credentials

    return without_credentials(url)
