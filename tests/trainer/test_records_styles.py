"""Data as others write it: whose names it has, how it is wrapped, in which table, and what is wrong with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from trainer.records import DataFile, Message, Problem, Record, ToolCall

STYLES = Path(__file__).parent.parent / "data" / "styles"
EXPECTED: dict[str, Any] = json.loads((STYLES / "expected.json").read_text(encoding="utf-8"))
DATA = STYLES.parent


def read(path: Path) -> tuple[DataFile, list[Record], list[Problem]]:
    data = DataFile(path)
    items = list(data)
    records = [item for item in items if isinstance(item, Record)]
    return data, records, [item for item in items if isinstance(item, Problem)]


def place(item: Record | Problem) -> int | None:
    return item.line if item.line is not None else item.record


def only(name: str) -> Record:
    [record] = read(STYLES / name)[1]
    return record


@pytest.mark.parametrize("name", sorted(EXPECTED))
def test_others_files_are_read_and_their_faults_found(name: str) -> None:
    expected = EXPECTED[name]
    data, records, problems = read(STYLES / name)
    assert data.layout == expected["layout"]
    assert "".join(message.role[0] for message in records[0].messages) == expected["roles"] if records else True
    assert [place(record) for record in records] == expected["good"]
    failures = [[problem.code, place(problem)] for problem in problems if problem.severity == "failure"]
    assert failures == expected["faults"]
    assert sorted({problem.code for problem in problems if problem.severity != "failure"}) == expected["told"]
    rows_told = {place(item) for item in [*records, *problems] if place(item) is not None}
    assert data.rows <= max(len(rows_told), 1) or data.layout is None


def test_every_file_there_is_expected() -> None:
    assert {file.name for file in STYLES.iterdir()} - {"expected.json"} == set(EXPECTED)


def test_tools_and_calls_come_in_openai_s_form_from_every_style() -> None:
    named = '[{"type": "function", "function": {"name": "w"}}]'
    glaive = only("glaive.json")
    assert glaive.tools == named
    assert glaive.messages[2] == Message("assistant", "", (ToolCall("w", '{"c": 1}'),))
    assert [message.role for message in glaive.messages] == ["system", "user", "assistant", "tool", "assistant"]
    modern, legacy = only("openai_tools.jsonl"), only("openai_legacy.jsonl")
    assert modern.messages[1].tool_calls == (ToolCall("w", '{"c": "SF"}'),)
    assert legacy.messages[1].tool_calls == (ToolCall("w", "{}"),)
    assert json.loads(legacy.tools)[0]["function"]["name"] == "w"
    several = only("hermes_tools.json")
    assert several.messages[2].tool_calls == (ToolCall("a", "{}"), ToolCall("b", '{"x": 1}'))


def test_the_tool_calls_of_llama_factory_s_demonstration_are_calls() -> None:
    _, records, problems = read(DATA / "llamafactory" / "glaive_toolcall_zh_demo.json")
    assert len(records) == 60
    assert not problems
    calls = [call for record in records for message in record.messages for call in message.tool_calls]
    assert calls
    assert all(isinstance(json.loads(call.arguments), dict) for call in calls)
    with_calls = [record for record in records if any(message.tool_calls for message in record.messages)]
    assert all(json.loads(record.tools)[0]["type"] == "function" for record in with_calls)


def test_a_call_of_a_tool_that_is_not_defined_is_told(tmp_path: Path) -> None:
    row = json.loads((STYLES / "openai_tools.jsonl").read_text(encoding="utf-8"))
    row["messages"][1]["tool_calls"][0]["function"]["name"] = "wheather"
    row["messages"][3]["reasoning_content"] = "hm"
    file = tmp_path / "t.jsonl"
    file.write_text(json.dumps(row), encoding="utf-8")
    _, [_], problems = read(file)
    assert [(problem.code, problem.severity, problem.line) for problem in problems] == [
        ("undefined_tool", "warning", 1),
        ("unused_fields", "note", 1),
    ]
    assert problems[1].detail == {"names": "messages[].reasoning_content"}


def test_answers_that_are_not_to_be_learned_are_marked() -> None:
    for name in ("openai_ft.jsonl", "axolotl_chat.jsonl"):
        answers = [message for message in only(name).messages if message.role == "assistant"]
        assert [answer.train for answer in answers] == [False, True]


@pytest.mark.parametrize(
    "name",
    [
        "hh.jsonl", "ultrafeedback.jsonl", "orca_dpo.jsonl", "trl_dpo.jsonl", "trl_implicit.jsonl", "trl_str.jsonl",
        "lf_rank_alpaca.json", "lf_rank_old.json", "openai_dpo.jsonl",
    ],
)  # fmt: skip
def test_preferences_of_every_style_are_a_conversation_and_two_ways_on(name: str) -> None:
    record = only(name)
    assert record.messages[-1].role == "user"
    assert [message.content for message in record.chosen] in (["a"], ["good"])
    assert [message.content for message in record.rejected] in (["b"], ["bad"])
    assert {message.role for message in (*record.chosen, *record.rejected)} == {"assistant"}


def test_labels_are_kept() -> None:
    assert [record.label for record in read(STYLES / "trl_kto.jsonl")[1]] == [True, False]
    assert [record.label for record in read(STYLES / "kto.csv")[1]] == [True, False]
    labels = [record.label for record in read(DATA / "llamafactory" / "kto_en_demo.json")[1]]
    assert len(labels) == 80
    assert set(labels) == {True, False}


def test_files_of_a_record_are_named_and_those_that_are_missing_told(tmp_path: Path) -> None:
    _, records, problems = read(DATA / "llamafactory" / "mllm_demo.json")
    assert records[0].media_counts == (2, 0, 0)
    assert [problem.record for problem in problems if problem.code == "media_missing"][:2] == [0, 0]
    (tmp_path / "一 张.png").write_bytes(b"png")
    turns = [{"role": "user", "content": "<image>what?"}, {"role": "assistant", "content": "a cat"}]
    file = tmp_path / "m.jsonl"
    file.write_text(json.dumps({"messages": turns, "images": ["一 张.png"]}), encoding="utf-8")
    _, [record], problems = read(file)
    assert record.media == (str(tmp_path / "一 张.png"),)
    assert not problems


def test_raw_text_is_text_and_no_conversation() -> None:
    _, records, _ = read(DATA / "llamafactory" / "c4_demo.jsonl")
    assert all(record.text and not record.messages for record in records)


def test_a_long_document_comes_in_pieces_of_whole_paragraphs(tmp_path: Path) -> None:
    paragraph = "word " * 3000
    file = tmp_path / "book.txt"
    file.write_text("\n\n".join(f"{number} {paragraph}" for number in range(20)), encoding="utf-8")
    _, records, _ = read(file)
    assert len(records) > 1
    assert [int(record.text.split(" ", 1)[0]) for record in records] == sorted(
        int(record.text.split(" ", 1)[0]) for record in records
    )
    together = "\n\n".join(record.text for record in records)
    assert together.split() == file.read_text(encoding="utf-8").split()
    lines = file.read_text(encoding="utf-8").split("\n")
    for record in records:
        assert record.line is not None
        assert record.text.startswith(lines[record.line - 1][:10])


@pytest.mark.parametrize(
    ("codec", "told"),
    [
        ("utf-16-le", "UTF-16-LE"),
        ("utf-16-be", "UTF-16-BE"),
        ("utf-32", "UTF-32"),
        ("gb18030", "GBK (GB18030)"),
        ("utf-16", "UTF-16"),
    ],
)
def test_encodings_are_told_and_read_in_every_form(codec: str, told: str, tmp_path: Path) -> None:
    row = {"instruction": "什么是机器学习？", "output": "机器学习是人工智能的一个分支。"}
    texts = {
        "a.jsonl": json.dumps(row, ensure_ascii=False) + "\n",
        "a.json": json.dumps([row], ensure_ascii=False, indent=1),
        "a.csv": f"instruction,output\n{row['instruction']},{row['output']}\n",
    }
    for name, text in texts.items():
        (tmp_path / name).write_bytes(text.encode(codec))
        _, [record], [problem] = read(tmp_path / name)
        assert (problem.code, problem.detail) == ("other_encoding", {"encoding": told})
        assert record.messages[1].content == row["output"]


def test_western_letters_are_no_chinese(tmp_path: Path) -> None:
    file = tmp_path / "w.csv"
    file.write_bytes("prompt,completion\nrésumé?,déjà vu\n".encode("cp1252"))
    _, [record], [problem] = read(file)
    assert problem.detail == {"encoding": "Windows-1252"}
    assert record.messages[1].content == "déjà vu"


def test_columns_say_what_fields_and_roles_are_called(tmp_path: Path) -> None:
    file = tmp_path / "named.jsonl"
    turns = [
        {"who": "Kunde", "said": "q"},
        {"who": "Ruf", "said": '{"name": "w", "arguments": {}}'},
        {"who": "Werkzeug", "said": "1"},
        {"who": "Berater", "said": "a"},
    ]
    rows = [{"dialog": turns}, {"dialog": [{"who": "Niemand", "said": "q"}]}]
    file.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    columns = {
        "messages": "dialog", "role": "who", "content": "said", "role:user": "Kunde", "role:assistant": "Berater",
        "role:tool": "Werkzeug", "role:tool_call": "Ruf",
    }  # fmt: skip
    record, problem = list(DataFile(file, columns=columns))
    assert isinstance(record, Record)
    assert [message.role for message in record.messages] == ["user", "assistant", "tool", "assistant"]
    assert isinstance(problem, Problem)
    assert (problem.code, problem.line, problem.field) == ("unknown_role", 2, "dialog[0].who")


def test_a_layout_that_is_said_is_not_guessed(tmp_path: Path) -> None:
    file = tmp_path / "said.jsonl"
    file.write_text('{"prompt": "a", "completion": "b", "text": "c"}\n{"prompt": "a"}\n', encoding="utf-8")
    items = list(DataFile(file, layout="text"))
    assert isinstance(items[1], Record)
    assert items[1].text == "c"
    assert [(item.code, item.line) for item in items if isinstance(item, Problem)][1:] == [
        ("missing", 2),
        ("layout_text", None),
    ]
