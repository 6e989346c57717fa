"""What preference methods minimise is what TRL's own trainers do, to the last digits of fp32."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.many_trainings import MODEL, ROOT, variables

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.environment import Environment

pytestmark = pytest.mark.slow

COMPARE = """
import json, sys, types, warnings
import torch
from datasets import Dataset
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer
from trl import DPOConfig, DPOTrainer, KTOConfig, KTOTrainer, RewardConfig, RewardTrainer
from trl.trainer.dpo_trainer import DataCollatorForPreference
from trl.trainer.kto_trainer import DataCollatorForUnpairedPreference
from trl.trainer.reward_trainer import DataCollatorForPreference as ScoredPairs
import trainer.objectives
from trainer.contract import Preference
from trainer.objectives import OBJECTIVES
from trainer.pairs import PairPadding

folder, out = sys.argv[1], sys.argv[2]
warnings.simplefilter("ignore")
torch.manual_seed(1)
tokenizer = AutoTokenizer.from_pretrained(folder)
prompts = [[1, 20, 21, 22], [1, 30, 31], [1, 40, 41, 42, 43, 44]]
good = [[50, 51, 52], [60, 61, 62, 63, 64], [70, 2]]
bad = [[53, 54], [65, 66, 67], [71, 72, 73, 2]]

def labelled(prompt, answer):
    return prompt + answer, [-100] * len(prompt) + answer

def rows(prompts, first, second, labels=(True, True, True)):
    made = []
    for prompt, one, two, label in zip(prompts, first, second, labels):
        ids, wanted = labelled(prompt, one)
        other_ids, other_wanted = labelled(prompt, two)
        made.append({"input_ids": ids, "labels": wanted, "other_ids": other_ids, "other_labels": other_wanted,
                     "good": label})
    return PairPadding(0)(made)

def adapted(model, kind):
    model = get_peft_model(model, LoraConfig(r=4, target_modules="all-linear", task_type=kind))
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.3)
    return model

def settings(kind, **more):
    return kind(output_dir=out, use_cpu=True, bf16=False, report_to="none", gradient_checkpointing=False, **more)

model = adapted(AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32), "CAUSAL_LM")
tiny = Dataset.from_list([{"prompt": "a", "chosen": "b", "rejected": "c"}] * 2)
found = {}

def note(name, ours, count, theirs, measured=None):
    model_ = measured or model
    model_.zero_grad()
    (ours / count).backward()
    mine = torch.cat([p.grad.flatten() for p in model_.parameters() if p.grad is not None])
    model_.zero_grad()
    theirs.backward()
    other = torch.cat([p.grad.flatten() for p in model_.parameters() if p.grad is not None])
    found[name] = [float(ours / count), float(theirs), float((mine - other).abs().max()), float(other.abs().max())]

def against_the_base():
    # Given an adapter that exists, TRL compares with a copy of it; ours compares with the base.
    model.delete_adapter("ref")
    model.set_adapter("default")

for loss in ("sigmoid", "hinge", "ipo", "sigmoid+sft"):
    alone = slice(0, 1) if loss == "sigmoid+sft" else slice(None)
    kinds = ["sigmoid", "sft"] if loss == "sigmoid+sft" else [loss]
    trl = DPOTrainer(model=model, args=settings(DPOConfig, beta=0.3, loss_type=kinds,
                     loss_weights=[1.0, 0.5][: len(kinds)]), train_dataset=tiny, processing_class=tokenizer)
    against_the_base()
    taken = DataCollatorForPreference(pad_token_id=0)([
        {"prompt_ids": p, "chosen_ids": c, "rejected_ids": r}
        for p, c, r in list(zip(prompts, good, bad))[alone]])
    model.train()
    theirs = trl.compute_loss(model, taken)
    preference = Preference(beta=0.3, loss=kinds[0], sft_weight=0.5 if len(kinds) > 1 else 0.0)
    inputs = rows(prompts[alone], good[alone], bad[alone])
    outcome = OBJECTIVES["dpo"](preference)(model, model, inputs)
    note("dpo " + loss, outcome.total, len(inputs["good"]), theirs)
    if loss == "sigmoid":
        # TRL's head in tiles, as on a GPU, and where the logits would be too large.
        small, trainer.objectives._LARGEST_LOGITS = trainer.objectives._LARGEST_LOGITS, -1
        tiled = OBJECTIVES["dpo"](preference)(model, model, inputs)
        trainer.objectives._LARGEST_LOGITS = small
        note("in tiles", tiled.total, len(inputs["good"]), trl.compute_loss(model, taken))
        found["margin"] = [float(outcome.margins.mean()), trl._metrics["train"]["rewards/margins"][-1], 0.0, 1.0]

labels = [True, False, True]
kto = Dataset.from_list([{"prompt": "a", "completion": "b", "label": True}] * 2)
trl = KTOTrainer(model=model, args=settings(KTOConfig, beta=0.3, desirable_weight=1.5, undesirable_weight=0.7),
                 train_dataset=kto, processing_class=tokenizer)
against_the_base()
strangers = [good[2], good[0], good[1]]
taken = DataCollatorForUnpairedPreference(pad_token_id=0)([
    {"prompt_ids": p, "completion_ids": c, "KL_completion_ids": k, "label": label}
    for p, c, k, label in zip(prompts, good, strangers, labels)])
theirs = trl.compute_loss(model, taken)
preference = Preference(beta=0.3, desirable_weight=1.5, undesirable_weight=0.7)
outcome = OBJECTIVES["kto"](preference)(model, model, rows(prompts, good, strangers, labels))
note("kto", outcome.total, 3, theirs)

from trl.experimental.orpo import ORPOTrainer
import torch.nn.functional as F
def mean_of(prompt, answer):
    logits = model(input_ids=torch.tensor([prompt + answer])).logits[0, len(prompt) - 1 : -1]
    return torch.log_softmax(logits, -1)[range(len(answer)), answer].mean()
chosen = torch.stack([mean_of(p, a) for p, a in zip(prompts, good)])
rejected = torch.stack([mean_of(p, a) for p, a in zip(prompts, bad)])
judge = types.SimpleNamespace(beta=0.3, accelerator=types.SimpleNamespace(device="cpu"))
odds = ORPOTrainer.odds_ratio_loss(judge, chosen, rejected)[0]
outcome = OBJECTIVES["orpo"](Preference(beta=0.3))(model, model, rows(prompts, good, bad))
note("orpo", outcome.total, 3, (-chosen - odds).mean())

scored = AutoModelForSequenceClassification.from_pretrained(folder, dtype=torch.float32, num_labels=1)
scored.config.pad_token_id = 0
scored = adapted(scored, "SEQ_CLS")
trl = RewardTrainer(model=scored, args=settings(RewardConfig), processing_class=tokenizer,
                    train_dataset=Dataset.from_list([{"chosen": "a b", "rejected": "c d"}] * 2))
taken = ScoredPairs(pad_token_id=0)([
    {"chosen_ids": p + c, "rejected_ids": p + r} for p, c, r in zip(prompts, good, bad)])
scored.train()
theirs = trl.compute_loss(scored, taken)
outcome = OBJECTIVES["reward"](Preference())(scored, scored, rows(prompts, good, bad))
note("reward", outcome.total, 3, theirs, scored)
print(json.dumps(found))
"""


def test_losses_and_gradients_are_those_of_trl(environment: Environment, tmp_path: Path) -> None:
    done = subprocess.run(
        [str(environment.python), "-c", COMPARE, str(MODEL), str(tmp_path / "out")],
        cwd=ROOT, env=variables() | {"HF_HUB_OFFLINE": "1"}, capture_output=True, encoding="utf-8", check=False,
        stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    found = json.loads(done.stdout.splitlines()[-1])
    print(found)
    assert set(found) == {
        "dpo sigmoid", "dpo hinge", "dpo ipo", "dpo sigmoid+sft", "margin", "in tiles", "kto", "orpo", "reward"
    }  # fmt: skip
    for name, (ours, theirs, difference, largest) in found.items():
        assert ours == pytest.approx(theirs, rel=1e-5, abs=1e-6), name
        assert difference <= 1e-4 * largest, name
