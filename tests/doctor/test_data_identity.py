"""`tunedoc data identity`: questions about who the assistant is."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from doctor.cli.main import run
from doctor.data.identity import identity_questions
from trainer.records import DataFile, Record

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("language", ["en", "zh"])
def test_there_are_forty_questions_and_more_each_once(language: str) -> None:
    questions = identity_questions("Robin", "Ada {x} & Co", language)  # type: ignore[arg-type]
    assert len({question for question, _ in questions}) == len(questions) >= 40
    assert sum("Robin" in answer for _, answer in questions) > 30
    assert sum("Ada {x} & Co" in answer for _, answer in questions) > 20
    assert not any("{name}" in words or "{author}" in words for pair in questions for words in pair)


def test_the_two_languages_are_those_they_say() -> None:
    assert not any("一" <= letter <= "鿿" for pair in identity_questions("R", "A", "en") for letter in "".join(pair))
    for question, answer in identity_questions("小知", "张三", "zh"):
        assert any("一" <= letter <= "鿿" for letter in question + answer)
    assert len(identity_questions("R", "A", "both")) == len(identity_questions("R", "A", "en")) + len(
        identity_questions("R", "A", "zh")
    )


def test_the_file_can_be_learned_from(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "身份 1.jsonl"
    words = ["data", "identity", "--name", "小知", "--author", "张三", "--language", "both", "-o", str(file)]
    assert run([*words, "--json"]) == 0
    count = json.loads(capsys.readouterr().out)["data"]["records"]
    items = list(DataFile(file))
    assert len(items) == count
    assert all(isinstance(item, Record) for item in items)
    assert run([*words, "--json"]) == 2
