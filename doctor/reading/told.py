"""A snapshot out of a text: what it tells is there, all else is Unknown."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Literal, cast

from doctor.gpu_models import capability_of
from doctor.quick_dataclass import dataclass
from doctor.reading import patterns
from doctor.reading.listings import Told, gibibytes, read_line
from doctor.reading.names import vendor_of
from doctor.reading.nvidia_smi import parse_banner, parse_table
from doctor.snapshot.model import (
    SNAPSHOT_VERSION,
    Absent,
    Adapter,
    BuiltFor,
    CudaToolkit,
    Gpu,
    Memory,
    NvidiaDriver,
    OperatingSystem,
    Package,
    PythonEnvironment,
    Setting,
    Snapshot,
    TorchFiles,
    Unknown,
)
from doctor.version import __version__
from doctor.versions import numbers

if TYPE_CHECKING:
    from collections.abc import Sequence

NOT_TOLD = Unknown("the text does not tell")

_HEAD = 1500
_TAIL = 1000
"""Lines that facts are read from: listings stand at the top of a post or at its end."""


@dataclass(frozen=True)
class Reading:
    """What a text tells."""

    snapshot: Snapshot
    systems: tuple[str, ...]
    """All systems that it names, the one at work first: a post about WSL tells of two."""


def read_facts(lines: Sequence[str]) -> Reading:
    """The facts in these lines (each of bounded length)."""
    if len(lines) > _HEAD + _TAIL:
        lines = [*lines[:_HEAD], *lines[-_TAIL:]]
    told = Told()
    for line in lines:
        read_line(line[:1200], told)
    _read_answers(lines, told)
    words = "\n".join(line for line in lines if len(line) < 400)
    _settle_system(told)
    nvidia, adapters = _nvidia(told, words)
    return Reading(
        Snapshot(
            schema=SNAPSHOT_VERSION,
            tunedoc=__version__,
            taken_at="",
            os=_os(told),
            processor=NOT_TOLD,
            memory=_memory(told),
            disks=NOT_TOLD,
            python=NOT_TOLD,
            nvidia=nvidia,
            cuda_toolkits=_toolkits(told),
            environment=_environment(told),
            settings=tuple(
                Setting(name=name, value=value, origin="text") for name, value in sorted(told.variables.items())
            )
            or NOT_TOLD,
            adapters=adapters,
        ),
        tuple(dict.fromkeys(told.systems)),
    )


def _read_answers(lines: Sequence[str], told: Told) -> None:
    """What is known by two lines: the answers in a Python session, and what `pip show` writes."""
    for place, line in enumerate(lines):
        if line.startswith("Name: ") and (name := patterns.SHOWN_NAME.fullmatch(line[:80].strip())):
            for below in lines[place + 1 : place + 2]:
                if version := patterns.SHOWN_VERSION.fullmatch(below[:80].strip()):
                    told.have(name[1], version[1])
        if "cuda.is_available()" in line and patterns.AVAILABILITY_ASKED.search(line[:400]):
            for below in lines[place + 1 : place + 3]:
                if answer := patterns.ANSWER.fullmatch(below[:40].strip()):
                    told.say("available", answer[1].lower())
                    break


def _settle_system(told: Told) -> None:
    """Without a line that says so, paths and names of files tell the system."""
    if told.wsl_signs and not told.wsl and (not told.systems or told.systems[0] == "linux" or told.linux_signs):
        if told.systems[:1] != ["windows"] or told.linux_signs > told.windows_signs:
            told.systems, told.wsl = ["linux", "windows"], 2
        elif told.systems == ["windows"]:
            told.systems = ["windows", "linux"]
    if told.systems:
        return
    if wheel := told.facts.get("wheel_system"):
        told.systems = [wheel]
    elif told.macos_signs and not told.windows_signs:  # its paths have much in common with those of Linux
        told.systems = ["macos"]
    elif told.windows_signs > told.linux_signs:
        told.systems = ["windows"]
    elif told.linux_signs:
        told.systems = ["linux"]


def _os(told: Told) -> OperatingSystem | Unknown:
    if not told.systems:
        return NOT_TOLD
    return OperatingSystem(
        system=cast(Literal["windows", "linux", "macos"], told.systems[0]),
        name=told.os_name or told.systems[0],
        version="",
        build=NOT_TOLD,
        machine="AMD64" if told.systems[0] == "windows" else "x86_64",
        wsl=cast(Literal[0, 1, 2], told.wsl if told.systems[0] == "linux" else 0),
        libc=NOT_TOLD,
    )


def _memory(told: Told) -> Memory | Unknown:
    size = gibibytes(told.facts.get("memory", ""))
    if not size:
        return NOT_TOLD
    total = round(size * 1024)
    return Memory(
        total_mib=total, available_mib=total, swap_total_mib=NOT_TOLD, swap_free_mib=NOT_TOLD, commit_limit_mib=NOT_TOLD
    )


def _toolkits(told: Told) -> tuple[CudaToolkit, ...] | Unknown:
    version = told.facts.get("toolkit") or told.facts.get("toolkit_seen")
    return (CudaToolkit(path="", version=version),) if version else NOT_TOLD


def _nvidia(told: Told, words: str) -> tuple[NvidiaDriver | Absent | Unknown, tuple[Adapter, ...] | Unknown]:
    adapters = tuple(
        Adapter(name=name, vendor=cast(Literal["amd", "intel", "other"], vendor_of(name)), integrated=NOT_TOLD)
        for name in dict.fromkeys(told.others)
    )
    driver, cuda = parse_banner(words)
    table = parse_table(words) if "nvidia-smi" in words.lower() or "mib /" in words.lower() else None
    if table is not None and isinstance(table.version, str):
        driver = table.version
    if table is not None and isinstance(table.cuda_version, str):
        cuda = table.cuda_version
    if isinstance(driver, Unknown) and "driver" in told.facts:
        driver = told.facts["driver"]
    if isinstance(cuda, Unknown) and "driver_cuda" in told.facts:
        cuda = told.facts["driver_cuda"]
    gpus = table.gpus if table is not None and table.gpus else _cards(told)
    if gpus or isinstance(driver, str) or isinstance(cuda, str):
        found = NvidiaDriver(version=driver, cuda_version=cuda, gpus=gpus, source="text")
        return found, adapters or NOT_TOLD
    if told.no_gpu and not adapters:
        return Absent("the text says that there is none"), ()
    return NOT_TOLD, adapters or NOT_TOLD


def _cards(told: Told) -> tuple[Gpu, ...]:
    names: list[str] = []
    for how in ("numbered", "listed", "found"):
        if told.gpus.get(how):
            names = told.gpus[how]
            # One warning a process repeats its card; a list does not repeat itself.
            names = list(dict.fromkeys(names)) if how == "found" else names
            break
    if not names and told.gpus.get("mentioned"):
        # Cards that are only spoken of: the first, as often as it is said to be there.
        first = told.gpus["mentioned"][0]
        names = [first]
    unnamed = told.capabilities.get("", "")
    if not names and (told.gpu_count or unnamed):
        names = ["NVIDIA GPU"]
    if told.gpu_count > len(names) and len(set(names)) == 1:
        names = names * min(told.gpu_count, 16)
    size = gibibytes(told.facts.get("vram", ""))
    return tuple(
        Gpu(
            index=index,
            name=name,
            uuid="",
            compute_capability=told.capabilities.get(name)
            or told.facts.get("capability")
            or _alone(names, unnamed, name),
            memory_total_mib=round(size * 1024) if size else NOT_TOLD,
            memory_free_mib=NOT_TOLD,
            driver_model=NOT_TOLD,
            pci_bus=NOT_TOLD,
        )
        for index, name in enumerate(names)
    )


def _alone(names: list[str], capability: str, name: str) -> str | Unknown:
    """A capability told without a name belongs to the card whose name does not tell it."""
    known = capability_of(name)
    if known is None and capability and len(set(names)) == 1:
        return capability
    return known or NOT_TOLD


def _environment(told: Told) -> PythonEnvironment | Unknown:
    torch = _torch_version(told)
    python = told.facts.get("python") or told.facts.get("python_seen") or told.facts.get("python_place")
    packages = dict(told.packages)
    if torch:
        packages["torch"] = torch
    if "triton_seen" in told.facts and "triton-windows" not in packages:
        packages.setdefault("triton", told.facts["triton_seen"])
    facts_of_torch = torch or told.architectures or "available" in told.facts or "torch_cuda" in told.facts
    if not (packages or python or facts_of_torch):
        return NOT_TOLD
    return PythonEnvironment(
        path="",
        python_version=python or NOT_TOLD,
        packages=tuple(Package(name=name, version=packages[name]) for name in sorted(packages)),
        role="told",
        kind="other",
        bits=32 if told.facts.get("bits") == "32" else NOT_TOLD,
        abi_tag="cp" + "".join(map(str, numbers(python)[:2])) if python else NOT_TOLD,
        torch=_torch(told, torch) if facts_of_torch else NOT_TOLD,
        built_for=_built_for(told) or NOT_TOLD,
    )


def _built_for(told: Told) -> tuple[BuiltFor, ...]:
    """What extensions were compiled against, by the names of their wheels."""
    found: dict[str, BuiltFor] = {}
    for package, version, python, platform in told.built:
        tag = re.search(
            r"\+?cu(\d{2})(\d)?\.?torch(\d\.\d{1,2})(?:\.\d)?(?:cxx11abi(TRUE|FALSE))?", version, re.IGNORECASE
        )
        if package in {"torch", "torchvision", "torchaudio"} or (tag is None and package not in _EXTENSIONS):
            continue
        found[package] = BuiltFor(
            package=package,
            torch=tag[3] if tag else NOT_TOLD,
            cuda=NOT_TOLD if tag is None else f"{tag[1]}.{tag[2]}" if tag[2] else tag[1],
            python=python if python.startswith("cp") else NOT_TOLD,
            cxx11_abi=tag[4].upper() == "TRUE" if tag and tag[4] else NOT_TOLD,
            system="windows" if platform.startswith("win") else "linux",
        )
    return tuple(found[name] for name in sorted(found))


_EXTENSIONS = {
    "flash-attn",
    "xformers",
    "triton",
    "triton-windows",
    "bitsandbytes",
    "llama-cpp-python",
    "causal-conv1d",
}


def _torch_version(told: Told) -> str:
    clear = told.facts.get("torch") or told.packages.get("torch") or ""
    seen = told.facts.get("torch_seen", "")
    tagged = told.facts.get("tag_seen", "")
    if clear and "+" not in clear:
        # The same release with its tag, told elsewhere, says more.
        for other in (seen, tagged, told.packages.get("torch", "")):
            if other.startswith(clear + "+"):
                return other
        cuda = told.facts.get("torch_cuda", "")
        if cuda[:1].isdigit():
            return f"{clear}+cu{''.join(cuda.split('.')[:2])}"
        if cuda == "none" and "rocm" not in told.facts:
            return f"{clear}+cpu"
    return clear or seen or tagged


def _torch(told: Told, version: str) -> TorchFiles:
    tag = version.partition("+")[2]
    cuda = told.facts.get("torch_cuda", "")
    said: str | Absent | Unknown = NOT_TOLD
    if cuda[:1].isdigit():
        said = ".".join(cuda.split(".")[:2])
    elif tag.startswith("cu") and tag[2:].isdigit() and len(tag) == 5:
        said = f"{tag[2:4]}.{tag[4]}"
    elif tag == "cpu":
        said = Absent("built without CUDA")
    available = told.facts.get("available")
    return TorchFiles(
        version=version,
        cuda=said,
        architectures=told.architectures or NOT_TOLD,
        cuda_available=available == "true" if available else NOT_TOLD,
    )
