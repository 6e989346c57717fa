"""What a torch wheel was built for, told from its version alone: processor or CUDA, architectures, oldest driver."""

from __future__ import annotations

import re
from typing import Literal

from doctor.quick_dataclass import dataclass
from doctor.versions import at_least, numbers


@dataclass(frozen=True, kw_only=True)
class TorchBuild:
    """One build of torch."""

    version: str
    kind: Literal["cpu", "cuda", "other"]
    """`other`: ROCm, XPU or somebody's own build; nothing is said about it."""
    cuda: str = ""
    """`12.8`; empty unless kind is cuda."""


# The wheels of the default index carry no local tag: for Windows they are CPU builds in every release, for Linux
# CUDA builds of these versions. Read from the wheels' own metadata, 2.1 to 2.15.
_UNTAGGED_LINUX = (
    ("2.15", "13.2"),
    ("2.11", "13.0"),
    ("2.8", "12.8"),
    ("2.7", "12.6"),
    ("2.5", "12.4"),
    ("2.1", "12.1"),
)

# https://docs.nvidia.com/cuda/cuda-toolkit-release-notes/index.html table 2: minor-version compatibility.
_OLDEST_DRIVER: dict[str, dict[str, str]] = {
    "13": {"linux": "580", "windows": "580"},
    "12": {"linux": "525.60.13", "windows": "528.33"},
    "11": {"linux": "450.80.02", "windows": "452.39"},
}


def read_torch_build(version: str, system: str) -> TorchBuild:
    """What `2.13.0+cu130` or, without a tag, `2.13.0` was built for."""
    _, _, tag = version.partition("+")
    if tag == "cpu":
        return TorchBuild(version=version, kind="cpu")
    found = re.fullmatch(r"cu(\d\d)(\d)", tag)
    if found:
        return TorchBuild(version=version, kind="cuda", cuda=f"{found[1]}.{found[2]}")
    if tag or not version[:1].isdigit():
        return TorchBuild(version=version, kind="other")
    if system == "windows":
        return TorchBuild(version=version, kind="cpu")
    for release, cuda in _UNTAGGED_LINUX:
        if system == "linux" and at_least(version, release):
            return TorchBuild(version=version, kind="cuda", cuda=cuda)
    return TorchBuild(version=version, kind="other")


def oldest_driver(build: TorchBuild, system: str) -> str | None:
    """The oldest driver that runs a CUDA build; None when that is not known.

    Where the system is not known (a text), the lower of the two numbers: what is older is too old on either.
    """
    of_cuda = _OLDEST_DRIVER.get(build.cuda.partition(".")[0], {})
    if not system and of_cuda:
        return min(of_cuda.values(), key=numbers)
    return of_cuda.get(system)


def architectures(build: TorchBuild, system: str) -> tuple[str, ...] | None:
    """Compute capabilities that a CUDA build has code for; None when that is not known.

    From the build scripts and published arch lists: CUDA up to 12.6 ends at 9.0; 12.8 brought 10.0 and 12.0 and lost
    Maxwell and Pascal, and from torch 2.11 on Volta; CUDA 13 begins at 7.5.
    https://github.com/pytorch/pytorch/issues/182250, https://github.com/pytorch/pytorch/blob/main/RELEASE.md
    """
    if build.kind != "cuda" or not at_least(build.version, "2.1") or at_least(build.cuda, "14"):
        return None
    recent = ("7.5", "8.0", "8.6", "9.0")
    if not at_least(build.cuda, "12.8"):
        return ("5.0", "6.0", "7.0", *recent)
    blackwell = (*recent, "10.0", "12.0")
    if at_least(build.cuda, "13.0") or at_least(build.version, "2.11"):
        return blackwell
    minor = numbers(build.version)[:2]
    if build.cuda == "12.8" and minor == (2, 7):
        # The only wheels that serve a GTX 10 and an RTX 50 at once are Windows' 2.7 for CUDA 12.8 and the next.
        return ("5.0", "6.0", "6.1", "7.0", *blackwell) if system == "windows" else blackwell
    if build.cuda == "12.8" and minor == (2, 8) and system == "windows":
        return ("6.1", "7.0", *blackwell)
    return ("7.0", *blackwell)


def matching_torch(name: str, version: str) -> str | None:
    """The torch release (`2.13`) that a torchvision or torchaudio was made for; None where any will do.

    torchvision 0.N belongs to torch 2.(N - 15), and from 0.29.1 on to any torch from 2.14; torchaudio carries torch's
    own number until 2.11, its last release, which demands none. Read from the wheels' requirements.
    """
    major, minor = numbers(version)[:2]
    if name == "torchvision" and major == 0 and minor >= 16 and not at_least(version, "0.29.1"):
        return f"2.{minor - 15}"
    if name == "torchaudio" and major == 2 and minor < 11:
        return f"2.{minor}"
    return None
