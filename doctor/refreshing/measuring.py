"""New releases measured: what a change on an index becomes as lines of the catalogue, with facts out of the wheels."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.refreshing.lines import table_lines
from doctor.refreshing.named import both_systems
from doctor.refreshing.reading import read_place
from doctor.refreshing.writing import KEYS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from doctor.refreshing.changes import Change
    from doctor.refreshing.indexes import IndexFile
    from doctor.refreshing.web import Web

Line = tuple[str, dict[str, str]]


def lines_of(
    changes: Iterable[Change],
    files: Callable[[str], tuple[IndexFile, ...] | None],
    web: Web,
    on_file: Callable[[str], None],
) -> list[Line]:
    """Lines to write: cells that an index page told, and for a new release those that its wheels tell as well.

    `files` gives the wheels of a project. Raises NoNetwork, BadInput.
    """
    found: dict[tuple[str, ...], Line] = {}

    def add(table: str, cells: dict[str, str]) -> None:
        key = (table, *(cells.get(name, "") for name in KEYS[table]))
        kept = found.setdefault(key, (table, {}))[1]
        kept |= {name: value for name, value in cells.items() if value or name not in kept}

    for change in changes:
        if not change.table:
            continue
        if change.kind == "new":
            project, version = change.table.partition(".")[0], change.now
            for file in both_systems(files(project) or (), version):
                on_file(file.name.file)
                for table, cells in table_lines(read_place(file.url, web).facts):
                    if table in KEYS:
                        add(table, cells)
        if change.table == "torch.releases":
            # The page knows all Pythons, a wheel its own.
            add(change.table, dict(change.cells))
    return list(found.values())
