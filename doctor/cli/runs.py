"""`tunedoc runs`: list, show, compare, replay and prune training runs; ask something of one that goes on."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from doctor.cli.face import Answer
from doctor.cli.parser import VerbParser, add_common
from doctor.cli.render import quoted
from doctor.errors import ExitCode, UsageError
from doctor.words.text import text

if TYPE_CHECKING:
    import argparse

    from doctor.cli.face import Face
    from doctor.runs.inputs import Change
    from doctor.runs.replaying import Replay
    from doctor.training import TrainingOutcome

DESCRIPTION = text("cli.verb_runs")
EXAMPLE = text("runs.example")
_WISHES = ("pause", "continue", "save", "stop")
_ACTIONS = ("list", "show", "compare", "replay", "prune", *_WISHES)
_ONE = frozenset({"show", "replay", *_WISHES})


def configure(parser: VerbParser) -> None:
    # Or argparse takes no name that comes after an option: `--json NAME`.
    parser.parse_args = parser.parse_intermixed_args  # type: ignore[method-assign]
    parser.add_argument("action", choices=_ACTIONS, help=parser.say(text("runs.help_action")))
    parser.add_argument("names", nargs="*", metavar="RUN", help=parser.say(text("runs.help_names")))
    parser.add_argument("--plot", metavar="FILE", help=parser.say(text("runs.help_plot")))
    parser.add_argument("--output", metavar="FOLDER", help=parser.say(text("runs.help_output")))
    parser.add_argument("--anyway", action="store_true", help=parser.say(text("runs.help_anyway")))
    parser.add_argument("--keep", type=int, default=1, metavar="N", help=parser.say(text("runs.help_keep")))
    parser.add_argument("--plan", action="store_true", help=parser.say(text("runs.help_plan")))
    parser.add_argument("--delete", action="store_true", help=parser.say(text("runs.help_delete")))
    add_common(parser, yes=True)


def run(arguments: argparse.Namespace, face: Face) -> Answer:
    _require_fitting(arguments)
    match arguments.action:
        case "list":
            return _list(face)
        case "show":
            return _show(arguments, face)
        case "compare":
            return _compare(arguments, face)
        case "replay":
            return _replay(arguments, face)
        case "prune":
            return _prune(arguments, face)
        case _:
            return _ask(arguments, face)


def _require_fitting(arguments: argparse.Namespace) -> None:
    action, count = arguments.action, len(arguments.names)
    hint = text("runs.list_hint")
    if action == "list" and count:
        raise UsageError(text("runs.no_names"), hint=text("runs.no_names_hint"))
    if action in _ONE and count != 1:
        raise UsageError(text("runs.one_name", action=action), hint=hint)
    if action == "compare" and len(set(arguments.names)) < 2:
        raise UsageError(text("runs.two_names"), hint=hint)
    if arguments.keep < 1:
        raise UsageError(text("runs.bad_keep"))
    for option, given, actions in (
        ("--plot", arguments.plot is not None, {"show", "compare"}),
        ("--output", arguments.output is not None, {"replay"}),
        ("--anyway", arguments.anyway, {"replay"}),
        ("--keep", arguments.keep != 1, {"prune"}),
        ("--plan", arguments.plan, {"prune"}),
        ("--delete", arguments.delete, {"prune"}),
    ):
        if given and action not in actions:
            raise UsageError(text("runs.option_of", option=option, actions=" / ".join(sorted(actions))))


def _ask(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.errors import BadInput
    from doctor.holding import is_held
    from doctor.runs.reading import find_run
    from doctor.wishes import wish

    run, what = find_run(face.home, arguments.names[0]), arguments.action
    # The doctor of the run hears wishes; a trainer whose doctor has gone is stopping already.
    if not is_held(run.folder / "doctor.lock"):
        raise BadInput(text("runs.not_going_on", name=run.name), hint=text("runs.go_on_hint"), file=str(run.folder))
    wish(run.folder, what)
    face.screen.show(text(f"runs.asked_{what}", name=run.name))
    return Answer(data={"run": str(run.folder), "asked": what})


def _list(face: Face) -> Answer:
    from doctor.cli.runs_view import run_record, runs_table
    from doctor.runs.reading import folder_bytes, read_runs

    runs = [(run, folder_bytes(run.folder)) for run in read_runs(face.home)]
    if runs:
        face.screen.show(runs_table(runs, face.screen))
        names = [run.name for run, _ in runs if run.state != "damaged"] or [runs[0][0].name]
        face.screen.note(text("runs.show_hint", name=quoted(names[0])))
    else:
        face.screen.show(text("runs.none", folder=str(face.home.runs)))
    return Answer(data={"folder": str(face.home.runs), "runs": [run_record(run, size) for run, size in runs]})


def _show(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.cli.runs_view import show_run, shown_record
    from doctor.runs.plots import plot
    from doctor.runs.reading import find_run

    run = find_run(face.home, arguments.names[0])
    data = shown_record(run)
    show_run(run, data, face)
    if arguments.plot is not None:
        plot([run], Path(arguments.plot), face.language)
        face.screen.note(text("runs.plotted", file=arguments.plot))
        data["plot"] = arguments.plot
    return Answer(data=data)


def _compare(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.cli.runs_view import comparison_record, show_comparison
    from doctor.runs.comparing import compare
    from doctor.runs.plots import plot
    from doctor.runs.reading import find_run

    runs = [find_run(face.home, name) for name in dict.fromkeys(arguments.names)]
    comparison = compare(runs)
    show_comparison(comparison, face.screen)
    data = comparison_record(comparison)
    if arguments.plot is not None:
        plot(runs, Path(arguments.plot), face.language)
        face.screen.note(text("runs.plotted", file=arguments.plot))
        data["plot"] = arguments.plot
    return Answer(data=data)


def _replay(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.cli.training_view import TrainingView
    from doctor.environment import require_environment
    from doctor.errors import BadInput
    from doctor.runs.reading import find_run
    from doctor.runs.replaying import prepare_replay, write_job
    from doctor.training import train

    original = find_run(face.home, arguments.names[0])
    output = Path(arguments.output).expanduser().absolute() if arguments.output is not None else None
    replay = prepare_replay(face.home, original, output)
    for change in replay.changes:
        face.screen.note(_changed(change))
    if replay.changes and not arguments.anyway:
        raise BadInput(
            text("runs.changed", name=original.name, count=len(replay.changes)),
            hint=text("runs.changed_hint", name=quoted(arguments.names[0])),
            file=replay.changes[0].path,
        )
    if not replay.known:
        face.screen.note(text("runs.not_known"))
    environment = require_environment(face.home)
    target = Path(replay.job.output)
    face.screen.note(text("runs.replaying", name=original.name, folder=str(target)))
    # Beside the run, so that it can be gone on with as any other.
    source = face.home.scratch / f"{target.name}.yaml"
    write_job(replay.job, source)
    try:
        with TrainingView(face.screen) as view:
            outcome = train(
                face.host, face.home, environment, replay.job, report=view.report, source=source
            )  # fmt: skip
    finally:
        source.unlink(missing_ok=True)
    return _replayed(outcome, replay, original.folder, face)


def _replayed(outcome: TrainingOutcome, replay: Replay, original: Path, face: Face) -> Answer:
    from doctor.cli.runs_view import comparison_record
    from doctor.runs.comparing import compare
    from doctor.runs.reading import read_run

    data: dict[str, Any] = {
        "run": str(outcome.run),
        "stopped": outcome.stopped,
        "changes": [{"what": each.what, "kind": each.kind, "path": each.path} for each in replay.changes],
        "known": replay.known,
    }
    if outcome.stopped:
        command = f"tunedoc train {quoted(str(outcome.run / 'job.yaml'))} --resume"
        face.screen.note(text("train.stopped", step=outcome.step, run=str(outcome.run)))
        face.screen.note(text("cli.hint", message=text("train.resume_hint", command=command)))
        return Answer(data={**data, "resume": command}, exit_code=ExitCode.INTERRUPTED)
    runs = [each for folder in (original, outcome.run) if (each := read_run(folder)) is not None]
    comparison = compare(runs)
    same = "same" if comparison.same_losses else "other"
    face.screen.show(text(f"runs.replayed_{same}", run=str(outcome.run)))
    face.screen.show(text("runs.compare_hint", first=quoted(str(original)), second=quoted(str(outcome.run))))
    return Answer(data={**data, "comparison": comparison_record(comparison)})


def _changed(change: Change) -> Any:
    return text(f"runs.change_{change.kind}", what=text(f"runs.what_{change.what}"), path=change.path)


def _prune(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.runs.pruning import pieces_to_prune, prune
    from doctor.runs.reading import find_run, read_runs
    from doctor.sizing import size_words

    named = [find_run(face.home, name) for name in dict.fromkeys(arguments.names)]
    runs = named or list(read_runs(face.home))
    for each in runs:
        if each.state in {"running", "damaged"}:
            face.screen.note(text(f"runs.left_{each.state}", name=each.name))
    pieces = pieces_to_prune(runs, keep=arguments.keep)
    total = sum(piece.bytes for piece in pieces)
    data: dict[str, Any] = {
        "pieces": [
            {"run": str(piece.run), "path": str(piece.path), "reason": piece.reason, "bytes": piece.bytes}
            for piece in pieces
        ],
        "bytes": total,
    }
    for piece in pieces:
        face.screen.show(
            text(
                "runs.piece", run=piece.run.name, inside=piece.inside, size=size_words(piece.bytes),
                reason=text(f"runs.reason_{piece.reason}"),
            )
        )  # fmt: skip
    if not pieces:
        face.screen.show(text("runs.nothing_to_prune"))
        return Answer(data={**data, "pruned": []})
    face.screen.show(text("runs.piece_total", count=len(pieces), size=size_words(total)))
    if arguments.plan:
        return Answer(data={**data, "pruned": []})
    if not face.agrees(yes=arguments.yes):
        face.screen.note(text("cli.declined"))
        return Answer(data={**data, "pruned": []})
    done = prune(face.home, pieces, keep=arguments.keep, delete=arguments.delete)
    for piece in done.left:
        face.screen.note(text("runs.left_piece", path=str(piece.path)))
    size = size_words(done.bytes)
    if arguments.delete:
        face.screen.show(text("runs.deleted", count=len(done.gone), size=size))
    else:
        face.screen.show(text("runs.trashed", count=len(done.gone), size=size, folder=str(face.home.trash)))
    return Answer(
        data={
            **data,
            "pruned": [str(piece.path) for piece in done.gone],
            "pruned_bytes": done.bytes,
            "left": [str(piece.path) for piece in done.left],
            "trash": [str(folder) for folder in done.trash],
        },
        exit_code=ExitCode.FAILED if done.left else ExitCode.WELL,
    )
