"""Plans of `tunedoc fix`: what will be changed for each finding, and what a person has to do, as values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    from doctor.words.text import Text

Scope = Literal["tunedoc", "user"]
"""`tunedoc`: for tunedoc's own processes alone. `user`: also for every program that the user starts."""


@dataclass(frozen=True, kw_only=True)
class KeepVariable:
    """Give tunedoc's own processes a variable."""

    name: str
    value: str | None
    """None: take it out."""


@dataclass(frozen=True, kw_only=True)
class TrimVariable:
    """Take the spaces off both ends of a variable; its value is asked when it is done, as snapshots hide some."""

    name: str
    scope: Scope


@dataclass(frozen=True, kw_only=True)
class SetUserVariable:
    """Give all the user's programs a variable."""

    name: str
    value: str


@dataclass(frozen=True, kw_only=True)
class RemoveUserVariable:
    """Take a variable away from what the system keeps for the user."""

    name: str


@dataclass(frozen=True, kw_only=True)
class MoveLeftovers:
    """Put aside what an interrupted pip left in tunedoc's own environment."""

    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class BuildEnvironment:
    """Do what `tunedoc install` does."""


FixStep = KeepVariable | TrimVariable | SetUserVariable | RemoveUserVariable | MoveLeftovers | BuildEnvironment


@dataclass(frozen=True, kw_only=True)
class PlannedFix:
    """One fix: steps that tunedoc takes, or what a person does, or why it cannot be done."""

    id: str
    title: Text
    checks: tuple[str, ...] = ()
    """The findings that it answers; empty when it was asked for without one."""
    steps: tuple[FixStep, ...] = ()
    advice: Text | None = None
    """What the check itself says about doing it by hand."""
    by_hand: tuple[Text, ...] = ()
    """What a person does, in order, to be numbered."""
    warning: Text | None = None
    """What speaks against it."""
    why_not: Text | None = None
    """Why tunedoc does not do it."""


@dataclass(frozen=True, kw_only=True)
class FixPlan:
    """All fixes in the order of doing. Equal plans compare equal."""

    scope: Scope
    fixes: tuple[PlannedFix, ...]
    only_when_named: tuple[str, ...] = ()
    """Ids of further fixes that are possible, and are done only when asked for by name."""

    @property
    def steps(self) -> tuple[FixStep, ...]:
        return tuple(step for fix in self.fixes for step in fix.steps)
