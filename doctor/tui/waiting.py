"""How work in a thread waits for an answer of somebody at the screen."""

from __future__ import annotations

import queue
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.plan.model import Plan

_SLICE_SECONDS = 0.1
"""How long a wait may last before a stop is heard."""


def agreement_of(ask: Callable[[Plan, Callable[[bool], None]], object]) -> Callable[[Plan], bool]:
    """What a session calls to have a plan agreed to. `ask` shows it and hands the answer on when there is one."""

    def agree(plan: Plan) -> bool:
        answers: queue.SimpleQueue[bool] = queue.SimpleQueue()
        ask(plan, answers.put)
        while True:
            try:
                return answers.get(timeout=_SLICE_SECONDS)
            except queue.Empty:
                continue

    return agree
