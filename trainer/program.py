"""The frame of a program in the training environment: read the request, say how it went, hear commands."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import sys
import threading
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn, TypeVar

from trainer.contract import Failed, FailureKind, Finished, Started, build
from trainer.emit import claim_stdout, emit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

T = TypeVar("T")

_WINDOWS_DISK_FULL = 112
_BROKEN_PIPE = 109
"""Windows' error once nobody can write to the pipe any more."""
_LOOK_SECONDS = 0.1
_LAST_SECONDS = 900.0
"""How long a program may take to save and end once nobody holds its stdin any more: a step may take minutes, but one
that waits for another process for ever."""


class Refusal(Exception):
    """The work cannot be done, for a reason that has a name in the contract."""

    def __init__(self, kind: FailureKind, message: str, *, file: str | None = None, package: str | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.message = message
        self.file = file
        self.package = package


def run_program(name: str, request_kind: type[T], work: Callable[[T], dict[str, Any]], *packages: str) -> NoReturn:
    """Carry out `work` on the request that the command line names, say how it ended, and end the process.

    `packages` are those whose versions `started` carries.
    """
    claim_stdout()
    try:
        emit(Started(program=name, versions=_versions(packages)))
        ending: Finished | Failed = Finished(result=work(_request(request_kind)))
    except Refusal as refusal:
        ending = Failed(kind=refusal.kind, message=refusal.message, file=refusal.file, package=refusal.package)
    except BrokenPipeError:
        end_process(1)  # the doctor has gone; nobody is left to tell
    except KeyboardInterrupt:
        ending = Failed(kind="interrupted", message="interrupted")
    except Exception as error:
        traceback.print_exc()
        ending = _failure(error)
    with contextlib.suppress(BrokenPipeError):
        emit(ending)
    end_process(0 if isinstance(ending, Finished) else 1)


def watch_commands(on_command: Callable[[dict[str, Any]], None], on_end: Callable[[], None]) -> None:
    """Hear the commands on stdin in a thread of their own; `on_end` is told when stdin is closed.

    The process may then save and end by itself, and is ended when it has not within a quarter of an hour.
    """

    def listen() -> None:
        for line in _lines():
            try:
                command = json.loads(line)
            except ValueError:
                command = None
            if isinstance(command, dict):
                on_command(command)
            elif line.strip():
                on_command({"command": "?", "line": line.strip()})
        on_end()
        time.sleep(_LAST_SECONDS)
        end_process(1)

    threading.Thread(target=listen, name="commands", daemon=True).start()


def _lines() -> Iterator[str]:
    """Lines of stdin as they come; on Windows they are looked for before they are read.

    There a read that waits on the pipe holds it, and a DLL whose C runtime asks what stdin is while it loads then waits
    too: `import torch` beside such a read never ends.
    """
    if sys.platform == "win32":
        import ctypes
        import msvcrt

        look = ctypes.WinDLL("kernel32", use_last_error=True).PeekNamedPipe
        handle = ctypes.c_void_p(msvcrt.get_osfhandle(0))
        msvcrt.setmode(0, os.O_BINARY)
        waiting = ctypes.c_ulong()
        pending = b""
        while look(handle, None, 0, None, ctypes.byref(waiting), None):
            if not waiting.value:
                time.sleep(_LOOK_SECONDS)
                continue
            *lines, pending = (pending + os.read(0, waiting.value)).split(b"\n")
            for line in lines:
                yield line.decode("utf-8", "replace")
        if ctypes.get_last_error() == _BROKEN_PIPE:
            return
        # Not a pipe but a console or a file, which somebody uses who tries a program by hand.
    yield from sys.stdin


def end_process(code: int) -> NoReturn:
    """End at once. Python's own way out would wait for the thread that listens, or fail over it."""
    with contextlib.suppress(OSError, ValueError):
        sys.stderr.flush()
    os._exit(code)


def is_disk_full(error: BaseException) -> bool:
    """Whether an error, or one behind it, says that a volume has no room."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and (
            seen.errno == errno.ENOSPC or getattr(seen, "winerror", None) == _WINDOWS_DISK_FULL
        ):
            return True
        # safetensors reports the system's error as text inside its own.
        if "No space left on device" in str(seen) or "os error 112" in str(seen):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


def _request(kind: type[T]) -> T:
    if len(sys.argv) != 2:
        raise Refusal("bad_job", "one argument is expected: the request file")
    try:
        return build(kind, json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")))
    except OSError as error:
        raise Refusal("bad_job", f"cannot read the request: {error.strerror}", file=sys.argv[1]) from error
    except (ValueError, TypeError, AttributeError) as error:
        raise Refusal("bad_job", f"the request is not what it should be: {error}", file=sys.argv[1]) from error


def _failure(error: Exception) -> Failed:
    if is_disk_full(error):
        return Failed(
            kind="no_space", message="no space left on the disk", file=_text(getattr(error, "filename", None))
        )
    if isinstance(error, ImportError):
        return Failed(kind="missing_package", message=f"the training environment lacks a package: {error}")
    if isinstance(error, MemoryError):
        return Failed(kind="out_of_memory", message="not enough memory")
    return Failed(
        kind="crashed", message=f"{type(error).__name__}: {error}", file=_text(getattr(error, "filename", None))
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _versions(packages: tuple[str, ...]) -> dict[str, str]:
    from importlib.metadata import PackageNotFoundError, version

    found: dict[str, str] = {}
    for package in packages:
        with contextlib.suppress(PackageNotFoundError):
            found[package] = version(package)
    return found
