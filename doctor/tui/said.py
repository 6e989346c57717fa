"""Widgets that say what they have to say without markup and without colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.content import Content
from textual.widgets import Checkbox, Static

from doctor.tui.folding import breaks, is_wide

if TYPE_CHECKING:
    from textual.geometry import Size
    from textual.visual import VisualType


class Prose(Static):
    """Words as they are, as high as they need to be; Chinese lines end at the edge."""

    def __init__(self, *, id: str, classes: str = "") -> None:  # noqa: A002 - Textual's own name
        super().__init__("", id=id, classes=classes, markup=False)
        self._said = Content("")
        self._width = 0

    def update(self, content: VisualType = "", *, layout: bool = True) -> None:
        self._said = content if isinstance(content, Content) else Content(str(content))
        super().update(self._folded(), layout=layout)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        if width != self._width and is_wide(self._said.plain):
            self._width = width
            # Not another layout: this is a part of one.
            super().update(self._folded(), layout=False)
            self.clear_cached_dimensions()
        self._width = width
        return super().get_content_height(container, viewport, width)

    def _folded(self) -> Content:
        if not self._width or not is_wide(self._said.plain):
            return self._said
        lines: list[Content] = []
        for line in self._said.split("\n", allow_blank=True):
            lines += line.divide(breaks(line.plain, self._width)) if line.plain else [line]
        return Content("\n").join(lines)


class Tick(Checkbox):
    """A box whose state is a letter: `[x]` or `[ ]`. Textual's own tells it by colour alone."""

    def __init__(self, *, id: str) -> None:  # noqa: A002 - Textual's own name
        super().__init__("", id=id, compact=True)

    @property
    def _button(self) -> Content:
        return Content("[x]" if self.value else "[ ]")
