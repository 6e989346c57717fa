"""Checks of the installed torch by itself: is it there, for which device, for which Python, and is it whole."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.catalogue.select import covers
from doctor.checks.base import Check, Finding, Fix, Status
from doctor.checks.reasons import told
from doctor.checks.subject import (
    describe,
    environment_of,
    install_fix,
    is_read_whole,
    python_minor,
    release,
    remedies,
    shown_gpus,
    system_name,
    torch_build,
    torch_files,
    torch_targets,
    version_of,
)
from doctor.checks.torch_builds import oldest_driver
from doctor.checks.wheel_choice import command_for, known_capability, pip_command
from doctor.snapshot.model import Absent, NvidiaDriver, Unknown
from doctor.versions import at_least
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue
    from doctor.checks.torch_builds import TorchBuild
    from doctor.snapshot.model import Snapshot
    from doctor.words.text import Text

_FIRST_PYTHON, _LAST_PYTHON = (3, 10), (3, 15)
"""Wheels of torch 2.9 to 2.15, of which the last begins at 3.11. PyPI torch 2.9.0 to 2.15.0"""
_FREE_THREADED = ((3, 13), (3, 14), (3, 15))
"""cp313t up to 2.12.0, cp314t from 2.9, cp315t from 2.15. PyPI torch 2.7.0 to 2.15.0"""
_NUMPY_2 = {"windows": "2.4.1", "linux": "2.3.0"}
"""First release whose wheels were compiled for NumPy 2, read from the wheels. PyPI torch 2.2.2 to 2.4.1"""


def install_torch(snapshot: Snapshot) -> Text:
    """What to type to get a torch that fits: the exact command where the machine is known well enough."""
    command = command_for(snapshot)
    if command is None:
        return text("torch.by_hand_choose", new=pip_command("cu128"), old=pip_command("cu126"))
    return text("torch.by_hand_install", command=command)


def examine_torch(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    build = torch_build(snapshot)
    if build is None:
        fixes = remedies(snapshot, "torch.install", text("torch.fix_install"), install_torch(snapshot))
        cause = text("torch.cause_missing")
        return Finding("environment.torch", Status.FAILURE, text("packages.no_torch"), (), fixes, cause)
    if build.kind == "other":
        return Finding("environment.torch", Status.NOTE, text("packages.torch_other", version=build.version))
    if build.kind == "cpu":
        return Finding("environment.torch", Status.OK, text("packages.torch_cpu", version=build.version))
    nvidia = snapshot.nvidia
    if isinstance(nvidia, Absent):
        summary = text("packages.torch_cuda_without_gpu", version=build.version)
        return Finding("environment.torch", Status.NOTE, summary, (), (install_fix(),))
    if isinstance(nvidia, Unknown):
        summary = text("packages.torch_untold", version=build.version)
        return Finding("environment.torch", Status.UNKNOWN, summary, (text("check.why", why=told(nvidia.why)),))
    targets = torch_targets(snapshot, catalogue)
    evidence = (
        text("packages.torch_cuda_version", cuda=build.cuda),
        text("packages.torch_targets", targets="?" if targets is None else ", ".join(targets)),
        text("packages.torch_driver", needs=oldest_driver(build, system_name(snapshot)) or "?"),
    )
    return Finding("environment.torch", Status.OK, text("packages.torch_cuda", version=build.version), evidence)


def examine_cpu_build(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    build = torch_build(snapshot)
    assert build is not None
    nvidia = snapshot.nvidia
    environment = environment_of(snapshot)
    by_pip = system_name(snapshot) != "linux" and (environment is None or environment.kind != "conda")
    cause = text("torch.cause_cpu_build") if by_pip else text("torch.cause_cpu_build_other")
    fixes = remedies(snapshot, "torch.cuda_build", text("torch.fix_cuda_build"), install_torch(snapshot))
    if isinstance(nvidia, NvidiaDriver) and nvidia.gpus:
        summary = text("torch.cpu_with_gpu", version=build.version, name=nvidia.gpus[0].name)
        evidence = tuple(describe(gpu) for gpu in nvidia.gpus)
        return Finding("torch.cpu_build", Status.WARNING, summary, evidence, fixes, cause)
    if isinstance(nvidia, Unknown):
        summary = text("torch.cpu_untold", version=build.version)
        return Finding("torch.cpu_build", Status.UNKNOWN, summary, (), fixes, cause)
    return Finding("torch.cpu_build", Status.OK, text("torch.cpu_right", version=build.version))


def examine_cuda_unavailable(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    build, files = torch_build(snapshot), torch_files(snapshot)
    assert build is not None and files is not None
    if files.cuda_available is True:
        return Finding("torch.cuda_unavailable", Status.OK, text("torch.cuda_seen", version=build.version))
    targets = torch_targets(snapshot, catalogue)
    evidence = (text("packages.version", name="torch", version=build.version), *map(describe, shown_gpus(snapshot)))
    summary = text("torch.cuda_not_seen", version=build.version)
    if _driver_or_kernels_to_blame(snapshot, build, targets):
        return Finding("torch.cuda_unavailable", Status.NOTE, summary, evidence)
    fix = Fix(
        id="torch.cuda_unavailable", title=text("torch.fix_unavailable"), by_hand=text("torch.by_hand_unavailable")
    )
    cause = text("torch.cause_unavailable")
    return Finding("torch.cuda_unavailable", Status.WARNING, summary, evidence, (fix,), cause)


def examine_python(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    environment = environment_of(snapshot)
    assert environment is not None
    python = environment.python_version if isinstance(environment.python_version, str) else "?"
    here, build = python_minor(snapshot), torch_build(snapshot)
    fixes = (
        Fix(id="torch.python", title=text("torch.fix_python"), by_hand=text("torch.by_hand_python")),
        install_fix(),
    )
    if environment.bits == 32:
        summary = text("torch.python_32", python=python)
        return Finding("torch.python", Status.FAILURE, summary, (), fixes, text("torch.cause_python_32"))
    free_threaded = isinstance(environment.abi_tag, str) and environment.abi_tag.endswith("t")
    if build is None and here is not None:
        if free_threaded and here not in _FREE_THREADED:
            summary = text("torch.python_free", python=python)
            return Finding("torch.python", Status.FAILURE, summary, (), fixes, text("torch.cause_python_free"))
        if here > _LAST_PYTHON:
            summary = text("torch.python_new", python=python)
            return Finding("torch.python", Status.FAILURE, summary, (), fixes, text("torch.cause_python_new"))
        if here < _FIRST_PYTHON:
            summary = text("torch.python_old", python=python)
            return Finding("torch.python", Status.WARNING, summary, (), fixes, text("torch.cause_python_old"))
    if free_threaded:
        return Finding("torch.python", Status.NOTE, text("torch.python_free_threaded", python=python))
    return Finding("torch.python", Status.OK, text("torch.python_ok", python=python))


def examine_leftovers(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    environment = environment_of(snapshot)
    assert environment is not None and isinstance(environment.leftovers, tuple)
    if not environment.leftovers:
        return Finding("torch.leftovers", Status.OK, text("torch.no_leftovers"))
    names = ", ".join(environment.leftovers)
    summary = text("torch.leftovers", names=names)
    by_hand = text("torch.by_hand_leftovers", names=names)
    fixes = remedies(snapshot, "torch.leftovers", text("torch.fix_leftovers"), by_hand)
    # pip renames a package to `~…` before it removes it, and leaves it so when a file is in use: the rest may be gone.
    return Finding("torch.leftovers", Status.WARNING, summary, (), fixes, text("torch.cause_leftovers"))


def examine_duplicates(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    environment = environment_of(snapshot)
    assert environment is not None and isinstance(environment.duplicates, tuple)
    if not environment.duplicates:
        return Finding("torch.duplicates", Status.OK, text("torch.no_duplicates"))
    names = ", ".join(environment.duplicates)
    summary = text("torch.duplicates", names=names)
    by_hand = text("torch.by_hand_duplicates", names=" ".join(environment.duplicates))
    fixes = remedies(snapshot, "torch.duplicates", text("torch.fix_duplicates"), by_hand)
    return Finding("torch.duplicates", Status.WARNING, summary, (), fixes, text("torch.cause_duplicates"))


def examine_numpy(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    build, numpy = torch_build(snapshot), version_of(snapshot, "numpy")
    assert build is not None and numpy is not None
    first = _NUMPY_2.get(system_name(snapshot))
    evidence = (text("packages.version", name="torch", version=build.version),)
    if first is None or not at_least(numpy, "2") or at_least(build.version, first):
        return Finding("torch.numpy", Status.OK, text("torch.numpy_ok", numpy=numpy), evidence)
    summary = text("torch.numpy_2", version=release(build.version), numpy=numpy)
    by_hand = text("torch.by_hand_numpy", first=first)
    fixes = remedies(snapshot, "torch.numpy", text("torch.fix_numpy"), by_hand)
    return Finding("torch.numpy", Status.WARNING, summary, evidence, fixes, text("torch.cause_numpy"))


def is_torch_told(snapshot: Snapshot) -> bool:
    environment = environment_of(snapshot)
    if environment is None:
        return False
    build = torch_build(snapshot)
    # Of a version alone, without a tag, a text says too little to say anything.
    told_enough = build is not None and (build.kind != "other" or "+" in build.version)
    return is_read_whole(snapshot) or told_enough or isinstance(environment.torch, Absent)


def has_cpu_torch(snapshot: Snapshot) -> bool:
    build = torch_build(snapshot)
    return build is not None and build.kind == "cpu"


def has_answer_about_cuda(snapshot: Snapshot) -> bool:
    """A CUDA build that was asked whether it sees a GPU, on a machine that is known to have one."""
    build, files = torch_build(snapshot), torch_files(snapshot)
    nvidia = snapshot.nvidia
    if build is None or build.kind != "cuda" or files is None or isinstance(files.cuda_available, Unknown):
        return False
    return isinstance(nvidia, NvidiaDriver) and bool(nvidia.gpus)


def is_python_told(snapshot: Snapshot) -> bool:
    environment = environment_of(snapshot)
    if environment is None:
        return False
    known = is_torch_told(snapshot) or torch_build(snapshot) is not None
    return environment.bits == 32 or (known and python_minor(snapshot) is not None)


def were_leftovers_sought(snapshot: Snapshot) -> bool:
    environment = environment_of(snapshot)
    return environment is not None and isinstance(environment.leftovers, tuple)


def were_duplicates_sought(snapshot: Snapshot) -> bool:
    environment = environment_of(snapshot)
    return environment is not None and isinstance(environment.duplicates, tuple)


def has_numpy(snapshot: Snapshot) -> bool:
    return torch_build(snapshot) is not None and version_of(snapshot, "numpy") is not None


TORCH = Check(
    id="environment.torch",
    title=text("packages.title_torch"),
    examine=examine_torch,
    applies=is_torch_told,
    rank=30,
)
CPU_BUILD = Check(
    id="torch.cpu_build",
    title=text("torch.title_cpu_build"),
    examine=examine_cpu_build,
    applies=has_cpu_torch,
    rank=20,
    explains=("torch.cuda_unavailable", "bitsandbytes.cpu_library", "environment.companions", "companions.build"),
)
CUDA_UNAVAILABLE = Check(
    id="torch.cuda_unavailable",
    title=text("torch.title_unavailable"),
    examine=examine_cuda_unavailable,
    applies=has_answer_about_cuda,
    rank=40,
)
PYTHON = Check(
    id="torch.python",
    title=text("torch.title_python"),
    examine=examine_python,
    applies=is_python_told,
    rank=12,
    explains=("environment.torch",),
)
LEFTOVERS = Check(
    id="torch.leftovers",
    title=text("torch.title_leftovers"),
    examine=examine_leftovers,
    applies=were_leftovers_sought,
    rank=25,
    explains=("environment.torch", "libraries.missing"),
)
DUPLICATES = Check(
    id="torch.duplicates",
    title=text("torch.title_duplicates"),
    examine=examine_duplicates,
    applies=were_duplicates_sought,
    rank=26,
)
NUMPY = Check(id="torch.numpy", title=text("torch.title_numpy"), examine=examine_numpy, applies=has_numpy, rank=45)


def _driver_or_kernels_to_blame(snapshot: Snapshot, build: TorchBuild, targets: tuple[str, ...] | None) -> bool:
    """Whether another check names the reason already."""
    nvidia = snapshot.nvidia
    needed = oldest_driver(build, system_name(snapshot))
    have = nvidia.version if isinstance(nvidia, NvidiaDriver) and isinstance(nvidia.version, str) else ""
    if needed and have[:1].isdigit() and not at_least(have, needed):
        return True
    gpus = shown_gpus(snapshot)
    capabilities = [known_capability(gpu) for gpu in gpus]
    return not gpus or (
        targets is not None and any(each is not None and not covers(targets, each) for each in capabilities)
    )
