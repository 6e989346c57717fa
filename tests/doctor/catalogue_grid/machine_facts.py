"""Which GPUs of a machine a program will see, read anew from what CUDA documents. Shares no code with the doctor."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Seen:
    """The cards that CUDA may show, by their place in NVML's order."""

    cards: tuple[int, ...]
    """Every card that may be shown: what is installed must run on all of them."""
    none_for_sure: bool = False
    """The variable hides every card beyond doubt."""
    maybe_none: bool = False
    """It cannot be told whether any card is shown at all."""
    count: int | None = None
    """How many are shown; None: cannot be told."""


def seen(machine: Mapping[str, Any]) -> Seen:
    """What CUDA_VISIBLE_DEVICES leaves of the machine's cards.

    CUDA reads entries up to the first that names no device; a device that is named twice hides all. Numbers follow
    CUDA's own order, fastest first, unless CUDA_DEVICE_ORDER says PCI_BUS_ID, which is NVML's.
    """
    everything = tuple(range(len(machine["capabilities"])))
    words = machine["visible"]
    if words is None or not everything:
        return Seen(everything, count=len(everything), none_for_sure=not everything)
    same_order = machine["order"] == "PCI_BUS_ID" or len(everything) == 1
    named: list[int] = []
    by_number = doubtful = False
    for word in (part.strip() for part in words.split(",")):
        if re.fullmatch(r"\+?\d+", word):
            place = int(word)
            if place >= len(everything):
                break
            by_number = by_number or not same_order
            named.append(place)
        elif word.upper().startswith("MIG"):
            # A part of some card, and only the driver knows of which; of none of these, and nothing is shown.
            return Seen(everything, maybe_none=True)
        elif word.upper().startswith("GPU-"):
            found = [place for place in everything if machine["uuids"][place].upper().startswith(word.upper())]
            if len(found) != 1:
                break
            named.append(found[0])
            # NVIDIA says nothing of other capitals, nor of a prefix without a single digit.
            doubtful = doubtful or word == "GPU-" or word not in machine["uuids"][found[0]]
        else:
            break
    if len(set(named)) < len(named) or not named:
        return Seen((), none_for_sure=True, count=0)
    shown = everything if by_number else tuple(named)
    return Seen(shown, maybe_none=doubtful, count=None if doubtful else len(named))
