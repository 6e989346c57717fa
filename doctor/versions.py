"""Read and compare version numbers; the only module that knows how."""

from __future__ import annotations

import re
from functools import lru_cache

from doctor.late_pattern import late_pattern

_NUMBER = late_pattern(r"\d+")


@lru_cache(maxsize=4096)
def numbers(version: str) -> tuple[int, ...]:
    """The leading dotted numbers of a version: `570.124.06` → (570, 124, 6), `2.13.0+cpu` → (2, 13, 0).

    Raises ValueError when it does not begin with a digit.
    """
    if not version[:1].isdigit():
        raise ValueError(f"not a version number: {version!r}")
    head = re.match(r"[\d.]+", version)
    assert head is not None
    return tuple(int(part) for part in _NUMBER.findall(head.group()))


@lru_cache(maxsize=4096)
def at_least(version: str, minimum: str) -> bool:
    """Whether `version` is `minimum` or newer, number by number; missing parts count as 0."""
    have, want = numbers(version), numbers(minimum)
    width = max(len(have), len(want))
    return have + (0,) * (width - len(have)) >= want + (0,) * (width - len(want))
