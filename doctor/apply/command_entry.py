"""The way by which new terminals find `tunedoc`, as installers/known_command.py made it: found again and taken back."""

from __future__ import annotations

import ntpath
from typing import TYPE_CHECKING

from doctor.host.user_variables import UserValue

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.host.user_variables import UserVariables
    from doctor.paths import Home

SET_UP_RECORD = "tunedoc-set-up.txt"
"""In `doctor` in tunedoc's folder, where a script has set tunedoc up."""


def forget_command(home: Home, system: str, user_folder: Path, variables: UserVariables | None) -> bool:
    """Take the entry of this folder, and no other, off the user's PATH; elsewhere the link. Whether there was one.

    Raises OSError.
    """
    if system != "windows":
        link = user_folder / ".local" / "bin" / "tunedoc"
        found = link.is_symlink() and link.readlink() == home.root / "doctor" / "bin" / "tunedoc"
        if found:
            link.unlink()
        return found
    before = variables.read("Path") if variables is not None else None
    if variables is None or before is None:
        return False
    after = without(before.value, str(home.root / "bin"))
    if after == before.value:
        return False
    variables.write("Path", UserValue(after, before.kind) if after else None)
    return True


def without(path: str, folder: str) -> str:
    """A PATH of Windows without one folder; the other entries stay as they are written."""
    wanted = _plain(folder)
    return ";".join(entry for entry in path.split(";") if _plain(entry) != wanted)


def _plain(entry: str) -> str:
    return ntpath.normcase(entry.strip().strip('"')).rstrip("\\")
