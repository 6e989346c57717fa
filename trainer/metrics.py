"""What a run measured, kept as a table that any program reads: metrics.csv, and samples.jsonl beside it.

The trainer writes a line for each measurement before it tells of it, so nothing is lost with whoever listens. A run
that goes on from a checkpoint first takes out what comes after it: no step stands there twice. Standard library only.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from trainer.file_moves import replace_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

METRICS = "metrics.csv"
SAMPLES = "samples.jsonl"


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One measurement: of a training step, or of the held-out records. What was not measured is None, or empty in
    the file."""

    step: int
    epoch: float | None = None
    loss: float | None = None
    learning_rate: float | None = None
    tokens: int | None = None
    """Real tokens since the run began."""
    tokens_per_second: float | None = None
    peak_mib: int | None = None
    held_out_loss: float | None = None
    held_out_records: int | None = None
    time: str = ""
    """UTC, ISO 8601."""

    @property
    def place(self) -> tuple[int, bool]:
        """What no two rows of a run share."""
        return self.step, self.held_out_loss is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """What the model answered to one of the job's prompts after a step."""

    step: int
    number: int
    """Which of the prompts, from 1."""
    prompt: str
    answer: str
    tokens: int = 0
    time: str = ""

    @property
    def place(self) -> tuple[int, int]:
        """What no two samples of a run share."""
        return self.step, self.number


COLUMNS = tuple(field.name for field in dataclasses.fields(Row))
_WHOLE = frozenset({"step", "tokens", "peak_mib", "held_out_records"})
HEADER = ",".join(COLUMNS)


def read_metrics(file: Path) -> list[Row]:
    """The rows of a metrics.csv in the order of their steps, each once; what is damaged is left out."""
    try:
        words = file.read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return []
    # A spreadsheet that wrote the file again may have chosen another separator, but none that is meant to be read here.
    lines = words.replace("\0", "").splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        # Half a line of a process that was ended. A number that was cut short would look whole.
        lines.pop()
    rows: dict[tuple[int, bool], Row] = {}
    try:
        for record in csv.DictReader(lines):
            row = _row(record)
            if row is not None:
                rows[row.place] = row
    except csv.Error:
        pass
    return [rows[place] for place in sorted(rows)]


def read_samples(file: Path) -> list[Sample]:
    """The samples of a samples.jsonl in the order of their steps; what is damaged is left out."""
    samples: dict[tuple[int, int], Sample] = {}
    try:
        with file.open(encoding="utf-8", errors="replace") as stream:
            for line in stream:
                sample = _sample(line)
                if sample is not None:
                    samples[sample.place] = sample
    except OSError:
        return []
    return [samples[place] for place in sorted(samples)]


def row_line(row: Row) -> str:
    """A row as its line in the file, without the line feed."""
    line = io.StringIO()
    values = [getattr(row, name) for name in COLUMNS]
    csv.writer(line, lineterminator="").writerow(["" if value is None else value for value in values])
    return line.getvalue()


def sample_line(sample: Sample) -> str:
    """A sample as its line in the file, without the line feed."""
    return json.dumps(dataclasses.asdict(sample), ensure_ascii=False)


class KeptLines:
    """A file of lines that is only ever appended to, and each line at once."""

    def __init__(self, file: Path, lines: Sequence[str]) -> None:
        """The file begins with these lines, which replace in one step what it held."""
        self._file = file
        self._building = file.with_name(file.name + ".new")
        self._descriptor: int | None = None
        self._waiting: list[str] = []
        self._begun = True
        wanted = "".join(f"{line}\n" for line in lines)
        try:
            if file.read_text(encoding="utf-8") == wanted:
                return
        except (OSError, UnicodeDecodeError):
            if not wanted and not file.exists():
                return
        self._building.write_text(wanted, encoding="utf-8", newline="\n")
        try:
            replace_file(self._building, file)
        except PermissionError:
            self._begun = False

    def append(self, line: str) -> None:
        """Add a line in one write, so that the end of the process leaves a whole line or none.

        Where another program keeps the file to itself, as a spreadsheet on Windows does, lines wait for the next call.
        """
        self._waiting.append(line)
        if self._descriptor is None:
            try:
                if not self._begun:
                    self._building.replace(self._file)
                    self._begun = True
                flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
                self._descriptor = os.open(self._file, flags, 0o644)
            except PermissionError:
                return
        os.write(self._descriptor, "".join(f"{each}\n" for each in self._waiting).encode("utf-8"))
        self._waiting.clear()

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def kept(rows: Iterable[Row], from_step: int | None) -> list[Row]:
    """The rows that a run keeps which goes on from this step; none when it begins anew."""
    return [] if from_step is None else [row for row in rows if row.step <= from_step]


def _row(record: dict[str | Any, str | Any]) -> Row | None:
    values: dict[str, Any] = {"time": str(record.get("time") or "")}
    for name in COLUMNS[:-1]:
        cell = record.get(name)
        if cell is None or not isinstance(cell, str):
            return None
        try:
            values[name] = None if not cell else int(cell) if name in _WHOLE else float(cell)
        except ValueError:
            return None
    if values["step"] is None or values["step"] < 0:
        return None
    return Row(**values)


def _sample(line: str) -> Sample | None:
    try:
        record = json.loads(line)
        sample = Sample(**record)
    except (ValueError, TypeError, RecursionError):
        return None
    numbers = isinstance(sample.step, int) and isinstance(sample.number, int) and isinstance(sample.tokens, int)
    return sample if numbers and isinstance(sample.prompt, str) and isinstance(sample.answer, str) else None
