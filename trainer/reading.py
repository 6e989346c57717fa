"""Read a job's records; whatever is cut or left out is told."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.callbacks import tell
from trainer.contract import Warned
from trainer.program import Refusal
from trainer.records import DataFile, Record

if TYPE_CHECKING:
    from trainer.contract import Job
    from trainer.tokens import Tokens


def read_records(job: Job) -> tuple[list[Record], str]:
    """Every record of the job's data, and a hash of them. Raises Refusal for the first that cannot be used."""
    records: list[Record] = []
    digest = hashlib.blake2b(digest_size=16)
    for source in job.data:
        data = DataFile(Path(source.path))
        for item in data:
            if isinstance(item, Record):
                records.append(item)
                digest.update(repr(item.messages).encode("utf-8"))
            elif item.severity == "failure" or (item.severity == "warning" and not data.trainable):
                place = f"line {item.line}: " if item.line is not None else ""
                place = f"record {item.record}: " if item.record is not None else place
                raise Refusal("bad_data", f"{place}{item.code} {item.field or ''}".strip(), file=item.file)
    if not records:
        raise Refusal("bad_data", "there are no records to learn from", file=job.data[0].path if job.data else None)
    return records, digest.hexdigest()


def usable_rows(tokens: list[Tokens], job: Job) -> list[Tokens]:
    """The records that still have something to learn from; what was cut and what is left out is told."""
    from trainer.tokens import IGNORED

    cut = [row for row in tokens if row.cut]
    usable = [row for row in tokens if any(label != IGNORED for label in row.labels[1:])]
    left_out = len(tokens) - len(usable)
    if cut:
        detail = {
            "records": len(cut), "all": len(tokens), "tokens": sum(row.cut for row in cut),
            "max_length": job.max_length, "left_out": left_out,
        }  # fmt: skip
        tell(Warned(code="truncated", message=f"{len(cut)} records were cut to {job.max_length} tokens", detail=detail))
    if not usable:
        raise Refusal("bad_data", f"no answer begins within the first {job.max_length} tokens (max_length)")
    return usable
