"""`tunedoc plan`: which row of the catalogue fits, why better ones do not, and what an install would do."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doctor.cli.face import Answer
from doctor.cli.install import add_wishes
from doctor.cli.parser import VerbParser, add_common
from doctor.words.text import Text, render, text
from trainer.file_moves import replace_file

if TYPE_CHECKING:
    import argparse

    from doctor.catalogue.changes import Change
    from doctor.cli.face import Face
    from doctor.plan.model import Plan

DESCRIPTION = text("cli.verb_plan")
EXAMPLE = text("plan.example")


def configure(parser: VerbParser) -> None:
    parser.add_argument("--from", dest="machine", metavar="FILE", help=parser.say(text("plan.help_from")))
    parser.add_argument("--lock", metavar="FILE", help=parser.say(text("plan.help_lock")))
    parser.add_argument("--offline", action="store_true", help=parser.say(text("plan.help_offline")))
    add_wishes(parser)
    add_common(parser)


def run(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.apply.sourcing import Means
    from doctor.cli.install import reporter, show_parts, wishes_of
    from doctor.session import propose

    wishes = wishes_of(arguments)
    snapshot = None
    if arguments.machine:
        from doctor.snapshot.codec import from_json

        file = Path(arguments.machine)
        snapshot = from_json(read_input(file), str(file))
    proposal = propose(
        face.host,
        face.home,
        reporter(face),
        snapshot=snapshot,
        resolved=bool(arguments.lock),
        rebuild=bool(arguments.lock),
        wishes=wishes,
        means=Means(offline=arguments.offline),
    )
    plan = proposal.plan
    show_plan(plan, face, all_packages=bool(arguments.lock))
    show_parts(plan, face)
    if arguments.lock and plan.lock is not None:
        write_output(Path(arguments.lock), plan.lock.toml)
        face.screen.note(text("plan.lock_written", file=arguments.lock))
    return Answer(data=plan_record(plan, face))


def read_input(file: Path) -> str:
    """The text of a file that the user named. Raises BadInput."""
    from doctor.errors import BadInput
    from doctor.snapshot.codec import decode

    try:
        return decode(file.read_bytes())
    except UnicodeDecodeError as exc:
        raise BadInput(text("plan.not_text"), file=str(file), hint=text("plan.machine_hint")) from exc
    except OSError as exc:
        raise BadInput(
            text("plan.no_file", detail=exc.strerror or str(exc)), file=str(file), hint=text("plan.machine_hint")
        ) from exc


def write_output(file: Path, words: str) -> None:
    """Write a file that the user named, whole or not at all."""
    partial = file.with_name(f"{file.name}.partial")
    partial.write_text(words, encoding="utf-8", newline="\n")
    replace_file(partial, file)


def show_plan(plan: Plan, face: Face, *, all_packages: bool = False) -> None:
    """The plan in words, on stdout."""
    from doctor.apply.install import words_of
    from doctor.sizing import size_words

    show = face.screen.show
    row = plan.stack
    torch = row.torch
    show(text("plan.chosen_cpu", stack=row.id, torch=torch) if row.device == "cpu" else
         text("plan.chosen_cuda", stack=row.id, torch=torch, cuda=row.cuda))  # fmt: skip
    for why in plan.reasons:
        show(text("plan.why", words=why.words))
    if plan.python.why is None:
        show(text("plan.python_own", version=plan.python.version))
    else:
        show(text("plan.python_other", version=plan.python.version, why=plan.python.why))
    rejected = [r for r in plan.rejected if face.verbose or r.reason.key != "catalogue.other_system"]
    if rejected and row.device == "cpu" and not face.verbose:
        # Without a GPU every CUDA row has the same reason: one line says it.
        reasons = list(dict.fromkeys(render(r.reason, face.language) for r in rejected))
        for reason in reasons[:2]:
            show(text("plan.no_gpu_row", reason=reason))
    elif rejected:
        show(text("plan.rejected"))
        for rejection in rejected:
            show(text("plan.rejection", stack=rejection.stack_id, reason=rejection.reason))
    _show_changes(plan, face)
    if plan.reused:
        show(text("plan.reused", environment=plan.environment))
        return
    if plan.lock is not None and (all_packages or face.verbose):
        show(text("plan.packages", count=len(plan.lock.packages)))
        for package in plan.lock.packages:
            size = size_words(package.bytes) if package.bytes is not None else text("plan.size_unknown")
            show(text("plan.package", name=f"{package.name:<22}", version=f"{package.version:<16}", size=size))
            if face.verbose:
                show(text("plan.hash", sha256=package.sha256))
    show(text("plan.steps"))
    for place, step in enumerate(plan.steps, 1):
        show(text("plan.step", number=place, step=words_of(step)[1]))
    if plan.lock is not None:
        show(text("plan.download", size=size_words(plan.download_bytes), disk=size_words(plan.disk_bytes)))
        if plan.unknown_sizes:
            show(text("plan.unknown_sizes", count=plan.unknown_sizes))


def _show_changes(plan: Plan, face: Face) -> None:
    show = face.screen.show
    here = [change for change in plan.changes if change.stack == plan.stack.id]
    for change in here:
        show(text("plan.disk_change", words=change.words))
    better = [change for change in plan.changes if change not in here]
    if better:
        show(text("plan.changes"))
        for change in better:
            show(text("plan.change", words=change.words, stack=change.stack))


def plan_record(plan: Plan, face: Face) -> dict[str, Any]:
    """The plan as the envelope carries it."""
    from doctor.apply.install import words_of
    from doctor.uv.options import without_credentials

    def say(message: Text | None) -> str | None:
        return None if message is None else render(message, face.language)

    return {
        "stack": plan.stack.id,
        "device": plan.stack.device,
        "torch": plan.stack.torch,
        "cuda": plan.stack.cuda or None,
        "requirements": [pin.requirement for pin in plan.stack.pins],
        "rejected": [
            {"stack": r.stack_id, "code": r.reason.key, "reason": render(r.reason, face.language)}
            for r in plan.rejected
        ],
        "reasons": [{"what": r.subject, "reason": render(r.words, face.language)} for r in plan.reasons],
        "changes": [_change_record(change, face) for change in plan.changes],
        "parts": [
            {
                "name": part.name,
                "requirement": part.requirement or None,
                "url": part.url or None,
                "sha256": part.sha256 or None,
                "index": part.index or None,
                "reason": say(part.reason),
            }
            for part in plan.parts
        ],
        "python": {"version": plan.python.version, "path": plan.python.path, "why": say(plan.python.why)},
        "environment": plan.environment,
        "reused": plan.reused,
        "steps": [{"step": words_of(step)[0], **dataclasses.asdict(step)} for step in plan.steps],
        "packages": None
        if plan.lock is None
        else [
            {
                "name": package.name,
                "version": package.version,
                "file": package.file,
                "url": without_credentials(package.url),
                "sha256": package.sha256,
                "bytes": package.bytes,
            }
            for package in plan.lock.packages
        ],
        "download_bytes": plan.download_bytes,
        "unknown_sizes": plan.unknown_sizes,
        "disk_bytes": plan.disk_bytes,
    }


def _change_record(change: Change, face: Face) -> dict[str, Any]:
    return {
        "kind": change.kind,
        "value": change.value or None,
        "words": render(change.words, face.language),
        "stack": change.stack,
        "together": [_change_record(part, face) for part in change.together],
    }
