"""A run folder: one training run with all that belongs to it, and what state it is in.

job.json        the job (trainer.contract.Job)        written first
job.yaml        the user's file, as it was
events.jsonl    every event with its time             appended
trainer.log     the trainer's stderr                  appended; further processes have trainer-1.log, …
checkpoints/    complete ones carry a record of their own
adapter/        the finished adapter                  named when it is whole
run.json        the record of the run                 written last: with it the run is finished
"""

from __future__ import annotations

import dataclasses
import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from doctor.errors import BadInput
from doctor.quick_dataclass import dataclass
from doctor.words.text import text
from trainer.contract import Job, build, write_event
from trainer.file_moves import move_folder, replace_file

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.paths import Home
    from trainer.contract import Event

RUN_VERSION = 1

State = Literal["new", "unfinished", "finished"]

_MAY_CHANGE = frozenset({
    "per_device_batch_size", "gradient_accumulation", "processes", "save_steps", "save_limit", "log_steps",
    "eval_steps", "threads", "output", "sample_prompts", "trackers",
})  # fmt: skip
"""Fields that may differ when a run goes on. Of the first three the product must stay."""


@dataclass(frozen=True)
class RunFolder:
    """The places in one run's folder."""

    root: Path

    @property
    def job(self) -> Path:
        return self.root / "job.json"

    @property
    def record(self) -> Path:
        return self.root / "run.json"

    @property
    def events(self) -> Path:
        return self.root / "events.jsonl"

    @property
    def log(self) -> Path:
        return self.root / "trainer.log"

    def member_log(self, rank: int) -> Path:
        """The log of one of the processes that train together."""
        return self.log if rank == 0 else self.root / f"trainer-{rank}.log"

    def member_request(self, rank: int) -> Path:
        return self.root / ("request.json" if rank == 0 else f"request-{rank}.json")

    @property
    def adapter(self) -> Path:
        return self.root / "adapter"

    @property
    def model(self) -> Path:
        """The whole model that a run without an adapter makes."""
        return self.root / "model"

    @property
    def result(self) -> Path:
        """What the run has made, or will make: the adapter, or else the model."""
        return self.model if (self.model / "config.json").is_file() else self.adapter

    @property
    def state(self) -> State:
        if self.read_record() is not None:
            return "finished"
        return "unfinished" if self.read_job() is not None else "new"

    def read_job(self) -> Job | None:
        """The job that the run was begun with; None when there is none that can be read."""
        try:
            return build(Job, json.loads(self.job.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, LookupError, AttributeError, RecursionError):
            return None

    def read_record(self) -> dict[str, Any] | None:
        """The record of a finished run whose adapter or model is there."""
        try:
            record = json.loads(self.record.read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError):
            return None
        whole = isinstance(record, dict) and record.get("schema") == RUN_VERSION
        made = (self.adapter / "adapter_config.json").is_file() or (self.model / "config.json").is_file()
        return record if whole and made else None

    def begin(self, job: Job, source: Path | None) -> None:
        """Write the job, or the changed job of a run that goes on. `source` is the user's YAML."""
        self.root.mkdir(parents=True, exist_ok=True)
        if source is not None:
            _replace(self.root / "job.yaml", source.read_text(encoding="utf-8-sig"))
        _replace(self.job, json.dumps(dataclasses.asdict(job), ensure_ascii=False, indent=2) + "\n")
        if self.events.exists() and not self.events.read_bytes().endswith(b"\n"):
            # A doctor that was killed may have left half a line.
            with self.events.open("a", encoding="utf-8") as stream:
                stream.write("\n")

    def append(self, event: Event) -> None:
        """Add one event with the time, in UTC."""
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        with self.events.open("a", encoding="utf-8", newline="\n") as stream:
            stream.write(json.dumps({"time": now, **json.loads(write_event(event))}, ensure_ascii=True) + "\n")

    def finish(self, record: dict[str, Any]) -> None:
        """Write the record: from now on the run is finished."""
        finished = {"schema": RUN_VERSION, "finished": datetime.now(UTC).isoformat(timespec="seconds"), **record}
        _replace(self.record, json.dumps(finished, ensure_ascii=False, indent=2) + "\n")


def changed_field(before: Job, after: Job) -> str | None:
    """The first field whose change forbids going on from the old job's checkpoints."""
    old, new = dataclasses.asdict(before), dataclasses.asdict(after)
    for name in old:
        if name not in _MAY_CHANGE and old[name] != new[name]:
            return name
    if records_a_step(before) == records_a_step(after):
        return None
    return "per_device_batch_size" if before.processes == after.processes else "processes"


def records_a_step(job: Job) -> int:
    """Records that one optimizer step learns from, over all processes."""
    return job.per_device_batch_size * job.gradient_accumulation * job.processes


def require_ours(folder: RunFolder) -> None:
    """Refuse a folder that holds something else than a run. Raises BadInput."""
    root = folder.root
    if root.is_file():
        raise BadInput(text("train.output_is_file"), hint=text("train.output_hint"), file=str(root), field="output")
    ours = {"doctor.lock", "trainer.lock", "request.json", "events.jsonl", "trainer.log", "job.json.new", "job.yaml"}
    if root.is_dir() and folder.state == "new" and any(entry.name not in ours for entry in root.iterdir()):
        raise BadInput(text("train.output_taken"), hint=text("train.output_hint"), file=str(root), field="output")


def move_to_trash(folder: RunFolder, home: Home) -> Path:
    """Move a run to the trash, or beside itself when it stands on another volume, and say where it is now."""
    number = 1
    while (home.trash / f"{folder.root.name}-{number}").exists():
        number += 1
    home.trash.mkdir(parents=True, exist_ok=True)
    target = home.trash / f"{folder.root.name}-{number}"
    try:
        return move_folder(folder.root, target)
    except OSError:
        number = 1
        while (beside := folder.root.with_name(f"{folder.root.name}.old-{number}")).exists():
            number += 1
        return move_folder(folder.root, beside)


def _replace(file: Path, words: str) -> None:
    building = file.with_name(file.name + ".new")
    building.write_text(words, encoding="utf-8", newline="\n")
    replace_file(building, file)
