"""Temperatures of the cards and, on Windows, the memory that the driver keeps elsewhere: asked often, so kept small."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from doctor.guarding import CardReading
from doctor.host.nvml import library_present

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_MIB = 1024 * 1024
_SENSOR = 0
_SLOWDOWN = 1
"""nvml.h: NVML_TEMPERATURE_THRESHOLD_SLOWDOWN."""


def open_readings(environ: Mapping[str, str]) -> Callable[[], tuple[CardReading, ...]] | None:
    """A function that looks at all cards; None where no driver answers. It never raises."""
    if not library_present(environ):
        return None
    import pynvml

    try:
        pynvml.nvmlInit()
        cards = [pynvml.nvmlDeviceGetHandleByIndex(index) for index in range(pynvml.nvmlDeviceGetCount())]
    except pynvml.NVMLError:
        return None

    def ask(question: Callable[..., Any], *given: Any) -> int | None:
        try:
            return int(question(*given))
        except (pynvml.NVMLError, TypeError, ValueError):
            return None

    limits = [ask(pynvml.nvmlDeviceGetTemperatureThreshold, card, _SLOWDOWN) for card in cards]
    shared = _shared_memory()

    def read() -> tuple[CardReading, ...]:
        spilled = shared()
        return tuple(
            CardReading(
                name=f"GPU {index}",
                celsius=ask(pynvml.nvmlDeviceGetTemperature, card, _SENSOR),
                slowdown_celsius=limits[index],
                # Windows counts by process and adapter, and not by NVML's numbers: the sum stands at the first card.
                shared_mib=spilled if index == 0 else None,
            )
            for index, card in enumerate(cards)
        )

    return read


def _shared_memory() -> Callable[[], int | None]:
    """MiB of graphics memory of all programs that lies in the computer's; None where Windows does not count it."""
    from doctor.host.pdh import open_counters

    # Other systems have no such place: there memory runs out, and the trainer is told.
    read = open_counters(r"\GPU Adapter Memory(*)\Shared Usage")
    if read is None:
        return lambda: None

    def total() -> int | None:
        values = read()
        return None if values is None else int(sum(values)) // _MIB

    return total
