"""The only module that prints: stdout is data, stderr is words about the work."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

from doctor.errors import ExitCode
from doctor.words.text import Text, render, text

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

    from doctor.errors import TunedocError
    from doctor.words.text import Language

ENVELOPE_VERSION = 1

_STATUS = {
    ExitCode.WELL: "well",
    ExitCode.FINDINGS: "findings",
    ExitCode.USAGE: "usage",
    ExitCode.FAILED: "failed",
    ExitCode.INTERRUPTED: "interrupted",
}

ASCII_MARKS = {"✓": "+", "✗": "x", "●": "o", "…": "...", "→": "->", "·": "-", "–": "-", "—": "-", "│": "|", "▸": ">"}


class Screen:
    """Words for a person. In JSON mode `show` is silent: stdout carries the envelope alone."""

    def __init__(self, *, language: Language, json_mode: bool) -> None:
        self.language = language
        self.json_mode = json_mode
        self._consoles: dict[bool, Console] = {}

    def show(self, *parts: RenderableType | Text) -> None:
        """The answer itself, to stdout. Rich renderables or Texts."""
        if self.json_mode:
            return
        if len(parts) == 1 and isinstance(parts[0], (str, Text)):
            _print(self.words(parts[0]), to_stderr=False)
            return
        console = self.console()
        for part in parts:
            console.print(self.words(part) if isinstance(part, Text) else part, highlight=False, soft_wrap=True)

    def note(self, message: Text | str) -> None:
        """A word about the work that goes on, to stderr."""
        _print(self.words(message), to_stderr=True)

    def words(self, message: Text | str) -> str:
        return render(message, self.language) if isinstance(message, Text) else message

    def console(self, *, stderr: bool = False) -> Console:
        """A rich console: stdout for the answer, stderr for progress."""
        if stderr not in self._consoles:
            from rich.console import Console

            # legacy_windows=None lets rich choose; NO_COLOR and pipes are rich's business too.
            self._consoles[stderr] = Console(stderr=stderr, emoji=False, markup=False)
        return self._consoles[stderr]

    def piece(self, words: str) -> None:
        """A part of a line on stdout, at once: a model's answer as it comes."""
        if not self.json_mode:
            _print(words, to_stderr=False, end="")

    def ask(self, prompt: str) -> str:
        """A line from the user; the prompt goes to stderr. Raises EOFError at the end of input."""
        sys.stderr.write(fit(prompt, sys.stderr.encoding))
        sys.stderr.flush()
        line = sys.stdin.readline()
        if not line:
            raise EOFError
        return line.rstrip("\r\n")

    @property
    def can_ask(self) -> bool:
        from doctor.host.terminals import is_terminal

        return not self.json_mode and is_terminal(sys.stdin)

    @property
    def is_terminal(self) -> bool:
        """Whether progress may be drawn and redrawn on stderr."""
        from doctor.host.terminals import is_terminal

        return is_terminal(sys.stderr)


def fit(words: str, encoding: str | None) -> str:
    """Words that a console of this encoding can show: marks get ASCII stand-ins, the rest is replaced by `?`."""
    try:
        words.encode(encoding or "ascii")
        return words
    except (UnicodeEncodeError, LookupError):
        for mark, plain in ASCII_MARKS.items():
            words = words.replace(mark, plain)
        return words.encode(encoding or "ascii", "replace").decode(encoding or "ascii")


def quoted(path: str) -> str:
    """A path as it can be pasted into a command line."""
    return f'"{path}"' if any(letter.isspace() for letter in path) else path


def print_envelope(command: str, exit_code: ExitCode, data: dict[str, Any], errors: list[dict[str, Any]]) -> None:
    """The one JSON object of `--json`. ASCII, so that every console encoding carries it."""
    envelope = {
        "tunedoc_result": ENVELOPE_VERSION,
        "command": command,
        "status": _STATUS[exit_code],
        "exit_code": int(exit_code),
        "data": data,
        "errors": errors,
    }
    _print(json.dumps(envelope, ensure_ascii=True, indent=2), to_stderr=False)


def error_record(error: TunedocError, language: Language) -> dict[str, Any]:
    """An error as the envelope carries it."""
    return {
        "code": error.code,
        "kind": getattr(error, "kind", None),
        "message": render(error.message, language),
        "hint": render(error.hint, language) if error.hint else None,
        "file": error.file,
        "line": error.line,
        "field": error.field,
    }


def print_error(error: TunedocError, language: Language) -> None:
    """`error: …`, the place, a blank line and `hint: …`, on stderr."""
    message = render(error.message, language)
    if error.file is not None and error.file not in message:
        place = (
            error.file
            if error.line is None
            else render(text("cli.place_line", file=error.file, line=error.line), language)
        )
        message = f"{place}: {message}" if language == "en" else f"{place}：{message}"
    _print(render(text("cli.error", message=message), language), to_stderr=True)
    if error.hint is not None:
        hint = render(text("cli.hint", message=error.hint), language)
        _print("\n  " + hint, to_stderr=True)


def print_words(words: str, *, to_stderr: bool = False) -> None:
    """Plain words, for help and version."""
    _print(words, to_stderr=to_stderr)


def _print(words: str, *, to_stderr: bool, end: str = "\n") -> None:
    stream = sys.stderr if to_stderr else sys.stdout
    if stream is None:  # pythonw.exe has no streams
        return
    try:
        stream.write(fit(words, stream.encoding) + end)
        stream.flush()
    except (BrokenPipeError, ValueError):
        # The reader has gone (`tunedoc check | head`); there is nobody left to tell.
        return
