"""Write events, keep stdout clean: the first call claims stdout for events and points the rest at stderr."""

from __future__ import annotations

import os
import sys
import threading
from typing import TextIO

from trainer.contract import Event, write_event

_lock = threading.Lock()
_stream: TextIO | None = None


def claim_stdout() -> None:
    """Keep a private copy of stdout for events and point file descriptor 1 at stderr.

    After this no library, native code or child process can write into the stream of events.
    """
    global _stream
    if _stream is not None:
        return
    private = os.dup(1)
    os.dup2(2, 1)
    _stream = os.fdopen(private, "w", encoding="utf-8", newline="\n")
    sys.stdout = sys.stderr


def emit(event: Event) -> None:
    """Write one event and flush it. Safe from any thread."""
    claim_stdout()
    assert _stream is not None
    with _lock:
        _stream.write(write_event(event) + "\n")
        _stream.flush()
