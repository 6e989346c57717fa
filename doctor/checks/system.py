"""Checks of the operating system, memory and the Python that runs tunedoc."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from doctor.catalogue.select import choose_stack, visible_gpus
from doctor.checks.base import Check, Finding, Fix, Status, asked_here, setting_values
from doctor.checks.memory import commit_limit_with_growth
from doctor.checks.reasons import told
from doctor.snapshot.model import NvidiaDriver, OperatingSystem, Unknown, WindowsState
from doctor.versions import at_least
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue
    from doctor.snapshot.model import Snapshot
    from doctor.words.text import Text

_FIRST_WINDOWS_10 = 10240
_FIRST_WINDOWS_11 = 22000
_MIN_GLIBC = "2.28"
"""torch's Linux wheels are tagged manylinux_2_28 from 2.7 on (read from the index's file names)."""
_GIB = 1024
_SMALL_MIB = int(3.5 * _GIB)
_TIGHT_MIB = int(7.5 * _GIB)
"""A machine sold with 8 GB shows a little less."""
_TORCH_COMMIT_MIB = 8 * _GIB
"""What Windows must promise one training process besides the model: the CUDA libraries of torch alone are mapped
with several GB of commit. Reports of error 1455: pytorch/pytorch#59904, Comfy-Org/ComfyUI#8065."""


def is_windows(snapshot: Snapshot) -> bool:
    return isinstance(snapshot.os, OperatingSystem) and snapshot.os.system == "windows"


def examine_build(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    system = snapshot.os
    if isinstance(system, Unknown):
        return Finding(
            "system.build", Status.UNKNOWN, text("system.build_unknown"), (text("check.why", why=told(system.why)),)
        )
    summary = text("system.build", name=system.name, machine=system.machine)
    if system.wsl:
        summary = text("system.build_wsl", name=system.name, machine=system.machine, wsl=system.wsl)
    evidence = (text("system.version", version=system.version), text("system.libc", libc=_or_dash(system.libc)))
    machines = {machine for stack in catalogue.stacks for machine in stack.needs.machines}
    status, hint, cause = Status.OK, None, None
    if system.system == "macos":
        status, hint, cause = Status.FAILURE, text("system.hint_macos"), text("system.cause_macos")
    elif system.machine.lower() not in machines:
        status, hint = Status.FAILURE, text("system.hint_machine", machine=system.machine)
        cause = text("system.cause_machine", machine=system.machine)
    elif system.wsl == 1:
        status, hint, cause = Status.WARNING, text("system.hint_wsl_1"), text("system.cause_wsl_1")
    elif isinstance(system.build, int) and system.build < _FIRST_WINDOWS_10:
        status, hint, cause = Status.FAILURE, text("system.hint_old_windows"), text("system.cause_old_windows")
    elif isinstance(system.build, int) and system.build < _FIRST_WINDOWS_11:
        status, hint = Status.NOTE, text("system.hint_windows_10")
    elif isinstance(system.libc, str) and _old_libc(system.libc):
        status, hint = Status.FAILURE, text("system.hint_libc", needs=_MIN_GLIBC)
        cause = text("system.cause_libc", have=system.libc, needs=_MIN_GLIBC)
    if hint is None:
        return Finding("system.build", status, summary, evidence)
    fix = Fix(id="system.build", title=text("system.fix_build"), by_hand=hint)
    if status is Status.FAILURE:
        summary = text("system.build_unsupported", name=system.name, machine=system.machine)
    return Finding("system.build", status, summary, evidence, (fix,), cause)


def examine_python(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    python = snapshot.python
    if isinstance(python, Unknown):
        return Finding(
            "system.python", Status.UNKNOWN, text("system.python_unknown"), (text("check.why", why=told(python.why)),)
        )
    evidence = (
        text("system.python_path", path=python.path),
        text("system.python_kind", kind=python.kind, abi=python.abi_tag),
    )
    name = {"cpython": "CPython", "pypy": "PyPy"}.get(python.implementation, python.implementation)
    summary = text("system.python", name=name, version=python.version, bits=python.bits)
    cause = None
    if python.bits == 32:
        status, hint, cause = Status.FAILURE, text("system.hint_python_32"), text("system.cause_python_32")
    elif python.implementation != "cpython":
        status, hint = Status.FAILURE, text("system.hint_python_other")
        cause = text("system.cause_python_other", name=name)
    elif python.kind == "store":
        summary = text("system.python_store", version=python.version)
        # A packaged app: what it writes under AppData lands in a private copy that no other program sees.
        status, hint, cause = Status.WARNING, text("system.hint_python_store"), text("system.cause_python_store")
    elif python.abi_tag.endswith("t"):
        status, hint = Status.NOTE, text("system.hint_python_free_threaded")
    else:
        return _judge_python_version(snapshot, catalogue, python.version, Finding("", Status.OK, summary, evidence))
    return Finding("system.python", status, summary, evidence, (_python_fix(hint),), cause)


def examine_long_paths(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    value = setting_values(snapshot.settings).get("LongPathsEnabled")
    if isinstance(snapshot.windows, WindowsState) and isinstance(snapshot.windows.long_paths, bool):
        value = "1" if snapshot.windows.long_paths else "0"
    if value is None:
        why = snapshot.settings.why if isinstance(snapshot.settings, Unknown) else "LongPathsEnabled"
        return Finding(
            "system.long_paths", Status.UNKNOWN, text("system.long_paths_unknown"), (text("check.why", why=told(why)),)
        )
    evidence = (text("system.long_paths_value", value=value),)
    if value == "1":
        return Finding("system.long_paths", Status.OK, text("system.long_paths_on"), evidence)
    # MAX_PATH is 260; torch's headers and transformers' model folders go some 150 characters deep below site-packages.
    fix = Fix(id="windows.long_paths", title=text("system.fix_long_paths"), by_hand=text("system.by_hand_long_paths"))
    summary, cause = text("system.long_paths_off"), text("system.cause_long_paths")
    return Finding("system.long_paths", Status.WARNING, summary, evidence, (fix,), cause)


def examine_page_file(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    memory = snapshot.memory
    limit = memory.commit_limit_mib if not isinstance(memory, Unknown) else memory
    if isinstance(limit, Unknown) or isinstance(memory, Unknown):
        why = limit.why if isinstance(limit, Unknown) else ""
        return Finding(
            "system.page_file", Status.UNKNOWN, text("system.page_file_unknown"), (text("check.why", why=told(why)),)
        )
    cards = _card_memory(snapshot)
    # WDDM backs what a program allocates on the card with commit, so the cards' memory counts as well.
    need = _TORCH_COMMIT_MIB + cards
    evidence = (
        text("system.commit", limit=_gib(limit), total=_gib(memory.total_mib)),
        text("system.commit_need", need=_gib(need), cards=_gib(cards)),
    )
    if limit >= need:
        return Finding("system.page_file", Status.OK, text("system.page_file_ok", limit=_gib(limit)), evidence)
    grown = commit_limit_with_growth(snapshot)
    if grown is not None and grown >= need:
        return Finding("system.page_file", Status.NOTE, text("system.page_file_grows", limit=_gib(limit)), evidence)
    size = math.ceil((max(limit - memory.total_mib, 0) + need - limit) / _GIB) + 1
    fix = Fix(
        id="windows.page_file",
        title=text("system.fix_page_file"),
        by_hand=text("system.by_hand_page_file", size=size),
    )
    summary = text("system.page_file_small", limit=_gib(limit), need=_gib(need))
    off = isinstance(snapshot.windows, WindowsState) and snapshot.windows.page_files == ()
    cause = text("system.cause_page_file_off" if off else "system.cause_page_file")
    return Finding("system.page_file", Status.WARNING, summary, evidence, (fix,), cause)


def examine_memory(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    memory = snapshot.memory
    if isinstance(memory, Unknown):
        return Finding(
            "memory.total", Status.UNKNOWN, text("system.memory_unknown"), (text("check.why", why=told(memory.why)),)
        )
    evidence = (
        text("system.memory_available", available=_gib(memory.available_mib)),
        text(
            "system.memory_swap",
            swap="?" if isinstance(memory.swap_total_mib, Unknown) else _gib(memory.swap_total_mib),
        ),
    )
    summary = text("system.memory", total=_gib(memory.total_mib))
    if memory.total_mib >= _TIGHT_MIB:
        return Finding("memory.total", Status.OK, summary, evidence)
    fix = Fix(id="memory.total", title=text("system.fix_memory"), by_hand=text("system.by_hand_memory"))
    if memory.total_mib < _SMALL_MIB:
        summary = text("system.memory_too_small", total=_gib(memory.total_mib))
        return Finding("memory.total", Status.FAILURE, summary, evidence, (fix,), text("system.cause_memory"))
    summary = text("system.memory_tight", total=_gib(memory.total_mib))
    return Finding("memory.total", Status.WARNING, summary, evidence, (fix,), text("system.cause_memory"))


def _concerns_build(snapshot: Snapshot) -> bool:
    # Whoever writes of a Mac or a Jetson does not ask whether tunedoc runs there.
    return asked_here(snapshot) or (isinstance(snapshot.os, OperatingSystem) and snapshot.os.wsl == 1)


def _windows_asked_here(snapshot: Snapshot) -> bool:
    return is_windows(snapshot) and asked_here(snapshot)


BUILD = Check(
    id="system.build", title=text("system.title_build"), examine=examine_build, applies=_concerns_build, rank=2
)
PYTHON = Check(
    id="system.python",
    title=text("system.title_python"),
    examine=examine_python,
    applies=lambda snapshot: asked_here(snapshot) or not isinstance(snapshot.python, Unknown),
    rank=8,
)
LONG_PATHS = Check(
    id="system.long_paths",
    title=text("system.title_long_paths"),
    examine=examine_long_paths,
    applies=_windows_asked_here,
    rank=60,
)
PAGE_FILE = Check(
    id="system.page_file",
    title=text("system.title_page_file"),
    examine=examine_page_file,
    applies=_windows_asked_here,
    rank=30,
    explains=("memory.several",),
)
MEMORY = Check(
    id="memory.total",
    title=text("system.title_memory"),
    examine=examine_memory,
    applies=asked_here,
    rank=25,
    explains=("memory.free", "memory.models"),
)


def _judge_python_version(snapshot: Snapshot, catalogue: Catalogue, version: str, good: Finding) -> Finding:
    stack = choose_stack(snapshot, catalogue).stack
    minor = ".".join(version.split(".")[:2])
    if stack is None or minor in stack.needs.pythons:
        return Finding("system.python", Status.OK, good.summary, good.evidence)
    hint = text("system.hint_python_version", wanted=", ".join(stack.needs.pythons), have=minor)
    return Finding("system.python", Status.NOTE, good.summary, good.evidence, (_python_fix(hint),))


def _python_fix(hint: Text) -> Fix:
    return Fix(id="system.python", title=text("system.fix_python"), by_hand=hint)


def _card_memory(snapshot: Snapshot) -> int:
    if not isinstance(snapshot.nvidia, NvidiaDriver):
        return 0
    # Of several cards training fills one after the other at most; the largest counts.
    sizes = [gpu.memory_total_mib for gpu in visible_gpus(snapshot.nvidia, snapshot.settings)]
    return max((size for size in sizes if isinstance(size, int)), default=0)


def _old_libc(libc: str) -> bool:
    name, _, version = libc.partition(" ")
    return name != "glibc" or not version[:1].isdigit() or not at_least(version, _MIN_GLIBC)


def _or_dash(value: str | Unknown) -> str:
    return "–" if isinstance(value, Unknown) else value


def _gib(mib: int) -> str:
    return f"{mib / _GIB:.1f}"
