"""Installs by the real uv.exe that are ended half-way: what was in use stays in use, and the next run finishes."""

from __future__ import annotations

import ctypes
import subprocess
from ctypes import wintypes
from typing import TYPE_CHECKING

import pytest

from doctor.apply.journal import read_journal
from doctor.environment import require_environment
from tests.installing import PATIENCE_SECONDS, Machine, wait_for
from tests.package_source import HOLD, PackageSource, tiny_catalogue, tiny_wheels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_KILL_ON_CLOSE = 0x2000
_EXTENDED_LIMITS = 9


@pytest.fixture
def source() -> Iterator[PackageSource]:
    with PackageSource(tiny_wheels()) as opened:
        yield opened


@pytest.fixture
def updated(tmp_path: Path, source: PackageSource) -> Machine:
    """A machine with one environment in use and another version to install, in `我的 tunedoc`."""
    machine = Machine.at(tmp_path, PIP_INDEX_URL=source.url, UV_HTTP_RETRIES="0").known(source.url)
    machine.install()
    tiny_catalogue(machine.catalogue, index=source.url, peft="0.2")
    source.served |= tiny_wheels(peft="0.2")
    return machine


def is_proving(machine: Machine) -> bool:
    return any(
        (line["step"], line["phase"]) == ("prove", "before") and line["work"].endswith("-2")
        for line in read_journal(machine.home.journal)
    )


def test_ended_by_the_task_manager(updated: Machine, tmp_path: Path) -> None:
    """TerminateProcess, while the new environment is proved: no handler of the program runs."""
    before = updated.in_use()
    hold = tmp_path / "hold"
    hold.touch()
    updated.environ[HOLD] = str(hold)
    process = updated.start()
    wait_for(lambda: is_proving(updated), process)
    process.kill()
    process.communicate(timeout=PATIENCE_SECONDS)
    del updated.environ[HOLD]
    assert (updated.in_use(), updated.version_in_use("peft")) == (before, "0.1")
    hold.unlink()
    assert updated.install()["reused"] is False
    assert updated.version_in_use("peft") == "0.2"


def test_ended_with_the_job_that_a_terminal_put_it_into(updated: Machine, source: PackageSource) -> None:
    """As when a terminal is closed: the install, uv.exe and all they started are ended at once."""
    source.held = "/files/peft-0.2"
    process = updated.start()
    job = job_around(process)
    wait_for(source.holding.is_set, process)
    ctypes.windll.kernel32.CloseHandle(wintypes.HANDLE(job))
    # What ends with its job may leave 0 behind, so that the exit code tells nothing.
    process.communicate(timeout=PATIENCE_SECONDS)
    assert updated.version_in_use("peft") == "0.1"
    source.release()
    assert updated.install()["reused"] is False
    assert updated.version_in_use("peft") == "0.2"


def test_an_environment_in_which_a_program_runs_harms_no_install(updated: Machine, source: PackageSource) -> None:
    """Windows lets nobody move or remove what is open: the new one is built beside it."""
    old = require_environment(updated.home)
    running = subprocess.Popen(
        [old.python, "-c", "import sys, peft; print('up', flush=True); sys.stdin.readline()"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert running.stdout is not None and running.stdout.readline().strip() == b"up"
    updated.install()
    assert updated.version_in_use("peft") == "0.2"
    assert old.python.exists() and running.poll() is None
    code, answer, _ = updated.run("env", "remove", old.folder.name, "--yes")
    assert updated.version_in_use("peft") == "0.2", answer
    running.communicate(b"\n", timeout=PATIENCE_SECONDS)
    assert running.returncode == 0
    if code != 0:
        code, answer, _ = updated.run("env", "remove", old.folder.name, "--yes")
    assert (code, old.folder.exists()) == (0, False), answer


def job_around(process: subprocess.Popen[str]) -> int:
    """A job object that ends everything in it when its handle is closed."""
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.CreateJobObjectW.restype = wintypes.HANDLE
    kernel.OpenProcess.restype = wintypes.HANDLE
    job = kernel.CreateJobObjectW(None, None)
    # JOBOBJECT_EXTENDED_LIMIT_INFORMATION: 144 bytes, the flags at 16.
    limits = ctypes.create_string_buffer(144)
    ctypes.c_uint32.from_buffer(limits, 16).value = _KILL_ON_CLOSE
    assert kernel.SetInformationJobObject(wintypes.HANDLE(job), _EXTENDED_LIMITS, limits, len(limits))
    # PROCESS_TERMINATE and PROCESS_SET_QUOTA.
    opened = kernel.OpenProcess(0x1 | 0x100, False, process.pid)
    assert kernel.AssignProcessToJobObject(wintypes.HANDLE(job), wintypes.HANDLE(opened))
    kernel.CloseHandle(wintypes.HANDLE(opened))
    return int(job)
