"""What the registry says is what the probes say and the checks judge: switches, runtimes, policies, release."""

from __future__ import annotations

import ctypes
import shutil
import winreg
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor.host.real import RealHost
from doctor.host.registry import RealRegistry
from doctor.host.windows import read_memory, read_volume
from doctor.probe.machine import examine_machine
from doctor.probe.network import read_system_proxies
from doctor.probe.settings import probe_settings
from doctor.probe.system import probe_memory, probe_os
from doctor.probe.windows import probe_windows
from doctor.snapshot.model import Absent, Memory, PageFile, Unknown, VcRuntime, WindowsState
from tests.windows.inside.windows_machine import changed, judged

if TYPE_CHECKING:
    from doctor.snapshot.model import Snapshot
    from tests.windows.inside.windows_machine import Judged, RegistryDesk, WindowsMachine

MACHINE, USER = winreg.HKEY_LOCAL_MACHINE, winreg.HKEY_CURRENT_USER
FILE_SYSTEM = r"SYSTEM\CurrentControlSet\Control\FileSystem"
UNLOCK = r"SOFTWARE\Microsoft\Windows\CurrentVersion\AppModelUnlock"
MEMORY = r"SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management"
RUNTIME = r"SOFTWARE\Microsoft\VisualStudio\14.0\VC\Runtimes\x64"
GRAPHICS = r"SYSTEM\CurrentControlSet\Control\GraphicsDrivers"
POLICY = r"SYSTEM\CurrentControlSet\Control\CI\Policy"
SHELL = r"SOFTWARE\Microsoft\PowerShell\1\ShellIds\Microsoft.PowerShell"
SHELL_POLICY = r"SOFTWARE\Policies\Microsoft\Windows\PowerShell"
GUARD = r"SOFTWARE\Microsoft\Windows Defender\Windows Defender Exploit Guard\Controlled Folder Access"
PRODUCT = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion"
ENVIRONMENT = r"SYSTEM\CurrentControlSet\Control\Session Manager\Environment"
PROXIES = r"Software\Microsoft\Windows\CurrentVersion\Internet Settings"
SYSTEM_FOLDER = Path("C:/Windows/System32")


@pytest.fixture(scope="module")
def seen(tmp_path_factory: pytest.TempPathFactory) -> Snapshot:
    """This machine, examined once: each test lays its own facts over it."""
    from doctor.paths import Home

    return examine_machine(RealHost(), Home(tmp_path_factory.mktemp("home")))


def state(**variables: str) -> WindowsState:
    host = RealHost()
    host.environ = changed(host.environ, variables)
    found = probe_windows(host)
    assert isinstance(found, WindowsState)
    return found


def verdict(seen: Snapshot) -> Judged:
    """The checks' word on this machine with Windows' facts and settings as they are now."""
    host = RealHost()
    return judged(replace(seen, windows=state(), settings=probe_settings(host, Path.home())))


@pytest.mark.parametrize(
    ("value", "expected", "status"), [(1, True, "ok"), (0, False, "warning"), (None, False, "warning")]
)
def test_long_paths(registry: RegistryDesk, seen: Snapshot, value: int | None, expected: bool, status: str) -> None:
    switch(registry, FILE_SYSTEM, "LongPathsEnabled", value)
    assert state().long_paths is expected
    assert verdict(seen).status("system.long_paths") == status


@pytest.mark.parametrize(("value", "expected", "status"), [(1, True, "ok"), (0, False, "note"), (None, False, "note")])
def test_developer_mode(registry: RegistryDesk, seen: Snapshot, value: int | None, expected: bool, status: str) -> None:
    switch(registry, UNLOCK, "AllowDevelopmentWithoutDevLicense", value)
    assert state().developer_mode is expected
    assert verdict(seen).status("windows.developer_mode") == status


@pytest.mark.parametrize(("value", "expected"), [(2, True), (1, False), (None, None)])
def test_gpu_scheduling(registry: RegistryDesk, value: int | None, expected: bool | None) -> None:
    switch(registry, GRAPHICS, "HwSchMode", value)
    found = state().gpu_scheduling
    assert isinstance(found, Unknown) if expected is None else found is expected


@pytest.mark.parametrize(("value", "status"), [(1, "warning"), (2, "ok"), (0, "ok")])
def test_smart_app_control(registry: RegistryDesk, seen: Snapshot, value: int, status: str) -> None:
    """1 enforces, 2 only evaluates."""
    switch(registry, POLICY, "VerifiedAndReputablePolicyState", value)
    assert verdict(seen).status("windows.smart_app_control") == status


@pytest.mark.parametrize(("value", "expected"), [(1, True), (0, False), (2, False)])
def test_controlled_folders(registry: RegistryDesk, value: int, expected: bool) -> None:
    switch(registry, GUARD, "EnableControlledFolderAccess", value)
    assert state().controlled_folders is expected


@pytest.mark.parametrize(
    ("lines", "files", "automatic"),
    [
        ([r"?:\pagefile.sys"], [("?:\\pagefile.sys", 0)], True),
        ([r"C:\pagefile.sys 0 0"], [("C:\\pagefile.sys", 0)], True),
        ([r"C:\pagefile.sys 4096 8192", r"D:\pagefile.sys 16384 32768"],
         [("C:\\pagefile.sys", 8192), ("D:\\pagefile.sys", 32768)], False),
        ([], [], False),
    ],
    ids=["left to Windows", "its drive chosen", "two of fixed sizes", "none"],
)  # fmt: skip
def test_page_files(registry: RegistryDesk, lines: list[str], files: list[tuple[str, int]], automatic: bool) -> None:
    registry.put(MACHINE, MEMORY, "PagingFiles", lines, winreg.REG_MULTI_SZ)
    registry.drop(MACHINE, MEMORY, "ExistingPageFiles")
    found = state()
    assert found.page_files == tuple(PageFile(path=path, maximum_mib=most) for path, most in files)
    assert found.page_file_automatic is automatic


def test_page_files_that_windows_chose_are_those_in_use(registry: RegistryDesk) -> None:
    registry.put(MACHINE, MEMORY, "PagingFiles", [r"?:\pagefile.sys"], winreg.REG_MULTI_SZ)
    registry.put(MACHINE, MEMORY, "ExistingPageFiles", [r"\??\D:\pagefile.sys"], winreg.REG_MULTI_SZ)
    assert state().page_files == (PageFile(path=r"D:\pagefile.sys", maximum_mib=0),)


def test_a_page_file_that_is_off_is_named_as_the_cause(registry: RegistryDesk, seen: Snapshot) -> None:
    registry.put(MACHINE, MEMORY, "PagingFiles", [], winreg.REG_MULTI_SZ)
    little = Memory(
        total_mib=6000, available_mib=4000, swap_total_mib=0, swap_free_mib=Unknown("x"), commit_limit_mib=6000
    )
    found = verdict(replace(seen, memory=little))
    assert found.status("system.page_file") == "warning"
    registry.put(MACHINE, MEMORY, "PagingFiles", [r"C:\pagefile.sys 0 0"], winreg.REG_MULTI_SZ)
    grown = verdict(replace(seen, memory=little))
    assert grown.said("system.page_file") != found.said("system.page_file")


def test_the_runtime_is_read_from_real_files(seen: Snapshot) -> None:
    runtime = state().vc_runtime
    assert isinstance(runtime, VcRuntime) and runtime.missing == ()
    assert isinstance(runtime.version, str) and runtime.version.startswith("14.")
    assert verdict(seen).status("windows.vc_runtime") == "ok"


def test_a_runtime_whose_files_are_partly_gone_says_which(registry: RegistryDesk, tmp_path: Path) -> None:
    """The registry says `installed` and is not believed."""
    switch(registry, RUNTIME, "Installed", 1)
    (tmp_path / "System32").mkdir()
    shutil.copyfile(SYSTEM_FOLDER / "vcruntime140.dll", tmp_path / "System32" / "vcruntime140.dll")
    runtime = state(SYSTEMROOT=str(tmp_path)).vc_runtime
    assert isinstance(runtime, VcRuntime)
    assert set(runtime.missing) == {"vcruntime140_1.dll", "vcruntime140_threads.dll", "msvcp140.dll"}


def test_without_files_and_without_a_record_the_runtime_is_absent(
    registry: RegistryDesk, seen: Snapshot, tmp_path: Path
) -> None:
    switch(registry, RUNTIME, "Installed", None)
    found = state(SYSTEMROOT=str(tmp_path))
    assert isinstance(found.vc_runtime, Absent)
    judgement = judged(replace(seen, windows=found))
    assert judgement.status("windows.vc_runtime") == "failure"
    assert "windows.vc_runtime" in judgement.causes


def test_execution_policies_in_their_order(registry: RegistryDesk, seen: Snapshot) -> None:
    for root, key in ((MACHINE, SHELL_POLICY), (USER, SHELL_POLICY), (USER, SHELL), (MACHINE, SHELL)):
        registry.drop(root, key, "ExecutionPolicy")
    assert state().execution_policy == "Restricted"
    assert verdict(seen).status("windows.execution_policy") == "note"
    registry.put(MACHINE, SHELL, "ExecutionPolicy", "AllSigned", winreg.REG_SZ)
    registry.put(USER, SHELL, "ExecutionPolicy", "RemoteSigned", winreg.REG_SZ)
    assert state().execution_policy == "RemoteSigned"
    assert verdict(seen).status("windows.execution_policy") == "ok"
    assert state(PSEXECUTIONPOLICYPREFERENCE="Bypass").execution_policy == "Bypass"
    registry.put(MACHINE, SHELL_POLICY, "ExecutionPolicy", "AllSigned", winreg.REG_SZ)
    assert state(PSEXECUTIONPOLICYPREFERENCE="Bypass").execution_policy == "AllSigned"


def test_the_release_is_named_as_people_know_it(registry: RegistryDesk) -> None:
    registry.put(MACHINE, PRODUCT, "ProductName", "Windows 10 专业版", winreg.REG_SZ)
    registry.put(MACHINE, PRODUCT, "DisplayVersion", "22H2", winreg.REG_SZ)
    assert probe_os(RealHost()).name == "Windows 10 专业版 22H2"


def test_windows_11_is_told_by_its_build(registry: RegistryDesk, machine: WindowsMachine) -> None:
    """The registry of Windows 11 still says `Windows 10`. A program learns the build when it starts."""
    registry.put(MACHINE, PRODUCT, "ProductName", "Windows 10 Pro", winreg.REG_SZ)
    registry.put(MACHINE, PRODUCT, "DisplayVersion", "24H2", winreg.REG_SZ)
    for name in ("CurrentBuild", "CurrentBuildNumber"):
        registry.put(MACHINE, PRODUCT, name, "26100", winreg.REG_SZ)
    snapshot, judgement = machine.look()
    assert (snapshot["os"]["name"], snapshot["os"]["build"]) == ("Windows 11 Pro 24H2", 26100)
    assert judgement.status("system.build") == "ok"


def test_code_pages_are_the_systems_own() -> None:
    assert state().ansi_code_page == ctypes.windll.kernel32.GetACP()


def test_where_a_variable_comes_from_is_told(registry: RegistryDesk) -> None:
    registry.put(USER, "Environment", "HF_HOME", r"%SYSTEMDRIVE%\模型", winreg.REG_EXPAND_SZ)
    registry.put(MACHINE, ENVIRONMENT, "HF_ENDPOINT", "https://mirror.invalid", winreg.REG_SZ)
    host = RealHost()
    given = {"HF_HOME": r"C:\模型", "HF_ENDPOINT": "https://mirror.invalid", "USE_LIBUV": "0"}
    host.environ = changed(host.environ, given)
    origins = {each.name: each.origin for each in probe_settings(host, Path.home()) if each.name in given}
    assert origins == {"HF_HOME": "user", "HF_ENDPOINT": "machine", "USE_LIBUV": "environment"}


def test_a_proxy_of_the_settings_dialogue_is_seen(registry: RegistryDesk) -> None:
    registry.put(USER, PROXIES, "ProxyEnable", 1, winreg.REG_DWORD)
    registry.put(USER, PROXIES, "ProxyServer", "127.0.0.1:7890", winreg.REG_SZ)
    assert "127.0.0.1:7890" in str(read_system_proxies(RealRegistry()))
    registry.put(USER, PROXIES, "ProxyEnable", 0, winreg.REG_DWORD)
    assert "7890" not in str(read_system_proxies(RealRegistry()))


def test_memory_is_told_though_performance_counters_are_off() -> None:
    found = probe_memory(RealHost())
    assert found.total_mib > found.available_mib > 0
    assert found.commit_limit_mib == read_memory().commit_limit
    assert isinstance(found.commit_limit_mib, int) and found.commit_limit_mib >= found.total_mib


def test_volumes_say_what_they_are(tmp_path: Path) -> None:
    name, remote = read_volume(str(tmp_path))
    assert name and remote is False


def test_the_report_of_this_machine_has_no_unanswered_question_that_it_could_answer(seen: Snapshot) -> None:
    assert not isinstance(seen.os, Unknown) and seen.os.system == "windows"
    for section in (seen.processor, seen.memory, seen.disks, seen.python, seen.settings, seen.windows, seen.pythons):
        assert not isinstance(section, Unknown), section


def switch(registry: RegistryDesk, key: str, name: str, value: int | None) -> None:
    if value is None:
        registry.drop(MACHINE, key, name)
    else:
        registry.put(MACHINE, key, name, value, winreg.REG_DWORD)
