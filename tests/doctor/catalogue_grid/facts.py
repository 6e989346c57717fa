"""The facts of wheels.toml as the checker reads them: straight from the file. Shares no code with the doctor."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

Number = tuple[int, ...]


@cache
def number(words: str) -> Number:
    """`570.124.06` → (570, 124, 6); what stands behind the leading dotted number is left out. Raises ValueError."""
    found = re.match(r"\d+(\.\d+)*", words)
    if not found:
        raise ValueError(words)
    return tuple(int(part) for part in found[0].split("."))


@cache
def older(have: str, than: str) -> bool:
    """Whether a version is older, part by part; parts that are missing count as 0."""
    left, right = number(have), number(than)
    width = max(len(left), len(right))
    return left + (0,) * (width - len(left)) < right + (0,) * (width - len(right))


@cache
def runs(capability: str, compiled: tuple[str, ...], portable: tuple[str, ...] = ()) -> bool:
    """Whether machine code for `compiled`, or PTX of `portable`, runs on a card.

    Machine code runs within its major version from its own minor upward; PTX is translated for anything newer.
    """
    major, minor = (*number(capability), 0)[:2]
    for code in compiled:
        have, least = (*number(code), 0)[:2]
        if have == major and least <= minor:
            return True
    return any((*number(code), 0)[:2] <= (major, minor) for code in portable)


def cuda_of(variant: str) -> str:
    """`13.0` for `cu130`; empty for the CPU."""
    digits = variant.removeprefix("cu")
    return f"{digits[:-1]}.{digits[-1]}" if digits.isdigit() else ""


@dataclass(frozen=True)
class Build:
    """One build of torch as its index has it."""

    torch: str
    """Without the local tag: `2.13.0`."""
    variant: str
    """`cu130`, `cpu`."""
    system: str
    pythons: frozenset[str]
    compiled: tuple[str, ...] = ()
    portable: tuple[str, ...] = ()
    """PTX."""
    gloo: bool = True
    """gloo has a transport: two processes can talk."""
    numpy_2: bool = True
    glibc: str = ""
    torchvision: frozenset[str] = frozenset()
    """Releases that go with it; empty where that is not known."""
    torchaudio: str = ""

    @property
    def cuda(self) -> str:
        """`13.0` for cu130; empty for the CPU."""
        return cuda_of(self.variant)

    @property
    def cuda_major(self) -> str:
        """`13`; empty for the CPU."""
        return self.cuda.split(".")[0]


@dataclass(frozen=True)
class Library:
    """One CUDA library inside a bitsandbytes wheel."""

    version: str
    system: str
    cuda: str
    compiled: tuple[str, ...]
    portable: tuple[str, ...] = ()
    torch: str = ""
    """Oldest torch that it takes."""
    python: str = ""


@dataclass(frozen=True)
class Row:
    """A stack as the file has it."""

    id: str
    status: str
    system: str
    variant: str
    """`cu130`, `cpu`."""
    index: str
    """Address of torch's index; empty for the ordinary one."""
    pins: tuple[tuple[str, str, str], ...]
    """Name, version, and the Pythons it is for as a specifier."""
    pythons: tuple[str, ...]
    """Those that the row lets in."""
    set_pythons: frozenset[str]
    """Those that every package of its set has a wheel for."""
    set_torch: str
    """Oldest torch that its set takes."""
    glibc: str
    """Oldest that its set takes."""
    min_driver: str = ""
    """Where the row asks for a newer driver than its CUDA does."""
    min_compute: str = ""

    @property
    def device(self) -> str:
        """`cpu` or `cuda`."""
        return "cpu" if self.variant == "cpu" else "cuda"

    @property
    def cuda(self) -> str:
        """`13.0`; empty on a CPU row."""
        return cuda_of(self.variant)

    @property
    def torch(self) -> str:
        """With the local tag."""
        return self.pin("torch")

    def pin(self, name: str) -> str:
        """The version that is asked for; empty where it is not."""
        return next((version for pin, version, _ in self.pins if pin == name), "")


@dataclass(frozen=True)
class Facts:
    """What the checker knows."""

    rows: dict[str, Row]
    """Best first."""
    builds: dict[tuple[str, str, str], Build]
    """By torch, variant and system."""
    drivers: dict[tuple[str, str], str]
    """Oldest driver by CUDA's major version and system."""
    libraries: tuple[Library, ...]
    nf4_capability: str

    def build(self, row: Row) -> Build | None:
        """The torch that a row installs; None: nobody publishes it."""
        version, _, variant = row.torch.partition("+")
        return self.builds.get((version, variant or "cpu", row.system))

    @cached_property
    def _alike(self) -> dict[tuple[str, str, str], list[Library]]:
        """Libraries by version, system and CUDA major."""
        found: dict[tuple[str, str, str], list[Library]] = defaultdict(list)
        for each in self.libraries:
            found[each.version, each.system, each.cuda.split(".")[0]].append(each)
        return found

    def library(self, row: Row) -> Library | None:
        """What bitsandbytes loads: the library of torch's own CUDA version, else the newest older one of the same
        major, else the oldest newer one.
        """
        alike = self._alike.get((row.pin("bitsandbytes"), row.system, row.cuda.split(".")[0]), [])
        below = [each for each in alike if not older(row.cuda, each.cuda)]
        if below:
            return max(below, key=lambda each: number(each.cuda))
        return min(alike, key=lambda each: number(each.cuda)) if alike else None

    def nf4(self, row: Row, capability: str) -> bool:
        """Whether bitsandbytes computes NF4 on a card."""
        library = self.library(row)
        if library is None or older(capability, self.nf4_capability):
            return False
        return runs(capability, library.compiled, library.portable)


def read_facts(file: Path) -> Facts:
    """The facts of a wheels.toml."""
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    rows = {row["id"]: _row(row, table) for row in table["stack"]}
    drivers = {
        (cells["cuda"], system): cells[system]
        for cells in _cells(table["driver"]["minimum"])
        for system in ("windows", "linux")
    }
    nf4 = table["bitsandbytes"]["nf4_capability"]
    return Facts(rows, _builds(table["torch"]), drivers, _libraries(table["bitsandbytes"]), nf4)


def _cells(words: str) -> list[dict[str, str]]:
    """A table in text: a line of names, then a line a fact, `|` between cells, `-` for none."""
    names, *lines = ([cell.strip() for cell in line.split("|")] for line in words.splitlines() if line.strip())
    return [dict(zip(names, ("" if cell == "-" else cell for cell in line), strict=True)) for line in lines]


def _builds(table: dict[str, Any]) -> dict[tuple[str, str, str], Build]:
    variants = {cells["torch"]: cells["variants"].split() for cells in _cells(table["variants"])}
    compiled = {(cells["torch"], cells["variant"], cells["system"]): cells for cells in _cells(table["builds"])}
    builds: dict[tuple[str, str, str], Build] = {}
    for cells in _cells(table["releases"]):
        version = cells["torch"]
        short = version.rpartition(".")[0]
        for system, variant in ((s, v) for s in ("windows", "linux") for v in (*variants.get(short, ()), "cpu")):
            code = compiled.get((short, variant, system), {"code for": "", "ptx": ""})
            builds[version, variant, system] = Build(
                torch=version,
                variant=variant,
                system=system,
                pythons=frozenset(cells[f"pythons of {system}"].split()),
                compiled=tuple(code["code for"].split()),
                portable=tuple(code["ptx"].split()),
                gloo=system == "linux" or cells["gloo windows"] != "no",
                numpy_2=cells[f"numpy {system}"] != "1",
                glibc=cells["glibc"] if system == "linux" else "",
                torchvision=frozenset(cells["torchvision"].split()),
                torchaudio=cells["torchaudio"],
            )
    return builds


def _libraries(table: dict[str, Any]) -> tuple[Library, ...]:
    return tuple(
        Library(
            version=cells["version"],
            system=cells["system"],
            cuda=f"{variant[2:-1]}.{variant[-1]}",
            compiled=tuple(cells["code for"].split()),
            portable=tuple(cells["ptx"].split()),
            torch=cells["torch"],
            python=cells["python"],
        )
        for cells in _cells(table["libraries"])
        for variant in cells["cuda"].split()
    )


def _row(told: dict[str, Any], table: dict[str, Any]) -> Row:
    named = table["sets"].get(told.get("set", ""), {"packages": {}, "pythons": [], "glibc": "", "torch": ""})
    own = {"torch": told["torch"]} | ({"bitsandbytes": told["bitsandbytes"]} if "bitsandbytes" in told else {})
    packages = {**named["packages"], **own, **told.get("packages", {})}
    pins: list[tuple[str, str, str]] = []
    for name, value in packages.items():
        for part in value if isinstance(value, list) else [value]:
            pins.append((name, part, "") if isinstance(part, str) else (name, part["version"], part.get("python", "")))
    variant = told["torch"].partition("+")[2]
    return Row(
        id=told["id"],
        status=told["status"],
        system=told["system"],
        variant=variant or "cpu",
        index=table["indexes"][f"torch-{variant}"] if variant else "",
        pins=tuple(pins),
        pythons=tuple(told.get("pythons", named["pythons"])),
        set_pythons=frozenset(named["pythons"]),
        set_torch=named["torch"],
        glibc=named["glibc"],
        min_driver=told.get("min_driver", ""),
        min_compute=told.get("min_compute", ""),
    )
