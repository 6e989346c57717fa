"""The resolver's plan for a machine as plain data, for the checker."""

from __future__ import annotations

import urllib.parse
from typing import TYPE_CHECKING, Any

from doctor.catalogue.parts import choose_parts
from doctor.catalogue.select import choose_stack
from doctor.catalogue.wishes import NOTHING
from doctor.plan.lock import pins_for
from doctor.plan.planner import choose_python, devices_of
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.changes import Change
    from doctor.catalogue.model import Catalogue
    from doctor.catalogue.wishes import Wishes
    from doctor.snapshot.model import Snapshot


def _change(change: Change) -> dict[str, Any]:
    told = {"kind": change.kind, "value": change.value, "stack": change.stack}
    return {**told, "together": [_change(each) for each in change.together]}


def plan_of(
    snapshot: Snapshot, catalogue: Catalogue, *parts: str, wishes: Wishes = NOTHING, failed: tuple[str, ...] = ()
) -> dict[str, Any]:
    """What `tunedoc plan --json` would tell, as far as the checker reads it; `stack` is None where nothing fits."""
    why = {row: text("catalogue.no_gpu") for row in failed}
    choice = choose_stack(snapshot, catalogue, wishes=wishes, failed=why)
    rejected = [{"stack": each.stack_id, "code": each.reason.key} for each in choice.rejected]
    changes = [_change(each) for each in choice.changes]
    stack = choice.stack
    if stack is None:
        return {"stack": None, "device": None, "rejected": rejected, "changes": changes}
    python = choose_python(stack, snapshot.python)
    plan: dict[str, Any] = {
        "stack": stack.id,
        "device": stack.device,
        "torch": stack.torch,
        "cuda": stack.cuda or None,
        "requirements": [pin.requirement for pin in pins_for(stack, python.version)],
        "python": {"version": python.version},
        "devices": list(devices_of(stack, snapshot)),
        "rejected": rejected,
        "changes": changes,
    }
    if parts:
        plan["parts"] = [
            {
                "name": each.name,
                "package": each.requirement or urllib.parse.unquote(each.url),
                "reason": None if each.reason is None else each.reason.key,
            }
            for each in choose_parts(snapshot, catalogue, stack, python.version, parts)
        ]
    return plan
