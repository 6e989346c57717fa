"""How work goes on: its stages and lines, how far a download is, and the question before something is changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Static

from doctor.apply.progress import Amount, Line, Note, StageBegan, StageEnded
from doctor.sizing import size_words
from doctor.tui.pictures import bar
from doctor.tui.said import Prose
from doctor.words.text import Text, render, text

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from doctor.apply.progress import Progress
    from doctor.words.text import Language

_KEPT = 400
"""Lines that stay readable; uv can be talkative."""


class WorkPage(Vertical):
    """A page of what was said, newest at the end."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._said: list[Text | str] = []
        self._amount: Amount | None = None

    def compose(self) -> ComposeResult:
        with VerticalScroll(classes="grow", id="work_scroll"):
            yield Prose(id="work_words")
        yield Prose(id="work_amount")

    def clear(self) -> None:
        self._said, self._amount = [], None

    def add(self, words: Text | str) -> None:
        """One line."""
        self._said.append(words)
        del self._said[:-_KEPT]

    def take(self, progress: Progress) -> None:
        """What the core reports."""
        match progress:
            case StageBegan():
                self._amount = None
                self.add(text("install.stage_began", message=progress.message))
            case StageEnded():
                self._amount = None
                began = text("install.stage_began", message=progress.message)
                if self._said and self._said[-1] == began:
                    self._said.pop()
                seconds = f"{progress.seconds:.1f}"
                self.add(text("install.stage_ended", message=progress.message, seconds=seconds))
            case Note():
                self.add(progress.message)
            case Amount():
                self._amount = progress
            case Line():
                if progress.words.strip():
                    self.add(f"    {progress.words}")

    def show(self, language: Language) -> None:
        """Write all of it in a language."""
        lines = [render(each, language) if isinstance(each, Text) else each for each in self._said]
        self.query_one("#work_words", Static).update(Content("\n".join(lines)))
        self.query_one("#work_amount", Static).update(Content(self._amount_words(language)))
        # The end stays in sight whatever else changes the room for it, such as a question that goes away.
        self.query_one("#work_scroll", VerticalScroll).anchor()

    def _amount_words(self, language: Language) -> str:
        amount = self._amount
        if amount is None:
            return ""
        done, speed = size_words(amount.done_bytes), size_words(int(amount.bytes_per_second))
        if amount.total_bytes is None:
            return render(text("install.amount_so_far", done=done, speed=speed), language).strip()
        words = text("install.amount", done=done, total=size_words(amount.total_bytes), speed=speed)
        return f"{bar(amount.done_bytes, amount.total_bytes, 20)} {render(words, language).strip()}"


class Question(Horizontal):
    """Yes or no; not there while nothing is asked."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes="buttons")
        self.display = False

    def compose(self) -> ComposeResult:
        yield Button("yes", id="agree", compact=True, variant="primary")
        yield Button("no", id="decline", compact=True)

    def show(self, language: Language) -> None:
        self.query_one("#agree", Button).label = render(text("tui.agree"), language)
        self.query_one("#decline", Button).label = render(text("tui.decline"), language)
