"""Which GPUs CUDA shows to a program. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.quick_dataclass import dataclass
from doctor.snapshot.model import Unknown

if TYPE_CHECKING:
    from doctor.snapshot.model import Gpu, NvidiaDriver, Setting


@dataclass(frozen=True)
class Shown:
    """What CUDA_VISIBLE_DEVICES leaves of a machine's GPUs."""

    gpus: tuple[Gpu, ...]
    """Every GPU that may be shown: what is installed must run on all of them."""
    count: int
    """How many are shown."""


def shown(nvidia: NvidiaDriver, settings: tuple[Setting, ...] | Unknown) -> Shown:
    """All GPUs, unless CUDA_VISIBLE_DEVICES says otherwise beyond doubt."""
    if isinstance(settings, Unknown):
        return Shown(nvidia.gpus, len(nvidia.gpus))
    variables = {setting.name: setting.value for setting in settings}
    wanted = variables.get("CUDA_VISIBLE_DEVICES")
    if wanted is None:
        return Shown(nvidia.gpus, len(nvidia.gpus))
    # CUDA numbers devices fastest first unless told otherwise, NVML by PCI bus: with several GPUs a number means the
    # same device to both only when CUDA_DEVICE_ORDER says so. In doubt every GPU must be covered.
    same_order = variables.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID" or len(nvidia.gpus) == 1
    chosen: list[Gpu] = []
    doubtful = False
    for word in (part.strip() for part in wanted.split(",")):
        if word.upper().startswith("MIG"):
            # A slice of some GPU, and the driver alone knows of which. CUDA shows one slice and nothing else.
            return Shown(nvidia.gpus, 1)
        # CUDA stops at the first entry that names no device; so do we. An empty list and -1 hide every GPU.
        number = word.removeprefix("+")
        found = [gpu for gpu in nvidia.gpus if (gpu.index == int(word) if number.isdigit() else _named(gpu, word))]
        if len(found) != 1:
            break
        doubtful = doubtful or (number.isdigit() and not same_order)
        chosen += found
    if len({gpu.index for gpu in chosen}) < len(chosen):
        # A device that is named twice hides all.
        return Shown((), 0)
    return Shown(nvidia.gpus if doubtful else tuple(chosen), len(chosen))


def visible_gpus(nvidia: NvidiaDriver, settings: tuple[Setting, ...] | Unknown) -> tuple[Gpu, ...]:
    """The GPUs that CUDA may show: all, unless CUDA_VISIBLE_DEVICES says otherwise beyond doubt."""
    return shown(nvidia, settings).gpus


def _named(gpu: Gpu, word: str) -> bool:
    return bool(word) and word.upper().startswith("GPU-") and gpu.uuid.upper().startswith(word.upper())
