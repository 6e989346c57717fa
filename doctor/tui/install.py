"""Install: which packages fit this machine and why, and building the environment with its progress on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding
from textual.containers import Horizontal, VerticalScroll
from textual.widgets import Button

from doctor.errors import TunedocError
from doctor.tui.messages import Asked, InstallEnded, InstallPlanned, Told, WentWrong, WorkStopped
from doctor.tui.paper import lines_of
from doctor.tui.room import Room
from doctor.tui.said import Prose
from doctor.tui.waiting import agreement_of
from doctor.tui.work_page import Question, WorkPage
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from doctor.apply.progress import Progress
    from doctor.plan.model import Plan
    from doctor.tui.stoppable import StoppableWork


class InstallRoom(Room):
    """What `tunedoc plan` says and `tunedoc install` does."""

    NAME = HELP_KEY = "install"
    AUTO_FOCUS = ""  # the button, once there is a plan
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "plan", "Plan again", id="plan", tooltip="plan"),
        Binding("i", "install", "Install", id="install", tooltip="install"),
        Binding("s", "stop", "Stop", id="stop", tooltip="stop"),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.plan: Plan | None = None
        self.planning = False
        self.trouble: TunedocError | None = None
        self.asked: tuple[Plan, Callable[[bool], None]] | None = None
        self.work: StoppableWork | None = None
        self.worked = False
        """Whether the page of the work is what there is to read."""

    def furniture(self) -> ComposeResult:
        with VerticalScroll(id="plan_page"):
            yield Prose(id="plan_words")
        yield WorkPage(id="work_page")
        yield Question(id="question")
        with Horizontal(classes="buttons"):
            yield Button("install", id="install_button", compact=True, variant="primary", action="screen.install")
            yield Button("stop", id="stop_button", compact=True, variant="warning", action="screen.stop")
            yield Button("plan", id="plan_button", compact=True, action="screen.plan")

    def on_mount(self) -> None:
        self.action_plan()

    def show(self) -> None:
        going = self.work is not None
        page = self.query_one(WorkPage)
        page.display = self.worked
        self.query_one("#plan_page").display = not self.worked
        self.query_one("#plan_page").border_title = self.words(text("tui.plan_title"))
        self.label("install_button", text("tui.install"))
        self.label("stop_button", text("tui.stop"))
        self.label("plan_button", text("tui.plan_again"))
        self.query_one("#install_button").display = not going and self.plan is not None
        self.query_one("#stop_button").display = going and self.asked is None
        self.query_one("#plan_button").display = not going
        question = self.query_one(Question)
        question.show(self.tunedoc.language)
        question.display = self.asked is not None
        self.show_command("tunedoc install" if self.worked else "tunedoc plan")
        page.show(self.tunedoc.language)
        self.refresh_bindings()
        if self.trouble is not None:
            self.put("plan_words", self.error_words(self.trouble))
        elif self.planning or self.plan is None:
            self.put("plan_words", text("tui.planning"))
        else:
            self.put("plan_words", "\n".join(self._plan_lines(self.plan)))

    def _plan_lines(self, plan: Plan) -> list[str]:
        from doctor.cli.install import show_parts
        from doctor.cli.plan import show_plan

        app = self.tunedoc
        lines = lines_of(lambda face: show_plan(plan, face), app.host, app.home, app.language)
        return lines + lines_of(lambda face: show_parts(plan, face), app.host, app.home, app.language)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only what can be done now has a key."""
        if action == "stop":
            return self.work is not None
        return self.work is None if action in {"plan", "install"} else True

    def action_plan(self) -> None:
        """Plan anew; nothing is changed by it."""
        if self.planning or self.work is not None:
            return
        self.planning, self.trouble, self.worked = True, None, False
        self.show()
        self._propose()

    def action_install(self) -> None:
        """Begin; the plan with its download is shown and asked about before anything is changed."""
        if self.work is not None or self.plan is None:
            return
        if self.tunedoc.busy:
            self.notify(self.words(text("tui.busy")), severity="warning")
            return
        self.work, self.worked = self.tunedoc.new_work(matters=True), True
        self.query_one(WorkPage).clear()
        self.show()
        self.query_one("#stop_button").focus()
        self._install(self.work)

    def action_stop(self) -> None:
        """Stop as Ctrl-C does: what was fetched is kept, and the same install goes on from there."""
        if self.work is not None:
            self.query_one(WorkPage).add(text("tui.stopping"))
            self.query_one(WorkPage).show(self.tunedoc.language)
            self.work.stop()

    @work(thread=True, exclusive=True, group="plan")
    def _propose(self) -> None:
        from doctor.session import propose

        app = self.tunedoc
        stoppable = app.new_work(matters=False)
        try:
            with stoppable.running():
                snapshot = app.examine() if app.examine else None
                self.post_message(InstallPlanned(propose(app.host, app.home, lambda _: None, snapshot=snapshot).plan))
        except TunedocError as error:
            self.post_message(WentWrong(error))
        except KeyboardInterrupt:
            self.post_message(WorkStopped())
        finally:
            app.works.remove(stoppable)

    @work(thread=True, exclusive=True, group="install")
    def _install(self, stoppable: StoppableWork) -> None:
        from doctor.session import install

        app = self.tunedoc
        agree = agreement_of(lambda plan, answer: self.post_message(Asked(plan, answer)))

        def tell(progress: Progress) -> None:
            self.post_message(Told(progress))

        try:
            with stoppable.running():
                installed = install(app.host, app.home, tell, agree=agree)
                self.post_message(InstallEnded(installed))
        except TunedocError as error:
            self.post_message(WentWrong(error))
        except OSError as error:
            from doctor.cli.main import system_refused

            self.post_message(WentWrong(system_refused(error)))
        except KeyboardInterrupt:
            self.post_message(WorkStopped())
        finally:
            app.works.remove(stoppable)

    @on(InstallPlanned)
    def _take_plan(self, event: InstallPlanned) -> None:
        event.stop()
        self.planning, self.plan = False, event.plan
        self.show()
        if self.focused is None:
            self.query_one("#install_button").focus()

    @on(Told)
    def _take_progress(self, event: Told) -> None:
        event.stop()
        page = self.query_one(WorkPage)
        page.take(event.progress)
        page.show(self.tunedoc.language)

    @on(Asked)
    def _ask(self, event: Asked) -> None:
        event.stop()
        page = self.query_one(WorkPage)
        for line in self._plan_lines(event.plan):
            page.add(line)
        page.add(text("tui.agree_ask"))
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
            self.query_one("#stop_button").focus()

    @on(InstallEnded)
    def _take_end(self, event: InstallEnded) -> None:
        event.stop()
        installed = event.installed
        if installed is None:
            self._ended(text("cli.declined"))
            return
        seconds, folder = f"{installed.seconds:.1f}", str(installed.environment.folder)
        if installed.reused:
            self._ended(text("install.reused", folder=folder, seconds=seconds))
        else:
            self._ended(text("install.done", folder=folder, seconds=seconds))
        self.tunedoc.look_again()

    @on(WorkStopped)
    def _take_stop(self, event: WorkStopped) -> None:
        event.stop()
        self.planning = False
        self._ended(text("tui.stopped"))

    @on(WentWrong)
    def _take_trouble(self, event: WentWrong) -> None:
        event.stop()
        self.planning = False
        if self.work is None:
            self.trouble = event.error
            self.show()
            return
        page = self.query_one(WorkPage)
        page.add("")
        self._ended(text("cli.error", message=event.error.message))
        if event.error.hint is not None:
            page.add(text("cli.hint", message=event.error.hint))
            page.show(self.tunedoc.language)

    def _ended(self, words: object) -> None:
        self.work, self.asked = None, None
        self.query_one(WorkPage).add(words)  # type: ignore[arg-type]
        self.show()
        self.query_one("#plan_button").focus()
