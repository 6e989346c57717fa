"""The running processes of one job, followed as one: what they say, and which of them brought the others down.

They meet over a port of the loopback address; where that fails, they are started once more and meet by a file in the
run folder. None of them can go on without the others, so when one ends, all are ended.
"""

from __future__ import annotations

import contextlib
import queue
import secrets
import threading
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from doctor.errors import WorkerFailed
from doctor.host.base import TooSlow
from doctor.words.text import text
from doctor.worker import ending, tail, told_failure
from trainer.contract import Failed, Finished, Saved, Staged, Warned, read_event

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from doctor.worker import Worker
    from trainer.contract import Event, FailureKind

_MEETING_SECONDS = 480.0
"""The trainers give up after five minutes by themselves; one that hangs in a library cannot."""
_LAST_WORDS_SECONDS = 4.0
"""When one process has failed, the others may still say why they did: for so long before they are ended."""
_PARTING_SECONDS = 20.0
"""How long the others may take to go once the run is finished."""
_GOING_SECONDS = 10.0
"""How long the system may take to remove a process that was ended."""
_SLICE_SECONDS = 0.2
_SECOND_HAND: frozenset[FailureKind] = frozenset({"process_lost", "no_group"})
"""What a process says when it is another that is at fault."""


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
            # Not told as a failure: nothing is lost yet.
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
        met = False
        meeting_ends: float | None = None
        until: float | None = None
        try:
            while any(member.code is None for member in attempt.members):
                now = time.monotonic()
                if until is not None and now > until:
                    break
                if meeting_ends is not None and now > meeting_ends:
                    attempt.fail_to_meet(f"no meeting within {_MEETING_SECONDS:.0f} s")
                    break
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
                        # Stopped before they met, it leaves the others waiting for it.
                        until = now + (_PARTING_SECONDS if met else 0.0)
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
                        met = event.seconds is not None
                        meeting_ends = None if met else now + _MEETING_SECONDS
                    on_event(event)
        finally:
            attempt.end()
        if finished is not None:
            return finished
        cause = _cause(attempt.ended_badly)
        if cause.failed is not None and cause.failed.kind == "no_group" and may_meet_again:
            raise _NotMet(cause.failed.message)
        raise _failure(cause, len(attempt.members), saved, on_event)


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

    def fail_to_meet(self, why: str) -> None:
        """Note for the first what it would say itself if it did not hang."""
        first = self.members[0]
        first.failed = first.failed or Failed(kind="no_group", message=why)
        self.ended_badly.append(first)

    def end(self) -> None:
        """End those that still run, and see them gone."""
        for member in self.members:
            if member.code is None:
                member.worker.end()
        for member in self.members:
            if member.code is None:
                with contextlib.suppress(TooSlow):
                    member.worker.process.wait(_GOING_SECONDS)


class _NotMet(Exception):
    """The processes did not find each other; the reason, in English."""


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
    told = tail(log)
    message = text(
        "worker.process_lost",
        number=cause.rank + 1,
        processes=processes,
        ending=ending(cause.code),
        last_words=text("worker.last_words", tail=told) if told else "",
    )
    on_event(Failed(kind="process_lost", message=f"process {cause.rank + 1} of {processes} ended: {cause.code}"))
    if saved is None:
        hint = text("worker.hint_lost_early", log=str(log))
    else:
        hint = text("worker.hint_lost_at_step", step=saved, log=str(log))
    return WorkerFailed(message, kind="process_lost", hint=hint)
