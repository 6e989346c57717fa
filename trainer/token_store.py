"""Records as tokens on a disk, so that data of any size is learned from within little memory.

tokens/ids.bin      every record's tokens, one after the other; the highest bit of each says that it is learned
tokens/index.bin    of each record its length and how many of its tokens are learned
tokens/store.json   what the tokens were made from and by; written last, and without it there is no store

A record is read when a step needs it. The files are not mapped: pages of a map count as this process's memory.
"""

from __future__ import annotations

import hashlib
import json
import os
from array import array
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, BinaryIO, overload

import numpy

from trainer.file_moves import move_folder, remove_tree
from trainer.tokens import IGNORED

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from trainer.tokens import Tokens

STORE_VERSION = 1
_LEARNED = 1 << 31
_TOKENIZER_FILES = (
    "tokenizer.json", "tokenizer_config.json", "tokenizer.model", "special_tokens_map.json", "added_tokens.json",
    "vocab.json", "merges.txt", "chat_template.jinja", "spiece.model",
)  # fmt: skip

Row = dict[str, Any]


@dataclass(slots=True, kw_only=True)
class Counts:
    """What became of the records."""

    records: int = 0
    """All that were read."""
    cut: int = 0
    """Records that were too long."""
    cut_tokens: int = 0
    left_out: int = 0
    """Records without an answer within the length that was allowed."""
    stops: bool = False
    """Whether any whole record ends an answer with a token that stops it."""
    by_source: list[int] = field(default_factory=list)
    """Records kept of each source."""


class TokenStore(Sequence[Row]):
    """The records of a finished store."""

    def __init__(self, folder: Path) -> None:
        """Open it. Raises OSError and ValueError for one that is not whole."""
        facts = json.loads((folder / "store.json").read_text(encoding="utf-8"))
        if facts["schema"] != STORE_VERSION:
            raise ValueError("another version wrote this store")
        self.key = str(facts["key"])
        self.counts = Counts(**facts["counts"])
        index = numpy.fromfile(folder / "index.bin", dtype="<u4").reshape(-1, 2)
        self.lengths = index[:, 0].copy()
        """Tokens of each record."""
        self.answers = index[:, 1].copy()
        """Learned tokens of each record, the first token not among them, which nothing comes before."""
        self._ends = numpy.cumsum(self.lengths, dtype="<u8")
        if (folder / "ids.bin").stat().st_size != 4 * int(self._ends[-1] if len(self._ends) else 0):
            raise ValueError("the store is not whole")
        self._stream: BinaryIO = (folder / "ids.bin").open("rb")

    def __len__(self) -> int:
        return len(self.lengths)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        length = int(self.lengths[place])
        self._stream.seek(4 * (int(self._ends[place]) - length))
        flagged = numpy.frombuffer(self._stream.read(4 * length), dtype="<u4")
        ids = (flagged & (_LEARNED - 1)).astype("i8")
        labels = numpy.where(flagged & _LEARNED, ids, IGNORED)
        return {"input_ids": ids, "labels": labels, "answers": int(self.answers[place])}

    def close(self) -> None:
        """Let go of the file, which Windows does not remove while it is open."""
        self._stream.close()


class SomeRows(Sequence[Row]):
    """Rows of a store at some of its places; a place may come twice."""

    def __init__(self, store: TokenStore, places: Iterable[int]) -> None:
        self.store = store
        self.places = array("q", places)
        self.lengths = array("i", (int(store.lengths[place]) for place in self.places))

    def __len__(self) -> int:
        return len(self.places)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        if isinstance(place, slice):
            return [self.store[each] for each in self.places[place]]
        return self.store[self.places[place]]


def open_store(folder: Path, key: str) -> TokenStore | None:
    """The store in a folder, when it is whole and was made from the same."""
    try:
        store = TokenStore(folder)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if store.key == key:
        return store
    store.close()
    return None


def write_store(folder: Path, key: str, sources: Iterable[Iterable[Tokens]], *, stops: Any) -> TokenStore:
    """Write a store and open it; `stops` tells of a record whether it ends as it should.

    It has its name only when it is whole. Raises OSError.
    """
    building = folder.with_name(f"{folder.name}.new")
    remove_tree(building)
    building.mkdir(parents=True)
    counts = Counts()
    with (building / "ids.bin").open("wb") as ids, (building / "index.bin").open("wb") as index:
        for source in sources:
            kept = 0
            for tokens in source:
                counts.records += 1
                counts.cut += tokens.cut > 0
                counts.cut_tokens += tokens.cut
                labels = numpy.array(tokens.labels, dtype="i8")
                learned = labels != IGNORED
                answers = int(learned[1:].sum())
                if not answers:
                    counts.left_out += 1
                    continue
                if not counts.stops and not tokens.cut:
                    counts.stops = stops(tokens)
                flagged = numpy.array(tokens.ids, dtype="<u4") | (learned.astype("<u4") << 31)
                ids.write(flagged.tobytes())
                index.write(numpy.array([len(labels), answers], dtype="<u4").tobytes())
                kept += 1
            counts.by_source.append(kept)
    facts = {"schema": STORE_VERSION, "key": key, "counts": asdict(counts)}
    with (building / "store.json").open("w", encoding="utf-8") as stream:
        json.dump(facts, stream, indent=2)
        stream.flush()
        os.fsync(stream.fileno())
    remove_tree(folder)
    move_folder(building, folder)
    return TokenStore(folder)


def store_key(model: Path, *facts: object) -> str:
    """What tokens depend on: the tokenizer's files and whatever else is said."""
    digest = hashlib.blake2b(digest_size=16)
    for name in _TOKENIZER_FILES:
        file = model / name
        if file.is_file():
            digest.update(name.encode() + b"\0" + file.read_bytes() + b"\0")
    digest.update(json.dumps([STORE_VERSION, *facts], ensure_ascii=True, default=str).encode())
    return digest.hexdigest()
