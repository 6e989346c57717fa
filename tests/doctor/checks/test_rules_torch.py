"""Rules about torch, its GPUs, its driver and its Python at their edges."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from doctor.checks.base import Status
from doctor.snapshot.model import Absent, NvidiaDriver
from tests.environments_made_up import NOT_TOLD, files, said, status_of, told
from tests.machines_made_up import flip, gpu

# ------------------------------------------------------------------------------------------------ which build it is


@pytest.mark.parametrize(
    ("version", "cuda", "system", "status"),
    [
        ("2.6.0+cpu", NOT_TOLD, "windows", Status.WARNING),
        ("2.6.0", Absent(), "windows", Status.WARNING),
        ("2.6.0", Absent(), "linux", Status.WARNING),
        ("2.6.0+cu124", NOT_TOLD, "windows", None),
        ("2.6.0", "12.4", "windows", None),
        # A text may have left the tag out, and conda's builds have none.
        ("2.6.0", NOT_TOLD, "windows", None),
        ("2.6.0+rocm6.2", Absent(), "linux", None),
    ],
)
def test_a_cpu_build_is_told_by_its_files_or_its_tag(version: str, cuda: Any, system: str, status: Status) -> None:
    snapshot = told(system, ("NVIDIA GeForce RTX 4070",), torch=files(version, cuda))
    assert status_of("torch.cpu_build", snapshot) is status


def test_a_build_without_a_tag_that_saw_no_gpu_is_the_one_for_the_processor() -> None:
    snapshot = told("windows", ("NVIDIA GeForce RTX 4070",), torch=files("2.6.0", cuda_available=False))
    assert status_of("torch.cpu_build", snapshot) is Status.WARNING


def test_a_cpu_build_is_right_without_a_gpu_and_open_where_nothing_is_told_of_one() -> None:
    cpu = files("2.8.0+cpu", Absent())
    assert status_of("torch.cpu_build", told("windows", torch=cpu, nvidia=Absent())) is Status.OK
    assert status_of("torch.cpu_build", told("windows", torch=cpu)) is Status.UNKNOWN


def test_the_cure_of_a_cpu_build_is_the_index_for_these_cards() -> None:
    cpu = files("2.6.0+cpu", Absent())
    assert "whl/cu126" in said("torch.cpu_build", told("windows", ("NVIDIA GeForce GTX 1080 Ti",), torch=cpu))
    assert "whl/cu128" in said("torch.cpu_build", told("windows", ("NVIDIA GeForce RTX 5090",), torch=cpu))
    newest = told("windows", ("NVIDIA GeForce RTX 4090",), driver="581.29", torch=cpu)
    assert "whl/cu130" in said("torch.cpu_build", newest)


# ------------------------------------------------------------------------------------------------ GPUs and kernels


@pytest.mark.parametrize(
    ("card", "version", "system", "new", "old"),
    [
        ("NVIDIA GeForce RTX 5090", "2.6.0+cu124", "windows", Status.FAILURE, Status.OK),
        ("NVIDIA GeForce RTX 5070 Ti Laptop GPU", "2.5.1+cu121", "windows", Status.FAILURE, Status.OK),
        ("NVIDIA GeForce RTX 5090", "2.13.0+cu126", "linux", Status.FAILURE, Status.OK),
        ("NVIDIA GeForce RTX 5090", "2.7.0+cu128", "windows", Status.OK, Status.OK),
        ("NVIDIA GeForce GTX 1080 Ti", "2.8.0+cu128", "windows", Status.OK, Status.OK),
        ("NVIDIA GeForce GTX 1080 Ti", "2.9.0+cu128", "windows", Status.OK, Status.FAILURE),
        ("NVIDIA GeForce GTX 1050", "2.8.0+cu128", "linux", Status.OK, Status.FAILURE),
        ("NVIDIA GeForce GTX 1080 Ti", "2.13.0+cu130", "windows", Status.OK, Status.FAILURE),
        ("NVIDIA GeForce GTX 1080 Ti", "2.13.0+cu126", "windows", Status.OK, Status.OK),
        ("Tesla V100-PCIE-16GB", "2.11.0+cu128", "linux", Status.OK, Status.FAILURE),
        ("Tesla V100-PCIE-16GB", "2.10.0+cu128", "linux", Status.OK, Status.OK),
        ("NVIDIA GeForce RTX 4090", "2.13.0+cu130", "windows", Status.OK, Status.OK),
        ("A card nobody knows", "2.6.0+cu124", "windows", None, None),
        ("NVIDIA GeForce RTX 5090", "2.6.0+rocm6.2", "linux", None, None),
    ],
)
def test_kernels_are_judged_by_the_cards_name(
    card: str, version: str, system: str, new: Status | None, old: Status | None
) -> None:
    snapshot = told(system, (card,), torch=files(version))
    assert status_of("torch.kernels_too_old_build", snapshot) is new
    assert status_of("torch.kernels_dropped", snapshot) is old


def test_a_card_that_was_dropped_is_never_sent_to_cuda_13() -> None:
    words = said("torch.kernels_dropped", told("windows", ("GeForce GTX 1080 Ti",), torch=files("2.13.0+cu130")))
    assert "cu13" not in words
    assert all(each in words for each in ("pascal", "sm_61", "whl/cu126"))


def test_a_driver_that_is_too_old_besides_is_told_with_the_card() -> None:
    old = told("linux", ("Tesla P40",), driver="535.183.01", torch=files("2.9.1+cu130"))
    assert "a newer driver alone would not help" in said("torch.kernels_dropped", old)
    new = told("linux", ("Tesla P40",), driver="580.95.05", torch=files("2.9.1+cu130"))
    assert "driver" not in said("torch.kernels_dropped", new)


def test_a_card_that_is_too_new_gets_cuda_12_8_or_newer() -> None:
    words = said("torch.kernels_too_old_build", told("windows", ("RTX 5090",), torch=files("2.6.0+cu124")))
    assert all(each in words for each in ("blackwell", "sm_120", "whl/cu128"))


def test_kepler_has_no_torch_of_today() -> None:
    words = said("torch.kernels_dropped", told("linux", ("Tesla K80",), torch=files("2.6.0+cu124")))
    assert "kepler" in words and "cpu build" in words and "whl/" not in words


def test_what_torch_says_of_itself_beats_the_table() -> None:
    own = files("2.6.0+cu124", "12.4", architectures=("8.6", "9.0", "12.0"))
    assert status_of("torch.kernels_too_old_build", told("linux", ("RTX 5090",), torch=own)) is Status.OK
    ptx = files("2.7.0+cu128", "12.8", architectures=("7.5", "8.6", "9.0+PTX"))
    assert status_of("torch.kernels_too_old_build", told("linux", ("RTX 5090",), torch=ptx)) is Status.FAILURE


def test_capabilities_alone_are_enough() -> None:
    nameless = files("", architectures=("7.5", "8.0", "8.6", "9.0"))
    words = said("torch.kernels_dropped", told("linux", ("Tesla V100-PCIE-16GB",), torch=nameless))
    assert "volta" in words and "cu126" in words


@pytest.mark.parametrize(
    ("system", "command"), [("windows", "torch==2.7.1 torchvision==0.22.1"), ("linux", "cuda_visible_devices")]
)
def test_two_cards_too_far_apart_are_one_finding(system: str, command: str) -> None:
    cards = ("NVIDIA GeForce RTX 5060 Ti", "NVIDIA GeForce GTX 1080")
    snapshot = told(system, cards, torch=files("2.13.0+cu130"))
    assert status_of("torch.mixed_gpus", snapshot) is Status.WARNING
    assert status_of("torch.kernels_dropped", snapshot) is Status.OK
    assert command in said("torch.mixed_gpus", snapshot)


def test_the_release_that_serves_both_cards_serves_both() -> None:
    cards = ("NVIDIA GeForce RTX 5060 Ti", "NVIDIA GeForce GTX 1080")
    assert status_of("torch.mixed_gpus", told("windows", cards, torch=files("2.7.1+cu128"))) is Status.OK


# ------------------------------------------------------------------------------------------------ the driver


@pytest.mark.parametrize(
    ("version", "driver", "status"),
    [
        ("2.13.0+cu130", "580.00", Status.OK),
        ("2.13.0+cu130", "579.99", Status.FAILURE),
        ("2.13.0+cu126", "528.33", Status.OK),
        ("2.13.0+cu126", "528.32", Status.FAILURE),
        ("2.6.0+cu118", "452.39", Status.OK),
        ("1.5.0+cu101", "442.92", Status.OK),
        ("2.13.0+cpu", "442.92", None),
    ],
)
def test_the_driver_must_run_the_builds_cuda(version: str, driver: str, status: Status | None) -> None:
    snapshot = told("windows", ("NVIDIA GeForce RTX 3060",), driver=driver, torch=files(version))
    assert status_of("torch.driver", snapshot) is status


def test_a_driver_is_also_known_by_the_newest_cuda_it_runs() -> None:
    nvidia = NvidiaDriver(version=NOT_TOLD, cuda_version="12.8", gpus=(gpu("RTX 4090", NOT_TOLD),), source="text")
    snapshot = told("linux", nvidia=nvidia, torch=files("2.11.0+cu130"))
    words = said("torch.driver", snapshot)
    assert status_of("torch.driver", snapshot) is Status.FAILURE
    assert all(each in words for each in ("driver", "too old", "580", "whl/cu126"))
    within = dataclasses.replace(nvidia, cuda_version="12.2")
    assert status_of("torch.driver", told("linux", nvidia=within, torch=files("2.8.0+cu128"))) is Status.OK


def test_a_driver_that_is_too_old_on_every_system_is_found_without_knowing_the_system() -> None:
    snapshot = told("windows", ("RTX 4060 Ti",), driver="552.22", torch=files("2.11.0+cu130"))
    unknown = dataclasses.replace(snapshot, os=NOT_TOLD)
    assert status_of("torch.driver", unknown) is Status.FAILURE
    older = dataclasses.replace(unknown, environment=told(torch=files("2.8.0+cu126")).environment)
    assert status_of("torch.driver", flip(older, "nvidia.version", "526.98")) is Status.OK
    assert status_of("torch.driver", flip(older, "nvidia.version", "516.94")) is Status.FAILURE


def test_what_torch_saw_beats_the_drivers_number() -> None:
    seen = files("2.13.0+cu130", cuda_available=True)
    assert status_of("torch.driver", told("linux", ("RTX 4090",), driver="570.1", torch=seen)) is Status.OK


@pytest.mark.parametrize(
    ("driver", "version", "seen", "status"),
    [
        ("581.29", "2.13.0+cu130", False, Status.WARNING),
        ("581.29", "2.13.0+cu130", True, Status.OK),
        ("566.36", "2.13.0+cu130", False, Status.NOTE),
        ("581.29", "2.13.0+cpu", False, None),
        ("581.29", "2.13.0+cu130", NOT_TOLD, None),
    ],
)
def test_torch_that_sees_no_gpu_is_asked_why(driver: str, version: str, seen: Any, status: Status | None) -> None:
    torch = files(version, cuda_available=seen)
    snapshot = told("windows", ("NVIDIA GeForce RTX 4090",), driver=driver, torch=torch)
    assert status_of("torch.cuda_unavailable", snapshot) is status


# ------------------------------------------------------------------------------------------------ Python, NumPy


@pytest.mark.parametrize(
    ("python", "facts", "status"),
    [
        ("3.12.4", {}, Status.OK),
        ("3.16.0", {}, Status.FAILURE),
        ("3.9.13", {}, Status.WARNING),
        ("3.10.6", {"bits": 32}, Status.FAILURE),
        ("3.14.0", {"abi_tag": "cp314t"}, Status.NOTE),
        ("3.12.4", {"abi_tag": "cp312t"}, Status.FAILURE),
    ],
)
def test_python_must_have_a_wheel_of_torch(python: str, facts: dict[str, Any], status: Status) -> None:
    assert status_of("torch.python", told("windows", python=python, torch=Absent(), **facts)) is status


def test_an_old_python_that_has_its_torch_is_no_fault() -> None:
    assert status_of("torch.python", told("windows", python="3.7.9", torch=files("1.5.0+cu101"))) is Status.OK


@pytest.mark.parametrize(
    ("system", "torch", "numpy", "status"),
    [
        ("windows", "2.4.0+cu124", "2.0.0", Status.WARNING),
        ("windows", "2.4.1+cu124", "2.0.0", Status.OK),
        ("windows", "2.4.0+cu124", "1.26.4", Status.OK),
        ("linux", "2.2.2+cu121", "2.1.3", Status.WARNING),
        ("linux", "2.3.0+cu121", "2.1.3", Status.OK),
    ],
)
def test_numpy_2_needs_a_torch_that_was_built_for_it(system: str, torch: str, numpy: str, status: Status) -> None:
    assert status_of("torch.numpy", told(system, torch=files(torch), packages={"numpy": numpy})) is status
