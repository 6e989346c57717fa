"""Work in a thread that can be stopped as Ctrl-C stops a command: by KeyboardInterrupt, wherever it is."""

from __future__ import annotations

import ctypes
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


class StoppableWork:
    """One piece of work at a time, run in a thread that is not the main one.

    The core is made so that Ctrl-C may come at any moment: programs are ended, locks let go, what was fetched is kept.
    In a thread nobody gets Ctrl-C, so the same exception is raised there from outside; all waits of the core are in
    slices of a tenth of a second, after each of which it arrives.
    """

    def __init__(self, *, matters: bool) -> None:
        self.matters = matters
        """Whether it changes the machine, so that nobody stops it by leaving unasked."""
        self._guard = threading.Lock()
        self._thread: int | None = None

    @property
    def goes_on(self) -> bool:
        return self._thread is not None

    @contextmanager
    def running(self) -> Iterator[None]:
        """The body may be left by KeyboardInterrupt; after it none comes any more."""
        thread = threading.get_ident()
        with self._guard:
            self._thread = thread
        try:
            yield
        finally:
            self._end(thread)

    def stop(self) -> None:
        """Interrupt the work, if there is any."""
        with self._guard:
            if self._thread is not None:
                _raise_in(self._thread, ctypes.py_object(KeyboardInterrupt))

    def _end(self, thread: int) -> None:
        interrupted = False
        while self._thread is not None:
            try:
                with self._guard:
                    self._thread = None
                    # One that was raised and has not arrived belongs to work that is over.
                    _raise_in(thread, None)
            except KeyboardInterrupt:
                interrupted = True
        if interrupted:
            raise KeyboardInterrupt


def _raise_in(thread: int, exception: object) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), exception)
