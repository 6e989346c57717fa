"""Small things that all readers of nvidia-smi's output share: one value, one card, two cards that are one."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import Literal

from doctor.late_pattern import late_pattern
from doctor.snapshot.model import Gpu, Unknown

DRIVER = r"(\d{3}\.\d{1,3}(?:\.\d{1,3})?)"
"""`581.29`, `580.95.05`."""
NOT_TOLD = "not in the text"

_NUMBER = late_pattern(r"-?\d{1,9}")


def gpu_of(index: int, name: str) -> Gpu:
    """A card of which nothing else is known yet."""
    nothing = Unknown(NOT_TOLD)
    return Gpu(
        index=index,
        name=name,
        uuid="?",
        compute_capability=nothing,
        memory_total_mib=nothing,
        memory_free_mib=nothing,
        driver_model=nothing,
        pci_bus=nothing,
        pcie_generation=nothing,
        pcie_width=nothing,
        pcie_width_max=nothing,
        power_limit_watts=nothing,
        temperature_celsius=nothing,
        display_attached=nothing,
        processes=nothing,
    )


def merged(known: Gpu, more: Gpu) -> Gpu:
    """One card told of twice: the first wins, but for what it left open and for a name that was cut off."""
    changes: dict[str, object] = {
        field.name: getattr(more, field.name)
        for field in fields(Gpu)
        if isinstance(getattr(known, field.name), Unknown) and not isinstance(getattr(more, field.name), Unknown)
    }
    if known.uuid == "?":
        changes["uuid"] = more.uuid
    if known.name.endswith("...") and more.name.startswith(known.name.rstrip(". ")):
        changes["name"] = more.name
    return replace(known, **changes)  # type: ignore[arg-type]


def model_of(word: str) -> Literal["wddm", "tcc", "mcdm", "none"] | Unknown:
    """The driver model by its column, in which Linux shows the persistence mode instead."""
    match word.strip().lower():
        case "wddm":
            return "wddm"
        case "tcc" | "wdm":
            return "tcc"
        case "mcdm":
            return "mcdm"
        case "on" | "off":
            return "none"
        case _:
            return Unknown(NOT_TOLD)


def number_of(words: str) -> int | Unknown:
    """`16311 MiB` → 16311, `180.00 W` → 180, `16x` → 16; Unknown for `N/A`, `ERR!`, `[Not Supported]`."""
    found = _NUMBER.match(words.strip())
    return int(found[0]) if found else Unknown(words.strip() or NOT_TOLD)


def file_name(program: str) -> str:
    """A program's name without its folders, which nvidia-smi may have cut: `...n64\\EpicGamesLauncher.exe`."""
    return re.split(r"[\\/]", program.strip())[-1].removeprefix("...").strip() or "?"
