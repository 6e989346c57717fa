"""Hold a lock file while a piece of work goes on, so that two tunedocs never write into the same folder."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from doctor.errors import TunedocError


@contextmanager
def hold(lock: Path, busy: TunedocError) -> Iterator[None]:
    """Hold `lock`, or raise `busy` at once when another process has it.

    The system lets go of the lock when the process ends, however it ends.
    """
    from filelock import FileLock, Timeout

    lock.parent.mkdir(parents=True, exist_ok=True)
    held = FileLock(lock)
    try:
        held.acquire(timeout=0)
    except Timeout:
        raise busy from None
    try:
        yield
    finally:
        held.release()
