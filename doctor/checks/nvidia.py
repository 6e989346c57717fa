"""Checks of the NVIDIA driver and its GPUs. A driver that could not be asked is 'unknown', never 'no GPU'."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.catalogue.select import covers, visible_gpus
from doctor.checks.base import Check, Finding, Fix, Status, asked_here, from_text, setting_values
from doctor.checks.reasons import told
from doctor.checks.wheel_choice import command_for
from doctor.gpu_models import architecture, family_of
from doctor.late_pattern import late_pattern
from doctor.snapshot.model import (
    Absent,
    NvidiaDriver,
    OperatingSystem,
    PythonEnvironment,
    TorchFiles,
    Unknown,
    WslState,
)
from doctor.versions import at_least, numbers
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doctor.catalogue.model import Catalogue, Stack
    from doctor.snapshot.model import Gpu, Snapshot
    from doctor.words.text import Text

_OLDEST_CUDA_11 = "450"
"""No torch since 2.0 runs on a driver before it."""
_UUID = late_pattern(r"(GPU|MIG)-[0-9A-Fa-f-]+.*")


def has_gpus(snapshot: Snapshot) -> bool:
    return isinstance(snapshot.nvidia, NvidiaDriver) and bool(snapshot.nvidia.gpus)


def has_several_gpus(snapshot: Snapshot) -> bool:
    return isinstance(snapshot.nvidia, NvidiaDriver) and len(snapshot.nvidia.gpus) > 1


def _shows_variables(snapshot: Snapshot) -> bool:
    return has_gpus(snapshot) and (asked_here(snapshot) or not isinstance(snapshot.settings, Unknown))


def examine_driver(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    nvidia = snapshot.nvidia
    if isinstance(nvidia, Absent):
        return Finding("nvidia.driver", Status.NOTE, text("nvidia.absent"), _why(nvidia.why))
    if isinstance(nvidia, Unknown):
        fixes = () if _told_elsewhere(snapshot) else (_driver_fix(snapshot, text("nvidia.by_hand_driver_repair")),)
        return Finding("nvidia.driver", Status.UNKNOWN, text("nvidia.unasked"), _why(nvidia.why), fixes)
    if isinstance(nvidia.version, Unknown) or not nvidia.version[:1].isdigit():
        why = nvidia.version.why if isinstance(nvidia.version, Unknown) else nvidia.version
        return Finding("nvidia.driver", Status.UNKNOWN, text("nvidia.unasked"), _why(why))
    version = nvidia.version
    newest = "?" if isinstance(nvidia.cuda_version, Unknown) else nvidia.cuda_version
    rows = [
        row for row in _cuda_rows(snapshot, catalogue) if all(_serves(row, gpu) for gpu in _visible(snapshot, nvidia))
    ]
    least = {row.id: _least_driver(row, snapshot) for row in rows}
    evidence = (
        text("nvidia.newest_cuda", cuda=newest),
        *(text("nvidia.row_needs", row=row.id, driver=least[row.id]) for row in rows),
    )
    summary = text("nvidia.driver", version=version)
    usable = [row for row in rows if at_least(version, least[row.id])]
    if rows and not usable:
        oldest = _oldest(least.values())
        summary = text("nvidia.driver_old", version=version, needs=oldest)
        fix = _driver_fix(snapshot, text("nvidia.by_hand_driver", needs=least[rows[0].id]))
        cause = text("nvidia.cause_driver_old", version=version, needs=oldest)
        # In a text the torch that is used decides, not what tunedoc would install: environment.torch judges it.
        status = Status.NOTE if from_text(snapshot) and at_least(version, _OLDEST_CUDA_11) else Status.FAILURE
        return Finding("nvidia.driver", status, summary, evidence, (fix,), cause)
    if usable and usable[0] is not rows[0]:
        better = text("nvidia.newer_helps", needs=least[rows[0].id], row=rows[0].id, have=usable[0].id)
        return Finding("nvidia.driver", Status.NOTE, text("nvidia.driver_fair", version=version), (better, *evidence))
    return Finding("nvidia.driver", Status.OK, summary, evidence)


def examine_gpus(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    nvidia = snapshot.nvidia
    assert isinstance(nvidia, NvidiaDriver)
    evidence = tuple(_describe(gpu) for gpu in nvidia.gpus)
    if not nvidia.gpus:
        fix = _driver_fix(snapshot, text("nvidia.by_hand_no_gpus"))
        cause = text("nvidia.cause_no_gpus")
        return Finding("nvidia.gpus", Status.WARNING, text("nvidia.no_gpus"), evidence, (fix,), cause)
    rows = _cuda_rows(snapshot, catalogue)
    for gpu in nvidia.gpus:
        if isinstance(gpu.compute_capability, Unknown):
            summary = text("nvidia.gpu_silent", index=gpu.index, name=gpu.name)
            return Finding("nvidia.gpus", Status.UNKNOWN, summary, evidence)
    unserved = [gpu for gpu in nvidia.gpus if rows and not any(_serves(row, gpu) for row in rows)]
    if from_text(snapshot):
        # Another torch than tunedoc's serves more; below 5.0 none that is kept up does.
        unserved = [] if _torch_is_told(snapshot) else [gpu for gpu in unserved if not _is_maxwell_or_newer(gpu)]
    if unserved:
        gpu = unserved[0]
        summary = text("nvidia.gpu_unserved", index=gpu.index, name=gpu.name, capability=_capability(gpu))
        others = len(unserved) < len(nvidia.gpus)
        status = Status.WARNING if others else Status.FAILURE
        hint = text("nvidia.by_hand_hide") if others else text("nvidia.by_hand_other_gpu")
        fix = Fix(id="nvidia.visible" if others else "nvidia.gpus", title=text("nvidia.fix_gpus"), by_hand=hint)
        return Finding("nvidia.gpus", status, summary, evidence, (fix,), _why_unserved(gpu))
    for gpu in nvidia.gpus:
        if isinstance(gpu.memory_total_mib, Unknown):
            summary = text("nvidia.gpu_memory_silent", index=gpu.index, name=gpu.name)
            return Finding("nvidia.gpus", Status.UNKNOWN, summary, evidence)
    return Finding("nvidia.gpus", Status.OK, _summary(nvidia.gpus), evidence)


def examine_visible(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    nvidia = snapshot.nvidia
    assert isinstance(nvidia, NvidiaDriver)
    values = setting_values(snapshot.settings)
    wanted = values.get("CUDA_VISIBLE_DEVICES")
    count = len(nvidia.gpus)
    if isinstance(snapshot.settings, Unknown):
        why = _why(snapshot.settings.why)
        return Finding("nvidia.visible", Status.UNKNOWN, text("nvidia.visible_unknown"), why)
    if wanted is None:
        return Finding("nvidia.visible", Status.OK, text("nvidia.visible_all"))
    evidence: tuple[Text, ...] = (text("nvidia.visible_value", value=wanted),)
    unset = Fix(id="nvidia.visible", title=text("nvidia.fix_visible"), by_hand=text("nvidia.by_hand_visible"))
    entries = [word.strip() for word in wanted.split(",")]
    if not wanted.strip() or entries[0] == "-1":
        cause = text("nvidia.cause_visible_none")
        return Finding("nvidia.visible", Status.WARNING, text("nvidia.visible_none"), evidence, (unset,), cause)
    # CUDA reads the list up to the first entry it cannot use and silently drops the rest; a repeated entry hides all.
    # https://docs.nvidia.com/cuda/cuda-c-programming-guide/index.html#env-vars
    for entry in entries:
        if entry == "-1":
            break
        if entry.isdigit() and int(entry) >= count:
            if from_text(snapshot) and isinstance(nvidia.version, Unknown):
                return Finding("nvidia.visible", Status.NOTE, text("nvidia.visible_told", value=wanted), evidence)
            summary = text("nvidia.visible_beyond", entry=entry, count=count)
            cause = text("nvidia.cause_visible_cut")
            return Finding("nvidia.visible", Status.WARNING, summary, evidence, (unset,), cause)
        if not entry.isdigit() and not _names_gpu(entry, nvidia.gpus):
            if from_text(snapshot) and _UUID.fullmatch(entry):
                return Finding("nvidia.visible", Status.NOTE, text("nvidia.visible_told", value=wanted), evidence)
            summary = text("nvidia.visible_malformed", entry=entry or " ")
            cause = text("nvidia.cause_visible_cut")
            return Finding("nvidia.visible", Status.WARNING, summary, evidence, (unset,), cause)
    if len(set(entries)) < len(entries):
        cause = text("nvidia.cause_visible_twice")
        return Finding("nvidia.visible", Status.WARNING, text("nvidia.visible_twice"), evidence, (unset,), cause)
    shown = entries.index("-1") if "-1" in entries else len(entries)
    if shown == count:
        return Finding("nvidia.visible", Status.OK, text("nvidia.visible_all"), evidence)
    if any(entry.isdigit() for entry in entries) and values.get("CUDA_DEVICE_ORDER") != "PCI_BUS_ID":
        evidence = (*evidence, text("nvidia.visible_order"))
    return Finding("nvidia.visible", Status.NOTE, text("nvidia.visible_some", shown=shown, count=count), evidence)


def examine_mixed(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    nvidia = snapshot.nvidia
    assert isinstance(nvidia, NvidiaDriver)
    gpus = _visible(snapshot, nvidia)
    evidence = tuple(_describe(gpu) for gpu in gpus)
    if any(isinstance(gpu.compute_capability, Unknown) for gpu in gpus):
        return Finding("nvidia.mixed", Status.UNKNOWN, text("nvidia.mixed_unknown"), evidence)
    rows = _cuda_rows(snapshot, catalogue)
    served = [gpu for gpu in gpus if any(_serves(row, gpu) for row in rows)]
    if served and not any(all(_serves(row, gpu) for gpu in served) for row in rows):
        # torch for CUDA 12.6 has no code for 12.0, and from 12.8 on none below 7.5 (facts of each wheel: wheels.toml).
        best = min(served, key=lambda gpu: [_serves(row, gpu) for row in rows].index(True))
        if from_text(snapshot):
            return Finding("nvidia.mixed", Status.NOTE, text("nvidia.mixed_no_row"), evidence)
        fixes = [
            Fix(
                id="nvidia.mixed",
                title=text("nvidia.fix_mixed"),
                by_hand=text("nvidia.by_hand_mixed", name=best.name, uuid=best.uuid),
            )
        ]
        command = command_for(snapshot)
        if command is not None:
            both = text("nvidia.by_hand_mixed_both", command=command)
            fixes.append(Fix(id="nvidia.mixed_both", title=text("nvidia.fix_mixed_both"), by_hand=both))
        oldest = min(served, key=lambda gpu: numbers(_capability(gpu)))
        cause = text(
            "nvidia.cause_mixed",
            new=best.name,
            new_sm=architecture(_capability(best)),
            old=oldest.name,
            old_sm=architecture(_capability(oldest)),
        )
        return Finding("nvidia.mixed", Status.WARNING, text("nvidia.mixed_no_row"), evidence, tuple(fixes), cause)
    sizes = {gpu.memory_total_mib for gpu in gpus if isinstance(gpu.memory_total_mib, int)}
    if len({gpu.name for gpu in gpus}) > 1 or len(sizes) > 1:
        return Finding("nvidia.mixed", Status.NOTE, text("nvidia.mixed_unequal"), evidence)
    return Finding("nvidia.mixed", Status.OK, text("nvidia.mixed_alike"), evidence)


DRIVER = Check(
    id="nvidia.driver",
    title=text("nvidia.title_driver"),
    examine=examine_driver,
    rank=10,
    explains=("environment.torch", "environment.stack"),
)
GPUS = Check(
    id="nvidia.gpus",
    title=text("nvidia.title_gpus"),
    examine=examine_gpus,
    # A text may name the driver and none of its cards.
    applies=lambda snapshot: has_gpus(snapshot) or (asked_here(snapshot) and isinstance(snapshot.nvidia, NvidiaDriver)),
    rank=6,
    explains=("nvidia.memory", "environment.stack"),
)
VISIBLE = Check(
    id="nvidia.visible",
    title=text("nvidia.title_visible"),
    examine=examine_visible,
    applies=_shows_variables,
    rank=12,
    explains=("environment.torch", "environment.stack"),
)
MIXED = Check(
    id="nvidia.mixed",
    title=text("nvidia.title_mixed"),
    examine=examine_mixed,
    applies=has_several_gpus,
    rank=15,
    explains=("torch.mixed_gpus",),
)


def _cuda_rows(snapshot: Snapshot, catalogue: Catalogue) -> list[Stack]:
    """CUDA rows for this operating system, best first."""
    if not isinstance(snapshot.os, OperatingSystem):
        return []
    system = snapshot.os.system
    return [
        row for row in catalogue.stacks if row.device == "cuda" and row.status != "withdrawn" and row.needs.os == system
    ]


def _least_driver(row: Stack, snapshot: Snapshot) -> str:
    """Under WSL the driver is Windows' own, and numbered as such."""
    under_wsl = isinstance(snapshot.os, OperatingSystem) and snapshot.os.wsl > 0
    return (under_wsl and row.needs.min_driver_wsl) or row.needs.min_driver


def _told_elsewhere(snapshot: Snapshot) -> bool:
    """Where a container, WSL or the list of adapters tells more, the check of that says what to do."""
    stub_missing = isinstance(snapshot.wsl, WslState) and snapshot.wsl.stub is False
    listed = isinstance(snapshot.adapters, tuple) and any(each.vendor == "nvidia" for each in snapshot.adapters)
    return snapshot.container is True or stub_missing or listed


def _torch_is_told(snapshot: Snapshot) -> bool:
    """A text that names its torch: whether that one has code for the cards is environment.torch's to say."""
    environment = snapshot.environment
    if not from_text(snapshot) or not isinstance(environment, PythonEnvironment):
        return False
    return isinstance(environment.torch, TorchFiles) or any(each.name == "torch" for each in environment.packages)


def _is_maxwell_or_newer(gpu: Gpu) -> bool:
    capability = _capability(gpu)
    return not capability[:1].isdigit() or at_least(capability, "5.0")


def _why_unserved(gpu: Gpu) -> Text:
    capability = _capability(gpu)
    family = family_of(capability) or "?"
    if not _is_maxwell_or_newer(gpu):
        return text("nvidia.cause_end_of_life", name=gpu.name, family=family, sm=architecture(capability))
    return text("nvidia.cause_unserved", name=gpu.name, family=family, sm=architecture(capability))


def _visible(snapshot: Snapshot, nvidia: NvidiaDriver) -> tuple[Gpu, ...]:
    return visible_gpus(nvidia, snapshot.settings) or nvidia.gpus


def _serves(row: Stack, gpu: Gpu) -> bool:
    have = gpu.compute_capability
    if isinstance(have, Unknown) or not have[:1].isdigit():
        return False
    return at_least(have, row.needs.min_compute) and covers(row.architectures, have)


def _oldest(versions: Iterable[str]) -> str:
    chosen = ""
    for version in versions:
        if not chosen or not at_least(version, chosen):
            chosen = version
    return chosen


def _driver_fix(snapshot: Snapshot, by_hand: Text) -> Fix:
    if isinstance(snapshot.os, OperatingSystem) and snapshot.os.wsl:
        by_hand = text("nvidia.in_windows", advice=by_hand)
    return Fix(id="nvidia.driver", title=text("nvidia.fix_driver"), by_hand=by_hand)


def _names_gpu(entry: str, gpus: tuple[Gpu, ...]) -> bool:
    if _UUID.fullmatch(entry) is None:
        return False
    # Parts of a card (MIG) are not in the snapshot; CUDA knows whether they exist.
    return entry.startswith("MIG-") or any(gpu.uuid.upper().startswith(entry.upper()) for gpu in gpus)


def _summary(gpus: tuple[Gpu, ...]) -> Text:
    first = gpus[0]
    if len(gpus) == 1:
        return text("nvidia.one", name=first.name, memory=_memory(first))
    if all((gpu.name, gpu.memory_total_mib) == (first.name, first.memory_total_mib) for gpu in gpus):
        return text("nvidia.several", count=len(gpus), name=first.name, memory=_memory(first))
    return text("nvidia.list", names=", ".join(gpu.name for gpu in gpus))


def _describe(gpu: Gpu) -> Text:
    return text("nvidia.gpu", index=gpu.index, name=gpu.name, capability=_capability(gpu), memory=_memory(gpu))


def _capability(gpu: Gpu) -> str:
    return "?" if isinstance(gpu.compute_capability, Unknown) else gpu.compute_capability


def _memory(gpu: Gpu) -> str:
    return "?" if isinstance(gpu.memory_total_mib, Unknown) else f"{gpu.memory_total_mib / 1024:.1f}"


def _why(why: str) -> tuple[Text, ...]:
    return (text("check.why", why=told(why)),) if why else ()
