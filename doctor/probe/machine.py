"""Examine the whole machine: every section within a time limit, none able to raise."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from doctor.probe.adapters import probe_adapters
from doctor.probe.environment import probe_environment, probe_other_environments
from doctor.probe.identity import identify
from doctor.probe.models import probe_models
from doctor.probe.nvidia import probe_cuda_toolkits, probe_nvidia
from doctor.probe.programs import probe_loose_libraries, probe_programs
from doctor.probe.pythons import describe_pythons, find_pythons
from doctor.probe.questions import Questions
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
    from doctor.host.base import Host
    from doctor.paths import Home
    from doctor.snapshot.model import Endpoint

TIMEOUT_SECONDS = 10


def examine_machine(
    host: Host,
    home: Home,
    *,
    environment: Path | None = None,
    network: bool = False,
    timeout_seconds: float = TIMEOUT_SECONDS,
) -> Snapshot:
    """What the machine says about itself, redacted. Takes at most the limit, whatever hangs.

    `environment` names a Python environment to look at instead of tunedoc's own. `network` asks the hub, its mirrors
    and the package indexes as well, which nothing else here does.
    """
    user_folder = Path.home()
    questions = Questions(timeout_seconds)
    ask = questions.ask
    subject = ask(lambda: probe_environment(host, home, environment))
    nvidia = ask(lambda: probe_nvidia(host))
    found = ask(lambda: find_pythons(host))
    pythons = ask(found.then(lambda places: describe_pythons(host, places)))
    others = ask(found.then(lambda places: probe_other_environments(host, home, subject.answer(), places)))
    system = ask(lambda: probe_os(host))
    processor = ask(lambda: probe_processor(host))
    memory = ask(lambda: probe_memory(host))
    disks = ask(lambda: probe_disks(host, home, user_folder))
    toolkits = ask(lambda: probe_cuda_toolkits(host))
    settings = ask(lambda: probe_settings(host, user_folder))
    python = ask(lambda: probe_python(host))
    adapters = ask(lambda: probe_adapters(host))
    windows = ask(lambda: probe_windows(host))
    wsl = ask(lambda: probe_wsl(host))
    programs = ask(lambda: probe_programs(host))
    loose_libraries = ask(lambda: probe_loose_libraries(host))
    models = ask(lambda: probe_models(home))
    container = ask(lambda: probe_container(host))
    endpoints = ask(lambda: _ask_network(host, user_folder)) if network else None
    questions.begin()
    snapshot = Snapshot(
        schema=SNAPSHOT_VERSION,
        tunedoc=__version__,
        taken_at=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        os=system.answer(),
        processor=processor.answer(),
        memory=memory.answer(),
        disks=disks.answer(),
        python=python.answer(),
        nvidia=nvidia.answer(),
        cuda_toolkits=toolkits.answer(),
        environment=subject.answer(),
        settings=settings.answer(),
        adapters=adapters.answer(),
        windows=windows.answer(),
        wsl=wsl.answer(),
        pythons=pythons.answer(),
        other_environments=others.answer(),
        programs=programs.answer(),
        loose_libraries=loose_libraries.answer(),
        network=endpoints.answer() if endpoints else NOT_ASKED,
        models=models.answer(),
        container=container.answer(),
    )
    return redact(snapshot, identify(host, user_folder))


def _ask_network(host: Host, user_folder: Path) -> tuple[Endpoint, ...] | Unknown:
    from doctor.probe.network import probe_network  # TLS alone costs ten milliseconds to load

    return probe_network(host, user_folder)
