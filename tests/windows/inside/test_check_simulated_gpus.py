"""`check` and `plan` on a Windows with two RTX 5060 Ti: the real nvidia-ml-py over a simulated nvml.dll."""

from __future__ import annotations

import shutil
import winreg
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.windows.inside.windows_machine import RTX_5060_TI, TWO_CARDS

if TYPE_CHECKING:
    from tests.windows.inside.windows_machine import RegistryDesk, SimulatedDriver, WindowsMachine

DEVICES = r"SYSTEM\CurrentControlSet\Enum"
DISPLAY_CLASS = "{4d36e968-e325-11ce-bfc1-08002be10318}"
SYSTEM_FOLDER = Path("C:/Windows/System32")


def test_two_cards_are_found_with_all_that_matters(machine: WindowsMachine, driver: SimulatedDriver) -> None:
    nvidia = machine.look(**driver.saying(TWO_CARDS))[0]["nvidia"]
    assert (nvidia["source"], nvidia["version"], nvidia["cuda_version"]) == ("nvml", "581.29", "13.0")
    facts = ("index", "name", "compute_capability", "memory_total_mib", "memory_free_mib", "driver_model", "pci_bus")
    assert [tuple(gpu[fact] for fact in facts) for gpu in nvidia["gpus"]] == [
        (0, "NVIDIA GeForce RTX 5060 Ti", "12.0", 16311, 16011, "wddm", "00000000:01:00.0"),
        (1, "NVIDIA GeForce RTX 5060 Ti", "12.0", 16311, 16011, "wddm", "00000000:02:00.0"),
    ]


def test_check_has_nothing_against_them(machine: WindowsMachine, driver: SimulatedDriver) -> None:
    judged = machine.check(**driver.saying(TWO_CARDS))
    assert judged.findings["nvidia.gpus"]["summary"] == "2 x NVIDIA GeForce RTX 5060 Ti, 15.9 GiB each"
    ours = [name for name in judged.findings if name.startswith("nvidia.")]
    assert len(ours) > 8 and {judged.status(name) for name in ours} == {"ok"}
    assert not any(cause.startswith(("nvidia.", "torch.")) for cause in judged.causes)


def test_plan_proposes_a_stack_for_sm_120(machine: WindowsMachine, driver: SimulatedDriver) -> None:
    plan = machine.envelope("plan", **driver.saying(TWO_CARDS), UV_OFFLINE="1")["data"]
    assert plan["stack"].startswith("windows-cu") and plan["device"] == "cuda"
    assert tuple(int(part) for part in plan["cuda"].split(".")) >= (12, 8)
    assert any(each.startswith("bitsandbytes==") for each in plan["requirements"])
    reasons = " ".join(reason["reason"] for reason in plan["reasons"])
    assert "GPU 0 (NVIDIA GeForce RTX 5060 Ti, 12.0)" in reasons and "GPU 1" in reasons and "581.29" in reasons


def test_a_driver_for_cuda_12_8_gets_the_stack_for_it(machine: WindowsMachine, driver: SimulatedDriver) -> None:
    settings = TWO_CARDS.replace("581.29", "572.83").replace("13000", "12080")
    data = machine.envelope("plan", **driver.saying(settings), UV_OFFLINE="1")["data"]
    assert data["stack"].startswith("windows-cu128")
    _, judged = machine.look(**driver.saying(settings))
    assert judged.status("nvidia.driver") == "note" and "580" in judged.said("nvidia.driver")


def test_a_driver_that_is_too_old_is_the_first_cause(machine: WindowsMachine, driver: SimulatedDriver) -> None:
    variables = driver.saying(TWO_CARDS.replace("581.29", "566.36").replace("13000", "12070"))
    judged = machine.check(**variables)
    assert judged.status("nvidia.driver") == "failure"
    assert "566.36" in judged.said("nvidia.driver") and "570" in judged.said("nvidia.driver")
    assert judged.causes[0] == "nvidia.driver"
    plan = machine.envelope("plan", **variables, UV_OFFLINE="1")["data"]
    assert not str(plan.get("stack", "")).startswith("windows-cu")


@pytest.mark.parametrize(("code", "words"), [(9, "Driver Not Loaded"), (18, "version mismatch"), (999, "999")])
def test_a_driver_that_does_not_start_is_unknown_and_never_no_gpu(
    machine: WindowsMachine, driver: SimulatedDriver, code: int, words: str
) -> None:
    snapshot, judged = machine.look(**driver.saying(f"init {code}\n{TWO_CARDS}"))
    assert list(snapshot["nvidia"]) == ["unknown"]
    assert words in snapshot["nvidia"]["unknown"] and f"code {code}" in snapshot["nvidia"]["unknown"]
    assert judged.status("nvidia.driver") == "unknown" and judged.findings["nvidia.driver"]["fixes"]


def test_without_a_library_and_without_a_card_there_is_no_gpu(machine: WindowsMachine, driver: SimulatedDriver) -> None:
    driver.library.unlink()
    judged = machine.check(**driver.saying(TWO_CARDS))
    assert (judged.status("nvidia.driver"), "nvidia.gpus" in judged.findings) == ("note", False)
    assert machine.envelope("plan", **driver.saying(TWO_CARDS), UV_OFFLINE="1")["data"]["device"] == "cpu"


def test_a_library_that_is_no_library_is_like_none(machine: WindowsMachine, driver: SimulatedDriver) -> None:
    driver.library.write_bytes(b"MZ and nothing more")
    assert "absent" in machine.look(**driver.saying(TWO_CARDS))[0]["nvidia"]


def test_a_card_without_its_driver_is_named(
    machine: WindowsMachine, driver: SimulatedDriver, registry: RegistryDesk
) -> None:
    driver.library.unlink()
    device = rf"{DEVICES}\PCI\VEN_10DE&DEV_2D04&SUBSYS_00000000&REV_A1\4&1&0&0008"
    name = "@oem12.inf,%nvidia_dev.2d04%;NVIDIA GeForce RTX 5060 Ti"
    machine_root = winreg.HKEY_LOCAL_MACHINE
    registry.put(machine_root, device, "ClassGUID", DISPLAY_CLASS, winreg.REG_SZ)
    registry.put(machine_root, device, "DeviceDesc", name, winreg.REG_SZ)
    snapshot, judged = machine.look(**driver.saying(""))
    assert "NVIDIA GeForce RTX 5060 Ti" in [adapter["name"] for adapter in snapshot["adapters"]]
    assert "RTX 5060 Ti" in snapshot["nvidia"]["unknown"]
    assert judged.status("nvidia.undriven") == "warning" and "nvidia.undriven" in judged.causes


def test_a_card_that_is_lost_still_counts(machine: WindowsMachine, driver: SimulatedDriver) -> None:
    snapshot, judged = machine.look(**driver.saying(f"{TWO_CARDS}fails handle 15\n"))
    gpus = snapshot["nvidia"]["gpus"]
    assert len(gpus) == 2 and "GPU is lost" in gpus[1]["compute_capability"]["unknown"]
    assert judged.status("nvidia.gpus") == "unknown" and "1" in judged.findings["nvidia.gpus"]["summary"]


def test_a_card_that_is_lost_between_two_questions_keeps_what_it_said(
    machine: WindowsMachine, driver: SimulatedDriver
) -> None:
    snapshot, _ = machine.look(**driver.saying(f"{TWO_CARDS}fails memory 15\nfails temperature 15\n"))
    gpus = snapshot["nvidia"]["gpus"]
    assert gpus[0]["memory_total_mib"] == 16311
    assert gpus[1]["compute_capability"] == "12.0" and "GPU is lost" in gpus[1]["memory_total_mib"]["unknown"]


@pytest.mark.parametrize(
    ("number", "name", "status"),
    [(0, "wddm", "ok"), (1, "tcc", "note"), (2, "mcdm", "ok")],
    ids=["WDDM", "TCC", "MCDM"],
)
def test_each_driver_model_is_told_by_its_name(
    machine: WindowsMachine, driver: SimulatedDriver, number: int, name: str, status: str
) -> None:
    snapshot, judged = machine.look(**driver.saying(f"{TWO_CARDS}model {number}\n"))
    assert [gpu["driver_model"] for gpu in snapshot["nvidia"]["gpus"]] == ["wddm", name]
    assert (judged.status("nvidia.model"), name in judged.said("nvidia.model")) == (status, True)


def test_a_driver_model_that_nobody_knows_is_unknown(machine: WindowsMachine, driver: SimulatedDriver) -> None:
    snapshot, _ = machine.look(**driver.saying(f"driver 581.29\n{RTX_5060_TI}model 7\n"))
    assert snapshot["nvidia"]["gpus"][0]["driver_model"] == {"unknown": "driver model 7"}


def test_a_driver_without_the_question_for_its_model_says_all_else(
    machine: WindowsMachine, driver: SimulatedDriver
) -> None:
    snapshot, _ = machine.look(**driver.saying(f"driver 581.29\n{RTX_5060_TI}fails model 13\n"))
    gpu = snapshot["nvidia"]["gpus"][0]
    assert "code 13" in gpu["driver_model"]["unknown"] and gpu["memory_total_mib"] == 16311


def test_under_wddm_nobody_tells_what_a_program_holds(machine: WindowsMachine, driver: SimulatedDriver) -> None:
    program = r"C:\Users\王 芳\AppData\Local\Programs\Ollama\ollama.exe"
    settings = f"{TWO_CARDS}free 4000\ndisplay 1\nprocess 4711 -1 {program}\n"
    snapshot, judged = machine.look(**driver.saying(settings))
    gpu = snapshot["nvidia"]["gpus"][1]
    assert gpu["display_attached"] is True
    assert gpu["processes"] == [{"name": "ollama.exe", "memory_mib": {"unknown": "WDDM does not tell"}}]
    assert "ollama.exe" in judged.said("nvidia.busy")


def test_hidden_cards_are_the_cause(machine: WindowsMachine, driver: SimulatedDriver) -> None:
    judged = machine.check(**driver.saying(TWO_CARDS), CUDA_VISIBLE_DEVICES="-1")
    assert (judged.status("nvidia.visible"), judged.causes[0]) == ("warning", "nvidia.visible")


def test_the_cuda_librarys_version_is_read_from_its_resource(machine: WindowsMachine, driver: SimulatedDriver) -> None:
    """Another version than the management library's: the driver was updated by halves."""
    library = SYSTEM_FOLDER / "nvcuda.dll"
    if library.exists():
        pytest.skip("this machine has a driver of its own, which stays as it is")
    # Any library with four numbers will do; the last five digits of these are read as a driver's version.
    shutil.copyfile(SYSTEM_FOLDER / "msvcp140.dll", library)
    try:
        snapshot, judged = machine.look(**driver.saying(TWO_CARDS))
    finally:
        library.unlink()
    version = snapshot["nvidia"]["library_version"]
    assert isinstance(version, str) and version != "581.29"
    assert judged.status("nvidia.halves") == "failure"
    assert version in judged.said("nvidia.halves") and "581.29" in judged.said("nvidia.halves")


def test_a_snapshot_of_these_cards_is_judged_the_same_from_its_file(
    machine: WindowsMachine, driver: SimulatedDriver, tmp_path: Path
) -> None:
    file = tmp_path / "快照 one.json"
    file.write_bytes(machine.run("snapshot", **driver.saying(TWO_CARDS)).stdout)
    here, there = machine.check(**driver.saying(TWO_CARDS)), machine.check("--from", str(file))
    for name in ("nvidia.driver", "nvidia.gpus", "nvidia.model", "system.build"):
        assert there.findings[name] == here.findings[name]


def test_the_report_for_a_person_names_the_cards_in_chinese_as_well(
    machine: WindowsMachine, driver: SimulatedDriver
) -> None:
    done = machine.run("check", "--lang", "zh", **driver.saying(TWO_CARDS), PYTHONIOENCODING="utf-8")
    words = done.stdout.decode("utf-8")
    assert "2 块 NVIDIA GeForce RTX 5060 Ti" in words and "581.29" in words
