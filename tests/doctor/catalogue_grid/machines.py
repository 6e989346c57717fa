"""Made-up machines for the proof of the resolver: a full grid, and odd ones that are drawn with a seed.

A machine is plain data. The checker reads it as it is; the resolver gets the snapshot that is made of it.
"""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from doctor.snapshot.model import Absent, Gpu, NvidiaDriver, Setting, Unknown
from tests.machines_made_up import NOT_ASKED, machine, python

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.snapshot.model import Snapshot

MIG = "MIG-9f1c2d3e-4b5a-5678-9abc-def012345678"


@dataclass(frozen=True)
class Card:
    """A graphics card. The PCI id is what programs without a driver see of it."""

    name: str
    capability: str
    """Empty: nobody knows."""
    pci: str = ""
    told: bool = True
    """Whether the driver tells the capability."""


@dataclass(frozen=True)
class Machine:
    """All that decides which packages fit a machine."""

    system: Literal["windows", "linux"]
    release: str = ""
    """`10`, `11`; told in reports alone."""
    glibc: str = ""
    """Linux; empty where it does not tell."""
    wsl: Literal[0, 1, 2] = 0
    python: str = "3.12"
    driver: str = ""
    """Empty: not known."""
    cards: tuple[Card, ...] = ()
    visible: str | None = None
    """CUDA_VISIBLE_DEVICES; None: not set."""
    order: str = ""
    """CUDA_DEVICE_ORDER; empty: not set."""
    processor: str = "x86_64"
    libc: str = "glibc"

    @property
    def label(self) -> str:
        """One line that says which machine it is."""
        place = f"Windows {self.release}" if self.system == "windows" else f"Linux, {self.libc} {self.glibc or '?'}"
        wsl = f", WSL {self.wsl}" if self.wsl else ""
        cards = " + ".join(card.name for card in self.cards) or "no GPU"
        shown = "" if self.visible is None else f", CUDA_VISIBLE_DEVICES={self.visible!r} {self.order}".rstrip()
        return f"{cards}; driver {self.driver or '?'}; Python {self.python}; {place}{wsl}{shown}"

    def facts(self) -> dict[str, Any]:
        """As the checker takes it."""
        return {
            "system": self.system,
            "wsl": self.wsl,
            "processor": self.processor,
            "libc": self.libc,
            "glibc": self.glibc,
            "driver": self.driver,
            "capabilities": [card.capability for card in self.cards],
            "told": [card.told for card in self.cards],
            "uuids": [uuid(place) for place, _ in enumerate(self.cards)],
            "visible": self.visible,
            "order": self.order,
        }

    def snapshot(self) -> Snapshot:
        """As the doctor would have seen it."""
        gpus = tuple(_gpu(card, place) for place, card in enumerate(self.cards))
        driver = NvidiaDriver(version=self.driver or Unknown("not told"), cuda_version=NOT_ASKED, gpus=gpus)
        variables = {"CUDA_VISIBLE_DEVICES": self.visible, "CUDA_DEVICE_ORDER": self.order or None}
        return machine(
            system=self.system,
            nvidia=driver if self.cards else Absent(),
            architecture="AMD64" if self.system == "windows" and self.processor == "x86_64" else self.processor,
            libc=f"{self.libc} {self.glibc}" if self.glibc else Unknown("not told"),
            wsl=self.wsl,
            interpreter=python(f"{self.python}.4"),
            settings=tuple(
                Setting(name=name, value=value, origin="environment")
                for name, value in variables.items()
                if value is not None
            ),
        )


def uuid(place: int) -> str:
    """Of the card at that place."""
    return f"GPU-{place:08d}-0000-0000-0000-000000000000"


def _gpu(card: Card, place: int) -> Gpu:
    return Gpu(
        index=place,
        name=card.name,
        uuid=uuid(place),
        compute_capability=card.capability if card.told and card.capability else Unknown("not told"),
        memory_total_mib=16384,
        memory_free_mib=16000,
        driver_model="none",
        pci_bus=NOT_ASKED,
    )


# PCI ids: NVIDIA's open kernel modules (Turing and newer) and the PCI id database (older).
GTX_980_TI = Card("NVIDIA GeForce GTX 980 Ti", "5.2", "17c8")
GTX_1080_TI = Card("NVIDIA GeForce GTX 1080 Ti", "6.1", "1b06")
GTX_1060 = Card("NVIDIA GeForce GTX 1060 6GB", "6.1", "1c03")
P100 = Card("Tesla P100-PCIE-16GB", "6.0", "15f8")
P40 = Card("Tesla P40", "6.1", "1b38")
V100 = Card("Tesla V100-PCIE-16GB", "7.0", "1db4")
TITAN_V = Card("NVIDIA TITAN V", "7.0", "1d81")
RTX_2060 = Card("NVIDIA GeForce RTX 2060", "7.5", "1f08")
GTX_1660_TI = Card("NVIDIA GeForce GTX 1660 Ti", "7.5", "2182")
T4 = Card("Tesla T4", "7.5", "1eb8")
A100 = Card("NVIDIA A100-SXM4-40GB", "8.0", "20b0")
RTX_3050 = Card("NVIDIA GeForce RTX 3050", "8.6", "2507")
RTX_3090 = Card("NVIDIA GeForce RTX 3090", "8.6", "2204")
A10 = Card("NVIDIA A10", "8.6", "2236")
RTX_4060_LAPTOP = Card("NVIDIA GeForce RTX 4060 Laptop GPU", "8.9", "28e0")
RTX_4090 = Card("NVIDIA GeForce RTX 4090", "8.9", "2684")
L4 = Card("NVIDIA L4", "8.9", "27b8")
H100 = Card("NVIDIA H100 PCIe", "9.0", "2331")
H200 = Card("NVIDIA H200", "9.0", "2335")
B200 = Card("NVIDIA B200", "10.0", "2901")
B300 = Card("NVIDIA B300 SXM6 AC", "10.3", "3182")
RTX_5060_TI = Card("NVIDIA GeForce RTX 5060 Ti", "12.0", "2d04")
RTX_5090 = Card("NVIDIA GeForce RTX 5090", "12.0", "2b85")
RTX_PRO_6000 = Card("NVIDIA RTX PRO 6000 Blackwell Workstation Edition", "12.0", "2bb1")

SINGLE = (
    *(GTX_1080_TI, GTX_1060, P100, P40, V100, TITAN_V, RTX_2060, GTX_1660_TI, T4, A100, RTX_3050, RTX_3090, A10),
    *(RTX_4060_LAPTOP, RTX_4090, L4, H100, H200, B200, B300, RTX_5060_TI, RTX_5090, RTX_PRO_6000),
)
"""Every generation since Pascal."""
PAIRS = (
    *((card, card) for card in (GTX_1080_TI, P100, V100, RTX_2060, A100, RTX_3090, RTX_4090, H100, B200, RTX_5060_TI)),
    (RTX_5060_TI, GTX_1080_TI),
    (V100, RTX_5090),
    (RTX_3090, RTX_4090),
    (P100, V100),
    (P100, A100),
    (GTX_1080_TI, RTX_3090),
    (RTX_2060, RTX_5090),
    (H100, B200),
)
CARDS: tuple[tuple[Card, ...], ...] = (*((card,) for card in SINGLE), *PAIRS)
GENERATIONS = frozenset({card.capability: (card,) for card in reversed(SINGLE)}.values())
"""One card for each capability."""

DRIVERS = {
    "windows": (
        *("452.38", "452.39", "457.09", "471.96", "528.24", "528.33", "528.49", "551.61", "566.36", "570.64", "570.65"),
        *("572.16", "576.80", "579.99", "580", "580.88", "591.44", "610.47"),
    ),
    "linux": (
        *("450.80.01", "450.80.02", "470.256.02", "525.60.12", "525.60.13", "525.60.14", "535.183.06", "550.144.03"),
        *("560.35.05", "570.25", "570.26", "570.124.06", "575.57.08", "579.99", "580", "580.95.05", "590.48.01"),
        "595.71.05",
    ),
}
"""Oldest first: the minima of each CUDA major, one below, one above, and what people have in between."""
PYTHONS = ("3.9", "3.10", "3.11", "3.12", "3.13", "3.14")
SYSTEMS = (
    Machine("windows", release="10"),
    Machine("windows", release="11"),
    Machine("linux", glibc="2.17"),
    Machine("linux", glibc="2.28"),
    Machine("linux", glibc="2.35"),
    Machine("linux", glibc="2.35", wsl=1),
    Machine("linux", glibc="2.35", wsl=2),
)


COMPLETE = (SYSTEMS[1], SYSTEMS[4], SYSTEMS[6])


def grid() -> Iterator[Machine]:
    """Every system × cards × driver × Python, complete for one card of each capability on Windows 11, Linux and WSL 2.

    Elsewhere the Pythons take turns: each set of cards still meets every driver on every system, and every Python.
    """
    for system, (row, cards) in itertools.product(SYSTEMS, enumerate(CARDS)):
        drivers = drivers_of(system)
        for place, driver in enumerate(drivers):
            every = (cards in GENERATIONS and system in COMPLETE) or place == len(drivers) - 2
            for version in PYTHONS if every else (PYTHONS[(place + row) % len(PYTHONS)],):
                yield replace(system, cards=cards, driver=driver, python=version)
    for system, version in itertools.product(SYSTEMS, PYTHONS):
        yield replace(system, python=version)


def drivers_of(system: Machine) -> tuple[str, ...]:
    """Drivers for a system, oldest first. WSL has the driver of its Windows."""
    return DRIVERS["windows" if system.wsl else system.system]


def odd_machines(count: int, seed: int = 20261121) -> Iterator[Machine]:
    """What the grid leaves out: unknown facts, MIG, three cards, every spelling of CUDA_VISIBLE_DEVICES."""
    draw = random.Random(seed)
    every = (*SINGLE, GTX_980_TI, Card("NVIDIA GeForce RTX 6090", ""), Card("NVIDIA Tesla K80", "3.7", "102d"))
    for _ in range(count):
        system = draw.choice(SYSTEMS)
        cards = tuple(draw.choice(every) for _ in range(draw.choice((1, 1, 2, 2, 3, 4))))
        if draw.random() < 0.15:
            place = draw.randrange(len(cards))
            cards = (*cards[:place], replace(cards[place], told=False), *cards[place + 1 :])
        glibc = draw.choice((system.glibc, system.glibc, ""))
        yield replace(
            system,
            cards=cards,
            driver=draw.choice((*drivers_of(system), *drivers_of(system), "", "unknown words")),
            python=draw.choice(PYTHONS),
            visible=draw.choice(_spellings(draw, len(cards))),
            order=draw.choice(("", "", "PCI_BUS_ID", "FASTEST_FIRST")),
            processor=draw.choice(("x86_64",) * 8 + ("aarch64",)),
            glibc=glibc,
            libc="musl" if glibc and draw.random() < 0.05 else "glibc",
        )


def _spellings(draw: random.Random, count: int) -> tuple[str | None, ...]:
    last = count - 1
    anywhere = draw.randrange(count)
    return (
        *(None,) * 8,
        *("", "-1", "0", str(last), str(anywhere), str(count), f" {last}", f"{anywhere},{anywhere}"),
        ",".join(str(place) for place in range(count)),
        ", ".join(str(place) for place in reversed(range(count))),
        f"{anywhere},-1,0",
        f"{anywhere},{count + 3},0",
        uuid(anywhere),
        uuid(anywhere).lower(),
        uuid(anywhere)[:12],
        f"{uuid(last)},{uuid(0)}" if last else uuid(0),
        f"{uuid(anywhere)},nonsense",
        "GPU-",
        *("GPU-ffffffff", MIG, f"MIG-{uuid(anywhere)}/1/0", "NoDevFiles", "all", "none", "void", "0;1", ","),
    )
