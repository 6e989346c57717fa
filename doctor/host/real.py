"""The machine that tunedoc runs on. The only module that starts programs or reads the process's environment."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING

from doctor.host.base import CommandMissing, Ran, System, TooSlow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence


class RealHost:
    """This machine."""

    def __init__(self) -> None:
        self.system: System = "windows" if sys.platform == "win32" else "macos" if sys.platform == "darwin" else "linux"
        self.environ: Mapping[str, str] = dict(os.environ)
        self.python = Path(sys.executable)

    def run(
        self,
        argv: Sequence[str],
        *,
        timeout_seconds: float | None = None,
        environ: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        on_stderr: Callable[[str], None] | None = None,
    ) -> Ran:
        process = _open(argv, environ=environ, cwd=cwd, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
        errors: list[str] = []

        def drain() -> None:
            assert process.stderr is not None
            with process.stderr:
                for line in process.stderr:
                    errors.append(line)
                    if on_stderr is not None:
                        on_stderr(line.rstrip("\r\n"))

        reader = threading.Thread(target=drain, daemon=True)
        reader.start()
        timer = threading.Timer(timeout_seconds, lambda: _end_tree(process)) if timeout_seconds else None
        if timer is not None:
            timer.start()
        try:
            assert process.stdout is not None
            output = process.stdout.read()
            code = process.wait()
            reader.join(timeout=5)
        except BaseException:
            _end_tree(process)
            raise
        finally:
            timed_out = timer is not None and not timer.is_alive()
            if timer is not None:
                timer.cancel()
            # stderr is closed by its reader: closing under a thread that still reads would wait for it.
            if process.stdout is not None:
                process.stdout.close()
        if timed_out and code != 0:
            raise TooSlow(argv[0])
        return Ran(argv=tuple(argv), exit_code=code, stdout=output, stderr="".join(errors))

    def start(
        self,
        argv: Sequence[str],
        *,
        environ: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        stderr: Path | None = None,
    ) -> RealProcess:
        if stderr is None:
            return RealProcess(_open(argv, environ=environ, cwd=cwd, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL))
        stderr.parent.mkdir(parents=True, exist_ok=True)
        with stderr.open("ab") as log:
            return RealProcess(_open(argv, environ=environ, cwd=cwd, stdin=subprocess.PIPE, stderr=log))

    def free_bytes(self, path: Path) -> int:
        while not path.exists() and path != path.parent:
            path = path.parent
        return shutil.disk_usage(path).free


class RealProcess:
    """A running program of this machine."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.pid = process.pid

    def lines(self) -> Iterator[str]:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            yield line.rstrip("\r\n")

    def write_line(self, line: str) -> None:
        # The program may have ended a moment ago; its exit code tells the story, not this write.
        with contextlib.suppress(OSError, ValueError):
            assert self._process.stdin is not None
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()

    def close_stdin(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            assert self._process.stdin is not None
            self._process.stdin.close()

    def wait(self, timeout_seconds: float | None = None) -> int:
        try:
            code = self._process.wait(timeout_seconds)
        except subprocess.TimeoutExpired as exc:
            raise TooSlow(str(self._process.args)) from exc
        self.close_stdin()
        if self._process.stdout is not None:
            self._process.stdout.close()
        return code

    def end(self) -> None:
        _end_tree(self._process)


def _open(
    argv: Sequence[str],
    *,
    environ: Mapping[str, str] | None,
    cwd: Path | None,
    stdin: int,
    stderr: int | IO[bytes],
) -> subprocess.Popen[str]:
    # A group of its own: Ctrl-C in the terminal reaches the doctor alone, which then decides, and the whole tree can
    # be ended together.
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NEW_PROCESS_GROUP
    try:
        return subprocess.Popen(
            list(argv),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=None if environ is None else dict(environ),
            cwd=cwd,
            encoding="utf-8",
            errors="replace",
            creationflags=flags,
            start_new_session=sys.platform != "win32",
        )
    except FileNotFoundError as exc:
        raise CommandMissing(argv[0]) from exc


def _end_tree(process: subprocess.Popen[str]) -> None:
    if process.poll() is not None:
        return
    if sys.platform == "win32":
        import psutil

        with contextlib.suppress(psutil.Error):
            for child in psutil.Process(process.pid).children(recursive=True):
                with contextlib.suppress(psutil.Error):
                    child.kill()
        with contextlib.suppress(OSError):
            process.kill()
    else:
        with contextlib.suppress(OSError):
            os.killpg(process.pid, signal.SIGKILL)
