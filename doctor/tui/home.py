"""Home: the machine at a glance, and the one next step."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Button

from doctor.snapshot.model import Absent, Memory, NvidiaDriver, OperatingSystem, Processor, PythonEnvironment
from doctor.tui.pictures import gauge, gpu_lines
from doctor.tui.room import Room
from doctor.tui.said import Prose
from doctor.words.text import text

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.binding import BindingType

    from doctor.snapshot.model import Snapshot

_BAR = 20


class HomeRoom(Room):
    """The first screen."""

    NAME = HELP_KEY = "home"
    AUTO_FOCUS = ""  # the button of the next step, once there is one
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "look_again", "Look again", id="look_again", tooltip="look again"),
        Binding("f6", "do_next", "Next step", id="do_next", tooltip="next step"),
    ]

    def furniture(self) -> ComposeResult:
        with VerticalScroll(id="machine_page", classes="grow"):
            yield Prose(id="machine")
        with Vertical(id="next_box", classes="box"):
            yield Prose(id="next_words")
            yield Button("…", id="next_button", compact=True, variant="primary")

    def show(self) -> None:
        seen, trouble = self.tunedoc.seen, self.tunedoc.trouble
        page = self.query_one("#machine_page")
        page.border_title = self.words(text("tui.machine"))
        self.query_one("#next_box").border_title = self.words(text("tui.next"))
        button = self.query_one("#next_button", Button)
        button.display = seen is not None
        self.show_command("tunedoc check")
        if seen is None:
            self.put("machine", self.error_words(trouble) if trouble else text("tui.looking"))
            self.put("next_words", text("tui.look_failed") if trouble else text("tui.wait"))
            return
        from doctor.cli.findings import verdict  # with all checks, which the first frame does not wait for

        self.put("machine", self._machine(seen.snapshot))
        words = self.words(verdict(seen.diagnosis))
        if self.tunedoc.looking:
            words = self.words(text("tui.looking"))
        self.put("next_words", Content(f"{words}\n{self.words(seen.step.words)}"))
        key = {"fix": "tui.do_fix", "by_hand": "tui.do_by_hand", "install": "tui.do_install", "begin": "tui.do_begin"}
        self.label("next_button", text(key[seen.step.kind], command=seen.step.command))
        if self.focused is None:
            button.focus()

    def _machine(self, snapshot: Snapshot) -> Content:
        wide = self.size.width >= 100
        width = _BAR if wide or not self.size.width else 14
        rows: list[tuple[str, list[str]]] = []
        system = snapshot.os
        name = system.name if isinstance(system, OperatingSystem) else self.words(text("tui.unknown"))
        if isinstance(snapshot.processor, Processor):
            name += f" · {snapshot.processor.name}"
        rows.append(("tui.label_system", [name]))
        rows += self._cards(snapshot, width)
        memory = snapshot.memory
        if isinstance(memory, Memory):
            used = memory.total_mib - memory.available_mib
            rows.append(("tui.label_memory", [gauge(used, memory.total_mib, width, self.tunedoc.language)]))
        disks = snapshot.disks if isinstance(snapshot.disks, tuple) else ()
        home = next((disk for disk in disks if disk.purpose == "home"), None)
        if home is not None:
            used = home.total_mib - home.free_mib
            rows.append(("tui.label_disk", [gauge(used, home.total_mib, width, self.tunedoc.language)]))
        rows.append(("tui.label_environment", [self._environment(snapshot)]))
        return self._table(rows)

    def _cards(self, snapshot: Snapshot, width: int) -> list[tuple[str, list[str]]]:
        nvidia = snapshot.nvidia
        if isinstance(nvidia, Absent):
            return [("tui.label_cards", [self.words(text("tui.no_cards"))])]
        if not isinstance(nvidia, NvidiaDriver):
            return [("tui.label_cards", [self.words(text("tui.cards_unknown"))])]
        lines = [line for gpu in nvidia.gpus for line in gpu_lines(gpu, width, self.tunedoc.language)]
        version = nvidia.version if isinstance(nvidia.version, str) else self.words(text("tui.unknown"))
        if isinstance(nvidia.cuda_version, str):
            version += f" (CUDA {nvidia.cuda_version})"
        return [
            ("tui.label_cards", lines or [self.words(text("tui.no_cards"))]),
            ("tui.label_driver", [version]),
        ]

    def _environment(self, snapshot: Snapshot) -> str:
        environment = snapshot.environment
        if isinstance(environment, PythonEnvironment) and environment.role == "training":
            proved = text("tui.proved") if environment.proved else text("tui.not_proved")
            return self.words(text("tui.with_state", name=environment.stack or environment.path, state=proved))
        if isinstance(environment, Absent):
            return self.words(text("tui.no_environment"))
        return self.words(text("tui.unknown"))

    def _table(self, rows: list[tuple[str, list[str]]]) -> Content:
        from doctor.cli.findings import columns

        labels = [self.words(text(f"tui.label_{key.removeprefix('tui.label_')}")) for key, _ in rows]
        width = max(columns(label) for label in labels) + 2
        parts: list[tuple[str, str] | str] = []
        for label, (_, lines) in zip(labels, rows, strict=True):
            for number, line in enumerate(lines):
                head = label if number == 0 else ""
                parts += [(head + " " * (width - columns(head)), "bold"), line + "\n"]
        return Content.assemble(*parts).rstrip()

    def on_resize(self) -> None:
        if self.is_furnished:
            self.show()

    def action_look_again(self) -> None:
        self.tunedoc.look_again()

    @on(Button.Pressed, "#next_button")
    def action_do_next(self) -> None:
        """Go to where the next step is done."""
        seen = self.tunedoc.seen
        if seen is None:
            return
        step = seen.step
        if step.kind == "install":
            self.tunedoc.go("install")
        elif step.kind == "begin":
            self.tunedoc.go("runs")
        else:
            self.tunedoc.wanted_check = step.check
            self.tunedoc.go("doctor")
