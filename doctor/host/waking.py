"""Keep the machine from falling asleep during long work. The screen may go dark; a closed lid is the user's decision.

| system  | how                                                  | seen by                         |
| ------- | ---------------------------------------------------- | ------------------------------- |
| Windows | a power request, else the thread's execution state   | `powercfg /requests`            |
| Linux   | `systemd-inhibit`, which holds a lock of logind      | `systemd-inhibit --list`        |
| macOS   | `caffeinate`, told to watch this process             | `pmset -g assertions`           |

Where none of these works, nothing is kept awake, and nothing fails for it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    class _Reason(ctypes.Structure):
        """REASON_CONTEXT with a simple string."""

        _fields_ = (
            ("version", wintypes.ULONG),
            ("flags", wintypes.DWORD),
            ("words", wintypes.LPCWSTR),
            # Room for the other member of the union.
            ("rest", ctypes.c_void_p * 2),
        )


_MOMENT_SECONDS = 0.05
_SIMPLE_STRING = 1
_SYSTEM_REQUIRED = 1
_ES_SYSTEM_REQUIRED, _ES_CONTINUOUS = 0x1, 0x80000000


@contextmanager
def keep_awake(reason: str) -> Iterator[bool]:
    """Keep the machine awake while the block runs; gives whether the system agreed. Never fails.

    `reason` is shown by the system's own tools. Enter and leave in the same thread.
    """
    let_go: Callable[[], object] | None = None
    with contextlib.suppress(OSError, AttributeError, ValueError):
        let_go = _hold_awake(reason)
    try:
        yield let_go is not None
    finally:
        if let_go is not None:
            with contextlib.suppress(OSError):
                let_go()


def awake_command(reason: str, find: Callable[[str], str | None], process: int) -> list[str] | None:
    """The program that keeps this machine awake as long as it runs, where there is one.

    Each ends by itself when this process is gone: `cat` at the end of its stdin, `caffeinate` by watching.
    """
    if program := find("caffeinate"):
        return [program, "-i", "-w", str(process)]
    inhibit, cat = find("systemd-inhibit"), find("cat")
    if inhibit is None or cat is None:
        return None
    # Not "idle": whether the screen goes dark is no matter of ours.
    return [inhibit, "--what=sleep", "--mode=block", "--who=tunedoc", f"--why={reason}", cat]


def _hold_awake(reason: str) -> Callable[[], object] | None:
    """Begin to keep awake; gives what ends it, or None where the system has no way."""
    if sys.platform == "win32":
        return _hold_by_request(reason) or _hold_by_thread()
    else:
        command = awake_command(reason, shutil.which, os.getpid())
        return None if command is None else _hold_by_program(command)


def _hold_by_program(command: list[str]) -> Callable[[], object] | None:
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )

    def end() -> None:
        with contextlib.suppress(OSError):
            assert process.stdin is not None
            process.stdin.close()
        process.terminate()
        process.wait()

    # Without a logind it ends at once; if it takes longer to do so, the answer is wrong and nothing else.
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_MOMENT_SECONDS)
        end()
        return None
    return end


if sys.platform == "win32":

    def _hold_by_request(reason: str) -> Callable[[], object] | None:
        """A power request of Windows 7 and later; None where it is refused."""
        kernel = ctypes.WinDLL("kernel32", use_last_error=True)
        kernel.PowerCreateRequest.restype = wintypes.HANDLE
        context = _Reason(version=0, flags=_SIMPLE_STRING, words=reason)
        request = kernel.PowerCreateRequest(ctypes.byref(context))
        if request is None or request == wintypes.HANDLE(-1).value:
            return None
        handle = wintypes.HANDLE(request)
        if not kernel.PowerSetRequest(handle, _SYSTEM_REQUIRED):
            kernel.CloseHandle(handle)
            return None
        # Closing the handle withdraws the request.
        return lambda: kernel.CloseHandle(handle)

    def _hold_by_thread() -> Callable[[], object] | None:
        """The older way, bound to the thread that asks."""
        ask = ctypes.windll.kernel32.SetThreadExecutionState
        if not ask(wintypes.DWORD(_ES_CONTINUOUS | _ES_SYSTEM_REQUIRED)):
            return None
        return lambda: ask(wintypes.DWORD(_ES_CONTINUOUS))
