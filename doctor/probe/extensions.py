"""What the compiled extensions of an environment were built for: local tags, wheel tags, and their own records."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Literal

from doctor.late_pattern import late_pattern
from doctor.probe.folders import names_in
from doctor.probe.packages import read_head
from doctor.reading.elf import ElfError, read_elf
from doctor.reading.pe import PeError, read_pe
from doctor.snapshot.model import Absent, BuiltFor, Unknown

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.probe.packages import Metadata, Packages

System = Literal["windows", "linux", "macos"]
LlamaBackend = Literal["cpu", "cuda", "vulkan", "metal", "rocm"]

_EXTENSIONS: dict[str, tuple[str, ...]] = {
    "apex": (),
    "auto-gptq": (),
    "autoawq-kernels": (),
    "bitsandbytes": (),
    "causal-conv1d": ("",),
    "deepspeed": (),
    "exllamav2": (),
    "flash-attn": ("",),
    "flash-attn-3": (),
    "flashinfer-python": (),
    "gptqmodel": (),
    "llama-cpp-python": ("llama_cpp", "llama_cpp/lib"),
    "mamba-ssm": ("",),
    "natten": (),
    "nunchaku": (),
    "sageattention": ("sageattention", ""),
    "torchao": ("torchao",),
    "torchaudio": ("torchaudio/lib", "torchaudio"),
    "torchvision": ("torchvision",),
    "transformer-engine": (),
    "triton": (),
    "triton-windows": (),
    "vllm": ("vllm",),
    "xformers": ("xformers",),
}
"""Packages that are compiled against torch or CUDA, and where their libraries lie below site-packages."""
_LIBRARY = {
    "causal-conv1d": "causal_conv1d_cuda",
    "flash-attn": "flash_attn_2_cuda",
    "mamba-ssm": "selective_scan_cuda",
    "sageattention": "_qattn",
}
"""How a library's name begins where others lie in the same folder."""

_TAG_TORCH = late_pattern(r"(?:torch|pt)[-_.]?(\d+(?:\.\d+)+|\d{2,4}(?!\d))", re.IGNORECASE)
_TAG_CUDA = late_pattern(r"cu(?:da)?[-_]?(\d{2,3})(?!\d)", re.IGNORECASE)
_TAG_ABI = late_pattern(r"abi[-_]?(true|false)", re.IGNORECASE)
_NEEDS_TORCH = late_pattern(r"^Requires-Dist:\s*torch\s*\(?\s*==\s*([\d.]+[\w.+]*)", re.MULTILINE)
_FROM_TORCH = late_pattern(r"^Requires-Dist:\s*torch\s*\(?\s*>=", re.MULTILINE)
_WHEEL_TAG = late_pattern(r"^Tag:\s*(\w+)-(\w+)-([\w.]+)", re.MULTILINE)
_RUNTIME = late_pattern(r"(?:lib)?cudart(?:64_|\.so\.|64-)(\d+)", re.IGNORECASE)
_BITSANDBYTES = late_pattern(r"libbitsandbytes_(cpu|xpu|(?:cuda|rocm|hip)(\d+))\w*\.(dll|so|dylib)", re.IGNORECASE)
_LLAMA = late_pattern(r"(?:lib)?(?:llama|ggml)[\w.-]*\.(?:dll|so|dylib)[\d.]*", re.IGNORECASE)
_SYSTEM_OF: dict[str, System] = {"dll": "windows", "so": "linux", "dylib": "macos"}
_LLAMA_BACKENDS: tuple[tuple[str, LlamaBackend], ...] = (
    ("cuda", "cuda"),
    ("cublas", "cuda"),
    ("hip", "rocm"),
    ("rocm", "rocm"),
    ("vulkan", "vulkan"),
    ("metal", "metal"),
)
_MOST_FILES = 8


def built_for(packages: Packages) -> tuple[BuiltFor, ...]:
    """One entry for each extension that is installed, by name."""
    found: list[BuiltFor] = []
    for name, folders in _EXTENSIONS.items():
        metadata = packages.metadata(name)
        if metadata is not None:
            found.append(_built_for(packages, name, metadata, folders))
    return tuple(found)


def bitsandbytes_libraries(
    packages: Packages,
) -> tuple[tuple[str, ...] | Unknown, System | Literal["none"] | Unknown]:
    """Versions of CUDA that it has a library for (`12.8`), with `cpu`; and the system that they are for.

    Unknown without bitsandbytes.
    """
    folder = packages.folder("bitsandbytes")
    if folder is None:
        return Unknown("no bitsandbytes"), Unknown("no bitsandbytes")
    versions: set[str] = set()
    systems: set[System] = set()
    for name in sorted(names_in(folder)):
        match = _BITSANDBYTES.fullmatch(name)
        if match:
            systems.add(_SYSTEM_OF[match[3].lower()])
            versions.add(_library_label(match[1].lower(), match[2]))
    ordered = sorted(versions, key=lambda label: (not label[0].isdigit(), [int(n) for n in re.findall(r"\d+", label)]))
    return tuple(ordered), next((system for system in _SYSTEM_OF.values() if system in systems), "none")


def llama_backend(packages: Packages) -> LlamaBackend | Absent | Unknown:
    """What llama-cpp-python, else cyllama, computes on, by the libraries that it ships."""
    if packages.metadata("llama-cpp-python") is not None:
        return _llama_cpp_python(packages)
    name = next(
        (metadata.package.name for metadata in packages.found if metadata.package.name.startswith("cyllama")), ""
    )
    if name:
        return _cyllama(packages, name)
    return Absent("neither llama-cpp-python nor cyllama")


def _llama_cpp_python(packages: Packages) -> LlamaBackend | Unknown:
    folder = packages.folder("llama_cpp")
    if folder is None:
        return Unknown("llama-cpp-python is written down as installed, but its folder is gone")
    libraries = [
        place / name for place in (folder / "lib", folder) for name in sorted(names_in(place)) if _LLAMA.match(name)
    ]
    if not libraries:
        return Unknown("llama-cpp-python ships no library")
    for part, backend in _LLAMA_BACKENDS:
        if any(part in file.name.lower() for file in libraries):
            return backend
    # Before ggml was split into one library a backend, all was in one, which then needs CUDA itself.
    return "cuda" if any(_cuda_runtime(file) for file in libraries[:_MOST_FILES]) else "cpu"


def _cyllama(packages: Packages, name: str) -> LlamaBackend | Unknown:
    folder = packages.folder("cyllama")
    if folder is None:
        return Unknown(f"{name} is written down as installed, but its folder is gone")
    try:
        backends = json.loads((folder / "build_config.json").read_text(encoding="utf-8"))["backend"]
        for part, backend in _LLAMA_BACKENDS:
            if backends.get(part, {}).get("enabled") is True:
                return backend
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return next((found for part, found in _LLAMA_BACKENDS if part in name), "cpu")
    return "cpu"


def _built_for(packages: Packages, name: str, metadata: Metadata, folders: tuple[str, ...]) -> BuiltFor:
    version = metadata.package.version
    tag = version.partition("+")[2]
    wheel = _WHEEL_TAG.search(read_head(metadata.folder / "WHEEL"))
    head = read_head(metadata.folder / "METADATA")
    torch: str | Unknown = Unknown("neither its version nor its metadata says")
    cuda: str | Unknown = Unknown("neither its version nor its files say")
    abi: bool | Unknown = Unknown("its version does not say")
    if found := _TAG_TORCH.search(tag):
        torch = found[1] if "." in found[1] else f"{found[1][0]}.{found[1][1:]}"
    elif found := _NEEDS_TORCH.search(head):
        torch = found[1]
    if found := _TAG_CUDA.search(tag):
        cuda = _cuda_number(found[1])
    if found := _TAG_ABI.search(tag):
        abi = found[1].lower() == "true"
    if name == "xformers":
        torch, cuda = _xformers(packages, torch, cuda)
        if wheel is not None and not wheel[1].startswith("cp") and _FROM_TORCH.search(head):
            torch = Unknown("uses torch's stable interface: runs with newer ones as well")
    if isinstance(cuda, Unknown) and folders:
        runtime = _runtime_of(packages, name, folders)
        cuda = runtime or cuda
    return BuiltFor(
        package=name,
        torch=torch,
        cuda=cuda,
        python=_python_of(wheel),
        cxx11_abi=abi,
        system=_system_of(wheel),
    )


def _xformers(packages: Packages, torch: str | Unknown, cuda: str | Unknown) -> tuple[str | Unknown, str | Unknown]:
    """xformers writes down what it was compiled with."""
    folder = packages.folder("xformers")
    try:
        versions = json.loads(read_head(folder / "cpp_lib.json") if folder else "")["version"]
        number, release = versions.get("cuda"), versions.get("torch")
    except (ValueError, KeyError, TypeError, AttributeError):
        return torch, cuda
    if isinstance(number, int) and number >= 1000:
        cuda = f"{number // 100}.{number % 100}"
    return (release if isinstance(release, str) and release else torch), cuda


def _runtime_of(packages: Packages, name: str, folders: tuple[str, ...]) -> str:
    """The CUDA whose runtime its libraries need, such as `12`; empty when they need none."""
    beginning = _LIBRARY.get(name, "")
    for site in packages.sites:
        for folder in folders:
            place = site / folder if folder else site
            files = [
                place / entry
                for entry in sorted(names_in(place))
                if entry.startswith(beginning) and re.search(r"\.(pyd|dll|so)(\.\d+)*$", entry)
            ]
            if not beginning and not folder:
                continue  # all of site-packages is nobody's own folder
            for file in sorted(files)[:_MOST_FILES]:
                if runtime := _cuda_runtime(file):
                    return runtime
    return ""


def _cuda_runtime(file: Path) -> str:
    try:
        if file.suffix.lower() in (".dll", ".pyd"):
            headers = read_pe(file)
            names = headers.imports + headers.delayed
        else:
            names = read_elf(file).needed
    except (PeError, ElfError, OSError):
        return ""
    for name in names:
        if found := _RUNTIME.match(name):
            # cudart64_12.dll and libcudart.so.12 name the major version, cudart64_110.dll and older both numbers.
            return found[1] if len(found[1]) <= 2 else _cuda_number(found[1])
    return ""


def _cuda_number(digits: str) -> str:
    """`128` → `12.8`, `12` → `12`, `92` → `9.2`."""
    if len(digits) == 2:
        return digits if digits.startswith("1") else f"{digits[0]}.{digits[1]}"
    return f"{digits[:-1]}.{digits[-1]}"


def _library_label(kind: str, digits: str | None) -> str:
    if digits is None:
        return kind
    if kind.startswith("cuda"):
        return f"{digits[:-1]}.{digits[-1]}"
    return f"{kind.rstrip('0123456789')} {digits[0]}.{digits[1:]}"


def _python_of(wheel: re.Match[str] | None) -> str | Unknown:
    if wheel is None:
        return Unknown("not installed from a wheel")
    if wheel[2] == "abi3":
        return Unknown(f"for any Python from {wheel[1]} on")
    return wheel[1] if wheel[1].startswith(("cp", "pp")) else Unknown("for any Python")


def _system_of(wheel: re.Match[str] | None) -> System | Unknown:
    platform = wheel[3] if wheel is not None else ""
    if platform.startswith("win"):
        return "windows"
    if "linux" in platform:
        return "linux"
    if platform.startswith("macosx"):
        return "macos"
    return Unknown("for any system" if platform == "any" else "not installed from a wheel")
