"""Change single lines of wheels.toml and leave every other byte alone, comments above all."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from doctor.catalogue.facts import COLUMNS
from doctor.catalogue.load import load_catalogue
from doctor.errors import BadInput
from doctor.late_pattern import late_pattern
from doctor.words.text import text
from trainer.file_moves import replace_file

if TYPE_CHECKING:
    import datetime
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from doctor.catalogue.model import Catalogue

_UPDATED = late_pattern(r"(?m)^updated = \d{4}-\d{2}-\d{2}$")
_HEADER = late_pattern(r"^\[{1,2}([A-Za-z0-9_.-]+)\]{1,2}\s*(#.*)?$")
KEYS = {
    "torch.releases": ("torch",),
    "torch.variants": ("torch",),
    "torch.builds": ("torch", "variant", "system"),
    "bitsandbytes.libraries": ("version", "system", "cuda"),
}
"""The columns that tell the lines of a table apart."""


def with_line(words: str, table: str, cells: Mapping[str, str]) -> str:
    """The file with one line of a table in text changed, or added at its end; cells that are not given stay, or are
    `-` in a new line. Raises KeyError for a table that the file does not have."""
    lines = words.split("\n")
    first, last = _place(lines, table)
    columns = COLUMNS[table]
    keys = KEYS[table]
    widths = [len(cell) for cell in lines[first].rstrip("\r").split("|")]
    for at in range(first + 1, last):
        found = [cell.strip() for cell in lines[at].split("|")]
        have = dict(zip(columns, found, strict=False))
        if all(have.get(key) == cells.get(key) for key in keys):
            lines[at] = _line(columns, have | {name: value or "-" for name, value in cells.items()}, widths)
            return "\n".join(lines)
    lines.insert(last, _line(columns, {name: value or "-" for name, value in cells.items()}, widths))
    return "\n".join(lines)


def with_date(words: str, day: datetime.date) -> str:
    """The file with the day of its last change."""
    return _UPDATED.sub(f"updated = {day.isoformat()}", words, count=1)


def write_lines(file: Path, changes: Sequence[tuple[str, Mapping[str, str]]], day: datetime.date) -> None:
    """Write lines into the catalogue. It is loaded from beside before it takes the old one's place.

    Raises BadInput when it would not be valid any more, OSError.
    """
    raw = file.read_bytes().decode("utf-8")
    words = raw.replace("\r\n", "\n")
    for table, cells in changes:
        try:
            words = with_line(words, table, cells)
        except KeyError as exc:
            raise BadInput(text("refreshing.no_table", table=table), file=str(file), field=table) from exc
    words = with_date(words, day)
    beside = file.with_name(f"{file.name}.part-{os.getpid()}")
    try:
        beside.write_text(words, encoding="utf-8", newline="\r\n" if "\r\n" in raw else "\n")
        catalogue = load_catalogue(beside)
        # These are read when they are asked for.
        read_all(catalogue)
        replace_file(beside, file)
    finally:
        beside.unlink(missing_ok=True)


def read_all(catalogue: Catalogue) -> None:
    """Take apart what is otherwise read when it is asked for. Raises BadInput, Refused."""
    _ = (catalogue.parts, catalogue.mirrors, catalogue.gpu_models, catalogue.llama_releases)
    facts = catalogue.facts
    _ = (facts.releases, facts.variants, facts.builds, facts.libraries)
    _ = (facts.minimum_drivers, facts.toolkits, facts.families)


def place_of(words: str, table: str) -> int:
    """The number of the line with the columns of a table in text, from 1. Raises KeyError."""
    return _place(words.split("\n"), table)[0] + 1


def _place(lines: Sequence[str], table: str) -> tuple[int, int]:
    """Where the line with the columns is, and where the table ends."""
    section, _, name = table.partition(".")
    inside = False
    for at, line in enumerate(lines):
        header = _HEADER.match(line)
        if header is not None:
            inside = header[1] == section
        elif inside and line.replace(" ", "").rstrip("\r").startswith((f"{name}='''", f'{name}="""')):
            end = line.strip()[-3:]
            first = at + 1
            while first < len(lines) and not lines[first].strip():
                first += 1
            last = next((n for n in range(first, len(lines)) if lines[n].strip() == end), None)
            if last is None or last == first:
                break
            return first, last
    raise KeyError(table)


def _line(columns: Sequence[str], cells: Mapping[str, str], widths: Sequence[int]) -> str:
    """Cells under their columns, as wide as these where they fit."""
    parts = []
    for number, column in enumerate(columns):
        cell = cells.get(column, "-")
        padded = f" {cell} " if number else f"{cell} "
        parts.append(padded.ljust(widths[number]) if number < len(widths) else padded)
    return "|".join(parts).rstrip()
