"""Sources of a job: files and folders, what a method can use, and how often an epoch takes each record."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from trainer.contract import Source
from trainer.mixing import order, places
from trainer.records import DataFile, Problem, Record
from trainer.sources import files_of, read_source

if TYPE_CHECKING:
    from doctor.environment import Environment

ROOT = Path(__file__).parent.parent.parent


def write(folder: Path, name: str, *rows: object) -> Path:
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return file


def questions(items: list[Record | Problem]) -> list[str]:
    return [item.messages[0].content for item in items if isinstance(item, Record)]


def codes(items: list[Record | Problem], severity: str = "failure") -> list[str]:
    return [item.code for item in items if isinstance(item, Problem) and item.severity == severity]


def test_a_folder_gives_every_data_file_in_the_order_of_names(tmp_path: Path) -> None:
    write(tmp_path, "数据 集/b.jsonl", {"prompt": "3", "completion": "a"})
    write(tmp_path, "数据 集/a/z.json", {"prompt": "1", "completion": "a"}, {"prompt": "2", "completion": "a"})
    (tmp_path / "数据 集" / "c.csv").write_text("prompt,completion\n4,a\n", encoding="utf-8")
    (tmp_path / "数据 集" / "README.md").write_text("about", encoding="utf-8")
    (tmp_path / "数据 集" / "dataset_info.json").write_text("{}", encoding="utf-8")
    (tmp_path / "数据 集" / ".cache").mkdir()
    write(tmp_path, "数据 集/.cache/hidden.jsonl", {"prompt": "5", "completion": "a"})
    items = list(read_source(Source(path="数据 集"), tmp_path))
    assert questions(items) == ["1", "2", "3", "4"]
    [note] = [item for item in items if isinstance(item, Problem)]
    assert (note.code, note.detail) == ("left_aside", {"count": 2, "names": "README.md, dataset_info.json"})


def test_plain_texts_are_data_where_there_is_nothing_else(tmp_path: Path) -> None:
    for name in ("a.txt", "b.md"):
        (tmp_path / name).write_text(f"text {name}", encoding="utf-8")
    items = list(read_source(Source(path=str(tmp_path)), method="pretrain"))
    assert [item.text for item in items if isinstance(item, Record)] == ["text a.txt", "text b.md"]


def test_what_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert codes(list(read_source(Source(path="none.jsonl"), tmp_path))) == ["no_file"]
    assert codes(list(read_source(Source(path="empty"), tmp_path))) == ["no_data_files"]
    assert files_of(Source(path="empty"), tmp_path)[0] == []


@pytest.mark.parametrize(
    ("method", "row"),
    [
        ("sft", {"prompt": "q", "completion": "a"}),
        ("pretrain", {"text": "a"}),
        ("dpo", {"prompt": "q", "chosen": "a", "rejected": "b"}),
        ("kto", {"prompt": "q", "completion": "a", "label": True}),
    ],
)
def test_a_method_takes_its_own_layout_and_refuses_others_once(method: str, row: object, tmp_path: Path) -> None:
    write(tmp_path, "one.jsonl", row, row)
    for asked in ("sft", "pretrain", "dpo", "orpo", "reward", "kto"):
        items = list(read_source(Source(path="one.jsonl"), tmp_path, method=asked))  # type: ignore[arg-type]
        if asked == method or (method == "dpo" and asked in ("orpo", "reward")):
            assert len([item for item in items if isinstance(item, Record)]) == 2
            assert not codes(items)
        else:
            assert codes(items) == ["layout_for_method"]
            assert not [item for item in items if isinstance(item, Record)]


def test_a_source_s_columns_and_layout_hold_for_each_of_its_files(tmp_path: Path) -> None:
    write(tmp_path, "d/a.jsonl", {"content": "x", "summary": "y"})
    write(tmp_path, "d/b.jsonl", {"content": "z", "summary": 5})
    source = Source(path="d", layout="alpaca", columns={"instruction": "content", "output": "summary"})
    items = list(read_source(source, tmp_path))
    assert questions(items) == ["x"]
    assert [(Path(i.file).name, i.line, i.field) for i in items if isinstance(i, Problem)] == [
        ("b.jsonl", 1, "summary")
    ]


def test_weights_say_how_often_an_epoch_takes_each_record() -> None:
    taken = Counter(places([4, 6, 3], [1, 2, 0], seed=1, epoch=0))
    assert taken == Counter({**dict.fromkeys(range(4), 1), **dict.fromkeys(range(4, 10), 2)})


def test_parts_go_round_so_that_two_halves_are_the_whole() -> None:
    halves = [set(places([100], [0.5], seed=3, epoch=epoch)) for epoch in range(4)]
    assert [len(half) for half in halves] == [50] * 4
    assert halves[0] | halves[1] == set(range(100))
    assert (halves[2], halves[3]) == (halves[0], halves[1])
    thirds = Counter(place for epoch in range(10) for place in places([10], [0.3], seed=3, epoch=epoch))
    assert set(thirds.values()) == {3}
    more = Counter(places([10], [1.5], seed=3, epoch=0))
    assert sorted(more.values()) == [1] * 5 + [2] * 5


def test_the_same_seed_and_epoch_give_the_same_order_on_every_machine() -> None:
    assert list(order([5, 4], [1, 0.5], seed=7, epoch=2)) == list(order([5, 4], [1, 0.5], seed=7, epoch=2))
    assert list(order([5], [1], seed=7, epoch=0)) != list(order([5], [1], seed=7, epoch=1))
    assert list(order([6, 4], [1.0, 0.5], seed=42, epoch=1)) == ORDER


def test_a_list_is_read_a_piece_at_a_time(tmp_path: Path) -> None:
    file = tmp_path / "long.json"
    row = json.dumps({"prompt": "q" * 500, "completion": "答" * 500}, ensure_ascii=False)
    file.write_text("[" + ",\n".join([row] * 15_000) + "]", encoding="utf-8")
    program = (
        "import sys, tracemalloc; from pathlib import Path; from trainer.records import DataFile\n"
        "tracemalloc.start()\n"
        "count = sum(1 for _ in DataFile(Path(sys.argv[1]), find_duplicates=False))\n"
        "print(count, tracemalloc.get_traced_memory()[1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(file)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=True,
    )
    count, peak = map(int, done.stdout.split())
    assert count == 15_000
    assert peak < 24_000_000 < file.stat().st_size


def test_tables_of_arrow_without_its_library_are_told(tmp_path: Path) -> None:
    file = tmp_path / "a.parquet"
    file.write_bytes(b"PAR1 and more")
    [problem] = list(DataFile(file))
    assert isinstance(problem, Problem)
    assert problem.code in ("needs_pyarrow", "bad_table")


@pytest.mark.slow
def test_parquet_and_arrow_are_read_in_the_training_environment(environment: Environment, tmp_path: Path) -> None:
    done = subprocess.run(
        [str(environment.python), "-c", PARQUET, str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert done.returncode == 0, done.stderr
    read = json.loads(done.stdout)
    for name in ("rows.parquet", "stream.arrow", "file.arrow"):
        assert read[name] == {"layout": "openai", "records": 1199, "failures": [["missing", 3]]}
    assert read["cut.parquet"]["failures"] == [["bad_table", None]]
    assert read["odd.parquet"]["failures"] == [["unknown_layout", None]]


ORDER = [3, 4, 1, 2, 0, 7, 5, 8]
PARQUET = """
import json, sys
from pathlib import Path
import pyarrow as pa, pyarrow.parquet as pq
from trainer.records import DataFile, Record

folder = Path(sys.argv[1])
rows = [
    {"messages": [
        {"role": "user", "content": f"q{n}", "tool_calls": None},
        {"role": "assistant", "content": None if n == 3 else f"a{n}", "tool_calls": None},
    ]}
    for n in range(1200)
]
table = pa.Table.from_pylist(rows)
pq.write_table(table, folder / "rows.parquet")
with pa.OSFile(str(folder / "stream.arrow"), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
    writer.write_table(table)
with pa.OSFile(str(folder / "file.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
    writer.write_table(table)
pq.write_table(pa.Table.from_pylist([{"foo": "a"}] * 3), folder / "odd.parquet")
(folder / "cut.parquet").write_bytes((folder / "rows.parquet").read_bytes()[:2000])
read = {}
for file in sorted(folder.iterdir()):
    data = DataFile(file)
    items = list(data)
    read[file.name] = {
        "layout": data.layout,
        "records": sum(isinstance(item, Record) for item in items),
        "failures": [
            [item.code, item.record] for item in items if not isinstance(item, Record) and item.severity == "failure"
        ],
    }
print(json.dumps(read))
"""
