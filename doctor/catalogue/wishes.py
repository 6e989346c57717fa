"""What a user asks of a plan beyond what the machine says. Pure."""

from __future__ import annotations

from typing import Literal

from doctor.quick_dataclass import dataclass


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """Limits that a user sets. The default asks for nothing."""

    gpus: tuple[int, ...] | None = None
    """Numbers of the GPUs to use, as the driver counts them; None: those that CUDA shows."""
    device: Literal["cpu", "cuda"] | None = None
    torch: str = ""
    """A release of torch, or the beginning of one: `2.11`."""
    python: str = ""
    """Major and minor: `3.12`."""
    parts: tuple[str, ...] = ()
    """Optional packages by name; a stack is chosen first, then what of them there is for it."""
    offline: bool = False
    """Nothing can be fetched: the Python must be on this machine."""
    pythons: tuple[str, ...] = ()
    """Offline: Pythons beyond this machine's own, such as a bundle's."""
    room: bool = False
    """Whether a stack that the disk has no room for is passed over."""


NOTHING = Wishes()
