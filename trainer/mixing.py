"""Which records of several sources an epoch takes, and how often: a pure function of weights, seed and epoch.

Standard library only.
"""

from __future__ import annotations

import random
from array import array
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


def places(counts: Sequence[int], weights: Sequence[float], *, seed: int, epoch: int) -> array[int]:
    """Places of the records that epoch `epoch` (from 0) takes, sources one after another, each in its own order.

    `counts` says how many records each source has and `weights` how often an epoch takes each of them; a place counts
    from 0 over all sources. With 0.5, two epochs take every record once; with 1.5, an epoch takes each once and half
    of them twice. What an epoch takes of a part is no chance of its own: epochs go through the records in turns.
    """
    taken = array("q")
    begin = 0
    for number, (count, weight) in enumerate(zip(counts, weights, strict=True)):
        whole = int(weight)
        part = round((weight - whole) * count)
        extra = _turn(count, part, seed=seed, epoch=epoch, source=number) if part else frozenset[int]()
        if whole == 1 and not extra:
            taken.extend(range(begin, begin + count))
        else:
            for place in range(count):
                for _ in range(whole + (place in extra)):
                    taken.append(begin + place)
        begin += count
    return taken


def order(counts: Sequence[int], weights: Sequence[float], *, seed: int, epoch: int) -> array[int]:
    """The same places, shuffled."""
    taken = places(counts, weights, seed=seed, epoch=epoch)
    random.Random(f"order {seed} {epoch}").shuffle(taken)
    return taken


def _turn(count: int, part: int, *, seed: int, epoch: int, source: int) -> frozenset[int]:
    """`part` of `count` places: the epochs' turns follow one another round a shuffled circle."""
    circle = list(range(count))
    random.Random(f"part {seed} {source}").shuffle(circle)
    begin = epoch * part % count
    return frozenset(circle[begin : begin + part] + circle[: max(0, begin + part - count)])
