"""A real Windows console at code pages 65001, 936 and 1252: what its screen then shows."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.windows.inside.windows_machine import PATIENCE_SECONDS, ROOT, TWO_CARDS, changed

if TYPE_CHECKING:
    from tests.windows.inside.windows_machine import SimulatedDriver, WindowsMachine

PAGES = (65001, 936, 1252)
IN_CONSOLE = Path(__file__).parent / "in_console.py"


@dataclass
class Shown:
    """What a console shows after a command."""

    exit_code: int
    code_page: int
    screen: str


def show(machine: WindowsMachine, page: int, *arguments: str, **more: str) -> Shown:
    argv = [sys.executable, str(IN_CONSOLE), str(page), *machine.command(*arguments)]
    done = subprocess.run(
        argv, env=changed(machine.environ, more), cwd=ROOT, capture_output=True, stdin=subprocess.DEVNULL,
        timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    shown = Shown(**json.loads(done.stdout))
    assert "Traceback" not in shown.screen
    return shown


@pytest.mark.parametrize("page", PAGES)
def test_chinese_is_shown_whatever_the_code_page(machine: WindowsMachine, page: int) -> None:
    """Python hands a console UTF-16; the system's language needs to give way on no console."""
    shown = show(machine, page, "check", TUNEDOC_LANG="zh")
    assert "操作系统" in shown.screen and "✓" in shown.screen
    assert "?" not in shown.screen and "�" not in shown.screen
    assert shown.code_page == page, "the code page is left as it was"


@pytest.mark.parametrize("page", PAGES)
def test_cards_are_shown(machine: WindowsMachine, driver: SimulatedDriver, page: int) -> None:
    shown = show(machine, page, "check", **driver.saying(TWO_CARDS))
    assert "2 x NVIDIA GeForce RTX 5060 Ti, 15.9 GiB each" in shown.screen


@pytest.mark.parametrize("page", PAGES)
def test_a_snapshot_tells_the_consoles_code_page(machine: WindowsMachine, tmp_path: Path, page: int) -> None:
    file = tmp_path / "快照.json"
    shown = show(machine, page, "snapshot", str(file))
    assert shown.exit_code == 0, shown.screen
    assert json.loads(file.read_text(encoding="utf-8"))["windows"]["console_code_page"] == page


@pytest.mark.parametrize("page", PAGES)
def test_names_of_files_are_shown_as_they_are(machine: WindowsMachine, page: int) -> None:
    shown = show(machine, page, "check", "--from", "C:\\没有 这个🙂\\文件.json")
    assert shown.exit_code == 2
    assert "没有 这个" in shown.screen and "文件.json" in shown.screen
