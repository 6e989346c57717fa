"""The Python environment in question, and others that hold torch: all from names, headers and small files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeVar

from doctor.environment import current_environment
from doctor.probe.extensions import bitsandbytes_libraries, built_for, llama_backend
from doctor.probe.imports import Surroundings, missing_libraries, surroundings_of
from doctor.probe.libraries import openmp_runtimes, runtime_beside_python
from doctor.probe.packages import read_packages
from doctor.probe.places import (
    find_place,
    python_abi,
    python_bits,
    python_origin,
    site_folders,
    user_site,
)
from doctor.probe.pythons import FoundPython, python_candidates, user_folder_of
from doctor.probe.torch_files import read_torch
from doctor.snapshot.model import Absent, PythonEnvironment, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from doctor.environment import Environment
    from doctor.host.base import Host
    from doctor.paths import Home
    from doctor.probe.packages import Packages
    from doctor.probe.places import Place
    from doctor.snapshot.model import MissingLibrary, Package

T = TypeVar("T")
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
        return _examine_own(host, own, place)
    if home.current_environment.exists():
        return Unknown(f"{home.current_environment} names an environment that is unfinished or gone")
    for candidate in _active(host):
        place = find_place(candidate)
        if place is not None and has_torch(place):
            return examine_environment(host, place, "active")
    return Absent("none was built yet, and the active Python has no torch")


def probe_other_environments(
    host: Host, home: Home, subject: PythonEnvironment | Absent | Unknown, pythons: Iterable[FoundPython]
) -> tuple[PythonEnvironment, ...]:
    """Further environments of this machine that hold torch, with their cheap facts; those of this shell first."""
    own = current_environment(home)
    known = {place.identity for place in _places_of(own, subject)}
    found: list[PythonEnvironment] = []
    active = active_folders(host)
    owned = () if own is None else (own.python,)
    first = (FoundPython(at=at, place=find_place(at)) for at in (*active, *owned))
    for python in (*first, *pythons):
        candidate, place = python.at, python.place
        if place is None or place.identity in known:
            continue
        known.add(place.identity)
        if has_torch(place):
            if own is not None and candidate == own.python:
                found.append(_examine_own(host, own, place, whole=False))
            else:
                role: Role = "active" if candidate in active else "found"
                found.append(examine_environment(host, place, role, whole=False))
            if len(found) == MOST_OTHERS:
                break
    return tuple(found)


def active_folders(host: Host) -> tuple[Path, ...]:
    """Prefixes of the environments that this shell has activated, the innermost first."""
    return tuple(Path(value) for name in ("VIRTUAL_ENV", "CONDA_PREFIX") if (value := host.environ.get(name)))


def has_torch(place: Place) -> bool:
    """Whether there is a torch in it, whole or not."""
    return any((site / "torch" / "version.py").exists() for site in site_folders(place))


def examine_environment(host: Host, place: Place, role: Role, *, whole: bool = True) -> PythonEnvironment:
    """All facts of one environment; without `whole`, only those that cost next to nothing."""
    sites = site_folders(place)
    packages = read_packages(sites, place.root)
    found = PythonEnvironment(
        path=str(place.root),
        python_version=place.release,
        packages=packages.installed,
        role=role,
        kind=python_origin(place),
        bits=_or_unknown(lambda: python_bits(place)),
        abi_tag=python_abi(place),
        torch=_or_unknown(lambda: read_torch(packages, windows=place.windows, whole=whole)),
        leftovers=packages.leftovers,
        duplicates=packages.duplicates,
    )
    if not whole:
        return found
    libraries, system = bitsandbytes_libraries(packages)
    return replace(
        found,
        built_for=_or_unknown(lambda: built_for(packages)),
        bitsandbytes_libraries=libraries,
        bitsandbytes_system=system,
        llama_backend=_or_unknown(lambda: llama_backend(packages)),
        openmp=_or_unknown(lambda: openmp_runtimes(place, sites)),
        runtime_beside_python=_or_unknown(lambda: runtime_beside_python(place)),
        missing_libraries=_or_unknown(lambda: _missing(host, place, packages)),
        user_site=_or_unknown(lambda: _user_packages(host, place)),
    )


def _missing(host: Host, place: Place, packages: Packages) -> tuple[MissingLibrary, ...] | Unknown:
    if host.system == "macos":
        return Unknown("not asked on macOS")
    if host.system == "windows" and not place.windows:
        return Unknown("made for another system than this one")
    # Seen from Linux, an environment for Windows has no System32 and no PATH that mean anything.
    at_home = place.windows == (host.system == "windows")
    around = surroundings_of(host.system, host.environ) if at_home else Surroundings(system=None)
    return missing_libraries(place, packages, around)


def _user_packages(host: Host, place: Place) -> tuple[Package, ...] | Unknown:
    if place.windows != (host.system == "windows"):
        return Unknown("made for another system than this one")
    folder = user_site(place, host.environ, user_folder_of(host))
    return () if folder is None else read_packages([folder]).installed


def _or_unknown(ask: Callable[[], T]) -> T | Unknown:
    """One fact's answer: a folder that changes or is closed to this user must not cost the other facts."""
    try:
        return ask()
    except (OSError, ValueError, RuntimeError) as exc:
        return Unknown(f"{type(exc).__name__}: {exc}")


def _examine_own(host: Host, own: Environment, place: Place, *, whole: bool = True) -> PythonEnvironment:
    found = examine_environment(host, place, "training", whole=whole)
    # Its record is written only after the proof.
    return replace(found, path=str(own.folder), stack=own.stack, proved=True)


def _active(host: Host) -> tuple[Path, ...]:
    """What this shell has activated, else the Python that the word `python` starts, else the doctor's own."""
    on_path = next(iter(python_candidates(host)), host.python)
    return (*active_folders(host), on_path, host.python)


def _places_of(own: Environment | None, subject: PythonEnvironment | Absent | Unknown) -> tuple[Place, ...]:
    if not isinstance(subject, PythonEnvironment):
        return ()
    path = own.python if own is not None and subject.path == str(own.folder) else Path(subject.path)
    place = find_place(path)
    return () if place is None else (place,)
