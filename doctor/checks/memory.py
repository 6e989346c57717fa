"""Checks of memory against the work: what is free now, one process per GPU, the models that lie here; the processor."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from doctor.checks.base import Check, Finding, Fix, Status, asked_here, by_hand
from doctor.checks.wheel_choice import used_gpus
from doctor.snapshot.model import (
    Absent,
    Memory,
    NvidiaDriver,
    OperatingSystem,
    Processor,
    Unknown,
    WindowsState,
)
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue
    from doctor.snapshot.model import Snapshot

_GIB = 1024
_FREE_MIB = 3 * _GIB
"""What importing torch and loading a model of half a billion parameters takes."""
_ENOUGH_MIB = int(7.5 * _GIB)
_PROCESS_MIB = 8 * _GIB
"""Commit of one training process besides the card's memory; as in doctor/checks/system.py."""
_X86 = {"x86_64", "amd64"}


def commit_limit_with_growth(snapshot: Snapshot) -> int | None:
    """MiB that Windows may promise once it has let the page file grow; None where that is not known.

    A page file that Windows manages grows to three times the memory, free disk allowing.
    https://learn.microsoft.com/en-us/troubleshoot/windows-client/performance/introduction-to-the-page-file
    """
    memory = snapshot.memory
    if isinstance(memory, Unknown) or isinstance(memory.commit_limit_mib, Unknown):
        return None
    if not isinstance(snapshot.windows, WindowsState) or snapshot.windows.page_file_automatic is not True:
        return memory.commit_limit_mib
    disks = () if isinstance(snapshot.disks, Unknown) else snapshot.disks
    room = max((disk.free_mib for disk in disks if disk.purpose == "temporary"), default=0)
    swap = memory.swap_total_mib if isinstance(memory.swap_total_mib, int) else 0
    return memory.commit_limit_mib + max(0, min(3 * memory.total_mib - swap, room // 2))


def examine_several(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    gpus = used_gpus(snapshot)
    limit = commit_limit_with_growth(snapshot)
    assert limit is not None
    cards = [gpu.memory_total_mib for gpu in gpus if isinstance(gpu.memory_total_mib, int)]
    need = len(gpus) * _PROCESS_MIB + sum(cards)
    alone = _PROCESS_MIB + max(cards, default=0)
    evidence = (text("memory.several_need", count=len(gpus), need=_gib(need), limit=_gib(limit)),)
    if limit >= need:
        return Finding("memory.several", Status.OK, text("memory.several_ok", count=len(gpus)), evidence)
    if limit < alone:
        # Even one process does not fit: that is system.page_file's to say.
        return Finding("memory.several", Status.NOTE, text("memory.several_not_even_one"), evidence)
    size = math.ceil((need - limit) / _GIB)
    fixes = by_hand("windows.page_file", text("memory.fix_several"), text("memory.by_hand_several", size=size))
    summary = text("memory.several_short", limit=_gib(limit), need=_gib(need), count=len(gpus))
    return Finding("memory.several", Status.WARNING, summary, evidence, fixes, text("memory.cause_several"))


def examine_free(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    memory = snapshot.memory
    assert isinstance(memory, Memory)
    summary = text("memory.free", free=_gib(memory.available_mib))
    if memory.available_mib >= _FREE_MIB or memory.total_mib < _ENOUGH_MIB:
        return Finding("memory.free", Status.OK, summary)
    fixes = by_hand("memory.free", text("memory.fix_free"), text("memory.by_hand_free"))
    summary = text("memory.little_free", free=_gib(memory.available_mib), total=_gib(memory.total_mib))
    return Finding("memory.free", Status.WARNING, summary, (), fixes, text("memory.cause_free"))


def examine_models(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    memory, models = snapshot.memory, snapshot.models
    assert isinstance(memory, Memory) and not isinstance(models, Unknown)
    limit = commit_limit_with_growth(snapshot)
    if limit is None:
        limit = memory.total_mib + (memory.swap_total_mib if isinstance(memory.swap_total_mib, int) else 0)
    evidence = tuple(
        text("memory.model", name=model.name, weights=_gib(model.weights_mib), largest=_gib(model.largest_file_mib))
        for model in models
    )
    too_large = [model for model in models if model.largest_file_mib + _FREE_MIB > limit]
    if not too_large:
        return Finding("memory.models", Status.OK, text("memory.models_fit", count=len(models)), evidence)
    model = too_large[0]
    need = _gib(model.largest_file_mib + _FREE_MIB)
    windows = isinstance(snapshot.os, OperatingSystem) and snapshot.os.system == "windows"
    fixes = by_hand(
        "windows.page_file" if windows else "memory.swap",
        text("memory.fix_models"),
        text("memory.by_hand_models_windows" if windows else "memory.by_hand_models_linux", need=need),
    )
    summary = text("memory.model_too_large", name=model.name, need=need, limit=_gib(limit))
    return Finding("memory.models", Status.WARNING, summary, evidence, fixes, text("memory.cause_models"))


def examine_processor(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    processor = snapshot.processor
    assert isinstance(processor, Processor) and isinstance(processor.features, tuple)
    evidence = (text("memory.features", names=", ".join(processor.features) or "–"),)
    if "avx2" in processor.features:
        return Finding("processor.features", Status.OK, text("memory.processor", name=processor.name), evidence)
    fixes = by_hand("processor.features", text("memory.fix_processor"), text("memory.by_hand_processor"))
    summary = text("memory.no_avx2", name=processor.name)
    return Finding("processor.features", Status.WARNING, summary, evidence, fixes, text("memory.cause_processor"))


def examine_container(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    if isinstance(snapshot.nvidia, NvidiaDriver) and snapshot.nvidia.gpus:
        return Finding("system.container", Status.OK, text("memory.container_gpu"))
    adapters = () if isinstance(snapshot.adapters, Unknown) else snapshot.adapters
    cards = [each for each in adapters if each.vendor == "nvidia"]
    evidence = tuple(text("memory.container_card", name=each.name) for each in cards)
    if cards:
        fixes = by_hand("system.container", text("memory.fix_container"), text("memory.by_hand_container"))
        summary = text("memory.container_without", name=cards[0].name)
        return Finding("system.container", Status.WARNING, summary, evidence, fixes, text("memory.cause_container"))
    fix = Fix(id="system.container", title=text("memory.fix_container"), by_hand=text("memory.by_hand_container"))
    return Finding("system.container", Status.NOTE, text("memory.container_none"), evidence, (fix,))


def _gib(mib: int) -> str:
    return f"{mib / _GIB:.1f}"


def _starts_several(snapshot: Snapshot) -> bool:
    windows = isinstance(snapshot.os, OperatingSystem) and snapshot.os.system == "windows"
    return windows and len(used_gpus(snapshot)) > 1 and commit_limit_with_growth(snapshot) is not None


def _knows_processor(snapshot: Snapshot) -> bool:
    processor, system = snapshot.processor, snapshot.os
    return (
        isinstance(processor, Processor)
        and isinstance(processor.features, tuple)
        and isinstance(system, OperatingSystem)
        and system.machine.lower() in _X86
    )


def _is_container(snapshot: Snapshot) -> bool:
    return snapshot.container is True and isinstance(snapshot.nvidia, NvidiaDriver | Absent | Unknown)


SEVERAL = Check(
    id="memory.several",
    title=text("memory.title_several"),
    examine=examine_several,
    applies=lambda snapshot: asked_here(snapshot) and _starts_several(snapshot),
    rank=35,
)
FREE = Check(
    id="memory.free",
    title=text("memory.title_free"),
    examine=examine_free,
    applies=lambda snapshot: asked_here(snapshot) and isinstance(snapshot.memory, Memory),
    rank=40,
)
MODELS = Check(
    id="memory.models",
    title=text("memory.title_models"),
    examine=examine_models,
    applies=lambda snapshot: (
        asked_here(snapshot)
        and isinstance(snapshot.memory, Memory)
        and isinstance(snapshot.models, tuple)
        and bool(snapshot.models)
    ),
    rank=40,
)
PROCESSOR = Check(
    id="processor.features",
    title=text("memory.title_processor"),
    examine=examine_processor,
    applies=lambda snapshot: asked_here(snapshot) and _knows_processor(snapshot),
    rank=25,
)
CONTAINER = Check(
    id="system.container",
    title=text("memory.title_container"),
    examine=examine_container,
    applies=lambda snapshot: asked_here(snapshot) and _is_container(snapshot),
    rank=5,
    explains=("environment.torch", "environment.stack"),
)
