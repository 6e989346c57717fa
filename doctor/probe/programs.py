"""Programs on PATH that matter here, and CUDA libraries that stand in front of the ones in wheels. Nothing is run."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from doctor.late_pattern import late_pattern
from doctor.snapshot.model import LooseLibrary, Program, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from doctor.host.base import Host

NAMES = (
    "nvcc",
    "gcc",
    "g++",
    "cl",
    "cmake",
    "ninja",
    "git",
    "uv",
    "conda",
    "ollama",
    "llama-cli",
    "nvidia-smi",
)
_WINDOWS_ENDINGS = (".exe", ".bat", ".cmd")
_NOT_READ = Unknown("not asked: no file says it")
_LIBRARY_LIMIT = 60

_WINDOWS_LIBRARY = late_pattern(
    r"(cudnn\w{0,40}64_\d{1,3}|cudart64_\w{1,8}|cublas(lt)?64_\w{1,4}|cufft64_\w{1,4}|cusparse64_\w{1,4}"
    r"|cusolver64_\w{1,4}|curand64_\w{1,4}|nvrtc64_\w{1,8}|nvjitlink_\w{1,8}|cupti64_[\w.]{1,12})\.dll",
    re.IGNORECASE,
)
_LINUX_LIBRARY = late_pattern(
    r"lib(cudnn\w{0,40}|cudart|cublas(Lt)?|cufft|cusparse|cusolver|curand|nvrtc|nvJitLink|nccl|cupti|cuda)\.so\.\d[\d.]*"
)


def probe_programs(host: Host) -> tuple[Program, ...]:
    """The first of each on PATH. Folders that are not absolute are left out: they would mean the working folder."""
    folders = _folders(host.environ.get("PATH", ""))
    endings = _WINDOWS_ENDINGS if host.system == "windows" else ("",)
    found: list[Program] = []
    for name in NAMES:
        place = next((path for path in _candidates(folders, name, endings) if _runs(path)), None)
        if place is not None:
            found.append(Program(name=name, path=str(place), version=_version(host, name, place)))
    return tuple(found)


def find_program(host: Host, name: str, more: Iterable[Path] = ()) -> Path | None:
    """A program on PATH or in further folders, never in the working folder."""
    endings = _WINDOWS_ENDINGS[:1] if host.system == "windows" else ("",)
    folders = (*_folders(host.environ.get("PATH", "")), *more)
    return next((path for path in _candidates(folders, name, endings) if _runs(path)), None)


def probe_loose_libraries(host: Host) -> tuple[LooseLibrary, ...]:
    """CUDA libraries by name in the folders that the system's loader looks through."""
    place: Literal["PATH", "LD_LIBRARY_PATH"] = "PATH" if host.system == "windows" else "LD_LIBRARY_PATH"
    pattern = _WINDOWS_LIBRARY if host.system == "windows" else _LINUX_LIBRARY
    found: list[LooseLibrary] = []
    for folder in _folders(host.environ.get(place, "")):
        try:
            with os.scandir(folder) as entries:
                names = sorted(entry.name for entry in entries if pattern.fullmatch(entry.name))
        except OSError:
            continue
        found += [LooseLibrary(name=name, path=str(folder / name), place=place) for name in names]
        if len(found) > _LIBRARY_LIMIT:
            break
    return tuple(found[:_LIBRARY_LIMIT])


def _folders(value: str) -> tuple[Path, ...]:
    """Folders of a search path, each once. Quotes are taken off, as Windows does."""
    parts = (part.strip().strip('"') for part in value.split(os.pathsep))
    return tuple(dict.fromkeys(Path(part) for part in parts if part and Path(part).is_absolute()))


def _candidates(folders: Iterable[Path], name: str, endings: tuple[str, ...]) -> Iterator[Path]:
    working = Path.cwd() if _has_working_folder() else None
    for folder in folders:
        if folder != working:
            for ending in endings:
                yield folder / (name + ending)


def _has_working_folder() -> bool:
    try:
        Path.cwd()
    except OSError:
        return False
    return True


def _runs(path: Path) -> bool:
    try:
        return path.is_file() and os.access(path, os.X_OK)
    except OSError:
        return False


def _version(host: Host, name: str, place: Path) -> str | Unknown:
    """From files alone: starting a compiler to ask costs more than the whole examination."""
    try:
        real = place.resolve()
    except OSError:
        return _NOT_READ
    match name:
        case "nvcc":
            return _toolkit_version(real.parent.parent)
        case "gcc" | "g++":
            # `gcc` → `x86_64-linux-gnu-gcc-12`
            found = re.search(r"(?:gcc|g\+\+)-(\d{1,2}(?:\.\d+)*)$", real.name)
            return found[1] if found else _NOT_READ
        case "cl":
            found = re.search(r"[\\/]MSVC[\\/](\d+(?:\.\d+){1,3})[\\/]", str(real), re.IGNORECASE)
            return found[1] if found else _NOT_READ
        case "conda":
            return _conda_version(real.parent.parent)
        case _:
            return _resource_version(real) if host.system == "windows" and real.suffix.lower() == ".exe" else _NOT_READ


def _toolkit_version(folder: Path) -> str | Unknown:
    from doctor.probe.nvidia import parse_version_json

    try:
        return parse_version_json((folder / "version.json").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        return _NOT_READ


def _conda_version(prefix: Path) -> str | Unknown:
    """By its own metadata: `conda-meta/conda-24.1.2-py311h06a4308_0.json`."""
    try:
        names = [path.name for path in (prefix / "conda-meta").glob("conda-*.json")]
    except OSError:
        return _NOT_READ
    found = next((match for name in names if (match := re.match(r"conda-(\d[\d.]*)-[^-]+\.json$", name))), None)
    return found[1] if found else _NOT_READ


def _resource_version(file: Path) -> str | Unknown:
    from doctor.host.windows_calls import file_version

    try:
        version = file_version(str(file))
    except OSError:
        return _NOT_READ
    return version if version != "0.0.0.0" else _NOT_READ
