"""What a script did so that terminals find `tunedoc` is taken back, and nothing else."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from doctor.apply.command_entry import forget_command, without
from doctor.host.user_variables import UserValue
from doctor.paths import Home

if TYPE_CHECKING:
    from pathlib import Path


class Kept:
    """Variables in memory."""

    place = "memory"
    effect = "new_programs"

    def __init__(self, path: UserValue | None) -> None:
        self.path = path

    def read(self, name: str) -> UserValue | None:
        assert name == "Path"
        return self.path

    def write(self, name: str, value: UserValue | None) -> None:
        assert name == "Path"
        self.path = value


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (r"%USERPROFILE%\bin;C:\家\tunedoc\bin", r"%USERPROFILE%\bin"),
        (r'C:\a b; "c:\家\TUNEDOC\bin\" ;C:\x;', r"C:\a b;C:\x;"),
        (r"C:\家\tunedoc\bin", ""),
        (r"C:\家\tunedoc\bin2;;C:\x", r"C:\家\tunedoc\bin2;;C:\x"),
    ],
)
def test_one_entry_goes_and_the_others_stay_as_they_are(before: str, after: str) -> None:
    assert without(before, r"C:\家\tunedoc\bin") == after


def test_the_values_kind_is_kept_and_an_empty_one_goes(tmp_path: Path) -> None:
    folder = str(tmp_path / "bin")
    user = Kept(UserValue(f"C:\\x;{folder}", "expand"))
    home = Home(tmp_path)
    assert forget_command(home, "windows", tmp_path, user)  # type: ignore[arg-type]
    assert user.path == UserValue("C:\\x", "expand")
    assert not forget_command(home, "windows", tmp_path, user)  # type: ignore[arg-type]
    user.path = UserValue(folder)
    assert forget_command(home, "windows", tmp_path, user)  # type: ignore[arg-type]
    assert user.path is None


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there, and none is made")
def test_only_the_link_to_this_folder_goes(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    link = tmp_path / ".local" / "bin" / "tunedoc"
    link.parent.mkdir(parents=True)
    link.symlink_to("/elsewhere/tunedoc")
    assert not forget_command(home, "linux", tmp_path, None)
    assert link.is_symlink()
    link.unlink()
    link.symlink_to(home.root / "doctor" / "bin" / "tunedoc")
    assert forget_command(home, "linux", tmp_path, None)
    assert not link.is_symlink()
