"""What the work says while it goes on: stages that begin and end, what its programs write, and how far it is."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from doctor.words.text import Text


@dataclass(frozen=True)
class StageBegan:
    """A stage begins. `stage` is a stable name."""

    stage: str
    message: Text


@dataclass(frozen=True)
class StageEnded:
    """A stage ended well."""

    stage: str
    message: Text
    seconds: float


@dataclass(frozen=True)
class Line:
    """A line that a program wrote about its work."""

    words: str


@dataclass(frozen=True)
class Note:
    """Something that the user should know although the work goes on."""

    message: Text


@dataclass(frozen=True, kw_only=True)
class Amount:
    """How far a download is."""

    done_bytes: int
    total_bytes: int | None
    """None while it is not known."""
    bytes_per_second: float


Progress = StageBegan | StageEnded | Line | Note | Amount


@contextmanager
def stage(report: Callable[[Progress], None], name: str, message: Text) -> Iterator[None]:
    """Report the beginning, and the end with its seconds when it went well."""
    report(StageBegan(name, message))
    begun = time.monotonic()
    yield
    report(StageEnded(name, message, time.monotonic() - begun))
