"""Pictures made of letters: how full a memory or a disk is, and how a loss went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.sizing import size_words
from doctor.snapshot.model import Unknown
from doctor.words.text import render, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doctor.snapshot.model import Gpu
    from doctor.words.text import Language

_FULL, _EMPTY = "█", "░"
_LEVELS = "▁▂▃▄▅▆▇█"


def bar(used: float, total: float, width: int) -> str:
    """`[███░░░]`: as full as it is; anything used at all shows at least one block."""
    share = min(max(used / total, 0.0), 1.0) if total > 0 else 0.0
    filled = min(width, max(1 if share > 0 else 0, round(share * width)))
    return f"[{_FULL * filled}{_EMPTY * (width - filled)}]"


def gauge(used_mib: int, total_mib: int, width: int, language: Language) -> str:
    """The bar with its numbers."""
    words = text(
        "tui.gauge", used=size_words(used_mib * 2**20), total=size_words(total_mib * 2**20),
        free=size_words((total_mib - used_mib) * 2**20),
    )  # fmt: skip
    return f"{bar(used_mib, total_mib, width)} {render(words, language)}"


def gpu_lines(gpu: Gpu, width: int, language: Language) -> tuple[str, str]:
    """A card: its name, and a picture of its memory."""
    parts = [f"GPU {gpu.index}  {gpu.name}"]
    if isinstance(gpu.compute_capability, str):
        parts.append(render(text("tui.compute", version=gpu.compute_capability), language))
    if isinstance(gpu.driver_model, str) and gpu.driver_model != "none":
        parts.append(gpu.driver_model.upper())
    if isinstance(gpu.temperature_celsius, int):
        parts.append(f"{gpu.temperature_celsius} °C")
    name = "  ".join(parts)
    total, free = gpu.memory_total_mib, gpu.memory_free_mib
    if isinstance(total, Unknown):
        return name, render(text("tui.memory_unknown"), language)
    if isinstance(free, Unknown):
        return name, render(text("tui.memory_total_only", total=size_words(total * 2**20)), language)
    return name, gauge(total - free, total, width, language)


def curve(values: Sequence[float], width: int) -> str:
    """How values went, one letter for each group of them, the lowest as `▁`."""
    if not values:
        return ""
    groups = min(width, len(values))
    means = []
    for place in range(groups):
        part = values[place * len(values) // groups : (place + 1) * len(values) // groups]
        means.append(sum(part) / len(part))
    low, high = min(means), max(means)
    span = (high - low) or 1.0
    return "".join(_LEVELS[round((mean - low) / span * (len(_LEVELS) - 1))] for mean in means)
