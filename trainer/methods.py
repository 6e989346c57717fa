"""What a job's method learns from, and the trainer that carries it out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainer.adapters import give_lora_plus, lora_config
from trainer.demands import PREFERENCES
from trainer.loading import load_reference
from trainer.program import Refusal
from trainer.reading import tell_counts, tokens_on_disk

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from trainer.contract import Job
    from trainer.peers import Peers
    from trainer.reading import Records


def store_of(job: Job, records: Records, tokenizer: Any, folder: Path, peers: Peers, stop: Callable[[], bool]) -> Any:
    """What is learned from, or measured on; None when told to stop meanwhile. Raises Refusal."""
    if job.method not in PREFERENCES:
        return tokens_on_disk(job, records, tokenizer, folder, peers, stop)
    from trainer.pairs import PairStore

    store = PairStore()
    if not store.fill(job, records, tokenizer, stop):
        return None
    tell_counts(job, store)
    return store


def make_trainer(job: Job, *, model: Any, tokenizer: Any, number_format: str, on_gpu: bool, **settings: Any) -> Any:
    """The trainer of the job's method; `settings` are what all of them take. Raises Refusal."""
    from trainer.batches import Padding
    from trainer.steps import LoraTrainer

    pad_id = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id or 0
    multiple = 8 if on_gpu else 1
    kind: Any = LoraTrainer
    if job.method in PREFERENCES:
        from trainer.objectives import OBJECTIVES
        from trainer.pairs import PairPadding
        from trainer.preference_trainer import PreferenceTrainer

        kind = PreferenceTrainer
        settings["objective"] = OBJECTIVES[job.method](job.preference, load_reference(job, number_format))
        collator: Any = PairPadding(pad_id, multiple)
    elif job.packing == "padding_free":
        from trainer.packing import EndToEnd

        collator = EndToEnd()
    else:
        collator = Padding(pad_id, multiple)
    try:
        trainer = kind(
            model=model,
            data_collator=collator,
            processing_class=tokenizer,
            peft_config=lora_config(job, model),
            **settings,
        )
    except ValueError as error:
        # peft names the modules that it looked for and did not find.
        raise Refusal("bad_job", str(error)) from error
    give_lora_plus(trainer, job)
    return trainer
