"""`tunedoc completion SHELL`: completion for the four shells, by argcomplete."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from doctor.cli.face import Answer
from doctor.cli.parser import VerbParser, add_common
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.cli.face import Face

DESCRIPTION = text("cli.verb_completion")
EXAMPLE = text("cli.example_completion")
SHELLS = ("bash", "zsh", "fish", "powershell")


def configure(parser: VerbParser) -> None:
    parser.add_argument("shell", choices=SHELLS, help=parser.say(text("cli.help_shell")))
    add_common(parser)


def run(arguments: argparse.Namespace, face: Face) -> Answer:
    import argcomplete

    script = argcomplete.shellcode(["tunedoc"], shell=arguments.shell)
    face.screen.show(script)
    return Answer(data={"shell": arguments.shell, "script": script})


def complete() -> None:
    """Answer the shell's question and exit. Loads every verb's arguments, which only a Tab key waits for."""
    import argcomplete

    from doctor.cli.main import VERBS, build_parser

    parser = argparse.ArgumentParser(prog="tunedoc")
    parser.add_argument("--version", action="store_true")
    verbs = parser.add_subparsers()
    for verb in VERBS:
        _, verb_parser = build_parser(verb, "en")
        verbs.choices[verb] = verb_parser
    argcomplete.autocomplete(parser)
