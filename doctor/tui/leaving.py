"""Leaving while work goes on: what becomes of it, and a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual import on
from textual.containers import Horizontal
from textual.widgets import Button, Footer

from doctor.tui.room import Sheet
from doctor.tui.said import Prose
from doctor.words.text import text

if TYPE_CHECKING:
    from textual.app import ComposeResult


class LeavingSheet(Sheet):
    """Stop the work and leave, or stay."""

    HELP_KEY = "leaving"

    def compose(self) -> ComposeResult:
        yield Prose(id="leaving_words", classes="box")
        with Horizontal(classes="buttons"):
            yield Button("stay", id="stay")
            yield Button("leave", id="stop_and_leave", variant="warning")
        yield Footer(show_command_palette=False)

    def show(self) -> None:
        self.put("leaving_words", text("tui.leaving"))
        self.label("stay", text("tui.stay"))
        self.label("stop_and_leave", text("tui.stop_and_leave"))

    @on(Button.Pressed, "#stay")
    def _stay(self) -> None:
        self.dismiss()

    @on(Button.Pressed, "#stop_and_leave")
    def _leave(self) -> None:
        self.tunedoc.end()
