"""What the scenarios under Windows Python share. On any other system there is nothing to collect here."""

from __future__ import annotations

import faulthandler
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from doctor.environment import current_environment
from tests.windows.inside.windows_machine import (
    KEPT_HOME,
    ROOT,
    RegistryDesk,
    SimulatedDriver,
    WindowsMachine,
    kept_environ,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from doctor.paths import Home

INSTALL_SECONDS = 1800
"""No test is about time; this only ends an install that would never end."""

collect_ignore_glob = [] if sys.platform == "win32" else ["test_*.py"]


@pytest.fixture
def machine(tmp_path: Path) -> WindowsMachine:
    """An empty tunedoc folder whose name has a blank and Chinese letters."""
    return WindowsMachine.at(tmp_path)


@pytest.fixture
def driver(tmp_path: Path) -> SimulatedDriver:
    """A simulated NVIDIA driver, which the real nvidia-ml-py loads."""
    return SimulatedDriver.at(tmp_path / "windows")


@pytest.fixture
def registry() -> Iterator[RegistryDesk]:
    """This machine's registry; what a test changes there is put back."""
    desk = RegistryDesk()
    yield desk
    desk.restore()


@pytest.fixture(scope="session")
def windows_home() -> Home:
    """A tunedoc folder with the real CPU environment, which `install` built with the real uv.exe.

    Kept between runs: the install is asked for every time, and builds anew only what the catalogue has changed since.
    Tests must not change it.
    """
    # A run ends when a test takes minutes; this one may.
    faulthandler.cancel_dump_traceback_later()
    home = KEPT_HOME
    done = subprocess.run(
        [sys.executable, "-m", "doctor", "install", "--yes"], env=kept_environ(home), cwd=ROOT, capture_output=True,
        stdin=subprocess.DEVNULL, timeout=INSTALL_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")[-4000:]
    assert current_environment(home) is not None
    return home
