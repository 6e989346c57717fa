"""install.cmd and its relatives in Wine's cmd.exe, in folders with blanks, Chinese letters, `!` and `&`."""

from __future__ import annotations

import json
import shutil
import sys
from typing import TYPE_CHECKING

import pytest

from tests.installers.release_folder import INSTALLERS, make_release
from tests.windows.lab import windows_path

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Iterator
    from pathlib import Path

    from tests.windows.lab import Lab

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="drives Wine")

_START = "import json, os, subprocess, sys; sys.exit(subprocess.call(json.loads(os.environ['LINE'])))"
_PATH = """
import json, sys, winreg
with winreg.CreateKey(winreg.HKEY_CURRENT_USER, "Environment") as key:
    words = json.loads(sys.argv[1])
    try:
        before = list(winreg.QueryValueEx(key, "Path"))
    except FileNotFoundError:
        before = None
    if words == "gone":
        winreg.DeleteValue(key, "Path")
    elif words:
        winreg.SetValueEx(key, "Path", 0, words[1], words[0])
    print(json.dumps(before))
"""
_REGISTER = """
import sys, winreg
place = r"Software\\Python\\PythonCore\\9.99"
if sys.argv[1:]:
    with winreg.CreateKey(winreg.HKEY_CURRENT_USER, place + r"\\InstallPath") as key:
        winreg.SetValueEx(key, "ExecutablePath", 0, winreg.REG_SZ, sys.argv[1])
else:
    winreg.DeleteKey(winreg.HKEY_CURRENT_USER, place + r"\\InstallPath")
    winreg.DeleteKey(winreg.HKEY_CURRENT_USER, place)
"""
_REG_SZ, _REG_EXPAND_SZ = 1, 2


def batch(lab: Lab, script: Path, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Start a batch file as a terminal does; Windows Python hands the line to cmd.exe as it is."""
    line = f'cmd /d /s /c ""{windows_path(script)}" {" ".join(words)}"'
    return lab.run([lab.python, "-c", _START], environ={"LINE": json.dumps(line), "TUNEDOC_LANG": "en"} | environ)


def user_path(lab: Lab, value: list[object] | str | None = None) -> list[object] | None:
    """The user's PATH and its kind as they were; then they are as given."""
    done = lab.run([lab.python, "-c", _PATH, json.dumps(value)])
    assert done.returncode == 0, done.stderr
    found: list[object] | None = json.loads(done.stdout)
    return found


@pytest.fixture
def restored_path(lab: Lab) -> Iterator[None]:
    before = user_path(lab, [r"%USERPROFILE%\bin;C:\other", _REG_EXPAND_SZ])
    yield
    user_path(lab, before or "gone")


@pytest.fixture
def release(tmp_path: Path) -> Path:
    return make_release(tmp_path / "微调 医生 & co!", tmp_path / "wheels")


def test_a_release_is_set_up_from_a_folder_with_odd_letters_and_the_second_time_nothing_is_done(
    lab: Lab, release: Path, tmp_path: Path, restored_path: None
) -> None:
    home = tmp_path / "家 of tunedoc"
    environ = {
        "TUNEDOC_PYTHON": lab.python,
        "TUNEDOC_HOME": windows_path(home),
        "TUNEDOC_WHEELS": windows_path(tmp_path / "wheels"),
    }
    first = batch(lab, release / "install.cmd", "--path", "--check", **environ)
    assert first.returncode == 0, first.stderr
    command = rf"{windows_path(home)}\bin\tunedoc.exe"
    path, looked = first.stdout.splitlines()
    assert path == command
    assert looked.startswith("looked at ")
    assert sorted(found.name for found in home.iterdir()) == ["bin", "doctor", "scratch"]
    assert [found.name for found in (home / "bin").iterdir()] == ["tunedoc.exe"]
    assert lab.run([command, "--version"]).stdout.split() == ["tunedoc", "9.1"]
    assert user_path(lab) == [rf"%USERPROFILE%\bin;C:\other;{windows_path(home)}\bin", _REG_EXPAND_SZ]

    made = (home / "doctor" / "pyvenv.cfg").stat().st_mtime_ns
    second = batch(lab, release / "install.cmd", "--path", **environ)
    assert second.returncode == 0, second.stderr
    assert "already" in second.stderr
    assert (home / "doctor" / "pyvenv.cfg").stat().st_mtime_ns == made
    assert str(user_path(lab)).count("bin") == 2


@pytest.mark.parametrize("name", ["tunedoc-9.1-py3-none-any.whl", "telling.py"])
def test_one_changed_byte_is_refused_with_exit_code_2(lab: Lab, release: Path, tmp_path: Path, name: str) -> None:
    content = bytearray((release / name).read_bytes())
    content[len(content) // 2] ^= 1
    (release / name).write_bytes(content)
    home = tmp_path / "home"
    answer = batch(
        lab, release / "install.cmd", TUNEDOC_PYTHON=lab.python, TUNEDOC_HOME=windows_path(home)
    )  # fmt: skip
    assert answer.returncode == 2
    assert "error: " in answer.stderr
    assert "SHA256SUMS" in answer.stderr
    assert not home.exists()


def test_a_python_that_only_the_registry_knows_is_found(lab: Lab, release: Path) -> None:
    done = lab.run([lab.python, "-c", _REGISTER, lab.python])
    assert done.returncode == 0, done.stderr
    try:
        answer = batch(lab, release / "install.cmd", "--help")
    finally:
        lab.run([lab.python, "-c", _REGISTER])
    assert answer.returncode == 0, answer.stderr
    assert "TUNEDOC_WHEELS" in answer.stdout


def test_without_a_python_it_says_how_to_get_one(fresh_lab: Lab, tmp_path: Path) -> None:
    """Wine has a powershell.exe that does nothing and says that all is well: nobody believes it."""
    folder = make_release(tmp_path / "发布 folder", tmp_path / "wheels")
    answer = fresh_lab.run(["cmd", "/d", "/c", windows_path(folder / "install.cmd")])
    assert answer.returncode == 2
    assert "winget install Python.Python.3.12" in answer.stderr


def test_half_an_archive_is_told(lab: Lab, tmp_path: Path) -> None:
    (tmp_path / "half 的").mkdir()
    shutil.copy(INSTALLERS / "install.cmd", tmp_path / "half 的")
    answer = batch(lab, tmp_path / "half 的" / "install.cmd", TUNEDOC_PYTHON=lab.python)
    assert answer.returncode == 2
    assert "unpack" in answer.stderr


def test_the_demos_command_still_passes_words_and_exit_codes_on(lab: Lab, tmp_path: Path) -> None:
    folder = tmp_path / "my 医生"
    folder.mkdir()
    for name in ("demo.cmd", "python.cmd"):
        shutil.copy(INSTALLERS / name, folder)
    (folder / "bootstrap.py").write_text("import sys; print(sys.argv[1:]); sys.exit(7)\n", encoding="utf-8")
    answer = batch(lab, folder / "demo.cmd", "--yes", '"a b"', TUNEDOC_PYTHON=lab.python)
    assert answer.stdout.strip() == "['demo', '--yes', 'a b']"
    assert answer.returncode == 7
