"""Windows of other countries: code pages 936 and 1252 as the whole system's own, with nothing said about encodings."""

from __future__ import annotations

import codecs
import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.windows.lab import NoLab, need_programs

if TYPE_CHECKING:
    from pathlib import Path

    from tests.windows.lab import Lab

SYSTEMS = {"zh_CN": 936, "de_DE": 1252}
"""Locales that Wine makes code pages of."""
CHINESE = "操作系统"
KNOWN = "import ctypes, json, sys; print(json.dumps([ctypes.windll.kernel32.GetACP(), sys.stdout.encoding]))"


@pytest.fixture(scope="session")
def locales(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Locales of this machine's C library, of which Wine makes Windows' own settings."""
    try:
        need_programs({"locale-gen": "locales"})
    except NoLab as exc:
        pytest.skip(str(exc))
    folder = tmp_path_factory.mktemp("locales")
    for name in SYSTEMS:
        argv = ["localedef", "--inputfile", name, "--charmap", "UTF-8", "--no-archive", str(folder / f"{name}.UTF-8")]
        subprocess.run(argv, check=True, capture_output=True, env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"})
    return folder


class System:
    """The lab as a Windows of another country."""

    def __init__(self, lab: Lab, locales: Path, name: str) -> None:
        self.lab = lab
        self.page = f"cp{SYSTEMS[name]}"
        self.home = lab.drive_c / "lab" / f"家 {name}"
        self.environ = {
            "LC_ALL": f"{name}.UTF-8",
            "LOCPATH": str(locales),
            "TUNEDOC_HOME": f"C:\\lab\\家 {name}",
        }

    def run(self, *argv: str, **environ: str) -> tuple[int, str, str]:
        """Exit code and words of a command, read in the system's code page."""
        process = self.lab.start([self.lab.python, *argv], environ=self.environ | environ, encoding=None, errors=None)
        stdout, stderr = process.communicate(timeout=300)
        assert isinstance(stdout, bytes) and isinstance(stderr, bytes)
        return process.returncode, stdout.decode(self.page), stderr.decode(self.page, "replace")

    def doctor(self, *arguments: str, **environ: str) -> tuple[int, str]:
        code, words, errors = self.run("-m", "doctor", *arguments, **environ)
        assert "Traceback" not in errors, errors
        return code, words


@pytest.fixture(params=SYSTEMS)
def system(lab: Lab, locales: Path, request: pytest.FixtureRequest) -> Any:
    found = System(lab, locales, request.param)
    yield found
    shutil.rmtree(found.home, ignore_errors=True)


def test_python_writes_in_the_systems_code_page(system: System) -> None:
    _, words, _ = system.run("-c", KNOWN)
    page, encoding = json.loads(words)
    assert (f"cp{page}", codecs.lookup(encoding).name) == (system.page, codecs.lookup(system.page).name)


def test_a_report_in_words(system: System) -> None:
    """Chinese where the system is Chinese; a language that its code page lacks gives way to English."""
    code, words = system.doctor("check", TUNEDOC_LANG="zh")
    assert code in (0, 1)
    assert CHINESE in words if system.page == "cp936" else "Operating system" in words
    assert "�" not in words and "??" not in words


def test_the_systems_language_is_tunedocs(system: System) -> None:
    _, words = system.doctor("check", "storage.path")
    assert any("\u4e00" <= letter <= "\u9fff" for letter in words) == (system.page == "cp936")


def test_a_chinese_report_that_was_asked_for_never_fails(system: System) -> None:
    code, words = system.doctor("check", "--lang", "zh")
    assert code in (0, 1) and "PyTorch" in words


def test_json_and_files_know_no_code_page(system: System) -> None:
    _, words = system.doctor("fix", "HF_HOME=D:\\模型", "--yes", "--json")
    assert words.isascii() and json.loads(words)["data"]["applied"] is True
    kept = json.loads((system.home / "variables.json").read_bytes().decode("utf-8"))
    assert kept["variables"]["HF_HOME"]["value"] == "D:\\模型"
    assert (system.home / "journal.jsonl").read_bytes().isascii()


def test_the_check_tells_the_code_page(system: System) -> None:
    _, words = system.doctor("check", "windows.code_page", "--json", "--lang", "en")
    (finding,) = json.loads(words)["data"]["findings"]
    assert finding["status"] == "note" and system.page.removeprefix("cp") in finding["summary"]
