"""Pipes and files under the code pages of Windows: nothing is lost in JSON and files, nothing ever fails in words.

A program that writes into a pipe gets the system's code page from Python: PYTHONIOENCODING stands for it here. Under
other systems' own code pages the same is done in tests/windows/outside/test_code_pages.py.
"""

from __future__ import annotations

import ctypes
import json
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.windows.inside.windows_machine import ROOT, TWO_CARDS, changed

if TYPE_CHECKING:
    from pathlib import Path

    from tests.windows.inside.windows_machine import SimulatedDriver, WindowsMachine

PAGES = {"65001": "cp65001", "936": "cp936", "1252": "cp1252"}
CHINESE = "操作系统"
"""Stands in every Chinese report."""

EVERY_VERB = """
import contextlib, io, sys
from doctor.cli.main import VERBS, run
for verb in (None, *VERBS):
    for language in ("en", "zh"):
        code = run([*([verb] if verb else []), "--lang", language, "--help"])
        assert code == 0, (verb, language, code)
print("end of", len(VERBS))
"""


@pytest.mark.parametrize("page", PAGES)
def test_a_report_in_english(machine: WindowsMachine, driver: SimulatedDriver, page: str) -> None:
    done = machine.run("check", **driver.saying(TWO_CARDS), PYTHONIOENCODING=PAGES[page])
    words = done.stdout.decode(PAGES[page])
    assert "2 x NVIDIA GeForce RTX 5060 Ti" in words and "�" not in words


@pytest.mark.parametrize("page", PAGES)
def test_the_systems_language_yields_where_its_letters_cannot_be_shown(machine: WindowsMachine, page: str) -> None:
    done = machine.run("check", TUNEDOC_LANG="zh", PYTHONIOENCODING=PAGES[page])
    words = done.stdout.decode(PAGES[page])
    assert (CHINESE in words, "Operating system" in words) == (page != "1252", page == "1252")
    assert "??" not in words


@pytest.mark.parametrize("page", PAGES)
def test_a_language_that_was_asked_for_is_spoken(machine: WindowsMachine, page: str) -> None:
    done = machine.run("check", "--lang", "zh", PYTHONIOENCODING=PAGES[page])
    words = done.stdout.decode(PAGES[page])
    assert CHINESE.encode(PAGES[page], "replace").decode(PAGES[page]) in words


def test_without_a_word_about_encodings_the_systems_code_page_counts(machine: WindowsMachine) -> None:
    page = f"cp{ctypes.windll.kernel32.GetACP()}"
    done = machine.run("check", TUNEDOC_LANG="zh")
    words = done.stdout.decode(page)
    assert CHINESE in words if page in ("cp936", "cp65001") else "Operating system" in words


@pytest.mark.parametrize("page", PAGES)
def test_every_verbs_help_in_both_languages(machine: WindowsMachine, page: str) -> None:
    done = subprocess.run(
        [sys.executable, "-c", EVERY_VERB], cwd=ROOT, env=changed(machine.environ, {"PYTHONIOENCODING": PAGES[page]}),
        capture_output=True, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode(PAGES[page], "replace")[-2000:]
    assert done.stdout.decode(PAGES[page]).splitlines()[-1].startswith("end of ")


@pytest.mark.parametrize("page", PAGES)
def test_json_is_the_same_under_every_code_page(machine: WindowsMachine, page: str) -> None:
    done = machine.run("check", "storage.path", "--json", "--lang", "zh", PYTHONIOENCODING=PAGES[page])
    assert done.stdout.isascii()
    told = json.loads(done.stdout)["data"]["findings"][0]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in told["summary"])
    assert str(machine.home.root) in json.dumps(told, ensure_ascii=False).replace("\\\\", "\\")


@pytest.mark.parametrize("page", PAGES)
def test_errors_about_chinese_names_are_told(machine: WindowsMachine, page: str) -> None:
    done = machine.run("check", "--from", "C:\\没有 这个\\文件.json", PYTHONIOENCODING=PAGES[page])
    words = done.stderr.decode(PAGES[page])
    assert done.returncode == 2
    assert "C:\\没有 这个\\文件.json".encode(PAGES[page], "replace").decode(PAGES[page]) in words


@pytest.mark.parametrize("page", ["936", "1252"])
def test_files_are_utf_8_whatever_the_code_page(machine: WindowsMachine, tmp_path: Path, page: str) -> None:
    report = tmp_path / "报告.md"
    said = {"PYTHONIOENCODING": PAGES[page]}
    machine.run("fix", "HF_HOME=D:\\模型", "--yes", **said)
    machine.run("report", str(report), "--lang", "zh", **said)
    assert (
        json.loads(machine.home.variables.read_bytes().decode("utf-8"))["variables"]["HF_HOME"]["value"] == "D:\\模型"
    )
    for line in machine.home.journal.read_bytes().decode("utf-8").splitlines():
        assert json.loads(line)["work"]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in report.read_bytes().decode("utf-8"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("command", [("check",), ("plan",), ("fix", "--plan")], ids=["check", "plan", "fix"])
def test_a_snapshot_is_read_however_the_shell_wrote_it(
    machine: WindowsMachine, tmp_path: Path, encoding: str, command: tuple[str, ...]
) -> None:
    """PowerShell 5's `>` writes UTF-16 with a mark, its `Out-File -Encoding utf8` a mark too."""
    file = tmp_path / "快照.json"
    words = (ROOT / "tests" / "machines" / "win11-two-5060ti.json").read_text(encoding="utf-8")
    file.write_text(words, encoding=encoding)
    answer = machine.envelope(*command, "--from", str(file))
    assert answer["exit_code"] in (0, 1), answer["errors"]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_pasted_text_is_read_however_the_shell_piped_it(machine: WindowsMachine, encoding: str) -> None:
    error = "RuntimeError: CUDA error: no kernel image is available for execution on the device"
    told = f"显卡是 RTX 5060 Ti，驱动 581.29\n{error}\n"
    done = subprocess.run(
        machine.command("explain", "--json", "-"), input=told.encode(encoding), cwd=ROOT, env=machine.environ,
        capture_output=True, check=False,
    )  # fmt: skip
    assert b"Traceback" not in done.stderr, done.stderr
    assert "sm_120" in done.stdout.decode() or "kernel" in done.stdout.decode()


def test_chinese_arguments_arrive_whole(machine: WindowsMachine) -> None:
    answer = machine.envelope("fix", "HF_HOME=D:\\数据 集\\模型🙂", "--yes")
    assert answer["data"]["changes"], answer
    assert "D:\\数据 集\\模型🙂" in json.dumps(answer["data"], ensure_ascii=False).replace("\\\\", "\\")
