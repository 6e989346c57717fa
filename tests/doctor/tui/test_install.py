"""The install's room: real installs of a tiny stack, declined, carried out, stopped, and left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doctor.environment import current_environment
from tests.full_screen import app_for, drive, on_screen, until, until_shown
from tests.installing import Machine
from tests.package_source import PackageSource, tiny_catalogue, tiny_wheels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from textual.pilot import Pilot

    from doctor.tui.app import TunedocApp


@pytest.fixture
def source() -> Iterator[PackageSource]:
    with PackageSource(tiny_wheels()) as opened:
        yield opened


@pytest.fixture
def machine(tmp_path: Path, source: PackageSource) -> Machine:
    made = Machine.at(tmp_path, PIP_INDEX_URL=source.url, UV_HTTP_RETRIES="0")
    tiny_catalogue(made.catalogue, index=source.url)
    return made


def app_on(machine: Machine) -> TunedocApp:
    return app_for(machine.home, environ=machine.environ)


async def until_asked(pilot: Pilot[None]) -> None:
    await pilot.press("4")
    await until_shown(pilot, "tiny-")
    await until_shown(pilot, "this is: tunedoc plan")
    await pilot.press("i")
    await until_shown(pilot, "Go on with this?")


def test_an_install_is_planned_asked_about_and_carried_out(machine: Machine) -> None:
    app = app_on(machine)

    async def play(pilot: Pilot[None]) -> None:
        await until_asked(pilot)
        assert "download at most" in on_screen(app)
        assert current_environment(machine.home) is None
        await pilot.press("enter")
        await until(pilot, lambda: not app.busy and current_environment(machine.home) is not None)
        await until_shown(pilot, str(machine.in_use()))
        # Again: it is used as it is, and nobody is asked.
        await pilot.press("i")
        await until(pilot, lambda: not app.busy)
        assert "Go on with this?" not in on_screen(app)

    drive(app, play)
    assert machine.version_in_use("torch") == "1.0+cpu"


def test_a_plan_that_is_not_agreed_to_changes_nothing(machine: Machine) -> None:
    app = app_on(machine)

    async def play(pilot: Pilot[None]) -> None:
        await until_asked(pilot)
        await pilot.press("tab", "enter")
        await until(pilot, lambda: not app.busy)
        await until_shown(pilot, "nothing was changed")

    drive(app, play)
    assert not machine.home.environments.exists() or machine.folders() == []


def test_a_stopped_install_leaves_what_was_and_goes_on_the_next_time(machine: Machine, source: PackageSource) -> None:
    app = app_on(machine)

    async def play(pilot: Pilot[None]) -> None:
        await until_asked(pilot)
        source.held = "/transformers-"
        await pilot.press("enter")
        await until(pilot, source.holding.is_set)
        assert app.busy
        await pilot.press("s")
        await until(pilot, lambda: not app.busy)
        await until_shown(pilot, "stopped; the environment in use is as it was")
        assert current_environment(machine.home) is None
        source.release()
        await pilot.press("i")
        await until_shown(pilot, "Go on with this?")
        await pilot.press("enter")
        await until(pilot, lambda: not app.busy and current_environment(machine.home) is not None)

    drive(app, play)
    assert machine.version_in_use("torch") == "1.0+cpu"


def test_leaving_while_an_install_goes_on_is_asked_about_and_stops_it(machine: Machine, source: PackageSource) -> None:
    app = app_on(machine)

    async def play(pilot: Pilot[None]) -> None:
        await until_asked(pilot)
        source.held = "/transformers-"
        await pilot.press("enter")
        await until(pilot, source.holding.is_set)
        await pilot.press("ctrl+q")
        await until_shown(pilot, "Work goes on.")
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert app.busy
        await pilot.press("ctrl+q")
        await until_shown(pilot, "Stop and leave")
        await pilot.click("#stop_and_leave")
        await until(pilot, lambda: not app.busy)

    drive(app, play)
    assert current_environment(machine.home) is None


def test_without_a_source_the_error_has_words_and_the_room_stays(machine: Machine) -> None:
    machine.environ |= {"PIP_INDEX_URL": "http://127.0.0.1:9/simple"}
    tiny_catalogue(machine.catalogue, index="http://127.0.0.1:9/simple")
    app = app_for(machine.home, environ=machine.environ | {"TUNEDOC_MIRRORS": ""})

    async def play(pilot: Pilot[None]) -> None:
        await pilot.press("4")
        await until_shown(pilot, "tiny-")
        await pilot.press("i")
        await until_shown(pilot, "error: ")
        await until(pilot, lambda: not app.busy)
        await pilot.press("f5")
        await until_shown(pilot, "this is: tunedoc plan")

    drive(app, play)
