"""What `tunedoc export` makes of a run that has no adapter, or whose adapter is a judge's."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from doctor.errors import BadInput
from doctor.export_source import find_source
from doctor.run_folder import RunFolder
from doctor.words.text import render

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.paths import Home


def run_of(home: Home, tmp_path: Path, made: str, **fields: object) -> Path:
    base = tmp_path / "base"
    base.mkdir(exist_ok=True)
    run = home.runs / "my run"
    (run / made).mkdir(parents=True)
    (run / "job.json").write_text(json.dumps({"model": str(base), **fields}), encoding="utf-8")
    name = "adapter_config.json" if made == "adapter" else "config.json"
    (run / made / name).write_text("{}", encoding="utf-8")
    return run


def test_a_whole_model_is_exported_by_itself(home: Home, tmp_path: Path) -> None:
    run = run_of(home, tmp_path, "model", tuning="full")
    found = find_source(home, "my run")
    assert found.model == run / "model"
    assert found.adapter is None
    assert found.run == run


def test_an_adapter_is_exported_with_its_base(home: Home, tmp_path: Path) -> None:
    run = run_of(home, tmp_path, "adapter", method="dpo")
    found = find_source(home, str(run))
    assert found.adapter == run / "adapter"
    assert found.model == tmp_path / "base"


@pytest.mark.parametrize("made", ["adapter", "model"])
def test_a_judge_is_not_exported(home: Home, tmp_path: Path, made: str) -> None:
    run_of(home, tmp_path, made, method="reward")
    with pytest.raises(BadInput) as refused:
        find_source(home, "my run")
    assert "reward model" in render(refused.value.message, "en")


@pytest.mark.parametrize("made", ["adapter", "model"])
def test_a_run_with_either_result_is_finished(home: Home, tmp_path: Path, made: str) -> None:
    folder = RunFolder(run_of(home, tmp_path, made))
    assert folder.read_record() is None
    folder.finish({"step": 3})
    assert folder.state == "finished"
    assert folder.result == folder.root / made
