"""`tunedoc train --plan` and `--calibrate`, and the look before a run: what the verb `train` asks of the planner."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from doctor.cli.face import Answer
from doctor.errors import BadInput, UsageError
from doctor.words.text import text

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from doctor.calibrating import Trial
    from doctor.cli.face import Face
    from doctor.cli.parser import VerbParser
    from doctor.environment import Environment
    from doctor.fit.model import Fit, Lever
    from trainer.contract import Job

_WORTH_NAMING = 3


def configure_plan(parser: VerbParser) -> None:
    """The planner's options of `train`."""
    asking = parser.add_mutually_exclusive_group()
    asking.add_argument("--plan", action="store_true", help=parser.say(text("fit.help_plan")))
    asking.add_argument("--calibrate", action="store_true", help=parser.say(text("fit.help_calibrate")))
    parser.add_argument("--model", metavar="MODEL", help=parser.say(text("fit.help_model")))
    parser.add_argument("--card", metavar="SIZE[,SIZE]", help=parser.say(text("fit.help_card")))
    parser.add_argument("--anyway", action="store_true", help=parser.say(text("fit.help_anyway")))


def require_sense(arguments: argparse.Namespace) -> None:
    """Refuse options that do not go together. Raises UsageError."""
    for option in ("model", "card"):
        if getattr(arguments, option) is not None and not arguments.plan:
            raise UsageError(text("fit.only_with_plan", option=f"--{option}"))
    if arguments.job is None and not arguments.plan:
        raise UsageError(text("fit.no_job"))
    if arguments.job is None and arguments.model is None:
        raise UsageError(text("fit.no_job_or_model"))


def answer_plan(arguments: argparse.Namespace, face: Face) -> Answer:
    """`--plan`: say what a job needs, and write nothing."""
    from doctor.cli.fit_view import fit_record, show_fit
    from doctor.environment import current_environment
    from doctor.estimating import parse_cards, plan_job
    from doctor.jobs import read_job_file
    from trainer.contract import Job as TrainJob

    job: Job
    if arguments.job is None:
        job = TrainJob(model=arguments.model, data=(), output="")
    else:
        job = read_job_file(Path(arguments.job), face.home, elsewhere=True).job
    if arguments.processes is not None:
        job = replace(job, processes=arguments.processes)
    cards = None if arguments.card is None else parse_cards(arguments.card, system=face.host.system)
    subject, cards, found = plan_job(
        face.host, face.home, current_environment(face.home), job, model=arguments.model, cards=cards
    )
    show_fit(face.screen, subject, cards, found, verbose=face.verbose)
    return Answer(data=fit_record(subject, cards, found))


def answer_calibrate(arguments: argparse.Namespace, face: Face, job: Job, environment: Environment) -> Answer:
    """`--calibrate`: a few steps of the job at several lengths, kept for the planner."""
    from doctor.calibrating import calibrate
    from doctor.cli.fit_view import count_words
    from doctor.estimating import find_cards, find_model, find_versions, predict_allocated
    from doctor.sizing import size_words

    subject = find_model(face.home, job.model)
    versions = find_versions(face.host, environment)
    cards = () if environment.device == "cpu" else find_cards(face.host)

    def report(told: Trial | int) -> None:
        if isinstance(told, int):
            face.screen.note(text("fit.trial_begins", length=f"{told:,}"))
            return
        face.screen.note(
            text(
                "fit.trial_done",
                length=f"{told.max_length:,}",
                measured=size_words(told.reserved),
                predicted=size_words(told.expected),
                speed=f"{told.tokens_per_second:.0f}",
            )
        )

    measured = calibrate(
        face.host,
        face.home,
        environment,
        job,
        card=cards[0].name if cards else "CPU",
        versions=versions,
        shape=subject.shape,
        predict=lambda changed: predict_allocated(face.host, subject.shape, changed, cards, versions),
        report=report,
    )
    face.screen.show(text("fit.calibrated"))
    return Answer(
        data={
            "card": measured.card,
            "family": measured.family,
            "versions": measured.versions,
            "points": [{"predicted": said, "measured": seen} for said, seen in measured.points],
            "tokens_per_second": measured.tokens_per_second,
            "parameters": count_words(subject.shape.numbers),
        }
    )


def look_before(face: Face, environment: Environment, job: Job, *, anyway: bool) -> tuple[int, ...]:
    """Refuse a job that cannot fit the cards; say where memory is tight. Raises BadInput.

    Micro-batches that are too large are no reason: the trainer makes them smaller when memory runs out. On a CPU
    nothing is refused: main memory may be freed, and swap stands behind it. Returns what each card is to take of the
    weights, in MiB, where the layers are spread.
    """
    from doctor.cli.fit_view import lever_line, what_words
    from doctor.estimating import plan_job
    from doctor.sizing import size_words

    try:
        _, cards, found = plan_job(face.host, face.home, environment, job, advice=False)
    except BadInput:
        # A model whose sizes the planner does not know may train all the same.
        return ()
    worst = found.as_asked.worst
    # torch may number unlike cards otherwise than the driver does.
    alike = len({card.total for card in cards}) == 1 or face.host.environ.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID"
    weights_mib = found.weights_mib if job.split == "layers" and alike else ()
    if found.verdict == "fits":
        return weights_mib
    smallest = replace(job, per_device_batch_size=1)
    _, _, least = plan_job(face.host, face.home, environment, smallest, advice=False)
    if least.verdict == "too_large" and cards and not anyway:
        _, cards, found = plan_job(face.host, face.home, environment, job)
        raise BadInput(
            text(
                "fit.refused",
                what=what_words(worst, cards),
                needed=size_words(worst.device.likely),
                usable=size_words(worst.usable),
            ),
            hint=text("fit.refused_hint", levers=_levers(found, lambda lever: lever_line(face.screen, lever))),
        )
    face.screen.note(
        text(
            "fit.tight_note",
            what=what_words(worst, cards),
            low=size_words(worst.device.low),
            high=size_words(worst.device.high),
            usable=size_words(worst.usable),
        )
    )
    if found.verdict == "too_large" and least.verdict != "too_large" and cards:
        face.screen.note(text("fit.smaller_batches_note", batch=job.per_device_batch_size))
    return weights_mib


def _levers(found: Fit, line: Callable[[Lever], str]) -> object:
    good = [lever for lever in found.levers if lever.verdict != "too_large" and lever.name != "model"][:_WORTH_NAMING]
    return "; ".join(line(lever) for lever in good) if good else text("fit.refused_no_lever")
