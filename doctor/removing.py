"""Take tunedoc away: undo what its fixes set for the user, remove what it made, keep what the user made with it."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from doctor.apply.changes import UserVariableChange, reverse, state_of
from doctor.apply.command_entry import SET_UP_RECORD, forget_command
from doctor.apply.journal import read_journal
from doctor.apply.undoing import history, undo
from doctor.errors import BadInput, StepFailed
from doctor.fixing import ground_of
from doctor.holding import hold
from doctor.late_pattern import late_pattern
from doctor.quick_dataclass import dataclass
from doctor.words.text import text
from trainer.file_moves import remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.apply.changes import Ground
    from doctor.apply.undoing import Undone, Work
    from doctor.host.base import Host
    from doctor.paths import Home

Kind = Literal["made", "yours", "unknown"]
"""What tunedoc made and can make again; what the user made or fetched with it; what is not tunedoc's."""

_PROGRAM = ("doctor", "bin")
"""tunedoc itself, where a script or a bundle has set it up."""
_MADE = ("environments", "pythons", "trainers", "logs", "trash", "scratch", "cache", "journal.jsonl", "variables.json")
_YOURS = ("models", "runs", "exports")
_MADE_NAME = late_pattern(r"(?:install|fix|bundle)\.lock|start\.\w+|dr\.\w+|variables\.json\.\d+")
"""Locks, and what a killed program left beside its final name."""
_MARKS = ("journal.jsonl", "environments", "trainers", "variables.json", "install.lock")
"""Without one of these a folder is not taken for tunedoc's, whatever TUNEDOC_HOME says."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """Something in tunedoc's folder."""

    path: Path
    kind: Kind
    bytes: int


@dataclass(frozen=True, kw_only=True)
class Removal:
    """What removing tunedoc takes away and what it leaves."""

    folder: Path
    undo: tuple[Work, ...]
    """Fixes that set variables of the user, newest first."""
    remove: tuple[Entry, ...]
    keep: tuple[Entry, ...]

    @property
    def bytes(self) -> int:
        """What it frees."""
        return sum(entry.bytes for entry in self.remove)


@dataclass(frozen=True, kw_only=True)
class Removed:
    """What was done."""

    undone: tuple[Undone, ...]
    left: tuple[Path, ...]
    """What could not be removed: something uses it."""


def plan_removal(host: Host, home: Home, *, everything: bool) -> Removal:
    """What would be done; changes nothing. Raises BadInput for a folder that is not tunedoc's."""
    entries = _entries(home)
    if entries:
        _require_own(home.root, entries)
    ground = ground_of(host, home)
    works = tuple(work for work in history(ground) if _is_in_force(work, ground))
    removed = [entry for entry in entries if entry.kind == "made" or (everything and entry.kind == "yours")]
    return Removal(
        folder=home.root,
        undo=works,
        remove=tuple(removed),
        keep=tuple(entry for entry in entries if entry not in removed),
    )


def remove(host: Host, home: Home, removal: Removal) -> Removed:
    """Carry it out. What somebody has changed since a fix is left as it is.

    Raises StepFailed when a tunedoc works in the folder, or when the system refuses to take a variable back: then
    nothing was removed yet.
    """
    if not home.root.is_dir():
        return Removed(undone=(), left=())
    _require_quiet(home)
    undone: list[Undone] = []
    with hold(home.root / "fix.lock", _busy(home.root)):
        ground = ground_of(host, home)
        for work in removal.undo:
            undone += undo(work, ground, force=False, report=lambda _: None)
        with contextlib.suppress(OSError):
            forget_command(home, host.system, Path.home(), ground.user)
    left = []
    # The journal last: as long as something is there, it is known what was done.
    for entry in sorted(removal.remove, key=lambda entry: (entry.path == home.journal, entry.path.name)):
        if _runs_from(entry.path) or not remove_tree(entry.path):
            left.append(entry.path)
    _remove_locks(home)
    if not any(home.root.iterdir()):
        _remove_root(home.root)
    return Removed(undone=tuple(undone), left=tuple(left))


def _entries(home: Home) -> tuple[Entry, ...]:
    if not home.root.is_dir():
        return ()
    found = []
    for path in sorted(home.root.iterdir()):
        kind: Kind = "yours" if path.name in _YOURS else "made" if _is_made(path) else "unknown"
        found.append(Entry(path=path, kind=kind, bytes=_size(path)))
    return tuple(found)


def _is_made(path: Path) -> bool:
    return path.name in (*_MADE, *_PROGRAM) or _MADE_NAME.fullmatch(path.name) is not None


def _require_own(root: Path, entries: tuple[Entry, ...]) -> None:
    refused = BadInput(text("uninstall.not_ours", folder=str(root)), hint=text("uninstall.not_ours_hint"))
    resolved = root.resolve()
    if resolved == Path(resolved.anchor) or resolved == Path.home().resolve():
        raise refused
    names = {entry.path.name for entry in entries}
    # A home of which only models, runs and exports are left was cleared before; there is nothing more to find wrong.
    if names <= {*_YOURS}:
        return
    if not names & {*_MARKS} and not (root / "doctor" / SET_UP_RECORD).is_file():
        raise refused
    if "journal.jsonl" in names and next(read_journal(root / "journal.jsonl"), {}).get("journal") is None:
        raise refused


def _is_in_force(work: Work, ground: Ground) -> bool:
    """Whether a fix set something of the user's that is still so."""
    return work.state != "undone" and any(
        isinstance(change, UserVariableChange) and state_of(reverse(change), ground) == "before"
        for change in work.changes
    )


def _require_quiet(home: Home) -> None:
    """Nothing of tunedoc's works in the folder: no install, no fix, no training, no export."""
    for lock in _locks(home):
        with hold(lock, _busy(lock.parent)):
            pass


def _locks(home: Home) -> Iterator[Path]:
    yield from sorted(home.root.glob("*.lock"))
    yield from sorted(home.runs.glob("*/doctor.lock"))
    yield from sorted(home.scratch.glob("*.lock"))


def _remove_locks(home: Home) -> None:
    for lock in home.root.glob("*.lock"):
        remove_tree(lock)


def _busy(folder: Path) -> StepFailed:
    return StepFailed(text("uninstall.busy", folder=str(folder)), hint=text("uninstall.busy_hint"))


def _runs_from(path: Path) -> bool:
    """Windows does not remove the program that is running; elsewhere it can go while it runs."""
    return sys.platform == "win32" and Path(sys.prefix).is_relative_to(path)


def _remove_root(root: Path) -> None:
    # Where the folder is a link, the user made it and what it leads to.
    if not root.is_symlink() and not os.path.ismount(root):
        remove_tree(root)


def _size(path: Path) -> int:
    """Of what lies here; links count nothing, since what they lead to stays."""
    total = 0
    pending = [path]
    while pending:
        one = pending.pop()
        try:
            facts = one.lstat()
            if one.is_symlink() or (hasattr(one, "is_junction") and one.is_junction()):
                continue
            if one.is_dir():
                pending += one.iterdir()
            elif facts.st_nlink <= 1 or one == path:
                total += facts.st_size
        except OSError:
            continue
    return total
