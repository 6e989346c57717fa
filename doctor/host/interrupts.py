"""Wishes to stop, from wherever they come: Ctrl-C, Ctrl-Break, a closed window, a log-off, a `kill`.

| comes as                                        | is taken as                                         |
| ----------------------------------------------- | --------------------------------------------------- |
| Ctrl-C                                          | Ctrl-C: `KeyboardInterrupt`, or counted             |
| Ctrl-Break (Windows), SIGTERM, SIGHUP           | one Ctrl-C, however often it comes                  |
| closed window, log-off, shutdown (Windows)      | the same, and the system is held back while we save |

`listen_for_endings()` is called once, when a command begins. Work that must not break off in the middle is done inside
`with Interrupts() as interrupts:` and looks at `interrupts.count` now and then: 1 says save and stop, 2 or more (the
user pressed Ctrl-C again) says stop now.
"""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types import FrameType

_CTRL_C, _CTRL_BREAK = 0, 1
_LAST_WORDS_SECONDS = 30.0
"""Longer than Windows waits: it ends a program 5 seconds after its window was closed, as soon as the handler returns
otherwise."""

_counting: list[Interrupts] = []
_kept: list[Any] = []
"""What Windows calls back must stay alive as long as the process does."""


class Interrupts:
    """Counts the wishes to stop while a piece of work goes on, instead of breaking it off.

    Only the main thread hears signals: used in another, it counts nothing, and the face has its own way to stop.
    """

    def __init__(self) -> None:
        self.count = 0
        """0: go on. 1: save and stop. More: the user does not want to wait for that."""
        self.closing = False
        """The system ends this process in a few seconds, whatever it does."""
        self._before: Any = None

    def __enter__(self) -> Interrupts:
        if threading.current_thread() is threading.main_thread():
            self._before = signal.signal(signal.SIGINT, self._on_signal)
            _counting.append(self)
        return self

    def __exit__(self, *_: object) -> None:
        if self in _counting:
            _counting.remove(self)
            signal.signal(signal.SIGINT, self._before or signal.default_int_handler)

    def ask_once(self, *, closing: bool = False) -> None:
        """A wish that does not grow by being repeated, such as the system's own."""
        self.closing = self.closing or closing
        self.count = max(self.count, 1)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.count += 1


def listen_for_endings() -> None:
    """Take every ending that the system asks for as one Ctrl-C. Nothing in a thread other than the main one.

    What the user chose to ignore (`nohup`) stays ignored.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    if sys.platform == "win32":
        _listen_to_the_console()
    else:
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, lambda *_: take_as_interrupt())


def take_as_interrupt(*, closing: bool = False) -> None:
    """Pass a wish to stop on: to the work that counts them, else as a Ctrl-C."""
    if _counting:
        _counting[-1].ask_once(closing=closing)
    else:
        # Raised rather than called, so that the main thread wakes from what it waits for on Windows too.
        signal.raise_signal(signal.SIGINT)


def hear_console(event: int, patience_seconds: float = _LAST_WORDS_SECONDS) -> bool:
    """What is done with a control event of Windows' console (0: Ctrl-C, 1: Ctrl-Break, 2: closed, 5: log-off,
    6: shutdown). Called by Windows in a thread of its own; True when nobody else is to hear of it.

    When the window is closed the process lives until this returns, 5 seconds at most: the main thread uses them.
    """
    if event == _CTRL_C:
        return False
    take_as_interrupt(closing=event != _CTRL_BREAK)
    if event != _CTRL_BREAK:
        time.sleep(patience_seconds)
    return True


def _listen_to_the_console() -> None:
    if sys.platform == "win32" and not _kept:
        import ctypes
        from ctypes import wintypes

        made = ctypes.WINFUNCTYPE(wintypes.BOOL, wintypes.DWORD)(hear_console)
        # Without a console there is nothing to hear.
        with contextlib.suppress(OSError):
            if ctypes.windll.kernel32.SetConsoleCtrlHandler(made, True):
                _kept.append(made)
