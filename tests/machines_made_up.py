"""Snapshots of made-up machines, for tests of what is decided over them."""

from __future__ import annotations

from typing import Literal

from doctor.snapshot.model import (
    SNAPSHOT_VERSION,
    Absent,
    Gpu,
    NvidiaDriver,
    OperatingSystem,
    PythonInterpreter,
    Setting,
    Snapshot,
    Unknown,
)

NOT_ASKED = Unknown("not asked in this test")


def gpu(name: str, compute_capability: str | Unknown, index: int = 0) -> Gpu:
    return Gpu(
        index=index,
        name=name,
        uuid=f"GPU-{index:08d}-0000-0000-0000-000000000000",
        compute_capability=compute_capability,
        memory_total_mib=16384,
        memory_free_mib=16000,
        driver_model="none",
        pci_bus=NOT_ASKED,
    )


def python(version: str = "3.12.4", **changes: object) -> PythonInterpreter:
    short = version.split(".")
    facts: dict[str, object] = {
        "path": "/opt/python/bin/python3",
        "version": version,
        "implementation": "cpython",
        "abi_tag": f"cp{short[0]}{short[1]}",
        "bits": 64,
        "kind": "system",
        **changes,
    }
    return PythonInterpreter(**facts)  # type: ignore[arg-type]


def machine(
    *,
    system: Literal["windows", "linux", "macos"] = "linux",
    driver: str | Unknown = "580.95.05",
    gpus: tuple[Gpu, ...] = (),
    nvidia: NvidiaDriver | Absent | Unknown | None = None,
    architecture: str = "",
    libc: str | Unknown = "glibc 2.36",
    wsl: Literal[0, 1, 2] = 0,
    interpreter: PythonInterpreter | Unknown | None = None,
    settings: tuple[Setting, ...] = (),
) -> Snapshot:
    """A machine with these GPUs; without any it has no NVIDIA driver either, unless `nvidia` says otherwise."""
    if nvidia is None:
        nvidia = NvidiaDriver(version=driver, cuda_version=NOT_ASKED, gpus=gpus) if gpus else Absent()
    return Snapshot(
        schema=SNAPSHOT_VERSION,
        tunedoc="0",
        taken_at="2026-11-21T00:00:00Z",
        os=OperatingSystem(
            system=system,
            name="a system",
            version="1",
            build=NOT_ASKED,
            machine=architecture or {"windows": "AMD64", "linux": "x86_64", "macos": "arm64"}[system],
            wsl=wsl,
            libc=libc if system == "linux" else NOT_ASKED,
        ),
        processor=NOT_ASKED,
        memory=NOT_ASKED,
        disks=NOT_ASKED,
        python=interpreter or python(),
        nvidia=nvidia,
        cuda_toolkits=NOT_ASKED,
        environment=Absent(),
        settings=settings,
    )
