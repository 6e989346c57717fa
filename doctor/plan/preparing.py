"""Add to a plan what this machine lacks for it: a Python, and large wheels that uv's cache does not hold. Pure."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from doctor.plan.model import CreateEnvironment, FetchWheels, InstallPython, ProveEnvironment

if TYPE_CHECKING:
    from doctor.plan.lock import Locked
    from doctor.plan.model import Plan, PythonChoice, Step


def prepared(
    plan: Plan,
    *,
    python: PythonChoice,
    fetches_python: bool,
    python_from: str = "",
    missing: tuple[Locked, ...] = (),
    sources: tuple[str, ...] = (),
    proofs: tuple[str, ...] = (),
) -> Plan:
    """The plan with the steps that come before the environment is made.

    `python` is the one that the environment gets; `fetches_python` says that it has to be fetched first, and
    `python_from` from where. `missing` are the large wheels to fetch, from the hosts in `sources`. `proofs` are those
    of optional parts, which come after the row's own.
    """
    if plan.reused:
        return plan
    steps: list[Step] = []
    for step in plan.steps:
        if isinstance(step, CreateEnvironment):
            if fetches_python:
                steps.append(InstallPython(version=python.version, source=python_from))
            if missing:
                size = sum(wheel.bytes or 0 for wheel in missing)
                steps.append(FetchWheels(wheels=len(missing), download_bytes=size, sources=sources))
            steps.append(replace(step, python=python.request))
        elif isinstance(step, ProveEnvironment):
            more = tuple(name for name in proofs if name not in step.tests)
            steps.append(replace(step, tests=(*step.tests, *more)))
        else:
            steps.append(step)
    return replace(plan, steps=tuple(steps), python=python)
