"""The training environment's packages, from the names of their metadata folders: nothing is imported or opened."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from doctor.environment import current_environment
from doctor.snapshot.model import Absent, Package, PythonEnvironment, Unknown

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.paths import Home

_METADATA = re.compile(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._]*)-(?P<version>\d[^-]*)\.dist-info")


def probe_environment(home: Home) -> PythonEnvironment | Absent | Unknown:
    """The environment in use. Absent when none was ever finished; Unknown when the one that is named is damaged."""
    environment = current_environment(home)
    if environment is None:
        if home.current_environment.exists():
            return Unknown(f"{home.current_environment} names an environment that is unfinished or gone")
        return Absent("none was built yet")
    folder = environment.python.parent.parent
    return PythonEnvironment(
        path=str(environment.folder),
        stack=environment.stack,
        python_version=read_python_version(folder / "pyvenv.cfg"),
        packages=installed_packages(folder),
        proved=True,  # its record is written only after the proof
    )


def installed_packages(environment: Path) -> tuple[Package, ...]:
    """Packages of a virtual environment, by name."""
    folders = [environment / "Lib" / "site-packages", *sorted(environment.glob("lib/python3*/site-packages"))]
    found: dict[str, Package] = {}
    for folder in folders:
        try:
            names = [entry.name for entry in folder.iterdir()]
        except OSError:
            continue
        for name in names:
            match = _METADATA.fullmatch(name)
            if match:
                normal = re.sub(r"[-_.]+", "-", match["name"]).lower()
                found[normal] = Package(name=normal, version=match["version"].replace("_", "-"))
    return tuple(found[name] for name in sorted(found))


def read_python_version(file: Path) -> str | Unknown:
    """The interpreter's version as pyvenv.cfg says: `version_info = 3.11.7` (uv) or `version = 3.11.7` (venv)."""
    try:
        words = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        return Unknown(f"{file.name}: {exc}")
    found = re.search(r"^version(?:_info)?\s*=\s*(\d+\.\d+(?:\.\d+)?)", words, re.MULTILINE)
    return found[1] if found else Unknown(f"{file.name} says no version")
