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


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TUNEDOC_HOME", str(tmp_path / "home"))


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


def test_files_may_follow_options(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["data", "check", "--json", "--lang", "en", str(FAULTY / "duplicates.jsonl")]) == 0
    assert json.loads(capsys.readouterr().out)["data"]["records_ok"] == 8


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


def rows(*pairs: tuple[str, str]) -> str:
    return "".join(json.dumps({"prompt": prompt, "completion": answer}) + "\n" for prompt, answer in pairs)


LONG = (
    "please tell me how the old clock in the tower of the town hall was made and who wound it up every morning of the "
    "year before the war came and the bells were taken away to be melted down for other things that nobody needed"
)


def test_duplicates_in_other_files_and_near_ones_are_told_with_the_place_of_the_first(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "a.jsonl").write_text(rows(("one", "1"), (LONG, "it was made by hand")), encoding="utf-8")
    near = LONG.replace("nobody", "no one")
    (tmp_path / "b.jsonl").write_text(
        rows(("two", "2"), ("one", "1"), ("ONE!", "1."), (near, "it was made by hand")), encoding="utf-8"
    )
    code, envelope = check(capsys, tmp_path / "a.jsonl", tmp_path / "b.jsonl")
    told = {finding["code"]: finding for finding in envelope["data"]["findings"]}
    assert code == 0
    assert set(told) == {"duplicate_same", "duplicate_spelt", "duplicate_near"}
    assert [told[name]["line"] for name in ("duplicate_same", "duplicate_spelt", "duplicate_near")] == [2, 3, 4]
    assert "line 1 of" in told["duplicate_same"]["message"]
    assert "a.jsonl" in told["duplicate_same"]["message"]
    assert "line 2 of" in told["duplicate_near"]["message"]
    code, envelope = check(capsys, tmp_path / "a.jsonl", tmp_path / "b.jsonl", "--quick")
    assert "duplicate_near" not in {finding["code"] for finding in envelope["data"]["findings"]}


def test_questions_that_are_learned_from_and_held_out_too_are_a_warning(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "train.jsonl").write_text(rows(("one", "1"), (LONG, "by hand")), encoding="utf-8")
    (tmp_path / "test.jsonl").write_text(
        rows(("one", "another answer"), (LONG.replace("town", "city"), "by machine"), ("three", "3")), encoding="utf-8"
    )
    code, envelope = check(capsys, tmp_path / "train.jsonl", "--held-out", tmp_path / "test.jsonl")
    leaks = {finding["line"]: finding for finding in envelope["data"]["findings"]}
    assert code == 1
    assert {line: (leak["code"], leak["status"]) for line, leak in leaks.items()} == {
        1: ("leak_same", "warning"), 2: ("leak_near", "note"),
    }  # fmt: skip
    assert "line 1 of" in leaks[1]["message"]
    assert [file["held_out"] for file in envelope["data"]["files"]] == [False, True]


def test_different_records_of_a_real_set_are_no_near_duplicates(capsys: pytest.CaptureFixture[str]) -> None:
    code, envelope = check(capsys, FAULTY.parent / "llamafactory" / "alpaca_zh_demo.json")
    assert code == 0
    assert not envelope["data"]["findings"]
    assert envelope["data"]["files"][0]["roles"] == {"user": 120, "assistant": 120}


def test_a_folder_is_every_data_file_in_it(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for name in ("gbk.jsonl", "role_order.json"):
        (tmp_path / name).write_bytes((FAULTY / name).read_bytes())
    (tmp_path / "picture.png").write_bytes(b"\x89PNG")
    code, envelope = check(capsys, tmp_path)
    assert code == 1
    assert [Path(file["file"]).name for file in envelope["data"]["files"]] == ["gbk.jsonl", "role_order.json"]
    assert envelope["data"]["records_ok"] == 11
    assert [f["file"] for f in envelope["data"]["findings"] if f["code"] == "left_aside"] == [str(tmp_path)]
    (tmp_path / "none").mkdir()
    assert check(capsys, tmp_path / "none")[0] == 2


def test_a_layout_that_a_method_cannot_use_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    file = FAULTY.parent / "llamafactory" / "dpo_zh_demo.json"
    assert check(capsys, file)[0] == 0
    assert check(capsys, file, "--method", "dpo")[0] == 0
    code, envelope = check(capsys, file, "--method", "sft")
    assert code == 1
    assert envelope["data"]["records_ok"] == 0
    assert "layout_for_method" in {finding["code"] for finding in envelope["data"]["findings"]}


def test_names_that_were_never_filled_in_are_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    code, envelope = check(capsys, FAULTY.parent / "llamafactory" / "identity.json")
    assert code == 0
    assert [finding["code"] for finding in envelope["data"]["findings"]] == ["placeholder", "placeholder"]


def test_a_job_is_checked_with_its_data_though_nothing_is_installed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    job = tmp_path / "job.yaml"
    model = FAULTY.parent.parent / "models" / "aidreams260k"
    job.write_text(f"model: {model.as_posix()}\ndata: {(FAULTY / 'gbk.jsonl').as_posix()}\n", encoding="utf-8")
    code, envelope = check(capsys, job)
    assert code == 0
    assert envelope["data"]["records_ok"] == 5
    assert envelope["data"]["tokens"] is None
    assert check(capsys, FAULTY / "gbk.jsonl", "--model", model)[0] == 3


def test_duplicates_that_a_split_by_chance_may_part_are_told(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    job = tmp_path / "job.yaml"
    model = FAULTY.parent.parent / "models" / "aidreams260k"
    words = f"model: {model.as_posix()}\ndata: {(FAULTY / 'duplicates.jsonl').as_posix()}\n"
    job.write_text(f"{words}held_out: 0.25\n", encoding="utf-8")
    code, envelope = check(capsys, job)
    assert code == 0
    told = [finding for finding in envelope["data"]["findings"] if finding["code"] == "split_leak"]
    assert "2 records" in told[0]["message"]
    assert "25 %" in told[0]["message"]
    job.write_text(f"{words}held_out_data: {(FAULTY / 'gbk.jsonl').as_posix()}\n", encoding="utf-8")
    assert "split_leak" not in {finding["code"] for finding in check(capsys, job)[1]["data"]["findings"]}


def test_many_findings_of_a_kind_are_counted_though_not_all_are_kept(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("doctor.data.report.MOST_OF_A_KIND", 10)
    (tmp_path / "a.jsonl").write_text("{}\n" * 3 + '{"prompt": "", "completion": "b"}\n' * 50, encoding="utf-8")
    _, envelope = check(capsys, tmp_path / "a.jsonl")
    assert envelope["data"]["files"][0]["counts"]["empty"] == 50
    assert sum(finding["code"] == "empty" for finding in envelope["data"]["findings"]) == 10
    run(["data", "check", str(tmp_path / "a.jsonl"), "-v", "--lang", "en"])
    assert "40 more" in capsys.readouterr().out
