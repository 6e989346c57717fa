"""Training for real, on a tiny model: it learns, it stops when told, and it survives being killed."""

from __future__ import annotations

import json
import re
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import psutil
import pytest

from doctor.run_folder import RunFolder
from doctor.wishes import wish as ask
from tests.training_runs import MODEL, PATIENCE_SECONDS, RECORDS, Runs, until_saved
from trainer.contract import Job, Source, read_event

if TYPE_CHECKING:
    from doctor.environment import Environment
    from doctor.paths import Home

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def runs(environment: Environment, test_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Runs:
    """With one run that nothing disturbed, `plain`, to compare with."""
    found = Runs(tmp_path_factory.mktemp("runs 训练"), test_home)
    found.job("plain")
    found.finish("plain")
    return found


def same_as_plain(runs: Runs, name: str) -> None:
    assert runs.adapter(name) == runs.adapter("plain")
    for field in ("steps", "tokens", "loss_before", "loss_after"):
        assert runs.record(name)[field] == runs.record("plain")[field]
    # A step whose event met no doctor is in nobody's list; the others are bit for bit the same.
    assert runs.losses(name).items() <= runs.losses("plain").items()


def test_the_loss_on_held_out_records_falls(runs: Runs) -> None:
    record = runs.record("plain")
    assert record["loss_after"] < record["loss_before"] - 1
    assert record["steps"] == len(runs.losses("plain"))
    assert record["held_out_records"] == 9


def test_every_event_is_one_of_the_contract_and_has_its_time(runs: Runs) -> None:
    events = runs.events("plain")
    assert events[0]["event"] == "started"
    assert events[-1]["event"] == "finished"
    for event in events:
        assert event.pop("time").endswith("+00:00")
        assert read_event(json.dumps(event)) is not None
    steps = [event["step"] for event in events if event["event"] == "progressed"]
    assert steps == list(range(1, len(steps) + 1))


def test_the_adapter_names_its_model_and_carries_the_tokenizer(runs: Runs) -> None:
    adapter = runs.folder / "plain" / "adapter"
    config = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    assert config["base_model_name_or_path"] == str(MODEL)
    assert (adapter / "tokenizer.json").is_file()


def test_resuming_a_finished_run_says_so_and_is_well(runs: Runs) -> None:
    assert "finished already" in runs.finish("plain", "--resume")


@pytest.mark.skipif(sys.platform == "win32", reason="a console's Ctrl-C cannot be sent to one process")
@pytest.mark.parametrize("numbers", [("SIGINT",), ("SIGTERM", "SIGHUP")], ids=["ctrl-c", "end-of-session"])
def test_a_wish_to_stop_saves_and_resume_reaches_the_same_end(runs: Runs, numbers: tuple[str, ...]) -> None:
    name = f"stopped-{numbers[0]}"
    runs.job(name)
    process = runs.start(name)
    until_saved(process, 4)
    for number in numbers:
        process.send_signal(getattr(signal, number))
    _, said = process.communicate()
    assert process.returncode == 130
    assert "--resume` goes on from there" in said
    assert "going on from the checkpoint" in runs.finish(name, "--resume")
    same_as_plain(runs, name)


def test_a_killed_doctor_leaves_a_trainer_that_saves_and_goes(runs: Runs) -> None:
    runs.job("orphan")
    process = runs.start("orphan")
    until_saved(process, 8)
    process.kill()
    process.communicate()
    # The same command at once: it waits for the old trainer's lock, then goes on from what that one saved.
    assert "going on from the checkpoint" in runs.finish("orphan")
    same_as_plain(runs, "orphan")


def test_after_a_kill_of_all_a_damaged_checkpoint_is_put_aside_and_the_end_is_the_same(runs: Runs) -> None:
    runs.job("killed")
    process = runs.start("killed")
    until_saved(process, 8)
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    for child in children:
        child.kill()
    process.communicate()
    checkpoints = runs.folder / "killed" / "checkpoints"
    newest = max(checkpoints.glob("checkpoint-*"), key=lambda path: int(path.name.partition("-")[2]))
    weights = newest / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-8] if weights.exists() else b"")
    said = runs.finish("killed")
    assert f"{newest.name} is incomplete or damaged" in said
    assert "going on from the checkpoint" in said
    assert (runs.folder / "killed" / "aside" / newest.name).is_dir()
    same_as_plain(runs, "killed")


def test_after_a_kill_inside_a_checkpoint_the_end_is_the_same_and_no_step_counts_twice(runs: Runs) -> None:
    runs.job("inside")
    process = runs.start("inside")
    checkpoint = runs.folder / "inside" / "checkpoints" / "checkpoint-12"
    until = time.monotonic() + PATIENCE_SECONDS
    while not checkpoint.is_dir() and time.monotonic() < until:
        time.sleep(0.001)
    for trainer in runs.trainers("inside").values():
        trainer.kill()
    process.communicate()
    assert process.returncode == 3
    runs.finish("inside")
    same_as_plain(runs, "inside")
    steps = [event["step"] for event in runs.events("inside") if event["event"] == "progressed"]
    assert steps == sorted(set(steps))


def test_a_run_pauses_goes_on_and_saves_when_somebody_else_wishes_so(runs: Runs) -> None:
    runs.job("wished")
    process = runs.start("wished")
    until_saved(process, 4)
    folder = runs.folder / "wished"
    ask(folder, "pause")
    paused = until_told(runs, "wished", "paused")
    assert not (folder / "wish").exists()
    ask(folder, "save")
    while (folder / "wish").exists():
        time.sleep(0.05)
    ask(folder, "continue")
    assert until_told(runs, "wished", "continued") == paused
    process.communicate()
    assert process.returncode == 0
    same_as_plain(runs, "wished")
    assert paused + 1 in [event["step"] for event in runs.events("wished") if event["event"] == "saved"]


def until_told(runs: Runs, name: str, code: str) -> int:
    """Wait for a warning; the step that it names."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        for event in runs.events(name):
            if event["event"] == "warned" and event["code"] == code:
                return int(event["detail"]["step"])
        time.sleep(0.05)
    pytest.fail(f"never told: {code}")


def test_a_restart_moves_the_old_run_to_the_trash(runs: Runs) -> None:
    runs.job("again", max_steps=1)
    old = RunFolder(runs.folder / "again")
    old.begin(Job(model=str(MODEL), data=(Source(path=str(RECORDS)),), output=str(old.root), max_steps=2), None)
    said = runs.finish("again", "--restart")
    moved = re.search(r"the old run is now in (.+)", said)
    assert moved and (Path(moved[1]) / "job.json").is_file()
    shutil.rmtree(moved[1])
    assert runs.record("again")["steps"] == 1


def test_targets_that_the_model_lacks_are_a_bad_job(runs: Runs) -> None:
    runs.job("targets", lora="{targets: [no_such_module]}")
    process = runs.start("targets", "--json")
    out, _ = process.communicate()
    assert process.returncode == 2
    error = json.loads(out)["errors"][0]
    assert error["kind"] == "bad_job"
    assert "no_such_module" in error["message"]
