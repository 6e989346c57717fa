"""`tunedoc data fix` and `convert`: a better copy, everything told, the original untouched."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from doctor.cli.main import run
from doctor.data.fixing import fix_data
from doctor.data.mending import mend_line, mend_row
from trainer.records import DataFile, Problem, Record
from trainer.rows import Found

DATA = Path(__file__).parent.parent / "data"
FAULTY = DATA / "faulty"


def command(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, dict[str, Any]]:
    code = run(["data", *map(str, words), "--json", "--lang", "en"])
    return code, json.loads(capsys.readouterr().out)


def usable(path: Path) -> int:
    return sum(isinstance(item, Record) for item in DataFile(path))


@pytest.mark.parametrize(
    ("line", "value", "code"),
    [
        ('{"a": 1},', {"a": 1}, "line_comma"),
        ('{"a": [1, 2,],}', {"a": [1, 2]}, "inner_comma"),
        ('{"a": "x,}"}', {"a": "x,}"}, None),
        ('{"a": "b\tc"}', {"a": "b\tc"}, "control_characters"),
        ("{'a': 'it', 'b': None}", {"a": "it", "b": None}, "python_notation"),
        ('\ufeff{"a": 1}', {"a": 1}, None),
    ],
)
def test_a_line_with_one_meaning_is_read(line: str, value: object, code: str | None) -> None:
    found, mends = mend_line(line)
    assert found == value
    assert [mend.code for mend in mends] == ([] if code is None else [code])


@pytest.mark.parametrize("line", ['{"a": 1', "nonsense", '{"a": 1, "a": 2}', "{" * 5000, "{'a': open('x')}"])
def test_a_line_with_none_or_two_meanings_is_refused(line: str) -> None:
    with pytest.raises(ValueError):
        mend_line(line)


def check(row: dict[str, Any]) -> Problem | None:
    items = DataFile(Path("made-up.jsonl")).read_row(Found(row, 1))
    return next((item for item in items if isinstance(item, Problem) and item.severity == "failure"), None)


def turns(*pairs: tuple[str, str]) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": words} for role, words in pairs]}


@pytest.mark.parametrize(
    ("row", "roles", "codes"),
    [
        (turns(("usr", "a"), ("asistant", "b")), ["user", "assistant"], ["role", "role"]),
        (turns(("user", "a"), ("user", "b"), ("assistant", "c")), ["user", "assistant"], ["joined"]),
        (turns(("user", "a"), ("assistant", "b"), ("system", "s")), ["system", "user", "assistant"], ["system_first"]),
    ],
)
def test_a_row_is_put_right_where_there_is_one_way(row: dict[str, Any], roles: list[str], codes: list[str]) -> None:
    before = json.dumps(row)
    mended, mends, bad = mend_row(row, check)
    assert bad is None
    assert [turn["role"] for turn in mended["messages"]] == roles
    assert [mend.code for mend in mends] == codes
    assert json.dumps(row) == before


@pytest.mark.parametrize(
    "row",
    [
        turns(("assistant", "a"), ("user", "b")),
        turns(("user", "a"), ("xyz", "b")),
        turns(("user", "a")),
        {"instruction": None, "output": "b"},
        {"instruction": "a", "output": ""},
    ],
)
def test_a_row_with_several_ways_is_left(row: dict[str, Any]) -> None:
    mended, mends, bad = mend_row(row, check)
    assert bad is not None
    assert not mends
    assert mended == row


def test_joined_turns_keep_all_their_words() -> None:
    mended, _, _ = mend_row(turns(("user", "a"), ("user", "b"), ("assistant", "c"), ("assistant", "d")), check)
    assert [turn["content"] for turn in mended["messages"]] == ["a\n\nb", "c\n\nd"]


@pytest.mark.parametrize("name", ["gbk.jsonl", "utf16.jsonl", "utf8_bom.jsonl"])
def test_the_copy_is_plain_utf8(name: str, tmp_path: Path) -> None:
    fix_data(FAULTY / name, tmp_path / "新 file.jsonl")
    content = (tmp_path / "新 file.jsonl").read_bytes()
    assert not content.startswith(b"\xef\xbb\xbf")
    content.decode("utf-8")
    assert usable(tmp_path / "新 file.jsonl") == usable(FAULTY / name) == 5


def test_rows_are_left_out_only_when_asked(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, envelope = command(capsys, "fix", FAULTY / "duplicates.jsonl", "-o", tmp_path / "a.jsonl")
    assert code == 0
    assert envelope["data"]["written"] == 8
    code, envelope = command(capsys, "fix", FAULTY / "duplicates.jsonl", "-o", tmp_path / "b.json", "--drop-duplicates")
    assert code == 0
    assert envelope["data"]["written"] == len(json.loads((tmp_path / "b.json").read_text(encoding="utf-8"))) == 6
    assert [change["line"] for change in envelope["data"]["changes"]] == [7, 8]
    assert "line 3" in envelope["data"]["changes"][0]["message"]


def test_what_cannot_be_used_stays_and_is_told_or_goes_when_asked(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    code, envelope = command(capsys, "fix", FAULTY / "empty_answer.jsonl", "-o", tmp_path / "a.jsonl")
    assert code == 1
    assert (envelope["data"]["written"], envelope["data"]["unusable"]) == (10, 2)
    code, envelope = command(
        capsys, "fix", FAULTY / "empty_answer.jsonl", "-o", tmp_path / "b.jsonl", "--drop-unusable"
    )
    assert code == 0
    assert (envelope["data"]["written"], envelope["data"]["left_out"]) == (8, 2)
    assert envelope["data"]["records_ok"] == 8


def test_a_list_that_is_cut_off_gives_its_whole_rows(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(
        '[{"prompt": "a", "completion": "b"}\n{"prompt": "c", "completion": "d"},', "utf-8"
    )
    outcome = fix_data(tmp_path / "a.json", tmp_path / "b.json")
    assert json.loads((tmp_path / "b.json").read_text(encoding="utf-8"))[1] == {"prompt": "c", "completion": "d"}
    assert {change.mend.code for change in outcome.changes if change.mend} == {"list"}


def test_nothing_is_overwritten_and_a_failure_leaves_nothing(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    there = tmp_path / "there.jsonl"
    there.write_text("mine", encoding="utf-8")
    code, envelope = command(capsys, "fix", FAULTY / "gbk.jsonl", "-o", there)
    assert code == 2
    assert envelope["errors"][0]["code"] == "bad_input"
    assert there.read_text(encoding="utf-8") == "mine"
    code, _ = command(capsys, "fix", FAULTY / "not_a_list.json", "-o", tmp_path / "new.json")
    assert code == 2
    assert [path.name for path in tmp_path.iterdir()] == ["there.jsonl"]


@pytest.mark.parametrize("seed", range(60))
def test_a_damaged_file_is_mended_or_refused_and_never_touched(seed: int, tmp_path: Path) -> None:
    from doctor.errors import BadInput

    chance = random.Random(seed)
    source = DATA / "llamafactory" / "alpaca_en_demo.json" if seed % 2 else FAULTY / "openai_roles.jsonl"
    content = bytearray(source.read_bytes()[:20_000])
    for _ in range(chance.randrange(1, 12)):
        content[chance.randrange(len(content))] = chance.randrange(256)
    file = tmp_path / source.name
    file.write_bytes(content)
    target = tmp_path / "new.jsonl"
    try:
        outcome = fix_data(file, target, drop_unusable=True)
    except BadInput:
        assert not target.exists()
    else:
        assert usable(target) == outcome.written
    assert file.read_bytes() == content


@pytest.mark.parametrize("action", ["fix", "convert"])
def test_a_folder_is_not_written_anew(action: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, envelope = command(capsys, action, FAULTY, "-o", tmp_path / "new.jsonl")
    assert code == 2
    assert "folder" in envelope["errors"][0]["message"]
    assert not list(tmp_path.iterdir())


def test_every_layout_converts_to_what_reads_the_same(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for name in ("alpaca_zh_demo", "glaive_toolcall_zh_demo", "dpo_zh_demo", "kto_en_demo"):
        source, target = DATA / "llamafactory" / f"{name}.json", tmp_path / f"{name}.jsonl"
        code, envelope = command(capsys, "convert", source, "-o", target)
        assert code == 0
        before = [item for item in DataFile(source) if isinstance(item, Record)]
        after = [item for item in DataFile(target) if isinstance(item, Record)]
        assert envelope["data"]["written"] == len(before) == len(after)
        for old, new in zip(before, after, strict=True):
            assert (old.messages, old.chosen, old.rejected, old.label) == (
                new.messages, new.chosen, new.rejected, new.label,
            )  # fmt: skip
            assert bool(old.tools) == bool(new.tools)


@pytest.mark.parametrize(
    "words",
    [
        ("fix",), ("check",), ("fix", FAULTY / "gbk.jsonl"), ("convert", FAULTY / "gbk.jsonl"),
        ("fix", FAULTY / "gbk.jsonl", FAULTY / "types.jsonl", "-o", "x.jsonl"),
        ("identity", "--name", "a", "-o", "x.jsonl"), ("identity", "--name", " ", "--author", "b", "-o", "x.jsonl"),
        ("identity", "file", "--name", "a", "--author", "b", "-o", "x.jsonl"),
    ],
)  # fmt: skip
def test_what_is_missing_on_the_command_line_is_said(
    words: tuple[object, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    code, envelope = command(capsys, *words)
    assert code == 2
    assert envelope["errors"][0]["code"] == "usage"
    assert envelope["errors"][0]["hint"]
