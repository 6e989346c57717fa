"""Start the trainer, read its events, stop it, and leave a run folder that tells the whole story."""

from __future__ import annotations

import json
import queue
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doctor.card_watch import watch_cards
from doctor.errors import BadInput, Interrupted, NoSpace, TunedocError
from doctor.holding import hold
from doctor.host.interrupts import Interrupts
from doctor.host.locale import locale_names
from doctor.host.waking import keep_awake
from doctor.launching import launch, require_together
from doctor.model_folder import check_model_folder
from doctor.run_folder import RunFolder, changed_field, move_to_trash, records_a_step, require_ours
from doctor.runs.inputs import keep_inputs
from doctor.runs.plots import write_plots
from doctor.runs.tracking import require_trackers
from doctor.version import __version__
from doctor.wishes import forget_wishes, taken_wish
from doctor.words.text import language_of, text
from trainer.contract import Evaluated, Finished, Staged, Started, Warned
from trainer.file_moves import replace_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from doctor.card_watch import Watched
    from doctor.environment import Environment
    from doctor.host.base import Host
    from doctor.model_folder import ModelFacts
    from doctor.paths import Home
    from doctor.team import Team
    from trainer.contract import Event, Job

_POLL_SECONDS = 0.2
"""How long a wish to stop may wait to be seen."""
_OF_A_STEP = frozenset({"progressed", "evaluated", "sampled", "saved"})
_SPARE_BYTES = 100 << 20
"""Room for logs, the tokenizer's copies and the file system itself."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingOutcome:
    """How a run stands after a session."""

    run: Path
    adapter: Path | None
    """The finished adapter; None while the run is unfinished."""
    step: int
    """Optimizer steps done."""
    seconds: float
    """Training time over all sessions."""
    tokens: int
    """Real tokens computed over all sessions."""
    loss_before: float | None
    """Loss on the held-out records before the first step; None without held-out records."""
    loss_after: float | None
    stopped: bool
    """Ended early on request; the run can be resumed."""
    was_finished: bool = False
    """Nothing was done, because the run was finished already."""


def train(
    host: Host,
    home: Home,
    environment: Environment,
    job: Job,
    *,
    report: Callable[[Event], None],
    resume: bool = False,
    restart: bool = False,
    source: Path | None = None,
    stop_requested: Callable[[], bool] | None = None,
    weights_mib: tuple[int, ...] = (),
) -> TrainingOutcome:
    """Carry out a job in its run folder (`job.output`), going on from the newest complete checkpoint if there is one.

    `resume` makes a finished run a success and a missing one an error; `restart` puts an old run into the trash first.
    Ctrl-C asks the trainer to save and stop; a second one ends it at once. `weights_mib`: what each card takes of a
    model whose layers are spread. Raises BadInput, NoSpace, WorkerFailed and Interrupted.
    """
    folder = RunFolder(Path(job.output))
    facts = check_model_folder(Path(job.model))
    if not restart:
        found = look_at_run(folder, job, resume=resume)
        if found is not None:
            return found
    require_together(host, environment, job)
    require_trackers(environment.python, job)
    _require_space(host, folder, job, facts)
    if restart and folder.root.exists():
        require_ours(folder)
        moved = move_to_trash(folder, home)
        report(Warned(code="restarted", message="the old run was moved", detail={"folder": str(moved)}))
    busy = TunedocError(text("train.busy"), hint=text("train.busy_hint"), file=str(folder.root))
    with hold(folder.root / "doctor.lock", busy):
        folder.begin(job, source)
        forget_wishes(folder.root)
        inputs = keep_inputs(folder.root, job, sys.argv[1:])
        with keep_awake(f"training {folder.root.name}"):
            team = launch(host, home, environment, folder, job, weights_mib)
            watch = watch_cards(host, environment)
            finished, seen = _follow(team, folder, report, stop_requested or (lambda: False), watch)
        inputs.join()
        return _conclude(folder, job, finished, seen)


def look_at_run(folder: RunFolder, job: Job, *, resume: bool) -> TrainingOutcome | None:
    """The outcome of a run that needs nothing more, or None when there is work to do.

    Raises BadInput when the folder is taken, the run is finished and nobody said `resume`, or the job has changed.
    """
    require_ours(folder)
    before = folder.read_job()
    if before is None:
        if resume:
            raise BadInput(text("train.nothing_to_resume"), hint=text("train.start_hint"), file=str(folder.root))
        return None
    changed = changed_field(before, job)
    record = folder.read_record()
    if record is not None and resume and changed is None:
        return _outcome(folder, record, was_finished=True)
    if record is not None:
        raise BadInput(text("train.finished_already"), hint=text("train.finished_hint"), file=str(folder.root))
    if changed is not None:
        product = {"before": records_a_step(before), "after": records_a_step(job)}
        of_batch = changed in {"per_device_batch_size", "processes"}
        raise BadInput(
            text("train.job_changed", field=changed),
            hint=text("train.batch_changed_hint", **product) if of_batch else text("train.job_changed_hint"),
            file=str(folder.root),
            field=changed,
        )
    return None


def _require_space(host: Host, folder: RunFolder, job: Job, facts: ModelFacts) -> None:
    """Room for the checkpoints and the adapter, from the model's width. Raises NoSpace before anything is written."""
    try:
        config = json.loads((facts.folder / "config.json").read_text(encoding="utf-8-sig"))
        width = int(config.get("hidden_size") or config["text_config"]["hidden_size"])
    except (OSError, ValueError, KeyError, TypeError):
        width = 1024
    # A square matrix of `width` gets two thin ones; AdamW keeps two numbers beside each number, all in 4 bytes.
    trained = facts.parameters if job.tuning != "lora" else facts.parameters * 2 * job.lora.rank // max(width, 1)
    adapter = trained * 4
    needed = adapter + (job.save_limit + 1) * 3 * adapter + _SPARE_BYTES
    free = host.free_bytes(folder.root)
    if free < needed:
        raise NoSpace(
            text("train.no_space", needed=needed >> 20, free=free >> 20),
            hint=text("train.no_space_hint"),
            file=str(folder.root),
        )


@dataclass(slots=True)
class _Seen:
    """What the events of this session said."""

    versions: dict[str, str]
    loss_before: float | None = None
    begun_after: int = -1
    """Step of the checkpoint that this session goes on from; -1 for none."""


def _follow(
    team: Team,
    folder: RunFolder,
    report: Callable[[Event], None],
    stop_requested: Callable[[], bool],
    watch: Callable[[], Iterable[Watched]],
) -> tuple[Finished, _Seen]:
    """Pass on every event and write it down, until the trainer ends. Raises WorkerFailed, Interrupted."""
    inbox: queue.SimpleQueue[Event | Finished | BaseException] = queue.SimpleQueue()
    ended = threading.Event()
    outcome: list[Finished | BaseException] = []

    def read() -> None:
        try:
            outcome.append(team.follow(inbox.put))
        except BaseException as error:  # passed on to the thread that waits
            outcome.append(error)
        ended.set()

    reader = threading.Thread(target=read, name="trainer events", daemon=True)
    reader.start()
    seen = _Seen(versions={})
    told_to_stop = False
    try:
        with Interrupts() as interrupts:
            while not (ended.is_set() and inbox.empty()):
                if interrupts.count > 1:
                    team.end()
                    raise Interrupted(text("train.ended_hard"), hint=text("train.ended_hard_hint"))
                wish = taken_wish(folder.root)
                if not told_to_stop and (interrupts.count or stop_requested() or wish == "stop"):
                    told_to_stop = True
                    team.command(command="stop")
                    report(Staged(stage="stopping"))
                elif wish is not None and wish != "stop":
                    team.command(command=wish)
                for watched in watch():
                    team.command(command=watched.command)
                    if watched.warning is not None:
                        inbox.put(watched.warning)
                try:
                    event = inbox.get(timeout=_POLL_SECONDS)
                except queue.Empty:
                    continue
                assert not isinstance(event, BaseException)
                _note(event, seen)
                if isinstance(event, Staged) and event.stage == "model" and event.seconds is None:
                    set_undone_aside(folder, seen.begun_after)
                folder.append(event)
                report(event)
    except BaseException:
        # The trainer saves what it has before it goes; nobody else would tell it to.
        team.stop()
        raise
    result = outcome[0]
    if isinstance(result, BaseException):
        raise result
    return result, seen


def set_undone_aside(folder: RunFolder, step: int) -> None:
    """Move what earlier sessions told of steps after this one to `undone.jsonl`: they are taken once more.

    So every step that counts stands in the events once. -1 for a run that begins anew.
    """
    try:
        lines = folder.events.read_bytes().splitlines(keepends=True)
    except FileNotFoundError:
        return
    undone = [line for line in lines if _is_after(line, step)]
    if not undone:
        return
    with (folder.root / "undone.jsonl").open("ab") as stream:
        stream.writelines(undone)
    building = folder.events.with_name(f"{folder.events.name}.new")
    building.write_bytes(b"".join(line for line in lines if not _is_after(line, step)))
    replace_file(building, folder.events)


def _is_after(line: bytes, step: int) -> bool:
    try:
        event = json.loads(line)
        return event["event"] in _OF_A_STEP and event["step"] > step
    except (ValueError, KeyError, TypeError):
        return False


def _note(event: Event, seen: _Seen) -> None:
    if isinstance(event, Started):
        seen.versions = event.versions
    elif isinstance(event, Evaluated) and event.step == 0:
        seen.loss_before = event.loss
    elif isinstance(event, Staged) and event.stage == "resume":
        seen.begun_after = int(event.detail["step"])


def _conclude(folder: RunFolder, job: Job, finished: Finished, seen: _Seen) -> TrainingOutcome:
    result = finished.result
    if finished.stopped:
        return TrainingOutcome(
            run=folder.root,
            adapter=None,
            step=int(result.get("step", 0)),
            seconds=float(result.get("seconds", 0.0)),
            tokens=int(result.get("tokens", 0)),
            loss_before=result.get("loss_before", seen.loss_before),
            loss_after=None,
            stopped=True,
        )
    record = {
        "tunedoc": __version__,
        "model": job.model,
        "data": [source.path for source in job.data],
        "adapter": "adapter",
        "steps": int(result["step"]),
        "seconds": float(result["seconds"]),
        "tokens": int(result["tokens"]),
        "loss_before": result["loss_before"],
        "loss_after": result["loss_after"],
        "records": result["records"],
        "held_out_records": result["held_out_records"],
        "precision": result["precision"],
        "versions": seen.versions,
    }
    folder.finish(record)
    write_plots(folder.root, language_of(*locale_names()))
    return _outcome(folder, record)


def _outcome(folder: RunFolder, record: dict[str, Any], *, was_finished: bool = False) -> TrainingOutcome:
    return TrainingOutcome(
        run=folder.root,
        adapter=folder.result,
        step=int(record["steps"]),
        seconds=float(record["seconds"]),
        tokens=int(record["tokens"]),
        loss_before=record["loss_before"],
        loss_after=record["loss_after"],
        stopped=False,
        was_finished=was_finished,
    )
