"""A file that gets its name only when it is whole, and never takes the place of another."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, TextIO

from doctor.errors import BadInput
from doctor.words.text import text

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType


class NewFile:
    """Use it in a `with`: it gives the stream to write to, in UTF-8 with line feeds.

    Raises BadInput when something has the name already or its folder is missing.
    """

    def __init__(self, path: Path) -> None:
        if path.exists():
            raise BadInput(text("data.file_exists"), hint=text("data.file_exists_hint"), file=str(path))
        if not path.absolute().parent.is_dir():
            raise BadInput(text("data.no_folder"), hint=text("data.no_folder_hint"), file=str(path))
        self._path = path
        self._part = path.with_name(f"{path.name}.{os.getpid()}.part")
        self._stream: TextIO | None = None

    def __enter__(self) -> TextIO:
        self._stream = self._part.open("w", encoding="utf-8", newline="\n")
        return self._stream

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._stream is not None
        self._stream.close()
        if kind is None:
            self._part.replace(self._path)
        else:
            self._part.unlink(missing_ok=True)
