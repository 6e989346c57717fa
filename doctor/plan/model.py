"""Plans: what will be done to the machine, as values. Printing a plan is the dry run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    from doctor.catalogue.changes import Change
    from doctor.catalogue.model import Stack
    from doctor.catalogue.parts import PartChoice
    from doctor.catalogue.select import Rejection
    from doctor.plan.lock import Lock
    from doctor.plan.reasons import Reason
    from doctor.words.text import Text


@dataclass(frozen=True)
class PythonChoice:
    """The Python that the environment gets."""

    version: str
    """Major and minor: `3.12`."""
    path: str | None
    """An interpreter of this machine; None when uv finds or fetches one."""
    why: Text | None = None
    """Why the doctor's own interpreter is not used."""

    @property
    def request(self) -> str:
        """What to tell uv."""
        return self.path or self.version


@dataclass(frozen=True, kw_only=True)
class ResolveLock:
    """Find exact versions and hashes of everything that the row needs."""

    requirements: tuple[str, ...]
    python: str
    torch_from: str
    """The index address or the folder that the torch family comes from; empty for the ordinary index."""


@dataclass(frozen=True, kw_only=True)
class SetAside:
    """Put away what dead installs left, so that it cannot be taken for an environment."""

    folders: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class InstallPython:
    """Fetch a Python of tunedoc's own, where this machine has none that fits."""

    version: str
    """Major and minor."""
    source: str = ""
    """The mirror or folder that it comes from; empty for uv's own place."""


@dataclass(frozen=True, kw_only=True)
class FetchWheels:
    """Bring the large wheels that uv's cache lacks, each resumed where an earlier try stopped."""

    wheels: int
    download_bytes: int
    """What is still to come."""
    sources: tuple[str, ...] = ()
    """The hosts that they come from."""


@dataclass(frozen=True, kw_only=True)
class CreateEnvironment:
    """Make an empty environment beside the one in use."""

    environment: str
    python: str
    """An interpreter's path, or a version that uv finds or fetches."""


@dataclass(frozen=True, kw_only=True)
class InstallPackages:
    """Fetch and install what the lock says."""

    environment: str
    packages: int
    download_bytes: int


@dataclass(frozen=True, kw_only=True)
class UnpackConverter:
    """Unpack llama.cpp's converter beside the environment."""

    environment: str
    package: str
    version: str
    sha256: str
    download_bytes: int


@dataclass(frozen=True, kw_only=True)
class ProveEnvironment:
    """Run the row's proofs in the new environment."""

    environment: str
    tests: tuple[str, ...]
    devices: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class SwitchEnvironment:
    """Make the new environment the one in use."""

    environment: str
    previous: str | None
    """What the pointer named before: its undo."""


Step = (
    ResolveLock
    | SetAside
    | InstallPython
    | FetchWheels
    | CreateEnvironment
    | InstallPackages
    | UnpackConverter
    | ProveEnvironment
    | SwitchEnvironment
)


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Ordered steps for one machine. Equal plans compare equal."""

    stack: Stack
    rejected: tuple[Rejection, ...]
    """Better rows that do not fit."""
    python: PythonChoice
    environment: str
    """Name of the folder under `environments`, and where `reused` the one that is there already."""
    reused: bool
    steps: tuple[Step, ...]
    lock: Lock | None
    """None before it was resolved."""
    download_bytes: int
    """What is fetched at most; packages in uv's cache are not fetched again."""
    unknown_sizes: int
    """Packages whose size no source tells."""
    disk_bytes: int
    """Free space that the work needs on the volume of tunedoc's folder: an estimate on the safe side."""
    changes: tuple[Change, ...] = ()
    """The smallest changes to the machine that would give a better row."""
    parts: tuple[PartChoice, ...] = ()
    """Optional packages that were asked for: what there is of them here."""
    reasons: tuple[Reason, ...] = ()
    """Why the row and what is in it is right for the machine."""
