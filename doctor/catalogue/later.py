"""Tables of the catalogue that few commands need: read when they are asked for, so that `check` need not wait for them.

The file is cut at the headers of its tables; TOML allows that, since a table ends where the next begins.
"""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any, TypeVar, cast

from doctor.catalogue.model import GpuModel, LlamaRelease, Mirror, Offer, Part
from doctor.catalogue.tables import ADDRESS, NAME, NUMBER, PYTHON, Lines, Refused, Row, row_name, sources
from doctor.errors import BadInput
from doctor.words.text import Both, text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Read = TypeVar("Read")

LATER = frozenset({"gpu", "llama", "mirror", "part"})
"""Top tables that are read when they are asked for."""

_MIRRORS = {
    "packages": ("simple",),
    "torch": ("simple", "find-links"),
    "hub": ("endpoint",),
    "github": ("prefix",),
    "python": ("prefix",),
}
_GPU = ("name", "capability", "family", "kind", "gib", "first linux driver")
_OFFER = ("system", "torch", "cuda", "gpus", "pythons", "package")


def split(words: str) -> tuple[str, str]:
    """The text of the tables that are read at once, and of those that are read later."""
    now: list[str] = []
    later: list[str] = []
    for name, part in _cut(words):
        (later if name in LATER else now).append(part)
    return "".join(now), "".join(later)


def _cut(words: str) -> Iterator[tuple[str, str]]:
    """The parts of a file with the names of their top tables; what comes before the first header has none."""
    start = 0
    while start < len(words):
        end = words.find("\n[", start) + 1 or len(words)
        head = words[start : start + 80].partition("]")[0] if words[start] == "[" else ""
        yield head.strip("[ ").partition(".")[0], words[start:end]
        start = end


def refused(exc: Refused, file: str) -> BadInput:
    """What a user is told about a row that is not right."""
    return BadInput(
        text("catalogue.refused", row=exc.row, name=exc.key, reason=exc.reason),
        hint=text("catalogue.refused_hint"),
        file=file,
        field=f"{exc.row}.{exc.key}",
    )


def no_toml(exc: tomllib.TOMLDecodeError, file: str) -> BadInput:
    """What a user is told about a file that is no TOML."""
    return BadInput(text("catalogue.no_toml", detail=str(exc)), hint=text("catalogue.refused_hint"), file=file)


def read_parts(words: str, file: str) -> tuple[Part, ...]:
    """Raises BadInput."""
    return _read(words, file, "part", _parts)


def read_mirrors(words: str, file: str) -> tuple[Mirror, ...]:
    """Raises BadInput."""
    return _read(words, file, "mirror", _mirrors)


def read_gpu_models(words: str, file: str) -> tuple[GpuModel, ...]:
    """Raises BadInput."""
    return _read(words, file, "gpu", _gpu_models)


def read_llama_releases(words: str, file: str) -> tuple[LlamaRelease, ...]:
    """Raises BadInput."""
    return _read(words, file, "llama", _llama_releases)


def _read(words: str, file: str, name: str, make: Callable[[Any], tuple[Read, ...]]) -> tuple[Read, ...]:
    try:
        table = tomllib.loads("".join(part for found, part in _cut(words) if found == name)).get(name)
        return () if table is None else make(table)
    except tomllib.TOMLDecodeError as exc:
        raise no_toml(exc, file) from exc
    except Refused as exc:
        raise refused(exc, file) from exc


def _rows(name: str, table: Any) -> list[Any]:
    if not isinstance(table, list):
        raise Refused("wheels.toml", name, text("catalogue.want_rows"))
    return table


def _parts(table: Any) -> tuple[Part, ...]:
    parts: list[Part] = []
    for place, each in enumerate(_rows("part", table)):
        part = _part(Row(row_name("part", place, each, "name"), each))
        if any(part.name == other.name for other in parts):
            raise Refused(f"part {part.name}", "name", text("catalogue.twice"))
        parts.append(part)
    names = {part.name for part in parts}
    for part in parts:
        for need in part.needs:
            if need not in names:
                raise Refused(f"part {part.name}", "needs", text("catalogue.no_such_part", value=need))
    return tuple(parts)


def _part(row: Row) -> Part:
    missing = row.strings("missing")
    if len(missing) != 2:
        raise row.refuse("missing", text("catalogue.want_both"))
    index = row.string("index", required=False)
    if index and index != "torch" and not ADDRESS.fullmatch(index):
        raise row.refuse("index", text("catalogue.bad_form", value=index))
    part = Part(
        name=row.string("name", NAME),
        title=row.string("title"),
        module=row.string("import"),
        missing=Both(*missing),
        source=row.strings("source"),
        offers=_offers(row),
        base=row.string("base", ADDRESS, required=False),
        index=index,
        needs=row.strings("needs", NAME, required=False),
        dependencies=row.truth("dependencies", default=True),
        min_glibc=row.string("min_glibc", NUMBER, required=False),
    )
    row.finish()
    return part


def _offers(row: Row) -> tuple[Offer, ...]:
    words = row.string("offers", required=False)
    if not words:
        return ()
    has_source = words.lstrip().partition("\n")[0].rstrip().endswith("| source")
    columns = (*_OFFER, "source") if has_source else _OFFER
    name = f"{row.name} offers"
    return tuple(_offer(name, cells) for cells in Lines(name, words, columns))


def _offer(name: str, cells: dict[str, str]) -> Offer:
    def several(column: str) -> tuple[str, ...]:
        return () if cells[column] == "*" else tuple(cells[column].split())

    gpus = several("gpus")
    oldest = [word[:-1] for word in gpus if word.endswith("+")]
    ptx = tuple(word[1:] for word in gpus if word.startswith("+"))
    architectures = tuple(word for word in gpus if word[0].isdigit() and not word.endswith("+"))
    pythons = several("pythons")
    wrong = [word for word in (*oldest, *ptx, *architectures) if not NUMBER.fullmatch(word)]
    wrong += [word for word in pythons if not PYTHON.fullmatch(word)]
    if wrong or len(oldest) > 1 or not cells["package"]:
        raise Refused(name, "gpus", text("catalogue.bad_form", value=wrong[0] if wrong else cells["gpus"]))
    return Offer(
        systems=several("system"),
        torch="" if cells["torch"] == "*" else cells["torch"],
        variants=several("cuda"),
        architectures=architectures,
        ptx=ptx,
        oldest=oldest[0] if oldest else "",
        pythons=pythons,
        package=cells["package"],
        source=sources(cells.get("source", "")),
    )


def _mirrors(table: Any) -> tuple[Mirror, ...]:
    mirrors: list[Mirror] = []
    for place, each in enumerate(_rows("mirror", table)):
        row = Row(row_name("mirror", place, each, "name"), each)
        kind = row.choice("kind", tuple(_MIRRORS))
        mirrors.append(
            Mirror(
                kind=cast("Any", kind),
                name=row.string("name"),
                url=row.string("url", ADDRESS),
                layout=cast("Any", row.choice("layout", _MIRRORS[kind])),
                region=row.choice("region", ("cn",), required=False),
                source=row.string("source"),
            )
        )
        row.finish()
    return tuple(mirrors)


def _gpu_models(table: Any) -> tuple[GpuModel, ...]:
    row = Row("gpu", table)
    lines = Lines(
        "gpu.models", row.string("models"), ("name", "capability", "family", "kind", "gib", "first linux driver")
    )
    row.finish()
    models = []
    for cells in lines:
        if not NUMBER.fullmatch(cells["capability"]):
            raise Refused(f"gpu {cells['name']}", "capability", text("catalogue.bad_form", value=cells["capability"]))
        models.append(
            GpuModel(
                name=cells["name"],
                capability=cells["capability"],
                family=cells["family"],
                laptop=cells["kind"] == "laptop",
                memory_gib=tuple(cells["gib"].split()),
                first_linux_driver=cells["first linux driver"],
            )
        )
    return tuple(models)


def _llama_releases(table: Any) -> tuple[LlamaRelease, ...]:
    row = Row("llama", table)
    lines = Lines("llama.releases", row.string("releases"), ("build", "system", "backend", "file", "runtime"))
    row.finish()
    return tuple(LlamaRelease(**cells) for cells in lines)
