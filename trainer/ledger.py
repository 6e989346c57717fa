"""Keeps what a run measures where it can be looked at: the table, the samples, TensorBoard's file and the trackers."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from trainer.contract import Evaluated, Finished, Progressed, Sampled
from trainer.metrics import (
    HEADER,
    METRICS,
    SAMPLES,
    KeptLines,
    Row,
    Sample,
    kept,
    read_metrics,
    read_samples,
    row_line,
    sample_line,
)
from trainer.tensorboard_file import FOLDER, TensorboardFile
from trainer.trackers import Trackers

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trainer.contract import Event, Job


class Ledger:
    """Written by the one process that speaks for a run; call it with every event."""

    def __init__(self, job: Job, run: Path, from_step: int | None, on_failure: Callable[[str, str], None]) -> None:
        """Go on from a checkpoint's step, or begin anew (None): what was measured after it is taken out.

        `on_failure` as for Trackers, and raises Refusal like them.
        """
        before = read_metrics(run / METRICS)
        rows = kept(before, from_step)
        samples = [each for each in read_samples(run / SAMPLES) if from_step is not None and each.step <= from_step]
        self._told = {row.place for row in before[:-1]}
        """What the trackers know already, and would show twice. Of the last nobody can say: it is told again."""
        self._places = {row.place for row in rows}
        self._sampled = {sample.place for sample in samples}
        self._table = KeptLines(run / METRICS, [HEADER, *map(row_line, rows)])
        self._samples = KeptLines(run / SAMPLES, [sample_line(sample) for sample in samples])
        self._board = TensorboardFile(run / FOLDER, from_step=from_step or 0)
        for row in rows:
            self._board.scalars(tagged(row), step=row.step, at=_seconds(row.time))
        for sample in samples:
            self._show(sample)
        self._trackers = Trackers(job, run, on_failure)
        self._open = True

    def __call__(self, event: Event) -> None:
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        match event:
            case Progressed():
                row = Row(
                    step=event.step,
                    epoch=event.epoch,
                    loss=event.loss,
                    learning_rate=event.learning_rate,
                    tokens=event.tokens,
                    tokens_per_second=event.tokens_per_second,
                    peak_mib=event.peak_mib,
                    time=now,
                )
                self._measured(row)
            case Evaluated():
                self._measured(Row(step=event.step, held_out_loss=event.loss, held_out_records=event.records, time=now))
            case Sampled():
                sample = Sample(
                    step=event.step, number=event.number, prompt=event.prompt, answer=event.answer,
                    tokens=event.tokens, time=now,
                )  # fmt: skip
                if sample.place not in self._sampled:
                    self._sampled.add(sample.place)
                    self._samples.append(sample_line(sample))
                    self._show(sample)
            case Finished():
                self.close(well=True)
            case _:
                pass

    def knows(self, step: int, prompts: int, held_out: bool) -> bool:
        """Whether everything is there that is measured beside the training: so many answers, and the held-out loss."""
        answered = all((step, number) in self._sampled for number in range(1, prompts + 1))
        return answered and (not held_out or (step, True) in self._places)

    def close(self, *, well: bool) -> None:
        """End it; whoever is told after this has no ledger any more."""
        if not self._open:
            return
        self._open = False
        self._table.close()
        self._samples.close()
        self._board.close()
        self._trackers.end(well=well)

    def _measured(self, row: Row) -> None:
        if row.place in self._places:
            # Measured again by a session that found no checkpoint of its own behind it, with the same outcome.
            return
        self._places.add(row.place)
        self._table.append(row_line(row))
        values = tagged(row)
        self._board.scalars(values, step=row.step, at=_seconds(row.time))
        if row.place not in self._told:
            self._trackers.log({tag: value for tag, value in values.items() if math.isfinite(value)}, row.step)

    def _show(self, sample: Sample) -> None:
        words = f"**{sample.prompt}**\n\n{sample.answer}"
        self._board.text(f"samples/{sample.number}", words, step=sample.step, at=_seconds(sample.time))


def tagged(row: Row) -> dict[str, float]:
    """A row's values by the tags that TensorBoard and the trackers show."""
    values = {
        "train/loss": row.loss,
        "train/learning_rate": row.learning_rate,
        "train/epoch": row.epoch,
        "train/tokens": row.tokens,
        "speed/tokens_per_second": row.tokens_per_second,
        "memory/peak_mib": row.peak_mib,
        "eval/loss": row.held_out_loss,
    }
    return {tag: float(value) for tag, value in values.items() if value is not None}


def _seconds(time: str) -> float:
    try:
        return datetime.fromisoformat(time).timestamp()
    except ValueError:
        return 0.0
