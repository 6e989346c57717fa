"""Examine the whole machine: every section at once, each with a time limit, none able to raise."""

from __future__ import annotations

import datetime
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from doctor.probe.environment import probe_environment
from doctor.probe.nvidia import probe_cuda_toolkits, probe_nvidia
from doctor.probe.settings import probe_settings
from doctor.probe.storage import probe_disks
from doctor.probe.system import kernel_names, probe_memory, probe_os, probe_processor, probe_python
from doctor.snapshot.model import SNAPSHOT_VERSION, Snapshot, Unknown
from doctor.snapshot.redaction import Identity, redact
from doctor.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.host.base import Host
    from doctor.paths import Home

T = TypeVar("T")

TIMEOUT_SECONDS = 10


def examine_machine(host: Host, home: Home, *, timeout_seconds: float = TIMEOUT_SECONDS) -> Snapshot:
    """What the machine says about itself, redacted. Takes as long as its slowest section, and at most the limit."""
    user_folder = Path.home()
    system = Question(lambda: probe_os(host))
    processor = Question(lambda: probe_processor(host))
    memory = Question(lambda: probe_memory(host))
    disks = Question(lambda: probe_disks(host, home, user_folder))
    nvidia = Question(lambda: probe_nvidia(host))
    toolkits = Question(lambda: probe_cuda_toolkits(host))
    environment = Question(lambda: probe_environment(host, home))
    settings = Question(lambda: probe_settings(host, user_folder))
    python = Question(lambda: probe_python(host))
    until = time.monotonic() + timeout_seconds
    snapshot = Snapshot(
        schema=SNAPSHOT_VERSION,
        tunedoc=__version__,
        taken_at=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        os=system.answer(until, timeout_seconds),
        processor=processor.answer(until, timeout_seconds),
        memory=memory.answer(until, timeout_seconds),
        disks=disks.answer(until, timeout_seconds),
        python=python.answer(until, timeout_seconds),
        nvidia=nvidia.answer(until, timeout_seconds),
        cuda_toolkits=toolkits.answer(until, timeout_seconds),
        environment=environment.answer(until, timeout_seconds),
        settings=settings.answer(until, timeout_seconds),
    )
    return redact(snapshot, identify(host, user_folder))


class Question(Generic[T]):
    """One section, being asked on a thread of its own.

    The thread is a daemon: a driver or a dead network share that never answers must not keep the program alive.
    """

    def __init__(self, probe: Callable[[], T]) -> None:
        self._probe = probe
        self._answer: T | Unknown = Unknown("not asked")
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()

    def answer(self, until: float, timeout_seconds: float) -> T | Unknown:
        """The answer, or Unknown when there is none by then (on the monotonic clock)."""
        self._thread.join(max(0.0, until - time.monotonic()))
        if self._thread.is_alive():
            return Unknown(f"no answer in {timeout_seconds:g} s")
        return self._answer

    def _ask(self) -> None:
        try:
            self._answer = self._probe()
        except Exception as exc:
            # Whatever a probe meets is a fact about the machine, not a reason to end the report.
            self._answer = Unknown(f"{type(exc).__name__}: {exc}")


def identify(host: Host, user_folder: Path) -> Identity:
    """Whose traces must not be in the snapshot."""
    names = [host.environ.get(name, "") for name in ("USERNAME", "USER", "LOGNAME")]
    host_name = host.environ.get("COMPUTERNAME", "") if host.system == "windows" else kernel_names().host_name
    return Identity(
        user=next((name for name in names if name), user_folder.name),
        home_folder=str(user_folder),
        host_name=host_name,
    )
