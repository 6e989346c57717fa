"""Over facts out of a pasted text the checks of the machine do not ask for what tunedoc itself would need."""

from __future__ import annotations

from pathlib import Path

import pytest

from doctor.catalogue.load import load_catalogue
from doctor.checks.base import from_text
from doctor.checks.registry import MACHINE_CHECKS
from doctor.diagnosis import diagnose
from doctor.reading.told import read_facts

CATALOGUE = load_catalogue(Path(__file__).parent.parent.parent / "machines" / "wheels.toml")


def alarms(*lines: str) -> list[str]:
    snapshot = read_facts(list(lines)).snapshot
    assert from_text(snapshot)
    return [
        each.check for each in diagnose(snapshot, CATALOGUE, MACHINE_CHECKS).findings if each.status.needs_attention
    ]


@pytest.mark.parametrize(
    "lines",
    [
        (),
        ("OS: macOS 15.5 (arm64)", "Python version: 3.11.9"),
        ("Platform: Linux-4.18.0-x86_64-with-glibc2.17", "torch 2.1.2+cu118", "NVIDIA driver 470.82.01", "Tesla T4"),
        ("GPU: NVIDIA GeForce GTX 980", "torch==2.3.1+cu121", "Driver Version: 536.23", "all is well"),
        ("CUDA_VISIBLE_DEVICES=4,5 torchrun train.py", "8x NVIDIA A100-SXM4-80GB"),
        ("GPU 0: NVIDIA GeForce GTX 1080 Ti", "GPU 1: NVIDIA GeForce RTX 5060 Ti", "torch 2.7.1+cu128", "Windows 11"),
        ("set KMP_DUPLICATE_LIB_OK=TRUE", "CUDA_LAUNCH_BLOCKING=1", "torch 2.6.0+cu124"),
    ],
)
def test_a_text_without_a_complaint_raises_no_alarm(lines: tuple[str, ...]) -> None:
    assert alarms(*lines) == []


def test_a_card_that_nothing_serves_is_named_from_a_text_too() -> None:
    assert alarms(
        "OS: Microsoft Windows 10 Pro", "GPU 0: Tesla K80 (UUID: GPU-1a2b3c4d-0000-0000-0000-000000000000)"
    ) == ["nvidia.gpus"]
