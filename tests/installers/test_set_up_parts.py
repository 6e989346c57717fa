"""Parts of the set-up that can be tried on any system."""

from __future__ import annotations

import importlib
import io
import os
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from doctor.paths import find_home
from tests.installers.release_folder import INSTALLERS

STUB = b"MZ" + bytes(range(256)) * 8 + b"#! is not always a line"
PYTHON = Path("C:/家 of tunedoc/doctor/Scripts/python.exe")


@pytest.fixture
def part(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A module beside install.sh, by its name."""
    monkeypatch.syspath_prepend(str(INSTALLERS))
    return importlib.import_module


def launcher(line: bytes) -> bytes:
    """As pip makes it: a program, a line that names the Python, an archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("__main__.py", "print('#! started')\n")
    return STUB + line + packed.getvalue()


@pytest.mark.parametrize("line", [b"#!python.exe\n", b'#!"C:\\a b\\python.exe"\r\n', b"#!C:\\python.exe\n"])
def test_a_launcher_gets_the_whole_path_and_keeps_its_archive(part: Any, tmp_path: Path, line: bytes) -> None:
    made: bytes = part("known_command").for_any_folder(launcher(line), PYTHON)
    assert made.startswith(STUB + f'#!"{PYTHON}"\r\nPK'.encode())
    file = tmp_path / "tunedoc.exe"
    file.write_bytes(made)
    done = subprocess.run([sys.executable, str(file)], capture_output=True, encoding="utf-8")
    assert done.stdout == "#! started\n", done.stderr


@pytest.mark.parametrize("content", [STUB, b"", STUB + b"PK\5\6", b"PK\3\4" + launcher(b"#!x\n")[-60:]])
def test_another_kind_of_launcher_is_left_as_it_is(part: Any, content: bytes) -> None:
    assert part("known_command").for_any_folder(content, PYTHON) == content


def test_a_folder_is_found_in_a_path_however_it_is_written(part: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    is_among = part("known_command").is_among
    monkeypatch.setenv("USERFOLDER", "/home/me")
    folder = "/home/me/bin"
    assert is_among(folder, '/x; "/home/me/bin" ;/y')
    assert is_among(folder, "$USERFOLDER/bin")
    assert not is_among(folder, "/home/me/bin2;/home/me")
    assert not is_among(folder, "")


def test_names_of_folders_are_replaced_in_launchers_and_not_in_large_files(part: Any, tmp_path: Path) -> None:
    scripts = part("own_environment").python_of(tmp_path).parent
    scripts.mkdir()
    (tmp_path / "pyvenv.cfg").write_text("command = /x/dr.123\n", encoding="utf-8")
    (scripts / "tunedoc").write_bytes(b"\xffMZ /x/dr.123/python")
    (scripts / "uv").write_bytes(b"dr.123" + bytes(1 << 20))
    part("own_environment").rename_inside(tmp_path, "dr.123", "doctor")
    assert (tmp_path / "pyvenv.cfg").read_text(encoding="utf-8") == "command = /x/doctor\n"
    assert (scripts / "tunedoc").read_bytes() == b"\xffMZ /x/doctor/python"
    assert (scripts / "uv").read_bytes().startswith(b"dr.123")


@pytest.mark.parametrize(
    "variables", [{}, {"TUNEDOC_HOME": "~/elsewhere"}, {"XDG_DATA_HOME": "/data", "LOCALAPPDATA": "D:\\l"}]
)
def test_the_set_up_and_tunedoc_mean_the_same_folder(
    part: Any, monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    for name in ("TUNEDOC_HOME", "XDG_DATA_HOME", "LOCALAPPDATA"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    system = {"win32": "windows", "darwin": "macos"}.get(sys.platform, "linux")
    expected = find_home(os.environ, system, Path.home()).root
    assert part("set_up").find_home(variables.get("TUNEDOC_HOME")) == expected


def test_every_option_has_its_variable(part: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "INDEX", "WHEELS", "SUMS"):
        monkeypatch.setenv(f"TUNEDOC_{name}", name.lower())
    monkeypatch.setenv("TUNEDOC_PATH", "0")
    monkeypatch.setenv("TUNEDOC_CHECK", "1")
    options = part("set_up").read_options([])
    assert vars(options) == {
        "home": "home", "index": "index", "wheels": "wheels", "sums": "sums", "path": False, "check": True,
    }  # fmt: skip
    assert part("set_up").read_options(["--path"]).path is True
    monkeypatch.delenv("TUNEDOC_PATH")
    assert part("set_up").read_options([]).path is None
