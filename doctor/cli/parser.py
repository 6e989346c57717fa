"""An argparse parser that speaks both languages and raises instead of exiting."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, NoReturn

from doctor.errors import UsageError
from doctor.words.text import Text, render, text

if TYPE_CHECKING:
    from doctor.words.text import Language


class VerbParser(argparse.ArgumentParser):
    """The parser of one verb. Help texts are `Text`s, rendered here."""

    def __init__(self, verb: str, *, language: Language, description: Text, example: Text) -> None:
        self.language = language
        self.verb = verb
        super().__init__(
            prog=f"tunedoc {verb}".strip(),
            description=render(description, language),
            epilog=render(text("cli.example"), language) + "\n  " + render(example, language).replace("\n", "\n  "),
            formatter_class=argparse.RawDescriptionHelpFormatter,
            add_help=False,
            allow_abbrev=False,
        )
        self._positionals.title = render(text("cli.arguments"), language)
        self._optionals.title = render(text("cli.options"), language)

    def say(self, message: Text) -> str:
        """Help words in the language of this invocation, escaped for argparse."""
        return render(message, self.language).replace("%", "%%")

    def error(self, message: str) -> NoReturn:
        raise UsageError(text("cli.bad_arguments", detail=message), hint=text("cli.bad_arguments_hint", verb=self.verb))


def add_common(parser: VerbParser, *, yes: bool = False) -> None:
    """The options that every verb has."""
    parser.add_argument("--json", action="store_true", help=parser.say(text("cli.help_json")))
    parser.add_argument("--lang", choices=("en", "zh"), help=parser.say(text("cli.help_lang")))
    parser.add_argument("-v", "--verbose", action="store_true", help=parser.say(text("cli.help_verbose")))
    parser.add_argument("-h", "--help", action="help", help=parser.say(text("cli.help_help")))
    if yes:
        parser.add_argument("-y", "--yes", action="store_true", help=parser.say(text("cli.help_yes")))
