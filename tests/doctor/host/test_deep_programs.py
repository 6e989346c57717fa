r"""Programs and working folders beyond 260 characters, in the names that CreateProcess takes."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from doctor.host.deep_programs import (
    is_too_long,
    program_file,
    reachable_home,
    shortened,
    working_folder,
)

DEEP = "C:\\" + "\\".join(["folder " + "x" * 50] * 5)
"""Some 290 characters."""


@pytest.mark.parametrize(
    ("path", "expected"),
    [("C:\\" + "a" * 256, False), ("C:\\" + "a" * 257, True), ("\\\\?\\C:\\" + "a" * 300, False), ("uv.exe", False)],
)
def test_the_limit_is_259_and_the_form_without_one_has_none(path: str, expected: bool) -> None:
    assert is_too_long(path, 259) is expected


def test_what_fits_is_not_asked_about() -> None:
    def refuse(path: str) -> str:
        raise AssertionError(path)

    assert shortened("C:\\Users\\李\\tunedoc", 257, refuse) == "C:\\Users\\李\\tunedoc"
    assert shortened("C:\\" + "a" * 254, 257, refuse) == "C:\\" + "a" * 254


def test_what_is_deep_is_asked_for_in_the_form_without_a_limit() -> None:
    asked: list[str] = []

    def answer(path: str) -> str:
        asked.append(path)
        return "\\\\?\\C:\\FOLDER~1\\FOLDER~1"

    assert shortened(DEEP, 257, answer) == "C:\\FOLDER~1\\FOLDER~1"
    assert asked == ["\\\\?\\" + DEEP]


@pytest.mark.parametrize("answer", ["", "\\\\?\\" + DEEP])
def test_on_a_volume_without_short_names_it_stays_as_it_is(answer: str) -> None:
    assert shortened(DEEP, 257, lambda path: answer) == DEEP


@pytest.mark.skipif(sys.platform == "win32", reason="what other systems do")
def test_elsewhere_nothing_changes() -> None:
    deep = "/" + "/".join(["d" * 100] * 4)
    assert (program_file(deep), working_folder(Path(deep)), working_folder(None)) == (None, deep, None)
    assert reachable_home(Path(deep)) == Path(deep)


@pytest.mark.skipif(sys.platform != "win32", reason="what Windows does")
def test_on_windows_a_deep_program_without_a_short_name_is_loaded_by_the_other_form() -> None:
    assert program_file(DEEP) == "\\\\?\\" + DEEP
    assert program_file(r"C:\Windows\System32\cmd.exe") is None
    assert reachable_home(Path(r"C:\Users\李\tunedoc")) == Path(r"C:\Users\李\tunedoc")
