"""One fact of a healthy machine is changed: the right check speaks, and no other one joins in."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from doctor.catalogue.load import load_catalogue
from doctor.checks.base import Status
from doctor.checks.registry import ALL_CHECKS, MACHINE_CHECKS
from doctor.diagnosis import Diagnosis, diagnose
from doctor.snapshot.model import (
    Absent,
    Disk,
    GpuProcess,
    LooseLibrary,
    ModelFiles,
    PythonInterpreter,
    Setting,
    Unknown,
)
from tests.machines_made_up import flip, machine_file

if TYPE_CHECKING:
    from doctor.snapshot.model import Snapshot

CATALOGUE = load_catalogue(Path(__file__).parent.parent.parent / "machines" / "wheels.toml")
WINDOWS, LINUX, WSL = "win11-two-5060ti-complete", "ubuntu-two-4090-complete", "wsl-ubuntu-4070ti-complete"
NOTE, WARNING, FAILURE = Status.NOTE, Status.WARNING, Status.FAILURE


@dataclass(frozen=True)
class Mutation:
    """One fact that is changed, and what must come of it."""

    check: str
    status: Status
    base: str
    path: str
    value: Any
    given: tuple[tuple[str, Any], ...] = ()
    """What is changed beforehand; the machine is healthy with it."""

    def __str__(self) -> str:
        return f"{self.check} {self.status.value}: {self.path}"


def python(version: str = "3.12.10", **changes: Any) -> PythonInterpreter:
    usual = PythonInterpreter(
        path="C:\\Python312\\python.exe",
        version=version,
        implementation="cpython",
        abi_tag="cp312",
        bits=64,
        kind="system",
    )
    return replace(usual, **changes)


def disk(purpose: str, **changes: Any) -> Disk:
    usual = Disk(purpose="home", path="D:\\tunedoc", total_mib=900000, free_mib=400000, filesystem="NTFS")
    return replace(usual, purpose=purpose, **changes)


UNLIKE: tuple[tuple[str, Any], ...] = (
    ("nvidia.gpus[0].name", "NVIDIA GeForce RTX 4060 Ti"),
    ("nvidia.gpus[0].compute_capability", "8.9"),
    ("settings[CUDA_DEVICE_ORDER]", "PCI_BUS_ID"),
    ("settings[CUDA_VISIBLE_DEVICES]", "0,1"),
)
IN_A_CONTAINER: tuple[tuple[str, Any], ...] = (
    ("container", True),
    ("environment", Absent("none was built yet")),
    ("adapters", ()),
)
GPU_0 = "nvidia.gpus[0]."
HOLDER = (GpuProcess(name="game.exe", memory_mib=Unknown("WDDM does not tell")),)
COMPAT = LooseLibrary(name="libcuda.so.1", path="/usr/local/cuda/compat/libcuda.so.1", place="LD_LIBRARY_PATH")
STUB = LooseLibrary(name="libcuda.so", path="/usr/local/cuda/lib64/stubs/libcuda.so", place="LD_LIBRARY_PATH")
CUDNN = LooseLibrary(name="cudnn64_9.dll", path="C:\\cudnn\\bin\\cudnn64_9.dll", place="PATH")
LARGE = ModelFiles(name="Llama-3.3-70B", weights_mib=141000, largest_file_mib=141000)
FIXED_PAGE_FILE = (("windows.page_file_automatic", False),)

TABLE = (
    # The system, Python, memory
    Mutation("system.build", NOTE, WINDOWS, "os.build", 19045),
    Mutation("system.build", FAILURE, WINDOWS, "os.build", 9600),
    Mutation("system.container", NOTE, LINUX, "nvidia", Absent("no driver library"), IN_A_CONTAINER),
    Mutation("system.python", FAILURE, WINDOWS, "python.bits", 32),
    Mutation("system.python", FAILURE, WINDOWS, "python.implementation", "pypy"),
    Mutation("system.python", WARNING, WINDOWS, "python.kind", "store"),
    Mutation("system.python", NOTE, WINDOWS, "python.version", "3.14.0"),
    Mutation("python.first", NOTE, WINDOWS, "pythons[0]", python(kind="store_stub")),
    Mutation("python.first", NOTE, WINDOWS, "pythons[0]", python("3.9.1", bits=32)),
    Mutation("python.active", NOTE, LINUX, "settings[CONDA_PREFIX]", "/opt/conda", (("settings[VIRTUAL_ENV]", "/v"),)),
    Mutation("processor.features", WARNING, LINUX, "processor.features", ("fma",)),
    Mutation("memory.total", WARNING, LINUX, "memory.total_mib", 6100),
    Mutation("memory.total", FAILURE, LINUX, "memory.total_mib", 2900),
    Mutation("memory.free", WARNING, LINUX, "memory.available_mib", 1500),
    Mutation("memory.models", WARNING, LINUX, "models[0]", LARGE),
    Mutation("system.page_file", WARNING, WINDOWS, "memory.commit_limit_mib", 20000, FIXED_PAGE_FILE),
    Mutation("system.page_file", NOTE, WINDOWS, "memory.commit_limit_mib", 20000),
    Mutation("memory.several", WARNING, WINDOWS, "memory.commit_limit_mib", 40000, FIXED_PAGE_FILE),
    # Windows
    Mutation("system.long_paths", WARNING, WINDOWS, "windows.long_paths", False),
    Mutation("windows.developer_mode", NOTE, WINDOWS, "windows.developer_mode", False),
    Mutation("windows.code_page", NOTE, WINDOWS, "windows.ansi_code_page", 936),
    Mutation("windows.vc_runtime", FAILURE, WINDOWS, "windows.vc_runtime", Absent()),
    Mutation("windows.vc_runtime", FAILURE, WINDOWS, "windows.vc_runtime.missing", ("msvcp140.dll",)),
    Mutation("windows.vc_runtime", NOTE, WINDOWS, "windows.vc_runtime.missing", ("vcruntime140_threads.dll",)),
    Mutation("windows.vc_runtime", WARNING, WINDOWS, "windows.vc_runtime.version", "14.29.30133"),
    Mutation("windows.controlled_folders", NOTE, WINDOWS, "windows.controlled_folders", True),
    Mutation(
        "windows.controlled_folders",
        WARNING,
        WINDOWS,
        "windows.controlled_folders",
        True,
        (("disks[working].path", "~\\Documents\\lora"),),
    ),
    Mutation("windows.smart_app_control", WARNING, WINDOWS, "windows.smart_app_control", True),
    Mutation("windows.execution_policy", NOTE, WINDOWS, "windows.execution_policy", "Restricted"),
    Mutation("windows.host_name", WARNING, WINDOWS, "windows.host_name_ascii", False),
    Mutation("windows.hosts", NOTE, WINDOWS, "windows.hosts_loopback", ("kubernetes.docker.internal",)),
    # WSL
    Mutation("wsl.stub", WARNING, WSL, "wsl.stub", False),
    Mutation("wsl.driver", WARNING, WSL, "wsl.linux_driver", "/usr/lib/x86_64-linux-gnu/libcuda.so.580.95.05"),
    Mutation("wsl.kernel", WARNING, WSL, "wsl.kernel", "4.19.128-microsoft-standard"),
    Mutation("wsl.folder", NOTE, WSL, "wsl.working_on_windows_drive", True),
    Mutation("wsl.memory", WARNING, WSL, "wsl.memory_limit_mib", 4096),
    Mutation("wsl.memory", NOTE, WSL, "wsl.memory_limit_mib", 12288),
    # Disks
    Mutation("storage.free", WARNING, WINDOWS, "disks[home].free_mib", 900),
    Mutation("storage.free", WARNING, LINUX, "disks[temporary].free_mib", 300),
    Mutation("storage.path", WARNING, WINDOWS, "disks[home].traits", ("cloud_synced",)),
    Mutation("storage.path", WARNING, WINDOWS, "disks[home].remote", True),
    Mutation("storage.path", NOTE, WINDOWS, "disks[home].traits", ("non_ascii",)),
    Mutation("storage.working", WARNING, WINDOWS, "disks[working].traits", ("cloud_synced",)),
    Mutation("storage.working", NOTE, WINDOWS, "disks[working].remote", True),
    Mutation("storage.filesystem", WARNING, LINUX, "disks[hub_cache]", disk("hub_cache", filesystem="vfat")),
    Mutation("storage.filesystem", NOTE, LINUX, "disks[working]", disk("working", filesystem="exFAT")),
    # The driver
    Mutation(
        "nvidia.undriven",
        WARNING,
        WINDOWS,
        "nvidia",
        Unknown("no driver library, but the machine has 10de:2d04"),
        (("environment", Absent("none was built yet")),),
    ),
    Mutation(
        "nvidia.driver",
        FAILURE,
        WINDOWS,
        "nvidia.version",
        "516.94",
        (
            ("nvidia.smi_version", Unknown("not asked")),
            ("nvidia.library_version", Unknown("not asked")),
            ("environment", Absent("none was built yet")),
        ),
    ),
    Mutation("nvidia.halves", FAILURE, LINUX, "nvidia.kernel_version", "570.172.08"),
    Mutation("nvidia.halves", FAILURE, WINDOWS, "nvidia.library_version", "572.16"),
    Mutation(
        "nvidia.banner",
        NOTE,
        WINDOWS,
        "nvidia.version",
        "610.47",
        (("nvidia.smi_version", Unknown("not asked")), ("nvidia.library_version", Unknown("not asked"))),
    ),
    Mutation("nvidia.left_out", WARNING, LINUX, "nvidia.gpus[1]", None),
    # The cards
    Mutation(
        "nvidia.gpus",
        FAILURE,
        LINUX,
        "nvidia.gpus[0].compute_capability",
        "3.5",
        (("nvidia.gpus[1]", None), ("adapters[1]", None), ("environment", Absent("none was built yet"))),
    ),
    Mutation("nvidia.visible", WARNING, WINDOWS, "settings[CUDA_VISIBLE_DEVICES]", "-1"),
    Mutation("nvidia.visible", WARNING, LINUX, "settings[CUDA_VISIBLE_DEVICES]", "0,2"),
    Mutation("nvidia.visible", NOTE, LINUX, "settings[CUDA_VISIBLE_DEVICES]", "1"),
    Mutation(
        "nvidia.mixed",
        WARNING,
        WINDOWS,
        GPU_0 + "compute_capability",
        "6.1",
        (("environment", Absent("none was built yet")),),
    ),
    Mutation("nvidia.mixed", NOTE, LINUX, GPU_0 + "name", "NVIDIA L40S"),
    Mutation("nvidia.order", NOTE, WINDOWS, "settings[CUDA_DEVICE_ORDER]", None, UNLIKE[:3]),
    Mutation("nvidia.order", WARNING, WINDOWS, "settings[CUDA_DEVICE_ORDER]", None, UNLIKE),
    Mutation("nvidia.model", NOTE, WINDOWS, GPU_0 + "driver_model", "tcc"),
    Mutation("nvidia.model", WARNING, WSL, GPU_0 + "driver_model", "tcc"),
    Mutation("nvidia.memory", WARNING, WSL, GPU_0 + "memory_total_mib", 2048),
    Mutation("nvidia.memory", NOTE, WSL, GPU_0 + "memory_total_mib", 6144),
    Mutation("nvidia.busy", WARNING, WINDOWS, GPU_0 + "memory_free_mib", 3000, ((GPU_0 + "processes", HOLDER),)),
    Mutation("nvidia.precision", NOTE, WSL, GPU_0 + "compute_capability", "7.5"),
    Mutation(
        "nvidia.generation",
        NOTE,
        WSL,
        GPU_0 + "compute_capability",
        "6.1",
        (("environment", Absent("none was built yet")),),
    ),
    Mutation("nvidia.display", NOTE, WINDOWS, GPU_0 + "display_attached", True),
    Mutation("nvidia.link", WARNING, LINUX, "nvidia.gpus[1].pcie_width", 1, (("nvidia.gpus[1].pcie_generation", 3),)),
    Mutation("nvidia.link", NOTE, LINUX, "nvidia.gpus[1].pcie_width", 2),
    Mutation("nvidia.power", NOTE, LINUX, GPU_0 + "power_limit_watts", 250),
    Mutation("nvidia.heat", WARNING, LINUX, GPU_0 + "temperature_celsius", 91),
    Mutation("nvidia.heat", NOTE, LINUX, GPU_0 + "temperature_celsius", 84),
    Mutation("graphics.adapters", NOTE, WINDOWS, GPU_0 + "name", "NVIDIA GeForce RTX 5070 Ti Laptop GPU"),
    # Variables
    Mutation(
        "settings.index",
        FAILURE,
        LINUX,
        "settings",
        (Setting(name="pip.unreadable", value="no configuration file, line 3", origin="/etc/pip.conf"),),
    ),
    Mutation("settings.index", NOTE, LINUX, "settings[UV_DEFAULT_INDEX]", "https://mirror.example/simple"),
    Mutation("settings.proxy", WARNING, LINUX, "settings[ALL_PROXY]", "socks://127.0.0.1:7890/"),
    Mutation("settings.proxy", NOTE, LINUX, "settings[HTTPS_PROXY]", "http://127.0.0.1:7890"),
    Mutation("settings.hub", WARNING, LINUX, "settings[HF_ENDPOINT]", "hf-mirror.com"),
    Mutation("settings.hub", NOTE, LINUX, "settings[HF_ENDPOINT]", "https://hf-mirror.com"),
    Mutation("settings.offline", NOTE, LINUX, "settings[HF_HUB_OFFLINE]", "1"),
    Mutation("settings.offline", WARNING, LINUX, "models", (), (("settings[HF_HUB_OFFLINE]", "1"),)),
    Mutation("settings.certificates", NOTE, LINUX, "settings[SSL_CERT_FILE]", "/opt/office/ca.pem"),
    Mutation("settings.spaces", WARNING, WINDOWS, "settings[PYTHONUTF8]", "1 "),
    Mutation("settings.spaces", NOTE, WINDOWS, "settings[CUDA_VISIBLE_DEVICES]", "0,1 "),
    Mutation("settings.python_home", WARNING, WINDOWS, "settings[PYTHONHOME]", "C:\\Python39"),
    Mutation("settings.python_path", WARNING, LINUX, "settings[PYTHONPATH]", "/opt/py/lib/python3.10/site-packages"),
    Mutation("settings.python_path", NOTE, LINUX, "settings[PYTHONPATH]", "/opt/ours"),
    Mutation("settings.allocator", FAILURE, LINUX, "settings[PYTORCH_CUDA_ALLOC_CONF]", "max_split_size_mb=128"),
    Mutation("settings.allocator", FAILURE, LINUX, "settings[PYTORCH_CUDA_ALLOC_CONF]", "expandable_segments"),
    Mutation("settings.allocator", NOTE, WINDOWS, "settings[PYTORCH_CUDA_ALLOC_CONF]", "expandable_segments:True"),
    Mutation("settings.openmp", WARNING, WINDOWS, "settings[KMP_DUPLICATE_LIB_OK]", "TRUE"),
    Mutation("settings.debugging", WARNING, LINUX, "settings[CUDA_LAUNCH_BLOCKING]", "1"),
    # Toolkits
    Mutation("toolkit.loose", FAILURE, LINUX, "loose_libraries", (STUB,)),
    Mutation("toolkit.loose", WARNING, LINUX, "loose_libraries", (COMPAT,)),
    Mutation("toolkit.loose", NOTE, WINDOWS, "loose_libraries", (CUDNN,)),
    Mutation("toolkit.cuda_path", NOTE, WINDOWS, "settings[CUDA_PATH]", "C:\\gone"),
    Mutation("toolkit.nvcc", NOTE, WINDOWS, "programs[nvcc].version", "12.4"),
    Mutation("toolkit.compiler", NOTE, WINDOWS, "windows.build_tools", ()),
    # The network
    Mutation("network.hub", WARNING, LINUX, "network[hub].reachable", False, (("network[hub].problem", "timeout"),)),
    Mutation("network.hub", NOTE, LINUX, "network[hub].latency_ms", 2400),
    Mutation("network.indexes", WARNING, LINUX, "network[torch_index].reachable", False),
    Mutation("network.certificates", WARNING, LINUX, "network[hub].problem", "tls"),
    Mutation("network.certificates", NOTE, LINUX, "network[hub].tls_issuer", "Contoso Web Gateway"),
    Mutation("network.proxy", WARNING, LINUX, "network[github].problem", "proxy"),
    Mutation("network.proxy", NOTE, LINUX, "network[github].through_proxy", True),
)


def changed(mutation: Mutation) -> tuple[Snapshot, Snapshot]:
    """The machine before and after."""
    before = machine_file(mutation.base)
    for path, value in mutation.given:
        before = flip(before, path, value)
    return before, flip(before, mutation.path, mutation.value)


def alarms(diagnosis: Diagnosis) -> set[str]:
    return {finding.check for finding in diagnosis.findings if finding.status.needs_attention}


@cache
def diagnosed(mutation: Mutation) -> tuple[Diagnosis, Diagnosis]:
    before, after = changed(mutation)
    return diagnose(before, CATALOGUE), diagnose(after, CATALOGUE)


@pytest.mark.parametrize("base", [WINDOWS, LINUX, WSL])
def test_the_complete_machines_are_wholly_well(base: str) -> None:
    diagnosis = diagnose(machine_file(base), CATALOGUE)
    assert {finding.status for finding in diagnosis.findings} == {Status.OK}


@pytest.mark.parametrize("mutation", TABLE, ids=str)
def test_the_changed_fact_is_found_and_nothing_else_is_blamed(mutation: Mutation) -> None:
    before, after = diagnosed(mutation)
    found = {finding.check: finding.status for finding in after.findings}
    assert found.get(mutation.check) is mutation.status
    assert mutation.check not in alarms(before)
    assert alarms(after) - alarms(before) <= {mutation.check}


@pytest.mark.parametrize("mutation", TABLE, ids=str)
def test_what_is_found_tells_its_cause_and_what_to_do(mutation: Mutation) -> None:
    _, after = diagnosed(mutation)
    finding = next(each for each in after.findings if each.check == mutation.check)
    if finding.status.needs_attention:
        assert finding.cause is not None
        assert finding.fixes and all(fix.by_hand is not None for fix in finding.fixes)


def test_every_check_of_the_machine_is_tried() -> None:
    assert {check.id for check in MACHINE_CHECKS} <= {mutation.check for mutation in TABLE}
    assert {mutation.check for mutation in TABLE} <= {check.id for check in ALL_CHECKS}
