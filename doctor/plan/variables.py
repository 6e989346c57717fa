"""The variables that `tunedoc fix` may set, and the value that each should have on a machine. Pure."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from doctor.catalogue.select import covers
from doctor.late_pattern import late_pattern
from doctor.quick_dataclass import dataclass
from doctor.snapshot.model import NvidiaDriver, OperatingSystem, PythonEnvironment, TorchFiles, Unknown
from doctor.versions import at_least
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.catalogue.model import Catalogue, Stack
    from doctor.snapshot.model import Gpu, Snapshot
    from doctor.words.text import Text

MIRROR = "https://hf-mirror.com"


@dataclass(frozen=True, kw_only=True)
class Situation:
    """What values are chosen from."""

    snapshot: Snapshot
    catalogue: Catalogue
    home_folder: str
    """tunedoc's folder, as it really is."""


@dataclass(frozen=True)
class Nothing:
    """No value can be chosen, and why."""

    why: Text


@dataclass(frozen=True, kw_only=True)
class Variable:
    """A variable that may be set."""

    name: str
    choose: Callable[[Situation], str | Nothing | None]
    """The value that it should have; None: it should not be set."""
    allowed: re.Pattern[str]
    """What a user may give instead."""
    warning: Text | None = None


def _always(value: str) -> Callable[[Situation], str | Nothing | None]:
    return lambda _: value


def _choose_gpus(situation: Situation) -> str | Nothing | None:
    """The GPUs that the build serves, by index; nothing where it serves all."""
    nvidia = situation.snapshot.nvidia
    if not isinstance(nvidia, NvidiaDriver) or not nvidia.gpus:
        return None
    architectures = _architectures(situation)
    if architectures is not None:
        served = [gpu for gpu in nvidia.gpus if _covered(architectures, gpu)]
    else:
        served = _best_served(situation, nvidia.gpus)
    if not served:
        return Nothing(text("fix.no_gpu_served"))
    if len(served) == len(nvidia.gpus):
        return None
    return ",".join(str(gpu.index) for gpu in served)


def _choose_allocator(situation: Situation) -> str | Nothing | None:
    system = situation.snapshot.os
    # Windows builds cannot map segments that grow, and only warn about it.
    windows = isinstance(system, OperatingSystem) and system.system == "windows"
    return "max_split_size_mb:512" if windows else "expandable_segments:True"


def _choose_cache(situation: Situation) -> str | Nothing | None:
    disks = situation.snapshot.disks
    if isinstance(disks, Unknown):
        return Nothing(text("fix.name_folder"))
    free = {disk.purpose: disk.free_mib for disk in disks if not disk.remote}
    cache, home = free.get("hub_cache"), free.get("home")
    if cache is None or home is None or home <= cache:
        return Nothing(text("fix.name_folder"))
    separator = "\\" if "\\" in situation.home_folder else "/"
    return f"{situation.home_folder}{separator}hub"


_TRUTH = late_pattern(r"[01]")
_PATH = late_pattern(r"(?:/|~/|[A-Za-z]:[\\/]|\\\\)[^\r\n]{0,400}")
_ADDRESS = late_pattern(r"https?://[\w.:\[\]-]+(/[\w./-]*)?")

VARIABLES: dict[str, Variable] = {
    each.name: each
    for each in (
        Variable(name="USE_LIBUV", choose=_always("0"), allowed=_TRUTH),
        Variable(
            name="CUDA_VISIBLE_DEVICES",
            choose=_choose_gpus,
            allowed=late_pattern(r"-1|(\d+|(GPU|MIG)-[\w/-]+)(,(\d+|(GPU|MIG)-[\w/-]+))*"),
        ),
        Variable(
            name="CUDA_DEVICE_ORDER", choose=_always("PCI_BUS_ID"), allowed=late_pattern("PCI_BUS_ID|FASTEST_FIRST")
        ),
        Variable(name="PYTHONUTF8", choose=_always("1"), allowed=_TRUTH),
        Variable(name="PYTHONNOUSERSITE", choose=_always("1"), allowed=_TRUTH),
        Variable(name="HF_ENDPOINT", choose=_always(MIRROR), allowed=_ADDRESS, warning=text("fix.warn_mirror")),
        Variable(name="HF_HOME", choose=_choose_cache, allowed=_PATH, warning=text("fix.warn_cache")),
        Variable(
            name="KMP_DUPLICATE_LIB_OK",
            choose=_always("TRUE"),
            allowed=late_pattern("TRUE|FALSE|[01]", re.IGNORECASE),
            warning=text("fix.warn_openmp"),
        ),
        Variable(
            name="PYTORCH_CUDA_ALLOC_CONF", choose=_choose_allocator, allowed=late_pattern(r"[\w:,.\[\]>-]{1,200}")
        ),
        Variable(name="MASTER_ADDR", choose=_always("127.0.0.1"), allowed=late_pattern(r"[\w.:-]{1,100}")),
    )
}


def _architectures(situation: Situation) -> tuple[str, ...] | None:
    """What the installed build has code for, where that is known."""
    environment = situation.snapshot.environment
    if not isinstance(environment, PythonEnvironment):
        return None
    files = environment.torch
    if isinstance(files, TorchFiles) and isinstance(files.architectures, tuple) and files.architectures:
        return files.architectures
    row = next((row for row in situation.catalogue.stacks if environment.stack and row.id == environment.stack), None)
    return row.architectures if row is not None and row.device == "cuda" else None


def _covered(architectures: tuple[str, ...], gpu: Gpu) -> bool:
    have = gpu.compute_capability
    if not isinstance(have, str) or not have[:1].isdigit():
        return False
    portable = [each.removesuffix("+PTX") for each in architectures if each.endswith("+PTX")]
    plain = tuple(each for each in architectures if not each.endswith("+PTX"))
    # PTX is compiled by the driver for every newer GPU.
    return covers(plain, have) or any(at_least(have, each) for each in portable)


def _best_served(situation: Situation, gpus: tuple[Gpu, ...]) -> list[Gpu]:
    """Before anything is installed: the GPUs of the best row that serves any, all where one row serves all."""
    system = situation.snapshot.os
    rows: list[Stack] = [
        row
        for row in situation.catalogue.stacks
        if row.device == "cuda"
        and row.status != "withdrawn"
        and isinstance(system, OperatingSystem)
        and row.needs.os == system.system
    ]
    best: list[Gpu] = []
    for row in rows:
        served = [gpu for gpu in gpus if _covered(row.architectures, gpu) and _is_new_enough(row, gpu)]
        if len(served) > len(best):
            best = served
    return best


def _is_new_enough(row: Stack, gpu: Gpu) -> bool:
    return isinstance(gpu.compute_capability, str) and at_least(gpu.compute_capability, row.needs.min_compute)
