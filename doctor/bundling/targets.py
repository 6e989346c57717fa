"""Which row of the catalogue and which Python a bundle is for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.catalogue.parts import choose_parts
from doctor.catalogue.select import choose_stack
from doctor.errors import NoStack, UsageError
from doctor.plan.planner import choose_python, require_stack
from doctor.quick_dataclass import dataclass
from doctor.snapshot.model import OperatingSystem
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.bundling.model import SystemName
    from doctor.catalogue.model import Catalogue, EmbeddedModel, Stack
    from doctor.catalogue.parts import PartChoice
    from doctor.snapshot.model import Snapshot


@dataclass(frozen=True, kw_only=True)
class Target:
    """What a bundle is for."""

    stack: Stack
    system: SystemName
    python: str
    """Major and minor."""
    models: tuple[EmbeddedModel, ...]
    parts: tuple[PartChoice, ...]
    """Optional packages that were asked for; one with a reason is not to be had for this row."""
    guessed: bool
    """Nobody described the machine: the row without a GPU was taken for another system."""


def choose_target(
    snapshot: Snapshot,
    catalogue: Catalogue,
    *,
    system: str = "",
    python: str = "",
    stack_id: str = "",
    models: tuple[str, ...] = (),
    parts: tuple[str, ...] = (),
) -> Target:
    """The row for the machine of a snapshot, or the one that is named; for another system its first row without a GPU.

    Raises NoStack; UsageError and BadInput for a row, a Python, a model or a part that the catalogue does not have.
    """
    own = snapshot.os.system if isinstance(snapshot.os, OperatingSystem) else ""
    other_system = bool(system) and system != own
    if stack_id:
        stack = _named(catalogue, stack_id)
        if system and stack.needs.os != system:
            raise UsageError(text("bundle.stack_of_other_system", stack=stack_id, have=stack.needs.os, want=system))
    elif other_system:
        stack = _without_gpu(catalogue, system)
    else:
        stack = require_stack(choose_stack(snapshot, catalogue))
    chosen = python
    if not chosen:
        # Another machine's Python is not known from here, nor needed: the row's preferred one is.
        chosen = stack.needs.pythons[0] if stack.needs.os != own else choose_python(stack, snapshot.python).version
    if chosen not in stack.needs.pythons:
        known = ", ".join(stack.needs.pythons)
        raise UsageError(text("bundle.no_such_python", stack=stack.id, python=chosen, known=known))
    return Target(
        stack=stack,
        system=stack.needs.os,
        python=chosen,
        models=tuple(_model(catalogue, name) for name in models),
        parts=choose_parts(snapshot, catalogue, stack, chosen, parts) if parts else (),
        guessed=other_system and not stack_id,
    )


def _named(catalogue: Catalogue, stack_id: str) -> Stack:
    for stack in catalogue.stacks:
        if stack.id == stack_id:
            return stack
    raise UsageError(text("bundle.no_such_stack", stack=stack_id), hint=text("bundle.no_such_stack_hint"))


def _without_gpu(catalogue: Catalogue, system: str) -> Stack:
    for stack in catalogue.stacks:
        if stack.needs.os == system and stack.device == "cpu" and stack.status != "withdrawn":
            return stack
    raise NoStack(text("bundle.no_cpu_stack", system=system), hint=text("bundle.no_such_stack_hint"))


def _model(catalogue: Catalogue, name: str) -> EmbeddedModel:
    for model in catalogue.models:
        if model.id == name.lower():
            return model
    known = ", ".join(model.id for model in catalogue.models) or "-"
    raise UsageError(text("bundle.no_such_model", model=name, known=known))
