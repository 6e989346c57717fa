"""The Python environment in question, and others that hold torch: all from names, headers and small files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from doctor.environment import current_environment
from doctor.probe.packages import read_packages
from doctor.probe.places import (
    find_place,
    python_abi,
    python_bits,
    python_origin,
    python_release,
    site_folders,
)
from doctor.probe.pythons import conda_prefixes, identity_of, python_candidates
from doctor.snapshot.model import Absent, PythonEnvironment, Unknown

if TYPE_CHECKING:
    from doctor.host.base import Host
    from doctor.paths import Home
    from doctor.probe.places import Place
    from doctor.snapshot.model import Package

Role = Literal["training", "asked", "active", "found", "told"]

MOST_OTHERS = 10


def probe_environment(host: Host, home: Home, asked: Path | None = None) -> PythonEnvironment | Absent | Unknown:
    """The one that is asked for, else tunedoc's own, else that of this shell if torch is in it.

    Absent when there is none of these; Unknown when the one that is named is no Python, or tunedoc's own is damaged.
    """
    if asked is not None:
        place = find_place(asked)
        if place is None:
            return Unknown(f"{asked} holds no Python")
        return examine_environment(host, place, "asked")
    own = current_environment(home)
    if own is not None:
        place = find_place(own.python)
        if place is None:
            return Unknown(f"{own.python} is gone")
        # Its record is written only after the proof.
        found = examine_environment(host, place, "training")
        return replace(found, path=str(own.folder), stack=own.stack, proved=True)
    if home.current_environment.exists():
        return Unknown(f"{home.current_environment} names an environment that is unfinished or gone")
    for folder in active_folders(host):
        place = find_place(folder)
        if place is not None and has_torch(place):
            return examine_environment(host, place, "active")
    return Absent("none was built yet, and the active Python has no torch")


def probe_other_environments(
    host: Host, home: Home, subject: PythonEnvironment | Absent | Unknown
) -> tuple[PythonEnvironment, ...]:
    """Further environments of this machine that hold torch, with their cheap facts; those of this shell first."""
    known = {identity_of(place) for path in _paths_of(home, subject) if (place := find_place(path)) is not None}
    found: list[PythonEnvironment] = []
    active = active_folders(host)
    for candidate in (*active, *python_candidates(host), *conda_prefixes(host), *_other_own(home)):
        place = find_place(candidate)
        if place is None or identity_of(place) in known:
            continue
        known.add(identity_of(place))
        if has_torch(place):
            role: Role = "active" if candidate in active else "found"
            found.append(examine_environment(host, place, role, whole=False))
            if len(found) == MOST_OTHERS:
                break
    return tuple(found)


def installed_packages(environment: Path) -> tuple[Package, ...]:
    """Packages of a virtual environment, by name."""
    folders = [environment / "Lib" / "site-packages", *sorted(environment.glob("lib/python3*/site-packages"))]
    return read_packages(folders).installed


def active_folders(host: Host) -> tuple[Path, ...]:
    """Prefixes of the environments that this shell has activated, the innermost first."""
    return tuple(Path(value) for name in ("VIRTUAL_ENV", "CONDA_PREFIX") if (value := host.environ.get(name)))


def has_torch(place: Place) -> bool:
    """Whether there is a torch in it, whole or not."""
    return any((site / "torch" / "version.py").exists() for site in site_folders(place))


def examine_environment(host: Host, place: Place, role: Role, *, whole: bool = True) -> PythonEnvironment:
    """All facts of one environment; without `whole`, only those that cost next to nothing."""
    release = python_release(place)
    packages = read_packages(site_folders(place), place.root)
    return PythonEnvironment(
        path=str(place.root),
        python_version=release,
        packages=packages.installed,
        role=role,
        kind=python_origin(place),
        bits=python_bits(place),
        abi_tag=python_abi(place, release),
        leftovers=packages.leftovers,
        duplicates=packages.duplicates,
    )


def _paths_of(home: Home, subject: PythonEnvironment | Absent | Unknown) -> tuple[Path, ...]:
    paths = (Path(subject.path),) if isinstance(subject, PythonEnvironment) else ()
    own = current_environment(home)
    if own is not None and paths == (own.folder,):
        return (own.python,)
    return paths


def _other_own(home: Home) -> tuple[Path, ...]:
    """Tunedoc's own, which is another one when the user asked for a certain environment."""
    own = current_environment(home)
    return () if own is None else (own.python,)
