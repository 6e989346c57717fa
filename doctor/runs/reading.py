"""What the run folders tell: each run's state, how far it came, and its losses. A damaged folder is told as such."""

from __future__ import annotations

import json
import os
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from doctor.errors import BadInput
from doctor.holding import is_held
from doctor.quick_dataclass import dataclass
from doctor.run_folder import RunFolder
from doctor.words.text import text
from trainer.contract import Source
from trainer.metrics import METRICS, SAMPLES, Row, Sample, read_metrics, read_samples

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doctor.paths import Home
    from trainer.contract import Job

State = Literal["running", "unfinished", "finished", "damaged"]

_END_BYTES = 1 << 16
"""How much of a file of events is read from its beginning and from its end, where everything else is in the table."""
_MARKS = ("job.json", "run.json", "events.jsonl", METRICS, "adapter", "checkpoints", "job.yaml")
"""Any of these in a folder makes it a run, or what is left of one."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """One run as its folder has it. What is missing or damaged there is empty here."""

    folder: Path
    state: State
    job: Job | None
    rows: tuple[Row, ...]
    """What was measured, in the order of the steps, each once."""
    steps: int
    """Optimizer steps that the whole run takes; 0 when it never came to the first."""
    begun: str
    """When, in UTC."""
    finished: str
    """When, in UTC; empty while it is not."""
    touched: float
    """When something in it was last written, in seconds since 1970."""
    failure: str
    """Why the last session failed, in English; empty when it did not."""
    versions: dict[str, str]
    """Of the packages that the last session trained with."""
    record: dict[str, Any]
    """run.json of a finished run."""

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def step(self) -> int:
        """The last optimizer step that was measured."""
        return max((row.step for row in self.rows), default=0)

    @property
    def losses(self) -> tuple[float, ...]:
        """Of the training steps."""
        return tuple(row.loss for row in self.rows if row.loss is not None)

    @property
    def held_out(self) -> tuple[float, ...]:
        """Losses on data that was not trained on."""
        return tuple(row.held_out_loss for row in self.rows if row.held_out_loss is not None)

    @property
    def model(self) -> str:
        """The name of the base model; empty where the job cannot be read."""
        return Path(self.job.model).name if self.job is not None else ""


def read_runs(home: Home) -> tuple[Run, ...]:
    """The runs in tunedoc's folder, the one that was touched last first."""
    try:
        folders = [folder for folder in home.runs.iterdir() if folder.is_dir()]
    except OSError:
        return ()
    found = [run for folder in folders if (run := read_run(folder)) is not None]
    return tuple(sorted(found, key=lambda run: (-run.touched, run.name)))


def find_run(home: Home, name: str) -> Run:
    """The run of this name in tunedoc's folder, or in the folder that is named. Raises BadInput."""
    plain = Path(name).name == name and name not in {".", ".."}
    for folder in ([home.runs / name] if plain else []) + [Path(name).expanduser().absolute()]:
        run = read_run(folder) if folder.is_dir() else None
        if run is not None:
            return run
    from difflib import get_close_matches

    known = [run.name for run in read_runs(home)]
    near = get_close_matches(name, known, n=1)
    hint = text("runs.nearest", name=near[0]) if near else text("runs.list_hint")
    raise BadInput(text("runs.no_run", name=name), hint=hint)


def read_run(root: Path) -> Run | None:
    """One run; None when the folder is none."""
    if not any((root / mark).exists() for mark in _MARKS):
        return None
    folder = RunFolder(root)
    record = folder.read_record()
    job = folder.read_job()
    job = job if job is not None and _is_sound(job) else None
    rows = read_metrics(root / METRICS)
    # A run of an older tunedoc has no table, and everything in its events.
    events = _events(folder.events, whole=not rows)
    rows = rows or _rows(events)
    return Run(
        folder=root,
        state=_state(folder, job, record),
        job=job,
        rows=tuple(rows),
        steps=_last(events, "progressed", "steps") or _count((record or {}).get("steps")),
        begun=next((str(event["time"]) for event in events if isinstance(event.get("time"), str)), ""),
        finished=str((record or {}).get("finished", "")),
        touched=_touched(root),
        failure=_failure(events) if record is None else "",
        versions=_versions(events),
        record=record or {},
    )


def samples_of(run: Run) -> list[Sample]:
    """What the model answered to the job's sample prompts, in the order of the steps."""
    return read_samples(run.folder / SAMPLES)


def folder_bytes(folder: Path) -> int:
    """What all files in a folder take, links not followed; what cannot be looked at counts nothing."""
    total = 0
    waiting = [str(folder)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    try:
                        if entry.is_dir(follow_symlinks=False):
                            waiting.append(entry.path)
                        elif entry.is_file(follow_symlinks=False):
                            total += entry.stat(follow_symlinks=False).st_size
                    except OSError:
                        continue
        except OSError:
            continue
    return total


def _state(folder: RunFolder, job: Job | None, record: dict[str, Any] | None) -> State:
    if job is not None and is_held(folder.root / "trainer.lock"):
        return "running"
    if job is None or (record is None and folder.record.exists()):
        return "damaged"
    return "finished" if record is not None else "unfinished"


def _is_sound(job: Job) -> bool:
    """Whether the fields that are looked at are what they should be: anything can stand in a damaged file."""
    sources = job.data if isinstance(job.data, tuple) else None
    return (
        sources is not None
        and all(isinstance(source, Source) and isinstance(source.path, str) for source in sources)
        and isinstance(job.model, str)
        and isinstance(job.output, str)
    )


def _events(file: Path, *, whole: bool) -> list[dict[str, Any]]:
    try:
        with file.open("rb") as stream:
            content = stream.read(-1 if whole else _END_BYTES)
            if not whole and len(content) == _END_BYTES:
                begin = max(_END_BYTES, stream.seek(0, os.SEEK_END) - _END_BYTES)
                stream.seek(begin)
                content += b"\n" + stream.read()
    except OSError:
        return []
    events = []
    for line in content.splitlines():
        try:
            event = json.loads(line.decode("utf-8", "replace"))
        except (ValueError, RecursionError):
            continue  # half a line of a doctor that was killed
        if isinstance(event, dict):
            events.append(event)
    return events


def _rows(events: Iterable[dict[str, Any]]) -> list[Row]:
    """The measurements that events tell; of a step that was done twice, the last."""
    rows: dict[tuple[int, bool], Row] = {}
    for event in events:
        step, loss = event.get("step"), event.get("loss")
        if not (isinstance(step, int) and isinstance(loss, int | float)) or isinstance(step, bool):
            continue
        row: Row | None = None
        if event.get("event") == "progressed":
            row = Row(
                step=step,
                epoch=_number(event.get("epoch")),
                loss=float(loss),
                learning_rate=_number(event.get("learning_rate")),
                tokens=_count(event.get("tokens")) or None,
                tokens_per_second=_number(event.get("tokens_per_second")),
                peak_mib=_count(event.get("peak_mib")) or None,
                time=str(event.get("time", "")),
            )
        elif event.get("event") == "evaluated":
            row = Row(
                step=step, held_out_loss=float(loss), held_out_records=_count(event.get("records")),
                time=str(event.get("time", "")),
            )  # fmt: skip
        if row is not None:
            rows[row.place] = row
    return [rows[place] for place in sorted(rows)]


def _failure(events: list[dict[str, Any]]) -> str:
    """What the last session failed of, unless another was begun since."""
    for event in reversed(events):
        if event.get("event") == "failed":
            return str(event.get("message", ""))
        if event.get("event") in {"started", "finished", "progressed"}:
            return ""
    return ""


def _versions(events: list[dict[str, Any]]) -> dict[str, str]:
    for event in reversed(events):
        versions = event.get("versions")
        if event.get("event") == "started" and isinstance(versions, dict):
            return {str(name): str(version) for name, version in versions.items()}
    return {}


def _last(events: list[dict[str, Any]], kind: str, field: str) -> int:
    return next((_count(event.get(field)) for event in reversed(events) if event.get("event") == kind), 0)


def _count(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else 0


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _touched(folder: Path) -> float:
    latest = 0.0
    try:
        for file in folder.iterdir():
            if file.suffix in {".json", ".jsonl", ".csv", ".yaml"}:
                latest = max(latest, file.stat().st_mtime)
    except OSError:
        pass
    return latest


def seconds_of(time: str) -> float | None:
    """An event's time in seconds since 1970."""
    try:
        return datetime.fromisoformat(time).timestamp()
    except ValueError:
        return None
