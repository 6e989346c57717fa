"""Files that go with jobs: the schema that editors look at, and job files themselves, written whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from doctor.fields.schema import job_schema
from trainer.file_moves import replace_file

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.paths import Home
    from doctor.words.text import Language


def write_whole(file: Path, words: str) -> None:
    """A text file under its name only when it is complete. Raises OSError."""
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_name(f".{file.name}.part")
    beside.write_text(words, encoding="utf-8", newline="\n")
    replace_file(beside, file)


def schema_text(language: Language) -> str:
    """The JSON Schema of job files, as it is written."""
    return json.dumps(job_schema(language), ensure_ascii=False, indent=2) + "\n"


def write_schema(home: Home, language: Language) -> Path:
    """The schema in tunedoc's folder, to which the job files that tunedoc writes point. Raises OSError."""
    file = home.root.absolute() / "schema" / "job.schema.json"
    words = schema_text(language)
    if not file.is_file() or file.read_text(encoding="utf-8") != words:
        write_whole(file, words)
    return file
