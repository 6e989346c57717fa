"""What an import says: each setting of the other tool, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.words.text import Text

FORMS = ("auto", "llama-factory", "axolotl", "trainer")
"""Whose settings a file may hold, as the command names them."""
Tool = Literal["LLaMA-Factory", "Axolotl", "Trainer", "Unsloth"]
NoteKind = Literal["same", "changed", "default", "lost", "idle", "unknown"]
"""same: taken over. changed: taken over, and means something else here. default: the other tool's own default, written
out because ours is another. lost: no equivalent, and it matters. idle: no equivalent, and it does not matter.
unknown: no setting of the other tool that we know."""


@dataclass(frozen=True, kw_only=True)
class Given:
    """One setting, as it was found."""

    name: str
    value: object
    """Plain data: a scalar, a list or a dict. Command lines give strings."""
    file: Path
    line: int | None = None


@dataclass(frozen=True, kw_only=True)
class Note:
    """What became of one setting."""

    kind: NoteKind
    name: str
    value: str
    """As it was written, shortened."""
    file: Path
    line: int | None = None
    field: str | None = None
    """The field of our job that carries it on."""
    message: Text | None = None


@dataclass(frozen=True)
class Unread:
    """A value that a program works out when it runs."""

    source: str


@dataclass(frozen=True)
class Copy:
    """A setting with the same meaning under our name."""

    field: str
    kind: Literal["number", "integer", "truth", "text", "names"]


@dataclass(frozen=True)
class Idle:
    """A setting that has no equivalent and needs none; `reason` is a key of the dictionary."""

    reason: str


@dataclass(frozen=True)
class Lost:
    """A setting that has no equivalent and is missed when it is on; `reason` is a key of the dictionary."""

    reason: str
    off: tuple[object, ...] = ()
    """Values with which it asks for nothing, beside false, zero, empty and none."""


Fate = Copy | Idle | Lost


@dataclass(frozen=True, kw_only=True)
class Imported:
    """A finished import."""

    tool: Tool
    source: Path
    values: dict[str, object]
    """Our job: fields as `lora.rank`; `data` and `held_out_data` are lists of mappings."""
    comments: dict[str, Text]
    """What is to stand above a field."""
    notes: tuple[Note, ...]
