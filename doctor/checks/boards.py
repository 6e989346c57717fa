"""Checks of the boards themselves: slot, power, heat, who drives the screen, and adapters of other makers."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from doctor.checks.base import Check, Finding, Status, asked_here, by_hand
from doctor.checks.wheel_choice import used_gpus
from doctor.late_pattern import late_pattern
from doctor.snapshot.model import Absent, NvidiaDriver, Unknown
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue
    from doctor.snapshot.model import Adapter, Gpu, Snapshot

_LANE_MB_S = {1: 250, 2: 500, 3: 985, 4: 1969, 5: 3938, 6: 7563}
"""Megabytes a second of one PCI Express lane by generation."""
_NARROW_MB_S = 2000
"""Below, copying a step's gradients between two cards by way of the processor takes longer than computing them."""
_MODEST_MB_S = 6000
_HOT, _WARM = 88, 83
"""GeForce boards slow down at 83 to 90 degrees."""
_BOARD_WATTS = {
    "3060": 170, "3070": 220, "3080": 320, "3090": 350,
    "4060": 115, "4070": 200, "4080": 320, "4090": 450,
    "5060": 145, "5070": 250, "5080": 360, "5090": 575,
}  # fmt: skip
_LOW_POWER = 0.7
_LAPTOP = late_pattern(r"laptop|mobile|max-q|\b\d{3,4}m\b", re.IGNORECASE)


def examine_link(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    gpus = [gpu for gpu in used_gpus(snapshot) if _speed(gpu)]
    evidence = tuple(
        text(
            "boards.link_of",
            name=gpu.name,
            index=gpu.index,
            generation=gpu.pcie_generation,
            width=gpu.pcie_width,
            most="?" if isinstance(gpu.pcie_width_max, Unknown) else gpu.pcie_width_max,
        )
        for gpu in gpus
    )
    slowest = min(gpus, key=_speed)
    words = {"name": slowest.name, "width": slowest.pcie_width, "generation": slowest.pcie_generation}
    if _speed(slowest) >= _MODEST_MB_S:
        return Finding("nvidia.link", Status.OK, text("boards.link_ok"), evidence)
    if _speed(slowest) < _NARROW_MB_S and len(used_gpus(snapshot)) > 1:
        fixes = by_hand("nvidia.link", text("boards.fix_link"), text("boards.by_hand_link"))
        summary = text("boards.link_narrow", **words)
        return Finding("nvidia.link", Status.WARNING, summary, evidence, fixes, text("boards.cause_link"))
    return Finding("nvidia.link", Status.NOTE, text("boards.link_modest", **words), evidence)


def examine_heat(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    pairs = [(gpu, gpu.temperature_celsius) for gpu in used_gpus(snapshot)]
    known = [(gpu, degrees) for gpu, degrees in pairs if isinstance(degrees, int)]
    hottest, degrees = max(known, key=lambda each: each[1])
    evidence = tuple(text("boards.heat_of", name=gpu.name, degrees=each) for gpu, each in known)
    if degrees >= _HOT:
        fixes = by_hand("nvidia.heat", text("boards.fix_heat"), text("boards.by_hand_heat"))
        summary = text("boards.hot", name=hottest.name, degrees=degrees)
        return Finding("nvidia.heat", Status.WARNING, summary, evidence, fixes, text("boards.cause_heat"))
    if degrees >= _WARM:
        summary = text("boards.warm", name=hottest.name, degrees=degrees)
        return Finding("nvidia.heat", Status.NOTE, summary, evidence)
    return Finding("nvidia.heat", Status.OK, text("boards.cool", degrees=degrees), evidence)


def examine_power(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    known = [(gpu, watts, usual) for gpu in used_gpus(snapshot) if (watts := _watts(gpu)) and (usual := _usual(gpu))]
    evidence = tuple(text("boards.power_of", name=gpu.name, watts=watts, usual=usual) for gpu, watts, usual in known)
    low = [(gpu, watts, usual) for gpu, watts, usual in known if watts < _LOW_POWER * usual]
    if low:
        gpu, watts, usual = low[0]
        return Finding(
            "nvidia.power", Status.NOTE, text("boards.power_low", name=gpu.name, watts=watts, usual=usual), evidence
        )
    return Finding("nvidia.power", Status.OK, text("boards.power_ok"), evidence)


def examine_display(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    gpus = used_gpus(snapshot)
    evidence = tuple(
        text("boards.display_on" if gpu.display_attached is True else "boards.display_off", name=gpu.name)
        for gpu in gpus
        if isinstance(gpu.display_attached, bool)
    )
    showing = [gpu for gpu in gpus if gpu.display_attached is True]
    if not showing:
        return Finding("nvidia.display", Status.OK, text("boards.display_none"), evidence)
    integrated = next((each.name for each in _adapters(snapshot) if each.integrated is True), None)
    if integrated is not None:
        summary = text("boards.display_could_move", name=showing[0].name, integrated=integrated)
        return Finding("nvidia.display", Status.NOTE, summary, evidence)
    # Boards for data centres have no socket for a screen.
    idle = [gpu for gpu in gpus if gpu.display_attached is False and re.search(r"GeForce|RTX|Quadro|TITAN", gpu.name)]
    if idle and _size(showing[0]) > max(_size(gpu) for gpu in idle):
        summary = text("boards.display_on_largest", name=showing[0].name, other=idle[0].name)
        return Finding("nvidia.display", Status.NOTE, summary, evidence)
    return Finding("nvidia.display", Status.OK, text("boards.display_fine", name=showing[0].name), evidence)


def examine_adapters(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    adapters = _adapters(snapshot)
    evidence = tuple(text("boards.adapter", name=each.name) for each in adapters)
    nvidia = snapshot.nvidia
    if isinstance(nvidia, NvidiaDriver) or any(each.vendor == "nvidia" for each in adapters):
        gpus = nvidia.gpus if isinstance(nvidia, NvidiaDriver) else ()
        integrated = [each for each in adapters if each.integrated is True and each.vendor in {"intel", "amd"}]
        laptop = [gpu for gpu in gpus if _LAPTOP.search(gpu.name)]
        if integrated and laptop:
            summary = text("boards.hybrid", integrated=integrated[0].name, name=laptop[0].name)
            return Finding("graphics.adapters", Status.NOTE, summary, evidence)
        return Finding("graphics.adapters", Status.OK, text("boards.adapters", count=len(adapters)), evidence)
    others = [each for each in adapters if each.vendor in {"amd", "intel"}]
    if not others:
        return Finding("graphics.adapters", Status.OK, text("boards.no_compute"), evidence)
    chosen = min(others, key=lambda each: each.integrated is True)
    if chosen.integrated is True:
        return Finding("graphics.adapters", Status.NOTE, text("boards.integrated_only", name=chosen.name), evidence)
    key = "boards.amd_only" if chosen.vendor == "amd" else "boards.intel_only"
    return Finding("graphics.adapters", Status.NOTE, text(key, name=chosen.name), evidence)


def _adapters(snapshot: Snapshot) -> tuple[Adapter, ...]:
    return () if isinstance(snapshot.adapters, Unknown) else snapshot.adapters


def _speed(gpu: Gpu) -> int:
    """Megabytes a second of the link at its best; 0 where it is not known."""
    generation, width = gpu.pcie_generation, gpu.pcie_width
    if isinstance(generation, Unknown) or isinstance(width, Unknown):
        return 0
    return _LANE_MB_S.get(generation, 0) * width


def _watts(gpu: Gpu) -> int:
    return gpu.power_limit_watts if isinstance(gpu.power_limit_watts, int) else 0


def _usual(gpu: Gpu) -> int:
    """The power that the maker gave the board; 0 for a laptop's, where every maker chooses another."""
    found = re.search(r"RTX (\d{4})(?! ?\d)", gpu.name)
    return 0 if found is None or _LAPTOP.search(gpu.name) else _BOARD_WATTS.get(found[1], 0)


def _size(gpu: Gpu) -> int:
    return gpu.memory_total_mib if isinstance(gpu.memory_total_mib, int) else 0


def _knows_adapters(snapshot: Snapshot) -> bool:
    # Whether there is a card that could not be asked is for nvidia.driver and nvidia.undriven to say.
    if isinstance(snapshot.adapters, Unknown) or not asked_here(snapshot):
        return False
    return isinstance(snapshot.nvidia, NvidiaDriver | Absent)


LINK = Check(
    id="nvidia.link",
    title=text("boards.title_link"),
    examine=examine_link,
    applies=lambda snapshot: asked_here(snapshot) and any(_speed(gpu) for gpu in used_gpus(snapshot)),
    rank=70,
)
HEAT = Check(
    id="nvidia.heat",
    title=text("boards.title_heat"),
    examine=examine_heat,
    applies=lambda snapshot: (
        asked_here(snapshot) and any(isinstance(gpu.temperature_celsius, int) for gpu in used_gpus(snapshot))
    ),
    rank=70,
)
POWER = Check(
    id="nvidia.power",
    title=text("boards.title_power"),
    examine=examine_power,
    applies=lambda snapshot: asked_here(snapshot) and any(_watts(gpu) and _usual(gpu) for gpu in used_gpus(snapshot)),
    rank=75,
)
DISPLAY = Check(
    id="nvidia.display",
    title=text("boards.title_display"),
    examine=examine_display,
    applies=lambda snapshot: (
        asked_here(snapshot) and any(isinstance(gpu.display_attached, bool) for gpu in used_gpus(snapshot))
    ),
    rank=75,
)
ADAPTERS = Check(
    id="graphics.adapters",
    title=text("boards.title_adapters"),
    examine=examine_adapters,
    applies=_knows_adapters,
    rank=80,
)
