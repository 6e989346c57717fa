"""All checks, in the order of the report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.checks import environment, nvidia, packages, settings, storage, system

if TYPE_CHECKING:
    from doctor.checks.base import Check

MACHINE_CHECKS: tuple[Check, ...] = (
    system.BUILD,
    system.PYTHON,
    system.MEMORY,
    system.PAGE_FILE,
    system.LONG_PATHS,
    storage.FREE,
    storage.PATH,
    nvidia.DRIVER,
    nvidia.GPUS,
    nvidia.VISIBLE,
    nvidia.MIXED,
    settings.INDEX,
)
"""Of the machine: its system, its cards, its disks, its variables."""

ENVIRONMENT_CHECKS: tuple[Check, ...] = (
    environment.STACK,
    environment.PRESENT,
    environment.CHANGED,
    packages.TORCH,
    packages.COMPANIONS,
    packages.BITSANDBYTES,
    packages.GLOO,
    packages.LIBUV,
)
"""Of a Python environment and what is in it."""

ALL_CHECKS: tuple[Check, ...] = MACHINE_CHECKS + ENVIRONMENT_CHECKS
