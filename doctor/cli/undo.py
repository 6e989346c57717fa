"""`tunedoc undo`: take back what `tunedoc fix` and `tunedoc install` did, as the journal has it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from doctor.cli.face import Answer
from doctor.cli.parser import VerbParser, add_common
from doctor.words.text import text

if TYPE_CHECKING:
    import argparse

    from doctor.apply.changes import Change
    from doctor.apply.undoing import Undone, Work
    from doctor.cli.face import Face
    from doctor.words.text import Text

DESCRIPTION = text("cli.verb_undo")
EXAMPLE = text("undo.example")


def configure(parser: VerbParser) -> None:
    parser.add_argument("id", nargs="?", metavar="ID", help=parser.say(text("undo.help_id")))
    parser.add_argument("--list", action="store_true", dest="listed", help=parser.say(text("undo.help_list")))
    parser.add_argument("--force", action="store_true", help=parser.say(text("undo.help_force")))
    add_common(parser, yes=True)


def run(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.errors import ExitCode
    from doctor.fixing import past_work, take_back

    if arguments.listed:
        works = past_work(face.host, face.home)
        if not works:
            face.screen.show(text("undo.empty"))
        for work in works:
            _show(work, face)
        return Answer(data={"history": [_record(work) for work in works]})

    def agree(work: Work) -> bool:
        _show(work, face)
        return face.agrees(yes=arguments.yes)

    taken = take_back(face.host, face.home, wanted=arguments.id, force=arguments.force, agree=agree)
    if taken is None:
        face.screen.note(text("cli.declined"))
        return Answer(data={"undone": False})
    work, results = taken
    for result in results:
        face.screen.show(_verdict(result, work))
    left = [result for result in results if result.verdict in {"changed", "impossible"}]
    return Answer(
        data={
            "undone": True,
            "work": work.id,
            "changes": [{"verdict": result.verdict, **_change(result.change)} for result in results],
        },
        exit_code=ExitCode.FINDINGS if left else ExitCode.WELL,
    )


def _show(work: Work, face: Face) -> None:
    from doctor.apply.fixes import words_of_change

    face.screen.show(text("undo.work", id=work.id, at=work.at, state=text(f"undo.state_{work.state}")))
    for change in work.changes:
        face.screen.show(text("fix.line", words=words_of_change(change)))


def _verdict(result: Undone, work: Work) -> Text:
    from doctor.apply.fixes import words_of_change

    return text(f"undo.verdict_{result.verdict}", change=words_of_change(result.change), id=work.id)


def _record(work: Work) -> dict[str, Any]:
    return {
        "id": work.id,
        "kind": work.kind,
        "at": work.at,
        "state": work.state,
        "changes": [_change(change) for change in work.changes],
    }


def _change(change: Change) -> dict[str, Any]:
    from doctor.apply.changes import to_record

    return to_record(change)
