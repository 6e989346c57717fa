"""What the workers tell the screens. A worker touches no widget; it posts one of these."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.apply.progress import Progress
    from doctor.apply.undoing import Undone, Work
    from doctor.errors import TunedocError
    from doctor.explaining import Explanation
    from doctor.fixing import FixProposal, FixResult
    from doctor.plan.model import Plan
    from doctor.runs.reading import Run
    from doctor.session import Installed
    from doctor.tui.looking import Look
    from doctor.words.text import Text


@dataclass
class Looked(Message):
    """The machine was examined."""

    look: Look


@dataclass
class WentWrong(Message):
    """The work ended with an error that has words."""

    error: TunedocError


@dataclass
class FixesPlanned(Message):
    """A plan to put something right."""

    proposal: FixProposal


@dataclass
class FixesDone(Message):
    """A plan was carried out and the machine examined again."""

    result: FixResult


@dataclass
class PastRead(Message):
    """What was done to this machine."""

    works: tuple[Work, ...]


@dataclass
class TakenBack(Message):
    """A piece of work was undone."""

    work: Work
    results: tuple[Undone, ...]


@dataclass
class Explained(Message):
    """A text was read."""

    found: Explanation


@dataclass
class InstallPlanned(Message):
    """What an install would do."""

    plan: Plan


@dataclass
class Told(Message):
    """How the work goes on."""

    progress: Progress


@dataclass
class Said(Message):
    """A sentence about work that goes on."""

    words: Text


@dataclass
class Asked(Message):
    """The work waits until somebody has agreed to a plan, or not."""

    plan: Plan
    answer: Callable[[bool], None]


@dataclass
class InstallEnded(Message):
    """The environment in use, or None when the plan was not agreed to."""

    installed: Installed | None


@dataclass
class WorkStopped(Message):
    """The user stopped the work."""


@dataclass
class ReportWritten(Message):
    """The report in words, without traces of the person."""

    words: str


@dataclass
class RunsRead(Message):
    """All run folders."""

    runs: tuple[Run, ...]
