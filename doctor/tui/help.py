"""Help for the screen below: what it is for, and its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.containers import VerticalScroll
from textual.widgets import Footer

from doctor.tui.room import Sheet
from doctor.tui.said import Prose
from doctor.words.text import text

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.dom import DOMNode


class HelpSheet(Sheet):
    """One page of help."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page

    def compose(self) -> ComposeResult:
        yield Prose(id="help_title", classes="title")
        with VerticalScroll(classes="grow"):
            yield Prose(id="help_words")
        yield Footer(show_command_palette=False)

    def show(self) -> None:
        stack = self.tunedoc.screen_stack
        below = stack[stack.index(self) - 1] if self in stack and len(stack) > 1 else None
        nodes: list[DOMNode] = [self.app] if below is None else [below, self.app]
        lines = [self.words(text(f"tui.help_{self.page}")), "", self.words(text("tui.help_keys"))]
        for node in nodes:
            for key, bindings in node._bindings.key_to_bindings.items():
                lines += [
                    f"  {self._key(key):<10} {binding.description}: {binding.tooltip}"
                    for binding in bindings
                    if binding.id and binding.tooltip
                ]
        lines += ["", self.words(text("tui.help_moving"))]
        self.put("help_title", text("tui.help_title"))
        self.put("help_words", "\n".join(lines))

    def _key(self, key: str) -> str:
        shown = {"question_mark": "?", "escape": "Esc"}.get(key)
        if shown is None:
            *held, last = key.split("+")
            shown = "-".join([*(each.capitalize() for each in held), last.upper()])
        return shown
