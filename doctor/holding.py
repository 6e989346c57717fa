"""Hold a lock file while a piece of work goes on, so that two tunedocs never write into the same folder."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from doctor.errors import TunedocError

_MOMENT_SECONDS = 1.0 if sys.platform == "win32" else 0.0


@contextmanager
def hold(lock: Path, busy: TunedocError) -> Iterator[None]:
    """Hold `lock`, or raise `busy` when another process has it.

    The system lets go of the lock when the process ends, however it ends. Windows does so a moment later, and an
    antivirus that looks at the file looks like a holder: there it is tried for a moment.
    """
    from filelock import FileLock, Timeout

    lock.parent.mkdir(parents=True, exist_ok=True)
    held = FileLock(lock)
    try:
        held.acquire(timeout=_MOMENT_SECONDS)
    except Timeout:
        raise busy from None
    try:
        yield
    finally:
        held.release()


def is_held(lock: Path) -> bool:
    """Whether another process holds a lock at this moment. A file that does not exist is held by nobody."""
    if not lock.is_file():
        return False
    from filelock import FileLock, Timeout

    held = FileLock(lock)
    try:
        held.acquire(timeout=0)
    except Timeout:
        return True
    except OSError:
        # A folder that cannot be written into.
        return False
    held.release()
    return False
