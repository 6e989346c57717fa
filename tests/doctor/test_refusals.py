"""What the system refused is told with the file and the program that has it open."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from doctor.host.who_holds import Holder, who_holds
from doctor.refusals import hint_for, refusal
from doctor.words.text import Text, render


def windows_error(number: int, *names: str) -> OSError:
    error = PermissionError(13, "Permission denied")
    error.winerror = number  # type: ignore[attr-defined]
    if names:
        error.filename, error.filename2 = names[0], names[-1] if len(names) > 1 else None
    return error


def said(detail: Text | str, language: str = "en") -> str:
    return render(detail, "zh" if language == "zh" else "en") if isinstance(detail, Text) else detail


def test_the_program_that_has_the_file_open_is_named_once() -> None:
    asked: list[Path] = []

    def ask(*paths: Path) -> tuple[Holder, ...]:
        asked.extend(paths)
        return (Holder(name="Windows Explorer", pid=7), Holder(name="Windows Explorer", pid=7))

    detail = refusal(windows_error(32, "new", "\\\\?\\C:\\old"), ask)
    assert said(detail) == "`new` is open in Windows Explorer (7)"
    assert said(detail, "zh") == "`new` 正被 Windows Explorer (7) 占用"
    assert asked == [Path("C:\\old"), Path("new")]


@pytest.mark.parametrize(
    ("number", "words"),
    [(32, "is open in another program"), (33, "is open in another program"), (5, "or you may not change it")],
)
def test_where_windows_does_not_tell_the_file_is_named(number: int, words: str) -> None:
    error = windows_error(number, "\\\\?\\UNC\\nas\\share\\x")
    detail = said(refusal(error, lambda *_: ()))
    assert words in detail
    assert "`\\\\nas\\share\\x`" in detail.replace("/", "\\")
    assert hint_for(error) is not None


def test_other_errors_keep_the_systems_words() -> None:
    error = FileNotFoundError(2, "No such file or directory", "x")
    assert refusal(error) == "No such file or directory"
    assert hint_for(error) is None
    assert refusal(OSError("odd")) == "odd"


def test_an_error_without_a_file_is_told_too() -> None:
    assert "`?`" in said(refusal(windows_error(32), lambda *_: ()))


@pytest.mark.skipif(sys.platform == "win32", reason="what other systems do")
def test_elsewhere_nobody_is_asked(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w", encoding="utf-8"):
        assert who_holds(tmp_path, tmp_path / "file") == ()


@pytest.mark.skipif(sys.platform != "win32", reason="only Windows tells")
def test_windows_is_asked_and_never_fails(tmp_path: Path) -> None:
    with (tmp_path / "文件 file").open("w", encoding="utf-8"):
        for holder in who_holds(tmp_path, tmp_path / "文件 file", tmp_path / "none"):
            assert holder.pid > 0
