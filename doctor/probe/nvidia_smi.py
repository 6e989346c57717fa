"""The driver when its management library is silent: `nvidia-smi`, and what the driver's own files say."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from doctor.host.base import CommandMissing, TooSlow
from doctor.snapshot.model import Gpu, Unknown

if TYPE_CHECKING:
    from doctor.host.base import Host
    from doctor.snapshot.model import NvidiaDriver

ROOT = Path("/")
_PATIENCE_SECONDS = 5.0
"""A driver without persistence mode wakes every card first."""
_LIBRARIES = (
    "usr/lib/x86_64-linux-gnu",
    "usr/lib/aarch64-linux-gnu",
    "usr/lib64",
    "usr/lib",
    "usr/local/nvidia/lib64",
    "usr/lib/wsl/lib",
)


def ask_nvidia_smi(host: Host, root: Path = ROOT) -> NvidiaDriver | Unknown:
    """Driver and cards by `nvidia-smi -q -x`; Unknown with its own complaint where it has none."""
    from doctor.reading.nvidia_smi import parse_banner, parse_smi_version, parse_xml

    program = _find(host, root)
    if program is None:
        return Unknown("not found")
    said = _run(host, program, "-q", "-x")
    if isinstance(said, Unknown):
        return said
    driver = parse_xml(said)
    if driver is None:
        return Unknown(_first_line(said))
    banner = _run(host, program)
    if not isinstance(banner, Unknown):
        driver = replace(driver, smi_version=parse_smi_version(banner), smi_cuda_version=parse_banner(banner)[1])
    told = _run(host, program, "--query-gpu=index,compute_cap", "--format=csv,noheader")
    capabilities = (
        {} if isinstance(told, Unknown) else dict(re.findall(r"^(\d{1,2}), (\d{1,2}\.\d)\s*$", told, re.MULTILINE))
    )
    return replace(driver, gpus=tuple(_complete(host, gpu, capabilities) for gpu in driver.gpus))


def read_library_version(host: Host, root: Path = ROOT) -> str | Unknown:
    """Version of the CUDA library that a program would load: nvcuda.dll, or the file behind libcuda.so.1."""
    if host.system == "windows":
        from doctor.host.windows_calls import file_version

        windows = host.environ.get("SYSTEMROOT") or host.environ.get("WINDIR") or "C:/Windows"
        try:
            return windows_driver_version(file_version(str(Path(windows) / "System32" / "nvcuda.dll")))
        except OSError as exc:
            return Unknown(f"nvcuda.dll: {exc}")
    searched = [Path(part) for part in host.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep) if part]
    for folder in [*searched, *(root / place for place in _LIBRARIES)]:
        try:
            real = (folder / "libcuda.so.1").resolve(strict=True)
        except (OSError, RuntimeError):
            continue
        found = re.fullmatch(r"libcuda\.so\.(\d{3}\.\d+(?:\.\d+)?)", real.name)
        return found[1] if found else Unknown(f"{real.name} does not say")
    return Unknown("no libcuda.so.1 was found")


def read_kernel_version(host: Host, root: Path = ROOT) -> str | Unknown:
    """Version of the NVIDIA kernel module that is loaded."""
    if host.system != "linux":
        return Unknown("not Linux")
    try:
        words = (root / "proc/driver/nvidia/version").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return Unknown("no NVIDIA kernel module is loaded")
    return parse_kernel_version(words)


def parse_kernel_version(words: str) -> str | Unknown:
    """`NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build …` → `580.95.05`."""
    found = re.search(r"^NVRM version:.*?\s(\d{3}\.\d+(?:\.\d+)?)\s", words, re.MULTILINE)
    return found[1] if found else Unknown("/proc/driver/nvidia/version does not say")


def windows_driver_version(version: str) -> str | Unknown:
    """NVIDIA's number out of Windows' own: `32.0.15.8129` → `581.29`."""
    digits = "".join(version.split(".")[-2:])
    if not digits.isdigit() or len(digits) < 5:
        return Unknown(f"{version} holds no driver version")
    return f"{int(digits[-5:-2])}.{digits[-2:]}"


def _find(host: Host, root: Path) -> Path | None:
    from doctor.probe.programs import find_program

    if host.system == "windows":
        windows = Path(host.environ.get("SYSTEMROOT") or host.environ.get("WINDIR") or "C:/Windows")
        programs = Path(host.environ.get("PROGRAMFILES") or "C:/Program Files")
        # The system's own before PATH: anybody may have put a folder there.
        places = (windows / "System32", programs / "NVIDIA Corporation" / "NVSMI")
        own = next((place / "nvidia-smi.exe" for place in places if (place / "nvidia-smi.exe").is_file()), None)
        return own or find_program(host, "nvidia-smi")
    return find_program(host, "nvidia-smi", (root / "usr/lib/wsl/lib",))


def _run(host: Host, program: Path, *arguments: str) -> str | Unknown:
    try:
        ran = host.run([str(program), *arguments], timeout_seconds=_PATIENCE_SECONDS)
    except (OSError, CommandMissing) as exc:
        return Unknown(f"{program.name} could not be started: {exc}")
    except TooSlow:
        return Unknown(f"no answer in {_PATIENCE_SECONDS:g} s")
    said = ran.stdout if ran.stdout.strip() else ran.stderr
    return said if ran.exit_code == 0 else Unknown(f"{_first_line(said)} (exit code {ran.exit_code})")


def _complete(host: Host, gpu: Gpu, capabilities: dict[str, str]) -> Gpu:
    """With the compute capability, which the XML lacks: asked for by its own question, else by the card's name."""
    from doctor.gpu_models import capability_of

    capability = capabilities.get(str(gpu.index)) or capability_of(gpu.name)
    if capability:
        gpu = replace(gpu, compute_capability=capability)
    # Driver models are Windows' alone.
    return gpu if host.system == "windows" else replace(gpu, driver_model="none")


def _first_line(words: str) -> str:
    plain = ("".join(letter for letter in line[:200] if letter.isprintable()).strip() for line in words.splitlines())
    return next((line for line in plain if line), "it said nothing")
