"""The dictionary: every message exists in both languages, says the same fields, and is used."""

from __future__ import annotations

import ast
import re
import string
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import pytest

from doctor.words.text import language_of, render, text

ROOT = Path(__file__).parent.parent.parent
AREAS = sorted(p.stem for p in (ROOT / "doctor" / "words").glob("*.py") if p.stem not in {"__init__", "text"})
WORDS: dict[str, tuple[str, str]] = {}
for _area in AREAS:
    WORDS.update(import_module(f"doctor.words.{_area}").WORDS)


@dataclass(frozen=True)
class Use:
    """One `text(…)` call: a whole key, or the literal beginning of an f-string."""

    key: str
    is_family: bool
    fields: frozenset[str] | None
    place: str


def uses() -> list[Use]:
    found: list[Use] = []
    for file in sorted((ROOT / "doctor").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            place = f"{file.relative_to(ROOT)}:{getattr(node, 'lineno', 0)}"
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "text"):
                # Keys kept in tables, to be passed to text() later: any literal that is a key counts as a use.
                if isinstance(node, ast.Constant) and node.value in WORDS and file.parent.name != "words":
                    found.append(Use(str(node.value), False, None, place))
                continue
            if not node.args:
                continue
            argument = node.args[0]
            starred = any(keyword.arg is None for keyword in node.keywords)
            fields = None if starred else frozenset(keyword.arg or "" for keyword in node.keywords)
            if isinstance(argument, ast.Constant):
                found.append(Use(str(argument.value), False, fields, place))
            elif isinstance(argument, ast.JoinedStr) and isinstance(argument.values[0], ast.Constant):
                found.append(Use(str(argument.values[0].value), True, None, place))
    return found


USES = uses()


def placeholders(template: str) -> frozenset[str]:
    names = (name for _, name, _, _ in string.Formatter().parse(template) if name is not None)
    return frozenset(re.split(r"[.\[]", name)[0] for name in names)


@pytest.mark.parametrize("key", sorted(WORDS))
def test_both_languages_have_the_message_with_the_same_fields(key: str) -> None:
    english, chinese = WORDS[key]
    assert english.strip() and chinese.strip()
    assert placeholders(english) == placeholders(chinese)


@pytest.mark.parametrize("area", AREAS)
def test_keys_begin_with_the_name_of_their_module(area: str) -> None:
    assert all(key.startswith(area + ".") for key in import_module(f"doctor.words.{area}").WORDS)


@pytest.mark.parametrize("area", AREAS)
def test_no_key_stands_twice_in_a_module(area: str) -> None:
    tree = ast.parse((ROOT / "doctor" / "words" / f"{area}.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Dict):
            keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
            assert len(keys) == len(set(keys)), sorted({k for k in keys if keys.count(k) > 1}, key=str)


def test_every_message_that_the_code_asks_for_exists() -> None:
    missing = [
        f"{use.place}: {use.key}"
        for use in USES
        if not (any(key.startswith(use.key) for key in WORDS) if use.is_family else use.key in WORDS)
    ]
    assert not missing


def test_every_call_gives_the_fields_that_the_words_need() -> None:
    wrong = [
        f"{use.place}: {use.key} needs {sorted(placeholders(WORDS[use.key][0]))}, gets {sorted(use.fields)}"
        for use in USES
        if not use.is_family
        and use.fields is not None
        and use.key in WORDS
        and not placeholders(WORDS[use.key][0]) <= use.fields
    ]
    assert not wrong


def test_no_message_is_left_over() -> None:
    whole = {use.key for use in USES if not use.is_family}
    families = tuple({use.key for use in USES if use.is_family})
    # Reasons are found by their English words (doctor/checks/reasons.py), not by their keys.
    assert not [key for key in WORDS if key not in whole and not key.startswith((*families, "probe."))]


def test_chinese_words_are_chinese() -> None:
    def plain(template: str) -> str:
        return re.sub(r"`[^`]*`|\{[^}]*\}|[^A-Za-z]", "", template)

    doubtful = [
        key
        for key, (english, chinese) in WORDS.items()
        if len(plain(english)) > 12 and not re.search(r"[一-鿿]", chinese) and not chinese.startswith("tunedoc ")
    ]
    assert not doubtful


def test_a_text_inside_a_text_is_put_into_the_same_language() -> None:
    inner = text("environment.missing")
    assert render(text("cli.error", message=inner), "zh") == "错误：还没有训练环境"


@pytest.mark.parametrize(
    ("names", "language"),
    [
        (("zh_CN.UTF-8",), "zh"),
        (("Chinese (Simplified)_China.936",), "zh"),
        ((None, "", "C", "zh_TW"), "zh"),
        (("en_US.UTF-8", "zh_CN.UTF-8"), "en"),
        (("de_DE",), "en"),
        ((None, "C", "POSIX"), "en"),
    ],
)
def test_the_language_is_the_first_that_the_system_names(names: tuple[str | None, ...], language: str) -> None:
    assert language_of(*names) == language
