"""The plan of a fix, carried out when somebody agrees, with a second look at the machine after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button, Checkbox, Footer

from doctor.errors import Interrupted, TunedocError
from doctor.tui.messages import Asked, FixesDone, FixesPlanned, Said, Told, WentWrong
from doctor.tui.paper import lines_of
from doctor.tui.room import Sheet
from doctor.tui.said import Prose, Tick
from doctor.tui.waiting import agreement_of
from doctor.tui.work_page import Question, WorkPage
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from doctor.apply.progress import Progress
    from doctor.fixing import FixProposal, FixResult
    from doctor.plan.fix_model import Scope
    from doctor.plan.model import Plan
    from doctor.tui.stoppable import StoppableWork
    from doctor.words.text import Text


class FixSheet(Sheet):
    """What `tunedoc fix` does, step by step."""

    HELP_KEY = "fix"
    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "do_it", "Do it", id="do_fix", tooltip="do it"),
    ]

    def __init__(self, ids: tuple[str, ...]) -> None:
        super().__init__()
        self.ids = ids
        self.scope: Scope = "tunedoc"
        self.proposal: FixProposal | None = None
        self.result: FixResult | None = None
        self.trouble: TunedocError | None = None
        self.asked: tuple[Plan, Callable[[bool], None]] | None = None
        self.work: StoppableWork | None = None

    def compose(self) -> ComposeResult:
        yield Prose(id="fix_title", classes="title")
        with VerticalScroll(id="fix_page", classes="grow"):
            yield Prose(id="fix_words")
        yield WorkPage(id="work_page")
        yield Question(id="question")
        yield Tick(id="for_user")
        with Horizontal(classes="buttons", id="fix_buttons"):
            yield Button("do", id="do_button", compact=True, variant="primary", action="screen.do_it")
            yield Button("back", id="back_button", compact=True, action="screen.leave")
        yield Prose(id="sheet_runs")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        self._propose()

    def show(self) -> None:
        from doctor.cli.fix import is_variable

        page = self.query_one(WorkPage)
        at_work = self.work is not None or self.result is not None
        page.display = at_work
        self.query_one("#fix_page").display = not at_work
        done = text("tui.fix_done") if self.result else text("tui.fix_going")
        self.put("fix_title", done if at_work else text("tui.fix_title"))
        self.label("back_button", text("tui.stop") if self.work is not None else text("tui.back"))
        self.label("do_button", text("tui.do_it"))
        box = self.query_one("#for_user", Checkbox)
        box.label = self.words(text("tui.for_user"))
        steps = self.proposal.plan.steps if self.proposal else ()
        box.display = any(is_variable(step) for step in steps) and not at_work
        can = bool(steps) and not at_work
        self.query_one("#do_button").display = can
        scope = " --scope user" if self.scope == "user" else ""
        self.put("sheet_runs", text("tui.runs_command", command=f"tunedoc fix {' '.join(self.ids)}".strip() + scope))
        self.query_one(Question).show(self.tunedoc.language)
        self.query_one(Question).display = self.asked is not None
        page.show(self.tunedoc.language)
        self.refresh_bindings()
        if self.trouble is not None:
            self.put("fix_words", self.error_words(self.trouble))
        elif self.proposal is None:
            self.put("fix_words", text("tui.planning"))
        else:
            self.put("fix_words", "\n".join(self._plan_lines(self.proposal)))
            if self.focused is None:
                self.query_one("#do_button" if can else "#back_button").focus()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what can be done now has a key."""
        if action == "do_it":
            return bool(self.proposal and self.proposal.plan.steps) and self.work is None and self.result is None
        return True

    def _plan_lines(self, proposal: FixProposal) -> list[str]:
        from doctor.cli.fix import show_fixes

        app = self.tunedoc
        return lines_of(lambda face: show_fixes(proposal.plan, face), app.host, app.home, app.language)

    @on(Checkbox.Changed, "#for_user")
    def _take_scope(self, event: Checkbox.Changed) -> None:
        self.scope = "user" if event.value else "tunedoc"
        self._propose()

    @work(thread=True, exclusive=True, group="propose")
    def _propose(self) -> None:
        from doctor.fixing import propose_fixes

        app = self.tunedoc
        snapshot = app.seen.snapshot if app.seen else None
        try:
            proposal = propose_fixes(app.host, app.home, ids=self.ids, scope=self.scope, snapshot=snapshot)
            self.post_message(FixesPlanned(proposal))
        except TunedocError as error:
            self.post_message(WentWrong(error))

    @on(FixesPlanned)
    def _take_plan(self, event: FixesPlanned) -> None:
        event.stop()
        self.proposal = event.proposal
        self.show()

    def action_do_it(self) -> None:
        """Carry out what is shown."""
        if self.proposal is None or not self.proposal.plan.steps or self.work or self.result:
            return
        if self.tunedoc.busy:
            self.notify(self.words(text("tui.busy")), severity="warning")
            return
        self.work = self.tunedoc.new_work(matters=True)
        self.show()
        self.query_one("#back_button").focus()
        self._carry_out(self.proposal, self.work)

    @work(thread=True, exclusive=True, group="fix")
    def _carry_out(self, proposal: FixProposal, stoppable: StoppableWork) -> None:
        from doctor.fixing import fix
        from doctor.plan.fix_model import BuildEnvironment
        from doctor.session import install

        app = self.tunedoc
        rebuild = any(each.checks and BuildEnvironment() in each.steps for each in proposal.plan.fixes)

        def tell(progress: Progress) -> None:
            self.post_message(Told(progress))

        def build() -> bool:
            agree = agreement_of(lambda plan, answer: self.post_message(Asked(plan, answer)))
            return install(app.host, app.home, tell, agree=agree, rebuild=rebuild) is not None

        def say(words: Text) -> None:
            self.post_message(Said(text("fix.did", words=words)))

        try:
            with stoppable.running():
                self.post_message(FixesDone(fix(app.host, app.home, proposal, report=tell, say=say, install=build)))
        except TunedocError as error:
            self.post_message(WentWrong(error))
        except OSError as error:
            from doctor.cli.main import system_refused

            self.post_message(WentWrong(system_refused(error)))
        except KeyboardInterrupt:
            self.post_message(WentWrong(Interrupted(text("cli.interrupted"))))
        finally:
            app.works.remove(stoppable)

    @on(Told)
    def _take_progress(self, event: Told) -> None:
        event.stop()
        page = self.query_one(WorkPage)
        page.take(event.progress)
        page.show(self.tunedoc.language)

    @on(Said)
    def _take_words(self, event: Said) -> None:
        event.stop()
        page = self.query_one(WorkPage)
        page.add(event.words)
        page.show(self.tunedoc.language)

    @on(Asked)
    def _ask(self, event: Asked) -> None:
        event.stop()
        from doctor.cli.install import show_parts
        from doctor.cli.plan import show_plan

        app, page = self.tunedoc, self.query_one(WorkPage)
        for show in (show_plan, show_parts):
            for line in lines_of(lambda face, show=show: show(event.plan, face), app.host, app.home, app.language):  # type: ignore[misc]
                page.add(line)
        self.asked = (event.plan, event.answer)
        self.show()
        self.query_one("#agree").focus()

    @on(Button.Pressed, "#agree,#decline")
    def _answer(self, event: Button.Pressed) -> None:
        event.stop()
        if self.asked is not None:
            answer, self.asked = self.asked[1], None
            answer(event.button.id == "agree")
            self.show()
            self.query_one("#back_button").focus()

    @on(FixesDone)
    def _take_result(self, event: FixesDone) -> None:
        event.stop()
        from doctor.cli.fix import outcome_lines

        self.result, self.work = event.result, None
        page = self.query_one(WorkPage)
        page.add("")
        for line in outcome_lines(event.result):
            page.add(line)
        self.show()
        self.tunedoc.look_again()

    @on(WentWrong)
    def _take_trouble(self, event: WentWrong) -> None:
        event.stop()
        self.work, self.asked = None, None
        if self.query_one(WorkPage).display:
            # What was done until then stays readable above the error.
            page = self.query_one(WorkPage)
            page.add("")
            page.add(text("cli.error", message=event.error.message))
            if event.error.hint:
                page.add(text("cli.hint", message=event.error.hint))
            self.trouble = None
            self.label("back_button", text("tui.back"))
            self.query_one(Question).display = False
            page.show(self.tunedoc.language)
            self.tunedoc.look_again()
        else:
            self.trouble = event.error
            self.show()

    def action_leave(self) -> None:
        """Back; while the work goes on, stop it first."""
        if self.work is not None:
            self.work.stop()
        else:
            self.dismiss()
