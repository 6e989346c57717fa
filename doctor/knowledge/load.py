"""Read the knowledge base: parse, don't validate. A refusal names the file, the entry and the field."""

from __future__ import annotations

import string
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doctor.checks.base import Status
from doctor.errors import BadInput
from doctor.knowledge.conditions import ConditionRefused, parse_condition
from doctor.knowledge.model import Entry, Example, Remedy, Words
from doctor.knowledge.pattern import Pattern, PatternRefused, parse
from doctor.knowledge.placeholders import PLACEHOLDERS
from doctor.late_pattern import late_pattern
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.knowledge.conditions import Condition

ENTRIES = Path(__file__).parent / "entries"

_ID = late_pattern(r"[a-z0-9_]+\.[a-z0-9_]+")
_REMEDY_ID = late_pattern(r"[a-z0-9_]+(\.[a-z0-9_]+)+")
_FIELDS = {
    "id", "status", "rank", "any", "all", "none", "when", "unless", "explains", "explained_by", "summary", "cause",
    "fixes", "sources", "examples",
}  # fmt: skip


def load_knowledge(folder: Path = ENTRIES, *, trusted: bool = False) -> tuple[Entry, ...]:
    """All entries, file by file. Raises BadInput.

    `trusted`: the tests have read them, as those that are shipped. Then patterns and placeholders are read only when
    they are needed, which takes a third of the time.
    """
    entries: dict[str, Entry] = {}
    for file in sorted(folder.glob("*.toml")):
        for entry in load_file(file, trusted=trusted):
            if entry.id in entries:
                raise _bad(file.name, entry.id, "id", f"is also in {entries[entry.id].file}")
            entries[entry.id] = entry
    return tuple(entries.values())


def load_file(file: Path, *, trusted: bool = False) -> tuple[Entry, ...]:
    """The entries of one file. Raises BadInput."""
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as exc:
        raise _bad(file.name, "-", "-", str(exc)) from exc
    rows = table.pop("entry", None)
    if table:
        raise _bad(file.name, "-", next(iter(table)), "is no field of a knowledge file")
    if not isinstance(rows, list):
        raise _bad(file.name, "-", "entry", "is missing")
    return tuple(_read_entry(file.name, row, trusted) for row in rows)


def _bad(file: str, entry: str, name: str, reason: str) -> BadInput:
    return BadInput(
        text("knowledge.refused", file=file, entry=entry, name=name, reason=reason),
        hint=text("knowledge.refused_hint"),
        file=file,
        field=f"{entry}.{name}",
    )


class _Refused(Exception):
    def __init__(self, name: str, reason: str) -> None:
        super().__init__(reason)
        self.name, self.reason = name, reason


def _read_entry(file: str, row: Any, trusted: bool) -> Entry:
    name = row.get("id", "?") if isinstance(row, dict) else "?"
    try:
        return _entry(file, row, trusted)
    except _Refused as exc:
        raise _bad(file, str(name), exc.name, exc.reason) from exc


def _entry(file: str, row: Any, trusted: bool) -> Entry:
    _require(isinstance(row, dict), "entry", "is no table")
    for key in row:
        _require(key in _FIELDS, key, "is no field of an entry")
    identity = row.get("id")
    _require(isinstance(identity, str) and _ID.fullmatch(identity) is not None, "id", "must be like `area.name`")
    _require(row.get("status") in {"failure", "warning", "note"}, "status", "must be failure, warning or note")
    rank = row.get("rank", 50)
    _require(type(rank) is int and 0 <= rank <= 99, "rank", "must be a number from 0 to 99")
    patterns = {key: _patterns(row, key, trusted) for key in ("any", "all", "none")}
    _require(bool(patterns["any"] or patterns["all"]), "any", "and `all` are both missing: nothing would be looked for")
    names: set[str] | None = None
    if not trusted:
        names = {name for key in ("any", "all") for pattern in patterns[key] for name in pattern.names}
    return Entry(
        id=identity,
        file=file,
        status=Status(row["status"]),
        rank=rank,
        any=patterns["any"],
        all=patterns["all"],
        none=patterns["none"],
        when=_conditions(row, "when"),
        unless=_conditions(row, "unless"),
        explains=_strings(row, "explains"),
        explained_by=_strings(row, "explained_by"),
        summary=_words(row.get("summary"), "summary", names),
        cause=_words(row.get("cause"), "cause", names),
        remedies=_remedies(row, names),
        sources=_strings(row, "sources"),
        examples=_examples(row),
    )


def _require(condition: bool, name: str, reason: str) -> None:
    if not condition:
        raise _Refused(name, reason)


def _strings(row: dict[str, Any], name: str) -> tuple[str, ...]:
    values = row.get(name, [])
    _require(isinstance(values, list) and all(isinstance(value, str) for value in values), name, "must be strings")
    return tuple(values)


def _patterns(row: dict[str, Any], name: str, trusted: bool) -> tuple[Pattern, ...]:
    if trusted:
        return tuple(Pattern(source) for source in _strings(row, name))
    found = []
    for source in _strings(row, name):
        try:
            found.append(parse(source))
        except PatternRefused as exc:
            raise _Refused(name, f"`{source}` {exc}") from exc
    return tuple(found)


def _conditions(row: dict[str, Any], name: str) -> tuple[Condition, ...]:
    table = row.get(name, {})
    _require(isinstance(table, dict), name, "must be a table")
    found = []
    for fact, value in table.items():
        try:
            found.append(parse_condition(fact, value))
        except ConditionRefused as exc:
            raise _Refused(f"{name}.{fact}", str(exc)) from exc
    return tuple(found)


def _words(value: Any, name: str, names: set[str] | None) -> Words:
    """`names`: the placeholders that patterns fill; None where the words are trusted."""
    _require(isinstance(value, dict), name, "is missing")
    for language in ("en", "zh"):
        words = value.get(language)
        _require(isinstance(words, str) and bool(words.strip()), f"{name}.{language}", "is missing")
        if names is None:
            continue
        try:
            used = {part for _, part, _, _ in string.Formatter().parse(words) if part is not None}
        except ValueError as exc:
            raise _Refused(f"{name}.{language}", f"{exc}; write a brace as two") from exc
        unknown = used - names - set(PLACEHOLDERS)
        _require(not unknown, f"{name}.{language}", f"has a placeholder that nothing fills: {', '.join(unknown)}")
    return Words(value["en"], value["zh"])


def _remedies(row: dict[str, Any], names: set[str] | None) -> tuple[Remedy, ...]:
    rows = row.get("fixes", [])
    _require(isinstance(rows, list), "fixes", "must be a list")
    _require(bool(rows) or row["status"] == "note", "fixes", "is missing")
    found = []
    for index, fix in enumerate(rows):
        place = f"fixes[{index}]"
        _require(isinstance(fix, dict) and set(fix) == {"id", "en", "zh"}, place, "must have id, en and zh")
        _require(isinstance(fix["id"], str) and _REMEDY_ID.fullmatch(fix["id"]) is not None, f"{place}.id", "is no id")
        found.append(Remedy(fix["id"], _words(fix, place, names)))
    return tuple(found)


def _examples(row: dict[str, Any]) -> tuple[Example, ...]:
    rows = row.get("examples", [])
    _require(isinstance(rows, list), "examples", "must be tables")
    found = []
    for index, example in enumerate(rows):
        place = f"examples[{index}]"
        _require(isinstance(example, dict) and set(example) <= {"text", "fires"}, place, "has `text` and `fires` only")
        _require(isinstance(example.get("text"), str), f"{place}.text", "is missing")
        _require(isinstance(example.get("fires", True), bool), f"{place}.fires", "must be true or false")
        found.append(Example(example["text"], example.get("fires", True)))
    return tuple(found)
