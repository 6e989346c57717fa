"""The smallest changes to a machine that would give it a better stack: each is tried, none is guessed. Pure."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from doctor.catalogue.fitting import lacks_room, least_driver, why_not
from doctor.catalogue.machine import known
from doctor.quick_dataclass import dataclass
from doctor.sizing import LEAST_FREE_MIB
from doctor.snapshot.model import NvidiaDriver, Unknown
from doctor.versions import at_least, numbers
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from doctor.catalogue.machine import Machine
    from doctor.catalogue.model import Catalogue, Stack
    from doctor.catalogue.wishes import Wishes
    from doctor.words.text import Text

Kind = Literal["wsl", "glibc", "python", "disk", "driver", "visible", "gpus", "together"]


@dataclass(frozen=True, kw_only=True)
class Change:
    """Something that a user can do, and the row that it would give."""

    kind: Kind
    value: str
    """What it is changed to: a driver version, numbers of GPUs (`1`, `0,2`), a Python, GiB to free, a glibc."""
    words: Text
    """What to do."""
    stack: str
    """The row that the machine would get."""
    together: tuple[Change, ...] = ()
    """What must be done at once, where one thing alone is not enough."""


@dataclass(frozen=True, kw_only=True)
class _Candidate:
    kind: Kind
    value: str
    words: Text
    apply: Callable[[Machine], Machine]


def smallest_changes(
    chosen: Stack | None, machine: Machine, catalogue: Catalogue, wishes: Wishes, failed: Mapping[str, Text]
) -> tuple[Change, ...]:
    """The first of each kind that gives a better row; where no single one gives CUDA, the fewest that do together.

    Fewer GPUs are proposed only for what the machine cannot have with all of them: CUDA at all, or 4 bits.
    """
    room = _room_for(chosen, machine)
    better = _better_rows(chosen, machine, catalogue, wishes, failed)
    if not better:
        return room
    kinds = _candidates(machine, better, catalogue, wishes)
    found: list[Change] = list(room)
    for candidates in kinds:
        for candidate in candidates:
            row = _first_fit(better, candidate.apply(machine), wishes)
            if row is not None and _worth_it(candidate.kind, chosen, row):
                words = candidate.words
                found.append(Change(kind=candidate.kind, value=candidate.value, words=words, stack=row.id))
                break
    if found[len(room) :] or (chosen is not None and chosen.device == "cuda"):
        return tuple(found)
    several = _together(kinds, machine, better, wishes)
    return room if several is None else (*room, several)


def _better_rows(
    chosen: Stack | None, machine: Machine, catalogue: Catalogue, wishes: Wishes, failed: Mapping[str, Text]
) -> list[Stack]:
    """Rows of this system before the chosen one that a change could give: those for the CPU only where nothing fits."""
    system = machine.system
    if isinstance(system, Unknown):
        return []
    has_gpu = isinstance(machine.nvidia, NvidiaDriver) and wishes.device != "cpu"
    rows = [
        row
        for row in catalogue.stacks
        if row.needs.os == system.system
        and system.machine.lower() in row.needs.machines
        and row.id not in failed
        and (has_gpu if row.device == "cuda" else chosen is None and wishes.device != "cuda")
    ]
    return list(itertools.takewhile(lambda row: row is not chosen, rows))


def _room_for(chosen: Stack | None, machine: Machine) -> tuple[Change, ...]:
    """What to free for the chosen row itself, where that did not count in choosing."""
    if chosen is None or machine.free_mib is None or not lacks_room(chosen, machine):
        return ()
    gib = _gib(LEAST_FREE_MIB[chosen.device] - machine.free_mib)
    return (Change(kind="disk", value=str(gib), words=text("catalogue.change_disk", count=gib), stack=chosen.id),)


def _worth_it(kind: Kind, chosen: Stack | None, row: Stack) -> bool:
    if kind != "gpus" or chosen is None or chosen.device == "cpu":
        return True
    return row.four_bits and not chosen.four_bits


def _together(kinds: list[list[_Candidate]], machine: Machine, rows: list[Stack], wishes: Wishes) -> Change | None:
    for count in range(2, len(kinds) + 1):
        for chosen_kinds in itertools.combinations(kinds, count):
            for candidates in itertools.product(*chosen_kinds):
                changed = machine
                for candidate in candidates:
                    changed = candidate.apply(changed)
                row = _first_fit(rows, changed, wishes)
                if row is not None:
                    parts = tuple(Change(kind=c.kind, value=c.value, words=c.words, stack=row.id) for c in candidates)
                    words = parts[0].words
                    for part in parts[1:]:
                        words = text("catalogue.change_and", first=words, second=part.words)
                    return Change(kind="together", value="", words=words, stack=row.id, together=parts)
    return None


def _first_fit(rows: list[Stack], machine: Machine, wishes: Wishes) -> Stack | None:
    return next((row for row in rows if why_not(row, machine, wishes) is None), None)


def _candidates(machine: Machine, rows: list[Stack], catalogue: Catalogue, wishes: Wishes) -> list[list[_Candidate]]:
    """What could be changed, by kind; within a kind the smaller change first."""
    kinds = [
        list(_wsl(machine)),
        list(_glibc(machine, rows)),
        list(_pythons(machine, rows)),
        list(_disk(machine)) if wishes.room else [],
        list(_visible(machine, catalogue)),
        list(_drivers(machine, rows)),
        list(_gpus(machine)),
    ]
    return [candidates for candidates in kinds if candidates]


def _wsl(machine: Machine) -> Iterator[_Candidate]:
    system = machine.system
    if not isinstance(system, Unknown) and system.wsl == 1:
        newer = replace(system, wsl=2)
        yield _Candidate(
            kind="wsl", value="2", words=text("catalogue.change_wsl"), apply=lambda m: replace(m, system=newer)
        )


def _glibc(machine: Machine, rows: list[Stack]) -> Iterator[_Candidate]:
    system = machine.system
    if isinstance(system, Unknown) or isinstance(system.libc, Unknown) or not system.libc.startswith("glibc "):
        return
    have = system.libc.removeprefix("glibc ")
    wanted = sorted({row.needs.min_glibc for row in rows if row.needs.min_glibc}, key=numbers)
    for version in wanted:
        if have[:1].isdigit() and not at_least(have, version):
            newer = replace(system, libc=f"glibc {version}")
            yield _Candidate(
                kind="glibc",
                value=version,
                words=text("catalogue.change_glibc", version=version),
                apply=lambda m, newer=newer: replace(m, system=newer),  # type: ignore[misc]
            )


def _pythons(machine: Machine, rows: list[Stack]) -> Iterator[_Candidate]:
    if machine.pythons is None:
        return
    for version in dict.fromkeys(version for row in rows for version in row.needs.pythons):
        if version not in machine.pythons:
            yield _Candidate(
                kind="python",
                value=version,
                words=text("catalogue.change_python", version=version),
                apply=lambda m, version=version: replace(m, pythons=(version,)),  # type: ignore[misc]
            )


def _disk(machine: Machine) -> Iterator[_Candidate]:
    needs = LEAST_FREE_MIB["cuda"]
    if machine.free_mib is not None and machine.free_mib < needs:
        gib = _gib(needs - machine.free_mib)
        yield _Candidate(
            kind="disk",
            value=str(gib),
            words=text("catalogue.change_disk", count=gib),
            apply=lambda m: replace(m, free_mib=needs),
        )


def _visible(machine: Machine, catalogue: Catalogue) -> Iterator[_Candidate]:
    nvidia = machine.nvidia
    if isinstance(nvidia, NvidiaDriver) and nvidia.gpus and not machine.gpus:
        every = tuple(known(gpu, catalogue) for gpu in nvidia.gpus)
        yield _Candidate(
            kind="visible",
            value=",".join(str(gpu.index) for gpu in every),
            words=text("catalogue.change_visible"),
            apply=lambda m: replace(m, gpus=every, count=len(every)),
        )


def _drivers(machine: Machine, rows: list[Stack]) -> Iterator[_Candidate]:
    have = machine.driver
    if isinstance(have, Unknown) or not have[:1].isdigit():
        return
    wanted = sorted({least_driver(row, machine) for row in rows if row.device == "cuda"}, key=numbers)
    for version in wanted:
        if not at_least(have, version):
            yield _Candidate(
                kind="driver",
                value=version,
                words=text("catalogue.change_driver", version=version),
                apply=lambda m, version=version: replace(m, driver=version),  # type: ignore[misc]
            )


def _gpus(machine: Machine) -> Iterator[_Candidate]:
    """Fewer GPUs, the fewest left out first. GPUs that are alike stay or go together."""
    alike: dict[object, list[int]] = {}
    for place, gpu in enumerate(machine.gpus):
        alike.setdefault(gpu.compute_capability, []).append(place)
    groups = list(alike.values())
    if len(groups) < 2:
        return
    kept = [
        sorted(itertools.chain.from_iterable(chosen))
        for count in range(len(groups) - 1, 0, -1)
        for chosen in itertools.combinations(groups, count)
    ]
    for places in sorted(kept, key=lambda places: -len(places)):
        gpus = tuple(machine.gpus[place] for place in places)
        numbers_of = ", ".join(str(gpu.index) for gpu in gpus)
        names = ", ".join(dict.fromkeys(gpu.name for gpu in gpus))
        yield _Candidate(
            kind="gpus",
            value=numbers_of.replace(" ", ""),
            words=text("catalogue.change_gpus", gpus=numbers_of, names=names),
            apply=lambda m, gpus=gpus: replace(m, gpus=gpus, count=len(gpus)),  # type: ignore[misc]
        )


def _gib(mib: int) -> int:
    return -(-mib // 1024)
