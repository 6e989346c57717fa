"""Widgets that say what they have to say without markup and without colour."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Checkbox, Static


class Prose(Static):
    """Words as they are."""

    def __init__(self, *, id: str, classes: str = "") -> None:  # noqa: A002 - Textual's own name
        super().__init__("", id=id, classes=classes, markup=False)


class Tick(Checkbox):
    """A box whose state is a letter: `[x]` or `[ ]`. Textual's own tells it by colour alone."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__("", id=id, compact=True)

    @property
    def _button(self) -> Content:
        return Content("[x]" if self.value else "[ ]")
