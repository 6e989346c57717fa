"""Remember which records there were, in few bytes a record, so that duplicates are found in files of any size."""

from __future__ import annotations

import hashlib
from array import array

_FULLEST = 0.6
"""Share of the table that may be taken before it grows."""


class Seen:
    """64 bits of each record's hash and the place where it was first met: 20 to 40 bytes a record."""

    def __init__(self) -> None:
        self._size = 1 << 10
        self._keys = array("Q", bytes(8 * self._size))
        self._places = array("Q", bytes(8 * self._size))
        self._count = 0

    def first(self, content: bytes, place: int) -> int:
        """Where this content was first met: `place` itself when it is new."""
        key = int.from_bytes(hashlib.blake2b(content, digest_size=8).digest(), "little") or 1
        at = self._slot(key)
        if self._keys[at]:
            return self._places[at]
        self._keys[at] = key
        self._places[at] = place
        self._count += 1
        if self._count > self._size * _FULLEST:
            self._grow()
        return place

    def _slot(self, key: int) -> int:
        keys, last = self._keys, self._size - 1
        at = key & last
        while keys[at] and keys[at] != key:
            at = (at + 1) & last
        return at

    def _grow(self) -> None:
        keys, places = self._keys, self._places
        self._size *= 4
        self._keys = array("Q", bytes(8 * self._size))
        self._places = array("Q", bytes(8 * self._size))
        for key, place in zip(keys, places, strict=True):
            if key:
                at = self._slot(key)
                self._keys[at] = key
                self._places[at] = place
