"""What tunedoc did to this machine, and taking it back."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Footer, OptionList
from textual.widgets.option_list import Option

from doctor.errors import TunedocError
from doctor.tui.messages import PastRead, TakenBack, WentWrong
from doctor.tui.room import Sheet
from doctor.tui.said import Prose
from doctor.words.text import text

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from doctor.apply.undoing import Work


class UndoSheet(Sheet):
    """The history, newest first."""

    HELP_KEY = "undo"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "take_back", "Take back", id="take_back", tooltip="take back"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.works: tuple[Work, ...] | None = None
        self.chosen = ""
        self.trouble: TunedocError | None = None
        self.done: TakenBack | None = None
        self._listed: tuple[object, ...] = ()

    def compose(self) -> ComposeResult:
        yield Prose(id="undo_title", classes="title")
        yield OptionList(id="works", markup=False)
        with VerticalScroll(id="undo_page", classes="grow"):
            yield Prose(id="undo_words")
        with Horizontal(classes="buttons"):
            yield Button("undo", id="take_back_button", compact=True, variant="primary", action="screen.take_back")
            yield Button("back", id="back_button", compact=True, action="screen.leave")
        yield Prose(id="sheet_runs")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self._read()

    def show(self) -> None:
        self.put("undo_title", text("tui.undo_title"))
        self.label("take_back_button", text("tui.take_back"))
        self.label("back_button", text("tui.back"))
        self._list()
        work_ = self._work()
        button = self.query_one("#take_back_button", Button)
        button.disabled = work_ is None or work_.state == "undone"
        self.put("sheet_runs", text("tui.runs_command", command=f"tunedoc undo {self.chosen}".strip()))
        if self.trouble is not None:
            self.put("undo_words", self.error_words(self.trouble))
        elif self.works is None:
            self.put("undo_words", text("tui.wait"))
        elif not self.works:
            self.put("undo_words", text("undo.empty"))
        else:
            self.put("undo_words", "\n".join(self._lines(work_)))

    def _lines(self, work_: Work | None) -> list[str]:
        from doctor.apply.fixes import words_of_change

        lines = []
        if self.done is not None:
            verdicts = self.done.results
            lines = [
                self.words(
                    text(f"undo.verdict_{each.verdict}", change=words_of_change(each.change), id=self.done.work.id)
                )
                for each in verdicts
            ]
            lines.append("")
        if work_ is not None:
            lines.append(self._title(work_))
            lines += [f"· {self.words(words_of_change(change))}" for change in work_.changes]
        return lines

    def _title(self, work_: Work) -> str:
        state = text(f"undo.state_{work_.state}")
        return self.words(text("undo.work", id=work_.id, at=work_.at, state=state))

    def _list(self) -> None:
        state = (self.works, self.tunedoc.language)
        if self.works is None or state == self._listed:
            return
        self._listed = state
        listed = self.query_one("#works", OptionList)
        listed.clear_options()
        for each in self.works:
            listed.add_option(Option(Content(self._title(each)), id=each.id))
        if not self.chosen:
            self.chosen = next((each.id for each in self.works if each.state != "undone"), "")
        if any(each.id == self.chosen for each in self.works):
            listed.highlighted = listed.get_option_index(self.chosen)
        listed.focus()

    def _work(self) -> Work | None:
        return next((each for each in self.works or () if each.id == self.chosen), None)

    @on(OptionList.OptionHighlighted, "#works")
    def _choose(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_id and event.option_id != self.chosen:
            self.chosen = event.option_id
            self.done = None
            self.show()

    def action_take_back(self) -> None:
        """Undo the work that is chosen."""
        work_ = self._work()
        if work_ is None or work_.state == "undone":
            return
        if self.tunedoc.busy:
            self.notify(self.words(text("tui.busy")), severity="warning")
            return
        self._take_back(work_.id)

    @work(thread=True, exclusive=True, group="history")
    def _read(self) -> None:
        from doctor.fixing import past_work

        try:
            self.post_message(PastRead(past_work(self.tunedoc.host, self.tunedoc.home)))
        except TunedocError as error:
            self.post_message(WentWrong(error))

    @work(thread=True, exclusive=True, group="history")
    def _take_back(self, wanted: str) -> None:
        from doctor.fixing import take_back

        app = self.tunedoc
        try:
            taken = take_back(app.host, app.home, wanted=wanted, force=False, agree=lambda _: True)
            assert taken is not None
            self.post_message(TakenBack(*taken))
        except TunedocError as error:
            self.post_message(WentWrong(error))

    @on(PastRead)
    def _take_past(self, event: PastRead) -> None:
        event.stop()
        self.works = event.works
        self.show()

    @on(TakenBack)
    def _take_result(self, event: TakenBack) -> None:
        event.stop()
        self.done = event
        self._read()
        self.tunedoc.look_again()

    @on(WentWrong)
    def _take_trouble(self, event: WentWrong) -> None:
        event.stop()
        self.trouble = event.error
        self.show()
