"""Findings become plans: the right variable for the machine, root causes first, nothing dangerous unasked."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from doctor.catalogue.load import load_catalogue
from doctor.checks.base import Check, Finding, Fix, Status
from doctor.checks.registry import ALL_CHECKS
from doctor.diagnosis import Diagnosis, diagnose
from doctor.errors import UsageError
from doctor.plan.fix_model import (
    BuildEnvironment,
    FixPlan,
    KeepVariable,
    MoveLeftovers,
    PlannedFix,
    RemoveUserVariable,
    Scope,
    SetUserVariable,
    TrimVariable,
)
from doctor.plan.fixes import plan_fixes
from doctor.plan.recipes import known_ids
from doctor.plan.variables import VARIABLES, Situation
from doctor.snapshot.codec import from_json
from doctor.snapshot.model import Disk, PythonEnvironment, Setting, Snapshot
from doctor.words.text import LANGUAGES, render, text
from tests.machines_made_up import gpu, machine

ROOT = Path(__file__).parent.parent.parent.parent
MACHINES = ROOT / "tests" / "machines"
CATALOGUE = load_catalogue(ROOT / "wheels.toml")
TWO_UNLIKE = (gpu("NVIDIA GeForce RTX 5060 Ti", "12.0", 0), gpu("NVIDIA GeForce GTX 1080", "6.1", 1))


def plan(snapshot: Snapshot, *ids: str, scope: Scope = "tunedoc", diagnosis: Diagnosis | None = None) -> FixPlan:
    situation = Situation(snapshot=snapshot, catalogue=CATALOGUE, home_folder="/big/tunedoc")
    return plan_fixes(situation, diagnosis or diagnose(snapshot, CATALOGUE), ALL_CHECKS, ids=ids, scope=scope)


def only(snapshot: Snapshot, *ids: str, scope: Scope = "tunedoc") -> PlannedFix:
    (fix,) = plan(snapshot, *ids, scope=scope).fixes
    return fix


def found(check: str, *fixes: Fix, status: Status = Status.WARNING) -> Diagnosis:
    return Diagnosis((Finding(check, status, text("fix.nothing"), (), fixes, text("fix.nothing")),))


def setting(name: str, value: str, origin: str = "environment") -> Setting:
    return Setting(name=name, value=value, origin=origin)


def test_a_value_that_hides_every_gpu_is_taken_away() -> None:
    snapshot = machine(gpus=(gpu("NVIDIA GeForce RTX 4090", "8.9"),), settings=(setting("CUDA_VISIBLE_DEVICES", "-1"),))
    assert only(snapshot, "nvidia.visible").steps == (KeepVariable(name="CUDA_VISIBLE_DEVICES", value=None),)


def test_with_unlike_cards_those_that_one_build_serves_are_chosen_by_bus_order() -> None:
    assert only(machine(gpus=TWO_UNLIKE), "nvidia.mixed").steps == (
        KeepVariable(name="CUDA_DEVICE_ORDER", value="PCI_BUS_ID"),
        KeepVariable(name="CUDA_VISIBLE_DEVICES", value="0"),
    )


def test_a_card_that_the_installed_build_does_not_serve_is_left_out() -> None:
    row = next(row for row in CATALOGUE.stacks if row.device == "cuda" and "6.1" in row.architectures)
    built = PythonEnvironment(path="x", stack=row.id, python_version="3.12", packages=())
    snapshot = dataclasses.replace(machine(gpus=TWO_UNLIKE), environment=built)
    assert KeepVariable(name="CUDA_VISIBLE_DEVICES", value="1") in only(snapshot, "CUDA_VISIBLE_DEVICES").steps


def test_for_the_user_both_the_account_and_tunedoc_get_the_variable() -> None:
    assert only(machine(system="windows"), "settings.libuv", scope="user").steps == (
        KeepVariable(name="USE_LIBUV", value="0"),
        SetUserVariable(name="USE_LIBUV", value="0"),
    )


def test_what_is_set_for_the_whole_machine_is_told_to_be_removed_by_an_administrator() -> None:
    snapshot = machine(system="windows", settings=(setting("KMP_DUPLICATE_LIB_OK", "TRUE", "machine"),))
    fix = only(snapshot, "settings.openmp", scope="user")
    assert RemoveUserVariable(name="KMP_DUPLICATE_LIB_OK") in fix.steps
    assert [line.key for line in fix.by_hand] == ["fix.hand_machine_variable"]


def test_values_with_spaces_at_their_ends_are_trimmed() -> None:
    snapshot = machine(system="windows", settings=(setting("USE_LIBUV", "0 "), setting("PYTHONUTF8", "1")))
    assert only(snapshot, "settings.spaces").steps == (TrimVariable(name="USE_LIBUV", scope="tunedoc"),)


def test_silencing_openmp_needs_its_name_and_says_its_danger() -> None:
    diagnosis = found(
        "libraries.openmp", Fix(id="settings.kmp", title=text("fix.nothing"), by_hand=text("fix.by_hand"))
    )
    unasked = plan(machine(), diagnosis=diagnosis)
    assert not unasked.steps
    assert unasked.only_when_named == ("settings.kmp",)
    asked = only(machine(), "settings.kmp")
    assert asked.steps == (KeepVariable(name="KMP_DUPLICATE_LIB_OK", value="TRUE"),)
    assert asked.warning is not None
    assert "wrong results" in render(asked.warning, "en")


def test_the_mirror_is_for_those_who_ask_but_an_address_that_is_none_is_taken_away() -> None:
    assert only(machine(), "settings.mirror").steps[0] == KeepVariable(
        name="HF_ENDPOINT", value="https://hf-mirror.com"
    )
    broken = machine(settings=(setting("HF_ENDPOINT", "hf-mirror.com"),))
    assert only(broken, "settings.mirror").steps == (KeepVariable(name="HF_ENDPOINT", value=None),)


@pytest.mark.parametrize(
    ("system", "value"), [("linux", "expandable_segments:True"), ("windows", "max_split_size_mb:512")]
)
def test_the_allocator_setting_is_one_that_the_system_knows(system: str, value: str) -> None:
    snapshot = machine(system=system)  # type: ignore[arg-type]
    assert only(snapshot, "PYTORCH_CUDA_ALLOC_CONF").steps[0] == KeepVariable(
        name="PYTORCH_CUDA_ALLOC_CONF", value=value
    )


def test_a_malformed_allocator_setting_is_taken_away() -> None:
    snapshot = machine(settings=(setting("PYTORCH_ALLOC_CONF", "expandable_segments"),))
    assert only(snapshot, "settings.allocator").steps == (KeepVariable(name="PYTORCH_ALLOC_CONF", value=None),)


def disk(purpose: str, free_mib: int) -> Disk:
    return Disk(purpose=purpose, path="~", total_mib=500_000, free_mib=free_mib, filesystem="NTFS")  # type: ignore[arg-type]


def test_the_hub_cache_goes_where_more_room_is_or_to_the_folder_that_is_named() -> None:
    roomy = dataclasses.replace(machine(), disks=(disk("hub_cache", 1_000), disk("home", 90_000)))
    assert only(roomy, "HF_HOME").steps[0] == KeepVariable(name="HF_HOME", value="/big/tunedoc/hub")
    alike = dataclasses.replace(machine(), disks=(disk("hub_cache", 1_000), disk("home", 1_000)))
    assert only(alike, "HF_HOME").why_not is not None
    assert only(alike, "HF_HOME=D:\\模型 1").steps[0] == KeepVariable(name="HF_HOME", value="D:\\模型 1")


@pytest.mark.parametrize(
    "word",
    [
        "USE_LIBUV=2",
        "CUDA_VISIBLE_DEVICES=0,",
        "HF_ENDPOINT=mirror",
        "PATH=/x",
        "HF_HOME= x",
        "HF_HOME=models",
        "PYTHONUTF8=",
    ],
)
def test_a_value_or_a_variable_that_cannot_be_is_refused(word: str) -> None:
    with pytest.raises(UsageError) as caught:
        plan(machine(), word)
    assert caught.value.hint is not None


def test_an_unknown_id_is_refused_with_the_nearest() -> None:
    with pytest.raises(UsageError) as caught:
        plan(machine(), "settings.libuw")
    assert caught.value.hint is not None
    assert "settings.libuv" in render(caught.value.hint, "en")


def test_a_check_that_found_nothing_wrong_says_so() -> None:
    fix = only(machine(gpus=(gpu("NVIDIA GeForce RTX 4090", "8.9"),)), "nvidia.gpus")
    assert not fix.steps
    assert fix.why_not is not None


def test_leftovers_are_moved_in_tunedocs_own_environment_only() -> None:
    own = PythonEnvironment(path="x", stack="s", python_version="3.12", packages=(), leftovers=("~orch", "~~x/y"))
    assert only(dataclasses.replace(machine(), environment=own), "torch.leftovers").steps == (
        MoveLeftovers(names=("~orch",)),
    )
    other = dataclasses.replace(own, role="asked")
    fix = only(dataclasses.replace(machine(), environment=other), "torch.leftovers")
    assert not fix.steps
    assert fix.why_not is not None


def test_what_needs_an_administrator_is_told_in_numbered_steps_and_never_done() -> None:
    snapshot = from_json((MACHINES / "win11-small-page-file.json").read_text(encoding="utf-8"), "x")
    fixes = {fix.id: fix for fix in plan(snapshot).fixes}
    for name in ("windows.page_file", "windows.long_paths"):
        assert not fixes[name].steps
        assert len(fixes[name].by_hand) >= 3
        for language in LANGUAGES:
            assert all(render(line, language) for line in fixes[name].by_hand)


def test_variables_come_first_then_the_install_then_what_a_person_does() -> None:
    snapshot = from_json((MACHINES / "win11-two-4090-torch26.json").read_text(encoding="utf-8"), "x")
    steps = plan(snapshot).steps
    assert steps[-1] == BuildEnvironment()
    assert KeepVariable(name="USE_LIBUV", value="0") in steps[:-1]


def test_root_causes_come_before_what_follows_from_them() -> None:
    checks = [
        Check(id="a.late", title=text("fix.nothing"), examine=lambda s, c: None, rank=80),  # type: ignore[arg-type, return-value]
        Check(id="b.root", title=text("fix.nothing"), examine=lambda s, c: None, rank=5),  # type: ignore[arg-type, return-value]
    ]
    hand = text("fix.by_hand")
    findings = tuple(
        Finding(check.id, Status.FAILURE, hand, (), (Fix(id=f"{check.id}.fix", title=hand, by_hand=hand),), hand)
        for check in checks
    )
    situation = Situation(snapshot=machine(), catalogue=CATALOGUE, home_folder="/x")
    planned = plan_fixes(situation, Diagnosis(findings), checks, scope="tunedoc")
    assert [fix.id for fix in planned.fixes] == ["b.root.fix", "a.late.fix"]


@pytest.mark.parametrize("file", sorted(MACHINES.glob("*.json")), ids=lambda file: file.stem)
def test_every_machine_gets_a_plan_that_can_be_said_in_both_languages(file: Path) -> None:
    snapshot = from_json(file.read_text(encoding="utf-8"), file.name)
    for scope in ("tunedoc", "user"):
        planned = plan(snapshot, scope=scope)  # type: ignore[arg-type]
        assert planned == plan(snapshot, scope=scope)  # type: ignore[arg-type]
        for fix in planned.fixes:
            assert fix.steps or fix.by_hand or fix.why_not
            for message in (fix.title, *fix.by_hand, *(m for m in (fix.why_not, fix.warning, fix.advice) if m)):
                assert all(render(message, language) for language in LANGUAGES)


@pytest.mark.parametrize("name", known_ids())
def test_every_fix_of_the_table_can_be_asked_for(name: str) -> None:
    planned = only(machine(system="windows", gpus=TWO_UNLIKE), name)
    assert planned.steps or planned.why_not
    if name in VARIABLES:
        assert planned.id == name
