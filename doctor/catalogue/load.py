"""Read wheels.toml: parse, don't validate. What comes out cannot be wrong; a refusal names the row and the key."""

from __future__ import annotations

import datetime
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from doctor.catalogue.model import (
    CATALOGUE_VERSION,
    PROOFS,
    Catalogue,
    Converter,
    EmbeddedModel,
    Index,
    Needs,
    Pin,
    Stack,
    Tools,
    Verified,
)
from doctor.errors import BadInput
from doctor.late_pattern import late_pattern
from doctor.words.text import text

if TYPE_CHECKING:
    import re
    from collections.abc import Mapping

    from doctor.words.text import Text

VARIABLE = "TUNEDOC_CATALOGUE"
"""Environment variable that names a newer catalogue; it beats the shipped one."""

_VERSION = late_pattern(r"\d+(\.\d+)*([a-z]+\d+)?(\.post\d+)?(\+[a-z0-9.]+)?")
_NUMBER = late_pattern(r"\d+(\.\d+)*")
_PYTHON = late_pattern(r"3\.\d+")
_SPECIFIER = late_pattern(r"(<|<=|>|>=|==)3\.\d+")
_NAME = late_pattern(r"[a-z0-9]+(-[a-z0-9]+)*")
_ID = late_pattern(r"[a-z0-9]+([.-][a-z0-9]+)*")
_SHA256 = late_pattern(r"[0-9a-f]{64}")
_ADDRESS = late_pattern(r"(https?|file)://\S+")


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
        table = tomllib.loads(chosen.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as exc:
        raise BadInput(
            text("catalogue.unreadable", detail=getattr(exc, "strerror", None) or str(exc)),
            hint=text("catalogue.unreadable_hint", variable=VARIABLE),
            file=str(chosen),
        ) from exc
    except tomllib.TOMLDecodeError as exc:
        raise BadInput(
            text("catalogue.no_toml", detail=str(exc)), hint=text("catalogue.refused_hint"), file=str(chosen)
        ) from exc
    try:
        return _catalogue(_Row("wheels.toml", table))
    except _Refused as exc:
        raise BadInput(
            text("catalogue.refused", row=exc.row, name=exc.key, reason=exc.reason),
            hint=text("catalogue.refused_hint"),
            file=str(chosen),
            field=f"{exc.row}.{exc.key}",
        ) from exc


class _Refused(Exception):
    def __init__(self, row: str, key: str, reason: Text) -> None:
        super().__init__(f"{row}.{key}")
        self.row, self.key, self.reason = row, key, reason


class _Row:
    """A table that is taken apart key by key; `finish` refuses what nobody took."""

    def __init__(self, name: str, table: Any) -> None:
        if not isinstance(table, dict):
            raise _Refused(name, "-", text("catalogue.want_table"))
        self.name = name
        self._left = dict(table)

    def refuse(self, key: str, reason: Text) -> _Refused:
        return _Refused(self.name, key, reason)

    def take(self, key: str, *, required: bool = True) -> Any:
        if key not in self._left:
            if required:
                raise self.refuse(key, text("catalogue.missing"))
            return None
        return self._left.pop(key)

    def string(self, key: str, pattern: re.Pattern[str] | None = None, *, required: bool = True) -> str:
        value = self.take(key, required=required)
        if value is None:
            return ""
        if not isinstance(value, str) or not value.strip():
            raise self.refuse(key, text("catalogue.want_string"))
        return self._matching(key, value, pattern)

    def strings(self, key: str, pattern: re.Pattern[str] | None = None, *, required: bool = True) -> tuple[str, ...]:
        value = self.take(key, required=required)
        if value is None:
            return ()
        if not isinstance(value, list) or not value or not all(isinstance(part, str) for part in value):
            raise self.refuse(key, text("catalogue.want_strings"))
        return tuple(self._matching(key, part, pattern) for part in value)

    def whole(self, key: str) -> int:
        value = self.take(key)
        if not isinstance(value, int) or isinstance(value, bool) or value <= 0:
            raise self.refuse(key, text("catalogue.want_number"))
        return value

    def date(self, key: str) -> datetime.date:
        value = self.take(key)
        if not isinstance(value, datetime.date) or isinstance(value, datetime.datetime):
            raise self.refuse(key, text("catalogue.want_date"))
        return value

    def choice(self, key: str, allowed: tuple[str, ...]) -> str:
        value = self.string(key)
        if value not in allowed:
            raise self.refuse(key, text("catalogue.want_choice", allowed=", ".join(allowed), value=value))
        return value

    def rows(self, key: str, *, required: bool = True) -> list[Any]:
        value = self.take(key, required=required)
        if value is None:
            return []
        if not isinstance(value, list):
            raise self.refuse(key, text("catalogue.want_rows"))
        return value

    def finish(self) -> None:
        if self._left:
            raise self.refuse(min(self._left), text("catalogue.unknown_key"))

    def items(self) -> list[tuple[str, Any]]:
        left, self._left = self._left, {}
        return list(left.items())

    def _matching(self, key: str, value: str, pattern: re.Pattern[str] | None) -> str:
        if pattern is not None and not pattern.fullmatch(value):
            raise self.refuse(key, text("catalogue.bad_form", value=value))
        return value


def _catalogue(top: _Row) -> Catalogue:
    schema = top.whole("schema")
    if schema != CATALOGUE_VERSION:
        raise top.refuse("schema", text("catalogue.other_schema", found=schema, known=CATALOGUE_VERSION))
    indexes_row = _Row("indexes", top.take("indexes"))
    indexes = tuple(Index(name, _address(indexes_row, name, url)) for name, url in indexes_row.items())
    sets = {
        name: _package_set(_Row(f"sets.{name}", table))
        for name, table in _Row("sets", top.take("sets", required=False) or {}).items()
    }
    names = {index.name for index in indexes}
    stacks: list[Stack] = []
    for place, table in enumerate(top.rows("stack")):
        stack = _stack(_Row(_row_name("stack", place, table), table), names, sets)
        if any(stack.id == other.id for other in stacks):
            raise _Refused(f"stack {stack.id}", "id", text("catalogue.twice"))
        stacks.append(stack)
    models = tuple(_model(_Row(_row_name("model", i, table), table)) for i, table in enumerate(top.rows("model")))
    tools = _Row("tools", top.take("tools"))
    converter = _converter(_Row("tools.converter", tools.take("converter")))
    tools.finish()
    catalogue = Catalogue(
        schema=schema,
        updated=top.date("updated"),
        indexes=indexes,
        stacks=tuple(stacks),
        models=models,
        tools=Tools(converter=converter),
    )
    top.finish()
    return catalogue


def _stack(row: _Row, indexes: set[str], sets: dict[str, tuple[tuple[Pin, ...], tuple[str, ...]]]) -> Stack:
    status = row.choice("status", ("recommended", "supported", "withdrawn"))
    device = row.choice("device", ("cpu", "cuda"))
    named_set = row.string("set", required=False)
    if named_set and named_set not in sets:
        raise row.refuse("set", text("catalogue.no_such_set", value=named_set))
    shared, shared_source = sets[named_set] if named_set else ((), ())
    own = _pins(row, "packages")
    if not any(pin.name == "torch" for pin in own):
        raise row.refuse("packages", text("catalogue.no_torch"))
    index = row.string("index", required=False)
    if index and index not in indexes:
        raise row.refuse("index", text("catalogue.no_such_index", value=index))
    cuda = row.string("cuda", _NUMBER, required=device == "cuda")
    architectures = row.strings("architectures", _NUMBER, required=device == "cuda")
    smoke = row.strings("smoke")
    for proof in smoke:
        if proof not in PROOFS:
            raise row.refuse("smoke", text("catalogue.want_choice", allowed=", ".join(PROOFS), value=proof))
    stack = Stack(
        id=row.string("id", _ID),
        status=cast("Any", status),
        device=cast("Any", device),
        needs=_needs(_Row(f"{row.name} needs", row.take("needs")), device),
        pins=own + tuple(pin for pin in shared if all(pin.name != mine.name for mine in own)),
        smoke=smoke,
        source=row.strings("source") + shared_source,
        why=row.string("why", required=status == "withdrawn"),
        index=index,
        cuda=cuda,
        architectures=architectures,
        verified=tuple(_verified(_Row(f"{row.name} verified", r)) for r in row.rows("verified", required=False)),
    )
    if stack.status == "recommended" and not stack.verified:
        raise row.refuse("verified", text("catalogue.unverified"))
    if device == "cpu" and (cuda or architectures or "+cu" in stack.torch):
        raise row.refuse("device", text("catalogue.cuda_on_cpu"))
    row.finish()
    return stack


def _needs(row: _Row, device: str) -> Needs:
    cuda = device == "cuda"
    needs = Needs(
        os=cast("Any", row.choice("os", ("windows", "linux"))),
        machines=row.strings("machines"),
        pythons=row.strings("pythons", _PYTHON),
        min_driver=row.string("min_driver", _NUMBER, required=cuda),
        min_compute=row.string("min_compute", _NUMBER, required=cuda),
        min_glibc=row.string("min_glibc", _NUMBER, required=False),
    )
    row.finish()
    return needs


def _package_set(row: _Row) -> tuple[tuple[Pin, ...], tuple[str, ...]]:
    pins, source = _pins(row, "packages"), row.strings("source")
    row.finish()
    return pins, source


def _pins(row: _Row, key: str) -> tuple[Pin, ...]:
    table = _Row(f"{row.name} {key}", row.take(key))
    pins: list[Pin] = []
    for name, value in table.items():
        if not _NAME.fullmatch(name):
            raise table.refuse(name, text("catalogue.bad_form", value=name))
        for part in value if isinstance(value, list) else [value]:
            one = _Row(f"{table.name} {name}", part if isinstance(part, dict) else {"version": part})
            pins.append(Pin(name, one.string("version", _VERSION), one.string("python", _SPECIFIER, required=False)))
            one.finish()
    return tuple(pins)


def _verified(row: _Row) -> Verified:
    verified = Verified(on=row.date("on"), machine=row.string("machine"))
    row.finish()
    return verified


def _model(row: _Row) -> EmbeddedModel:
    model = EmbeddedModel(
        id=row.string("id", _ID),
        title=row.string("title"),
        licence=row.string("licence"),
        package=row.string("package", _NAME),
        version=row.string("version", _VERSION),
        sha256=row.string("sha256", _SHA256),
        bytes=row.whole("bytes"),
        member=row.string("member"),
        parameters=row.whole("parameters"),
        source=row.string("source"),
    )
    row.finish()
    return model


def _converter(row: _Row) -> Converter:
    converter = Converter(
        package=row.string("package", _NAME),
        version=row.string("version", _VERSION),
        sha256=row.string("sha256", _SHA256),
        bytes=row.whole("bytes"),
        source=row.string("source"),
    )
    row.finish()
    return converter


def _address(row: _Row, name: str, url: Any) -> str:
    if not isinstance(url, str) or not _ADDRESS.fullmatch(url):
        raise row.refuse(name, text("catalogue.bad_form", value=url))
    return url


def _row_name(kind: str, place: int, table: Any) -> str:
    """`stack linux-cpu-…` where the row says its id, else `stack 3`."""
    named = table.get("id") if isinstance(table, dict) else None
    return f"{kind} {named}" if isinstance(named, str) else f"{kind} {place + 1}"
