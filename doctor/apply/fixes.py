"""Carry out a plan of fixes: the way back of each change is in the journal before the change is made."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, assert_never

from doctor.apply.changes import (
    Change,
    EnvironmentSwitch,
    FolderMove,
    OwnVariableChange,
    UserVariableChange,
    make,
    own_variable_change,
    state_of,
    to_record,
    user_variable_change,
)
from doctor.apply.environments import current_name
from doctor.apply.journal import Journal, read_journal
from doctor.environment import current_environment
from doctor.errors import StepFailed
from doctor.plan.fix_model import (
    BuildEnvironment,
    KeepVariable,
    MoveLeftovers,
    RemoveUserVariable,
    SetUserVariable,
    TrimVariable,
)
from doctor.quick_dataclass import dataclass
from doctor.refusals import refusal
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.apply.changes import Ground
    from doctor.plan.fix_model import FixPlan, FixStep
from doctor.words.text import Text


@dataclass(frozen=True, kw_only=True)
class Done:
    """What a piece of work did."""

    work: str
    """Its id in the journal; empty when there was nothing to change."""
    changes: tuple[Change, ...]


def carry_out_fixes(
    plan: FixPlan, ground: Ground, *, build: Callable[[], bool], report: Callable[[Text], None]
) -> Done:
    """Do the plan's steps in order. `build` installs the environment and says whether the user agreed.

    What is already as it should be is left alone. Raises StepFailed, and what an install raises.
    """
    journal = Journal(ground.home.journal, new_work("fix", ground))
    changes: list[Change] = []
    for step in plan.steps:
        if isinstance(step, BuildEnvironment):
            before = current_name(ground.home)
            # The install keeps its own lines in the journal, with its own way back.
            if build():
                switched = EnvironmentSwitch(before=before, after=current_name(ground.home))
                if switched.before != switched.after:
                    changes.append(switched)
            continue
        for change in changes_of(step, ground, journal.work):
            _carry_out(change, len(changes), journal, ground)
            changes.append(change)
            report(words_of_change(change))
    recorded = any(not isinstance(change, EnvironmentSwitch) for change in changes)
    if recorded:
        journal.note("work", "after")
    return Done(work=journal.work if recorded else "", changes=tuple(changes))


def changes_of(step: FixStep, ground: Ground, work: str) -> list[Change]:
    """What a step has to change on this machine now; nothing where it is done already. Raises StepFailed."""
    match step:
        case KeepVariable():
            return _some(own_variable_change(step.name, step.value, ground))
        case SetUserVariable() | RemoveUserVariable():
            _require_place(ground)
            value = step.value if isinstance(step, SetUserVariable) else None
            return _some(user_variable_change(step.name, value, ground))
        case TrimVariable():
            return _trimmed(step, ground)
        case MoveLeftovers():
            return _moves(step, ground, work)
        case BuildEnvironment():
            return []
        case _:
            assert_never(step)


def words_of_change(change: Change) -> Text:
    """What was changed, in words."""
    match change:
        case FolderMove():
            return text("fix.did_move", source=change.source, target=change.target)
        case EnvironmentSwitch():
            return text("fix.did_switch", environment=change.after or "-")
        case OwnVariableChange() | UserVariableChange():
            whose = text("fix.for_user") if isinstance(change, UserVariableChange) else text("fix.for_tunedoc")
            new = change.after.value if change.after is not None else None
            if new is None:
                return text("fix.did_remove", name=change.name, whose=whose)
            return text("fix.did_set", name=change.name, value=new, whose=whose)
        case _:
            assert_never(change)


def new_work(kind: str, ground: Ground) -> str:
    """A name for a piece of work that no other has: `fix-20261121-093000`."""
    taken = {str(line.get("work", "")) for line in read_journal(ground.home.journal)}
    base = f"{kind}-{datetime.datetime.now(datetime.UTC):%Y%m%d-%H%M%S}"
    names = (base, *(f"{base}-{number}" for number in range(2, len(taken) + 3)))
    return next(name for name in names if name not in taken)


def _carry_out(change: Change, number: int, journal: Journal, ground: Ground) -> None:
    record = to_record(change)
    journal.note(str(record["kind"]), "before", number=number, undo=record)
    try:
        make(change, ground)
    except (OSError, ValueError) as exc:
        journal.note(str(record["kind"]), "failed", number=number, why=type(exc).__name__)
        detail = text("fix.unfit_value") if isinstance(exc, ValueError) else refusal(exc)
        raise StepFailed(
            text("fix.step_failed", what=words_of_change(change), detail=detail), hint=text("fix.step_failed_hint")
        ) from exc
    if state_of(change, ground) != "after":
        journal.note(str(record["kind"]), "failed", number=number, why="not kept")
        raise StepFailed(
            text("fix.step_failed", what=words_of_change(change), detail=text("fix.not_kept")),
            hint=text("fix.step_failed_hint"),
        )
    journal.note(str(record["kind"]), "after", number=number)


def _trimmed(step: TrimVariable, ground: Ground) -> list[Change]:
    changes: list[Change] = []
    present = ground.host.environ.get(step.name)
    if present is not None and present != present.strip():
        changes += _some(own_variable_change(step.name, present.strip() or None, ground))
    if step.scope == "user":
        _require_place(ground)
        assert ground.user is not None
        kept = ground.user.read(step.name)
        if kept is not None and kept.value != kept.value.strip():
            changes += _some(user_variable_change(step.name, kept.value.strip() or None, ground))
        elif kept is None and present is not None and present.strip() and ground.host.system == "windows":
            # Kept for the whole machine, or set for this terminal alone: the user's own value stands before it.
            changes += _some(user_variable_change(step.name, present.strip(), ground))
    return changes


def _moves(step: MoveLeftovers, ground: Ground, work: str) -> list[Change]:
    environment = current_environment(ground.home)
    if environment is None:
        return []
    venv = environment.folder / "venv"
    folders = [*venv.glob("lib/python*/site-packages"), *venv.glob("Lib/site-packages")]
    found = {folder / name for folder in folders for name in step.names if (folder / name).is_dir()}
    return [
        FolderMove(source=str(source), target=str(ground.home.trash / f"{source.name}.{work}"))
        for source in sorted(found)
    ]


def _require_place(ground: Ground) -> None:
    if ground.user is None:
        raise StepFailed(text("fix.no_user_place"), hint=text("fix.no_user_place_hint"))


def _some(change: Change | None) -> list[Change]:
    return [] if change is None else [change]
