"""`tunedoc install`: show the plan, ask, build the training environment and prove it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.cli.face import Answer
from doctor.cli.parser import VerbParser, add_common
from doctor.words.text import text

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from doctor.apply.progress import Progress
    from doctor.apply.sourcing import Means
    from doctor.catalogue.wishes import Wishes
    from doctor.cli.face import Face
    from doctor.plan.model import Plan

DESCRIPTION = text("cli.verb_install")
EXAMPLE = text("install.example")
_WATCHED_SECONDS = 3.0
_LOGGED_SECONDS = 30.0


def configure(parser: VerbParser) -> None:
    parser.add_argument("--rebuild", action="store_true", help=parser.say(text("install.help_rebuild")))
    parser.add_argument("--mirror", metavar="WISH", default="", help=parser.say(text("install.help_mirror")))
    parser.add_argument("--bundle", metavar="FOLDER", help=parser.say(text("install.help_bundle")))
    parser.add_argument("--offline", action="store_true", help=parser.say(text("install.help_offline")))
    add_wishes(parser)
    add_common(parser, yes=True)


def run(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.cli.plan import plan_record
    from doctor.session import install

    installed = install(
        face.host,
        face.home,
        reporter(face),
        agree=agreement(face, yes=arguments.yes),
        rebuild=arguments.rebuild,
        wishes=wishes_of(arguments),
        means=means_of(arguments, face),
    )
    if installed is None:
        face.screen.note(text("cli.declined"))
        return Answer(data={"installed": False})
    seconds = f"{installed.seconds:.1f}"
    folder = str(installed.environment.folder)
    if installed.reused:
        face.screen.show(text("install.reused", folder=folder, seconds=seconds))
    else:
        face.screen.show(text("install.done", folder=folder, seconds=seconds))
    if arguments.gpus:
        face.screen.note(text("install.gpus_chosen", gpus=arguments.gpus))
    return Answer(
        data={
            "installed": True,
            "reused": installed.reused,
            "not_proved": list(installed.not_proved),
            "seconds": round(installed.seconds, 3),
            "folder": folder,
            "python": str(installed.environment.python),
            "plan": plan_record(installed.plan, face),
        }
    )


def add_wishes(parser: VerbParser) -> None:
    """Arguments for the limits that a user may set."""
    say = parser.say
    parser.add_argument("--with", dest="parts", metavar="NAMES", default="", help=say(text("install.help_with")))
    parser.add_argument("--gpus", metavar="NUMBERS", default="", help=say(text("install.help_gpus")))
    parser.add_argument("--device", choices=("cpu", "cuda"), help=say(text("install.help_device")))
    parser.add_argument("--torch", metavar="VERSION", default="", help=say(text("install.help_torch")))
    parser.add_argument("--python", metavar="VERSION", default="", help=say(text("install.help_python")))


def wishes_of(arguments: argparse.Namespace) -> Wishes:
    """What the arguments ask for. Raises UsageError."""
    from doctor.catalogue.wishes import Wishes
    from doctor.errors import UsageError

    gpus: tuple[int, ...] | None = None
    if arguments.gpus:
        words = [word.strip() for word in arguments.gpus.split(",")]
        if not all(word.isdecimal() for word in words):
            raise UsageError(text("install.bad_gpus", words=arguments.gpus), hint=text("install.bad_gpus_hint"))
        gpus = tuple(dict.fromkeys(int(word) for word in words))
    return Wishes(
        gpus=gpus,
        device=arguments.device,
        torch=arguments.torch,
        python=arguments.python,
        parts=tuple(dict.fromkeys(word.strip().lower() for word in arguments.parts.split(",") if word.strip())),
        offline=arguments.offline,
    )


def means_of(arguments: argparse.Namespace, face: Face) -> Means:
    """What the arguments say about where packages come from. Raises BadInput for a folder that is no whole bundle."""
    from doctor.apply.sourcing import Means

    if not arguments.bundle:
        return Means(mirror=arguments.mirror, offline=arguments.offline)
    from pathlib import Path

    from doctor.bundling.opening import open_bundle

    return Means(supply=open_bundle(Path(arguments.bundle).absolute(), system=face.host.system))


def agreement(face: Face, *, yes: bool) -> Callable[[Plan], bool]:
    """How the user agrees to a plan: by `--yes`, else by answering. Raises UsageError where nobody can be asked."""

    def agree(plan: Plan) -> bool:
        from doctor.cli.plan import show_plan

        show_plan(plan, face)
        show_parts(plan, face)
        return face.agrees(yes=yes)

    return agree


def show_parts(plan: Plan, face: Face) -> None:
    """The optional packages of a plan in words, on stdout."""
    for part in plan.parts:
        if part.reason is not None:
            face.screen.show(part.reason)
        elif part.url and not part.sha256:
            face.screen.show(text("install.part_unhashed", title=part.title, url=part.url))
        else:
            face.screen.show(text("install.part", title=part.title, what=part.requirement or part.url))


def reporter(face: Face) -> Callable[[Progress], None]:
    """Progress as words on stderr: each stage with its seconds; what uv says too, where somebody watches."""
    import time

    from doctor.apply.progress import Amount, Line, Note, StageBegan, StageEnded
    from doctor.sizing import size_words

    watched = face.verbose or (face.screen.is_terminal and not face.json)
    told = time.monotonic()

    def report(progress: Progress) -> None:
        nonlocal told
        match progress:
            case StageBegan():
                if watched:
                    face.screen.note(text("install.stage_began", message=progress.message))
            case StageEnded():
                seconds = f"{progress.seconds:.1f}"
                face.screen.note(text("install.stage_ended", message=progress.message, seconds=seconds))
            case Note():
                face.screen.note(progress.message)
            case Amount():
                # A line each few seconds for somebody who watches, and for a log one in half a minute.
                if time.monotonic() - told >= (_WATCHED_SECONDS if watched else _LOGGED_SECONDS):
                    told = time.monotonic()
                    done, speed = size_words(progress.done_bytes), size_words(int(progress.bytes_per_second))
                    if progress.total_bytes is None:
                        face.screen.note(text("install.amount_so_far", done=done, speed=speed))
                    else:
                        total = size_words(progress.total_bytes)
                        face.screen.note(text("install.amount", done=done, total=total, speed=speed))
            case Line():
                if watched and progress.words.strip():
                    face.screen.note(f"    {progress.words}")

    return report
