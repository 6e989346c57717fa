"""The checkpoints in a run's folder: what they take, and which of them is whole. Names and sizes only, no hashes."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from doctor.late_pattern import late_pattern
from doctor.quick_dataclass import dataclass
from doctor.runs.reading import folder_bytes

if TYPE_CHECKING:
    from pathlib import Path

RECORD = "complete.json"
_NAME = late_pattern(r"checkpoint-(\d+)")


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """One checkpoint."""

    folder: Path
    step: int
    bytes: int
    whole: bool
    """Its record is there, and every file that it names in its size."""
    resumable: bool
    """And with the optimizer's state, so that training can go on from it."""


def checkpoints_of(root: Path) -> list[Checkpoint]:
    """A run's checkpoints, oldest first."""
    try:
        found = [
            (int(match[1]), each) for each in (root / "checkpoints").iterdir() if (match := _NAME.fullmatch(each.name))
        ]
    except OSError:
        return []
    return [_checkpoint(folder, step) for step, folder in sorted(found) if folder.is_dir()]


def _checkpoint(folder: Path, step: int) -> Checkpoint:
    whole = resumable = False
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        files = {str(name): facts["bytes"] for name, facts in record["files"].items()}
        there = {name for name, size in files.items() if _size(folder / name) == size}
        resumable = bool(files) and there == files.keys()
        whole = bool(files) and all(name in there for name in files if not is_state(name))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        pass
    return Checkpoint(folder=folder, step=step, bytes=folder_bytes(folder), whole=whole, resumable=resumable)


def is_intact(checkpoint: Checkpoint) -> bool:
    """Whether every file of a checkpoint has the hash that its record names. Reads all of them."""
    try:
        record = json.loads((checkpoint.folder / RECORD).read_text(encoding="utf-8"))
        for name, facts in record["files"].items():
            with (checkpoint.folder / str(name)).open("rb") as stream:
                if hashlib.file_digest(stream, "sha256").hexdigest() != facts["sha256"]:
                    return False
        return bool(record["files"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return False


def is_state(name: str) -> bool:
    """Whether a file of a checkpoint is needed to go on from it only, and is none of the weights."""
    return name.startswith(("optimizer", "scheduler", "rng_state", "scaler", "global_step", "zero_"))


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return -1
