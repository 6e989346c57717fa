"""What all rooms share: the way to the other rooms, the line that says what runs, the keys, both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Button, Footer, Static

from doctor.tui.said import Prose
from doctor.words.text import Text, render, text

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType
    from textual.dom import DOMNode

    from doctor.errors import TunedocError
    from doctor.tui.app import TunedocApp
    from doctor.words.text import Language

ROOMS = ("home", "doctor", "explain", "install", "runs")
"""In the order of their keys, 1 to 5."""


def name_bindings(node: DOMNode, language: Language) -> None:
    """Give a node's own keys their labels and tooltips in a language; the id of a binding names its words."""
    import dataclasses

    for key, bindings in node._bindings.key_to_bindings.items():
        node._bindings.key_to_bindings[key] = [
            dataclasses.replace(
                binding,
                description=render(text(f"tui.key_{binding.id}"), language),
                tooltip=render(text(f"tui.tip_{binding.id}"), language),
            )
            if binding.id and f"tui.key_{binding.id}" in _words()
            else binding
            for binding in bindings
        ]


def _words() -> dict[str, tuple[str, str]]:
    from doctor.words.tui import WORDS

    return WORDS


class Spoken(Screen[None]):
    """A screen whose words follow the language; `show` writes them all."""

    HELP_KEY: ClassVar[str] = "home"
    """Its page of help: `tui.help_<this>`."""

    @property
    def tunedoc(self) -> TunedocApp:
        from doctor.tui.app import TunedocApp

        assert isinstance(self.app, TunedocApp)
        return self.app

    def words(self, message: Text | str) -> str:
        return render(message, self.tunedoc.language) if isinstance(message, Text) else message

    def __init__(self) -> None:
        super().__init__()
        self.is_furnished = False
        """Whether there is something to write on."""

    def on_mount(self) -> None:
        self.is_furnished = True
        self.speak()

    def speak(self) -> None:
        """Say everything in the language of the moment."""
        name_bindings(self, self.tunedoc.language)
        if self.is_furnished:
            self.show()
        self.refresh_bindings()

    def show(self) -> None:
        """Write all that can change. Called after every change, and when the language is another."""

    def label(self, button: str, message: Text) -> None:
        self.query_one(f"#{button}", Button).label = self.words(message)

    def put(self, place: str, message: Text | str | Content) -> None:
        """Words, never markup: paths and messages may hold brackets."""
        words = message if isinstance(message, Content) else Content(self.words(message))
        self.query_one(f"#{place}", Static).update(words)

    def error_words(self, error: TunedocError) -> Content:
        """What the command would say on stderr."""
        from doctor.cli.render import error_record

        record = error_record(error, self.tunedoc.language)
        lines = [self.words(text("cli.error", message=record["message"]))]
        if record["hint"]:
            lines.append(self.words(text("cli.hint", message=record["hint"])))
        return Content("\n".join(lines)).stylize("$text-error", 0, len(lines[0]))


class Room(Spoken):
    """One of the five rooms."""

    NAME: ClassVar[str] = "home"
    BINDINGS: ClassVar[list[BindingType]] = []

    def compose(self) -> ComposeResult:
        with Horizontal(id="doors"):
            yield Static(" tunedoc", id="brand")
            for number, room in enumerate(ROOMS, 1):
                classes = "door -here" if room == self.NAME else "door"
                door = Button(self._door_words(number, room), id=f"door_{room}", compact=True, classes=classes)
                door.can_focus = False  # the digits are their keys; Tab goes through what is in the room
                yield door
        with Vertical(id="room"):
            yield from self.furniture()
        yield Static(id="runs")
        yield Footer(show_command_palette=False)

    def furniture(self) -> ComposeResult:
        """What is in the room."""
        return ()

    def speak(self) -> None:
        for number, room in enumerate(ROOMS, 1):
            door = self.query_one(f"#door_{room}", Button)
            door.label = self._door_words(number, room)
        super().speak()

    def _door_words(self, number: int, room: str) -> str:
        return f"{number} {self.words(text(f'tui.room_{room}'))}"

    def show_command(self, command: str) -> None:
        """What the room does, as a command line."""
        self.put("runs", text("tui.runs_command", command=command))

    @on(Button.Pressed, ".door")
    def _go(self, event: Button.Pressed) -> None:
        event.stop()
        self.tunedoc.go(str(event.button.id).removeprefix("door_"))


class Sheet(Spoken):
    """A page that lies over a room and goes away with Escape."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "leave", "Back", id="leave", tooltip="back")]

    def action_leave(self) -> None:
        self.dismiss()


__all__ = ["ROOMS", "Prose", "Room", "Sheet", "Spoken", "name_bindings"]
