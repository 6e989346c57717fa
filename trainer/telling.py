"""Tell the doctor what happens in a run, and have it kept."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from trainer.emit import emit

if TYPE_CHECKING:
    from trainer.contract import Event
    from trainer.ledger import Ledger

_ledgers: list[Ledger] = []


def keep(ledger: Ledger) -> None:
    """Have every event of the run written there, before it is told."""
    _ledgers.append(ledger)


def is_missing(step: int, prompts: int, held_out: bool) -> bool:
    """Whether something is not written down yet that is measured beside the training at this step."""
    return any(not ledger.knows(step, prompts, held_out) for ledger in _ledgers)


def close_ledgers(*, well: bool) -> None:
    """The run, or this session of it, has come to its end."""
    for ledger in _ledgers:
        ledger.close(well=well)
    _ledgers.clear()


def tell(event: Event) -> None:
    """Emit an event of the run; of several processes the leader alone speaks.

    The work goes on when the doctor has gone: a checkpoint is worth more than a listener.
    """
    for ledger in _ledgers:
        ledger(event)
    if os.environ.get("RANK", "0") == "0":
        with contextlib.suppress(BrokenPipeError):
            emit(event)
