"""Start the trainer: one process, or several that train together, one for each GPU, and see to it that none is missed.

tunedoc starts every process itself. torchrun and what rests on it cannot do it on Windows: from torch 2.4 on they ask
for a store that no Windows wheel has. The processes meet over a port of the loopback address; where that fails, they
are started once more and meet by a file in the run folder.
"""

from __future__ import annotations

import os
import queue
import secrets
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from doctor.errors import BadInput, TunedocError, WorkerFailed
from doctor.host.base import TooSlow
from doctor.words.text import text
from doctor.worker import ending, start_worker, tail, told_failure
from trainer.contract import Failed, Finished, Saved, Staged, TrainRequest, Warned, read_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from pathlib import Path

    from doctor.environment import Environment
    from doctor.host.base import Host, System
    from doctor.paths import Home
    from doctor.run_folder import RunFolder
    from doctor.words.text import Text
    from doctor.worker import Worker
    from trainer.contract import Event, FailureKind, Job

LOOPBACK = "127.0.0.1"
_MEETING_SECONDS = 240.0
"""The trainers give up after two minutes by themselves; one that hangs in a library cannot."""
_LAST_WORDS_SECONDS = 4.0
"""When one process has failed, the others may still say why they did: for so long before they are ended."""
_PARTING_SECONDS = 20.0
"""How long the others may take to go once the run is finished."""
_SLICE_SECONDS = 0.2
_SECOND_HAND: frozenset[FailureKind] = frozenset({"process_lost", "no_group"})
"""What a process says when it is another that is at fault."""


def require_together(host: Host, environment: Environment, job: Job) -> None:
    """Refuse, before anything is written, a job whose processes cannot train together here.

    Raises BadInput when there are too few GPUs, TunedocError when torch cannot.
    """
    choose_cards(host, environment, job.processes)
    if job.processes > 1:
        require_gloo(host.system, *installed_torch(environment, host.system))


def launch(host: Host, home: Home, environment: Environment, folder: RunFolder, job: Job) -> Team:
    """Start a job's processes; `require_together` has found nothing against it."""
    cards = choose_cards(host, environment, job.processes)

    def start(store_file: str) -> list[Worker]:
        request = TrainRequest(job=job, resume=True, store_file=store_file)
        port = free_port() if job.processes > 1 else 0
        workers: list[Worker] = []
        try:
            for rank in range(job.processes):
                variables = card_variables(cards[rank]) if cards else {}
                if job.processes > 1:
                    variables |= member_variables(rank, job.processes, port, host.system, own_card=bool(cards))
                    variables["OMP_NUM_THREADS"] = str(job.threads or max(1, (os.cpu_count() or 1) // job.processes))
                workers.append(
                    start_worker(
                        host,
                        home,
                        environment.python,
                        "trainer",
                        request,
                        log=folder.member_log(rank),
                        request_file=folder.member_request(rank),
                        environ=variables,
                        lets_finish=True,
                    )
                )
        except BaseException:
            for worker in workers:
                worker.end()
            raise
        return workers

    return Team(start, folder.root)


# ------------------------------------------------------------------------------------------- what each process gets


def choose_cards(host: Host, environment: Environment, processes: int) -> tuple[str, ...]:
    """The GPU of each process, as CUDA_VISIBLE_DEVICES names it; none where everything runs on the CPU.

    They are the first that the user has left visible. Raises BadInput when there are fewer than processes.
    """
    if environment.device != "cuda":
        return ()
    if processes == 1:
        return (one_card(host.environ),)
    chosen = host.environ.get("CUDA_VISIBLE_DEVICES")
    if chosen is not None:
        visible = visible_cards(chosen)
        if len(visible) < processes:
            raise _too_few(text("train.too_few_visible", wanted=processes, there=len(visible), value=chosen), visible)
        return visible[:processes]
    there = _count_gpus(host)
    every = tuple(str(index) for index in range(processes if there is None else there))
    if len(every) < processes:
        raise _too_few(text("train.too_few_gpus", wanted=processes, there=len(every)), every)
    return every[:processes]


def one_card(environ: Mapping[str, str]) -> str:
    """The one card that a single process sees: the first that the user has left visible.

    With several in sight transformers' Trainer splits each batch over them in one process (DataParallel), which is slow
    and wrong for quantised models.
    """
    return environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0].strip()


def visible_cards(value: str) -> tuple[str, ...]:
    """The cards that CUDA_VISIBLE_DEVICES leaves; like CUDA this stops at the first that is none."""
    cards: list[str] = []
    for word in value.split(","):
        card = word.strip()
        if not card or card.startswith("-"):
            break
        cards.append(card)
    return tuple(cards)


def card_variables(card: str) -> dict[str, str]:
    """Variables that show a process one card, or none: `""` is what a user sets who wants the CPU."""
    return {"CUDA_DEVICE_ORDER": "PCI_BUS_ID", "CUDA_VISIBLE_DEVICES": card}


def member_variables(rank: int, processes: int, port: int, system: System, *, own_card: bool) -> dict[str, str]:
    """Variables that tell one of several processes which it is and where the others are.

    A process that sees one card alone finds it as its first, whatever its rank, so LOCAL_RANK is 0 then: accelerate and
    DDP take it for the number of the card.
    """
    variables = {
        "RANK": str(rank),
        "LOCAL_RANK": "0" if own_card else str(rank),
        "WORLD_SIZE": str(processes),
        "LOCAL_WORLD_SIZE": str(processes),
        "MASTER_ADDR": LOOPBACK,
        "MASTER_PORT": str(port),
    }
    # No Windows wheel has the store over libuv, and torch 2.4 to 2.6 ask for it by default.
    return variables | ({"USE_LIBUV": "0"} if system == "windows" else {})


def free_port() -> int:
    """A port that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def _count_gpus(host: Host) -> int | None:
    """GPUs by the driver; None when it does not answer, and the trainer will tell."""
    from doctor.host.nvml import ask_driver, library_present
    from doctor.snapshot.model import NvidiaDriver

    driver = ask_driver() if library_present(host.environ) else None
    return len(driver.gpus) if isinstance(driver, NvidiaDriver) else None


def _too_few(message: Text, there: tuple[str, ...]) -> BadInput:
    hint = text("train.too_few_hint", there=max(1, len(there)))
    return BadInput(message, hint=hint, field="processes")


# ------------------------------------------------------------------------------------------------ what torch can do


def require_gloo(system: System, version: str | None, transport: bool | None) -> None:
    """Refuse a torch whose processes cannot train together. Raises TunedocError.

    `transport` is what the files tell of gloo's transport; None where they do not tell, and the release decides.
    """
    from doctor.checks.distributed import release_has_gloo

    if system != "windows" or version is None:
        return
    if not (release_has_gloo(version) if transport is None else transport):
        raise TunedocError(text("train.no_gloo", version=version), hint=text("train.no_gloo_hint"))


def installed_torch(environment: Environment, system: System) -> tuple[str | None, bool | None]:
    """The release of an environment's torch and, on Windows, whether it links gloo's transport, by its files alone."""
    from doctor.reading.pe import PeError, read_pe
    from doctor.reading.torch_strings import VALUES

    root = environment.python.parent.parent
    places = [root / "Lib" / "site-packages"] if system == "windows" else root.glob("lib/python3*/site-packages")
    for site in places:
        try:
            words = (site / "torch" / "version.py").read_text(encoding="utf-8")
        except OSError:
            continue
        version = dict(VALUES.findall(words)).get("__version__") or None
        if system != "windows":
            return version, None
        try:
            headers = read_pe(site / "torch" / "lib" / "torch_cpu.dll")
        except (PeError, OSError):
            return version, None
        return version, "uv.dll" in {name.lower() for name in headers.imports + headers.delayed}
    return None, None


# --------------------------------------------------------------------------------------------------- following them


@dataclass(slots=True)
class _Member:
    """One of the processes, and what is known of it."""

    rank: int
    worker: Worker
    failed: Failed | None = None
    code: int | None = None
    """Exit code once it has ended."""


@dataclass(slots=True)
class _Attempt:
    """One start of all processes."""

    members: list[_Member]
    inbox: queue.SimpleQueue[tuple[_Member, Event | None]] = field(default_factory=queue.SimpleQueue)
    """What they say; None when one has ended."""
    ended_badly: list[_Member] = field(default_factory=list)
    """In the order in which they ended."""

    def listen(self) -> None:
        for member in self.members:
            threading.Thread(target=self._read, args=(member,), name=f"trainer {member.rank}", daemon=True).start()

    def _read(self, member: _Member) -> None:
        try:
            for line in member.worker.process.lines():
                event = read_event(line)
                if event is not None:
                    self.inbox.put((member, event))
        finally:
            self.inbox.put((member, None))

    def end(self) -> None:
        for member in self.members:
            if member.code is None:
                member.worker.end()


class _NotMet(Exception):
    """The processes did not find each other; the reason, in English."""


class Team:
    """The running processes of one job, followed as one program. What the first of them says is what the run says."""

    def __init__(self, start: Callable[[str], list[Worker]], folder: Path) -> None:
        self._start = start
        self._folder = folder
        self._workers = start("")
        self._asked: list[dict[str, object]] = []

    def command(self, **fields: object) -> None:
        """Send a command to all."""
        self._asked.append(fields)
        for worker in self._workers:
            worker.command(**fields)

    def end(self) -> None:
        """End all at once."""
        for worker in self._workers:
            worker.end()

    def stop(self, patience_seconds: float = 60.0) -> None:
        """Ask all to save and stop; end those that have not gone after a while."""
        self.command(command="stop")
        until = time.monotonic() + patience_seconds
        for worker in self._workers:
            try:
                worker.process.wait(max(0.0, until - time.monotonic()))
            except TooSlow:
                worker.end()

    def follow(self, on_event: Callable[[Event], None]) -> Finished:
        """Pass on the run's events until it ends. Raises WorkerFailed when it did not end well.

        Whatever breaks this off ends the processes: nobody would read what they say.
        """
        if len(self._workers) == 1:
            return self._workers[0].follow(on_event)
        try:
            return self._attempt(on_event, may_meet_again=True)
        except _NotMet as reason:
            on_event(
                Warned(
                    code="group_by_file",
                    message="the processes could not meet over a port and are started once more",
                    detail={"reason": str(reason)},
                )
            )
        # Never a name that was used before: what is left in such a file would mislead the next meeting.
        name = f"meeting-{secrets.token_hex(4)}"
        try:
            self._workers = self._start(name)
            for fields in self._asked:
                self.command(**fields)
            return self._attempt(on_event, may_meet_again=False)
        finally:
            (self._folder / name).unlink(missing_ok=True)

    def _attempt(self, on_event: Callable[[Event], None], *, may_meet_again: bool) -> Finished:
        attempt = _Attempt([_Member(rank, worker) for rank, worker in enumerate(self._workers)])
        attempt.listen()
        finished: Finished | None = None
        saved: int | None = None
        meeting_ends: float | None = None
        until: float | None = None
        try:
            while any(member.code is None for member in attempt.members):
                now = time.monotonic()
                if until is not None and now > until:
                    break
                if meeting_ends is not None and now > meeting_ends:
                    raise _NotMet(f"no meeting within {_MEETING_SECONDS:.0f} s")
                try:
                    member, event = attempt.inbox.get(timeout=_SLICE_SECONDS)
                except queue.Empty:
                    continue
                if event is None:
                    member.code = member.worker.process.wait()
                    if member.code != 0 or (member.rank == 0 and finished is None):
                        attempt.ended_badly.append(member)
                        until = until or now + _LAST_WORDS_SECONDS
                    elif member.rank == 0:
                        until = now + _PARTING_SECONDS
                elif isinstance(event, Failed):
                    member.failed = event
                elif member.rank == 0:
                    if isinstance(event, Finished):
                        finished = event
                    elif isinstance(event, Saved):
                        saved = event.step
                    elif isinstance(event, Staged) and event.stage == "resume":
                        saved = int(event.detail["step"])
                    elif isinstance(event, Staged) and event.stage == "meet":
                        meeting_ends = now + _MEETING_SECONDS if event.seconds is None else None
                    on_event(event)
        finally:
            attempt.end()
        if finished is not None:
            return finished
        cause = _cause(attempt.ended_badly)
        if cause.failed is not None and cause.failed.kind == "no_group" and may_meet_again:
            raise _NotMet(cause.failed.message)
        raise _failure(cause, len(attempt.members), saved, on_event)


def _cause(ended: Iterable[_Member]) -> _Member:
    """Whose end brought the others down: the first that did not merely miss another."""
    in_order = list(ended)
    own = [member for member in in_order if member.failed is None or member.failed.kind not in _SECOND_HAND]
    return (own or in_order)[0]


def _failure(cause: _Member, processes: int, saved: int | None, on_event: Callable[[Event], None]) -> WorkerFailed:
    log = cause.worker.log
    if cause.failed is not None:
        on_event(cause.failed)
        return told_failure(cause.failed, log)
    assert cause.code is not None
    message = text(
        "worker.process_lost", number=cause.rank + 1, processes=processes, ending=ending(cause.code), tail=tail(log)
    )
    on_event(Failed(kind="process_lost", message=f"process {cause.rank + 1} of {processes} ended: {cause.code}"))
    if saved is None:
        hint = text("worker.hint_lost_early", log=str(log))
    else:
        hint = text("worker.hint_lost_at_step", step=saved, log=str(log))
    return WorkerFailed(message, kind="process_lost", hint=hint)
