"""Examine the whole machine: every section at once, each with a time limit, none able to raise."""

from __future__ import annotations

import datetime
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from doctor.probe.adapters import probe_adapters
from doctor.probe.environment import probe_environment, probe_other_environments
from doctor.probe.identity import identify
from doctor.probe.models import probe_models
from doctor.probe.nvidia import probe_cuda_toolkits, probe_nvidia
from doctor.probe.programs import probe_loose_libraries, probe_programs
from doctor.probe.pythons import describe_pythons, find_pythons
from doctor.probe.settings import probe_settings
from doctor.probe.storage import probe_disks
from doctor.probe.system import (
    probe_container,
    probe_memory,
    probe_os,
    probe_processor,
    probe_python,
)
from doctor.probe.windows import probe_windows
from doctor.probe.wsl import probe_wsl
from doctor.snapshot.model import NOT_ASKED, SNAPSHOT_VERSION, Snapshot, Unknown
from doctor.snapshot.redaction import redact
from doctor.version import __version__

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.host.base import Host
    from doctor.paths import Home
    from doctor.snapshot.model import Endpoint

S = TypeVar("S")
T = TypeVar("T")

TIMEOUT_SECONDS = 10


def examine_machine(
    host: Host,
    home: Home,
    *,
    environment: Path | None = None,
    network: bool = False,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Snapshot:
    """What the machine says about itself, redacted. Takes as long as its slowest section, and at most the limit.

    `environment` names a Python environment to look at instead of tunedoc's own. `network` asks the hub, its mirrors
    and the package indexes as well, which nothing else here does.
    """
    user_folder = Path.home()
    until = time.monotonic() + timeout_seconds
    limit = (until, timeout_seconds)
    nvidia = Question(lambda: probe_nvidia(host))
    subject = Question(lambda: probe_environment(host, home, environment))
    found = Question(lambda: find_pythons(host))
    pythons = Question(lambda: _of(found.answer(*limit), lambda all_: describe_pythons(host, all_)))
    others = Question(
        lambda: _of(
            found.answer(*limit), lambda all_: probe_other_environments(host, home, subject.answer(*limit), all_)
        )
    )
    system = Question(lambda: probe_os(host))
    processor = Question(lambda: probe_processor(host))
    memory = Question(lambda: probe_memory(host))
    disks = Question(lambda: probe_disks(host, home, user_folder))
    toolkits = Question(lambda: probe_cuda_toolkits(host))
    settings = Question(lambda: probe_settings(host, user_folder))
    python = Question(lambda: probe_python(host))
    adapters = Question(lambda: probe_adapters(host))
    windows = Question(lambda: probe_windows(host))
    wsl = Question(lambda: probe_wsl(host))
    programs = Question(lambda: probe_programs(host))
    loose_libraries = Question(lambda: probe_loose_libraries(host))
    models = Question(lambda: probe_models(home))
    container = Question(lambda: probe_container(host))
    endpoints = Question(lambda: _ask_network(host, user_folder)) if network else None
    snapshot = Snapshot(
        schema=SNAPSHOT_VERSION,
        tunedoc=__version__,
        taken_at=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        os=system.answer(*limit),
        processor=processor.answer(*limit),
        memory=memory.answer(*limit),
        disks=disks.answer(*limit),
        python=python.answer(*limit),
        nvidia=nvidia.answer(*limit),
        cuda_toolkits=toolkits.answer(*limit),
        environment=subject.answer(*limit),
        settings=settings.answer(*limit),
        adapters=adapters.answer(*limit),
        windows=windows.answer(*limit),
        wsl=wsl.answer(*limit),
        pythons=pythons.answer(*limit),
        other_environments=others.answer(*limit),
        programs=programs.answer(*limit),
        loose_libraries=loose_libraries.answer(*limit),
        network=endpoints.answer(*limit) if endpoints else NOT_ASKED,
        models=models.answer(*limit),
        container=container.answer(*limit),
    )
    return redact(snapshot, identify(host, user_folder))


def _ask_network(host: Host, user_folder: Path) -> tuple[Endpoint, ...] | Unknown:
    from doctor.probe.network import probe_network  # TLS alone costs ten milliseconds to load

    return probe_network(host, user_folder)


def _of(known: S | Unknown, ask: Callable[[S], T]) -> T | Unknown:
    """What follows from another answer."""
    return known if isinstance(known, Unknown) else ask(known)


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
