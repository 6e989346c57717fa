"""Decide from a card's readings whether training should pause or need less memory. Pure."""

from __future__ import annotations

from typing import Literal

from doctor.quick_dataclass import dataclass

Command = Literal["pause", "continue", "smaller"]

_MARGIN_CELSIUS = 2
"""A card that is as near as this to where its driver slows it down is too hot."""
_COOLED_CELSIUS = 15
"""So far below that it may go on."""
_LOOKS = 3
"""A card is too hot when so many looks say so, one after the other."""
_SPILL_MIB = 512
"""Growth of what the driver keeps in the computer's memory that is no accident: every program has some there."""
_MOST_TIMES = 6
"""Micro-batches are made smaller no more often than this: then it is something else that fills the card."""


@dataclass(frozen=True, kw_only=True)
class CardReading:
    """What was measured of one card; None where it cannot be."""

    name: str
    celsius: int | None = None
    slowdown_celsius: int | None = None
    """From where the driver slows it down."""
    shared_mib: int | None = None
    """The run's memory that the driver keeps in the computer's and not in the card's."""


@dataclass(frozen=True, kw_only=True)
class Advice:
    """What the trainer should be told, and which card is why."""

    command: Command
    card: CardReading


class Guard:
    """Remembers what it has advised."""

    def __init__(self) -> None:
        self.paused = False
        self._hot: dict[str, int] = {}
        self._shared: dict[str, int] = {}
        self._times = 0

    def advise(self, readings: tuple[CardReading, ...]) -> tuple[Advice, ...]:
        """What follows from a look at all cards of the run."""
        advice: list[Advice] = []
        for card in readings:
            self._hot[card.name] = self._hot.get(card.name, 0) + 1 if _is_hot(card) else 0
        hot = [card for card in readings if self._hot[card.name] >= _LOOKS]
        if hot and not self.paused:
            self.paused = True
            advice.append(Advice(command="pause", card=hot[0]))
        elif self.paused and all(_is_cool(card) for card in readings):
            self.paused = False
            advice.append(Advice(command="continue", card=readings[0]))
        for card in readings:
            if card.shared_mib is None:
                continue
            usual = self._shared.setdefault(card.name, card.shared_mib)
            if card.shared_mib - usual >= _SPILL_MIB and self._times < _MOST_TIMES:
                self._times += 1
                self._shared[card.name] = card.shared_mib
                advice.append(Advice(command="smaller", card=card))
        return tuple(advice)


def _is_hot(card: CardReading) -> bool:
    if card.celsius is None or card.slowdown_celsius is None:
        return False
    return card.celsius >= card.slowdown_celsius - _MARGIN_CELSIUS


def _is_cool(card: CardReading) -> bool:
    if card.celsius is None or card.slowdown_celsius is None:
        return True
    return card.celsius <= card.slowdown_celsius - _COOLED_CELSIUS
