"""Which GPUs the processes of a job get, which torch is refused, and how the end of one of them is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor.environment import Environment
from doctor.errors import BadInput, ExitCode, TunedocError, WorkerFailed
from doctor.host.real import RealHost
from doctor.launching import choose_cards, installed_torch, member_variables, require_gloo, visible_cards
from doctor.run_folder import RunFolder, changed_field
from doctor.team import Team
from doctor.words.text import render
from doctor.worker import Worker, ending
from trainer.contract import Event, Failed, Finished, Job, Saved, Source, Staged, Started, Warned, write_event

if TYPE_CHECKING:
    from collections.abc import Mapping

ROOT = Path(__file__).parent.parent.parent
MODEL = ROOT / "tests" / "models" / "aidreams260k"
RECORDS = ROOT / "tests" / "data" / "llamafactory" / "identity.json"


class With(RealHost):
    """This machine, with these variables."""

    def __init__(self, **environ: str) -> None:
        super().__init__()
        kept = {name: value for name, value in self.environ.items() if name != "CUDA_VISIBLE_DEVICES"}
        self.environ: Mapping[str, str] = {**kept, **environ}


def cuda_environment(folder: Path) -> Environment:
    return Environment(
        folder=folder, stack="none", device="cuda", python=folder / "bin" / "python", converter=folder, lock=folder
    )


# ----------------------------------------------------------------------------------------------------------- the GPUs


@pytest.mark.parametrize(
    ("value", "cards"),
    [("0,1", ("0", "1")), (" 1 , 0 ", ("1", "0")), ("GPU-5a,GPU-6b,2", ("GPU-5a", "GPU-6b", "2")), ("", ()), ("-1", ()),
     ("0,-1,1", ("0",))],
)  # fmt: skip
def test_the_cards_are_those_that_cuda_would_see(value: str, cards: tuple[str, ...]) -> None:
    assert visible_cards(value) == cards


def test_each_process_gets_one_of_the_cards_that_the_user_left_visible(tmp_path: Path) -> None:
    host = With(CUDA_VISIBLE_DEVICES="3,1,0")
    assert choose_cards(host, cuda_environment(tmp_path), 2) == ("3", "1")
    assert choose_cards(host, cuda_environment(tmp_path), 1) == ("3",)


def test_more_processes_than_visible_cards_are_refused_with_what_is_there(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        choose_cards(With(CUDA_VISIBLE_DEVICES="1"), cuda_environment(tmp_path), 2)
    assert (caught.value.exit_code, caught.value.field) == (ExitCode.USAGE, "processes")
    assert "wants 2 processes" in render(caught.value.message, "en")
    assert "leaves 1: `1`" in render(caught.value.message, "en")
    assert caught.value.hint is not None
    assert "`--processes 1`" in render(caught.value.hint, "zh")


def test_on_a_machine_without_a_gpu_the_processes_share_the_cpu(tmp_path: Path) -> None:
    assert choose_cards(With(), replace(cuda_environment(tmp_path), device="cpu"), 2) == ()


def test_a_process_that_sees_one_card_finds_it_as_its_first() -> None:
    own = member_variables(1, 2, 5000, "windows", own_card=True)
    assert (own["RANK"], own["LOCAL_RANK"], own["WORLD_SIZE"], own["USE_LIBUV"]) == ("1", "0", "2", "0")
    assert (own["MASTER_ADDR"], own["MASTER_PORT"]) == ("127.0.0.1", "5000")
    shared = member_variables(1, 2, 5000, "linux", own_card=False)
    assert shared["LOCAL_RANK"] == "1"
    assert "USE_LIBUV" not in shared


# -------------------------------------------------------------------------------------------------------------- torch


@pytest.mark.parametrize("version", ["2.8.0+cu128", "2.9.1", "2.10.0+cu130"])
def test_windows_wheels_without_gloo_are_refused_with_the_reason(version: str) -> None:
    with pytest.raises(TunedocError) as caught:
        require_gloo("windows", version, None)
    assert caught.value.exit_code == ExitCode.FAILED
    assert version in render(caught.value.message, "zh")
    assert caught.value.hint is not None
    assert "2.11" in render(caught.value.hint, "en")
    require_gloo("linux", version, None)


@pytest.mark.parametrize("version", ["2.7.1", "2.11.0+cpu", "2.13.0", None])
def test_other_wheels_are_not_refused(version: str | None) -> None:
    require_gloo("windows", version, None)


def test_the_files_count_more_than_the_release() -> None:
    require_gloo("windows", "2.9.1", True)
    with pytest.raises(TunedocError):
        require_gloo("windows", "2.13.0", False)


def test_torch_is_asked_by_its_files(tmp_path: Path) -> None:
    environment = cuda_environment(tmp_path)
    for site in (tmp_path / "Lib" / "site-packages", tmp_path / "lib" / "python3.11" / "site-packages"):
        (site / "torch").mkdir(parents=True, exist_ok=True)
        (site / "torch" / "version.py").write_text("__version__ = '2.9.1+cu128'\ncuda = '12.8'\n", encoding="utf-8")
    assert installed_torch(environment, "windows") == ("2.9.1+cu128", None)
    assert installed_torch(environment, "linux") == ("2.9.1+cu128", None)
    assert installed_torch(cuda_environment(tmp_path / "empty"), "linux") == (None, None)


# --------------------------------------------------------------------------------------------------- the command line


def command(home: Path, folder: Path, *options: str, **environ: str) -> tuple[int, dict[str, str]]:
    """`tunedoc train` on a machine whose training environment is for GPUs; nothing of it is ever started."""
    environment = home / "environments" / "cuda-1"
    environment.mkdir(parents=True)
    (environment / "python").write_bytes(b"")
    record = {"schema": 1, "stack": "s", "device": "cuda", "python": "python", "converter": ".", "lock": "."}
    (environment / "environment.json").write_text(json.dumps(record), encoding="utf-8")
    (home / "environments" / "current.json").write_text(json.dumps({"environment": "cuda-1"}), encoding="utf-8")
    job = folder / "job.yaml"
    job.write_text(f"model: '{MODEL}'\ndata: '{RECORDS}'\noutput: '{folder / 'run'}'\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "doctor", "train", str(job), "--json", "--lang", "en", *options],
        cwd=ROOT,
        env={**os.environ, "TUNEDOC_HOME": str(home), **environ},
        capture_output=True,
        stdin=subprocess.DEVNULL,
    )
    error: dict[str, str] = json.loads(done.stdout)["errors"][0]
    assert not (folder / "run").exists()
    return done.returncode, error


@pytest.mark.parametrize("number", ["0", "65", "-2", "two"])
def test_a_number_of_processes_that_is_none_is_a_usage_error(number: str, tmp_path: Path) -> None:
    code, error = command(tmp_path / "home", tmp_path, f"--processes={number}")
    assert (code, error["code"]) == (ExitCode.USAGE, "usage")
    assert "processes" in error["message"]


def test_too_few_gpus_are_told_before_anything_is_written(nvml_library: Path, tmp_path: Path) -> None:
    cards = tmp_path / "cards.ini"
    cards.write_text("gpu RTX 5060 Ti\nmemory 16311\ngpu RTX 5060 Ti\nmemory 16311\n", encoding="utf-8")
    code, error = command(
        tmp_path / "home",
        tmp_path,
        "--processes",
        "3",
        LD_LIBRARY_PATH=str(nvml_library),
        TUNEDOC_SIMULATED_NVML=str(cards),
    )
    assert (code, error["field"]) == (ExitCode.USAGE, "processes")
    assert "this machine has 2" in error["message"]
    assert "`--processes 2`" in error["hint"]


# ----------------------------------------------------------------------------------------------- going on with a run


def job(**fields: int) -> Job:
    return Job(model="m", data=(Source(path="d"),), output="o", **fields)  # type: ignore[arg-type]


def test_a_run_goes_on_with_other_processes_while_a_step_has_as_many_records() -> None:
    assert changed_field(job(per_device_batch_size=8), job(per_device_batch_size=4, processes=2)) is None
    assert changed_field(job(gradient_accumulation=4, processes=2), job(gradient_accumulation=8)) is None
    assert changed_field(job(), job(processes=2)) == "processes"
    assert changed_field(job(), job(per_device_batch_size=4)) == "per_device_batch_size"


def test_each_process_has_a_log_and_a_request_of_its_own(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path)
    assert folder.member_log(0) == folder.log
    assert folder.member_log(1).name == "trainer-1.log"
    assert folder.member_request(0) != folder.member_request(1)


# ------------------------------------------------------------------------------------------- how the end of one is told

STARTED = Started(program="train")
MEET = Staged(stage="meet")
MET = Staged(stage="meet", seconds=0.1, detail={"processes": 2})
SAVED = Saved(step=12, path="p")
LOST = Failed(kind="process_lost", message="another process does not answer")
APART = Failed(kind="no_group", message="could not meet the others: the port is taken")

SPEAK = """
import os, sys, time
for line in sys.argv[2:]:
    print(line, flush=True)
end = sys.argv[1]
if end == "wait":
    sys.stdin.read()
    time.sleep(600)
if end == "late":
    time.sleep(0.5)
    end = "1"
os._exit(int(end))
"""
"""Says what it is told to, then waits, or ends with a code."""


class Stage:
    """Starts programs that speak their parts, one list of parts for each start."""

    def __init__(self, folder: Path, *starts: list[tuple[str, tuple[Event, ...]]]) -> None:
        self.folder = folder
        self.starts = list(starts)
        self.store_files: list[str] = []
        self.workers: list[Worker] = []
        self.told: list[Event] = []

    def start(self, store_file: str) -> list[Worker]:
        self.store_files.append(store_file)
        parts = self.starts.pop(0)
        workers = []
        for rank, (end, events) in enumerate(parts):
            log = self.folder / f"trainer-{rank}.log"
            lines = [write_event(event) for event in events]
            argv = [sys.executable, "-c", SPEAK, end, *lines]
            workers.append(Worker(RealHost().start(argv, stderr=log), log))
        self.workers += workers
        return workers

    def play(self) -> Finished:
        try:
            return Team(self.start, self.folder).follow(self.told.append)
        finally:
            # None is left behind, whatever came of it.
            for worker in self.workers:
                worker.process.wait(10.0)

    def failure(self) -> WorkerFailed:
        with pytest.raises(WorkerFailed) as caught:
            self.play()
        return caught.value


def test_one_that_vanishes_ends_the_others_and_is_named(tmp_path: Path) -> None:
    failed = Stage(tmp_path, [("wait", (STARTED, MEET, MET, SAVED)), ("late", ())]).failure()
    assert failed.kind == "process_lost"
    assert "process 2 of 2 ended in the middle of the training (exit code 1)" in render(failed.message, "en")
    assert failed.hint is not None
    assert "go on from step 12" in render(failed.hint, "en")
    assert "第 12 步" in render(failed.hint, "zh")


def test_before_the_first_checkpoint_the_hint_promises_no_step(tmp_path: Path) -> None:
    failed = Stage(tmp_path, [("wait", (STARTED, MEET, MET)), ("late", ())]).failure()
    assert failed.hint is not None
    assert "to start again" in render(failed.hint, "en")


def test_a_process_that_says_why_it_failed_is_believed_before_one_that_missed_it(tmp_path: Path) -> None:
    full = Failed(kind="out_of_memory", message="CUDA out of memory", device="cuda:0")
    stage = Stage(tmp_path, [("1", (STARTED, MEET, MET, LOST)), ("late", (full,))])
    assert stage.failure().kind == "out_of_memory"
    assert stage.told[-1] == full


def test_processes_that_could_not_meet_are_started_once_more_and_meet_by_a_file(tmp_path: Path) -> None:
    whole = Finished(result={"step": 3})
    stage = Stage(
        tmp_path, [("1", (STARTED, MEET, APART)), ("wait", ())], [("0", (STARTED, MEET, MET, whole)), ("0", ())]
    )
    assert stage.play() == whole
    assert stage.store_files[0] == ""
    assert stage.store_files[1].startswith("meeting-")
    warned = [event for event in stage.told if isinstance(event, Warned)]
    assert [event.code for event in warned] == ["group_by_file"]
    assert "the port is taken" in warned[0].detail["reason"]


def test_processes_that_cannot_meet_by_a_file_either_fail_with_the_reason(tmp_path: Path) -> None:
    apart = [("1", (STARTED, MEET, APART)), ("wait", ())]
    failed = Stage(tmp_path, apart, list(apart)).failure()
    assert failed.kind == "no_group"
    assert "the port is taken" in render(failed.message, "zh")
    assert failed.hint is not None
    assert "--processes 1" in render(failed.hint, "en")


def test_processes_that_hang_while_they_meet_are_started_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("doctor.team._MEETING_SECONDS", 0.5)
    hanging = [("wait", (STARTED, MEET)), ("wait", ())]
    stage = Stage(tmp_path, hanging, list(hanging))
    assert stage.failure().kind == "no_group"
    assert len(stage.store_files) == 2


def test_a_stop_before_they_met_leaves_nobody_waiting(tmp_path: Path) -> None:
    stopped = Finished(result={"step": 0}, stopped=True)
    stage = Stage(tmp_path, [("0", (STARTED, stopped)), ("wait", ())])
    assert stage.play() == stopped


@pytest.mark.parametrize(
    ("code", "shown", "words"),
    [
        (3221225477, "0xC0000005", "memory that is not its own"),
        (0xC000012D, "0xC000012D", "page file"),
        (-9, "-9", "killed"),
        (-11, "-11", "memory that is not its own"),
        (7, "7", "exit code 7"),
    ],
)
def test_an_exit_code_is_put_into_words(code: int, shown: str, words: str) -> None:
    said = render(ending(code), "en")
    assert shown in said
    assert words in said
    assert shown in render(ending(code), "zh")
