"""`tunedoc env`: list, use, remove, repair and export training environments."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from doctor.cli.face import Answer
from doctor.cli.parser import VerbParser, add_common
from doctor.words.text import text

if TYPE_CHECKING:
    import argparse

    from doctor.apply.environment_list import Listed
    from doctor.apply.repairing import Damage, Examined
    from doctor.cli.face import Face
    from doctor.words.text import Text

DESCRIPTION = text("cli.verb_env")
EXAMPLE = text("env.example")
_ACTIONS = ("list", "use", "remove", "repair", "export")
_SHOWN_FILES = 5


def configure(parser: VerbParser) -> None:
    # Or argparse takes no name that comes after an option: `--json NAME`.
    parser.parse_args = parser.parse_intermixed_args  # type: ignore[method-assign]
    parser.add_argument("action", choices=_ACTIONS, help=parser.say(text("env.help_action")))
    parser.add_argument("names", nargs="*", metavar="NAME", help=parser.say(text("env.help_names")))
    parser.add_argument("--force", action="store_true", help=parser.say(text("env.help_force")))
    parser.add_argument("--delete", action="store_true", help=parser.say(text("env.help_delete")))
    parser.add_argument("--plan", action="store_true", help=parser.say(text("env.help_plan")))
    parser.add_argument("--to", metavar="FOLDER", help=parser.say(text("env.help_to")))
    parser.add_argument(
        "--format", choices=("pylock", "requirements"), default="pylock", help=parser.say(text("env.help_format"))
    )
    add_common(parser, yes=True)


def run(arguments: argparse.Namespace, face: Face) -> Answer:
    _require_names(arguments.action, arguments.names)
    match arguments.action:
        case "list":
            return _list(face)
        case "use":
            return _use(arguments.names[0], face)
        case "remove":
            return _remove(arguments, face)
        case "repair":
            return _repair(arguments, face)
        case _:
            return _export(arguments, face)


def _require_names(action: str, names: list[str]) -> None:
    from doctor.errors import UsageError

    hint = text("env.list_hint")
    if action == "list" and names:
        raise UsageError(text("env.no_names"))
    if action in {"use", "remove"} and not names:
        raise UsageError(text("env.name_needed", action=action), hint=hint)
    if action not in {"list", "remove"} and len(names) > 1:
        raise UsageError(text("env.one_name", action=action), hint=hint)


def _list(face: Face) -> Answer:
    from doctor.apply.environment_list import list_environments

    listing = list_environments(face.home)
    if not listing.environments:
        face.screen.show(text("env.none"))
        face.screen.note(text("env.install_hint"))
    else:
        face.screen.show(_table(listing.environments, face))
        face.screen.show(text("env.total", size=_size(listing.bytes)))
    rows = [
        {
            "name": one.name,
            "in_use": one.in_use,
            "state": one.state,
            "stack": one.stack,
            "device": one.device,
            "torch": one.torch,
            "python": one.python,
            "proved": list(one.proved),
            "bytes": one.bytes,
            "frees_bytes": one.frees,
            "folder": str(one.folder),
        }
        for one in listing.environments
    ]
    return Answer(data={"environments": rows, "bytes": listing.bytes})


def _table(environments: tuple[Listed, ...], face: Face) -> Any:
    from rich.table import Table

    words = face.screen.words
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(words(text("env.not_in_use", name=words(text("env.column_name")))), overflow="fold")
    table.add_column(words(text("env.column_state")), no_wrap=True)
    table.add_column(words(text("env.column_torch")), no_wrap=True)
    table.add_column(words(text("env.column_python")), no_wrap=True)
    table.add_column(words(text("env.column_size")), justify="right", no_wrap=True)
    frees = any(one.frees is not None for one in environments)
    if frees:
        table.add_column(words(text("env.column_frees")), justify="right", no_wrap=True)
    if any(one.stack and not one.name.startswith(f"{one.stack}-") for one in environments):
        table.add_column(words(text("env.column_stack")), overflow="fold")
    for one in environments:
        name = text("env.in_use", name=one.name) if one.in_use else text("env.not_in_use", name=one.name)
        row = [words(name), words(text(f"env.state_{one.state}")), one.torch, one.python, _size(one.bytes)]
        row += [_size(one.frees) if one.frees is not None else ""] if frees else []
        table.add_row(*row, *([one.stack] if len(row) < len(table.columns) else []))
    return table


def _use(name: str, face: Face) -> Answer:
    from doctor.apply.environment_changes import use_environment

    used = use_environment(face.host, face.home, name)
    python = str(used.environment.python)
    if not used.work:
        face.screen.show(text("env.using_already", name=name, python=python))
    else:
        face.screen.show(text("env.using", name=name, python=python))
        if used.previous is not None:
            face.screen.note(text("env.undo_note"))
    return Answer(data={"name": name, "previous": used.previous, "changed": bool(used.work), "work": used.work})


def _remove(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.apply.environment_changes import folders_to_remove, remove_environments
    from doctor.apply.environment_list import list_environments

    folders = folders_to_remove(face.home, arguments.names, force=arguments.force)
    frees = {one.name: one.frees for one in list_environments(face.home).environments}
    for folder in folders:
        size = frees.get(folder.name)
        if size is None:
            face.screen.show(text("env.remove_line", name=folder.name))
        else:
            face.screen.show(text("env.remove_line_frees", name=folder.name, size=_size(size)))
    if not face.agrees(yes=arguments.yes):
        face.screen.note(text("cli.declined"))
        return Answer(data={"removed": []})
    names = [folder.name for folder in folders]
    removed = remove_environments(face.host, face.home, names, force=arguments.force, delete=arguments.delete)
    for name in removed.names:
        face.screen.show(text("env.deleted", name=name) if arguments.delete else text("env.removed", name=name))
    for folder_left in removed.left:
        face.screen.note(text("env.left", folder=folder_left))
    if not arguments.delete:
        face.screen.note(text("env.removed_note"))
    return Answer(data={"removed": list(removed.names), "work": removed.work, "left": list(removed.left)})


def _repair(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.apply.repairing import repair_environment
    from doctor.cli.install import reporter
    from doctor.errors import ExitCode

    name = arguments.names[0] if arguments.names else None
    repaired = repair_environment(face.host, face.home, name, report=reporter(face), only_tell=arguments.plan)
    before = repaired.before
    seconds = f"{repaired.seconds:.1f}"
    for line in _damage_lines(before):
        face.screen.show(line)
    if before.added_files or before.added_packages:
        own = [*before.added_packages, *before.added_files]
        face.screen.show(text("env.added", what=_some(own)))
    if before.added_damaged:
        face.screen.show(text("env.added_damaged", what=_some(list(before.added_damaged))))
    if repaired.after is not None:
        proofs = ", ".join(repaired.proofs) or "-"
        face.screen.show(text("env.repaired", name=before.name, proofs=proofs, seconds=seconds))
    elif before.is_whole:
        face.screen.show(
            text("env.whole", name=before.name, files=before.files, size=_size(before.bytes), seconds=seconds)
        )
    else:
        face.screen.note(text("env.to_repair", name=before.name))
    return Answer(
        data={
            "name": before.name,
            "whole": repaired.after is not None or before.is_whole,
            "damaged": [_damage_record(damage) for damage in before.damages],
            "converter_damaged": not before.converter_is_whole,
            "interpreter_damaged": not before.starts,
            "added_files": list(before.added_files),
            "added_packages": list(before.added_packages),
            "added_damaged": list(before.added_damaged),
            "repaired": repaired.after is not None,
            "proofs": list(repaired.proofs),
            "files": before.files,
            "bytes": before.bytes,
            "seconds": round(repaired.seconds, 3),
        },
        exit_code=ExitCode.FINDINGS if arguments.plan and not before.is_whole else ExitCode.WELL,
    )


def _damage_lines(examined: Examined) -> list[Text]:
    lines: list[Text] = []
    for damage in examined.damages:
        lines.append(_damage_words(damage))
        files = [*damage.altered, *damage.missing] if damage.reason in {"files", "list"} else []
        lines += [text("env.damage_file", path=path) for path in files[:_SHOWN_FILES]]
        if len(files) > _SHOWN_FILES:
            lines.append(text("env.damage_more", count=len(files) - _SHOWN_FILES))
    if not examined.converter_is_whole:
        lines.append(text("env.damage_converter"))
    if not examined.starts:
        lines.append(text("env.damage_interpreter"))
    return lines


def _damage_words(damage: Damage) -> Text:
    match damage.reason:
        case "files":
            return text(
                "env.damage_files", package=damage.package, version=damage.version, altered=len(damage.altered),
                missing=len(damage.missing),
            )  # fmt: skip
        case "list":
            return text("env.damage_list", package=damage.package, version=damage.version)
        case "gone":
            return text("env.damage_gone", package=damage.package, version=damage.version)
        case "version":
            return text("env.damage_version", package=damage.package, version=damage.version, found=damage.found)


def _damage_record(damage: Damage) -> dict[str, Any]:
    return {
        "package": damage.package,
        "version": damage.version,
        "reason": damage.reason,
        "found": damage.found or None,
        "missing": list(damage.missing),
        "altered": list(damage.altered),
    }


def _export(arguments: argparse.Namespace, face: Face) -> Answer:
    from pathlib import Path

    from doctor.apply.exporting_environment import export_environment, write_export

    name = arguments.names[0] if arguments.names else None
    exported = export_environment(face.host, face.home, name, face.language)
    if exported.local:
        face.screen.note(text("env.export_local", what=_some(list(exported.local))))
    files: tuple[Path, ...] = ()
    if arguments.to is not None:
        files = write_export(exported, Path(arguments.to))
        face.screen.show(text("env.exported", files=", ".join(str(file) for file in files)))
    else:
        face.screen.piece(exported.requirements if arguments.format == "requirements" else exported.pylock)
    return Answer(
        data={
            "name": exported.name,
            "pylock": exported.pylock,
            "requirements": exported.requirements,
            "local": list(exported.local),
            "files": [str(file) for file in files],
        }
    )


def _some(names: list[str]) -> Text | str:
    shown = ", ".join(names[:_SHOWN_FILES])
    if len(names) <= _SHOWN_FILES:
        return shown
    return text("env.and_more", what=shown, count=len(names) - _SHOWN_FILES)


def _size(count: int) -> str:
    from doctor.sizing import size_words

    return size_words(count)
