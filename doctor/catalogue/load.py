"""Read wheels.toml: parse, don't validate. What comes out cannot be wrong; a refusal names the row and the key."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doctor.catalogue.facts import COLUMNS, Facts
from doctor.catalogue.later import no_toml, refused, split
from doctor.catalogue.model import CATALOGUE_VERSION, Catalogue, Converter, EmbeddedModel, Index, Tools
from doctor.catalogue.stacks import ID, VERSION, read_set, read_stack
from doctor.catalogue.tables import ADDRESS, NAME, NUMBER, Refused, Row, row_name
from doctor.errors import BadInput
from doctor.late_pattern import late_pattern
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.catalogue.model import Stack

VARIABLE = "TUNEDOC_CATALOGUE"
"""Environment variable that names a newer catalogue; it beats the shipped one."""

_SHA256 = late_pattern(r"[0-9a-f]{64}")
_NF4_CAPABILITY = "6.0"
"""Where the catalogue does not say what bitsandbytes needs."""


def catalogue_file(environ: Mapping[str, str]) -> Path:
    """The catalogue to use: the one that TUNEDOC_CATALOGUE names, else the shipped one."""
    named = environ.get(VARIABLE)
    return Path(named) if named else shipped_file()


def shipped_file() -> Path:
    """wheels.toml beside this module (in a wheel), else at the top of the checkout."""
    # Path(__file__) and not importlib.resources, which costs some 50 ms at every start.
    beside = Path(__file__).parent / "wheels.toml"
    return beside if beside.exists() else Path(__file__).parent.parent.parent / "wheels.toml"


def load_catalogue(file: Path | None = None) -> Catalogue:
    """The catalogue, typed and checked. Raises BadInput with the row and the key."""
    chosen = file or shipped_file()
    try:
        words = chosen.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise BadInput(
            text("catalogue.unreadable", detail=getattr(exc, "strerror", None) or str(exc)),
            hint=text("catalogue.unreadable_hint", variable=VARIABLE),
            file=str(chosen),
        ) from exc
    now, rest = split(words)
    try:
        table = tomllib.loads(now)
    except tomllib.TOMLDecodeError as exc:
        raise no_toml(_in_the_whole(words) or exc, str(chosen)) from exc
    try:
        return _catalogue(Row("wheels.toml", table), rest, str(chosen))
    except Refused as exc:
        raise refused(exc, str(chosen)) from exc


def _in_the_whole(words: str) -> tomllib.TOMLDecodeError | None:
    """The fault with its line in the whole file."""
    try:
        tomllib.loads(words)
    except tomllib.TOMLDecodeError as exc:
        return exc
    return None


def _catalogue(top: Row, rest: str, file: str) -> Catalogue:
    schema = top.whole("schema")
    if schema != CATALOGUE_VERSION:
        raise top.refuse("schema", text("catalogue.other_schema", found=schema, known=CATALOGUE_VERSION))
    indexes_row = Row("indexes", top.take("indexes"))
    indexes = tuple(Index(name, _address(indexes_row, name, url)) for name, url in indexes_row.items())
    sets = {
        name: read_set(Row(f"sets.{name}", table))
        for name, table in Row("sets", top.take("sets", required=False) or {}).items()
    }
    tables, nf4_capability = _tables(top)
    facts = Facts(dict(tables))
    names = {index.name for index in indexes}
    stacks: list[Stack] = []
    for place, table in enumerate(top.rows("stack")):
        stack = read_stack(Row(row_name("stack", place, table), table), names, sets, facts, nf4_capability)
        if any(stack.id == other.id for other in stacks):
            raise Refused(f"stack {stack.id}", "id", text("catalogue.twice"))
        stacks.append(stack)
    models = tuple(_model(Row(row_name("model", i, table), table)) for i, table in enumerate(top.rows("model")))
    tools = Row("tools", top.take("tools"))
    converter = _converter(Row("tools.converter", tools.take("converter")))
    tools.finish()
    catalogue = Catalogue(
        schema=schema,
        updated=top.date("updated"),
        indexes=indexes,
        stacks=tuple(stacks),
        models=models,
        tools=Tools(converter=converter),
        tables=tables,
        rest=rest,
        file=file,
    )
    top.finish()
    return catalogue


def _tables(top: Row) -> tuple[tuple[tuple[str, str], ...], str]:
    """The fact tables in text, and the compute capability that bitsandbytes needs for NF4."""
    tables: list[tuple[str, str]] = []
    nf4_capability = ""
    for name in ("torch", "driver", "bitsandbytes"):
        row = Row(name, top.take(name, required=False) or {})
        tables += [
            (place, row.string(place.partition(".")[2], required=False))
            for place in COLUMNS
            if place.startswith(f"{name}.")
        ]
        nf4_capability = row.string("nf4_capability", NUMBER, required=False) or nf4_capability
        row.finish()
    return tuple((place, words) for place, words in tables if words), nf4_capability or _NF4_CAPABILITY


def _model(row: Row) -> EmbeddedModel:
    model = EmbeddedModel(
        id=row.string("id", ID),
        title=row.string("title"),
        licence=row.string("licence"),
        package=row.string("package", NAME),
        version=row.string("version", VERSION),
        sha256=row.string("sha256", _SHA256),
        bytes=row.whole("bytes"),
        member=row.string("member"),
        parameters=row.whole("parameters"),
        source=row.string("source"),
    )
    row.finish()
    return model


def _converter(row: Row) -> Converter:
    converter = Converter(
        package=row.string("package", NAME),
        version=row.string("version", VERSION),
        sha256=row.string("sha256", _SHA256),
        bytes=row.whole("bytes"),
        source=row.string("source"),
    )
    row.finish()
    return converter


def _address(row: Row, name: str, url: Any) -> str:
    if not isinstance(url, str) or not ADDRESS.fullmatch(url):
        raise row.refuse(name, text("catalogue.bad_form", value=url))
    return url
