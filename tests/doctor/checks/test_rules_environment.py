"""Rules about what stands beside torch in an environment, at their edges."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from doctor.checks.base import Status
from doctor.snapshot.model import Absent, BuiltFor, Package, PythonEnvironment
from tests.environments_made_up import NOT_TOLD, files, said, status_of, told
from tests.machines_made_up import flip, machine_file

# ------------------------------------------------------------------------------------------------ companions


@pytest.mark.parametrize(
    ("torch", "package", "release", "build"),
    [
        ("2.6.0+cu124", {"torchvision": "0.21.0+cu124"}, Status.OK, Status.OK),
        ("2.6.0+cu124", {"torchvision": "0.20.1+cu124"}, Status.FAILURE, Status.OK),
        ("2.6.0+cu124", {"torchvision": "0.21.0+cpu"}, Status.OK, Status.WARNING),
        ("2.6.0+cu124", {"torchaudio": "2.5.1+cu124"}, Status.FAILURE, Status.OK),
        ("2.13.0+cu130", {"torchaudio": "2.11.0"}, Status.OK, Status.OK),
        ("2.15.0+cu130", {"torchvision": "0.29.2"}, Status.OK, Status.OK),
        ("2.6.0+cu124", {"torchvision": "0.21.0"}, Status.OK, Status.OK),
        ("2.6.0+cu124", {}, None, None),
    ],
)
def test_companions_belong_to_one_torch(
    torch: str, package: dict[str, str], release: Status | None, build: Status | None
) -> None:
    snapshot = told("windows", torch=files(torch), packages=package)
    assert status_of("environment.companions", snapshot) is release
    assert status_of("companions.build", snapshot) is build


def test_companions_without_a_tag_are_of_the_default_index() -> None:
    windows = flip(told("windows", torch=files("2.6.0+cu124"), packages={"torchvision": "0.21.0"}),
                   "environment.role", "asked")  # fmt: skip
    assert status_of("companions.build", windows) is Status.WARNING
    linux = flip(told("linux", torch=files("2.6.0+cu124"), packages={"torchvision": "0.21.0"}),
                 "environment.role", "asked")  # fmt: skip
    assert status_of("companions.build", linux) is Status.OK


def test_the_cure_of_a_companion_keeps_torch() -> None:
    words = said("environment.companions", told("windows", torch=files("2.6.0+cu124"),
                                                packages={"torchvision": "0.20.1+cu124"}))  # fmt: skip
    assert (
        "torch==2.6.0 torchvision==0.21.0 torchaudio==2.6.0 --index-url https://download.pytorch.org/whl/cu124" in words
    )


# ------------------------------------------------------------------------------------------------ bitsandbytes


@pytest.mark.parametrize(
    ("version", "torch", "libraries", "status"),
    [
        ("0.50.2", "2.13.0+cu130", NOT_TOLD, Status.OK),
        ("0.48.0", "2.13.0+cu130", NOT_TOLD, Status.OK),
        ("0.47.0", "2.13.0+cu130", NOT_TOLD, Status.FAILURE),
        ("0.45.3", "2.7.0+cu128", NOT_TOLD, Status.OK),
        ("0.45.2", "2.7.0+cu128", NOT_TOLD, Status.FAILURE),
        ("0.44.1", "2.6.0+cu126", NOT_TOLD, Status.FAILURE),
        ("0.50.2", "2.8.0+cu129", ("11.8", "12.6", "12.8", "13.0"), Status.OK),
        ("0.49.2", "2.8.0+cu129", ("11.8", "12.6", "12.8", "13.0"), Status.FAILURE),
        ("0.50.2", "2.13.0+cu130", ("11.8", "12.8"), Status.FAILURE),
        ("0.50.2", "2.13.0+cpu", ("cpu",), None),
    ],
)
def test_bitsandbytes_needs_a_library_for_torchs_cuda(
    version: str, torch: str, libraries: Any, status: Status | None
) -> None:
    snapshot = told("windows", torch=files(torch), packages={"bitsandbytes": version}, bitsandbytes_libraries=libraries)
    assert status_of("bitsandbytes.cuda", snapshot) is status


@pytest.mark.parametrize(
    ("system", "version", "made_for", "status"),
    [
        ("windows", "0.41.1", NOT_TOLD, Status.FAILURE),
        ("windows", "0.43.0", NOT_TOLD, Status.OK),
        ("windows", "0.50.2", "linux", Status.FAILURE),
        ("windows", "0.50.2", "none", Status.FAILURE),
        ("linux", "0.41.1", NOT_TOLD, Status.OK),
        ("linux", "0.50.2", "linux", Status.OK),
    ],
)
def test_bitsandbytes_is_for_one_system(system: str, version: str, made_for: Any, status: Status) -> None:
    snapshot = told(system, packages={"bitsandbytes": version}, bitsandbytes_system=made_for)
    assert status_of("bitsandbytes.system", snapshot) is status


@pytest.mark.parametrize(
    ("card", "torch", "version", "status"),
    [
        ("GeForce GTX 1080", "2.13.0+cu126", "0.50.2", Status.OK),
        ("GeForce GTX 1080", "2.7.1+cu128", "0.50.2", Status.WARNING),
        ("GeForce GTX 980", "2.13.0+cu126", "0.50.2", Status.WARNING),
        ("Tesla V100", "2.10.0+cu128", "0.47.0", Status.OK),
        ("Tesla V100", "2.10.0+cu128", "0.46.1", Status.WARNING),
        ("Tesla V100", "2.7.0+cu128", "0.45.5", Status.OK),
        ("GeForce RTX 2060", "2.13.0+cu130", "0.50.2", Status.OK),
    ],
)
def test_4_bit_work_needs_code_for_the_card(card: str, torch: str, version: str, status: Status) -> None:
    snapshot = told("windows", (card,), torch=files(torch), packages={"bitsandbytes": version})
    assert status_of("bitsandbytes.gpu", snapshot) is status


def test_bitsandbytes_that_is_missing_is_a_note_where_all_was_read() -> None:
    whole = flip(told("windows", torch=files("2.13.0+cu130")), "environment.role", "asked")
    assert status_of("environment.bitsandbytes", whole) is Status.NOTE
    assert status_of("environment.bitsandbytes", told("windows", torch=files("2.13.0+cu130"))) is None


# ------------------------------------------------------------------------------------------------ flash-attn


@pytest.mark.parametrize(
    ("system", "torch", "python", "made", "status"),
    [
        ("linux", "2.6.0+cu124", "3.10.4", {"torch": "2.6", "cuda": "12", "python": "cp310"}, Status.OK),
        ("linux", "2.7.0+cu128", "3.10.4", {"torch": "2.6", "cuda": "12", "python": "cp310"}, Status.FAILURE),
        ("linux", "2.11.0+cu130", "3.10.4", {"torch": "2.11", "cuda": "12", "python": "cp310"}, Status.FAILURE),
        ("linux", "2.6.0+cu124", "3.11.4", {"torch": "2.6", "cuda": "12", "python": "cp310"}, Status.FAILURE),
        ("linux", "2.8.0+cu128", "3.11.4", {"torch": "2.8", "cuda": "12", "python": "cp39-abi3"}, Status.OK),
        ("linux", "2.1.0+cu121", "3.9.4", {"torch": "2.1", "cuda": "12.2", "cxx11_abi": True}, Status.FAILURE),
        ("linux", "2.7.1+cu126", "3.9.4", {"torch": "2.7", "cuda": "12", "cxx11_abi": False}, Status.FAILURE),
        ("windows", "2.7.1+cu128", "3.9.4", {"torch": "2.7", "cuda": "12.8", "cxx11_abi": False}, Status.OK),
        ("windows", "2.7.1+cu128", "3.9.4", {}, Status.OK),
    ],
)
def test_flash_attention_fits_one_torch(
    system: str, torch: str, python: str, made: dict[str, Any], status: Status
) -> None:
    facts = {"torch": NOT_TOLD, "cuda": NOT_TOLD, "python": NOT_TOLD, **made}
    built = (BuiltFor(package="flash-attn", **facts),)
    packages = {"flash-attn": "2.7.4.post1"}
    snapshot = told(system, torch=files(torch), python=python, packages=packages, built_for=built)
    assert status_of("flash_attention.build", snapshot) is status


def test_what_flash_attention_was_built_for_is_also_told_by_its_version() -> None:
    packages = {"flash-attn": "2.8.2+cu128torch2.7.0cxx11abiFALSE"}
    assert (
        status_of("flash_attention.build", told("windows", torch=files("2.7.1+cu128"), packages=packages)) is Status.OK
    )
    other = told("windows", torch=files("2.8.0+cu128"), packages=packages)
    assert status_of("flash_attention.build", other) is Status.FAILURE


@pytest.mark.parametrize(
    ("card", "version", "cuda", "status"),
    [
        ("GeForce RTX 2080 Ti", "2.8.3", NOT_TOLD, Status.WARNING),
        ("GeForce RTX 3060", "2.5.9", NOT_TOLD, Status.OK),
        ("GeForce RTX 5090", "2.7.2", NOT_TOLD, Status.WARNING),
        ("GeForce RTX 5090", "2.8.3", "12.4", Status.WARNING),
        ("GeForce RTX 5090", "2.8.3", "12.8", Status.OK),
        ("GeForce RTX 5090", "2.7.4.post1", "12", Status.WARNING),
        ("GeForce RTX 5090", "2.8.3", "12", Status.OK),
    ],
)
def test_flash_attention_has_code_for_some_cards(card: str, version: str, cuda: Any, status: Status) -> None:
    built = (BuiltFor(package="flash-attn", torch=NOT_TOLD, cuda=cuda, python=NOT_TOLD),)
    snapshot = told("linux", (card,), packages={"flash-attn": version}, built_for=built)
    assert status_of("flash_attention.gpu", snapshot) is status


# ------------------------------------------------------------------------------------------------ other extensions


@pytest.mark.parametrize(
    ("version", "torch", "status"),
    [
        ("0.0.30", "2.7.0+cu126", Status.OK),
        ("0.0.30", "2.7.1+cu126", Status.WARNING),
        ("0.0.35", "2.13.0+cu130", Status.OK),
        ("0.0.35", "2.9.1+cu130", Status.WARNING),
        ("0.0.22.post7", "2.1.0+cu121", Status.OK),
    ],
)
def test_xformers_belongs_to_one_torch(version: str, torch: str, status: Status) -> None:
    assert status_of("xformers.torch", told("windows", torch=files(torch), packages={"xformers": version})) is status


def test_xformers_also_belongs_to_one_cuda() -> None:
    built = (BuiltFor(package="xformers", torch="2.7.0", cuda="12.6", python=NOT_TOLD),)
    other = told("windows", torch=files("2.7.0+cu128"), packages={"xformers": "0.0.30"}, built_for=built)
    assert status_of("xformers.torch", other) is Status.WARNING


@pytest.mark.parametrize(
    ("system", "name", "version", "torch", "status"),
    [
        ("windows", "triton-windows", "3.3.1.post21", "2.7.1+cu128", Status.OK),
        ("windows", "triton-windows", "3.5.1.post24", "2.8.0+cu128", Status.WARNING),
        ("windows", "triton-windows", "3.1.0.post17", "2.4.1+cu124", Status.OK),
        ("linux", "triton", "3.0.0", "2.4.1+cu124", Status.OK),
        ("linux", "triton", "3.7.1", "2.12.1+cu130", Status.OK),
        ("linux", "triton", "3.6.0", "2.12.1+cu130", Status.WARNING),
        ("linux", "triton", "2.0.0", "2.0.1+cu118", Status.OK),
    ],
)
def test_triton_belongs_to_one_torch(system: str, name: str, version: str, torch: str, status: Status) -> None:
    assert status_of("triton.torch", told(system, torch=files(torch), packages={name: version})) is status


def test_the_cure_of_triton_names_the_release() -> None:
    words = said(
        "triton.torch", told("windows", torch=files("2.8.0+cu128"), packages={"triton-windows": "3.5.1.post24"})
    )
    assert '"triton-windows>=3.4,<3.5"' in words


@pytest.mark.parametrize(
    ("packages", "status"),
    [
        ({"unsloth": "2025.1.1", "torch": "2.6.0+cu124"}, Status.WARNING),
        ({"unsloth": "2025.1.1"}, Status.OK),  # an excerpt: unsloth does not come without torch
        ({"unsloth": "2025.1.1", "triton-windows": "3.3.1.post21"}, Status.OK),
        ({"triton": "3.1.0"}, Status.OK),
        ({"triton": "3.1.0", "triton-windows": "3.3.1.post21"}, Status.WARNING),
    ],
)
def test_windows_has_one_triton(packages: dict[str, str], status: Status) -> None:
    assert status_of("triton.windows", told("windows", packages=packages)) is status


@pytest.mark.parametrize(
    ("card", "version", "status"),
    [
        ("GeForce RTX 5090", "3.2.0", Status.WARNING),
        ("GeForce RTX 5090", "3.3.0", Status.OK),
        ("GeForce RTX 2060", "3.2.0", Status.OK),
        ("GeForce RTX 2060", "3.3.0", Status.NOTE),
        ("GeForce GTX 1080", "3.1.0", Status.NOTE),
    ],
)
def test_triton_has_code_for_some_cards(card: str, version: str, status: Status) -> None:
    assert status_of("triton.gpu", told("linux", (card,), packages={"triton": version})) is status


@pytest.mark.parametrize(
    ("card", "driver", "tag"),
    [("GeForce RTX 4090", "581.29", "cu130"), ("GeForce GTX 1080", "581.29", "cu124"), ("RTX 4090", "551.1", "cu124")],
)
def test_llama_gets_a_wheel_that_exists_for_windows(card: str, driver: str, tag: str) -> None:
    packages = {"llama-cpp-python": "0.3.16"}
    snapshot = told("windows", (card,), driver=driver, packages=packages, llama_backend="cpu")
    assert status_of("llama.backend", snapshot) is Status.WARNING
    assert f"whl/{tag}" in said("llama.backend", snapshot)


@pytest.mark.parametrize(("version", "status"), [("0.16.5", Status.OK), ("0.19.8", Status.NOTE)])
def test_deepspeed_for_windows_ends_at_0_16_5(version: str, status: Status) -> None:
    assert status_of("deepspeed.windows", told("windows", packages={"deepspeed": version})) is status


# ------------------------------------------------------------------------------------------------ libraries


@pytest.mark.parametrize(
    ("name", "version", "packages", "status"),
    [
        ("msvcp140.dll", "14.29.30139.0", {}, Status.FAILURE),
        ("msvcp140.dll", "14.40.33810.0", {}, Status.OK),
        ("vcruntime140.dll", "14.29.30139.0", {}, Status.OK),
        ("vcruntime140.dll", "14.29.30139.0", {"triton-windows": "3.7.1.post27"}, Status.WARNING),
    ],
)
def test_a_stale_runtime_beside_python_is_found(
    name: str, version: str, packages: dict[str, str], status: Status
) -> None:
    windows = machine_file("win11-two-5060ti-complete")
    assert isinstance(windows.environment, PythonEnvironment)
    added = tuple(Package(name=each, version=number) for each, number in packages.items())
    snapshot = flip(windows, "environment.packages", (*windows.environment.packages, *added))
    snapshot = flip(snapshot, "environment.runtime_beside_python", (Package(name=name, version=version),))
    assert status_of("libraries.beside_python", snapshot) is status


@pytest.mark.parametrize(
    ("paths", "settings", "status"),
    [
        (("torch/lib/libiomp5md.dll",), {}, Status.OK),
        (("torch/lib/libiomp5md.dll", "Library/bin/libiomp5md.dll"), {}, Status.WARNING),
        (("torch/lib/libiomp5md.dll", r"Library\bin\libiomp5md.dll"), {"KMP_DUPLICATE_LIB_OK": "TRUE"}, Status.NOTE),
        (("torch/lib/libgomp.so.1", "numpy.libs/libgomp-1.so"), {}, Status.OK),
    ],
)
def test_two_runtimes_of_intel_collide(paths: tuple[str, ...], settings: dict[str, str], status: Status) -> None:
    snapshot = flip(machine_file("win11-two-5060ti-complete"), "environment.openmp", paths)
    for name, value in settings.items():
        snapshot = flip(snapshot, f"settings[{name}]", value)
    assert status_of("libraries.openmp", snapshot) is status


# ------------------------------------------------------------------------------------------------ several GPUs


@pytest.mark.parametrize(
    ("version", "transport", "status"),
    [
        ("2.7.1+cu128", NOT_TOLD, Status.OK),
        ("2.8.0+cu128", NOT_TOLD, Status.WARNING),
        ("2.10.0+cu128", NOT_TOLD, Status.WARNING),
        ("2.11.0+cu128", NOT_TOLD, Status.OK),
        ("2.8.0+cu128", True, Status.OK),
        ("2.13.0+cu130", False, Status.WARNING),
    ],
)
def test_gloo_is_missing_from_three_releases_unless_the_files_say_otherwise(
    version: str, transport: Any, status: Status
) -> None:
    snapshot = told("windows", ("RTX 4090", "RTX 4090"), torch=files(version, gloo_transport=transport))
    assert status_of("environment.gloo", snapshot) is status
    pair = status_of("distributed.pair", snapshot)
    assert pair is (Status.OK if status is Status.OK else Status.NOTE)


@pytest.mark.parametrize(
    ("version", "value", "status"),
    [
        ("2.6.0+cu124", None, Status.WARNING),
        ("2.6.0+cu124", "0", Status.OK),
        ("2.6.0+cu124", "0 ", Status.WARNING),
        ("2.7.0+cu128", None, Status.OK),
        ("2.7.0+cu128", "1", Status.WARNING),
        ("2.3.1+cu121", None, Status.OK),
    ],
)
def test_libuv_must_be_off_where_torch_asks_for_it(version: str, value: str | None, status: Status) -> None:
    snapshot = told("windows", ("RTX 4090", "RTX 4090"), torch=files(version))
    if value is not None:
        snapshot = flip(snapshot, "settings[USE_LIBUV]", value)
    assert status_of("settings.libuv", snapshot) is status


def test_a_program_that_starts_torchrun_gets_one_gpu() -> None:
    packages = {"llamafactory": "0.9.3"}
    two = told("windows", ("RTX 5090", "RTX 5090"), torch=files("2.7.0+cu128"), packages=packages)
    assert status_of("distributed.torchrun", two) is Status.WARNING
    assert "cuda_visible_devices=0" in said("distributed.torchrun", two)
    hidden = flip(two, "settings[CUDA_VISIBLE_DEVICES]", "GPU-00000000")
    assert status_of("distributed.torchrun", hidden) is None


# ------------------------------------------------------------------------------------------------ ranges


@pytest.mark.parametrize(
    ("check", "packages", "status"),
    [
        ("versions.peft", {"peft": "0.17.1", "transformers": "5.12.1"}, Status.WARNING),
        ("versions.peft", {"peft": "0.18.0", "transformers": "5.12.1"}, None),
        ("versions.peft", {"peft": "0.17.1", "transformers": "4.57.6"}, Status.OK),
        ("versions.trl", {"trl": "0.11.4", "transformers": "5.0.0"}, Status.WARNING),
        ("versions.trl", {"trl": "0.9.6", "transformers": "4.52.4"}, Status.OK),
        ("versions.trl", {"trl": "1.16.0", "transformers": "4.56.1"}, Status.WARNING),
        ("versions.hub", {"transformers": "4.57.6", "huggingface-hub": "1.0.0"}, Status.WARNING),
        ("versions.hub", {"transformers": "5.23.0", "huggingface-hub": "2.4.0"}, Status.OK),
        ("versions.tokenizers", {"transformers": "4.55.4", "tokenizers": "0.22.0"}, Status.WARNING),
        ("versions.llamafactory", {"llamafactory": "0.9.3", "transformers": "4.52.4"}, Status.OK),
        ("versions.llamafactory", {"llamafactory": "0.9.3", "transformers": "4.53.0"}, Status.WARNING),
        ("versions.llamafactory", {"llamafactory": "0.9.3", "numpy": "2.1.0"}, Status.WARNING),
        ("versions.llamafactory", {"llamafactory": "0.9.4.dev0", "trl": "0.9.6"}, None),
        ("versions.datasets", {"trl": "1.0.0", "datasets": "4.6.1"}, Status.WARNING),
    ],
)
def test_ranges_hold_for_the_releases_that_name_them(
    check: str, packages: dict[str, str], status: Status | None
) -> None:
    assert status_of(check, told("linux", packages=packages)) is status


def test_a_python_elsewhere_with_a_cpu_torch_is_a_note() -> None:
    windows = machine_file("win11-two-5060ti-complete")
    other = PythonEnvironment(
        path="C:\\Python312", python_version="3.12.1", packages=(), role="found", torch=files("2.9.0+cpu", Absent())
    )
    assert status_of("environment.others", dataclasses.replace(windows, other_environments=(other,))) is Status.NOTE
    assert status_of("environment.others", windows) is Status.OK


def test_tunedocs_own_questions_are_not_asked_of_a_text() -> None:
    snapshot = told("linux", ("RTX 4090",), torch=files("2.13.0+cu130"))
    for check in ("environment.stack", "environment.present", "environment.changed", "environment.others"):
        assert status_of(check, snapshot) is None
