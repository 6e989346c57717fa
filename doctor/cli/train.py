"""`tunedoc train JOB.yaml`: fine-tune a model as a job file says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from doctor.cli.face import Answer
from doctor.cli.parser import VerbParser, add_common
from doctor.cli.render import quoted
from doctor.cli.train_plan import answer_calibrate, answer_plan, configure_plan, look_before, require_sense
from doctor.errors import ExitCode, UsageError
from doctor.words.text import text

if TYPE_CHECKING:
    import argparse

    from doctor.cli.face import Face
    from doctor.training import TrainingOutcome

DESCRIPTION = text("cli.verb_train")
EXAMPLE = text("train.example")


def configure(parser: VerbParser) -> None:
    parser.add_argument("job", metavar="JOB.yaml", nargs="?", help=parser.say(text("train.help_job")))
    going_on = parser.add_mutually_exclusive_group()
    going_on.add_argument("--resume", action="store_true", help=parser.say(text("train.help_resume")))
    going_on.add_argument("--restart", action="store_true", help=parser.say(text("train.help_restart")))
    parser.add_argument("--processes", type=int, metavar="N", help=parser.say(text("train.help_processes")))
    configure_plan(parser)
    add_common(parser)


def run(arguments: argparse.Namespace, face: Face) -> Answer:
    from dataclasses import replace

    from doctor.cli.training_view import TrainingView
    from doctor.data.report import require_usable
    from doctor.environment import require_environment
    from doctor.jobs import check_job, may_train_together, read_job
    from doctor.run_folder import RunFolder
    from doctor.training import look_at_run, train

    if arguments.processes is not None and not may_train_together(arguments.processes):
        raise UsageError(text("train.bad_processes"), hint=text("train.bad_processes_hint"))
    require_sense(arguments)
    if arguments.plan:
        return answer_plan(arguments, face)
    source = Path(arguments.job)
    job = read_job(source, face.home)
    if arguments.processes is not None:
        job = replace(job, processes=arguments.processes)
    check_job(job)
    if arguments.calibrate:
        return answer_calibrate(arguments, face, job, require_environment(face.home))
    if not arguments.restart:
        done = look_at_run(RunFolder(Path(job.output)), job, resume=arguments.resume)
        if done is not None:
            return _answer(done, arguments, face)
    require_usable((*job.data, *job.held_out_data), job.method)
    environment = require_environment(face.home)
    weights_mib = look_before(face, environment, job, anyway=arguments.anyway)
    with TrainingView(face.screen) as view:
        outcome = train(
            face.host,
            face.home,
            environment,
            job,
            report=view.report,
            resume=arguments.resume,
            restart=arguments.restart,
            source=source,
            weights_mib=weights_mib,
        )
    return _answer(outcome, arguments, face)


def _answer(outcome: TrainingOutcome, arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.cli.training_view import clock

    data: dict[str, Any] = {
        "run": str(outcome.run),
        "adapter": str(outcome.adapter) if outcome.adapter else None,
        "steps": outcome.step,
        "seconds": outcome.seconds,
        "tokens": outcome.tokens,
        "loss_before": outcome.loss_before,
        "loss_after": outcome.loss_after,
        "stopped": outcome.stopped,
    }
    if outcome.stopped:
        processes = f" --processes {arguments.processes}" if arguments.processes is not None else ""
        command = f"tunedoc train {quoted(arguments.job)} --resume{processes}"
        face.screen.note(text("train.stopped", step=outcome.step, run=str(outcome.run)))
        face.screen.note(text("cli.hint", message=text("train.resume_hint", command=command)))
        return Answer(data={**data, "resume": command}, exit_code=ExitCode.INTERRUPTED)
    if outcome.was_finished:
        face.screen.note(text("train.was_finished", run=str(outcome.run)))
    speed = outcome.tokens / outcome.seconds if outcome.seconds else 0.0
    face.screen.show(
        text(
            "train.summary", steps=outcome.step, time=clock(outcome.seconds), speed=f"{speed:.0f}", run=str(outcome.run)
        )
    )
    if outcome.loss_before is not None and outcome.loss_after is not None:
        before, after = f"{outcome.loss_before:.4f}", f"{outcome.loss_after:.4f}"
        face.screen.show(text("train.summary_loss", before=before, after=after))
    made, run = outcome.adapter, quoted(str(outcome.run))
    if made is not None and made.name == "model":
        face.screen.show(text("train.summary_next_model", model=str(made), run=run))
    else:
        face.screen.show(text("train.summary_next", adapter=str(made), run=run))
    return Answer(data=data)
