"""Measure what a job really takes: a few steps of it at two or three lengths, kept for the planner.

The very trainer runs the very job, only its data is made up: records that fill `max_length` to the last token.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from doctor.errors import TunedocError, WorkerFailed
from doctor.fit.model import Measured
from doctor.quick_dataclass import dataclass
from doctor.words.text import text
from trainer.contract import Progressed, Source, TrainRequest, Warned
from trainer.file_moves import remove_tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from doctor.environment import Environment
    from doctor.fit.shape import ModelShape
    from doctor.fit.software import Versions
    from doctor.host.base import Host
    from doctor.paths import Home
    from trainer.contract import Event, Job

CALIBRATION_VERSION = 1
_STEPS = 3
_LEAST_TOKENS = 32
_SENTENCE = "The quick brown fox jumps over the lazy dog while seven wizards calmly mix a potion of {n} parts. "
_MIB = 2**20


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One run of a few steps."""

    max_length: int
    predicted: int
    """Bytes that torch was expected to have allocated."""
    expected: int
    """Bytes that were expected to be reserved, or of the whole process on a CPU."""
    reserved: int
    """Bytes that were reserved; on a CPU, of the whole process."""
    tokens_per_second: float
    watts: float = 0.0
    """What the card drew on average; 0 where nobody could say."""


def calibrate(
    host: Host,
    home: Home,
    environment: Environment,
    job: Job,
    *,
    card: str,
    versions: Versions,
    shape: ModelShape,
    predict: Callable[[Job], tuple[int, int]],
    report: Callable[[Trial | int], None],
) -> Measured:
    """Run a few steps at a quarter, half and the whole of the job's length, and keep what they took in the home.

    `predict` says how many bytes torch should allocate for a job, and reserve; `report` hears each length and each
    trial. A length that needs more memory than there is ends the trials; those before it count. Raises WorkerFailed
    where not one trial succeeded.
    """
    trials: list[Trial] = []
    lengths = sorted({max(_LEAST_TOKENS, job.max_length // part) for part in (4, 2, 1)})
    for length in lengths:
        report(length)
        try:
            trial = _try(host, home, environment, replace(job, max_length=min(length, job.max_length)), predict)
        except WorkerFailed as error:
            if trials and error.kind == "out_of_memory":
                break
            raise
        report(trial)
        trials.append(trial)
    measured = Measured(
        card=card,
        versions=versions.words,
        family=_family(shape, job),
        points=tuple((trial.predicted, trial.reserved) for trial in trials),
        tokens_per_second=trials[-1].tokens_per_second,
        watts=trials[-1].watts,
    )
    _keep(home, measured)
    return measured


def read_measured(home: Home, card: str, versions: Versions, shape: ModelShape, job: Job) -> Measured | None:
    """What was kept for this card, these packages and a model of this family; None where there is nothing."""
    wanted = (card, versions.words, _family(shape, job))
    for entry in reversed(_read(home)):
        try:
            found = Measured(
                card=str(entry["card"]),
                versions=str(entry["versions"]),
                family=str(entry["family"]),
                points=tuple((int(said), int(seen)) for said, seen in entry["points"]),
                tokens_per_second=float(entry.get("tokens_per_second", 0.0)),
                watts=float(entry.get("watts", 0.0)),
            )
        except (KeyError, TypeError, ValueError):
            continue
        if (found.card, found.versions, found.family) == wanted and found.points:
            return found
    return None


def _family(shape: ModelShape, job: Job) -> str:
    """What a measurement holds for: another size, method or quantisation is another matter."""
    size = f"{shape.hidden}x{len(shape.layers)}"
    return " ".join((shape.family, size, job.method, job.tuning, job.quantisation, job.gradient_checkpointing))


def _try(
    host: Host, home: Home, environment: Environment, job: Job, predict: Callable[[Job], tuple[int, int]]
) -> Trial:
    from doctor.host.nvml import draw_watts
    from doctor.worker import start_worker

    folder = home.scratch / f"calibrate-{os.getpid()}"
    remove_tree(folder)
    folder.mkdir(parents=True)
    try:
        steps = min(job.gradient_accumulation, 2)
        # A record is cut at `max_length`, so these need not know how the tokenizer counts.
        _write_records(folder / "records.jsonl", job, job.per_device_batch_size * steps * _STEPS)
        trial = replace(
            job,
            data=(Source(path=str(folder / "records.jsonl")),),
            held_out_data=(),
            held_out=0.0,
            output=str(folder / "run"),
            max_steps=_STEPS,
            gradient_accumulation=steps,
            processes=1,
            save_steps=10**6,
            eval_steps=0,
            log_steps=1,
            warmup_ratio=0.0,
            warmup_steps=0,
            sample_prompts=(),
            trackers=(),
        )
        (folder / "run").mkdir()
        seen: list[Progressed] = []
        drawn: list[float] = []
        smaller = False

        def hear(event: Event) -> None:
            nonlocal smaller
            if isinstance(event, Progressed):
                seen.append(event)
                if environment.device == "cuda" and (watts := draw_watts(host.environ, 0)) is not None:
                    drawn.append(watts)
            elif isinstance(event, Warned) and "memory" in event.code:
                smaller = True

        worker = start_worker(
            host, home, environment.python, "trainer", TrainRequest(job=trial),
            log=folder / "trainer.log", request_file=folder / "request.json",
        )  # fmt: skip
        worker.follow(hear)
        if smaller or not seen:
            raise WorkerFailed(text("fit.trial_failed", length=job.max_length), kind="out_of_memory")
        allocated, expected = predict(replace(job, gradient_accumulation=steps))
        return Trial(
            max_length=job.max_length,
            predicted=allocated,
            expected=expected,
            reserved=max(event.peak_mib for event in seen) * _MIB,
            tokens_per_second=seen[-1].tokens_per_second,
            watts=sum(drawn) / len(drawn) if drawn else 0.0,
        )
    finally:
        remove_tree(folder)


def _write_records(file: Path, job: Job, count: int) -> None:
    """Made-up records of the layout that the method takes, each longer than `max_length`."""
    # No tokenizer makes fewer tokens than one for twelve letters of English.
    words = "".join(_SENTENCE.format(n=number) for number in range(job.max_length * 12 // len(_SENTENCE) + 2))
    question = {"role": "user", "content": "Tell me a story."}
    with file.open("w", encoding="utf-8", newline="\n") as stream:
        for number in range(count):
            answer = f"Story {number}. {words}"
            record: dict[str, Any]
            if job.method == "pretrain":
                record = {"text": answer}
            elif job.method == "kto":
                record = {"prompt": question["content"], "completion": answer, "label": number % 2 == 0}
            elif job.method in {"dpo", "orpo", "reward"}:
                record = {"prompt": question["content"], "chosen": answer, "rejected": f"No. {answer}"}
            else:
                record = {"messages": [question, {"role": "assistant", "content": answer}]}
            stream.write(json.dumps(record, ensure_ascii=False) + "\n")


def _file(home: Home) -> Path:
    return home.root / "cache" / "calibrations.json"


def _read(home: Home) -> list[dict[str, Any]]:
    try:
        found = json.loads(_file(home).read_text(encoding="utf-8"))
        entries = found["measured"] if found["schema"] == CALIBRATION_VERSION else []
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [entry for entry in entries if isinstance(entry, dict)]


def _keep(home: Home, measured: Measured) -> None:
    """Add a measurement in place of an older one of the same kind. Raises TunedocError when it cannot be written."""
    key = (measured.card, measured.versions, measured.family)
    entries = [e for e in _read(home) if (e.get("card"), e.get("versions"), e.get("family")) != key]
    file = _file(home)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        new = file.with_name(file.name + ".new")
        words = json.dumps({"schema": CALIBRATION_VERSION, "measured": [*entries, asdict(measured)]}, indent=2)
        new.write_text(words + "\n", encoding="utf-8")
        new.replace(file)
    except OSError as error:
        raise TunedocError(text("fit.cannot_keep"), file=str(file)) from error
