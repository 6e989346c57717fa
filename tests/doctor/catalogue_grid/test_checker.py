"""The checker itself: a plan that holds has no contradiction, and each fact that is turned round is noticed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from doctor.catalogue.load import load_catalogue, shipped_file
from tests.doctor.catalogue_grid.change_checker import change_contradictions
from tests.doctor.catalogue_grid.checker import contradictions
from tests.doctor.catalogue_grid.facts import Facts, Library, read_facts, runs
from tests.doctor.catalogue_grid.machine_facts import Seen, seen
from tests.doctor.catalogue_grid.machines import GTX_980_TI, MIG, RTX_5060_TI, SYSTEMS, Machine, uuid
from tests.doctor.catalogue_grid.part_checker import part_contradictions
from tests.doctor.catalogue_grid.planning import plan_of

if TYPE_CHECKING:
    from collections.abc import Callable

FACTS = read_facts(shipped_file())
WINDOWS = replace(SYSTEMS[1], cards=(RTX_5060_TI, RTX_5060_TI), driver="581.29")
LINUX = replace(SYSTEMS[4], cards=(RTX_5060_TI,), driver="580.95.05")
Plan = dict[str, Any]


def found(facts: Facts, machine: dict[str, Any], plan: Plan) -> set[str]:
    return {each.partition(":")[0] for each in contradictions(facts, machine, plan)}


@pytest.mark.parametrize("machine", [WINDOWS, LINUX], ids=["Windows", "Linux"])
def test_a_plan_that_holds_has_no_contradiction(machine: Machine) -> None:
    plan = plan_of(machine.snapshot(), load_catalogue())
    assert plan["device"] == "cuda"
    assert contradictions(FACTS, machine.facts(), plan) == []


def _build(**changes: Any) -> Callable[[Facts, Plan], Facts]:
    """The chosen torch build with other facts."""

    def change(facts: Facts, plan: Plan) -> Facts:
        build = facts.build(facts.rows[plan["stack"]])
        assert build is not None
        key = (build.torch, build.variant, build.system)
        return replace(facts, builds={**facts.builds, key: replace(build, **changes)})

    return change


def _row(**changes: Any) -> Callable[[Facts, Plan], Facts]:
    """The chosen row with other facts."""
    return lambda facts, plan: replace(
        facts, rows={**facts.rows, plan["stack"]: replace(facts.rows[plan["stack"]], **changes)}
    )


def _without_build(facts: Facts, plan: Plan) -> Facts:
    build = facts.build(facts.rows[plan["stack"]])
    return replace(facts, builds={key: each for key, each in facts.builds.items() if each != build})


def _library(cuda: str, compiled: tuple[str, ...], **needs: str) -> Callable[[Facts, Plan], Facts]:
    """bitsandbytes with one library only."""

    def change(facts: Facts, plan: Plan) -> Facts:
        row = facts.rows[plan["stack"]]
        return replace(facts, libraries=(Library(row.pin("bitsandbytes"), row.system, cuda, compiled, (), **needs),))

    return change


FACT_TURNED: dict[str, tuple[str, Callable[[Facts, Plan], Facts]]] = {
    "nobody publishes that torch": ("not_published", _without_build),
    "that torch has no code for the card": ("gpu_without_code", _build(compiled=("8.6", "10.0"), portable=())),
    "that torch has only newer PTX": ("gpu_without_code", _build(compiled=(), portable=("12.1",))),
    "that torch has no gloo under Windows": ("no_gloo", _build(gloo=False)),
    "that torch has no wheel for the Python": ("python_without_torch", _build(pythons=frozenset({"3.7"}))),
    "the row lets no such Python in": ("python_not_offered", _row(pythons=("3.7",))),
    "a package of the set has no wheel for the Python": (
        "python_without_package",
        _row(set_pythons=frozenset({"3.7"})),
    ),
    "bitsandbytes wants a newer Python": ("python_without_package", _library("13.0", ("12.0",), python="3.99")),
    "bitsandbytes wants a newer torch": ("old_torch", _library("13.0", ("12.0",), torch="99.0")),
    "the set wants a newer torch": ("old_torch", _row(set_torch="99.0")),
    "the row wants a newer driver": ("old_driver", _row(min_driver="999")),
    "the row wants a newer card": ("below_row", _row(min_compute="99.0")),
    "bitsandbytes has no library of that CUDA major": ("no_nf4", _library("11.8", ("12.0",))),
    "bitsandbytes' library has no code for the card": ("no_nf4", _library("13.0", ("8.6", "9.0"))),
    "the row was withdrawn": ("withdrawn", _row(status="withdrawn")),
    "the row takes torch from another index": ("wrong_index", _row(index="https://example.org/whl/cu118")),
    "the row takes torch from the ordinary index": ("wrong_index", _row(index="")),
}


@pytest.mark.parametrize("case", FACT_TURNED)
def test_a_plan_against_a_fact_of_the_catalogue_is_noticed(case: str) -> None:
    code, change = FACT_TURNED[case]
    plan = plan_of(WINDOWS.snapshot(), load_catalogue())
    assert code in found(change(FACTS, plan), WINDOWS.facts(), plan)


MACHINE_TURNED: dict[str, tuple[str, dict[str, Any]]] = {
    "the driver is older than the CUDA major's minimum": ("old_driver", {"driver": "452.38"}),
    "the driver is not known": ("unknown_driver", {"driver": ""}),
    "the second card has no code": ("gpu_without_code", {"capabilities": ["12.0", "6.1"]}),
    "the card is too old for NF4": ("no_nf4", {"capabilities": ["12.0", "5.2"]}),
    "the second card does not tell what it is": ("unknown_capability", {"capabilities": ["12.0", ""]}),
    "there is no card": ("no_gpu", {"capabilities": [], "uuids": []}),
    "every card is hidden": ("no_visible_gpu", {"visible": "-1"}),
    "one card is hidden, so one is proved too many": ("devices", {"visible": uuid(1)}),
    "it has another processor": ("other_machine", {"processor": "aarch64"}),
    "it is another system": ("other_system", {"system": "linux", "libc": "glibc", "glibc": "2.35"}),
}


@pytest.mark.parametrize("case", MACHINE_TURNED)
def test_a_plan_for_another_machine_is_noticed(case: str) -> None:
    code, changes = MACHINE_TURNED[case]
    plan = plan_of(WINDOWS.snapshot(), load_catalogue())
    assert code in found(FACTS, {**WINDOWS.facts(), **changes}, plan)


LINUX_TURNED: dict[str, tuple[str, dict[str, Any]]] = {
    "glibc is older than the wheels": ("old_libc", {"glibc": "2.17"}),
    "it has musl": ("old_libc", {"libc": "musl", "glibc": "1.2.4"}),
    "it is WSL 1": ("wsl_1", {"wsl": 1}),
    "WSL's driver counts as Windows' drivers do": ("old_driver", {"wsl": 2, "driver": "525.60.13"}),
}


@pytest.mark.parametrize("case", LINUX_TURNED)
def test_a_plan_for_another_linux_is_noticed(case: str) -> None:
    code, changes = LINUX_TURNED[case]
    machine = replace(LINUX, cards=(replace(RTX_5060_TI, capability="8.6"),), driver="535.183.06")
    plan = plan_of(machine.snapshot(), load_catalogue())
    assert code in found(FACTS, {**machine.facts(), **changes}, plan)


def _cpu(plan: Plan) -> None:
    row = next(row for row in FACTS.rows.values() if row.system == "windows" and row.device == "cpu")
    plan |= {"stack": row.id, "device": "cpu", "torch": row.torch, "cuda": None, "devices": ["cpu"]}
    plan["requirements"] = [f"{name}=={version}" for name, version, _ in row.pins]
    better = [other for other in FACTS.rows if other != row.id]
    plan["rejected"] = [{"stack": other, "code": "catalogue.no_gpu"} for other in better]


def _no_stack(plan: Plan) -> None:
    plan["rejected"] = [{"stack": row, "code": "catalogue.old_driver"} for row in FACTS.rows]
    plan |= {"stack": None, "device": None}


PLAN_TURNED: dict[str, tuple[str, Callable[[Plan], object]]] = {
    "it names no row": ("unknown_stack", lambda plan: plan.update(stack="windows-cu999-torch9")),
    "it names another torch than its row": ("other_torch", lambda plan: plan.update(torch="2.0.0+cu999")),
    "it names another CUDA than its row": ("other_cuda", lambda plan: plan.update(cuda="9.9")),
    "it asks for another torch than it tells": ("other_torch", lambda plan: plan.update(requirements=["torch==2.0"])),
    "it takes a Python that torch has no wheel for": (
        "python_without_torch",
        lambda plan: plan.update(python={"version": "3.8"}),
    ),
    "it takes the CPU though CUDA fits": ("cpu_though_cuda_fits", _cpu),
    "it finds nothing though CUDA fits": ("cpu_though_cuda_fits", _no_stack),
    "it proves one card of two": ("devices", lambda plan: plan.update(devices=["cuda:0"])),
    "it rejects what it chooses": (
        "chosen_and_rejected",
        lambda plan: plan["rejected"].append({"stack": plan["stack"], "code": "catalogue.old_driver"}),
    ),
}


@pytest.mark.parametrize("case", PLAN_TURNED)
def test_a_plan_that_was_turned_round_is_noticed(case: str) -> None:
    code, change = PLAN_TURNED[case]
    plan = plan_of(WINDOWS.snapshot(), load_catalogue())
    change(plan)
    assert code in found(FACTS, WINDOWS.facts(), plan)


def test_a_better_row_without_a_reason_or_with_a_false_one_is_noticed() -> None:
    machine = replace(WINDOWS, cards=(), driver="")
    plan = plan_of(machine.snapshot(), load_catalogue())
    assert found(FACTS, machine.facts(), plan) == set()
    first, *others = plan["rejected"]
    assert found(FACTS, machine.facts(), {**plan, "rejected": others}) == {"no_reason"}
    false = [{**first, "code": "catalogue.old_driver"}, *others]
    assert found(FACTS, machine.facts(), {**plan, "rejected": false}) == {"false_reason"}
    unheard = [{**first, "code": "catalogue.never_heard_of"}, *others]
    assert found(FACTS, machine.facts(), {**plan, "rejected": unheard}) == {"false_reason"}
    silent = [{**first, "reason": ""}, *others]
    assert found(FACTS, machine.facts(), {**plan, "rejected": silent}) == {"no_reason"}


def test_numpy_2_beside_a_torch_that_cannot_read_it_is_noticed() -> None:
    plan = plan_of(WINDOWS.snapshot(), load_catalogue())
    facts = _build(numpy_2=False)(FACTS, plan)
    assert "numpy_2" in found(facts, WINDOWS.facts(), plan)
    plan["requirements"].append("numpy==2.4.6")
    assert "numpy_2" in found(facts, WINDOWS.facts(), plan)
    plan["requirements"][-1] = "numpy==1.26.4"
    assert "numpy_2" not in found(facts, WINDOWS.facts(), plan)


PART_TURNED: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "nobody offers that wheel": ("part_without_wheel", {"package": "flash-attn==0.1"}, {}),
    "it is for a newer card": ("part_without_wheel", {}, {"capabilities": ["12.0", "7.5"]}),
    "it is for no GPU of this machine": ("part_without_wheel", {}, {"capabilities": ["12.0", ""]}),
    "the catalogue has no such part": ("unknown_part", {"name": "flash-attn-9"}, {}),
    "it exists and is withheld": ("part_withheld", {"package": "", "reason": "parts.not_here"}, {}),
    "it is left out without a reason": ("part_without_reason", {"package": "", "reason": None}, {}),
}


@pytest.mark.parametrize("case", PART_TURNED)
def test_an_optional_part_that_does_not_exist_for_the_machine_is_noticed(case: str) -> None:
    code, changes, other = PART_TURNED[case]
    plan = plan_of(WINDOWS.snapshot(), load_catalogue(), "flash-attn")
    assert part_contradictions(FACTS, WINDOWS.facts(), plan) == []
    plan["parts"][0] |= changes
    codes = {each.partition(":")[0] for each in part_contradictions(FACTS, {**WINDOWS.facts(), **other}, plan)}
    assert code in codes


def test_an_optional_part_for_another_python_torch_or_cuda_is_noticed() -> None:
    plan = plan_of(WINDOWS.snapshot(), load_catalogue(), "flash-attn")
    for wrong in ({"python": {"version": "3.9"}}, {"stack": "windows-cu128-torch2.7"}):
        assert part_contradictions(FACTS, WINDOWS.facts(), {**plan, **wrong})


CHANGE_TURNED: dict[str, tuple[str, dict[str, Any]]] = {
    "a driver that is still too old": ("vain", {"value": "570.64"}),
    "a driver that is newer than need be": ("too_new", {"value": "999.99"}),
    "a row that is no better": ("no_better", {"stack": "windows-cpu-torch2.13"}),
    "a row that would not fit": ("vain", {"stack": "windows-cu126-torch2.13"}),
    "two things where one is enough": (
        "too_much",
        {"together": [{"kind": "driver", "value": "570.65"}, {"kind": "gpus", "value": "0"}]},
    ),
}


@pytest.mark.parametrize("case", CHANGE_TURNED)
def test_a_change_that_would_not_help_or_is_too_much_is_noticed(case: str) -> None:
    code, changes = CHANGE_TURNED[case]
    machine = replace(WINDOWS, driver="566.36")
    plan = plan_of(machine.snapshot(), load_catalogue())
    assert [change["kind"] for change in plan["changes"]] == ["driver"]
    assert change_contradictions(FACTS, machine.facts(), plan) == []
    plan["changes"][0] |= changes
    codes = {each.partition(":")[0] for each in change_contradictions(FACTS, machine.facts(), plan)}
    assert code in codes


def test_companions_of_another_torch_and_packages_nobody_promised_are_noticed() -> None:
    plan = plan_of(WINDOWS.snapshot(), load_catalogue())
    build = FACTS.build(FACTS.rows[plan["stack"]])
    assert build is not None
    fitting = f"torchvision=={min(build.torchvision)}+{build.variant}"
    codes = found(FACTS, WINDOWS.facts(), {**plan, "requirements": [*plan["requirements"], fitting]})
    assert codes == {"other_packages"}
    others = [*plan["requirements"], "torchvision==0.1.0"]
    assert "companion" in found(FACTS, WINDOWS.facts(), {**plan, "requirements": others})


def test_a_card_too_old_for_every_row_is_noticed() -> None:
    machine = replace(WINDOWS, cards=(GTX_980_TI,))
    plan = plan_of(WINDOWS.snapshot(), load_catalogue())
    assert {"gpu_without_code", "no_nf4"} <= found(FACTS, machine.facts(), plan)


@pytest.mark.parametrize(
    ("capability", "compiled", "portable", "runs_there"),
    [
        ("8.9", ("8.6",), (), True),
        ("8.6", ("8.9",), (), False),
        ("9.0", ("8.6",), (), False),
        ("12.1", ("12.0",), (), True),
        ("12.0", ("10.0",), ("9.0",), True),
        ("10.3", ("9.0",), ("12.0",), False),
        ("6.1", ("5.0", "6.0"), (), True),
    ],
)
def test_code_runs_within_its_major_version_and_ptx_on_anything_newer(
    capability: str, compiled: tuple[str, ...], portable: tuple[str, ...], runs_there: bool
) -> None:
    assert runs(capability, compiled, portable) is runs_there


@pytest.mark.parametrize(
    ("visible", "order", "expected"),
    [
        (None, "", Seen((0, 1), count=2)),
        ("1", "PCI_BUS_ID", Seen((1,), count=1)),
        ("1", "", Seen((0, 1), count=1)),
        ("2", "", Seen((), none_for_sure=True, count=0)),
        ("1,-1,0", "PCI_BUS_ID", Seen((1,), count=1)),
        ("1,1", "", Seen((), none_for_sure=True, count=0)),
        ("", "", Seen((), none_for_sure=True, count=0)),
        ("NoDevFiles", "", Seen((), none_for_sure=True, count=0)),
        (uuid(1), "", Seen((1,), count=1)),
        ("GPU-00000001", "", Seen((1,), count=1)),
        ("GPU-", "", Seen((), none_for_sure=True, count=0)),
        (uuid(1).lower(), "", Seen((1,), maybe_none=True)),
        (MIG, "", Seen((0, 1), maybe_none=True)),
    ],
)
def test_what_cuda_visible_devices_leaves_of_two_cards(visible: str | None, order: str, expected: Seen) -> None:
    assert seen({**WINDOWS.facts(), "visible": visible, "order": order}) == expected
