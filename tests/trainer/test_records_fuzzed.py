"""A thousand malformed files: each fault is told at its place, every other row is read, no file is changed."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING, Any

import pytest

from trainer.records import DataFile, Problem, Record

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

COUNT = 1000
SHARES = 10
"""Tests that the files are dealt out to."""


def alpaca(number: int) -> dict[str, Any]:
    return {"instruction": f"问题 {number}: what is {number}?", "input": "", "output": f"It is {number}, 是的。"}


def sharegpt(number: int) -> dict[str, Any]:
    return {
        "conversations": [
            {"from": "human", "value": f"Weather in place {number}? 天气"},
            {"from": "function_call", "value": json.dumps({"name": "weather", "arguments": {"place": number}})},
            {"from": "observation", "value": '{"degrees": 21}'},
            {"from": "gpt", "value": f"21 degrees in {number}."},
        ],
        "tools": json.dumps([{"name": "weather", "parameters": {"type": "object"}}]),
    }


def openai(number: int) -> dict[str, Any]:
    return {
        "messages": [
            {"role": "system", "content": "Be brief."},
            {"role": "user", "content": f"Say {number}, 请。"},
            {"role": "assistant", "content": f"{number}."},
        ]
    }


def prompt_completion(number: int) -> dict[str, Any]:
    return {"prompt": f"说 {number}", "completion": f"{number}!"}


def preference(number: int) -> dict[str, Any]:
    return {"prompt": f"Pick {number}", "chosen": f"yes {number}", "rejected": f"no {number}"}


def kto(number: int) -> dict[str, Any]:
    return {"prompt": f"Pick {number}", "completion": f"yes {number}", "label": number % 2 == 0}


def raw(number: int) -> dict[str, Any]:
    return {"text": f"Once upon a time {number}\n从前"}


STYLES = [alpaca, sharegpt, openai, prompt_completion, preference, kto, raw]


def with_answer(row: dict[str, Any], value: object) -> dict[str, Any]:
    """The row with something else where the answer was."""
    row = json.loads(json.dumps(row))
    name = next((n for n in ("messages", "conversations") if n in row), None)
    if name is None:
        row[next(n for n in ("output", "chosen", "completion", "text") if n in row)] = value
    else:
        turn = row[name][-1]
        turn["value" if "value" in turn else "content"] = value
    return row


def text_of(row: object) -> str:
    return json.dumps(row, ensure_ascii=False)


def swapped(row: dict[str, Any], chance: random.Random) -> str:
    return text_of(with_answer(row, chance.choice([5, True, None, {"a": 1}, 1e308, [], [[1]]])))


def without_answer(row: dict[str, Any], _: random.Random) -> str:
    row = dict(row)
    name = next(n for n in ("output", "chosen", "completion", "text", "messages", "conversations") if n in row)
    del row[name]
    return text_of(row)


def empty(row: dict[str, Any], chance: random.Random) -> str:
    return text_of(with_answer(row, chance.choice(["", " ", "\n\t"])))


def huge(row: dict[str, Any], chance: random.Random) -> str:
    number = chance.choice(["9" * 5000, "1e999", "-" + "1" * 400, "NaN", "-Infinity"])
    return text_of(with_answer(row, "@@")).replace('"@@"', number)


def deep(row: dict[str, Any], chance: random.Random) -> str:
    depth = chance.choice([50, 900, 20_000])
    kind = chance.choice([("[", "]"), ('{"a":', "}")])
    return text_of(with_answer(row, "@@")).replace('"@@"', kind[0] * depth + "1" + kind[1] * depth)


def lone(row: dict[str, Any], chance: random.Random) -> str:
    half = chance.choice(["\\ud83d", "\\udc00", "a\\ude00b"])
    return text_of(with_answer(row, "@@")).replace("@@", half)


def control(row: dict[str, Any], chance: random.Random) -> str:
    return text_of(with_answer(row, "a@@b")).replace("@@", chance.choice(["\0", "\t", "\x1f", "\x07"]))


def bad_escape(row: dict[str, Any], chance: random.Random) -> str:
    return text_of(with_answer(row, "a@@b")).replace("@@", chance.choice(["\\x", "\\u12", "\\'", "\\uZZZZ"]))


def twice(row: dict[str, Any], _: random.Random) -> str:
    text = text_of(row)
    name = next(iter(row))
    return f'{{"{name}": "other", {text[1:]}'


def cut(row: dict[str, Any], chance: random.Random) -> str:
    text = text_of(row)
    return text[: chance.randrange(2, len(text) - 1)].rstrip()


def python_style(row: dict[str, Any], _: random.Random) -> str:
    return repr(row)


def mark_lost(row: dict[str, Any], chance: random.Random) -> str:
    text = text_of(row)
    mark = chance.choice([": ", '": ', '{"'])
    return text.replace(mark, "", 1)


def trailing_comma(row: dict[str, Any], _: random.Random) -> str:
    return text_of(row)[:-1] + ",}"


def more_after(row: dict[str, Any], chance: random.Random) -> str:
    return text_of(row) + chance.choice([" x", "}", " // note", "]", ' "b"'])


def no_object(row: dict[str, Any], chance: random.Random) -> str:
    return chance.choice(['"text"', "5", "null", "true", "[1, 2]", "[[]]", "nul"])


def odd_role(row: dict[str, Any], chance: random.Random) -> str:
    row = json.loads(json.dumps(row))
    name = next((n for n in ("messages", "conversations") if n in row), None)
    if name is None:
        return empty(row, chance)
    turns = row[name]
    role = "from" if "from" in turns[0] else "role"
    match chance.randrange(6):
        case 0:
            turns[-1][role] = "usr"
        case 1:
            del turns[-1][role]
        case 2:
            turns.append(turns[-1])
        case 3:
            turns.pop()
            turns.append({**turns[-1], role: "human"})
        case 4:
            turns[-1] = "just text"
        case _:
            turns[-1][role] = ["assistant"]
    return text_of(row)


FAULTS: list[Callable[[dict[str, Any], random.Random], str]] = [
    swapped, without_answer, empty, huge, deep, lone, control, bad_escape, twice, cut, python_style, mark_lost,
    trailing_comma, more_after, no_object, odd_role,
]  # fmt: skip
IN_LISTS = [fault for fault in FAULTS if fault is not more_after]
ENDS = ["\n", "\r\n", "\r"]
CODECS = ["utf-8", "utf-8-sig", "utf-16", "gb18030"]


def make(number: int) -> tuple[str, bytes, int, bool, int]:
    """Name and bytes of a malformed file, where its fault is, whether that is a line, and how many rows are good."""
    chance = random.Random(f"malformed {number}")
    style = STYLES[number % len(STYLES)]
    size = chance.randrange(3, 9)
    texts = [text_of(style(place)) for place in range(size)]
    at = chance.randrange(1, size)
    codec = chance.choice(CODECS) if chance.random() < 0.3 else "utf-8"
    form = chance.choice(["lines", "lines", "list", "pretty", "bytes"])
    if form == "bytes":
        # Letters of another encoding, or of none, in one line of UTF-8.
        style = chance.choice([alpaca, sharegpt, openai, prompt_completion, raw])
        texts = [text_of(style(place)) for place in range(size)]
        broken = chance.choice([b"\xff\xfe", b"\xe5\x9b", "机器学习的第一条".encode("gb18030"), b"\xc3\x28"])
        lines = [text.encode("utf-8") for text in texts]
        words = text_of(with_answer(style(at), "a@@b")).encode("utf-8")
        lines[at] = words.replace(b"@@", broken)
        return "bytes.jsonl", b"\n".join(lines) + b"\n", at + 1, True, size - 1
    if form == "lines":
        texts[at] = chance.choice(FAULTS)(style(at), chance)
        end = chance.choice(ENDS)
        name = chance.choice(["f.jsonl", "f.ndjson", "f.json"])
        return name, (end.join(texts) + end).encode(codec), at + 1, True, size - 1
    fault = chance.choice(IN_LISTS)
    texts[at] = fault(style(at), chance)
    between = ",\n  " if form == "pretty" else ", "
    opening, closing = ("[\n  ", "\n]\n") if form == "pretty" else ("[", "]")
    return "f.json", (opening + between.join(texts) + closing).encode(codec), at, False, size - 1


@pytest.mark.parametrize("share", range(SHARES))
def test_every_malformed_file_is_told_at_its_place(share: int, tmp_path: Path) -> None:
    for number in range(share, COUNT, SHARES):
        name, content, place, in_line, good = make(number)
        file = tmp_path / f"{number}-{name}"
        file.write_bytes(content)
        data = DataFile(file)
        items = list(data)
        records = [item for item in items if isinstance(item, Record)]
        failures = [item for item in items if isinstance(item, Problem) and item.severity == "failure"]
        shown = (number, file.name, content[:400], failures)
        assert failures, shown
        assert place in [failure.line if in_line else failure.record for failure in failures], shown
        assert len(failures) == 1, shown
        assert len(records) == good, shown
        assert file.read_bytes() == content


def test_no_bytes_make_the_reader_raise(tmp_path: Path) -> None:
    chance = random.Random("any bytes")
    for number in range(400):
        rows = [text_of(STYLES[number % len(STYLES)](place)) for place in range(6)]
        text = "\n".join(rows) if number % 2 else "[" + ",\n".join(rows) + "]"
        content = bytearray(text.encode("utf-16" if number % 17 == 0 else "utf-8"))
        for _ in range(chance.choice([1, 3, 30, 300])):
            where = chance.randrange(len(content))
            match chance.randrange(4):
                case 0:
                    content[where] = chance.randrange(256)
                case 1:
                    del content[where : where + chance.randrange(1, 20)]
                case 2:
                    content[where:where] = content[max(0, where - 30) : where]
                case _:
                    content[where] ^= 1 << chance.randrange(8)
            if not content:
                content = bytearray(b"x")
        suffix = chance.choice(["json", "jsonl", "csv", "tsv", "txt", "parquet"])
        file = tmp_path / f"{number}.{suffix}"
        file.write_bytes(content)
        data = DataFile(file)
        items = list(data)
        told = {(item.line, item.record) for item in items}
        assert told
        if data.form == "jsonl" and data.encoding is not None:
            with file.open(encoding=data.encoding, errors="replace") as stream:
                filled = [line for line, words in enumerate(stream, 1) if words.strip("\ufeff \t\r\n\x0b\x0c")]
            whole = [item for item in items if isinstance(item, Problem) and item.severity == "failure"]
            places = {item.line for item in items if isinstance(item, Record)} | {item.line for item in whole}
            assert set(filled) <= places, (number, file.name)
        assert file.read_bytes() == content
