"""Show a training run while it goes on: a bar on a terminal, else a line for each tenth."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from doctor.words.text import text
from trainer.contract import Evaluated, Progressed, Sampled, Saved, Staged, Warned

if TYPE_CHECKING:
    from types import TracebackType

    from rich.progress import Progress

    from doctor.cli.render import Screen
    from trainer.contract import Event

_QUIET_STAGES = frozenset({"train", "save"})
"""Their end is told by other words."""


class TrainingView:
    """Give its `report` to `doctor.training.train`; use it as a context, so that the bar is taken down."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen
        self._bar: Progress | None = None
        self._task: Any = None
        self._tenths = -1

    def __enter__(self) -> TrainingView:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._take_down()

    def report(self, event: Event) -> None:
        match event:
            case Staged():
                self._stage(event)
            case Progressed():
                self._progress(event)
            case Evaluated():
                self._say("train.evaluated", step=event.step, loss=f"{event.loss:.4f}", records=event.records)
                if "margin" in event.measures:
                    accuracy, margin = event.measures["accuracy"], event.measures["margin"]
                    self._say("train.judged", percent=f"{100 * accuracy:.0f}", margin=f"{margin:.3f}")
            case Sampled():
                self._say("train.sampled", step=event.step, prompt=event.prompt, answer=" ".join(event.answer.split()))
            case Saved(final=False):
                if not self._screen.is_terminal:
                    self._say("train.saved", step=event.step)
            case Warned():
                self._note(text(f"train.warned_{event.code}", **event.detail))
            case _:
                pass

    def _stage(self, event: Staged) -> None:
        if event.stage == "stopping":
            self._say("train.stopping")
        elif event.stage == "resume":
            self._say("train.resuming", step=event.detail["step"])
        elif event.seconds is not None and event.stage not in _QUIET_STAGES:
            self._note(text(f"train.stage_{event.stage}", seconds=f"{event.seconds:.1f}", **event.detail))
        if event.stage == "train" and event.seconds is not None:
            self._take_down()

    def _progress(self, event: Progressed) -> None:
        words = text(
            "train.progress",
            step=event.step,
            steps=event.steps,
            loss=f"{event.loss:.3f}",
            speed=f"{event.tokens_per_second:.0f}",
            left=clock(event.seconds_left),
            memory=f"{event.peak_mib / 1024:.1f}",
        )
        if not self._screen.is_terminal:
            tenths = event.step * 10 // event.steps
            if tenths > self._tenths:
                self._tenths = tenths
                self._screen.note(words)
            return
        if self._bar is None:
            self._put_up(event.steps)
        assert self._bar is not None
        self._bar.update(self._task, completed=event.step, description=self._screen.words(words))

    def _put_up(self, steps: int) -> None:
        from rich.progress import BarColumn, Progress, TextColumn

        self._bar = Progress(
            BarColumn(bar_width=24), TextColumn("{task.description}", markup=False),
            console=self._screen.console(stderr=True), transient=True,
        )  # fmt: skip
        self._task = self._bar.add_task("", total=steps)
        self._bar.start()

    def _take_down(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _say(self, key: str, **fields: object) -> None:
        self._note(text(key, **fields))

    def _note(self, message: Any) -> None:
        if self._bar is None:
            self._screen.note(message)
        else:
            self._bar.console.print(self._screen.words(message), highlight=False, markup=False)


def clock(seconds: float) -> str:
    """Seconds as `m:ss` or `h:mm:ss`."""
    whole = math.ceil(max(seconds, 0))
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"
