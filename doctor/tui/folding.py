"""Breaks lines where Chinese may be broken: between any two of its letters, as Textual does only at blanks."""

from __future__ import annotations

import unicodedata

_NOT_FIRST = frozenset("，。；：、！？）》”’…,.;:!?)")
"""Signs that never begin a line."""
_NOT_LAST = frozenset("（《“‘(")


def breaks(words: str, width: int) -> list[int]:
    """Places in one line, in letters from its beginning, where a new line begins so that none is wider than `width`."""
    places: list[int] = []
    used = 0
    chance = chance_used = 0  # the last place where the line may be broken, and what is used up to there
    for place, letter in enumerate(words):
        if place and _may_break(words[place - 1], letter):
            chance, chance_used = place, used
        columns = _columns(letter)
        if used + columns > width and not letter.isspace():
            start = places[-1] if places else 0
            if chance > start:
                places.append(chance)
                used -= chance_used
            else:
                places.append(place)
                used = 0
            chance_used = 0
        used += columns
    return places


def is_wide(words: str) -> bool:
    """Whether there is anything to break in another way."""
    return any(_columns(letter) == 2 for letter in words)


def _may_break(before: str, after: str) -> bool:
    if after.isspace() or after in _NOT_FIRST or before in _NOT_LAST:
        return False
    return before.isspace() or _columns(before) == 2 or _columns(after) == 2


def _columns(letter: str) -> int:
    return 2 if unicodedata.east_asian_width(letter) in "WF" else 0 if unicodedata.combining(letter) else 1
