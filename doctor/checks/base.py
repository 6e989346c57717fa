"""What a check is and what it finds. A check is a plain function of a Snapshot and a Catalogue; no registration."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from doctor.quick_dataclass import dataclass
from doctor.snapshot.model import NvidiaDriver, PythonEnvironment, Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.catalogue.model import Catalogue
    from doctor.snapshot.model import Setting, Snapshot
    from doctor.words.text import Text


class Status(StrEnum):
    """How a check came out."""

    OK = "ok"
    NOTE = "note"
    """Worth knowing; nothing is wrong."""
    WARNING = "warning"
    """The work will probably fail or go badly."""
    FAILURE = "failure"
    """The work cannot be done as things are."""
    UNKNOWN = "unknown"
    """The question could not be answered. Never shown as ok, and never as failure."""

    @property
    def needs_attention(self) -> bool:
        return self in {Status.WARNING, Status.FAILURE}


@dataclass(frozen=True, kw_only=True)
class Fix:
    """What would put it right."""

    id: str
    """Stable name, which a planner turns into steps."""
    title: Text
    """What the fix does, as a heading."""
    by_hand: Text | None = None
    """How a person does it, where tunedoc should not or cannot act."""


@dataclass(frozen=True)
class Finding:
    """The answer of one check."""

    check: str
    """The check's id."""
    status: Status
    summary: Text
    """One short line."""
    evidence: tuple[Text, ...] = ()
    """The facts that the answer rests on."""
    fixes: tuple[Fix, ...] = ()
    cause: Text | None = None
    """Why it is so, in one or two sentences that the machine's owner understands; every warning and failure has one."""

    page: str = ""
    """Where the docs are, if not on a page of the check's own."""

    @property
    def docs(self) -> str:
        """The page, from the top of the repository."""
        return self.page or f"docs/reference/checks/{self.check}.md"


def everywhere(snapshot: Snapshot) -> bool:
    """A check that applies to every machine."""
    return True


@dataclass(frozen=True, kw_only=True)
class Check:
    """One question about a machine."""

    id: str
    """Stable, documented, runnable by name: `nvidia.driver`."""
    title: Text
    examine: Callable[[Snapshot, Catalogue], Finding]
    applies: Callable[[Snapshot], bool] = everywhere
    """A check that does not apply is left out, not passed."""
    rank: int = 50
    """Where it stands among several causes: 0 is the root of much else, 90 follows from others. Knowledge entries
    have the same scale."""
    explains: tuple[str, ...] = ()
    """Ids of checks and knowledge entries whose findings are mere consequences once this one needs attention."""


def from_text(snapshot: Snapshot) -> bool:
    """Whether the facts came out of a pasted text and not from a machine that was asked.

    Lists may be incomplete then, and what tunedoc would need is beside the point: the work may be done without it.
    """
    nvidia, environment = snapshot.nvidia, snapshot.environment
    told = isinstance(environment, PythonEnvironment) and environment.role == "told"
    # A text has no date of its own; joined with a machine's facts it has the machine's, and its disks.
    return isinstance(snapshot.disks, Unknown) and (
        not snapshot.taken_at or told or (isinstance(nvidia, NvidiaDriver) and nvidia.source == "text")
    )


def asked_here(snapshot: Snapshot) -> bool:
    """For checks of what tunedoc itself needs of a machine."""
    return not from_text(snapshot)


def by_hand(fix: str, title: Text, advice: Text) -> tuple[Fix, ...]:
    """One fix that a person carries out."""
    return (Fix(id=fix, title=title, by_hand=advice),)


def setting_values(settings: tuple[Setting, ...] | Unknown) -> dict[str, str]:
    """Settings by name; none where they could not be read."""
    return {setting.name: setting.value for setting in settings} if isinstance(settings, tuple) else {}
