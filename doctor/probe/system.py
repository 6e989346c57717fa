"""Operating system, processor, memory and Python, from files and calls; no program is started."""

from __future__ import annotations

import os
import re
import struct
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from doctor.snapshot.model import Memory, OperatingSystem, Processor, PythonInterpreter, Unknown

if TYPE_CHECKING:
    from doctor.host.base import Host

ROOT = Path("/")
_FEATURES = ("avx2", "avx512f", "avx512_bf16", "amx_bf16", "f16c", "fma")
_MIB = 1024 * 1024


class Kernel(NamedTuple):
    """What the kernel calls itself and the machine."""

    release: str
    machine: str
    host_name: str


def probe_os(host: Host, root: Path = ROOT) -> OperatingSystem:
    if host.system == "windows":
        return _windows(host)
    kernel = kernel_names()
    if host.system == "macos":
        import platform

        return OperatingSystem(
            system="macos",
            name=f"macOS {platform.mac_ver()[0]}",
            version=kernel.release,
            build=Unknown("not Windows"),
            machine=kernel.machine,
            wsl=0,
            libc=Unknown("not Linux"),
        )
    return OperatingSystem(
        system="linux",
        name=parse_os_release(_read(root / "etc/os-release") or _read(root / "usr/lib/os-release")),
        version=kernel.release,
        build=Unknown("not Windows"),
        machine=kernel.machine,
        wsl=wsl_version(kernel.release),
        libc=_libc(root),
    )


def kernel_names() -> Kernel:
    """Release, machine and host name as the kernel has them. Raises OSError on Windows."""
    if sys.platform != "win32":
        names = os.uname()
        return Kernel(names.release, names.machine, names.nodename)
    else:
        raise OSError("Windows has no uname")


def probe_processor(host: Host, root: Path = ROOT) -> Processor:
    if host.system == "linux":
        words = _read(root / "proc/cpuinfo")
        if words:
            return parse_cpuinfo(words, os.cpu_count() or 1)
    from doctor.host import windows

    name = windows.processor_name() if host.system == "windows" else kernel_names().machine
    return Processor(
        name=name,
        physical_cores=_physical_cores(),
        logical_cores=os.cpu_count() or 1,
        features=windows.processor_features() if host.system == "windows" else Unknown("not asked on this system"),
    )


def probe_memory(host: Host, root: Path = ROOT) -> Memory:
    if host.system == "linux":
        return parse_meminfo(_read(root / "proc/meminfo"))
    import psutil

    swap_total: int | Unknown
    swap_free: int | Unknown
    try:
        swap = psutil.swap_memory()
        swap_total, swap_free = swap.total // _MIB, swap.free // _MIB
    except (psutil.Error, OSError, RuntimeError) as exc:
        # Windows answers through its performance counters, which may be switched off or damaged.
        swap_total = swap_free = Unknown(f"the system did not say: {exc}")
    if host.system == "windows":
        from doctor.host.windows import read_memory

        memory = read_memory()
        return Memory(
            total_mib=memory.total,
            available_mib=memory.available,
            swap_total_mib=max(0, memory.commit_limit - memory.total),
            swap_free_mib=swap_free,
            commit_limit_mib=memory.commit_limit,
        )
    used = psutil.virtual_memory()
    return Memory(
        total_mib=used.total // _MIB,
        available_mib=used.available // _MIB,
        swap_total_mib=swap_total,
        swap_free_mib=swap_free,
        commit_limit_mib=Unknown("not Windows"),
    )


def probe_python(host: Host) -> PythonInterpreter:
    bits: Literal[32, 64] = 64 if struct.calcsize("P") == 8 else 32
    version = sys.version_info
    threads = "t" if "t" in getattr(sys, "abiflags", "") else ""
    prefix = {"cpython": "cp", "pypy": "pp"}.get(sys.implementation.name, sys.implementation.name)
    return PythonInterpreter(
        path=str(host.python),
        version=f"{version.major}.{version.minor}.{version.micro}",
        implementation=sys.implementation.name,
        abi_tag=f"{prefix}{version.major}{version.minor}{threads}",
        bits=bits,
        kind=python_kind(sys.prefix, sys.base_prefix, conda=(Path(sys.base_prefix) / "conda-meta").is_dir()),
    )


def probe_container(host: Host, root: Path = ROOT) -> bool | Unknown:
    """Whether this runs in Docker or its like, by the marks that these leave."""
    if host.system != "linux":
        return Unknown("not asked on this system")
    if host.environ.get("container") or "KUBERNETES_SERVICE_HOST" in host.environ:
        return True
    if any((root / mark).exists() for mark in (".dockerenv", "run/.containerenv")):
        return True
    groups = _read(root / "proc/1/cgroup")
    return re.search(r"docker|kubepods|containerd|lxc|libpod", groups) is not None


def python_kind(
    prefix: str, base_prefix: str, *, conda: bool
) -> Literal["system", "venv", "conda", "store", "uv", "other"]:
    """Where an interpreter comes from. What it is built on counts for more than a virtual environment around it."""
    base = base_prefix.replace("\\", "/").lower()
    if "/windowsapps/" in base + "/" or "pythonsoftwarefoundation" in base:
        return "store"
    if conda:
        return "conda"
    if prefix != base_prefix:
        return "venv"
    return "uv" if "/uv/python/" in base else "system"


def parse_os_release(words: str) -> str:
    """The name that people use, from /etc/os-release."""
    for key in ("PRETTY_NAME", "NAME"):
        found = re.search(rf"^{key}=(\"?)(.+?)\1\s*$", words, re.MULTILINE)
        if found:
            return found[2]
    return "Linux"


def wsl_version(release: str) -> Literal[0, 1, 2]:
    """`5.15.167.4-microsoft-standard-WSL2` → 2, `4.4.0-19041-Microsoft` → 1, a kernel of one's own → 0."""
    lowered = release.lower()
    if "microsoft" not in lowered and "wsl2" not in lowered:
        return 0
    return 1 if re.search(r"^4\.4\.0-\d+-microsoft$", lowered) else 2


def parse_cpuinfo(words: str, logical_cores: int) -> Processor:
    """The processor from /proc/cpuinfo, which differs by architecture: ARM gives neither a name nor cores."""
    name = re.search(r"^model name\s*:\s*(.+?)\s*$", words, re.MULTILINE)
    flags = re.search(r"^flags\s*:\s*(.+)$", words, re.MULTILINE)
    cores = {
        (physical, core)
        for block in words.split("\n\n")
        for physical, core in [(_field(block, "physical id"), _field(block, "core id"))]
        if core
    }
    known = set(flags[1].split()) if flags else set()
    return Processor(
        name=name[1] if name else "?",
        physical_cores=len(cores) or Unknown("/proc/cpuinfo does not say"),
        logical_cores=logical_cores,
        features=(
            tuple(feature for feature in _FEATURES if feature in known)
            if flags
            else Unknown("/proc/cpuinfo does not say")
        ),
    )


def parse_meminfo(words: str) -> Memory:
    """Sizes from /proc/meminfo. Raises ValueError when it has no MemTotal."""
    sizes = {name: int(number) // 1024 for name, number in re.findall(r"^(\w+):\s+(\d+) kB", words, re.MULTILINE)}
    if "MemTotal" not in sizes:
        raise ValueError("/proc/meminfo says no MemTotal")
    return Memory(
        total_mib=sizes["MemTotal"],
        # Kernels before 3.14 have no MemAvailable; what is free is the safe answer.
        available_mib=sizes.get("MemAvailable", sizes.get("MemFree", 0)),
        swap_total_mib=sizes.get("SwapTotal", 0),
        swap_free_mib=sizes.get("SwapFree", 0),
        commit_limit_mib=Unknown("not Windows"),
    )


def _windows(host: Host) -> OperatingSystem:
    from doctor.host.windows import read_release

    release = read_release()
    # A 32-bit program is told the truth only by the second variable.
    machine = host.environ.get("PROCESSOR_ARCHITEW6432") or host.environ.get("PROCESSOR_ARCHITECTURE") or "?"
    return OperatingSystem(
        system="windows",
        name=release.product,
        version=release.version,
        build=release.build,
        machine=machine,
        wsl=0,
        libc=Unknown("not Linux"),
    )


def _libc(root: Path) -> str | Unknown:
    try:
        said = _ask_libc()
    except (ValueError, OSError):
        said = None
    if said:
        return said
    return "musl" if any((root / "lib").glob("ld-musl-*")) else Unknown("the C library does not say what it is")


def _ask_libc() -> str | None:
    if sys.platform == "win32":
        return None
    else:
        return os.confstr("CS_GNU_LIBC_VERSION")


def _physical_cores() -> int | Unknown:
    import psutil

    try:
        return psutil.cpu_count(logical=False) or Unknown("the system does not say")
    except (psutil.Error, OSError, RuntimeError) as exc:
        return Unknown(str(exc))


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _field(block: str, name: str) -> str:
    found = re.search(rf"^{name}\s*:\s*(\d+)", block, re.MULTILINE)
    return found[1] if found else ""
