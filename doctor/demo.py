"""The main job once, on a small real model: the product's stations in a row, each used again where it stands."""

from __future__ import annotations

import hashlib
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from doctor.errors import BadInput, Interrupted, TunedocError
from doctor.quick_dataclass import dataclass
from doctor.words.text import text
from trainer.contract import Job, Lora, Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.apply.progress import Progress
    from doctor.environment import Environment
    from doctor.exporting import ExportOutcome
    from doctor.host.base import Host
    from doctor.paths import Home
    from doctor.plan.model import Plan
    from doctor.training import TrainingOutcome
    from doctor.words.text import Text
    from trainer.contract import Event

DEFAULT_MODEL = "smollm2-135m-instruct"
DATA = Path(__file__).parent / "demo_data" / "instructions.jsonl"
PROMPTS = (
    "Who are you?",
    "Could you tell me who built you?",
    "Name one of the branches of science.",
)
"""Two that the training data changes the answer of, and one that it should leave sensible."""
COMPARED_TYPE = "Q8_0"
"""Before and after are compared at the same, nearly lossless, quantisation, so that only the training differs."""

EXPORT_TYPES = (COMPARED_TYPE, "Q4_K_M")
ANSWER_TOKENS = 40
"""Longest answer. The trained answers are far shorter; a model that does not know when to stop shows it here."""

Station = Literal["check", "install", "model", "before", "train", "export", "after"]


@dataclass(frozen=True, kw_only=True)
class StationBegan:
    """A station begins."""

    station: Station


@dataclass(frozen=True, kw_only=True)
class StationEnded:
    """A station has done its part."""

    station: Station
    detail: Text
    seconds: float
    reused: bool = False
    """An earlier run had done it."""


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One question and what the model answered before and after."""

    prompt: str
    before: str
    after: str


@dataclass(frozen=True, kw_only=True)
class DemoOutcome:
    """What the demo did."""

    stations: tuple[StationEnded, ...]
    exchanges: tuple[Exchange, ...]
    training: TrainingOutcome
    base: ExportOutcome
    tuned: ExportOutcome
    seconds: float


@dataclass(frozen=True)
class _Stage:
    """What every station needs."""

    host: Host
    home: Home
    report: Callable[[StationBegan | StationEnded | Progress | Event], None]
    done: list[StationEnded]

    def begin(self, station: Station) -> float:
        self.report(StationBegan(station=station))
        return time.monotonic()

    def end(self, station: Station, begun: float, detail: Text, *, reused: bool = False) -> None:
        ended = StationEnded(station=station, detail=detail, seconds=time.monotonic() - begun, reused=reused)
        self.done.append(ended)
        self.report(ended)


def run_demo(
    host: Host,
    home: Home,
    *,
    report: Callable[[StationBegan | StationEnded | Progress | Event], None],
    agree: Callable[[Plan], bool],
    model: str = DEFAULT_MODEL,
    offline: bool = False,
    restart: bool = False,
) -> DemoOutcome | None:
    """Check, install, get the model, ask it, train, export, ask again. None when `agree` said no to the install.

    `offline` never asks a model hub. `restart` trains anew. Raises what the stations raise, and TunedocError when the
    loss on the held-out records did not fall.
    """
    begun = time.monotonic()
    stage = _Stage(host, home, report, [])
    _check(stage)
    environment = _install(stage, agree)
    if environment is None:
        return None
    folder = _model(stage, environment, model, offline=offline)
    name = f"demo-{folder.name}"

    clock = stage.begin("before")
    base = _export(stage, environment, folder, None, name=f"{name}-base", types=(COMPARED_TYPE,))
    before = _ask(stage, environment, base)
    reused = all(file.reused for file in base.files)
    stage.end("before", clock, text("demo.answered", count=len(before)), reused=reused)

    training = _train(stage, environment, demo_job(home, folder), restart=restart)

    clock = stage.begin("export")
    tuned = _export(stage, environment, folder, training, name=training.run.name, types=EXPORT_TYPES)
    names = ", ".join(file.path.name for file in tuned.files)
    stage.end("export", clock, text("demo.exported", files=names), reused=all(file.reused for file in tuned.files))

    clock = stage.begin("after")
    after = _ask(stage, environment, tuned)
    stage.end("after", clock, text("demo.answered", count=len(after)))
    return DemoOutcome(
        stations=tuple(stage.done),
        exchanges=tuple(
            Exchange(prompt=prompt, before=was, after=now)
            for prompt, was, now in zip(PROMPTS, before, after, strict=True)
        ),
        training=training,
        base=base,
        tuned=tuned,
        seconds=time.monotonic() - begun,
    )


def demo_job(home: Home, model: Path) -> Job:
    """The demo's job on a base model. Its run folder is named by what decides the result, so that a change retrains."""
    job = Job(
        model=str(model),
        data=(Source(path=str(DATA)),),
        output="",
        epochs=1.5,
        # High, because 45 steps must suffice to replace what the model says about itself.
        learning_rate=1e-3,
        per_device_batch_size=4,
        gradient_accumulation=2,
        max_length=512,
        save_steps=10,
        lora=Lora(rank=16, alpha=32),
    )
    digest = hashlib.sha256(repr(job).encode() + DATA.read_bytes()).hexdigest()
    return replace(job, output=str(home.runs / f"demo-{model.name}-{digest[:8]}"))


def _check(stage: _Stage) -> None:
    from doctor.catalogue.load import catalogue_file, load_catalogue
    from doctor.checks.base import Status
    from doctor.diagnosis import diagnose
    from doctor.probe.machine import examine_machine

    clock = stage.begin("check")
    snapshot = examine_machine(stage.host, stage.home)
    counts = diagnose(snapshot, load_catalogue(catalogue_file(stage.host.environ))).counts
    attention = sum(count for status, count in counts.items() if status.needs_attention)
    well = counts[Status.OK] + counts[Status.NOTE]
    stage.end("check", clock, text("demo.checked", ok=well, attention=attention, unknown=counts[Status.UNKNOWN]))


def _install(stage: _Stage, agree: Callable[[Plan], bool]) -> Environment | None:
    from doctor.session import install

    clock = stage.begin("install")
    installed = install(stage.host, stage.home, stage.report, agree=agree)
    if installed is None:
        return None
    stack = installed.environment.stack
    detail = text("demo.installed_before", stack=stack) if installed.reused else text("demo.installed", stack=stack)
    stage.end("install", clock, detail, reused=installed.reused)
    return installed.environment


def _model(stage: _Stage, environment: Environment, model: str, *, offline: bool) -> Path:
    """The base model's folder: a folder that was named, a model that is here, or one that is fetched now."""
    from doctor.catalogue.load import catalogue_file, load_catalogue
    from doctor.model_folder import check_model_folder
    from doctor.models import fetch_embedded, fetch_from_hub, find_embedded, installed_model

    clock = stage.begin("model")
    named = Path(model)
    here = installed_model(stage.home, model.replace("/", "--"))
    embedded = find_embedded(load_catalogue(catalogue_file(stage.host.environ)), model)
    if here is not None:
        folder = here.folder
    elif embedded is not None:
        folder = fetch_embedded(stage.host, stage.home, environment, embedded).folder
    elif named.is_dir():
        folder = named.absolute()
    elif offline:
        raise BadInput(
            text("demo.offline_model", model=model),
            hint=text("demo.offline_model_hint", model=model, default=DEFAULT_MODEL),
            field="--model",
        )
    else:
        folder = fetch_from_hub(stage.host, stage.home, model).folder
    facts = check_model_folder(folder)
    detail = text("demo.model", name=folder.name, parameters=facts.parameters / 1e6)
    stage.end("model", clock, detail, reused=here is not None or named.is_dir())
    return folder


def _train(stage: _Stage, environment: Environment, job: Job, *, restart: bool) -> TrainingOutcome:
    from doctor.run_folder import RunFolder
    from doctor.training import train

    clock = stage.begin("train")
    finished = RunFolder(Path(job.output)).read_record() is not None
    outcome = train(
        stage.host, stage.home, environment, job, report=stage.report, resume=finished and not restart, restart=restart
    )
    if outcome.stopped:
        raise Interrupted(text("demo.stopped"), hint=text("demo.stopped_hint"))
    before, after = outcome.loss_before, outcome.loss_after
    assert before is not None and after is not None  # the demo's job holds records out
    if after >= before:
        raise TunedocError(
            text("demo.loss_did_not_fall", before=before, after=after),
            hint=text("demo.loss_hint"),
            file=str(outcome.run),
        )
    detail = text("demo.trained", steps=outcome.step, before=before, after=after)
    stage.end("train", clock, detail, reused=outcome.was_finished)
    return outcome


def _export(
    stage: _Stage,
    environment: Environment,
    model: Path,
    training: TrainingOutcome | None,
    *,
    name: str,
    types: tuple[str, ...],
) -> ExportOutcome:
    from doctor.exporting import export

    return export(
        stage.host,
        stage.home,
        environment,
        run=training.run if training else None,
        model=model,
        adapter=training.adapter if training else None,
        output=stage.home.exports / name,
        types=types,
        report=stage.report,
        name=name,
        prompt=PROMPTS[0],
    )


def _ask(stage: _Stage, environment: Environment, exported: ExportOutcome) -> list[str]:
    """What the file of the compared type answers, greedily, so that a second look shows the same."""
    from doctor.chatting import answer_prompts

    file = next(file for file in exported.files if file.type == COMPARED_TYPE)
    return answer_prompts(stage.host, stage.home, environment, file.path, PROMPTS, max_tokens=ANSWER_TOKENS)
