"""Snapshots of made-up machines, for tests of what is decided over them."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any, Literal

from doctor.snapshot.codec import from_json
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

MACHINES = Path(__file__).parent / "machines"


def machine_file(name: str) -> Snapshot:
    """The machine of that name in tests/machines."""
    return from_json((MACHINES / f"{name}.json").read_text(encoding="utf-8"), f"{name}.json")


def flip(snapshot: Snapshot, path: str, value: Any) -> Snapshot:
    """The snapshot with one fact changed, such as `nvidia.gpus[0].compute_capability`.

    Parts of a list are named by number or by their `name` or `purpose`: `environment.packages[torch].version`,
    `disks[home].free_mib`. A setting's path may end at its name (`settings[USE_LIBUV]`): it is set to `value`, a text,
    whether it was there or not. None removes a part of a list. Raises LookupError for a path that leads nowhere.
    """
    steps = [step for step in re.split(r"\.|(?=\[)", path) if step]
    return _flipped(snapshot, steps, value)  # type: ignore[no-any-return]


def _flipped(whole: Any, steps: list[str], value: Any) -> Any:
    if not steps:
        return value
    step, rest = steps[0], steps[1:]
    if not step.startswith("["):
        if step not in {field.name for field in dataclasses.fields(whole)}:
            raise LookupError(f"{type(whole).__name__} has no {step}")
        return dataclasses.replace(whole, **{step: _flipped(getattr(whole, step), rest, value)})
    wanted, parts = step[1:-1], list(whole)
    names = [getattr(part, "name", getattr(part, "purpose", getattr(part, "package", None))) for part in parts]
    place = int(wanted) if wanted.isdigit() else names.index(wanted) if wanted in names else -1
    if place < 0 and value is not None and isinstance(value, str) and not rest:
        return (*parts, Setting(name=wanted, value=value, origin="environment"))
    if place < 0 or place >= len(parts):
        raise LookupError(f"nothing is named {wanted}")
    if value is None and not rest:
        return (*parts[:place], *parts[place + 1 :])
    if isinstance(parts[place], Setting) and isinstance(value, str) and not rest:
        value = dataclasses.replace(parts[place], value=value)
    parts[place] = _flipped(parts[place], rest, value)
    return tuple(parts)


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
