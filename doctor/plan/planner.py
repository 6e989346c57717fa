"""From a machine and the catalogue to ordered steps. Pure: the same facts always give the same plan."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from doctor.catalogue.machine import short_version, usable
from doctor.catalogue.visible import shown
from doctor.catalogue.wishes import NOTHING
from doctor.errors import NoStack
from doctor.plan.lock import pins_for
from doctor.plan.model import (
    CreateEnvironment,
    InstallPackages,
    Plan,
    ProveEnvironment,
    PythonChoice,
    ResolveLock,
    SetAside,
    SwitchEnvironment,
    UnpackConverter,
)
from doctor.plan.reasons import reasons_of
from doctor.sizing import environment_bytes
from doctor.snapshot.model import NvidiaDriver, PythonInterpreter, Unknown
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doctor.catalogue.model import Catalogue, Stack
    from doctor.catalogue.parts import PartChoice
    from doctor.catalogue.select import Choice
    from doctor.catalogue.wishes import Wishes
    from doctor.plan.lock import Lock
    from doctor.plan.model import Step
    from doctor.snapshot.model import Snapshot
    from doctor.words.text import Text

INPUTS_VERSION = 1
"""Raised when an environment built by an earlier tunedoc should be built anew."""


def plan_install(
    snapshot: Snapshot,
    catalogue: Catalogue,
    choice: Choice,
    *,
    environment: str,
    previous: str | None,
    lock: Lock | None = None,
    torch_from: str = "",
    leftovers: tuple[str, ...] = (),
    reusable: bool = False,
    wishes: Wishes = NOTHING,
    parts: tuple[PartChoice, ...] = (),
) -> Plan:
    """Steps that build the environment for the chosen row. Without a lock the first step is to resolve one.

    `reusable` says that `environment` is in place, complete, and was built from the same inputs: then nothing is left
    to do. `parts` are the optional packages that were asked for. Raises NoStack when no row fits.
    """
    stack = require_stack(choice)
    python = python_for(stack, snapshot, wishes)
    offered = tuple(part.requirement or f"{part.name} @ {part.url}" for part in parts if part.reason is None)
    converter = catalogue.tools.converter
    steps: list[Step] = []
    if not reusable:
        if lock is None:
            steps.append(
                ResolveLock(
                    requirements=(
                        *(f"{pin.name}=={pin.version}" for pin in pins_for(stack, python.version)),
                        *offered,
                    ),
                    python=python.version,
                    torch_from=torch_from,
                )
            )
        if leftovers:
            steps.append(SetAside(folders=leftovers))
        steps += [
            CreateEnvironment(environment=environment, python=python.request),
            InstallPackages(
                environment=environment,
                packages=len(lock.packages) if lock else 0,
                download_bytes=lock.download_bytes if lock else 0,
            ),
            UnpackConverter(
                environment=environment,
                package=converter.package,
                version=converter.version,
                sha256=converter.sha256,
                download_bytes=converter.bytes,
            ),
            ProveEnvironment(environment=environment, tests=stack.smoke, devices=devices_of(stack, snapshot, wishes)),
            SwitchEnvironment(environment=environment, previous=previous),
        ]
    download = 0 if reusable or lock is None else lock.download_bytes + converter.bytes
    return Plan(
        stack=stack,
        rejected=choice.rejected,
        changes=choice.changes,
        parts=parts,
        reasons=reasons_of(stack, snapshot, catalogue, wishes),
        python=python,
        environment=environment,
        reused=reusable,
        steps=tuple(steps),
        lock=lock,
        download_bytes=download,
        unknown_sizes=lock.unknown_sizes if lock else 0,
        disk_bytes=environment_bytes(stack.device, download) if download else 0,
    )


def require_stack(choice: Choice) -> Stack:
    """The chosen row. Raises NoStack, with the reason of the last row, which asks the least of a machine."""
    if choice.stack is not None:
        return choice.stack
    if not choice.rejected:
        raise NoStack(text("plan.empty_catalogue"), hint=text("plan.empty_catalogue_hint"))
    # Rows of other systems say only that; one of this system tells what is really missing.
    telling = [row for row in choice.rejected if row.reason.key != "catalogue.other_system"] or list(choice.rejected)
    last = telling[-1]
    hint = text("plan.no_stack_hint")
    if choice.changes:
        hint = text("plan.no_stack_change", words=choice.changes[0].words, stack=choice.changes[0].stack)
    raise NoStack(text("plan.no_stack", stack=last.stack_id, reason=last.reason), hint=hint)


def python_for(stack: Stack, snapshot: Snapshot, wishes: Wishes = NOTHING) -> PythonChoice:
    """The Python of the environment, by what the user wishes and what this machine has."""
    found = snapshot.pythons if isinstance(snapshot.pythons, tuple) else ()
    return choose_python(stack, snapshot.python, wishes=wishes, others=found)


def choose_python(
    stack: Stack,
    python: PythonInterpreter | Unknown,
    *,
    wishes: Wishes = NOTHING,
    others: Sequence[PythonInterpreter] = (),
) -> PythonChoice:
    """The doctor's own interpreter where the row allows it, else the row's preferred version, by way of uv.

    Offline nothing can be fetched, so one of the `others` on this machine is taken instead.
    """
    own, why = _own_python(stack, python)
    if wishes.python:
        if own is not None and own.version == wishes.python:
            return own
        return PythonChoice(wishes.python, None, text("plan.python_wished", version=wishes.python))
    if own is not None and why is None:
        return own
    if wishes.offline:
        for version in stack.needs.pythons:
            for other in others:
                if usable(other) and short_version(other.version) == version:
                    return PythonChoice(version, other.path, why)
        for version in wishes.pythons:
            if version in stack.needs.pythons:
                return PythonChoice(version, None, why)
    version = own.version if own is not None else stack.needs.pythons[0]
    return PythonChoice(version, None, why)


def _own_python(stack: Stack, python: PythonInterpreter | Unknown) -> tuple[PythonChoice | None, Text | None]:
    """The doctor's own interpreter where its version fits, and why it is not used all the same."""
    if isinstance(python, Unknown):
        return None, text("plan.python_unknown", why=python.why)
    short = short_version(python.version)
    if short not in stack.needs.pythons:
        return None, text("plan.python_version", have=short, wants=", ".join(stack.needs.pythons))
    why = None
    if python.implementation.lower() != "cpython" or python.abi_tag.endswith("t"):
        why = text("plan.python_kind", have=f"{python.implementation} {python.abi_tag}")
    elif python.bits != 64:
        why = text("plan.python_bits")
    elif python.kind == "store":
        # Environments made from the Store's Python break at each of its updates.
        why = text("plan.python_store")
    return PythonChoice(short, None if why else python.path), why


def devices_of(stack: Stack, snapshot: Snapshot, wishes: Wishes = NOTHING) -> tuple[str, ...]:
    """Every device that must pass the proofs, as CUDA numbers those that it shows."""
    if stack.device == "cpu" or not isinstance(snapshot.nvidia, NvidiaDriver):
        return ("cpu",)
    count = shown(snapshot.nvidia, snapshot.settings).count if wishes.gpus is None else len(set(wishes.gpus))
    return tuple(f"cuda:{index}" for index in range(count))


def inputs_of(stack: Stack, catalogue: Catalogue, python: PythonChoice) -> str:
    """A digest of all that decides what an environment contains: the same inputs need no second environment."""
    facts = {
        "inputs": INPUTS_VERSION,
        "stack": stack.id,
        "device": stack.device,
        "requirements": [pin.requirement for pin in stack.pins],
        "smoke": stack.smoke,
        "python": python.version,
        "converter": asdict(catalogue.tools.converter),
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()
