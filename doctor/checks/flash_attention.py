"""Checks of flash-attn: compiled for this torch, CUDA, Python, ABI and system, and for GPUs that it serves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.checks.base import Check, Finding, Status
from doctor.checks.subject import (
    built_for,
    describe,
    environment_of,
    minor,
    python_minor,
    remedies,
    shown_gpus,
    system_name,
    torch_build,
    torch_files,
    version_of,
)
from doctor.checks.wheel_choice import known_capability
from doctor.versions import at_least, numbers
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue
    from doctor.snapshot.model import BuiltFor, Snapshot
    from doctor.words.text import Text

_NAME = "flash-attn"
_FIRST_NEW_ABI = "2.7"
"""pip wheels of torch for Linux: the old C++ ABI up to 2.6, the new one from 2.7 on.
https://github.com/Dao-AILab/flash-attention/blob/main/.github/workflows/publish.yml"""
_OLDEST_GPU = "8.0"
"""https://github.com/Dao-AILab/flash-attention/blob/main/README.md"""
_FIRST_BLACKWELL_CUDA = "12.8"
"""https://github.com/Dao-AILab/flash-attention/blob/v2.7.3/setup.py"""
_FIRST_BLACKWELL_SOURCE, _FIRST_BLACKWELL_WHEEL = "2.7.3", "2.8.0"


def examine_build(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    build, made = torch_build(snapshot), built_for(snapshot, _NAME)
    version = version_of(snapshot, _NAME) or "?"
    assert build is not None and made is not None
    evidence = (
        text("packages.version", name="torch", version=build.version),
        text("flash_attention.made_for", torch=_words(made.torch), cuda=_words(made.cuda), python=_words(made.python)),
    )
    difference = _difference(snapshot, made)
    if difference is None:
        return Finding("flash_attention.build", Status.OK, text("flash_attention.build_ok", version=version), evidence)
    summary = text("flash_attention.mismatch", version=version, difference=difference)
    by_hand = text("flash_attention.by_hand_build", torch=".".join(map(str, minor(build.version))), cuda=build.cuda)
    if system_name(snapshot) == "windows":
        by_hand = text(
            "flash_attention.by_hand_windows", torch=".".join(map(str, minor(build.version))), cuda=build.cuda or "?"
        )
    fixes = remedies(snapshot, "flash_attention.match", text("flash_attention.fix"), by_hand)
    cause = text("flash_attention.cause_build")
    return Finding("flash_attention.build", Status.FAILURE, summary, evidence, fixes, cause)


def examine_system(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    made, here = built_for(snapshot, _NAME), system_name(snapshot)
    version = version_of(snapshot, _NAME) or "?"
    assert made is not None
    if made.system == here:
        return Finding("flash_attention.system", Status.OK, text("flash_attention.system_ok", version=version))
    summary = text("flash_attention.other_system", version=version, have=_words(made.system), here=here)
    by_hand = text("flash_attention.by_hand_system")
    fixes = remedies(snapshot, "flash_attention.match", text("flash_attention.fix"), by_hand)
    cause = text("flash_attention.cause_system")
    return Finding("flash_attention.system", Status.FAILURE, summary, (), fixes, cause)


def examine_gpu(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    version, made = version_of(snapshot, _NAME), built_for(snapshot, _NAME)
    assert version is not None
    fix_title, by_hand = text("flash_attention.fix_gpu"), text("flash_attention.by_hand_sdpa")
    for gpu in shown_gpus(snapshot):
        capability = known_capability(gpu)
        if capability is None:
            continue
        if not at_least(capability, _OLDEST_GPU):
            summary = text("flash_attention.old_gpu", version=version, name=describe(gpu))
            fixes = remedies(snapshot, "flash_attention.sdpa", fix_title, by_hand)
            cause = text("flash_attention.cause_old_gpu")
            return Finding("flash_attention.gpu", Status.WARNING, summary, (), fixes, cause)
        if numbers(capability) >= (10,) and _lacks_blackwell(version, made):
            summary = text("flash_attention.new_gpu", version=version, name=describe(gpu))
            fixes = remedies(snapshot, "flash_attention.match", fix_title, text("flash_attention.by_hand_new_gpu"))
            cause = text("flash_attention.cause_new_gpu")
            return Finding("flash_attention.gpu", Status.WARNING, summary, (), fixes, cause)
    return Finding("flash_attention.gpu", Status.OK, text("flash_attention.gpu_ok", version=version))


def is_compared(snapshot: Snapshot) -> bool:
    """flash-attn is there, it is known what it was made for, and so is torch."""
    if version_of(snapshot, _NAME) is None or torch_build(snapshot) is None:
        return False
    return built_for(snapshot, _NAME) is not None


def is_system_known(snapshot: Snapshot) -> bool:
    made = built_for(snapshot, _NAME)
    return bool(system_name(snapshot)) and made is not None and isinstance(made.system, str)


def has_gpus(snapshot: Snapshot) -> bool:
    if version_of(snapshot, _NAME) is None:
        return False
    return any(known_capability(gpu) is not None for gpu in shown_gpus(snapshot))


BUILD = Check(
    id="flash_attention.build",
    title=text("flash_attention.title_build"),
    examine=examine_build,
    applies=is_compared,
    rank=40,
)
SYSTEM = Check(
    id="flash_attention.system",
    title=text("flash_attention.title_system"),
    examine=examine_system,
    applies=is_system_known,
    rank=38,
    explains=("flash_attention.build",),
)
GPU = Check(
    id="flash_attention.gpu",
    title=text("flash_attention.title_gpu"),
    examine=examine_gpu,
    applies=has_gpus,
    rank=42,
)


def _difference(snapshot: Snapshot, made: BuiltFor) -> Text | None:
    """The first thing in which it was made for something else; None when nothing is known to differ."""
    build = torch_build(snapshot)
    assert build is not None
    if isinstance(made.torch, str) and made.torch[:1].isdigit() and minor(made.torch) != minor(build.version):
        return text("flash_attention.other_torch", made=made.torch, have=build.version)
    cuda = made.cuda if isinstance(made.cuda, str) and made.cuda[:1].isdigit() else None
    if cuda is not None and build.kind == "cuda" and numbers(cuda)[0] != numbers(build.cuda)[0]:
        return text("flash_attention.other_cuda", made=cuda, have=build.cuda)
    here = _abi_tag(snapshot)
    # A stable-ABI wheel (`cp39-abi3`) says so by its lower tag and serves every newer Python.
    if isinstance(made.python, str) and here and "abi3" not in made.python and made.python != here:
        return text("flash_attention.other_python", made=made.python, have=here)
    abi = _torch_abi(snapshot)
    if (
        system_name(snapshot) == "linux"
        and isinstance(made.cxx11_abi, bool)
        and abi is not None
        and made.cxx11_abi != abi
    ):
        return text("flash_attention.other_abi", made=str(made.cxx11_abi).upper(), have=str(abi).upper())
    return None


def _abi_tag(snapshot: Snapshot) -> str | None:
    environment, python = environment_of(snapshot), python_minor(snapshot)
    if environment is not None and isinstance(environment.abi_tag, str):
        return environment.abi_tag
    return None if python is None else f"cp{python[0]}{python[1]}"


def _torch_abi(snapshot: Snapshot) -> bool | None:
    files, build = torch_files(snapshot), torch_build(snapshot)
    if files is not None and isinstance(files.cxx11_abi, bool):
        return files.cxx11_abi
    if build is None or minor(build.version) == (2, 6):
        # 2.6 for CUDA 12.6 was never read; its siblings are of the old ABI.
        return None
    return at_least(build.version, _FIRST_NEW_ABI)


def _lacks_blackwell(version: str, made: BuiltFor | None) -> bool:
    if not at_least(version, _FIRST_BLACKWELL_SOURCE):
        return True
    cuda = made.cuda if made is not None else None
    if isinstance(cuda, str) and len(numbers(cuda)) > 1:
        return not at_least(cuda, _FIRST_BLACKWELL_CUDA)
    # The project's own wheels name CUDA's major version only; those before 2.8.0 were built with 12.4.
    return isinstance(cuda, str) and not at_least(version, _FIRST_BLACKWELL_WHEEL)


def _words(value: object) -> str:
    return value if isinstance(value, str) else "?"
