"""Checks of what only a Linux under Windows has: Windows' driver library, the kernel, folders, memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.checks.base import Check, Finding, Fix, Status, by_hand
from doctor.snapshot.model import OperatingSystem, Unknown, WslState
from doctor.versions import at_least
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue
    from doctor.snapshot.model import Snapshot

_GIB = 1024
_MIN_KERNEL = "5.10.16"
"""What NVIDIA asks for. https://docs.nvidia.com/cuda/wsl-user-guide/index.html"""
_LITTLE_MIB, _FAIR_MIB = int(7.5 * _GIB), int(15.5 * _GIB)


def examine_stub(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    if _state(snapshot).stub is True:
        return Finding("wsl.stub", Status.OK, text("wsl.stub_there"))
    fixes = by_hand("wsl.stub", text("wsl.fix_stub"), text("wsl.by_hand_stub"))
    return Finding("wsl.stub", Status.WARNING, text("wsl.stub_missing"), (), fixes, text("wsl.cause_stub"))


def examine_driver(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    path = _state(snapshot).linux_driver
    if not isinstance(path, str):
        return Finding("wsl.driver", Status.OK, text("wsl.driver_alone"))
    fixes = by_hand("wsl.driver", text("wsl.fix_driver"), text("wsl.by_hand_driver"))
    evidence = (text("wsl.driver_at", path=path),)
    return Finding("wsl.driver", Status.WARNING, text("wsl.driver_shadowed"), evidence, fixes, text("wsl.cause_driver"))


def examine_kernel(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    kernel = _state(snapshot).kernel
    assert isinstance(kernel, str)
    if at_least(kernel, _MIN_KERNEL):
        return Finding("wsl.kernel", Status.OK, text("wsl.kernel", version=kernel))
    fixes = by_hand("wsl.kernel", text("wsl.fix_kernel"), text("wsl.by_hand_kernel"))
    summary = text("wsl.kernel_old", version=kernel, needs=_MIN_KERNEL)
    return Finding("wsl.kernel", Status.WARNING, summary, (), fixes, text("wsl.cause_kernel"))


def examine_folder(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    if _state(snapshot).working_on_windows_drive is not True:
        return Finding("wsl.folder", Status.OK, text("wsl.folder_linux"))
    fix = Fix(id="wsl.folder", title=text("wsl.fix_folder"), by_hand=text("wsl.by_hand_folder"))
    return Finding("wsl.folder", Status.NOTE, text("wsl.folder_windows"), (), (fix,))


def examine_memory(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    limit = _state(snapshot).memory_limit_mib
    assert isinstance(limit, int)
    words = f"{limit / _GIB:.1f}"
    if limit >= _FAIR_MIB:
        return Finding("wsl.memory", Status.OK, text("wsl.memory", limit=words))
    advice = text("wsl.by_hand_memory")
    if limit >= _LITTLE_MIB:
        fix = Fix(id="wsl.memory", title=text("wsl.fix_memory"), by_hand=advice)
        return Finding("wsl.memory", Status.NOTE, text("wsl.memory_fair", limit=words), (), (fix,))
    fixes = by_hand("wsl.memory", text("wsl.fix_memory"), advice)
    summary = text("wsl.memory_little", limit=words)
    return Finding("wsl.memory", Status.WARNING, summary, (), fixes, text("wsl.cause_memory"))


def _state(snapshot: Snapshot) -> WslState:
    assert isinstance(snapshot.wsl, WslState)
    return snapshot.wsl


def in_wsl_2(snapshot: Snapshot) -> bool:
    """WSL 1 has neither a kernel of its own nor a GPU: system.build speaks of it."""
    return isinstance(snapshot.wsl, WslState) and isinstance(snapshot.os, OperatingSystem) and snapshot.os.wsl == 2


def _knows_kernel(snapshot: Snapshot) -> bool:
    return in_wsl_2(snapshot) and isinstance(snapshot.wsl, WslState) and str(_state(snapshot).kernel)[:1].isdigit()


STUB = Check(
    id="wsl.stub",
    title=text("wsl.title_stub"),
    examine=examine_stub,
    applies=lambda snapshot: in_wsl_2(snapshot) and isinstance(_state(snapshot).stub, bool),
    rank=5,
    explains=("environment.torch", "environment.stack"),
)
DRIVER = Check(
    id="wsl.driver",
    title=text("wsl.title_driver"),
    examine=examine_driver,
    applies=lambda snapshot: in_wsl_2(snapshot) and not isinstance(_state(snapshot).linux_driver, Unknown),
    rank=6,
)
KERNEL = Check(id="wsl.kernel", title=text("wsl.title_kernel"), examine=examine_kernel, applies=_knows_kernel, rank=15)
FOLDER = Check(
    id="wsl.folder",
    title=text("wsl.title_folder"),
    examine=examine_folder,
    applies=lambda snapshot: in_wsl_2(snapshot) and isinstance(_state(snapshot).working_on_windows_drive, bool),
    rank=80,
)
MEMORY = Check(
    id="wsl.memory",
    title=text("wsl.title_memory"),
    examine=examine_memory,
    applies=lambda snapshot: in_wsl_2(snapshot) and isinstance(_state(snapshot).memory_limit_mib, int),
    rank=24,
    explains=("memory.total",),
)
