"""Opening and leaving the app in a real terminal; where there is none; a fault inside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from doctor.errors import ExitCode
from tests.package_source import clean_environ

ROOT = Path(__file__).parent.parent.parent.parent
PATIENCE_SECONDS = 120

linux = pytest.mark.skipif(sys.platform == "win32", reason="a terminal that is driven from outside needs a POSIX pty")

FAULT = """
import sys
from doctor.tui import app
def broken(self, room):
    raise RuntimeError("a made-up fault")
app.TunedocApp.action_go = broken
from doctor.cli.main import run
sys.exit(run([]))
"""


def in_terminal(home: Path, command: list[str], keys: list[tuple[str, str]]) -> tuple[int, str]:
    """Run a command in a terminal of 80x24; each key is pressed once its words have come. Exit code and all output."""
    import pty
    import select
    import struct
    import termios
    import time
    from fcntl import ioctl

    ours, theirs = pty.openpty()
    ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    before = termios.tcgetattr(theirs)
    environ = clean_environ(
        TUNEDOC_HOME=str(home), HOME=str(home.parent), TERM="xterm-256color", TUNEDOC_LANG="en", PYTHONPATH=str(ROOT)
    )
    process = subprocess.Popen(command, env=environ, cwd=ROOT, stdin=theirs, stdout=theirs, stderr=theirs)
    written = b""
    end = time.monotonic() + PATIENCE_SECONDS
    waiting = list(keys)
    while process.poll() is None:
        assert time.monotonic() < end, written.decode("utf-8", "replace")
        if select.select([ours], [], [], 0.1)[0]:
            written += os.read(ours, 65536)
        if waiting and waiting[0][0].encode() in written:
            os.write(ours, waiting.pop(0)[1].encode())
    while select.select([ours], [], [], 0.1)[0]:
        written += os.read(ours, 65536)
    after = termios.tcgetattr(theirs)
    os.close(ours)
    os.close(theirs)
    assert after[3] == before[3]  # echo and lines are as they were
    return process.returncode, written.decode("utf-8", "replace")


@linux
def test_the_bare_command_opens_the_app_and_ctrl_q_leaves_the_terminal_as_it_was(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "doctor"]
    code, written = in_terminal(tmp_path / "home", command, [("next step", "\x11")])
    assert code == ExitCode.WELL
    assert "this machine" in written
    assert written.index("\x1b[?1049h") < written.index("\x1b[?1049l")  # the other screen, and back


@linux
def test_the_verb_opens_it_in_the_language_that_is_asked_for(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "doctor", "tui", "--lang", "zh"]
    code, written = in_terminal(tmp_path / "home", command, [("下一步", "\x11")])
    assert code == ExitCode.WELL
    assert "这台电脑" in written


@linux
def test_a_fault_inside_restores_the_terminal_and_has_our_words(tmp_path: Path) -> None:
    code, written = in_terminal(tmp_path / "home", [sys.executable, "-c", FAULT], [("next step", "2")])
    assert code == ExitCode.FAILED
    after = written.partition("\x1b[?1049l")[2]
    assert "error: " in after and "RuntimeError" in after and "hint: " in after
    assert "Traceback" not in written


def piped(*argv: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "doctor", *argv], env=clean_environ(TUNEDOC_LANG="en"), cwd=ROOT, check=False,
        capture_output=True, encoding="utf-8", stdin=subprocess.DEVNULL,
    )  # fmt: skip


def test_without_a_terminal_the_verb_says_so(tmp_path: Path) -> None:
    done = piped("tui")
    assert done.returncode == ExitCode.USAGE
    assert "error: the full-screen app needs a terminal" in done.stderr
    assert not done.stdout


def test_json_is_refused_in_an_envelope() -> None:
    done = piped("tui", "--json")
    envelope = json.loads(done.stdout)
    assert (done.returncode, envelope["errors"][0]["code"]) == (ExitCode.USAGE, "usage")


def test_without_a_terminal_the_bare_command_gives_the_overview() -> None:
    done = piped()
    assert done.returncode == ExitCode.USAGE
    assert "verbs:" in done.stdout
