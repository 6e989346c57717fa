"""Runs of `tunedoc train` on the tiny model, to be looked at from outside: on Linux and under Windows Python alike."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psutil
import pytest

if TYPE_CHECKING:
    from doctor.paths import Home

ROOT = Path(__file__).parent.parent
MODEL = ROOT / "tests" / "models" / "aidreams260k"
RECORDS = ROOT / "tests" / "data" / "llamafactory" / "identity.json"
PATIENCE_SECONDS = 1200
"""No test is about time; this only ends a training that would never end."""

NOTICED_SECONDS = 10.0
"""Within this the end of one of several processes is told. The one promise about time that a test looks at."""


@dataclass(frozen=True)
class Runs:
    """Runs `tunedoc train` on jobs that differ in nothing but their folder."""

    folder: Path
    home: Home

    def job(self, name: str, **fields: object) -> Path:
        values: dict[str, object] = {
            "model": MODEL, "data": RECORDS, "output": self.folder / name, "epochs": 2, "max_length": 256,
            "learning_rate": 2e-3, "save_steps": 4, "per_device_batch_size": 4, "threads": 1, **fields,
        }  # fmt: skip
        file = self.folder / f"{name}.yaml"
        file.write_text(
            "".join(f"{key}: {json.dumps(str(v)) if isinstance(v, Path) else v}\n" for key, v in values.items()),
            encoding="utf-8",
        )
        return file

    def start(self, name: str, *options: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "doctor", "train", str(self.folder / f"{name}.yaml"), "--lang", "en", *options],
            cwd=ROOT,
            env={**os.environ, "TUNEDOC_HOME": str(self.home.root), "PYTHONIOENCODING": "utf-8"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
        )

    def finish(self, name: str, *options: str) -> str:
        """Run to the end and return what was said on stderr."""
        process = self.start(name, *options)
        _, said = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 0, said
        return said

    def events(self, name: str) -> list[dict[str, Any]]:
        lines = (self.folder / name / "events.jsonl").read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]

    def losses(self, name: str) -> dict[int, float]:
        """Loss of each step; of a step that was computed twice, the last."""
        return {event["step"]: event["loss"] for event in self.events(name) if event["event"] == "progressed"}

    def loss_curve(self, name: str) -> list[float]:
        """The losses in the order of their steps."""
        losses = self.losses(name)
        return [losses[step] for step in sorted(losses)]

    def trainers(self, name: str) -> dict[int, psutil.Process]:
        """The processes that train in this run's folder, by their rank."""
        found: dict[int, psutil.Process] = {}
        for process in psutil.process_iter():
            try:
                words = process.cmdline()
            except psutil.Error:
                continue
            request = Path(words[-1]) if "trainer" in words else None
            if request is not None and request.parent == self.folder / name:
                found[int(re.sub(r"\D", "", request.stem) or 0)] = process
        return found

    def seconds_until(self, name: str, event: str, *, since: datetime) -> float:
        """How long after a moment the last event of a kind was written down."""
        times = [each["time"] for each in self.events(name) if each["event"] == event]
        return (datetime.fromisoformat(times[-1]) - since).total_seconds()

    def adapter(self, name: str) -> str:
        return hashlib.sha256((self.folder / name / "adapter" / "adapter_model.safetensors").read_bytes()).hexdigest()

    def record(self, name: str) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.folder / name / "run.json").read_text(encoding="utf-8"))
        return found


def until_saved(process: subprocess.Popen[str], step: int) -> None:
    """Wait until the checkpoint of this step is complete."""
    assert process.stderr is not None
    for line in process.stderr:
        match = re.search(r"saved a checkpoint at step (\d+)", line)
        if match and int(match[1]) >= step:
            return
    pytest.fail("the run ended before the checkpoint was saved")


def close(one: float, other: float) -> bool:
    """The same but for the order in which numbers are summed."""
    return abs(one - other) <= 1e-4 * abs(one)


def same_end(runs: Runs, plain: str, name: str) -> None:
    """A run that was interrupted or shared out has come to the end of one that was not."""
    for field in ("steps", "tokens"):
        assert runs.record(name)[field] == runs.record(plain)[field]
    assert close(runs.record(plain)["loss_after"], runs.record(name)["loss_after"])
    before, after = runs.losses(plain), runs.losses(name)
    assert all(close(before[step], loss) for step, loss in after.items()), (before, after)
