"""How much disk things need, and sizes as people read them. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from doctor.catalogue.model import Device

UNPACKED: dict[Device, float] = {"cpu": 5.0, "cuda": 3.0}
"""Bytes on disk per byte of wheel, bytecode included. Measured on the Linux CPU row: 4.7 (323 MB became 1.5 GB); most
of a CUDA row are libraries, which unpack to about twice their size."""
RESERVE_BYTES = 200 * 2**20
"""For uv's metadata, the interpreter's own files and the proof's scratch."""

LEAST_FREE_MIB: dict[Device, int] = {"cpu": 2 * 1024, "cuda": 10 * 1024}
"""Free space without which an environment is not even planned, before the exact packages are known: 1.2 to 1.5 GiB
were measured for the CPU rows; a CUDA row unpacks to 7 or 8 GiB, beside 2 to 3 GiB of wheels."""


def environment_bytes(device: Device, download_bytes: int) -> int:
    """Free space that building an environment needs, on the safe side. uv links its cache into the environment where
    both are on one volume, so the packages count once."""
    return int(download_bytes * UNPACKED[device]) + RESERVE_BYTES


def size_words(count: int) -> str:
    """A size as people read it: `322 MB`, `2.4 GB`."""
    # MB and GB of 2**20 and 2**30, as Windows shows sizes.
    if count >= 2**30:
        return f"{count / 2**30:.1f} GB"
    return f"{round(count / 2**20)} MB" if count >= 2**20 else f"{-(-count // 2**10)} kB"
