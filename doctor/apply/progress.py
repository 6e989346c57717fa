"""What the work says while it goes on: stages that begin and end, and lines of the programs that do it."""

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


Progress = StageBegan | StageEnded | Line


@contextmanager
def stage(report: Callable[[Progress], None], name: str, message: Text) -> Iterator[None]:
    """Report the beginning, and the end with its seconds when it went well."""
    report(StageBegan(name, message))
    begun = time.monotonic()
    yield
    report(StageEnded(name, message, time.monotonic() - begun))
