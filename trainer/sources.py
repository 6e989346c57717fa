"""A job's sources of data: files and folders, read as the source says. Standard library only."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from trainer.forms import DATA_SUFFIXES, DOCUMENT_SUFFIXES, shown
from trainer.layouts import USABLE
from trainer.records import DataFile, Problem, Record

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trainer.contract import Method, Source

_NO_DATA = frozenset({
    "dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json", "readme.md", "license.txt",
    "license.md", "notice.txt", "changelog.md", "requirements.txt",
})  # fmt: skip
"""Names in small letters of what lies beside data and is none."""


def read_source(
    source: Source,
    folder: Path | None = None,
    *,
    method: Method | None = None,
    find_duplicates: bool = False,
) -> Iterator[Record | Problem]:
    """Records and problems of every file of a source, one after another. Raises nothing for what is wrong with them.

    `folder` is what a relative path starts from; without one, the working folder. With `method`, a layout that the
    method cannot learn from is a failure, told once a file.
    """
    files, problems = files_of(source, folder)
    yield from problems
    for file in files:
        data = open_file(source, file, find_duplicates=find_duplicates)
        refused = False
        try:
            for item in data:
                if method is not None and isinstance(item, Record) and item.layout not in USABLE[method]:
                    if not refused:
                        refused = True
                        yield Problem(
                            file=str(file),
                            code="layout_for_method",
                            severity="failure",
                            line=item.line,
                            record=item.record,
                            detail={"layout": item.layout, "method": method},
                        )
                    continue
                yield item
        except OSError as error:
            yield _whole(file, "unreadable", words=error.strerror or str(error))


def files_of(source: Source, folder: Path | None = None) -> tuple[list[Path], list[Problem]]:
    """The data files of a source in the order of their names, and what is to be told of the rest.

    In a folder every JSON, JSONL, CSV, TSV, Parquet and Arrow file is taken, in folders within it too; plain texts
    only where there is none of those, because beside data they are about the data.
    """
    path = (folder or Path()) / source.path
    if path.is_file():
        return [path], []
    if not path.is_dir():
        return [], [_whole(path, "no_file")]
    try:
        inside = sorted((each for each in path.rglob("*") if each.is_file()), key=lambda each: each.as_posix())
    except OSError as error:
        return [], [_whole(path, "unreadable", words=error.strerror or str(error))]
    seen = [each for each in inside if not any(part.startswith(".") for part in each.relative_to(path).parts)]
    rows = [each for each in seen if each.suffix.lower() in DATA_SUFFIXES and each.name.lower() not in _NO_DATA]
    texts = [each for each in seen if each.suffix.lower() in DOCUMENT_SUFFIXES and each.name.lower() not in _NO_DATA]
    taken = rows or texts
    if not taken:
        return [], [_whole(path, "no_data_files")]
    left = sorted(set(seen) - set(taken))
    if not left:
        return taken, []
    names = shown(file.relative_to(path).as_posix() for file in left)
    return taken, [_whole(path, "left_aside", "note", count=len(left), names=names)]


def open_file(source: Source, file: Path, *, find_duplicates: bool = False) -> DataFile:
    """One file of a source, to be read as the source says."""
    return DataFile(file, layout=source.layout, columns=source.columns, find_duplicates=find_duplicates)


def _whole(file: Path, code: str, severity: str = "failure", **detail: str | int) -> Problem:
    """A problem of a whole file."""
    return Problem(file=str(file), code=code, severity=severity, detail=dict(detail))  # type: ignore[arg-type]
