"""Find records that are the same, or nearly so, in one pass and bounded memory. Standard library only.

Sameness is looked up by a 64-bit hash of the whole record (16 bytes a record and slot). Likeness is estimated by
MinHash: each text's runs of three words are hashed, the least hash of each of 32 classes is its signature, and texts
that share four neighbouring places of it are compared place by place.
"""

from __future__ import annotations

import re
from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from zlib import crc32

if TYPE_CHECKING:
    from trainer.records import Record

NEAR_MOST = 200_000
"""Texts that are compared for likeness; beyond them only sameness is looked for. 60 MB for the signatures."""
_WORD = re.compile(r"[぀-ヿ㐀-䶿一-鿿가-힯]|[^\W_぀-ヿ㐀-䶿一-鿿가-힯]+")
"""A word, or one character of a script that writes without spaces."""
_PLAIN_WORD = re.compile("[a-z0-9]+")
"""The same in ASCII, where it takes half the time."""
_LONGEST = 20_000
"""Characters of a text that are looked at for likeness."""
_FEWEST = 8
"""Words below which likeness says nothing: `2 + 2` and `2 + 3` are different questions."""
_CLASSES = 32
_BAND = 4
_ALIKE = 27
"""Places of two signatures that must agree, which is a likeness (shared part of all runs of words) of about 0.85."""
_EMPTY = 0xFFFFFFFF

Likeness = Literal["same", "spelt", "near"]
"""same: letter for letter. spelt: but for case, spaces and punctuation. near: most runs of words are shared."""


@dataclass(frozen=True, slots=True)
class Alike:
    """An earlier text like the one at hand."""

    place: int
    """As it was given when that text was met."""
    how: Likeness
    percent: int
    """Estimated share of the runs of words that both have."""


class Places:
    """A table from 64-bit keys to the place where each was first met: 16 bytes a slot, and half of them are full."""

    def __init__(self) -> None:
        self._keys = array("Q", bytes(8 << 10))
        self._places = array("Q", bytes(8 << 10))
        self._count = 0

    def find(self, key: int) -> int | None:
        """The place that was remembered under a key."""
        slot, there = self._slot(key)
        return self._places[slot] - 1 if there else None

    def meet(self, key: int, place: int) -> int | None:
        """The place of the first text with this key; None for a new one, which is remembered."""
        slot, there = self._slot(key)
        if there:
            return self._places[slot] - 1
        self._keys[slot] = key & 0xFFFFFFFFFFFFFFFF
        self._places[slot] = place + 1
        self._count += 1
        if self._count * 2 > len(self._keys):
            self._grow()
        return None

    def _slot(self, key: int) -> tuple[int, bool]:
        """Where a key is or would be, and whether it is there. A place of 0 marks a free slot."""
        keys, places = self._keys, self._places
        key &= 0xFFFFFFFFFFFFFFFF
        mask = len(keys) - 1
        slot = (key ^ key >> 32) & mask
        while places[slot]:
            if keys[slot] == key:
                return slot, True
            slot = (slot + 1) & mask
        return slot, False

    def _grow(self) -> None:
        old = [(key, place) for key, place in zip(self._keys, self._places, strict=True) if place]
        size = len(self._keys) * 2
        self._keys = array("Q", bytes(8 * size))
        self._places = array("Q", bytes(8 * size))
        for key, place in old:
            slot, _ = self._slot(key)
            self._keys[slot] = key
            self._places[slot] = place


class Texts:
    """Texts that were met, and which of them a new one is like."""

    def __init__(self, *, near: bool = True, most: int = NEAR_MOST) -> None:
        self._near = near
        self._most = most
        self._same = Places()
        self._spelt = Places()
        self._bands = [Places() for _ in range(_CLASSES // _BAND)] if near else []
        self._signatures = array("I")
        self._told = array("Q")
        """The place of each signature's text."""

    @property
    def full(self) -> bool:
        """Whether later texts are no longer compared for likeness."""
        return self._near and len(self._told) >= self._most

    def meet(self, key: int, text: str, place: int) -> Alike | None:
        """The first text like this one, if any. A text that is not the same as another is remembered.

        `key` is a hash of all that makes it the same. `place` is any number from 0 below 2**63.
        """
        return self._look(key, text, place)

    def find(self, key: int, text: str) -> Alike | None:
        """As `meet`, and nothing is remembered."""
        return self._look(key, text, None)

    def _look(self, key: int, text: str, place: int | None) -> Alike | None:
        first = self._same.find(key) if place is None else self._same.meet(key, place)
        if first is not None:
            return Alike(first, "same", 100)
        if not self._near or (place is not None and self.full):
            return None
        words = _words(text[:_LONGEST])
        spelling = hash("".join(words) + text[_LONGEST:])
        first = (
            None if not words else self._spelt.find(spelling) if place is None else self._spelt.meet(spelling, place)
        )
        if first is not None:
            return Alike(first, "spelt", 100)
        if len(words) < _FEWEST:
            return None
        signature = _signature(words)
        found = self._alike(signature)
        if place is not None:
            self._remember(signature, place)
        return found

    def _alike(self, signature: list[int]) -> Alike | None:
        best, agreed = -1, _ALIKE - 1
        for band, table in enumerate(self._bands):
            number = table.find(_key(signature, band))
            if number is None or number == best:
                continue
            other = self._signatures[number * _CLASSES : (number + 1) * _CLASSES]
            same = sum(map(int.__eq__, signature, other))
            if same > agreed:
                best, agreed = number, same
        return None if best < 0 else Alike(self._told[best], "near", agreed * 100 // _CLASSES)

    def _remember(self, signature: list[int], place: int) -> None:
        number = len(self._told)
        self._told.append(place)
        self._signatures.extend(signature)
        for band, table in enumerate(self._bands):
            table.meet(_key(signature, band), number)


def record_key(record: Record) -> int:
    """A hash of all that the model would be given of a record. It holds within one process."""
    return hash(
        (record.messages, record.chosen, record.rejected, record.label, record.text, record.tools, record.media)
    )


def record_text(record: Record) -> str:
    """A record's words, one turn after another."""
    turns = [message.content for message in (*record.messages, *record.chosen, *record.rejected)]
    return "\n".join([record.text, *turns])


def question_of(record: Record) -> str:
    """What a record asks before its last answer; empty where it asks nothing."""
    turns = record.messages
    if turns and turns[-1].role == "assistant":
        turns = turns[:-1]
    return "\n".join(message.content for message in turns if message.role != "system")


def _words(text: str) -> list[str]:
    small = text.casefold()
    return (_PLAIN_WORD if small.isascii() else _WORD).findall(small)


def _signature(words: list[str]) -> list[int]:
    classes = [_EMPTY] * _CLASSES
    parts = " ".join(words).encode("utf-8", "replace").split(b" ")
    for run in map(crc32, map(b" ".join, zip(parts, parts[1:], parts[2:], strict=False))):
        place = run & (_CLASSES - 1)
        if run < classes[place]:
            classes[place] = run
    if _EMPTY in classes:
        # Few words leave classes empty; each takes the next full one's value, so that equal texts stay equal.
        last = next(value for value in classes if value != _EMPTY)
        for place in range(_CLASSES - 1, -1, -1):
            if classes[place] == _EMPTY:
                classes[place] = last
            else:
                last = classes[place]
    return classes


def _key(signature: list[int], band: int) -> int:
    return hash((band, *signature[band * _BAND : (band + 1) * _BAND]))
