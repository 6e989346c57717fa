"""LoRA training under Windows Python: one process and two, a process that dies, a stop, and going on."""

from __future__ import annotations

import faulthandler
import json
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from doctor.environment import require_environment
from doctor.host.real import RealHost
from doctor.jobs import read_job
from doctor.launching import installed_torch
from doctor.training import train
from tests.training_runs import NOTICED_SECONDS, PATIENCE_SECONDS, Runs, close, same_end, until_saved
from trainer.contract import Saved

if TYPE_CHECKING:
    from doctor.paths import Home
    from trainer.contract import Event

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="needs Windows Python")

ALONE: dict[str, object] = {"epochs": 1, "per_device_batch_size": 8, "max_length": 192}
TOGETHER: dict[str, object] = {**ALONE, "per_device_batch_size": 4, "processes": 2}


@pytest.fixture(scope="module")
def runs(windows_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """With one run by one process and one by two."""
    # A run ends when a test takes minutes; these may, and each start of the trainer has a limit of its own.
    faulthandler.cancel_dump_traceback_later()
    found = Runs(tmp_path_factory.mktemp("训练 runs"), windows_home)
    found.job("alone", **ALONE)
    found.finish("alone")
    found.job("together", **TOGETHER)
    found.finish("together")
    return found


def test_the_tiny_model_learns(runs: Runs) -> None:
    record = runs.record("alone")
    assert record["loss_after"] < record["loss_before"] - 1
    assert (runs.folder / "alone" / "adapter" / "adapter_model.safetensors").is_file()


def test_two_processes_over_gloo_reach_the_losses_of_one_step_by_step(runs: Runs) -> None:
    alone, together = runs.loss_curve("alone"), runs.loss_curve("together")
    assert len(alone) == len(together) == 11
    assert all(close(one, other) for one, other in zip(alone, together, strict=True)), (alone, together)
    assert close(runs.record("alone")["loss_after"], runs.record("together")["loss_after"])
    assert runs.record("alone")["tokens"] == runs.record("together")["tokens"]


def test_a_process_that_dies_is_told_in_time_and_the_run_stops_and_goes_on(runs: Runs, windows_home: Home) -> None:
    """One scenario and not three, because every start of the trainer costs half a minute here."""
    faulthandler.cancel_dump_traceback_later()
    file = runs.job("killed", **TOGETHER, save_steps=2)
    process = runs.start("killed", "--json")
    until_saved(process, 2)
    runs.trainers("killed")[1].kill()
    killed = datetime.now(UTC)
    out, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 3, said
    error = json.loads(out)["errors"][0]
    assert error["kind"] == "process_lost"
    assert "process 2 of 2 ended" in error["message"]
    assert "exit code" in error["message"]
    assert "go on from step" in error["hint"]
    assert not runs.trainers("killed")
    seconds = runs.seconds_until("killed", "failed", since=killed)
    assert seconds < NOTICED_SECONDS, seconds

    # What Ctrl-C does, which cannot be sent to one program here.
    told: list[Event] = []
    outcome = train(
        RealHost(),
        windows_home,
        require_environment(windows_home),
        read_job(file, windows_home),
        report=told.append,
        stop_requested=lambda: any(isinstance(event, Saved) for event in told),
    )
    assert outcome.stopped
    assert 2 < outcome.step < 11
    assert not runs.trainers("killed")

    runs.job("killed", **ALONE)
    assert "going on from the checkpoint" in runs.finish("killed", "--resume")
    same_end(runs, "alone", "killed")


def test_the_files_of_the_installed_torch_say_that_it_has_gloo(windows_home: Home) -> None:
    version, transport = installed_torch(require_environment(windows_home), "windows")
    assert version is not None
    assert transport is True
