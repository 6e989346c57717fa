"""Runs: states and losses out of real run folders, damaged ones among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.run_folder import RunFolder
from doctor.runs.reading import read_runs
from tests.full_screen import LARGE, app_for, drive, until_shown
from trainer.contract import Evaluated, Job, Progressed, Source
from trainer.metrics import SAMPLES, Sample, sample_line

if TYPE_CHECKING:
    from textual.pilot import Pilot

    from doctor.paths import Home


def make_run(home: Home, name: str, losses: list[float], *, finished: bool) -> RunFolder:
    folder = RunFolder(home.runs / name)
    folder.begin(Job(model="smol", data=(Source(path="data.jsonl"),), output=str(folder.root)), None)
    for step, loss in enumerate(losses, 1):
        folder.append(
            Progressed(
                step=step, steps=10, epoch=0.1, loss=loss, learning_rate=1e-4, tokens_per_second=10.0,
                seconds_left=1.0, peak_mib=100,
            )
        )  # fmt: skip
    folder.append(Evaluated(step=len(losses), loss=losses[-1] + 0.5, records=3))
    if finished:
        folder.adapter.mkdir()
        (folder.adapter / "adapter_config.json").write_text("{}", encoding="utf-8")
        folder.finish({})
    return folder


def test_runs_are_read_from_their_folders(home: Home) -> None:
    make_run(home, "whole", [3.0, 2.0, 1.0], finished=True)
    broken = make_run(home, "broken", [3.0, 2.5], finished=False)
    with broken.events.open("ab") as stream:
        stream.write(b'{"event": "progr')
    (home.runs / "no run").mkdir()
    runs = {run.folder.name: run for run in read_runs(home)}
    assert set(runs) == {"whole", "broken"}
    assert (runs["whole"].state, runs["whole"].losses, runs["whole"].step) == ("finished", (3.0, 2.0, 1.0), 3)
    assert (runs["broken"].state, runs["broken"].losses, runs["broken"].finished) == ("unfinished", (3.0, 2.5), "")
    assert runs["whole"].held_out == (1.5,)


def test_a_run_is_shown_with_its_curve_and_the_command_that_goes_on(home: Home) -> None:
    folder = make_run(home, "我的 run", [4.0, 3.0, 2.0, 1.0], finished=True)
    sample = sample_line(Sample(step=4, number=1, prompt="Who are you?", answer="小助手"))
    (folder.root / SAMPLES).write_text(f"{sample}\n", encoding="utf-8")
    app = app_for(home, machine="win11-two-5060ti")

    async def play(pilot: Pilot[None]) -> None:
        await pilot.press("5")
        await until_shown(pilot, "我的 run")
        await until_shown(pilot, "4.000 → 1.000")
        await until_shown(pilot, "loss: first 4.0000, last 1.0000, lowest 1.0000")
        await until_shown(pilot, "step 4 of 10")
        await until_shown(pilot, "tunedoc export")
        await until_shown(pilot, "at step 4: 小助手")
        make_run(home, "second", [5.0, 4.5], finished=False)
        await pilot.press("f5")
        await until_shown(pilot, "not finished  5.000 → 4.500")

    drive(app, play, size=LARGE)
