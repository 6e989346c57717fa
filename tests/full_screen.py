"""Drives the full-screen app as somebody at a keyboard does, without a terminal."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from doctor.host.real import RealHost
from doctor.tui.app import TunedocApp
from tests.machines_made_up import machine_file
from tests.package_source import clean_environ

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from textual.pilot import Pilot

    from doctor.paths import Home
    from doctor.snapshot.model import Snapshot
    from doctor.words.text import Language

SMALL, LARGE = (80, 24), (120, 40)
PATIENCE_SECONDS = 90
"""No test is about time; this only ends one that would wait for ever."""


class OwnHost(RealHost):
    """This machine with variables of its own: what an app takes over does not reach this process."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.environ = dict(clean_environ() if environ is None else environ)

    def take(self, changes: Mapping[str, str | None]) -> None:
        merged = {**self.environ, **changes}
        self.environ = {name: value for name, value in merged.items() if value is not None}


def app_for(
    home: Home,
    *,
    machine: str | Snapshot | None = None,
    language: Language = "en",
    encoding: str = "utf-8",
    environ: Mapping[str, str] | None = None,
    user_folder: Path | None = None,
) -> TunedocApp:
    """The app on this machine, or on one of tests/machines."""
    snapshot = machine_file(machine) if isinstance(machine, str) else machine
    return TunedocApp(
        OwnHost(environ),
        home,
        language=language,
        encoding=encoding,
        examine=None if snapshot is None else lambda: snapshot,
        user_folder=user_folder or home.root.parent,
    )


def drive(
    app: TunedocApp, scenario: Callable[[Pilot[None]], Awaitable[None]], *, size: tuple[int, int] = SMALL
) -> None:
    """Open the app, wait until it has examined the machine, and play."""

    async def play() -> None:
        async with app.run_test(size=size, notifications=True) as pilot:
            await until(pilot, lambda: not app.looking and bool(app.seen or app.trouble))
            await scenario(pilot)
            # What goes on in threads reports to an app that is still there.
            await until(pilot, lambda: all(worker.is_finished for worker in app.workers))

    asyncio.run(play())


async def until(pilot: Pilot[None], condition: Callable[[], bool]) -> None:
    """Let the app go on until the condition holds."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < end, on_screen(pilot.app)
        await pilot.pause(0.02)
    await pilot.pause()


async def until_shown(pilot: Pilot[None], words: str) -> None:
    """Let the app go on until the words stand on the screen."""
    wanted = _flat(words)
    await until(pilot, lambda: wanted in _flat(on_screen(pilot.app)))


def notified(app: TunedocApp) -> str:
    """What notices say; on the screen their lines stand among others."""
    return "\n".join(notice.message for notice in app._notifications)


def _flat(words: str) -> str:
    """Without what depends on where lines end, and without frames."""
    return "".join(letter for letter in words if not letter.isspace() and letter not in "│|▂▃▄▅▆▇█")


def on_screen(app: object) -> str:
    """All letters that are on the screen now."""
    assert isinstance(app, TunedocApp)
    strips = app.screen._compositor.render_strips()
    return "\n".join("".join(segment.text for segment in strip) for strip in strips)
