"""An argparse parser that speaks both languages and raises instead of exiting."""

from __future__ import annotations

import argparse
import re
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

    def format_help(self) -> str:
        # argparse has its own word for this, in English only.
        return super().format_help().replace("usage: ", render(text("cli.usage_prefix"), self.language), 1)

    def error(self, message: str) -> NoReturn:
        raise UsageError(_worded(message), hint=text("cli.bad_arguments_hint", verb=self.verb))


def _worded(message: str) -> Text:
    """What argparse complains about, in our words; a complaint of a kind that is not known here is passed on."""
    for pattern, key in _COMPLAINTS:
        found = re.fullmatch(pattern, message)
        if found:
            return text(key, **found.groupdict())
    return text("cli.bad_arguments", detail=message)


_COMPLAINTS = (
    (r"unrecognized arguments: (?P<what>.+)", "cli.unknown_arguments"),
    (r"the following arguments are required: (?P<what>.+)", "cli.missing_arguments"),
    (r"argument (?P<what>.+): expected .*argument.*", "cli.value_missing"),
    (r"argument (?P<what>.+): invalid choice: (?P<value>.+) \(choose from (?P<choices>.+)\)", "cli.bad_choice"),
    (r"argument (?P<what>.+): invalid \w+ value: (?P<value>.+)", "cli.bad_value"),
    (r"argument (?P<what>.+): not allowed with argument (?P<value>.+)", "cli.not_together"),
)


def add_common(parser: VerbParser, *, yes: bool = False) -> None:
    """The options that every verb has."""
    parser.add_argument("--json", action="store_true", help=parser.say(text("cli.help_json")))
    parser.add_argument("--lang", choices=("en", "zh"), help=parser.say(text("cli.help_lang")))
    parser.add_argument("-v", "--verbose", action="store_true", help=parser.say(text("cli.help_verbose")))
    parser.add_argument("-h", "--help", action="help", help=parser.say(text("cli.help_help")))
    if yes:
        parser.add_argument("-y", "--yes", action="store_true", help=parser.say(text("cli.help_yes")))
