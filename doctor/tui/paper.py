"""What a verb would print, taken down instead: the screens say things in the words of the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.cli.face import Face
from doctor.cli.render import Screen
from doctor.words.text import Text

if TYPE_CHECKING:
    from collections.abc import Callable

    from rich.console import RenderableType

    from doctor.host.base import Host
    from doctor.paths import Home
    from doctor.words.text import Language


class Paper(Screen):
    """A screen of the command line that keeps its lines."""

    def __init__(self, language: Language) -> None:
        super().__init__(language=language, json_mode=False)
        self.lines: list[str] = []

    def show(self, *parts: RenderableType | Text) -> None:
        self.lines += [self.words(part) if isinstance(part, Text) else str(part) for part in parts]

    def note(self, message: Text | str) -> None:
        self.lines.append(self.words(message))


def lines_of(
    tell: Callable[[Face], object], host: Host, home: Home, language: Language, *, verbose: bool = False
) -> list[str]:
    """The lines that `tell` shows on the face it is given."""
    paper = Paper(language)
    tell(Face(host=host, home=home, screen=paper, language=language, json=False, verbose=verbose))
    return [line for part in paper.lines for line in part.split("\n")]
