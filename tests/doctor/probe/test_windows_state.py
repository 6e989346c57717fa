"""Windows' switches, files and devices, out of a registry and folders that are made up."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor.host.real import RealHost
from doctor.host.registry import RealRegistry
from doctor.probe.adapters import is_integrated, probe_adapters, read_devices
from doctor.probe.network import read_system_proxies
from doctor.probe.settings import probe_settings
from doctor.probe.windows import (
    find_build_tools,
    parse_hosts,
    parse_page_files,
    probe_windows,
    read_controlled_folders,
    read_execution_policy,
    read_vc_runtime,
)
from doctor.snapshot.model import Absent, PageFile, Unknown, VcRuntime, WindowsState

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.host.registry import Root, Value

SESSION = r"SYSTEM\CurrentControlSet\Control\Session Manager"
RUNTIME = r"SOFTWARE\Microsoft\VisualStudio\14.0\VC\Runtimes\x64"
SHELL = r"SOFTWARE\Microsoft\PowerShell\1\ShellIds\Microsoft.PowerShell"
GUARD = r"Microsoft\Windows Defender\Windows Defender Exploit Guard\Controlled Folder Access"
DISPLAY = "{4D36E968-E325-11CE-BFC1-08002BE10318}"


class KnownRegistry:
    """A registry of given values, by `machine\\key` and name."""

    def __init__(self, keys: Mapping[str, Mapping[str, Value]] | None = None) -> None:
        self._keys = {key.lower(): dict(values) for key, values in (keys or {}).items()}

    def value(self, root: Root, key: str, name: str) -> Value | None:
        return self.values(root, key).get(name)

    def values(self, root: Root, key: str) -> dict[str, Value]:
        return self._keys.get(f"{root}\\{key}".lower(), {})

    def subkeys(self, root: Root, key: str) -> tuple[str, ...]:
        above = f"{root}\\{key}\\".lower()
        return tuple({known[len(above) :].split("\\")[0]: None for known in self._keys if known.startswith(above)})


class WindowsHost(RealHost):
    """A host that says it is Windows."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__()
        self.system = "windows"
        self.environ = environ


def test_page_files_are_read_in_each_of_their_forms() -> None:
    assert parse_page_files([r"C:\pagefile.sys 4096 8192"], []) == (
        (PageFile(path=r"C:\pagefile.sys", maximum_mib=8192),),
        False,
    )
    assert parse_page_files([r"C:\pagefile.sys 0 0"], []) == ((PageFile(path=r"C:\pagefile.sys", maximum_mib=0),), True)
    assert parse_page_files([r"C:\pagefile.sys 0 0", r"D:\pagefile.sys 100 200"], []) == (
        (PageFile(path=r"C:\pagefile.sys", maximum_mib=0), PageFile(path=r"D:\pagefile.sys", maximum_mib=200)),
        False,
    )
    assert parse_page_files([r"?:\pagefile.sys"], [r"\??\D:\pagefile.sys"]) == (
        (PageFile(path=r"D:\pagefile.sys", maximum_mib=0),),
        True,
    )
    assert parse_page_files([], []) == ((), False)


def test_the_runtime_is_judged_by_its_files_and_not_by_the_registry(tmp_path: Path) -> None:
    registry = KnownRegistry({rf"machine\{RUNTIME}": {"Installed": 1, "Version": "v14.44.35211.00"}})
    for name in ("vcruntime140.dll", "msvcp140.dll"):
        (tmp_path / name).write_bytes(b"")
    versions = {"vcruntime140.dll": "14.44.35211.0", "msvcp140.dll": "14.29.30139.0"}
    assert read_vc_runtime(registry, tmp_path, lambda file: versions[file.name]) == VcRuntime(
        version="14.29.30139", missing=("vcruntime140_1.dll", "vcruntime140_threads.dll")
    )


def test_without_readable_files_the_registry_says_the_runtimes_version(tmp_path: Path) -> None:
    def refuse(file: Path) -> str:
        raise OSError(str(file))

    registry = KnownRegistry({rf"machine\{RUNTIME}": {"Installed": 1, "Version": "v14.44.35211.00"}})
    found = read_vc_runtime(registry, tmp_path, refuse)
    assert isinstance(found, VcRuntime) and found.version == "14.44.35211" and len(found.missing) == 4
    assert isinstance(read_vc_runtime(KnownRegistry(), tmp_path, refuse), Absent)


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (
            {rf"machine\SOFTWARE\{GUARD}": 1},
            True,
        ),
        (
            {rf"machine\SOFTWARE\{GUARD}": 2},
            False,
        ),
        (
            {
                rf"machine\SOFTWARE\{GUARD}": 1,
                rf"machine\SOFTWARE\Policies\{GUARD}": 0,
            },
            False,
        ),
        ({r"machine\SOFTWARE\Microsoft\Windows Defender\Features": 5}, False),
        ({}, None),
    ],
    ids=["on", "only audits", "a policy beats the user", "never touched", "Defender cannot be read"],
)
def test_controlled_folders(keys: dict[str, int], expected: bool | None) -> None:
    registry = KnownRegistry(
        {key: {"EnableControlledFolderAccess": value} for key, value in keys.items() if "Controlled" in key}
    )
    if any("Features" in key for key in keys):
        registry = KnownRegistry({key: {"TamperProtection": value} for key, value in keys.items()})
    found = read_controlled_folders(registry)
    assert (None if isinstance(found, Unknown) else found) == expected


def test_the_execution_policy_that_takes_effect_is_the_highest_one() -> None:
    policies = r"SOFTWARE\Policies\Microsoft\Windows\PowerShell"
    keys: dict[str, dict[str, Value]] = {}
    assert read_execution_policy(KnownRegistry(), None) == "Restricted"
    keys[rf"machine\{SHELL}"] = {"ExecutionPolicy": "AllSigned"}
    assert read_execution_policy(KnownRegistry(keys), None) == "AllSigned"
    keys[rf"user\{SHELL}"] = {"ExecutionPolicy": "RemoteSigned"}
    assert read_execution_policy(KnownRegistry(keys), "Undefined") == "RemoteSigned"
    assert read_execution_policy(KnownRegistry(keys), "Bypass") == "Bypass"
    keys[rf"machine\{policies}"] = {"EnableScripts": 1, "ExecutionPolicy": "Unrestricted"}
    assert read_execution_policy(KnownRegistry(keys), "Bypass") == "Unrestricted"
    keys[rf"machine\{policies}"] = {"EnableScripts": 0}
    assert read_execution_policy(KnownRegistry(keys), "Bypass") == "Restricted"


def test_build_tools_count_when_they_have_a_compiler(tmp_path: Path) -> None:
    programs, instances = tmp_path / "Program Files (x86)", tmp_path / "_Instances"
    with_compiler = programs / "Microsoft Visual Studio" / "2022" / "BuildTools"
    without = programs / "Microsoft Visual Studio" / "2019" / "Community"
    elsewhere = tmp_path / "工具" / "VS"
    without.mkdir(parents=True)
    for place, version in ((with_compiler, "14.9.1"), (with_compiler, "14.44.35207"), (elsewhere, "14.29.30133")):
        compiler = place / "VC" / "Tools" / "MSVC" / version / "bin" / "Hostx64" / "x64" / "cl.exe"
        compiler.parent.mkdir(parents=True)
        compiler.write_bytes(b"")
    for number, (place, product, line) in enumerate(
        [(elsewhere, "Professional", "2019"), (with_compiler, "BuildTools", "2022")]
    ):
        record = instances / str(number) / "state.json"
        record.parent.mkdir(parents=True)
        words = {
            "installationPath": str(place),
            "product": {"id": f"Microsoft.VisualStudio.Product.{product}"},
            "catalogInfo": {"productLineVersion": line},
        }
        record.write_text(json.dumps(words), encoding="utf-8")
    (instances / "broken").mkdir()
    (instances / "broken" / "state.json").write_text("{", encoding="utf-8")
    found = find_build_tools([programs], instances)
    assert {(tools.name, tools.msvc) for tools in found} == {
        ("Visual Studio Professional 2019", "14.29.30133"),
        ("Visual Studio Build Tools 2022", "14.44.35207"),
    }
    assert find_build_tools([tmp_path / "nothing"], tmp_path / "nothing") == ()


def test_only_dockers_names_are_told_from_the_hosts_file() -> None:
    words = (
        "# 127.0.0.1 commented.docker.internal\n127.0.0.1 localhost\n192.168.1.7 host.docker.internal # Docker\n"
        "192.168.1.7 gateway.docker.internal\n127.0.0.1 Kubernetes.docker.internal\n10.0.0.5 far.docker.internal\n"
        "127.0.0.1 alices-secret-server other\n::1 localhost\n\n127.0.0.1\n"
    )
    assert parse_hosts(words, ["192.168.1.7"]) == (
        "host.docker.internal",
        "gateway.docker.internal",
        "kubernetes.docker.internal",
        "<host>",
    )


def test_a_windows_that_answers_nothing_gives_unknowns(tmp_path: Path) -> None:
    found = probe_windows(WindowsHost({"SYSTEMROOT": str(tmp_path)}), KnownRegistry())
    assert isinstance(found, WindowsState)
    assert found.long_paths is False and found.developer_mode is False
    assert isinstance(found.page_files, Unknown) and isinstance(found.vc_runtime, Absent)
    assert isinstance(found.hosts_loopback, Unknown) and isinstance(found.gpu_scheduling, Unknown)


def test_windows_state_is_read_from_its_places(tmp_path: Path) -> None:
    hosts = tmp_path / "System32" / "drivers" / "etc" / "hosts"
    hosts.parent.mkdir(parents=True)
    hosts.write_text("127.0.0.1 kubernetes.docker.internal\n", encoding="utf-8")
    found = probe_windows(
        WindowsHost({"SYSTEMROOT": str(tmp_path)}),
        KnownRegistry(
            {
                r"machine\SYSTEM\CurrentControlSet\Control\FileSystem": {"LongPathsEnabled": 1},
                r"machine\SYSTEM\CurrentControlSet\Control\GraphicsDrivers": {"HwSchMode": 2},
                r"machine\SYSTEM\CurrentControlSet\Control\CI\Policy": {"VerifiedAndReputablePolicyState": 1},
                rf"machine\{SESSION}\Memory Management": {"PagingFiles": ()},
            }
        ),
    )
    assert isinstance(found, WindowsState)
    assert (found.long_paths, found.gpu_scheduling, found.smart_app_control) == (True, True, True)
    assert (found.page_files, found.page_file_automatic) == ((), False)
    assert found.hosts_loopback == ("kubernetes.docker.internal",)


def test_elsewhere_there_is_no_windows_state() -> None:
    host = RealHost()
    if host.system != "windows":
        assert isinstance(probe_windows(host), Absent)
        with pytest.raises(OSError, match="not Windows"):
            RealRegistry().values("user", "Environment")


def test_adapters_of_all_makers_come_from_the_registry() -> None:
    enum, classes = r"machine\SYSTEM\CurrentControlSet\Enum", r"machine\SYSTEM\CurrentControlSet\Control\Class"
    registry = KnownRegistry(
        {
            rf"{enum}\PCI\VEN_10DE&DEV_2D04&SUBSYS_1\4&1": {
                "ClassGUID": DISPLAY,
                "DeviceDesc": "@oem12.inf,%nvidia_dev.2d04%;NVIDIA GeForce RTX 5060 Ti",
                "Driver": rf"{DISPLAY}\0001",
            },
            rf"{classes}\{DISPLAY}\0001": {"DriverVersion": "32.0.15.8129"},
            rf"{enum}\PCI\VEN_8086&DEV_A780&SUBSYS_2\3&1": {
                "ClassGUID": DISPLAY,
                "DeviceDesc": "@oem3.inf,%i%;Intel(R) UHD Graphics 770",
            },
            rf"{enum}\PCI\VEN_10DE&DEV_1B06\5&1": {
                "DeviceDesc": "@pci.sys;Video Controller",
                "CompatibleIDs": (r"PCI\VEN_10DE&CC_030000", r"PCI\CC_030000"),
            },
            rf"{enum}\PCI\VEN_8086&DEV_7A60\6&1": {"ClassGUID": "{36fc9e60-c465-11cf-8056-444553540000}"},
            rf"{enum}\ROOT\BASICDISPLAY\0000": {
                "ClassGUID": DISPLAY,
                "DeviceDesc": "@basicdisplay.inf;Microsoft Basic Display Driver",
            },
        }
    )
    found = read_devices(
        registry,
        [
            r"PCI\VEN_10DE&DEV_2D04&SUBSYS_1\4&1",
            r"PCI\VEN_8086&DEV_A780&SUBSYS_2\3&1",
            r"PCI\VEN_10DE&DEV_1B06\5&1",
            r"PCI\VEN_8086&DEV_7A60\6&1",
            r"ROOT\BASICDISPLAY\0000",
            r"pci\ven_10de&dev_2d04&subsys_1\4&1",
        ],
    )
    assert [(adapter.name, adapter.vendor) for adapter in found] == [
        ("NVIDIA GeForce RTX 5060 Ti", "nvidia"),
        ("Intel(R) UHD Graphics 770", "intel"),
        ("Video Controller", "nvidia"),
        ("Microsoft Basic Display Driver", "microsoft"),
    ]
    assert found[0].driver_version == "32.0.15.8129" and isinstance(found[2].driver_version, Unknown)
    assert [adapter.integrated for adapter in found[:3]] == [False, True, False]
    if RealHost().system != "windows":
        # No configuration manager here: all that the registry ever saw.
        listed = probe_adapters(WindowsHost({}), registry=registry)
        assert isinstance(listed, tuple) and len(listed) == 3


@pytest.mark.parametrize(
    ("vendor", "name", "integrated"),
    [
        ("amd", "AMD Radeon(TM) Graphics", True),
        ("amd", "AMD Radeon 780M Graphics", True),
        ("amd", "AMD Radeon(TM) Vega 8 Graphics", True),
        ("amd", "AMD Radeon RX 7900 XTX", False),
        ("amd", "AMD Raphael", True),
        ("intel", "Intel(R) Iris(R) Xe Graphics", True),
        ("intel", "Intel(R) Arc(TM) A770 Graphics", False),
        ("intel", "Intel(R) Arc(TM) B580 Graphics", False),
        ("intel", "Intel(R) Arc(TM) Graphics", True),
        ("intel", "Intel(R) Arc(TM) 140V GPU (16GB)", True),
        ("nvidia", "NVIDIA GeForce RTX 4060 Laptop GPU", False),
        ("microsoft", "Microsoft Remote Display Adapter", None),
    ],
)
def test_adapters_inside_the_processor_are_known_by_name(vendor: str, name: str, integrated: bool | None) -> None:
    found = is_integrated(vendor, name)  # type: ignore[arg-type]
    assert (None if isinstance(found, Unknown) else found) == integrated


def test_a_variable_comes_from_where_windows_keeps_the_same_value(tmp_path: Path) -> None:
    registry = KnownRegistry(
        {
            r"user\Environment": {"HF_HOME": r"D:\hf", "cuda_visible_devices": "1"},
            rf"machine\{SESSION}\Environment": {
                "CUDA_PATH": r"C:\CUDA\v12.8",
                "HF_HOME": r"C:\other",
                "OMP_NUM_THREADS": 4,
            },
        }
    )
    environ = {
        "HF_HOME": r"D:\hf",
        "CUDA_PATH": r"C:\CUDA\v12.8",
        "CUDA_VISIBLE_DEVICES": "0 ",
        "OMP_NUM_THREADS": "4",
        "USE_LIBUV": "0 ",
    }
    found = {setting.name: setting for setting in probe_settings(WindowsHost(environ), tmp_path, registry)}
    assert {name: found[name].origin for name in environ} == {
        "HF_HOME": "user",
        "CUDA_PATH": "machine",
        "CUDA_VISIBLE_DEVICES": "environment",
        "OMP_NUM_THREADS": "machine",
        "USE_LIBUV": "environment",
    }
    assert found["USE_LIBUV"].value == "0 ", "the blank that `set USE_LIBUV=0 && …` leaves is a fact"
    assert found["LongPathsEnabled"].value == "0" and found["LongPathsEnabled"].origin == "registry"


def test_windows_own_proxies_are_read() -> None:
    key = r"user\Software\Microsoft\Windows\CurrentVersion\Internet Settings"
    assert read_system_proxies(KnownRegistry({key: {"ProxyEnable": 0, "ProxyServer": "proxy:1"}})) == {}
    plain = KnownRegistry({key: {"ProxyEnable": 1, "ProxyServer": "127.0.0.1:7890"}})
    assert read_system_proxies(plain) == {"http": "127.0.0.1:7890", "https": "127.0.0.1:7890"}
    apart = KnownRegistry({key: {"ProxyEnable": 1, "ProxyServer": "http=a:1;https=b:2"}})
    assert read_system_proxies(apart) == {"http": "a:1", "https": "b:2"}


@pytest.mark.windows
@pytest.mark.skipif(sys.platform != "win32", reason="asks Windows itself")
def test_windows_itself_answers() -> None:
    from doctor.host.windows_calls import code_pages, computer_name, file_version, present_devices

    host = RealHost()
    found = probe_windows(host)
    assert isinstance(found, WindowsState)
    assert isinstance(found.ansi_code_page, int) and isinstance(found.long_paths, bool)
    assert isinstance(found.page_files, tuple) and isinstance(found.vc_runtime, VcRuntime | Absent)
    assert code_pages()[0] == found.ansi_code_page and computer_name()
    library = Path(host.environ["SYSTEMROOT"]) / "System32" / "kernel32.dll"
    assert file_version(str(library)).count(".") == 3
    with pytest.raises(OSError):
        file_version(str(library.with_name("no-such-file.dll")))
    assert isinstance(present_devices(enumerator="PCI"), tuple)
    registry = RealRegistry()
    assert registry.value("machine", r"SOFTWARE\Microsoft\Windows NT\CurrentVersion", "CurrentBuild")
    assert registry.value("machine", r"SOFTWARE\No such key", "x") is None
    assert "Microsoft" in registry.subkeys("machine", "SOFTWARE")
