"""What the run folders tell: each run's state, how far it came, and its losses."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from doctor.quick_dataclass import dataclass
from doctor.run_folder import RunFolder

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.paths import Home
    from doctor.run_folder import State
    from trainer.contract import Job


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run as its folder has it."""

    folder: Path
    state: State
    job: Job | None
    step: int
    steps: int
    losses: tuple[float, ...]
    held_out: tuple[float, ...]
    """Losses on data that was not trained on."""
    finished: str
    """When, in UTC; empty while it is not."""


def read_runs(home: Home) -> tuple[Run, ...]:
    """The runs in tunedoc's folder, the one that was touched last first."""
    if not home.runs.is_dir():
        return ()
    folders = [folder for folder in home.runs.iterdir() if folder.is_dir()]
    found = [(_touched(folder), read_run(folder)) for folder in folders]
    return tuple(run for _, run in sorted(found, key=lambda pair: -pair[0]) if run.state != "new")


def read_run(root: Path) -> Run:
    """One run. What is missing or damaged in its folder is left out."""
    folder = RunFolder(root)
    record = folder.read_record() or {}
    losses: list[float] = []
    held_out: list[float] = []
    step = steps = 0
    for event in _events(folder.events):
        loss = event.get("loss")
        if not isinstance(loss, int | float):
            continue
        if event.get("event") == "progressed":
            losses.append(float(loss))
            step, steps = _count(event.get("step")), _count(event.get("steps"))
        elif event.get("event") == "evaluated":
            held_out.append(float(loss))
    return Run(
        folder=root,
        state=folder.state,
        job=folder.read_job(),
        step=step,
        steps=steps,
        losses=tuple(losses),
        held_out=tuple(held_out),
        finished=str(record.get("finished", "")),
    )


def _events(file: Path) -> list[dict[str, Any]]:
    events = []
    try:
        with file.open(encoding="utf-8", errors="replace") as stream:
            for line in stream:
                try:
                    event = json.loads(line)
                except ValueError:
                    continue  # half a line of a doctor that was killed
                if isinstance(event, dict):
                    events.append(event)
    except OSError:
        return events
    return events


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0


def _touched(folder: Path) -> float:
    try:
        return max((file.stat().st_mtime for file in folder.glob("*.json*")), default=0.0)
    except OSError:
        return 0.0
