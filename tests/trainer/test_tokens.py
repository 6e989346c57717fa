"""Tokens and labels, with a real tokenizer in the training environment: layouts agree, answers and their ends count."""

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
MODEL = ROOT / "tests" / "models" / "aidreams260k"

SCRIPT = """
import json, sys
from pathlib import Path
from transformers import AutoTokenizer
from trainer.batches import Padding, order_of_epoch, split_records
from trainer.program import Refusal
from trainer.records import DataFile, Record
from trainer.tokens import IGNORED, give_template, learns_to_stop, tokenise

folder, model = Path(sys.argv[1]), sys.argv[2]
tokenizer = AutoTokenizer.from_pretrained(model, local_files_only=True)

def rows(name, **how):
    records = [item for item in DataFile(folder / name) if isinstance(item, Record)]
    return tokenise(records, tokenizer, **{"max_length": 512, "answers_only": True, **how})

def learned(row):
    return tokenizer.decode([label for label in row.labels if label != IGNORED])

said = {}
said["layouts"] = [[row.ids, row.labels] for name in ("a", "s", "o", "p") for row in rows(name + ".jsonl")]
two = rows("two.jsonl")[0]
said["two"] = learned(two)
said["stops"] = learns_to_stop(two, tokenizer)
said["eos"] = tokenizer.eos_token
said["whole"] = [row.labels == row.ids for row in rows("two.jsonl", answers_only=False)]
cut = rows("two.jsonl", max_length=20)[0]
said["cut"] = [len(cut.ids), len(cut.labels), cut.cut, len(two.ids)]
batch = Padding(two.ids[-1])([{"input_ids": [1, 2, 3], "labels": [-100, 2, 3]}, {"input_ids": [4], "labels": [4]}])
said["batch"] = {name: value.tolist() for name, value in batch.items()}
lengths = [length * 37 % 101 for length in range(100)]
orders = [order_of_epoch(lengths, 8, 42, epoch) for epoch in (0, 0, 1)]
said["orders"] = orders
said["split"] = [split_records(91, 0.1, 42), split_records(91, 0.1, 42), split_records(1, 0.1, 42)]
tokenizer.chat_template = None
said["template"] = [give_template(tokenizer), bool(tokenizer.chat_template)]
plain = rows("two.jsonl")[0]
said["plain"] = [learned(plain), learns_to_stop(plain, tokenizer)]
tokenizer.chat_template = "{{ raise_exception('no such thing') }}"
try:
    rows("two.jsonl")
except Refusal as refusal:
    said["refused"] = [refusal.kind, refusal.message, refusal.file]
print(json.dumps(said))
"""

TURNS = [("system", "Be brief."), ("user", "What is 2 plus 3?"), ("assistant", "It is 5.")]
NAMES = {"system": "system", "user": "human", "assistant": "gpt"}


@pytest.fixture(scope="module")
def said(environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one run of SCRIPT says; importing torch takes seconds, so there is one."""
    folder = tmp_path_factory.mktemp("tokens")
    two = [*TURNS, ("user", "And 1 plus 1?"), ("assistant", "It is 2.")]
    rows: dict[str, dict[str, Any]] = {
        "a": {"system": TURNS[0][1], "instruction": TURNS[1][1], "output": TURNS[2][1]},
        "s": {"conversations": [{"from": NAMES[role], "value": words} for role, words in TURNS]},
        "o": {"messages": [{"role": role, "content": words} for role, words in TURNS]},
        "p": {"system": TURNS[0][1], "prompt": TURNS[1][1], "completion": TURNS[2][1]},
        "two": {"messages": [{"role": role, "content": words} for role, words in two]},
    }
    for name, row in rows.items():
        (folder / f"{name}.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    ran = subprocess.run(
        [str(environment.python), "-c", SCRIPT, str(folder), str(MODEL)],
        check=True,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "OMP_NUM_THREADS": "1"},
    )
    found: dict[str, Any] = json.loads(ran.stdout.splitlines()[-1])
    return found


def test_the_same_conversation_gives_the_same_tokens_and_labels_in_every_layout(said: dict[str, Any]) -> None:
    first, *others = said["layouts"]
    assert len(others) == 3
    assert all(other == first for other in others)


def test_exactly_the_answers_and_the_tokens_that_end_them_are_learned(said: dict[str, Any]) -> None:
    assert said["two"].replace(" ", "") == f"Itis5.{said['eos']}Itis2.{said['eos']}"
    assert said["stops"]


def test_everything_is_learned_when_the_job_says_so(said: dict[str, Any]) -> None:
    assert said["whole"] == [True]


def test_what_is_cut_is_counted(said: dict[str, Any]) -> None:
    ids, labels, cut, whole = said["cut"]
    assert (ids, labels, cut) == (20, 20, whole - 20)


def test_padding_is_told_apart_by_place_and_not_by_token(said: dict[str, Any]) -> None:
    batch = said["batch"]
    assert batch["attention_mask"] == [[1, 1, 1], [1, 0, 0]]
    assert batch["labels"] == [[-100, 2, 3], [4, -100, -100]]


def test_the_order_of_an_epoch_is_fixed_and_has_every_record_once(said: dict[str, Any]) -> None:
    first, again, second = said["orders"]
    assert first == again
    assert first != second
    assert sorted(first) == sorted(second) == list(range(100))


def test_the_split_is_fixed_and_never_takes_the_last_record(said: dict[str, Any]) -> None:
    first, again, single = said["split"]
    assert first == again
    assert sorted([*first[0], *first[1]]) == list(range(91))
    assert len(first[1]) == 9
    assert single == [[0], []]


def test_a_base_model_gets_a_plain_template_that_ends_answers(said: dict[str, Any]) -> None:
    assert said["template"] == [False, True]
    words, stops = said["plain"]
    assert words.replace(" ", "") == f"Itis5.{said['eos']}Itis2.{said['eos']}"
    assert stops


def test_a_conversation_that_the_template_refuses_is_named_with_its_line(said: dict[str, Any]) -> None:
    kind, message, file = said["refused"]
    assert kind == "bad_data"
    assert "line 1" in message and "no such thing" in message
    assert file.endswith("two.jsonl")
