"""Says where a plan's optional parts contradict the catalogue's offers. Shares no code with the doctor."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from tests.doctor.catalogue_grid.facts import older, runs
from tests.doctor.catalogue_grid.machine_facts import seen

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.doctor.catalogue_grid.facts import Facts, Offer, Part, Row


def part_contradictions(facts: Facts, machine: Mapping[str, Any], plan: Mapping[str, Any]) -> list[str]:
    """Each part must be a wheel that is offered for this machine, or a reason where there is no such wheel."""
    row, found = facts.rows[plan["stack"]], []
    python = plan["python"]["version"]
    for chosen in plan["parts"]:
        part = facts.parts.get(chosen["name"])
        if part is None:
            found.append(f"unknown_part: {chosen['name']}")
            continue
        fitting = offered(facts, part, row, machine, python)
        if not chosen["package"]:
            if not chosen["reason"]:
                found.append(f"part_without_reason: {part.name}")
            if fitting and not seen(machine).maybe_none:
                found.append(f"part_withheld: {part.name}, {fitting[0]} is offered")
        elif chosen["package"] not in fitting:
            found.append(f"part_without_wheel: {chosen['package']} for {row.id}, Python {python}")
    return found


def offered(facts: Facts, part: Part, row: Row, machine: Mapping[str, Any], python: str) -> list[str]:
    """Every package of a part that fits, as a requirement or an address."""
    if machine["system"] == "linux" and part.glibc and machine["glibc"] and older(machine["glibc"], part.glibc):
        return []
    if not all(offered(facts, facts.parts[need], row, machine, python) for need in part.needs):
        return []
    abi = "cp" + python.replace(".", "")
    fitting = (offer for offer in part.offers if _fits(offer, row, machine, python))
    return [part.base + re.sub(r"\{abi\}", abi, offer.package) for offer in fitting]


def _fits(offer: Offer, row: Row, machine: Mapping[str, Any], python: str) -> bool:
    release = row.torch.partition("+")[0]
    if offer.systems and row.system not in offer.systems:
        return False
    if offer.torch and offer.torch.split(".") != release.split(".")[: len(offer.torch.split("."))]:
        return False
    if (offer.variants and row.variant not in offer.variants) or (offer.pythons and python not in offer.pythons):
        return False
    if not (offer.compiled or offer.portable or offer.oldest):
        return True
    if row.device == "cpu":
        return False
    cards = [machine["capabilities"][place] for place in seen(machine).cards]
    return all(_serves(offer, capability) for capability in cards)


def _serves(offer: Offer, capability: str) -> bool:
    if not capability:
        return False
    if offer.oldest and not older(capability, offer.oldest):
        return True
    return runs(capability, offer.compiled, offer.portable)
