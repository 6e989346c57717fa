"""Job files: what is right is read with its defaults, what is wrong is named with its line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor.errors import BadInput, ExitCode
from doctor.jobs import read_job
from doctor.words.text import render
from trainer.contract import Job, Lora, Source

if TYPE_CHECKING:
    from doctor.paths import Home

ROOT = Path(__file__).parent.parent.parent
MODEL = ROOT / "tests" / "models" / "aidreams260k"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "my jobs 任务"
    place.mkdir()
    (place / "data.jsonl").write_text('{"prompt": "a", "completion": "b"}\n', encoding="utf-8")
    return place


def job_file(folder: Path, text: str) -> Path:
    file = folder / "first.yaml"
    file.write_text(text, encoding="utf-8")
    return file


def test_paths_are_relative_to_the_job_and_the_rest_has_defaults(folder: Path, home: Home) -> None:
    job = read_job(job_file(folder, f"model: '{MODEL}'\ndata: data.jsonl\n"), home)
    assert job == Job(
        model=str(MODEL), data=(Source(path=str(folder / "data.jsonl")),), output=str(home.runs / "first")
    )


def test_every_field_can_be_written(folder: Path, home: Home) -> None:
    text = f"""\
model: '{MODEL}'
data: [data.jsonl, data.jsonl]
output: out
learning_rate: 2e-4
epochs: 3
max_steps: -1
scheduler: linear
precision: fp32
assistant_only_loss: false
lora:
  rank: 8
  dropout: 0.1
  targets: [q_proj, v_proj]
"""
    job = read_job(job_file(folder, text), home)
    assert job.output == str(folder / "out")
    assert job.learning_rate == 2e-4
    assert (job.epochs, job.scheduler, job.assistant_only_loss) == (3.0, "linear", False)
    assert job.lora == Lora(rank=8, dropout=0.1, targets=("q_proj", "v_proj"))


def test_a_model_may_be_named_by_its_id(folder: Path, home: Home) -> None:
    (home.models / "small").mkdir(parents=True)
    job = read_job(job_file(folder, "model: small\ndata: data.jsonl\n"), home)
    assert job.model == str(home.models / "small")


@pytest.mark.parametrize(
    ("text", "line", "field", "words"),
    [
        ("", None, None, "empty"),
        ("- a\n- b\n", 1, None, "name: value"),
        ("model: [\n", 2, None, "not valid YAML"),
        ("model: x\n\tdata: y\n", 2, None, "not valid YAML"),
        ("data: data.jsonl\n", 1, "model", "does not say its `model`"),
        ("model: m\n", 1, "data", "does not say its `data`"),
        ("model: m\ndata: data.jsonl\nlearnin_rate: 1\n", 3, "learnin_rate", "no field `learnin_rate`"),
        ("model: m\nlora:\n  rnk: 4\n", 3, "lora.rnk", "no field `lora.rnk`"),
        ("model: m\nlora: 4\n", 2, "lora", "fields of its own"),
        ("model: m\nmodel: m\n", 2, "model", "twice"),
        ("model: m\nepochs: many\n", 2, "epochs", "must be a number, and not `many`"),
        ("model: m\nepochs: 0\n", 2, "epochs", "cannot be 0"),
        ("model: m\nprocesses: 0\n", 2, "processes", "1 … 64"),
        ("model: m\nprocesses: two\n", 2, "processes", "a whole number"),
        ("model: m\nepochs: .nan\n", 2, "epochs", "cannot be .nan"),
        ("model: m\nmax_length: 10.5\n", 2, "max_length", "whole number"),
        ("model: m\nsave_steps: true\n", 2, "save_steps", "whole number"),
        ("model: m\nheld_out: 0.6\n", 2, "held_out", "0 … 0.5"),
        ("model: m\nscheduler: cosin\n", 2, "scheduler", "one of: cosine"),
        ("model: m\nassistant_only_loss: maybe\n", 2, "assistant_only_loss", "true or false"),
        ("model: m\ndata: [1]\n", 2, "data", "a list of them"),
        ("model: m\ndata: data.jsonl\n", 1, "model", "there is no model"),
        (f"model: '{MODEL}'\ndata: none.jsonl\n", 2, "data", "there is no data file"),
    ],
)
def test_what_is_wrong_is_named_with_its_line(
    text: str, line: int | None, field: str | None, words: str, folder: Path, home: Home
) -> None:
    with pytest.raises(BadInput) as caught:
        read_job(job_file(folder, text), home)
    error = caught.value
    assert (error.line, error.field, error.exit_code) == (line, field, ExitCode.USAGE)
    assert words in render(error.message, "en")
    assert render(error.message, "zh")


@pytest.mark.parametrize(
    ("written", "nearest"),
    [
        ("learnin_rate", "learning_rate"),
        ("batch_size", "per_device_batch_size"),
        ("num_train_epochs", "epochs"),
        ("num_processes", "processes"),
    ],
)
def test_the_right_name_is_offered(written: str, nearest: str, folder: Path, home: Home) -> None:
    with pytest.raises(BadInput) as caught:
        read_job(job_file(folder, f"model: m\n{written}: 1\n"), home)
    assert caught.value.hint is not None
    assert f"`{nearest}`" in render(caught.value.hint, "en")


def test_a_missing_job_and_a_folder_are_told_apart(tmp_path: Path, home: Home) -> None:
    for place, words in ((tmp_path / "none.yaml", "no such job file"), (tmp_path, "a folder")):
        with pytest.raises(BadInput) as caught:
            read_job(place, home)
        assert words in render(caught.value.message, "en")


def test_a_job_in_another_encoding_is_refused_with_words(tmp_path: Path, home: Home) -> None:
    file = tmp_path / "gbk.yaml"
    file.write_bytes("model: 模型\n".encode("gbk"))
    with pytest.raises(BadInput) as caught:
        read_job(file, home)
    assert "UTF-8" in render(caught.value.message, "en")
