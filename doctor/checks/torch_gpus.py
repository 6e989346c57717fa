"""Checks of torch against the GPUs and their driver: machine code for each, a driver for its CUDA, one for all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.catalogue.select import covers
from doctor.checks.base import Check, Finding, Fix, Status
from doctor.checks.subject import (
    compiled_targets,
    describe,
    in_wsl,
    install_fix,
    is_own,
    release,
    remedies,
    shown_gpus,
    system_name,
    torch_build,
    torch_files,
    torch_targets,
)
from doctor.checks.torch_builds import architectures, oldest_driver
from doctor.checks.wheel_choice import (
    command_for,
    known_capability,
    pip_command,
    recommended_index,
    recommended_torch,
)
from doctor.gpu_models import architecture, family_of
from doctor.snapshot.model import NvidiaDriver
from doctor.versions import at_least, numbers
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue
    from doctor.checks.torch_builds import TorchBuild
    from doctor.snapshot.model import Gpu, Snapshot
    from doctor.words.text import Text

_OLDEST_SERVED = "5.0"
"""No wheel since CUDA 12 has code for Kepler. https://github.com/pytorch/pytorch/blob/main/RELEASE.md"""


def examine_too_old_build(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    targets = _targets(snapshot, catalogue)
    newer = [gpu for gpu in _unserved(snapshot, targets) if _is_newer(gpu, targets)]
    if not newer or _needs_one_build(snapshot, targets):
        return Finding("torch.kernels_too_old_build", Status.OK, text("torch_gpus.new_served"), _evidence(targets))
    gpu = newer[0]
    capability = known_capability(gpu) or ""
    summary = text(
        "torch_gpus.too_old_build",
        torch=_torch_words(snapshot),
        index=gpu.index,
        name=gpu.name,
        architecture=architecture(capability),
        family=family_of(capability) or "",
    )
    cause = text(
        "torch_gpus.cause_too_old_build",
        newest=architecture(max(targets, key=numbers)),
        architecture=architecture(capability),
        family=family_of(capability) or "",
    )
    by_hand = text("torch_gpus.by_hand_newer", command=command_for(snapshot) or pip_command("cu128"))
    fixes = remedies(snapshot, "torch.newer_build", text("torch_gpus.fix_build"), by_hand)
    return Finding("torch.kernels_too_old_build", Status.FAILURE, summary, _evidence(targets), fixes, cause)


def examine_dropped(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    targets = _targets(snapshot, catalogue)
    older = [gpu for gpu in _unserved(snapshot, targets) if not _is_newer(gpu, targets)]
    if not older or _needs_one_build(snapshot, targets):
        return Finding("torch.kernels_dropped", Status.OK, text("torch_gpus.old_served"), _evidence(targets))
    gpu = older[0]
    capability = known_capability(gpu) or ""
    family = family_of(capability) or ""
    summary = text(
        "torch_gpus.dropped",
        torch=_torch_words(snapshot),
        index=gpu.index,
        name=gpu.name,
        architecture=architecture(capability),
        family=family,
    )
    oldest = architecture(min(targets, key=numbers))
    if not at_least(capability, _OLDEST_SERVED):
        cause = text("torch_gpus.cause_no_longer", family=family)
        fix = Fix(
            id="torch.other_gpu", title=text("torch_gpus.fix_other_gpu"), by_hand=text("torch_gpus.by_hand_other_gpu")
        )
        return Finding("torch.kernels_dropped", Status.FAILURE, summary, _evidence(targets), (fix,), cause)
    cause = text("torch_gpus.cause_dropped", family=family, architecture=architecture(capability), oldest=oldest)
    if _is_driver_behind(snapshot):
        cause = text("torch_gpus.cause_dropped_driver", cause=cause)
    by_hand = text("torch_gpus.by_hand_older", command=command_for(snapshot) or pip_command("cu126"))
    fixes = remedies(snapshot, "torch.older_build", text("torch_gpus.fix_build"), by_hand)
    return Finding("torch.kernels_dropped", Status.FAILURE, summary, _evidence(targets), fixes, cause)


def examine_mixed(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    targets = _targets(snapshot, catalogue)
    gpus = shown_gpus(snapshot)
    evidence = (*map(describe, gpus), *_evidence(targets))
    if not _needs_one_build(snapshot, targets):
        return Finding("torch.mixed_gpus", Status.OK, text("torch_gpus.mixed_ok"), evidence)
    lost = _unserved(snapshot, targets)
    served = [gpu for gpu in gpus if gpu not in lost]
    summary = text("torch_gpus.mixed", torch=_torch_words(snapshot), served=served[0].name, lost=lost[0].name)
    cause = text("torch_gpus.cause_mixed", served=describe(served[0]), lost=describe(lost[0]))
    hide = text("torch_gpus.by_hand_hide", served=served[0].name, uuid=served[0].uuid)
    fixes = [Fix(id="torch.hide_gpu", title=text("torch_gpus.fix_hide"), by_hand=hide)]
    wanted = recommended_torch(snapshot)
    index = recommended_index(snapshot)
    if wanted is not None and index is not None:
        both = text("torch_gpus.by_hand_both", torch=wanted, command=pip_command(index, wanted))
        fixes.insert(0, Fix(id="torch.one_build", title=text("torch_gpus.fix_build"), by_hand=both))
    return Finding("torch.mixed_gpus", Status.WARNING, summary, evidence, tuple(fixes), cause)


def examine_driver(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    build = torch_build(snapshot)
    nvidia = snapshot.nvidia
    assert build is not None and isinstance(nvidia, NvidiaDriver)
    needed = _needed_driver(snapshot, build)
    have = _told_version(nvidia.version)
    newest = _told_version(nvidia.cuda_version) or _told_version(nvidia.smi_cuda_version)
    evidence = (
        text("packages.torch_cuda_version", cuda=build.cuda),
        text("packages.torch_driver", needs=needed or "?"),
        text("torch_gpus.driver_cuda", cuda=newest or "?"),
    )
    files = torch_files(snapshot)
    works = files is not None and files.cuda_available is True
    too_old = needed is not None and have is not None and not at_least(have, needed)
    # A driver that is known only by the newest CUDA it runs: within one major version any wheel runs.
    behind = have is None and newest is not None and numbers(newest)[0] < numbers(build.cuda)[0]
    if works or not (too_old or behind):
        return Finding("torch.driver", Status.OK, text("torch_gpus.driver_ok", version=build.version), evidence)
    needs = needed or "?"
    if have is not None:
        summary = text("torch_gpus.driver_old", version=build.version, cuda=build.cuda, needs=needs, have=have)
    else:
        summary = text(
            "torch_gpus.driver_behind", version=build.version, cuda=build.cuda, needs=needs, newest=newest or "?"
        )
    cause = text("torch_gpus.cause_driver", cuda=build.cuda, needs=needs)
    update = text("torch_gpus.by_hand_driver", needs=needs)
    if in_wsl(snapshot):
        update = text("torch_gpus.by_hand_driver_wsl", needs=needs)
    fixes = [Fix(id="nvidia.driver", title=text("nvidia.fix_driver"), by_hand=update)]
    index = recommended_index(snapshot)
    if index is not None and index != "cpu" and _suits_driver(index, build, snapshot, have):
        other = text("torch_gpus.by_hand_other_build", command=pip_command(index, recommended_torch(snapshot)))
        if is_own(snapshot):
            fixes.append(install_fix())
        else:
            fixes.append(Fix(id="torch.older_cuda", title=text("torch_gpus.fix_build"), by_hand=other))
    return Finding("torch.driver", Status.FAILURE, summary, evidence, tuple(fixes), cause)


def has_targets_for_gpus(snapshot: Snapshot) -> bool:
    """It is known what torch has code for, and what at least one GPU is."""
    build = torch_build(snapshot)
    if build is not None and build.kind != "cuda":
        return False
    if compiled_targets(snapshot) is None and (build is None or architectures(build, system_name(snapshot)) is None):
        return False
    return any(known_capability(gpu) is not None for gpu in shown_gpus(snapshot))


def has_several_gpus(snapshot: Snapshot) -> bool:
    return has_targets_for_gpus(snapshot) and len(shown_gpus(snapshot)) > 1


def has_driver(snapshot: Snapshot) -> bool:
    build, nvidia = torch_build(snapshot), snapshot.nvidia
    if build is None or build.kind != "cuda" or not isinstance(nvidia, NvidiaDriver):
        return False
    told = (nvidia.version, nvidia.cuda_version, nvidia.smi_cuda_version)
    return any(_told_version(each) is not None for each in told)


TOO_OLD_BUILD = Check(
    id="torch.kernels_too_old_build",
    title=text("torch_gpus.title_too_old_build"),
    examine=examine_too_old_build,
    applies=has_targets_for_gpus,
    rank=20,
    explains=("bitsandbytes.cuda", "bitsandbytes.gpu", "flash_attention.gpu", "triton.gpu"),
)
DROPPED = Check(
    id="torch.kernels_dropped",
    title=text("torch_gpus.title_dropped"),
    examine=examine_dropped,
    applies=has_targets_for_gpus,
    rank=20,
    explains=("torch.driver", "bitsandbytes.cuda", "bitsandbytes.gpu"),
)
MIXED = Check(
    id="torch.mixed_gpus",
    title=text("torch_gpus.title_mixed"),
    examine=examine_mixed,
    applies=has_several_gpus,
    rank=18,
    explains=("bitsandbytes.gpu", "distributed.pair"),
)
DRIVER = Check(
    id="torch.driver",
    title=text("torch_gpus.title_driver"),
    examine=examine_driver,
    applies=has_driver,
    rank=15,
    explains=("torch.cuda_unavailable",),
)


def _targets(snapshot: Snapshot, catalogue: Catalogue) -> tuple[str, ...]:
    return torch_targets(snapshot, catalogue) or ()


def _torch_words(snapshot: Snapshot) -> Text:
    """`PyTorch 2.8.0 for CUDA 12.8`. Its tag is left away: next to a card that CUDA 13 cannot serve, `cu130` would read
    like advice."""
    build = torch_build(snapshot)
    if build is None:
        return text("torch_gpus.some_torch")
    return text("torch_gpus.torch", version=release(build.version), cuda=build.cuda)


def _unserved(snapshot: Snapshot, targets: tuple[str, ...]) -> list[Gpu]:
    """GPUs that this build has no machine code for, beyond doubt."""
    if not targets:
        return []
    known = [(gpu, known_capability(gpu)) for gpu in shown_gpus(snapshot)]
    return [gpu for gpu, capability in known if capability is not None and not covers(targets, capability)]


def _is_newer(gpu: Gpu, targets: tuple[str, ...]) -> bool:
    return numbers(known_capability(gpu) or "0") > max(map(numbers, targets))


def _needs_one_build(snapshot: Snapshot, targets: tuple[str, ...]) -> bool:
    """Some GPUs are served, some are not, and no index has a newest torch for all of them."""
    lost = _unserved(snapshot, targets)
    if not lost or len(lost) == len(shown_gpus(snapshot)):
        return False
    return recommended_index(snapshot) is None or recommended_torch(snapshot) is not None


def _needed_driver(snapshot: Snapshot, build: TorchBuild) -> str | None:
    # Inside WSL it is Windows' driver that counts, and NVML tells its version.
    return oldest_driver(build, "windows" if in_wsl(snapshot) else system_name(snapshot))


def _suits_driver(index: str, build: TorchBuild, snapshot: Snapshot, have: str | None) -> bool:
    """Whether the index's CUDA is older than the build's and runs with the driver as it is."""
    cuda = f"{index[2:4]}.{index[4:]}"
    if numbers(cuda) >= numbers(build.cuda):
        return False
    needed = oldest_driver(type(build)(version="", kind="cuda", cuda=cuda), system_name(snapshot))
    return have is None or needed is None or at_least(have, needed)


def _is_driver_behind(snapshot: Snapshot) -> bool:
    """Whether the driver is too old for torch's CUDA as well."""
    build, nvidia = torch_build(snapshot), snapshot.nvidia
    if build is None or not isinstance(nvidia, NvidiaDriver):
        return False
    have, needed = _told_version(nvidia.version), _needed_driver(snapshot, build)
    return have is not None and needed is not None and not at_least(have, needed)


def _told_version(value: object) -> str | None:
    return value if isinstance(value, str) and value[:1].isdigit() else None


def _evidence(targets: tuple[str, ...]) -> tuple[Text, ...]:
    return (text("packages.torch_targets", targets=", ".join(targets) or "?"),)
