"""`tunedoc tui`: the full-screen app, which `tunedoc` alone opens too where there is a terminal."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from doctor.cli.face import Answer
from doctor.cli.parser import VerbParser, add_common
from doctor.words.text import text

if TYPE_CHECKING:
    import argparse

    from doctor.cli.face import Face

DESCRIPTION = text("cli.verb_tui")
EXAMPLE = text("tui.example")


def configure(parser: VerbParser) -> None:
    add_common(parser)


def run(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.errors import UsageError

    if face.json:
        raise UsageError(text("tui.no_json"), hint=text("tui.no_json_hint"))
    if not has_terminal():
        raise UsageError(text("tui.no_terminal"), hint=text("tui.no_terminal_hint"))

    from doctor.tui.app import TunedocApp
    from doctor.tui.console import console_encoding

    encoding = console_encoding(face.host, sys.stdout.encoding)
    app = TunedocApp(face.host, face.home, language=face.language, encoding=encoding)
    app.run()
    if app.fault is not None:
        # The terminal is as it was; the command line has words for a fault, and a file for its traceback.
        raise app.fault
    return Answer()


def has_terminal() -> bool:
    """Whether somebody sits in front of this, with a terminal that can be drawn on."""
    from doctor.host.locale import is_plain_terminal
    from doctor.host.terminals import is_terminal

    return all(is_terminal(stream) for stream in (sys.stdin, sys.stdout, sys.stderr)) and not is_plain_terminal()
