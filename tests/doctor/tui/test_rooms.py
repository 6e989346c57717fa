"""Every room, in both languages, on a small and on a large screen, in every kind of console."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doctor.cli.findings import columns
from doctor.tui.room import ROOMS
from doctor.words.text import render, text
from tests.full_screen import LARGE, SMALL, app_for, drive, notified, on_screen, until, until_shown

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from doctor.paths import Home
    from doctor.words.text import Language

COMMANDS = {
    "home": "tunedoc check",
    "doctor": "tunedoc fix environment.companions",
    "explain": "tunedoc explain -",
    "install": "tunedoc plan",
    "runs": "tunedoc demo",
}


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_room_opens_by_its_digit_and_says_what_it_runs(
    home: Home, language: Language, size: tuple[int, int]
) -> None:
    app = app_for(home, machine="win11-two-4090-torch26", language=language)

    async def play(pilot: Pilot[None]) -> None:
        for number, room in enumerate(ROOMS, 1):
            await pilot.press("escape", str(number))
            await until(pilot, lambda room=room: app.current_mode == room)  # type: ignore[misc]
            await until_shown(pilot, render(text("tui.runs_command", command=COMMANDS[room]), language))
            for other in ROOMS:
                assert render(text(f"tui.room_{other}"), language) in on_screen(app).splitlines()[0]

    drive(app, play, size=size)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_room_has_help_with_its_keys(home: Home, language: Language) -> None:
    app = app_for(home, machine="win11-two-5060ti", language=language)

    async def play(pilot: Pilot[None]) -> None:
        for room in ROOMS:
            app.go(room)
            await until(pilot, lambda room=room: app.current_mode == room)  # type: ignore[misc]
            await pilot.press("f1")
            await until_shown(pilot, render(text(f"tui.help_{room}"), language)[:30])
            await until_shown(pilot, render(text("tui.help_keys"), language))
            await pilot.press("escape")
            await until(pilot, lambda: len(app.screen_stack) == 1)

    drive(app, play)


@pytest.mark.parametrize(("encoding", "language"), [("cp1252", "en"), ("ascii", "en"), ("cp936", "zh")])
def test_a_console_gets_only_letters_that_it_has(home: Home, encoding: str, language: Language) -> None:
    app = app_for(home, machine="win11-two-4090-torch26", language=language, encoding=encoding)

    async def play(pilot: Pilot[None]) -> None:
        for room in ROOMS:
            app.go(room)
            await until(pilot, lambda room=room: app.current_mode == room)  # type: ignore[misc]
            shown = on_screen(app)
            shown.encode(encoding)
            assert "?" not in shown.replace("? ", ""), shown
            # A console of code page 936 gives two columns to every letter of two bytes.
            widths = {
                len(line.encode("cp936")) if encoding == "cp936" else columns(line) for line in shown.splitlines()
            }
            assert widths == {SMALL[0]}

    drive(app, play)


def test_the_mouse_opens_rooms_too(home: Home) -> None:
    app = app_for(home, machine="win11-two-5060ti")

    async def play(pilot: Pilot[None]) -> None:
        await pilot.click("#door_install")
        await until(pilot, lambda: app.current_mode == "install")
        await pilot.click("#door_home")
        await until(pilot, lambda: app.current_mode == "home")

    drive(app, play)


def test_the_language_changes_at_once_and_everywhere(home: Home) -> None:
    app = app_for(home, machine="win11-two-4090-torch26")

    async def play(pilot: Pilot[None]) -> None:
        await pilot.press("2")
        await until_shown(pilot, "needs attention: 2")
        await pilot.press("f2")
        await until_shown(pilot, "需要注意：2 项")
        assert "USE_LIBUV：PyTorch 2.6.0+cu124 默认使用 libuv" in on_screen(app)
        await pilot.press("1")
        await until_shown(pilot, "这台电脑")
        await pilot.press("f2")
        await until_shown(pilot, "this machine")

    drive(app, play)


def test_a_console_without_chinese_letters_stays_in_english_and_says_why(home: Home) -> None:
    app = app_for(home, machine="win11-two-5060ti", encoding="cp1252")

    async def play(pilot: Pilot[None]) -> None:
        assert "F2 Chinese" in on_screen(app)
        await pilot.press("f2")
        await until(pilot, lambda: "cannot show Chinese" in notified(app))
        assert app.language == "en"

    drive(app, play)


def test_every_key_is_an_action_of_the_palette_with_words_in_the_language_of_the_moment(home: Home) -> None:
    app = app_for(home, machine="win11-two-5060ti", language="zh")

    async def play(pilot: Pilot[None]) -> None:
        for room in ROOMS:
            app.go(room)
            await until(pilot, lambda room=room: app.current_mode == room)  # type: ignore[misc]
            commands = {command.title: command.help for command in app.get_system_commands(app.screen)}
            keys = {
                binding.id
                for node in (app.screen, app)
                for bindings in node._bindings.key_to_bindings.values()
                for binding in bindings
                if binding.id
            }
            assert all(f"tui.key_{key}" in _words() and f"tui.tip_{key}" in _words() for key in keys)
            assert {_words()[f"tui.key_{key}"][1] for key in keys - {"all"}} == set(commands)
            assert all(commands.values())
        await pilot.press("ctrl+p")
        await until_shown(pilot, "搜索可执行的操作")
        await pilot.press("escape")

    drive(app, play)


def test_themes_go_round_and_one_has_high_contrast(home: Home) -> None:
    app = app_for(home, machine="win11-two-5060ti")

    async def play(pilot: Pilot[None]) -> None:
        first = app.theme
        themes = []
        for _ in range(4):
            await pilot.press("f3")
            await pilot.pause()
            themes.append(app.theme)
        assert "high-contrast" in themes and themes[-1] == first

    drive(app, play)


def _words() -> dict[str, tuple[str, str]]:
    from doctor.words.tui import WORDS

    return WORDS
