"""`tunedoc explain`: name the cause in a log, a traceback, a listing or a mix of them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from doctor.cli.face import Answer
from doctor.cli.parser import VerbParser, add_common
from doctor.words.text import render, text

if TYPE_CHECKING:
    import argparse
    from typing import BinaryIO

    from doctor.cli.face import Face
    from doctor.explaining import Explanation
    from doctor.knowledge.model import Entry

DESCRIPTION = text("cli.verb_explain")
EXAMPLE = text("explain.example")

_HALF = 4 * 1024 * 1024


def configure(parser: VerbParser) -> None:
    parser.add_argument("file", nargs="?", default="-", metavar="FILE", help=parser.say(text("explain.help_file")))
    parser.add_argument("--here", action="store_true", help=parser.say(text("explain.help_here")))
    parser.add_argument(
        "--knowledge", action="append", default=[], metavar="FILE", help=parser.say(text("explain.help_knowledge"))
    )
    add_common(parser)


def run(arguments: argparse.Namespace, face: Face) -> Answer:
    from pathlib import Path

    from doctor.catalogue.load import catalogue_file, load_catalogue
    from doctor.cli.findings import finding_record
    from doctor.cli.marked import show_marked
    from doctor.errors import ExitCode
    from doctor.explaining import explain
    from doctor.knowledge.load import load_knowledge
    from doctor.probe.identity import identify

    entries = (*_own_entries(arguments.knowledge), *load_knowledge(trusted=True))
    raw, whole = _read(arguments.file, face)
    here = None
    if arguments.here:
        from doctor.probe.machine import examine_machine

        here = examine_machine(face.host, face.home)
    catalogue = load_catalogue(catalogue_file(face.host.environ))
    found = explain(raw, catalogue, entries, here=here, identity=identify(face.host, Path.home()), whole=whole)
    if not face.json:
        show_marked(face, explanation_lines(found, face))
    return Answer(
        data={
            "verdict": found.verdict,
            "findings": [finding_record(finding, face.language) for finding in found.findings],
            "facts": {name: list(values) for name, values in sorted(found.facts.items())},
            "encoding": found.document.encoding,
            "whole": found.document.whole,
        },
        exit_code=ExitCode.FINDINGS if found.verdict == "cause" else ExitCode.WELL,
    )


def _own_entries(files: list[str]) -> tuple[Entry, ...]:
    """Entries that the user adds, wholly checked, their examples tried. Raises BadInput."""
    from pathlib import Path

    from doctor.errors import BadInput
    from doctor.explaining import wrong_examples
    from doctor.knowledge.load import load_file

    found: list[Entry] = []
    for file in files:
        entries = load_file(Path(file))
        for entry, number in wrong_examples(entries):
            key = "explain.example_silent" if entry.examples[number].fires else "explain.example_fires"
            place = f"{entry.id}.examples[{number}]"
            raise BadInput(
                text(key, file=file, place=place), hint=text("knowledge.refused_hint"), file=file, field=place
            )
        found += entries
    return tuple(found)


def _read(source: str, face: Face) -> tuple[bytes, bool]:
    """The bytes, and whether these are all. Of a long text the beginning and the end. Raises BadInput."""
    from pathlib import Path

    from doctor.errors import BadInput
    from doctor.host.terminals import is_terminal

    try:
        if source == "-":
            if sys.stdin is None:
                return b"", True
            if is_terminal(sys.stdin):
                keys = "Ctrl-Z, Enter" if face.host.system == "windows" else "Ctrl-D"
                face.screen.note(text("explain.paste", keys=keys))
            return ends_of(sys.stdin.buffer)
        with Path(source).open("rb") as stream:
            return ends_of(stream)
    except (OSError, ValueError) as exc:
        detail = getattr(exc, "strerror", None) or str(exc)
        raise BadInput(
            text("explain.unreadable", file=source, detail=detail), hint=text("explain.unreadable_hint"), file=source
        ) from exc


def ends_of(stream: BinaryIO) -> tuple[bytes, bool]:
    """The bytes, and whether these are all: of a long text the beginning and the end."""
    head = stream.read(_HALF)
    if len(head) < _HALF:
        return head, True
    if stream.seekable():
        size = stream.seek(0, 2)
        stream.seek(max(_HALF, size - _HALF))
        whole = size <= 2 * _HALF
        return head + (b"" if whole else b"\n") + stream.read(_HALF), whole
    tail = b""
    whole = True
    while chunk := stream.read(_HALF):
        # Whatever its size, no more than two halves are held.
        tail, whole = (tail + chunk)[-_HALF:], whole and len(tail) + len(chunk) <= _HALF
    return head + (b"" if whole else b"\n") + tail, whole


def explanation_lines(found: Explanation, face: Face) -> list[str]:
    """What was found, in the words of the command."""
    from doctor.checks.base import Status
    from doctor.cli.findings import MARKS, advice
    from doctor.explaining import facts_read

    def say(message: object) -> str:
        return render(message, face.language)  # type: ignore[arg-type]

    lines = [say(text("explain.facts"))]
    facts = facts_read(found.snapshot, found.facts)
    lines += [f"  {say(fact)}" for fact in facts or (text("explain.no_facts"),)]
    if not found.document.whole:
        lines.append(f"  {say(text('explain.shortened'))}")
    head = text("explain.likely")
    for finding in found.findings:
        if found.verdict == "cause" and finding.status is Status.NOTE and not face.verbose:
            continue  # what merely follows, or is only worth knowing, would bury the cause
        lines.append("")
        kind = head if finding.status.needs_attention else text("explain.note")
        label = f"{say(kind)}: " if finding.status in {Status.NOTE, Status.WARNING, Status.FAILURE} else ""
        lines.append(f"{MARKS[finding.status]} {label}{say(finding.summary)}")
        if finding.status.needs_attention:
            head = text("explain.also")
        if finding.cause is not None and finding.status is not Status.NOTE:
            lines.append(f"  {say(finding.cause)}")
        if finding.status.needs_attention or face.verbose:
            lines += [f"    {say(fact)}" for fact in finding.evidence[:3]]
        if finding.status is not Status.NOTE or face.verbose:
            lines += [f"  {say(text('explain.fix', what=advice(fix)))}" for fix in finding.fixes]
    return lines
