"""What only Windows has: switches, page files, code pages, runtimes, policies, compilers. No program is started."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from doctor.host.registry import RealRegistry
from doctor.late_pattern import late_pattern
from doctor.snapshot.model import Absent, BuildTools, PageFile, Unknown, VcRuntime, WindowsState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from doctor.host.base import Host
    from doctor.host.registry import Registry, Root

T = TypeVar("T")

_FILE_SYSTEM = r"SYSTEM\CurrentControlSet\Control\FileSystem"
_UNLOCK = r"SOFTWARE\Microsoft\Windows\CurrentVersion\AppModelUnlock"
_MEMORY = r"SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management"
_RUNTIME = r"SOFTWARE\Microsoft\VisualStudio\14.0\VC\Runtimes\x64"
_DEFENDER = r"Microsoft\Windows Defender"
_GUARD = _DEFENDER + r"\Windows Defender Exploit Guard\Controlled Folder Access"
_POLICY = r"SYSTEM\CurrentControlSet\Control\CI\Policy"
_GRAPHICS = r"SYSTEM\CurrentControlSet\Control\GraphicsDrivers"
_SHELL_POLICY = r"SOFTWARE\Policies\Microsoft\Windows\PowerShell"
_SHELL = r"SOFTWARE\Microsoft\PowerShell\1\ShellIds\Microsoft.PowerShell"
_PRODUCT = r"SOFTWARE\Microsoft\Windows NT\CurrentVersion"

_RUNTIME_FILES = ("vcruntime140.dll", "vcruntime140_1.dll", "vcruntime140_threads.dll", "msvcp140.dll")
_LOOPBACK = late_pattern(r"127(\.\d{1,3}){3}|::1")
_DOCKER = late_pattern(r"[a-z]{1,20}\.docker\.internal", re.IGNORECASE)


def probe_windows(host: Host, registry: Registry | None = None) -> WindowsState | Absent:
    """Every fact on its own: what cannot be read is Unknown and takes nothing else with it."""
    if host.system != "windows":
        return Absent("not Windows")
    known = registry or RealRegistry()
    folder = Path(host.environ.get("SYSTEMROOT") or host.environ.get("WINDIR") or "C:/Windows")
    page_files, automatic = _page_files(known)
    return WindowsState(
        # A switch that was never touched has no value at all, and is off.
        long_paths=_asked(lambda: known.value("machine", _FILE_SYSTEM, "LongPathsEnabled") == 1),
        developer_mode=_asked(lambda: known.value("machine", _UNLOCK, "AllowDevelopmentWithoutDevLicense") == 1),
        page_files=page_files,
        page_file_automatic=automatic,
        ansi_code_page=_asked(lambda: _code_pages()[0]),
        console_code_page=_asked(lambda: _code_pages()[1] or Unknown("no console")),
        vc_runtime=_asked(lambda: read_vc_runtime(known, folder / "System32", _file_version)),
        controlled_folders=_asked(lambda: read_controlled_folders(known)),
        smart_app_control=_asked(lambda: known.value("machine", _POLICY, "VerifiedAndReputablePolicyState") == 1),
        execution_policy=_asked(lambda: read_execution_policy(known, host.environ.get("PSEXECUTIONPOLICYPREFERENCE"))),
        gpu_scheduling=_asked(lambda: _gpu_scheduling(known)),
        build_tools=_asked(lambda: find_build_tools(_program_folders(host), _instances(host))),
        host_name_ascii=_asked(lambda: _computer_name().isascii()),
        hosts_loopback=_asked(
            lambda: parse_hosts(
                (folder / "System32/drivers/etc/hosts").read_text(encoding="utf-8", errors="replace"), _own_addresses()
            )
        ),
    )


def parse_page_files(settings: Iterable[str], existing: Iterable[str]) -> tuple[tuple[PageFile, ...], bool]:
    """Page files from the registry's `PagingFiles` (`C:\\pagefile.sys 4096 8192`), and whether Windows manages them.

    `?:\\pagefile.sys` leaves drive and size to Windows; the files in use are then in `ExistingPageFiles`.
    """
    found: list[PageFile] = []
    automatic = False
    for setting in settings:
        parts = re.fullmatch(r"\s*(.+?)(?:\s+(\d+)\s+(\d+))?\s*", setting)
        if not parts:
            continue
        if parts[1].startswith("?"):
            automatic = True
        else:
            maximum = int(parts[3]) if parts[3] else 0
            found.append(PageFile(path=parts[1], maximum_mib=maximum))
    if automatic and not found:
        names = [name.removeprefix("\\??\\") for name in existing if name.strip()]
        found = [PageFile(path=name, maximum_mib=0) for name in names or ["?:\\pagefile.sys"]]
    # `0 0`: the drive was chosen, the size is left to Windows.
    return tuple(found), automatic or (bool(found) and all(file.maximum_mib == 0 for file in found))


def read_vc_runtime(
    registry: Registry, system_folder: Path, version_of: Callable[[Path], str]
) -> VcRuntime | Absent | Unknown:
    """The runtime by its files, which are what programs load; the registry only says what an installer once did."""
    missing = tuple(name for name in _RUNTIME_FILES if not (system_folder / name).exists())
    installed = registry.value("machine", _RUNTIME, "Installed") == 1
    if not installed and len(missing) == len(_RUNTIME_FILES):
        return Absent("neither registered nor in System32")
    told = registry.value("machine", _RUNTIME, "Version")
    version: str | Unknown = Unknown("neither a file nor the registry says")
    if isinstance(told, str) and told:
        version = _three_parts(told.lstrip("v"))
    # The oldest of the files decides which programs find what they need.
    versions: list[str] = []
    for name in ("vcruntime140.dll", "msvcp140.dll"):
        if name not in missing:
            try:
                versions.append(_three_parts(version_of(system_folder / name)))
            except OSError:
                continue
    if versions:
        version = min(versions, key=_numbers)
    return VcRuntime(version=version, missing=missing)


def read_controlled_folders(registry: Registry) -> bool | Unknown:
    """Whether Defender guards folders: a group policy beats the user's switch; 2 only audits."""
    for root in (rf"SOFTWARE\Policies\{_GUARD}", rf"SOFTWARE\{_GUARD}"):
        value = registry.value("machine", root, "EnableControlledFolderAccess")
        if isinstance(value, int):
            return value == 1
    if registry.subkeys("machine", rf"SOFTWARE\{_DEFENDER}"):
        return False
    return Unknown("Defender's settings cannot be read")


def read_execution_policy(registry: Registry, of_process: str | None) -> str:
    """PowerShell's execution policy as it takes effect: machine policy, user policy, process, user, machine."""
    roots: tuple[Root, ...] = ("machine", "user")
    for root in roots:
        if registry.value(root, _SHELL_POLICY, "EnableScripts") == 0:
            return "Restricted"
        policy = registry.value(root, _SHELL_POLICY, "ExecutionPolicy")
        if isinstance(policy, str) and policy:
            return policy
    if of_process and of_process.lower() != "undefined":
        return of_process
    for root in reversed(roots):
        policy = registry.value(root, _SHELL, "ExecutionPolicy")
        if isinstance(policy, str) and policy and policy.lower() != "undefined":
            return policy
    product = registry.value("machine", _PRODUCT, "InstallationType")
    return "RemoteSigned" if str(product).lower().startswith("server") else "Restricted"


def find_build_tools(program_folders: Iterable[Path], instances: Path) -> tuple[BuildTools, ...]:
    """Visual Studios with a C++ compiler, by their installer's records and by their usual folders."""
    names: dict[Path, str] = {}
    for record in sorted(instances.glob("*/state.json")):
        try:
            known = json.loads(record.read_bytes().decode("utf-8-sig"))
            place = Path(str(known["installationPath"]))
        except (OSError, ValueError, KeyError, TypeError):
            continue
        names[place] = _product_name(known) or place.name
    for folder in program_folders:
        for place in sorted(folder.glob("Microsoft Visual Studio/*/*")):
            if place.is_dir() and place not in names:
                names[place] = f"Visual Studio {place.name} {place.parent.name}"
    found: list[BuildTools] = []
    for place, name in names.items():
        compilers = [
            tools
            for tools in sorted(place.glob("VC/Tools/MSVC/*"), key=lambda tools: _numbers(tools.name))
            if any(
                (tools / "bin" / hosted / "x64" / "cl.exe").exists() for hosted in ("Hostx64", "Hostarm64", "Hostx86")
            )
        ]
        if compilers:
            found.append(BuildTools(name=name, msvc=compilers[-1].name))
    return tuple(found)


def parse_hosts(words: str, own_addresses: Iterable[str] = ()) -> tuple[str, ...]:
    """Names that a hosts file gives to this computer's own addresses. Only Docker's are told by name: others may say
    whose machine it is."""
    own = set(own_addresses)
    names: list[str] = []
    for line in words.splitlines()[:5000]:
        address, *given = line.partition("#")[0].split()[:20] or [""]
        if not given or not (_LOOPBACK.fullmatch(address) or address in own):
            continue
        for name in given:
            if name.lower() in ("localhost", "localhost.localdomain"):
                continue
            told = name.lower() if _DOCKER.fullmatch(name) else "<host>"
            if told not in names:
                names.append(told)
    return tuple(names)


def _asked(question: Callable[[], T | Unknown]) -> T | Unknown:
    try:
        return question()
    except (OSError, ValueError) as exc:
        return Unknown(str(exc) or type(exc).__name__)


def _page_files(registry: Registry) -> tuple[tuple[PageFile, ...] | Unknown, bool | Unknown]:
    try:
        settings = registry.value("machine", _MEMORY, "PagingFiles")
        existing = registry.value("machine", _MEMORY, "ExistingPageFiles")
    except OSError as exc:
        return Unknown(str(exc)), Unknown(str(exc))
    if settings is None:
        nothing = Unknown("the registry says nothing about page files")
        return nothing, nothing
    return parse_page_files(_lines(settings), _lines(existing))


def _lines(value: str | int | tuple[str, ...] | None) -> tuple[str, ...]:
    if isinstance(value, tuple):
        return tuple(line for line in value if line.strip())
    return (value,) if isinstance(value, str) and value.strip() else ()


def _gpu_scheduling(registry: Registry) -> bool | Unknown:
    mode = registry.value("machine", _GRAPHICS, "HwSchMode")
    return mode == 2 if isinstance(mode, int) else Unknown("not set: the driver decides")


def _code_pages() -> tuple[int, int]:
    from doctor.host.windows_calls import code_pages

    return code_pages()


def _computer_name() -> str:
    from doctor.host.windows_calls import computer_name

    return computer_name()


def _file_version(file: Path) -> str:
    from doctor.host.windows_calls import file_version

    return file_version(str(file))


def _own_addresses() -> tuple[str, ...]:
    import psutil

    try:
        return tuple(address.address for card in psutil.net_if_addrs().values() for address in card)
    except (psutil.Error, OSError):
        return ()


def _program_folders(host: Host) -> tuple[Path, ...]:
    names = ("PROGRAMFILES", "PROGRAMW6432", "PROGRAMFILES(X86)")
    found = {Path(value): None for name in names if (value := host.environ.get(name))}
    return tuple(found)


def _instances(host: Host) -> Path:
    return Path(host.environ.get("PROGRAMDATA") or "C:/ProgramData") / "Microsoft/VisualStudio/Packages/_Instances"


def _product_name(record: dict[str, object]) -> str:
    """`Visual Studio Build Tools 2022` from an installer's record."""
    product, catalogue = record.get("product"), record.get("catalogInfo")
    kind = str(product.get("id", "")) if isinstance(product, dict) else ""
    line = str(catalogue.get("productLineVersion", "")) if isinstance(catalogue, dict) else ""
    edition = kind.rpartition(".")[2]
    if not edition:
        return ""
    return f"Visual Studio {'Build Tools' if edition == 'BuildTools' else edition} {line}".strip()


def _three_parts(version: str) -> str:
    """`14.44.35211.0` and `14.44.35211.00` → `14.44.35211`."""
    return ".".join(version.split(".")[:3])


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))
