"""Kill -9 a training run at random moments, inside a checkpoint too, and compare every end with an undisturbed one.

    python tests/bench/resume.py --kills 20 --home HOME [--seed 1]

HOME is a tunedoc home with a training environment. Half of the kills come at a random moment of the run, the others
while a checkpoint is being written. Each time the trainer is killed, and in every second trial the doctor with it; then
the same command runs to the end. Says for each: when, what was lost, and whether adapter, losses and counts are equal.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from doctor.paths import Home
from tests.training_runs import Runs

SAVE_STEPS = 3
FIELDS = ("steps", "tokens", "loss_before", "loss_after")


def main() -> int:
    """Carry out the trials; 0 when every end is the same."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chance = random.Random(options.seed)
    with tempfile.TemporaryDirectory(prefix="resume ") as folder:
        runs = Runs(Path(folder), Home(options.home.resolve()))
        begun = time.monotonic()
        job(runs, "plain")
        runs.finish("plain")
        whole = time.monotonic() - begun
        print(f"undisturbed: {runs.record('plain')['steps']} steps, {whole:.1f} s", flush=True)
        told = [trial(runs, number, whole, chance) for number in range(options.kills)]
    same = sum(each["same"] for each in told)
    inside = sum(each["in_checkpoint"] for each in told)
    print(f"{same} of {len(told)} ends are bit for bit the same; {inside} kills were inside a checkpoint", flush=True)
    return 0 if same == len(told) else 1


def job(runs: Runs, name: str) -> None:
    runs.job(name, save_steps=SAVE_STEPS, epochs=1, max_length=192)


def trial(runs: Runs, number: int, whole: float, chance: random.Random) -> dict[str, Any]:
    """One kill and what came of it."""
    name = f"run {number}"
    job(runs, name)
    process = runs.start(name)
    begun = time.monotonic()
    if number % 2:
        until_half_saved(runs.folder / name / "checkpoints", chance.randint(1, 6), begun + 3 * whole)
    else:
        time.sleep(chance.uniform(0.2, 1.0) * whole)
    after = time.monotonic() - begun
    try:
        tree = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        tree = []
    for child in tree:
        kill(child)
    if number % 4 < 2:
        process.kill()
    process.communicate()
    halves = [path.name for path in checkpoints(runs.folder / name) if not (path / "complete.json").is_file()]
    done = max(runs.losses(name), default=0) if (runs.folder / name / "events.jsonl").exists() else 0
    finished = (runs.folder / name / "run.json").exists()
    if not finished:
        runs.finish(name)
    steps = [event["step"] for event in runs.events(name) if event["event"] == "progressed"]
    once = sorted(steps) == sorted(set(steps))
    # A step whose event met no doctor is in nobody's list; the others are bit for bit the same.
    same = (
        runs.adapter(name) == runs.adapter("plain")
        and all(runs.record(name)[field] == runs.record("plain")[field] for field in FIELDS)
        and runs.losses(name).items() <= runs.losses("plain").items()
        and once
    )
    told = {
        "kill": number, "after_seconds": round(after, 1), "at_step": done, "in_checkpoint": bool(halves),
        "doctor_too": number % 4 < 2, "was_finished": finished, "each_step_once": once,
        "loss_after": runs.record(name)["loss_after"], "same": same,
    }  # fmt: skip
    print(json.dumps(told), flush=True)
    return told


def until_half_saved(folder: Path, number: int, until: float) -> None:
    """Wait until the checkpoint of this number is there but not whole, or until a moment."""
    wanted = folder / f"checkpoint-{number * SAVE_STEPS}"
    while time.monotonic() < until and not (wanted.is_dir() and not (wanted / "complete.json").exists()):
        if (wanted / "complete.json").exists():
            return
        time.sleep(0.001)


def checkpoints(run: Path) -> list[Path]:
    return sorted((run / "checkpoints").glob("checkpoint-*"))


def kill(process: psutil.Process) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        process.kill()


if __name__ == "__main__":
    sys.exit(main())
