"""`tunedoc check --environment`: another Python environment than tunedoc's own."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from doctor.cli.main import run
from doctor.errors import ExitCode
from tests.library_files import make_elf

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNEDOC_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("TUNEDOC_LANG", "en")


def test_a_folder_that_holds_no_python_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "--environment", str(tmp_path / "没有")]) == ExitCode.USAGE
    assert "holds no Python environment" in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--environment", "."], ["--network"]])
def test_what_looks_at_this_machine_does_not_go_with_a_file(
    option: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["check", "--from", "some.json", *option]) == ExitCode.USAGE
    assert option[0] in capsys.readouterr().err


def test_the_environment_that_is_named_is_judged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "整合 包" / "python"
    library = root / "lib" / "python3.12" / "site-packages" / "torch" / "lib"
    library.mkdir(parents=True)
    (root / "bin").mkdir()
    (root / "bin" / "python3").write_bytes(make_elf(["libc.so.6"]))
    (library.parent / "version.py").write_text("__version__ = '2.8.0+cpu'\ncuda = None\n", encoding="utf-8")
    (library.parent.parent / "~orch").mkdir()
    run(["check", "--environment", str(root.parent), "--json"])
    said = json.loads(capsys.readouterr().out)
    assert "2.8.0+cpu" in json.dumps(said["data"]["findings"])
