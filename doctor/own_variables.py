"""Variables that tunedoc gives to its own processes alone: a small file in its folder, laid over the environment."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING

from doctor.quick_dataclass import dataclass
from trainer.file_moves import replace_file

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

VARIABLES_VERSION = 1


@dataclass(frozen=True)
class OwnVariable:
    """One variable of tunedoc's own."""

    value: str | None
    """None: the variable is taken out."""
    instead_of: str | None
    """What the environment said when this was chosen; None when it said nothing. A value that the user gives later
    is another one, and counts."""


def read_variables(file: Path) -> dict[str, OwnVariable]:
    """The variables by name; none where the file is missing or damaged."""
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        if record["schema"] != VARIABLES_VERSION:
            return {}
        return {str(name): _read(entry) for name, entry in record["variables"].items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}


def write_variables(file: Path, variables: Mapping[str, OwnVariable]) -> None:
    """Replace the file as a whole; without any variable there is no file."""
    if not variables:
        file.unlink(missing_ok=True)
        return
    entries = {name: {"value": own.value, "instead_of": own.instead_of} for name, own in sorted(variables.items())}
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}.{os.getpid()}")
    with partial.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(json.dumps({"schema": VARIABLES_VERSION, "variables": entries}, indent=2) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    replace_file(partial, file)


def overlay(environ: Mapping[str, str], variables: Mapping[str, OwnVariable]) -> dict[str, str | None]:
    """What to change in an environment so that it has these variables; None takes one out."""
    changes: dict[str, str | None] = {}
    for name, own in variables.items():
        present = environ.get(name)
        if present != own.value and present in (None, own.instead_of):
            changes[name] = own.value
    return changes


def _read(entry: dict[str, object]) -> OwnVariable:
    value, instead_of = entry["value"], entry["instead_of"]
    if not isinstance(value, str | None) or not isinstance(instead_of, str | None):
        raise TypeError
    return OwnVariable(value, instead_of)
