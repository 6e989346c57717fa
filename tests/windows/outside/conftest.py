"""Tests that run on Linux and drive Windows programs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.windows.lab import Lab, NoLab

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="session")
def lab() -> Lab:
    """The lab of this checkout, or the copy of it that the runner names.

    A test that changes its registry or needs another profile takes a clone of it.
    """
    chosen = os.environ.get("TUNEDOC_WINDOWS_PREFIX")
    found = Lab(prefix=Path(chosen) if chosen else None)
    try:
        found.up()
    except NoLab as exc:
        pytest.skip(str(exc))
    return found


@pytest.fixture
def fresh_lab(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A new Windows without Python, gone after the test."""
    one = lab.fresh(tmp_path_factory.mktemp("windows") / "prefix")
    yield one
    one.down()
