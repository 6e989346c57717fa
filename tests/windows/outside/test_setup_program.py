"""The setup program in a Windows without any Python: what it sets up works, what goes wrong harms nothing, and what is
uninstalled is gone, file by file and value by value."""

from __future__ import annotations

import json
import re
import shutil
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest

from installers.windows import build as building
from installers.windows.gathering import requirements_text
from tests.windows.lab import NoLab, need_programs, windows_path

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from installers.windows.gathering import Wheel
    from tests.windows.lab import Lab

FOLDER = r"AppData\Local\Programs\tunedoc"
CHINESE = r"C:\程序 文件\tune doc"
PATIENCE_SECONDS = 90
"""The uninstaller works on after the program that was started has ended: it deletes itself."""


@dataclass(frozen=True)
class Setups:
    """Setup programs."""

    first: Path
    """Version 0.1.7."""
    second: Path
    """Version 0.2.0."""
    damaged: Path
    """Version 0.3.0, in which one wheel is not the one that was meant."""


def spoiled(wheels: Iterable[Wheel], own: Wheel) -> str:
    """The embedded requirements, with another hash for one wheel than it has."""
    return re.sub("(rich==.*sha256:).{8}", r"\g<1>00000000", requirements_text(wheels, own))


@pytest.fixture(scope="module")
def setups(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Setups:
    try:
        need_programs(dict.fromkeys(["makensis"], "nsis"))
    except NoLab as exc:
        pytest.skip(str(exc))
    files = {}
    for name, version in (("first", "0.1.7"), ("second", "0.2.0"), ("damaged", "0.3.0")):
        with pytest.MonkeyPatch.context() as patch:
            if name == "damaged":
                patch.setattr(building, "requirements_text", spoiled)
            folder = tmp_path_factory.mktemp(name)
            files[name] = building.build(folder, version=version, compress="none").file
    return Setups(**files)


class Windows:
    """A profile, and what is looked at in it."""

    def __init__(self, lab: Lab) -> None:
        self.lab = lab
        self.user = next(folder for folder in (lab.drive_c / "users").iterdir() if folder.name != "Public")
        self.program = self.user / FOLDER.replace("\\", "/")
        self.home = self.user / "AppData" / "Local" / "tunedoc"
        self.menu = self.user / "AppData/Roaming/Microsoft/Windows/Start Menu/Programs/tunedoc.lnk"

    def set_up(self, setup: Path, *switches: str, folder: str = "") -> int:
        line = " ".join(["/S", *switches, *([f"/D={folder}"] if folder else [])])
        return self.lab.run([windows_path(setup)], command_line=line).returncode

    def tunedoc(self, *words: str) -> tuple[int, dict[str, Any]]:
        """The command as a terminal finds it, by the user's Path."""
        ran = self.lab.run(["cmd", "/c", "tunedoc", *words, "--json"])
        return ran.returncode, json.loads(ran.stdout)

    def version(self) -> str:
        return self.lab.run(["cmd", "/c", "tunedoc", "--version"]).stdout.strip()

    def uninstall(self, folder: Path, *switches: str) -> None:
        program = "C:\\" + str((folder / "uninstall.exe").relative_to(self.lab.drive_c)).replace("/", "\\")
        ran = self.lab.run(["cmd", "/c", "start", "/wait", "", program, "/S", *switches])
        assert ran.returncode == 0
        end = time.monotonic() + PATIENCE_SECONDS
        while folder.exists() and time.monotonic() < end:
            time.sleep(0.5)

    def files(self) -> set[str]:
        """Every file and folder outside Windows' own, without what every NSIS uninstaller leaves for the next start."""
        drive = self.lab.drive_c
        found = (path for path in drive.rglob("*") if path.relative_to(drive).parts[0] != "windows")
        names = {path.relative_to(drive).as_posix() for path in found}
        return {name for name in names if "/~nsu" not in name}

    def registry(self) -> set[tuple[str, str]]:
        """Every value of the user's registry. Windows writes it when it ends."""
        self.lab.down()
        words = (self.lab.prefix / "user.reg").read_text(encoding="utf-8", errors="replace")
        found = set()
        key = ""
        for line in re.sub(r"\\\n\s*", "", words).splitlines():
            if line.startswith("["):
                key = line.partition("]")[0][1:]
                found.add((key, ""))
            elif line.startswith(('"', "@")):
                found.add((key, line))
        return found

    def user_variable(self, name: str) -> str | None:
        ran = self.lab.run(["reg", "query", r"HKCU\Environment", "/v", name])
        found = re.search(rf"(?m)^\s+{name}\s+(REG_\w+)\s+(.*?)\s*$", ran.stdout)
        return f"{found[1]} {found[2]}" if found else None


@pytest.fixture(scope="module")
def windows(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Windows]:
    fresh = lab.fresh(tmp_path_factory.mktemp("fresh") / "prefix")
    # The first start writes much; what is compared later comes after that.
    fresh.run(["cmd", "/c", "ver"])
    yield Windows(fresh)
    fresh.down()
    shutil.rmtree(fresh.prefix, ignore_errors=True)


def test_the_setup_program_from_start_to_end(setups: Setups, windows: Windows, tmp_path: Path) -> None:
    # One test: each part stands on what the one before has left.
    untouched_registry = windows.registry()
    windows.lab.run(["cmd", "/c", "ver"])
    noise = windows.registry() ^ untouched_registry
    untouched_files = windows.files()

    # A silent install into the default folder of a profile without Python.
    assert windows.set_up(setups.first, "/NOSHORTCUT") == 0
    assert (windows.program / "installed.json").is_file()
    assert not (windows.program / "new").exists()
    assert not windows.menu.exists()
    assert windows.version() == "tunedoc 0.1.7"
    code, told = windows.tunedoc("check")
    assert code in (0, 1)
    assert told["tunedoc_result"] == 1
    assert told["data"]["findings"]
    path = windows.user_variable("Path")
    assert path is not None
    assert path.startswith("REG_EXPAND_SZ ")
    assert path.count("tunedoc") == 1

    # What a user has by then.
    code, _ = windows.tunedoc("fix", "USE_LIBUV=0", "--scope", "user", "--yes")
    assert code in (0, 1)
    assert windows.user_variable("USE_LIBUV") == "REG_SZ 0"
    settings = b'{"schema": 1, "variables": {"PYTHONUTF8": {"value": "1", "instead_of": null}}}'
    (windows.home / "variables.json").write_bytes(settings)
    (windows.home / "models" / "mine").mkdir(parents=True)
    (windows.home / "models" / "mine" / "weights.safetensors").write_bytes(b"weights")
    (windows.home / "runs" / "first").mkdir(parents=True)
    (windows.home / "runs" / "first" / "job.json").write_text("{}", encoding="utf-8")

    # An upgrade that fails leaves the version before as it was.
    before = windows.files()
    assert windows.set_up(setups.damaged) == 2
    assert windows.version() == "tunedoc 0.1.7"
    log = next(windows.user.rglob("tunedoc-setup.log"))
    words = log.read_text(encoding="utf-8")
    assert "tunedoc 0.1.7 is as it was before" in words
    assert "rich" in words.rpartition("could not be installed")[2]
    log.unlink()
    assert {name for name in windows.files() ^ before if "__pycache__" not in name} == set()

    # An upgrade keeps what was chosen and what the user has; the version before is gone.
    assert windows.set_up(setups.second) == 0
    assert windows.version() == "tunedoc 0.2.0"
    assert [folder.name for folder in (windows.program / "versions").iterdir()] == ["0.2.0-1"]
    assert not windows.menu.exists()
    assert windows.user_variable("Path") == path
    assert (windows.home / "variables.json").read_bytes() == settings
    assert (windows.home / "models" / "mine" / "weights.safetensors").read_bytes() == b"weights"

    # For the last part: the Python of a machine that has one.
    (own_python,) = (windows.program / "python").iterdir()
    kept_python = shutil.copytree(own_python, tmp_path / "Python")

    # Uninstalling leaves the models and runs, and nothing else.
    windows.uninstall(windows.program)
    kept = {name for name in windows.files() - untouched_files if not name.endswith("/AppData/Local/tunedoc")}
    assert kept == {
        f"users/{windows.user.name}/AppData/Local/tunedoc/{name}"
        for name in (
            "models", "models/mine", "models/mine/weights.safetensors", "runs", "runs/first", "runs/first/job.json",
        )
    }  # fmt: skip
    assert untouched_files <= windows.files()
    assert windows.registry() ^ untouched_registry <= noise

    # A folder with a space and Chinese letters, with a Python that the machine has; uninstalled with everything.
    own = windows.lab.drive_c / "Python"
    shutil.move(kept_python, own)
    key = r"HKCU\Software\Python\PythonCore\3.12\InstallPath"
    windows.lab.run(["reg", "add", key, "/v", "ExecutablePath", "/d", r"C:\Python\python.exe"])
    untouched_registry, untouched_files = windows.registry(), windows.files()
    assert windows.set_up(setups.first, "/LANG=zh", folder=CHINESE) == 0
    assert windows.menu.is_file()
    folder = windows.lab.drive_c / "程序 文件" / "tune doc"
    words = (folder / "setup.log").read_text(encoding="utf-8")
    assert r"使用本机的 Python 3.12.9：C:\Python\python.exe" in words
    assert not (folder / "python").exists()
    assert windows.version() == "tunedoc 0.1.7"
    assert (windows.home / "models").is_dir()
    windows.uninstall(folder, "/EVERYTHING")
    gone = untouched_files - windows.files()
    assert {name for name in gone if not name.startswith(f"users/{windows.user.name}/AppData/Local/tunedoc")} == set()
    assert not windows.home.exists()
    assert {name for name in windows.files() - untouched_files if "__pycache__" not in name} <= {"程序 文件"}
    assert windows.registry() ^ untouched_registry <= noise
