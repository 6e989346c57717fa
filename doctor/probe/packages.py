"""The packages of an environment, from the names of their metadata folders, and what pip left behind."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from doctor.late_pattern import late_pattern
from doctor.probe.folders import names_in
from doctor.quick_dataclass import dataclass
from doctor.snapshot.model import Package

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

_METADATA = late_pattern(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._]*)-(?P<version>\d[^-]*)\.dist-info", re.IGNORECASE)
_EGG = late_pattern(r"(?P<name>[A-Za-z0-9][A-Za-z0-9._]*)-(?P<version>\d[^-]*)(-py[\d.]+)?(-[^-]+)?\.egg-info")
_CONDA = late_pattern(r"(?P<name>.+)-(?P<version>[^-]+)-(?P<build>[^-]+)\.json")
_HEAD_BYTES = 64 * 1024


@dataclass(frozen=True, kw_only=True)
class Metadata:
    """One set of metadata of a package."""

    package: Package
    folder: Path
    """The dist-info or egg-info folder, or conda's record."""


@dataclass(frozen=True, kw_only=True)
class Packages:
    """All that stands in the site-packages of an environment."""

    sites: tuple[Path, ...]
    found: tuple[Metadata, ...]
    """By name; of several sets of one name all, in the order in which Python would look."""
    leftovers: tuple[str, ...]

    @property
    def installed(self) -> tuple[Package, ...]:
        """One a name: the set that Python finds first."""
        first: dict[str, Package] = {}
        for metadata in self.found:
            first.setdefault(metadata.package.name, metadata.package)
        return tuple(first[name] for name in sorted(first))

    @property
    def duplicates(self) -> tuple[str, ...]:
        """`numpy 1.26.4, 2.1.0`: packages with more than one set of metadata in one folder."""
        sets: dict[tuple[Path, str], list[str]] = {}
        for metadata in self.found:
            if metadata.folder.suffix != ".json":
                sets.setdefault((metadata.folder.parent, metadata.package.name), []).append(metadata.package.version)
        return tuple(f"{name} {', '.join(sorted(all_))}" for (_, name), all_ in sorted(sets.items()) if len(all_) > 1)

    def metadata(self, name: str) -> Metadata | None:
        """The set that Python finds first of a package, by its normal name."""
        return next((metadata for metadata in self.found if metadata.package.name == name), None)

    def folder(self, name: str) -> Path | None:
        """The folder of an import package."""
        return next((site / name for site in self.sites if (site / name).is_dir()), None)


def read_packages(sites: Iterable[Path], conda: Path | None = None) -> Packages:
    """Look through site-packages, and conda's records below a prefix for what is no Python package."""
    sites = tuple(sites)
    found: list[Metadata] = []
    leftovers: list[str] = []
    for site in sites:
        for name in sorted(names_in(site)):
            match = _METADATA.fullmatch(name) or _EGG.fullmatch(name)
            if match:
                found.append(_metadata(site / name, match["name"], match["version"]))
            elif name.startswith("~") and len(name) > 1:
                # pip renames what it removes to ~ and the rest of the name, and renames it back when it fails.
                leftovers.append(name)
    if conda is not None:
        have = {metadata.package.name for metadata in found}
        for name in sorted(names_in(conda / "conda-meta")):
            match = _CONDA.fullmatch(name)
            if match and normal_name(match["name"]) not in have:
                found.append(_metadata(conda / "conda-meta" / name, match["name"], match["version"]))
    return Packages(sites=sites, found=tuple(found), leftovers=tuple(leftovers))


def normal_name(name: str) -> str:
    """As package indexes spell it: lower case, hyphens."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_head(file: Path, *, most: int = _HEAD_BYTES) -> str:
    """The beginning of a text file, `most` bytes of it; empty when it cannot be read."""
    try:
        with file.open("rb") as stream:
            return stream.read(most).decode("utf-8", "replace")
    except OSError:
        return ""


def _metadata(folder: Path, name: str, version: str) -> Metadata:
    return Metadata(package=Package(name=normal_name(name), version=version.replace("_", "-")), folder=folder)
