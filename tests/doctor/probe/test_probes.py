"""What the probes make of files and answers of real systems, and of none."""

from __future__ import annotations

import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor.host.real import RealHost
from doctor.paths import Home
from doctor.probe.environment import probe_environment
from doctor.probe.machine import examine_machine
from doctor.probe.nvidia import find_adapters, parse_nvcc, parse_version_json, probe_cuda_toolkits
from doctor.probe.packages import read_packages
from doctor.probe.places import find_place
from doctor.probe.questions import Questions
from doctor.probe.settings import probe_settings
from doctor.probe.storage import filesystem_of, hub_cache, is_remote, parse_mounts, path_traits, probe_disks
from doctor.probe.system import parse_cpuinfo, parse_meminfo, parse_os_release, probe_memory, python_kind, wsl_version
from doctor.snapshot.codec import from_json, to_json
from doctor.snapshot.model import Absent, Memory, OperatingSystem, PythonEnvironment, Snapshot, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.host.base import Ran

RECORDINGS = Path(__file__).parent.parent.parent / "recordings"


def recording(name: str) -> str:
    return (RECORDINGS / name).read_text(encoding="utf-8")


class SomeHost(RealHost):
    """This machine with other variables."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__()
        self.environ = dict(environ)


# ---------------------------------------------------------------------------------------------- system


def test_a_processor_is_read_from_cpuinfo() -> None:
    processor = parse_cpuinfo(recording("cpuinfo-amd-epyc.txt"), 2)
    assert processor.name == "AMD EPYC"
    assert processor.physical_cores == 2
    assert processor.features == ("avx2", "f16c", "fma")


def test_an_arm_processor_says_neither_name_nor_cores() -> None:
    processor = parse_cpuinfo(recording("cpuinfo-arm64.txt"), 4)
    assert (processor.name, processor.logical_cores) == ("?", 4)
    assert isinstance(processor.physical_cores, Unknown)
    assert isinstance(processor.features, Unknown)


def test_memory_is_read_in_mib() -> None:
    memory = parse_meminfo(recording("meminfo-debian12.txt"))
    assert memory.total_mib == 24684092 // 1024
    assert memory.swap_total_mib == 0


def test_meminfo_without_a_total_is_refused() -> None:
    with pytest.raises(ValueError, match="MemTotal"):
        parse_meminfo("MemFree: 12 kB\n")


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (recording("os-release-debian12.txt"), "Debian GNU/Linux 12 (bookworm)"),
        ("NAME=Alpine Linux\nID=alpine\n", "Alpine Linux"),
        ('NAME="Arch Linux"\n', "Arch Linux"),
        ("", "Linux"),
    ],
)
def test_the_system_has_the_name_that_people_use(words: str, name: str) -> None:
    assert parse_os_release(words) == name


@pytest.mark.parametrize(
    ("release", "version"),
    [
        ("6.1.0-31-amd64", 0),
        ("4.4.0-19041-Microsoft", 1),
        ("5.15.167.4-microsoft-standard-WSL2", 2),
        ("6.6.87.2-microsoft-standard-WSL2+", 2),
        ("6.8.0-custom-WSL2", 2),
    ],
)
def test_wsl_is_told_from_the_kernel(release: str, version: int) -> None:
    assert wsl_version(release) == version


@pytest.mark.parametrize(
    ("prefix", "base", "conda", "kind"),
    [
        ("/usr", "/usr", False, "system"),
        ("/opt/venv", "/usr", False, "venv"),
        ("/opt/conda", "/opt/conda", True, "conda"),
        ("/home/a/.local/share/uv/python/cpython-3.12", "/home/a/.local/share/uv/python/cpython-3.12", False, "uv"),
        (
            "C:\\venv",
            "C:\\Program Files\\WindowsApps\\PythonSoftwareFoundation.Python.3.12_qbz5n2kfra8p0",
            False,
            "store",
        ),
    ],
)
def test_the_kind_of_python_is_what_it_is_built_on(prefix: str, base: str, conda: bool, kind: str) -> None:
    assert python_kind(prefix, base, conda=conda) == kind


def test_memory_of_this_machine_is_plausible() -> None:
    memory = probe_memory(RealHost())
    assert 256 < memory.total_mib < 64 * 1024**2
    assert 0 < memory.available_mib <= memory.total_mib


# ---------------------------------------------------------------------------------------------- storage


def test_the_file_system_is_that_of_the_nearest_mount() -> None:
    mounts = parse_mounts(recording("mounts-nfs.txt"))
    assert filesystem_of("/srv/shared models/llama", mounts) == "nfs4"
    assert filesystem_of("/tmpfiles", mounts) == "ext4"
    assert filesystem_of("/tmp", mounts) == "tmpfs"
    assert filesystem_of("/home/a", mounts) == "btrfs"
    assert isinstance(filesystem_of("/a", ()), Unknown)


def test_a_windows_drive_in_wsl_is_remote() -> None:
    mounts = parse_mounts(recording("mounts-wsl.txt"))
    kinds = [filesystem_of(path, mounts) for path in ("/mnt/c/x", "/mnt/d/x", "/home/a")]
    assert kinds == ["9p", "drvfs", "ext4"]
    assert [is_remote(str(kind)) for kind in kinds] == [True, True, False]


@pytest.mark.parametrize(
    ("path", "traits"),
    [
        ("/home/a/.local/share/tunedoc", ()),
        ("C:\\Users\\Li Ming\\AppData", ("spaces",)),
        ("C:\\Users\\张三\\AppData", ("non_ascii",)),
        ("C:\\Users\\a\\OneDrive\\tunedoc", ("cloud_synced",)),
        ("C:\\Users\\a\\OneDrive - Some Company\\tunedoc", ("spaces", "cloud_synced")),
        ("/home/a/Dropbox", ("cloud_synced",)),
        ("/home/a/onedriver", ()),
        ("C:\\" + "a" * 120, ("long",)),
    ],
)
def test_what_is_unusual_about_a_path_is_seen(path: str, traits: tuple[str, ...]) -> None:
    assert path_traits(path) == traits


def test_the_hub_cache_follows_its_variables(tmp_path: Path) -> None:
    assert hub_cache({}, tmp_path) == tmp_path / ".cache" / "huggingface" / "hub"
    assert hub_cache({"HF_HOME": "/x"}, tmp_path) == Path("/x/hub")
    assert hub_cache({"HF_HOME": "/x", "HF_HUB_CACHE": "/y"}, tmp_path) == Path("/y")


def test_a_home_that_does_not_exist_yet_is_measured_where_it_will_be(tmp_path: Path) -> None:
    disks = probe_disks(RealHost(), Home(tmp_path / "no" / "such" / "folder"), tmp_path)
    assert [disk.purpose for disk in disks] == ["home", "temporary", "hub_cache", "working"]
    assert disks[0].free_mib > 0
    assert not (tmp_path / "no").exists()


# ---------------------------------------------------------------------------------------------- NVIDIA


def pci_device(root: Path, slot: str, vendor: str, kind: str) -> None:
    folder = root / "sys" / "bus" / "pci" / "devices" / slot
    folder.mkdir(parents=True)
    for name, value in (("vendor", vendor), ("class", kind), ("device", "0x2d04")):
        (folder / name).write_text(value + "\n", encoding="ascii")


@pytest.fixture
def linux() -> SomeHost:
    host = SomeHost({"PATH": ""})
    host.system = "linux"
    return host


def test_an_adapter_is_found_on_the_bus_without_a_driver(tmp_path: Path, linux: SomeHost) -> None:
    pci_device(tmp_path, "slot0", "0x10de", "0x030000")
    pci_device(tmp_path, "slot1", "0x10de", "0x040300")  # the card's sound
    pci_device(tmp_path, "slot2", "0x1002", "0x030000")  # another maker's
    assert find_adapters(linux, tmp_path) == ("NVIDIA adapter 10de:2d04",)


def test_a_bus_without_nvidia_has_no_adapter(tmp_path: Path, linux: SomeHost) -> None:
    pci_device(tmp_path, "slot0", "0x8086", "0x030000")
    assert find_adapters(linux, tmp_path) == ()


def test_a_system_that_hides_its_bus_is_unknown(tmp_path: Path, linux: SomeHost) -> None:
    assert isinstance(find_adapters(linux, tmp_path), Unknown)


def test_wsl_shows_a_gpu_by_its_device_and_libraries(tmp_path: Path, linux: SomeHost) -> None:
    (tmp_path / "dev").mkdir()
    (tmp_path / "dev" / "dxg").touch()
    assert isinstance(find_adapters(linux, tmp_path), Unknown)
    library = tmp_path / "usr" / "lib" / "wsl" / "lib" / "libcuda.so.1"
    library.parent.mkdir(parents=True)
    library.touch()
    assert find_adapters(linux, tmp_path) == ("a GPU handed through by WSL",)


def test_toolkits_are_found_once_however_they_are_named(tmp_path: Path, linux: SomeHost) -> None:
    real = tmp_path / "usr" / "local" / "cuda-12.8"
    real.mkdir(parents=True)
    (real / "version.json").write_text('{"cuda": {"name": "CUDA SDK", "version": "12.8.1"}}', encoding="utf-8")
    linux.environ = {"PATH": "", "CUDA_PATH": str(real), "CUDA_HOME": str(tmp_path / "gone")}
    found = probe_cuda_toolkits(linux, tmp_path)
    assert [(Path(kit.path).name, kit.version) for kit in found] == [("cuda-12.8", "12.8.1")]


def test_nvcc_says_its_version() -> None:
    assert parse_nvcc(recording("nvcc-13.0-linux.txt")) == "13.0.88"
    assert isinstance(parse_nvcc("'nvcc' is not recognized"), Unknown)
    assert isinstance(parse_version_json("{}"), Unknown)


# ---------------------------------------------------------------------------------------------- environment, settings


def test_packages_are_read_from_folder_names(tmp_path: Path) -> None:
    site = tmp_path / "lib" / "python3.12" / "site-packages"
    for name in ("torch-2.13.0+cpu.dist-info", "Typing_Extensions-4.15.0.dist-info", "torch", "x.dist-info", "a-1.egg"):
        (site / name).mkdir(parents=True)
    found = {package.name: package.version for package in read_packages([site]).installed}
    assert found == {"torch": "2.13.0+cpu", "typing-extensions": "4.15.0"}


@pytest.mark.parametrize(
    ("words", "version"),
    [("home = /usr\nversion_info = 3.12.10\n", "3.12.10"), ("version = 3.11.2\n", "3.11.2")],
    ids=["uv", "venv"],
)
def test_the_python_of_an_environment_is_read_from_its_configuration(tmp_path: Path, words: str, version: str) -> None:
    (tmp_path / "pyvenv.cfg").write_text(words, encoding="utf-8")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python3").touch()
    place = find_place(tmp_path)
    assert place is not None
    assert place.release == version


def test_no_environment_is_absent_and_a_damaged_one_is_unknown(home: Home) -> None:
    host = SomeHost({})
    assert isinstance(probe_environment(host, home), Absent)
    home.environments.mkdir(parents=True)
    home.current_environment.write_text('{"schema": 1, "environment": "gone-1"}', encoding="utf-8")
    assert isinstance(probe_environment(host, home), Unknown)


@pytest.mark.slow
def test_the_real_environment_names_its_torch(test_home: Home) -> None:
    found = probe_environment(SomeHost({}), test_home)
    assert isinstance(found, PythonEnvironment)
    assert "torch" in {package.name for package in found.packages}


def test_settings_are_those_that_matter(tmp_path: Path) -> None:
    folder = tmp_path / ".config" / "pip"
    folder.mkdir(parents=True)
    (folder / "pip.conf").write_text("[global]\nfind-links = /srv/wheels\n", encoding="utf-8")
    host = SomeHost({"CUDA_VISIBLE_DEVICES": "1", "USE_LIBUV": "0", "EDITOR": "vi", "PIP_CONFIG_FILE": ""})
    host.system = "linux"
    found = {setting.name: setting.value for setting in probe_settings(host, tmp_path)}
    assert found["CUDA_VISIBLE_DEVICES"] == "1"
    assert found["pip.find-links"] == "/srv/wheels"
    assert "EDITOR" not in found


def test_a_broken_pip_file_is_a_fact_and_no_end(tmp_path: Path) -> None:
    broken = tmp_path / "pip.conf"
    broken.write_text("find-links = no section\n", encoding="utf-8")
    host = SomeHost({"PIP_CONFIG_FILE": str(broken)})
    host.system = "linux"
    found = [setting for setting in probe_settings(host, tmp_path) if setting.name == "pip.unreadable"]
    assert [setting.origin for setting in found] == [str(broken)]


# ---------------------------------------------------------------------------------------------- the whole machine


def test_this_machine_is_examined_and_survives_the_round_trip(home: Home) -> None:
    snapshot = examine_machine(RealHost(), home)
    assert isinstance(snapshot.os, OperatingSystem)
    assert isinstance(snapshot.memory, Memory)
    assert snapshot.python and not isinstance(snapshot.python, Unknown)
    assert snapshot.python.version == ".".join(map(str, sys.version_info[:3]))
    assert from_json(to_json(snapshot), "here") == snapshot


def test_the_network_is_asked_only_when_told_to(home: Home) -> None:
    assert examine_machine(RealHost(), home).network == Unknown("not asked")


def test_a_folder_without_python_is_said_to_be_none(home: Home, tmp_path: Path) -> None:
    found = examine_machine(RealHost(), home, environment=tmp_path).environment
    assert isinstance(found, Unknown) and "no Python" in found.why


def test_a_section_that_raises_is_unknown_with_the_reason() -> None:
    def fail() -> int:
        raise RuntimeError("counters are switched off")

    questions = Questions(60)
    failed = questions.ask(fail)
    follows = questions.ask(failed.then(lambda number: number + 1))
    fine = questions.ask(lambda: 7)
    questions.begin()
    why = Unknown("RuntimeError: counters are switched off")
    assert (failed.answer(), follows.answer(), fine.answer()) == (why, why, 7)


def test_questions_that_hang_do_not_hold_up_those_behind_them() -> None:
    release = threading.Event()
    questions = Questions(2)
    hanging = [questions.ask(lambda: release.wait(60)) for _ in range(4)]
    fine = questions.ask(lambda: 7)
    questions.begin()
    try:
        assert fine.answer() == 7
        assert [question.answer() for question in hanging] == [Unknown("no answer in 2 s")] * 4
    finally:
        release.set()


def test_a_section_that_hangs_is_unknown_and_the_others_are_there(home: Home) -> None:
    release = threading.Event()

    class Hanging(SomeHost):
        def run(self, argv: object, **_: object) -> Ran:
            release.wait(60)
            raise OSError

    class Environ(dict[str, str]):
        def get(self, key: str, default: object = None) -> str:
            if key == "HF_HUB_CACHE":
                release.wait(60)
            return super().get(key) or ""

    host = Hanging({})
    host.environ = Environ(host.environ)
    try:
        snapshot: Snapshot = examine_machine(host, home, timeout_seconds=1.5)
    finally:
        release.set()
    assert snapshot.disks == Unknown("no answer in 1.5 s")
    assert isinstance(snapshot.os, OperatingSystem)
