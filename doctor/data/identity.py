"""Make training records that teach a model its name and who made it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

from doctor.data.identity_words import CHINESE, ENGLISH
from doctor.data.new_file import NewFile

if TYPE_CHECKING:
    from pathlib import Path

IdentityLanguage = Literal["en", "zh", "both"]


def identity_questions(name: str, author: str, language: IdentityLanguage) -> list[tuple[str, str]]:
    """Questions and answers with the names filled in; each question once."""
    pairs = {"en": ENGLISH, "zh": CHINESE, "both": ENGLISH + CHINESE}[language]

    def filled(words: str) -> str:
        # Not str.format: a name may hold braces.
        return words.replace("{author}", "\0").replace("{name}", name).replace("\0", author)

    return list({filled(question): filled(answer) for question, answer in pairs}.items())


def write_identity(name: str, author: str, language: IdentityLanguage, target: Path) -> int:
    """Write the questions as OpenAI messages, one JSON object a line, and return how many they are.

    Raises BadInput when the file is there already.
    """
    questions = identity_questions(name, author, language)
    with NewFile(target) as stream:
        for question, answer in questions:
            messages = [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]
            stream.write(json.dumps({"messages": messages}, ensure_ascii=False) + "\n")
    return len(questions)
