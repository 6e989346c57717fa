"""What real trainings leave to be seen: sample answers change nothing, a kill loses nothing, a replay is the same."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest

from doctor.runs.comparing import compare
from doctor.runs.inputs import read_inputs
from doctor.runs.reading import read_run, samples_of
from tests.training_runs import PATIENCE_SECONDS, ROOT, Runs, until_saved
from trainer.metrics import METRICS, read_metrics

if TYPE_CHECKING:
    from doctor.environment import Environment
    from doctor.paths import Home
    from doctor.runs.reading import Run

pytestmark = pytest.mark.slow

JOB: dict[str, object] = {
    "max_steps": 9, "max_length": 96, "eval_steps": 3, "save_steps": 4,
    # Chance has a say in every step, so that a draw too many would show.
    "lora": "{rank: 4, dropout: 0.2}",
}  # fmt: skip
PROMPTS = '["Who are you?", "你好"]'


@pytest.fixture(scope="module")
def runs(environment: Environment, test_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    found = Runs(tmp_path_factory.mktemp("runs 训练"), test_home)
    found.job("asked", sample_prompts=PROMPTS, **JOB)
    found.finish("asked")
    return found


def read(runs: Runs, name: str) -> Run:
    found = read_run(runs.folder / name)
    assert found is not None
    return found


def measured(runs: Runs, name: str) -> list[tuple[object, ...]]:
    """The table without the clock, the speed and the memory."""
    rows = read_metrics(runs.folder / name / METRICS)
    return [(row.step, row.epoch, row.loss, row.learning_rate, row.tokens, row.held_out_loss) for row in rows]


def test_the_model_answers_whenever_the_held_out_loss_is_measured(runs: Runs) -> None:
    samples = samples_of(read(runs, "asked"))
    assert [(sample.step, sample.number) for sample in samples] == [(s, n) for s in (0, 3, 6, 9) for n in (1, 2)]
    assert all(0 <= sample.tokens <= 64 for sample in samples)
    told = [(event["step"], event["answer"]) for event in runs.events("asked") if event["event"] == "sampled"]
    assert told == [(sample.step, sample.answer) for sample in samples]


def test_answering_changes_no_bit_of_what_is_learned(runs: Runs) -> None:
    runs.job("silent", **JOB)
    runs.finish("silent")
    assert runs.adapter("silent") == runs.adapter("asked")
    assert measured(runs, "silent") == measured(runs, "asked")
    assert compare([read(runs, "silent"), read(runs, "asked")]).same_losses


def test_the_table_has_every_step_once_and_plots_are_drawn(runs: Runs) -> None:
    rows = read_metrics(runs.folder / "asked" / METRICS)
    assert [row.step for row in rows if row.loss is not None] == list(range(1, 10))
    assert [row.step for row in rows if row.held_out_loss is not None] == [0, 3, 6, 9]
    assert (runs.folder / "asked" / "loss.png").read_bytes()[:4] == b"\x89PNG"
    assert (runs.folder / "asked" / "loss.svg").is_file()
    assert len(list((runs.folder / "asked" / "tensorboard").iterdir())) == 1
    inputs = read_inputs(runs.folder / "asked")
    assert inputs is not None
    assert inputs["command"][0] == "train"


def test_a_trainer_that_was_killed_leaves_the_same_table_in_the_end(runs: Runs) -> None:
    runs.job("killed", sample_prompts=PROMPTS, **JOB)
    process = runs.start("killed")
    until_saved(process, 4)
    runs.trainers("killed")[0].kill()
    process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode != 0
    runs.finish("killed", "--resume")
    assert measured(runs, "killed") == measured(runs, "asked")
    assert [(s.step, s.answer) for s in samples_of(read(runs, "killed"))] == [
        (s.step, s.answer) for s in samples_of(read(runs, "asked"))
    ]


def test_a_replay_in_a_new_folder_has_the_same_losses(runs: Runs) -> None:
    words = [sys.executable, "-m", "doctor", "runs", "replay", str(runs.folder / "asked"), "--output"]
    done = subprocess.run(
        [*words, str(runs.folder / "again"), "--json"],
        cwd=ROOT,
        env={**os.environ, "TUNEDOC_HOME": str(runs.home.root), "PYTHONIOENCODING": "utf-8"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=PATIENCE_SECONDS,
    )
    assert done.returncode == 0, done.stderr
    data: dict[str, Any] = json.loads(done.stdout)["data"]
    assert data["changes"] == []
    assert data["comparison"]["same_losses"]
    assert data["comparison"]["job"] == []
    assert runs.adapter("again") == runs.adapter("asked")


def test_a_tracker_that_is_missing_is_refused_before_anything_is_written(runs: Runs) -> None:
    runs.job("tracked", trackers="[swanlab]", **JOB)
    process = runs.start("tracked")
    _, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 3
    assert "has no package `swanlab`" in said
    assert not (runs.folder / "tracked").exists()
