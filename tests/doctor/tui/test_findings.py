"""The doctor's room: findings in groups, a real fix and its undo, the report."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.full_screen import LARGE, SMALL, app_for, drive, on_screen, until, until_shown
from tests.package_source import clean_environ

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from doctor.paths import Home


@pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
def test_what_needs_attention_comes_first_with_cause_evidence_and_fix(home: Home, size: tuple[int, int]) -> None:
    app = app_for(home, machine="win11-two-4090-torch26")

    async def play(pilot: Pilot[None]) -> None:
        await pilot.press("2")
        await until_shown(pilot, "2 of 61 checks need attention")
        shown = on_screen(app)
        assert shown.index("needs attention: 2") < shown.index("worth knowing: 2") < shown.index("well: 57")
        await pilot.press("down")
        await until_shown(pilot, "[settings.libuv]")
        await pilot.press("tab", "end")
        for heading in ("evidence", "what to do"):
            await until_shown(pilot, heading)

    drive(app, play, size=size)


def test_an_own_variable_is_fixed_and_taken_back(home: Home) -> None:
    app = app_for(home, environ=clean_environ(PYTORCH_CUDA_ALLOC_CONF="expandable_segments"))

    async def play(pilot: Pilot[None]) -> None:
        await pilot.press("2")
        app.screen.chosen = "settings.allocator"  # type: ignore[attr-defined]
        await pilot.press("f")
        await until_shown(pilot, "keep PYTORCH_CUDA_ALLOC_CONF from tunedoc's processes")
        await until_shown(pilot, "this is: tunedoc fix settings.allocator")
        assert not home.variables.exists()
        await pilot.press("f5")
        await until_shown(pilot, "fixed: CUDA memory settings (settings.allocator)")
        assert "PYTORCH_CUDA_ALLOC_CONF" in json.loads(home.variables.read_text(encoding="utf-8"))["variables"]
        assert "PYTORCH_CUDA_ALLOC_CONF" not in app.host.environ
        await pilot.press("escape", "u")
        await until_shown(pilot, "this is: tunedoc undo fix-")
        await pilot.press("f5")
        await until_shown(pilot, "✓ taken back: no PYTORCH_CUDA_ALLOC_CONF for tunedoc's processes")
        await until_shown(pilot, "not in force any more")
        assert not home.variables.exists()
        assert app.host.environ["PYTORCH_CUDA_ALLOC_CONF"] == "expandable_segments"
        await pilot.press("escape")
        # The room was told of both looks.
        await until_shown(pilot, "CUDA memory settings: PYTORCH_CUDA_ALLOC_CONF has")

    drive(app, play)


def test_what_is_for_a_person_to_do_is_shown_and_cannot_be_done(home: Home) -> None:
    app = app_for(home, machine="win11-3080-page-file-off")

    async def play(pilot: Pilot[None]) -> None:
        await pilot.press("2")
        await until_shown(pilot, "needs attention")
        await pilot.press("f")
        await until_shown(pilot, "this is for you to do:")
        await until_shown(pilot, "SystemPropertiesPerformance.exe")
        assert "Do it" not in on_screen(app)
        await pilot.press("f5")
        assert not home.root.exists()

    drive(app, play)


def test_the_report_is_shown_saved_and_copied_without_the_persons_name(home: Home) -> None:
    app = app_for(home, machine="win11-spoilt-variables")
    copied = []
    app.copy_to_clipboard = copied.append  # type: ignore[method-assign]

    async def play(pilot: Pilot[None]) -> None:
        await pilot.press("2", "r")
        await until_shown(pilot, "# tunedoc")
        file = home.root.parent / "tunedoc-report.md"
        await pilot.press("f8")
        await until(pilot, file.exists)
        words = file.read_text(encoding="utf-8")
        assert words.startswith("# ") and "## " in words
        await until_shown(pilot, "written to ")
        await pilot.press("f5")
        assert copied == [words]
        # A place that does not exist is refused in words.
        app.screen.query_one("#report_file").value = str(home.root / "nowhere" / "r.md")  # type: ignore[attr-defined]
        await pilot.press("f8")
        await until_shown(pilot, "error: ")

    drive(app, play)
