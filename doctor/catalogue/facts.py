"""Facts of the catalogue as frozen values: builds of torch, drivers, bitsandbytes, GPUs. Pure.

Stacks take what they can do from here, so that a plan cannot contradict a fact.
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from doctor.catalogue.tables import NUMBER, Lines, Refused, sources
from doctor.quick_dataclass import dataclass
from doctor.versions import at_least, numbers
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

COLUMNS: dict[str, tuple[str, ...]] = {
    "torch.releases": (
        "torch", "month", "pythons of windows", "pythons of linux", "glibc", "cuda of linux", "triton", "torchvision",
        "torchaudio", "numpy windows", "numpy linux", "abi", "gloo windows", "vc threads",
    ),
    "torch.variants": ("torch", "variants", "source"),
    "torch.builds": ("torch", "variant", "system", "code for", "ptx", "source"),
    "driver.minimum": ("cuda", "windows", "linux", "source"),
    "driver.toolkits": ("cuda", "windows", "linux"),
    "driver.families": ("family", "capabilities", "first cuda", "last cuda", "last driver"),
    "bitsandbytes.libraries": ("version", "system", "cuda", "code for", "ptx", "torch", "python"),
}  # fmt: skip
"""The tables in text of the facts, by place in the file, and their columns."""


@dataclass(frozen=True, kw_only=True)
class TorchRelease:
    """A release of torch as it was published."""

    version: str
    month: str
    windows_pythons: tuple[str, ...]
    linux_pythons: tuple[str, ...]
    glibc: str
    """Oldest glibc that the Linux wheels' tag allows; empty where the tag does not tell."""
    linux_cuda: str
    """CUDA of the default index's build for Linux; for Windows it is a CPU build in every release."""
    triton: str
    torchvision: tuple[str, ...]
    """Releases that take this torch."""
    torchaudio: str
    """The release that belongs to it; empty since there is none any more."""
    windows_numpy: str
    """Newest major version of numpy that the wheel works with; empty where it was not read."""
    linux_numpy: str
    new_abi: bool
    """Linux: built with C++11's strings, as are the extensions that it can load."""
    windows_gloo: bool | None
    """Windows: gloo has a transport, without which several GPUs cannot work together; None where it was not read."""
    windows_vc_threads: bool | None
    """Windows: needs vcruntime140_threads.dll."""

    @property
    def source(self) -> str:
        return f"PyPI torch {self.version}"

    def pythons(self, system: str) -> tuple[str, ...]:
        return self.windows_pythons if system == "windows" else self.linux_pythons


@dataclass(frozen=True, kw_only=True)
class TorchBuild:
    """What one variant of a release was compiled for."""

    torch: str
    """The release without its last number: `2.13`."""
    variant: str
    """`cu130`."""
    system: str
    architectures: tuple[str, ...]
    """Compute capabilities with machine code."""
    ptx: tuple[str, ...]
    source: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TorchVariants:
    """The variants of a release that PyTorch's own index has."""

    torch: str
    variants: tuple[str, ...]
    source: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class DriverMinimum:
    """The oldest driver that runs programs of a CUDA major version."""

    cuda: str
    windows: str
    linux: str
    source: tuple[str, ...]

    def of(self, system: str) -> str:
        return self.windows if system == "windows" else self.linux


@dataclass(frozen=True, kw_only=True)
class Toolkit:
    """The driver that came with a CUDA toolkit; empty where none did."""

    cuda: str
    windows: str
    linux: str


@dataclass(frozen=True, kw_only=True)
class Family:
    """An architecture of GPUs and the software that knows it."""

    name: str
    capabilities: tuple[str, ...]
    first_cuda: str
    last_cuda: str
    """Empty: the newest knows it."""
    last_driver: str
    """Branch; empty: the newest knows it."""


@dataclass(frozen=True, kw_only=True)
class Library:
    """The CUDA libraries of one bitsandbytes wheel that were compiled alike."""

    version: str
    system: str
    variants: tuple[str, ...]
    """`cu126`."""
    architectures: tuple[str, ...]
    ptx: tuple[str, ...]
    torch: str
    """Oldest torch that the wheel takes; empty for any."""
    python: str
    """Oldest Python; empty for any."""

    @property
    def source(self) -> str:
        return f"PyPI bitsandbytes {self.version}"


class Facts:
    """The fact tables of a catalogue, typed. Raises Refused when a line is not right."""

    def __init__(self, tables: Mapping[str, str]) -> None:
        self._words = tables
        self._tables: dict[str, Lines] = {}
        self._known: dict[tuple[str, ...], Any] = {}

    def _lines(self, name: str) -> Lines:
        if name not in self._tables:
            words = self._words.get(name)
            self._tables[name] = Lines(name, words or " | ".join(COLUMNS[name]), COLUMNS[name])
        return self._tables[name]

    def release(self, version: str) -> TorchRelease | None:
        """A release by its whole number: `2.13.0`."""
        found: TorchRelease | None = self._once(
            ("release", version), lambda: self._one("torch.releases", version, _release)
        )
        return found

    def build(self, torch: str, variant: str, system: str) -> TorchBuild | None:
        """What a build (`2.13`, `cu130`, `windows`) was compiled for; None where that is not known."""
        found: dict[tuple[str, str], TorchBuild] = self._once(
            ("builds", torch),
            lambda: {
                (cells["variant"], cells["system"]): _build(cells) for cells in self._lines("torch.builds").of(torch)
            },
        )
        return found.get((variant, system))

    def minimum_driver(self, cuda: str) -> DriverMinimum | None:
        """By CUDA version: `12.8`."""
        major = cuda.partition(".")[0]
        found: DriverMinimum | None = self._once(
            ("driver", major), lambda: self._one("driver.minimum", major, _minimum)
        )
        return found

    def library(self, version: str, system: str, variant: str) -> Library | None:
        """The library that bitsandbytes loads for torch's CUDA: its own; else the highest below it within the major
        version; else the lowest above."""
        libraries: tuple[Library, ...] = self._once(
            ("libraries", version), lambda: tuple(map(_library, self._lines("bitsandbytes.libraries").of(version)))
        )
        wanted = _digits(variant)
        found = {_digits(each): one for one in libraries if one.system == system for each in one.variants}
        same = [number for number in found if number // 10 == wanted // 10]
        below = [number for number in same if number <= wanted]
        return found[max(below) if below else min(same)] if same else None

    def _once(self, key: tuple[str, ...], make: Callable[[], Any]) -> Any:
        if key not in self._known:
            self._known[key] = make()
        return self._known[key]

    def _one(self, table: str, first: str, make: Callable[[dict[str, str]], Any]) -> Any:
        return next(map(make, self._lines(table).of(first)), None)

    @cached_property
    def releases(self) -> tuple[TorchRelease, ...]:
        return tuple(map(_release, self._lines("torch.releases")))

    @cached_property
    def builds(self) -> tuple[TorchBuild, ...]:
        return tuple(map(_build, self._lines("torch.builds")))

    @cached_property
    def variants(self) -> tuple[TorchVariants, ...]:
        return tuple(
            TorchVariants(
                torch=cells["torch"], variants=tuple(cells["variants"].split()), source=sources(cells["source"])
            )
            for cells in self._lines("torch.variants")
        )

    @cached_property
    def minimum_drivers(self) -> tuple[DriverMinimum, ...]:
        return tuple(map(_minimum, self._lines("driver.minimum")))

    @cached_property
    def toolkits(self) -> tuple[Toolkit, ...]:
        return tuple(
            Toolkit(cuda=cells["cuda"], windows=cells["windows"], linux=cells["linux"])
            for cells in self._lines("driver.toolkits")
        )

    @cached_property
    def families(self) -> tuple[Family, ...]:
        return tuple(
            Family(
                name=cells["family"],
                capabilities=_numbers("driver.families", cells, "capabilities"),
                first_cuda=cells["first cuda"],
                last_cuda=cells["last cuda"],
                last_driver=cells["last driver"],
            )
            for cells in self._lines("driver.families")
        )

    @cached_property
    def libraries(self) -> tuple[Library, ...]:
        return tuple(map(_library, self._lines("bitsandbytes.libraries")))


@lru_cache(maxsize=4096)
def covers(architectures: tuple[str, ...], compute_capability: str) -> bool:
    """Whether machine code for one of the architectures runs on a GPU: same major, minor not above the GPU's."""
    major, minor = _pair(compute_capability)
    return any(have == major and low <= minor for have, low in map(_pair, architectures))


@lru_cache(maxsize=4096)
def library_covers(architectures: tuple[str, ...], ptx: tuple[str, ...], compute_capability: str) -> bool:
    """The same for a library that brings all of its own kernels, which PTX carries on to newer GPUs."""
    return covers(architectures, compute_capability) or any(at_least(compute_capability, low) for low in ptx)


def _release(cells: dict[str, str]) -> TorchRelease:
    truth = {"yes": True, "no": False}
    return TorchRelease(
        version=cells["torch"],
        month=cells["month"],
        windows_pythons=tuple(cells["pythons of windows"].split()),
        linux_pythons=tuple(cells["pythons of linux"].split()),
        glibc=cells["glibc"],
        linux_cuda=cells["cuda of linux"],
        triton=cells["triton"],
        torchvision=tuple(cells["torchvision"].split()),
        torchaudio=cells["torchaudio"],
        windows_numpy=cells["numpy windows"],
        linux_numpy=cells["numpy linux"],
        new_abi=cells["abi"] == "new",
        windows_gloo=truth.get(cells["gloo windows"]),
        windows_vc_threads=truth.get(cells["vc threads"]),
    )


def _build(cells: dict[str, str]) -> TorchBuild:
    return TorchBuild(
        torch=cells["torch"],
        variant=cells["variant"],
        system=cells["system"],
        architectures=_numbers("torch.builds", cells, "code for"),
        ptx=_numbers("torch.builds", cells, "ptx"),
        source=sources(cells["source"]),
    )


def _minimum(cells: dict[str, str]) -> DriverMinimum:
    _numbers("driver.minimum", cells, "windows", "linux")
    return DriverMinimum(
        cuda=cells["cuda"], windows=cells["windows"], linux=cells["linux"], source=sources(cells["source"])
    )


def _library(cells: dict[str, str]) -> Library:
    return Library(
        version=cells["version"],
        system=cells["system"],
        variants=tuple(cells["cuda"].split()),
        architectures=_numbers("bitsandbytes.libraries", cells, "code for"),
        ptx=_numbers("bitsandbytes.libraries", cells, "ptx"),
        torch=cells["torch"],
        python=cells["python"],
    )


def _numbers(table: str, cells: dict[str, str], *columns: str) -> tuple[str, ...]:
    """The numbers of some cells, each looked at: what is no number would fail far from here."""
    for column in columns:
        for word in cells[column].split():
            if not NUMBER.fullmatch(word):
                raise Refused(f"{table} {next(iter(cells.values()))}", column, text("catalogue.bad_form", value=word))
    return tuple(cells[columns[0]].split())


def _pair(words: str) -> tuple[int, int]:
    found = (*numbers(words), 0)
    return found[0], found[1]


def _digits(variant: str) -> int:
    """126 of `cu126`: the last digit is the minor number."""
    return int(variant.removeprefix("cu"))
