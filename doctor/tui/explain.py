"""Explain: paste a log, a traceback or a listing, or name a file, and read what caused it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Checkbox, Input, TextArea

from doctor.cli.findings import MARKS
from doctor.errors import BadInput, TunedocError
from doctor.tui.findings import COLOURS
from doctor.tui.messages import Explained, WentWrong
from doctor.tui.paper import lines_of
from doctor.tui.room import Room
from doctor.tui.said import Prose, Tick
from doctor.words.text import text

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from doctor.explaining import Explanation

_COLOUR_OF = {mark: COLOURS[status] for status, mark in MARKS.items()}


class ExplainRoom(Room):
    """What `tunedoc explain` says."""

    NAME = HELP_KEY = "explain"
    AUTO_FOCUS = "#pasted"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "explain", "Explain", id="explain", tooltip="explain", priority=True),
        Binding("f8", "empty", "Empty", id="empty", tooltip="empty", priority=True),
        Binding("escape", "leave_field", "Leave the field", id="leave_field", show=False, tooltip="leave"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.found: Explanation | None = None
        self.trouble: TunedocError | None = None
        self.reading = False

    def furniture(self) -> ComposeResult:
        yield TextArea(id="pasted", soft_wrap=False, tab_behavior="focus")
        with Horizontal(id="explain_row"):
            yield Input(id="explain_file")
            yield Tick(id="here")
            yield Button("explain", id="explain_button", compact=True, variant="primary", action="screen.explain")
        with VerticalScroll(id="explained_page"):
            yield Prose(id="explained")

    def show(self) -> None:
        self.query_one("#pasted").border_title = self.words(text("tui.paste_here"))
        self.query_one("#explain_file", Input).border_title = self.words(text("tui.or_file"))
        self.query_one("#here", Checkbox).label = self.words(text("tui.here"))
        self.label("explain_button", text("tui.explain"))
        self._show_command()
        if self.reading:
            self.put("explained", text("tui.reading"))
        elif self.trouble is not None:
            self.put("explained", self.error_words(self.trouble))
        elif self.found is None:
            self.put("explained", text("tui.explain_how"))
        else:
            self.put("explained", self._explanation(self.found))

    def _explanation(self, found: Explanation) -> Content:
        from doctor.cli.explain import explanation_lines

        app = self.tunedoc
        lines = lines_of(
            lambda face: face.screen.show("\n".join(explanation_lines(found, face))), app.host, app.home, app.language
        )
        parts: list[tuple[str, str] | str] = []
        for line in lines:
            if line[:1] in _COLOUR_OF and line[1:2] == " ":
                parts += [(line[0], _COLOUR_OF[line[0]]), (line[1:], "bold"), "\n"]
            else:
                parts.append(line + "\n")
        return Content.assemble(*parts).rstrip()

    def _show_command(self) -> None:
        from doctor.cli.render import quoted

        named = self.query_one("#explain_file", Input).value.strip()
        here = "--here " if self.query_one("#here", Checkbox).value else ""
        self.show_command(f"tunedoc explain {here}{quoted(named) if named else '-'}")

    @on(Input.Changed, "#explain_file")
    @on(Checkbox.Changed, "#here")
    def _changed(self) -> None:
        self._show_command()

    @on(Input.Submitted, "#explain_file")
    def action_explain(self) -> None:
        """Read the file that is named, else what was pasted."""
        named = self.query_one("#explain_file", Input).value.strip()
        pasted = self.query_one("#pasted", TextArea).text
        self.reading, self.trouble = True, None
        self.show()
        self._explain(named, pasted, here=self.query_one("#here", Checkbox).value)

    def action_empty(self) -> None:
        """Take out what was pasted and named."""
        self.query_one("#pasted", TextArea).clear()
        self.query_one("#explain_file", Input).clear()
        self.found = self.trouble = None
        self.show()
        self.query_one("#pasted").focus()

    def action_leave_field(self) -> None:
        self.query_one("#explain_button").focus()

    @work(thread=True, exclusive=True, group="explain")
    def _explain(self, named: str, pasted: str, *, here: bool) -> None:
        from doctor.catalogue.load import catalogue_file, load_catalogue
        from doctor.explaining import explain
        from doctor.knowledge.load import load_knowledge
        from doctor.probe.identity import identify

        app = self.tunedoc
        try:
            raw, whole = _read(named) if named else (pasted.encode("utf-8", "surrogatepass"), True)
            machine = None
            if here:
                from doctor.probe.machine import examine_machine

                machine = app.seen.snapshot if app.seen else examine_machine(app.host, app.home)
            catalogue = load_catalogue(catalogue_file(app.host.environ))
            entries = load_knowledge(trusted=True)
            identity = identify(app.host, Path.home())
            found = explain(raw, catalogue, entries, here=machine, identity=identity, whole=whole)
            self.post_message(Explained(found))
        except TunedocError as error:
            self.post_message(WentWrong(error))

    @on(Explained)
    def _take(self, event: Explained) -> None:
        event.stop()
        self.reading, self.found = False, event.found
        self.show()
        self.query_one("#explained_page").focus()
        self.query_one("#explained_page").scroll_home(animate=False)

    @on(WentWrong)
    def _take_trouble(self, event: WentWrong) -> None:
        event.stop()
        self.reading, self.trouble, self.found = False, event.error, None
        self.show()


def _read(named: str) -> tuple[bytes, bool]:
    """A file's bytes, and whether these are all. Raises BadInput."""
    from doctor.cli.explain import ends_of

    try:
        with Path(named).expanduser().open("rb") as stream:
            return ends_of(stream)
    except (OSError, ValueError) as exc:
        detail = getattr(exc, "strerror", None) or str(exc)
        raise BadInput(
            text("explain.unreadable", file=named, detail=detail), hint=text("tui.name_a_file"), file=named
        ) from exc
