"""A snapshot as JSON, both ways. `Unknown` is `{"unknown": why}`, `Absent` is `{"absent": why}`."""

from __future__ import annotations

import dataclasses
import json
import types
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from doctor.errors import BadInput
from doctor.snapshot.model import NOT_ASKED, SNAPSHOT_VERSION, Absent, Snapshot, Unknown
from doctor.snapshot.redaction import Identity, hide_serials, redact
from doctor.words.text import Text, text


def to_json(snapshot: Snapshot) -> str:
    """The snapshot as JSON text, ASCII, without credentials, tokens and serial numbers. Ends with a line feed."""
    return json.dumps(to_record(snapshot), ensure_ascii=True, indent=2) + "\n"


def to_record(snapshot: Snapshot) -> dict[str, Any]:
    """The snapshot as plain dicts and lists, for an envelope."""
    record: dict[str, Any] = _plain(hide_serials(redact(snapshot, Identity())))
    return record


def from_json(words: str, file: str) -> Snapshot:
    """A snapshot from JSON text, or from an envelope that carries one. `file` is its name in messages.

    Raises BadInput with the line for text that is no JSON, with the field for a record that is no snapshot.
    """
    try:
        record = json.loads(words)
    except json.JSONDecodeError as exc:
        raise BadInput(
            text("snapshot.no_json", file=file, line=exc.lineno, detail=exc.msg),
            hint=text("snapshot.hint_make_one"),
            file=file,
            line=exc.lineno,
        ) from exc
    except RecursionError as exc:
        raise BadInput(text("snapshot.too_deep", file=file), hint=text("snapshot.hint_make_one"), file=file) from exc
    if isinstance(record, dict) and "tunedoc_result" in record and isinstance(record.get("data"), dict):
        record = record["data"].get("snapshot")
    try:
        _require(isinstance(record, dict), "snapshot", text("snapshot.want_object"))
        schema = record.get("schema")
        if schema != SNAPSHOT_VERSION:
            reason = (
                text("snapshot.missing")
                if schema is None
                else text("snapshot.other_schema", found=schema, known=SNAPSHOT_VERSION)
            )
            raise _Wrong("schema", reason)
        restored = _restore(Snapshot, record, "")
    except _Wrong as exc:
        raise BadInput(
            text("snapshot.wrong_field", file=file, name=exc.field, reason=exc.reason),
            hint=text("snapshot.hint_make_one"),
            file=file,
            field=exc.field,
        ) from exc
    assert isinstance(restored, Snapshot)
    return restored


def decode(raw: bytes) -> str:
    """A snapshot file's text: PowerShell's `>` writes UTF-16, other tools a byte-order mark.

    Raises UnicodeDecodeError.
    """
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        return raw.decode("utf-16")
    return raw.decode("utf-8-sig")


class _Wrong(Exception):
    def __init__(self, field: str, reason: Text) -> None:
        super().__init__(field)
        self.field, self.reason = field, reason


def _plain(value: Any) -> Any:
    if isinstance(value, Unknown):
        return {"unknown": value.why}
    if isinstance(value, Absent):
        return {"absent": value.why}
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    if dataclasses.is_dataclass(value):
        return {
            field.name: _plain(getattr(value, field.name))
            for field in dataclasses.fields(value)
            # What nobody asked is left out, so that a machine file holds what was said and no more.
            if not (field.default is NOT_ASKED and getattr(value, field.name) == NOT_ASKED)
        }
    return value


def _restore(hint: Any, value: Any, place: str) -> Any:
    """The value that a type hint of the model asks for. Fields that the model does not know are passed over."""
    origin = get_origin(hint)
    if origin is types.UnionType or origin is Union:  # a Literal in it makes it the older kind
        return _restore_union(get_args(hint), value, place)
    if origin is tuple:
        _require(isinstance(value, list), place, text("snapshot.want_list"))
        return tuple(_restore(get_args(hint)[0], item, f"{place}[{index}]") for index, item in enumerate(value))
    if origin is Literal:
        allowed = get_args(hint)
        matches = [choice for choice in allowed if type(choice) is type(value) and choice == value]
        _require(bool(matches), place, text("snapshot.want_choice", allowed=", ".join(map(str, allowed))))
        return matches[0]
    if dataclasses.is_dataclass(hint):
        _require(isinstance(value, dict), place or "snapshot", text("snapshot.want_object"))
        assert isinstance(hint, type)
        return _restore_record(hint, value, place)
    names = {str: text("snapshot.want_string"), int: text("snapshot.want_number"), bool: text("snapshot.want_boolean")}
    _require(type(value) is hint, place, names[hint])
    return value


def _restore_union(kinds: tuple[Any, ...], value: Any, place: str) -> Any:
    if isinstance(value, dict) and len(value) == 1:
        for key, kind in (("unknown", Unknown), ("absent", Absent)):
            if key in value and kind in kinds:
                _require(isinstance(value[key], str), f"{place}.{key}", text("snapshot.want_string"))
                return kind(value[key])
    rest = [kind for kind in kinds if kind not in (Unknown, Absent)]
    return _restore(rest[0], value, place)


def _restore_record(kind: type, record: dict[str, Any], place: str) -> Any:
    hints = get_type_hints(kind)
    values: dict[str, Any] = {}
    for field in dataclasses.fields(kind):
        name = f"{place}.{field.name}" if place else field.name
        if field.name in record:
            values[field.name] = _restore(hints[field.name], record[field.name], name)
        else:
            _require(field.default is not dataclasses.MISSING, name, text("snapshot.missing"))
    return kind(**values)


def _require(condition: bool, field: str, reason: Text) -> None:
    if not condition:
        raise _Wrong(field, reason)
