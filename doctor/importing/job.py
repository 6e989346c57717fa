"""An import as a job file: completed where it must be, looked over, and put into words."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from doctor.fields.rules import find_conflicts
from doctor.fields.writing import job_text
from doctor.importing.model import Imported, Note
from doctor.words.text import render, text
from trainer.contract import Job, Lora, Preference, Source

if TYPE_CHECKING:
    from doctor.words.text import Language


def completed(imported: Imported) -> Imported:
    """The import as a job that has what every job has, and in which nothing contradicts itself."""
    values, comments, notes = dict(imported.values), dict(imported.comments), list(imported.notes)

    def say(kind: Any, name: str, message: Any, field: str | None = None) -> None:
        value = str(values.get(field, "")) if field else ""
        notes.append(Note(kind=kind, name=name, value=value, file=imported.source, field=field, message=message))

    if "model" not in values:
        values["model"] = "base-model"
        comments["model"] = text("importing.no_model_named")
        say("lost", "model", comments["model"], "model")
    if not values.get("data"):
        values["data"] = [{"path": "records.jsonl"}]
        comments["data"] = text("importing.no_data_named")
        say("lost", "data", comments["data"])
    for _ in range(len(values)):
        # What contradicts the rest is taken out and told: the job is to be one that runs.
        conflict = next(
            (each for each in find_conflicts(job_of(values), frozenset(values)) if _field(each.field) in values), None
        )
        if conflict is None:
            break
        field = _field(conflict.field)
        say("lost", field, text("importing.conflict", message=conflict.message), field)
        if field == "data":
            values["data"] = [{"path": each["path"]} for each in _sources(values["data"])]
        else:
            del values[field]
    micro, steps = values.get("per_device_batch_size", 8), values.get("gradient_accumulation", 1)
    if "processes" not in values and isinstance(micro, int) and isinstance(steps, int):
        comments.setdefault(
            "per_device_batch_size", text("importing.batch", per_card=micro * steps, micro=micro, steps=steps)
        )
        values.setdefault("per_device_batch_size", micro)
    return dataclasses.replace(imported, values=values, comments=comments, notes=tuple(notes))


def job_of(values: dict[str, object]) -> Job:
    """The Job that these values make, with paths as they are written."""
    plain: dict[str, Any] = {"output": ""}
    nested: dict[str, dict[str, Any]] = {"lora": {}, "preference": {}}
    for field, value in values.items():
        outer, _, inner = field.rpartition(".")
        if outer:
            nested[outer][inner] = tuple(value) if isinstance(value, list) else value
        elif field in ("data", "held_out_data"):
            plain[field] = tuple(Source(**each) for each in _sources(value))
        else:
            plain[field] = tuple(value) if isinstance(value, list) else value
    return Job(**plain, lora=Lora(**nested["lora"]), preference=Preference(**nested["preference"]))


def text_of(imported: Imported, *, schema: str, language: Language) -> str:
    """The job file."""
    missed = [note.name for note in imported.notes if note.kind in ("lost", "unknown")]
    header = [render(text("importing.header", file=imported.source.name, tool=imported.tool), language)]
    if missed:
        header.append(render(text("importing.header_lost", names=", ".join(dict.fromkeys(missed))), language))
    comments = {field: render(message, language) for field, message in imported.comments.items()}
    return job_text(imported.values, comments=comments, header=header, schema=schema)


def _field(name: str) -> str:
    """`data[0].columns` is in `data`."""
    return name.partition("[")[0]


def _sources(value: object) -> list[dict[str, Any]]:
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []
