"""What a console can show, and stand-ins of the same width for what it cannot."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.segment import Segment
from textual.filter import LineFilter

from doctor.cli.render import ASCII_MARKS
from doctor.words.text import render, text

if TYPE_CHECKING:
    from textual.color import Color

    from doctor.host.base import Host
    from doctor.words.text import Language

_EAST_ASIAN = ("gb", "936", "big5", "950", "932", "949", "shift", "euc", "johab", "hz")
"""In consoles of these code pages box drawing and many signs take two columns, which Textual counts as one."""
_WIDTHS = "WF"


def console_encoding(host: Host, stream_encoding: str | None) -> str:
    """The encoding whose letters this console has.

    Python writes Unicode to a Windows console whatever its code page; whether the letters are in its font is told by
    the code page best. Windows Terminal has them all.
    """
    if host.system == "windows" and not host.environ.get("WT_SESSION"):
        from doctor.host.windows_calls import code_pages

        page = code_pages()[1]
        return f"cp{page}" if page not in (0, 65001) else "utf-8"
    return stream_encoding or "ascii"


def shows(words: str, encoding: str) -> bool:
    """Whether a console of this encoding shows all of the words."""
    try:
        words.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def shows_language(language: Language, encoding: str) -> bool:
    """Whether the console can show a language's own letters."""
    return language == "en" or shows(render(text("cli.options"), language), encoding)


class Fitting(LineFilter):
    """The last step before the console: every letter that it lacks gets a stand-in."""

    def __init__(self, encoding: str) -> None:
        name = encoding.lower().replace("_", "-")
        super().__init__(enabled=name not in {"utf-8", "utf8", "cp65001"} and not name.startswith("utf-16"))
        self.encoding = encoding
        self._narrow_only = any(part in name for part in _EAST_ASIAN)

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        return [Segment(self.fit(words), style, control) for words, style, control in segments]

    def fit(self, words: str) -> str:
        """The words as the console can show them, in the same number of columns."""
        return words if words.isascii() else "".join(map(self._fit_letter, words))

    def _fit_letter(self, letter: str) -> str:
        return _fitted(letter, self.encoding, self._narrow_only)


@lru_cache(4096)
def _fitted(letter: str, encoding: str, narrow_only: bool) -> str:
    width = unicodedata.east_asian_width(letter)
    if shows(letter, encoding) and not (narrow_only and width == "A"):
        return letter
    return _stand_in(letter) * (2 if width in _WIDTHS else 1)


def _stand_in(letter: str) -> str:
    if letter in ASCII_MARKS:
        return ASCII_MARKS[letter][-1]
    name = unicodedata.name(letter, "")
    if "BOX DRAWINGS" in name:
        if "AND" in name or "DIAGONAL" in name or "ARC" in name:
            return "+"
        return "|" if "VERTICAL" in name or "UP" in name or "DOWN" in name else "-"
    if name.endswith("BLOCK") or "SHADE" in name:
        for part, sign in (("UPPER", "-"), ("LOWER ONE EIGHTH", "_"), ("LOWER", "="), ("LEFT", "|"), ("RIGHT", "|"),
                           ("LIGHT SHADE", "."), ("", "#")):  # fmt: skip
            if part in name:
                return sign
    if "TRIANGLE" in name or "ARROW" in name or "POINTER" in name:
        return ">" if "RIGHT" in name else "<" if "LEFT" in name else "^" if "UP" in name else "v"
    if "BULLET" in name or "CIRCLE" in name:
        return "o"
    if "BRAILLE" in name:
        return "."
    return {"“": '"', "”": '"', "‘": "'", "’": "'", "×": "x"}.get(letter, "?")
