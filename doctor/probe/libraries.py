"""Libraries that an environment brings along: OpenMP runtimes, and the C++ runtime beside python.exe."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from doctor.late_pattern import late_pattern
from doctor.probe.folders import names_in
from doctor.reading.pe import PeError, read_pe
from doctor.snapshot.model import Package, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from doctor.probe.places import Place

_OPENMP = late_pattern(
    r"(libiomp5md?|libomp(?:140)?(?:\.[\w-]+)?|vcomp(?:140)?(?:-\w+)?|libgomp(?:-[\w.]+)?|mk2iomp5md|iomp5md)"
    r"\.(?:dll|dylib|so[\d.]*)",
    re.IGNORECASE,
)
_RUNTIME = late_pattern(r"(vcruntime140\w*|msvcp140\w*|concrt140|ucrtbase)\.dll", re.IGNORECASE)
_BELOW = {"lib", ".libs", "bin", ".dylibs"}
"""Where in a package libraries lie, apart from its own folder; looking deeper would read all folders."""


def openmp_runtimes(place: Place, sites: Iterable[Path]) -> tuple[str, ...]:
    """OpenMP runtimes by path below their site-packages, or below the prefix for conda's."""
    found: list[str] = []
    for site in sites:
        for package in _folders(site):
            if package.endswith((".dist-info", ".egg-info")) or package == "__pycache__":
                continue
            names = sorted(names_in(site / package))
            found += [f"{package}/{name}" for name in names if _OPENMP.fullmatch(name)]
            for below in _BELOW.intersection(names):
                folder = f"{package}/{below}"
                found += [f"{folder}/{name}" for name in sorted(names_in(site / folder)) if _OPENMP.fullmatch(name)]
    for folder in ("Library/bin",) if place.windows else ("lib",):
        found += [f"{folder}/{name}" for name in sorted(names_in(place.root / folder)) if _OPENMP.fullmatch(name)]
    return tuple(_without_links(sorted(found)))


def runtime_beside_python(place: Place) -> tuple[Package, ...] | Unknown:
    """The C++ runtime's files in the folder of the python.exe that really runs: Windows takes these first."""
    if not place.windows:
        return Unknown("not made for Windows")
    if place.base is None:
        return Unknown("the Python that the environment rests on is not here")
    found: list[Package] = []
    for name in sorted(names_in(place.base)):
        if _RUNTIME.fullmatch(name):
            try:
                # As the runtime's installer names itself: without the fourth number.
                version = read_pe(place.base / name, version=True).version.rpartition(".")[0] or "?"
            except (PeError, OSError):
                version = "?"
            found.append(Package(name=name.lower(), version=version))
    return tuple(found)


def _without_links(paths: list[str]) -> list[str]:
    """`libgomp.so` and `libgomp.so.1` and `libgomp.so.1.0.0` in one folder are one library."""
    kept: dict[tuple[str, str], str] = {}
    for path in paths:
        folder, _, name = path.rpartition("/")
        key = (folder, re.split(r"\.(?:so|dll|dylib)", name)[0].lower())
        kept.setdefault(key, path)
    return list(kept.values())


def _folders(site: Path) -> list[str]:
    try:
        with os.scandir(site) as entries:
            return sorted(entry.name for entry in entries if entry.is_dir())
    except OSError:
        return []
