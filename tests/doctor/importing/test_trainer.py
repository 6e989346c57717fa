"""Command lines, scripts and notebooks mean the same as a job; nothing of them is run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from doctor.errors import BadInput
from doctor.importing.command import find_commands
from doctor.importing.job import completed, job_of
from doctor.importing.recognise import import_file
from doctor.words.text import render

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.importing.model import Imported


def imported(tmp_path: Path, name: str, words: str) -> Imported:
    file = tmp_path / name
    file.write_text(words, encoding="utf-8")
    return completed(import_file(file, folder=tmp_path))


def kinds(found: Imported) -> dict[str, str]:
    return {note.name: note.kind for note in found.notes}


SHELL = """\
#!/bin/bash
# python commented.py --learning_rate 9
export CUDA_VISIBLE_DEVICES=0,1
MODEL="base model"
LR=${LR:-2e-5}
cd /somewhere
torchrun --nproc_per_node=2 --master_port 29501 src/train_sft.py \\
    --model_name_or_path "$MODEL" \\
    --train_file "train set.jsonl" \\
    --validation_file val.json \\
    --per_device_train_batch_size 4 \\
    --gradient_accumulation_steps 8 \\
    --num_train_epochs 3 --learning_rate $LR \\
    --lr_scheduler_type cosine --warmup_ratio 0.03 \\
    --weight_decay 0. --bf16 True --model_max_length 2048 \\
    --gradient_checkpointing \\
    --use_peft --lora_r 64 --lora_alpha 16 --lora_target_modules q_proj k_proj \\
    --seed $SEED \\
    --report_to wandb --deepspeed zero3.json \\
    --output_dir out 2>&1 | tee log.txt
"""


def test_a_shell_script_means_the_same(tmp_path: Path) -> None:
    (tmp_path / "base model").mkdir()
    (tmp_path / "train set.jsonl").write_text("{}\n", encoding="utf-8")
    (tmp_path / "val.json").write_text("[]", encoding="utf-8")
    (tmp_path / "zero3.json").write_text('{"zero_optimization": {"stage": 3}}', encoding="utf-8")
    found = imported(tmp_path, "train.sh", SHELL)
    job = job_of(found.values)
    assert (job.model, job.data[0].path, job.held_out_data[0].path) == ("base model", "train set.jsonl", "val.json")
    assert (job.per_device_batch_size, job.gradient_accumulation, job.processes) == (4, 8, 2)
    assert (job.epochs, job.learning_rate, job.scheduler, job.warmup_ratio) == (3.0, 2e-5, "cosine", 0.03)
    assert (job.max_length, job.precision, job.gradient_checkpointing, job.trackers) == (2048, "bf16", "on", ("wandb",))
    assert (job.lora.rank, job.lora.alpha, job.lora.targets) == (64, 16, ("q_proj", "k_proj"))
    told = kinds(found)
    assert told["seed"] == told["deepspeed"] == "lost"
    message = next(note.message for note in found.notes if note.name == "deepspeed")
    assert message is not None and "stage 3" in render(message, "en")
    assert "unknown" not in told.values()


@pytest.mark.parametrize(
    ("name", "words", "fields"),
    [
        ("a.ps1", "$lr = 1e-4\npython .\\train.py `\n  --base_model 'D:\\m\\Llama 3' `\n  --data_path D:\\d.json `\n"
         "  --batch_size 128 --micro_batch_size 4 `\n  --learning_rate $lr --cutoff_len 512 `\n"
         "  --lora_r 8 --lora_target_modules '[q_proj,v_proj]' --group_by_length\n",
         {"model": "D:\\m\\Llama 3", "gradient_accumulation": 32, "learning_rate": 1e-4, "max_length": 512,
          "lora.targets": ["q_proj", "v_proj"], "batching": "like_lengths"}),
        ("a.bat", "@echo off\nset LR=3e-5\nrem python old.py --learning_rate 1\n"
         "python train.py ^\n --model_name_or_path m ^\n"
         " --train_file d.json --learning_rate %LR% --max_seq_length 256\n",
         {"learning_rate": 3e-5, "max_length": 256, "tuning": "full"}),
        ("a.sh", "CUDA_VISIBLE_DEVICES=0 python train.py --model_name_or_path m --train_file=d.json "
         "--per_device_train_batch_size=2",
         {"per_device_batch_size": 2}),
        ("a.sh", "trl dpo --model_name_or_path a/b --dataset_name d.jsonl --use_peft --beta 0.3 --loss_type ipo",
         {"method": "dpo", "learning_rate": 1e-6, "preference.beta": 0.3, "preference.loss": "ipo",
          "lora.dropout": 0.05}),
        ("a.sh", "accelerate launch --num_processes 2 --mixed_precision bf16 trl/scripts/sft.py "
         "--model_name_or_path a/b --dataset_name d.jsonl --packing",
         {"processes": 2, "precision": "bf16", "tuning": "full", "learning_rate": 2e-5}),
        ("a.sh", 'torchrun --nproc_per_node="$N" --master_addr="1" "$ENTRY" --model_name_or_path a/b '
         "--train_file d.json "
         "--use_peft_lora True --use_4bit_quantization False --lora_target_modules q_proj 'visual.*.q_proj'",
         {"tuning": "lora", "lora.targets": None}),
        ("a.sh", "deepspeed --num_gpus 4 train.py --model_name_or_path a/b --train_file d.json", {"processes": 4}),
        ("a.sh", "python qlora.py --model_name_or_path a/b --dataset d.json --bits 4 --double_quant "
         "--lora_r 64 --max_steps 10",
         {"quantisation": "nf4", "double_quantisation": True, "lora.rank": 64, "max_steps": 10}),
        ("a.sh", "cd there && python train.py --model_name_or_path a/b --train_file d.json --optim adamw_torch",
         {"optimizer": "adamw"}),
        ("a.sh", "python -m torch.distributed.run --nproc_per_node 3 train.py "
         "--model_name_or_path a/b --train_file d.json",
         {"processes": 3}),
        ("a.json", '{"output_dir": "o", "per_device_train_batch_size": 2, "learning_rate": 1e-4, '
         '"optim": "lion_32bit"}',
         {"optimizer": "adamw", "per_device_batch_size": 2, "epochs": 3.0}),
    ],
)  # fmt: skip
def test_command_lines_and_argument_files(name: str, words: str, fields: dict[str, Any], tmp_path: Path) -> None:
    found = imported(tmp_path, name, words)
    assert {field: found.values.get(field) for field in fields} == fields
    job_of(found.values)


def test_a_command_of_llamafactory_reads_the_file_that_it_names(tmp_path: Path) -> None:
    (tmp_path / "sft.yaml").write_text(
        "model_name_or_path: a/b\nstage: sft\ndataset: x\ntemplate: t\nlearning_rate: 1e-4\n", encoding="utf-8"
    )
    found = imported(tmp_path, "run.bat", "set X=1\r\nllamafactory-cli train sft.yaml learning_rate=3e-5\r\n")
    assert (found.tool, found.values["learning_rate"]) == ("LLaMA-Factory", 3e-5)
    found = imported(
        tmp_path, "run2.sh", "python src/train.py --stage sft --template t --dataset x --model_name_or_path a/b\n"
    )
    assert found.tool == "LLaMA-Factory"
    with pytest.raises(BadInput) as caught:
        imported(tmp_path, "run3.sh", "\nllamafactory-cli train none.yaml\n")
    assert caught.value.line == 2
    (tmp_path / "ax.yml").write_text("base_model: a/b\ndatasets: [{path: x}]\nsequence_len: 64\n", encoding="utf-8")
    for words in (
        "axolotl train ax.yml",
        "accelerate launch -m axolotl.cli.train ax.yml",
        "python -m axolotl.cli.train ax.yml",
    ):
        assert imported(tmp_path, "run4.sh", words + "\n").values["max_length"] == 64


def test_the_launcher_is_told_from_the_script(tmp_path: Path) -> None:
    source = (
        "torchrun --nproc_per_node 2 --rdzv_endpoint=h:1 -m pkg.train --lr 1\nexport A=1\necho python x.py --lr 2\n"
    )
    (command,) = find_commands(source, tmp_path / "x.sh")
    assert set(command.launch) == {"nproc_per_node", "rdzv_endpoint"}
    assert {name: given.value for name, given in command.settings.items()} == {"lr": "1"}


UNSLOTH = """
import os, argparse, torch
from unsloth import FastLanguageModel, is_bfloat16_supported
parser = argparse.ArgumentParser()
parser.add_argument("--max-steps", type=int, default=60)
parser.add_argument("--train_file", default=os.path.join("data", "mine.json"))
args = parser.parse_args()
max_seq_length = 1024 * 2
os.remove("never-run\\d")
model, tokenizer = FastLanguageModel.from_pretrained(
    model_name="unsloth/llama-3-8b-bnb-4bit", max_seq_length=max_seq_length, dtype=None, load_in_4bit=True)
model = FastLanguageModel.get_peft_model(model, r=16, target_modules=["q_proj", "k_proj"], lora_alpha=16,
    lora_dropout=0, bias="none", use_gradient_checkpointing="unsloth", random_state=3407, loftq_config=None)
dataset = load_dataset("json", data_files=args.train_file, split="train")
trainer = SFTTrainer(model=model, train_dataset=dataset, dataset_text_field="text", max_seq_length=max_seq_length,
    packing=False, args=TrainingArguments(per_device_train_batch_size=2, gradient_accumulation_steps=4,
        warmup_steps=5, max_steps=args.max_steps, learning_rate=2e-4, fp16=not is_bfloat16_supported(),
        bf16=is_bfloat16_supported(), optim="adamw_8bit", lr_scheduler_type="linear", output_dir="outputs",
        save_steps=compute()))
"""


def test_a_script_is_read_and_never_run(tmp_path: Path) -> None:
    found = imported(tmp_path, "train.py", UNSLOTH)
    job = job_of(found.values)
    assert (found.tool, job.model, job.quantisation, job.tuning) == ("Unsloth", "unsloth/llama-3-8b", "nf4", "lora")
    assert (job.max_length, job.max_steps, job.warmup_steps, job.seed) == (2048, 60, 5, 3407)
    assert (job.per_device_batch_size, job.gradient_accumulation, job.learning_rate) == (2, 4, 2e-4)
    assert (job.precision, job.optimizer, job.scheduler) == ("auto", "adamw_8bit", "linear")
    assert (job.lora.rank, job.lora.alpha, job.lora.targets) == (16, 16, ("q_proj", "k_proj"))
    assert job.data[0].path == "data/mine.json"
    assert kinds(found)["save_steps"] == "lost"
    assert "unknown" not in kinds(found).values()


def test_a_notebook_is_read_without_its_commands(tmp_path: Path) -> None:
    cells = [
        {"cell_type": "markdown", "source": "TrainingArguments("},
        {"cell_type": "code", "source": ["!pip install unsloth\n", "%cd x\n"]},
        {"cell_type": "code", "source": UNSLOTH},
    ]
    assert imported(tmp_path, "n.ipynb", json.dumps({"cells": cells})).values["max_steps"] == 60


PLAIN = """
def train(base_model: str = "a/b", data_path: str = "mine.json", lr: float = 3e-4):
    bnb = BitsAndBytesConfig(load_in_8bit=True)
    model = AutoModelForCausalLM.from_pretrained(base_model, quantization_config=bnb, torch_dtype=torch.float16)
    config = {"r": 8, "alpha": 2 ** 4}
    model = get_peft_model(model, LoraConfig(r=config["r"], lora_alpha=config["alpha"], task_type="CAUSAL_LM"))
    data = load_dataset("json", data_files={"train": data_path, "test": "held.json"})
    batch, micro = 128, 4
    common = dict(num_train_epochs=2, learning_rate=lr)
    args = SFTConfig(output_dir=f"out-{lr}", gradient_accumulation_steps=8, assistant_only_loss=True, **common)
    SFTTrainer(model, args=args, train_dataset=data["train"])
"""


def test_names_defaults_and_dictionaries_are_followed(tmp_path: Path) -> None:
    job = job_of(imported(tmp_path, "p.py", PLAIN).values)
    assert (job.model, job.data[0].path, job.held_out_data[0].path) == ("a/b", "mine.json", "held.json")
    assert (job.quantisation, job.precision, job.epochs, job.learning_rate) == ("int8", "fp16", 2, 3e-4)
    assert (job.lora.rank, job.lora.alpha, job.lora.targets) == (8, 16, ("q_proj", "v_proj"))
    assert (job.output, job.gradient_accumulation, job.assistant_only_loss) == ("out-0.0003", 8, True)


@pytest.mark.parametrize(
    ("name", "words", "line", "message"),
    [
        ("x.py", "x = (\n", 1, "not valid Python"),
        ("x.py", "print 1\n", 1, "not valid Python"),
        ("x.py", "x = 1\n", None, "no TrainingArguments"),
        ("x.py", "GRPOTrainer(model=m)\n", None, "GRPO"),
        ("x.py", "a" + "." * 2 + "\x00", None, "not valid Python"),
        ("x.py", "(" * 300 + ")" * 300, 1, "not valid Python"),
        ("x.ipynb", "[]", None, "not a notebook"),
        ("x.ipynb", "{", None, "not a notebook"),
        ("x.sh", "echo hello\n", None, "no line here starts a training"),
        ("x.bin", "x", None, "never opened"),
        ("x.yaml", "model: m\ndata: d\n", None, "job of tunedoc's already"),
        ("x.yaml", "a: 1\n", None, "no settings of"),
        ("x.sh", "python t.py --model_name_or_path m --learning_rate fast\n", 1, "a number"),
    ],
)  # fmt: skip
def test_what_cannot_become_a_job_is_refused_with_words(
    name: str, words: str, line: int | None, message: str, tmp_path: Path
) -> None:
    with pytest.raises(BadInput) as caught:
        imported(tmp_path, name, words)
    assert message in render(caught.value.message, "en")
    assert caught.value.line == line or name == "x.py"
    assert render(caught.value.message, "zh")


def test_names_that_stand_for_each_other_come_to_an_end(tmp_path: Path) -> None:
    lines = ["a0 = a39 + a39", *(f"a{n} = a{n - 1} + a{n - 1}" for n in range(1, 40))]
    words = "\n".join([*lines, "TrainingArguments(output_dir='o', learning_rate=a39, seed=9**9**9)"])
    told = kinds(imported(tmp_path, "x.py", words))
    assert told["learning_rate"] == told["seed"] == "lost"
