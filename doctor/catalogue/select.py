"""Choose the stack for a machine and say why every better one was passed over. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.catalogue.changes import smallest_changes
from doctor.catalogue.facts import covers as covers  # the checks know it by this module
from doctor.catalogue.fitting import why_not
from doctor.catalogue.machine import machine_of
from doctor.catalogue.visible import visible_gpus as visible_gpus
from doctor.catalogue.wishes import NOTHING
from doctor.quick_dataclass import dataclass
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.catalogue.changes import Change
    from doctor.catalogue.model import Catalogue, Stack
    from doctor.catalogue.wishes import Wishes
    from doctor.snapshot.model import Snapshot
    from doctor.words.text import Text

_NONE_FAILED: Mapping[str, Text] = {}


@dataclass(frozen=True)
class Rejection:
    """A row that was passed over, and why."""

    stack_id: str
    reason: Text


@dataclass(frozen=True)
class Choice:
    """The row for a machine, or None when there is none; and the better rows that do not fit."""

    stack: Stack | None
    rejected: tuple[Rejection, ...]
    changes: tuple[Change, ...] = ()
    """The smallest changes to the machine that would give a better row; the first of each kind."""


def choose_stack(
    snapshot: Snapshot,
    catalogue: Catalogue,
    *,
    wishes: Wishes = NOTHING,
    failed: Mapping[str, Text] = _NONE_FAILED,
    with_changes: bool = True,
) -> Choice:
    """The first row that fits. A machine whose GPU could not be asked gets a CPU row, never a guess.

    `failed`: rows whose proofs failed on this machine, and how. Raises BadInput for a wished GPU that is not there.
    """
    machine = machine_of(snapshot, catalogue, wishes)
    rejected: list[Rejection] = []
    chosen: Stack | None = None
    for stack in catalogue.stacks:
        if stack.id in failed:
            reason: Text | None = text("catalogue.failed", why=failed[stack.id])
        else:
            reason = why_not(stack, machine, wishes)
        if reason is None:
            chosen = stack
            break
        rejected.append(Rejection(stack_id=stack.id, reason=reason))
    changes = smallest_changes(chosen, machine, catalogue, wishes, failed) if with_changes else ()
    return Choice(chosen, tuple(rejected), changes)
