"""The full-screen app under Windows' Python: two simulated cards, its keys, both languages, a plain console."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from doctor.host.windows_calls import code_pages
from doctor.tui.console import console_encoding, shows_language
from tests.full_screen import OwnHost, app_for, drive, notified, on_screen, until, until_shown
from tests.windows.inside.windows_machine import ROOT, TWO_CARDS

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from doctor.words.text import Language
    from tests.windows.inside.windows_machine import SimulatedDriver, WindowsMachine

CARDS = """
import asyncio, json, sys
from pathlib import Path
from doctor.host.real import RealHost
from doctor.paths import Home
from tests.full_screen import drive, on_screen
from doctor.tui.app import TunedocApp
app = TunedocApp(RealHost(), Home(Path(sys.argv[1])), language="en", user_folder=Path(sys.argv[1]))
shown = []
async def play(pilot):
    shown.append(on_screen(app))
drive(app, play)
print(json.dumps(shown[0]))
"""


def test_the_two_cards_of_this_machine_are_on_the_first_screen(
    machine: WindowsMachine, driver: SimulatedDriver
) -> None:
    environ = {**machine.environ, **driver.saying(TWO_CARDS)}
    done = subprocess.run(
        [sys.executable, "-c", CARDS, str(machine.home.root)], env=environ, cwd=ROOT, check=False,
        capture_output=True, encoding="utf-8", stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    shown = json.loads(done.stdout.splitlines()[-1])
    assert "GPU 0  NVIDIA GeForce RTX 5060 Ti" in shown
    assert "GPU 1  NVIDIA GeForce RTX 5060 Ti" in shown
    assert "581.29 (CUDA 13.0)" in shown
    assert "Windows" in shown


@pytest.mark.parametrize(("language", "machine_words"), [("en", "this machine"), ("zh", "这台电脑")])
def test_this_windows_is_shown_and_every_room_opens(
    machine: WindowsMachine, language: Language, machine_words: str
) -> None:
    app = app_for(machine.home, language=language, environ=machine.environ)

    async def play(pilot: Pilot[None]) -> None:
        assert machine_words in on_screen(app)
        assert "Windows" in on_screen(app)
        for key, command in (("2", "tunedoc"), ("4", "tunedoc plan"), ("5", "tunedoc demo"), ("3", "tunedoc explain")):
            await pilot.press(key)
            await until_shown(pilot, command)
        await pilot.press("escape", "1")
        await until_shown(pilot, machine_words)
        await pilot.press("f2")
        await until_shown(pilot, "这台电脑" if language == "en" else "this machine")

    drive(app, play)


def test_a_variable_of_tunedocs_own_is_fixed_and_taken_back(machine: WindowsMachine) -> None:
    app = app_for(machine.home, environ={**machine.environ, "PYTORCH_CUDA_ALLOC_CONF": "expandable_segments"})

    async def play(pilot: Pilot[None]) -> None:
        await pilot.press("2")
        await until_shown(pilot, "[")
        app.screen.chosen = "settings.allocator"  # type: ignore[attr-defined]
        await pilot.press("f")
        await until_shown(pilot, "keep PYTORCH_CUDA_ALLOC_CONF from tunedoc's processes")
        await pilot.press("f5")
        await until_shown(pilot, "fixed: CUDA memory settings")
        assert machine.home.variables.exists()
        await pilot.press("escape", "u")
        await until_shown(pilot, "this is: tunedoc undo fix-")
        await pilot.press("f5")
        await until_shown(pilot, "taken back: no PYTORCH_CUDA_ALLOC_CONF")
        assert not machine.home.variables.exists()

    drive(app, play)


def test_a_console_of_code_page_1252_gets_plain_signs(machine: WindowsMachine) -> None:
    app = app_for(machine.home, encoding="cp1252", environ=machine.environ)

    async def play(pilot: Pilot[None]) -> None:
        shown = on_screen(app)
        shown.encode("cp1252")
        assert "+- this machine -" in shown and "[#" in shown
        await pilot.press("f2")
        await until(pilot, lambda: "cannot show Chinese" in notified(app))
        assert app.language == "en"

    drive(app, play)


def test_the_letters_of_a_console_are_told_by_its_code_page() -> None:
    page = code_pages()[1]
    assert console_encoding(OwnHost({}), "utf-8") == ("utf-8" if page in (0, 65001) else f"cp{page}")
    # Windows Terminal has every letter, whatever the code page.
    assert console_encoding(OwnHost({"WT_SESSION": "1"}), "utf-8") == "utf-8"
    assert shows_language("zh", "cp936") and not shows_language("zh", "cp437")
