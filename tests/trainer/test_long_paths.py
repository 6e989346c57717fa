r"""Paths in the `\\?\` form."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from trainer.long_paths import deep_root, extended, long_path


@pytest.mark.parametrize(
    ("path", "form"),
    [
        (r"C:\Users\李\模型 dir\a", r"\\?\C:\Users\李\模型 dir\a"),
        ("C:/Users/x/../y/./z", r"\\?\C:\Users\y\z"),
        ("C:\\", "\\\\?\\C:\\"),
        (r"\\nas\models\llama", r"\\?\UNC\nas\models\llama"),
        ("//nas/models/llama", r"\\?\UNC\nas\models\llama"),
        (r"\\?\C:\already", r"\\?\C:\already"),
        (r"\\?\UNC\nas\models", r"\\?\UNC\nas\models"),
        (r"\\.\pipe\name", r"\\.\pipe\name"),
        (r"relative\path", r"relative\path"),
        (r"C:relative", r"C:relative"),
        (r"\rooted", r"\rooted"),
        ("", ""),
    ],
)
def test_the_form_without_a_limit(path: str, form: str) -> None:
    assert extended(path) == form
    assert extended(extended(path)) == form


@pytest.mark.skipif(sys.platform == "win32", reason="what other systems do")
def test_elsewhere_paths_stay_as_they_are() -> None:
    long = Path("/" + "/".join(["d" * 100] * 4))
    assert long_path(long) == deep_root(long) == str(long)


@pytest.mark.skipif(sys.platform != "win32", reason="what Windows does")
def test_on_windows_only_long_paths_take_the_form(tmp_path: Path) -> None:
    assert long_path(tmp_path) == str(tmp_path)
    assert deep_root(tmp_path) == "\\\\?\\" + str(tmp_path)
    deep = tmp_path.joinpath(*["d" * 60] * 6)
    assert long_path(deep) == "\\\\?\\" + str(deep)
