"""Checks of what only Windows has: the C++ runtime, symbolic links, code page, protections, names of the computer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.checks.base import Check, Finding, Fix, Status, by_hand, setting_values
from doctor.checks.wheel_choice import used_gpus
from doctor.snapshot.model import Absent, PythonEnvironment, TorchFiles, Unknown, WindowsState
from doctor.versions import at_least
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.catalogue.model import Catalogue
    from doctor.snapshot.model import Snapshot

_UTF_8 = 65001
_FIRST_WITH_THREADS = "2.14"
"""From here on torch's Windows wheels import vcruntime140_threads.dll: read from the wheels' import tables."""
_THREADS = "vcruntime140_threads.dll"
_RUNTIME_OF_WHEELS = "14.40"
"""Programs that were compiled with Visual Studio 17.10 or newer can crash on an msvcp140.dll from before it.
https://learn.microsoft.com/en-us/cpp/porting/binary-compat-2015-2017"""
_PERSONAL = ("documents", "desktop", "pictures", "videos", "music")
"""Folders that controlled folder access protects unless told otherwise."""


def examine_runtime(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    runtime = _state(snapshot).vc_runtime
    fixes = (Fix(id="windows.vc_runtime", title=text("windows.fix_runtime"), by_hand=text("windows.by_hand_runtime")),)
    cause = text("windows.cause_runtime")
    if isinstance(runtime, Absent):
        return Finding("windows.vc_runtime", Status.FAILURE, text("windows.runtime_absent"), (), fixes, cause)
    assert not isinstance(runtime, Unknown)
    version = runtime.version if isinstance(runtime.version, str) else "?"
    evidence = (
        text("windows.runtime_version", version=version),
        text("windows.runtime_missing", names=", ".join(runtime.missing) or "–"),
    )
    missing = [name for name in runtime.missing if name.lower() != _THREADS]
    if missing:
        summary = text("windows.runtime_lacks", names=", ".join(missing))
        return Finding("windows.vc_runtime", Status.FAILURE, summary, evidence, fixes, cause)
    if runtime.missing:
        torch = _torch_version(snapshot)
        if torch is not None and at_least(torch, _FIRST_WITH_THREADS):
            summary = text("windows.runtime_lacks_threads", version=version, torch=torch)
            cause = text("windows.cause_threads", torch=torch)
            return Finding("windows.vc_runtime", Status.FAILURE, summary, evidence, fixes, cause)
        return Finding("windows.vc_runtime", Status.NOTE, text("windows.runtime_no_threads"), evidence)
    if version[:1].isdigit() and not at_least(version, _RUNTIME_OF_WHEELS):
        summary = text("windows.runtime_old", version=version)
        return Finding(
            "windows.vc_runtime", Status.WARNING, summary, evidence, fixes, text("windows.cause_old_runtime")
        )
    return Finding("windows.vc_runtime", Status.OK, text("windows.runtime", version=version), evidence)


def examine_symlinks(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    if _developer_mode(snapshot):
        return Finding("windows.developer_mode", Status.OK, text("windows.symlinks_on"))
    fix = Fix(id="windows.developer_mode", title=text("windows.fix_symlinks"), by_hand=text("windows.by_hand_symlinks"))
    return Finding("windows.developer_mode", Status.NOTE, text("windows.symlinks_off"), (), (fix,))


def examine_code_page(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    page = _state(snapshot).ansi_code_page
    values = setting_values(snapshot.settings)
    utf8 = values.get("PYTHONUTF8", "").strip()
    evidence = (
        text("windows.code_page_is", page=page),
        text("windows.python_utf8", value=utf8 or "–"),
    )
    if page == _UTF_8 or utf8 == "1":
        return Finding("windows.code_page", Status.OK, text("windows.code_page_utf8"), evidence)
    fix = Fix(id="settings.utf8", title=text("windows.fix_code_page"), by_hand=text("windows.by_hand_code_page"))
    return Finding("windows.code_page", Status.NOTE, text("windows.code_page_other", page=page), evidence, (fix,))


def examine_controlled(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    if _state(snapshot).controlled_folders is not True:
        return Finding("windows.controlled_folders", Status.OK, text("windows.controlled_off"))
    disks = () if isinstance(snapshot.disks, Unknown) else snapshot.disks
    protected = [disk for disk in disks if _is_protected(disk.path)]
    if not protected:
        return Finding("windows.controlled_folders", Status.NOTE, text("windows.controlled_elsewhere"))
    path = protected[0].path
    fixes = by_hand(
        "windows.controlled_folders", text("windows.fix_controlled"), text("windows.by_hand_controlled", path=path)
    )
    return Finding(
        "windows.controlled_folders",
        Status.WARNING,
        text("windows.controlled_here", path=path),
        tuple(text("windows.path", path=disk.path) for disk in protected),
        fixes,
        text("windows.cause_controlled"),
    )


def examine_smart_app(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    if _state(snapshot).smart_app_control is not True:
        return Finding("windows.smart_app_control", Status.OK, text("windows.smart_app_off"))
    fixes = by_hand("windows.smart_app_control", text("windows.fix_smart_app"), text("windows.by_hand_smart_app"))
    summary = text("windows.smart_app_on")
    cause = text("windows.cause_smart_app")
    return Finding("windows.smart_app_control", Status.WARNING, summary, (), fixes, cause)


def examine_scripts(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    policy = _state(snapshot).execution_policy
    evidence = (text("windows.policy_is", policy=policy),)
    if str(policy).lower() in {"restricted", "allsigned"}:
        fix = Fix(
            id="windows.execution_policy", title=text("windows.fix_scripts"), by_hand=text("windows.by_hand_scripts")
        )
        summary = text("windows.scripts_refused", policy=policy)
        return Finding("windows.execution_policy", Status.NOTE, summary, evidence, (fix,))
    return Finding("windows.execution_policy", Status.OK, text("windows.scripts_run", policy=policy), evidence)


def examine_host_name(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    if _state(snapshot).host_name_ascii is True:
        return Finding("windows.host_name", Status.OK, text("windows.host_name_ascii"))
    if len(used_gpus(snapshot)) < 2:
        return Finding("windows.host_name", Status.NOTE, text("windows.host_name_other"))
    fixes = by_hand("settings.master_address", text("windows.fix_host_name"), text("windows.by_hand_host_name"))
    summary = text("windows.host_name_several")
    return Finding("windows.host_name", Status.WARNING, summary, (), fixes, text("windows.cause_host_name"))


def examine_hosts(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    names = _state(snapshot).hosts_loopback
    assert not isinstance(names, Unknown)
    # Docker Desktop's entry is the one that launchers are known to stumble over: pytorch/pytorch#80638.
    foreign = sorted((each for each in names if each.lower() != "localhost"), key=lambda each: "kubernetes" not in each)
    if not foreign:
        return Finding("windows.hosts", Status.OK, text("windows.hosts_plain"))
    evidence = tuple(text("windows.hosts_name", name=name) for name in foreign)
    fix = Fix(id="windows.hosts", title=text("windows.fix_hosts"), by_hand=text("windows.by_hand_hosts"))
    return Finding("windows.hosts", Status.NOTE, text("windows.hosts_foreign", name=foreign[0]), evidence, (fix,))


def _state(snapshot: Snapshot) -> WindowsState:
    assert isinstance(snapshot.windows, WindowsState)
    return snapshot.windows


def _developer_mode(snapshot: Snapshot) -> bool | None:
    """None where nobody knows."""
    said = snapshot.windows.developer_mode if isinstance(snapshot.windows, WindowsState) else None
    if isinstance(said, bool):
        return said
    value = setting_values(snapshot.settings).get("DeveloperMode")
    return None if value is None else value == "1"


def _torch_version(snapshot: Snapshot) -> str | None:
    environment = snapshot.environment
    if not isinstance(environment, PythonEnvironment):
        return None
    if isinstance(environment.torch, TorchFiles):
        return environment.torch.version if environment.torch.version[:1].isdigit() else None
    said = next((package.version for package in environment.packages if package.name == "torch"), "")
    return said if said[:1].isdigit() else None


def _is_protected(path: str) -> bool:
    parts = path.lower().replace("/", "\\").split("\\")
    return any(part in _PERSONAL for part in parts[:4])


def _knows(field: str) -> Callable[[Snapshot], bool]:
    """For a check of one fact of Windows: left out where it could not be read."""

    def known(snapshot: Snapshot) -> bool:
        return isinstance(snapshot.windows, WindowsState) and not isinstance(getattr(snapshot.windows, field), Unknown)

    return known


VC_RUNTIME = Check(
    id="windows.vc_runtime",
    title=text("windows.title_runtime"),
    examine=examine_runtime,
    applies=_knows("vc_runtime"),
    rank=10,
)
DEVELOPER_MODE = Check(
    id="windows.developer_mode",
    title=text("windows.title_symlinks"),
    examine=examine_symlinks,
    applies=lambda snapshot: isinstance(snapshot.windows, WindowsState) and _developer_mode(snapshot) is not None,
    rank=60,
)
CODE_PAGE = Check(
    id="windows.code_page",
    title=text("windows.title_code_page"),
    examine=examine_code_page,
    applies=_knows("ansi_code_page"),
    rank=60,
)
CONTROLLED_FOLDERS = Check(
    id="windows.controlled_folders",
    title=text("windows.title_controlled"),
    examine=examine_controlled,
    applies=_knows("controlled_folders"),
    rank=40,
)
SMART_APP_CONTROL = Check(
    id="windows.smart_app_control",
    title=text("windows.title_smart_app"),
    examine=examine_smart_app,
    applies=_knows("smart_app_control"),
    rank=12,
)
EXECUTION_POLICY = Check(
    id="windows.execution_policy",
    title=text("windows.title_scripts"),
    examine=examine_scripts,
    applies=_knows("execution_policy"),
    rank=80,
)
HOST_NAME = Check(
    id="windows.host_name",
    title=text("windows.title_host_name"),
    examine=examine_host_name,
    applies=_knows("host_name_ascii"),
    rank=40,
)
HOSTS = Check(
    id="windows.hosts", title=text("windows.title_hosts"), examine=examine_hosts, applies=_knows("hosts_loopback")
)
