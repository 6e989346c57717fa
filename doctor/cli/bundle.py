"""`tunedoc bundle`: write a folder with everything for a machine that has no network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from doctor.cli.face import Answer
from doctor.cli.parser import VerbParser, add_common
from doctor.words.text import text

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from doctor.bundling.making import Made, Offer
    from doctor.bundling.targets import Target
    from doctor.catalogue.model import Catalogue
    from doctor.cli.face import Face

DESCRIPTION = text("cli.verb_bundle")
EXAMPLE = text("bundle.example")


def configure(parser: VerbParser) -> None:
    parser.add_argument("folder", metavar="FOLDER", help=parser.say(text("bundle.help_folder")))
    parser.add_argument("--for", dest="machine", metavar="FILE", help=parser.say(text("bundle.help_for")))
    parser.add_argument("--os", choices=("windows", "linux"), default="", help=parser.say(text("bundle.help_os")))
    parser.add_argument("--python", metavar="VERSION", default="", help=parser.say(text("bundle.help_python")))
    parser.add_argument("--stack", metavar="ID", default="", help=parser.say(text("bundle.help_stack")))
    parser.add_argument(
        "--model", metavar="ID", action="append", default=[], help=parser.say(text("bundle.help_model"))
    )
    parser.add_argument("--with", dest="parts", metavar="NAMES", default="", help=parser.say(text("bundle.help_with")))
    parser.add_argument("--mirror", metavar="WISH", default="", help=parser.say(text("bundle.help_mirror")))
    add_common(parser, yes=True)


def run(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.apply.sourcing import Means
    from doctor.bundling.making import make_bundle, require_folder
    from doctor.catalogue.load import catalogue_file, load_catalogue
    from doctor.cli.install import reporter
    from doctor.mirrors.places import kind_of_wish

    folder = Path(arguments.folder).expanduser().absolute()
    require_folder(folder)
    catalogue = load_catalogue(catalogue_file(face.host.environ))
    if arguments.mirror:
        # Refused before this machine is examined and anything is asked of anybody.
        kind_of_wish(catalogue, arguments.mirror)
    target = _target(arguments, face, catalogue)
    made = make_bundle(
        face.host,
        face.home,
        folder,
        target,
        reporter(face),
        agree=_agreement(face, yes=arguments.yes),
        means=Means(mirror=arguments.mirror),
    )
    if made is None:
        face.screen.note(text("cli.declined"))
        return Answer(data={"made": False})
    _show(made, face, target)
    return Answer(data=_record(made, face, target))


def _target(arguments: argparse.Namespace, face: Face, catalogue: Catalogue) -> Target:
    from doctor.bundling.targets import choose_target
    from doctor.probe.machine import examine_machine

    if arguments.machine:
        from doctor.cli.plan import read_input
        from doctor.snapshot.codec import from_json

        file = Path(arguments.machine)
        snapshot = from_json(read_input(file), str(file))
    else:
        snapshot = examine_machine(face.host, face.home)
    return choose_target(
        snapshot,
        catalogue,
        system=arguments.os,
        python=arguments.python,
        stack_id=arguments.stack,
        models=tuple(arguments.model),
        parts=tuple(name for name in arguments.parts.replace(" ", "").lower().split(",") if name),
    )


def _agreement(face: Face, *, yes: bool) -> Callable[[Offer], bool]:
    def agree(offer: Offer) -> bool:
        _show_offer(offer, face)
        return face.agrees(yes=yes)

    return agree


def _show_offer(offer: Offer, face: Face) -> None:
    from doctor.sizing import size_words

    target, show = offer.target, face.screen.show
    show(
        text(
            "bundle.offer",
            stack=target.stack.id,
            system=target.system,
            python=target.python,
            count=offer.packages,
            size=size_words(offer.bytes),
            missing=size_words(offer.missing_bytes),
        )
    )
    if offer.unknown_sizes:
        show(text("bundle.offer_unknown", count=offer.unknown_sizes))
    if target.models:
        show(text("bundle.offer_models", models=", ".join(model.title for model in target.models)))
    for part in target.parts:
        show(text("bundle.offer_part", title=part.title) if part.reason is None else part.reason)
    if offer.python is None:
        show(text("bundle.offer_no_python", python=target.python))
    else:
        show(text("bundle.offer_python", version=offer.python.version))
    if target.guessed:
        show(text("bundle.guessed"))


def _show(made: Made, face: Face, target: Target) -> None:
    from doctor.sizing import size_words

    show = face.screen.show
    show(text("bundle.done", folder=str(made.folder), size=size_words(made.manifest.bytes)))
    if made.manifest.python_archive is None:
        why = made.problem.message if made.problem else text("bundle.python_away")
        show(text("bundle.without_python", why=why, python=target.python))
    show(text("bundle.done_next", script="install.cmd" if target.system == "windows" else "sh install.sh"))


def _record(made: Made, face: Face, target: Target) -> dict[str, Any]:
    manifest = made.manifest
    return {
        "made": True,
        "folder": str(made.folder),
        "system": manifest.system,
        "stack": manifest.stack,
        "python": manifest.python,
        "python_archive": manifest.python_archive,
        "python_problem": face.screen.words(made.problem.message) if made.problem else None,
        "models": list(manifest.models),
        "parts": [part.name for part in target.parts if part.reason is None],
        "files": len(manifest.files),
        "bytes": manifest.bytes,
    }
