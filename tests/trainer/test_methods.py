"""Every method learns what it is for, on the tiny model and a CPU; what is to stay as it was does, bit by bit."""

from __future__ import annotations

import json
import struct
import subprocess
from typing import TYPE_CHECKING, Any

import pytest

from tests.many_trainings import MODEL, ROOT, job, train_all, variables

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.environment import Environment

pytestmark = pytest.mark.slow

IDENTITY = ROOT / "tests" / "data" / "llamafactory" / "identity.json"
PREFERENCES = ("dpo", "dpo ipo", "dpo hinge", "dpo full", "dpo freeze", "orpo", "kto", "kto full", "reward")

Events = list[dict[str, Any]]


def tensors(folder: Path) -> dict[str, bytes]:
    """Every tensor's bytes, and its format and shape before them."""
    found = {}
    for file in sorted(folder.glob("*.safetensors")):
        raw = file.read_bytes()
        length = struct.unpack("<Q", raw[:8])[0]
        for name, facts in json.loads(raw[8 : 8 + length]).items():
            if name != "__metadata__":
                begin, end = facts["data_offsets"]
                mark = f"{facts['dtype']} {facts['shape']} ".encode()
                found[name] = mark + raw[8 + length + begin : 8 + length + end]
    return found


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Preference data with a taste that can be learned: answers as they are, and the same words backwards."""
    folder = tmp_path_factory.mktemp("偏好 pairs")
    records = json.loads(IDENTITY.read_text(encoding="utf-8"))[:64]
    pairs = [
        {"prompt": r["instruction"], "chosen": r["output"], "rejected": " ".join(reversed(r["output"].split()))}
        for r in records
    ]
    judged = [
        {"prompt": p["prompt"], "completion": p["rejected" if n % 2 else "chosen"], "label": n % 2 == 0}
        for n, p in enumerate(pairs)
    ]
    files = {}
    for name, rows in (("pairs", pairs), ("judged", judged)):
        files[name] = folder / f"{name}.json"
        files[name].write_text(json.dumps(rows, ensure_ascii=False), encoding="utf-8")
    texts = folder / "texts.jsonl"
    texts.write_text("".join(json.dumps({"text": r["output"] * 4}) + "\n" for r in records), encoding="utf-8")
    asked = folder / "asked.json"
    asked.write_text(json.dumps(records[:40], ensure_ascii=False), encoding="utf-8")
    return {**files, "texts": texts, "asked": asked}


@pytest.fixture(scope="module")
def runs(
    environment: Environment, pairs: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Events]]:
    """One run of each kind, all in one process."""
    folder = tmp_path_factory.mktemp("方法 methods")
    preferring = {"data": [pairs["pairs"]], "epochs": 3.0, "held_out": 0.2}
    judging = {**preferring, "data": [pairs["judged"]], "method": "kto"}
    asking: dict[str, Any] = {"data": [pairs["asked"]], "epochs": 2.0, "max_length": 96}
    jobs: dict[str, dict[str, Any]] = {
        "sft": asking,
        "whole texts": {**asking, "assistant_only_loss": False},
        "end to end": {**asking, "packing": "padding_free"},
        "checkpointing": {**asking, "gradient_checkpointing": "on"},
        "noise": {**asking, "neftune_alpha": 5.0},
        "adafactor": {**asking, "optimizer": "adafactor"},
        "sgd": {**asking, "optimizer": "sgd", "learning_rate": 1.0},
        "dora": {**asking, "lora": {"dora": True}},
        "rslora": {**asking, "lora": {"rslora": True, "rank": 8}},
        "gaussian": {**asking, "lora": {"start": "gaussian", "targets": ["q_proj", "v_proj"]}},
        "pissa": {**asking, "lora": {"start": "pissa", "rank": 4, "rslora": True}},
        "slow": {**asking, "learning_rate": 2e-4},
        "plus": {**asking, "learning_rate": 2e-4, "lora": {"plus_ratio": 16.0}},
        "head too": {**asking, "lora": {"modules_to_save": ["embed_tokens", "lm_head"]}},
        "full": {**asking, "tuning": "full"},
        "freeze": {**asking, "tuning": "freeze", "trained_layers": 1},
        "pretrain": {"data": [pairs["texts"]], "method": "pretrain", "max_length": 64, "max_steps": 12},
        "dpo": {**preferring, "method": "dpo"},
        "dpo ipo": {**preferring, "method": "dpo", "preference": {"loss": "ipo"}},
        "dpo hinge": {**preferring, "method": "dpo", "preference": {"loss": "hinge", "sft_weight": 0.5}},
        "dpo full": {**preferring, "method": "dpo", "tuning": "full", "learning_rate": 1e-3},
        "dpo freeze": {**preferring, "method": "dpo", "tuning": "freeze", "batching": "same_records"},
        "orpo": {**preferring, "method": "orpo", "epochs": 6.0, "preference": {"beta": 1.0}},
        "kto": {**judging, "epochs": 6.0},
        "kto full": {**judging, "epochs": 6.0, "tuning": "full", "learning_rate": 1e-3},
        "reward": {**preferring, "method": "reward"},
    }
    done = train_all(environment, [job(name, folder, **fields) for name, fields in jobs.items()])
    return folder, dict(zip(jobs, done, strict=True))


def result(runs: tuple[Path, dict[str, Events]], name: str) -> dict[str, Any]:
    last = runs[1][name][-1]
    assert last["event"] == "finished", last
    return dict(last["result"])


def measured(runs: tuple[Path, dict[str, Events]], name: str) -> list[dict[str, Any]]:
    result(runs, name)
    found = [event for event in runs[1][name] if event["event"] == "evaluated"]
    assert len(found) >= 2
    return found


@pytest.mark.parametrize(
    "name",
    ["sft", "whole texts", "end to end", "checkpointing", "noise", "adafactor", "sgd", "dora", "rslora", "gaussian",
     "pissa", "plus", "head too", "full", "freeze", "pretrain"],
)  # fmt: skip
def test_the_loss_on_held_out_records_falls(runs: tuple[Path, dict[str, Events]], name: str) -> None:
    first, *_, last = measured(runs, name)
    assert last["loss"] < first["loss"] - 0.05, (first, last)
    assert last["measures"] == {}


@pytest.mark.parametrize("name", PREFERENCES)
def test_the_better_answer_is_told_from_the_worse(runs: tuple[Path, dict[str, Events]], name: str) -> None:
    first, *_, last = measured(runs, name)
    assert last["loss"] < first["loss"]
    # Of single answers each has to come out on its own side of nothing, which is more than above another.
    assert last["measures"]["accuracy"] >= (0.7 if name.startswith("kto") else 0.8), (first, last)
    assert last["measures"]["margin"] > first["measures"]["margin"]


@pytest.mark.parametrize("name", ["dpo", "dpo full", "dpo freeze"])
def test_a_model_that_is_its_own_reference_begins_with_no_margin(
    runs: tuple[Path, dict[str, Events]], name: str
) -> None:
    first = measured(runs, name)[0]
    assert first["loss"] == pytest.approx(0.693147, abs=1e-4)
    assert first["measures"]["margin"] == pytest.approx(0, abs=1e-4)


def test_records_end_to_end_are_learned_as_padded_ones(runs: tuple[Path, dict[str, Events]]) -> None:
    for field in ("loss_before", "loss_after"):
        assert result(runs, "end to end")[field] == pytest.approx(result(runs, "sft")[field], abs=2e-5)


def test_computing_activations_again_changes_nothing(runs: tuple[Path, dict[str, Events]]) -> None:
    assert result(runs, "checkpointing")["loss_after"] == pytest.approx(result(runs, "sft")["loss_after"], abs=1e-6)


def test_noise_is_for_training_alone(runs: tuple[Path, dict[str, Events]]) -> None:
    assert result(runs, "noise")["loss_before"] == pytest.approx(result(runs, "sft")["loss_before"], abs=1e-6)
    assert result(runs, "noise")["loss_after"] != result(runs, "sft")["loss_after"]


def test_lora_plus_learns_quicker(runs: tuple[Path, dict[str, Events]]) -> None:
    assert result(runs, "plus")["loss_after"] < result(runs, "slow")["loss_after"] - 0.05


def test_of_frozen_layers_no_bit_changes(runs: tuple[Path, dict[str, Events]]) -> None:
    before, after = tensors(MODEL), tensors(runs[0] / "freeze" / "model")
    assert before.keys() == after.keys()
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {name for name in before if ".layers.3." in name}


def test_with_full_tuning_every_weight_changes_and_keeps_its_shape_and_format(
    runs: tuple[Path, dict[str, Events]],
) -> None:
    folder = runs[0] / "full" / "model"
    before, after = tensors(MODEL), tensors(folder)
    assert before.keys() == after.keys()
    assert all(before[name] != after[name] for name in before)
    assert all(before[name].split(b"]")[0] == after[name].split(b"]")[0] for name in before)
    assert json.loads((folder / "config.json").read_text(encoding="utf-8"))["architectures"] == ["LlamaForCausalLM"]
    for name in ("tokenizer.json", "chat_template.jinja"):
        assert (folder / name).read_bytes() == (MODEL / name).read_bytes()
    assert not (runs[0] / "full" / "adapter").exists()


def test_the_base_of_an_adapter_is_never_written(runs: tuple[Path, dict[str, Events]]) -> None:
    for name in ("sft", "dora", "dpo", "kto"):
        made = tensors(runs[0] / name / "adapter")
        assert made
        assert all("lora_" in each for each in made)


def test_a_judge_keeps_its_head_in_the_adapter(runs: tuple[Path, dict[str, Events]]) -> None:
    made = tensors(runs[0] / "reward" / "adapter")
    assert [name for name in made if name.endswith("score.weight")]
    config = json.loads((runs[0] / "reward" / "adapter" / "adapter_config.json").read_text(encoding="utf-8"))
    assert config["task_type"] == "SEQ_CLS"


def test_pissa_becomes_an_ordinary_adapter_of_twice_the_rank(runs: tuple[Path, dict[str, Events]]) -> None:
    config = json.loads((runs[0] / "pissa" / "adapter" / "adapter_config.json").read_text(encoding="utf-8"))
    assert config["r"] == 8
    assert config["init_lora_weights"] is True
    made = tensors(runs[0] / "pissa" / "adapter")
    assert all(b" [8, " in each or b", 8] " in each for each in made.values())


MEASURE = """
import json, sys
from pathlib import Path
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer
from trainer.batches import split_records
from trainer.merge import merge_adapter
from trainer.records import DataFile, Record
from trainer.tokens import tokenise
base, folder, data, names = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4:]
tokenizer = AutoTokenizer.from_pretrained(base)
records = [each for each in DataFile(data) if isinstance(each, Record)]
tokens = tokenise(records, tokenizer, max_length=96, answers_only=True)
tokens = [each for each in tokens if any(label != -100 for label in each.labels[1:])]
held_out = [tokens[place] for place in split_records(len(tokens), 0.1, 42)[1]]

def loss(model):
    total = count = 0
    model.eval()
    with torch.no_grad():
        for each in held_out:
            labels = torch.tensor(each.labels)[1:]
            logits = model(input_ids=torch.tensor([each.ids])).logits[0, :-1]
            total += float(torch.nn.functional.cross_entropy(logits, labels, reduction="sum"))
            count += int((labels != -100).sum())
    return total / count

def load(folder):
    return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)

found = {}
for name in names:
    adapter = folder / name / "adapter"
    if not adapter.is_dir():
        found[name] = [loss(load(folder / name / "model"))]
        continue
    merge_adapter(base, adapter, folder / name / "merged")
    found[name] = [loss(PeftModel.from_pretrained(load(base), adapter)), loss(load(folder / name / "merged"))]
print(json.dumps(found))
"""


def test_what_was_measured_at_the_end_is_what_the_adapter_and_the_merged_model_compute(
    runs: tuple[Path, dict[str, Events]], environment: Environment, pairs: dict[str, Path]
) -> None:
    names = ["sft", "dora", "rslora", "gaussian", "pissa", "plus", "head too", "full", "freeze"]
    done = subprocess.run(
        [str(environment.python), "-c", MEASURE, str(MODEL), str(runs[0]), str(pairs["asked"]), *names],
        cwd=ROOT, env=variables(), capture_output=True, encoding="utf-8", check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    for name in names:
        after = result(runs, name)["loss_after"]
        assert found[name] == pytest.approx([after] * len(found[name]), abs=2e-4), name
