"""How long a job will take, from speeds that were measured: a calibration, or finished runs of the same model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from doctor.quick_dataclass import dataclass
from doctor.run_folder import RunFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.fit.model import Measured
    from doctor.paths import Home
    from trainer.contract import Job


@dataclass(frozen=True, kw_only=True)
class Pace:
    """Of a job that is still to be run."""

    tokens: int
    """Real tokens over all epochs."""
    tokens_per_second: float
    watts: float = 0.0
    """Of the card while it trained; 0 where nobody measured it."""


def expected_pace(home: Home, job: Job, measured: Measured | None) -> Pace | None:
    """None where either the speed of this model or the tokens of this data were never measured. Nothing is guessed."""
    tokens, speed = 0.0, measured.tokens_per_second if measured is not None else 0.0
    for before, took_tokens, took_seconds in _finished(home, job):
        if not speed and _same_work(before, job):
            speed = took_tokens / took_seconds
        if not tokens and before.max_steps < 0 and _same_data(before, job):
            tokens = took_tokens / before.epochs * job.epochs
    if not tokens or not speed:
        return None
    return Pace(tokens=round(tokens), tokens_per_second=speed, watts=measured.watts if measured is not None else 0.0)


def _finished(home: Home, job: Job) -> Iterator[tuple[Job, int, float]]:
    """Finished runs, the newest first: their job, real tokens and seconds."""
    try:
        folders = [entry for entry in home.runs.iterdir() if entry.is_dir()] if home.runs.is_dir() else []
        if job.output and Path(job.output).is_dir() and Path(job.output) not in folders:
            folders.append(Path(job.output))
        folders.sort(key=lambda folder: folder.stat().st_mtime, reverse=True)
    except OSError:
        return
    for folder in folders:
        run = RunFolder(folder)
        before, record = run.read_job(), run.read_record()
        if before is None or record is None:
            continue
        try:
            tokens, seconds = int(record["tokens"]), float(record["seconds"])
        except (KeyError, TypeError, ValueError):
            continue
        if tokens > 0 and seconds > 0:
            yield before, tokens, seconds


def _same_work(before: Job, job: Job) -> bool:
    names = ("model", "method", "tuning", "quantisation", "processes", "split", "batching", "per_device_batch_size",
             "max_length", "gradient_checkpointing", "precision")  # fmt: skip
    return all(getattr(before, name) == getattr(job, name) for name in names)


def _same_data(before: Job, job: Job) -> bool:
    names = ("data", "model", "method", "held_out", "held_out_data", "max_length")
    return all(getattr(before, name) == getattr(job, name) for name in names)
