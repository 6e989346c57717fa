"""Choose the stack for a machine and say why every better one was passed over. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.catalogue.facts import covers as covers  # its name here is older
from doctor.quick_dataclass import dataclass
from doctor.snapshot.model import Absent, Gpu, NvidiaDriver, OperatingSystem, Unknown
from doctor.versions import at_least
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue, Stack
    from doctor.snapshot.model import Setting, Snapshot
    from doctor.words.text import Text


@dataclass(frozen=True)
class Rejection:
    """A row that was passed over, and why."""

    stack_id: str
    reason: Text


@dataclass(frozen=True)
class Choice:
    """The row for a machine, or None when there is none; and the better rows that do not fit."""

    stack: Stack | None
    rejected: tuple[Rejection, ...]


def choose_stack(snapshot: Snapshot, catalogue: Catalogue) -> Choice:
    """The first row that fits. A machine whose GPU could not be asked gets a CPU row, never a guess."""
    rejected: list[Rejection] = []
    for stack in catalogue.stacks:
        reason = why_not(stack, snapshot)
        if reason is None:
            return Choice(stack, tuple(rejected))
        rejected.append(Rejection(stack.id, reason))
    return Choice(None, tuple(rejected))


def why_not(stack: Stack, snapshot: Snapshot) -> Text | None:
    """Why a row does not fit a machine; None when it does."""
    if stack.status == "withdrawn":
        return text("catalogue.withdrawn", why=stack.why)
    return _why_not_system(stack, snapshot.os) or (_why_not_gpus(stack, snapshot) if stack.device == "cuda" else None)


def visible_gpus(nvidia: NvidiaDriver, settings: tuple[Setting, ...] | Unknown) -> tuple[Gpu, ...]:
    """The GPUs that CUDA will show: all, unless CUDA_VISIBLE_DEVICES says otherwise beyond doubt."""
    variables = {} if isinstance(settings, Unknown) else {setting.name: setting.value for setting in settings}
    wanted = variables.get("CUDA_VISIBLE_DEVICES")
    if wanted is None:
        return nvidia.gpus
    # CUDA numbers devices fastest first unless told otherwise, NVML by PCI bus: with several GPUs a number means the
    # same device to both only when CUDA_DEVICE_ORDER says so. In doubt every GPU must be covered.
    same_order = variables.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID" or len(nvidia.gpus) == 1
    chosen: list[Gpu] = []
    for word in (part.strip() for part in wanted.split(",")):
        if word.isdigit() and not same_order:
            return nvidia.gpus
        # CUDA stops at the first entry that names no device; so do we. An empty list and -1 hide every GPU.
        found = [gpu for gpu in nvidia.gpus if (gpu.index == int(word) if word.isdigit() else _named(gpu, word))]
        if len(found) != 1:
            break
        chosen += found
    return tuple(chosen)


def _why_not_system(stack: Stack, system: OperatingSystem | Unknown) -> Text | None:
    needs = stack.needs
    if isinstance(system, Unknown):
        return text("catalogue.unknown_system", why=system.why)
    if system.system != needs.os:
        return text("catalogue.other_system", needs=needs.os, have=system.system)
    if system.machine.lower() not in needs.machines:
        return text("catalogue.other_machine", needs=needs.machines[0], have=system.machine)
    if system.wsl == 1 and stack.device == "cuda":
        return text("catalogue.wsl_1")
    if not needs.min_glibc or isinstance(system.libc, Unknown):
        return None
    name, _, version = system.libc.partition(" ")
    if name != "glibc" or not version[:1].isdigit() or not at_least(version, needs.min_glibc):
        return text("catalogue.old_libc", needs=needs.min_glibc, have=system.libc)
    return None


def _why_not_gpus(stack: Stack, snapshot: Snapshot) -> Text | None:
    nvidia = snapshot.nvidia
    if isinstance(nvidia, Absent):
        return text("catalogue.no_gpu")
    if isinstance(nvidia, Unknown):
        return text("catalogue.unknown_gpu", why=nvidia.why)
    if isinstance(nvidia.version, Unknown):
        return text("catalogue.unknown_driver", why=nvidia.version.why)
    gpus = visible_gpus(nvidia, snapshot.settings)
    if not gpus:
        return text("catalogue.no_visible_gpu")
    for gpu in gpus:
        reason = _why_not_gpu(stack, gpu)
        if reason is not None:
            return reason
    if not nvidia.version[:1].isdigit() or not at_least(nvidia.version, stack.needs.min_driver):
        return text("catalogue.old_driver", needs=stack.needs.min_driver, have=nvidia.version)
    return None


def _why_not_gpu(stack: Stack, gpu: Gpu) -> Text | None:
    have = gpu.compute_capability
    if isinstance(have, Unknown) or not have[:1].isdigit():
        why = have.why if isinstance(have, Unknown) else have
        return text("catalogue.unknown_capability", index=gpu.index, gpu=gpu.name, why=why)
    if not at_least(have, stack.needs.min_compute):
        return text("catalogue.old_gpu", index=gpu.index, gpu=gpu.name, have=have, needs=stack.needs.min_compute)
    if not covers(stack.architectures, have):
        known = ", ".join(stack.architectures)
        return text("catalogue.uncovered_gpu", index=gpu.index, gpu=gpu.name, have=have, known=known, cuda=stack.cuda)
    return None


def _named(gpu: Gpu, word: str) -> bool:
    return bool(word) and word.upper().startswith("GPU-") and gpu.uuid.upper().startswith(word.upper())
