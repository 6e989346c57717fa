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
from doctor.host.deep_programs import program_file, working_folder
from doctor.host.job_objects import CREATE_SUSPENDED, hush_dialogs, make_job, wake

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from doctor.host.job_objects import Job


_SLICE_SECONDS = 0.1
"""How long a wait may last before Ctrl-C is looked for."""
_NEW_GROUP, _NO_WINDOW = 0x200, 0x08000000


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
        process, job = _open(argv, environ=environ, cwd=cwd, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE)
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
            _end_tree(process, job)
            process.wait()
            if job is not None:
                job.close()
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
        lets_finish: bool = False,
    ) -> RealProcess:
        if stderr is None:
            opened = _open(
                argv,
                environ=environ,
                cwd=cwd,
                stdin=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                lets_finish=lets_finish,
            )
            return RealProcess(*opened)
        stderr.parent.mkdir(parents=True, exist_ok=True)
        with stderr.open("ab") as log:
            opened = _open(argv, environ=environ, cwd=cwd, stdin=subprocess.PIPE, stderr=log, lets_finish=lets_finish)
            return RealProcess(*opened)

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

    def __init__(self, process: subprocess.Popen[str], job: Job | None = None) -> None:
        self._process = process
        self._job = job
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
        if self._job is not None:
            self._job.close()
        return code

    def end(self) -> None:
        _end_tree(self._process, self._job)


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


def creation_flags(system: System, *, suspended: bool) -> int:
    """Flags that a child of tunedoc is created with; 0 elsewhere than on Windows.

    A group of its own: Ctrl-C is the doctor's, which then decides. A console of its own that is never shown: no window
    flashes when tunedoc has none (in the full-screen app's shortcut, under a task scheduler), the child cannot write
    over the screen or change its code page, and a closed window does not end a training that is about to save. What the
    child starts shares that console, so nothing flashes there either.
    """
    if system != "windows":
        return 0
    return _NEW_GROUP | _NO_WINDOW | (CREATE_SUSPENDED if suspended else 0)


def _open(
    argv: Sequence[str],
    *,
    environ: Mapping[str, str] | None,
    cwd: Path | None,
    stdin: int,
    stderr: int | IO[bytes],
    lets_finish: bool = False,
) -> tuple[subprocess.Popen[str], Job | None]:
    """Start a program; on Windows with the job object that it and its children are in."""
    hush_dialogs()
    job = make_job(kills=not lets_finish)
    try:
        process = subprocess.Popen(
            list(argv),
            executable=program_file(argv[0]),
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=stderr,
            env=None if environ is None else dict(environ),
            cwd=working_folder(cwd),
            encoding="utf-8",
            errors="replace",
            creationflags=creation_flags("windows" if sys.platform == "win32" else "linux", suspended=job is not None),
            # On Linux the same by a session: no Ctrl-C from the terminal, and one group to be ended together.
            start_new_session=sys.platform != "win32",
        )
    except OSError as exc:
        if job is not None:
            job.close()
        if isinstance(exc, FileNotFoundError):
            raise CommandMissing(argv[0]) from exc
        raise
    if job is None:
        return process, None
    try:
        held = job.add(process.pid)
        wake(process.pid)
    except BaseException:
        process.kill()
        raise
    if held:
        return process, job
    job.close()
    return process, None


def _end_tree(process: subprocess.Popen[str], job: Job | None) -> None:
    """End a program with everything that it started; with a job also what has lost its parent."""
    if job is not None and job.terminate():
        return
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
