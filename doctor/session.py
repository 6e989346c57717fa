"""What both faces ask for: propose a plan for a machine, and install what was agreed to."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.apply import environments
from doctor.apply.progress import stage
from doctor.catalogue.load import catalogue_file, load_catalogue
from doctor.catalogue.select import choose_stack
from doctor.errors import StepFailed
from doctor.holding import hold
from doctor.plan.lock import with_sizes
from doctor.plan.planner import choose_python, inputs_of, plan_install, require_stack
from doctor.quick_dataclass import dataclass
from doctor.snapshot.model import PythonInterpreter
from doctor.uv.options import without_credentials
from doctor.uv.program import Uv
from doctor.uv.resolve import resolve, torch_source
from doctor.uv.sizes import wheel_sizes
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.apply.progress import Progress
    from doctor.environment import Environment
    from doctor.host.base import Host
    from doctor.paths import Home
    from doctor.plan.model import Plan
    from doctor.snapshot.model import Snapshot


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A plan and what it was made from."""

    plan: Plan
    snapshot: Snapshot
    inputs: str
    """Digest of what decides the environment's content; its record carries it."""


@dataclass(frozen=True, kw_only=True)
class Installed:
    """The environment in use after an install."""

    environment: Environment
    plan: Plan
    reused: bool
    """It was there already, built from the same inputs."""
    seconds: float


def propose(
    host: Host,
    home: Home,
    report: Callable[[Progress], None],
    *,
    uv: Uv | None = None,
    snapshot: Snapshot | None = None,
    resolved: bool = False,
    rebuild: bool = False,
    leftovers: tuple[str, ...] = (),
) -> Proposal:
    """A plan for this machine, or for the one that a snapshot describes; changes nothing but uv's cache.

    `resolved` also finds the exact packages, their hashes and sizes, which needs the package sources. `rebuild` plans
    a new environment even where the present one would do. Raises NoStack, NoNetwork, StepFailed, BadInput.
    """
    this_machine = snapshot is None
    if snapshot is None:
        snapshot = _examine(host, home, report)
    catalogue = load_catalogue(catalogue_file(host.environ))
    choice = choose_stack(snapshot, catalogue)
    stack = require_stack(choice)
    python = choose_python(stack, snapshot.python)
    inputs = inputs_of(stack, catalogue, python)
    same = environments.find_reusable(home, inputs) if this_machine and not rebuild else None
    uv = uv or Uv(host)
    source = torch_source(stack, catalogue, python.version, uv.sources)
    lock = None
    if resolved and same is None:
        with stage(report, "resolve", text("install.resolving", stack=stack.id)):
            lock = resolve(uv, home, stack, catalogue, python, for_this_machine=this_machine)
            lock = with_sizes(lock, wheel_sizes(lock, uv.sources))
    plan = plan_install(
        snapshot,
        catalogue,
        choice,
        environment=same.folder.name if same else environments.next_name(home, stack.id),
        previous=environments.current_name(home) if this_machine else None,
        lock=lock,
        torch_from=without_credentials(source.place),
        leftovers=leftovers,
        reusable=same is not None,
    )
    return Proposal(plan=plan, snapshot=snapshot, inputs=inputs)


def install(
    host: Host,
    home: Home,
    report: Callable[[Progress], None],
    *,
    agree: Callable[[Plan], bool],
    rebuild: bool = False,
) -> Installed | None:
    """Examine, choose, resolve, ask, build, prove, switch. None when `agree` said no; nothing was changed then.

    An environment that is in place, whole and built from the same inputs is used as it is, without asking and without
    the network. One install at a time. Raises NoStack, NoNetwork, NoSpace, StepFailed, BadInput.
    """
    from doctor.apply.install import carry_out

    begun = time.monotonic()
    busy = StepFailed(text("install.busy", folder=str(home.root)), hint=text("install.busy_hint"))
    with hold(home.root / "install.lock", busy):
        # Whatever is unfinished now was left by an install that is dead: the living hold the lock.
        leftovers = environments.unfinished(home)
        environments.clear_scratch(home)
        uv = Uv(host)
        proposal = propose(host, home, report, uv=uv, resolved=True, rebuild=rebuild, leftovers=leftovers)
        plan = proposal.plan
        if plan.reused:
            environment = environments.reuse(home, plan.environment)
            environments.empty_trash(home)
        elif agree(plan):
            environment = carry_out(plan, host, home, uv, inputs=proposal.inputs, report=report)
        else:
            return None
    return Installed(environment=environment, plan=plan, reused=plan.reused, seconds=time.monotonic() - begun)


def _examine(host: Host, home: Home, report: Callable[[Progress], None]) -> Snapshot:
    from doctor.probe.machine import examine_machine

    with stage(report, "examine", text("install.examining")):
        snapshot = examine_machine(host, home)
    if isinstance(snapshot.python, PythonInterpreter):
        # A snapshot is fit to be shown to others, so its paths are shortened; uv needs the real one.
        snapshot = replace(snapshot, python=replace(snapshot.python, path=str(host.python)))
    return snapshot
