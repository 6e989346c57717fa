"""Which of PyTorch's wheel indexes fits a machine, and the pip command for it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.catalogue.select import visible_gpus
from doctor.gpu_models import capability_of
from doctor.snapshot.model import Absent, NvidiaDriver, OperatingSystem, Unknown
from doctor.versions import at_least, numbers

if TYPE_CHECKING:
    from doctor.snapshot.model import Gpu, Snapshot

INDEX_URL = "https://download.pytorch.org/whl/{index}"

_CUDA_13_DRIVER = "580"
"""Of both systems. https://docs.nvidia.com/cuda/cuda-toolkit-release-notes/index.html table 2."""
_FIRST_CUDA_13 = "7.5"
"""CUDA 13 cannot target Maxwell, Pascal or Volta. https://github.com/pytorch/pytorch/issues/190385"""
_FIRST_BLACKWELL = "10.0"
"""CUDA 12.8 is the first that knows it; wheels for CUDA 12.6 end at 9.0. https://github.com/pytorch/pytorch/issues/182250"""
_OLDEST_SERVED = "5.0"
"""The cu126 wheels begin there. https://github.com/pytorch/pytorch/blob/main/RELEASE.md"""
_OLD_AND_NEW_TOGETHER = "2.7.1"
"""Windows' wheels of 2.7 for CUDA 12.8 alone have code for a GTX 10 and for an RTX 50.
https://github.com/nikopueringer/CorridorKey/pull/141"""


def known_capability(gpu: Gpu) -> str | None:
    """What the driver said, else what the card's name tells; None when neither does."""
    said = gpu.compute_capability
    if isinstance(said, str) and said[:1].isdigit():
        return said
    return capability_of(gpu.name)


def used_gpus(snapshot: Snapshot) -> tuple[Gpu, ...]:
    """The GPUs that the work is to run on: those that CUDA shows, or all where it shows none."""
    nvidia = snapshot.nvidia
    if not isinstance(nvidia, NvidiaDriver):
        return ()
    return visible_gpus(nvidia, snapshot.settings) or nvidia.gpus


def recommended_index(snapshot: Snapshot) -> str | None:
    """`cu130`, `cu128`, `cu126` or `cpu`: the index whose newest torch runs on these GPUs with this driver.

    None where that cannot be said: the GPUs are not known, or no one index serves them all. A driver that is not known
    or too old for everything counts as one that runs CUDA 12.
    """
    system = snapshot.os.system if isinstance(snapshot.os, OperatingSystem) else None
    if isinstance(snapshot.nvidia, Absent) or system == "macos":
        return "cpu"
    capabilities = [known_capability(gpu) for gpu in used_gpus(snapshot)]
    known = [each for each in capabilities if each is not None]
    if not known or len(known) < len(capabilities) or not all(at_least(each, _OLDEST_SERVED) for each in known):
        return None
    if isinstance(snapshot.os, OperatingSystem) and snapshot.os.wsl == 1:
        return "cpu"
    blackwell = any(at_least(each, _FIRST_BLACKWELL) for each in known)
    old = not all(at_least(each, _FIRST_CUDA_13) for each in known)
    if blackwell and old:
        return "cu128" if system == "windows" else None
    if old:
        return "cu126"
    if _runs_cuda_13(snapshot):
        return "cu130"
    return "cu128" if blackwell else "cu126"


def recommended_torch(snapshot: Snapshot) -> str | None:
    """The release to ask the recommended index for; None where its newest is right."""
    capabilities = [known_capability(gpu) for gpu in used_gpus(snapshot)]
    known = [each for each in capabilities if each is not None]
    blackwell = any(at_least(each, _FIRST_BLACKWELL) for each in known)
    old = not all(at_least(each, _FIRST_CUDA_13) for each in known)
    return _OLD_AND_NEW_TOGETHER if blackwell and old and recommended_index(snapshot) == "cu128" else None


def pip_command(index: str, torch_version: str | None = None) -> str:
    """The command that puts torch and torchvision from an index into the Python that runs it.

    Without a version pip takes the index's newest for that Python. `--force-reinstall`, because to pip the build that
    is there already may fulfil the requirement.
    """
    torch, torchvision = "torch", "torchvision"
    if torch_version is not None:
        release = torch_version.partition("+")[0]
        torch = f"torch=={release}"
        torchvision = f"torchvision{_torchvision_for(release)}"
    return f"python -m pip install --force-reinstall {torch} {torchvision} --index-url {INDEX_URL.format(index=index)}"


def command_for(snapshot: Snapshot) -> str | None:
    """The pip command with the recommended index, and the release where that matters."""
    index = recommended_index(snapshot)
    return None if index is None else pip_command(index, recommended_torch(snapshot))


def _runs_cuda_13(snapshot: Snapshot) -> bool:
    nvidia = snapshot.nvidia
    if not isinstance(nvidia, NvidiaDriver):
        return False
    if isinstance(nvidia.version, str) and nvidia.version[:1].isdigit():
        return at_least(nvidia.version, _CUDA_13_DRIVER)
    newest = nvidia.cuda_version
    if isinstance(newest, Unknown):
        newest = nvidia.smi_cuda_version
    return isinstance(newest, str) and newest[:1].isdigit() and at_least(newest, "13.0")


def _torchvision_for(release: str) -> str:
    """`==0.22.1` for torch 2.7.1: torchvision 0.N.p belongs to torch 2.(N - 15).p, read from the wheels' requirements.

    From 0.29.1 on it demands torch >= 2.14 only, so pip may choose.
    """
    parts = (*numbers(release), 0, 0)[:3]
    if parts[0] != 2 or not 1 <= parts[1] <= 13:
        return ""
    return f"==0.{parts[1] + 15}.{parts[2]}"
