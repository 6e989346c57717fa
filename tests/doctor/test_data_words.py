"""Whatever the reader of data says has words."""

from __future__ import annotations

import ast
import re
import string
from dataclasses import dataclass
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


@dataclass(frozen=True)
class Made:
    """Where something to be told is made."""

    place: str
    code: str
    is_beginning: bool
    """The code is an f-string, of which this is the literal beginning."""
    fields: frozenset[str] | None
    """What fills the words; None where the source does not show it."""


def everything_made() -> list[Made]:
    found: list[Made] = []
    for file in (ROOT / "trainer").glob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name not in _MAKERS:
                continue
            place = f"{file.name}:{node.lineno}"
            for argument in [*node.args[:3], *(word.value for word in node.keywords if word.arg == "code")]:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    if re.fullmatch(r"[a-z][a-z0-9_]+", argument.value):
                        found.append(Made(place, argument.value, False, fields_of(node)))
                    break
                if isinstance(argument, ast.JoinedStr) and isinstance(argument.values[0], ast.Constant):
                    found.append(Made(place, str(argument.values[0].value), True, None))
                    break
    return found


def fields_of(call: ast.Call) -> frozenset[str] | None:
    fields = {"field"}
    for keyword in call.keywords:
        if keyword.arg is None or (keyword.arg == "detail" and not isinstance(keyword.value, ast.Dict)):
            return None
        if isinstance(keyword.value, ast.Dict):
            if not all(isinstance(key, ast.Constant) for key in keyword.value.keys):
                return None
            fields |= {str(key.value) for key in keyword.value.keys if isinstance(key, ast.Constant)}
        else:
            fields.add(keyword.arg)
    return frozenset(fields)


MADE = everything_made()


def test_every_code_of_the_reader_has_words() -> None:
    known = {key.removeprefix("data.problem_") for key in WORDS if key.startswith("data.problem_")}
    assert len({made.code for made in MADE}) > 40
    assert not [
        made
        for made in MADE
        if not (any(code.startswith(made.code) for code in known) if made.is_beginning else made.code in known)
    ]


def test_whatever_is_told_fills_its_words() -> None:
    def needed(code: str) -> set[str]:
        english, _ = WORDS[f"data.problem_{code}"]
        return {name for _, name, _, _ in string.Formatter().parse(english) if name}

    shown = [made for made in MADE if made.fields is not None and not made.is_beginning]
    assert len(shown) > 60
    assert not [made for made in shown if not needed(made.code) <= (made.fields or set())]


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
