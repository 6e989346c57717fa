"""Checks of bitsandbytes, which does the 4-bit work: a library for this CUDA, this system and these GPUs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.checks.base import Check, Finding, Status
from doctor.checks.subject import (
    describe,
    environment_of,
    install_fix,
    is_read_whole,
    remedies,
    shown_gpus,
    system_name,
    torch_build,
    version_of,
    versions,
)
from doctor.checks.wheel_choice import known_capability, pip_command, recommended_index
from doctor.versions import at_least, numbers
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue
    from doctor.snapshot.model import Snapshot

# Read from the fat binaries in the wheels, PyPI bitsandbytes 0.43.0 to 0.50.2: the first release with a library for
# each CUDA, and the first that chooses a neighbour within the major version where it has none for it.
_FIRST_LIBRARY = (("13.2", "0.50.0"), ("13.0", "0.48.0"), ("12.9", "0.46.1"), ("12.8", "0.45.3"), ("12.6", "0.45.0"))
_CHOOSES_NEIGHBOUR = "0.50.0"
"""https://github.com/bitsandbytes-foundation/bitsandbytes/blob/main/bitsandbytes/cextension.py"""
_FIRST_WINDOWS = "0.43.0"
"""PyPI bitsandbytes 0.43.0: the first with a win_amd64 wheel."""
_MIN_NF4 = "6.0"
"""https://github.com/bitsandbytes-foundation/bitsandbytes/blob/main/docs/source/installation.mdx"""


def examine_present(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    version = version_of(snapshot, "bitsandbytes")
    if version is None:
        return Finding("environment.bitsandbytes", Status.NOTE, text("bitsandbytes.missing"), (), (install_fix(),))
    return Finding("environment.bitsandbytes", Status.OK, text("packages.plain", version=version))


def examine_fork(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    version = versions(snapshot).get("bitsandbytes-windows")
    if version is None:
        return Finding("bitsandbytes.fork", Status.OK, text("bitsandbytes.no_fork"))
    by_hand = text("bitsandbytes.by_hand_fork")
    fixes = remedies(snapshot, "bitsandbytes.upgrade", text("bitsandbytes.fix_upgrade"), by_hand)
    summary = text("bitsandbytes.fork", version=version)
    return Finding("bitsandbytes.fork", Status.FAILURE, summary, (), fixes, text("bitsandbytes.cause_fork"))


def examine_system(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    environment, version = environment_of(snapshot), version_of(snapshot, "bitsandbytes")
    assert environment is not None and version is not None
    made_for = environment.bitsandbytes_system
    here = system_name(snapshot)
    too_early = here == "windows" and not at_least(version, _FIRST_WINDOWS)
    if not too_early and (not isinstance(made_for, str) or made_for == here):
        return Finding("bitsandbytes.system", Status.OK, text("bitsandbytes.system_ok", version=version))
    if too_early:
        summary = text("bitsandbytes.linux_release", version=version, first=_FIRST_WINDOWS)
    elif made_for == "none":
        summary = text("bitsandbytes.no_libraries", version=version)
    else:
        summary = text("bitsandbytes.other_system", version=version, have=made_for, here=here)
    fixes = remedies(
        snapshot, "bitsandbytes.upgrade", text("bitsandbytes.fix_upgrade"), text("bitsandbytes.by_hand_upgrade")
    )
    return Finding("bitsandbytes.system", Status.FAILURE, summary, (), fixes, text("bitsandbytes.cause_system"))


def examine_cuda(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    build, version = torch_build(snapshot), version_of(snapshot, "bitsandbytes")
    assert build is not None and version is not None
    libraries = _cuda_libraries(snapshot)
    evidence = (
        text("packages.version", name="torch", version=build.version),
        text("bitsandbytes.libraries", libraries="?" if libraries is None else ", ".join(libraries) or "–"),
    )
    if libraries is not None:
        served = not libraries or _library_for(version, build.cuda, libraries) is not None
        needed = _first_release(build.cuda)
    else:
        needed = _first_release(build.cuda)
        served = needed is None or at_least(version, needed)
    if served:
        return Finding("bitsandbytes.cuda", Status.OK, text("bitsandbytes.cuda_ok", cuda=build.cuda), evidence)
    if needed is not None and not at_least(version, needed):
        summary = text("bitsandbytes.old", version=version, needs=needed, cuda=build.cuda)
    else:
        summary = text("bitsandbytes.no_library", version=version, cuda=build.cuda)
    fixes = remedies(
        snapshot, "bitsandbytes.upgrade", text("bitsandbytes.fix_upgrade"), text("bitsandbytes.by_hand_upgrade")
    )
    cause = text("bitsandbytes.cause_cuda", cuda=build.cuda, tag=build.cuda.replace(".", ""))
    return Finding("bitsandbytes.cuda", Status.FAILURE, summary, evidence, fixes, cause)


def examine_cpu_library(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    environment, version = environment_of(snapshot), version_of(snapshot, "bitsandbytes")
    assert environment is not None and isinstance(environment.bitsandbytes_libraries, tuple)
    libraries = environment.bitsandbytes_libraries
    if any(each != "cpu" for each in libraries) or not libraries:
        return Finding("bitsandbytes.cpu_library", Status.OK, text("bitsandbytes.cuda_there"))
    summary = text("bitsandbytes.cpu_only", version=version)
    evidence = tuple(describe(gpu) for gpu in shown_gpus(snapshot))
    fixes = remedies(
        snapshot, "bitsandbytes.upgrade", text("bitsandbytes.fix_upgrade"), text("bitsandbytes.by_hand_upgrade")
    )
    cause = text("bitsandbytes.cause_cpu_only")
    return Finding("bitsandbytes.cpu_library", Status.FAILURE, summary, evidence, fixes, cause)


def examine_gpu(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    build, version = torch_build(snapshot), version_of(snapshot, "bitsandbytes")
    assert build is not None and version is not None
    libraries = _cuda_libraries(snapshot)
    cuda = build.cuda if libraries is None else _library_for(version, build.cuda, libraries) or build.cuda
    needs = _oldest_gpu(version, cuda)
    evidence = (text("bitsandbytes.library", cuda=cuda), text("bitsandbytes.serves", needs=needs))
    for gpu in shown_gpus(snapshot):
        capability = known_capability(gpu)
        if capability is None or at_least(capability, needs):
            continue
        summary = text("bitsandbytes.gpu", version=version, name=describe(gpu), cuda=cuda, needs=needs)
        cause = text("bitsandbytes.cause_gpu", cuda=cuda, needs=needs)
        by_hand = text("bitsandbytes.by_hand_gpu")
        if at_least(capability, _MIN_NF4):
            # A newer card beside it may need the build that the old one cannot use.
            alone = recommended_index(snapshot) == "cu126"
            command = pip_command("cu126")
            by_hand = (
                text("bitsandbytes.by_hand_gpu_cu126", command=command)
                if alone
                else text("bitsandbytes.by_hand_gpu_other")
            )
        fixes = remedies(snapshot, "bitsandbytes.other_cuda", text("bitsandbytes.fix_gpu"), by_hand)
        return Finding("bitsandbytes.gpu", Status.WARNING, summary, evidence, fixes, cause)
    return Finding("bitsandbytes.gpu", Status.OK, text("bitsandbytes.gpu_ok"), evidence)


def is_wanted(snapshot: Snapshot) -> bool:
    """Where CUDA torch works without it, 4-bit training does not."""
    build = torch_build(snapshot)
    if build is None or build.kind != "cuda":
        return False
    return is_read_whole(snapshot) or version_of(snapshot, "bitsandbytes") is not None


def has_environment_on_windows(snapshot: Snapshot) -> bool:
    return system_name(snapshot) == "windows" and environment_of(snapshot) is not None


def is_there(snapshot: Snapshot) -> bool:
    return version_of(snapshot, "bitsandbytes") is not None


def has_cuda_torch(snapshot: Snapshot) -> bool:
    build = torch_build(snapshot)
    return build is not None and build.kind == "cuda" and is_there(snapshot)


def has_cuda_torch_and_gpus(snapshot: Snapshot) -> bool:
    return has_cuda_torch(snapshot) and any(known_capability(gpu) is not None for gpu in shown_gpus(snapshot))


def were_libraries_sought(snapshot: Snapshot) -> bool:
    environment = environment_of(snapshot)
    if environment is None or not isinstance(environment.bitsandbytes_libraries, tuple):
        return False
    return has_cuda_torch(snapshot) and bool(shown_gpus(snapshot))


PRESENT = Check(
    id="environment.bitsandbytes",
    title=text("bitsandbytes.title"),
    examine=examine_present,
    applies=is_wanted,
    rank=60,
)
FORK = Check(
    id="bitsandbytes.fork",
    title=text("bitsandbytes.title_fork"),
    examine=examine_fork,
    applies=has_environment_on_windows,
    rank=30,
    explains=("bitsandbytes.system", "bitsandbytes.cuda", "bitsandbytes.cpu_library"),
)
SYSTEM = Check(
    id="bitsandbytes.system",
    title=text("bitsandbytes.title_system"),
    examine=examine_system,
    applies=is_there,
    rank=31,
    explains=("bitsandbytes.cuda", "bitsandbytes.cpu_library", "bitsandbytes.gpu"),
)
CUDA = Check(
    id="bitsandbytes.cuda",
    title=text("bitsandbytes.title_cuda"),
    examine=examine_cuda,
    applies=has_cuda_torch,
    rank=40,
)
CPU_LIBRARY = Check(
    id="bitsandbytes.cpu_library",
    title=text("bitsandbytes.title_cpu_library"),
    examine=examine_cpu_library,
    applies=were_libraries_sought,
    rank=39,
    explains=("bitsandbytes.cuda",),
)
GPU = Check(
    id="bitsandbytes.gpu",
    title=text("bitsandbytes.title_gpu"),
    examine=examine_gpu,
    applies=has_cuda_torch_and_gpus,
    rank=45,
)


def _cuda_libraries(snapshot: Snapshot) -> tuple[str, ...] | None:
    """CUDA versions that the package has a library for, as its files say."""
    environment = environment_of(snapshot)
    if environment is None or not isinstance(environment.bitsandbytes_libraries, tuple):
        return None
    return tuple(each for each in environment.bitsandbytes_libraries if each[:1].isdigit())


def _first_release(cuda: str) -> str | None:
    return next((first for low, first in _FIRST_LIBRARY if at_least(cuda, low)), None)


def _library_for(version: str, cuda: str, libraries: tuple[str, ...]) -> str | None:
    """The library that this release loads for torch's CUDA; None when it has none to load."""
    if cuda in libraries or not at_least(version, _CHOOSES_NEIGHBOUR):
        return cuda if cuda in libraries else None
    same_major = sorted((each for each in libraries if numbers(each)[0] == numbers(cuda)[0]), key=numbers)
    below = [each for each in same_major if numbers(each) < numbers(cuda)]
    above = [each for each in same_major if numbers(each) > numbers(cuda)]
    return below[-1] if below else above[0] if above else None


def _oldest_gpu(version: str, cuda: str) -> str:
    """The oldest compute capability that the library for this CUDA has code for, and that NF4 works on."""
    if at_least(cuda, "13"):
        return "7.5"
    if at_least(cuda, "12.8"):
        # 0.46.0 and 0.46.1 left Volta out of it, 0.47.0 brought it back.
        return "7.5" if at_least(version, "0.46") and not at_least(version, "0.47") else "7.0"
    return _MIN_NF4
