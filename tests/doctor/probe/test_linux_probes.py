"""Adapters, WSL, programs and libraries of a Linux, out of folders that are made up."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor.host.real import RealHost
from doctor.probe.adapters import parse_pci_ids, probe_adapters
from doctor.probe.programs import find_program, probe_loose_libraries, probe_programs
from doctor.probe.system import probe_container
from doctor.probe.wsl import parse_wsl_configuration, probe_wsl
from doctor.snapshot.model import Absent, Unknown, WslState

if TYPE_CHECKING:
    from collections.abc import Mapping

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a Linux's folders and links")

PCI_IDS = """# a list
1002  Advanced Micro Devices, Inc. [AMD/ATI]
\t1638  Cezanne [Radeon Vega Series / Radeon Vega Mobile Series]
\t\t1002 1638  a board
\t744c  Navi 31 [Radeon RX 7900 XT/7900 XTX/7900M]
10de  NVIDIA Corporation
\t2d04  GB206 [GeForce RTX 5060 Ti]
8086  Intel Corporation
\ta780  Raptor Lake-S GT1 [UHD Graphics 770]
"""


class LinuxHost(RealHost):
    """A host that says it is Linux, with variables of its own."""

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        super().__init__()
        self.system = "linux"
        self.environ = environ or {}


def _device(root: Path, name: str, vendor: str, number: str, kind: str = "0x030000") -> None:
    folder = root / "sys/bus/pci/devices" / name
    folder.mkdir(parents=True)
    for file, words in (("vendor", vendor), ("device", number), ("class", kind)):
        (folder / file).write_text(words + "\n", encoding="ascii")


def _file(path: Path, words: str = "", mode: int = 0o644) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(words, encoding="utf-8")
    path.chmod(mode)
    return path


def test_adapters_of_all_makers_are_found_on_the_bus(tmp_path: Path) -> None:
    _device(tmp_path, "0000:00:02.0", "0x8086", "0xa780")
    _device(tmp_path, "0000:01:00.0", "0x10de", "0x2d04")
    _device(tmp_path, "0000:02:00.0", "0x1002", "0x744c")
    _device(tmp_path, "0000:03:00.0", "0x1002", "0x1638", "0x038000")
    _device(tmp_path, "0000:04:00.0", "0x10de", "0x22eb", "0x040300")
    _device(tmp_path, "0000:05:00.0", "0x1a03", "0x2000")
    _file(tmp_path / "usr/share/misc/pci.ids", PCI_IDS)
    found = probe_adapters(LinuxHost(), tmp_path)
    assert isinstance(found, tuple)
    assert [(adapter.name, adapter.vendor, adapter.integrated) for adapter in found[:4]] == [
        ("Intel Raptor Lake-S GT1 [UHD Graphics 770]", "intel", True),
        ("NVIDIA GeForce RTX 5060 Ti", "nvidia", False),
        ("AMD Radeon RX 7900 XT/7900 XTX/7900M", "amd", False),
        ("AMD Radeon Vega Series / Radeon Vega Mobile Series", "amd", True),
    ]
    assert found[4].name == "adapter 1a03:2000" and isinstance(found[4].integrated, Unknown)


def test_without_a_list_of_names_adapters_have_numbers(tmp_path: Path) -> None:
    _device(tmp_path, "0000:01:00.0", "0x10de", "0x2d04", "0x030200")
    found = probe_adapters(LinuxHost(), tmp_path)
    assert isinstance(found, tuple) and found[0].name == "NVIDIA adapter 10de:2d04"
    assert isinstance(probe_adapters(LinuxHost(), tmp_path / "no bus"), Unknown)


def test_a_list_of_names_is_read_no_further_than_needed() -> None:
    def lines() -> object:
        yield from PCI_IDS.splitlines(keepends=True)[:5]
        raise AssertionError("all that was wanted had been read")

    assert parse_pci_ids(lines(), [("1002", "744c")]) == {  # type: ignore[arg-type]
        ("1002", "744c"): "Navi 31 [Radeon RX 7900 XT/7900 XTX/7900M]"
    }


def test_wsl_lends_adapters_by_the_drivers_of_windows(tmp_path: Path) -> None:
    _file(tmp_path / "dev/dxg")
    assert isinstance(probe_adapters(LinuxHost(), tmp_path), Unknown)
    (tmp_path / "usr/lib/wsl/drivers/iigd_dch.inf_amd64_1").mkdir(parents=True)
    (tmp_path / "usr/lib/wsl/drivers/u0405021.inf_amd64_2").mkdir()
    _file(tmp_path / "usr/lib/wsl/lib/libcuda.so.1")
    found = probe_adapters(LinuxHost(), tmp_path)
    assert isinstance(found, tuple) and [adapter.vendor for adapter in found] == ["nvidia", "intel", "amd"]


WSL_KERNEL = "5.15.167.4-microsoft-standard-WSL2"


def test_wsl_with_a_linux_driver_of_its_own(tmp_path: Path) -> None:
    _file(tmp_path / "usr/lib/wsl/lib/libcuda.so.1")
    _file(tmp_path / "usr/lib/x86_64-linux-gnu/libcuda.so.550.120")
    _file(tmp_path / "proc/mounts", "/dev/sdc / ext4 rw 0 0\nC:\\134 /mnt/c 9p rw 0 0\n")
    _file(tmp_path / "mnt/c/Users/alice/.wslconfig", "\ufeff[wsl2]\nmemory=8GB # half\n")
    found = probe_wsl(LinuxHost(), tmp_path, kernel=WSL_KERNEL, working=Path("/mnt/c/Users/alice/project"))
    assert found == WslState(
        stub=True, linux_driver="550.120", kernel=WSL_KERNEL, working_on_windows_drive=True, memory_limit_mib=8192
    )


def test_a_plain_wsl_and_none(tmp_path: Path) -> None:
    _file(tmp_path / "proc/mounts", "/dev/sdc / ext4 rw 0 0\n")
    found = probe_wsl(LinuxHost(), tmp_path, kernel=WSL_KERNEL, working=Path("/home/alice"))
    assert isinstance(found, WslState)
    assert (found.stub, found.working_on_windows_drive) == (False, False)
    assert isinstance(found.linux_driver, Absent) and isinstance(found.memory_limit_mib, Unknown)
    assert isinstance(probe_wsl(LinuxHost(), tmp_path, kernel="6.1.0-25-amd64"), Absent)


@pytest.mark.parametrize(
    ("words", "mib"),
    [
        ("[wsl2]\nmemory = 4GB", 4096),
        ("[wsl2]\nmemory=8589934592", 8192),
        ("[wsl2]\nMemory=512MB", 512),
        ("[experimental]\nmemory=4GB", None),
        ("memory=4GB", None),
        ("[wsl2]\nprocessors=4", None),
        ("", None),
    ],
)
def test_the_memory_that_wsl_may_use(words: str, mib: int | None) -> None:
    found = parse_wsl_configuration(words)
    assert (None if isinstance(found, Unknown) else found) == mib


def test_programs_are_found_on_path_with_versions_from_files(tmp_path: Path) -> None:
    first, second = tmp_path / "first bin", tmp_path / "second"
    _file(second / "x86_64-linux-gnu-gcc-12", mode=0o755)
    (second / "gcc").symlink_to("x86_64-linux-gnu-gcc-12")
    _file(tmp_path / "cuda/bin/nvcc", mode=0o755)
    _file(tmp_path / "cuda/version.json", '{"cuda": {"version": "12.8.1"}}')
    first.mkdir()
    (first / "nvcc").symlink_to(tmp_path / "cuda/bin/nvcc")
    _file(first / "git")  # not executable
    _file(second / "git", mode=0o755)
    _file(second / "conda/bin/conda", mode=0o755)
    _file(second / "conda/conda-meta/conda-24.1.2-py311h06a4308_0.json")
    path = os.pathsep.join([str(first), str(second), "", ".", str(second / "conda/bin"), str(first)])
    found = {program.name: program for program in probe_programs(LinuxHost({"PATH": path}))}
    assert set(found) == {"nvcc", "gcc", "git", "conda"}
    assert (found["nvcc"].version, found["gcc"].version, found["conda"].version) == ("12.8.1", "12", "24.1.2")
    assert found["git"].path == str(second / "git") and isinstance(found["git"].version, Unknown)


def test_no_program_is_taken_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _file(tmp_path / "nvidia-smi", mode=0o755)
    monkeypatch.chdir(tmp_path)
    for path in (".", "", str(tmp_path), f"{tmp_path}{os.pathsep}."):
        assert find_program(LinuxHost({"PATH": path}), "nvidia-smi") is None
    other = _file(tmp_path / "bin" / "nvidia-smi", mode=0o755)
    assert find_program(LinuxHost({"PATH": f"{tmp_path}{os.pathsep}{other.parent}"}), "nvidia-smi") == other


def test_cuda_libraries_in_the_loaders_way_are_listed(tmp_path: Path) -> None:
    for name in ("libcudart.so.11.0", "libcudnn_ops_infer.so.8.9.7", "libnccl.so.2", "libcuda.so.1", "libm.so.6"):
        _file(tmp_path / "old cuda" / name)
    _file(tmp_path / "old cuda" / "libcudart.so")
    found = probe_loose_libraries(LinuxHost({"LD_LIBRARY_PATH": f"{tmp_path / 'old cuda'}:{tmp_path / 'gone'}:"}))
    assert [library.name for library in found] == [
        "libcuda.so.1",
        "libcudart.so.11.0",
        "libcudnn_ops_infer.so.8.9.7",
        "libnccl.so.2",
    ]
    assert {library.place for library in found} == {"LD_LIBRARY_PATH"}


def test_a_container_is_known_by_its_marks(tmp_path: Path) -> None:
    assert probe_container(LinuxHost(), tmp_path) is False
    _file(tmp_path / "proc/1/cgroup", "12:cpu:/docker/0123\n")
    assert probe_container(LinuxHost(), tmp_path) is True
    assert probe_container(LinuxHost({"container": "podman"}), tmp_path / "x") is True
    _file(tmp_path / "y" / ".dockerenv")
    assert probe_container(LinuxHost(), tmp_path / "y") is True
