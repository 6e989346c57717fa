"""Checks of what the GPUs can do for training: memory, what holds it, number formats, generation, order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.checks.base import Check, Finding, Status, asked_here, by_hand, from_text, setting_values
from doctor.checks.wheel_choice import known_capability, used_gpus
from doctor.gpu_models import architecture, family_of
from doctor.snapshot.model import NvidiaDriver, OperatingSystem, Unknown
from doctor.versions import at_least, numbers
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue
    from doctor.snapshot.model import Gpu, Snapshot

_GIB = 1024
_LEAST_MIB = int(3.5 * _GIB)
"""Below: not even 4-bit LoRA of half a billion parameters with 512 tokens."""
_SIX_MIB = int(5.5 * _GIB)
_SMALL_MIB = int(7.5 * _GIB)
_FAIR_FREE = 0.6
_HELD_MIB = 2 * _GIB
"""A desktop with a browser holds up to some 2 GiB."""
_DESKTOP = {"xorg", "xwayland", "gnome-shell", "kwin_wayland", "kwin_x11", "plasmashell", "dwm.exe", "explorer.exe"}
"""What draws the screen is not to be closed."""
_AMPERE, _TURING, _NF4 = "8.0", "7.5", "6.0"


def examine_memory(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    sizes = {gpu.name: _size(gpu) for gpu in _served(snapshot)}
    name, size = max(sizes.items(), key=lambda each: each[1])
    evidence = tuple(text("gpus.memory_of", name=each, memory=_gib(mib)) for each, mib in sizes.items())
    summary = text("gpus.memory", memory=_gib(size))
    if size < _LEAST_MIB:
        fixes = by_hand("nvidia.memory", text("gpus.fix_memory"), text("gpus.by_hand_memory"))
        return Finding(
            "nvidia.memory",
            Status.WARNING,
            text("gpus.memory_too_small", name=name, memory=_gib(size)),
            evidence,
            fixes,
            text("gpus.cause_memory"),
        )
    if size < _SMALL_MIB:
        billions = "3" if size >= _SIX_MIB else "1.5"
        summary = text("gpus.memory_small", memory=_gib(size), billions=billions)
        return Finding("nvidia.memory", Status.NOTE, summary, evidence)
    return Finding("nvidia.memory", Status.OK, summary, evidence)


def examine_busy(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    held = [gpu for gpu in used_gpus(snapshot) if _is_held(gpu)]
    evidence = tuple(
        text("gpus.free_of", index=gpu.index, free=_gib(_free(gpu)), total=_gib(_size(gpu)), names=_holders(gpu) or "–")
        for gpu in used_gpus(snapshot)
        if _size(gpu) and isinstance(gpu.memory_free_mib, int)
    )
    if not held:
        return Finding("nvidia.busy", Status.OK, text("gpus.free"), evidence)
    gpu = held[0]
    summary = text("gpus.busy", index=gpu.index, name=gpu.name, free=_gib(_free(gpu)), total=_gib(_size(gpu)))
    names = _holders(gpu)
    advice = text("gpus.by_hand_busy_named", names=names) if names else text("gpus.by_hand_busy")
    fixes = by_hand("nvidia.busy", text("gpus.fix_busy"), advice)
    return Finding("nvidia.busy", Status.WARNING, summary, evidence, fixes, text("gpus.cause_busy"))


def examine_precision(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    weakest, capability = min(_known(snapshot), key=lambda each: numbers(each[1]))
    evidence = tuple(text("gpus.capability_of", name=gpu.name, capability=have) for gpu, have in _known(snapshot))
    if at_least(capability, _AMPERE):
        return Finding("nvidia.precision", Status.OK, text("gpus.precision_all"), evidence)
    family = family_of(capability) or capability
    if not at_least(capability, _NF4):
        return Finding(
            "nvidia.precision", Status.NOTE, text("gpus.precision_no_nf4", name=weakest.name, family=family), evidence
        )
    # Of Pascal the P100 alone computes fp16 at full speed.
    if at_least(capability, "7.0") or capability == "6.0":
        return Finding(
            "nvidia.precision", Status.NOTE, text("gpus.precision_fp16", name=weakest.name, family=family), evidence
        )
    return Finding(
        "nvidia.precision", Status.NOTE, text("gpus.precision_fp32", name=weakest.name, family=family), evidence
    )


def examine_generation(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    oldest, capability = min(_known(snapshot), key=lambda each: numbers(each[1]))
    evidence = tuple(
        text("gpus.generation_of", name=gpu.name, family=family_of(have) or "?", sm=architecture(have))
        for gpu, have in _known(snapshot)
    )
    family = family_of(capability) or capability
    if at_least(capability, _TURING):
        return Finding("nvidia.generation", Status.OK, text("gpus.generation_current", family=family), evidence)
    if not at_least(capability, "5.0"):
        summary = text("gpus.generation_ended", name=oldest.name, family=family, sm=architecture(capability))
        return Finding("nvidia.generation", Status.NOTE, summary, evidence)
    summary = text("gpus.generation_ending", name=oldest.name, family=family, sm=architecture(capability))
    return Finding("nvidia.generation", Status.NOTE, summary, evidence)


def examine_order(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    nvidia = snapshot.nvidia
    assert isinstance(nvidia, NvidiaDriver)
    values = setting_values(snapshot.settings)
    order, wanted = values.get("CUDA_DEVICE_ORDER", ""), values.get("CUDA_VISIBLE_DEVICES", "")
    evidence = (
        text("gpus.order_pci", names=", ".join(gpu.name for gpu in nvidia.gpus)),
        text("gpus.order_cuda", names=", ".join(gpu.name for gpu in _fastest_first(nvidia.gpus))),
    )
    if order.strip() == "PCI_BUS_ID":
        return Finding("nvidia.order", Status.OK, text("gpus.order_fixed"), evidence)
    if _fastest_first(_comparable(nvidia.gpus)) == _comparable(nvidia.gpus):
        return Finding("nvidia.order", Status.OK, text("gpus.order_same"), evidence)
    fixes = by_hand("nvidia.order", text("gpus.fix_order"), text("gpus.by_hand_order"))
    cause = text("gpus.cause_order")
    if any(word.strip().isdigit() for word in wanted.split(",")) and len(nvidia.gpus) > 1:
        summary = text("gpus.order_wrong_card", value=wanted)
        return Finding("nvidia.order", Status.WARNING, summary, evidence, fixes, cause)
    return Finding("nvidia.order", Status.NOTE, text("gpus.order_differs"), evidence, fixes, cause)


def examine_model(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    nvidia = snapshot.nvidia
    assert isinstance(nvidia, NvidiaDriver)
    evidence = tuple(
        text("gpus.model_of", name=gpu.name, model=str(gpu.driver_model).upper())
        for gpu in nvidia.gpus
        if not isinstance(gpu.driver_model, Unknown)
    )
    tcc = [gpu for gpu in nvidia.gpus if gpu.driver_model == "tcc"]
    in_wsl = isinstance(snapshot.os, OperatingSystem) and snapshot.os.wsl != 0
    if tcc and in_wsl:
        fixes = by_hand("nvidia.model", text("gpus.fix_model"), text("gpus.by_hand_model", index=tcc[0].index))
        summary = text("gpus.model_tcc_wsl", name=tcc[0].name)
        return Finding("nvidia.model", Status.WARNING, summary, evidence, fixes, text("gpus.cause_model"))
    models = {gpu.driver_model for gpu in nvidia.gpus}
    if tcc and len(models) > 1:
        return Finding("nvidia.model", Status.NOTE, text("gpus.model_mixed", name=tcc[0].name), evidence)
    return Finding("nvidia.model", Status.OK, text("gpus.model_alike"), evidence)


def _known(snapshot: Snapshot) -> list[tuple[Gpu, str]]:
    """The GPUs in use whose compute capability the driver or the name tells."""
    pairs = ((gpu, known_capability(gpu)) for gpu in used_gpus(snapshot))
    return [(gpu, capability) for gpu, capability in pairs if capability is not None]


def _comparable(gpus: tuple[Gpu, ...]) -> tuple[Gpu, ...]:
    """Those whose speed can be told: a card of unknown kind among them changes nothing between the others."""
    return tuple(gpu for gpu in gpus if known_capability(gpu) is not None)


def _fastest_first(gpus: tuple[Gpu, ...]) -> tuple[Gpu, ...]:
    """CUDA's own order, as far as capability and memory tell speed; alike ones keep their places."""

    def speed(gpu: Gpu) -> tuple[tuple[int, ...], int]:
        return numbers(known_capability(gpu) or "0"), _size(gpu)

    return tuple(sorted(gpus, key=speed, reverse=True))


def _is_held(gpu: Gpu) -> bool:
    if not _size(gpu) or isinstance(gpu.memory_free_mib, Unknown):
        return False
    return _free(gpu) < _FAIR_FREE * _size(gpu) and _size(gpu) - _free(gpu) > _HELD_MIB


def _holders(gpu: Gpu) -> str:
    if isinstance(gpu.processes, Unknown):
        return ""
    names = dict.fromkeys(each.name for each in gpu.processes if each.name.lower() not in _DESKTOP)
    return ", ".join(names)


def _size(gpu: Gpu) -> int:
    return gpu.memory_total_mib if isinstance(gpu.memory_total_mib, int) else 0


def _free(gpu: Gpu) -> int:
    return gpu.memory_free_mib if isinstance(gpu.memory_free_mib, int) else 0


def _gib(mib: int) -> str:
    return f"{mib / _GIB:.1f}"


def _served(snapshot: Snapshot) -> list[Gpu]:
    """GPUs of known memory that the work could run on; of others nvidia.gpus says that it cannot."""
    return [gpu for gpu in used_gpus(snapshot) if _size(gpu) and at_least(known_capability(gpu) or _NF4, _NF4)]


def _knows_free(snapshot: Snapshot) -> bool:
    # A text often shows the cards at work: then their memory is held by the very job that it is about.
    return asked_here(snapshot) and any(
        _size(gpu) and isinstance(gpu.memory_free_mib, int) for gpu in used_gpus(snapshot)
    )


def _several_unlike(snapshot: Snapshot) -> bool:
    nvidia = snapshot.nvidia
    if not isinstance(nvidia, NvidiaDriver) or len(nvidia.gpus) < 2:
        return False
    if isinstance(snapshot.settings, Unknown) and not from_text(snapshot):
        return False
    known = _comparable(nvidia.gpus)
    return len(known) > 1 and len({(gpu.name, gpu.memory_total_mib) for gpu in known}) > 1


def _has_models(snapshot: Snapshot) -> bool:
    nvidia = snapshot.nvidia
    return isinstance(nvidia, NvidiaDriver) and any(gpu.driver_model in {"wddm", "tcc", "mcdm"} for gpu in nvidia.gpus)


MEMORY = Check(
    id="nvidia.memory",
    title=text("gpus.title_memory"),
    examine=examine_memory,
    applies=lambda snapshot: asked_here(snapshot) and bool(_served(snapshot)),
    rank=45,
)
BUSY = Check(id="nvidia.busy", title=text("gpus.title_busy"), examine=examine_busy, applies=_knows_free, rank=35)
PRECISION = Check(
    id="nvidia.precision",
    title=text("gpus.title_precision"),
    examine=examine_precision,
    applies=lambda snapshot: bool(_known(snapshot)),
    rank=60,
)
GENERATION = Check(
    id="nvidia.generation",
    title=text("gpus.title_generation"),
    examine=examine_generation,
    applies=lambda snapshot: bool(_known(snapshot)),
    rank=60,
)
ORDER = Check(
    id="nvidia.order", title=text("gpus.title_order"), examine=examine_order, applies=_several_unlike, rank=20
)
MODEL = Check(id="nvidia.model", title=text("gpus.title_model"), examine=examine_model, applies=_has_models, rank=8)
