"""Ask many things of a machine, each with a time limit, none able to raise or to hold up the others."""

from __future__ import annotations

import threading
import time
from collections import deque
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from doctor.snapshot.model import Unknown

if TYPE_CHECKING:
    from collections.abc import Callable

S = TypeVar("S")
T = TypeVar("T")

PATIENCE_SECONDS = 0.1


class Questions:
    """Questions that are asked in order on one thread; while one of them takes long, another goes on with the rest.

    A thread for each from the start would cost a tenth of `tunedoc check`: they would take the interpreter from one
    another at every file. The threads are daemons: a driver or a dead network share that never answers must not keep
    the program alive.
    """

    def __init__(self, timeout_seconds: float) -> None:
        self.timeout_seconds = timeout_seconds
        self.until = time.monotonic() + timeout_seconds
        """On the monotonic clock."""
        self._waiting: deque[Question[Any]] = deque()

    def ask(self, probe: Callable[[], T]) -> Question[T]:
        """Queue a question. One that needs another's answer comes after it."""
        question = Question(self, probe)
        self._waiting.append(question)
        return question

    def begin(self) -> None:
        """Start asking, or let a further thread go on with what waits."""
        if self._waiting:
            threading.Thread(target=self._work, daemon=True).start()

    def _work(self) -> None:
        while self._waiting:
            try:
                question = self._waiting.popleft()
            except IndexError:  # another thread was quicker
                return
            question.work()


class Question(Generic[T]):
    """One section, and its answer when there is one."""

    def __init__(self, questions: Questions, probe: Callable[[], T]) -> None:
        self._questions = questions
        self._probe = probe
        self._answer: T | Unknown = Unknown("not asked")
        self._done = threading.Event()

    def answer(self) -> T | Unknown:
        """The answer, or Unknown when there is none by the time limit."""
        while not self._done.wait(max(0.0, min(PATIENCE_SECONDS, self._questions.until - time.monotonic()))):
            if time.monotonic() >= self._questions.until:
                return Unknown(f"no answer in {self._questions.timeout_seconds:g} s")
            self._questions.begin()
        return self._answer

    def then(self, ask: Callable[[T], S]) -> Callable[[], S | Unknown]:
        """A probe that needs this answer first: Unknown where this is."""

        def probe() -> S | Unknown:
            known = self.answer()
            return known if isinstance(known, Unknown) else ask(known)

        return probe

    def work(self) -> None:
        """Ask, and keep the answer."""
        try:
            self._answer = self._probe()
        except Exception as exc:
            # Whatever a probe meets is a fact about the machine, not a reason to end the report.
            self._answer = Unknown(f"{type(exc).__name__}: {exc}")
        self._done.set()
