"""The NVIDIA driver, its GPUs and CUDA toolkits. No driver library is not yet 'no GPU': the bus is asked as well."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from doctor.host.base import CommandMissing, TooSlow
from doctor.probe.nvidia_smi import ask_nvidia_smi, read_kernel_version, read_library_version
from doctor.snapshot.model import Absent, CudaToolkit, Unknown

if TYPE_CHECKING:
    from doctor.host.base import Host
    from doctor.snapshot.model import NvidiaDriver

ROOT = Path("/")
NVIDIA_VENDOR = "10DE"


def probe_nvidia(host: Host, root: Path = ROOT) -> NvidiaDriver | Absent | Unknown:
    """The driver's own words; without a driver, Absent only when the bus shows no NVIDIA adapter either.

    `nvidia-smi` is started only where the management library gave no answer: it costs a tenth of a second and more.
    """
    from doctor.host.nvml import ask_driver, library_present

    if host.system == "macos":
        return Absent("macOS has no NVIDIA driver")
    present = library_present(host.environ)
    answer = ask_driver() if present else Unknown("no driver library")
    if isinstance(answer, Unknown):
        said = ask_nvidia_smi(host, root)
        if isinstance(said, Unknown):
            return _without_driver(
                answer, said, find_adapters(host, root), present=present, versions=_clash(host, root)
            )
        answer = said
    return replace(
        answer, library_version=read_library_version(host, root), kernel_version=read_kernel_version(host, root)
    )


def _without_driver(
    answer: Unknown, said: Unknown, adapters: tuple[str, ...] | Unknown, *, present: bool, versions: str
) -> Absent | Unknown:
    """What it means that nobody could speak for the driver."""
    if present:
        bus = "; no NVIDIA adapter is on the bus" if adapters == () else ""
        return Unknown(f"{answer.why}{versions}{bus}; nvidia-smi: {said.why}")
    if isinstance(adapters, Unknown):
        return adapters
    if adapters:
        return Unknown(f"no driver library, but the machine has {', '.join(adapters)}; nvidia-smi: {said.why}")
    return Absent("no driver library, and no NVIDIA adapter on the bus")


def _clash(host: Host, root: Path) -> str:
    """Library and kernel module where both are known and differ: after an update the machine was not restarted."""
    library, kernel = read_library_version(host, root), read_kernel_version(host, root)
    if isinstance(library, str) and isinstance(kernel, str) and library != kernel:
        return f"; the kernel module is {kernel}, the library {library}"
    return ""


def find_adapters(host: Host, root: Path = ROOT) -> tuple[str, ...] | Unknown:
    """NVIDIA graphics adapters as the operating system sees them, with or without a driver."""
    if host.system == "windows":
        from doctor.probe.adapters import probe_adapters

        listed_by_windows = probe_adapters(host)
        if isinstance(listed_by_windows, Unknown):
            return listed_by_windows
        return tuple(adapter.name for adapter in listed_by_windows if adapter.vendor == "nvidia")
    listed = sorted(path.name for path in _entries(root / "proc/driver/nvidia/gpus"))
    if listed:
        return tuple(f"GPU {name}" for name in listed)
    if (root / "dev/dxg").exists():
        # WSL hands GPUs through without a PCI bus. Whose they are only the libraries tell that Windows adds.
        if (root / "usr/lib/wsl/lib/libcuda.so.1").exists():
            return ("a GPU handed through by WSL",)
        return Unknown("WSL hands a GPU through, but no NVIDIA library with it")
    devices = root / "sys/bus/pci/devices"
    if not devices.is_dir():
        return Unknown("this system does not show its PCI bus")
    return tuple(name for device in _entries(devices) if (name := _nvidia_display(device)))


def probe_cuda_toolkits(host: Host, root: Path = ROOT) -> tuple[CudaToolkit, ...]:
    """CUDA toolkits by their variables, their usual folders and `nvcc` on PATH, each once."""
    places = [Path(value) for name, value in sorted(host.environ.items()) if value and _names_toolkit(name)]
    if host.system == "windows":
        base = Path(host.environ.get("PROGRAMFILES") or "C:/Program Files")
        places += _entries(base / "NVIDIA GPU Computing Toolkit" / "CUDA")
    else:
        places += [path for path in _entries(root / "usr/local") if re.fullmatch(r"cuda(-\d+(\.\d+)?)?", path.name)]
    compiler = _on_path(host)
    if compiler is not None and _holds_toolkit(compiler.parent.parent):
        places.append(compiler.parent.parent)
    found: dict[Path, CudaToolkit] = {}
    for place in places:
        try:
            real = place.resolve()
            if real in found or not real.is_dir():
                continue
        except OSError:
            continue
        found[real] = CudaToolkit(path=str(real), version=_toolkit_version(host, real))
    return tuple(found.values())


def parse_nvcc(words: str) -> str | Unknown:
    """`Cuda compilation tools, release 12.8, V12.8.93` → `12.8.93`."""
    found = re.search(r"\bV(\d+\.\d+\.\d+)\b", words) or re.search(r"release (\d+\.\d+)", words)
    return found[1] if found else Unknown("`nvcc --version` said no version")


def parse_version_json(words: str) -> str | Unknown:
    """The toolkit's version from its version.json."""
    try:
        return str(json.loads(words)["cuda"]["version"])
    except (ValueError, KeyError, TypeError):
        return Unknown("version.json says no version")


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _nvidia_display(device: Path) -> str | None:
    """`10de:2d04` for an NVIDIA display controller or 3D accelerator (PCI class 03), else None."""
    try:
        vendor = (device / "vendor").read_text(encoding="ascii").strip()
        if vendor.lower() != "0x" + NVIDIA_VENDOR.lower():
            return None
        kind = (device / "class").read_text(encoding="ascii").strip()
        number = (device / "device").read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return None
    return f"NVIDIA adapter 10de:{number.removeprefix('0x')}" if kind.startswith("0x03") else None


def _names_toolkit(variable: str) -> bool:
    return variable == "CUDA_HOME" or re.fullmatch(r"CUDA_PATH(_V\d+_\d+)?", variable) is not None


def _holds_toolkit(folder: Path) -> bool:
    # `nvcc` on PATH may be a script that calls the real one elsewhere.
    return any((folder / part).exists() for part in ("version.json", "nvvm", "include/cuda.h"))


def _on_path(host: Host) -> Path | None:
    import shutil

    found = shutil.which("nvcc", path=host.environ.get("PATH", ""))
    return Path(found).resolve() if found else None


def _toolkit_version(host: Host, folder: Path) -> str | Unknown:
    """From a file where there is one: starting nvcc costs a tenth of a second."""
    try:
        return parse_version_json((folder / "version.json").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        pass
    compiler = folder / "bin" / ("nvcc.exe" if host.system == "windows" else "nvcc")
    if not compiler.exists():
        return Unknown("neither version.json nor nvcc")
    try:
        return parse_nvcc(host.run([str(compiler), "--version"], timeout_seconds=5).stdout)
    except (OSError, CommandMissing, TooSlow) as exc:
        return Unknown(f"nvcc gave no answer: {exc}")
