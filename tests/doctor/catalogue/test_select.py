"""Which row a machine gets, and why it does not get a better one."""

from __future__ import annotations

import dataclasses
import itertools

import pytest

from doctor.catalogue.load import load_catalogue
from doctor.catalogue.select import choose_stack, covers, visible_gpus
from doctor.catalogue.wishes import Wishes
from doctor.errors import BadInput
from doctor.snapshot.model import Disk, Gpu, NvidiaDriver, Setting, Snapshot, Unknown
from doctor.versions import numbers
from doctor.words.text import LANGUAGES, render, text
from tests.machines_made_up import NOT_ASKED, gpu, machine, python

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
            machine(gpus=(gpu("RTX 3090", "8.6"),), driver="470.10"), "linux-cu118-torch2.5", id="a driver of CUDA 11"
        ),
        pytest.param(
            machine(gpus=(gpu("RTX 3090", "8.6"),), driver="440.10"), "linux-cpu-torch2.13", id="a driver of CUDA 10"
        ),
        pytest.param(
            machine(gpus=(gpu("RTX 3090", "8.6"),), driver="527.00", wsl=2),
            "linux-cu118-torch2.5",
            id="WSL has Windows' driver, by Windows' numbers",
        ),
        pytest.param(
            machine(gpus=(gpu("RTX 5090", "12.0"), gpu("Tesla V100", "7.0", 1))),
            "linux-cu128-torch2.10",
            id="Blackwell beside Volta",
        ),
        pytest.param(
            machine(system="windows", gpus=(gpu("RTX 5060 Ti", "12.0"), gpu("GTX 1080 Ti", "6.1", 1)), driver="580.88"),
            "windows-cu128-torch2.7-16bit",
            id="Blackwell beside Pascal under Windows, without 4 bits",
        ),
        pytest.param(
            machine(system="windows", gpus=(gpu("RTX 5060 Ti", "12.0"), gpu("TITAN V", "7.0", 1)), driver="580.88"),
            "windows-cu128-torch2.7",
            id="Blackwell beside Volta under Windows",
        ),
        pytest.param(machine(nvidia=Unknown("no answer in 10 s")), "linux-cpu-torch2.13", id="driver gives no answer"),
        pytest.param(
            machine(gpus=(gpu("Graphics Device", Unknown("broken")),)), "linux-cpu-torch2.13", id="capability unknown"
        ),
        pytest.param(
            machine(gpus=(gpu("NVIDIA GeForce RTX 2050", Unknown("broken")),)),
            "linux-cu130-torch2.13",
            id="capability known by the card's name",
        ),
        pytest.param(
            machine(gpus=(gpu("GeForce GTX 1060 6GB", Unknown("broken")),)),
            "linux-cu126-torch2.13",
            id="capability known by the beginning of the card's name",
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
    for system, second in (("linux", "7.0"), ("windows", "7.0"), ("windows", "6.1")):
        reached.add(chosen(machine(system=system, gpus=(gpu("new", "12.0"), gpu("old", second, 1)))))  # type: ignore[arg-type]
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
        assert int(driver.split(".")[0]) >= {"13": 580, "12": 525, "11": 450}[stack.cuda.split(".")[0]]


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
        pytest.param({"CUDA_VISIBLE_DEVICES": "GPU-00000001,GPU-00000001"}, [], id="twice the same hides all"),
        pytest.param({"CUDA_VISIBLE_DEVICES": "MIG-ba1e"}, [0, 1], id="a slice may be of any"),
    ],
)
def test_visible_gpus(variables: dict[str, str], visible: list[int]) -> None:
    gpus: tuple[Gpu, ...] = (gpu("a", "8.6"), gpu("b", "6.1", 1))
    driver = NvidiaDriver(version="580.1", cuda_version="13.0", gpus=gpus)
    settings = tuple(Setting(name=name, value=value, origin="environment") for name, value in variables.items())
    assert [found.index for found in visible_gpus(driver, settings)] == visible


OLD_AND_NEW = (gpu("RTX 5060 Ti", "12.0"), gpu("GTX 1080 Ti", "6.1", 1))


@pytest.mark.parametrize(
    ("snapshot", "wishes", "wanted"),
    [
        pytest.param(
            machine(system="windows", gpus=(gpu("RTX 5060 Ti", "12.0"),), driver="566.14"),
            Wishes(),
            [("driver", "570.65", "windows-cu128-torch2.11")],
            id="a newer driver",
        ),
        pytest.param(
            machine(system="windows", gpus=(gpu("RTX 5060 Ti", "12.0"),), driver="572.16"),
            Wishes(),
            [("driver", "580", "windows-cu130-torch2.13")],
            id="a newer driver for a newer CUDA",
        ),
        pytest.param(
            machine(gpus=OLD_AND_NEW), Wishes(), [("gpus", "0", "linux-cu130-torch2.13")], id="the first card only"
        ),
        pytest.param(
            machine(system="windows", gpus=OLD_AND_NEW),
            Wishes(),
            [("gpus", "0", "windows-cu130-torch2.13")],
            id="one card for 4 bits",
        ),
        pytest.param(
            machine(gpus=(gpu("RTX 5090", "12.0"), gpu("GTX 1080 Ti", "6.1", 1), gpu("RTX 4090", "8.9", 2))),
            Wishes(),
            [("gpus", "0,2", "linux-cu130-torch2.13")],
            id="as many cards as possible",
        ),
        pytest.param(
            machine(gpus=OLD_AND_NEW, driver="450.10"),
            Wishes(),
            [("together", "", "linux-cu118-torch2.5")],
            id="a newer driver and one card",
        ),
        pytest.param(
            machine(gpus=(gpu("RTX 4090", "8.9"),), wsl=1),
            Wishes(),
            [("wsl", "2", "linux-cu130-torch2.13")],
            id="WSL 1",
        ),
        pytest.param(
            machine(gpus=(gpu("RTX 4090", "8.9"),), libc="glibc 2.17"),
            Wishes(),
            [("glibc", "2.28", "linux-cu130-torch2.13")],
            id="an old Linux",
        ),
        pytest.param(
            machine(gpus=(gpu("RTX 4090", "8.9"),)),
            Wishes(python="3.9"),
            [("python", "3.12", "linux-cu130-torch2.13")],
            id="a Python that there are no wheels for",
        ),
        pytest.param(
            machine(libc="glibc 2.17"), Wishes(), [("glibc", "2.28", "linux-cpu-torch2.13")], id="an old Linux, no GPU"
        ),
        pytest.param(
            machine(system="windows"),
            Wishes(python="3.9"),
            [("python", "3.12", "windows-cpu-torch2.13")],
            id="a Python that there are no wheels for, no GPU",
        ),
        pytest.param(machine(system="macos"), Wishes(), [], id="nothing helps a Mac"),
        pytest.param(machine(gpus=(gpu("GTX 970", "5.2"),)), Wishes(), [], id="nothing helps a Maxwell"),
        pytest.param(machine(gpus=(gpu("V100", "7.0"),)), Wishes(), [], id="nothing better for a Volta"),
        pytest.param(machine(gpus=(gpu("RTX 4090", "8.9"),)), Wishes(), [], id="the best there is"),
        pytest.param(machine(), Wishes(), [], id="no GPU"),
        pytest.param(machine(gpus=OLD_AND_NEW), Wishes(device="cpu"), [], id="the CPU was asked for"),
    ],
)
def test_the_smallest_changes(snapshot: Snapshot, wishes: Wishes, wanted: list[tuple[str, str, str]]) -> None:
    changes = choose_stack(snapshot, CATALOGUE, wishes=wishes).changes
    assert [(change.kind, change.value, change.stack) for change in changes] == wanted
    for change, language in itertools.product(changes, LANGUAGES):
        assert len(render(change.words, language)) > 5


def test_a_change_that_is_made_gives_what_it_promises() -> None:
    for name, driver in itertools.product(GPUS, ("440.1", "460.1", "530.1", "571.1")):
        snapshot = machine(gpus=(gpu(name, GPUS[name]),), driver=driver)
        for change in choose_stack(snapshot, CATALOGUE).changes:
            assert change.kind == "driver"
            assert chosen(machine(gpus=(gpu(name, GPUS[name]),), driver=change.value)) == change.stack


def disk(free_mib: int) -> Disk:
    return Disk(purpose="home", path="/", total_mib=10**6, free_mib=free_mib, filesystem="ext4")


def test_a_full_disk_is_told_and_counts_only_when_asked() -> None:
    snapshot = dataclasses.replace(machine(gpus=(gpu("RTX 4090", "8.9"),)), disks=(disk(5000),))
    plain = choose_stack(snapshot, CATALOGUE)
    assert plain.stack is not None
    assert plain.stack.id == "linux-cu130-torch2.13"
    assert [(change.kind, change.value, change.stack) for change in plain.changes] == [("disk", "6", plain.stack.id)]
    choice = choose_stack(snapshot, CATALOGUE, wishes=Wishes(room=True))
    assert choice.stack is not None
    assert choice.stack.id == "linux-cpu-torch2.13"
    assert choice.rejected[1].reason.key == "catalogue.no_room"
    assert [(change.kind, change.value) for change in choice.changes] == [("disk", "6")]


def test_what_is_wished_for() -> None:
    two = machine(gpus=OLD_AND_NEW)
    for wishes, wanted in (
        (Wishes(gpus=(0,)), "linux-cu130-torch2.13"),
        (Wishes(gpus=(1,)), "linux-cu126-torch2.13"),
        (Wishes(gpus=(0,), torch="2.11"), "linux-cu128-torch2.11"),
        (Wishes(gpus=(0,), torch="2.1"), None),
        (Wishes(device="cuda"), None),
        (Wishes(gpus=(0,), device="cpu"), "linux-cpu-torch2.13"),
        (Wishes(gpus=(0,), python="3.14"), "linux-cu130-torch2.13"),
        (Wishes(python="3.9"), None),
        (Wishes(gpus=(0,), offline=True), "linux-cu130-torch2.13"),
    ):
        stack = choose_stack(two, CATALOGUE, wishes=wishes).stack
        assert (stack.id if stack else None) == wanted, wishes
    with pytest.raises(BadInput):
        choose_stack(two, CATALOGUE, wishes=Wishes(gpus=(2,)))


def test_offline_a_python_must_be_here() -> None:
    snapshot = machine(interpreter=python("3.9.1"))
    assert choose_stack(snapshot, CATALOGUE, wishes=Wishes(offline=True)).stack is None
    assert choose_stack(snapshot, CATALOGUE, wishes=Wishes(offline=True, pythons=("3.12",))).stack is not None


def test_a_row_that_failed_here_is_passed_over_with_how() -> None:
    failed = {"linux-cu130-torch2.13": text("catalogue.no_gpu")}
    choice = choose_stack(machine(gpus=(gpu("RTX 4090", "8.9"),)), CATALOGUE, failed=failed)
    assert choice.stack is not None
    assert choice.stack.id == "linux-cu126-torch2.13"
    told = {row.stack_id: render(row.reason, "en") for row in choice.rejected}
    assert told["linux-cu130-torch2.13"].startswith("it failed its test on this machine")
    assert choice.changes == ()


def test_several_gpus_need_a_torch_that_can_talk_under_windows() -> None:
    deaf = tuple(
        dataclasses.replace(row, several_gpus=False) if row.id == "windows-cu130-torch2.13" else row
        for row in CATALOGUE.stacks
    )
    catalogue = dataclasses.replace(CATALOGUE, stacks=deaf)
    gpus = (gpu("RTX 4090", "8.9"), gpu("RTX 4090", "8.9", 1))
    one = choose_stack(machine(system="windows", gpus=gpus[:1]), catalogue)
    two = choose_stack(machine(system="windows", gpus=gpus), catalogue)
    assert one.stack is not None and two.stack is not None
    assert (one.stack.id, two.stack.id) == ("windows-cu130-torch2.13", "windows-cu126-torch2.13")
    assert two.rejected[0].reason.key == "catalogue.no_gloo"
