"""The facts of wheels.toml as the checker reads them: straight from the file. Shares no code with the doctor."""

from __future__ import annotations

import re
import tomllib
from collections import defaultdict
from dataclasses import dataclass, field
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


@cache
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
        return self._versions.get(name, "")

    @cached_property
    def _versions(self) -> dict[str, str]:
        return {pin: version for pin, version, _ in reversed(self.pins)}


@dataclass(frozen=True)
class Family:
    """An architecture of cards."""

    capabilities: tuple[str, ...]
    first_driver: dict[str, str]
    """By system: the driver of the first CUDA that knows it; left out where that is not known."""
    last_branch: str
    """Of drivers; empty: the newest knows it."""
    first_cuda: str
    """The first CUDA that can compile for it."""
    last_cuda: str
    """The last major version that can; empty: the newest can."""


@dataclass(frozen=True)
class Offer:
    """Where one package of an optional part can be had."""

    systems: frozenset[str]
    torch: str
    """A release, or the beginning of one; empty for all."""
    variants: frozenset[str]
    compiled: tuple[str, ...]
    portable: tuple[str, ...]
    oldest: str
    """Oldest capability, where no code is named."""
    pythons: frozenset[str]
    package: str
    """A requirement, or a file under the part's address with `{abi}` for `cp312`. Empty sets are for all."""


@dataclass(frozen=True)
class Part:
    """An optional part."""

    name: str
    base: str
    glibc: str
    needs: tuple[str, ...]
    offers: tuple[Offer, ...]


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
    families: tuple[Family, ...] = ()
    parts: dict[str, Part] = field(default_factory=dict)

    def knows(self, driver: str, capability: str, system: str) -> bool:
        """Whether a driver can show such a card: not older than its first CUDA, nor newer than its last branch."""
        family = self.family(capability)
        if family is None:
            return True
        first = family.first_driver.get(system, "")
        if first and older(driver, first):
            return False
        return not family.last_branch or number(driver)[0] <= number(family.last_branch)[0]

    def family(self, capability: str) -> Family | None:
        """The architecture of a card: the one that names it, else one of the same major version."""
        told = [each for each in self.families if capability in each.capabilities]
        major = number(capability)[0]
        alike = [each for each in self.families if any(number(c)[0] == major for c in each.capabilities)]
        found = told or alike[-1:]
        return found[0] if found else None

    def can_have_code(self, build: Build, capability: str) -> bool:
        """Whether a build of its CUDA version can have code for a card at all, whoever made it."""
        family = self.family(capability)
        if family is None:
            return True
        too_new = older(build.cuda, family.first_cuda)
        return not too_new and (not family.last_cuda or number(build.cuda)[0] <= number(family.last_cuda)[0])

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
        key = (row.pin("bitsandbytes"), row.system, row.cuda)
        if key not in self._loaded:
            self._loaded[key] = self._load(*key)
        return self._loaded[key]

    @cached_property
    def _loaded(self) -> dict[tuple[str, str, str], Library | None]:
        return {}

    def _load(self, version: str, system: str, cuda: str) -> Library | None:
        alike = self._alike.get((version, system, cuda.split(".")[0]), [])
        below = [each for each in alike if not older(cuda, each.cuda)]
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
    parts = {told["name"]: _part(told) for told in table["part"]}
    libraries, families = _libraries(table["bitsandbytes"]), _families(table["driver"])
    return Facts(rows, _builds(table["torch"]), drivers, libraries, nf4, families, parts)


def _cells(words: str) -> list[dict[str, str]]:
    """A table in text: a line of names, then a line a fact, `|` between cells, `-` for none."""
    if not words.strip():
        return []
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


def _families(table: dict[str, Any]) -> tuple[Family, ...]:
    toolkits = _cells(table["toolkits"])

    def first_driver(cuda: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for cells in toolkits:
            if cells["cuda"].rpartition(".")[0] == cuda:
                for system in ("windows", "linux"):
                    if cells[system] and (system not in found or older(cells[system], found[system])):
                        found[system] = cells[system]
        return found

    return tuple(
        Family(
            capabilities=tuple(cells["capabilities"].split()),
            first_driver=first_driver(cells["first cuda"]),
            last_branch=cells["last driver"],
            first_cuda=cells["first cuda"],
            last_cuda=cells["last cuda"],
        )
        for cells in _cells(table["families"])
    )


def _part(told: dict[str, Any]) -> Part:
    return Part(
        name=told["name"],
        base=told.get("base", ""),
        glibc=told.get("min_glibc", ""),
        needs=tuple(told.get("needs", ())),
        offers=tuple(_offer(cells) for cells in _cells(told.get("offers", ""))),
    )


def _offer(cells: dict[str, str]) -> Offer:
    def several(column: str) -> list[str]:
        return [] if cells[column] == "*" else cells[column].split()

    gpus = several("gpus")
    return Offer(
        systems=frozenset(several("system")),
        torch="" if cells["torch"] == "*" else cells["torch"],
        variants=frozenset(several("cuda")),
        compiled=tuple(word for word in gpus if not word.startswith("+") and not word.endswith("+")),
        portable=tuple(word[1:] for word in gpus if word.startswith("+")),
        oldest=next((word[:-1] for word in gpus if word.endswith("+")), ""),
        pythons=frozenset(several("pythons")),
        package=cells["package"],
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
