"""Pythons and their environments, found and told apart by files alone."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from doctor.host.real import RealHost
from doctor.probe.environment import probe_environment, probe_other_environments
from doctor.probe.models import probe_models
from doctor.probe.packages import read_packages
from doctor.probe.places import (
    find_place,
    python_abi,
    python_bits,
    python_origin,
    site_folders,
    user_site,
)
from doctor.probe.pythons import describe_pythons, find_pythons
from doctor.snapshot.model import Absent, PythonEnvironment, Unknown
from tests.library_files import make_elf, make_pe

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from doctor.paths import Home
    from doctor.snapshot.model import PythonInterpreter


class SomeHost(RealHost):
    """This machine with other variables."""

    def __init__(self, environ: Mapping[str, str], system: str = "linux") -> None:
        super().__init__()
        self.environ = dict(environ)
        assert system in ("linux", "windows")
        self.system = "windows" if system == "windows" else "linux"


def pythons_of(host: SomeHost) -> tuple[PythonInterpreter, ...]:
    return describe_pythons(host, find_pythons(host))


def linux_python(root: Path, version: str = "3.12.9", *, folder: str = "") -> Path:
    """A Python as distributions lay it out; the interpreter."""
    minor = folder or version.rpartition(".")[0]
    (root / "bin").mkdir(parents=True)
    (root / "bin" / "python3").write_bytes(make_elf(["libc.so.6"]))
    (root / "lib" / f"python{minor}" / "site-packages").mkdir(parents=True)
    (root / "lib" / f"python{minor}" / "os.py").touch()
    (root / "include" / f"python{minor}").mkdir(parents=True)
    (root / "include" / f"python{minor}" / "patchlevel.h").write_text(f'#define PY_VERSION "{version}"\n', "utf-8")
    return root / "bin" / "python3"


def windows_python(root: Path, version: tuple[int, int, int] = (3, 12, 9), *, bits: int = 64, tag: str = "") -> Path:
    """A Python as its installer for Windows lays it out; python.exe."""
    major, minor, micro = version
    (root / "Lib" / "site-packages").mkdir(parents=True)
    (root / "Doc").mkdir()
    (root / "python.exe").write_bytes(make_pe([f"python{major}{minor}{tag}.dll"], bits=bits))
    library = make_pe(["KERNEL32.dll"], bits=bits, version=(major, minor, micro * 1000 + 150, 1013))
    (root / f"python{major}{minor}{tag}.dll").write_bytes(library)
    return root / "python.exe"


def virtual_environment(root: Path, base: Path, *, windows: bool = False, shared: bool = False) -> Path:
    """A virtual environment over a Python; its site-packages."""
    root.mkdir(parents=True)
    words = f"home = {base.parent}\nimplementation = CPython\nversion_info = 3.12.9\n"
    (root / "pyvenv.cfg").write_text(f"{words}include-system-site-packages = {str(shared).lower()}\n", "utf-8")
    programs = root / ("Scripts" if windows else "bin")
    programs.mkdir()
    (programs / ("python.exe" if windows else "python3")).write_bytes(base.read_bytes())
    site = root / "Lib" / "site-packages" if windows else root / "lib" / "python3.12" / "site-packages"
    site.mkdir(parents=True)
    return site


def add_torch(site: Path, version: str = "2.13.0+cpu", cuda: str = "None") -> None:
    (site / "torch" / "lib").mkdir(parents=True)
    words = f"__version__ = '{version}'\ncuda: Optional[str] = {cuda}\nhip: Optional[str] = None\n"
    (site / "torch" / "version.py").write_text(words, encoding="utf-8")
    (site / f"torch-{version}.dist-info").mkdir()


# ---------------------------------------------------------------------------------------------- places


def test_a_python_for_windows_is_told_by_its_library(tmp_path: Path) -> None:
    place = find_place(windows_python(tmp_path / "Python 312"))
    assert place is not None
    release = place.release
    assert (release, python_bits(place), python_abi(place)) == ("3.12.9", 64, "cp312")
    assert (place.windows, python_origin(place)) == (True, "system")


def test_a_32_bit_and_a_free_threaded_python_are_told_apart(tmp_path: Path) -> None:
    narrow = find_place(windows_python(tmp_path / "a", bits=32))
    free = find_place(windows_python(tmp_path / "b", (3, 13, 1), tag="t"))
    assert narrow is not None
    assert free is not None
    assert python_bits(narrow) == 32
    assert python_abi(free) == "cp313t"


def test_a_portable_folder_leads_to_the_python_in_it(tmp_path: Path) -> None:
    inner = tmp_path / "画图 整合包" / "python_embeded"
    windows_python(inner)
    (inner / "python312._pth").write_text("python312.zip\n.\nimport site\n", encoding="utf-8")
    place = find_place(inner.parent)
    assert place is not None
    assert (place.root, python_origin(place)) == (inner, "portable")
    assert user_site(place, {"APPDATA": str(tmp_path)}, tmp_path) is None


def test_a_conda_environment_tells_its_version_by_its_records(tmp_path: Path) -> None:
    windows_python(tmp_path)
    (tmp_path / "python312.dll").unlink()
    (tmp_path / "conda-meta").mkdir()
    (tmp_path / "conda-meta" / "python-3.12.4-h14ffc60_1.json").touch()
    (tmp_path / "conda-meta" / "pytorch-cuda-12.4-h3fd98bf_7.json").touch()
    place = find_place(tmp_path)
    assert place is not None
    assert (place.release, python_origin(place)) == ("3.12.4", "conda")
    found = {package.name: package.version for package in read_packages(site_folders(place), tmp_path).installed}
    assert found["pytorch-cuda"] == "12.4"


@pytest.mark.parametrize("inside", ["", "bin", "bin/python3", "lib/python3.12/site-packages"])
def test_an_environment_is_found_from_any_of_its_parts(tmp_path: Path, inside: str) -> None:
    base = linux_python(tmp_path / "base")
    virtual_environment(tmp_path / "env", base)
    place = find_place(tmp_path / "env" / inside)
    assert place is not None
    assert (place.root, place.base) == (tmp_path / "env", tmp_path / "base")
    assert python_origin(place) == "venv"


def test_an_environment_whose_python_is_gone_still_tells_its_version(tmp_path: Path) -> None:
    virtual_environment(tmp_path / "env", linux_python(tmp_path / "base"))
    (tmp_path / "base").rename(tmp_path / "moved")
    place = find_place(tmp_path / "env")
    assert place is not None
    assert (place.base, place.release) == (None, "3.12.9")


def test_what_is_no_python_is_none(tmp_path: Path) -> None:
    empty, words, file = tmp_path / "empty", tmp_path / "words", tmp_path / "a.txt"
    empty.mkdir()
    words.mkdir()
    (words / "pyvenv.cfg").write_bytes(b"\xff\xfe\0home")
    file.touch()
    for path in (tmp_path / "gone", empty, words, file, tmp_path / "a\0b"):
        assert find_place(path) is None


def test_packages_of_the_user_leak_in_unless_the_environment_is_closed(tmp_path: Path) -> None:
    base = linux_python(tmp_path / "base")
    closed, shared = tmp_path / "closed", tmp_path / "open"
    virtual_environment(closed, base)
    virtual_environment(shared, base, shared=True)
    own = tmp_path / ".local" / "lib" / "python3.12" / "site-packages"
    places = [find_place(path) for path in (base, closed, shared)]
    assert [place and user_site(place, {}, tmp_path) for place in places] == [own, None, own]
    assert places[0] is not None
    assert user_site(places[0], {"PYTHONNOUSERSITE": "1"}, tmp_path) is None


# ---------------------------------------------------------------------------------------------- packages


def test_leftovers_and_double_metadata_are_told(tmp_path: Path) -> None:
    for name in ("~orch", "~umpy-2.1.0.dist-info", "numpy-1.26.4.dist-info", "numpy-2.1.0.dist-info"):
        (tmp_path / name).mkdir()
    (tmp_path / "PyYAML-5.4.1-py3.8.egg-info").touch()
    found = read_packages([tmp_path])
    assert found.leftovers == ("~orch", "~umpy-2.1.0.dist-info")
    assert found.duplicates == ("numpy 1.26.4, 2.1.0",)
    assert [package.name for package in found.installed] == ["numpy", "pyyaml"]


def test_a_package_of_an_environment_hides_the_one_below_it(tmp_path: Path) -> None:
    for name in ("own/torch-2.13.0.dist-info", "below/torch-2.1.0.dist-info"):
        (tmp_path / name).mkdir(parents=True)
    found = read_packages([tmp_path / "own", tmp_path / "below"])
    assert [package.version for package in found.installed] == ["2.13.0"]
    assert found.duplicates == ()


# ---------------------------------------------------------------------------------------------- the machine's


def test_pythons_come_once_and_the_first_on_path_first(tmp_path: Path) -> None:
    first, second = linux_python(tmp_path / "a"), linux_python(tmp_path / "b", "3.11.7")
    (tmp_path / "links").mkdir()
    if sys.platform != "win32":
        (tmp_path / "links" / "python3").symlink_to(first)
    versions = tmp_path / ".local" / "share" / "uv" / "python"
    linux_python(versions / "cpython-3.13.1-linux-x86_64-gnu", "3.13.1")
    folders = [second.parent, first.parent, tmp_path / "links", tmp_path / "gone"]
    host = SomeHost({"PATH": ":".join(map(str, folders)), "HOME": str(tmp_path)})
    if sys.platform == "win32":
        pytest.skip("a path with a drive letter holds a colon")
    found = pythons_of(host)
    assert [(python.version, python.kind) for python in found] == [
        ("3.11.7", "other"),
        ("3.12.9", "other"),
        ("3.13.1", "uv"),
    ]


def test_two_pythons_in_one_prefix_are_told_apart(tmp_path: Path) -> None:
    older = linux_python(tmp_path, "3.11.2")
    older.rename(tmp_path / "bin" / "python3.11")
    newer = tmp_path / "bin" / "python3.12"
    newer.write_bytes(make_elf(["libc.so.6"]))
    add_torch(tmp_path / "lib" / "python3.11" / "site-packages")
    (tmp_path / "lib" / "python3.12" / "site-packages").mkdir(parents=True)
    places = [find_place(tmp_path / "bin" / name) for name in ("python3.11", "python3.12")]
    assert [place and place.release for place in places] == ["3.11.2", "3.12"]
    assert [place and [site.parent.name for site in site_folders(place)] for place in places] == [
        ["python3.11"],
        ["python3.12"],
    ]


def test_a_pyenv_shim_stands_for_the_chosen_version(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("a path with a drive letter holds a colon")
    root = tmp_path / ".pyenv"
    for version in ("3.10.13", "3.12.1"):
        interpreter = linux_python(root / "versions" / version, version)
        (interpreter.parent / "python").symlink_to("python3")
    (root / "shims").mkdir()
    (root / "shims" / "python3").write_text("#!/bin/sh\n", encoding="utf-8")
    (root / "version").write_text("3.12.1\n", encoding="utf-8")
    host = SomeHost({"PATH": str(root / "shims"), "HOME": str(tmp_path)})
    assert [python.version for python in pythons_of(host)] == ["3.12.1", "3.10.13"]


def test_the_store_placeholder_is_no_python(tmp_path: Path) -> None:
    stubs = tmp_path / "Microsoft" / "WindowsApps"
    stubs.mkdir(parents=True)
    for name in ("python.exe", "python3.exe"):
        (stubs / name).touch()
    windows_python(tmp_path / "Python312")
    host = SomeHost({"PATH": f"{stubs};{tmp_path / 'Python312'}", "USERPROFILE": str(tmp_path)}, "windows")
    assert [python.kind for python in pythons_of(host)][:2] == ["store_stub", "system"]


def test_a_python_from_the_store_is_found_behind_its_placeholder(tmp_path: Path) -> None:
    stubs = tmp_path / "Microsoft" / "WindowsApps"
    windows_python(stubs / "PythonSoftwareFoundation.Python.3.12_qbz5n2kfra8p0")
    (stubs / "python.exe").touch()
    found = pythons_of(SomeHost({"PATH": str(stubs), "USERPROFILE": str(tmp_path)}, "windows"))
    assert (found[0].kind, found[0].version) == ("store", "3.12.9")


# ---------------------------------------------------------------------------------------------- environments


def test_the_environment_that_is_asked_for_counts_first(tmp_path: Path, home: Home) -> None:
    base = linux_python(tmp_path / "base")
    add_torch(virtual_environment(tmp_path / "asked", base))
    add_torch(virtual_environment(tmp_path / "active", base), "2.8.0+cu128", "'12.8'")
    host = SomeHost({"VIRTUAL_ENV": str(tmp_path / "active"), "HOME": str(tmp_path), "PATH": ""})
    asked = probe_environment(host, home, tmp_path / "asked")
    active = probe_environment(host, home)
    assert isinstance(asked, PythonEnvironment)
    assert isinstance(active, PythonEnvironment)
    assert (asked.role, asked.path) == ("asked", str(tmp_path / "asked"))
    assert (active.role, active.path) == ("active", str(tmp_path / "active"))
    others = probe_other_environments(host, home, asked, find_pythons(host))
    assert [(other.path, other.role) for other in others] == [(str(tmp_path / "active"), "active")]
    assert probe_other_environments(host, home, active, find_pythons(host)) == ()


def test_a_shell_without_torch_has_no_environment_in_question(tmp_path: Path, home: Home) -> None:
    virtual_environment(tmp_path / "env", linux_python(tmp_path / "base"))
    host = SomeHost({"VIRTUAL_ENV": str(tmp_path / "env"), "PATH": "", "HOME": str(tmp_path)})
    host.python = tmp_path / "base" / "bin" / "python3"
    assert isinstance(probe_environment(host, home), Absent)


def test_a_folder_without_python_that_is_asked_for_is_unknown(tmp_path: Path, home: Home) -> None:
    assert isinstance(probe_environment(SomeHost({}), home, tmp_path), Unknown)


def test_models_are_told_by_their_weights(home: Home) -> None:
    assert probe_models(home) == ()
    for name in ("b", "a"):
        (home.models / name).mkdir(parents=True)
        (home.models / name / "config.json").write_text("{}", encoding="utf-8")
    for number in (1, 2):
        (home.models / "a" / f"model-{number}.safetensors").write_bytes(bytes(number * 1024 * 1024))
    assert [(model.name, model.weights_mib, model.largest_file_mib) for model in probe_models(home)] == [("a", 3, 2)]


@pytest.mark.windows
@pytest.mark.skipif(sys.platform != "win32", reason="the registry is Windows' own")
def test_pythons_of_the_registry_are_found(tmp_path: Path) -> None:
    if sys.platform == "win32":
        import winreg

        from doctor.host.pythons import registered_pythons

        python = windows_python(tmp_path / "已装")
        company = r"Software\Python\TunedocTest"
        with winreg.CreateKey(winreg.HKEY_CURRENT_USER, rf"{company}\3.12\InstallPath") as key:
            winreg.SetValueEx(key, "ExecutablePath", 0, winreg.REG_SZ, str(python))
        try:
            assert str(python) in registered_pythons()
            found = pythons_of(SomeHost({"PATH": "", "USERPROFILE": str(tmp_path)}, "windows"))
            assert str(python) in [interpreter.path for interpreter in found]
        finally:
            for below in (r"\3.12\InstallPath", r"\3.12", ""):
                winreg.DeleteKey(winreg.HKEY_CURRENT_USER, company + below)
