"""The knowledge base as values: what an error message means, when, and what to do."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    from doctor.checks.base import Status
    from doctor.knowledge.conditions import Condition
    from doctor.knowledge.pattern import Pattern

KNOWLEDGE_VERSION = 1


@dataclass(frozen=True)
class Words:
    """One message in both languages, with {placeholders}."""

    en: str
    zh: str


@dataclass(frozen=True)
class Remedy:
    """What to do; `id` is stable, and may be one that `tunedoc fix` knows."""

    id: str
    words: Words


@dataclass(frozen=True)
class Example:
    """A text on which the entry must fire, or must not."""

    text: str
    fires: bool


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One thing that is known."""

    id: str
    file: str
    status: Status
    rank: int
    any: tuple[Pattern, ...]
    all: tuple[Pattern, ...]
    none: tuple[Pattern, ...]
    when: tuple[Condition, ...]
    unless: tuple[Condition, ...]
    explains: tuple[str, ...]
    explained_by: tuple[str, ...]
    summary: Words
    cause: Words
    remedies: tuple[Remedy, ...]
    sources: tuple[str, ...]
    examples: tuple[Example, ...]
