"""Replace what patterns find in texts of any length, looking only where they can match. Pure.

A rule says by what its matches begin, or what a line or the whole text must hold for it to be worth searching: so five
megabytes of log take tenths of a second.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable

_SHORT = 100_000
"""Characters up to which every pattern is tried."""
_HEX_AS_H = bytes(ord("h") if chr(code) in "0123456789abcdefABCDEF" else code for code in range(256))


@dataclass(frozen=True)
class Rule:
    """One pattern and what replaces it."""

    pattern: re.Pattern[str]
    replace: Callable[[re.Match[str]], str]
    anchors: tuple[str, ...] = ()
    """What every match begins with, in lower case: only there the pattern is tried."""
    triggers: tuple[str, ...] = ()
    """What a line must hold for the pattern to be looked for in it. With neither, the whole text is searched."""
    shapes: tuple[bytes, ...] = ()
    """What a long text must hold in its `_shape` for it to be searched."""


def apply_all(rules: Iterable[Rule], words: str) -> str:
    """The text with the replacements of all rules, one after the other."""
    lowered = lower_in_place(words)
    shape = _shape(words) if len(words) > _SHORT else b""
    for rule in rules:
        new = _apply(rule, words, lowered, shape)
        if new is not words:
            words, lowered = new, lower_in_place(new)
    return words


def _apply(rule: Rule, words: str, lowered: str, shape: bytes) -> str:
    """The text with the rule's replacements; the very same object where there are none."""
    if rule.anchors:
        matches = _anchored(rule, words, lowered)
        if not matches:
            return words
        parts: list[str] = []
        done = 0
        for found in matches:
            parts += (words[done : found.start()], rule.replace(found))
            done = found.end()
        return "".join((*parts, words[done:]))
    if not rule.triggers:
        if shape and not any(each in shape for each in rule.shapes):
            return words
        new = rule.pattern.sub(rule.replace, words)
        return words if new == words else new
    spans = _lines_with(lowered, rule.triggers)
    parts, done = [], 0
    for start, end in spans:
        parts += (words[done:start], rule.pattern.sub(rule.replace, words[start:end]))
        done = end
    return "".join((*parts, words[done:])) if spans else words


def _anchored(rule: Rule, words: str, lowered: str) -> list[re.Match[str]]:
    """Matches that begin at an anchor, in order, none within another."""
    found: list[re.Match[str]] = []
    for anchor in rule.anchors:
        place = lowered.find(anchor)
        while place >= 0:
            match = rule.pattern.match(words, place)
            if match is not None:
                found.append(match)
            place = lowered.find(anchor, place + 1 if match is None else max(match.end(), place + 1))
    found.sort(key=lambda match: match.start())
    kept: list[re.Match[str]] = []
    for match in found:
        if not kept or match.start() >= kept[-1].end():
            kept.append(match)
    return kept


def lower_in_place(words: str) -> str:
    """In lower case, every letter at its place."""
    lowered = words.lower()
    if len(lowered) != len(words):  # a few letters become two, which would shift the others
        lowered = "".join(lower if len(lower := letter.lower()) == 1 else letter for letter in words)
    return lowered


def _shape(words: str) -> bytes:
    """The text with every hexadecimal digit as `h`, to see at a glance whether it can hold an address at all."""
    return words.encode("utf-8", "replace").translate(_HEX_AS_H)


def _lines_with(lowered: str, triggers: tuple[str, ...]) -> list[tuple[int, int]]:
    """Places of the lines that hold a trigger, in order."""
    found: set[tuple[int, int]] = set()
    for trigger in triggers:
        place = lowered.find(trigger)
        while place >= 0:
            start = lowered.rfind("\n", 0, place) + 1
            end = lowered.find("\n", place)
            end = len(lowered) if end < 0 else end
            found.add((start, end))
            place = lowered.find(trigger, end)
    return sorted(found)


def put(stand_in: str) -> Callable[[re.Match[str]], str]:
    """The stand-in, whatever was found."""
    return lambda _: stand_in


def put_after(stand_in: str) -> Callable[[re.Match[str]], str]:
    """The first group, and the stand-in for what follows it."""
    return lambda found: f"{found[1]}{stand_in}"
