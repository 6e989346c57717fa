"""`tunedoc uninstall`: take back what was set for the user and remove tunedoc's folder, keeping models and runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from doctor.cli.face import Answer
from doctor.cli.parser import VerbParser, add_common
from doctor.words.text import text

if TYPE_CHECKING:
    import argparse

    from doctor.cli.face import Face
    from doctor.removing import Entry, Removal

DESCRIPTION = text("cli.verb_uninstall")
EXAMPLE = text("uninstall.example")


def configure(parser: VerbParser) -> None:
    parser.add_argument("--everything", action="store_true", help=parser.say(text("uninstall.help_everything")))
    parser.add_argument("--plan", action="store_true", help=parser.say(text("uninstall.help_plan")))
    add_common(parser, yes=True)


def run(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.apply.changes import to_record
    from doctor.apply.fixes import words_of_change
    from doctor.errors import ExitCode
    from doctor.removing import plan_removal, remove
    from doctor.sizing import size_words

    removal = plan_removal(face.host, face.home, everything=arguments.everything)
    data = _record(removal)
    _show(removal, face)
    if arguments.plan or not (removal.remove or removal.undo):
        return Answer(data={**data, "removed": False})
    if not face.agrees(yes=arguments.yes):
        face.screen.note(text("cli.declined"))
        return Answer(data={**data, "removed": False})
    removed = remove(face.host, face.home, removal)
    for result in removed.undone:
        key = "undone" if result.verdict in {"undone", "already"} else "not_undone"
        face.screen.show(text(f"uninstall.{key}", change=words_of_change(result.change)))
    face.screen.show(text("uninstall.removed", size=size_words(removal.bytes)))
    for path in removed.left:
        face.screen.show(text("uninstall.left", path=str(path)))
    if any(entry.kind == "yours" for entry in removal.keep):
        face.screen.show(text("uninstall.kept", folder=str(removal.folder)))
    face.screen.note(text("uninstall.uv_cache"))
    undone = [{"verdict": one.verdict, **to_record(one.change)} for one in removed.undone]
    return Answer(
        data={**data, "removed": True, "undone": undone, "left": [str(path) for path in removed.left]},
        exit_code=ExitCode.FINDINGS if removed.left else ExitCode.WELL,
    )


def _show(removal: Removal, face: Face) -> None:
    from doctor.apply.fixes import words_of_change
    from doctor.sizing import size_words

    screen, folder = face.screen, str(removal.folder)
    if not (removal.remove or removal.undo or removal.keep):
        screen.show(text("uninstall.nothing", folder=folder))
    if removal.undo:
        screen.show(text("uninstall.will_undo"))
        for work in removal.undo:
            for change in work.changes:
                screen.show(text("fix.line", words=words_of_change(change)))
    if removal.remove:
        screen.show(text("uninstall.will_remove", folder=folder, size=size_words(removal.bytes)))
        for entry in removal.remove:
            screen.show(text("uninstall.line", name=entry.path.name, size=size_words(entry.bytes)))
    if removal.keep:
        kept = size_words(sum(entry.bytes for entry in removal.keep))
        screen.show(text("uninstall.will_keep", folder=folder, size=kept))
        for entry in removal.keep:
            key = "line" if entry.kind == "yours" else "line_unknown"
            screen.show(text(f"uninstall.{key}", name=entry.path.name, size=size_words(entry.bytes)))


def _record(removal: Removal) -> dict[str, Any]:
    def rows(entries: tuple[Entry, ...]) -> list[dict[str, Any]]:
        return [{"folder": str(one.path), "kind": one.kind, "bytes": one.bytes} for one in entries]

    return {
        "folder": str(removal.folder),
        "undo": [work.id for work in removal.undo],
        "remove": rows(removal.remove),
        "kept": rows(removal.keep),
        "bytes": removal.bytes,
    }
