"""Environments as a pasted text tells them, and what one check says of them."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doctor.catalogue.load import load_catalogue
from doctor.checks.registry import ALL_CHECKS
from doctor.diagnosis import diagnose
from doctor.snapshot.model import Absent, NvidiaDriver, Package, PythonEnvironment, TorchFiles, Unknown
from doctor.words.text import render
from tests.machines_made_up import gpu, machine

if TYPE_CHECKING:
    from doctor.checks.base import Finding, Status
    from doctor.snapshot.model import Snapshot

CATALOGUE = load_catalogue(Path(__file__).parent / "machines" / "wheels.toml")
NOT_TOLD = Unknown("not told")


def finding_of(check: str, snapshot: Snapshot) -> Finding | None:
    chosen = [each for each in ALL_CHECKS if each.id == check]
    assert chosen
    findings = diagnose(snapshot, CATALOGUE, chosen).findings
    assert not [finding for finding in findings if finding.summary.key == "check.crashed"]
    return findings[0] if findings else None


def status_of(check: str, snapshot: Snapshot) -> Status | None:
    """The status of one check; None when it does not apply."""
    finding = finding_of(check, snapshot)
    return None if finding is None else finding.status


def said(check: str, snapshot: Snapshot) -> str:
    """Everything that a check says, in lower case: summary, cause and fixes."""
    finding = finding_of(check, snapshot)
    assert finding is not None
    parts = [finding.summary, *([finding.cause] if finding.cause else [])]
    parts += [fix.by_hand or fix.title for fix in finding.fixes]
    return " ".join(render(part, "en") for part in parts).lower()


def told(
    system: Any = "windows",
    cards: tuple[str, ...] = (),
    driver: str | Unknown = NOT_TOLD,
    torch: TorchFiles | Absent | Unknown = NOT_TOLD,
    nvidia: NvidiaDriver | Absent | Unknown | None = None,
    python: str | Unknown = NOT_TOLD,
    packages: dict[str, str] | None = None,
    **facts: Any,
) -> Snapshot:
    """What a pasted text told, cards by their names alone."""
    gpus = tuple(gpu(name, NOT_TOLD, index) for index, name in enumerate(cards))
    if nvidia is None:
        nvidia = NvidiaDriver(version=driver, cuda_version=NOT_TOLD, gpus=gpus, source="text") if gpus else NOT_TOLD
    environment = PythonEnvironment(
        path="",
        python_version=python,
        packages=tuple(Package(name=name, version=version) for name, version in (packages or {}).items()),
        role="told",
        torch=torch,
        **facts,
    )
    return dataclasses.replace(machine(system=system, nvidia=nvidia), environment=environment)


def files(version: str, cuda: str | Absent | Unknown = NOT_TOLD, **more: Any) -> TorchFiles:
    return TorchFiles(version=version, cuda=cuda, **more)
