"""Single changes to a machine that can be taken back: each knows what was before, what it makes, and what is now."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, assert_never

from doctor.apply import environments
from doctor.environment import read_environment
from doctor.host.user_variables import UserValue
from doctor.own_variables import OwnVariable, read_variables, write_variables
from doctor.quick_dataclass import dataclass
from trainer.file_moves import move_folder

if TYPE_CHECKING:
    from doctor.host.base import Host
    from doctor.host.user_variables import UserVariables
    from doctor.paths import Home

State = Literal["before", "after", "other"]
"""How things are now: as before the change, as it made them, or as somebody else has made them since."""


@dataclass(frozen=True, kw_only=True)
class OwnVariableChange:
    """A variable of tunedoc's own processes."""

    name: str
    before: OwnVariable | None
    after: OwnVariable | None


@dataclass(frozen=True, kw_only=True)
class UserVariableChange:
    """A variable that the system keeps for the user."""

    name: str
    before: UserValue | None
    after: UserValue | None


@dataclass(frozen=True, kw_only=True)
class FolderMove:
    """A folder that was put aside."""

    source: str
    target: str


@dataclass(frozen=True, kw_only=True)
class EnvironmentSwitch:
    """The pointer to the environment in use."""

    before: str | None
    after: str | None


Change = OwnVariableChange | UserVariableChange | FolderMove | EnvironmentSwitch


@dataclass(frozen=True, kw_only=True)
class Ground:
    """Where changes are made."""

    host: Host
    home: Home
    user: UserVariables | None
    """None on a system where tunedoc knows no place for a user's variables."""


def make(change: Change, ground: Ground) -> None:
    """Make the change. Raises OSError and ValueError."""
    match change:
        case OwnVariableChange():
            _put_own(ground, change.name, change.after)
            ground.host.take({change.name: change.after.value if change.after else _outside(change.before)})
        case UserVariableChange():
            assert ground.user is not None
            ground.user.write(change.name, change.after)
        case FolderMove():
            target = Path(change.target)
            target.parent.mkdir(parents=True, exist_ok=True)
            move_folder(Path(change.source), target)
        case EnvironmentSwitch():
            assert change.after is not None
            environments.switch(ground.home, change.after)
        case _:
            assert_never(change)


def reverse(change: Change) -> Change:
    """The change that takes this one back."""
    match change:
        case OwnVariableChange():
            return OwnVariableChange(name=change.name, before=change.after, after=change.before)
        case UserVariableChange():
            return UserVariableChange(name=change.name, before=change.after, after=change.before)
        case FolderMove():
            return FolderMove(source=change.target, target=change.source)
        case EnvironmentSwitch():
            return EnvironmentSwitch(before=change.after, after=change.before)
        case _:
            assert_never(change)


def state_of(change: Change, ground: Ground) -> State:
    """How things are now, compared with the change."""
    match change:
        case OwnVariableChange():
            return _compared(read_variables(ground.home.variables).get(change.name), change.before, change.after)
        case UserVariableChange():
            if ground.user is None:
                return "other"
            return _compared(ground.user.read(change.name), change.before, change.after)
        case FolderMove():
            there, aside = Path(change.source).exists(), Path(change.target).exists()
            if there == aside:
                return "other"
            return "before" if there else "after"
        case EnvironmentSwitch():
            return _compared(environments.current_name(ground.home), change.before, change.after)
        case _:
            assert_never(change)


def is_possible(change: Change, ground: Ground) -> bool:
    """Whether what the change needs is still there."""
    if isinstance(change, EnvironmentSwitch):
        return change.after is not None and read_environment(ground.home.environments / change.after) is not None
    if isinstance(change, FolderMove):
        return Path(change.source).exists() and not Path(change.target).exists()
    return not (isinstance(change, UserVariableChange) and ground.user is None)


def to_record(change: Change) -> dict[str, Any]:
    """A change as the journal keeps it."""
    kinds = {
        OwnVariableChange: "own_variable",
        UserVariableChange: "user_variable",
        FolderMove: "move",
        EnvironmentSwitch: "switch_environment",
    }
    return {"kind": kinds[type(change)], **asdict(change)}


def from_record(record: object) -> Change | None:
    """A change from the journal; None for what is none, or is a newer tunedoc's."""
    if not isinstance(record, dict):
        return None
    try:
        match record.get("kind"):
            case "own_variable":
                before, after = (OwnVariable(**record[side]) if record[side] else None for side in ("before", "after"))
                return OwnVariableChange(name=str(record["name"]), before=before, after=after)
            case "user_variable":
                old, new = (UserValue(**record[side]) if record[side] else None for side in ("before", "after"))
                return UserVariableChange(name=str(record["name"]), before=old, after=new)
            case "move":
                return FolderMove(source=str(record["source"]), target=str(record["target"]))
            case "switch_environment":
                return EnvironmentSwitch(before=record["before"], after=record["after"])
            case _:
                return None
    except (KeyError, TypeError):
        return None


def own_variable_change(name: str, value: str | None, ground: Ground) -> OwnVariableChange | None:
    """The change that gives tunedoc's processes this value; None where they have it already."""
    variables = read_variables(ground.home.variables)
    before = variables.get(name)
    present = ground.host.environ.get(name)
    if present == value:
        return None
    # With one of ours in force the environment's own value is the one that ours stands for.
    outside = before.instead_of if before is not None and present == before.value else present
    after = None if value == outside else OwnVariable(value, outside)
    return OwnVariableChange(name=name, before=before, after=after)


def user_variable_change(name: str, value: str | None, ground: Ground) -> UserVariableChange | None:
    """The change that makes the system keep this value for the user; None where it does already."""
    assert ground.user is not None
    before = ground.user.read(name)
    after = None if value is None else UserValue(value, before.kind if before is not None else "plain")
    return None if before == after else UserVariableChange(name=name, before=before, after=after)


def _put_own(ground: Ground, name: str, variable: OwnVariable | None) -> None:
    variables = read_variables(ground.home.variables)
    variables.pop(name, None)
    if variable is not None:
        variables[name] = variable
    write_variables(ground.home.variables, variables)


def _outside(variable: OwnVariable | None) -> str | None:
    return variable.instead_of if variable is not None else None


def _compared(now: object, before: object, after: object) -> State:
    if now == after:
        return "after"
    return "before" if now == before else "other"
