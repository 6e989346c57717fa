"""A job in the making: settings are taken out one by one, and what became of each is written down."""

from __future__ import annotations

from difflib import get_close_matches
from functools import cache
from typing import TYPE_CHECKING, get_args, get_type_hints

from doctor.fields.ranges import RANGES
from doctor.importing import values as read
from doctor.importing.model import Copy, Given, Idle, Imported, Note, Unread
from doctor.words.text import text
from trainer.contract import Job, Lora, Preference

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doctor.importing.model import Fate, NoteKind, Tool
    from doctor.words.text import Text


class Draft:
    """Settings of another tool on their way into a job."""

    def __init__(self, tool: Tool, source: Path, given: Mapping[str, Given]) -> None:
        self.tool = tool
        self.source = source
        self.values: dict[str, object] = {}
        self.comments: dict[str, Text] = {}
        self.notes: list[Note] = []
        self._given = dict(given)
        self._met: set[str] = set()

    def __contains__(self, name: str) -> bool:
        """Whether a setting is there and says something."""
        return name in self._given and not read.is_nothing(self._given[name].value)

    def peek(self, name: str) -> object:
        """A setting's value, which stays to be taken; None where there is none."""
        return self._given[name].value if name in self._given else None

    def is_on(self, name: str) -> bool:
        """Whether a switch is there and on; it stays to be taken."""
        return name in self and not read.is_off(self._given[name].value)

    def take(self, name: str) -> Given | None:
        """A setting that is there and can be read; whoever takes it says what becomes of it.

        One that is left empty is told as idle here, one that a program works out as lost.
        """
        given = self._given.get(name)
        if given is None or name in self._met:
            return None
        self._met.add(name)
        if isinstance(given.value, Unread):
            self.note("lost", given, message=text("equivalents.lost_unread"))
            return None
        if read.is_nothing(given.value):
            self.note("idle", given, message=text("equivalents.idle_empty"))
            return None
        return given

    def note(self, kind: NoteKind, given: Given, field: str | None = None, message: Text | None = None) -> None:
        """Write down what became of a setting."""
        self._met.add(given.name)
        self.notes.append(
            Note(
                kind=kind,
                name=given.name,
                value=read.shown(given.value),
                file=given.file,
                line=given.line,
                field=field,
                message=message,
            )
        )

    def same(self, given: Given, field: str, value: object) -> None:
        """Take a value over as it is, where our field takes such values."""
        refusal = refusal_of(field, value)
        if refusal is not None:
            self.note("lost", given, message=refusal)
            return
        self.values[field] = value
        self.note("same", given, field)

    def changed(self, given: Given, field: str, value: object, message: Text) -> None:
        """Take a value over that means something else here."""
        refusal = refusal_of(field, value)
        if refusal is not None:
            self.note("lost", given, message=refusal)
            return
        self.values[field] = value
        self.comments[field] = message
        self.note("changed", given, field, message)

    def lost(self, given: Given, message: Text) -> None:
        self.note("lost", given, message=message)

    def idle(self, given: Given, message: Text) -> None:
        self.note("idle", given, message=message)

    def default(self, field: str, value: object, name: str) -> None:
        """Write out the other tool's default where nothing was said and ours is another."""
        written = self._given[name].name if name in self._given else name
        if field in self.values or written in self._refused() or value == _ours(field):
            return
        message = text("importing.default", tool=self.tool, name=name)
        self.values[field] = value
        self.comments.setdefault(field, message)
        self.notes.append(
            Note(kind="default", name=name, value=read.shown(value), file=self.source, field=field, message=message)
        )

    def copy(self, name: str, field: str, kind: str) -> None:
        """Take a setting over under our name, if it is there."""
        given = self.take(name)
        if given is not None:
            self.same(given, field, getattr(read, _READERS[kind])(given))

    def rest(self, tables: tuple[Mapping[str, Fate], ...], prefixes: Mapping[str, Fate]) -> None:
        """Say of every setting that nobody took what becomes of it."""
        known = {name: fate for table in reversed(tables) for name, fate in table.items()}
        for name in list(self._given):
            if name in self._met:
                continue
            fate = known.get(name) or next((prefixes[start] for start in prefixes if name.startswith(start)), None)
            if fate is None:
                given = self._given[name]
                near = get_close_matches(name, known, n=1, cutoff=0.8)
                message = (
                    text("importing.unknown_near", tool=self.tool, nearest=near[0])
                    if near
                    else text("importing.unknown", tool=self.tool)
                )
                self.note("unknown", given, message=message)
            elif isinstance(fate, Copy):
                self.copy(name, fate.field, fate.kind)
            else:
                self._tell(name, fate)

    def finish(self) -> Imported:
        """The job with everything that was said, in the order of the file."""
        order = {name: place for place, name in enumerate(self._given)}
        notes = sorted(self.notes, key=lambda note: order.get(note.name.partition(".")[0], len(order)))
        return Imported(
            tool=self.tool, source=self.source, values=self.values, comments=self.comments, notes=tuple(notes)
        )

    def _tell(self, name: str, fate: Fate) -> None:
        given = self._given[name]
        if isinstance(fate, Idle):
            self.note("idle", given, message=text(fate.reason))
        elif not isinstance(fate, Copy):
            value = given.value
            off = read.is_off(value) or value in fate.off or str(value) in {str(each) for each in fate.off}
            if off:
                self.note("idle", given, message=text("equivalents.idle_off"))
            else:
                self.note("lost", given, message=text(fate.reason))

    def _refused(self) -> set[str]:
        """Settings that were there and could not be taken over: their default is not written in their place."""
        return {note.name for note in self.notes if note.kind == "lost"}


_READERS = {"number": "number", "integer": "integer", "truth": "truth", "text": "words", "names": "names"}


def _ours(field: str) -> object:
    """Our own default of a field."""
    outer, _, inner = field.rpartition(".")
    return getattr({"lora": Lora, "preference": Preference}[outer](), inner) if outer else getattr(_BARE, inner)


@cache
def _hints(kind: type) -> dict[str, object]:
    return get_type_hints(kind)


_BARE = Job(model="", data=(), output="")


def refusal_of(field: str, value: object) -> Text | None:
    """Why a field of ours does not take a value; None where it does."""
    limits = RANGES.get(field)
    if limits is not None and isinstance(value, int | float) and not limits.holds(value):
        return text("jobs.out_of_range", field=field, found=read.shown(value), expected=limits.words)
    outer, _, inner = field.rpartition(".")
    kind: type = {"lora": Lora, "preference": Preference}.get(outer, Job)
    choices = get_args(_hints(kind)[inner])
    if choices and isinstance(choices[0], str) and value not in choices:
        return text("jobs.not_a_choice", field=field, found=read.shown(value), choices=", ".join(choices))
    return None
