"""The full-screen app: rooms over one core. It decides nothing; every action is also a command, which it shows."""

from __future__ import annotations

import dataclasses
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import App, SystemCommand
from textual.binding import Binding
from textual.theme import Theme

from doctor.errors import Interrupted, TunedocError
from doctor.tui.console import Fitting, shows_language
from doctor.tui.messages import Looked, WentWrong
from doctor.tui.room import ROOMS, Room, Spoken, name_bindings
from doctor.tui.stoppable import StoppableWork
from doctor.words.text import LANGUAGES, render, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from textual.binding import BindingType
    from textual.screen import Screen

    from doctor.host.base import Host
    from doctor.paths import Home
    from doctor.snapshot.model import Snapshot
    from doctor.tui.looking import Look
    from doctor.words.text import Language

HIGH_CONTRAST = Theme(
    name="high-contrast",
    primary="#ffff00",
    secondary="#00ffff",
    warning="#ffff00",
    error="#ff8080",
    success="#00ff00",
    accent="#00ffff",
    foreground="#ffffff",
    background="#000000",
    surface="#000000",
    panel="#000000",
    text_alpha=1.0,
    dark=True,
    variables={"text-muted": "#ffffff", "border-blurred": "#ffffff", "footer-background": "#000000"},
)
THEMES = ("textual-dark", "textual-light", "high-contrast", "ansi-dark")


class TunedocApp(App[None]):
    """tunedoc on the whole screen."""

    TITLE = "tunedoc"
    CSS_PATH = "app.tcss"
    MODES: ClassVar[dict[str, str | Callable[[], Screen[None]]]] = {
        room: partial(lambda name: make_room(name), room) for room in ROOMS
    }
    DEFAULT_MODE: ClassVar[str] = "home"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012
    COMMAND_PALETTE_BINDING: ClassVar[str] = "ctrl+p"
    BINDINGS: ClassVar[list[BindingType]] = [
        *(
            Binding(str(number), f"go('{room}')", room, id=f"go_{room}", show=False, tooltip=room)
            for number, room in enumerate(ROOMS, 1)
        ),
        Binding("f1,question_mark", "help", "Help", id="help", key_display="F1", tooltip="help"),
        Binding("f2", "language", "Language", id="language", tooltip="language"),
        Binding("f3", "look_of_screen", "Colours", id="colours", show=False, tooltip="colours"),
        Binding("ctrl+p", "command_palette", "All", id="all", priority=True, show=False, tooltip="all"),
        Binding("ctrl+q", "leave_app", "Quit", id="quit", priority=True, tooltip="quit"),
    ]

    def __init__(
        self,
        host: Host,
        home: Home,
        *,
        language: Language,
        encoding: str = "utf-8",
        examine: Callable[[], Snapshot] | None = None,
        user_folder: Path | None = None,
    ) -> None:
        super().__init__()
        self.host, self.home = host, home
        self.language: Language = language
        self.encoding = encoding
        self.examine = examine
        """Gives a snapshot instead of asking this machine."""
        self.user_folder = user_folder or Path.home()
        self.seen: Look | None = None
        self.trouble: TunedocError | None = None
        """Why the machine could not be examined."""
        self.looking = False
        self.wanted_check = ""
        """The finding that the doctor's room opens with."""
        self.fault: Exception | None = None
        """A fault of tunedoc that ended the app."""
        self.works: list[StoppableWork] = []
        self._filters.append(Fitting(encoding))
        self._name_keys()

    @property
    def ascii_only(self) -> bool:
        return any(isinstance(each, Fitting) and each.enabled for each in self._filters)

    def on_mount(self) -> None:
        self.register_theme(HIGH_CONTRAST)
        # The first frame comes before the examination: both want the processor.
        self.call_after_refresh(self.look_again)

    def get_key_display(self, binding: Binding) -> str:
        shown = super().get_key_display(binding)
        return shown.upper() if binding.key.startswith("f") and len(binding.key) > 1 else shown

    # Examining the machine.

    def look_again(self) -> None:
        """Examine the machine in the background; every room hears of it."""
        if not self.looking:
            self.looking = True
            self._tell_rooms()
            self._look()

    @work(thread=True, exclusive=True, group="look")
    def _look(self) -> None:
        from doctor.tui.looking import look

        work_ = self.new_work(matters=False)
        try:
            with work_.running():
                self.post_message(Looked(look(self.host, self.home, self.examine() if self.examine else None)))
        except TunedocError as error:
            self.post_message(WentWrong(error))
        except KeyboardInterrupt:
            self.post_message(WentWrong(Interrupted(text("cli.interrupted"))))
        finally:
            self.works.remove(work_)

    @on(Looked)
    def _take_look(self, event: Looked) -> None:
        self.seen, self.trouble, self.looking = event.look, None, False
        self._tell_rooms()

    @on(WentWrong)
    def _take_trouble(self, event: WentWrong) -> None:
        self.trouble, self.looking = event.error, False
        self._tell_rooms()

    def _tell_rooms(self) -> None:
        for stack in self._screen_stacks.values():
            for screen in stack:
                if isinstance(screen, Room) and screen.is_furnished:
                    screen.show()

    # Work that can be stopped.

    def new_work(self, *, matters: bool) -> StoppableWork:
        """Work that is stopped when the app ends. `matters`: it changes the machine."""
        made = StoppableWork(matters=matters)
        self.works.append(made)
        return made

    # Actions.

    def go(self, room: str) -> None:
        """Open a room."""
        while len(self.screen_stack) > 1:
            self.pop_screen()
        if room != self.current_mode:
            self.switch_mode(room)

    def action_go(self, room: str) -> None:
        self.go(room)

    def action_language(self) -> None:
        """The other language, at once; the choice of the moment, not kept."""
        other = LANGUAGES[(LANGUAGES.index(self.language) + 1) % len(LANGUAGES)]
        if not shows_language(other, self.encoding):
            self.notify(self.say(text("tui.cannot_show", encoding=self.encoding)), severity="warning")
            return
        self.language = other
        self._name_keys()
        for stack in self._screen_stacks.values():
            for screen in stack:
                if isinstance(screen, Spoken) and screen.is_furnished:
                    screen.speak()

    def _name_keys(self) -> None:
        name_bindings(self, self.language)
        if not shows_language("zh", self.encoding):
            # The key's label is the other language's own name, in letters that this console lacks.
            plain = self.say(text("tui.key_plain_language"))
            keys = self._bindings.key_to_bindings
            keys["f2"] = [dataclasses.replace(each, description=plain) for each in keys["f2"]]

    def action_look_of_screen(self) -> None:
        """The next of four themes."""
        place = THEMES.index(self.theme) if self.theme in THEMES else -1
        self.theme = THEMES[(place + 1) % len(THEMES)]
        self.notify(self.say(text("tui.theme_now", name=text(f"tui.theme_{self.theme.replace('-', '_')}"))), timeout=2)

    def action_help(self) -> None:
        from doctor.tui.help import HelpSheet

        if not isinstance(self.screen, HelpSheet):
            page = self.screen.HELP_KEY if isinstance(self.screen, Spoken) else "home"
            self.push_screen(HelpSheet(page))

    def action_command_palette(self) -> None:
        from textual.command import CommandPalette

        if not isinstance(self.screen, CommandPalette):
            self.push_screen(CommandPalette(placeholder=self.say(text("tui.palette")), id="--command-palette"))

    async def action_quit(self) -> None:
        self.action_leave_app()

    def action_leave_app(self) -> None:
        """Leave; where work goes on, it is asked about first."""
        from doctor.tui.leaving import LeavingSheet

        if not self.busy:
            self.end()
        elif not isinstance(self.screen, LeavingSheet):
            self.push_screen(LeavingSheet())

    def action_help_quit(self) -> None:
        # Ctrl-C where nothing is selected for copying: the way out that everybody tries.
        self.action_leave_app()

    @property
    def busy(self) -> bool:
        """Whether something changes the machine at this moment."""
        return any(each.goes_on and each.matters for each in self.works)

    def end(self) -> None:
        """Stop what goes on and leave."""
        for each in list(self.works):
            each.stop()
        self.exit()

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """Every action that has a key, of the screen and of the app."""
        told = set()
        for node in (screen, self):
            for bindings in node._bindings.key_to_bindings.values():
                for binding in bindings:
                    if binding.id and binding.id != "all" and binding.id not in told:
                        told.add(binding.id)
                        act = partial(self.run_action, binding.action, node)
                        yield SystemCommand(binding.description, binding.tooltip, act)

    def say(self, message: object) -> str:
        return render(message, self.language)  # type: ignore[arg-type]

    # Faults.

    def _handle_exception(self, error: Exception) -> None:
        # Textual would print a traceback; the face that started us has words and a log file for it.
        self.fault = self.fault or error
        for each in list(self.works):
            each.stop()
        super()._handle_exception(error)

    def _fatal_error(self) -> None:
        self._close_messages_no_wait()


def make_room(name: str) -> Room:
    """A room by its name, with what it needs loaded now."""
    from importlib import import_module

    module, kind = {
        "home": ("home", "HomeRoom"),
        "doctor": ("findings", "FindingsRoom"),
        "explain": ("explain", "ExplainRoom"),
        "install": ("install", "InstallRoom"),
        "runs": ("runs", "RunsRoom"),
    }[name]
    made = getattr(import_module(f"doctor.tui.{module}"), kind)()
    assert isinstance(made, Room)
    return made
