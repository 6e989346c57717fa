"""Links and junctions in tunedoc's own folders: what they lead to is the user's."""

from __future__ import annotations

import stat
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from doctor.apply import environment_list
from doctor.apply.environment_list import _room
from doctor.apply.package_files import added_files
from doctor.bundling.making import WHEELS, _remove_strangers

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def users(tmp_path: Path) -> Path:
    """A folder of the user with a file, which links lead to."""
    folder = tmp_path / "user"
    folder.mkdir()
    (folder / "mine.whl").write_bytes(b"x" * 100_000)
    return folder


def link(place: Path, target: Path) -> Path:
    try:
        place.symlink_to(target, target_is_directory=True)
    except OSError:
        pytest.skip("Windows lets only developers make symbolic links")
    if not place.is_symlink():
        pytest.skip("Wine shows a link as what it leads to")
    return place


def test_a_bundle_that_is_made_again_removes_nothing_behind_a_link(tmp_path: Path, users: Path) -> None:
    wheels = tmp_path / "bundle" / WHEELS
    (wheels / "deep").mkdir(parents=True)
    (wheels / "old.whl").write_bytes(b"")
    link(wheels / "deep" / "link", users)
    (tmp_path / "empty").mkdir()
    link(wheels / "empty", tmp_path / "empty")
    _remove_strangers(tmp_path / "bundle", {})
    assert (users / "mine.whl").exists()
    assert not (wheels / "old.whl").exists()


def test_files_behind_a_link_are_not_the_environments(tmp_path: Path, users: Path) -> None:
    site = tmp_path / "site-packages"
    site.mkdir()
    link(site / "link", users)
    (site / "own.py").write_text("", encoding="utf-8")
    assert added_files([site], []) == (site / "own.py",)


class Entry:
    """What `os.scandir` gives."""

    def __init__(self, path: str, tag: int, size: int) -> None:
        self.path, self._tag, self._size = path, tag, size

    def is_dir(self, *, follow_symlinks: bool) -> bool:
        # Windows says yes for a junction too.
        return not self._size

    def stat(self, *, follow_symlinks: bool) -> SimpleNamespace:
        mode = stat.S_IFREG if self._size else stat.S_IFDIR
        return SimpleNamespace(
            st_mode=mode, st_reparse_tag=self._tag, st_size=self._size, st_blocks=self._size // 512, st_nlink=1
        )


def test_a_junction_to_the_folder_it_is_in_is_not_walked_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    listing = {
        "root": [Entry("root/loop", 0xA0000003, 0), Entry("root/deep", 0, 0), Entry("root/file", 0, 512)],
        "root/deep": [Entry("root/deep/file", 0, 1024)],
        "root/loop": [Entry("root/loop", 0xA0000003, 0), Entry("root/file", 0, 512)],
    }
    monkeypatch.setattr(environment_list.os, "scandir", lambda path: listing[path])
    monkeypatch.setattr(environment_list, "deep_root", str)
    assert _room("root").plain == 1536  # type: ignore[arg-type]
