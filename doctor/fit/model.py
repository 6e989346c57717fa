"""What the planner is asked and what it answers: cards, bands, components, placements, levers. Pure data."""

from __future__ import annotations

from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal

from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    from doctor.fit.software import Versions

Verdict = Literal["fits", "tight", "too_large"]
Kind = Literal["one", "parallel", "split", "host"]
GIB = 2**30


@dataclass(frozen=True)
class Band:
    """Bytes: the least and the most that are to be reckoned with, and the likeliest."""

    low: int
    likely: int
    high: int

    def __add__(self, other: Band) -> Band:
        return Band(self.low + other.low, self.likely + other.likely, self.high + other.high)

    def scaled(self, low: float, likely: float, high: float) -> Band:
        return Band(int(self.low * low), int(self.likely * likely), int(self.high * high))


def exactly(count: float) -> Band:
    """A band without width."""
    return Band(int(count), int(count), int(count))


NOTHING = Band(0, 0, 0)


@dataclass(frozen=True, kw_only=True)
class Card:
    """One GPU's memory in bytes."""

    index: int = 0
    name: str = ""
    total: int
    free: int
    """Not taken by the desktop or another program now."""
    display: bool = False
    capability: str = ""

    @property
    def usable(self) -> int:
        """What a run may count on: the desktop's use comes and goes."""
        return max(0, self.free - max(GIB // 2, self.total // 25))


@dataclass(frozen=True, kw_only=True)
class HostMemory:
    """Main memory and disk, in bytes."""

    total: int
    available: int
    disk_free: int = 0


@dataclass(frozen=True, kw_only=True)
class Component:
    """One part of a card's memory."""

    name: str
    bytes: Band
    at_peak: bool = True
    """Held at the moment of the highest use; what is not is told, and not counted."""


@dataclass(frozen=True, kw_only=True)
class Need:
    """What one card (or the host) needs, in bytes."""

    card: int
    components: tuple[Component, ...]
    allocated: Band
    """What torch calls max_memory_allocated."""
    reserved: Band
    """What torch calls max_memory_reserved."""
    device: Band
    """What nvidia-smi shows: with the CUDA context."""
    usable: int
    layers: int
    weights: int
    """Of the allocated bytes, the base model's weights."""

    @property
    def verdict(self) -> Verdict:
        if self.device.high <= self.usable:
            return "fits"
        return "tight" if self.device.likely <= self.usable else "too_large"


@dataclass(frozen=True, kw_only=True)
class Placement:
    """One way to lay a job out on the machine."""

    kind: Kind
    needs: tuple[Need, ...]

    @property
    def verdict(self) -> Verdict:
        found = {need.verdict for need in self.needs}
        return "too_large" if "too_large" in found else "tight" if "tight" in found else "fits"

    @property
    def worst(self) -> Need:
        """The one with the least room."""
        return max(self.needs, key=lambda need: need.device.likely / max(need.usable, 1))


@dataclass(frozen=True, kw_only=True)
class Lever:
    """A change to the job, and what it saves on the fullest card."""

    name: str
    """Of the words `fit.lever_…`."""
    before: Any
    after: Any
    saves: int
    """Bytes."""
    changes: dict[str, Any] = field(default_factory=dict)
    """Fields of the job and their new values; empty where the change is not the job's."""
    verdict: Verdict = "too_large"
    """With this change alone."""
    parts: tuple[Lever, ...] = ()
    """Of several changes that are to be made together."""


@dataclass(frozen=True, kw_only=True)
class Storage:
    """Disk in bytes."""

    download: int
    """Still to be fetched."""
    checkpoints: int
    adapter: int

    @property
    def all(self) -> int:
        return self.download + self.checkpoints + self.adapter


@dataclass(frozen=True, kw_only=True)
class Measured:
    """A calibration: what runs of this model family on this card took against what was predicted."""

    card: str
    versions: str
    family: str
    points: tuple[tuple[int, int], ...]
    """Predicted allocated bytes, and bytes that were reserved."""
    tokens_per_second: float = 0.0
    watts: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Fit:
    """The planner's whole answer."""

    placement: Placement
    """The one that the planner would choose."""
    as_asked: Placement
    """How the job itself lays it out."""
    others: tuple[Placement, ...]
    levers: tuple[Lever, ...]
    storage: Storage
    loading: Band
    """Host memory while the model is loaded and trained."""
    merging: int
    """Host memory of a later merge, which goes tensor by tensor."""
    loss: str
    kernel: str
    parameters: int
    trained: int
    tokens: int
    """Tokens of the largest micro-batch, padding counted."""
    exact: bool
    versions: Versions
    measured: Measured | None = None
    weights_mib: tuple[int, ...] = ()
    """For `split: layers`: the most MiB of weights for each card."""
    seconds: float | None = None
    """Of the whole run, from measured speed alone."""
    watt_hours: float | None = None

    @property
    def verdict(self) -> Verdict:
        return self.as_asked.verdict
