"""Tokens on a disk: what was written is read back, what is not whole is made anew, large data is read as it is used."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from doctor.environment import Environment

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent

SCRIPT = """
import json, sys
from array import array
from pathlib import Path
from transformers import AutoTokenizer
from trainer import reading, token_store
from trainer.contract import Job, Source
from trainer.peers import Peers
from trainer.token_store import SomeRows, open_store, store_key, write_store
from trainer.tokens import IGNORED, Tokens

root, folder = Path(sys.argv[1]), Path(sys.argv[2])
said = {}

def some(count, first=0):
    for number in range(first, first + count):
        ids = [number % 400 + place for place in range(number % 5 + 2)]
        yield Tokens(ids=ids, labels=[IGNORED, *ids[1:]], cut=number % 3)
    yield Tokens(ids=[1, 2], labels=[IGNORED, IGNORED], cut=9)

store = write_store(folder / "t", "key", [some(4), some(3, 4)], stops=lambda tokens: tokens.ids[0] == 3)
given = [row for row in [*some(4), *some(3, 4)] if row.cut != 9]
said["back"] = [
    store[place]["input_ids"].tolist() == row.ids and store[place]["labels"].tolist() == row.labels
    and store[place]["answers"] == len(row.ids) - 1
    for place, row in enumerate(given)
]
counts = store.counts
said["counts"] = [
    len(store), counts.records, counts.cut, counts.cut_tokens, counts.left_out, counts.by_source, counts.stops
]
some_rows = SomeRows(store, [5, 1, 5])
said["some"] = [[row["input_ids"].tolist() for row in some_rows], list(some_rows.lengths), len(some_rows[:2])]
store.close()
said["other key"] = open_store(folder / "t", "another") is None
ids = folder / "t" / "ids.bin"
whole = ids.read_bytes()
ids.write_bytes(whole[:-4])
said["cut short"] = open_store(folder / "t", "key") is None
ids.write_bytes(whole)
again = open_store(folder / "t", "key")
said["again"] = again is not None
again.close()
(folder / "t" / "store.json").unlink()
said["no record"] = open_store(folder / "t", "key") is None

def broken():
    yield from some(2)
    raise OSError(28, "No space left on device")

try:
    write_store(folder / "half", "key", [broken()], stops=lambda tokens: True)
except OSError:
    said["half"] = (folder / "half").exists()

model = root / "tests" / "models" / "aidreams260k"
tokenizer = AutoTokenizer.from_pretrained(model, local_files_only=True)
data = root / "tests" / "data" / "llamafactory"
job = Job(
    model=str(model), output=str(folder), max_length=128,
    data=(Source(path=str(data / "identity.json")), Source(path=str(data / "identity.json"), weight=0.5)),
)
stopped = lambda: False
def tokens_of(name, job=job):
    return reading.tokens_on_disk(job, reading.read_records(job), tokenizer, folder / name, Peers(), stopped)

kept = tokens_of("kept")
reading._KEPT_BYTES = 0
records = reading.read_records(job)
said["read again"] = [len(records), len(list(records)), len(list(records))]
streamed = tokens_of("streamed")
said["same"] = [row["input_ids"].tolist() for row in kept] == [row["input_ids"].tolist() for row in streamed]
said["by source"] = streamed.counts.by_source
made = (folder / "streamed" / "store.json").stat().st_mtime_ns
tokens_of("streamed")
said["not made twice"] = (folder / "streamed" / "store.json").stat().st_mtime_ns == made
from dataclasses import replace
shorter = tokens_of("streamed", replace(job, max_length=64))
said["made anew"] = [int(max(shorter.lengths)), (folder / "streamed" / "store.json").stat().st_mtime_ns == made]
stopped = lambda: True
said["stopped"] = [tokens_of("stopped") is None, (folder / "stopped").exists()]
stopped = lambda: False
raw = folder / "raw.jsonl"
raw.write_text(json.dumps({"text": "Echoes of a dream, softly. " * 40}) + chr(10), encoding="utf-8")
text = tokens_of("text", replace(job, data=(Source(path=str(raw)),), method="pretrain"))
said["text"] = [[int(length) for length in text.lengths], tokenizer.decode(text[len(text) - 1]["input_ids"][-1:])]
said["eos"] = tokenizer.eos_token
said["whole text"] = len(tokenizer(tokenizer.bos_token + "Echoes of a dream, softly. " * 40 + tokenizer.eos_token,
                                   add_special_tokens=False)["input_ids"])
said["all learned"] = all(row["answers"] == len(row["input_ids"]) - 1 for row in text)
print("SAID " + json.dumps(said), file=sys.stderr)
"""


@pytest.fixture(scope="module")
def said(environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    ran = subprocess.run(
        [str(environment.python), "-c", SCRIPT, str(ROOT), str(tmp_path_factory.mktemp("tokens 词元"))],
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "OMP_NUM_THREADS": "1"},
    )
    lines = [line for line in ran.stderr.splitlines() if line.startswith("SAID ")]
    assert lines, ran.stderr[-4000:]
    found: dict[str, Any] = json.loads(lines[-1][5:])
    return found


def test_what_was_written_is_read_back(said: dict[str, Any]) -> None:
    assert said["back"] == [True] * 7
    assert said["some"] == [[[5, 6], [1, 2, 3], [5, 6]], [2, 3, 2], 2]


def test_what_became_of_the_records_is_counted(said: dict[str, Any]) -> None:
    assert said["counts"] == [7, 9, 6, 24, 2, [4, 3], True]


@pytest.mark.parametrize("harm", ["other key", "cut short", "no record"])
def test_a_store_that_is_not_whole_or_of_other_data_is_none(said: dict[str, Any], harm: str) -> None:
    assert said[harm] is True
    assert said["again"] is True


def test_a_store_has_its_name_only_when_it_is_whole(said: dict[str, Any]) -> None:
    assert said["half"] is False
    assert said["stopped"] == [True, False]


def test_large_data_is_read_again_and_gives_the_same_tokens(said: dict[str, Any]) -> None:
    assert said["read again"] == [182, 182, 182]
    assert said["same"] is True
    assert said["by source"] == [91, 91]


def test_tokens_are_made_once_for_the_same_data_and_length(said: dict[str, Any]) -> None:
    assert said["not made twice"] is True
    assert said["made anew"] == [64, False]


def test_raw_text_is_learned_whole_in_rows_and_ends(said: dict[str, Any]) -> None:
    lengths, last = said["text"]
    assert sum(lengths) == said["whole text"]
    assert max(lengths) == 128 and len(lengths) > 2
    assert last == said["eos"]
    assert said["all learned"] is True
