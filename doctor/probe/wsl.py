"""What only a Linux under Windows has: the driver that Windows lends, and what stands in its way."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from doctor.late_pattern import late_pattern
from doctor.probe.storage import filesystem_of, parse_mounts
from doctor.probe.system import kernel_names, wsl_version
from doctor.snapshot.model import Absent, Unknown, WslState

if TYPE_CHECKING:
    from doctor.host.base import Host

ROOT = Path("/")
_LIBRARIES = ("usr/lib/x86_64-linux-gnu", "usr/lib/aarch64-linux-gnu", "usr/lib64", "usr/lib")
_CUDA = late_pattern(r"libcuda\.so\.(\d{3}\.\d+(?:\.\d+)?)")


def probe_wsl(
    host: Host, root: Path = ROOT, *, kernel: str | None = None, working: Path | None = None
) -> WslState | Absent:
    """Absent on anything but WSL. `kernel` and `working` stand for this system's own."""
    if host.system != "linux":
        return Absent("not Linux")
    release = kernel or kernel_names().release
    if wsl_version(release) == 0:
        return Absent("not the Windows Subsystem for Linux")
    return WslState(
        stub=(root / "usr/lib/wsl/lib/libcuda.so.1").exists(),
        linux_driver=find_linux_driver(root),
        kernel=release,
        working_on_windows_drive=_on_windows_drive(root, working),
        memory_limit_mib=_memory_limit(root),
    )


def find_linux_driver(root: Path) -> str | Absent | Unknown:
    """Version of a driver's own libcuda that was installed inside: packages of distributions bring it along."""
    for folder in _LIBRARIES:
        try:
            names = sorted(entry.name for entry in (root / folder).glob("libcuda.so.*"))
        except OSError as exc:
            return Unknown(str(exc))
        for name in names:
            if found := _CUDA.fullmatch(name):
                return found[1]
    return Absent("only the libraries that Windows lends")


def parse_wsl_configuration(words: str) -> int | Unknown:
    """Memory that the whole of WSL may use, in MiB, from .wslconfig: `memory=8GB`, or in bytes."""
    section = ""
    for line in words.splitlines()[:1000]:
        line = line.strip()
        if line.startswith("["):
            section = line.strip("[] ").lower()
        found = re.fullmatch(r"memory\s*=\s*(\d{1,15})\s*([KMGT]?)B?\s*(?:[#;].*)?", line, re.IGNORECASE)
        if found and section in ("wsl2", "wsl"):
            unit = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}[found[2].upper()]
            return int(found[1]) * unit // 1024**2
    return Unknown("not limited in .wslconfig: half of the memory that Windows has")


def _on_windows_drive(root: Path, working: Path | None) -> bool | Unknown:
    try:
        place = str(working or Path.cwd())
        mounts = parse_mounts((root / "proc/mounts").read_text(encoding="utf-8", errors="surrogateescape"))
    except OSError as exc:
        return Unknown(str(exc))
    kind = filesystem_of(place, mounts)
    if isinstance(kind, Unknown):
        return kind
    # WSL 2 mounts drives as 9p (or virtiofs), WSL 1 as drvfs; its own disk is ext4, in WSL 1 wslfs or lxfs.
    return kind in ("9p", "drvfs", "virtiofs")


def _memory_limit(root: Path) -> int | Unknown:
    try:
        files = sorted((root / "mnt/c/Users").glob("*/.wslconfig"))
    except OSError as exc:
        return Unknown(str(exc))
    if len(files) != 1:
        return Unknown("no .wslconfig was found" if not files else "more than one user has a .wslconfig")
    try:
        return parse_wsl_configuration(files[0].read_text(encoding="utf-8-sig", errors="replace"))
    except OSError as exc:
        return Unknown(str(exc))
