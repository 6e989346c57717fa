"""Runs in the training environment: one way of training, a step whenever a line comes in; `script` does not wait.

Says one JSON object when it is ready and one after each step: seconds, real tokens, loss.
"""

import json
import random
import sys
import time
from pathlib import Path

asked = json.loads(sys.argv[1])
BATCH, ACCUMULATION, SEED = 8, 4, 42


def say(**fields):
    """One line for the bench; libraries write elsewhere."""
    OUT.write(json.dumps(fields) + "\n")
    OUT.flush()


def plain_script():
    """What a user writes by hand: transformers' Trainer, every record padded to the longest allowed."""
    import torch

    torch.set_num_threads(asked["threads"])
    import transformers
    from datasets import Dataset
    from peft import LoraConfig, get_peft_model
    from transformers import AutoModelForCausalLM, AutoTokenizer, Trainer, TrainerCallback, TrainingArguments

    transformers.logging.set_verbosity_error()
    tokenizer = AutoTokenizer.from_pretrained(asked["model"])
    model = AutoModelForCausalLM.from_pretrained(asked["model"], dtype=torch.float32)
    model.config.use_cache = False
    longest = asked["max_length"]
    if asked["way"] == "script":
        # By itself, and not by tunedoc's code.
        rows = json.loads(Path(asked["data"]).read_text(encoding="utf-8"))

        def to_tokens(row):
            asking = "\n".join(filter(None, (row["instruction"], row["input"])))
            turns = [{"role": "user", "content": asking}, {"role": "assistant", "content": row["output"]}]
            text = tokenizer.apply_chat_template(turns, tokenize=False)
            tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
            found = tokenizer(text, truncation=True, padding="max_length", max_length=longest)
            seen = found["attention_mask"]
            labels = [token if there else -100 for token, there in zip(found["input_ids"], seen, strict=True)]
            return {"input_ids": found["input_ids"], "attention_mask": seen, "labels": labels}

        dataset = Dataset.from_list(rows).map(to_tokens, remove_columns=list(rows[0]))
        order = None
    else:
        tokens, order = same_rows(tokenizer)
        dataset = Dataset.from_list(
            [
                {
                    "input_ids": row.ids + [0] * (longest - len(row.ids)),
                    "labels": row.labels + [-100] * (longest - len(row.ids)),
                    "attention_mask": [1] * len(row.ids) + [0] * (longest - len(row.ids)),
                }
                for row in tokens
            ]
        )
    torch.manual_seed(SEED)
    model = get_peft_model(model, LoraConfig(r=16, lora_alpha=32, target_modules="all-linear", task_type="CAUSAL_LM"))

    class Turns(TrainerCallback):
        def on_step_begin(self, args, state, control, **_):
            wait()

        def on_log(self, args, state, control, logs=None, **_):
            if logs and "loss" in logs:
                done(logs["loss"], real_tokens(state.global_step))

    class InOrder(Trainer):
        def _get_train_sampler(self, *_):
            return order if order is not None else super()._get_train_sampler(*_)

    def real_tokens(step):
        if order is None:
            return 0
        size = BATCH * ACCUMULATION
        return sum(len(tokens[place].ids) for place in order[(step - 1) * size : step * size])

    arguments = TrainingArguments(
        output_dir=asked["output"], per_device_train_batch_size=BATCH, gradient_accumulation_steps=ACCUMULATION,
        max_steps=asked["steps"], learning_rate=2e-4, logging_steps=1, save_strategy="no", report_to=[], use_cpu=True,
        seed=SEED, disable_tqdm=True, lr_scheduler_type="cosine", max_grad_norm=1.0,
    )  # fmt: skip
    trainer = InOrder(model=model, args=arguments, train_dataset=dataset, callbacks=[Turns()])
    ready()
    trainer.train()


def same_rows(tokenizer):
    """The records that tunedoc would learn from, and the order in which it takes them."""
    from trainer.contract import Source
    from trainer.mixing import order
    from trainer.records import Record
    from trainer.sources import read_source
    from trainer.tokens import IGNORED, tokenise

    records = [item for item in read_source(Source(path=asked["data"])) if isinstance(item, Record)]
    rows = tokenise(records, tokenizer, max_length=asked["max_length"], answers_only=True)
    rows = [row for row in rows if any(label != IGNORED for label in row.labels[1:])]
    return rows, list(order((len(rows),), (1.0,), seed=SEED, epoch=0))


def tunedoc():
    """The trainer program itself; only what it does at the borders of steps is changed, to wait for its turn."""
    from trainer import callbacks, recipe, telling
    from trainer.contract import Job, Source, TrainRequest

    # The program hears commands on stdin, which here carries the turns.
    callbacks.watch_commands = lambda *_: None
    before = [0]

    class Ear:
        def __call__(self, event):
            if type(event).__name__ == "Progressed":
                done(event.loss, event.tokens - before[0])
                before[0] = event.tokens

        def close(self, *, well):
            pass

    telling.keep(Ear())
    way, _, number_format = asked["way"].partition("-")
    hows = {"same": "same_records", "like": "like_lengths", "ours": "plain"}
    job = Job(
        model=asked["model"], data=(Source(path=asked["data"]),), output=asked["output"], held_out=0,
        max_length=asked["max_length"], per_device_batch_size=BATCH, gradient_accumulation=ACCUMULATION,
        max_steps=asked["steps"], threads=asked["threads"], precision=number_format or "fp32", batching=hows[way],
        warmup_ratio=0.0, save_steps=10_000, seed=SEED,
    )  # fmt: skip

    def on_step_begin(self, args, state, control, **_):
        if state.global_step == 0:
            ready()
        wait()

    callbacks.StepReport.on_step_begin = on_step_begin
    recipe.train(TrainRequest(job=job))


def ready():
    if asked["way"] != "script":
        say(ready=True)


def wait():
    if asked["way"] != "script":
        INBOX.readline()
    CLOCK[:] = time.monotonic(), time.process_time()


def done(loss, tokens):
    seconds, computing = time.monotonic() - CLOCK[0], time.process_time() - CLOCK[1]
    say(seconds=round(seconds, 3), cpu_seconds=round(computing, 3), tokens=tokens, loss=float(loss))


if __name__ == "__main__":
    import os

    # As the trainer does: what libraries print goes elsewhere.
    OUT = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    INBOX = os.fdopen(os.dup(0), "r", encoding="utf-8")
    CLOCK = [0.0, 0.0]
    random.seed(SEED)
    if asked["way"] in ("plain", "script"):
        plain_script()
    else:
        tunedoc()
