"""Checks of torchvision and torchaudio, whose libraries are linked against one release of torch and one CUDA."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.checks.base import Check, Finding, Status
from doctor.checks.subject import is_read_whole, minor, release, remedies, system_name, torch_build, version_of
from doctor.checks.torch_builds import matching_torch, read_torch_build
from doctor.checks.wheel_choice import INDEX_URL, pip_command
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue
    from doctor.checks.torch_builds import TorchBuild
    from doctor.snapshot.model import Snapshot
    from doctor.words.text import Text

_COMPANIONS = ("torchvision", "torchaudio")
_LAST_TORCHAUDIO = "2.11.0"
"""It requires no torch, every earlier one pins its own. PyPI torchaudio 2.11.0"""


def examine_release(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    build = torch_build(snapshot)
    assert build is not None
    evidence = _evidence(snapshot, build)
    for name, version in _present(snapshot):
        wanted = matching_torch(name, version)
        if wanted is None or f"{minor(build.version)[0]}.{minor(build.version)[1]}" == wanted:
            continue
        summary = text("companions.release", name=name, version=version, wanted=wanted, torch=build.version)
        cause = text("companions.cause_release", name=name)
        by_hand = text("companions.by_hand", command=_command(build))
        fixes = remedies(snapshot, "companions.match", text("companions.fix", name=name), by_hand)
        return Finding("environment.companions", Status.FAILURE, summary, evidence, fixes, cause)
    return Finding("environment.companions", Status.OK, text("companions.ok"), evidence)


def examine_build(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    build = torch_build(snapshot)
    assert build is not None
    evidence = _evidence(snapshot, build)
    for name, version in _present(snapshot):
        if not _is_other_build(snapshot, build, name, version):
            continue
        summary = text("companions.build", name=name, version=version, torch=build.version)
        cause = text("companions.cause_build", name=name)
        by_hand = text("companions.by_hand", command=_command(build))
        fixes = remedies(snapshot, "companions.match", text("companions.fix", name=name), by_hand)
        return Finding("companions.build", Status.WARNING, summary, evidence, fixes, cause)
    return Finding("companions.build", Status.OK, text("companions.build_ok"), evidence)


def has_companions(snapshot: Snapshot) -> bool:
    return torch_build(snapshot) is not None and bool(_present(snapshot))


RELEASE = Check(
    id="environment.companions",
    title=text("companions.title"),
    examine=examine_release,
    applies=has_companions,
    rank=35,
    explains=("companions.build",),
)
BUILD = Check(
    id="companions.build",
    title=text("companions.title_build"),
    examine=examine_build,
    applies=has_companions,
    rank=36,
)


def _present(snapshot: Snapshot) -> list[tuple[str, str]]:
    found = ((name, version_of(snapshot, name)) for name in _COMPANIONS)
    return [(name, version) for name, version in found if version is not None]


def _is_other_build(snapshot: Snapshot, build: TorchBuild, name: str, version: str) -> bool:
    belongs_to = matching_torch(name, version)
    if belongs_to is None or build.kind == "other":
        return False
    tag = version.partition("+")[2]
    if not tag and not is_read_whole(snapshot):
        return False
    # Without a tag it comes from the default index, and is of the kind that torch's own wheel there is.
    mine = read_torch_build(f"{belongs_to}.0+{tag}" if tag else f"{belongs_to}.0", system_name(snapshot))
    return mine.kind != "other" and (mine.kind, mine.cuda) != (build.kind, build.cuda)


def _command(build: TorchBuild) -> str:
    """Brings torchvision to the torch that is there; torchaudio ends with 2.11, so it is named only up to there."""
    index = "cpu" if build.kind == "cpu" else f"cu{build.cuda.replace('.', '')}"
    if build.kind == "other":
        return "python -m pip install --force-reinstall torch torchvision torchaudio"
    command = pip_command(index, build.version)
    if minor(build.version) <= minor(_LAST_TORCHAUDIO):
        url = f" --index-url {INDEX_URL.format(index=index)}"
        return command.replace(url, f" torchaudio=={release(build.version)}{url}")
    return command


def _evidence(snapshot: Snapshot, build: TorchBuild) -> tuple[Text, ...]:
    present = [("torch", build.version), *_present(snapshot)]
    return tuple(text("packages.version", name=name, version=version) for name, version in present)
