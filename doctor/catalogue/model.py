"""Rows of wheels.toml as frozen values: packages known to work together, and where they come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    import datetime

CATALOGUE_VERSION = 1

Device = Literal["cpu", "cuda"]
Status = Literal["recommended", "supported", "withdrawn"]
SystemName = Literal["windows", "linux"]

PROOFS: tuple[str, ...] = ("import", "matmul", "attention", "nf4", "train", "gguf")
"""Names that a row's `smoke` may use; `trainer/smoke.py` has one proof for each."""


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

    @property
    def torch(self) -> str:
        """The torch version, local tag included."""
        return next(pin.version for pin in self.pins if pin.name == "torch")


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
class Catalogue:
    """All of wheels.toml."""

    schema: int
    updated: datetime.date
    indexes: tuple[Index, ...]
    stacks: tuple[Stack, ...]
    """Best first."""
    models: tuple[EmbeddedModel, ...]
    """The first is the default."""
    tools: Tools

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
