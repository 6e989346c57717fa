"""Every entry of the knowledge base is well formed, says what to do, and fires on its examples and nowhere else."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

import pytest

from doctor.checks.registry import ALL_CHECKS
from doctor.errors import BadInput
from doctor.explaining import read_text
from doctor.knowledge.judge import judge
from doctor.knowledge.load import ENTRIES, load_file, load_knowledge
from doctor.snapshot.redaction import Identity

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.knowledge.model import Entry

FILES = sorted(ENTRIES.glob("*.toml"))


@cache
def entries() -> tuple[Entry, ...]:
    return load_knowledge()


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_the_file_is_accepted(file: Path) -> None:
    assert load_file(file)


def test_no_id_is_there_twice() -> None:
    assert len({entry.id for entry in entries()} | {check.id for check in ALL_CHECKS}) == len(entries()) + len(
        ALL_CHECKS
    )


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_relations_name_something_that_exists(file: Path) -> None:
    known = {entry.id for entry in entries()} | {check.id for check in ALL_CHECKS}
    assert not [
        (entry.id, other)
        for entry in load_file(file)
        for other in (*entry.explains, *entry.explained_by)
        if other not in known or other == entry.id
    ]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_entries_fire_on_their_examples_and_only_there(file: Path) -> None:
    wrong = []
    for entry in load_file(file):
        for number, example in enumerate(entry.examples):
            reading = read_text(example.text.encode())
            fired = judge((entry,), reading.lines, reading.snapshot, reading.facts, Identity())
            if bool(fired) != example.fires:
                wrong.append((entry.id, number, "does not fire" if example.fires else "fires", dict(reading.facts)))
    assert not wrong


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_entries_have_both_kinds_of_examples_and_a_source(file: Path) -> None:
    assert not [
        entry.id
        for entry in load_file(file)
        if {example.fires for example in entry.examples} != {True, False} or not entry.sources
    ]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_chinese_words_are_chinese_and_english_ones_are_not(file: Path) -> None:
    def chinese(words: str) -> bool:
        return any("\u4e00" <= letter <= "\u9fff" for letter in words)

    for entry in load_file(file):
        for words in (entry.summary, entry.cause, *(remedy.words for remedy in entry.remedies)):
            assert chinese(words.zh), (entry.id, words.zh)
            assert not chinese(words.en) or "页面文件" in words.en, (entry.id, words.en)


GOOD = """
[[entry]]
id = "area.name"
status = "failure"
any = ["some message"]
summary = { en = "a", zh = "甲" }
cause = { en = "b", zh = "乙" }
fixes = [{ id = "area.fix", en = "c", zh = "丙" }]
"""


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('"area.name"', '"Name"', "Name.id"),
        ('"failure"', '"bad"', "status"),
        ('["some message"]', '[".*some message"]', "any"),
        ('["some message"]', '["(a|b)+ message"]', "any"),
        ('["some message"]', '["ab"]', "any"),
        ('["some message"]', '["message|\\\\d+"]', "any"),
        ("any =", "anyone =", "anyone"),
        ('en = "b"', 'en = "{nothing}"', "cause.en"),
        ('en = "b"', 'en = "{"', "cause.en"),
        (', zh = "丙"', "", "fixes[0]"),
        ("fixes =", "sources =", "fixes"),
        ('any = ["some message"]', 'when = { os = "windows" }', "any"),
        ('any = ["some message"]', 'any = ["some message"]\nwhen = { colour = "red" }', "when.colour"),
        ('any = ["some message"]', 'any = ["some message"]\nwhen = { torch = ">2,x" }', "when.torch"),
        ('any = ["some message"]', 'any = ["some message"]\nrank = 100', "rank"),
    ],
)
def test_what_is_wrong_is_refused_with_its_place(old: str, new: str, field: str, tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_text(GOOD, encoding="utf-8")
    assert load_file(file)
    assert old in GOOD
    file.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        load_file(file)
    assert caught.value.file == "x.toml"
    assert field in str(caught.value.field)


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "x.toml"
    file.write_bytes(b"[[entry]\n")
    with pytest.raises(BadInput):
        load_file(file)
