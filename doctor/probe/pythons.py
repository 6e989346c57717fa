"""The Pythons of this machine, told by files and names: none of them is started."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from doctor.host.pythons import registered_pythons
from doctor.probe.folders import is_file
from doctor.probe.places import (
    Place,
    find_place,
    python_abi,
    python_bits,
    python_origin,
    read_first_line,
)
from doctor.quick_dataclass import dataclass
from doctor.snapshot.model import PythonInterpreter, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from doctor.host.base import Host

_UNIX_NAMES = ("python3", "python", *(f"python3.{minor}" for minor in range(8, 20)))
_WINDOWS_NAMES = ("python.exe", "python3.exe")
_SHIM_LINES = 8
MOST_PYTHONS = 40


@dataclass(frozen=True, kw_only=True)
class FoundPython:
    """A path at which there may be a Python."""

    at: Path
    place: Place | None
    """None where there is none, and for Windows' placeholders."""


def find_pythons(host: Host) -> tuple[FoundPython, ...]:
    """Where Pythons may be, the first on PATH first, and what is there. Several may be the same one."""
    aliases = host.system == "windows"
    return tuple(
        FoundPython(at=at, place=None if aliases and is_store_alias(at) else find_place(at))
        for at in dict.fromkeys(python_candidates(host))
    )


def describe_pythons(host: Host, pythons: Iterable[FoundPython]) -> tuple[PythonInterpreter, ...]:
    """Each once, the first on PATH first; then those of environments, launchers and tools that are not on PATH."""
    found: dict[str, PythonInterpreter] = {}
    for python in pythons:
        if len(found) == MOST_PYTHONS:
            break
        place = python.place
        if place is None:
            alias = host.system == "windows" and is_store_alias(python.at)
            if alias and "stub" not in found and not _store_python(python.at.parent):
                found["stub"] = _stub(python.at)
        elif place.identity not in found:
            described = _describe(place)
            if described is not None:
                found[place.identity] = described
    return tuple(found.values())


def python_candidates(host: Host) -> Iterator[Path]:
    """Where a Python may be: interpreters and prefixes, the first on PATH first."""
    user_folder = user_folder_of(host)
    environ, windows = host.environ, host.system == "windows"
    for folder in environ.get("PATH", "").split(";" if windows else ":"):
        folder = folder.strip('" ')
        if not folder:
            continue
        for name in _WINDOWS_NAMES if windows else _UNIX_NAMES:
            file = Path(folder, name)
            if is_file(file) or (windows and is_store_alias(file)):
                yield from _behind(host, file, user_folder)
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        if environ.get(name):
            yield Path(environ[name])
    if windows:
        yield from (Path(place) for place in registered_pythons())
    yield from conda_prefixes(host)
    for versions in _version_folders(host, user_folder):
        yield from sorted(_folders(versions))
    if windows:
        local = environ.get("LOCALAPPDATA")
        if local:
            yield from sorted(_folders(Path(local) / "Programs" / "Python"))


def conda_prefixes(host: Host) -> Iterator[Path]:
    """Environments that conda knows: the list it keeps, and the installation that the shell names."""
    user_folder = user_folder_of(host)
    program = host.environ.get("CONDA_EXE")
    if program:
        yield Path(program).parent.parent
    try:
        words = (user_folder / ".conda" / "environments.txt").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    for line in words.splitlines()[:MOST_PYTHONS]:
        if line.strip():
            yield Path(line.strip())


def user_folder_of(host: Host) -> Path:
    """The user's own folder."""
    named = host.environ.get("USERPROFILE" if host.system == "windows" else "HOME")
    return Path(named) if named else Path.home()


def is_store_alias(file: Path) -> bool:
    """Whether a file is one of Windows' placeholders of no bytes, which open the Store or a program from it."""
    if file.parent.name.lower() != "windowsapps":
        return False
    try:
        return file.lstat().st_size == 0
    except OSError:
        return False


def _store_python(folder: Path) -> bool:
    """Whether a Python from the Store stands behind the placeholders of a folder."""
    return any(name.name.startswith("PythonSoftwareFoundation.Python.3") for name in _folders(folder))


def _behind(host: Host, file: Path, user_folder: Path) -> Iterator[Path]:
    """The interpreter that a file on PATH stands for: pyenv and its like put scripts there."""
    if is_store_alias(file) and _store_python(file.parent):
        for package in sorted(_folders(file.parent)):
            if package.name.startswith("PythonSoftwareFoundation.Python.3"):
                yield package / "python.exe"
    if file.parent.name != "shims":
        yield file
        return
    root = Path(host.environ.get("PYENV_ROOT") or user_folder / ".pyenv")
    chosen = host.environ.get("PYENV_VERSION") or read_first_line(root / "version")
    # What a shim starts besides depends on the working folder; those versions come with the others.
    for version in re.split(r"[:\s]+", chosen)[:_SHIM_LINES]:
        if version and is_file(root / "versions" / version / "bin" / "python"):
            yield root / "versions" / version
            return


def _version_folders(host: Host, user_folder: Path) -> Iterator[Path]:
    """Folders with one Python a folder."""
    environ = host.environ
    if host.system == "windows":
        roaming = Path(environ.get("APPDATA") or user_folder / "AppData" / "Roaming")
        yield Path(environ.get("UV_PYTHON_INSTALL_DIR") or roaming / "uv" / "python")
        yield user_folder / ".pyenv" / "pyenv-win" / "versions"
        return
    data = Path(environ.get("XDG_DATA_HOME") or user_folder / ".local" / "share")
    yield Path(environ.get("UV_PYTHON_INSTALL_DIR") or data / "uv" / "python")
    yield Path(environ.get("PYENV_ROOT") or user_folder / ".pyenv") / "versions"


def _describe(place: Place) -> PythonInterpreter | None:
    bits = python_bits(place)
    if isinstance(bits, Unknown):
        return None  # a script of that name, or something damaged: no Python that could run
    release, abi = place.release, python_abi(place)
    return PythonInterpreter(
        path=str(place.python),
        version=release if isinstance(release, str) else "?",
        implementation="pypy" if isinstance(abi, str) and abi.startswith("pp") else "cpython",
        abi_tag=abi if isinstance(abi, str) else "?",
        bits=bits,
        kind=python_kind_of(place),
    )


def python_kind_of(place: Place) -> Literal["system", "venv", "conda", "store", "uv", "portable", "other"]:
    return "venv" if place.is_venv else python_origin(place)


def _stub(file: Path) -> PythonInterpreter:
    return PythonInterpreter(
        path=str(file), version="?", implementation="cpython", abi_tag="?", bits=64, kind="store_stub"
    )


def _folders(folder: Path) -> list[Path]:
    try:
        with os.scandir(folder) as entries:
            return [Path(entry.path) for entry in entries if entry.is_dir() and not entry.is_symlink()]
    except OSError:
        return []
