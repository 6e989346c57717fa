"""The first room: the machine at a glance, and the one next step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.full_screen import LARGE, app_for, drive, on_screen, until, until_shown

if TYPE_CHECKING:
    import pytest
    from textual.pilot import Pilot

    from doctor.paths import Home


def test_the_machine_is_shown_with_pictures_of_its_memories(home: Home) -> None:
    app = app_for(home, machine="win11-two-5060ti")

    async def play(pilot: Pilot[None]) -> None:
        shown = on_screen(app)
        for words in (
            "Windows 11 Pro 24H2", "GPU 0  NVIDIA GeForce RTX 5060 Ti  compute 12.0  WDDM", "GPU 1  NVIDIA",
            "[█░░░░░░░░░░░░░] 900 MB of 15.9 GB used, 15.0 GB free", "581.29 (CUDA 13.0)",
            "[█████░░░░░░░░░] 21.2 GB of 63.7 GB used", "windows-cu130-torch2.13 (proved)",
        ):  # fmt: skip
            assert words in shown
        # Where there is room the pictures are finer.
        await pilot.resize_terminal(*LARGE)
        await until_shown(pilot, "[█░░░░░░░░░░░░░░░░░░░] 900 MB")

    drive(app, play)


def test_a_machine_that_said_nothing_is_shown_as_unknown(home: Home) -> None:
    app = app_for(home, machine="nothing-answered")

    async def play(pilot: Pilot[None]) -> None:
        assert "could not be asked" in on_screen(app)
        assert "unknown" in on_screen(app)

    drive(app, play)


def test_the_next_step_leads_to_the_finding_that_it_is_about(home: Home) -> None:
    app = app_for(home, machine="win11-two-4090-torch26")

    async def play(pilot: Pilot[None]) -> None:
        assert "Show the fix (tunedoc fix environment.companions)" in on_screen(app)
        await pilot.press("f6")
        await until(pilot, lambda: app.current_mode == "doctor")
        await until_shown(pilot, "[environment.companions]")
        await until_shown(pilot, "this is: tunedoc fix environment.companions")

    drive(app, play)


def test_without_an_environment_the_next_step_is_the_install(home: Home) -> None:
    app = app_for(home, machine="win11-office-pc")

    async def play(pilot: Pilot[None]) -> None:
        assert "none yet" in on_screen(app)
        assert "Go to Install (tunedoc install)" in on_screen(app)
        await pilot.press("enter")
        await until(pilot, lambda: app.current_mode == "install")

    drive(app, play)


def test_a_catalogue_that_is_no_good_is_said_in_words(home: Home, tmp_path: pytest.TempPathFactory) -> None:
    file = home.root.parent / "wheels.toml"
    file.write_text("schema = 99\n", encoding="utf-8")
    app = app_for(home, machine="win11-two-5060ti", environ={"TUNEDOC_CATALOGUE": str(file)})

    async def play(pilot: Pilot[None]) -> None:
        assert "error: " in on_screen(app)
        assert "press F5 to try again" in on_screen(app)
        del app.host.environ["TUNEDOC_CATALOGUE"]  # type: ignore[attr-defined]
        await pilot.press("f5")
        await until_shown(pilot, "NVIDIA GeForce RTX 5060 Ti")

    drive(app, play)
