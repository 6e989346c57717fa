"""Read a job's records and turn them into tokens on a disk; whatever is cut or left out is told."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.contract import Warned
from trainer.program import Refusal
from trainer.records import Record
from trainer.sources import read_source
from trainer.telling import tell

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from typing import Any

    from trainer.contract import Job, Source
    from trainer.peers import Peers
    from trainer.token_store import TokenStore
    from trainer.tokens import Tokens

_KEPT_BYTES = 32 << 20
"""Data up to this size is kept once it is read; more is read again when it is needed."""


class Records:
    """The records of some sources, each of which can be used. Iterating gives them in order, any number of times."""

    def __init__(self, job: Job, sources: Sequence[Source]) -> None:
        """Read all of them once. Raises Refusal for the first that cannot be used."""
        self.sources = sources
        self._job = job
        digest = hashlib.blake2b(digest_size=16)
        small = sum(_bytes_of(Path(source.path)) for source in sources) <= _KEPT_BYTES
        self._kept: list[list[Record]] | None = [] if small else None
        self._count = 0
        for source in sources:
            some: list[Record] = []
            for record in self._read(source):
                self._count += 1
                digest.update(_content(record))
                if small:
                    some.append(record)
            if self._kept is not None:
                self._kept.append(some)
        if not self._count:
            raise Refusal("bad_data", "there are no records to learn from", file=sources[0].path if sources else None)
        self.fingerprint = digest.hexdigest()
        """Hash of what they say."""

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Record]:
        for source in self.by_source():
            yield from source

    def by_source(self) -> Iterator[Iterator[Record]]:
        """The records of one source after the other."""
        for place, source in enumerate(self.sources):
            yield iter(self._kept[place]) if self._kept is not None else self._read(source)

    def _read(self, source: Source) -> Iterator[Record]:
        for item in read_source(source, method=self._job.method):
            place = f"line {item.line}: " if item.line is not None else ""
            place = f"record {item.record}: " if item.record is not None else place
            if isinstance(item, Record):
                if item.media:
                    raise Refusal(
                        "bad_data", f"{place}pictures, videos and sound cannot be learned from, only text",
                        file=item.file,
                    )  # fmt: skip
                yield item
            elif item.code == "layout_for_method":
                raise Refusal(
                    "bad_data",
                    f"{place}`method: {self._job.method}` learns from other records than these "
                    f"({item.detail.get('layout')})",
                    file=item.file,
                )
            elif item.severity == "failure":
                raise Refusal("bad_data", f"{place}{item.code} {item.field or ''}".strip(), file=item.file)


def read_records(job: Job) -> Records:
    """Every record of the job's data. Raises Refusal for the first that cannot be used."""
    return Records(job, job.data)


def tokens_on_disk(
    job: Job, records: Records, tokenizer: Any, folder: Path, peers: Peers, stop: Callable[[], bool]
) -> TokenStore | None:
    """The records' tokens, written by the leader where they are not there yet; None when told to stop meanwhile.

    What was cut and what is left out is told. Raises Refusal.
    """
    from trainer.token_store import open_store, store_key, write_store
    from trainer.tokens import learns_to_stop, tokenise_each

    answers_only = job.assistant_only_loss and job.method != "pretrain"
    key = store_key(
        Path(job.model), records.fingerprint, tokenizer.chat_template, job.max_length, answers_only, job.method
    )

    def of_each_source() -> Iterator[Iterator[Tokens]]:
        for source in records.by_source():
            yield tokenise_each(_until(stop, source), tokenizer, max_length=job.max_length, answers_only=answers_only)

    store = None
    if peers.leads:
        store = open_store(folder, key)
        try:
            store = store or write_store(
                folder, key, of_each_source(), stops=lambda tokens: learns_to_stop(tokens, tokenizer)
            )
        except _Stopped:
            store = None
    if peers.any(peers.leads and store is None)[0]:
        return None
    if store is None:
        store = open_store(folder, key)
    if store is None:
        raise Refusal("crashed", "the tokens that another process has written cannot be read", file=str(folder))
    tell_counts(job, store)
    if answers_only and not store.counts.stops:
        tell(Warned(code="never_stops", message="the chat template ends answers with no end token"))
    return store


class _Stopped(Exception):
    """Told to stop while the records were read."""


def _until(stop: Callable[[], bool], records: Iterator[Record]) -> Iterator[Record]:
    for place, record in enumerate(records):
        if place % 256 == 0 and stop():
            raise _Stopped
        yield record


def tell_counts(job: Job, store: Any) -> None:
    """Tell what was cut and left out. Raises Refusal when nothing is left."""
    counts = store.counts
    if counts.cut:
        detail = {
            "records": counts.cut, "all": counts.records, "tokens": counts.cut_tokens,
            "max_length": job.max_length, "left_out": counts.left_out,
        }  # fmt: skip
        tell(
            Warned(code="truncated", message=f"{counts.cut} records were cut to {job.max_length} tokens", detail=detail)
        )
    if not len(store):
        raise Refusal("bad_data", f"no answer begins within the first {job.max_length} tokens (max_length)")


def _content(record: Record) -> bytes:
    """All that can be learned of a record, and nothing of where it stands."""
    said = (record.messages, record.chosen, record.rejected, record.label, record.text, record.tools, record.media)
    return repr(said).encode("utf-8", "surrogatepass")


def _bytes_of(path: Path) -> int:
    files = path.rglob("*") if path.is_dir() else [path]
    try:
        return sum(file.stat().st_size for file in files if file.is_file())
    except OSError:
        return 0
