"""Keeping the machine awake never hinders the work."""

from __future__ import annotations

import stat
import sys
import time
from typing import TYPE_CHECKING

import pytest

from doctor.host import waking
from doctor.host.waking import awake_command, keep_awake

if TYPE_CHECKING:
    from pathlib import Path


def test_the_block_runs_whatever_the_system_says() -> None:
    done = []
    with keep_awake("训练 training"):
        done.append(True)
    assert done


def test_an_error_of_the_block_comes_through() -> None:
    with pytest.raises(KeyError), keep_awake("training"):
        raise KeyError


@pytest.mark.skipif(sys.platform != "win32", reason="what Windows answers")
def test_windows_agrees() -> None:
    with keep_awake("training") as agreed:
        assert agreed


def test_linux_holds_the_lock_as_long_as_stdin_is_open() -> None:
    command = awake_command("training", lambda name: f"/usr/bin/{name}" if name != "caffeinate" else None, 7)
    assert command is not None
    assert (command[0], command[-1]) == ("/usr/bin/systemd-inhibit", "/usr/bin/cat")
    assert "--why=training" in command
    assert "--what=sleep" in command


def test_macos_watches_this_process() -> None:
    command = awake_command("training", lambda name: f"/usr/bin/{name}" if name == "caffeinate" else None, 7)
    assert command == ["/usr/bin/caffeinate", "-i", "-w", "7"]


def test_a_system_without_such_a_program_is_left_alone() -> None:
    assert awake_command("training", lambda _: None, 7) is None
    assert awake_command("training", lambda name: name if name == "systemd-inhibit" else None, 7) is None


@pytest.mark.skipif(sys.platform == "win32", reason="elsewhere a program holds the lock")
def test_the_program_ends_with_the_block(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    note = tmp_path / "note"
    program = tmp_path / "inhibit"
    program.write_text(f'#!/bin/sh\necho begun >> "{note}"\ncat\necho ended >> "{note}"\n', encoding="utf-8")
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(waking, "awake_command", lambda *_: [str(program)])
    with keep_awake("training") as agreed:
        assert agreed
        while not note.exists():
            time.sleep(0.01)


@pytest.mark.skipif(sys.platform == "win32", reason="elsewhere a program holds the lock")
@pytest.mark.parametrize("command", [["false"], ["/no/such/program"]])
def test_a_program_that_cannot_is_no_failure(command: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waking, "awake_command", lambda *_: command)
    monkeypatch.setattr(waking, "_MOMENT_SECONDS", 5.0)
    with keep_awake("training") as agreed:
        assert not agreed
