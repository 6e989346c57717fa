"""Checks of the NVIDIA driver against itself and against the cards that the operating system lists."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.checks.base import Check, Finding, Status, asked_here, by_hand
from doctor.gpu_models import capability_of
from doctor.snapshot.model import Absent, NvidiaDriver, OperatingSystem, Unknown
from doctor.versions import at_least
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue
    from doctor.snapshot.model import Adapter, Snapshot

_NEW_BANNER = "610"
"""From here on nvidia-smi says `CUDA UMD Version` where it said `CUDA Version`.
https://github.com/unslothai/unsloth/issues/5812"""
_FIRST_WITHOUT_VOLTA = "590"
"""R580 is the last branch for Maxwell, Pascal and Volta.
https://docs.nvidia.com/datacenter/tesla/drivers/cuda-toolkit-driver-and-architecture-matrix.html"""
_TURING = "7.5"


def examine_halves(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    parts = _driver_parts(snapshot)
    evidence = tuple(text(f"driver.part_{who}", version=version) for who, version in parts)
    versions = {version for _, version in parts}
    if len(versions) == 1:
        return Finding("nvidia.halves", Status.OK, text("driver.whole", version=parts[0][1]), evidence)
    said = dict(parts)
    system = snapshot.os.system if isinstance(snapshot.os, OperatingSystem) else ""
    kernel, user = said.get("kernel"), said.get("library") or said.get("nvml") or said.get("smi")
    if kernel is not None and user is not None and kernel != user:
        summary = text("driver.half_updated", kernel=kernel, library=user)
        cause, advice = text("driver.cause_half_updated"), text("driver.by_hand_half_linux", version=user)
    else:
        summary = text("driver.parts_differ", versions=", ".join(sorted(versions)))
        cause = text("driver.cause_parts")
        advice = text("driver.by_hand_half_windows" if system == "windows" else "driver.by_hand_half_mixed")
    fixes = by_hand("nvidia.reboot", text("driver.fix_halves"), advice)
    return Finding("nvidia.halves", Status.FAILURE, summary, evidence, fixes, cause)


def examine_banner(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    nvidia = snapshot.nvidia
    assert isinstance(nvidia, NvidiaDriver) and isinstance(nvidia.version, str)
    if at_least(nvidia.version, _NEW_BANNER):
        return Finding(
            "nvidia.banner",
            Status.NOTE,
            text("driver.banner_new", version=nvidia.version),
            (text("driver.banner_why"),),
        )
    return Finding("nvidia.banner", Status.OK, text("driver.banner_old"))


def examine_undriven(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    cards = _nvidia_adapters(snapshot)
    evidence = tuple(text("driver.listed", name=card.name) for card in cards)
    if isinstance(snapshot.nvidia, NvidiaDriver):
        return Finding("nvidia.undriven", Status.OK, text("driver.driven"), evidence)
    name = cards[0].name
    capability = capability_of(name)
    old = capability is not None and not at_least(capability, _TURING)
    linux = isinstance(snapshot.os, OperatingSystem) and snapshot.os.system == "linux"
    if old:
        advice = text("driver.by_hand_undriven_old", name=name)
    else:
        advice = text("driver.by_hand_undriven_linux" if linux else "driver.by_hand_undriven")
    return Finding(
        "nvidia.undriven",
        Status.WARNING,
        text("driver.undriven", name=name),
        evidence,
        by_hand("nvidia.driver", text("driver.fix_undriven"), advice),
        text("driver.cause_undriven_linux" if linux else "driver.cause_undriven"),
    )


def examine_left_out(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    nvidia, cards = snapshot.nvidia, _nvidia_adapters(snapshot)
    assert isinstance(nvidia, NvidiaDriver)
    evidence = (
        *(text("driver.listed", name=card.name) for card in cards),
        *(text("driver.shown", name=gpu.name) for gpu in nvidia.gpus),
    )
    if len(cards) <= len(nvidia.gpus):
        return Finding("nvidia.left_out", Status.OK, text("driver.all_shown", count=len(nvidia.gpus)), evidence)
    missing = _missing_card(cards, nvidia)
    capability = capability_of(missing.name)
    version = nvidia.version if isinstance(nvidia.version, str) else ""
    summary = text("driver.left_out", name=missing.name)
    if (
        capability is not None
        and not at_least(capability, _TURING)
        and version[:1].isdigit()
        and at_least(version, _FIRST_WITHOUT_VOLTA)
    ):
        fixes = by_hand("nvidia.driver", text("driver.fix_left_out"), text("driver.by_hand_older_branch"))
        cause = text("driver.cause_dropped", version=version, name=missing.name, capability=capability)
        return Finding("nvidia.left_out", Status.WARNING, summary, evidence, fixes, cause)
    fixes = by_hand("nvidia.left_out", text("driver.fix_left_out"), text("driver.by_hand_left_out"))
    return Finding("nvidia.left_out", Status.WARNING, summary, evidence, fixes, text("driver.cause_left_out"))


def _driver_parts(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Who says which version of the driver. In WSL the library is Windows' stub, and there is no kernel module."""
    nvidia = snapshot.nvidia
    if not isinstance(nvidia, NvidiaDriver):
        return []
    found: list[tuple[str, str]] = []
    for who, version in (
        ("nvml", nvidia.version if nvidia.source == "nvml" else nvidia.smi_version),
        ("smi", nvidia.smi_version),
        ("library", nvidia.library_version),
        ("kernel", nvidia.kernel_version),
    ):
        # A library's file name may carry its ABI alone (`1`, `1.1`), which is no driver version.
        if isinstance(version, str) and version[:1].isdigit() and at_least(version, "100"):
            found.append((who, version))
    return found


def _speaks_twice(snapshot: Snapshot) -> bool:
    in_wsl = isinstance(snapshot.os, OperatingSystem) and snapshot.os.wsl != 0
    return not in_wsl and len(_driver_parts(snapshot)) > 1


def _knows_version(snapshot: Snapshot) -> bool:
    nvidia = snapshot.nvidia
    return isinstance(nvidia, NvidiaDriver) and isinstance(nvidia.version, str) and nvidia.version[:1].isdigit()


def _nvidia_adapters(snapshot: Snapshot) -> tuple[Adapter, ...]:
    adapters = snapshot.adapters
    return () if isinstance(adapters, Unknown) else tuple(each for each in adapters if each.vendor == "nvidia")


def _lists_nvidia(snapshot: Snapshot) -> bool:
    # A container sees the host's bus, but not its driver: system.container speaks of that.
    return asked_here(snapshot) and bool(_nvidia_adapters(snapshot)) and not _container_without_driver(snapshot)


def _container_without_driver(snapshot: Snapshot) -> bool:
    return snapshot.container is True and isinstance(snapshot.nvidia, Absent | Unknown)


def _lists_and_shows(snapshot: Snapshot) -> bool:
    # A container may have been given some of the host's cards, and WSL lists none of them.
    here = isinstance(snapshot.os, OperatingSystem) and snapshot.os.wsl == 0 and snapshot.container is not True
    return here and asked_here(snapshot) and isinstance(snapshot.nvidia, NvidiaDriver) and bool(snapshot.nvidia.gpus)


def _missing_card(cards: tuple[Adapter, ...], nvidia: NvidiaDriver) -> Adapter:
    """The card that the driver does not show: by its chip's capability, for the two name a card differently."""
    shown = [gpu.compute_capability for gpu in nvidia.gpus]
    for card in cards:
        capability = capability_of(card.name)
        if capability in shown:
            shown.remove(capability)
        elif capability is not None:
            return card
    return cards[-1]


HALVES = Check(
    id="nvidia.halves",
    title=text("driver.title_halves"),
    examine=examine_halves,
    applies=_speaks_twice,
    rank=3,
    explains=("nvidia.driver", "environment.torch", "environment.stack"),
)
BANNER = Check(
    id="nvidia.banner", title=text("driver.title_banner"), examine=examine_banner, applies=_knows_version, rank=85
)
UNDRIVEN = Check(
    id="nvidia.undriven",
    title=text("driver.title_undriven"),
    examine=examine_undriven,
    applies=_lists_nvidia,
    rank=5,
    explains=("environment.torch", "environment.stack"),
)
LEFT_OUT = Check(
    id="nvidia.left_out",
    title=text("driver.title_left_out"),
    examine=examine_left_out,
    applies=lambda snapshot: _lists_and_shows(snapshot) and bool(_nvidia_adapters(snapshot)),
    rank=12,
)
