"""The report for a bug tracker, without traces of the person: to look over, to copy, to save."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal
from textual.widgets import Button, Footer, Input, TextArea

from doctor.checks.registry import ALL_CHECKS
from doctor.tui.messages import ReportWritten
from doctor.tui.room import Sheet
from doctor.tui.said import Prose
from doctor.words.text import text

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from doctor.tui.looking import Look


class ReportSheet(Sheet):
    """What `tunedoc report` writes."""

    HELP_KEY = "report"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "copy", "Copy", id="copy", tooltip="copy"),
        Binding("f8", "save", "Save", id="save", tooltip="save"),
    ]

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.report = ""
        self._written = ""

    def compose(self) -> ComposeResult:
        yield Prose(id="report_title", classes="title")
        yield TextArea(id="report_words", read_only=True, show_cursor=False)
        yield Input(str(self.tunedoc.user_folder / "tunedoc-report.md"), id="report_file")
        with Horizontal(classes="buttons"):
            yield Button("copy", id="copy_button", compact=True, variant="primary", action="screen.copy")
            yield Button("save", id="save_button", compact=True, action="screen.save")
            yield Button("back", id="back_button", compact=True, action="screen.leave")
        yield Prose(id="report_said")
        yield Prose(id="sheet_runs")
        yield Footer(show_command_palette=False)

    def show(self) -> None:
        self.put("report_title", text("tui.report_title"))
        for button, words in (("copy_button", "tui.copy"), ("save_button", "tui.save"), ("back_button", "tui.back")):
            self.label(button, text(f"tui.{words.removeprefix('tui.')}"))
        self.query_one("#report_file").border_title = self.words(text("tui.file"))
        self._show_command()
        if self._written != self.tunedoc.language:
            # The report speaks the language of the screen.
            self._written = self.tunedoc.language
            self._write()

    def _show_command(self) -> None:
        from doctor.cli.render import quoted

        file = quoted(self.query_one("#report_file", Input).value)
        self.put("sheet_runs", text("tui.runs_command", command=f"tunedoc report {file}"))

    @work(thread=True, exclusive=True, group="report")
    def _write(self) -> None:
        from doctor.diagnosis import diagnose
        from doctor.probe.identity import identify
        from doctor.reporting import build_report, to_markdown

        app, look = self.tunedoc, self.look
        report = build_report(
            look.snapshot,
            diagnose(look.snapshot, look.catalogue),
            catalogue=look.catalogue.updated.isoformat(),
            titles={check.id: check.title for check in ALL_CHECKS},
            identity=identify(app.host, Path.home()),
            language=app.language,
        )
        self.post_message(ReportWritten(to_markdown(report)))

    @on(ReportWritten)
    def _take(self, event: ReportWritten) -> None:
        event.stop()
        self.report = event.words
        self.query_one("#report_words", TextArea).text = event.words

    @on(Input.Changed, "#report_file")
    def _named(self) -> None:
        self._show_command()

    @on(Input.Submitted, "#report_file")
    def action_save(self) -> None:
        """Write the file that is named."""
        from doctor.cli.plan import write_output
        from doctor.cli.report import refuse_impossible
        from doctor.errors import TunedocError

        named = self.query_one("#report_file", Input).value.strip()
        if not named or not self.report:
            return
        file = Path(named).expanduser()
        try:
            refuse_impossible(file)
            write_output(file, self.report)
        except TunedocError as error:
            self.put("report_said", self.error_words(error))
        except OSError as error:
            from doctor.cli.main import system_refused

            self.put("report_said", self.error_words(system_refused(error)))
        else:
            self.put("report_said", text("tui.saved", file=str(file)))

    def action_copy(self) -> None:
        """To the terminal's clipboard."""
        if self.report:
            self.app.copy_to_clipboard(self.report)
            self.put("report_said", text("tui.copied"))
