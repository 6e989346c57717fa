"""Tries what a plan proposes to change, by the facts of the catalogue. Shares no code with the doctor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.doctor.catalogue_grid.checker import faults_of
from tests.doctor.catalogue_grid.facts import number
from tests.doctor.catalogue_grid.machine_facts import seen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doctor.catalogue_grid.facts import Facts, Row


def change_contradictions(facts: Facts, machine: Mapping[str, Any], plan: Mapping[str, Any]) -> list[str]:
    """Each proposal must give the row it names, the row must be better, and less of the same must not do."""
    found: list[str] = []
    order = list(facts.rows)
    for change in plan["changes"]:
        row = facts.rows[change["stack"]]
        steps = change.get("together") or [change]
        if plan["stack"] is not None and order.index(row.id) >= order.index(plan["stack"]):
            found.append(f"no_better: {change['kind']} gives {row.id}")
        faults = _faults(facts, row, _changed(machine, steps))
        if faults:
            found.append(f"vain: {[(step['kind'], step['value']) for step in steps]} for {row.id}: {faults}")
        if len(steps) > 1 and any(_any_row(facts, plan, _changed(machine, [step])) for step in steps):
            found.append(f"too_much: {[step['kind'] for step in steps]} where one is enough")
        driver = next((step["value"] for step in steps if step["kind"] == "driver"), "")
        others = [step for step in steps if step["kind"] != "driver"]
        if driver and _any_row(facts, plan, _changed(machine, [*others, {"kind": "driver", "value": _below(driver)}])):
            found.append(f"too_new: {driver} where {_below(driver)} is enough")
    return found


def _below(driver: str) -> str:
    """A driver that is a little older."""
    *first, last = number(driver)
    return ".".join(str(part) for part in (*first, last - 1)) if last else ".".join(str(part) for part in first)


def _faults(facts: Facts, row: Row, machine: Mapping[str, Any]) -> dict[str, str]:
    found = faults_of(facts, row, machine, seen(machine))
    found.pop("capability_not_told", None)
    return found


def _any_row(facts: Facts, plan: Mapping[str, Any], machine: Mapping[str, Any]) -> bool:
    """Whether some CUDA row that is better than the plan's fits."""
    for row in facts.rows.values():
        if row.id == plan["stack"]:
            return False
        if row.device == "cuda" and not _faults(facts, row, machine):
            return True
    return False


def _changed(machine: Mapping[str, Any], steps: list[dict[str, Any]]) -> dict[str, Any]:
    changed = dict(machine)
    for step in steps:
        value = step["value"]
        if step["kind"] == "wsl":
            changed["wsl"] = int(value)
        elif step["kind"] in ("glibc", "driver"):
            changed[step["kind"]] = value
        elif step["kind"] in ("gpus", "visible"):
            places = [int(place) for place in value.split(",")]
            for key in ("capabilities", "told", "uuids"):
                changed[key] = [machine[key][place] for place in places]
            changed["visible"] = None
        else:
            raise ValueError(step["kind"])
    return changed
