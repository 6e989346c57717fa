"""Which index a machine is sent to: by its GPUs, its driver and its system."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from doctor.checks.wheel_choice import command_for, known_capability, pip_command, recommended_index, recommended_torch
from doctor.snapshot.model import NvidiaDriver, Unknown
from tests.machines_made_up import gpu, machine


@pytest.mark.parametrize(
    ("system", "driver", "capabilities", "index"),
    [
        ("windows", "581.29", ("12.0", "12.0"), "cu130"),
        ("windows", "572.16", ("12.0",), "cu128"),
        ("windows", Unknown("not told"), ("12.0",), "cu128"),
        ("linux", "580.65.06", ("8.9",), "cu130"),
        ("linux", "579.99", ("8.9",), "cu126"),
        ("linux", "470.57", ("8.6",), "cu126"),
        ("windows", "581.29", ("6.1",), "cu126"),
        ("windows", "581.29", ("7.0", "8.6"), "cu126"),
        ("windows", "610.47", ("7.5",), "cu130"),
        ("linux", "550.54", ("5.0",), "cu126"),
        ("linux", "470.57", ("3.5",), None),
        ("windows", "581.29", ("12.0", "6.1"), "cu128"),
        ("linux", "581.29", ("12.0", "6.1"), None),
        ("windows", "581.29", ("12.0", "5.2"), "cu128"),
        ("linux", "580.95.05", ("12.0", "8.6"), "cu130"),
        ("linux", "580.95.05", (), "cpu"),
    ],
)
def test_the_index_runs_on_every_gpu_with_the_driver(
    system: Any, driver: Any, capabilities: tuple[str, ...], index: str | None
) -> None:
    gpus = tuple(gpu("a card", each, i) for i, each in enumerate(capabilities))
    assert recommended_index(machine(system=system, driver=driver, gpus=gpus)) == index


def test_a_card_in_a_text_is_known_by_its_name() -> None:
    card = gpu("NVIDIA GeForce GTX 1080 Ti", Unknown("not told"))
    assert known_capability(card) == "6.1"
    assert recommended_index(machine(gpus=(card,))) == "cu126"


def test_a_card_nobody_knows_gets_no_index() -> None:
    assert recommended_index(machine(gpus=(gpu("a card", Unknown("not told")),))) is None
    assert recommended_index(machine(nvidia=Unknown("no answer"))) is None


def test_the_driver_may_be_known_by_its_cuda_alone() -> None:
    snapshot = machine(driver=Unknown("not told"), gpus=(gpu("a card", "8.9"),))
    assert isinstance(snapshot.nvidia, NvidiaDriver)
    newer = dataclasses.replace(snapshot.nvidia, smi_cuda_version="13.3")
    assert recommended_index(snapshot) == "cu126"
    assert recommended_index(dataclasses.replace(snapshot, nvidia=newer)) == "cu130"


def test_an_old_and_a_new_card_together_are_sent_to_the_one_release_that_serves_both() -> None:
    snapshot = machine(system="windows", gpus=(gpu("new", "12.0"), gpu("old", "6.1", 1)))
    assert recommended_torch(snapshot) == "2.7.1"
    assert command_for(snapshot) == (
        "python -m pip install --force-reinstall torch==2.7.1 torchvision==0.22.1 "
        "--index-url https://download.pytorch.org/whl/cu128"
    )


@pytest.mark.parametrize(
    ("version", "words"),
    [
        (None, "torch torchvision"),
        ("2.8.0+cu128", "torch==2.8.0 torchvision==0.23.0"),
        ("2.12.1", "torch==2.12.1 torchvision==0.27.1"),
        ("2.14.1", "torch==2.14.1 torchvision"),
    ],
)
def test_the_command_names_what_belongs_together(version: str | None, words: str) -> None:
    url = "https://download.pytorch.org/whl/cu126"
    assert pip_command("cu126", version) == f"python -m pip install --force-reinstall {words} --index-url {url}"
