"""Whatever the reader of data says has words."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from doctor.data.mending import Mend
from doctor.data.report import words_of
from doctor.words.data import WORDS
from doctor.words.text import render
from trainer.records import Problem

ROOT = Path(__file__).parent.parent.parent
_MAKERS = {"BadRow", "Fault", "Problem", "_problem", "_whole", "_alike"}
"""What makes something to be told."""


def codes() -> set[tuple[str, bool]]:
    """Codes in the trainer's modules, and whether each is only a beginning."""
    found: set[tuple[str, bool]] = set()
    for file in (ROOT / "trainer").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name not in _MAKERS:
                continue
            given = [*node.args[:3], *(word.value for word in node.keywords if word.arg == "code")]
            for argument in given:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    if re.fullmatch(r"[a-z][a-z0-9_]+", argument.value):
                        found.add((argument.value, False))
                    break
                if isinstance(argument, ast.JoinedStr) and isinstance(argument.values[0], ast.Constant):
                    found.add((str(argument.values[0].value), True))
                    break
    return found


def test_every_code_of_the_reader_has_words() -> None:
    known = {key.removeprefix("data.problem_") for key in WORDS if key.startswith("data.problem_")}
    found = codes()
    assert len(found) > 40
    assert not [
        code for code, begins in found if not (any(k.startswith(code) for k in known) if begins else code in known)
    ]


def test_every_kind_of_broken_json_has_words() -> None:
    tree = (ROOT / "trainer" / "rows.py").read_text(encoding="utf-8")
    expected = set(re.findall(r'"(?:Expecting|Unterminated|Invalid|Extra|Illegal)[^"]*": "(\w+)"', tree))
    expected |= set(re.findall(r'fault_at\([^,]+, "(\w+)"', tree)) | {"escape", "value"}
    assert {f"data.json_{name}" for name in expected} <= WORDS.keys()


def test_every_mend_has_words() -> None:
    tree = (ROOT / "doctor" / "data" / "mending.py").read_text(encoding="utf-8")
    named = set(re.findall(r'Mend\(code="(\w+)"', tree)) | set(re.findall(r'^    \("(\w+)", _\w+\),$', tree, re.M))
    assert len(named) >= 8
    assert {f"data.mend_{name}" for name in named} <= WORDS.keys()
    assert Mend(code="list").field is None


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("detail", "english"),
    [
        ({"place": "line", "first": 3}, "a duplicate of line 3"),
        ({"place": "record", "first": 0, "other": "b.json"}, "a duplicate of record 0 of b.json"),
    ],
)
def test_a_duplicate_names_the_place_of_the_first(language: str, detail: dict[str, str | int], english: str) -> None:
    problem = Problem(file="a.jsonl", code="duplicate_same", severity="note", line=9, detail=detail)
    words = render(words_of(problem), language)  # type: ignore[arg-type]
    assert (words == english) if language == "en" else (str(detail["first"]) in words)
