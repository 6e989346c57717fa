"""A snapshot's facts under the names that conditions use."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.checks.torch_builds import read_torch_build
from doctor.checks.wheel_choice import known_capability
from doctor.gpu_models import memory_of
from doctor.snapshot.model import (
    Absent,
    CudaToolkit,
    Memory,
    NvidiaDriver,
    OperatingSystem,
    PythonEnvironment,
    PythonInterpreter,
    TorchFiles,
)

if TYPE_CHECKING:
    from doctor.knowledge.conditions import Facts
    from doctor.snapshot.model import Gpu, Snapshot


def facts_of(snapshot: Snapshot) -> Facts:
    """All that conditions can ask for; what is not known is left out."""
    facts: Facts = {}
    system = snapshot.os
    if isinstance(system, OperatingSystem):
        facts["os"] = (system.system,)
        facts["wsl"] = (str(system.wsl),) if system.wsl else ()
    _add_python(facts, snapshot)
    _add_environment(facts, snapshot)
    _add_gpus(facts, snapshot)
    if isinstance(snapshot.memory, Memory):
        facts["memory_gib"] = (f"{snapshot.memory.total_mib / 1024:.1f}",)
    if isinstance(snapshot.cuda_toolkits, tuple):
        versions = [kit.version for kit in snapshot.cuda_toolkits if isinstance(kit, CudaToolkit)]
        facts["toolkit"] = tuple(version for version in versions if isinstance(version, str))
    if isinstance(snapshot.settings, tuple):
        for setting in snapshot.settings:
            facts[f"variable.{setting.name}"] = (setting.value,)
    return facts


def _add_python(facts: Facts, snapshot: Snapshot) -> None:
    environment = snapshot.environment
    if isinstance(environment, PythonEnvironment):
        if isinstance(environment.python_version, str):
            facts["python"] = (environment.python_version,)
        if isinstance(environment.bits, int):
            facts["python_bits"] = (str(environment.bits),)
    elif isinstance(snapshot.python, PythonInterpreter):
        facts["python"] = (snapshot.python.version,)
        facts["python_bits"] = (str(snapshot.python.bits),)


def _add_environment(facts: Facts, snapshot: Snapshot) -> None:
    environment = snapshot.environment
    if not isinstance(environment, PythonEnvironment):
        return
    for package in environment.packages:
        facts[f"package.{package.name}"] = (package.version,)
    files = environment.torch
    version = files.version if isinstance(files, TorchFiles) else dict.get(_versions(environment), "torch", "")
    if version[:1].isdigit():
        build = read_torch_build(version, facts.get("os", ("",))[0])
        facts["torch"] = (version.partition("+")[0],)
        # Without a tag and without a system nothing is certain about what a wheel was built for.
        if build.kind != "other" or "+" in version:
            facts["torch_build"] = (build.kind,)
        if build.cuda:
            facts["torch_cuda"] = (build.cuda,)
    if isinstance(files, TorchFiles):
        if isinstance(files.cuda, str):
            facts["torch_build"], facts["torch_cuda"] = ("cuda",), (files.cuda,)
        elif isinstance(files.cuda, Absent):
            facts["torch_build"] = ("cpu",)
        if isinstance(files.cuda_available, bool):
            facts["cuda_available"] = (str(files.cuda_available).lower(),)


def _versions(environment: PythonEnvironment) -> dict[str, str]:
    return {package.name: package.version for package in environment.packages}


def _add_gpus(facts: Facts, snapshot: Snapshot) -> None:
    nvidia = snapshot.nvidia
    vendors = {adapter.vendor for adapter in snapshot.adapters} if isinstance(snapshot.adapters, tuple) else set()
    if isinstance(nvidia, NvidiaDriver):
        if isinstance(nvidia.version, str):
            facts["driver"] = (nvidia.version,)
        if isinstance(nvidia.cuda_version, str):
            facts["driver_cuda"] = (nvidia.cuda_version,)
        if nvidia.gpus:
            vendors.add("nvidia")
            facts["gpu_count"] = (str(len(nvidia.gpus)),)
            capabilities = [known_capability(gpu) for gpu in nvidia.gpus]
            known = tuple(capability for capability in capabilities if capability is not None)
            if known:
                facts["capability"] = known
            sizes = [_gib(gpu) for gpu in nvidia.gpus]
            told = [size for size in sizes if size]
            if told:
                facts["vram_gib"] = (f"{min(told):g}",)
    elif isinstance(nvidia, Absent) and not vendors & {"amd", "intel"}:
        facts["gpu_vendor"] = ("none",)
        facts["gpu_count"] = ("0",)
    if vendors:
        facts["gpu_vendor"] = tuple(sorted(vendors))


def _gib(gpu: Gpu) -> float | None:
    if isinstance(gpu.memory_total_mib, int):
        return round(gpu.memory_total_mib / 1024, 1)
    return memory_of(gpu.name)
