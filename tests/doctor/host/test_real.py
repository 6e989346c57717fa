"""Running programs on this machine."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import psutil
import pytest

from doctor.host.base import CommandMissing, TooSlow
from doctor.host.real import RealHost, creation_flags

if TYPE_CHECKING:
    from pathlib import Path

HOST = RealHost()


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_both_streams_and_the_exit_code_come_back() -> None:
    heard: list[str] = []
    code = "import sys; print('出 out'); print('one\\ntwo', file=sys.stderr); sys.exit(7)"
    done = HOST.run(python(code), environ={**HOST.environ, "PYTHONUTF8": "1"}, on_stderr=heard.append)
    assert (done.exit_code, done.stdout.split()) == (7, ["出", "out"])
    assert heard == done.stderr.split() == ["one", "two"]


def test_much_output_on_both_streams_does_not_block() -> None:
    done = HOST.run(python("import sys\nfor i in range(20000): print(i); print(i, file=sys.stderr)"))
    assert len(done.stdout.split()) == len(done.stderr.split()) == 20000


def test_a_program_that_is_too_slow_is_ended_with_its_children(tmp_path: Path) -> None:
    note = tmp_path / "child"
    code = (
        "import subprocess, sys, time, pathlib\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"pathlib.Path({str(note)!r}).write_text(str(child.pid))\n"
        "time.sleep(600)"
    )
    for patience in (3, 15, 60):  # a busy machine may not have come so far when it is ended
        with pytest.raises(TooSlow):
            HOST.run(python(code), timeout_seconds=patience)
        if note.exists():
            break
    child = int(note.read_text(encoding="utf-8"))
    for _ in range(100):
        if not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE:
            return
        time.sleep(0.1)
    raise AssertionError("the child lives on")


def test_a_missing_program_is_told() -> None:
    with pytest.raises(CommandMissing):
        HOST.run(["tunedoc-no-such-program"])


def test_lines_come_as_they_are_written_and_stdin_is_heard() -> None:
    process = HOST.start(
        python(
            "import sys\nprint('ready', flush=True)\nfor line in sys.stdin: print('got ' + line.strip(), flush=True)"
        )
    )
    lines = process.lines()
    assert next(lines) == "ready"
    process.write_line("one")
    assert next(lines) == "got one"
    process.close_stdin()
    assert list(lines) == []
    assert process.wait(10) == 0


def test_a_line_to_a_program_that_has_gone_is_no_error(tmp_path: Path) -> None:
    process = HOST.start(python("import sys; print('bye', file=sys.stderr)"), stderr=tmp_path / "logs" / "run.log")
    assert list(process.lines()) == []
    assert process.wait(10) == 0
    process.write_line("anybody?")
    assert (tmp_path / "logs" / "run.log").read_text(encoding="utf-8").strip() == "bye"


def test_free_space_of_a_folder_that_is_not_there_yet_is_its_volumes(tmp_path: Path) -> None:
    assert HOST.free_bytes(tmp_path / "not" / "yet") > 0


def test_a_child_on_windows_has_a_hidden_console_and_a_group_of_its_own() -> None:
    assert creation_flags("windows", suspended=False) == 0x08000000 | 0x200
    assert creation_flags("windows", suspended=True) == 0x08000000 | 0x200 | 0x4
    assert creation_flags("linux", suspended=True) == creation_flags("macos", suspended=False) == 0


def test_a_program_that_saves_hears_the_end_of_its_stdin_when_the_doctor_is_killed(tmp_path: Path) -> None:
    note = tmp_path / "saved"
    saves = f"import sys, pathlib; sys.stdin.read(); pathlib.Path({str(note)!r}).write_text('yes')"
    doctor = (
        "import sys, time\n"
        "from doctor.host.real import RealHost\n"
        "RealHost().start([sys.executable, '-c', sys.argv[1]], lets_finish=True)\n"
        "print('started', flush=True)\n"
        "time.sleep(600)"
    )
    with subprocess.Popen([sys.executable, "-c", doctor, saves], stdout=subprocess.PIPE, encoding="utf-8") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"
        process.kill()
    for _ in range(300):
        if note.exists():
            return
        time.sleep(0.1)
    raise AssertionError("it did not save")
