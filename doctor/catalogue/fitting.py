"""Whether a stack fits a machine, and if not, why. Pure."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from doctor.catalogue.facts import covers, library_covers
from doctor.sizing import LEAST_FREE_MIB
from doctor.snapshot.model import Absent, Unknown
from doctor.versions import at_least
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.machine import Machine
    from doctor.catalogue.model import Stack
    from doctor.catalogue.wishes import Wishes
    from doctor.snapshot.model import Gpu
    from doctor.words.text import Text


def why_not(stack: Stack, machine: Machine, wishes: Wishes) -> Text | None:
    """Why a row does not fit a machine; None when it does."""
    if stack.status == "withdrawn":
        return text("catalogue.withdrawn", why=stack.why)
    return (
        _why_not_system(stack, machine)
        or _why_not_wished(stack, wishes)
        or (_why_not_gpus(stack, machine) if stack.device == "cuda" else None)
        or _why_not_python(stack, machine)
        or (_why_not_room(stack, machine) if wishes.room else None)
    )


def lacks_room(stack: Stack, machine: Machine) -> bool:
    """Whether the disk is too full for a row that does not stand here already."""
    return (
        machine.free_mib is not None
        and machine.free_mib < LEAST_FREE_MIB[stack.device]
        and machine.installed != stack.id
    )


def least_driver(stack: Stack, machine: Machine) -> str:
    """The oldest driver for a row on a machine: under WSL it is Windows' driver, by Windows' numbers."""
    under_wsl = not isinstance(machine.system, Unknown) and machine.system.wsl > 0
    return (under_wsl and stack.needs.min_driver_wsl) or stack.needs.min_driver


def _why_not_system(stack: Stack, machine: Machine) -> Text | None:
    needs, system = stack.needs, machine.system
    if isinstance(system, Unknown):
        return text("catalogue.unknown_system", why=system.why)
    if system.system != needs.os:
        return _other_system(needs.os, system.system)
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


@cache
def _other_system(needs: str, have: str) -> Text:
    """Half of the catalogue is for another system than the machine's: said once, not for every row."""
    return text("catalogue.other_system", needs=needs, have=have)


def _why_not_wished(stack: Stack, wishes: Wishes) -> Text | None:
    if wishes.device is not None and wishes.device != stack.device:
        return text("catalogue.other_device", wish=wishes.device)
    if wishes.torch:
        release = stack.torch.partition("+")[0]
        if not f"{release}.".startswith(f"{wishes.torch}."):
            return text("catalogue.other_torch", wish=wishes.torch, have=release)
    return None


def _why_not_gpus(stack: Stack, machine: Machine) -> Text | None:
    nvidia = machine.nvidia
    if isinstance(nvidia, Absent):
        return text("catalogue.no_gpu")
    if isinstance(nvidia, Unknown):
        return text("catalogue.unknown_gpu", why=nvidia.why)
    if isinstance(machine.driver, Unknown):
        return text("catalogue.unknown_driver", why=machine.driver.why)
    if not machine.driver[:1].isdigit():
        return text("catalogue.unknown_driver", why=machine.driver)
    if not machine.gpus:
        return text("catalogue.no_visible_gpu")
    for gpu in machine.gpus:
        reason = _why_not_gpu(stack, gpu)
        if reason is not None:
            return reason
    needs = least_driver(stack, machine)
    if not at_least(machine.driver, needs):
        return text("catalogue.old_driver", needs=needs, have=machine.driver)
    if machine.count > 1 and not stack.several_gpus:
        return text("catalogue.no_gloo", torch=stack.torch, count=machine.count)
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
    if stack.nf4_architectures and not library_covers(stack.nf4_architectures, stack.nf4_ptx, have):
        known = ", ".join(stack.nf4_architectures)
        return text("catalogue.no_nf4", index=gpu.index, gpu=gpu.name, have=have, known=known)
    return None


def _why_not_python(stack: Stack, machine: Machine) -> Text | None:
    if machine.pythons is None or any(version in stack.needs.pythons for version in machine.pythons):
        return None
    have = ", ".join(machine.pythons) or "-"
    return text("catalogue.no_wheels_for_python", needs=", ".join(stack.needs.pythons), have=have)


def _why_not_room(stack: Stack, machine: Machine) -> Text | None:
    needs = LEAST_FREE_MIB[stack.device]
    if machine.free_mib is None or not lacks_room(stack, machine):
        return None
    return text("catalogue.no_room", needs=f"{needs / 1024:.0f} GB", have=f"{machine.free_mib / 1024:.1f} GB")
