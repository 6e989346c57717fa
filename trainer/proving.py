"""What the proofs share: what a proof is, what a wrong result is, made-up numbers, and how exact a format can be."""

from __future__ import annotations

import faulthandler
import os
import sys
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from trainer.contract import SmokeRequest

BFLOAT16_CAPABILITY = (8, 0)
"""Oldest compute capability whose tensor cores know bfloat16; older GPUs only imitate it, slowly."""
_GRACE_SECONDS = 30.0


class Wrong(Exception):
    """A result is not what it must be. `package` is the one at fault where it is not the proof's own."""

    def __init__(self, message: str, *, package: str = "") -> None:
        super().__init__(message)
        self.package = package


@dataclass(frozen=True, slots=True)
class Proof:
    """One proof and the package that is at fault when it fails."""

    package: str
    """As it is installed; empty where the proof itself says which."""
    run: Callable[[str, SmokeRequest], dict[str, Any]]
    """Takes a device and the request; returns what is worth keeping."""
    on_every_device: bool = True
    """False: once for all of them. It gets the first."""
    limit_seconds: float = 300.0
    """After this it hangs. Generous: the first use of a GPU can translate kernels for minutes, and virus scanners read
    every library that is loaded for the first time."""


@dataclass(frozen=True, slots=True)
class Format:
    """A number format and the error that rounding explains in it."""

    name: str
    unit: float
    """Distance between 1 and the next number: 2^-23 for float32."""

    @property
    def kind(self) -> Any:
        import torch

        return getattr(torch, self.name)

    @property
    def product_limit(self) -> float:
        """The largest relative error of a product of matrices.

        In 16 bits rounding the factors and the result costs a third of a unit, whatever the length of the sum, which is
        kept in 32; in 32 bits the sum itself rounds, which cost two units where it was measured. Seven times that, and
        forty times, leave room for sums in another order; a wrong kernel is off by far more.
        """
        return (80.0 if self.name == "float32" else 2.5) * self.unit


FLOAT32 = Format("float32", 2.0**-23)
FLOAT16 = Format("float16", 2.0**-10)
BFLOAT16 = Format("bfloat16", 2.0**-7)


def capability_of(device: str) -> tuple[int, int] | None:
    """The compute capability of a GPU; None for the CPU."""
    if device == "cpu":
        return None
    import torch

    major, minor = torch.cuda.get_device_capability(device)
    return int(major), int(minor)


def formats_for(capability: tuple[int, int] | None) -> tuple[tuple[Format, ...], dict[str, str]]:
    """The formats that a device computes in, and why each other one is left out."""
    if capability is None or capability >= BFLOAT16_CAPABILITY:
        return (FLOAT32, FLOAT16, BFLOAT16), {}
    have, need = _dotted(capability), _dotted(BFLOAT16_CAPABILITY)
    return (FLOAT32, FLOAT16), {"bfloat16": f"left out: needs compute capability {need}, this GPU has {have}"}


def training_format(device: str) -> Format:
    """The 16-bit format that training uses there."""
    capability = capability_of(device)
    return BFLOAT16 if capability is None or capability >= BFLOAT16_CAPABILITY else FLOAT16


def require_capability(device: str, least: tuple[int, int], what: str) -> None:
    """Raises Wrong on a GPU that is too old for something, and on the CPU."""
    capability = capability_of(device)
    if capability is None:
        raise Wrong(f"{what} needs a GPU")
    if capability < least:
        raise Wrong(f"{what} needs compute capability {_dotted(least)}, and {device} has {_dotted(capability)}")


def made_up(*shape: int, seed: int) -> Any:
    """Normally distributed numbers in double precision on the CPU, always the same."""
    import torch

    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def require_close(found: Any, exact: Any, most: float, what: str) -> float:
    """The error relative to the size of the exact values. Raises Wrong."""
    error = float((found.detach().cpu().double() - exact).norm() / exact.norm())
    if not error <= most:  # so that NaN is wrong too
        raise Wrong(f"{what} is off by {error:.2g} of its size, and {most:.2g} is the most that rounding explains")
    return error


def first_line(words: str) -> str:
    """The first line that says something."""
    return next((line.strip() for line in words.splitlines() if line.strip()), "")


def last_line(words: str) -> str:
    """The last line that says something: where Python's tracebacks have the error."""
    return next((line.strip() for line in reversed(words.splitlines()) if line.strip()), "")


@contextmanager
def limit(seconds: float, hangs: Callable[[], None]) -> Iterator[None]:
    """End this process when the work inside takes longer: what hangs in a driver listens to nothing else.

    `hangs` is called first, to say so. Where even that cannot run (native code that keeps the interpreter's lock), the
    process ends a while later all the same, with a traceback of every thread on stderr.
    """
    done = threading.Event()

    def watch() -> None:
        if not done.wait(seconds):
            faulthandler.dump_traceback(all_threads=True)
            hangs()
            os._exit(1)

    threading.Thread(target=watch, name="limit", daemon=True).start()
    faulthandler.dump_traceback_later(seconds + _GRACE_SECONDS, exit=True, file=sys.__stderr__ or sys.stderr)
    try:
        yield
    finally:
        done.set()
        faulthandler.cancel_dump_traceback_later()


def wait_for_device(device: str) -> None:
    """Let a GPU finish what it was told, so that its errors come up here and not in the next proof."""
    if device != "cpu":
        import torch

        torch.cuda.synchronize(device)


def _dotted(capability: tuple[int, int]) -> str:
    return ".".join(map(str, capability))
