"""LLaMA-Factory's settings mean the same as a job."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from doctor.errors import BadInput
from doctor.importing.data_sets import columns_of
from doctor.importing.job import completed, job_of, text_of
from doctor.importing.recognise import import_file
from doctor.jobs import read_job
from doctor.words.text import render
from trainer.contract import Source
from trainer.records import DataFile, Record

if TYPE_CHECKING:
    from doctor.importing.model import Imported
    from doctor.paths import Home

ROOT = Path(__file__).parent.parent.parent.parent
MODEL = ROOT / "tests" / "models" / "aidreams260k"
SETS = ROOT / "tests" / "data" / "llamafactory"

SFT = """\
### model
model_name_or_path: small
quantization_bit: 4

### method
stage: sft
do_train: true
finetuning_type: lora
lora_target: q_proj,v_proj
lora_dropout: 0.05

### dataset
dataset: identity,alpaca_en_demo
dataset_dir: data
template: llama3
cutoff_len: 1024
max_samples: 1000
overwrite_cache: true
preprocessing_num_workers: 16

### output
output_dir: saves/llama3-8b/lora/sft
logging_steps: 10
save_steps: 500
plot_loss: true
overwrite_output_dir: true

### train
per_device_train_batch_size: 1
gradient_accumulation_steps: 8
learning_rate: 1.0e-4
num_train_epochs: 3.0
lr_scheduler_type: cosine
warmup_ratio: 0.1
fp16: true

### eval
val_size: 0.1
per_device_eval_batch_size: 1
eval_strategy: steps
eval_steps: 500
"""


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder as LLaMA-Factory's users have it: settings in `examples`, data beside it."""
    place = tmp_path / "my LLaMA 工厂"
    (place / "examples").mkdir(parents=True)
    shutil.copytree(SETS, place / "data")
    shutil.copytree(MODEL, place / "small")
    return place


def imported(checkout: Path, words: str, name: str = "job.yaml") -> Imported:
    file = checkout / "examples" / name
    file.write_text(words, encoding="utf-8")
    return completed(import_file(file, folder=file.parent))


def kinds(found: Imported) -> dict[str, str]:
    return {note.name: note.kind for note in found.notes}


def test_an_example_becomes_a_job_that_runs(checkout: Path, home: Home) -> None:
    found = imported(checkout, SFT)
    written = checkout / "examples" / "job.tunedoc.yaml"
    written.write_text(text_of(found, schema="file:///x", language="zh"), encoding="utf-8")
    job = read_job(written, home)
    assert Path(job.model).samefile(checkout / "small")
    assert [Path(source.path).resolve() for source in job.data] == [
        (checkout / "data" / f"{name}.json").resolve() for name in ("identity", "alpaca_en_demo")
    ]
    assert (job.method, job.tuning, job.quantisation, job.precision) == ("sft", "lora", "nf4", "fp16")
    assert (job.per_device_batch_size, job.gradient_accumulation, job.epochs) == (1, 8, 3.0)
    assert (job.learning_rate, job.scheduler, job.warmup_ratio, job.max_length) == (1e-4, "cosine", 0.1, 1024)
    assert (job.lora.rank, job.lora.alpha, job.lora.dropout, job.lora.targets) == (8, 16, 0.05, ("q_proj", "v_proj"))
    assert (job.held_out, job.eval_steps, job.save_steps, job.log_steps) == (0.1, 500, 500, 10)
    assert job.batching == "same_records"
    told = kinds(found)
    assert told["max_samples"] == "idle"
    assert told["template"] == "changed"
    assert told["overwrite_cache"] == "idle"
    assert "unknown" not in told.values()


def test_what_is_not_written_has_llamafactorys_default(checkout: Path) -> None:
    job = job_of(imported(checkout, "stage: sft\nmodel_name_or_path: small\ndataset: identity\ntemplate: x\n").values)
    assert (job.epochs, job.learning_rate, job.scheduler, job.warmup_ratio) == (3.0, 5e-5, "linear", 0.0)
    assert (job.max_length, job.held_out, job.lora.rank, job.lora.alpha) == (2048, 0.0, 8, 16)
    assert (job.per_device_batch_size, job.gradient_accumulation) == (8, 1)


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        ("stage: pt\ndataset: wiki_demo", {"method": "pretrain"}),
        ("stage: dpo\ndataset: dpo_en_demo\npref_loss: ipo\npref_beta: 0.3\npref_ftx: 0.5",
         {"method": "dpo", "preference.loss": "ipo", "preference.beta": 0.3, "preference.sft_weight": 0.5}),
        ("stage: dpo\ndataset: dpo_en_demo\npref_loss: orpo", {"method": "orpo"}),
        ("stage: kto\ndataset: kto_en_demo\nkto_chosen_weight: 2",
         {"method": "kto", "preference.desirable_weight": 2}),
        ("stage: rm\ndataset: dpo_en_demo", {"method": "reward"}),
        ("finetuning_type: full\nlora_rank: 8\ndataset: identity", {"tuning": "full"}),
        ("finetuning_type: freeze\nfreeze_trainable_layers: 4\ndataset: identity",
         {"tuning": "freeze", "trained_layers": 4}),
        ("quantization_bit: 8\ndataset: identity", {"quantisation": "int8"}),
        ("pissa_init: true\ndataset: identity", {"lora.start": "pissa"}),
        ("use_dora: true\nuse_rslora: true\nloraplus_lr_ratio: 16\ndataset: identity",
         {"lora.dora": True, "lora.rslora": True, "lora.plus_ratio": 16}),
        ("lora_target: all\nadditional_target: embed_tokens,lm_head\ndataset: identity",
         {"lora.targets": ["all-linear"], "lora.modules_to_save": ["embed_tokens", "lm_head"]}),
        ("flash_attn: fa2\nbf16: true\nenable_liger_kernel: true\ndataset: identity",
         {"attention": "flash_attention_2", "precision": "bf16", "kernels": "liger"}),
        ("bf16: false\nfp16: false\ndataset: identity", {"precision": "fp32"}),
        ("warmup_steps: 20\nmax_steps: 100\ndataset: identity", {"warmup_steps": 20, "max_steps": 100}),
        ("lr_scheduler_type: constant\nwarmup_steps: 20\ndataset: identity",
         {"scheduler": "constant", "warmup_ratio": 0.0}),
        ("optim: paged_adamw_8bit\nneftune_noise_alpha: 5\nmax_grad_norm: 0.3\ndataset: identity",
         {"optimizer": "paged_adamw_8bit", "neftune_alpha": 5, "max_grad_norm": 0.3}),
        ("train_on_prompt: true\nreport_to: [wandb, tensorboard]\ndataset: identity",
         {"assistant_only_loss": False, "trackers": ["tensorboard", "wandb"]}),
        ("disable_gradient_checkpointing: true\ngroup_by_length: true\ndataset: identity",
         {"gradient_checkpointing": "off", "batching": "like_lengths"}),
    ],
)  # fmt: skip
def test_methods_and_their_settings(words: str, fields: dict[str, Any], checkout: Path) -> None:
    found = imported(checkout, f"model_name_or_path: small\ntemplate: x\n{words}\n")
    assert {name: found.values.get(name) for name in fields} == fields
    job_of(found.values)
    if "finetuning_type: full" in words:
        assert not [name for name in found.values if name.startswith("lora.")]


def test_a_number_of_held_out_records_becomes_a_share(checkout: Path) -> None:
    found = imported(checkout, "model_name_or_path: small\ntemplate: x\ndataset: identity\nval_size: 9\n")
    records = sum(isinstance(each, Record) for each in DataFile(checkout / "data" / "identity.json"))
    assert found.values["held_out"] == pytest.approx(9 / records, abs=1e-6)
    assert kinds(found)["val_size"] == "changed"


def test_parts_and_mixtures_become_weights(checkout: Path) -> None:
    start = "model_name_or_path: small\ntemplate: x\ndataset: identity,alpaca_en_demo\n"
    sizes = [
        sum(isinstance(each, Record) for each in DataFile(checkout / "data" / f"{name}.json"))
        for name in ("identity", "alpaca_en_demo")
    ]
    limit = min(sizes) - 1

    def weights(words: str) -> list[float]:
        found = imported(checkout, start + words)
        assert not {kinds(found)[name.partition(":")[0]] for name in words.splitlines()} & {"lost", "unknown"}
        return [source.weight for source in job_of(found.values).data]

    assert weights(f"max_samples: {limit}\n") == pytest.approx([limit / size for size in sizes], abs=1e-6)
    assert weights("max_samples: 100000\n") == [1.0, 1.0]
    length = min(sizes[0] / 0.25, sizes[1] / 0.75)
    assert weights("mix_strategy: interleave_under\ninterleave_probs: 0.25,0.75\n") == pytest.approx(
        [0.25 * length / sizes[0], 0.75 * length / sizes[1]], abs=1e-6
    )
    assert max(weights("mix_strategy: interleave_over\ninterleave_probs: 0.5,0.5\n")) > 1
    assert weights("mix_strategy: concat\n") == [1.0, 1.0]


def test_every_local_set_of_the_table_is_read_by_our_reader(checkout: Path) -> None:
    from trainer.sources import read_source

    table = json.loads((checkout / "data" / "dataset_info.json").read_text(encoding="utf-8"))
    here = [name for name, entry in table.items() if (checkout / "data" / entry.get("file_name", "-")).is_file()]
    assert len(here) >= 5
    for name in here:
        stage = "pt" if name in ("wiki_demo", "c4_demo") else "sft"
        found = imported(checkout, f"stage: {stage}\nmodel_name_or_path: small\ntemplate: x\ndataset: {name}\n")
        sources = found.values["data"]
        assert isinstance(sources, list)
        source = Source(**sources[0])
        path = str((checkout / "examples" / source.path).resolve())
        read = list(read_source(Source(path=path, columns=source.columns)))
        assert any(isinstance(each, Record) for each in read), name


@pytest.mark.parametrize(
    ("entry", "raw", "columns"),
    [
        ({"columns": {"prompt": "instruction", "query": "input", "response": "output"}}, False, {}),
        ({"columns": {"prompt": "question", "response": "answer", "system": "system_prompt"}}, False,
         {"instruction": "question", "output": "answer", "system": "system_prompt"}),
        ({"columns": {"prompt": "content"}}, True, {"text": "content"}),
        ({"columns": {"prompt": "text"}}, True, {}),
        ({"formatting": "sharegpt", "columns": {"messages": "conversation_list"}}, False,
         {"messages": "conversation_list"}),
        ({"columns": {"messages": "messages"}, "tags": {"role_tag": "role", "content_tag": "content",
          "user_tag": "user", "assistant_tag": "assistant"}}, False, {}),
        ({"tags": {"role_tag": "who", "content_tag": "said", "user_tag": "Q", "assistant_tag": "A",
          "observation_tag": "T", "function_tag": "F", "system_tag": "S"}}, False,
         {"role": "who", "content": "said", "role:user": "Q", "role:assistant": "A", "role:tool": "T",
          "role:tool_call": "F", "role:system": "S"}),
        ({"columns": {"prompt": "prompt", "response": "completion", "kto_tag": "label"}}, False, {}),
        ({"columns": {"messages": "completion", "kto_tag": "good"}},
         False, {"messages": "completion", "label": "good"}),
        ({"columns": 3, "tags": "x"}, False, {}),
    ],
)  # fmt: skip
def test_columns_and_tags(entry: dict[str, Any], raw: bool, columns: dict[str, str]) -> None:
    assert columns_of(entry, raw) == columns


@pytest.mark.parametrize(
    ("words", "name", "line", "message"),
    [
        ("stage: ppo\ndataset: identity\ntemplate: x\n", "stage", 1, "PPO"),
        ("template: x\nexport_dir: y\n", None, None, "name no data"),
        ("template: x\ndataset: identity\nlora_rank: many\n", "lora_rank", 3, "a number"),
        ("template: x\ndataset: identity\nlora_rank: 8.5\n", "lora_rank", 3, "whole number"),
        ("template: x\ndataset: identity\nbf16: perhaps\n", "bf16", 3, "true or false"),
        ("template: x\ndataset: identity\nstage: sfft\n", "stage", 3, "one of"),
        ("template: x\ntemplate: y\ndataset: identity\n", "template", 2, "twice"),
        ("- template\n", None, 1, "`name: value` lines"),
        ("template: [\n", None, 2, "not valid YAML"),
    ],
)
def test_what_cannot_become_a_job_is_named_with_its_line(
    words: str, name: str | None, line: int | None, message: str, checkout: Path
) -> None:
    with pytest.raises(BadInput) as caught:
        imported(checkout, words)
    assert message in render(caught.value.message, "en")
    assert (caught.value.field, caught.value.line) == (name, line)


def test_values_that_we_do_not_take_are_told_and_left_out(checkout: Path) -> None:
    found = imported(
        checkout,
        "model_name_or_path: small\ntemplate: x\ndataset: identity\nlora_dropout: 1.0\nval_size: 0.9\n"
        "lora_rankk: 4\nadam_beta2: 0.95\nadam_beta1: 0.9\n",
    )
    told = kinds(found)
    assert {told[name] for name in ("lora_dropout", "val_size", "adam_beta2")} == {"lost"}
    assert (told["lora_rankk"], told["adam_beta1"]) == ("unknown", "idle")
    assert "lora.dropout" not in found.values and "held_out" not in found.values
    message = next(note.message for note in found.notes if note.name == "lora_rankk")
    assert message is not None and "`lora_rank`" in render(message, "en")


def test_a_table_that_is_broken_is_refused_with_its_place(checkout: Path) -> None:
    (checkout / "data" / "dataset_info.json").write_text('{"identity": {"file_name": \n', encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        imported(checkout, "template: x\ndataset: identity\n")
    assert caught.value.file is not None and caught.value.file.endswith("dataset_info.json")
    assert caught.value.line is not None
