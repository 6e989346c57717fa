"""A report says what needs attention first, then the facts, and can be pasted into a bug tracker."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor.catalogue.load import load_catalogue
from doctor.checks.registry import ALL_CHECKS
from doctor.cli.main import run
from doctor.diagnosis import diagnose
from doctor.reporting import Log, Report, build_report, end_of, table, to_json, to_markdown
from doctor.snapshot.codec import from_json
from doctor.snapshot.redaction import Identity

if TYPE_CHECKING:
    from doctor.words.text import Language

ROOT = Path(__file__).parent.parent.parent
MACHINES = sorted((ROOT / "tests" / "machines").glob("*.json"))
FAULTY = ROOT / "tests" / "machines" / "win11-two-4090-torch26.json"
CATALOGUE = load_catalogue(ROOT / "wheels.toml")


def report(file: Path = FAULTY, *, language: Language = "en", logs: tuple[Log, ...] = ()) -> Report:
    snapshot = from_json(file.read_text(encoding="utf-8"), file.name)
    return build_report(
        snapshot,
        diagnose(snapshot, CATALOGUE),
        catalogue="2026-11-21",
        titles={check.id: check.title for check in ALL_CHECKS},
        identity=Identity(user="zhangsan"),
        language=language,
        logs=logs,
    )


def test_what_needs_attention_comes_before_the_facts() -> None:
    words = to_markdown(report())
    assert words.index("## Needs attention") < words.index("settings.libuv") < words.index("## Facts")
    assert words.index("## Facts") < words.index("NVIDIA GeForce RTX 4090")
    assert "catalogue of 2026-11-21" in words


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("file", MACHINES, ids=lambda file: file.stem)
def test_every_machine_gives_a_report_whose_tables_are_whole(file: Path, language: Language) -> None:
    words = to_markdown(report(file, language=language))
    outside = re.sub(r"^(`{3,})text\n.*?^\1$", "", words, flags=re.MULTILINE | re.DOTALL)
    for block in re.findall(r"(?:^\|.*\n)+", outside, re.MULTILINE):
        rows = block.splitlines()
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in rows}) == 1, block
    assert "unknown: not asked |" not in words
    assert json.loads(to_json(report(file, language=language)))["report"] == 1


def test_words_that_would_end_a_cell_or_vanish_are_escaped() -> None:
    assert table(["a"], [["x|y\nz <user> `<host>`"]])[2] == "| x\\|y z \\<user> `<host>` |"


def test_the_end_of_a_log_is_redacted_and_its_fence_holds() -> None:
    log = Log(name="zhangsan.log", words="old\n" * 900 + "```\ntoken=abcdefgh12345678\nzhangsan was here\n")
    made = report(logs=(log,))
    words = to_markdown(made)
    assert "````text" in words
    assert "zhangsan" not in words
    assert "abcdefgh12345678" not in words
    assert len(made.record["logs"][0]["words"].splitlines()) == 200


def test_the_end_of_a_huge_line_is_cut() -> None:
    assert len(end_of("x" * 5_000_000)) < 3000
    assert len(end_of("\n".join("y" * 1900 for _ in range(500)))) <= 30_001


def test_the_verb_writes_a_file_and_an_envelope(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = tmp_path / "训练 1.log"
    log.write_bytes("CUDA out of memory 显存\r\n".encode("utf-16"))
    file = tmp_path / "report.md"
    argv = ["report", str(file), "--from", str(FAULTY), "--log", str(log), "--lang", "en"]
    assert run(argv) == 0
    assert "CUDA out of memory 显存" in file.read_text(encoding="utf-8")
    capsys.readouterr()
    assert run([*argv, "--json"]) == 0
    data = json.loads(capsys.readouterr().out)["data"]
    assert data["report"]["logs"][0]["name"] == "训练 1.log"
    assert run([*argv, "--format", "json"]) == 0
    assert json.loads(file.read_text(encoding="utf-8"))["snapshot"]["os"]["system"] == "windows"


@pytest.mark.parametrize(
    "argv",
    [["--log", "no/such.log"], ["--from", "no/such.json"], ["no/such/folder/report.md"], ["."]],
    ids=["log", "snapshot", "folder", "is a folder"],
)
def test_what_cannot_be_read_or_written_is_told(
    argv: list[str], capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["report", *argv]) == 2
    assert "error" in capsys.readouterr().err
