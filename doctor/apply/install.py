"""Carry out a plan that builds a training environment: beside the old one, proved, then switched to."""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from doctor.apply import environments
from doctor.apply.journal import Journal
from doctor.apply.progress import Amount, Line, Note, stage
from doctor.apply.step_words import undo_of, words_of
from doctor.environment import RECORD, read_environment
from doctor.errors import NoSpace, StepFailed, WorkerFailed
from doctor.fetching import Dropped, Fetching, Refused, Wanted, fetch
from doctor.host.waking import keep_awake
from doctor.plan.lock import read_lock
from doctor.plan.model import (
    CreateEnvironment,
    FetchWheels,
    InstallPackages,
    InstallPython,
    ProveEnvironment,
    ResolveLock,
    SetAside,
    SwitchEnvironment,
    UnpackConverter,
)
from doctor.sizing import size_words
from doctor.uv.counter import counter, past_proxies
from doctor.uv.unpack import unpack_package
from doctor.uv.wheels import index_options, indexed_wheels, lock_with
from doctor.version import __version__
from doctor.words.text import text
from doctor.worker import start_worker
from trainer.contract import SmokeRequest, Staged
from trainer.file_moves import remove_tree

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.apply.progress import Progress
    from doctor.apply.sourcing import Sourcing
    from doctor.environment import Environment
    from doctor.host.base import Host
    from doctor.paths import Home
    from doctor.plan.lock import Locked
    from doctor.plan.model import Plan, Step
    from doctor.uv.program import Uv
    from doctor.words.text import Text

__all__ = ["NotProved", "carry_out", "fetched_wheels", "prove", "require_space", "words_of"]


class NotProved(StepFailed):
    """A new environment does not work; the row that it was built from is not for this machine."""

    def __init__(self, message: Text, *, hint: Text, why: Text, package: str | None) -> None:
        super().__init__(message, hint=hint)
        self.why = why
        """What did not work, as the proofs say it."""
        self.package = package
        """The package that is at fault, where that is known."""


def fetched_wheels(home: Home) -> Path:
    """Where large wheels are brought; partial ones stay there for the next try."""
    return home.scratch / "wheels"


class _Install:
    """One plan on its way."""

    def __init__(
        self, plan: Plan, host: Host, home: Home, sourcing: Sourcing, missing: tuple[Locked, ...], inputs: str,
        gpus: tuple[int, ...] | None, report: Callable[[Progress], None],
    ) -> None:  # fmt: skip
        self.plan, self.host, self.home, self.sourcing = plan, host, home, sourcing
        self.inputs, self.report = inputs, report
        self.folder = home.environments / plan.environment
        self.python = environments.venv_python(self.folder, host.system)
        self.missing = missing
        self.gpus = gpus
        self.base = plan.python.request
        """What the environment is made from: an interpreter or a version."""

    def tell(self, line: str) -> None:
        self.report(Line(line))

    def do(self, step: Step) -> None:
        """One step. Raises NoSpace, NoNetwork, StepFailed."""
        folder, uv = self.folder, self.sourcing.uv
        match step:
            case ResolveLock():
                # Resolved by the session before anybody was asked; a plan that is carried out has its lock.
                assert self.plan.lock is not None
            case SetAside():
                for name in step.folders:
                    # What a program still holds (on Windows) stays for the next time; its name is never used again.
                    with contextlib.suppress(OSError):
                        environments.set_aside(self.home, self.home.environments / name)
            case InstallPython():
                self.base = self.sourcing.fetch_python(step.version, self.tell)
            case FetchWheels():
                self._fetch()
            case CreateEnvironment():
                folder.mkdir(parents=True)
                # No configuration of a project: the environment belongs to no folder of the user's.
                arguments = ["venv", str(folder / environments.VENV), "--python", self.base, "--no-project"]
                uv.run([*arguments, "--quiet"], cwd=folder, on_line=self.tell)
            case InstallPackages():
                self._install(uv)
            case UnpackConverter():
                unpack_package(
                    self.host,
                    self.home,
                    name=step.package,
                    version=step.version,
                    sha256=step.sha256,
                    target=folder / environments.CONVERTER,
                    python=self.python,
                    on_line=self.tell,
                    uv=uv,
                )
            case ProveEnvironment():
                prove(self.host, self.home, folder, step, self.report, gpus=self.gpus)
                environments.write_record(
                    folder,
                    stack=self.plan.stack.id,
                    device=self.plan.stack.device,
                    python=self.python,
                    inputs=self.inputs,
                    proved=step.tests,
                    version=__version__,
                    devices=step.devices,
                )
            case SwitchEnvironment():
                environments.switch(self.home, step.environment)
            case _:
                assert_never(step)

    def _fetch(self) -> None:
        """Bring the large wheels. Where only a password is missing uv tries for itself: it knows more ways to ask."""
        assert self.plan.lock is not None
        by_hash = {wheel.sha256: wheel for wheel in self.missing}
        # A size that the lock has is held to; one that a server merely told is for showing, and may be a lie.
        sizes = {wheel.sha256: wheel.bytes for wheel in read_lock(self.plan.lock.toml).packages}
        wanted = [
            Wanted(file=w.file, sha256=w.sha256, bytes=sizes.get(w.sha256), urls=self.sourcing.addresses(w))
            for w in self.missing
        ]

        def pass_on(news: Fetching | Dropped) -> None:
            if isinstance(news, Dropped):
                self.report(Note(text("fetching.dropped", place=news.place, file=news.file, why=news.why)))
            else:
                done, total, speed = news.bytes_done, news.bytes_total, news.bytes_per_second
                self.report(Amount(done_bytes=done, total_bytes=total, bytes_per_second=speed))

        try:
            fetch(
                wanted,
                fetched_wheels(self.home),
                variables=self.sourcing.uv.sources.variables,
                report=pass_on,
                more=lambda file: self.sourcing.elsewhere(by_hash[file.sha256]),
            )
        except Refused as exc:
            self.report(Note(text("install.left_to_uv", why=exc.message)))
            self.missing = ()

    def _install(self, uv: Uv) -> None:
        """Everything in the lock. uv gets fetched wheels from their folder, and keeps them in its cache as its own."""
        lock = self.plan.lock
        assert lock is not None
        environments.write_lock(self.folder, lock)
        indexed = indexed_wheels(lock)
        wheels = fetched_wheels(self.home)
        work = self.home.scratch / f"resolve-install-{os.getpid()}"
        remove_tree(work)
        work.mkdir(parents=True)
        try:
            with counter(wheels, self.missing) as addresses:
                (work / environments.LOCK).write_text(
                    lock_with(lock, indexed, addresses), encoding="utf-8", newline="\n"
                )
                arguments = ["pip", "sync", environments.LOCK, "--python", str(self.python), "--no-build"]
                arguments += ["--compile-bytecode", *uv.sources.options, *index_options(indexed)]
                uv = uv.with_variables(past_proxies(uv.sources.variables)) if addresses else uv
                uv.run(arguments, cwd=work, on_line=self.tell)
        finally:
            remove_tree(work)
        # What is left there now are wheels that uv's cache holds, and pieces of wheels that nobody wants any more.
        remove_tree(wheels)


def carry_out(
    plan: Plan,
    host: Host,
    home: Home,
    sourcing: Sourcing,
    *,
    missing: tuple[Locked, ...] = (),
    inputs: str,
    gpus: tuple[int, ...] | None = None,
    report: Callable[[Progress], None],
) -> Environment:
    """Do the plan's steps in order; journal the undo of each before it.

    `missing` are the large wheels of the lock that uv's cache lacks. `gpus`: prove on these alone, by the
    driver's numbers; None for all. Whatever stops it, the environment in use before
    stays in use. Raises NotProved, NoSpace, NoNetwork, StepFailed.
    """
    require_space(plan, host, home, sourcing.uv)
    work = _Install(plan, host, home, sourcing, missing, inputs, gpus, report)
    journal = Journal(home.journal, plan.environment)
    folder = home.environments / plan.environment
    try:
        with keep_awake(f"installing {plan.environment}"):
            for step in plan.steps:
                name, message = words_of(step)
                journal.note(name, "before", undo=undo_of(step))
                begun = time.monotonic()
                with stage(report, name, message):
                    work.do(step)
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


def prove(
    host: Host,
    home: Home,
    folder: Path,
    step: ProveEnvironment,
    report: Callable[[Progress], None],
    *,
    gpus: tuple[int, ...] | None = None,
) -> None:
    """Run the proofs in the environment of `folder`. Raises NotProved with the name of what does not work."""
    # CUDA counts the fastest first unless it is told to count as the driver does.
    visible = None if gpus is None else ",".join(str(number) for number in gpus)
    chosen = {} if visible is None else {"CUDA_VISIBLE_DEVICES": visible, "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}
    worker = start_worker(
        host,
        home,
        environments.venv_python(folder, host.system),
        "trainer.smoke",
        SmokeRequest(tests=step.tests, devices=step.devices, converter=str(folder / environments.CONVERTER)),
        # Not in the environment's folder, which is put away when the proof fails.
        log=home.logs / f"proof-{step.environment}.log",
        request_file=home.logs / f"proof-{step.environment}.json",
        environ=chosen,
    )

    def on_event(event: object) -> None:
        if isinstance(event, Staged) and event.seconds is not None:
            report(Line(f"{event.stage}: {event.seconds:.1f} s"))

    try:
        worker.follow(on_event)
    except WorkerFailed as exc:
        raise NotProved(
            text("install.not_proved", environment=step.environment, why=exc.message),
            hint=text("install.not_proved_hint", log=str(worker.log)),
            why=exc.message,
            package=exc.package,
        ) from exc


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
