"""`tunedoc export`: a run becomes GGUF files that llama.cpp has answered with."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from doctor.cli.face import Answer
from doctor.cli.parser import VerbParser, add_common
from doctor.cli.render import quoted
from doctor.words.text import text

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable, Iterator

    from doctor.cli.face import Face
    from doctor.exporting import ExportOutcome
    from trainer.contract import Event

DESCRIPTION = text("cli.verb_export")
EXAMPLE = text("export.example")
_PROMPT = "Who are you?"
_SHOWN_ANSWER = 60


def configure(parser: VerbParser) -> None:
    parser.add_argument("source", metavar="RUN|MODEL", help=parser.say(text("export.help_source")))
    default = "f16,Q8_0,Q4_K_M"
    parser.add_argument(
        "--types", default=default, metavar="TYPES", help=parser.say(text("export.help_types", default=default))
    )
    parser.add_argument("--output", metavar="DIR", help=parser.say(text("export.help_output")))
    parser.add_argument("--prompt", default=_PROMPT, help=parser.say(text("export.help_prompt")))
    add_common(parser)


def run(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.environment import require_environment
    from doctor.export_source import find_source
    from doctor.exporting import export, parse_types

    types = parse_types(arguments.types)
    source = find_source(face.home, arguments.source)
    environment = require_environment(face.home)
    with stage_notes(face) as report:
        outcome = export(
            face.host,
            face.home,
            environment,
            run=source.run,
            model=source.model,
            adapter=source.adapter,
            output=Path(arguments.output) if arguments.output else face.home.exports / source.name,
            types=types,
            report=report,
            name=source.name,
            prompt=arguments.prompt,
        )
    show_outcome(face, outcome, arguments.prompt)
    return Answer(
        data={
            "name": outcome.name,
            "output": str(outcome.output),
            "seconds": round(outcome.seconds, 1),
            "files": [asdict(file) | {"path": str(file.path)} for file in outcome.files],
        }
    )


@contextmanager
def stage_notes(face: Face) -> Iterator[Callable[[Event], None]]:
    """Tell the stages and warnings of an export on stderr as they come."""
    from doctor.exporting import stage_words
    from trainer.contract import Staged, Warned

    # Merging and quantising a large model takes minutes: a terminal shows what goes on meanwhile.
    waiting = face.screen.console(stderr=True).status("") if face.screen.is_terminal and not face.json else None

    def tell(event: Event) -> None:
        if isinstance(event, Staged) and event.seconds is None:
            if waiting is not None:
                waiting.update(face.screen.words(stage_words(event.stage)))
                waiting.start()
        elif isinstance(event, Staged):
            if waiting is not None:
                waiting.stop()
            if not event.stage.startswith("place:"):
                face.screen.note(
                    text("export.stage_line", stage=stage_words(event.stage), seconds=f"{event.seconds:.1f}")
                )
        elif isinstance(event, Warned) and event.code == "no_chat_template":
            face.screen.note(text("export.warn_no_chat_template"))
        elif isinstance(event, Warned) and event.code == "fell_back" and face.verbose:
            types = ", ".join(f"{name} ({count})" for name, count in event.detail["types"].items())
            face.screen.note(text("export.warn_fell_back", **(event.detail | {"types": types})))

    try:
        yield tell
    finally:
        if waiting is not None:
            waiting.stop()


def show_outcome(face: Face, outcome: ExportOutcome, prompt: str) -> None:
    """The files as a table, and what to do with them."""
    if face.json:
        return
    from rich.table import Table

    words = face.screen.words
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(words(text("export.column_file")), overflow="fold")
    table.add_column(words(text("export.column_type")), no_wrap=True)
    table.add_column(words(text("export.column_size")), justify="right", no_wrap=True)
    table.add_column(words(text("export.column_speed")), justify="right", no_wrap=True)
    table.add_column(words(text("export.column_answer", prompt=prompt)), overflow="fold")
    for file in outcome.files:
        mark = words(text("export.reused_mark")) if file.reused else f"{file.tokens_per_second:.0f}"
        answer = " ".join(file.answer.split())
        shown = answer if len(answer) <= _SHOWN_ANSWER else answer[:_SHOWN_ANSWER] + "…"
        table.add_row(file.path.name, file.type, f"{file.bytes / 1e6:.1f} MB", mark, shown)
    face.screen.show(table)
    face.screen.show(text("export.where", folder=str(outcome.output)))
    smallest = min(outcome.files, key=lambda file: file.bytes)
    face.screen.note(text("export.next", file=quoted(str(smallest.path))))
