"""`tunedoc import FILE`: another trainer's settings become a job, and what has no equivalent is listed."""  # noqa: N999

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from doctor.cli.face import Answer
from doctor.cli.parser import VerbParser, add_common
from doctor.cli.render import quoted
from doctor.errors import BadInput, ExitCode
from doctor.words.text import text

if TYPE_CHECKING:
    import argparse

    from doctor.cli.face import Face
    from doctor.importing.model import Imported, Note

DESCRIPTION = text("cli.verb_import")
EXAMPLE = text("importing.example")


def configure(parser: VerbParser) -> None:
    from doctor.importing.model import FORMS

    parser.add_argument("file", metavar="FILE", help=parser.say(text("importing.help_file")))
    parser.add_argument("-o", "--output", metavar="JOB.yaml", help=parser.say(text("importing.help_output")))
    parser.add_argument(
        "--from", dest="form", choices=FORMS, default="auto", help=parser.say(text("importing.help_from"))
    )
    parser.add_argument("--dataset-info", metavar="FILE", help=parser.say(text("importing.help_dataset_info")))
    parser.add_argument("--force", action="store_true", help=parser.say(text("importing.help_force")))
    add_common(parser)


def run(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.fields.files import write_schema, write_whole
    from doctor.importing.job import completed, text_of
    from doctor.importing.recognise import import_file

    source = Path(arguments.file)
    target = Path(arguments.output) if arguments.output else source.with_name(f"{source.stem}.tunedoc.yaml")
    if target.exists() and not arguments.force:
        raise BadInput(text("importing.exists", file=str(target)), hint=text("importing.exists_hint"))
    info = Path(arguments.dataset_info) if arguments.dataset_info else None
    imported = completed(import_file(source, folder=target.absolute().parent, form=arguments.form, dataset_info=info))
    schema = write_schema(face.home, face.language)
    write_whole(target, text_of(imported, schema=schema.as_uri(), language=face.language))
    _show(imported, target, face)
    missed = any(note.kind in ("lost", "unknown") for note in imported.notes)
    return Answer(data=_data(imported, target, face), exit_code=ExitCode.FINDINGS if missed else ExitCode.WELL)


def _data(imported: Imported, target: Path, face: Face) -> dict[str, Any]:
    return {
        "tool": imported.tool,
        "source": str(imported.source),
        "job_file": str(target),
        "job": imported.values,
        "notes": [
            {
                "kind": note.kind,
                "name": note.name,
                "value": note.value,
                "file": str(note.file),
                "line": note.line,
                "field": note.field,
                "message": face.screen.words(note.message) if note.message is not None else None,
            }
            for note in imported.notes
        ],
    }


def _show(imported: Imported, target: Path, face: Face) -> None:
    def those(kind: str) -> list[Note]:
        return [note for note in imported.notes if note.kind == kind]

    show = face.screen.show
    show(text("importing.written", tool=imported.tool, file=str(target), same=len(those("same"))))
    heads = (
        ("changed", text("importing.head_changed", count=len(those("changed")))),
        ("default", text("importing.head_default", tool=imported.tool, count=len(those("default")))),
        ("lost", text("importing.head_lost", count=len(those("lost")))),
        ("unknown", text("importing.head_unknown", count=len(those("unknown")))),
        ("idle", text("importing.head_idle", count=len(those("idle")))),
    )
    for kind, head in heads:
        notes = those(kind)
        if not notes:
            continue
        if kind == "idle" and not face.verbose:
            show(text("importing.idle_count", count=len(notes)))
            continue
        show(head)
        for note in notes:
            _entry(note, face)
    show(text("importing.next", file=quoted(str(target))))


def _entry(note: Note, face: Face) -> None:
    words = face.screen.words
    # `dataset: one` says its value already.
    said = not note.value or note.name.endswith(note.value)
    line = "  " + (note.name if said else words(text("importing.entry", name=note.name, value=note.value)))
    if note.line is not None:
        line += f"  ({words(text('importing.at_line', line=note.line))})"
    if note.field is not None and note.kind != "default":
        line += f"  → {note.field}"
    face.screen.show(line)
    if note.message is not None and note.kind != "default":
        face.screen.show("      " + words(note.message))
