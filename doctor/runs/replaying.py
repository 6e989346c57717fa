"""Train once more from what a run wrote down: the same job in a new folder, if data and model are still the same."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from doctor.errors import BadInput
from doctor.quick_dataclass import dataclass
from doctor.runs.inputs import changes, read_inputs
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.paths import Home
    from doctor.runs.inputs import Change
    from doctor.runs.reading import Run
    from trainer.contract import Job


@dataclass(frozen=True, kw_only=True)
class Replay:
    """A job that repeats a run."""

    job: Job
    known: bool
    """The run wrote down what it was made of; without that nobody can say whether it is the same still."""
    changes: tuple[Change, ...]
    """What is not the same any more."""


def prepare_replay(home: Home, run: Run, output: Path | None) -> Replay:
    """The run's job in a new folder, and what has changed since. Raises BadInput when it cannot be trained at all."""
    job = run.job
    if job is None:
        raise BadInput(text("runs.no_job", name=run.name), hint=text("runs.no_job_hint"), file=str(run.folder))
    for path in [job.model, *(source.path for source in (*job.data, *job.held_out_data))]:
        if not Path(path).exists():
            raise BadInput(text("runs.input_gone", path=path), hint=text("runs.input_gone_hint"), file=path)
    target = output if output is not None else _free(home, run)
    record = read_inputs(run.folder)
    return Replay(
        job=dataclasses.replace(job, output=str(target)),
        known=record is not None,
        changes=tuple(changes(record, job)) if record is not None else (),
    )


def write_job(job: Job, file: Path) -> None:
    """The job as the YAML that `tunedoc train` reads; fields that have their default value are left out."""
    words = yaml.safe_dump(_said(job), allow_unicode=True, sort_keys=False, width=120)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(words, encoding="utf-8", newline="\n")


def _said(value: Any) -> dict[str, Any]:
    """The fields of a dataclass that differ from their defaults, as YAML has them."""
    said: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        given = getattr(value, field.name)
        default = field.default_factory() if field.default_factory is not dataclasses.MISSING else field.default
        if given == default:
            continue
        if dataclasses.is_dataclass(given):
            said[field.name] = _said(given)
        elif isinstance(given, tuple):
            said[field.name] = [_said(each) if dataclasses.is_dataclass(each) else each for each in given]
        else:
            said[field.name] = given
    return said


def _free(home: Home, run: Run) -> Path:
    number = 1
    while (target := home.runs / f"{run.name}-replay-{number}").exists():
        number += 1
    return target
