"""`tunedoc snapshot`: what this machine says about itself, as a file that can go into a bug report."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from doctor.cli.face import Answer
from doctor.cli.parser import VerbParser, add_common
from doctor.words.text import text
from trainer.file_moves import replace_file

if TYPE_CHECKING:
    import argparse

    from doctor.cli.face import Face

DESCRIPTION = text("cli.verb_snapshot")
EXAMPLE = text("snapshot.example")


def configure(parser: VerbParser) -> None:
    parser.add_argument("file", nargs="?", metavar="FILE", help=parser.say(text("snapshot.help_file")))
    add_common(parser)


def run(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.probe.machine import examine_machine
    from doctor.snapshot.codec import to_json, to_record

    if arguments.file is not None:
        _refuse_impossible(Path(arguments.file))
    snapshot = examine_machine(face.host, face.home)
    words = to_json(snapshot)
    if arguments.file is None:
        face.screen.show(words.rstrip("\n"))
        return Answer(data={"snapshot": to_record(snapshot)})
    _write(Path(arguments.file), words)
    face.screen.note(text("snapshot.written", file=arguments.file))
    return Answer(data={"file": arguments.file, "snapshot": to_record(snapshot)})


def _refuse_impossible(file: Path) -> None:
    """Say it before the machine is examined, not after."""
    from doctor.errors import UsageError

    if file.is_dir():
        raise UsageError(text("snapshot.is_folder", file=str(file)), hint=text("snapshot.hint_folder"))
    if not file.absolute().parent.is_dir():
        raise UsageError(text("snapshot.no_folder", file=str(file)), hint=text("snapshot.hint_folder"))


def _write(file: Path, words: str) -> None:
    # Under another name first: the file is whole from the moment it has its own.
    unfinished = file.with_name(file.name + ".part")
    unfinished.write_text(words, encoding="utf-8", newline="\n")
    replace_file(unfinished, file)
