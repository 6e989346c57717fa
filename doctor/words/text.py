"""Text: a message as a key and its fields, put into words in English or Chinese only where it is shown.

Deciding code makes `Text`s; the faces render them. Each area of the product keeps its words in one module,
`doctor/words/<area>.py`, as `WORDS = {"<area>.<name>": (english, chinese)}`; `tests/contracts/test_words.py`
checks that no key is missing, unused or out of step between the two languages.
"""

from __future__ import annotations

from importlib import import_module
from typing import Literal

from doctor.quick_dataclass import dataclass

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")


@dataclass(frozen=True)
class Text:
    """One message: its key in the dictionary and the values that fill it."""

    key: str
    fields: tuple[tuple[str, object], ...] = ()


@dataclass(frozen=True)
class Both:
    """Words that come with their translation, such as an entry's of the knowledge base; may stand in a Text's field."""

    en: str
    zh: str


def text(key: str, **fields: object) -> Text:
    """Make a Text. `key` must be a literal, so that the dictionary test can find it."""
    # By name: values by position take the shared methods of frozen dataclasses twice as long.
    return Text(key=key, fields=tuple(fields.items()))


def render(message: Text, language: Language) -> str:
    """Put a message into words. Fields that are Texts themselves, or Both, are put into words first.

    Raises KeyError for a key that the dictionary lacks: a fault of ours, which the tests catch.
    """
    area = message.key.partition(".")[0]
    words: dict[str, tuple[str, str]] = import_module(f"doctor.words.{area}").WORDS
    template = words[message.key][LANGUAGES.index(language)]
    if not message.fields:
        return template.format() if "{" in template else template
    values = {name: _in(value, language) for name, value in message.fields}
    return template.format(**values)


def _in(value: object, language: Language) -> object:
    if isinstance(value, Text):
        return render(value, language)
    if isinstance(value, Both):
        return value.en if language == "en" else value.zh
    return value


def language_of(*names: str | None) -> Language:
    """Choose the language from locale names in falling priority (`zh_CN.UTF-8`, `Chinese (Simplified)_China.936`)."""
    for name in names:
        if not name or name in {"C", "POSIX"}:
            continue
        return "zh" if name.lower().startswith(("zh", "chinese")) else "en"
    return "en"
