"""Two processes that train together learn what one learns from the same batches, and neither is missed for long."""

from __future__ import annotations

import json
import signal
import socket
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.training_runs import NOTICED_SECONDS, PATIENCE_SECONDS, Runs, close, same_end, until_saved

if TYPE_CHECKING:
    from doctor.environment import Environment
    from doctor.paths import Home

pytestmark = pytest.mark.slow

ALONE: dict[str, object] = {"epochs": 1, "per_device_batch_size": 8, "max_length": 192}
"""82 records in batches of 8: the last has two, so one of two processes has nothing of its own to learn from there."""
TOGETHER: dict[str, object] = {**ALONE, "per_device_batch_size": 4, "processes": 2}


@pytest.fixture(scope="module")
def runs(environment: Environment, test_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """With one run by one process and one by two, to compare with."""
    found = Runs(tmp_path_factory.mktemp("一起 together"), test_home)
    found.job("alone", **ALONE)
    found.finish("alone")
    found.job("together", **TOGETHER)
    found.finish("together")
    return found


def weights(runs: Runs, name: str) -> dict[str, Any]:
    """The adapter's numbers, read from the file without torch: every tensor is fp32."""
    import struct

    raw = (runs.folder / name / "adapter" / "adapter_model.safetensors").read_bytes()
    length = struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8 : 8 + length])
    found = {}
    for key, facts in header.items():
        if key != "__metadata__":
            assert facts["dtype"] == "F32"
            begin, end = facts["data_offsets"]
            found[key] = memoryview(raw[8 + length + begin : 8 + length + end]).cast("f").tolist()
    return found


def test_two_processes_reach_the_losses_of_one_step_by_step(runs: Runs) -> None:
    alone, together = runs.loss_curve("alone"), runs.loss_curve("together")
    assert len(alone) == len(together) == 11
    assert all(close(one, other) for one, other in zip(alone, together, strict=True)), (alone, together)
    for field in ("loss_before", "loss_after"):
        assert close(runs.record("alone")[field], runs.record("together")[field])
    for field in ("steps", "tokens", "records", "held_out_records"):
        assert runs.record("alone")[field] == runs.record("together")[field]


def test_two_processes_make_the_adapter_of_one(runs: Runs) -> None:
    alone, together = weights(runs, "alone"), weights(runs, "together")
    assert alone.keys() == together.keys()
    furthest = max(abs(a - b) for key in alone for a, b in zip(alone[key], together[key], strict=True))
    largest = max(abs(a) for values in alone.values() for a in values)
    assert furthest < 1e-3 * largest


def test_what_the_run_says_is_said_once(runs: Runs) -> None:
    events = runs.events("together")
    assert [event["event"] for event in events].count("started") == 1
    assert [event["event"] for event in events].count("finished") == 1
    steps = [event["step"] for event in events if event["event"] == "progressed"]
    assert steps == list(range(1, 12))
    assert (runs.folder / "together" / "trainer-1.log").is_file()


def test_a_killed_process_is_reported_and_the_run_goes_on_with_another_number_of_processes(runs: Runs) -> None:
    runs.job("killed", **TOGETHER)
    process = runs.start("killed", "--json")
    until_saved(process, 4)
    runs.trainers("killed")[1].kill()
    killed = datetime.now(UTC)
    out, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 3, said
    error = json.loads(out)["errors"][0]
    assert error["kind"] == "process_lost"
    assert "process 2 of 2 ended" in error["message"]
    assert "killed" in error["message"] or sys.platform == "win32"
    assert "go on from step" in error["hint"]
    assert "trainer-1.log" in error["hint"]
    seconds = runs.seconds_until("killed", "failed", since=killed)
    assert seconds < NOTICED_SECONDS, seconds
    assert not runs.trainers("killed")
    # The order of the records depends on the number of them in a step alone, so one process can take over from two.
    runs.job("killed", **ALONE)
    assert "going on from the checkpoint" in runs.finish("killed")
    same_end(runs, "alone", "killed")


@pytest.mark.skipif(sys.platform == "win32", reason="a console's Ctrl-C cannot be sent to one process")
def test_ctrl_c_stops_both_at_one_step_and_they_go_on_to_the_same_end(runs: Runs) -> None:
    runs.job("stopped", **TOGETHER)
    process = runs.start("stopped")
    until_saved(process, 4)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 130, said
    assert not runs.trainers("stopped")
    assert "going on from the checkpoint" in runs.finish("stopped", "--resume")
    same_end(runs, "alone", "stopped")


def test_processes_that_cannot_meet_over_a_port_meet_by_a_file(
    environment: Environment, test_home: Home, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    from doctor import launching
    from doctor.host.real import RealHost
    from doctor.jobs import read_job
    from doctor.training import train
    from trainer.contract import Event, Warned

    runs = Runs(tmp_path_factory.mktemp("文件 file"), test_home)
    file = runs.job("by file", **{**TOGETHER, "max_steps": 2, "held_out": 0})
    told: list[Event] = []
    with socket.socket() as taken:
        taken.bind((launching.LOOPBACK, 0))
        taken.listen()
        monkeypatch.setattr(launching, "free_port", lambda: taken.getsockname()[1])
        outcome = train(RealHost(), test_home, environment, read_job(file, test_home), report=told.append)
    assert outcome.step == 2
    warned = [event for event in told if isinstance(event, Warned) and event.code == "group_by_file"]
    assert len(warned) == 1
    assert not list((runs.folder / "by file").glob("meeting-*"))
