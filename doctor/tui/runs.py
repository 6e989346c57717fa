"""Runs: what was trained, how far it came, and how its loss went, as the run folders have it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from doctor.tui.messages import RunsRead
from doctor.tui.pictures import curve
from doctor.tui.room import Room
from doctor.tui.said import Prose
from doctor.words.text import text

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from doctor.runs.reading import Run


_MARKS = {"finished": "✓", "running": "▸", "unfinished": "●", "damaged": "✗"}


class RunsRoom(Room):
    """The runs in tunedoc's folder."""

    NAME = HELP_KEY = "runs"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "read_again", "Read again", id="read_again", tooltip="read again"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.runs: tuple[Run, ...] | None = None
        self.chosen = ""
        self._listed: tuple[object, ...] = ()

    def furniture(self) -> ComposeResult:
        yield OptionList(id="run_list", markup=False)
        with VerticalScroll(id="run_page", classes="grow"):
            yield Prose(id="run_words")

    def on_mount(self) -> None:
        self._read()

    def on_screen_resume(self) -> None:
        self._read()

    def show(self) -> None:
        self.query_one("#run_list").border_title = self.words(text("tui.runs"))
        self._list()
        run = self._run()
        if run is not None:
            self.put("run_words", self._describe(run))
        else:
            words = text("tui.wait") if self.runs is None else text("tui.no_runs", folder=str(self.tunedoc.home.runs))
            self.put("run_words", words)
        self.show_command(self._command(run))

    def _command(self, run: Run | None) -> str:
        from doctor.cli.render import quoted

        if run is None:
            return "tunedoc demo"
        if run.state == "finished":
            return f"tunedoc export {quoted(str(run.folder))}"
        if run.state == "damaged":
            return f"tunedoc runs show {quoted(run.name)}"
        return f"tunedoc train {quoted(str(run.folder / 'job.yaml'))} --resume"

    def _list(self) -> None:
        state = (self.runs, self.tunedoc.language)
        if self.runs is None or state == self._listed:
            return
        self._listed = state
        listed = self.query_one("#run_list", OptionList)
        listed.clear_options()
        for run in self.runs:
            mark = _MARKS[run.state]
            loss = f"{run.losses[0]:.3f} → {run.losses[-1]:.3f}" if run.losses else "-"
            words = f"{mark} {run.folder.name}  {self.words(text(f'runs.state_{run.state}'))}  {loss}"
            listed.add_option(Option(Content(words), id=run.folder.name))
        if not self.chosen and self.runs:
            self.chosen = self.runs[0].folder.name
        if self._run() is not None:
            listed.highlighted = listed.get_option_index(self.chosen)
            if self.focused is None:
                listed.focus()

    def _run(self) -> Run | None:
        return next((run for run in self.runs or () if run.folder.name == self.chosen), None)

    def _describe(self, run: Run) -> Content:
        lines = [self.words(text("tui.run_folder", folder=str(run.folder)))]
        if run.job is not None:
            data = ", ".join(source.path for source in run.job.data)
            lines.append(self.words(text("tui.run_job", model=run.job.model, data=data)))
        if run.steps:
            lines.append(self.words(text("tui.run_steps", step=run.step, steps=run.steps)))
        if run.finished:
            lines.append(self.words(text("tui.run_finished_at", at=run.finished)))
        if run.losses:
            low = min(run.losses)
            lines += ["", self.words(text("tui.run_loss", first=f"{run.losses[0]:.4f}", last=f"{run.losses[-1]:.4f}",
                                          low=f"{low:.4f}"))]  # fmt: skip
            lines.append(curve(run.losses, min(60, max(20, self.size.width - 8))))
        if run.failure:
            lines.append(self.words(text("runs.line_failure", why=run.failure)))
        if run.held_out:
            first, last = f"{run.held_out[0]:.4f}", f"{run.held_out[-1]:.4f}"
            lines.append(self.words(text("tui.run_held_out", first=first, last=last)))
        return Content("\n".join([*lines, *self._answers(run)]))

    def _answers(self, run: Run) -> list[str]:
        """What it answered last."""
        from doctor.runs.reading import samples_of

        samples = samples_of(run)
        lines: list[str] = []
        for sample in samples:
            if sample.step == samples[-1].step:
                lines += ["", self.words(text("runs.sample_prompt", prompt=sample.prompt))]
                lines.append(self.words(text("runs.sample_answer", step=sample.step, answer=sample.answer)))
        return lines

    @on(OptionList.OptionHighlighted, "#run_list")
    def _choose(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_id and event.option_id != self.chosen:
            self.chosen = event.option_id
            self.show()

    def action_read_again(self) -> None:
        self._read()

    @work(thread=True, exclusive=True, group="runs")
    def _read(self) -> None:
        from doctor.runs.reading import read_runs

        self.post_message(RunsRead(read_runs(self.tunedoc.home)))

    @on(RunsRead)
    def _take(self, event: RunsRead) -> None:
        event.stop()
        self.runs = event.runs
        self.show()
