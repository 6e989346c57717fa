"""`tunedoc data check --model`: tokens counted and examples shown by the model's own tokenizer."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from doctor.cli.main import run
from tests.conftest import DATA, MODEL

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.environment import Environment
    from doctor.paths import Home

pytestmark = pytest.mark.slow


def check(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, home: Home, *words: object
) -> tuple[int, dict[str, Any]]:
    monkeypatch.setenv("TUNEDOC_HOME", str(home.root))
    code = run(["data", "check", *map(str, words), "--model", str(MODEL), "--json", "--lang", "en"])
    envelope: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert not envelope["errors"], envelope["errors"]
    return code, envelope["data"]


def test_lengths_cuts_and_marks_are_those_of_training(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, test_home: Home, environment: Environment,
    tmp_path: Path,
) -> None:  # fmt: skip
    file = tmp_path / "数据 1.jsonl"
    rows = [("hi", "hello"), ("hi", "word " * 100), ("long " * 100, "late"), ("a", "b")]
    file.write_text(
        "".join(json.dumps({"prompt": ask, "completion": answer}) + "\n" for ask, answer in rows), encoding="utf-8"
    )
    code, data = check(capsys, monkeypatch, test_home, file, "--max-length", 64, "--examples", 3)
    tokens = data["tokens"]
    assert code == 1
    assert data["records_ok"] == tokens["records"] == 4
    assert sum(each["records"] for each in tokens["histogram"]) == 4
    assert tokens["percentiles"]["100"] > 64 >= tokens["percentiles"]["50"]
    assert tokens["cut"]["records"] == 2
    assert tokens["cut"]["without_answer"] == 1
    assert 0 < tokens["learned"] < tokens["tokens"]
    found = {finding["code"]: finding for finding in data["findings"]}
    assert (found["cut"]["line"], found["cut"]["status"]) == (2, "note")
    assert (found["answer_cut"]["line"], found["answer_cut"]["status"]) == (3, "warning")
    assert {finding["file"] for finding in data["findings"]} == {str(file)}
    assert all(file["file"] for file in data["files"])

    first, second, third = data["examples"]
    learned = "".join(span["text"] for span in first["spans"] if span["kind"] == "learned")
    given = "".join(span["text"] for span in first["spans"] if span["kind"] == "given")
    assert learned.startswith("hello")
    assert "hi" in given
    assert "hello" not in given
    assert [span["kind"] for span in second["spans"]][-1] == "cut"
    assert "learned" not in {span["kind"] for span in third["spans"]}
    assert sum(span["tokens"] for span in third["spans"]) == third["tokens"]


def test_tables_preferences_and_tools_are_counted(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, test_home: Home, environment: Environment,
    tmp_path: Path,
) -> None:  # fmt: skip
    table = tmp_path / "table.csv"
    table.write_text("prompt,completion\nwhat,it\nwho,\n", encoding="utf-8")
    folder = DATA / "llamafactory"
    names = (table, folder / "dpo_zh_demo.json", folder / "glaive_toolcall_zh_demo.json", folder / "c4_demo.jsonl",
             folder / "mllm_demo.json")  # fmt: skip
    code, data = check(capsys, monkeypatch, test_home, *names, "--quick")
    assert code == 1
    assert [file["records_ok"] for file in data["files"]] == [1, 60, 60, 60, 6]
    assert data["tokens"]["records"] == 1 + 2 * 60 + 60 + 60 + 6
    codes = {finding["code"] for finding in data["findings"]}
    # The tiny model's template knows no tools.
    assert {"empty", "template_without_tools", "layout_preference", "layout_text", "media_uncounted"} <= codes


def test_a_parquet_file_is_read_where_pyarrow_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, test_home: Home, environment: Environment,
    tmp_path: Path,
) -> None:  # fmt: skip
    file = tmp_path / "表.parquet"
    writing = (
        "import sys, pyarrow as a, pyarrow.parquet as p\n"
        "p.write_table(a.table({'prompt': ['a', 'b', 'a'], 'completion': ['c', '', 'c']}), sys.argv[1])"
    )
    subprocess.run([str(environment.python), "-c", writing, str(file)], check=True)
    monkeypatch.setenv("TUNEDOC_HOME", str(test_home.root))
    assert run(["data", "check", str(file), "--json", "--lang", "en"]) == 1
    data = json.loads(capsys.readouterr().out)["data"]
    assert data["records_ok"] == 2
    assert data["tokens"] is None
    assert {(finding["code"], finding["record"]) for finding in data["findings"]} == {
        ("empty", 1), ("duplicate_record", 2),
    }  # fmt: skip


def test_colours_and_bars_have_plain_stand_ins(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, test_home: Home, environment: Environment
) -> None:
    monkeypatch.setenv("TUNEDOC_HOME", str(test_home.root))
    words = ["data", "check", str(DATA / "faulty" / "gbk.jsonl"), "--model", str(MODEL), "--lang", "zh"]
    assert run(words) == 0
    out = capsys.readouterr().out
    assert "█" in out
    assert "⟦" in out
    assert "参与学习" in out
