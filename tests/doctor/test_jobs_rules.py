"""What does not go together in a job is refused at its line; what has no effect is told."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor.errors import BadInput
from doctor.fields.ranges import COLUMNS, TRACKERS
from doctor.fields.rules import find_conflicts, find_remarks
from doctor.jobs import check_job, read_job, read_job_file
from doctor.words.text import render
from trainer.columns import COLUMN_NAMES, TURN_NAMES
from trainer.contract import Job, Lora, Preference, Source

if TYPE_CHECKING:
    from doctor.paths import Home

ROOT = Path(__file__).parent.parent.parent
MODEL = ROOT / "tests" / "models" / "aidreams260k"
START = f"model: '{MODEL}'\ndata: data.jsonl\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "my jobs 任务"
    place.mkdir()
    for name in ("data.jsonl", "more.jsonl", "test.jsonl"):
        (place / name).write_text('{"prompt": "a", "completion": "b"}\n', encoding="utf-8")
    (place / "chats").mkdir()
    (place / "chats" / "one.json").write_text("[]", encoding="utf-8")
    (place / "empty").mkdir()
    return place


def job_file(folder: Path, text: str) -> Path:
    file = folder / "first.yaml"
    file.write_text(START + text, encoding="utf-8")
    return file


def test_every_field_of_the_contract_can_be_written(folder: Path, home: Home) -> None:
    file = folder / "whole.yaml"
    file.write_text(
        f"""\
model: '{MODEL}'
data:
  - data.jsonl
  - path: chats
    weight: 0.5
    layout: sharegpt
    columns: {{messages: talk, "role:user": 客户}}
output: out
method: sft
tuning: lora
quantisation: nf4
double_quantisation: false
held_out_data: {{path: test.jsonl}}
epochs: 2
max_steps: 40
learning_rate: 1e-4
per_device_batch_size: 2
gradient_accumulation: 4
processes: 2
batching: same_records
micro_batch_tokens: 4096
packing: padding_free
max_length: 2048
warmup_steps: 5
scheduler: constant
optimizer: paged_adamw_8bit
max_grad_norm: 0
neftune_alpha: 5
gradient_checkpointing: on
attention: flash_attention_2
kernels: liger
weight_decay: 0.01
assistant_only_loss: false
precision: bf16
seed: 1
save_steps: 10
save_limit: 1
log_steps: 2
eval_steps: 20
threads: 2
sample_prompts: Who are you?
trackers: [wandb, tensorboard]
lora:
  rank: 32
  alpha: 64
  dropout: 0.05
  targets: [q_proj, v_proj]
  start: gaussian
  dora: true
  rslora: true
  plus_ratio: 16
  modules_to_save: lm_head
preference:
  beta: 0.2
  loss: ipo
  sft_weight: 0.5
  desirable_weight: 2
  undesirable_weight: 0.5
""",
        encoding="utf-8",
    )
    job = read_job(file, home)
    assert job.data == (
        Source(path=str(folder / "data.jsonl")),
        Source(
            path=str(folder / "chats"),
            weight=0.5,
            layout="sharegpt",
            columns={"messages": "talk", "role:user": "客户"},
        ),
    )
    assert job.held_out_data == (Source(path=str(folder / "test.jsonl")),)
    assert job.lora == Lora(
        rank=32,
        alpha=64,
        dropout=0.05,
        targets=("q_proj", "v_proj"),
        start="gaussian",
        dora=True,
        rslora=True,
        plus_ratio=16.0,
        modules_to_save=("lm_head",),
    )
    assert job.preference == Preference(
        beta=0.2, loss="ipo", sft_weight=0.5, desirable_weight=2.0, undesirable_weight=0.5
    )
    assert (job.gradient_checkpointing, job.warmup_steps, job.trackers) == ("on", 5, ("wandb", "tensorboard"))


@pytest.mark.parametrize(
    ("text", "line", "field", "words"),
    [
        ("tuning: full\nquantisation: nf4\n", 4, "quantisation", "cannot be trained themselves"),
        ("lora:\n  rank: 8\ntuning: full\n", 4, "lora.rank", "trains none"),
        ("quantisation: int8\nlora:\n  start: pissa\n", 5, "lora.start", "16-bit weights"),
        ("lora:\n  start: pissa\n  dora: true\n", 4, "lora.start", "`dora`"),
        ("method: dpo\nlora:\n  start: pissa\n", 5, "lora.start", "untouched base"),
        ("lora:\n  targets: [all-linear, q_proj]\n", 4, "lora.targets", "every layer already"),
        (
            "lora:\n  targets: [lm_head]\n  modules_to_save: [lm_head]\n",
            5,
            "lora.modules_to_save",
            "trained whole and to get an adapter",
        ),
        ("attention: sdpa\npacking: padding_free\n", 4, "packing", "needs flash attention"),
        ("method: dpo\npacking: padding_free\n", 4, "packing", "single texts"),
        ("precision: fp32\nattention: flash_attention_2\n", 4, "attention", "16 bits"),
        ("split: layers\nprocesses: 2\n", 3, "split", "one process"),
        ("held_out: 0.2\nheld_out_data: test.jsonl\n", 3, "held_out", "both"),
        ("held_out: 0\neval_steps: 5\n", 4, "eval_steps", "no records are held out"),
        ("held_out_data: [test.jsonl, data.jsonl]\n", 3, "held_out_data", "learned from and measured on"),
        ("method: kto\nper_device_batch_size: 1\n", 4, "per_device_batch_size", "compares"),
        ("method: reward\nsample_prompts: Why\n", 4, "sample_prompts", "answers no questions"),
        ("trackers: wandbb\n", 3, "trackers", "no tracker `wandbb`"),
        ("output: data.jsonl\n", 3, "output", "over the model or the data"),
        (
            "method: kto\nheld_out_data:\n  - path: test.jsonl\n    layout: alpaca\n",
            6,
            "held_out_data[0].layout",
            "`alpaca`",
        ),
        (
            "held_out_data:\n  - test.jsonl\n  - path: more.jsonl\n    columns: {outputs: x}\n",
            6,
            "held_out_data[1].columns",
            "no field `outputs`",
        ),
        ("trained_layers: 0\n", 3, "trained_layers", "≥ 1"),
        ("lora:\n  plus_ratio: 0.5\n", 4, "lora.plus_ratio", "≥ 1"),
        ("preference:\n  beta: 0\n", 4, "preference.beta", "> 0"),
        ("preference:\n  bta: 1\n", 4, "preference.bta", "no field `preference.bta`"),
        ("preference: 1\n", 3, "preference", "fields of its own"),
        ("held_out_data:\n  - path: test.jsonl\n    weight: 0\n", 5, "held_out_data[0].weight", "cannot be 0"),
        ("held_out_data:\n  - weight: 2\n", 4, "held_out_data.path", "does not say its"),
        ("held_out_data:\n  - path: test.jsonl\n    columns: [a]\n", 5, "held_out_data[0].columns", "mapping"),
        ("held_out_data: empty\n", 3, "held_out_data", "no data file"),
        ("held_out_data:\n  - test.jsonl\n  - none.jsonl\n", 5, "held_out_data", "there is no data file"),
        ("held_out_data: []\n", 3, "held_out_data", "a list of them"),
        ("lora:\n  targets: []\n", 4, "lora.targets", "a list of names"),
        ("gradient_checkpointing: maybe\n", 3, "gradient_checkpointing", "one of: auto, on, off"),
        ("? [a, b]\n: 1\n", 3, "[…]", "no field"),
        ("epochs: &a [*a]\n", 3, None, "nests deeper"),
        ("epochs: !!python/object:x 1\n", 3, "epochs", "must be a number"),
    ],
)
def test_a_contradiction_is_named_with_its_line(
    text: str, line: int, field: str | None, words: str, folder: Path, home: Home
) -> None:
    with pytest.raises(BadInput) as caught:
        read_job(job_file(folder, text), home)
    error = caught.value
    assert words in render(error.message, "en")
    assert (error.line, error.field) == (line, field)
    assert render(error.message, "zh")
    if error.hint is not None:
        assert render(error.hint, "zh")


@pytest.mark.parametrize(
    ("text", "field", "words"),
    [
        ("trained_layers: 4\n", "trained_layers", "`tuning: freeze`"),
        ("double_quantisation: true\n", "double_quantisation", "`quantisation: nf4`"),
        ("batching: plain\nmicro_batch_tokens: 9999\n", "micro_batch_tokens", "`batching: same_records`"),
        ("preference:\n  loss: ipo\n", "preference.loss", "`method: dpo`"),
        ("method: pretrain\nassistant_only_loss: true\n", "assistant_only_loss", "`method: sft`"),
        ("epochs: 3\nmax_steps: 5\n", "epochs", "ends the run"),
        ("warmup_ratio: 0.1\nwarmup_steps: 5\n", "warmup_ratio", "`warmup_ratio` does not"),
        ("held_out: 0\nsample_prompts: Why?\n", "sample_prompts", "nothing is held out"),
        ("tuning: full\n", "learning_rate", "0.0002"),
        ("method: dpo\nlearning_rate: 1e-4\n", "learning_rate", "0.0001"),
        ("micro_batch_tokens: 100\n", "micro_batch_tokens", "one of its own"),
        ("max_steps: 10\nwarmup_steps: 10\n", "warmup_steps", "never reaches its peak"),
        ("max_steps: 10\nsave_steps: 50\n", "save_steps", "before the first checkpoint"),
    ],
)
def test_what_has_no_effect_is_told(text: str, field: str, words: str, folder: Path, home: Home) -> None:
    found = read_job_file(job_file(folder, text), home).remarks
    told = {remark.field: render(remark.message, "en") for remark, _ in found}
    assert words in told[field]
    assert all(render(remark.message, "zh") for remark, _ in found)


def test_a_job_with_nothing_but_defaults_is_left_alone() -> None:
    job = Job(model="m", data=(Source(path="d"),), output="o")
    assert not list(find_conflicts(job, {"model", "data"}))
    assert not list(find_remarks(job, {"model", "data"}))


def test_columns_and_trackers_are_those_of_the_trainer() -> None:
    assert set(COLUMNS) == {*COLUMN_NAMES, *TURN_NAMES}
    assert set(TRACKERS) == {"tensorboard", "wandb", "swanlab", "mlflow"}


@pytest.mark.parametrize(
    ("text", "field"),
    [("tuning: full\n", "tuning"), ("quantisation: nf4\n", "quantisation"), ("lora:\n  start: pissa\n", "lora.start")],
)
def test_a_base_that_is_quantised_already_takes_a_plain_adapter_only(
    text: str, field: str, folder: Path, home: Home
) -> None:
    shutil.copytree(MODEL, folder / "base")
    config = folder / "base" / "config.json"
    settings = json.loads(config.read_text(encoding="utf-8"))
    config.write_text(json.dumps({**settings, "quantization_config": {"quant_method": "gptq"}}), encoding="utf-8")
    file = folder / "first.yaml"
    file.write_text(f"model: base\ndata: data.jsonl\n{text}", encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        check_job(read_job(file, home))
    assert (caught.value.field, caught.value.file) == (field, str(config))
    assert "gptq" in render(caught.value.message, "en") and render(caught.value.message, "zh")


def test_records_longer_than_the_model_was_made_for_are_told(folder: Path, home: Home) -> None:
    (remark,) = check_job(read_job(job_file(folder, "max_length: 9999\n"), home))
    assert "9999" in render(remark.message, "en")
    assert not check_job(read_job(job_file(folder, "max_length: 64\n"), home))


def test_a_job_can_be_read_whose_model_and_data_are_elsewhere(folder: Path, home: Home) -> None:
    file = folder / "far.yaml"
    file.write_text("model: owner/name\ndata: none.jsonl\n\nlora:\n  rank: 8\n", encoding="utf-8")
    found = read_job_file(file, home, elsewhere=True)
    assert (found.job.model, found.job.data[0].path) == ("owner/name", str(folder / "none.jsonl"))
    assert (found.line_of("lora.rank"), found.count) == (5, 3)
    with pytest.raises(BadInput):
        read_job_file(file, home)
