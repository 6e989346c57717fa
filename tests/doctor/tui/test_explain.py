"""Explaining: a real case's text, pasted or in a file; what cannot be read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

from textual.widgets import Input, TextArea

from tests.full_screen import app_for, drive, until_shown

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from doctor.paths import Home

CASES = Path(__file__).parent.parent.parent / "cases" / "given.jsonl"


def case_text(of: str) -> str:
    cases = (json.loads(line) for line in CASES.read_text(encoding="utf-8").splitlines() if line)
    return next(str(case["input"]) for case in cases if case["id"] == of)


def test_a_pasted_text_is_explained_in_both_languages(home: Home) -> None:
    app = app_for(home, machine="win11-two-5060ti")

    async def play(pilot: Pilot[None]) -> None:
        await pilot.press("3")
        await until_shown(pilot, "F5 reads what is above; nothing leaves this machine")
        app.screen.query_one("#pasted", TextArea).text = case_text("api-accelerate-llm-1197")
        await pilot.press("f5")
        await until_shown(pilot, "likely cause")
        await until_shown(pilot, "accelerate")
        await pilot.press("f2")
        await until_shown(pilot, "从文本中读到的信息" if False else "可能的原因")
        await pilot.press("f8")
        await until_shown(pilot, "内容不会离开这台电脑")

    drive(app, play)


def test_typing_digits_into_the_field_opens_no_room_until_it_is_left(home: Home) -> None:
    app = app_for(home, machine="win11-two-5060ti")

    async def play(pilot: Pilot[None]) -> None:
        await pilot.press("3")
        await until_shown(pilot, "tunedoc explain -")
        await pilot.press("1", "2", "7")
        assert app.screen.query_one("#pasted", TextArea).text == "127"
        assert app.current_mode == "explain"
        await pilot.press("escape", "1")
        await until_shown(pilot, "this machine")
        assert app.current_mode == "home"

    drive(app, play)


def test_a_file_is_explained_and_one_that_is_not_there_is_said(home: Home) -> None:
    app = app_for(home, machine="win11-two-5060ti")
    log = home.root.parent / "报错 1.log"
    log.write_text(case_text("api-accelerate-llm-1197"), encoding="utf-8")

    async def play(pilot: Pilot[None]) -> None:
        await pilot.press("3")
        await until_shown(pilot, "tunedoc explain -")
        field = app.screen.query_one("#explain_file", Input)
        field.value = str(log.with_name("none.log"))
        field.focus()
        await pilot.press("enter")
        await until_shown(pilot, "error: cannot read")
        field.value = str(log)
        await pilot.press("enter")
        await until_shown(pilot, "likely cause")

    drive(app, play)
