"""Renaming and removing in spite of who has a file open for a moment."""

from __future__ import annotations

import os
import stat
import sys
from types import SimpleNamespace
from typing import TYPE_CHECKING

import pytest

from trainer import file_moves
from trainer.file_moves import leads_elsewhere, move_folder, remove_tree, replace_file

if TYPE_CHECKING:
    from pathlib import Path


def held(number: int = 32) -> OSError:
    """What Windows raises for a file that another program has open."""
    error = PermissionError(13, "The process cannot access the file")
    error.winerror = number
    return error


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The waits that were asked for; none is really waited."""
    asked: list[float] = []
    monkeypatch.setattr(file_moves.time, "sleep", asked.append)
    return asked


def failing(monkeypatch: pytest.MonkeyPatch, name: str, errors: list[OSError]) -> None:
    """Let a function of the system fail with these errors before it works."""
    real = getattr(os, name)

    def act(*paths: object, **more: object) -> object:
        if errors:
            raise errors.pop(0)
        return real(*paths, **more)

    monkeypatch.setattr(os, name, act)


def test_a_file_takes_the_place_of_another(tmp_path: Path) -> None:
    (tmp_path / "new").write_text("new", encoding="utf-8")
    (tmp_path / "old").write_text("old", encoding="utf-8")
    replace_file(tmp_path / "new", tmp_path / "old")
    assert (tmp_path / "old").read_text(encoding="utf-8") == "new"
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("number", [5, 32, 33])
def test_a_file_that_is_open_elsewhere_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waits: list[float], number: int
) -> None:
    (tmp_path / "new").write_text("new", encoding="utf-8")
    failing(monkeypatch, "replace", [held(number), held(number), held(number)])
    replace_file(tmp_path / "new", tmp_path / "final")
    assert (tmp_path / "final").read_text(encoding="utf-8") == "new"
    assert waits == sorted(waits)
    assert len(waits) == 3


def test_who_never_lets_go_gives_the_systems_own_error_after_a_few_seconds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    (tmp_path / "new").write_text("new", encoding="utf-8")
    failing(monkeypatch, "replace", [held() for _ in range(100)])
    with pytest.raises(PermissionError) as caught:
        replace_file(tmp_path / "new", tmp_path / "final")
    assert getattr(caught.value, "winerror", None) == 32
    assert 2 < sum(waits) < 5
    assert (tmp_path / "new").exists()


def test_other_errors_are_not_waited_for(tmp_path: Path, waits: list[float]) -> None:
    with pytest.raises(FileNotFoundError):
        replace_file(tmp_path / "none", tmp_path / "final")
    with pytest.raises(FileNotFoundError):
        move_folder(tmp_path / "none", tmp_path / "final")
    assert waits == []


def test_a_name_that_is_taken_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    # Windows says "access denied" there, as for a file that is open.
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    failing(monkeypatch, "rename", [held(5)])
    failing(monkeypatch, "replace", [held(5)])
    with pytest.raises(PermissionError):
        move_folder(tmp_path / "one", tmp_path / "two")
    with pytest.raises(PermissionError):
        replace_file(tmp_path / "one", tmp_path / "two")
    assert waits == []


def test_a_file_that_is_marked_read_only_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "new").write_text("new", encoding="utf-8")
    (tmp_path / "old").write_text("old", encoding="utf-8")
    (tmp_path / "old").chmod(stat.S_IREAD)
    replace_file(tmp_path / "new", tmp_path / "old")
    assert (tmp_path / "old").read_text(encoding="utf-8") == "new"


def test_a_folder_is_moved_with_what_is_in_it(tmp_path: Path) -> None:
    (tmp_path / "one" / "deep").mkdir(parents=True)
    assert move_folder(tmp_path / "one", tmp_path / "two 二") == tmp_path / "two 二"
    assert (tmp_path / "two 二" / "deep").is_dir()


def test_a_tree_is_removed_with_its_read_only_files(tmp_path: Path) -> None:
    (tmp_path / "tree" / "deep").mkdir(parents=True)
    file = tmp_path / "tree" / "deep" / "file"
    file.write_text("x", encoding="utf-8")
    file.chmod(stat.S_IREAD)
    assert remove_tree(tmp_path / "tree")
    assert not (tmp_path / "tree").exists()
    assert remove_tree(tmp_path / "tree")


def test_a_file_goes_as_a_tree_does(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x", encoding="utf-8")
    (tmp_path / "file").chmod(stat.S_IREAD)
    assert remove_tree(tmp_path / "file")
    assert not (tmp_path / "file").exists()


def test_a_tree_waits_for_its_files_but_not_for_each_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, waits: list[float]
) -> None:
    (tmp_path / "tree").mkdir()
    for number in range(50):
        (tmp_path / "tree" / str(number)).write_text("x", encoding="utf-8")
    real = os.unlink

    def refuse(*_: object, **__: object) -> None:
        raise held()

    monkeypatch.setattr(os, "unlink", refuse)
    monkeypatch.setattr(file_moves.shutil.os, "unlink", refuse)
    assert not remove_tree(tmp_path / "tree")
    assert sum(waits) < 5
    monkeypatch.setattr(os, "unlink", real)
    assert remove_tree(tmp_path / "tree")


def test_what_a_link_leads_to_is_kept(tmp_path: Path) -> None:
    (tmp_path / "user").mkdir()
    (tmp_path / "user" / "file").write_text("mine", encoding="utf-8")
    (tmp_path / "tree").mkdir()
    try:
        (tmp_path / "tree" / "link").symlink_to(tmp_path / "user", target_is_directory=True)
        (tmp_path / "root").symlink_to(tmp_path / "user", target_is_directory=True)
    except OSError:
        pytest.skip("Windows lets only developers make symbolic links")
    if not (tmp_path / "root").is_symlink():
        pytest.skip("Wine shows a link as what it leads to")
    assert leads_elsewhere(tmp_path / "tree" / "link")
    assert not leads_elsewhere(tmp_path / "user")
    assert not leads_elsewhere(tmp_path / "none")
    assert remove_tree(tmp_path / "tree")
    assert remove_tree(tmp_path / "root")
    assert (tmp_path / "user" / "file").read_text(encoding="utf-8") == "mine"


@pytest.mark.parametrize(
    ("tag", "elsewhere"),
    [(0xA0000003, True), (0x9000601A, False), (0x8000001B, False), (0x80000017, False), (0, False)],
    ids=["junction", "onedrive", "app-alias", "compressed", "plain"],
)
def test_of_the_reparse_points_a_junction_alone_leads_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tag: int, elsewhere: bool
) -> None:
    found = SimpleNamespace(st_mode=stat.S_IFDIR | 0o777, st_reparse_tag=tag)
    monkeypatch.setattr(os, "lstat", lambda _: found)
    assert leads_elsewhere("C:\\any") is elsewhere


@pytest.mark.skipif(sys.platform == "win32", reason="elsewhere than on Windows nothing holds a file")
def test_elsewhere_an_open_file_is_no_hindrance(tmp_path: Path, waits: list[float]) -> None:
    (tmp_path / "old").write_text("old", encoding="utf-8")
    (tmp_path / "new").write_text("new", encoding="utf-8")
    with (tmp_path / "old").open(encoding="utf-8"):
        replace_file(tmp_path / "new", tmp_path / "old")
        assert remove_tree(tmp_path)
    assert waits == []
