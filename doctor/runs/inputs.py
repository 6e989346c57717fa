"""What a run depended on, kept with it: hashes of its data, its model's files, and the command. With that it can be
repeated, and it is known when it cannot.

Data files are read whole. Of a model's large files the first and the last part are, which two trainings of the same
shape do not share: reading 15 GB twice would keep everybody waiting.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from doctor.quick_dataclass import dataclass
from doctor.version import __version__
from trainer.file_moves import replace_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trainer.contract import Job, Source

INPUTS = "inputs.json"
INPUTS_VERSION = 1
_PART_BYTES = 1 << 20
_MODEL_ENDINGS = frozenset({".json", ".safetensors", ".model", ".jinja", ".txt", ".tiktoken"})
"""Of the files that training reads; the rest of a model's folder may change as it likes."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A file that is no longer what a run was made with."""

    what: Literal["data", "model"]
    kind: Literal["changed", "missing", "added"]
    path: str


def keep_inputs(folder: Path, job: Job, command: Sequence[str]) -> threading.Thread:
    """Write down what a run depends on, beside the work; join the thread before the run counts as finished.

    A run that goes on keeps what it was begun with.
    """

    def keep() -> None:
        if read_inputs(folder) is not None:
            return
        record = {"schema": INPUTS_VERSION, "tunedoc": __version__, "command": list(command), **describe(job)}
        building = folder / f"{INPUTS}.new"
        try:
            building.write_text(json.dumps(record, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
            replace_file(building, folder / INPUTS)
        except OSError:
            # The run is worth more than the record of what it was made of.
            return

    thread = threading.Thread(target=keep, name="inputs of the run", daemon=True)
    thread.start()
    return thread


def describe(job: Job) -> dict[str, Any]:
    """The files that a job reads, as they are now. Those that cannot be read are left out."""
    return {
        "data": _of_sources(job.data),
        "held_out_data": _of_sources(job.held_out_data),
        "model": {"folder": job.model, "files": _of_model(Path(job.model))},
    }


def read_inputs(folder: Path) -> dict[str, Any] | None:
    """What a run was begun with; None where nothing is kept, or nothing that can be read."""
    try:
        record = json.loads((folder / INPUTS).read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return None
    whole = isinstance(record, dict) and record.get("schema") == INPUTS_VERSION
    return record if whole and isinstance(record.get("model"), dict) else None


def changes(before: dict[str, Any], job: Job) -> list[Change]:
    """What is not any more as it was when the run was begun."""
    now = describe(job)
    found: list[Change] = []
    for name in ("data", "held_out_data"):
        found += _differences("data", before.get(name), now[name], "path")
    return found + _differences("model", before["model"].get("files"), now["model"]["files"], "name")


def _differences(what: Literal["data", "model"], before: Any, now: list[dict[str, Any]], key: str) -> list[Change]:
    old = {str(file.get(key)): file for file in before or () if isinstance(file, dict)} if _is_list(before) else {}
    new = {str(file[key]): file for file in now}
    found: list[Change] = []
    for path in sorted(old.keys() | new.keys()):
        if path not in new:
            found.append(Change(what=what, kind="missing", path=path))
        elif path not in old:
            found.append(Change(what=what, kind="added", path=path))
        elif old[path] != new[path]:
            found.append(Change(what=what, kind="changed", path=path))
    return found


def _is_list(value: object) -> bool:
    return isinstance(value, list)


def _of_sources(sources: Sequence[Source]) -> list[dict[str, Any]]:
    files: list[dict[str, Any]] = []
    for source in sources:
        path = Path(source.path)
        inside = path.is_dir()
        found = sorted(each for each in path.rglob("*") if each.is_file()) if inside else [path]
        for file in found:
            try:
                with file.open("rb") as stream:
                    digest = hashlib.file_digest(stream, "sha256").hexdigest()
                    files.append({"path": str(file), "bytes": stream.tell(), "sha256": digest})
            except OSError:
                continue
    return files


def _of_model(folder: Path) -> list[dict[str, Any]]:
    files: list[dict[str, Any]] = []
    try:
        found = sorted(each for each in folder.iterdir() if each.suffix in _MODEL_ENDINGS and each.is_file())
    except OSError:
        return []
    for file in found:
        try:
            with file.open("rb") as stream:
                size = stream.seek(0, os.SEEK_END)
                stream.seek(0)
                digest = hashlib.sha256(stream.read(_PART_BYTES))
                if size > _PART_BYTES:
                    stream.seek(max(_PART_BYTES, size - _PART_BYTES))
                    digest.update(stream.read())
        except OSError:
            continue
        files.append({"name": file.name, "bytes": size, "ends_sha256": digest.hexdigest()})
    return files
