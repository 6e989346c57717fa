"""`bitsandbytes==0.50.2` as the addresses of its wheels on the default index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.errors import UsageError
from doctor.late_pattern import late_pattern
from doctor.refreshing.indexes import default_index, project_files
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doctor.refreshing.indexes import IndexFile
    from doctor.refreshing.web import Web
    from doctor.uv.program import Uv

_NAMED = late_pattern(r"([A-Za-z0-9][A-Za-z0-9._-]*)==([0-9][A-Za-z0-9.+!]*)")
_PYTHON = "3.12"
"""Of wheels that differ by Python alone, the one for this is read."""


def named_wheels(place: str, web: Web, uv: Uv) -> tuple[str, ...]:
    """One wheel for Windows and one for Linux on x86-64, as the index has them; a path or an address as it is.

    Raises NoNetwork, UsageError.
    """
    named = _NAMED.fullmatch(place)
    if named is None:
        return (place,)
    package, version = named[1].lower().replace("_", "-").replace(".", "-"), named[2]
    found = both_systems(project_files(web, default_index(uv), package), version)
    if not found:
        raise UsageError(text("refreshing.no_such_version", package=package, version=version))
    return tuple(file.url for file in found)


def both_systems(files: Iterable[IndexFile], version: str) -> tuple[IndexFile, ...]:
    """One wheel of a version for Windows and one for Linux, on x86-64, as far as there are."""
    fitting = [file for file in files if file.name.version == version and file.name.machine == "x86_64"]
    found = (_best(fitting, system) for system in ("windows", "linux"))
    return tuple(file for file in found if file is not None)


def _best(files: list[IndexFile], system: str) -> IndexFile | None:
    fitting = [file for file in files if file.name.system == system]
    for file in fitting:
        if file.name.runs_on(_PYTHON):
            return file
    return fitting[0] if fitting else None
