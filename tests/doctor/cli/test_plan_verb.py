"""`tunedoc plan` needs no machine, and says in words and in JSON what it says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from doctor.cli.main import run
from doctor.snapshot.codec import to_json
from tests.machines_made_up import gpu, machine

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.snapshot.model import Snapshot


@pytest.fixture(autouse=True)
def _fresh_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNEDOC_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("TUNEDOC_CATALOGUE", raising=False)


@pytest.fixture
def rtx_5060(tmp_path: Path) -> Path:
    snapshot = machine(system="windows", gpus=(gpu("NVIDIA GeForce RTX 5060 Ti", "12.0"),), driver="572.16")
    return written(tmp_path / "机器 1.json", snapshot)


def written(file: Path, snapshot: Snapshot) -> Path:
    file.write_text(to_json(snapshot), encoding="utf-8")
    return file


def envelope(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    code = run(["plan", *arguments, "--json"])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert found["exit_code"] == code
    return found


def test_the_plan_of_another_machine_in_json(capsys: pytest.CaptureFixture[str], rtx_5060: Path) -> None:
    data = envelope(capsys, "--from", str(rtx_5060))["data"]
    assert (data["stack"], data["device"], data["cuda"]) == ("windows-cu128-torch2.11", "cuda", "12.8")
    reasons = {row["stack"]: row["code"] for row in data["rejected"]}
    assert reasons["windows-cu130-torch2.13"] == "catalogue.old_driver"
    assert reasons["windows-cu126-torch2.13"] == "catalogue.uncovered_gpu"
    assert [step["step"] for step in data["steps"]] == [
        "resolve", "create", "install", "converter", "prove", "switch",
    ]  # fmt: skip
    assert data["packages"] is None


@pytest.mark.parametrize(("language", "word"), [("en", "driver 580 or newer"), ("zh", "驱动 580 或更新版本")])
def test_the_plan_in_words(capsys: pytest.CaptureFixture[str], rtx_5060: Path, language: str, word: str) -> None:
    assert run(["plan", "--from", str(rtx_5060), "--lang", language]) == 0
    shown = capsys.readouterr().out
    assert "windows-cu128-torch2.11" in shown
    assert word in shown


@pytest.fixture
def old_and_new(tmp_path: Path) -> Path:
    gpus = (gpu("NVIDIA GeForce RTX 5060 Ti", "12.0"), gpu("NVIDIA GeForce GTX 1080 Ti", "6.1", 1))
    return written(tmp_path / "two.json", machine(system="windows", gpus=gpus, driver="581.15"))


def test_reasons_changes_and_parts_in_json(capsys: pytest.CaptureFixture[str], old_and_new: Path) -> None:
    data = envelope(capsys, "--from", str(old_and_new), "--with", "flash-attn,triton")["data"]
    assert data["stack"] == "windows-cu128-torch2.7-16bit"
    assert [reason["what"] for reason in data["reasons"]] == ["torch", "torch", "driver", "bitsandbytes", "source"]
    assert [(change["kind"], change["value"], change["stack"]) for change in data["changes"]] == [
        ("gpus", "0", "windows-cu130-torch2.13")
    ]
    assert all(part["reason"] and part["requirement"] is None for part in data["parts"])
    wished = envelope(capsys, "--from", str(old_and_new), "--gpus", "0", "--with", "flash-attn,triton")["data"]
    assert wished["stack"] == "windows-cu130-torch2.13"
    assert wished["changes"] == []
    flash, triton = wished["parts"]
    assert flash["url"].endswith("cu130torch2.13-cp312-cp312-win_amd64.whl")
    assert triton["requirement"].startswith("triton-windows==3.7")


@pytest.mark.parametrize(("language", "word"), [("en", "use only GPU 0"), ("zh", "只使用显卡 0")])
def test_what_would_be_better_in_words(
    capsys: pytest.CaptureFixture[str], old_and_new: Path, language: str, word: str
) -> None:
    assert run(["plan", "--from", str(old_and_new), "--lang", language]) == 0
    assert word in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "stack"),
    [
        (("--device", "cpu"), "windows-cpu-torch2.13"),
        (("--gpus", "1"), "windows-cu126-torch2.13"),
        (("--gpus", "0", "--torch", "2.11"), "windows-cu128-torch2.11"),
        (("--gpus", "1", "--python", "3.14", "--offline"), None),
    ],
)
def test_wishes(
    capsys: pytest.CaptureFixture[str], old_and_new: Path, arguments: tuple[str, ...], stack: str | None
) -> None:
    found = envelope(capsys, "--from", str(old_and_new), *arguments)
    assert (found["data"] or {}).get("stack") == stack
    if stack is None:
        # The Python that is asked for is not on that machine.
        assert "3.14" in found["errors"][0]["message"] or "3.14" in (found["errors"][0]["hint"] or "")


def test_a_gpu_and_a_part_that_are_not_there(capsys: pytest.CaptureFixture[str], old_and_new: Path) -> None:
    for arguments, told in ((("--gpus", "7"), "no GPU 7"), (("--with", "flash"), "`flash`")):
        found = envelope(capsys, "--from", str(old_and_new), *arguments)
        assert found["exit_code"] == 2
        assert told in found["errors"][0]["message"]


def test_a_machine_that_nothing_fits(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = written(tmp_path / "mac.json", machine(system="macos"))
    found = envelope(capsys, "--from", str(file))
    assert (found["exit_code"], found["errors"][0]["code"]) == (3, "no_stack")


@pytest.mark.parametrize(
    ("content", "name"),
    [
        pytest.param(None, "missing.json", id="no such file"),
        pytest.param(b"", "empty.json", id="an empty file"),
        pytest.param(b"{", "broken.json", id="broken JSON"),
        pytest.param(b"\xff\xfe\x00", "binary.json", id="no text"),
    ],
)
def test_a_bad_snapshot_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, content: bytes | None, name: str
) -> None:
    file = tmp_path / name
    if content is not None:
        file.write_bytes(content)
    found = envelope(capsys, "--from", str(file))
    assert (found["exit_code"], found["errors"][0]["code"]) == (2, "bad_input")
    assert found["errors"][0]["file"] == str(file)


def test_a_bad_catalogue_is_named(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, rtx_5060: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TUNEDOC_CATALOGUE", str(tmp_path / "none.toml"))
    found = envelope(capsys, "--from", str(rtx_5060))
    assert (found["exit_code"], found["errors"][0]["file"]) == (2, str(tmp_path / "none.toml"))
