"""Carry out a plan that builds a training environment: beside the old one, proved, then switched to."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from doctor.apply import environments
from doctor.apply.journal import Journal
from doctor.apply.progress import Line, stage
from doctor.environment import RECORD, read_environment
from doctor.errors import NoSpace, StepFailed, WorkerFailed
from doctor.plan.model import (
    CreateEnvironment,
    InstallPackages,
    ProveEnvironment,
    ResolveLock,
    SetAside,
    SwitchEnvironment,
    UnpackConverter,
)
from doctor.sizing import size_words
from doctor.uv.unpack import unpack_package
from doctor.version import __version__
from doctor.words.text import text
from doctor.worker import start_worker
from trainer.contract import SmokeRequest, Staged

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.apply.progress import Progress
    from doctor.environment import Environment
    from doctor.host.base import Host
    from doctor.paths import Home
    from doctor.plan.model import Plan, Step
    from doctor.uv.program import Uv
    from doctor.words.text import Text


def carry_out(
    plan: Plan, host: Host, home: Home, uv: Uv, *, inputs: str, report: Callable[[Progress], None]
) -> Environment:
    """Do the plan's steps in order; journal the undo of each before it.

    Whatever stops it, the environment in use before stays in use. Raises NoSpace, NoNetwork, StepFailed.
    """
    require_space(plan, host, home, uv)
    journal = Journal(home.journal, plan.environment)
    folder = home.environments / plan.environment
    try:
        for step in plan.steps:
            name, message = words_of(step)
            journal.note(name, "before", undo=_undo_of(step))
            begun = time.monotonic()
            with stage(report, name, message):
                _carry_out_step(step, plan, host, home, uv, inputs, report)
            journal.note(name, "after", seconds=round(time.monotonic() - begun, 3))
    except BaseException as exc:
        # Ctrl-C too. Best effort: what cannot be put away now is put away by the next install.
        with contextlib.suppress(OSError):
            journal.note("work", "failed", why=type(exc).__name__)
            if not (folder / RECORD).exists():
                environments.set_aside(home, folder)
        raise
    environment = read_environment(folder)
    if environment is None:
        raise StepFailed(text("install.vanished", folder=str(folder)), hint=text("install.again_hint"))
    return environment


def require_space(plan: Plan, host: Host, home: Home, uv: Uv) -> None:
    """Refuse to begin what cannot end. Raises NoSpace."""
    places = [home.root]
    cache = _cache_folder(uv)
    if cache is not None and not _same_volume(cache, home.root):
        places.append(cache)
    for place in places:
        free = host.free_bytes(place)
        if free < plan.disk_bytes:
            raise NoSpace(
                text("install.no_space", folder=str(place), needs=size_words(plan.disk_bytes), free=size_words(free)),
                hint=text("install.no_space_hint"),
            )


def words_of(step: Step) -> tuple[str, Text]:
    """A step's stable name, and what it does in words."""
    match step:
        case ResolveLock():
            count, torch_from = len(step.requirements), step.torch_from or text("install.ordinary_index")
            return "resolve", text("install.step_resolve", count=count, python=step.python, torch_from=torch_from)
        case SetAside():
            return "set_aside", text("install.step_set_aside", folders=", ".join(step.folders))
        case CreateEnvironment():
            return "create", text("install.step_create", environment=step.environment, python=step.python)
        case InstallPackages(packages=0):
            return "install", text("install.step_install_unresolved")
        case InstallPackages():
            return "install", text("install.step_install", count=step.packages, size=size_words(step.download_bytes))
        case UnpackConverter():
            return "converter", text("install.step_converter", package=step.package, version=step.version)
        case ProveEnvironment():
            return "prove", text("install.step_prove", tests=", ".join(step.tests), devices=", ".join(step.devices))
        case SwitchEnvironment(previous=None):
            return "switch", text("install.step_switch", environment=step.environment)
        case SwitchEnvironment():
            return "switch", text("install.step_switch_from", environment=step.environment, previous=step.previous)
        case _:
            assert_never(step)


def _carry_out_step(
    step: Step, plan: Plan, host: Host, home: Home, uv: Uv, inputs: str, report: Callable[[Progress], None]
) -> None:
    folder = home.environments / plan.environment
    python = environments.venv_python(folder, host.system)

    def tell(line: str) -> None:
        report(Line(line))

    match step:
        case ResolveLock():
            # Resolved by the session before anybody was asked; a plan that is carried out has its lock.
            assert plan.lock is not None
        case SetAside():
            for name in step.folders:
                # What a program still holds (on Windows) stays for the next time; its name is never used again.
                with contextlib.suppress(OSError):
                    environments.set_aside(home, home.environments / name)
        case CreateEnvironment():
            folder.mkdir(parents=True)
            # No configuration of a project: the environment belongs to no folder of the user's.
            arguments = ["venv", str(folder / environments.VENV), "--python", step.python, "--no-project"]
            uv.run([*arguments, "--quiet"], cwd=folder, on_line=tell)
        case InstallPackages():
            assert plan.lock is not None
            environments.write_lock(folder, plan.lock)
            arguments = ["pip", "sync", environments.LOCK, "--python", str(python), "--no-build", "--compile-bytecode"]
            uv.run([*arguments, *uv.sources.options], cwd=folder, on_line=tell)
        case UnpackConverter():
            unpack_package(
                host,
                home,
                name=step.package,
                version=step.version,
                sha256=step.sha256,
                target=folder / environments.CONVERTER,
                python=python,
                on_line=tell,
            )
        case ProveEnvironment():
            prove(host, home, folder, step, report)
            environments.write_record(
                folder,
                stack=plan.stack.id,
                device=plan.stack.device,
                python=python,
                inputs=inputs,
                proved=step.tests,
                version=__version__,
            )
        case SwitchEnvironment():
            environments.switch(home, step.environment)
        case _:
            assert_never(step)


def prove(host: Host, home: Home, folder: Path, step: ProveEnvironment, report: Callable[[Progress], None]) -> None:
    """Run the proofs in the environment of `folder`. Raises StepFailed with the name of what does not work."""
    worker = start_worker(
        host,
        home,
        environments.venv_python(folder, host.system),
        "trainer.smoke",
        SmokeRequest(tests=step.tests, devices=step.devices, converter=str(folder / environments.CONVERTER)),
        # Not in the environment's folder, which is put away when the proof fails.
        log=home.logs / f"proof-{step.environment}.log",
        request_file=home.logs / f"proof-{step.environment}.json",
    )

    def on_event(event: object) -> None:
        if isinstance(event, Staged) and event.seconds is not None:
            report(Line(f"{event.stage}: {event.seconds:.1f} s"))

    try:
        worker.follow(on_event)
    except WorkerFailed as exc:
        raise StepFailed(
            text("install.not_proved", environment=step.environment, why=exc.message),
            hint=text("install.not_proved_hint", log=str(worker.log)),
        ) from exc


def _undo_of(step: Step) -> dict[str, str | None]:
    match step:
        case CreateEnvironment():
            return {"kind": "remove_environment", "environment": step.environment}
        case SwitchEnvironment():
            return {"kind": "switch_environment", "environment": step.previous}
        case ResolveLock() | SetAside() | InstallPackages() | UnpackConverter() | ProveEnvironment():
            # All inside the new environment's folder, which goes as a whole; leftovers are of no use to anybody.
            return {"kind": "nothing"}
        case _:
            assert_never(step)


def _cache_folder(uv: Uv) -> Path | None:
    ran = uv.attempt(["cache", "dir", "--color", "never"])
    words = ran.stdout.strip()
    return Path(words) if ran.exit_code == 0 and words else None


def _same_volume(one: Path, other: Path) -> bool:
    def device(path: Path) -> int:
        while not path.exists() and path != path.parent:
            path = path.parent
        return path.stat().st_dev

    return device(one) == device(other)
