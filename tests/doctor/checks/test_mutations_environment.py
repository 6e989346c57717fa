"""Change one fact of a healthy environment, and the check that is about it speaks, and no other."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from doctor.catalogue.load import load_catalogue
from doctor.checks.registry import ALL_CHECKS
from doctor.diagnosis import diagnose
from doctor.snapshot.model import (
    Absent,
    BuiltFor,
    MissingLibrary,
    Package,
    PythonEnvironment,
    TorchFiles,
    Unknown,
)
from tests.machines_made_up import flip, machine_file

if TYPE_CHECKING:
    from doctor.snapshot.model import Snapshot

CATALOGUE = load_catalogue(Path(__file__).parent.parent.parent / "machines" / "wheels.toml")
NOT_TOLD = Unknown("not told")
WINDOWS = machine_file("win11-two-5060ti-complete")
LINUX = machine_file("ubuntu-two-4090-complete")
NAMELESS = flip(LINUX, "nvidia.gpus[0].name", "Graphics Device")


def attention(snapshot: Snapshot) -> set[str]:
    """Checks that need attention, without those that another of them explains."""
    diagnosis = diagnose(snapshot, CATALOGUE)
    crashed = [finding.check for finding in diagnosis.findings if finding.summary.key == "check.crashed"]
    assert not crashed
    found = {finding.check for finding in diagnosis.findings if finding.status.needs_attention}
    explained = {each for check in ALL_CHECKS if check.id in found for each in check.explains}
    return found - explained


def asked(snapshot: Snapshot) -> Snapshot:
    """The same packages in an environment of the owner's."""
    return flip(flip(snapshot, "environment.role", "asked"), "environment.stack", "")


def packages(snapshot: Snapshot, only: bool = False, **wanted: str) -> Snapshot:
    """With these packages, `_` for `-`, besides or instead of what is there."""
    environment = snapshot.environment
    assert isinstance(environment, PythonEnvironment)
    names = {name.replace("_", "-"): version for name, version in wanted.items()}
    kept = () if only else tuple(package for package in environment.packages if package.name not in names)
    added = tuple(Package(name=name, version=version) for name, version in names.items())
    both = tuple(sorted((*kept, *added), key=lambda package: package.name))
    return dataclasses.replace(snapshot, environment=dataclasses.replace(environment, packages=both))


def torch(snapshot: Snapshot, version: str, cuda: str | None, targets: str = "") -> Snapshot:
    """With another torch, in its metadata as in its files."""
    environment = snapshot.environment
    assert isinstance(environment, PythonEnvironment)
    files = TorchFiles(
        version=version,
        cuda=Absent("") if cuda is None else cuda,
        architectures=tuple(targets.split()) if targets else NOT_TOLD,
        gloo_transport=True,
        store_libuv=False,
        cxx11_abi=True,
    )
    return flip(packages(snapshot, torch=version), "environment.torch", files)


def capability(snapshot: Snapshot, first: str | Unknown, second: str | None = None) -> Snapshot:
    snapshot = flip(snapshot, "nvidia.gpus[0].compute_capability", first)
    return flip(snapshot, "nvidia.gpus[1].compute_capability", second or first)


def driver(snapshot: Snapshot, version: str) -> Snapshot:
    for part in ("version", "smi_version", "library_version", "kernel_version"):
        snapshot = flip(snapshot, f"nvidia.{part}", version)
    return snapshot


def flash(**changes: Any) -> Snapshot:
    made = BuiltFor(package="flash-attn", torch="2.13", cuda="13.0", python="cp312", cxx11_abi=True, system="linux")
    snapshot = packages(asked(LINUX), flash_attn="2.8.3")
    return flip(snapshot, "environment.built_for", (dataclasses.replace(made, **changes),))


CUDA_126 = "5.0 6.0 6.1 7.0 7.5 8.0 8.6 9.0"
CUDA_128 = "7.0 7.5 8.0 8.6 9.0 10.0 12.0"
LINUX_126 = torch(asked(LINUX), "2.13.0+cu126", "12.6", CUDA_126)
VOLTA_128 = capability(packages(torch(asked(LINUX), "2.10.0+cu128", "12.8", CUDA_128), triton="3.6.0"), "7.0")
LLAMA = flip(packages(asked(LINUX), llama_cpp_python="0.3.36"), "environment.llama_backend", "cuda")
OLD_NUMPY = flip(packages(torch(asked(LINUX), "2.2.2+cu121", "12.1"), only=True, torch="2.2.2+cu121", numpy="1.26.4"),
                 "environment.bitsandbytes_libraries", NOT_TOLD)  # fmt: skip
FACTORY = packages(asked(LINUX), llamafactory="0.9.4", transformers="4.57.1", trl="0.24.0", peft="0.17.1",
                   accelerate="1.11.0", datasets="4.0.0", huggingface_hub="0.36.0", tokenizers="0.22.1")  # fmt: skip
UNSLOTH = packages(asked(LINUX), unsloth="2026.10.9", transformers="5.17.0", trl="1.15.0", datasets="4.8.5",
                   huggingface_hub="1.33.0", tokenizers="0.23.3")  # fmt: skip
COMPANIONS = packages(asked(LINUX), torchvision="0.28.0+cu130", torchaudio="2.11.0+cu130")

HEALTHY = [WINDOWS, LINUX, asked(WINDOWS), asked(LINUX), LINUX_126, LLAMA, OLD_NUMPY, FACTORY, UNSLOTH, COMPANIONS,
           flash()]  # fmt: skip

MUTATIONS: list[tuple[str, Snapshot, Snapshot]] = [
    # Of a card that the catalogue does not know by name either.
    ("environment.stack", NAMELESS, capability(NAMELESS, NOT_TOLD)),
    ("environment.present", WINDOWS, flip(WINDOWS, "environment.proved", False)),
    ("environment.changed", WINDOWS, packages(WINDOWS, transformers="5.22.2")),
    ("environment.torch", asked(LINUX), flip(flip(asked(LINUX), "environment.packages[torch]", None),
                                             "environment.torch", Absent("not there"))),
    ("torch.python", asked(WINDOWS), flip(asked(WINDOWS), "environment.bits", 32)),
    ("torch.leftovers", asked(WINDOWS), flip(asked(WINDOWS), "environment.leftovers", ("~orch",))),
    ("torch.duplicates", asked(WINDOWS), flip(asked(WINDOWS), "environment.duplicates", ("numpy",))),
    ("torch.cpu_build", asked(WINDOWS), torch(asked(WINDOWS), "2.13.0+cpu", None)),
    ("torch.cuda_unavailable", asked(WINDOWS), flip(asked(WINDOWS), "environment.torch.cuda_available", False)),
    ("torch.numpy", OLD_NUMPY, packages(OLD_NUMPY, numpy="2.0.0")),
    ("torch.kernels_too_old_build", LINUX_126, capability(LINUX_126, "12.0")),
    ("torch.kernels_dropped", asked(LINUX), capability(asked(LINUX), "6.1")),
    ("torch.driver", asked(LINUX), driver(asked(LINUX), "550.90.07")),
    ("libraries.missing", asked(WINDOWS), flip(asked(WINDOWS), "environment.missing_libraries", (
        MissingLibrary(name="libomp140.x86_64.dll", needed_by="torch/lib/fbgemm.dll"),))),
    ("libraries.beside_python", asked(WINDOWS), flip(asked(WINDOWS), "environment.runtime_beside_python", (
        Package(name="msvcp140.dll", version="14.29.30139.0"),))),
    ("libraries.user_site", asked(WINDOWS), flip(asked(WINDOWS), "environment.user_site", (
        Package(name="numpy", version="1.26.4"),))),
    ("libraries.openmp", asked(WINDOWS), flip(asked(WINDOWS), "environment.openmp", (
        "torch/lib/libiomp5md.dll", "Library/bin/libiomp5md.dll"))),
    ("libraries.cuda_packages", asked(LINUX), packages(asked(LINUX), nvidia_cuda_runtime="12.8.90")),
    ("environment.companions", COMPANIONS, packages(COMPANIONS, torchvision="0.27.1+cu130")),
    ("companions.build", COMPANIONS, packages(COMPANIONS, torchvision="0.28.0+cpu")),
    ("bitsandbytes.fork", asked(WINDOWS), packages(asked(WINDOWS), bitsandbytes_windows="0.37.5")),
    ("bitsandbytes.system", asked(WINDOWS), flip(asked(WINDOWS), "environment.bitsandbytes_system", "linux")),
    ("bitsandbytes.cuda", asked(WINDOWS), flip(asked(WINDOWS), "environment.bitsandbytes_libraries", ("12.8", "cpu"))),
    ("bitsandbytes.cpu_library", asked(WINDOWS), flip(asked(WINDOWS), "environment.bitsandbytes_libraries", ("cpu",))),
    ("bitsandbytes.gpu", VOLTA_128, flip(packages(VOLTA_128, bitsandbytes="0.46.1"),
                                         "environment.bitsandbytes_libraries", NOT_TOLD)),
    ("flash_attention.build", flash(), flash(torch="2.12")),
    ("flash_attention.build", flash(), flash(cuda="12")),
    ("flash_attention.build", flash(), flash(python="cp311")),
    ("flash_attention.build", flash(), flash(cxx11_abi=False)),
    ("flash_attention.system", flash(), flash(system="windows")),
    ("flash_attention.gpu", flash(), capability(flash(), "7.5")),
    ("xformers.torch", packages(asked(LINUX), xformers="0.0.35"), packages(asked(LINUX), xformers="0.0.34")),
    ("xformers.gpu", VOLTA_128, packages(VOLTA_128, xformers="0.0.34")),
    ("triton.torch", asked(LINUX), packages(asked(LINUX), triton="3.5.1")),
    ("triton.windows", packages(asked(WINDOWS), triton_windows="3.7.1.post27"),
     packages(asked(WINDOWS), triton_windows="3.7.1.post27", triton="3.1.0")),
    ("llama.backend", LLAMA, flip(LLAMA, "environment.llama_backend", "cpu")),
    ("versions.torch", LINUX_126, packages(torch(LINUX_126, "2.5.1+cu124", "12.4", CUDA_126), triton="3.1.0")),
    ("versions.python", asked(LINUX), flip(flip(asked(LINUX), "environment.python_version", "3.10.14"),
                                           "environment.abi_tag", "cp310")),
    ("versions.hub", asked(LINUX), packages(asked(LINUX), huggingface_hub="1.30.0")),
    ("versions.tokenizers", asked(LINUX), packages(asked(LINUX), tokenizers="0.22.1")),
    ("versions.safetensors", asked(LINUX), packages(asked(LINUX), safetensors="0.5.3")),
    ("versions.trl", asked(LINUX), packages(asked(LINUX), trl="0.11.4")),
    ("versions.peft", asked(LINUX), packages(asked(LINUX), peft="0.17.1")),
    ("versions.accelerate", asked(LINUX), packages(asked(LINUX), accelerate="1.6.0")),
    ("versions.datasets", asked(LINUX), packages(asked(LINUX), pyarrow="21.0.0")),
    ("versions.llamafactory", FACTORY, packages(FACTORY, trl="0.25.1")),
    ("versions.unsloth", UNSLOTH, packages(UNSLOTH, transformers="5.18.0", huggingface_hub="1.33.0")),
    ("environment.gloo", asked(WINDOWS), flip(asked(WINDOWS), "environment.torch.gloo_transport", False)),
    ("settings.libuv", asked(WINDOWS), flip(asked(WINDOWS), "settings[USE_LIBUV]", "1")),
    ("distributed.torchrun", asked(WINDOWS), packages(asked(WINDOWS), llamafactory="0.9.5.dev0")),
]  # fmt: skip


@pytest.mark.parametrize("snapshot", HEALTHY)
def test_a_healthy_environment_needs_no_attention(snapshot: Snapshot) -> None:
    assert attention(snapshot) == set()


@pytest.mark.parametrize(
    ("check", "before", "after"), MUTATIONS, ids=[f"{number}-{each[0]}" for number, each in enumerate(MUTATIONS)]
)
def test_one_changed_fact_is_found_and_nothing_else(check: str, before: Snapshot, after: Snapshot) -> None:
    assert check not in attention(before)
    assert attention(after) - attention(before) == {check}


@pytest.mark.parametrize(("check", "before", "after"), MUTATIONS, ids=[f"{n}-{e[0]}" for n, e in enumerate(MUTATIONS)])
def test_what_is_found_says_its_cause_and_what_to_do(check: str, before: Snapshot, after: Snapshot) -> None:
    found = [finding for finding in diagnose(after, CATALOGUE).findings if finding.check == check]
    assert found[0].cause is not None
    assert found[0].fixes


def test_an_old_and_a_new_card_together_are_one_finding_of_the_environment() -> None:
    mixed = flip(asked(WINDOWS), "nvidia.gpus[1].compute_capability", "6.1")
    found = attention(mixed)
    assert "nvidia.mixed" in found
    assert not found & {"torch.mixed_gpus", "torch.kernels_dropped", "torch.kernels_too_old_build"}


@pytest.mark.parametrize("snapshot", [WINDOWS, LINUX], ids=["windows", "linux"])
def test_facts_that_were_not_told_raise_nothing(snapshot: Snapshot) -> None:
    environment = snapshot.environment
    assert isinstance(environment, PythonEnvironment)
    told = PythonEnvironment(path="", python_version=NOT_TOLD, packages=(), role="told")
    for field in dataclasses.fields(PythonEnvironment):
        if field.name not in {"path", "role", "stack", "proved"}:
            value = getattr(environment, field.name)
            one = dataclasses.replace(told, **{field.name: value})
            assert attention(dataclasses.replace(snapshot, environment=one, disks=NOT_TOLD)) == set(), field.name
