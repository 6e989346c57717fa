"""The machine that tunedoc runs on. The only module that starts programs or reads the process's environment."""

from __future__ import annotations

import contextlib
import os
import queue
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import IO, TYPE_CHECKING

from doctor.host.base import CommandMissing, Ran, System, TooSlow

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence


_SLICE_SECONDS = 0.1
"""How long a wait may last before Ctrl-C is looked for."""


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
        output: list[str] = []
        errors: list[str] = []

        def note_error(line: str) -> None:
            errors.append(line)
            if on_stderr is not None:
                on_stderr(line.rstrip("\r\n"))

        readers = [_Reader(process.stdout, output.append), _Reader(process.stderr, note_error)]
        deadline = None if timeout_seconds is None else time.monotonic() + timeout_seconds
        try:
            while process.poll() is None:
                if deadline is not None and time.monotonic() > deadline:
                    raise TooSlow(argv[0])
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(_SLICE_SECONDS)
        finally:
            _end_tree(process)
            process.wait()
            for reader in readers:
                # A child that outlives the program may hold the pipe; nothing it says belongs to the answer.
                reader.join(timeout=5)
        return Ran(argv=tuple(argv), exit_code=process.returncode, stdout="".join(output), stderr="".join(errors))

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

    def take(self, changes: Mapping[str, str | None]) -> None:
        # The libraries that read the environment themselves, such as the hub's, read the process's own.
        for name, value in changes.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
        self.environ = dict(os.environ)

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
        inbox: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        _Reader(self._process.stdout, inbox.put, at_end=lambda: inbox.put(None))
        while True:
            try:
                line = inbox.get(timeout=_SLICE_SECONDS)
            except queue.Empty:
                continue
            if line is None:
                return
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
        return code

    def end(self) -> None:
        _end_tree(self._process)


class _Reader(threading.Thread):
    """Reads a pipe to its end and closes it, so that the thread that waits can hear Ctrl-C.

    On Windows a read from a pipe cannot be interrupted; a wait in short slices can.
    """

    def __init__(
        self, pipe: IO[str] | None, on_line: Callable[[str], object], at_end: Callable[[], object] = lambda: None
    ) -> None:
        super().__init__(daemon=True)
        assert pipe is not None
        self._pipe, self._on_line, self._at_end = pipe, on_line, at_end
        self.start()

    def run(self) -> None:
        try:
            with self._pipe:
                for line in self._pipe:
                    self._on_line(line)
        finally:
            self._at_end()


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
