"""The facts of wheels.toml as the checker reads them: straight from the file. Shares no code with the doctor."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Number = tuple[int, ...]


def number(words: str) -> Number:
    """`570.124.06` → (570, 124, 6); what stands behind the leading dotted number is left out. Raises ValueError."""
    found = re.match(r"\d+(\.\d+)*", words)
    if not found:
        raise ValueError(words)
    return tuple(int(part) for part in found[0].split("."))


def older(have: str, than: str) -> bool:
    """Whether a version is older, part by part; parts that are missing count as 0."""
    left, right = number(have), number(than)
    width = max(len(left), len(right))
    return left + (0,) * (width - len(left)) < right + (0,) * (width - len(right))


def allows(specifier: str, python: str) -> bool:
    """Whether a specifier such as `<3.12` lets a Python in; an empty one lets all."""
    if not specifier:
        return True
    operator = specifier.rstrip("0123456789.")
    bound = specifier.removeprefix(operator)
    is_older, is_newer = older(python, bound), older(bound, python)
    return {"<": is_older, ">": is_newer, "==": not (is_older or is_newer), "<=": not is_newer, ">=": not is_older}[
        operator
    ]


def runs(capability: str, compiled: Iterable[str], portable: Iterable[str] = ()) -> bool:
    """Whether machine code for `compiled`, or PTX of `portable`, runs on a card.

    Machine code runs within its major version from its own minor upward; PTX is translated for anything newer.
    """
    major, minor = (*number(capability), 0)[:2]
    for code in compiled:
        have, least = (*number(code), 0)[:2]
        if have == major and least <= minor:
            return True
    return any((*number(code), 0)[:2] <= (major, minor) for code in portable)


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
    companions: dict[str, str] = field(default_factory=dict)
    """torchvision and torchaudio that go with it."""

    @property
    def cuda(self) -> str:
        """`13.0` for cu130; empty for the CPU."""
        digits = self.variant.removeprefix("cu")
        return f"{digits[:-1]}.{digits[-1]}" if digits.isdigit() else ""

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


@dataclass(frozen=True)
class Row:
    """A stack as the file has it."""

    id: str
    status: str
    device: str
    system: str
    machines: tuple[str, ...]
    pythons: tuple[str, ...]
    pins: tuple[tuple[str, str, str], ...]
    """Name, version, and the Pythons it is for as a specifier."""
    smoke: tuple[str, ...]
    index: str
    cuda: str
    min_driver: str = ""
    """Where the row asks for a newer driver than its CUDA does."""

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
    requires_python: dict[tuple[str, str], str]
    """Oldest Python by package and version."""

    def python_needs(self, row: Row, python: str) -> list[tuple[str, str, str]]:
        """Name, version and oldest Python of every package that the row asks for under that Python."""
        pins = ((name, version) for name, version, wanted in row.pins if allows(wanted, python))
        return [(*pin, self.requires_python[pin]) for pin in pins if pin in self.requires_python]

    def build(self, row: Row) -> Build | None:
        """The torch that a row installs; None: nobody publishes it."""
        version, _, variant = row.torch.partition("+")
        return self.builds.get((version, variant or "cpu", row.system))

    def nf4(self, row: Row, capability: str) -> bool:
        """Whether bitsandbytes' library for the row's CUDA computes NF4 on a card.

        It takes the library of torch's own CUDA version, else the newest older one of the same major, else the oldest
        newer one.
        """
        version = row.pin("bitsandbytes")
        have = [each for each in self.libraries if each.version == version and each.system == row.system]
        alike = [each for each in have if each.cuda.split(".")[0] == row.cuda.split(".")[0]]
        below = [each for each in alike if not older(row.cuda, each.cuda)]
        if not have and not self.libraries:
            return not older(capability, self.nf4_capability)
        if not alike:
            return False
        taken = max(below, key=lambda each: number(each.cuda)) if below else min(alike, key=lambda e: number(e.cuda))
        return runs(capability, taken.compiled, taken.portable) and not older(capability, self.nf4_capability)


def read_facts(file: Path) -> Facts:
    """The facts of a wheels.toml."""
    table = tomllib.loads(file.read_text(encoding="utf-8"))
    rows = {row["id"]: _row(row, table) for row in table["stack"]}
    builds: dict[tuple[str, str, str], Build] = {}
    drivers: dict[tuple[str, str], str] = {}
    for row, told in zip(rows.values(), table["stack"], strict=True):
        version, _, variant = row.torch.partition("+")
        builds[version, variant or "cpu", row.system] = Build(
            torch=version,
            variant=variant or "cpu",
            system=row.system,
            pythons=frozenset(row.pythons),
            compiled=tuple(told.get("architectures", ())),
            glibc=told["needs"].get("min_glibc", ""),
        )
        if row.cuda:
            key = (row.cuda.split(".")[0], row.system)
            least = told["needs"]["min_driver"]
            drivers[key] = least if key not in drivers or older(least, drivers[key]) else drivers[key]
    return Facts(rows, builds, drivers, (), "6.0", {})


def _row(told: dict[str, Any], table: dict[str, Any]) -> Row:
    named = table.get("sets", {}).get(told.get("set", ""), {}).get("packages", {})
    packages = {**named, **told["packages"]}
    pins: list[tuple[str, str, str]] = []
    for name, value in packages.items():
        for part in value if isinstance(value, list) else [value]:
            pins.append((name, part, "") if isinstance(part, str) else (name, part["version"], part.get("python", "")))
    return Row(
        id=told["id"],
        status=told["status"],
        device=told["device"],
        system=told["needs"]["os"],
        machines=tuple(told["needs"]["machines"]),
        pythons=tuple(told["needs"]["pythons"]),
        pins=tuple(pins),
        smoke=tuple(told["smoke"]),
        index=told.get("index", ""),
        cuda=told.get("cuda", ""),
        min_driver=told["needs"].get("min_driver", ""),
    )
