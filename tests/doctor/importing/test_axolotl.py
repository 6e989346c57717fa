"""Axolotl's settings mean the same as a job."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from doctor.errors import BadInput
from doctor.importing.job import completed, job_of
from doctor.importing.recognise import import_file
from doctor.words.text import render

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.importing.model import Imported

QLORA = """\
base_model: NousResearch/Llama-3.2-1B
model_type: LlamaForCausalLM
load_in_8bit: false
load_in_4bit: true
strict: false
datasets:
  - path: teknium/GPT4-LLM-Cleaned
    type: alpaca
dataset_prepared_path: last_run_prepared
val_set_size: 0.1
output_dir: ./outputs/qlora-out
adapter: qlora
lora_model_dir:
sequence_len: 2048
sample_packing: true
eval_sample_packing: true
lora_r: 32
lora_alpha: 16
lora_dropout: 0.05
lora_target_modules: [gate_proj, down_proj]
wandb_project:
wandb_entity:
gradient_accumulation_steps: 4
micro_batch_size: 2
num_epochs: 1
optimizer: adamw_bnb_8bit
lr_scheduler: cosine
learning_rate: 0.0002
bf16: auto
tf32: false
gradient_checkpointing: true
resume_from_checkpoint:
logging_steps: 1
flash_attention: true
loss_watchdog_threshold: 5.0
loss_watchdog_patience: 3
warmup_steps: 10
evals_per_epoch: 4
saves_per_epoch: 1
weight_decay: 0.0
special_tokens:
  pad_token: "<|end_of_text|>"
"""


def imported(tmp_path: Path, words: str) -> Imported:
    file = tmp_path / "轴 axolotl.yml"
    file.write_text(words, encoding="utf-8")
    return completed(import_file(file, folder=tmp_path))


def kinds(found: Imported) -> dict[str, str]:
    return {note.name: note.kind for note in found.notes}


def test_an_example_becomes_a_job_with_the_same_numbers(tmp_path: Path) -> None:
    found = imported(tmp_path, QLORA)
    job = job_of(found.values)
    assert (job.model, job.tuning, job.quantisation) == ("NousResearch/Llama-3.2-1B", "lora", "nf4")
    assert (job.per_device_batch_size, job.gradient_accumulation, job.epochs) == (2, 4, 1)
    assert (job.warmup_steps, job.learning_rate, job.scheduler, job.optimizer) == (10, 2e-4, "cosine", "adamw_8bit")
    assert (job.max_length, job.held_out, job.precision, job.attention) == (2048, 0.1, "auto", "flash_attention_2")
    assert (job.lora.rank, job.lora.alpha, job.lora.targets) == (32, 16, ("gate_proj", "down_proj"))
    told = kinds(found)
    assert told["sample_packing"] == "changed"
    assert told["datasets[0].path"] == "lost"
    assert told["special_tokens"] == told["wandb_project"] == told["strict"] == "idle"
    assert "unknown" not in told.values()
    assert found.comments["max_length"].key == "importing.dropped"


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        ("adapter: lora\nload_in_8bit: true", {"tuning": "lora", "quantisation": "int8"}),
        ("lora_r: 8", {"tuning": "full"}),
        ("adapter: lora\nlora_target_linear: true\nlora_target_modules: [q_proj]", {"lora.targets": ["all-linear"]}),
        ("rl: dpo\nrl_beta: 0.2\nadapter: lora", {"method": "dpo", "preference.beta": 0.2}),
        ("rl: ipo\nadapter: lora", {"method": "dpo", "preference.loss": "ipo"}),
        ("rl: orpo\norpo_alpha: 0.1\nadapter: lora", {"method": "orpo", "preference.beta": 0.1}),
        ("rl: kto\nkto_desirable_weight: 0.2\nmicro_batch_size: 2\nadapter: lora",
         {"method": "kto", "preference.desirable_weight": 0.2}),
        ("reward_model: true", {"method": "reward"}),
        ("batch_size: 32\nmicro_batch_size: 4", {"per_device_batch_size": 4, "gradient_accumulation": 8}),
        ("micro_batch_size: 4\ngradient_accumulation_steps: 2\nbatch_size: 8",
         {"per_device_batch_size": 4, "gradient_accumulation": 2}),
        ("warmup_ratio: 0.1", {"warmup_ratio": 0.1}),
        ("bf16: true\nfp16:", {"precision": "bf16"}),
        ("bf16: false\nfp16: true", {"precision": "fp16"}),
        ("bf16: false\nfp16: false", {"precision": "fp32"}),
        ("train_on_inputs: true", {"assistant_only_loss": False}),
        ("attn_implementation: sdpa", {"attention": "sdpa"}),
        ("wandb_project: mine", {"trackers": ["wandb"]}),
        ("use_mlflow: true", {"trackers": ["mlflow"]}),
        ("plugins: [axolotl.integrations.liger.LigerPlugin]", {"kernels": "liger"}),
        ("peft_use_dora: true\nadapter: lora", {"lora.dora": True}),
        ("peft_init_lora_weights: pissa_niter_4\nadapter: lora", {"lora.start": "pissa"}),
        ("max_steps: 30\nseed: 7\nmax_grad_norm: 0.5\nneftune_noise_alpha: 5",
         {"max_steps": 30, "seed": 7, "max_grad_norm": 0.5, "neftune_alpha": 5}),
        ("eval_steps: 20\nval_set_size: 0.2", {"eval_steps": 20, "held_out": 0.2}),
        ("save_steps: 100\nsave_total_limit: 3", {"save_steps": 100, "save_limit": 3}),
    ],
)  # fmt: skip
def test_settings(words: str, fields: dict[str, Any], tmp_path: Path) -> None:
    found = imported(tmp_path, f"base_model: a/b\ndatasets: [{{path: x.json}}]\n{words}\n")
    assert {name: found.values.get(name) for name in fields} == fields
    job_of(found.values)


def test_what_is_not_written_has_axolotls_default(tmp_path: Path) -> None:
    job = job_of(imported(tmp_path, "base_model: a/b\ndatasets: [{path: x.json}]\nlearning_rate: 1e-5\n").values)
    assert (job.per_device_batch_size, job.gradient_accumulation, job.epochs, job.max_length) == (1, 1, 1.0, 512)
    assert (job.tuning, job.held_out, job.scheduler, job.warmup_ratio) == ("full", 0.0, "cosine", 0.03)


@pytest.mark.parametrize(
    ("entry", "columns"),
    [
        ("type: alpaca", {}),
        ("type: sharegpt", {}),
        ("type: chat_template\n    field_messages: conversations\n"
         "    message_property_mappings: {role: from, content: value}", {}),
        ("type: chat_template\n    field_messages: talk\n    message_field_role: who\n    message_field_content: said",
         {"messages": "talk", "role": "who", "content": "said"}),
        ("type: chat_template\n    roles: {user: [customer], assistant: [agent, gpt]}",
         {"role:user": "customer", "role:assistant": "agent"}),
        ("type: {field_instruction: q, field_input: more, field_output: a, format: '[INST] {instruction}'}",
         {"instruction": "q", "input": "more", "output": "a"}),
        ("type: jeopardy", {"instruction": "question", "output": "answer"}),
        ("type: gpteacher", {"output": "response"}),
    ],
)  # fmt: skip
def test_data_sets_become_columns(entry: str, columns: dict[str, str], tmp_path: Path) -> None:
    (tmp_path / "mine.jsonl").write_text("{}\n", encoding="utf-8")
    found = imported(tmp_path, f"base_model: a/b\ndatasets:\n  - path: mine.jsonl\n    {entry}\n")
    sources = found.values["data"]
    assert isinstance(sources, list)
    assert sources == [{"path": "mine.jsonl", **({"columns": columns} if columns else {})}]
    job_of(found.values)


def test_files_of_a_data_set_and_records_to_measure_on(tmp_path: Path) -> None:
    for name in ("a.json", "b.json", "test.json"):
        (tmp_path / name).write_text("[]", encoding="utf-8")
    found = imported(
        tmp_path,
        "base_model: a/b\ndatasets:\n  - path: json\n    data_files: [a.json, b.json]\n    type: alpaca\n"
        "test_datasets:\n  - path: test.json\n    split: train\nval_set_size: 0.1\n",
    )
    assert found.values["data"] == [{"path": "a.json"}, {"path": "b.json"}]
    assert found.values["held_out_data"] == [{"path": "test.json"}]
    assert "held_out" not in found.values
    assert kinds(found)["val_set_size"] == "idle"


def test_raw_text_is_pretraining(tmp_path: Path) -> None:
    for words in (
        "datasets: [{path: x.txt, type: completion, field: body}]",
        "pretraining_dataset: [{path: x, text_column: body}]",
    ):
        found = imported(tmp_path, f"base_model: a/b\n{words}\n")
        assert found.values["method"] == "pretrain"
        sources = found.values["data"]
        assert isinstance(sources, list) and sources[0]["columns"] == {"text": "body"}


@pytest.mark.parametrize(
    ("words", "field", "line", "message"),
    [
        ("rl: grpo\ndatasets: [{path: x}]\n", "rl", 2, "GRPO"),
        ("datasets: [{type: alpaca}]\nsequence_len: 1\n", "datasets", 2, "each with a `path`"),
        ("micro_batch_size: two\ndatasets: [{path: x}]\n", "micro_batch_size", 2, "a number"),
        ("sequence_len: 512\n", None, None, "name no data"),
    ],
)
def test_what_cannot_become_a_job_is_named_with_its_line(
    words: str, field: str | None, line: int | None, message: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput) as caught:
        imported(tmp_path, f"base_model: a/b\n{words}")
    assert message in render(caught.value.message, "en")
    assert (caught.value.field, caught.value.line) == (field, line)


def test_what_contradicts_itself_is_taken_out_and_told(tmp_path: Path) -> None:
    found = imported(
        tmp_path,
        "base_model: a/b\nadapter: lora\nrl: kto\ndatasets: [{path: x}]\nlora_modules_to_save: [q_proj]\n"
        "lora_target_modules: [q_proj]\n",
    )
    assert "lora.modules_to_save" not in found.values
    assert kinds(found)["lora.modules_to_save"] == "lost"
    assert kinds(found)["per_device_batch_size"] == "lost"
