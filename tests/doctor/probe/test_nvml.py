"""The real nvidia-ml-py against a driver library of our own: two cards, no driver, a mismatch, a card that fails."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent.parent.parent

TWO_CARDS = """driver 581.29
cuda 13000
gpu NVIDIA GeForce RTX 5060 Ti
capability 12 0
memory 16311
gpu NVIDIA GeForce RTX 5060 Ti
capability 12 0
memory 16311
"""


def ask(nvml_library: Path, tmp_path: Path, settings: str | None, *, path: Path | None = None) -> dict[str, Any]:
    """The `nvidia` section of a snapshot taken by the command itself, in a process of its own."""
    file = tmp_path / "cards.txt"
    if settings is not None:
        file.write_text(settings, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "doctor", "snapshot"],
        cwd=ROOT,
        env={
            **os.environ,
            "LD_LIBRARY_PATH": str(nvml_library),
            "TUNEDOC_SIMULATED_NVML": str(file),
            "TUNEDOC_HOME": str(tmp_path / "home"),
            **({"PATH": str(path)} if path else {}),
        },
        capture_output=True,
        encoding="utf-8",
        stdin=subprocess.DEVNULL,
        timeout=60,
        check=True,
    )
    section: dict[str, Any] = json.loads(done.stdout)["nvidia"]
    return section


def test_two_cards_are_described(nvml_library: Path, tmp_path: Path) -> None:
    found = ask(nvml_library, tmp_path, TWO_CARDS)
    assert (found["version"], found["cuda_version"]) == ("581.29", "13.0")
    assert [gpu["index"] for gpu in found["gpus"]] == [0, 1]
    second = found["gpus"][1]
    told = {name: value for name, value in second.items() if not isinstance(value, dict)}
    assert told.pop("uuid").startswith("GPU-00000002-"), "the rest is nobody's business"
    assert told == {
        "index": 1,
        "name": "NVIDIA GeForce RTX 5060 Ti",
        "compute_capability": "12.0",
        "memory_total_mib": 16311,
        "memory_free_mib": 16011,
        "driver_model": "none",
        "pci_bus": "00000000:02:00.0",
        "processes": [],
    }
    assert "Not Supported" in second["power_limit_watts"]["unknown"]


def test_link_power_heat_display_and_programs_are_told(nvml_library: Path, tmp_path: Path) -> None:
    gpu = ask(
        nvml_library,
        tmp_path,
        "driver 581.29\ngpu NVIDIA GeForce RTX 4070 Laptop GPU\ncapability 8 9\nmemory 8188\nfree 5000\n"
        "pcie 4 8 16\npower 80\ntemperature 71\ndisplay 1\n"
        "process 41 2048 /home/alice/secret project/venv/bin/python\n"
        "process 42 -1 C:\\Users\\alice\\My Games\\game.exe\n",
    )["gpus"][0]
    assert (gpu["pcie_generation"], gpu["pcie_width"], gpu["pcie_width_max"]) == (4, 8, 16)
    assert (gpu["power_limit_watts"], gpu["temperature_celsius"], gpu["display_attached"]) == (80, 71, True)
    assert gpu["memory_free_mib"] == 5000
    assert gpu["processes"][0] == {"name": "python", "memory_mib": 2048}
    assert gpu["processes"][1]["name"] == "game.exe"
    assert "WDDM" in gpu["processes"][1]["memory_mib"]["unknown"]


def test_programs_that_may_not_be_asked_for_are_unknown(nvml_library: Path, tmp_path: Path) -> None:
    gpu = ask(nvml_library, tmp_path, "gpu NVIDIA T4\nmemory 16000\nfails processes 4\n")["gpus"][0]
    assert "unknown" in gpu["processes"]


def test_a_driver_that_is_not_loaded_is_unknown_and_never_no_gpu(nvml_library: Path, tmp_path: Path) -> None:
    found = ask(nvml_library, tmp_path, None)
    assert list(found) == ["unknown"]
    assert "Driver Not Loaded" in found["unknown"]


def test_a_version_mismatch_is_unknown_with_its_reason(nvml_library: Path, tmp_path: Path) -> None:
    found = ask(nvml_library, tmp_path, "init 18\n" + TWO_CARDS)
    assert "mismatch" in found["unknown"] and "18" in found["unknown"]


def test_a_card_whose_memory_cannot_be_read_is_still_there(nvml_library: Path, tmp_path: Path) -> None:
    found = ask(nvml_library, tmp_path, TWO_CARDS + "fails memory 3\n")
    first, second = found["gpus"]
    assert first["memory_total_mib"] == 16311
    assert "unknown" in second["memory_total_mib"]
    assert second["compute_capability"] == "12.0"


def test_a_card_that_fell_off_the_bus_is_counted(nvml_library: Path, tmp_path: Path) -> None:
    found = ask(nvml_library, tmp_path, TWO_CARDS + "fails handle 15\n")
    assert len(found["gpus"]) == 2
    assert "GPU is lost" in found["gpus"][1]["compute_capability"]["unknown"]


def test_a_driver_without_cards_says_so(nvml_library: Path, tmp_path: Path) -> None:
    assert ask(nvml_library, tmp_path, "driver 581.29\n")["gpus"] == []


def test_where_the_library_fails_nvidia_smi_is_asked(nvml_library: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "nvidia-smi"
    recording = ROOT / "tests" / "recordings" / "nvidia-smi" / "580-two-5060ti.xml"
    program.write_text(f'#!/bin/sh\n[ "$1" = -q ] && /bin/cat "{recording}"\n', encoding="utf-8")
    program.chmod(0o755)
    found = ask(nvml_library, tmp_path, "init 999\n", path=folder)
    assert (found["source"], found["version"], found["cuda_version"]) == ("nvidia-smi", "581.29", "13.0")
    assert [gpu["compute_capability"] for gpu in found["gpus"]] == ["12.0", "12.0"]


def test_where_both_fail_both_are_quoted(nvml_library: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'Failed to initialize NVML: Unknown Error'; exit 255\n", encoding="utf-8")
    program.chmod(0o755)
    found = ask(nvml_library, tmp_path, "init 999\n", path=folder)
    assert "code 999" in found["unknown"] and "Failed to initialize NVML" in found["unknown"]
