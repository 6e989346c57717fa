"""The resolver's plan for a machine as plain data, for the checker."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from doctor.catalogue.select import choose_stack
from doctor.plan.lock import pins_for
from doctor.plan.planner import choose_python, devices_of

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue
    from doctor.snapshot.model import Snapshot


def plan_of(snapshot: Snapshot, catalogue: Catalogue) -> dict[str, Any]:
    """What `tunedoc plan --json` would tell, as far as the checker reads it; `stack` is None where nothing fits."""
    choice = choose_stack(snapshot, catalogue)
    rejected = [{"stack": each.stack_id, "code": each.reason.key} for each in choice.rejected]
    stack = choice.stack
    if stack is None:
        return {"stack": None, "device": None, "rejected": rejected}
    python = choose_python(stack, snapshot.python)
    return {
        "stack": stack.id,
        "device": stack.device,
        "torch": stack.torch,
        "cuda": stack.cuda or None,
        "requirements": [pin.requirement for pin in pins_for(stack, python.version)],
        "python": {"version": python.version},
        "devices": list(devices_of(stack, snapshot)),
        "rejected": rejected,
    }
