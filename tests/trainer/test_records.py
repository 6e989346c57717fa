"""Reading data: every layout, every encoding, every planted fault at its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from trainer.records import DataFile, Message, Problem, Record

DATA = Path(__file__).parent.parent / "data"
EXPECTED: dict[str, Any] = json.loads((DATA / "faulty" / "expected.json").read_text(encoding="utf-8"))

SYSTEM, QUESTION, ANSWER = "Be brief.", "What is 2 plus 3?", "It is 5."
SAME = {
    "alpaca": {"system": SYSTEM, "instruction": QUESTION, "input": "", "output": ANSWER},
    "sharegpt": {
        "conversations": [
            {"from": "system", "value": SYSTEM},
            {"from": "human", "value": QUESTION},
            {"from": "gpt", "value": ANSWER},
        ]
    },
    "openai": {
        "messages": [
            {"role": "system", "content": SYSTEM},
            {"role": "user", "content": QUESTION},
            {"role": "assistant", "content": ANSWER},
        ]
    },
    "prompt_completion": {"system": SYSTEM, "prompt": QUESTION, "completion": ANSWER},
}


def read(path: Path) -> tuple[DataFile, list[Record], list[Problem]]:
    data = DataFile(path)
    items = list(data)
    records = [item for item in items if isinstance(item, Record)]
    return data, records, [item for item in items if isinstance(item, Problem)]


def write(folder: Path, name: str, text: str) -> Path:
    file = folder / name
    file.write_text(text, encoding="utf-8", newline="")
    return file


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_planted_faults_are_found_at_their_places_and_nowhere_else(name: str) -> None:
    _, records, problems = read(DATA / "faulty" / name)
    assert len(records) == EXPECTED[name]["records_ok"]
    found = [(p.line, p.record) for p in problems if p.severity == "failure"]
    assert found == [(fault.get("line"), fault.get("record")) for fault in EXPECTED[name]["faults"]]


@pytest.mark.parametrize(
    ("name", "layout", "count"),
    [
        ("alpaca_en_demo.json", "alpaca", 400),
        ("alpaca_zh_demo.json", "alpaca", 120),
        ("identity.json", "alpaca", 91),
        ("glaive_toolcall_zh_demo.json", "sharegpt", 60),
        ("dpo_zh_demo.json", "preference", 60),
        ("kto_en_demo.json", "kto", 80),
        ("mllm_demo.json", "media", 6),
        ("c4_demo.jsonl", "text", 60),
    ],
)
def test_real_files_load_whole_and_are_recognised(name: str, layout: str, count: int) -> None:
    data, records, problems = read(DATA / "llamafactory" / name)
    assert (data.layout, len(records)) == (layout, count)
    assert not [problem for problem in problems if problem.severity == "failure"]


@pytest.mark.parametrize("layout", sorted(SAME))
def test_one_conversation_reads_the_same_in_every_layout(layout: str, tmp_path: Path) -> None:
    data, records, problems = read(write(tmp_path, "one.jsonl", json.dumps(SAME[layout]) + "\n"))
    assert data.layout == layout
    assert not problems
    assert records[0].messages == (
        Message("system", SYSTEM),
        Message("user", QUESTION),
        Message("assistant", ANSWER),
    )


def test_history_comes_before_the_question(tmp_path: Path) -> None:
    row = {"instruction": "c", "input": "d", "output": "e", "history": [["a", "b"]]}
    _, records, _ = read(write(tmp_path, "h.json", json.dumps([row])))
    assert [(m.role, m.content) for m in records[0].messages] == [
        ("user", "a"),
        ("assistant", "b"),
        ("user", "c\nd"),
        ("assistant", "e"),
    ]


def test_a_line_separator_inside_a_text_ends_no_line(tmp_path: Path) -> None:
    rows = [{"prompt": "a\u2028b", "completion": "c"}, {"prompt": "d", "completion": ""}]
    text = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
    _, records, problems = read(write(tmp_path, "u.jsonl", text))
    assert [record.line for record in records] == [1]
    assert [problem.line for problem in problems] == [2]


def test_lines_are_counted_with_blank_ones_and_windows_ends(tmp_path: Path) -> None:
    _, records, _ = read(
        write(tmp_path, "w.jsonl", '\r\n{"prompt":"a","completion":"b"}\r\n\r\n{"prompt":"c","completion":"d"}\r\n')
    )
    assert [record.line for record in records] == [2, 4]


def test_lines_in_a_file_called_json_are_read_as_lines(tmp_path: Path) -> None:
    row = json.dumps(SAME["alpaca"])
    data, records, _ = read(write(tmp_path, "lines.json", f"{row}\n{row[:-3]}\n"))
    assert data.form == "jsonl"
    assert len(records) == 1


def test_a_list_wrapped_in_an_object_is_read_and_told(tmp_path: Path) -> None:
    _, records, problems = read(write(tmp_path, "wrapped.json", json.dumps({"data": [SAME["openai"]]})))
    assert len(records) == 1
    assert [problem.code for problem in problems] == ["wrapped_list"]


def test_a_broken_array_names_line_and_column(tmp_path: Path) -> None:
    text = '[\n  {"prompt": "a", "completion": "b"},\n  {"prompt": "c" "completion": "d"}\n]\n'
    _, records, problems = read(write(tmp_path, "broken.json", text))
    assert [record.record for record in records] == [0]
    assert [(p.code, p.line, p.record, p.detail["expected"]) for p in problems] == [("bad_json", 3, 1, "comma")]
    assert problems[0].detail["column"] == 18


def test_an_unknown_layout_names_its_fields(tmp_path: Path) -> None:
    _, _, problems = read(write(tmp_path, "odd.jsonl", '{"foo": 1, "bar": 2}\n'))
    assert [(p.code, p.line, p.detail) for p in problems] == [("unknown_layout", 1, {"names": "foo, bar"})]


@pytest.mark.parametrize(
    "text", ['"text"', "5", "[1, 2]", "[[]]", "{", "[", "nul", "\x00\x01", "[" * 100_000, '{"a":' * 50_000]
)
def test_no_content_makes_the_reader_raise(text: str, tmp_path: Path) -> None:
    for name in ("odd.json", "odd.jsonl"):
        _, records, problems = read(write(tmp_path, name, text))
        assert not records
        assert [problem for problem in problems if problem.severity == "failure"]


def test_one_damaged_byte_does_not_turn_utf8_into_gbk(tmp_path: Path) -> None:
    rows = "".join(
        json.dumps({"prompt": "问题", "completion": "回答" * (20 + n)}, ensure_ascii=False) + "\n" for n in range(3)
    )
    raw = rows.encode("utf-8").split(b"\n")
    raw[1] = raw[1].replace("回".encode(), b"\xe5\x9b", 1)
    (tmp_path / "d.jsonl").write_bytes(b"\n".join(raw))
    _, records, problems = read(tmp_path / "d.jsonl")
    assert [record.line for record in records] == [1, 3]
    assert [(problem.code, problem.line) for problem in problems] == [("encoding", 2)]


def test_half_a_character_is_refused_before_the_tokenizer_meets_it(tmp_path: Path) -> None:
    _, records, problems = read(write(tmp_path, "s.jsonl", '{"prompt": "a", "completion": "\\ud83d"}\n'))
    assert not records
    assert problems[0].code == "half_character"
