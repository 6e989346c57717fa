"""A job to start from: every field with its default and meaning, as comments. Pure."""

from __future__ import annotations

import dataclasses
import textwrap
from typing import TYPE_CHECKING

from doctor.fields.schema import NESTED, SOURCES, default_of
from doctor.fields.writing import scalar
from doctor.words.text import render, text
from trainer.contract import Job

if TYPE_CHECKING:
    from doctor.words.text import Language

_WIDTH = 100


def starting_job(*, model: str, data: str, language: Language, schema: str) -> str:
    """A job file that can be run as it is when the model and the data are there."""
    lines = [f"# yaml-language-server: $schema={schema}", *_comment(render(text("fields.start_header"), language), "")]
    for field in dataclasses.fields(Job):
        lines += ["", *_comment(render(text(f"fields.{field.name}"), language), "")]
        if field.name in ("model", "data"):
            lines.append(f"{field.name}: {scalar(model if field.name == 'model' else data)}")
        elif field.name in NESTED:
            lines.append(f"# {field.name}:")
            for each in dataclasses.fields(NESTED[field.name]):
                lines += [
                    *_comment(render(text(f"fields.{field.name}.{each.name}"), language), "#   "),
                    f"#   {each.name}: {_written(default_of(NESTED[field.name], each.name))}",
                ]
        elif field.name in SOURCES or field.name == "output":
            lines.append(f"# {field.name}: {'held-out.jsonl' if field.name in SOURCES else 'my-run'}")
        else:
            lines.append(f"# {field.name}: {_written(default_of(Job, field.name))}")
    return "\n".join(lines) + "\n"


def _comment(words: str, before: str) -> list[str]:
    return [
        f"{before}# {line}" for line in textwrap.wrap(words, _WIDTH, break_long_words=False, break_on_hyphens=False)
    ]


def _written(value: object) -> str:
    if isinstance(value, tuple):
        return f"[{', '.join(scalar(each, in_list=True) for each in value)}]"
    return scalar(value)
