"""Runs of every method go on from a checkpoint to the same end, and two processes learn what one does."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

import pytest

from tests.many_trainings import ROOT, job, train_all
from tests.training_runs import Runs, close

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.environment import Environment
    from doctor.paths import Home

pytestmark = pytest.mark.slow

IDENTITY = ROOT / "tests" / "data" / "llamafactory" / "identity.json"


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("偏好 pairs")
    records = json.loads(IDENTITY.read_text(encoding="utf-8"))[:26]
    rows = [
        {"prompt": r["instruction"], "chosen": r["output"], "rejected": " ".join(reversed(r["output"].split()))}
        for r in records
    ]
    judged = [{"prompt": p["prompt"], "completion": p["chosen"], "label": n % 2 == 0} for n, p in enumerate(rows)]
    for name, made in (("pairs", rows), ("judged", judged), ("asked", records)):
        (folder / f"{name}.json").write_text(json.dumps(made, ensure_ascii=False), encoding="utf-8")
    return {name: folder / f"{name}.json" for name in ("pairs", "judged", "asked")}


def test_a_run_of_any_kind_ends_the_same_after_a_break(
    environment: Environment, pairs: dict[str, Path], tmp_path: Path
) -> None:
    fields: dict[str, dict[str, Any]] = {
        "dpo": {"method": "dpo", "data": [pairs["pairs"]]},
        "dpo full": {"method": "dpo", "data": [pairs["pairs"]], "tuning": "full", "learning_rate": 1e-4},
        "kto freeze": {"method": "kto", "data": [pairs["judged"]], "tuning": "freeze"},
        "reward": {"method": "reward", "data": [pairs["pairs"]]},
        "pissa": {"data": [pairs["asked"]], "lora": {"start": "pissa"}},
        "plus": {"data": [pairs["asked"]], "lora": {"plus_ratio": 8.0, "dora": True}},
    }
    steps: dict[str, Any] = {"max_steps": 4, "save_steps": 2, "save_limit": 5, "max_length": 64, "held_out": 0.2}
    whole = train_all(environment, [job(f"{name} whole", tmp_path, **steps, **each) for name, each in fields.items()])
    requests = []
    for name, each in fields.items():
        request = job(f"{name} broken", tmp_path, **steps, **each)
        shutil.copytree(
            tmp_path / f"{name} whole" / "checkpoints" / "checkpoint-2",
            tmp_path / f"{name} broken" / "checkpoints" / "checkpoint-2",
        )
        requests.append({**request, "resume": True})
    broken = train_all(environment, requests)
    for name, one, other in zip(fields, whole, broken, strict=True):
        assert one[-1]["event"] == other[-1]["event"] == "finished", (name, one[-1], other[-1])
        assert [event["step"] for event in other if event["event"] == "progressed"] == [3, 4], name
        assert one[-1]["result"]["loss_after"] == other[-1]["result"]["loss_after"], name
        made = "model" if "full" in name or "freeze" in name else "adapter"
        files = sorted((tmp_path / f"{name} whole" / made).glob("*.safetensors"))
        assert files
        for file in files:
            assert file.read_bytes() == (tmp_path / f"{name} broken" / made / file.name).read_bytes(), name


def test_two_processes_compare_answers_as_one_does(
    environment: Environment, test_home: Home, pairs: dict[str, Path], tmp_path: Path
) -> None:
    runs = Runs(tmp_path, test_home)
    fields: dict[str, object] = {
        "data": pairs["pairs"], "method": "dpo", "max_length": 64, "epochs": 1, "batching": "plain", "held_out": 0.2,
    }  # fmt: skip
    runs.job("alone", **fields, per_device_batch_size=4)
    runs.finish("alone")
    runs.job("together", **fields, per_device_batch_size=2, processes=2)
    runs.finish("together")
    alone, together = runs.loss_curve("alone"), runs.loss_curve("together")
    assert len(alone) == len(together) == 6
    assert all(close(one, other) for one, other in zip(alone, together, strict=True)), (alone, together)
    measured = [
        [event["measures"] for event in runs.events(name) if event["event"] == "evaluated"]
        for name in ("alone", "together")
    ]
    for one, other in zip(*measured, strict=True):
        assert one["accuracy"] == other["accuracy"]
        assert one["margin"] == pytest.approx(other["margin"], abs=1e-4)
