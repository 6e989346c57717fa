"""Write the records of a data file in one layout: OpenAI messages, one JSON object a line."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from doctor.data.new_file import NewFile
from doctor.data.report import Collection, FileReport, require_one_file, words_of
from doctor.errors import BadInput
from doctor.quick_dataclass import dataclass
from doctor.words.text import text
from trainer.contract import Source
from trainer.records import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from trainer.records import Message, Record


@dataclass(frozen=True, kw_only=True)
class Conversion:
    """What was written, and what the old file held."""

    written: int
    report: FileReport


def convert_data(path: Path, target: Path) -> Conversion:
    """Write every record that can be used to `target`; the others are told. `path` stays as it is.

    Raises BadInput when the file cannot be read or the target is there already.
    """
    from trainer.survey import Survey

    require_one_file(path)
    survey = Survey(near=False)
    collection = Collection()
    written = 0
    with NewFile(target) as stream:
        try:
            for item in survey.read(Source(path=str(path))):
                if isinstance(item, Problem):
                    collection.add(item)
                    continue
                stream.write(json.dumps(_row_of(item), ensure_ascii=False) + "\n")
                written += 1
        except OSError as exc:
            raise BadInput(text("data.unreadable", detail=exc.strerror or str(exc)), file=str(path)) from exc
        report = collection.examination(survey.files).reports[0]
        if not written:
            first = next((problem for problem in report.problems if problem.severity == "failure"), None)
            message = text("data.nothing_to_convert") if first is None else words_of(first)
            raise BadInput(message, hint=text("data.check_hint", file=str(path)), file=str(path))
    return Conversion(written=written, report=report)


def _row_of(record: Record) -> dict[str, Any]:
    """A record as Hugging Face's libraries and OpenAI write it."""
    if record.text:
        return {"text": record.text}
    row: dict[str, Any] = {"messages": _turns(record.messages)}
    if record.chosen or record.rejected:
        row = {
            "prompt": _turns(record.messages),
            "chosen": _turns(record.chosen),
            "rejected": _turns(record.rejected),
        }
    if record.label is not None:
        row["label"] = record.label
    if record.tools:
        row["tools"] = json.loads(record.tools)
    return row


def _turns(messages: Iterable[Message]) -> list[dict[str, Any]]:
    turns: list[dict[str, Any]] = []
    for message in messages:
        turn: dict[str, Any] = {"role": message.role, "content": message.content}
        if message.tool_calls:
            turn["tool_calls"] = [
                {"type": "function", "function": {"name": call.name, "arguments": call.arguments}}
                for call in message.tool_calls
            ]
        if not message.train:
            turn["weight"] = 0
        turns.append(turn)
    return turns
