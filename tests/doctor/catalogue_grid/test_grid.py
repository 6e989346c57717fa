"""Over every machine of the grid no plan contradicts a fact of the catalogue."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from doctor.catalogue.load import load_catalogue, shipped_file
from doctor.catalogue.wishes import Wishes
from tests.doctor.catalogue_grid.change_checker import change_contradictions
from tests.doctor.catalogue_grid.checker import contradictions
from tests.doctor.catalogue_grid.facts import Facts, older, read_facts, runs
from tests.doctor.catalogue_grid.machines import CARDS, GENERATIONS, Machine, grid, odd_machines
from tests.doctor.catalogue_grid.part_checker import part_contradictions
from tests.doctor.catalogue_grid.planning import plan_of

FACTS = read_facts(shipped_file())
CATALOGUE = load_catalogue()
Check = Callable[[Facts, Mapping[str, Any], Mapping[str, Any]], list[str]]
Planned = dict[Machine, dict[str, Any]]


@pytest.fixture(scope="module")
def plans() -> Planned:
    """Every machine of the grid with its plan."""
    return {machine: plan_of(machine.snapshot(), CATALOGUE) for machine in grid()}


def _told(found: dict[str, list[str]]) -> str:
    return "\n".join(f"{len(machines)} machines, such as {machines[0]}: {what}" for what, machines in found.items())


def _contradictions(plans: Planned, check: Check = contradictions) -> str:
    found: dict[str, list[str]] = defaultdict(list)
    for machine, plan in plans.items():
        for each in check(FACTS, machine.facts(), plan):
            found[each].append(machine.label)
    return _told(found)


def test_the_grid_is_as_large_as_promised(plans: Planned) -> None:
    assert len(plans) >= 5000
    families = {card.capability.partition(".")[0] for cards in CARDS for card in cards}
    assert families >= {"6", "7", "8", "9", "10", "12"}
    for system in ("windows", "linux"):
        drivers = {machine.driver for machine in plans if machine.system == system and not machine.wsl}
        # The exact minimum of each CUDA major, and drivers on both sides of it.
        for least in (least for (_, of), least in FACTS.drivers.items() if of == system):
            assert least in drivers
            assert any(older(driver, least) for driver in drivers if driver)
            assert any(older(least, driver) for driver in drivers if driver)


def test_no_plan_contradicts_a_fact_of_the_catalogue(plans: Planned) -> None:
    assert not _contradictions(plans)


@pytest.fixture(scope="module")
def odd_plans() -> Planned:
    """Machines with something odd, with every optional part asked for."""
    return {machine: plan_of(machine.snapshot(), CATALOGUE, *FACTS.parts) for machine in odd_machines(600)}


def test_no_plan_for_an_odd_machine_contradicts_a_fact(odd_plans: Planned) -> None:
    assert not _contradictions(odd_plans)


def test_every_change_that_is_proposed_gives_what_it_promises_and_less_would_not(
    plans: Planned, odd_plans: Planned
) -> None:
    told = dict(itertools.islice(plans.items(), 0, None, 5)) | odd_plans
    kinds = {change["kind"] for plan in told.values() for change in plan["changes"]}
    assert kinds >= {"driver", "gpus", "wsl", "glibc", "visible", "together"}
    assert not _contradictions(told, change_contradictions)


def test_optional_parts_are_wheels_that_exist_for_the_machine(plans: Planned, odd_plans: Planned) -> None:
    some = (machine for machine in itertools.islice(plans, 0, None, 41))
    told = {machine: plan_of(machine.snapshot(), CATALOGUE, *FACTS.parts) for machine in some} | odd_plans
    told = {machine: plan for machine, plan in told.items() if plan["stack"] is not None}
    offered = {name for name, part in FACTS.parts.items() if part.offers}
    assert offered
    assert {part["name"] for plan in told.values() for part in plan["parts"] if part["package"]} == offered
    assert not _contradictions(told, part_contradictions)


def test_no_torch_of_the_catalogue_would_serve_a_machine_that_gets_the_cpu(plans: Planned) -> None:
    """Every build of torch is tried, not the stacks alone; drivers that cannot know a card are left out."""
    missed: dict[str, list[str]] = defaultdict(list)
    for machine, plan in plans.items():
        if plan["device"] == "cuda" or not machine.cards or machine.wsl == 1 or machine.glibc == "2.17":
            continue
        driver_of = "windows" if machine.wsl else machine.system
        cards = [card.capability for card in machine.cards]
        if not all(FACTS.knows(machine.driver, card, driver_of) for card in cards):
            continue
        for build in FACTS.builds.values():
            serves = build.cuda and build.system == machine.system and all(runs(card, build.compiled) for card in cards)
            together = build.gloo or len(cards) == 1
            if serves and together and not older(machine.driver, FACTS.drivers[build.cuda_major, driver_of]):
                missed[f"{build.torch}+{build.variant}"].append(machine.label)
    assert not _told(missed)


def test_a_newer_driver_never_gives_a_worse_plan(plans: Planned) -> None:
    ranks = {row: place for place, row in enumerate(FACTS.rows)} | {None: len(FACTS.rows)}
    columns: dict[Machine, list[tuple[tuple[int, ...], Machine]]] = defaultdict(list)
    for machine in plans:
        if machine.cards:
            number = tuple(int(part) for part in machine.driver.split("."))
            columns[replace(machine, driver="")].append((number, machine))
    worse: dict[str, list[str]] = defaultdict(list)
    for column in columns.values():
        for (_, before), (_, after) in itertools.pairwise(sorted(column, key=lambda each: each[0])):
            had, has = plans[before], plans[after]
            if (had["device"] == "cuda" and has["device"] != "cuda") or ranks[has["stack"]] > ranks[had["stack"]]:
                worse[f"{had['stack']} with {before.driver}, {has['stack']} with {after.driver}"].append(after.label)
    assert len(columns) > 1000
    assert not _told(worse)


def test_the_same_machine_gives_the_same_plan_twice(plans: Planned) -> None:
    for machine, plan in itertools.islice(plans.items(), 0, None, 17):
        assert plan_of(machine.snapshot(), CATALOGUE) == plan, machine.label


def test_the_order_of_the_cards_changes_no_stack(plans: Planned) -> None:
    for machine, plan in plans.items():
        if len(set(machine.cards)) > 1 and machine.release != "10":
            turned = replace(machine, cards=machine.cards[::-1])
            assert plan_of(turned.snapshot(), CATALOGUE)["stack"] == plan["stack"], machine.label


def test_one_card_of_several_gets_what_it_would_get_alone(plans: Planned) -> None:
    for machine in itertools.islice(plans, 0, None, 3):
        if len(set(machine.cards)) > 1:
            for place, card in enumerate(machine.cards):
                wished = plan_of(machine.snapshot(), CATALOGUE, wishes=Wishes(gpus=(place,)))
                alone = plan_of(replace(machine, cards=(card,)).snapshot(), CATALOGUE)
                assert wished["stack"] == alone["stack"], machine.label


def test_a_row_whose_proofs_failed_gives_way_to_the_next_that_fits(plans: Planned) -> None:
    told: Planned = {}
    for machine, plan in itertools.islice(plans.items(), 0, None, 19):
        if plan["device"] == "cuda":
            failed = (plan["stack"],)
            told[machine] = {**plan_of(machine.snapshot(), CATALOGUE, failed=failed), "failed": failed}
    assert len({plan["stack"] for plan in told.values()}) > 4
    assert not _contradictions(told)


def test_every_row_of_the_catalogue_is_the_best_for_some_machine(plans: Planned) -> None:
    useful = {row.id for row in FACTS.rows.values() if row.status != "withdrawn"}
    assert {plan["stack"] for plan in plans.values()} - {None} == useful


def test_every_card_since_pascal_gets_cuda_with_a_driver_for_it(plans: Planned) -> None:
    served = {m.cards for m, plan in plans.items() if plan["device"] == "cuda" and m.driver.startswith("580")}
    assert served >= set(GENERATIONS)
