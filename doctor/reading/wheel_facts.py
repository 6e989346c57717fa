"""Facts out of a wheel: what it was built for and what is compiled into it. Nothing is installed or imported. Pure."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from doctor.late_pattern import late_pattern
from doctor.quick_dataclass import dataclass
from doctor.reading.elf import ElfError, read_elf
from doctor.reading.fatbins import FatbinScanner, sum_of
from doctor.reading.pe import PeError, read_pe
from doctor.reading.torch_strings import (
    FLAGS,
    LIBUV_STORE,
    NEW_STRINGS,
    NUMPY_1,
    NUMPY_2,
    OLD_STRINGS,
    VALUES,
    architecture_labels,
    find_first,
)
from doctor.reading.wheel_file import WheelError

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.reading.fatbins import DeviceCode
    from doctor.reading.pe import PeFile
    from doctor.reading.wheel_file import LateMember, WheelFile, WheelName

_LIBRARY = late_pattern(r"[^/]+\.(?:so(?:\.\d+)*|pyd|dll)")
_BITSANDBYTES = late_pattern(r"bitsandbytes/libbitsandbytes_cuda(\d+)\.(?:so|dll)")
_TORCH_CUDA = late_pattern(r"torch/lib/(?:libtorch_cuda(?:_cu|_cpp)?\.so|torch_cuda(?:_cu|_cpp)?\.dll)")
_TORCH_LINALG = late_pattern(r"torch/lib/(?:lib)?torch_cuda_linalg\.(?:so|dll)")
"""MAGMA, which is compiled for architectures of its own choice: torch 2.8.0+cu128 has 5.0 and no 7.5 in it."""
_RUNTIME = late_pattern(r"(?:lib)?cudart(?:64_|\.so\.|64-)(\d+)", re.IGNORECASE)
_REQUIRES = late_pattern(r"^Requires-Dist:\s*(.+?)\s*$", re.MULTILINE)
_REQUIRES_PYTHON = late_pattern(r"^Requires-Python:\s*(.+?)\s*$", re.MULTILINE)
_CUDA_VERSION = late_pattern(r"^#define\s+CUDA_VERSION\s+(\d{4,5})\s*$", re.MULTILINE)
_LIBUV_DEFAULT = late_pattern(r"['\"]USE_LIBUV['\"],\s*['\"](\d)['\"]")
_SMALLEST_LIBRARY = 4096
_MOST_LIBRARIES = 64


@dataclass(frozen=True, kw_only=True)
class Depth:
    """How far libraries are read."""

    container_bytes: int | None = None
    """Stop a library after so many bytes of code for GPUs; None for all of it. With a limit, Linux's torch_cpu is not
    read for its libuv either."""


@dataclass(frozen=True, kw_only=True)
class LibraryFacts:
    """One compiled library of a wheel."""

    member: str
    cuda: str
    """The CUDA it is for, by its own name or the runtime that it needs: `12.8`, `12`; empty where neither says."""
    code: DeviceCode | None
    """None without code for GPUs."""


@dataclass(frozen=True, kw_only=True)
class TorchWheel:
    """What is in a torch wheel alone. None stands for what was not found."""

    version: str
    cuda: str
    """Empty for a build without CUDA."""
    architectures: tuple[str, ...]
    """As torch.cuda.get_arch_list() gives them, PTX as `12.0+PTX`; empty without CUDA."""
    code: DeviceCode | None
    """The real code in torch_cuda, torch's own kernels; None without CUDA."""
    gloo: bool | None
    """Windows: whether gloo has a transport, which there is uv.dll or nothing."""
    libuv_store: bool | None
    """Whether the TCP store's server over libuv is compiled in."""
    libuv_default: str
    """What rendezvous.py takes when USE_LIBUV is not set: `0` or `1`; empty before there was a choice."""
    cxx11_abi: bool | None
    """Linux."""
    numpy_2: bool | None
    """Whether it was compiled with the headers of numpy 2, which work with numpy 1 as well."""
    linker: str
    """Windows: version of Microsoft's linker."""
    threads_runtime: bool | None
    """Windows: whether it needs vcruntime140_threads.dll."""


@dataclass(frozen=True, kw_only=True)
class WheelFacts:
    """What one wheel says and holds."""

    name: WheelName
    requires_python: str
    requires: tuple[str, ...]
    """Requirements as its METADATA has them, without those of extras."""
    torch: TorchWheel | None
    """Of a torch wheel."""
    libraries: tuple[LibraryFacts, ...]
    """Those with code for GPUs, and those that say which CUDA they need; of torch the one with MAGMA alone."""
    built_with: tuple[tuple[str, str], ...]
    """What its own record of the build says: `torch`, `cuda`, `backend`."""
    unknown: tuple[str, ...]
    """What could not be read, and why."""

    @property
    def code(self) -> DeviceCode | None:
        """All its code for GPUs."""
        if self.torch is not None:
            return self.torch.code
        return sum_of(library.code for library in self.libraries if library.code is not None)


def read_wheel(
    wheel: WheelFile, depth: Depth | None = None, on_member: Callable[[str], None] | None = None
) -> WheelFacts:
    """All that is known how to read. Raises WheelError, OSError; a damaged library becomes a line of `unknown`."""
    reader = _Reader(wheel, depth or Depth(), on_member or (lambda _: None))
    metadata = wheel.dist_info("METADATA")
    python = _REQUIRES_PYTHON.search(metadata)
    is_torch = wheel.name.package == "torch"
    try:
        return WheelFacts(
            name=wheel.name,
            requires_python=python[1] if python else "",
            requires=tuple(line for line in _REQUIRES.findall(metadata) if "extra ==" not in line),
            torch=reader.torch() if is_torch else None,
            libraries=tuple(reader.linalg() if is_torch else reader.libraries()),
            built_with=tuple(reader.built_with()),
            unknown=tuple(reader.unknown),
        )
    finally:
        reader.close()


class _Reader:
    """Reads one wheel and keeps what could not be read."""

    def __init__(self, wheel: WheelFile, depth: Depth, on_member: Callable[[str], None]) -> None:
        self._wheel = wheel
        self._depth = depth
        self._on_member = on_member
        self.unknown: list[str] = []
        self._late: tuple[str, LateMember] | None = None

    def torch(self) -> TorchWheel:
        windows = self._wheel.name.system == "windows"
        values = dict(VALUES.findall(self._wheel.text("torch/version.py")))
        if not values.get("__version__"):
            raise WheelError("torch/version.py does not say a version")
        cuda = values.get("cuda") or ""
        python = "torch/lib/" + ("torch_python.dll" if windows else "libtorch_python.so")
        wanted = {"numpy_2": NUMPY_2, "numpy_1": NUMPY_1} | ({"flags": FLAGS} if cuda else {})
        strings = self._strings(python, wanted)
        headers = self._pe(python) if windows else None
        cpu = self._pe("torch/lib/torch_cpu.dll") if windows else None
        code = sum_of(self._torch_code()) if cuda else None
        # Where there are two, the first is for Windows.
        defaults = _LIBUV_DEFAULT.findall(self._wheel.text("torch/distributed/rendezvous.py"))
        if cuda and "flags" not in strings:
            self.unknown.append(f"{python}: no list of architectures")
        return TorchWheel(
            version=values["__version__"],
            cuda=cuda,
            architectures=architecture_labels(strings.get("flags", b"")),
            code=code,
            gloo=None if cpu is None else _imports(cpu, "uv.dll"),
            libuv_store=self._libuv_store(windows),
            libuv_default=defaults[0 if windows else -1] if defaults else "",
            cxx11_abi=None if windows else self._cxx11_abi(),
            numpy_2=True if "numpy_2" in strings else False if "numpy_1" in strings else None,
            linker="" if headers is None else ".".join(map(str, headers.linker)),
            threads_runtime=None
            if cpu is None or headers is None
            else any(_imports(file, "vcruntime140_threads.dll") for file in (cpu, headers)),
        )

    def linalg(self) -> list[LibraryFacts]:
        """MAGMA's library in torch."""
        return [
            LibraryFacts(member=member, cuda="", code=self._code(member, kept=False))
            for member in self._wheel.members
            if _TORCH_LINALG.fullmatch(member)
        ]

    def libraries(self) -> list[LibraryFacts]:
        found: list[LibraryFacts] = []
        members = [member for member in self._wheel.members if _LIBRARY.fullmatch(member.rpartition("/")[2])]
        members = [member for member in members if self._wheel.unpacked_bytes(member) >= _SMALLEST_LIBRARY]
        if len(members) > _MOST_LIBRARIES:
            self.unknown.append(f"{len(members) - _MOST_LIBRARIES} of {len(members)} libraries were not looked into")
        for member in members[:_MOST_LIBRARIES]:
            match = _BITSANDBYTES.fullmatch(member)
            code = self._code(member, kept=match is None)
            cuda = _dotted(match[1]) if match else self._runtime(member)
            if code is not None or cuda:
                found.append(LibraryFacts(member=member, cuda=cuda, code=code))
            if match and code is None:
                self.unknown.append(f"{member}: no code for GPUs in it")
        return found

    def built_with(self) -> list[tuple[str, str]]:
        package = self._wheel.name.package
        found: list[tuple[str, str]] = []
        if package == "xformers":
            try:
                versions = json.loads(self._wheel.text("xformers/cpp_lib.json") or "{}").get("version", {})
                number = versions.get("cuda")
                found += [("torch", str(versions["torch"]))] if versions.get("torch") else []
                found += [("cuda", f"{number // 100}.{number % 100}")] if isinstance(number, int) else []
            except (ValueError, AttributeError, TypeError) as exc:
                self.unknown.append(f"xformers/cpp_lib.json: {exc}")
        elif package == "cyllama":
            try:
                backends = json.loads(self._wheel.text("cyllama/build_config.json") or "{}").get("backend", {})
                enabled = [name for name, each in backends.items() if isinstance(each, dict) and each.get("enabled")]
                found.append(("backend", " ".join(sorted(enabled)) or "cpu"))
            except (ValueError, AttributeError, TypeError) as exc:
                self.unknown.append(f"cyllama/build_config.json: {exc}")
        elif package in ("triton", "triton-windows"):
            header = _CUDA_VERSION.search(self._wheel.text("triton/backends/nvidia/include/cuda.h"))
            found += [("cuda", f"{int(header[1]) // 1000}.{int(header[1]) % 1000 // 10}")] if header else []
        return found

    def _torch_code(self) -> list[DeviceCode]:
        members = [member for member in self._wheel.members if _TORCH_CUDA.fullmatch(member)]
        found = [code for member in members if (code := self._code(member, kept=False)) is not None]
        if not found:
            self.unknown.append("torch_cuda: no code for GPUs found")
        return found

    def _code(self, member: str, *, kept: bool) -> DeviceCode | None:
        """Of one library. Reading stops early where the depth says so."""
        self._on_member(member)
        scanner = FatbinScanner()
        limit = self._depth.container_bytes
        # Torch's own have gigabytes: these go by without being kept.
        pieces = self._library(member).from_start() if kept else self._wheel.pieces(member)
        whole = True
        try:
            for piece in pieces:
                scanner.feed(piece)
                if limit is not None and scanner.passed_bytes >= limit:
                    whole = False
                    break
        except WheelError as exc:
            self.unknown.append(str(exc))
            return None
        code = scanner.code(whole=whole)
        if code is not None and code.damaged:
            self.unknown.append(f"{member}: {code.damaged} containers of code for GPUs make no sense")
        return code

    def _strings(self, member: str, patterns: dict[str, re.Pattern[bytes]]) -> dict[str, bytes]:
        if member not in self._wheel.members:
            self.unknown.append(f"{member}: not in the wheel")
            return {}
        self._on_member(member)
        try:
            return find_first(self._library(member).from_start(), patterns)
        except WheelError as exc:
            self.unknown.append(str(exc))
            return {}

    def _library(self, member: str) -> LateMember:
        """A library as a file. The last one is kept, so that looking at it twice does not unpack it twice."""
        if self._late is None or self._late[0] != member:
            self.close()
            self._late = (member, self._wheel.library(member))
        return self._late[1]

    def close(self) -> None:
        if self._late is not None:
            self._late[1].close()
            self._late = None

    def _pe(self, member: str) -> PeFile | None:
        if member not in self._wheel.members:
            self.unknown.append(f"{member}: not in the wheel")
            return None
        self._on_member(member)
        try:
            return read_pe(self._library(member))
        except (PeError, WheelError) as exc:
            self.unknown.append(f"{member}: {exc}")
            return None

    def _runtime(self, member: str) -> str:
        """The CUDA whose runtime a library needs, such as `12`."""
        try:
            if member.endswith((".dll", ".pyd")):
                headers = read_pe(self._library(member))
                names = headers.imports + headers.delayed
            else:
                names = read_elf(self._library(member)).needed
        except (PeError, ElfError, WheelError) as exc:
            self.unknown.append(f"{member}: {exc}")
            return ""
        for name in names:
            if match := _RUNTIME.match(name):
                return match[1] if len(match[1]) <= 2 else _dotted(match[1])
        return ""

    def _libuv_store(self, windows: bool) -> bool | None:
        member = "torch/lib/" + ("torch_cpu.dll" if windows else "libtorch_cpu.so")
        if member not in self._wheel.members or not (windows or self._depth.container_bytes is None):
            return None
        return bool(self._strings(member, {"": LIBUV_STORE}))

    def _cxx11_abi(self) -> bool | None:
        found = self._strings("torch/lib/libc10.so", {"new": NEW_STRINGS, "old": OLD_STRINGS})
        return "new" in found if found else None


def _imports(headers: PeFile, library: str) -> bool:
    return library in {name.lower() for name in headers.imports + headers.delayed}


def _dotted(digits: str) -> str:
    """`128` → `12.8`."""
    return f"{digits[:-1]}.{digits[-1]}"
