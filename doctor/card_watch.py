"""Watch the cards of a run while it goes on: too hot, or with memory that the driver keeps elsewhere."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from doctor.guarding import Guard
from doctor.quick_dataclass import dataclass
from trainer.contract import Warned

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from doctor.environment import Environment
    from doctor.guarding import Advice, CardReading
    from doctor.host.base import Host

_EVERY_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Watched:
    """A command for the trainer, and what the user is told; None where the trainer tells it itself."""

    command: str
    warning: Warned | None = None


def watch_cards(host: Host, environment: Environment) -> Callable[[], Iterable[Watched]]:
    """What to call often: it looks every few seconds, where there are cards and a driver that answers."""
    if environment.device != "cuda":
        return lambda: ()
    from doctor.host.card_readings import open_readings

    read = open_readings(host.environ)
    return (lambda: ()) if read is None else _Watch(read)


class _Watch:
    def __init__(self, read: Callable[[], tuple[CardReading, ...]]) -> None:
        self._read = read
        self._guard = Guard()
        self._next = 0.0

    def __call__(self) -> Iterable[Watched]:
        now = time.monotonic()
        if now < self._next:
            return ()
        self._next = now + _EVERY_SECONDS
        return tuple(map(told, self._guard.advise(self._read())))


def told(advice: Advice) -> Watched:
    """Advice as a command and words."""
    card = advice.card
    if advice.command == "pause":
        detail = {"card": card.name, "celsius": card.celsius, "limit": card.slowdown_celsius}
        return Watched(command="pause", warning=Warned(code="too_hot", message="the card is too hot", detail=detail))
    if advice.command == "smaller":
        detail = {"card": card.name, "shared": card.shared_mib}
        return Watched(command="smaller", warning=Warned(code="spilled", message="memory has spilled", detail=detail))
    return Watched(command=advice.command)
