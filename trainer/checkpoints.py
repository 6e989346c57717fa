"""Checkpoints that can be trusted: a folder counts only with its record of completeness, which is written last."""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from trainer.file_moves import move_folder, remove_tree, replace_file

if TYPE_CHECKING:
    from pathlib import Path

RECORD = "complete.json"
RECORD_VERSION = 1
_NAME = re.compile(r"checkpoint-(\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Completeness:
    """What a checkpoint's record says beside the files' sizes and hashes."""

    step: int
    data: str
    """Hash of the training records: other data cannot go on from here."""
    loss_before: float | None
    """Held-out loss before the first step."""
    seconds: float
    """Training time so far, over all sessions."""
    tokens: int
    """Real tokens computed so far, over all sessions."""


def complete(checkpoint: Path, facts: Completeness) -> None:
    """Write the record of completeness of a checkpoint whose files are all there."""
    files = {
        file.relative_to(checkpoint).as_posix(): {"bytes": file.stat().st_size, "sha256": _sha256(file)}
        for file in sorted(checkpoint.rglob("*"))
        if file.is_file() and file.name != RECORD
    }
    record = {"schema": RECORD_VERSION, **asdict(facts), "files": files}
    building = checkpoint / f"{RECORD}.new"
    with building.open("w", encoding="utf-8") as stream:
        json.dump(record, stream, indent=2)
        stream.flush()
        os.fsync(stream.fileno())
    replace_file(building, checkpoint / RECORD)


def read_completeness(checkpoint: Path) -> Completeness | None:
    """The record, when every file is there with the right size and hash; else None."""
    try:
        record = json.loads((checkpoint / RECORD).read_text(encoding="utf-8"))
        if record["schema"] != RECORD_VERSION or not record["files"]:
            return None
        for name, facts in record["files"].items():
            file = checkpoint / name
            if file.stat().st_size != facts["bytes"] or _sha256(file) != facts["sha256"]:
                return None
        return Completeness(
            step=int(record["step"]),
            data=str(record["data"]),
            loss_before=record["loss_before"],
            seconds=float(record["seconds"]),
            tokens=int(record["tokens"]),
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def newest_complete(folder: Path, aside: Path) -> tuple[Path | None, Completeness | None, list[str]]:
    """The newest checkpoint that is complete and its record, and the names of newer ones that were put aside."""
    moved: list[str] = []
    for checkpoint in reversed(checkpoints_in(folder)):
        facts = read_completeness(checkpoint)
        if facts is not None:
            return checkpoint, facts, moved
        put_aside(checkpoint, aside)
        moved.append(checkpoint.name)
    return None, None, moved


def checkpoints_in(folder: Path) -> list[Path]:
    """Checkpoint folders, oldest first."""
    if not folder.is_dir():
        return []
    found = [(int(match[1]), path) for path in folder.iterdir() if (match := _NAME.fullmatch(path.name))]
    return [path for _, path in sorted(found)]


def prune(folder: Path, keep: int) -> None:
    """Remove the oldest checkpoints beyond `keep`. Called after the newest one is complete, never before."""
    for checkpoint in checkpoints_in(folder)[: -max(keep, 1)]:
        # Without its record a half removed folder is no checkpoint any more.
        (checkpoint / RECORD).unlink(missing_ok=True)
        remove_tree(checkpoint)


def put_aside(path: Path, aside: Path) -> None:
    """Move a folder into `aside` under a name that is free there."""
    aside.mkdir(parents=True, exist_ok=True)
    target, number = aside / path.name, 1
    while target.exists():
        number += 1
        target = aside / f"{path.name}.{number}"
    move_folder(path, target)


def _sha256(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
