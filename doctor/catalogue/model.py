"""Rows of wheels.toml as frozen values: packages known to work together, and where they come from."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Literal

from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    import datetime

    from doctor.catalogue.facts import Facts
    from doctor.words.text import Both

CATALOGUE_VERSION = 1

Device = Literal["cpu", "cuda"]
Status = Literal["recommended", "supported", "withdrawn"]
SystemName = Literal["windows", "linux"]

PROOFS: tuple[str, ...] = (
    "import", "matmul", "attention", "nf4", "train", "gguf", "all-reduce",
    "triton", "flash-attn", "xformers", "liger", "torchao", "hqq", "llama-cpp-python", "unsloth", "deepspeed", "gptq",
    "awq",
)  # fmt: skip
"""Names that a row's `smoke` may use; `trainer/smoke.py` has one proof for each. Those of the optional parts are the
parts' own names."""


@dataclass(frozen=True)
class Index:
    """A package index that rows name."""

    name: str
    url: str


@dataclass(frozen=True)
class Pin:
    """One package at one version, for some Python versions."""

    name: str
    version: str
    """Exact, local tag included: `2.13.0+cpu`."""
    python: str = ""
    """The Pythons it is for, as a specifier such as `<3.12`; empty for all."""

    @property
    def requirement(self) -> str:
        """As pip and uv read it."""
        marker = f" ; python_full_version {_spaced(self.python)}" if self.python else ""
        return f"{self.name}=={self.version}{marker}"


@dataclass(frozen=True, kw_only=True)
class Needs:
    """What a machine must have for a row."""

    os: SystemName
    machines: tuple[str, ...]
    """Processor architectures in lower case, as platform.machine() says."""
    pythons: tuple[str, ...]
    """Python versions that every package has a wheel for, the preferred one first: `3.12`."""
    min_driver: str = ""
    """Oldest NVIDIA driver; empty on a CPU row."""
    min_driver_wsl: str = ""
    """Linux: the same under WSL, whose driver is Windows' and is numbered as such; empty where they do not differ."""
    min_compute: str = ""
    """Oldest compute capability that every package of the row serves; empty on a CPU row."""
    min_glibc: str = ""
    """Linux: oldest glibc that the wheels' platform tags allow."""


@dataclass(frozen=True, kw_only=True)
class Verified:
    """Somebody ran the row's proofs on a real machine."""

    on: datetime.date
    machine: str


@dataclass(frozen=True, kw_only=True)
class Stack:
    """One row: packages known to work together, chosen whole and never mixed."""

    id: str
    status: Status
    device: Device
    needs: Needs
    pins: tuple[Pin, ...]
    """Every package that is asked for by name; what these need in turn is resolved and locked."""
    smoke: tuple[str, ...]
    """Proofs that the finished environment must pass."""
    source: tuple[str, ...]
    """Where a reader can check the row."""
    why: str = ""
    """Why it was withdrawn."""
    index: str = ""
    """Name of the index that the torch family comes from; empty for the machine's ordinary index."""
    cuda: str = ""
    """CUDA version that torch was built with."""
    architectures: tuple[str, ...] = ()
    """Compute capabilities that torch was compiled for. Code for 8.6 runs on 8.9, never on 9.0 or 8.0."""
    verified: tuple[Verified, ...] = ()
    nf4_architectures: tuple[str, ...] = ()
    """Compute capabilities in the bitsandbytes library that will be loaded; empty without bitsandbytes."""
    nf4_ptx: tuple[str, ...] = ()
    """PTX in that library: it carries its kernels on to newer GPUs."""
    several_gpus: bool = True
    """Whether GPUs can work together: some of torch's Windows wheels have a gloo without a transport."""

    @property
    def torch(self) -> str:
        """The torch version, local tag included."""
        return next(pin.version for pin in self.pins if pin.name == "torch")

    @property
    def variant(self) -> str:
        """`cu130`, or `cpu`."""
        return "cu" + self.cuda.replace(".", "") if self.cuda else "cpu"

    @property
    def four_bits(self) -> bool:
        """Whether base models can be held in 4 bits."""
        return any(pin.name == "bitsandbytes" for pin in self.pins)


@dataclass(frozen=True, kw_only=True)
class EmbeddedModel:
    """A base model that comes inside a package of the ordinary index, so that no model hub is needed."""

    id: str
    title: str
    licence: str
    package: str
    version: str
    sha256: str
    """Of the wheel."""
    bytes: int
    """Size of the wheel."""
    member: str
    """Path of the GGUF file inside the wheel."""
    parameters: int
    source: str
    """Whose model it is."""


@dataclass(frozen=True, kw_only=True)
class Converter:
    """The package with llama.cpp's own converter to GGUF."""

    package: str
    version: str
    sha256: str
    bytes: int
    source: str


@dataclass(frozen=True, kw_only=True)
class Tools:
    """Packages that are unpacked beside the environment instead of being installed into it."""

    converter: Converter


@dataclass(frozen=True, kw_only=True)
class Mirror:
    """A place that has what an official one has."""

    kind: Literal["packages", "torch", "hub", "github", "python"]
    name: str
    url: str
    """May hold `{variant}`: `cu130`, `cpu`."""
    layout: Literal["simple", "find-links", "endpoint", "prefix"]
    region: str
    """`cn`; empty: anywhere."""
    source: str


@dataclass(frozen=True, kw_only=True)
class Offer:
    """What a part is on some machines. Empty tuples mean any."""

    systems: tuple[str, ...]
    torch: str
    """A release or the beginning of one (`2.13`); empty for any."""
    variants: tuple[str, ...]
    architectures: tuple[str, ...]
    """Compute capabilities with machine code."""
    ptx: tuple[str, ...]
    """PTX from there on."""
    oldest: str
    """Oldest compute capability, where the code is made on the machine; empty where `architectures` tell."""
    pythons: tuple[str, ...]
    package: str
    """A requirement, or a wheel's path under the part's `base`, with `{abi}` for `cp312`."""
    source: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Part:
    """An optional package that is installed only where it exists for the machine."""

    name: str
    """As `--with` names it."""
    title: str
    module: str
    """What Python imports."""
    missing: Both
    """What it would take where no offer fits."""
    source: tuple[str, ...]
    offers: tuple[Offer, ...]
    """The first that fits is taken."""
    base: str = ""
    """Address before the wheels' paths."""
    index: str = ""
    """`torch`: the stack's own index; or an address, which may hold `{variant}`; empty for the ordinary index."""
    needs: tuple[str, ...] = ()
    """Parts that it cannot do without."""
    dependencies: bool = True
    """Whether what it asks for in turn is installed too."""
    min_glibc: str = ""


@dataclass(frozen=True, kw_only=True)
class GpuModel:
    """A graphics card by its name."""

    name: str
    capability: str
    family: str
    laptop: bool
    memory_gib: tuple[str, ...]
    first_linux_driver: str
    """Empty where it is not known."""


@dataclass(frozen=True, kw_only=True)
class LlamaRelease:
    """A file of a llama.cpp release."""

    build: str
    system: str
    backend: str
    file: str
    runtime: str
    """The file with CUDA's libraries that it needs beside it; empty for none."""


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """All of wheels.toml. What few commands need is read when it is first asked for, and may then raise BadInput."""

    schema: int
    updated: datetime.date
    indexes: tuple[Index, ...]
    stacks: tuple[Stack, ...]
    """Best first."""
    models: tuple[EmbeddedModel, ...]
    """The first is the default."""
    tools: Tools
    tables: tuple[tuple[str, str], ...] = ()
    """The fact tables in text, by place in the file."""
    rest: str = ""
    """The text of the tables that are read when they are asked for."""
    file: str = ""
    """Where it was read from, for what is said about it."""

    @cached_property
    def facts(self) -> Facts:
        """What is known about builds of torch, drivers and bitsandbytes."""
        from doctor.catalogue.facts import Facts

        return Facts(dict(self.tables))

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """Optional packages. Raises BadInput."""
        from doctor.catalogue.later import read_parts

        return read_parts(self.rest, self.file)

    @cached_property
    def mirrors(self) -> tuple[Mirror, ...]:
        """Places beside the official ones. Raises BadInput."""
        from doctor.catalogue.later import read_mirrors

        return read_mirrors(self.rest, self.file)

    @cached_property
    def gpu_models(self) -> tuple[GpuModel, ...]:
        """Graphics cards by name. Raises BadInput."""
        from doctor.catalogue.later import read_gpu_models

        return read_gpu_models(self.rest, self.file)

    @cached_property
    def capabilities(self) -> dict[str, str]:
        """Compute capabilities by a card's plain name. Raises BadInput."""
        from doctor.catalogue.machine import plain_name

        return {plain_name(model.name): model.capability for model in self.gpu_models}

    @cached_property
    def llama_releases(self) -> tuple[LlamaRelease, ...]:
        """Files of llama.cpp's releases. Raises BadInput."""
        from doctor.catalogue.later import read_llama_releases

        return read_llama_releases(self.rest, self.file)

    def index_url(self, name: str) -> str:
        """The address of a named index. Raises KeyError."""
        for index in self.indexes:
            if index.name == name:
                return index.url
        raise KeyError(name)


def _spaced(specifier: str) -> str:
    """`<3.12` → `< '3.12'`, as a marker wants it."""
    operator = specifier.rstrip("0123456789.")
    return f"{operator} '{specifier.removeprefix(operator)}'"
