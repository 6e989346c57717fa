"""The driver without its management library: a real program named nvidia-smi, and the files of driver and kernel."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor.host.real import RealHost
from doctor.probe.nvidia_smi import (
    ask_nvidia_smi,
    parse_kernel_version,
    read_kernel_version,
    read_library_version,
    windows_driver_version,
)
from doctor.snapshot.model import NvidiaDriver, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

RECORDINGS = Path(__file__).parents[2] / "recordings" / "nvidia-smi"

posix = pytest.mark.skipif(sys.platform == "win32", reason="a shell script stands for the program")


class LinuxHost(RealHost):
    """A host that says it is Linux, with variables of its own."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__()
        self.system = "linux"
        self.environ = environ


def _program(folder: Path, script: str) -> LinuxHost:
    file = folder / "nvidia-smi"
    file.write_text("#!/bin/sh\n" + script, encoding="utf-8")
    file.chmod(0o755)
    return LinuxHost({"PATH": str(folder)})


@posix
def test_xml_gives_the_cards_and_a_second_question_their_capability(tmp_path: Path) -> None:
    script = f"""case "$*" in
"-q -x") /bin/cat "{RECORDINGS / "580-two-5060ti.xml"}" ;;
--query-gpu=index,compute_cap*) echo "0, 12.0" ;;
"") /bin/cat "{RECORDINGS / "580-wsl-under-581-windows.txt"}" ;;
esac
"""
    driver = ask_nvidia_smi(_program(tmp_path, script), tmp_path)
    assert isinstance(driver, NvidiaDriver)
    assert (driver.source, driver.version, driver.cuda_version) == ("nvidia-smi", "581.29", "13.0")
    assert (driver.smi_version, driver.smi_cuda_version) == ("580.82.10", "13.0")
    # The second card has its capability by its name.
    assert [gpu.compute_capability for gpu in driver.gpus] == ["12.0", "12.0"]
    assert [gpu.driver_model for gpu in driver.gpus] == ["none", "none"]


@posix
@pytest.mark.parametrize(
    ("script", "why"),
    [
        ("echo 'NVIDIA-SMI has failed because it could not reach the driver.'; exit 9", "has failed"),
        ("echo 'Failed to initialize NVML: Driver/library version mismatch'; exit 18", "version mismatch"),
        ("exit 0", "nothing"),
        ("echo '<nvidia_smi_log><gpu>'", "nvidia_smi_log"),
        ("head -c 100000 /dev/zero", ""),
    ],
)
def test_a_program_that_fails_is_unknown_with_its_words(tmp_path: Path, script: str, why: str) -> None:
    found = ask_nvidia_smi(_program(tmp_path, script), tmp_path)
    assert isinstance(found, Unknown) and why in found.why


def test_no_program_is_unknown(tmp_path: Path) -> None:
    assert ask_nvidia_smi(LinuxHost({"PATH": str(tmp_path)}), tmp_path) == Unknown("not found")


@posix
def test_the_library_is_known_by_the_file_behind_its_link(tmp_path: Path) -> None:
    folder, compat = tmp_path / "usr/lib/x86_64-linux-gnu", tmp_path / "compat"
    assert isinstance(read_library_version(LinuxHost({}), tmp_path), Unknown)
    for place, version in ((folder, "535.247.01"), (compat, "580.95.05")):
        place.mkdir(parents=True)
        (place / f"libcuda.so.{version}").write_bytes(b"")
        (place / "libcuda.so.1").symlink_to(f"libcuda.so.{version}")
    assert read_library_version(LinuxHost({}), tmp_path) == "535.247.01"
    # A container's compatibility library stands before the driver's own.
    assert read_library_version(LinuxHost({"LD_LIBRARY_PATH": str(compat)}), tmp_path) == "580.95.05"


@pytest.mark.parametrize(
    ("words", "version"),
    [
        (
            "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.183.01  Sun May 12 19:39:15 UTC 2024\nGCC: 12",
            "535.183.01",
        ),
        ("NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.95.05  Release Build  (x)\n", "580.95.05"),
        ("GCC version: 12", None),
    ],
)
def test_the_kernel_modules_version_is_read(words: str, version: str | None) -> None:
    found = parse_kernel_version(words)
    assert (None if isinstance(found, Unknown) else found) == version


def test_without_a_kernel_module_there_is_no_version(tmp_path: Path) -> None:
    assert isinstance(read_kernel_version(LinuxHost({}), tmp_path), Unknown)


@pytest.mark.parametrize(
    ("windows", "nvidia"),
    [("32.0.15.8129", "581.29"), ("31.0.15.3623", "536.23"), ("27.21.14.5671", "456.71"), ("1.2", None)],
)
def test_windows_number_holds_nvidias(windows: str, nvidia: str | None) -> None:
    found = windows_driver_version(windows)
    assert (None if isinstance(found, Unknown) else found) == nvidia
