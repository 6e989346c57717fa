"""What was done to this machine and how to take it back: one JSON object a line, appended and never rewritten."""

from __future__ import annotations

import datetime
import json
import os
from typing import TYPE_CHECKING, Any, Literal

from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

JOURNAL_VERSION = 1

Phase = Literal["before", "after", "failed"]


@dataclass(frozen=True)
class Journal:
    """The journal of one piece of work, such as one install."""

    file: Path
    work: str
    """Groups the lines of one piece of work: the environment's name for an install."""

    def note(self, step: str, phase: Phase, **facts: Any) -> None:
        """Append one line and make sure that it is on the disk. The line before a step carries its `undo`."""
        line = json.dumps(
            {
                "journal": JOURNAL_VERSION,
                "at": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
                "work": self.work,
                "step": step,
                "phase": phase,
                **facts,
            },
            ensure_ascii=True,
        )
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("ab") as stream:
            # A process killed in the middle of a line leaves its beginning: start a fresh one.
            torn = stream.tell() > 0 and not _ends_a_line(self.file)
            stream.write(b"\n" * torn + line.encode() + b"\n")
            stream.flush()
            os.fsync(stream.fileno())


def read_journal(file: Path) -> Iterator[dict[str, Any]]:
    """The journal's lines in order; torn ones are left out."""
    try:
        with file.open(encoding="utf-8", errors="replace") as stream:
            for line in stream:
                try:
                    record = json.loads(line)
                except ValueError:
                    continue
                if isinstance(record, dict):
                    yield record
    except OSError:
        return


def _ends_a_line(file: Path) -> bool:
    with file.open("rb") as stream:
        stream.seek(-1, os.SEEK_END)
        return stream.read(1) == b"\n"
