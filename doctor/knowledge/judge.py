"""Hold entries against a text and its facts: which fire, on which lines, in which words. Pure."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from doctor.checks.base import Finding, Fix
from doctor.knowledge.placeholders import placeholder_values
from doctor.snapshot.redaction import redact_words
from doctor.words.text import LANGUAGES, Both, Text, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from doctor.knowledge.conditions import Facts
    from doctor.knowledge.model import Entry, Words
    from doctor.knowledge.pattern import Pattern
    from doctor.snapshot.model import Snapshot
    from doctor.snapshot.redaction import Identity

PAGE = "docs/reference/knowledge.md"
_MAX_LINES = 400
"""Lines with one literal that a pattern is tried on; logs repeat themselves."""
_MAX_EVIDENCE = 5
_LONG = 200_000
"""Characters from which on an index pays."""
_NO_DIGITS = str.maketrans("0123456789", " " * 10)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the text."""

    number: int
    """As it was pasted, from 1."""
    words: str


@dataclass(slots=True)
class Lines:
    """A text's lines, with quick answers to where a few letters occur."""

    lines: tuple[Line, ...]
    _joined: str = field(init=False)
    _starts: list[int] = field(init=False)
    _known: dict[str, tuple[Line, ...]] = field(init=False, default_factory=dict)
    _parts: str = field(init=False, default="")
    """Of a long text: what stands between blanks and digits, each once. Most literals are not even in there."""

    def __post_init__(self) -> None:
        lowered = [line.words.lower() for line in self.lines]
        self._joined = "\n".join(lowered)
        self._starts = []
        place = 0
        for words in lowered:
            self._starts.append(place)
            place += len(words) + 1
        if place > _LONG:
            self._parts = "\n".join(set(self._joined.translate(_NO_DIGITS).split()))

    def holding(self, literal: str) -> tuple[Line, ...]:
        """The first lines that hold these letters; `literal` is in lower case."""
        known = self._known.get(literal)
        if known is None:
            known = self._known[literal] = tuple(self._find(literal))
        return known

    def _find(self, literal: str) -> Iterator[Line]:
        if self._parts and max(literal.translate(_NO_DIGITS).split() or [""], key=len) not in self._parts:
            return
        place = self._joined.find(literal)
        for _ in range(_MAX_LINES):
            if place < 0:
                return
            index = bisect_right(self._starts, place) - 1
            yield self.lines[index]
            if index + 1 >= len(self._starts):
                return
            place = self._joined.find(literal, self._starts[index + 1])


def judge(
    entries: Sequence[Entry], lines: Lines, snapshot: Snapshot, facts: Facts, identity: Identity
) -> tuple[Finding, ...]:
    """The findings of the entries that hold, in their own order. What they quote is without traces of the person."""
    values: dict[str, dict[str, str]] | None = None
    fired = []
    for entry in entries:
        if not all(condition.holds(facts) for condition in entry.when):
            continue
        if any(condition.holds(facts) for condition in entry.unless):
            continue
        matched = _match(entry, lines)
        if matched is None:
            continue
        if values is None:
            values = {language: placeholder_values(snapshot, facts, language) for language in LANGUAGES}
        fired.append(_finding(entry, matched, values, identity))
    return tuple(fired)


@dataclass(slots=True)
class _Match:
    lines: list[Line]
    groups: dict[str, str]


def _match(entry: Entry, lines: Lines) -> _Match | None:
    found = _Match([], {})
    if any(_search(pattern, lines, None) for pattern in entry.none):
        return None
    for pattern in entry.all:
        if not _search(pattern, lines, found):
            return None
    hits = [_search(pattern, lines, found) for pattern in entry.any]  # all of them: each may fill a placeholder
    return found if any(hits) or not hits else None


def _search(pattern: Pattern, lines: Lines, into: _Match | None) -> bool:
    for literal in pattern.literals:
        for line in lines.holding(literal):
            groups = pattern.search(line.words)
            if groups is not None:
                if into is not None:
                    into.lines.append(line)
                    into.groups = groups | into.groups
                return True
    return False


def _finding(entry: Entry, matched: _Match, values: dict[str, dict[str, str]], identity: Identity) -> Finding:
    groups = {name: redact_words(value, identity) for name, value in matched.groups.items()}
    names = {name for pattern in (*entry.any, *entry.all) for name in pattern.names}

    def say(words: Words) -> Text:
        # A named group of a pattern that was not the one found has no value; then its name must not break the words.
        filled = {
            language: template.format_map({**dict.fromkeys(names, "…"), **values[language], **groups})
            for language, template in (("en", words.en), ("zh", words.zh))
        }
        return text("knowledge.words", words=Both(filled["en"], filled["zh"]))

    seen = {line.number: line for line in matched.lines}
    return Finding(
        check=entry.id,
        status=entry.status,
        summary=say(entry.summary),
        cause=say(entry.cause),
        evidence=tuple(
            text("knowledge.line", number=line.number, words=redact_words(line.words.strip()[:200], identity))
            for _, line in sorted(seen.items())[:_MAX_EVIDENCE]
        ),
        fixes=tuple(Fix(id=remedy.id, title=say(remedy.words)) for remedy in entry.remedies),
        page=PAGE,
    )
