"""The JSON Schema of job files, for editors; made from the contract, so that it cannot say anything else. Pure."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any, get_args, get_type_hints

from doctor.fields.ranges import COLUMNS, RANGES, TRACKERS
from doctor.words.text import render, text
from trainer.contract import Job, Lora, Preference, Source

if TYPE_CHECKING:
    from doctor.words.text import Language

NESTED: dict[str, type] = {"lora": Lora, "preference": Preference}
SOURCES = ("data", "held_out_data")


def job_schema(language: Language) -> dict[str, Any]:
    """The schema, with descriptions in this language. Draft 7, which editors know best."""
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": render(text("fields.title"), language),
        **_object(Job, "", language),
        "required": ["model", "data"],
    }


def default_of(kind: type, name: str) -> object:
    """A field's default; None where the field must be written, or its default depends on the file's name."""
    for field in dataclasses.fields(kind):
        if field.name == name and field.default is not dataclasses.MISSING:
            return field.default
    return None


def _object(kind: type, prefix: str, language: Language) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            field.name: {
                **_value(kind, field.name, prefix, language),
                "description": render(text(f"fields.{prefix}{field.name}"), language),
            }
            for field in dataclasses.fields(kind)
        },
    }


def _value(kind: type, name: str, prefix: str, language: Language) -> dict[str, Any]:
    """What a field takes, and its default."""
    hint = get_type_hints(kind)[name]
    default = default_of(kind, name)
    said: dict[str, Any] = {} if default is None else {"default": _plain(default)}
    if kind is Job and name in NESTED:
        return _object(NESTED[name], f"{name}.", language)
    if kind is Job and name in SOURCES:
        source = {**_object(Source, "data.", language), "required": ["path"]}
        one = {"anyOf": [{"type": "string", "minLength": 1}, source]}
        return {"anyOf": [*one["anyOf"], {"type": "array", "minItems": 1, "items": one}]}
    choices = get_args(hint)
    if hint == dict[str, str]:
        return {"type": "object", "propertyNames": {"enum": list(COLUMNS)}, "additionalProperties": {"type": "string"}}
    if choices and choices[-1] is Ellipsis:
        item: dict[str, Any] = {"enum": list(TRACKERS)} if name == "trackers" else {"type": "string", "minLength": 1}
        return {"anyOf": [item, {"type": "array", "items": item}], **said}
    if choices:
        return {"enum": list(choices), **said}
    types = {bool: "boolean", int: "integer", float: "number", str: "string"}
    limits = RANGES.get(f"{prefix}{name}")
    if limits is None:
        return {"type": types[hint], **({"minLength": 1} if hint is str else {}), **said}
    range_of = {"type": types[hint], "minimum": _plain(limits.low), "maximum": _plain(limits.high)}
    if limits.also is None:
        return {**range_of, **said}
    return {"anyOf": [range_of, {"const": _plain(limits.also)}], **said}


def _plain(value: object) -> object:
    """A value as JSON has it: whole numbers without a point, lists for tuples."""
    if isinstance(value, tuple):
        return list(value)
    return int(value) if isinstance(value, float) and value == int(value) else value
