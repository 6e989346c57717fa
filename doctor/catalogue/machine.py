"""A machine as far as stacks ask about it, taken from a snapshot and what the user wishes. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.catalogue.visible import shown
from doctor.errors import BadInput
from doctor.gpu_models import capability_of
from doctor.quick_dataclass import dataclass
from doctor.snapshot.model import Absent, NvidiaDriver, PythonEnvironment, PythonInterpreter, Unknown
from doctor.versions import numbers
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue
    from doctor.catalogue.wishes import Wishes
    from doctor.snapshot.model import Gpu, OperatingSystem, Snapshot


@dataclass(frozen=True, kw_only=True)
class Machine:
    """What decides which stacks fit. A change to the machine is the same value with one field changed."""

    system: OperatingSystem | Unknown
    nvidia: NvidiaDriver | Absent | Unknown
    driver: str | Unknown
    gpus: tuple[Gpu, ...]
    """Every GPU that must be served, its compute capability filled in by its name where the driver does not tell."""
    count: int
    """GPUs that will be used at once."""
    pythons: tuple[str, ...] | None
    """Pythons that can be had; None: whichever is wanted."""
    free_mib: int | None
    """Free space for environments; None where it is not known."""
    installed: str
    """The stack that stands here already, which needs no room."""


def machine_of(snapshot: Snapshot, catalogue: Catalogue, wishes: Wishes) -> Machine:
    """Raises BadInput for a GPU that is wished and not there."""
    nvidia = snapshot.nvidia
    gpus: tuple[Gpu, ...] = ()
    count = 0
    driver: str | Unknown = ""
    if isinstance(nvidia, NvidiaDriver):
        driver = nvidia.version
        if wishes.gpus is None:
            visible = shown(nvidia, snapshot.settings)
            gpus, count = visible.gpus, visible.count
        else:
            gpus = _asked_for(nvidia, wishes.gpus)
            count = len(gpus)
        gpus = tuple(known(gpu, catalogue) for gpu in gpus)
    environment = snapshot.environment
    return Machine(
        system=snapshot.os,
        nvidia=nvidia,
        driver=driver,
        gpus=gpus,
        count=count,
        pythons=_pythons(snapshot, wishes),
        free_mib=_free(snapshot),
        installed=environment.stack if isinstance(environment, PythonEnvironment) else "",
    )


def known(gpu: Gpu, catalogue: Catalogue) -> Gpu:
    """The GPU with its compute capability, by its name where the driver did not tell and the name is known."""
    from dataclasses import replace

    if isinstance(gpu.compute_capability, str) and gpu.compute_capability[:1].isdigit():
        return gpu
    found = catalogue.capabilities.get(plain_name(gpu.name)) or capability_of(gpu.name)
    return replace(gpu, compute_capability=found) if found else gpu


def plain_name(name: str) -> str:
    """A card's name as it is looked up: the driver says `NVIDIA GeForce GTX 1080`, others `GeForce GTX 1080`."""
    return " ".join(name.lower().replace("nvidia ", "").replace("geforce ", "").split())


def usable(python: PythonInterpreter) -> bool:
    """Whether environments can be made from it: a 64-bit CPython that the Store does not replace."""
    return (
        python.implementation.lower() == "cpython"
        and not python.abi_tag.endswith("t")
        and python.bits == 64
        and python.kind not in ("store", "store_stub")
    )


def short_version(version: str) -> str:
    """`3.12` of `3.12.4`."""
    return ".".join(str(part) for part in numbers(version)[:2])


def _asked_for(nvidia: NvidiaDriver, wanted: tuple[int, ...]) -> tuple[Gpu, ...]:
    there = {gpu.index: gpu for gpu in nvidia.gpus}
    for index in wanted:
        if index not in there:
            have = ", ".join(str(each) for each in there) or "-"
            raise BadInput(
                text("catalogue.no_such_gpu", index=index),
                field="--gpus",
                hint=text("catalogue.no_such_gpu_hint", have=have),
            )
    return tuple(there[index] for index in dict.fromkeys(wanted))


def _pythons(snapshot: Snapshot, wishes: Wishes) -> tuple[str, ...] | None:
    if not wishes.offline:
        return (wishes.python,) if wishes.python else None
    found = [snapshot.python, *(snapshot.pythons if isinstance(snapshot.pythons, tuple) else ())]
    here = [short_version(p.version) for p in found if isinstance(p, PythonInterpreter) and usable(p)]
    there = tuple(dict.fromkeys((*here, *wishes.pythons)))
    return tuple(each for each in there if each == wishes.python) if wishes.python else there


def _free(snapshot: Snapshot) -> int | None:
    if isinstance(snapshot.disks, Unknown):
        return None
    return next((disk.free_mib for disk in snapshot.disks if disk.purpose == "home"), None)
