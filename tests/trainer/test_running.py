"""Steps learn the same however they are split, when memory runs out too; what diverges leaves a good checkpoint."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from doctor.environment import Environment

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent

SCRIPT = """
import json, math, sys
from dataclasses import asdict, replace
import torch
from trainer import recipe, steps, telling, whole_steps
from trainer.contract import Job, Source, TrainRequest
from trainer.program import Refusal

root, folder = sys.argv[1], sys.argv[2]
plain_loss = steps.LoraTrainer.compute_loss
job = Job(
    model=f"{root}/tests/models/aidreams260k", data=(Source(path=f"{root}/tests/data/llamafactory/identity.json"),),
    output="", held_out=0, max_length=192, learning_rate=2e-3, per_device_batch_size=4, gradient_accumulation=4,
    threads=1, max_steps=5, save_steps=2, precision="fp32",
)

class Ear:
    def __init__(self):
        self.heard = []
    def __call__(self, event):
        self.heard.append({"event": type(event).__name__, **asdict(event)})
    def close(self, *, well):
        pass

said = {}

def run(name, loss=None, **fields):
    ear = Ear()
    telling.keep(ear)
    steps.LoraTrainer.compute_loss = loss or plain_loss
    failed = None
    try:
        recipe.train(TrainRequest(job=replace(job, output=f"{folder}/{name}", **fields), resume=True))
    except Refusal as refusal:
        failed = refusal.kind
    finally:
        telling.close_ledgers(well=failed is None)
    of = lambda kind: [each for each in ear.heard if each["event"] == kind]
    said[name] = {
        "losses": [each["loss"] for each in of("Progressed")],
        "tokens": [each["tokens"] for each in of("Progressed")],
        "warned": [(each["code"], each["detail"]) for each in of("Warned")],
        "saved": [each["step"] for each in of("Saved")],
        "failed": failed,
    }

run("plain", batching="plain")
run("same", batching="same_records")
run("tight", batching="same_records", micro_batch_tokens=200)

def too_large(self, model, inputs, *rest, **more):
    if inputs["input_ids"].numel() > 400:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
    return plain_loss(self, model, inputs, *rest, **more)

run("short of memory", too_large, batching="same_records")
run("short of memory, plain", too_large, batching="plain", per_device_batch_size=16, gradient_accumulation=1)

calls = []
def once(self, model, inputs, *rest, **more):
    calls.append(1)
    if len(calls) == 7:
        raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes")
    return plain_loss(self, model, inputs, *rest, **more)

run("in the middle", once, batching="plain")

def never(self, model, inputs, *rest, **more):
    raise torch.OutOfMemoryError("CUDA out of memory.")

run("never enough", never)

def broken(self, model, inputs, *rest, **more):
    loss = plain_loss(self, model, inputs, *rest, **more)
    return loss * float("nan") if self.state.global_step == 2 else loss

run("no number", broken)

def broken_gradient(self, model, inputs, *rest, **more):
    loss = plain_loss(self, model, inputs, *rest, **more)
    if self.state.global_step == 3:
        loss.register_hook(lambda gradient: gradient * float("inf"))
    return loss

run("no gradient", broken_gradient)
print("SAID " + json.dumps(said), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def said(environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What all runs said; they are carried out in one process, because importing torch takes seconds."""
    # A stdin that nobody closes: its end would be the wish to stop.
    inlet, outlet = os.pipe()
    ran = subprocess.run(
        [str(environment.python), "-c", SCRIPT, str(ROOT), str(tmp_path_factory.mktemp("running"))],
        stdin=inlet,
        capture_output=True,
        encoding="utf-8",
        env={
            **{name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"},
            "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1",
        },
    )  # fmt: skip
    os.close(inlet)
    os.close(outlet)
    lines = [line for line in ran.stderr.splitlines() if line.startswith("SAID ")]
    assert lines, ran.stderr[-4000:]
    found: dict[str, Any] = json.loads(lines[-1][5:])
    return found


@pytest.mark.parametrize("name", ["same", "tight", "short of memory", "short of memory, plain", "in the middle"])
def test_a_step_learns_the_same_however_it_is_split(said: dict[str, Any], name: str) -> None:
    assert said[name]["failed"] is None
    assert said[name]["tokens"] == said["plain"]["tokens"]
    assert len(said[name]["losses"]) == 5
    for one, other in zip(said["plain"]["losses"], said[name]["losses"], strict=True):
        assert abs(one - other) < 1e-4


def test_memory_that_runs_out_is_told_with_what_became_of_it(said: dict[str, Any]) -> None:
    codes = [(code, detail) for code, detail in said["short of memory"]["warned"] if code.startswith("smaller")]
    assert codes
    assert all(code == "smaller_tokens" and detail["after"] == detail["before"] // 2 for code, detail in codes)
    codes = [(code, detail) for code, detail in said["short of memory, plain"]["warned"] if code.startswith("smaller")]
    assert ("smaller_records", {"before": 16, "after": 8}) in map(tuple, codes)


def test_one_record_that_does_not_fit_ends_the_run(said: dict[str, Any]) -> None:
    assert said["never enough"]["failed"] == "out_of_memory"


def test_a_loss_that_is_no_number_ends_the_run_before_it_is_saved(said: dict[str, Any]) -> None:
    assert said["no number"]["failed"] == "diverged"
    assert said["no number"]["saved"] == [2]


def test_a_gradient_that_is_no_number_ends_the_run_before_it_is_saved(said: dict[str, Any]) -> None:
    assert said["no gradient"]["failed"] == "diverged"
    assert said["no gradient"]["saved"] == [2]
