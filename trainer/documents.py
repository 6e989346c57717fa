"""Plain text files as records: one document a file, in pieces of whole paragraphs where it is long.

A file is what its author wrote as one, so it is not torn at every line or blank line; but a book or a whole corpus in
one file must not be held in memory, and what training sees at once is far shorter than a piece.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainer.rows import Found

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

PIECE = 1 << 16
"""Letters after which a document is divided at the next blank line."""
_TOO_LONG = 4 * PIECE
"""Letters after which it is divided at the next line, blank or not, and a line without an end is cut."""


def rows_of_document(stream: TextIO) -> Iterator[Found]:
    """The document as rows with a `text`, each with the line it begins in."""
    lines: list[str] = []
    letters = 0
    begin = line = 1
    while text := stream.readline(_TOO_LONG):
        blank = not text.strip()
        if letters > _TOO_LONG or (blank and letters > PIECE):
            yield Found({"text": "".join(lines).strip("\n")}, line=begin)
            lines, letters = [], 0
        if not lines:
            begin = line
        if lines or not blank:
            lines.append(text)
            letters += len(text)
        line += text.endswith("\n")
    if any(text.strip() for text in lines):
        yield Found({"text": "".join(lines).strip("\n")}, line=begin)
