"""Which row a machine gets, and why it does not get a better one."""

from __future__ import annotations

import itertools

import pytest

from doctor.catalogue.load import load_catalogue
from doctor.catalogue.select import choose_stack, covers, visible_gpus
from doctor.snapshot.model import Gpu, NvidiaDriver, Setting, Snapshot, Unknown
from doctor.versions import numbers
from doctor.words.text import LANGUAGES, render
from tests.machines_made_up import NOT_ASKED, gpu, machine

CATALOGUE = load_catalogue()

GPUS = {
    "GTX 970": "5.2", "Tesla P100": "6.0", "GTX 1080 Ti": "6.1", "Tesla V100": "7.0", "RTX 2080": "7.5",
    "A100": "8.0", "RTX 3090": "8.6", "RTX 4090": "8.9", "H100": "9.0", "B200": "10.0", "RTX 5060 Ti": "12.0",
}  # fmt: skip
DRIVERS = {
    "linux": ("450.80.02", "525.60.13", "550.54.14", "570.26", "570.124.06", "575.51.03", "580.65.06", "595.71.05"),
    "windows": ("452.39", "528.33", "551.61", "570.65", "572.61", "576.02", "580.88", "595.10"),
}


def chosen(snapshot: Snapshot) -> str | None:
    stack = choose_stack(snapshot, CATALOGUE).stack
    return None if stack is None else stack.id


@pytest.mark.parametrize(
    ("snapshot", "wanted"),
    [
        pytest.param(machine(), "linux-cpu-torch2.13", id="Linux without a GPU"),
        pytest.param(machine(system="windows"), "windows-cpu-torch2.13", id="Windows without a GPU"),
        pytest.param(machine(wsl=2), "linux-cpu-torch2.13", id="WSL without a GPU"),
        pytest.param(machine(gpus=(gpu("RTX 4090", "8.9"),)), "linux-cu130-torch2.13", id="RTX 4090, new driver"),
        pytest.param(
            machine(gpus=(gpu("RTX 4090", "8.9"),), wsl=2), "linux-cu130-torch2.13", id="RTX 4090 under WSL 2"
        ),
        pytest.param(machine(gpus=(gpu("RTX 4090", "8.9"),), wsl=1), "linux-cpu-torch2.13", id="RTX 4090 under WSL 1"),
        pytest.param(
            machine(gpus=(gpu("RTX 3090", "8.6"),), driver="550.54.14"), "linux-cu126-torch2.13", id="older driver"
        ),
        pytest.param(
            machine(system="windows", gpus=(gpu("GTX 1080 Ti", "6.1"),)), "windows-cu126-torch2.13", id="Pascal"
        ),
        pytest.param(machine(gpus=(gpu("Tesla V100", "7.0"),)), "linux-cu126-torch2.13", id="Volta"),
        pytest.param(
            machine(system="windows", gpus=(gpu("RTX 5060 Ti", "12.0"),), driver="572.16"),
            "windows-cu128-torch2.11",
            id="RTX 5060 Ti on a 572 driver",
        ),
        pytest.param(
            machine(
                system="windows", gpus=(gpu("RTX 5060 Ti", "12.0"), gpu("RTX 5060 Ti", "12.0", 1)), driver="581.15"
            ),
            "windows-cu130-torch2.13",
            id="two RTX 5060 Ti on a 581 driver",
        ),
        pytest.param(
            machine(gpus=(gpu("RTX 5060 Ti", "12.0"), gpu("GTX 1080 Ti", "6.1", 1))),
            "linux-cpu-torch2.13",
            id="Blackwell beside Pascal, which no build covers",
        ),
        pytest.param(machine(gpus=(gpu("GTX 970", "5.2"),)), "linux-cpu-torch2.13", id="Maxwell"),
        pytest.param(
            machine(gpus=(gpu("RTX 3090", "8.6"),), driver="470.10"), "linux-cpu-torch2.13", id="a driver of CUDA 11"
        ),
        pytest.param(machine(nvidia=Unknown("no answer in 10 s")), "linux-cpu-torch2.13", id="driver gives no answer"),
        pytest.param(
            machine(gpus=(gpu("RTX 4090", Unknown("broken")),)), "linux-cpu-torch2.13", id="capability unknown"
        ),
        pytest.param(
            machine(gpus=(gpu("RTX 4090", "8.9"),), driver=Unknown("x")), "linux-cpu-torch2.13", id="driver unknown"
        ),
        pytest.param(machine(system="macos"), None, id="macOS"),
        pytest.param(machine(architecture="aarch64"), None, id="ARM"),
        pytest.param(machine(libc="glibc 2.17"), None, id="old glibc"),
        pytest.param(machine(libc="musl 1.2"), None, id="musl"),
        pytest.param(machine(libc=NOT_ASKED), "linux-cpu-torch2.13", id="libc unknown"),
    ],
)
def test_a_machine_gets(snapshot: Snapshot, wanted: str | None) -> None:
    assert chosen(snapshot) == wanted


def all_machines() -> list[tuple[str, str, str, Snapshot]]:
    return [
        (system, name, driver, machine(system=system, gpus=(gpu(name, GPUS[name]),), driver=driver))  # type: ignore[arg-type]
        for system in ("linux", "windows")
        for name in GPUS
        for driver in DRIVERS[system]
    ]


def test_every_rejection_has_a_reason_in_both_languages() -> None:
    for _, _, _, snapshot in all_machines():
        choice = choose_stack(snapshot, CATALOGUE)
        assert choice.stack is not None
        passed_over = [stack.id for stack in CATALOGUE.stacks[: CATALOGUE.stacks.index(choice.stack)]]
        assert [rejection.stack_id for rejection in choice.rejected] == passed_over
        for rejection in choice.rejected:
            for language in LANGUAGES:
                assert len(render(rejection.reason, language)) > 5


def test_a_newer_driver_never_gets_an_older_stack() -> None:
    for system, name in itertools.product(("linux", "windows"), GPUS):
        versions = []
        for driver in DRIVERS[system]:
            stack = choose_stack(
                machine(system=system, gpus=(gpu(name, GPUS[name]),), driver=driver),  # type: ignore[arg-type]
                CATALOGUE,
            ).stack
            assert stack is not None
            versions.append((stack.device == "cuda", numbers(stack.torch), numbers(stack.cuda or "0")))
        assert versions == sorted(versions), (system, name)


def test_every_row_is_reached_by_some_machine() -> None:
    reached = {chosen(snapshot) for _, _, _, snapshot in all_machines()}
    reached |= {chosen(machine()), chosen(machine(system="windows"))}
    assert reached == {stack.id for stack in CATALOGUE.stacks}


def test_what_is_chosen_runs_on_every_gpu_of_the_machine() -> None:
    """Written again from the rule, without the code that chooses."""
    pairs = itertools.combinations_with_replacement(GPUS, 2)
    for (first, second), driver in itertools.product(pairs, DRIVERS["linux"]):
        stack = choose_stack(
            machine(gpus=(gpu(first, GPUS[first]), gpu(second, GPUS[second], 1)), driver=driver), CATALOGUE
        ).stack
        assert stack is not None
        if stack.device == "cpu":
            continue
        for name in (first, second):
            major, minor = GPUS[name].split(".")
            built = [arch.split(".") for arch in stack.architectures]
            assert any(have == major and int(low) <= int(minor) for have, low in built)
        assert int(driver.split(".")[0]) >= {"13": 580, "12": 525}[stack.cuda.split(".")[0]]


def test_code_for_a_lower_minor_runs_and_for_another_major_does_not() -> None:
    assert covers(("8.0", "8.6"), "8.9")
    assert not covers(("8.6",), "8.0")
    assert not covers(("9.0",), "10.0")
    assert covers(("12.0",), "12.1")


@pytest.mark.parametrize(
    ("variables", "visible"),
    [
        pytest.param({}, [0, 1], id="nothing set"),
        pytest.param({"CUDA_VISIBLE_DEVICES": "1"}, [0, 1], id="a number without an order says nothing sure"),
        pytest.param({"CUDA_VISIBLE_DEVICES": "1", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}, [1], id="a number in bus order"),
        pytest.param({"CUDA_VISIBLE_DEVICES": "GPU-00000001"}, [1], id="the beginning of a UUID"),
        pytest.param({"CUDA_VISIBLE_DEVICES": "-1"}, [], id="minus one hides all"),
        pytest.param({"CUDA_VISIBLE_DEVICES": ""}, [], id="an empty list hides all"),
        pytest.param(
            {"CUDA_VISIBLE_DEVICES": "1,7,0", "CUDA_DEVICE_ORDER": "PCI_BUS_ID"}, [1], id="CUDA stops at a wrong one"
        ),
    ],
)
def test_visible_gpus(variables: dict[str, str], visible: list[int]) -> None:
    gpus: tuple[Gpu, ...] = (gpu("a", "8.6"), gpu("b", "6.1", 1))
    driver = NvidiaDriver(version="580.1", cuda_version="13.0", gpus=gpus)
    settings = tuple(Setting(name=name, value=value, origin="environment") for name, value in variables.items())
    assert [found.index for found in visible_gpus(driver, settings)] == visible
