"""Write a job file: YAML with its fields in the contract's order and words above those that need them. Pure."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING, Any

import yaml

from doctor.late_pattern import late_pattern
from trainer.contract import Job, Lora, Preference

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_PLAIN = late_pattern(r"[A-Za-z0-9_./一-鿿][A-Za-z0-9_./\\ 一-鿿+-]*")
_NESTED: dict[str, type] = {"lora": Lora, "preference": Preference}
_WIDTH = 100


def job_text(
    values: Mapping[str, object], *, comments: Mapping[str, str], header: Sequence[str], schema: str | None = None
) -> str:
    """A job file. `values` has fields as `lora.rank`; `data` is a list of names or of mappings.

    `schema` is the address of the JSON Schema, for editors.
    """
    lines = [f"# yaml-language-server: $schema={schema}"] if schema else []
    lines += [f"# {line}".rstrip() for line in header]
    if lines:
        lines.append("")
    for field in dataclasses.fields(Job):
        kind = _NESTED.get(field.name)
        if kind is not None:
            inner = [each.name for each in dataclasses.fields(kind) if f"{field.name}.{each.name}" in values]
            if not inner:
                continue
            lines.append(f"{field.name}:")
            for name in inner:
                lines += _field(name, values[f"{field.name}.{name}"], comments.get(f"{field.name}.{name}"), "  ")
        elif field.name in values:
            lines += _field(field.name, values[field.name], comments.get(field.name), "")
    return "\n".join(lines) + "\n"


def _field(name: str, value: object, comment: str | None, indent: str) -> list[str]:
    lines = [f"{indent}# {line}" for line in _wrapped(comment)] if comment else []
    if isinstance(value, list | tuple) and any(isinstance(each, dict) for each in value):
        lines.append(f"{indent}{name}:")
        for each in value:
            lines += _source(each, indent + "  ")
        return lines
    if isinstance(value, list | tuple):
        return [*lines, f"{indent}{name}: [{', '.join(scalar(each, in_list=True) for each in value)}]"]
    return [*lines, f"{indent}{name}: {scalar(value)}"]


def _source(source: Any, indent: str) -> list[str]:
    if not isinstance(source, dict):
        return [f"{indent}- {scalar(source)}"]
    if set(source) == {"path"}:
        return [f"{indent}- {scalar(source['path'])}"]
    lines = []
    for place, (name, value) in enumerate(source.items()):
        start = f"{indent}- " if place == 0 else f"{indent}  "
        if isinstance(value, dict):
            inner = ", ".join(
                f"{scalar(key, in_list=True)}: {scalar(each, in_list=True)}" for key, each in value.items()
            )
            lines.append(f"{start}{name}: {{{inner}}}")
        else:
            lines.append(f"{start}{name}: {scalar(value)}")
    return lines


def scalar(value: object, *, in_list: bool = False) -> str:
    """A value as YAML that is read back as the same value."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return repr(int(value)) + ".0" if value == int(value) and abs(value) < 1e15 else repr(value)
    words = str(value)
    bare = _PLAIN.fullmatch(words) is not None and words == words.strip() and ": " not in words
    if bare and not (in_list and "," in words) and yaml.safe_load(words) == words and not _is_number(words):
        return words
    return json.dumps(words, ensure_ascii=False)


def _is_number(words: str) -> bool:
    try:
        float(words)
    except ValueError:
        return False
    return True


def _wrapped(comment: str) -> list[str]:
    """A comment in lines of readable length; Chinese has no spaces to break at and stays on one."""
    import textwrap

    return textwrap.wrap(" ".join(comment.split()), _WIDTH, break_long_words=False, break_on_hyphens=False) or [""]
