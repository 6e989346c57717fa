"""Several files at once, in threads of their own, and how far they are."""

from __future__ import annotations

import queue
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from doctor.fetching.connection import Connections
from doctor.fetching.model import Dropped, Fetching, Patience, Wanted
from doctor.fetching.transfer import Hosts, Transfer
from doctor.fetching.troubles import Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_SLICE_SECONDS = 0.1
"""How long a wait may last before Ctrl-C is looked for."""
_REPORT_SECONDS = 0.5
_SPEED_REPORTS = 10
"""The speed is that of the last five seconds."""


class Work:
    """The files and the threads that bring them."""

    def __init__(
        self, wanted: Sequence[Wanted], folder: Path, variables: Mapping[str, str], patience: Patience,
        more: Callable[[Wanted], tuple[str, ...]],
    ) -> None:  # fmt: skip
        self.stop = threading.Event()
        self._notes: queue.SimpleQueue[Dropped] = queue.SimpleQueue()
        self._errors: queue.SimpleQueue[BaseException] = queue.SimpleQueue()
        connections, hosts = Connections(variables), Hosts()
        self._transfers = [
            Transfer(each, folder, connections, patience, hosts, self._notes.put, self.stop, self._at_work, more)
            for each in wanted
        ]
        # The largest first: the last to end is then a small one.
        self._waiting = deque(sorted(self._transfers, key=lambda transfer: -(transfer.wanted.bytes or 0)))
        # Not a pool: its threads are waited for at the end of the program, and a read may last half a minute.
        self._threads = [
            threading.Thread(target=self._serve, daemon=True) for _ in range(min(patience.at_once, len(wanted)))
        ]

    def follow(self, report: Callable[[Fetching | Dropped], None]) -> None:
        """Start, tell how it goes, and wait for the end. Raises what a transfer raised first."""
        samples: deque[tuple[float, int]] = deque(maxlen=_SPEED_REPORTS + 1)
        for thread in self._threads:
            thread.start()
        told = 0.0
        while any(thread.is_alive() for thread in self._threads):
            for thread in self._threads:
                if thread.is_alive():
                    thread.join(_SLICE_SECONDS)
                    break
            self._pass_on(report)
            if time.monotonic() - told >= _REPORT_SECONDS:
                told = time.monotonic()
                report(self._state(samples))
        self._pass_on(report)
        report(self._state(samples))

    def _pass_on(self, report: Callable[[Fetching | Dropped], None]) -> None:
        while not self._notes.empty():
            report(self._notes.get())
        if not self._errors.empty():
            raise self._errors.get()

    def _state(self, samples: deque[tuple[float, int]]) -> Fetching:
        samples.append((time.monotonic(), sum(transfer.received for transfer in self._transfers)))
        (begun, before), (now, received) = samples[0], samples[-1]
        sizes = [t.have if t.done else t.wanted.bytes for t in self._transfers]
        return Fetching(
            files=len(self._transfers),
            files_done=sum(transfer.done for transfer in self._transfers),
            bytes_done=sum(transfer.have for transfer in self._transfers),
            bytes_total=None if None in sizes else sum(size or 0 for size in sizes),
            bytes_per_second=(received - before) / (now - begun) if now > begun else 0.0,
        )

    def _at_work(self) -> int:
        return sum(thread.is_alive() for thread in self._threads)

    def _serve(self) -> None:
        while not self.stop.is_set():
            try:
                transfer = self._waiting.popleft()
            except IndexError:
                return
            try:
                transfer.run()
            except Stopped:
                return
            except BaseException as exc:
                # To the thread that waits: it is the one that people see.
                self._errors.put(exc)
                self.stop.set()
                return
