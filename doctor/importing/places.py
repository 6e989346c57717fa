"""Files and models that other tools' settings name: where they are, and how they are written into our job."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

from doctor.importing import values as read
from doctor.late_pattern import late_pattern
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.importing.draft import Draft
    from doctor.importing.model import Given

_PARENTS = 4
"""Folders above a file of settings in which what it names is looked for: tools start at the top of their checkout."""
_HUB_NAME = late_pattern(r"[\w.-]+/[\w.-]+")
_VARIABLE = late_pattern(r"\$\{?\w+|%\w+%|<[^>]*>|^(?:MODEL_DIR|DATA_DIR|OUT_DIR)\b")
_FILE_SUFFIXES = (".json", ".jsonl", ".csv", ".tsv", ".parquet", ".txt", ".arrow", ".zst", ".gz")
_QUANTISED_ENDS = ("-unsloth-bnb-4bit", "-bnb-4bit")
_FOLDERS = (
    "model",
    "models",
    "data",
    "dataset",
    "datasets",
    "output",
    "outputs",
    "saves",
    "checkpoints",
    "ckpt",
    "..",
    ".",
)
_MOST_COUNTED_BYTES = 256 << 20


def bases(source: Path) -> Iterator[Path]:
    """Folders that a relative path may start from, likeliest first."""
    folder = source.absolute().parent
    yield folder
    yield from list(folder.parents)[:_PARENTS]
    yield Path.cwd()


def find(name: str, source: Path) -> Path | None:
    """The file or folder that a path in a file of settings means, if it is there."""
    try:
        path = Path(name).expanduser()
        if path.is_absolute():
            return path if path.exists() else None
        return next((base / path for base in bases(source) if (base / path).exists()), None)
    except (OSError, RuntimeError, ValueError):
        return None


def written(path: Path, folder: Path) -> str:
    """A path as a job in `folder` names it: relative where it lies within reach, with forward slashes."""
    try:
        relative = os.path.relpath(path.absolute(), folder.absolute())
    except ValueError:  # another drive
        return path.absolute().as_posix()
    near = relative.replace(os.sep, "/")
    return path.absolute().as_posix() if near.startswith("../../../..") else near


def is_hub_name(name: str) -> bool:
    """Whether this looks like `owner/name` on a hub."""
    if name.partition("/")[0].lower() in _FOLDERS:
        return False
    return _HUB_NAME.fullmatch(name) is not None and not name.lower().endswith(_FILE_SUFFIXES)


def model(draft: Draft, given: Given, folder: Path) -> None:
    """The base model: a folder that is there, else the name by which it can be fetched."""
    name = read.words(given)
    path = find(name, draft.source)
    if path is not None and path.is_dir():
        draft.same(given, "model", written(path, folder))
    elif path is None and name.lower().endswith(_QUANTISED_ENDS):
        bare = name[: name.lower().rindex(next(end for end in _QUANTISED_ENDS if name.lower().endswith(end)))]
        draft.changed(given, "model", bare, text("importing.model_quantised", name=name, bare=bare))
    elif _VARIABLE.search(name):
        draft.changed(given, "model", name, text("importing.variable", name=name))
    elif is_hub_name(name):
        draft.changed(given, "model", name, text("importing.model_on_hub", name=name))
    else:
        draft.changed(given, "model", name, text("importing.model_missing", name=name))


def output(draft: Draft, given: Given) -> None:
    """The run's folder, as it was written."""
    draft.same(given, "output", read.words(given).replace("\\", "/"))


def local_name(repo: str) -> str:
    """The folder that a hub's data set is to be put into."""
    return re.sub(r"[^\w.-]+", "--", repo).strip("-") or "data"


def count_records(path: Path) -> int | None:
    """Usable records in a data file; None where they cannot be counted soon."""
    from trainer.records import DataFile, Record

    try:
        if not path.is_file() or path.stat().st_size > _MOST_COUNTED_BYTES:
            return None
        return sum(isinstance(each, Record) for each in DataFile(path)) or None
    except OSError:
        return None


def held_out(draft: Draft, name: str, folder: Path) -> None:
    """A share of the records, or a number of them, that is kept out of training."""
    given = draft.take(name)
    others = bool(draft.values.get("held_out_data"))
    if given is None:
        if not others:
            draft.default("held_out", 0.0, name)
        return
    size = read.number(given)
    if others:
        draft.idle(given, text("equivalents.idle_held_out"))
    elif size < 1:
        draft.same(given, "held_out", size)
    else:
        sources = draft.values.get("data")
        paths = [folder / str(each["path"]) for each in sources] if isinstance(sources, list) else []
        counts = [count_records(path) for path in paths]
        total = sum(count or 0 for count in counts)
        if paths and None not in counts and size <= total / 2:
            share = round(size / total, 6)
            message = text("importing.held_out_count", count=int(size), total=total)
            draft.changed(given, "held_out", share, message)
        else:
            draft.changed(given, "held_out", 0.1, text("importing.held_out_unknown", count=int(size)))
