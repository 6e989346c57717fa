"""Optional packages: what of them there is for a machine and its stack, and else what it would take. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.catalogue.facts import covers, library_covers
from doctor.catalogue.machine import machine_of
from doctor.catalogue.wishes import NOTHING
from doctor.errors import BadInput
from doctor.quick_dataclass import dataclass
from doctor.snapshot.model import Unknown
from doctor.versions import at_least
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doctor.catalogue.machine import Machine
    from doctor.catalogue.model import Catalogue, Offer, Part, Stack
    from doctor.catalogue.wishes import Wishes
    from doctor.snapshot.model import Gpu, Snapshot
    from doctor.words.text import Text


@dataclass(frozen=True, kw_only=True)
class PartChoice:
    """An optional package for a machine, or why there is none."""

    name: str
    title: str
    module: str
    """What Python imports."""
    requirement: str = ""
    """`xformers==0.0.35`; empty where a wheel is named, and where there is none."""
    url: str = ""
    """Address of a wheel."""
    sha256: str = ""
    """Of that wheel; empty where nobody tells it."""
    index: str = ""
    """The only index that it may come from; empty for the ordinary one."""
    dependencies: bool = True
    """Whether what it asks for in turn is installed too."""
    source: tuple[str, ...] = ()
    reason: Text | None = None
    """Why there is none for this machine, and what would be needed."""


def choose_parts(
    snapshot: Snapshot,
    catalogue: Catalogue,
    stack: Stack,
    python: str,
    names: Sequence[str],
    *,
    wishes: Wishes = NOTHING,
) -> tuple[PartChoice, ...]:
    """What there is of the named parts, and of those that they need, which come before them.

    `python` is the environment's: `3.12`. Raises BadInput for a name that the catalogue does not have.
    """
    parts = {part.name: part for part in catalogue.parts}
    machine = machine_of(snapshot, catalogue, wishes)
    chosen: dict[str, PartChoice] = {}
    for name in names:
        if name not in parts:
            raise BadInput(
                text("parts.unknown", name=name),
                field="--with",
                hint=text("parts.unknown_hint", names=", ".join(parts)),
            )
        _choose(parts[name], parts, machine, catalogue, stack, python, chosen)
    return tuple(chosen.values())


def _choose(
    part: Part,
    parts: dict[str, Part],
    machine: Machine,
    catalogue: Catalogue,
    stack: Stack,
    python: str,
    chosen: dict[str, PartChoice],
) -> None:
    if part.name in chosen:
        return
    for need in part.needs:
        _choose(parts[need], parts, machine, catalogue, stack, python, chosen)
    lacking = next((parts[need] for need in part.needs if chosen[need].reason is not None), None)
    if lacking is not None:
        chosen[part.name] = _none(part, text("parts.needs", other=lacking.title))
        return
    refusals: list[tuple[int, Text]] = []
    for offer in part.offers:
        found = _why_not(part, offer, machine, stack, python)
        if found is None:
            chosen[part.name] = _taken(part, offer, catalogue, stack, python)
            return
        refusals.append(found)
    # The offer that came nearest tells the most.
    why = max(refusals, key=lambda each: each[0])[1] if refusals else text("parts.no_wheel")
    chosen[part.name] = _none(part, why)


def _none(part: Part, why: Text) -> PartChoice:
    return PartChoice(
        name=part.name,
        title=part.title,
        module=part.module,
        source=part.source,
        reason=text("parts.not_here", title=part.title, why=why, missing=part.missing),
    )


def _taken(part: Part, offer: Offer, catalogue: Catalogue, stack: Stack, python: str) -> PartChoice:
    index = part.index
    if index == "torch":
        index = catalogue.index_url(stack.index) if stack.index else ""
    package = offer.package.replace("{abi}", "cp" + python.replace(".", ""))
    # `+` of a local version is a character of its own in an address.
    url = part.base + package.replace("+", "%2B") if part.base else ""
    return PartChoice(
        name=part.name,
        title=part.title,
        module=part.module,
        requirement="" if url else package,
        url=url,
        index=index.replace("{variant}", stack.variant),
        dependencies=part.dependencies,
        source=offer.source or part.source,
    )


def _why_not(part: Part, offer: Offer, machine: Machine, stack: Stack, python: str) -> tuple[int, Text] | None:
    """How far an offer came, and what stopped it; None when it fits."""
    if offer.systems and stack.needs.os not in offer.systems:
        return 0, text("parts.other_system", system=stack.needs.os)
    asks_gpu = bool(offer.architectures or offer.oldest or offer.variants)
    if asks_gpu and stack.device == "cpu":
        return 1, text("parts.no_gpu")
    release = stack.torch.partition("+")[0]
    if offer.torch and not f"{release}.".startswith(f"{offer.torch}."):
        return 2, text("parts.other_torch", torch=stack.torch)
    if offer.variants and stack.variant not in offer.variants:
        return 3, text("parts.other_cuda", cuda=stack.cuda, torch=release)
    if offer.pythons and python not in offer.pythons:
        return 4, text("parts.other_python", python=python, wants=", ".join(offer.pythons))
    if asks_gpu:
        for gpu in machine.gpus:
            if not _serves(offer, gpu):
                have = gpu.compute_capability
                shown = have if isinstance(have, str) else "?"
                return 5, text("parts.old_gpu", index=gpu.index, gpu=gpu.name, have=shown)
    if part.min_glibc and not _new_enough(part.min_glibc, machine):
        return 6, text("parts.old_libc", needs=part.min_glibc)
    return None


def _serves(offer: Offer, gpu: Gpu) -> bool:
    have = gpu.compute_capability
    if not isinstance(have, str) or not have[:1].isdigit():
        return False
    if offer.oldest:
        return at_least(have, offer.oldest)
    if not offer.architectures:
        return True
    return library_covers(offer.architectures, offer.ptx, have) if offer.ptx else covers(offer.architectures, have)


def _new_enough(needs: str, machine: Machine) -> bool:
    system = machine.system
    if isinstance(system, Unknown) or system.system != "linux" or isinstance(system.libc, Unknown):
        return True
    name, _, version = system.libc.partition(" ")
    return name == "glibc" and version[:1].isdigit() and at_least(version, needs)
