"""What both faces ask for: propose a plan for a machine, and install what was agreed to."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from doctor.apply import environments
from doctor.apply.progress import Note, stage
from doctor.apply.sourcing import Means, Sourcing
from doctor.catalogue.load import catalogue_file, load_catalogue
from doctor.catalogue.parts import choose_parts
from doctor.catalogue.select import choose_stack
from doctor.catalogue.wishes import NOTHING
from doctor.errors import NoStack, StepFailed
from doctor.fetching.addresses import host_of, without_credentials
from doctor.holding import hold
from doctor.plan.lock import verify_lock, with_sizes
from doctor.plan.planner import inputs_of, plan_install, python_for, require_stack
from doctor.plan.preparing import prepared
from doctor.quick_dataclass import dataclass
from doctor.snapshot.model import PythonInterpreter
from doctor.uv.pythons import find_python
from doctor.uv.resolve import resolve, torch_source
from doctor.uv.sizes import wheel_sizes
from doctor.uv.wheels import large_wheels, missing_wheels
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from doctor.apply.install import NotProved
    from doctor.apply.progress import Progress
    from doctor.apply.sourcing import Supply
    from doctor.catalogue.model import Catalogue
    from doctor.catalogue.parts import PartChoice
    from doctor.catalogue.select import Choice
    from doctor.catalogue.wishes import Wishes
    from doctor.environment import Environment
    from doctor.host.base import Host
    from doctor.paths import Home
    from doctor.plan.lock import Lock, Locked
    from doctor.plan.model import Plan, PythonChoice
    from doctor.snapshot.model import Snapshot
    from doctor.words.text import Text


_PYTHONS = ("3.12", "3.11", "3.13", "3.14", "3.10")


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A plan and what it was made from."""

    plan: Plan
    snapshot: Snapshot
    inputs: str
    """Digest of what decides the environment's content; its record carries it."""
    sourcing: Sourcing
    """Where its packages come from."""
    missing: tuple[Locked, ...]
    """Large wheels of the lock that uv's cache lacks."""


@dataclass(frozen=True, kw_only=True)
class Installed:
    """The environment in use after an install."""

    environment: Environment
    plan: Plan
    reused: bool
    """It was there already, built from the same inputs."""
    seconds: float
    not_proved: tuple[str, ...] = ()
    """Better rows that were built and did not work on this machine."""


def propose(
    host: Host,
    home: Home,
    report: Callable[[Progress], None],
    *,
    snapshot: Snapshot | None = None,
    resolved: bool = False,
    rebuild: bool = False,
    leftovers: tuple[str, ...] = (),
    wishes: Wishes = NOTHING,
    means: Means | None = None,
    failed: Mapping[str, Text] | None = None,
) -> Proposal:
    """A plan for this machine, or for the one that a snapshot describes; changes nothing but uv's cache.

    `resolved` also finds the exact packages, their hashes and sizes, which needs the package sources. `rebuild` plans
    a new environment even where the present one would do. `wishes` are limits that the user sets, and `means` is what
    was said about the sources of packages. `failed` are rows whose packages did not work on this machine, and why.

    Raises NoStack, NoNetwork, StepFailed, BadInput, UsageError.
    """
    this_machine = snapshot is None
    if snapshot is None:
        snapshot = _examine(host, home, report)
    means = means or Means()
    supply = means.supply
    if supply is not None:
        # Nothing can be fetched, and whatever Python the bundle brings is as good as one that is here.
        wishes = replace(wishes, offline=True, pythons=_PYTHONS if supply.python else ())
    catalogue = load_catalogue(supply.catalogue() if supply else catalogue_file(host.environ))
    sourcing = Sourcing(host, home, catalogue, means)
    choice, python, offered = _choose(snapshot, catalogue, wishes, dict(failed or {}), supply)
    stack = require_stack(choice)
    asked: tuple[PartChoice, ...] = ()
    if wishes.parts:
        asked = choose_parts(snapshot, catalogue, stack, python.version, wishes.parts, wishes=wishes)
    parts = tuple(part for part in asked if part.reason is None)
    inputs = _with_parts(inputs_of(stack, catalogue, python), parts)
    same = environments.find_reusable(home, inputs) if this_machine and not rebuild else None
    lock = None
    sourcing.choose_for(stack, parts, measure=same is None)
    if resolved and same is None:
        with stage(report, "resolve", text("install.resolving", stack=stack.id)):
            lock = offered or sourcing.try_ways(
                lambda way: resolve(
                    way.uv,
                    home,
                    stack,
                    catalogue,
                    python,
                    for_this_machine=this_machine,
                    torch=way.torch,
                    parts=way.parts(parts),
                )
            )
            lock = with_sizes(lock, wheel_sizes(lock, sourcing.uv.sources))
    source = sourcing.way.torch or torch_source(stack, catalogue, python.version, sourcing.uv.sources)
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
        wishes=wishes,
        parts=asked,
    )
    missing: tuple[Locked, ...] = ()
    if this_machine and same is None:
        found = python.path or find_python(sourcing.uv, home, python.version)
        if lock is not None and not sourcing.is_closed:
            missing = missing_wheels(sourcing.uv, home, large_wheels(lock), python.version)
        plan = prepared(
            plan,
            python=replace(python, path=found),
            fetches_python=found is None,
            python_from=sourcing.python_from,
            missing=missing,
            proofs=tuple(part.name for part in parts),
            sources=tuple(dict.fromkeys(host_of(wheel.url) for wheel in missing)),
        )
    return Proposal(plan=plan, snapshot=snapshot, inputs=inputs, sourcing=sourcing, missing=missing)


def install(
    host: Host,
    home: Home,
    report: Callable[[Progress], None],
    *,
    agree: Callable[[Plan], bool],
    rebuild: bool = False,
    wishes: Wishes = NOTHING,
    means: Means | None = None,
) -> Installed | None:
    """Examine, choose, resolve, ask, build, prove, switch. None when `agree` said no; nothing was changed then.

    An environment that is in place, whole and built from the same inputs is used as it is, without asking and without
    the network. Where a new one fails its proofs the next row that fits is proposed, and asked about again. One
    install at a time. Raises NoStack, NoNetwork, NoSpace, StepFailed, BadInput, UsageError.
    """
    begun = time.monotonic()
    busy = StepFailed(text("install.busy", folder=str(home.root)), hint=text("install.busy_hint"))
    failed: dict[str, NotProved] = {}
    with hold(home.root / "install.lock", busy):
        found: tuple[Environment, Plan] | Literal["declined", "not proved"] = "not proved"
        while found == "not proved":
            found = _install_best(host, home, report, agree, rebuild=rebuild, wishes=wishes, means=means, failed=failed)
    if found == "declined":
        return None
    environment, plan = found
    return Installed(
        environment=environment,
        plan=plan,
        reused=plan.reused,
        seconds=time.monotonic() - begun,
        not_proved=tuple(failed),
    )


def _install_best(
    host: Host,
    home: Home,
    report: Callable[[Progress], None],
    agree: Callable[[Plan], bool],
    *,
    rebuild: bool,
    wishes: Wishes,
    means: Means | None,
    failed: dict[str, NotProved],
) -> tuple[Environment, Plan] | Literal["declined", "not proved"]:
    """Install the best row but those that failed; one that fails its proofs is added to these."""
    from doctor.apply.install import NotProved, carry_out

    # Whatever is unfinished now was left by an install that is dead: the living hold the lock.
    leftovers = environments.unfinished(home)
    environments.clear_scratch(home)
    reasons = {row: error.why for row, error in failed.items()}
    try:
        proposal = propose(
            host,
            home,
            report,
            resolved=True,
            rebuild=rebuild,
            leftovers=leftovers,
            wishes=wishes,
            means=means,
            failed=reasons,
        )
    except NoStack:
        if not failed:
            raise
        raise _given_up(failed) from None
    plan = proposal.plan
    if plan.reused:
        environment = environments.reuse(home, plan.environment)
        environments.empty_trash(home)
        return environment, plan
    if not agree(plan):
        if failed:
            raise _given_up(failed)
        return "declined"
    try:
        environment = carry_out(
            plan,
            host,
            home,
            proposal.sourcing,
            missing=proposal.missing,
            inputs=proposal.inputs,
            gpus=wishes.gpus,
            report=report,
        )
    except NotProved as exc:
        failed[plan.stack.id] = exc
        report(Note(text("install.falls_back", stack=plan.stack.id, why=exc.why)))
        return "not proved"
    return environment, plan


def _choose(
    snapshot: Snapshot, catalogue: Catalogue, wishes: Wishes, failed: dict[str, Text], supply: Supply | None
) -> tuple[Choice, PythonChoice, Lock | None]:
    """The row, its Python, and its lock where a bundle brings one. Rows that the bundle lacks are passed over."""
    while True:
        choice = choose_stack(snapshot, catalogue, wishes=wishes, failed=failed)
        stack = require_stack(choice)
        python = python_for(stack, snapshot, wishes)
        if supply is None:
            return choice, python, None
        for version in dict.fromkeys((python.version, *stack.needs.pythons)):
            lock = supply.lock(stack.id, version)
            if lock is not None:
                verify_lock(lock, stack, version)
                return choice, python if version == python.version else _other(python, version), lock
        failed[stack.id] = text("install.not_in_bundle")


def _with_parts(inputs: str, parts: tuple[PartChoice, ...]) -> str:
    """The digest of an environment with optional packages: another one than without."""
    if not parts:
        return inputs
    told = [(part.name, part.requirement, part.url, part.sha256, part.index) for part in parts]
    return hashlib.sha256(json.dumps([inputs, sorted(told)]).encode()).hexdigest()


def _other(python: PythonChoice, version: str) -> PythonChoice:
    why = text("install.python_of_bundle", version=version)
    return replace(python, version=version, path=None, why=why)


def _given_up(failed: dict[str, NotProved]) -> StepFailed:
    """The error that ends an install when no row is left that could work."""
    first = next(iter(failed.values()))
    if len(failed) == 1:
        return first
    tried = "; ".join(failed)
    return StepFailed(text("install.none_left", tried=tried, why=first.why), hint=first.hint)


def _examine(host: Host, home: Home, report: Callable[[Progress], None]) -> Snapshot:
    from doctor.probe.machine import examine_machine

    with stage(report, "examine", text("install.examining")):
        snapshot = examine_machine(host, home)
    if isinstance(snapshot.python, PythonInterpreter):
        # A snapshot is fit to be shown to others, so its paths are shortened; uv needs the real one.
        snapshot = replace(snapshot, python=replace(snapshot.python, path=str(host.python)))
    return snapshot
