"""What a machine said about itself: frozen facts, no opinions. What could not be had is `Unknown`, never None."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

SNAPSHOT_VERSION = 1

PathTrait = Literal["spaces", "non_ascii", "cloud_synced", "long"]
"""`cloud_synced`: under a folder that OneDrive or its like uploads; `long`: over 100 characters."""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A fact that could not be established, and why."""

    why: str


@dataclass(frozen=True, slots=True)
class Absent:
    """Established: this machine does not have the thing."""

    why: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatingSystem:
    system: Literal["windows", "linux", "macos"]
    name: str
    """As people call it: `Debian GNU/Linux 12`, `Windows 11 Pro`."""
    version: str
    """Kernel release, or Windows' version number."""
    build: int | Unknown
    """Windows build number, such as 26100; Unknown elsewhere."""
    machine: str
    """Processor architecture as platform.machine() says: `x86_64`, `AMD64`, `arm64`."""
    wsl: Literal[0, 1, 2]
    """0: not the Windows Subsystem for Linux."""
    libc: str | Unknown
    """`glibc 2.36`; decides which Linux wheels run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Processor:
    name: str
    physical_cores: int | Unknown
    logical_cores: int
    features: tuple[str, ...] | Unknown
    """Instruction sets that matter here, of: avx2, avx512f, avx512_bf16, amx_bf16, f16c, fma."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    total_mib: int
    available_mib: int
    swap_total_mib: int | Unknown
    """Swap, or on Windows the page files' size."""
    swap_free_mib: int | Unknown
    commit_limit_mib: int | Unknown
    """Windows: memory plus page files that programs may commit; error 1455 comes from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Disk:
    purpose: Literal["home", "temporary", "hub_cache", "working"]
    """Which of tunedoc's needs this volume serves."""
    path: str
    total_mib: int
    free_mib: int
    filesystem: str | Unknown
    remote: bool = False
    """Not on a local disk: a network share, or a Windows drive seen from WSL."""
    traits: tuple[PathTrait, ...] = ()
    """What is unusual about the real path, which `path` may no longer show once the user's name is taken out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PythonInterpreter:
    path: str
    """User name and home folder redacted, here and in every other path of a snapshot."""
    version: str
    implementation: str
    """`cpython`, `pypy`."""
    abi_tag: str
    """As in wheel names: `cp311`, `cp313t`."""
    bits: Literal[32, 64]
    kind: Literal["system", "venv", "conda", "store", "uv", "other"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gpu:
    index: int
    """NVML's order: by PCI bus."""
    name: str
    uuid: str
    compute_capability: str | Unknown
    """Such as `12.0`. Compare as numbers (`doctor.versions`), never as strings."""
    memory_total_mib: int | Unknown
    memory_free_mib: int | Unknown
    driver_model: Literal["wddm", "tcc", "mcdm", "none"] | Unknown
    """Windows only; `none` elsewhere."""
    pci_bus: str | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class NvidiaDriver:
    version: str | Unknown
    cuda_version: str | Unknown
    """Newest CUDA that the driver runs, such as `13.0`."""
    gpus: tuple[Gpu, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CudaToolkit:
    path: str
    version: str | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    name: str
    """Normalised: lower case, hyphens."""
    version: str
    """As the metadata says, local tag included: `2.13.0+cpu`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingEnvironment:
    """The environment that tunedoc built and uses. Read from metadata files; nothing is imported."""

    path: str
    stack: str
    """Id of the catalogue row that it was built from."""
    python_version: str | Unknown
    packages: tuple[Package, ...]
    proved: bool
    """The smoke tests passed when it was built."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """An environment variable, a pip option or a system switch that changes how the work goes."""

    name: str
    value: str
    """Redacted: no user name, no token, no credentials in addresses."""
    origin: str
    """`environment`, the configuration file's name, or `registry`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """All that was established. Every section is a value or Unknown."""

    schema: int
    tunedoc: str
    taken_at: str
    """UTC, ISO 8601, seconds."""
    os: OperatingSystem | Unknown
    processor: Processor | Unknown
    memory: Memory | Unknown
    disks: tuple[Disk, ...] | Unknown
    python: PythonInterpreter | Unknown
    """The one that runs the doctor."""
    nvidia: NvidiaDriver | Absent | Unknown
    """Absent: no NVIDIA driver and no NVIDIA adapter. Unknown: could not be asked, which never means 'no GPU'."""
    cuda_toolkits: tuple[CudaToolkit, ...] | Unknown
    environment: TrainingEnvironment | Absent | Unknown
    settings: tuple[Setting, ...] | Unknown
    """CUDA_*, PYTORCH_*, HF_*, USE_LIBUV, PIP_*/UV_* indexes and the like; Windows: long paths, developer mode."""
