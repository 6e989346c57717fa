"""Single rules at their edges, on a machine changed in one place."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from doctor.catalogue.load import load_catalogue
from doctor.checks.base import Status
from doctor.checks.registry import ALL_CHECKS
from doctor.diagnosis import diagnose
from doctor.snapshot.codec import from_json
from doctor.snapshot.model import Absent, NvidiaDriver, PythonEnvironment, Setting, Snapshot, Unknown

MACHINES = Path(__file__).parent.parent.parent / "machines"
CATALOGUE = load_catalogue(MACHINES / "wheels.toml")
WINDOWS = from_json((MACHINES / "win11-two-5060ti.json").read_text(encoding="utf-8"), "windows")
LINUX = from_json((MACHINES / "debian12-cpu.json").read_text(encoding="utf-8"), "linux")


def status_of(check: str, snapshot: Snapshot) -> Status | None:
    """The status of one check; None when it does not apply."""
    chosen = [each for each in ALL_CHECKS if each.id == check]
    findings = diagnose(snapshot, CATALOGUE, chosen).findings
    return findings[0].status if findings else None


def with_setting(name: str, value: str) -> Snapshot:
    assert isinstance(WINDOWS.settings, tuple)
    setting = Setting(name=name, value=value, origin="environment")
    return dataclasses.replace(WINDOWS, settings=(*WINDOWS.settings, setting))


def with_driver(**changes: Any) -> Snapshot:
    assert isinstance(WINDOWS.nvidia, NvidiaDriver)
    return dataclasses.replace(WINDOWS, nvidia=dataclasses.replace(WINDOWS.nvidia, **changes))


def with_package(name: str, version: str) -> Snapshot:
    assert isinstance(WINDOWS.environment, PythonEnvironment)
    packages = tuple(
        dataclasses.replace(package, version=version) if package.name == name else package
        for package in WINDOWS.environment.packages
    )
    return dataclasses.replace(WINDOWS, environment=dataclasses.replace(WINDOWS.environment, packages=packages))


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("0,1", Status.OK),
        ("1,0", Status.OK),
        (" 0 , 1 ", Status.OK),
        ("0", Status.NOTE),
        ("0,-1,1", Status.NOTE),
        ("GPU-00000001", Status.NOTE),
        ("MIG-12345678-0000", Status.NOTE),
        ("", Status.WARNING),
        ("-1", Status.WARNING),
        ("2", Status.WARNING),
        ("0,0", Status.WARNING),
        ("0;1", Status.WARNING),
        ("0,,1", Status.WARNING),
        ("GPU-ffffffff", Status.WARNING),
        ("all", Status.WARNING),
    ],
)
def test_visible_devices_are_read_as_cuda_reads_them(value: str, status: Status) -> None:
    assert status_of("nvidia.visible", with_setting("CUDA_VISIBLE_DEVICES", value)) is status


@pytest.mark.parametrize(
    ("version", "status"),
    [
        ("580", Status.OK),
        ("610.47", Status.OK),
        ("1000.1", Status.OK),
        ("579.99", Status.NOTE),
        ("570.65", Status.NOTE),
        ("570.64", Status.FAILURE),
        ("99.9", Status.FAILURE),
        ("R580", Status.UNKNOWN),
    ],
)
def test_drivers_are_compared_as_numbers(version: str, status: Status) -> None:
    assert status_of("nvidia.driver", with_driver(version=version)) is status


@pytest.mark.parametrize(
    ("check", "section"),
    [
        ("nvidia.driver", "nvidia"),
        ("memory.total", "memory"),
        ("storage.free", "disks"),
        ("storage.path", "disks"),
        ("system.build", "os"),
        ("system.python", "python"),
        ("system.page_file", "memory"),
        ("system.long_paths", "settings"),
        ("nvidia.visible", "settings"),
        ("settings.index", "settings"),
        ("environment.present", "environment"),
        ("environment.stack", "os"),
        ("environment.torch", "nvidia"),
    ],
)
def test_what_could_not_be_asked_is_unknown(check: str, section: str) -> None:
    changed: dict[str, Any] = {section: Unknown("no answer in 10 s")}
    assert status_of(check, dataclasses.replace(WINDOWS, **changed)) is Status.UNKNOWN


def test_a_gpu_that_is_absent_is_a_note_and_not_a_fault() -> None:
    assert status_of("nvidia.driver", dataclasses.replace(WINDOWS, nvidia=Absent())) is Status.NOTE


def test_a_driver_without_gpus_is_a_warning() -> None:
    assert status_of("nvidia.gpus", with_driver(gpus=())) is Status.WARNING


@pytest.mark.parametrize(
    ("free_mib", "installed", "status"),
    [
        (12 * 1024, False, Status.OK),
        (12 * 1024 - 1, False, Status.FAILURE),
        (3 * 1024, True, Status.OK),
        (3 * 1024 - 1, True, Status.WARNING),
    ],
)
def test_space_is_asked_for_what_is_left_to_do(free_mib: int, installed: bool, status: Status) -> None:
    assert isinstance(WINDOWS.disks, tuple)
    disks = tuple(dataclasses.replace(disk, free_mib=free_mib) for disk in WINDOWS.disks)
    snapshot = dataclasses.replace(WINDOWS, disks=disks)
    if not installed:
        snapshot = dataclasses.replace(snapshot, environment=Absent())
    assert status_of("storage.free", snapshot) is status


@pytest.mark.parametrize("check", ["system.long_paths", "system.page_file", "settings.libuv", "environment.gloo"])
def test_what_concerns_windows_is_left_out_elsewhere(check: str) -> None:
    assert status_of(check, LINUX) is None


def test_a_package_that_was_changed_by_hand_is_told() -> None:
    assert status_of("environment.changed", with_package("transformers", "5.22.2")) is Status.WARNING
