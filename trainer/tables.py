"""Rows of tables: CSV and TSV here, Parquet and Arrow through pyarrow, which the training environment has.

Standard library only, but for pyarrow where a file needs it.
"""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

from trainer.columns import unpack_cells
from trainer.rows import Fault, Found

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from typing import TextIO

_DELIMITERS = ",\t;|"
_ROWS_AT_ONCE = 512
_LONGEST_CELL = 1 << 24
"""Letters after which a quote counts as never closed, so that no file is taken for one cell."""


def rows_of_csv(stream: TextIO, *, tabs: bool) -> Iterator[Found | Fault]:
    """Rows by the names in the first line, each with the line it begins in. `stream` keeps its line ends."""
    csv.field_size_limit(_LONGEST_CELL)
    lines = _Lines(stream)
    names: list[str] | None = None
    reader: Any = None
    while True:
        begin = lines.count + 1
        try:
            if reader is None:
                first = next(lines)
                if not first.strip():
                    continue
                lines.again = first
                lines.count -= 1
                reader = csv.reader(lines, delimiter="\t" if tabs else _delimiter_of(first), strict=True)
            begin = lines.count + 1
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # Quotes are what goes wrong; where they do, nothing after them can be told apart.
            is_open = "unexpected end of data" in str(error) or "field limit" in str(error)
            code = "csv_open_quote" if is_open else "csv_quote"
            yield Fault(code, line=begin, is_row=True, detail={"last": lines.count})
            if names is None:
                return
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if names is None:
            names = [cell.strip() for cell in cells]
            twice = next((name for name in names if name and names.count(name) > 1), None)
            if twice is not None:
                yield Fault("duplicate_name", line=begin, field=twice, detail={"name": twice})
                return
            continue
        if len(cells) != len(names):
            yield Fault("csv_cells", line=begin, is_row=True, detail={"cells": len(cells), "columns": len(names)})
            continue
        row = {name: cell for name, cell in zip(names, cells, strict=True) if name}
        yield Found(unpack_cells(row), line=begin)


def rows_of_arrow(path: Path) -> Iterator[Found | Fault]:
    """Rows of a Parquet or Arrow file, a few at a time."""
    kind = "Arrow" if path.suffix.lower() == ".arrow" else "Parquet"
    try:
        import pyarrow
    except ImportError:
        yield Fault("needs_pyarrow", detail={"kind": kind})
        return
    place = 0
    try:
        for batch in _batches(path, kind):
            for row in batch.to_pylist():
                yield Found(unpack_cells(row), record=place)
                place += 1
    except (pyarrow.ArrowException, OSError, ValueError, TypeError, MemoryError) as error:
        words = str(error).strip().partition("\n")[0][:200]
        yield Fault("bad_table", record=place or None, detail={"kind": kind, "words": words})


def _batches(path: Path, kind: str) -> Iterator[Any]:
    if kind == "Parquet":
        import pyarrow.parquet

        with pyarrow.parquet.ParquetFile(path) as table:
            yield from table.iter_batches(batch_size=_ROWS_AT_ONCE)
        return
    import pyarrow

    with path.open("rb") as stream:
        is_file = stream.read(6) == b"ARROW1"
    with pyarrow.OSFile(str(path)) as source:
        if is_file:
            reader = pyarrow.ipc.open_file(source)
            batches = (reader.get_batch(place) for place in range(reader.num_record_batches))
        else:
            batches = iter(pyarrow.ipc.open_stream(source))
        for batch in batches:
            for begin in range(0, batch.num_rows, _ROWS_AT_ONCE):
                yield batch.slice(begin, _ROWS_AT_ONCE)


class _Lines:
    """The lines of a stream, counted; one can be given back."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.count = 0
        """Lines given so far."""
        self.again: str | None = None

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        line = self.again if self.again is not None else next(self._stream)
        self.again = None
        self.count += 1
        return line


def _delimiter_of(header: str) -> str:
    """What separates the names in the first line: Excel writes semicolons in half of Europe."""
    outside = "".join(header.split('"')[::2])
    return max(_DELIMITERS, key=outside.count)
