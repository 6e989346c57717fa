"""What a machine said about itself: frozen facts, no opinions. What could not be had is `Unknown`, never None."""

from __future__ import annotations

from typing import Literal

from doctor.quick_dataclass import dataclass

SNAPSHOT_VERSION = 1

PathTrait = Literal["spaces", "non_ascii", "cloud_synced", "long"]
"""`cloud_synced`: under a folder that OneDrive or its like uploads; `long`: over 100 characters."""


@dataclass(frozen=True)
class Unknown:
    """A fact that could not be established, and why."""

    why: str


@dataclass(frozen=True)
class Absent:
    """Established: this machine does not have the thing."""

    why: str = ""


NOT_ASKED = Unknown("not asked")


@dataclass(frozen=True, kw_only=True)
class OperatingSystem:
    """The operating system, and whether it runs inside another."""

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


@dataclass(frozen=True, kw_only=True)
class Processor:
    """The processor."""

    name: str
    physical_cores: int | Unknown
    logical_cores: int
    features: tuple[str, ...] | Unknown
    """Instruction sets that matter here, of: avx2, avx512f, avx512_bf16, amx_bf16, f16c, fma."""


@dataclass(frozen=True, kw_only=True)
class Memory:
    """Main memory."""

    total_mib: int
    available_mib: int
    swap_total_mib: int | Unknown
    """Swap, or on Windows the page files' size."""
    swap_free_mib: int | Unknown
    commit_limit_mib: int | Unknown
    """Windows: memory plus page files that programs may commit; error 1455 comes from it."""


@dataclass(frozen=True, kw_only=True)
class Disk:
    """A volume that tunedoc uses."""

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


@dataclass(frozen=True, kw_only=True)
class PythonInterpreter:
    """A Python on this machine."""

    path: str
    """User name and home folder redacted, here and in every other path of a snapshot."""
    version: str
    implementation: str
    """`cpython`, `pypy`."""
    abi_tag: str
    """As in wheel names: `cp311`, `cp313t`."""
    bits: Literal[32, 64]
    kind: Literal["system", "venv", "conda", "store", "store_stub", "uv", "portable", "other"]
    """`store_stub`: Windows' placeholder that opens the Store; `portable`: an unpacked or embedded Python."""


@dataclass(frozen=True, kw_only=True)
class GpuProcess:
    """A program that holds memory of a GPU."""

    name: str
    """The program's file name alone."""
    memory_mib: int | Unknown
    """Windows' WDDM does not tell."""


@dataclass(frozen=True, kw_only=True)
class Gpu:
    """One NVIDIA GPU as the driver tells it."""

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
    pcie_generation: int | Unknown = NOT_ASKED
    """The link's highest generation with this board and slot (it drops when the GPU idles)."""
    pcie_width: int | Unknown = NOT_ASKED
    """Lanes in use now."""
    pcie_width_max: int | Unknown = NOT_ASKED
    """Lanes that the GPU could use."""
    power_limit_watts: int | Unknown = NOT_ASKED
    temperature_celsius: int | Unknown = NOT_ASKED
    display_attached: bool | Unknown = NOT_ASKED
    processes: tuple[GpuProcess, ...] | Unknown = NOT_ASKED


@dataclass(frozen=True, kw_only=True)
class NvidiaDriver:
    """The NVIDIA driver and its GPUs."""

    version: str | Unknown
    cuda_version: str | Unknown
    """Newest CUDA that the driver runs, such as `13.0`."""
    gpus: tuple[Gpu, ...]
    source: Literal["nvml", "nvidia-smi", "text"] = "nvml"
    """Who said it: the management library, the program (fallback), or a text that was pasted."""
    smi_version: str | Unknown = NOT_ASKED
    """The driver's version as `nvidia-smi` says it, to be held against `version`."""
    smi_cuda_version: str | Unknown = NOT_ASKED
    """From either spelling of its banner: `CUDA Version`, since 610 `CUDA UMD Version`."""
    library_version: str | Unknown = NOT_ASKED
    """Of the driver's CUDA library, by its file: nvcuda.dll, libcuda.so.580.95.05."""
    kernel_version: str | Unknown = NOT_ASKED
    """Linux: of the kernel module that is loaded."""


@dataclass(frozen=True, kw_only=True)
class Adapter:
    """A graphics adapter as the operating system lists it, whoever made it."""

    name: str
    vendor: Literal["nvidia", "amd", "intel", "microsoft", "other"]
    integrated: bool | Unknown
    driver_version: str | Unknown = NOT_ASKED
    """Of Windows' own numbering (`32.0.15.8195`)."""


@dataclass(frozen=True, kw_only=True)
class VcRuntime:
    """The Visual C++ runtime that Windows has."""

    version: str | Unknown
    """`14.44.35211`."""
    missing: tuple[str, ...]
    """What System32 lacks of vcruntime140.dll, vcruntime140_1.dll, vcruntime140_threads.dll and msvcp140.dll."""


@dataclass(frozen=True, kw_only=True)
class BuildTools:
    """Visual Studio, or its build tools, with a C++ compiler."""

    name: str
    """`Visual Studio Build Tools 2022`."""
    msvc: str | Unknown
    """`14.44.35207`."""


@dataclass(frozen=True, kw_only=True)
class PageFile:
    """A page file of Windows."""

    path: str
    """`C:\\pagefile.sys`."""
    maximum_mib: int | Unknown
    """0: Windows chooses."""


@dataclass(frozen=True, kw_only=True)
class WindowsState:
    """What only Windows has."""

    long_paths: bool | Unknown
    developer_mode: bool | Unknown
    """With it programs may make symbolic links without being administrator."""
    page_files: tuple[PageFile, ...] | Unknown
    """Empty: switched off."""
    page_file_automatic: bool | Unknown
    """Windows manages the size."""
    ansi_code_page: int | Unknown
    """936 in China, 1252 in western Europe, 65001 where the UTF-8 option is on."""
    console_code_page: int | Unknown
    vc_runtime: VcRuntime | Absent | Unknown
    controlled_folders: bool | Unknown
    """Defender's controlled folder access is on."""
    smart_app_control: bool | Unknown
    execution_policy: str | Unknown
    """PowerShell's, as it takes effect: `Restricted`, `RemoteSigned`, …"""
    gpu_scheduling: bool | Unknown
    """Hardware-accelerated GPU scheduling."""
    build_tools: tuple[BuildTools, ...] | Unknown
    host_name_ascii: bool | Unknown
    """Whether the computer's name has ASCII letters only; gloo cannot resolve others."""
    hosts_loopback: tuple[str, ...] | Unknown = NOT_ASKED
    """Names that the hosts file gives to this computer's own addresses, such as `kubernetes.docker.internal`."""


@dataclass(frozen=True, kw_only=True)
class WslState:
    """What only a Linux under Windows has."""

    stub: bool | Unknown
    """Windows' driver library lies in /usr/lib/wsl/lib."""
    linux_driver: str | Absent | Unknown
    """A Linux driver's own libcuda, installed inside WSL: it shadows the stub."""
    kernel: str | Unknown
    working_on_windows_drive: bool | Unknown
    """The working folder lies under /mnt/c or its like."""
    memory_limit_mib: int | Unknown = NOT_ASKED
    """From .wslconfig."""


@dataclass(frozen=True, kw_only=True)
class Program:
    """A program on PATH that matters."""

    name: str
    """`nvcc`, `gcc`, `g++`, `cl`, `cmake`, `ninja`, `git`, `uv`, `conda`, `ollama`, `llama-cli`, `nvidia-smi`."""
    path: str
    version: str | Unknown


@dataclass(frozen=True, kw_only=True)
class LooseLibrary:
    """A CUDA library on PATH or LD_LIBRARY_PATH that comes before, or instead of, the one in a wheel."""

    name: str
    """`cudnn64_9.dll`, `libcudart.so.11.0`."""
    path: str
    place: Literal["PATH", "LD_LIBRARY_PATH"]


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """One place on the network that the work needs, and how it answered."""

    name: Literal["hub", "hub_mirror", "modelscope", "package_index", "torch_index", "github"]
    address: str
    reachable: bool
    latency_ms: int | Unknown
    problem: Literal["none", "name", "timeout", "refused", "tls", "proxy", "forbidden", "server", "other"] = "none"
    """`name`: cannot be resolved. `tls`: the certificate is not trusted. `forbidden`: 401 or 403."""
    tls_issuer: str | Unknown = NOT_ASKED
    """Who signed the certificate; an organisation's own name means that it reads along."""
    through_proxy: bool = False


@dataclass(frozen=True, kw_only=True)
class ModelFiles:
    """A model in tunedoc's model folder."""

    name: str
    weights_mib: int
    largest_file_mib: int
    """Largest single weight file: what is read in one piece."""


@dataclass(frozen=True, kw_only=True)
class CudaToolkit:
    """An installed CUDA toolkit."""

    path: str
    version: str | Unknown


@dataclass(frozen=True, kw_only=True)
class Package:
    """An installed distribution."""

    name: str
    """Normalised: lower case, hyphens."""
    version: str
    """As the metadata says, local tag included: `2.13.0+cpu`."""


@dataclass(frozen=True, kw_only=True)
class TorchFiles:
    """The installed torch as its own files tell it; torch is never imported."""

    version: str
    """With its local tag, from torch/version.py: `2.13.0+cu130`."""
    cuda: str | Absent | Unknown
    """`13.0`; Absent: built without CUDA."""
    architectures: tuple[str, ...] | Unknown = NOT_ASKED
    """Compute capabilities that it has code for (`8.6`), PTX as `12.0+PTX`, where the files or a text say so."""
    gloo_transport: bool | Unknown = NOT_ASKED
    """Windows: torch_cpu.dll carries gloo's transport over libuv."""
    store_libuv: bool | Unknown = NOT_ASKED
    """The TCP store was built with libuv."""
    cxx11_abi: bool | Unknown = NOT_ASKED
    cuda_available: bool | Unknown = NOT_ASKED
    """What torch.cuda.is_available() said, where somebody ran it."""


@dataclass(frozen=True, kw_only=True)
class BuiltFor:
    """What an extension was compiled against."""

    package: str
    """`flash-attn`, `xformers`, `bitsandbytes`, `torchvision`, `triton`, `llama-cpp-python`, …"""
    torch: str | Unknown
    """`2.8`, or a full version."""
    cuda: str | Unknown
    """`12.8` or `12`."""
    python: str | Unknown
    """ABI tag: `cp312`."""
    cxx11_abi: bool | Unknown = NOT_ASKED
    system: Literal["windows", "linux", "macos"] | Unknown = NOT_ASKED


@dataclass(frozen=True, kw_only=True)
class MissingLibrary:
    """A library that another one needs and that nobody would find."""

    name: str
    """`vcruntime140_1.dll`, `cudart64_12.dll`, `libomp140.x86_64.dll`."""
    needed_by: str
    """`torch/lib/fbgemm.dll`."""
    problem: Literal["missing", "wrong_bits", "damaged", "too_old"] = "missing"
    found: str = ""
    """What is there instead: a path with its version, where `problem` is not `missing`."""


@dataclass(frozen=True, kw_only=True)
class PythonEnvironment:
    """A Python with its packages. Read from names and contents of files; nothing of it is run or imported."""

    path: str
    stack: str = ""
    """Id of the catalogue row that it was built from; empty unless tunedoc built it."""
    python_version: str | Unknown
    packages: tuple[Package, ...]
    proved: bool = False
    """The smoke tests passed when it was built."""
    role: Literal["training", "asked", "active", "found", "told"] = "training"
    """`training`: tunedoc's own; `asked`: named on the command line; `active`: of this shell; `told`: out of a text."""
    kind: Literal["system", "venv", "conda", "store", "uv", "portable", "other"] = "venv"
    bits: Literal[32, 64] | Unknown = NOT_ASKED
    abi_tag: str | Unknown = NOT_ASKED
    torch: TorchFiles | Absent | Unknown = NOT_ASKED
    built_for: tuple[BuiltFor, ...] | Unknown = NOT_ASKED
    bitsandbytes_libraries: tuple[str, ...] | Unknown = NOT_ASKED
    """CUDA versions that it has a library for (`12.8`), and `cpu`."""
    bitsandbytes_system: Literal["windows", "linux", "macos", "none"] | Unknown = NOT_ASKED
    """Which system those libraries are for, by their file names; `none`: it has none at all."""
    llama_backend: Literal["cpu", "cuda", "vulkan", "metal", "rocm"] | Absent | Unknown = NOT_ASKED
    """Of llama-cpp-python or cyllama, by the libraries that it ships."""
    leftovers: tuple[str, ...] | Unknown = NOT_ASKED
    """Folders that an interrupted pip left, such as `~orch`."""
    duplicates: tuple[str, ...] | Unknown = NOT_ASKED
    """Packages with more than one set of metadata."""
    openmp: tuple[str, ...] | Unknown = NOT_ASKED
    """OpenMP runtimes in it, by path inside it: `torch/lib/libiomp5md.dll`, `numpy.libs/libgomp….so`."""
    runtime_beside_python: tuple[Package, ...] | Unknown = NOT_ASKED
    """Windows: vcruntime140*.dll and msvcp140*.dll beside python.exe, with versions: these are loaded first."""
    missing_libraries: tuple[MissingLibrary, ...] | Unknown = NOT_ASKED
    """Found by walking the import tables from torch's own libraries."""
    user_site: tuple[Package, ...] | Unknown = NOT_ASKED
    """Packages of the user's own site-packages that this Python also sees."""


@dataclass(frozen=True, kw_only=True)
class Setting:
    """An environment variable, a pip option or a system switch that changes how the work goes."""

    name: str
    value: str
    """Redacted: no user name, no token, no credentials in addresses."""
    origin: str
    """`environment` (of this process alone), `user` or `machine` (Windows keeps it), the configuration file's name,
    or `registry`."""


@dataclass(frozen=True, kw_only=True)
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
    environment: PythonEnvironment | Absent | Unknown
    """The one in question: the one that was asked for, else tunedoc's own, else the active one if it has torch."""
    settings: tuple[Setting, ...] | Unknown
    """CUDA_*, PYTORCH_*, HF_*, USE_LIBUV, PIP_*/UV_* indexes and the like; Windows: long paths, developer mode."""
    adapters: tuple[Adapter, ...] | Unknown = NOT_ASKED
    """All graphics adapters, whoever made them."""
    windows: WindowsState | Absent | Unknown = NOT_ASKED
    """Absent: not Windows."""
    wsl: WslState | Absent | Unknown = NOT_ASKED
    """Absent: no Windows Subsystem for Linux."""
    pythons: tuple[PythonInterpreter, ...] | Unknown = NOT_ASKED
    """All that were found, the first on PATH first."""
    other_environments: tuple[PythonEnvironment, ...] | Unknown = NOT_ASKED
    """Further environments with torch in them: told, but not judged as if the work were done there."""
    programs: tuple[Program, ...] | Unknown = NOT_ASKED
    loose_libraries: tuple[LooseLibrary, ...] | Unknown = NOT_ASKED
    network: tuple[Endpoint, ...] | Unknown = NOT_ASKED
    """Asked only with `--network`."""
    models: tuple[ModelFiles, ...] | Unknown = NOT_ASKED
    container: bool | Unknown = NOT_ASKED
    """Docker or its like."""
