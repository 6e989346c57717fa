"""Use another environment, and put environments away: both journalled before they are done, both taken back by undo."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.apply import environments
from doctor.apply.changes import Change, EnvironmentSwitch, FolderMove, Ground, make, to_record
from doctor.apply.environment_list import find_folder, require_finished, what_is_wrong
from doctor.apply.fixes import new_work
from doctor.apply.journal import Journal
from doctor.errors import StepFailed, UsageError
from doctor.holding import hold
from doctor.host.base import CommandMissing, TooSlow
from doctor.quick_dataclass import dataclass
from doctor.refusals import refusal
from doctor.words.text import text
from trainer.file_moves import remove_tree

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from doctor.environment import Environment
    from doctor.host.base import Host
    from doctor.paths import Home

PATIENCE_SECONDS = 60.0
"""How long an interpreter may take to start before it counts as broken: the first start after a cold boot is slow."""


@dataclass(frozen=True, kw_only=True)
class Used:
    """The environment in use from now on."""

    environment: Environment
    previous: str | None
    work: str
    """Its id in the journal; empty when it was in use already."""


@dataclass(frozen=True, kw_only=True)
class Removed:
    """Environments that were put away."""

    names: tuple[str, ...]
    work: str
    """Its id in the journal; empty when nothing can be taken back."""
    left: tuple[str, ...] = ()
    """What could not be deleted, since a program still uses it; the next install deletes it."""


def hold_environments(home: Home) -> AbstractContextManager[None]:
    """Keep installs and other changes of environments away. Raises StepFailed at once when one is at work."""
    busy = StepFailed(text("env.busy", folder=str(home.root)), hint=text("env.busy_hint"))
    return hold(home.root / "install.lock", busy)


def use_environment(host: Host, home: Home, name: str) -> Used:
    """Make a finished environment the one in use, once it was seen to be whole and its interpreter to start.

    Raises UsageError for one that there is not or that cannot be used, StepFailed when another tunedoc is at work.
    """
    folder = find_folder(home, name)
    with hold_environments(home):
        environment = require_finished(folder)
        wrong = what_is_wrong(folder)
        if wrong is not None:
            raise UsageError(wrong, hint=text("env.repair_hint", name=name))
        _require_start(host, environment)
        previous = environments.current_name(home)
        if previous == name:
            return Used(environment=environment, previous=previous, work="")
        ground = Ground(host=host, home=home, user=None)
        journal = Journal(home.journal, new_work("env", ground))
        _carry_out(EnvironmentSwitch(before=previous, after=name), 0, journal, ground)
        journal.note("work", "after")
    return Used(environment=environment, previous=previous, work=journal.work)


def folders_to_remove(home: Home, names: Sequence[str], *, force: bool) -> tuple[Path, ...]:
    """The folders that are meant. Raises UsageError for an unknown name, and for the one in use unless `force`."""
    folders = tuple(find_folder(home, name) for name in dict.fromkeys(names))
    current = environments.current_name(home)
    if not force and any(folder.name == current for folder in folders):
        raise UsageError(text("env.remove_in_use", name=current), hint=text("env.remove_in_use_hint", name=current))
    return folders


def remove_environments(host: Host, home: Home, names: Sequence[str], *, force: bool, delete: bool) -> Removed:
    """Put environments into the trash, from where undo brings them back; with `delete` out of existence.

    Raises UsageError, and StepFailed when the system refuses or another tunedoc is at work.
    """
    with hold_environments(home):
        folders = folders_to_remove(home, names, force=force)
        ground = Ground(host=host, home=home, user=None)
        journal = Journal(home.journal, new_work("env", ground))
        for number, folder in enumerate(folders):
            target = home.trash / f"{folder.name}.{journal.work}"
            _carry_out(FolderMove(source=str(folder), target=str(target)), number, journal, ground)
        journal.note("work", "after")
        removed = tuple(folder.name for folder in folders)
        if not delete:
            return Removed(names=removed, work=journal.work)
        # From the trash, never from under its own name: whatever stops this leaves no half of an environment behind.
        left = []
        for name in removed:
            target = home.trash / f"{name}.{journal.work}"
            if not remove_tree(target):
                left.append(str(target))
    return Removed(names=removed, work="", left=tuple(left))


def _carry_out(change: Change, number: int, journal: Journal, ground: Ground) -> None:
    record = to_record(change)
    kind = str(record["kind"])
    journal.note(kind, "before", number=number, undo=record)
    try:
        make(change, ground)
    except OSError as exc:
        journal.note(kind, "failed", number=number, why=type(exc).__name__)
        what = change.source if isinstance(change, FolderMove) else str(ground.home.current_environment)
        raise StepFailed(text("env.refused", what=what, detail=refusal(exc)), hint=text("env.refused_hint")) from exc
    journal.note(kind, "after", number=number)


def _require_start(host: Host, environment: Environment) -> None:
    # A virtual environment's launcher is there even when the Python that it was made from is gone.
    try:
        ran = host.run([str(environment.python), "-I", "-S", "-c", "pass"], timeout_seconds=PATIENCE_SECONDS)
    except (CommandMissing, TooSlow, OSError):
        ran = None
    if ran is None or ran.exit_code != 0:
        name = environment.folder.name
        raise UsageError(text("env.no_start", python=str(environment.python)), hint=text("env.repair_hint", name=name))
