"""Images, videos and sound of a record: as many files as placeholders, and where they lie. Standard library only."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trainer.rows import Fault
from trainer.turns import MEDIA_KINDS, BadRow

if TYPE_CHECKING:
    from pathlib import Path

    from trainer.layouts import Example

_ELSEWHERE = re.compile(r"(https?|data|s3|gs|hf):", re.IGNORECASE)


class MediaFiles:
    """Files beside one data file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._there: dict[str, bool] = {}

    def of(self, example: Example) -> tuple[tuple[str, ...], tuple[int, int, int], list[Fault]]:
        """A record's files, how many there are of each kind, and what is to be told. Raises BadRow.

        Names are taken from the data file's folder, as they are when they are whole paths.
        """
        by_kind = example.media or {}
        counts = []
        files: list[str] = []
        faults: list[Fault] = []
        for kind in MEDIA_KINDS:
            names = by_kind.get(kind, [])
            marks = _marks(example, kind)
            if marks != len(names):
                raise BadRow("media_count", f"{kind}s", kind=kind, marks=marks, files=len(names))
            counts.append(len(names))
            for name in names:
                if _ELSEWHERE.match(name):
                    raise BadRow("media_elsewhere", f"{kind}s", name=name[:60])
                whole = str(self._folder / name)
                if not self._is_there(whole):
                    faults.append(Fault("media_missing", field=f"{kind}s", detail={"name": name}, severity="warning"))
                files.append(whole)
        return tuple(files), (counts[0], counts[1], counts[2]), faults

    def _is_there(self, name: str) -> bool:
        known = self._there.get(name)
        if known is None:
            from pathlib import Path

            try:
                known = Path(name).is_file()
            except (OSError, ValueError):
                known = False
            if len(self._there) < 100_000:
                self._there[name] = known
        return known


def _marks(example: Example, kind: str) -> int:
    mark = f"<{kind}>"
    messages = (*example.messages, *example.chosen)
    return sum(message.content.count(mark) for message in messages)
