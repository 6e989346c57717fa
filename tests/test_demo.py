"""The main job once, end to end, with real parts and a model small enough for a test."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from doctor.demo import DATA, PROMPTS, demo_job
from trainer.records import DataFile, Record

if TYPE_CHECKING:
    from doctor.environment import Environment
    from doctor.paths import Home

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "tests" / "models" / "aidreams260k"

WIDEN = """
import json, shutil, sys
from pathlib import Path
import torch
from safetensors.torch import load_file, save_file

source, target, width = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
shutil.copytree(source, target)
config = json.loads((target / "config.json").read_text(encoding="utf-8"))
missing = width - config["intermediate_size"]
tensors = load_file(target / "model.safetensors")
for name, tensor in tensors.items():
    if "gate_proj" in name or "up_proj" in name:
        tensors[name] = torch.cat([tensor, torch.zeros(missing, tensor.shape[1])])
    elif "down_proj" in name:
        tensors[name] = torch.cat([tensor, torch.zeros(tensor.shape[0], missing)], dim=1).contiguous()
save_file(tensors, target / "model.safetensors", metadata={"format": "pt"})
config["intermediate_size"] = width
(target / "config.json").write_text(json.dumps(config), encoding="utf-8")
"""
"""Zeros where nothing was: the same function, with rows that llama.cpp's block formats can divide."""


@pytest.fixture(scope="session")
def divisible_model(environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """aidreams260k with its inner width padded from 172 to 192, a multiple of 32."""
    target = tmp_path_factory.mktemp("models") / "aidreams 宽"
    subprocess.run([environment.python, "-c", WIDEN, MODEL, target, "192"], check=True, timeout=120)
    return target


def demo(home: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "doctor", "demo", *arguments],
        cwd=ROOT,
        env={**os.environ, "TUNEDOC_HOME": str(home), "TUNEDOC_LANG": "en"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        encoding="utf-8",
        timeout=900,
    )


@pytest.fixture(scope="session")
def demo_home(test_home: Home, environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh tunedoc folder that shares the training environment of the tests."""
    home = tmp_path_factory.mktemp("demo") / "家 home"
    home.mkdir()
    (home / "environments").symlink_to(test_home.environments, target_is_directory=True)
    return home


@pytest.fixture(scope="session")
def first_run(demo_home: Path, divisible_model: Path) -> dict[str, Any]:
    done = demo(demo_home, "--yes", "--offline-ok", "--json", "--model", str(divisible_model))
    assert done.returncode == 0, done.stderr
    data: dict[str, Any] = json.loads(done.stdout)["data"]
    return data


@pytest.mark.slow
def test_the_demo_ends_with_answers_of_the_tuned_model(first_run: dict[str, Any]) -> None:
    assert [answer["prompt"] for answer in first_run["answers"]] == list(PROMPTS)
    assert all(answer["after"].strip() for answer in first_run["answers"])
    assert any(answer["after"] != answer["before"] for answer in first_run["answers"])


@pytest.mark.slow
def test_the_loss_on_held_out_records_falls(first_run: dict[str, Any]) -> None:
    assert first_run["loss_after"] < first_run["loss_before"]


@pytest.mark.slow
def test_the_files_are_gguf(first_run: dict[str, Any]) -> None:
    assert {file["type"] for file in first_run["files"]} == {"Q8_0", "Q4_K_M"}
    for file in first_run["files"]:
        path = Path(file["path"])
        assert path.stat().st_size == file["bytes"]
        assert path.read_bytes()[:4] == b"GGUF"


@pytest.mark.slow
def test_a_second_run_uses_what_is_there_and_says_the_same(
    first_run: dict[str, Any], demo_home: Path, divisible_model: Path
) -> None:
    done = demo(demo_home, "--yes", "--offline-ok", "--json", "--model", str(divisible_model))
    assert done.returncode == 0, done.stderr
    again = json.loads(done.stdout)["data"]
    reused = {station["station"] for station in again["stations"] if station["reused"]}
    assert reused == {"install", "model", "before", "train", "export"}
    assert again["answers"] == first_run["answers"]


@pytest.mark.slow
def test_the_words_tell_every_station_and_show_the_answers(
    first_run: dict[str, Any], demo_home: Path, divisible_model: Path
) -> None:
    done = demo(demo_home, "--yes", "--offline-ok", "--model", str(divisible_model))
    assert done.returncode == 0, done.stderr
    for station in (
        "check this machine",
        "training environment",
        "base model",
        "fine-tune",
        "export",
        "asked the same",
    ):
        assert station in done.stderr
    assert "Who are you?" in done.stdout
    assert "chat" in done.stdout.splitlines()[-1]


@pytest.mark.slow
def test_without_a_hub_an_unknown_model_is_refused_before_anything_is_trained(
    demo_home: Path, environment: Environment
) -> None:
    done = demo(demo_home, "--yes", "--offline-ok", "--json", "--model", "somebody/some-model")
    envelope = json.loads(done.stdout)
    assert done.returncode == 2
    assert "somebody/some-model" in envelope["errors"][0]["message"]
    assert "tunedoc model get" in envelope["errors"][0]["hint"]


def test_the_run_is_named_by_what_decides_its_result(home: Home, tmp_path: Path) -> None:
    one, other = demo_job(home, tmp_path / "a"), demo_job(home, tmp_path / "b")
    assert one.output != other.output
    assert demo_job(home, tmp_path / "a") == one


def test_the_shipped_records_are_all_usable() -> None:
    rows = list(DataFile(DATA))
    assert len(rows) == 268
    assert all(isinstance(row, Record) for row in rows)
