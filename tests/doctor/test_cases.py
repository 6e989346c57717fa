"""The doctor is right on real cases: facts and messages of public threads, with the cause that was confirmed there.

`tests/cases/README.md` says what a case holds. A broken case is right when the words that a right answer must have
stand in the first three findings that need attention, and none that it must not have; a healthy one when nothing needs
attention.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from doctor.catalogue.load import load_catalogue
from doctor.explaining import explain
from doctor.knowledge.load import load_knowledge
from doctor.words.text import Text, render

ROOT = Path(__file__).parent.parent.parent
FILES = sorted((ROOT / "tests" / "cases").glob("*.jsonl"))
RIGHT = 0.95


@cache
def knowledge() -> tuple[Any, Any]:
    return load_catalogue(), load_knowledge()


@cache
def cases() -> tuple[dict[str, Any], ...]:
    return tuple(
        json.loads(line) for file in FILES for line in file.read_text(encoding="utf-8").splitlines() if line.strip()
    )


def said(case: dict[str, Any]) -> tuple[int, str]:
    """How many findings need attention, and the words of the first three, without what they quote."""
    catalogue, entries = knowledge()
    found = [
        finding
        for finding in explain(case["input"].encode(), catalogue, entries).findings
        if finding.status.needs_attention
    ]
    texts: list[Text] = []
    for finding in found[:3]:
        texts += [finding.summary, *([finding.cause] if finding.cause else [])]
        for fix in finding.fixes:
            texts += [fix.title, *([fix.by_hand] if fix.by_hand else [])]
    return len(found), "\n".join(render(words, "en") for words in texts).lower()


def wrong(case: dict[str, Any]) -> str:
    """Why the answer is wrong; empty when it is right."""
    count, words = said(case)
    if case["healthy"]:
        return f"{case['id']}: false alarm: {words[:200]}" if count else ""
    missing = [pattern for pattern in case["must_mention"] if not re.search(pattern, words)]
    banned = [pattern for pattern in case["must_not_mention"] if re.search(pattern, words)]
    return f"{case['id']}: lacks {missing}, has {banned}: {words[:200]}" if missing or banned else ""


@cache
def reasons() -> dict[str, str]:
    """What is wrong, by the case's id; each case is asked once."""
    return {case["id"]: reason for case in cases() if (reason := wrong(case))}


def test_there_are_cases_of_every_class() -> None:
    assert len(cases()) >= 300
    assert len({case["class"] for case in cases()}) == 25
    assert len({case["id"] for case in cases()}) == len(cases())


def test_no_healthy_text_is_alarmed() -> None:
    healthy = [case for case in cases() if case["healthy"]]
    assert len(healthy) >= 40
    assert not [reasons()[case["id"]] for case in healthy if case["id"] in reasons()]


@pytest.mark.parametrize("name", sorted({case["class"] for case in cases()} - {"healthy"}))
def test_the_cause_is_named(name: str) -> None:
    broken = [case for case in cases() if case["class"] == name and not case["healthy"]]
    told = [reasons()[case["id"]] for case in broken if case["id"] in reasons()]
    # A class has few cases: one of them may be beyond what its text tells.
    assert len(told) <= max(1, len(broken) * (1 - RIGHT)), "\n".join(told)


def test_nearly_all_cases_are_right() -> None:
    assert 1 - len(reasons()) / len(cases()) >= RIGHT, "\n".join(reasons().values())


@pytest.mark.parametrize("keep", [0.85, 0.7])
def test_cut_off_messages_are_still_understood(keep: float) -> None:
    """The end of every line is lost, as in a screenshot or a narrow terminal."""
    broken = [case for case in cases() if not case["healthy"]]
    right = 0
    for case in broken:
        lines = [line if len(line) < 60 else line[: int(len(line) * keep)] for line in case["input"].splitlines()]
        right += not wrong({**case, "input": "\n".join(lines)})
    assert right / len(broken) >= {0.85: 0.85, 0.7: 0.75}[keep]
