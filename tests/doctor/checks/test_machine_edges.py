"""Rules about the machine at their edges: what is well although it looks odd, and the other way round."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from doctor.catalogue.load import load_catalogue
from doctor.checks.base import Finding, Status
from doctor.checks.registry import ALL_CHECKS
from doctor.diagnosis import diagnose
from doctor.snapshot.model import Adapter, Endpoint, GpuProcess, OperatingSystem, Snapshot, Unknown
from doctor.words.text import render
from tests.machines_made_up import flip, machine_file

CATALOGUE = load_catalogue(Path(__file__).parent.parent.parent / "machines" / "wheels.toml")
WINDOWS = machine_file("win11-two-5060ti-complete")
LINUX = machine_file("ubuntu-two-4090-complete")
WSL = machine_file("wsl-ubuntu-4070ti-complete")
ALLOCATOR = "settings[PYTORCH_CUDA_ALLOC_CONF]"


def finding(check: str, snapshot: Snapshot) -> Finding | None:
    chosen = [each for each in ALL_CHECKS if each.id == check]
    findings = diagnose(snapshot, CATALOGUE, chosen).findings
    return findings[0] if findings else None


def status(check: str, snapshot: Snapshot) -> Status | None:
    found = finding(check, snapshot)
    return None if found is None else found.status


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("max_split_size_mb:128", Status.OK),
        ("max_split_size_mb:128,garbage_collection_threshold:0.8", Status.OK),
        ("expandable_segments:True", Status.OK),
        (" expandable_segments : True ", Status.OK),
        ("backend:cudaMallocAsync", Status.OK),
        ("roundup_power2_divisions:[256:1,512:2,1024:4,>:8]", Status.OK),
        ("max_split_size_mb:20", Status.FAILURE),
        ("max_split_size_mb", Status.FAILURE),
        ("max_split_size_mb:128,", Status.FAILURE),
        ("max_split_size_mb:128;expandable_segments:True", Status.FAILURE),
        ("garbage_collection_threshold=0.8", Status.FAILURE),
        ("cudart", Status.FAILURE),
    ],
)
def test_allocator_settings_are_read_as_pytorch_reads_them(value: str, wanted: Status) -> None:
    assert status("settings.allocator", flip(LINUX, ALLOCATOR, value)) is wanted


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("http://127.0.0.1:7890", Status.NOTE),
        ("127.0.0.1:7890", Status.NOTE),
        ("socks5h://127.0.0.1:1080", Status.NOTE),
        ("socks://127.0.0.1:1080", Status.WARNING),
        ("htp://127.0.0.1:1080", Status.WARNING),
        ("", Status.OK),
    ],
)
def test_a_proxy_is_judged_by_its_scheme(value: str, wanted: Status) -> None:
    assert status("settings.proxy", flip(LINUX, "settings[https_proxy]", value)) is wanted


@pytest.mark.parametrize(
    ("free_mib", "wanted"), [(14000, Status.OK), (9800, Status.OK), (9700, Status.WARNING), (100, Status.WARNING)]
)
def test_a_card_is_busy_when_most_of_it_is_held(free_mib: int, wanted: Status) -> None:
    assert status("nvidia.busy", flip(WINDOWS, "nvidia.gpus[0].memory_free_mib", free_mib)) is wanted


def test_what_draws_the_screen_is_not_to_be_closed() -> None:
    held = flip(LINUX, "nvidia.gpus[0].memory_free_mib", 2000)
    processes = (GpuProcess(name="Xorg", memory_mib=300), GpuProcess(name="ollama", memory_mib=20000))
    found = finding("nvidia.busy", flip(held, "nvidia.gpus[0].processes", processes))
    assert found is not None and found.fixes[0].by_hand is not None
    assert render(found.fixes[0].by_hand, "en") == "close ollama, then check again"


@pytest.mark.parametrize(
    ("generation", "width", "cards", "wanted"),
    [
        (4, 16, 2, Status.OK),
        (4, 4, 2, Status.OK),
        (3, 8, 2, Status.OK),
        (3, 4, 2, Status.NOTE),
        (4, 1, 2, Status.WARNING),
        (4, 1, 1, Status.NOTE),
        (5, 1, 2, Status.NOTE),
    ],
)
def test_a_slot_is_judged_by_its_speed(generation: int, width: int, cards: int, wanted: Status) -> None:
    snapshot = LINUX if cards == 2 else flip(LINUX, "nvidia.gpus[1]", None)
    snapshot = flip(flip(snapshot, "nvidia.gpus[0].pcie_width", width), "nvidia.gpus[0].pcie_generation", generation)
    assert status("nvidia.link", snapshot) is wanted


@pytest.mark.parametrize(
    ("name", "watts", "wanted"),
    [
        ("NVIDIA GeForce RTX 4090", 320, Status.OK),
        ("NVIDIA GeForce RTX 4090", 300, Status.NOTE),
        ("NVIDIA GeForce RTX 4090 Laptop GPU", 80, None),
        ("NVIDIA L40S", 100, None),
    ],
)
def test_power_is_held_against_the_board_and_not_against_a_laptop(name: str, watts: int, wanted: Status | None) -> None:
    snapshot = flip(flip(LINUX, "nvidia.gpus[1]", None), "nvidia.gpus[0].name", name)
    assert status("nvidia.power", flip(snapshot, "nvidia.gpus[0].power_limit_watts", watts)) is wanted


@pytest.mark.parametrize(
    ("version", "missing", "torch", "wanted"),
    [
        ("14.44.35211", (), "2.13.0+cu130", Status.OK),
        ("14.38.33135", (), "2.13.0+cu130", Status.WARNING),
        ("14.44.35211", ("vcruntime140_1.dll",), "2.13.0+cu130", Status.FAILURE),
        ("14.44.35211", ("vcruntime140_threads.dll",), "2.13.0+cu130", Status.NOTE),
        ("14.44.35211", ("vcruntime140_threads.dll",), "2.14.0+cu130", Status.FAILURE),
    ],
)
def test_the_runtime_is_judged_by_what_this_torch_imports(
    version: str, missing: tuple[str, ...], torch: str, wanted: Status
) -> None:
    snapshot = flip(flip(WINDOWS, "windows.vc_runtime.version", version), "windows.vc_runtime.missing", missing)
    assert status("windows.vc_runtime", flip(snapshot, "environment.torch.version", torch)) is wanted


def test_the_driver_of_wsl_is_not_held_against_the_library_inside() -> None:
    assert status("nvidia.halves", flip(WSL, "nvidia.library_version", "570.00")) is None


@pytest.mark.parametrize("name", ["1", "1.1"])
def test_a_librarys_abi_is_no_version_of_the_driver(name: str) -> None:
    assert status("nvidia.halves", flip(LINUX, "nvidia.library_version", name)) is Status.OK


def test_a_card_inside_a_container_may_be_one_of_several() -> None:
    one = flip(LINUX, "nvidia.gpus[1]", None)
    assert status("nvidia.left_out", one) is Status.WARNING
    assert status("nvidia.left_out", flip(one, "container", True)) is None


def test_the_card_that_a_new_driver_dropped_is_named() -> None:
    old = Adapter(name="NVIDIA GeForce GTX 1080 Ti", vendor="nvidia", integrated=False)
    snapshot = flip(flip(WINDOWS, "nvidia.version", "591.44"), "adapters", (*WINDOWS_CARDS, old))
    found = finding("nvidia.left_out", snapshot)
    assert found is not None and found.cause is not None
    words = render(found.cause, "en")
    assert "GTX 1080 Ti" in words and "580" in words


WINDOWS_CARDS = tuple(Adapter(name="NVIDIA GeForce RTX 5060 Ti", vendor="nvidia", integrated=False) for _ in range(2))


@pytest.mark.parametrize(
    ("commit_mib", "automatic", "check", "wanted"),
    [
        (24504, False, "system.page_file", Status.OK),
        (24502, False, "system.page_file", Status.WARNING),
        (24502, True, "system.page_file", Status.NOTE),
        (49006, False, "memory.several", Status.OK),
        (49005, False, "memory.several", Status.WARNING),
        (49005, True, "memory.several", Status.OK),
        (24502, False, "memory.several", Status.NOTE),
    ],
)
def test_a_page_file_that_windows_manages_may_grow(
    commit_mib: int, automatic: bool, check: str, wanted: Status
) -> None:
    snapshot = flip(WINDOWS, "windows.page_file_automatic", automatic)
    assert status(check, flip(snapshot, "memory.commit_limit_mib", commit_mib)) is wanted


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("C:\\work", Status.NOTE),
        ("~\\Documents\\lora", Status.WARNING),
        ("D:\\models\\documents-old", Status.NOTE),
        ("~\\Desktop", Status.WARNING),
    ],
)
def test_controlled_folders_matter_where_the_work_lies_in_one(path: str, wanted: Status) -> None:
    snapshot = flip(WINDOWS, "windows.controlled_folders", True)
    assert status("windows.controlled_folders", flip(snapshot, "disks[working].path", path)) is wanted


def test_an_unreachable_hub_is_well_where_the_mirror_is_in_use() -> None:
    snapshot = flip(flip(LINUX, "network[hub].reachable", False), "network[hub].problem", "timeout")
    assert status("network.hub", snapshot) is Status.WARNING
    assert status("network.hub", flip(snapshot, "settings[HF_ENDPOINT]", "https://hf-mirror.com/")) is Status.OK


def test_where_nothing_answers_one_finding_says_so() -> None:
    assert isinstance(LINUX.network, tuple)
    nothing: tuple[Endpoint, ...] = tuple(
        replace(each, reachable=False, problem="name", tls_issuer=Unknown("no answer")) for each in LINUX.network
    )
    found = diagnose(flip(LINUX, "network", nothing), CATALOGUE).findings
    assert [each.check for each in found if each.status.needs_attention] == ["network.hub"]


@pytest.mark.parametrize("system", ["linux", "windows"])
def test_the_systems_own_python_is_nobodys_to_change(system: Any) -> None:
    base = LINUX if system == "linux" else WINDOWS
    old = flip(base, "pythons[0].version", "3.9.2")
    assert isinstance(old.os, OperatingSystem)
    assert status("python.first", old) is (Status.OK if system == "linux" else Status.NOTE)


@pytest.mark.parametrize(
    "section", ["nvidia", "memory", "settings", "windows", "adapters", "network", "models", "disks"]
)
def test_a_section_that_could_not_be_asked_raises_no_alarm(section: str) -> None:
    changes: dict[str, Any] = {section: Unknown("no answer in 10 s")}
    found = diagnose(replace(WINDOWS, **changes), CATALOGUE).findings
    allowed = {"nvidia.undriven"} if section == "nvidia" else set()
    assert {each.check for each in found if each.status.needs_attention} <= allowed
