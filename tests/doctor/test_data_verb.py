"""`tunedoc data check`: findings with their place, and the exit code that fits."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from doctor.cli.main import run

FAULTY = Path(__file__).parent.parent / "data" / "faulty"
EXPECTED: dict[str, Any] = json.loads((FAULTY / "expected.json").read_text(encoding="utf-8"))


def check(capsys: pytest.CaptureFixture[str], *files: Path | str) -> tuple[int, dict[str, Any]]:
    code = run(["data", "check", *map(str, files), "--json", "--lang", "en"])
    envelope: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert envelope["exit_code"] == code
    return code, envelope


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_each_planted_fault_is_in_the_envelope_with_fitting_words(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, envelope = check(capsys, FAULTY / name)
    data = envelope["data"]
    assert data["records_ok"] == EXPECTED[name]["records_ok"]
    for fault in EXPECTED[name]["faults"]:
        here = [
            finding
            for finding in data["findings"]
            if all(finding.get(key) == fault[key] for key in ("line", "record") if key in fault)
        ]
        assert any(re.search(fault["about"], finding["message"], re.IGNORECASE) for finding in here)
    if told := EXPECTED[name].get("told"):
        assert any(re.search(told, finding["message"], re.IGNORECASE) for finding in data["findings"])
    if EXPECTED[name]["faults"]:
        assert code == (2 if name == "empty.jsonl" else 1)
    else:
        assert code == 0


def test_a_missing_file_is_a_usage_error_that_names_it(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, envelope = check(capsys, tmp_path / "none.jsonl")
    assert code == 2
    assert envelope["errors"][0]["code"] == "bad_input"
    assert envelope["errors"][0]["file"].endswith("none.jsonl")


def test_a_file_that_is_not_text_is_named_as_what_it_is(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "d.parquet").write_bytes(b"PAR1" + bytes(range(256)))
    code, envelope = check(capsys, tmp_path / "d.parquet")
    assert code == 2
    assert "Parquet" in envelope["data"]["findings"][0]["message"]


def test_several_files_are_counted_together(capsys: pytest.CaptureFixture[str]) -> None:
    code, envelope = check(capsys, FAULTY / "utf8_bom.jsonl", FAULTY / "gbk.jsonl")
    assert code == 0
    assert envelope["data"]["records_ok"] == 10
    assert envelope["data"]["layout"] == "alpaca"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_finding_has_words_for_a_person(language: str, capsys: pytest.CaptureFixture[str]) -> None:
    for name in EXPECTED:
        run(["data", "check", str(FAULTY / name), "--lang", language])
    out = capsys.readouterr().out
    assert ("第 7 行" if language == "zh" else "line 7") in out


def test_the_data_are_never_touched(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "bom.jsonl"
    file.write_bytes((FAULTY / "utf8_bom.jsonl").read_bytes())
    before = file.read_bytes(), file.stat().st_mtime_ns
    check(capsys, file)
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before
