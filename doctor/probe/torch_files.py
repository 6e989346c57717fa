"""The installed torch as its own files tell it: version, CUDA, architectures, transports. It is never imported."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.probe.packages import read_head
from doctor.reading.elf import ElfError, read_elf
from doctor.reading.pe import PeError, read_pe
from doctor.reading.torch_strings import FLAGS, NEW_STRINGS, OLD_STRINGS, VALUES, architecture_labels, find_first
from doctor.snapshot.model import Absent, TorchFiles, Unknown
from doctor.versions import at_least

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from doctor.probe.packages import Packages

_BLOCK = 1024 * 1024
_MOST_BYTES = 64 * 1024 * 1024
"""Larger files are left alone: torch_python, which holds the list of architectures, has 20 to 30 MB."""


def read_torch(packages: Packages, *, windows: bool, whole: bool = True) -> TorchFiles | Absent | Unknown:
    """What the files say; without `whole`, version.py alone. Absent when there is neither a torch nor its metadata."""
    metadata = packages.metadata("torch") or packages.metadata("pytorch")
    folder = packages.folder("torch")
    words = read_head(folder / "version.py") if folder is not None else ""
    values = dict(VALUES.findall(words))
    version = values.get("__version__")
    if folder is None or not version:
        if metadata is None:
            return Absent("no torch in its site-packages")
        return Unknown(f"torch {metadata.package.version} is written down as installed, but torch/version.py is gone")
    said = values.get("cuda")
    cuda: str | Absent | Unknown = (
        Unknown("torch/version.py does not say") if said is None else said or _no_cuda(values)
    )
    if not whole:
        return TorchFiles(version=version, cuda=cuda)
    library = folder / "lib"
    return TorchFiles(
        version=version,
        cuda=cuda,
        architectures=_architectures(library, windows) if said else Unknown("built without CUDA"),
        gloo_transport=_gloo_transport(library) if windows else Unknown("not made for Windows"),
        store_libuv=_store_libuv(version, windows),
        cxx11_abi=Unknown("not made for Linux") if windows else _cxx11_abi(library / "libc10.so"),
    )


def _no_cuda(values: Mapping[str, str]) -> Absent:
    for name in ("hip", "rocm", "xpu"):
        if values.get(name):
            return Absent(f"built for {name} {values[name]}")
    return Absent("built without CUDA")


def _gloo_transport(library: Path) -> bool | Unknown:
    """On Windows gloo has one transport alone, over libuv; wheels that do not link it cannot start a group."""
    try:
        headers = read_pe(library / "torch_cpu.dll")
    except (PeError, OSError) as exc:
        return Unknown(f"torch_cpu.dll: {exc}")
    return "uv.dll" in {name.lower() for name in headers.imports + headers.delayed}


def _store_libuv(version: str, windows: bool) -> bool | Unknown:
    """The TCP store has libuv in every Linux wheel since 2.4 and in none for Windows."""
    if windows:
        return False
    try:
        return at_least(version, "2.4")
    except ValueError as exc:
        return Unknown(str(exc))


def _architectures(library: Path, windows: bool) -> tuple[str, ...] | Unknown:
    """The list that torch.cuda.get_arch_list() gives, which stands as one string among torch_python's constants."""
    file = library / ("torch_python.dll" if windows else "libtorch_python.so")
    try:
        flags = _find(file, FLAGS)
    except OSError as exc:
        return Unknown(f"{file.name}: {exc}")
    if flags is None:
        return Unknown(f"{file.name} has no list of architectures")
    return architecture_labels(flags)


def _cxx11_abi(file: Path) -> bool | Unknown:
    """Which of the two std::string it was compiled with, from the name of one function that takes one."""
    try:
        read_elf(file)
        if _find(file, NEW_STRINGS) is not None:
            return True
        if _find(file, OLD_STRINGS) is not None:
            return False
    except (ElfError, OSError) as exc:
        return Unknown(f"{file.name}: {exc}")
    return Unknown(f"{file.name} does not tell")


def _find(file: Path, pattern: re.Pattern[bytes]) -> bytes | None:
    """The first match in a file of bounded size, read piece by piece. Raises OSError."""
    with file.open("rb", buffering=0) as stream:

        def pieces() -> Iterator[bytes]:
            seen = 0
            while seen < _MOST_BYTES and (piece := stream.read(_BLOCK)):
                seen += len(piece)
                yield piece

        return find_first(pieces(), {"": pattern}).get("")
