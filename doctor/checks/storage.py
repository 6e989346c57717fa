"""Checks of the volumes and paths that tunedoc uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.catalogue.select import choose_stack
from doctor.checks.base import Check, Finding, Fix, Status, asked_here, by_hand
from doctor.checks.reasons import told
from doctor.snapshot.model import OperatingSystem, PythonEnvironment, Unknown
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue
    from doctor.snapshot.model import Disk, Snapshot
    from doctor.words.text import Text

_GIB = 1024
_INSTALL_MIB = {"cpu": 6 * _GIB, "cuda": 12 * _GIB}
"""At the home volume: the environment (1.2 GiB measured for the CPU rows, 7 to 8 for CUDA), what is downloaded for it,
one small model, its run and its exports."""
_WORK_MIB = 3 * _GIB
"""What is left to do once an environment stands: a model, its runs, its exports."""
_PASSING_MIB = 1 * _GIB
"""On the other volumes: wheels being unpacked, models on their way."""


def examine_free(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    disks = snapshot.disks
    if isinstance(disks, Unknown):
        return Finding(
            "storage.free", Status.UNKNOWN, text("storage.unknown"), (text("check.why", why=told(disks.why)),)
        )
    evidence = tuple(_describe(disk) for disk in disks)
    home = next((disk for disk in disks if disk.purpose == "home"), None)
    if home is None:
        return Finding("storage.free", Status.UNKNOWN, text("storage.unknown"), evidence)
    installed = isinstance(snapshot.environment, PythonEnvironment)
    stack = choose_stack(snapshot, catalogue).stack
    need = _WORK_MIB if installed else _INSTALL_MIB[stack.device if stack else "cpu"]
    if home.free_mib < need:
        summary = text("storage.short", free=_gib(home.free_mib), need=_gib(need), path=home.path)
        status = Status.WARNING if installed else Status.FAILURE
        cause = text("storage.cause_free_work" if installed else "storage.cause_free_install")
        return Finding("storage.free", status, summary, evidence, (_free_fix(home, need),), cause)
    for disk in disks:
        if disk.purpose in {"temporary", "hub_cache"} and disk.free_mib < _PASSING_MIB:
            summary = text("storage.short", free=_gib(disk.free_mib), need=_gib(_PASSING_MIB), path=disk.path)
            fixes = (_free_fix(disk, _PASSING_MIB),)
            return Finding("storage.free", Status.WARNING, summary, evidence, fixes, text("storage.cause_free_passing"))
    return Finding("storage.free", Status.OK, text("storage.free", free=_gib(home.free_mib)), evidence)


def examine_path(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    disks = snapshot.disks
    home = None if isinstance(disks, Unknown) else next((disk for disk in disks if disk.purpose == "home"), None)
    if home is None:
        why = disks.why if isinstance(disks, Unknown) else "home"
        return Finding("storage.path", Status.UNKNOWN, text("storage.unknown"), (text("check.why", why=told(why)),))
    evidence = (text("storage.home", path=home.path, filesystem=_filesystem(home)),)
    windows = isinstance(snapshot.os, OperatingSystem) and snapshot.os.system == "windows"
    if "cloud_synced" in home.traits:
        return _odd(text("storage.synced"), evidence, text("storage.cause_synced"), windows=windows)
    if home.remote:
        return _odd(text("storage.remote"), evidence, text("storage.cause_remote"), windows=windows)
    if "long" in home.traits and windows:
        return _odd(text("storage.long"), evidence, text("storage.cause_long"), windows=windows)
    if "non_ascii" in home.traits:
        return Finding("storage.path", Status.NOTE, text("storage.non_ascii"), evidence)
    if "spaces" in home.traits:
        return Finding("storage.path", Status.NOTE, text("storage.spaces"), evidence)
    return Finding("storage.path", Status.OK, text("storage.plain", path=home.path), evidence)


def examine_working(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    disk = _working(snapshot)
    assert disk is not None
    evidence = (text("storage.home", path=disk.path, filesystem=_filesystem(disk)),)
    if "cloud_synced" in disk.traits:
        fixes = by_hand("storage.working", text("storage.fix_working"), text("storage.by_hand_working"))
        summary, cause = text("storage.working_synced"), text("storage.cause_synced")
        return Finding("storage.working", Status.WARNING, summary, evidence, fixes, cause)
    if disk.remote:
        return Finding("storage.working", Status.NOTE, text("storage.working_remote"), evidence)
    if "non_ascii" in disk.traits:
        return Finding("storage.working", Status.NOTE, text("storage.non_ascii"), evidence)
    return Finding("storage.working", Status.OK, text("storage.plain", path=disk.path), evidence)


def examine_filesystem(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    disks = () if isinstance(snapshot.disks, Unknown) else snapshot.disks
    evidence = tuple(_describe(disk) for disk in disks)
    kinds = {disk.path: _filesystem(disk).lower() for disk in disks}
    small = [path for path, kind in kinds.items() if kind in {"fat", "fat32", "vfat", "msdos"}]
    if small:
        fixes = by_hand("storage.filesystem", text("storage.fix_filesystem"), text("storage.by_hand_filesystem"))
        summary, cause = text("storage.fat", path=small[0]), text("storage.cause_fat")
        return Finding("storage.filesystem", Status.WARNING, summary, evidence, fixes, cause)
    plain = [path for path, kind in kinds.items() if kind == "exfat"]
    if plain:
        return Finding("storage.filesystem", Status.NOTE, text("storage.exfat", path=plain[0]), evidence)
    names = ", ".join(sorted({_filesystem(disk) for disk in disks}))
    return Finding("storage.filesystem", Status.OK, text("storage.filesystems", names=names), evidence)


FREE = Check(id="storage.free", title=text("storage.title_free"), examine=examine_free, applies=asked_here, rank=30)
PATH = Check(id="storage.path", title=text("storage.title_path"), examine=examine_path, applies=asked_here, rank=40)
WORKING = Check(
    id="storage.working",
    title=text("storage.title_working"),
    examine=examine_working,
    applies=lambda snapshot: _working(snapshot) is not None,
    rank=65,
)
FILESYSTEM = Check(
    id="storage.filesystem",
    title=text("storage.title_filesystem"),
    examine=examine_filesystem,
    applies=lambda snapshot: isinstance(snapshot.disks, tuple) and bool(snapshot.disks),
    rank=40,
)


def _working(snapshot: Snapshot) -> Disk | None:
    disks = () if isinstance(snapshot.disks, Unknown) else snapshot.disks
    return next((disk for disk in disks if disk.purpose == "working"), None)


def _odd(summary: Text, evidence: tuple[Text, ...], cause: Text, *, windows: bool) -> Finding:
    hint = text("storage.by_hand_path_windows") if windows else text("storage.by_hand_path")
    fix = Fix(id="storage.path", title=text("storage.fix_path"), by_hand=hint)
    return Finding("storage.path", Status.WARNING, summary, evidence, (fix,), cause)


def _free_fix(disk: Disk, need_mib: int) -> Fix:
    missing = _gib(need_mib - disk.free_mib)
    if disk.purpose == "home":
        return Fix(
            id="storage.free",
            title=text("storage.fix_free"),
            by_hand=text("storage.by_hand_free_home", missing=missing),
        )
    return Fix(
        id="storage.free",
        title=text("storage.fix_free"),
        by_hand=text("storage.by_hand_free", missing=missing, path=disk.path),
    )


def _describe(disk: Disk) -> Text:
    purpose = text(f"storage.purpose_{disk.purpose}")
    return text(
        "storage.disk",
        purpose=purpose,
        path=disk.path,
        free=_gib(disk.free_mib),
        total=_gib(disk.total_mib),
        filesystem=_filesystem(disk),
    )


def _filesystem(disk: Disk) -> str:
    return "?" if isinstance(disk.filesystem, Unknown) else disk.filesystem


def _gib(mib: int) -> str:
    return f"{mib / _GIB:.1f}"
