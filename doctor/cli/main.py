"""Arguments and dispatch: finds the verb, loads its module alone, and turns whatever comes back into an exit code."""

from __future__ import annotations

import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, cast

from doctor.errors import ExitCode
from doctor.version import __version__
from doctor.words.text import LANGUAGES, language_of, render, text

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence

    from doctor.cli.face import Answer, Face
    from doctor.cli.parser import VerbParser
    from doctor.errors import TunedocError
    from doctor.words.text import Language, Text

VERBS: tuple[str, ...] = (
    "check", "explain", "fix", "undo", "report", "snapshot", "plan", "install", "env", "mirrors", "bundle",
    "model", "data", "import", "job", "train", "runs", "export", "chat", "demo", "tui", "uninstall",
    "completion", "catalogue",
)  # fmt: skip
"""In the order of the main job. Each is the module `doctor.cli.<verb>` with the three names of `Verb`."""


class Verb(Protocol):
    """What a verb's module offers."""

    DESCRIPTION: Text
    EXAMPLE: Text

    def configure(self, parser: VerbParser) -> None:
        """Add the verb's own arguments and `add_common`."""

    def run(self, arguments: argparse.Namespace, face: Face) -> Answer: ...


def run(argv: Sequence[str]) -> int:
    """Carry out one command line and return the exit code."""
    _write_all_characters()
    verb, rest, options = _split(argv)
    language = _language(argv)
    json_mode = "--json" in argv
    if verb is None:
        from doctor.cli.render import print_words

        if "--version" in options:
            print_words(f"tunedoc {__version__}")
            return ExitCode.WELL
        if not options and not json_mode and _opens_the_app():
            return _carry_out("tui", argv, language, json_mode)
        unknown = [word for word in options if word not in {"-h", "--help", "--json", "-v", "--verbose"}]
        if not unknown:
            print_words(_overview(language))
            return ExitCode.WELL if options else ExitCode.USAGE
        verb = unknown[0]
    return _carry_out(verb, rest, language, json_mode)


def build_parser(verb: str, language: Language) -> tuple[Verb, VerbParser]:
    """The verb's module and its parser, ready to parse."""
    from doctor.cli.parser import VerbParser

    module = cast("Verb", import_module(f"doctor.cli.{verb}"))
    parser = VerbParser(verb, language=language, description=module.DESCRIPTION, example=module.EXAMPLE)
    module.configure(parser)
    return module, parser


def _carry_out(verb: str, rest: Sequence[str], language: Language, json_mode: bool) -> int:
    from doctor.errors import Interrupted, TunedocError

    data: dict[str, Any] = {}
    errors: list[TunedocError] = []
    code = ExitCode.WELL
    try:
        if verb not in VERBS:
            raise _no_such_verb(verb)
        module, parser = build_parser(verb, language)
        arguments = parser.parse_args(list(rest))
        answer = module.run(arguments, _face(arguments, language))
        data, code = answer.data, answer.exit_code
    except TunedocError as error:
        errors.append(error)
        code = error.exit_code
    except KeyboardInterrupt:
        errors.append(Interrupted(text("cli.interrupted")))
        code = ExitCode.INTERRUPTED
    except SystemExit as exit_request:  # argparse after --help
        return int(exit_request.code or 0)
    except OSError as error:
        errors.append(system_refused(error))
        code = ExitCode.FAILED
    except Exception as error:
        errors.append(_own_fault(error, verb))
        code = ExitCode.FAILED
    _report(verb, code, data, errors, language, json_mode)
    return code


def _opens_the_app() -> bool:
    """Whether a bare `tunedoc` opens the full-screen app: only in front of somebody."""
    from doctor.host.terminals import is_terminal

    if not is_terminal(sys.stdin):
        return False
    from doctor.cli.tui import has_terminal

    return has_terminal()


def _report(
    verb: str, code: ExitCode, data: dict[str, Any], errors: list[TunedocError], language: Language, json_mode: bool
) -> None:
    from doctor.cli.render import error_record, print_envelope, print_error

    if json_mode:
        print_envelope(verb, code, data, [error_record(error, language) for error in errors])
        return
    for error in errors:
        print_error(error, language)


def _face(arguments: argparse.Namespace, language: Language) -> Face:
    from doctor.cli.face import Face
    from doctor.cli.render import Screen
    from doctor.host.deep_programs import reachable_home
    from doctor.host.interrupts import listen_for_endings
    from doctor.host.real import RealHost
    from doctor.own_variables import overlay, read_variables
    from doctor.paths import Home, find_home

    listen_for_endings()
    host = RealHost()
    home = Home(reachable_home(find_home(host.environ, host.system, Path.home()).root))
    # What `tunedoc fix` keeps for tunedoc's own processes: everything that is started from here on has it.
    host.take(overlay(host.environ, read_variables(home.variables)))
    return Face(
        host=host,
        home=home,
        screen=Screen(language=language, json_mode=arguments.json),
        language=language,
        json=arguments.json,
        verbose=arguments.verbose,
    )


def _split(argv: Sequence[str]) -> tuple[str | None, list[str], list[str]]:
    """The verb, what comes with it, and, when there is no verb, the options alone.

    `--lang` and `--json` may stand before the verb too.
    """
    before: list[str] = []
    words = iter(enumerate(argv))
    for place, word in words:
        if not word.startswith("-"):
            return word, [*before, *argv[place + 1 :]], []
        before.append(word)
        if word == "--lang":
            following = next(words, None)
            if following is not None:
                before.append(following[1])
    options = [w for i, w in enumerate(before) if w != "--lang" and not (i and before[i - 1] == "--lang")]
    return None, [], [word for word in options if not word.startswith("--lang=")]


def _language(argv: Sequence[str]) -> Language:
    for place, word in enumerate(argv):
        chosen = word.removeprefix("--lang=") if word.startswith("--lang=") else ""
        if word == "--lang" and place + 1 < len(argv):
            chosen = argv[place + 1]
        for language in LANGUAGES:
            if chosen == language:
                return language
    from doctor.host.locale import locale_names

    language = language_of(*locale_names())
    # The system's choice yields where the console could only show question marks; the user's own choice does not.
    return language if _can_show(render(text("cli.options"), language)) else "en"


def _can_show(words: str) -> bool:
    for stream in (sys.stdout, sys.stderr):
        try:
            words.encode(getattr(stream, "encoding", None) or "utf-8")
        except (UnicodeEncodeError, LookupError):
            return False
    return True


def _overview(language: Language) -> str:
    width = max(len(verb) for verb in VERBS)
    lines = [
        render(text("cli.description"), language),
        "",
        render(text("cli.usage"), language),
        "",
        render(text("cli.verbs"), language),
        *(f"  {verb:<{width}}  {render(text(f'cli.verb_{verb}'), language)}" for verb in VERBS),
        "",
        render(text("cli.options"), language) + ":",
        *(
            f"  {option:<{width}}  {render(text(key), language)}"
            for option, key in (
                ("--json", "cli.help_json"),
                ("--lang", "cli.help_lang"),
                ("--version", "cli.help_version"),
                ("--help", "cli.help_help"),
            )
        ),
        "",
        render(text("cli.more"), language),
        "",
        render(text("cli.example"), language),
        "  tunedoc check",
        "  tunedoc demo --yes",
    ]
    return "\n".join(lines)


def _no_such_verb(verb: str) -> TunedocError:
    from difflib import get_close_matches

    from doctor.errors import UsageError

    nearest = get_close_matches(verb, VERBS, n=1)
    hint = text("cli.unknown_verb_hint", nearest=nearest[0]) if nearest else text("cli.all_verbs_hint")
    return UsageError(text("cli.unknown_verb", verb=verb), hint=hint)


def system_refused(error: OSError) -> TunedocError:
    """An error of the system, in our words."""
    import errno

    from doctor.errors import NoSpace, TunedocError
    from doctor.refusals import file_of, hint_for, refusal

    if error.errno == errno.ENOSPC or getattr(error, "winerror", None) == 112:
        return NoSpace(text("cli.no_space", file=error.filename or "?"), hint=text("cli.no_space_hint"))
    return TunedocError(text("cli.disk_error", detail=refusal(error)), hint=hint_for(error), file=file_of(error))


def _own_fault(error: Exception, verb: str) -> TunedocError:
    """A fault of tunedoc: the traceback goes to a file, the user gets a sentence."""
    import tempfile
    import traceback

    from doctor.errors import TunedocError

    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", prefix=f"tunedoc-{verb}-", suffix=".log", delete=False
    ) as log:
        log.write(f"tunedoc {__version__}\n")
        log.write("".join(traceback.format_exception(error)))
    failure = TunedocError(
        text("cli.crashed", kind=type(error).__name__, detail=str(error)), hint=text("cli.crashed_hint", log=log.name)
    )
    failure.code = "crashed"
    return failure


def _write_all_characters() -> None:
    """A stream that cannot take a character shows `?` for it rather than failing in the middle of a report.

    Likewise what is typed or piped in: a byte that the code page does not have is one wrong letter, not the end.
    """
    for stream in (sys.stdout, sys.stderr, sys.stdin):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="replace")
