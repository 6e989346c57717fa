"""`tunedoc train` with bad input: a clear error, the documented exit code, and nothing written."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from doctor.cli.main import run
from doctor.environment import Environment
from doctor.errors import BadInput, ExitCode, NoSpace
from doctor.host.real import RealHost
from doctor.launching import card_variables, one_card
from doctor.run_folder import RunFolder, changed_field
from doctor.training import look_at_run, train
from trainer.contract import Job, Lora, Source

if TYPE_CHECKING:
    from doctor.paths import Home

ROOT = Path(__file__).parent.parent.parent
MODEL = ROOT / "tests" / "models" / "aidreams260k"
FAULTY = ROOT / "tests" / "data" / "faulty"


def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Home, job: Path, *options: str
) -> tuple[int, dict[str, Any]]:
    monkeypatch.setenv("TUNEDOC_HOME", str(home.root))
    code = run(["train", str(job), *options, "--json", "--lang", "en"])
    envelope: dict[str, Any] = json.loads(capsys.readouterr().out)
    return code, envelope["errors"][0]


def job_file(folder: Path, **fields: object) -> Path:
    file = folder / "job.yaml"
    values = {"model": MODEL, "data": FAULTY / "duplicates.jsonl", "output": folder / "run", **fields}
    file.write_text("".join(f"{name}: '{value}'\n" for name, value in values.items()), encoding="utf-8")
    return file


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (FAULTY / "syntax.jsonl", 7, "not valid JSON"),
        (FAULTY / "types.jsonl", 2, "`instruction`"),
        (FAULTY / "role_order.json", None, "record 2"),
        (FAULTY / "not_a_list.json", None, "layout"),
        (FAULTY / "preference.json", None, "preference pairs"),
        (ROOT / "tests" / "data" / "llamafactory" / "c4_demo.jsonl", 1, "plain text"),
    ],
    ids=lambda value: value.name if isinstance(value, Path) else "",
)
def test_bad_data_is_named_with_file_and_line(
    data: Path, line: int | None, words: str,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Home, tmp_path: Path,
) -> None:  # fmt: skip
    code, error = command(monkeypatch, capsys, home, job_file(tmp_path, data=data))
    assert code == ExitCode.USAGE
    assert error["file"] == str(data)
    assert error["line"] == line
    assert words in error["message"]
    assert "data check" in error["hint"]
    assert not (tmp_path / "run").exists()
    assert not home.root.exists()


def test_an_empty_data_file_is_a_usage_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Home, tmp_path: Path
) -> None:
    code, error = command(monkeypatch, capsys, home, job_file(tmp_path, data=FAULTY / "empty.jsonl"))
    assert code == ExitCode.USAGE
    assert "empty" in error["message"]


@pytest.mark.parametrize("missing", ["model.safetensors", "config.json", "tokenizer"])
def test_an_incomplete_model_folder_is_named(
    missing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Home, tmp_path: Path
) -> None:
    shutil.copytree(MODEL, tmp_path / "model")
    for file in (tmp_path / "model").glob(f"{missing}*"):
        file.unlink()
    code, error = command(monkeypatch, capsys, home, job_file(tmp_path, model=tmp_path / "model"))
    assert code == ExitCode.USAGE
    assert error["file"].startswith(str(tmp_path / "model"))
    assert not (tmp_path / "run").exists()


def test_without_an_environment_the_hint_is_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Home, tmp_path: Path
) -> None:
    code, error = command(monkeypatch, capsys, home, job_file(tmp_path))
    assert (code, error["code"]) == (ExitCode.FAILED, "not_installed")
    assert "tunedoc install" in error["hint"]
    assert not (tmp_path / "run").exists()


def test_nothing_to_resume_is_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], home: Home, tmp_path: Path
) -> None:
    code, error = command(monkeypatch, capsys, home, job_file(tmp_path), "--resume")
    assert code == ExitCode.USAGE
    assert "resume" in error["message"]


class FullHost(RealHost):
    """A machine whose disk is full."""

    def free_bytes(self, path: Path) -> int:
        return 1 << 20


def job(tmp_path: Path, **fields: Any) -> Job:
    values: dict[str, Any] = {
        "model": str(MODEL), "data": (Source(path=str(FAULTY / "duplicates.jsonl")),), "output": str(tmp_path / "run"),
        **fields,
    }  # fmt: skip
    return Job(**values)


def test_a_full_disk_stops_the_run_before_anything_is_written(home: Home, tmp_path: Path) -> None:
    nowhere = Environment(
        folder=tmp_path, stack="none", device="cpu", python=tmp_path / "none", converter=tmp_path, lock=tmp_path
    )
    with pytest.raises(NoSpace) as caught:
        train(FullHost(), home, nowhere, job(tmp_path), report=lambda event: None)
    assert caught.value.exit_code == ExitCode.FAILED
    assert not (tmp_path / "run").exists()
    assert not home.root.exists()


def test_a_folder_with_other_things_is_refused(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "holiday.jpg").write_bytes(b"")
    with pytest.raises(BadInput):
        look_at_run(RunFolder(tmp_path / "run"), job(tmp_path), resume=False)


def finished(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "run")
    folder.begin(job(tmp_path), None)
    folder.adapter.mkdir()
    (folder.adapter / "adapter_config.json").write_text("{}", encoding="utf-8")
    folder.finish({"steps": 9, "seconds": 1.0, "tokens": 5, "loss_before": 2.0, "loss_after": 1.0})
    return folder


def test_a_finished_run_is_not_trained_again_unless_asked(tmp_path: Path) -> None:
    folder = finished(tmp_path)
    assert folder.state == "finished"
    with pytest.raises(BadInput):
        look_at_run(folder, job(tmp_path), resume=False)


def test_resuming_a_finished_run_reports_it(tmp_path: Path) -> None:
    outcome = look_at_run(finished(tmp_path), job(tmp_path), resume=True)
    assert outcome is not None
    assert (outcome.was_finished, outcome.step, outcome.loss_after) == (True, 9, 1.0)


def test_a_record_without_its_adapter_is_no_finished_run(tmp_path: Path) -> None:
    folder = finished(tmp_path)
    shutil.rmtree(folder.adapter)
    assert folder.state == "unfinished"


def test_a_job_that_changed_cannot_go_on(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.begin(job(tmp_path), None)
    with pytest.raises(BadInput) as caught:
        look_at_run(folder, job(tmp_path, lora=Lora(rank=4)), resume=True)
    assert caught.value.field == "lora"


def test_the_batch_may_be_split_otherwise_when_memory_is_short(tmp_path: Path) -> None:
    before = job(tmp_path, per_device_batch_size=8, gradient_accumulation=1)
    assert changed_field(before, job(tmp_path, per_device_batch_size=4, gradient_accumulation=2)) is None
    assert changed_field(before, job(tmp_path, per_device_batch_size=4)) == "per_device_batch_size"


def test_half_a_line_in_the_events_is_closed_when_the_run_goes_on(tmp_path: Path) -> None:
    folder = RunFolder(tmp_path / "run")
    folder.begin(job(tmp_path), None)
    folder.events.write_text('{"event": "prog', encoding="utf-8")
    folder.begin(job(tmp_path), None)
    assert folder.events.read_text(encoding="utf-8").endswith("\n")


@pytest.mark.parametrize(
    ("set_by_user", "shown"), [(None, "0"), ("1", "1"), ("1,0", "1"), ("GPU-5a1b, 0", "GPU-5a1b"), ("", "")]
)
def test_the_trainer_sees_one_card_and_the_users_choice_counts(set_by_user: str | None, shown: str) -> None:
    environ = {} if set_by_user is None else {"CUDA_VISIBLE_DEVICES": set_by_user}
    assert card_variables(one_card(environ)) == {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", "CUDA_VISIBLE_DEVICES": shown}
