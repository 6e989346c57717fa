"""Doctor: every finding with its evidence, its cause and what to do, grouped by how much it needs attention."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button, OptionList
from textual.widgets.option_list import Option

from doctor.checks.base import Status
from doctor.checks.registry import ALL_CHECKS
from doctor.cli.findings import MARKS, verdict
from doctor.diagnosis import causes
from doctor.tui.room import Room
from doctor.tui.said import Prose
from doctor.words.text import text

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from doctor.checks.base import Finding
    from doctor.diagnosis import Diagnosis

GROUPS = (
    ("tui.group_attention", (Status.FAILURE, Status.WARNING)),
    ("tui.group_unknown", (Status.UNKNOWN,)),
    ("tui.group_note", (Status.NOTE,)),
    ("tui.group_ok", (Status.OK,)),
)
COLOURS = {
    Status.OK: "$text-success",
    Status.NOTE: "$text-primary",
    Status.WARNING: "$text-warning bold",
    Status.FAILURE: "$text-error bold",
    Status.UNKNOWN: "$text-secondary",
}


class FindingsRoom(Room):
    """What the checks found."""

    NAME = HELP_KEY = "doctor"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "look_again", "Look again", id="look_again", tooltip="look again"),
        Binding("f", "fix", "Fix", id="fix", tooltip="fix"),
        Binding("a", "fix_all", "Fix all", id="fix_all", tooltip="fix all"),
        Binding("u", "undo", "Undo", id="undo", tooltip="undo"),
        Binding("r", "report", "Report", id="report", tooltip="report"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.chosen = ""
        self._listed: tuple[object, ...] = ()

    def furniture(self) -> ComposeResult:
        yield Prose(id="verdict")
        with Vertical(id="findings_room"):
            yield OptionList(id="findings", markup=False)
            with VerticalScroll(id="finding_page"):
                yield Prose(id="finding")
        with Horizontal(classes="buttons"):
            yield Button("fix", id="fix_button", compact=True, variant="primary", action="screen.fix")
            yield Button("undo", id="undo_button", compact=True, action="screen.undo")
            yield Button("report", id="report_button", compact=True, action="screen.report")

    def on_screen_resume(self) -> None:
        wanted, self.tunedoc.wanted_check = self.tunedoc.wanted_check, ""
        if wanted:
            self.chosen, self._listed = wanted, ()
            self.show()

    def show(self) -> None:
        seen, trouble = self.tunedoc.seen, self.tunedoc.trouble
        self.label("fix_button", text("tui.fix"))
        self.label("undo_button", text("tui.undo"))
        self.label("report_button", text("tui.report"))
        self.query_one("#findings").border_title = self.words(text("tui.findings"))
        if seen is None:
            self.put("verdict", self.error_words(trouble) if trouble else text("tui.looking"))
            self.show_command("tunedoc check -v")
            return
        self.put("verdict", text("tui.looking") if self.tunedoc.looking else verdict(seen.diagnosis))
        self._list(seen.diagnosis)
        self._show_finding()

    def _list(self, diagnosis: Diagnosis) -> None:
        """Fill the list where something in it is another than before."""
        state = (id(diagnosis), self.tunedoc.language, self.chosen)
        if state == self._listed:
            return
        listed = self.query_one("#findings", OptionList)
        listed.clear_options()
        titles = {check.id: check.title for check in ALL_CHECKS}
        roots = [finding.check for finding in causes(diagnosis)]
        if not self.chosen and diagnosis.findings:
            self.chosen = roots[0] if roots else diagnosis.findings[0].check
        for heading, statuses in GROUPS:
            group = [finding for finding in diagnosis.findings if finding.status in statuses]
            # The root first, as the report has it; what merely follows comes after.
            group.sort(key=lambda finding: roots.index(finding.check) if finding.check in roots else len(roots))
            if group:
                count = self.words(text(heading, count=len(group)))
                listed.add_option(Option(Content(count).stylize("bold"), disabled=True))
            for finding in group:
                words = " " + self.words(text("tui.entry", title=titles[finding.check], summary=finding.summary))
                mark = (MARKS[finding.status], COLOURS[finding.status])
                listed.add_option(Option(Content.assemble(mark, words), id=finding.check))
        if self.chosen and self._finding() is not None:
            listed.highlighted = listed.get_option_index(self.chosen)
        self._listed = (id(diagnosis), self.tunedoc.language, self.chosen)
        if self.focused is None:
            listed.focus()

    def _finding(self) -> Finding | None:
        seen = self.tunedoc.seen
        if seen is None:
            return None
        return next((finding for finding in seen.diagnosis.findings if finding.check == self.chosen), None)

    def _show_finding(self) -> None:
        finding = self._finding()
        if finding is None:
            self.put("finding", "")
            return
        titles = {check.id: check.title for check in ALL_CHECKS}
        parts: list[tuple[str, str] | str] = [
            (MARKS[finding.status], COLOURS[finding.status]),
            (f" {self.words(titles[finding.check])} ", "bold"),
            f"[{finding.check}]\n",
            self.words(finding.summary),
        ]
        if finding.cause is not None:
            parts += ["\n\n", (self.words(text("tui.cause")), "bold"), "\n", self.words(finding.cause)]
        if finding.evidence:
            parts += ["\n\n", (self.words(text("tui.evidence")), "bold")]
            parts += [f"\n· {self.words(fact)}" for fact in finding.evidence]
        if finding.fixes:
            parts += ["\n\n", (self.words(text("tui.what_to_do")), "bold")]
            parts += [f"\n· {self.words(fix.by_hand or fix.title)}" for fix in finding.fixes]
        parts += ["\n\n", self.words(text("tui.page", page=finding.docs))]
        self.put("finding", Content.assemble(*parts))
        self.query_one("#finding_page").scroll_home(animate=False)
        self.query_one("#fix_button").disabled = not finding.fixes
        self.show_command(f"tunedoc fix {finding.check}" if finding.fixes else f"tunedoc check {finding.check} -v")

    @on(OptionList.OptionHighlighted, "#findings")
    def _choose(self, event: OptionList.OptionHighlighted) -> None:
        if event.option_id and event.option_id != self.chosen:
            self.chosen = event.option_id
            self._show_finding()

    @on(OptionList.OptionSelected, "#findings")
    def _enter(self) -> None:
        self.action_fix()

    def action_look_again(self) -> None:
        self.tunedoc.look_again()

    def action_fix(self) -> None:
        """The plan for the finding that is chosen."""
        from doctor.tui.fix_sheet import FixSheet

        finding = self._finding()
        if finding is not None and finding.fixes:
            self.app.push_screen(FixSheet((finding.check,)))
        elif finding is not None:
            self.notify(self.words(text("fix.nothing_wrong")), timeout=3)

    def action_fix_all(self) -> None:
        """The plan for all that needs attention."""
        from doctor.tui.fix_sheet import FixSheet

        self.app.push_screen(FixSheet(()))

    def action_undo(self) -> None:
        from doctor.tui.undo_sheet import UndoSheet

        self.app.push_screen(UndoSheet())

    def action_report(self) -> None:
        from doctor.tui.report_sheet import ReportSheet

        if self.tunedoc.seen is not None:
            self.app.push_screen(ReportSheet(self.tunedoc.seen))
