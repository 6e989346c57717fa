"""What the version of a torch wheel tells, against the facts read from the wheels."""

from __future__ import annotations

import pytest

from doctor.catalogue.select import covers
from doctor.checks.torch_builds import architectures, matching_torch, oldest_driver, read_torch_build


@pytest.mark.parametrize(
    ("version", "system", "kind", "cuda"),
    [
        ("2.13.0+cpu", "linux", "cpu", ""),
        ("2.13.0+cu130", "windows", "cuda", "13.0"),
        ("2.6.0+cu118", "linux", "cuda", "11.8"),
        ("2.13.0", "windows", "cpu", ""),
        ("2.15.0", "linux", "cuda", "13.2"),
        ("2.13.0", "linux", "cuda", "13.0"),
        ("2.10.0", "linux", "cuda", "12.8"),
        ("2.9.1", "linux", "cuda", "12.8"),
        ("2.7.1", "linux", "cuda", "12.6"),
        ("2.4.1", "linux", "cuda", "12.1"),
        ("2.9.0+rocm6.4", "linux", "other", ""),
        ("2.10.0a0+git1234", "linux", "other", ""),
        ("1.13.1", "linux", "other", ""),
    ],
)
def test_a_build_is_told_from_its_version(version: str, system: str, kind: str, cuda: str) -> None:
    build = read_torch_build(version, system)
    assert (build.kind, build.cuda) == (kind, cuda)


@pytest.mark.parametrize(
    ("version", "system", "capability", "runs"),
    [
        ("2.13.0+cu126", "windows", "12.0", False),
        ("2.13.0+cu126", "windows", "6.1", True),
        ("2.13.0+cu130", "windows", "12.0", True),
        ("2.13.0+cu130", "windows", "6.1", False),
        ("2.13.0+cu130", "linux", "7.0", False),
        ("2.10.0+cu128", "linux", "7.0", True),
        ("2.11.0+cu128", "linux", "7.0", False),
        ("2.7.1+cu128", "windows", "6.1", True),
        ("2.7.1+cu128", "windows", "12.0", True),
        ("2.7.1+cu128", "linux", "6.1", False),
        ("2.8.0+cu129", "linux", "8.9", True),
        ("2.5.1+cu124", "linux", "12.0", False),
        ("2.13.0+cu130", "linux", "12.1", True),
        ("2.13.0+cu130", "linux", "8.9", True),
    ],
)
def test_a_build_has_code_for_what_its_wheel_has(version: str, system: str, capability: str, runs: bool) -> None:
    targets = architectures(read_torch_build(version, system), system)
    assert targets is not None
    assert covers(targets, capability) is runs


@pytest.mark.parametrize("version", ["2.13.0+cpu", "1.13.1+cu117", "3.0.0+cu140", "2.9.0+rocm6.4"])
def test_of_builds_nobody_has_read_nothing_is_said(version: str) -> None:
    assert architectures(read_torch_build(version, "linux"), "linux") is None


@pytest.mark.parametrize(
    ("version", "system", "driver"),
    [
        ("2.13.0+cu132", "linux", "580"),
        ("2.13.0+cu126", "linux", "525.60.13"),
        ("2.13.0+cu126", "windows", "528.33"),
        ("2.6.0+cu118", "windows", "452.39"),
        ("2.13.0+cpu", "linux", None),
        ("9.0.0+cu150", "linux", None),
    ],
)
def test_the_oldest_driver_follows_the_major_version(version: str, system: str, driver: str | None) -> None:
    assert oldest_driver(read_torch_build(version, system), system) == driver


@pytest.mark.parametrize(
    ("name", "version", "torch"),
    [
        ("torchvision", "0.28.0+cu130", "2.13"),
        ("torchvision", "0.16.2", "2.1"),
        ("torchvision", "0.29.0", "2.14"),
        ("torchvision", "0.29.2", None),
        ("torchaudio", "2.9.1", "2.9"),
        ("torchaudio", "2.11.0", None),
    ],
)
def test_companions_name_their_torch(name: str, version: str, torch: str | None) -> None:
    assert matching_torch(name, version) == torch
