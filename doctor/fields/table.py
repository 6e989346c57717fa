"""The tables of docs/reference/job.md, made from the contract and the words. Pure.

`python -m doctor.fields.table FILE` writes them anew between their marks, and the schema beside the file.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, get_args, get_type_hints

from doctor.fields.ranges import RANGES, UNITS
from doctor.fields.schema import NESTED, SOURCES, default_of
from doctor.words.text import render, text
from trainer.contract import Job, Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.words.text import Language

LANGUAGES: tuple[Language, ...] = ("en", "zh")


def field_table(language: Language) -> str:
    """All fields of a job, one a line, as a Markdown table."""
    lines = [render(text("fields.head"), language), "| --- | --- | --- | --- |"]
    for field in dataclasses.fields(Job):
        lines.append(_line(Job, field.name, "", language))
        if field.name == "data":
            lines += [_line(Source, each.name, "data.", language) for each in dataclasses.fields(Source)]
        if field.name in NESTED:
            kind = NESTED[field.name]
            lines += [_line(kind, each.name, f"{field.name}.", language) for each in dataclasses.fields(kind)]
    return "\n".join(lines)


def _line(kind: type, name: str, prefix: str, language: Language) -> str:
    meaning = render(text(f"fields.{prefix}{name}"), language).replace("*", "\\*")
    return f"| `{prefix}{name}` | {_kind(kind, name, prefix, language)} | {_default(kind, name)} | {meaning} |"


def _kind(kind: type, name: str, prefix: str, language: Language) -> str:
    hint = get_type_hints(kind)[name]
    choices = get_args(hint)
    key = None
    if kind is Job and name in NESTED:
        key = text("fields.kind_fields")
    elif kind is Job and name in SOURCES:
        key = text("fields.kind_sources")
    elif hint == dict[str, str]:
        key = text("fields.kind_columns")
    elif choices and choices[-1] is Ellipsis:
        key = text("fields.kind_names")
    elif hint is bool:
        key = text("fields.kind_truth")
    elif hint is str:
        key = {"model": text("fields.kind_folder"), "output": text("fields.kind_place")}.get(
            name, text("fields.kind_text")
        )
    if key is not None:
        return render(key, language)
    if choices:
        return ", ".join(str(choice) for choice in choices)
    limits, unit = RANGES.get(f"{prefix}{name}"), UNITS.get(f"{prefix}{name}")
    words = render(text(f"fields.unit_{unit}"), language) if unit else render(text("fields.kind_number"), language)
    return f"{words}, {limits.words}" if limits else words


def _default(kind: type, name: str) -> str:
    default = default_of(kind, name)
    if default is None or default == ():
        return "–"
    if isinstance(default, bool):
        return "true" if default else "false"
    if isinstance(default, tuple):
        return ", ".join(default)
    if isinstance(default, float):
        return "2e-4" if default == 2e-4 else f"{default:g}"
    return str(default)


def renewed(page: str) -> str:
    """A page with its tables made anew, between `<!-- fields:en -->` and `<!-- /fields -->`."""
    for language in LANGUAGES:
        start, end = f"<!-- fields:{language} -->\n", "<!-- /fields -->"
        before, found, rest = page.partition(start)
        if found:
            page = before + start + field_table(language) + "\n" + end + rest.partition(end)[2]
    return page


def _renew(pages: Iterator[Path]) -> None:
    from doctor.fields.files import schema_text, write_whole

    for page in pages:
        write_whole(page, renewed(page.read_text(encoding="utf-8")))
        write_whole(page.with_name("job.schema.json"), schema_text("en"))


if __name__ == "__main__":
    import sys

    _renew(Path(name) for name in sys.argv[1:])
