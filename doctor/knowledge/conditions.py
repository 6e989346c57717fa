"""Conditions on facts: `torch = ">=2.4,<2.7"`, `os = "windows"`, `package.flash-attn = "absent"`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from doctor.late_pattern import late_pattern
from doctor.quick_dataclass import dataclass
from doctor.versions import at_least

if TYPE_CHECKING:
    from collections.abc import Mapping

FACTS = (
    "os",
    "wsl",
    "python",
    "python_bits",
    "torch",
    "torch_build",
    "torch_cuda",
    "cuda_available",
    "gpu_count",
    "gpu_vendor",
    "capability",
    "vram_gib",
    "driver",
    "driver_cuda",
    "toolkit",
    "memory_gib",
)
"""Names of facts, besides `package.NAME` and `variable.NAME`."""

Facts = dict[str, tuple[str, ...]]
"""Values by name. A fact that is not known is not there; one that is known to be absent has no values."""

_COMPARISON = late_pattern(r"(<=|>=|==|<|>)\s*(\d+(?:\.\d+)*)")


class ConditionRefused(ValueError):
    """The condition means nothing; the message says why."""


@dataclass(frozen=True)
class Condition:
    """One fact and what it must be."""

    fact: str
    words: tuple[str, ...]
    """Any of them; empty where versions are compared."""
    bounds: tuple[tuple[str, str], ...]
    """Operator and version; all must hold."""

    def holds(self, facts: Mapping[str, tuple[str, ...]]) -> bool:
        """Whether one of the fact's values fits. What is not known does not."""
        if self.fact not in facts:
            return False
        values = facts[self.fact]
        if self.bounds:
            return any(all(_compare(value, how, than) for how, than in self.bounds) for value in values)
        if "absent" in self.words and not values:
            return True
        if "present" in self.words and values:
            return True
        return any(value.lower() in self.words for value in values)


def parse_condition(fact: str, value: object) -> Condition:
    """A condition from a line of TOML. Raises ConditionRefused."""
    if fact not in FACTS and re.fullmatch(r"package\.[a-z0-9]+(-[a-z0-9]+)*|variable\.[A-Za-z_]\w*", fact) is None:
        raise ConditionRefused(f"no such fact: {fact}")
    if isinstance(value, str) and re.match(r"\s*[<>=]", value):
        parts = [_COMPARISON.fullmatch(part.strip()) for part in value.split(",")]
        bounds = tuple((part[1], part[2]) for part in parts if part is not None)
        if len(bounds) != len(parts):
            raise ConditionRefused(f"no comparison: {value}")
        return Condition(fact, (), bounds)
    words = value if isinstance(value, list) else [value]
    if not words or not all(isinstance(word, str | int | bool) for word in words):
        raise ConditionRefused("must be a word, a list of words or a comparison")
    return Condition(fact, tuple(str(word).lower() for word in words), ())


def _compare(value: str, how: str, than: str) -> bool:
    if not value[:1].isdigit():
        return False
    match how:
        case ">=":
            return at_least(value, than)
        case "<":
            return not at_least(value, than)
        case "<=":
            return at_least(than, value)
        case ">":
            return not at_least(than, value)
        case _:
            return at_least(value, than) and at_least(than, value)
