"""Write what a run has made: an adapter, or the weights of the whole model."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.adapters import save_plain_lora
from trainer.file_moves import move_folder, remove_tree
from trainer.merge import TEMPLATE, base_template, copy_companions

if TYPE_CHECKING:
    from trainer.contract import Job


def result_name(job: Job) -> str:
    """What the result's folder in the run folder is called."""
    return "adapter" if job.tuning == "lora" else "model"


def save_result(job: Job, trainer: Any, tokenizer: Any, start: dict[str, Any] | None) -> None:
    """Write the adapter, or the whole model; its folder gets its name only when it is whole."""
    run = Path(job.output)
    final = run / result_name(job)
    building = run / f"{final.name}.new"
    remove_tree(building)
    if job.tuning != "lora":
        _save_whole(job, trainer, tokenizer, building)
    elif start is not None:
        save_plain_lora(trainer.model, start, building)
        tokenizer.save_pretrained(building)
    else:
        trainer.model.save_pretrained(building, safe_serialization=True)
        tokenizer.save_pretrained(building)
    remove_tree(final)
    move_folder(building, final)


def _save_whole(job: Job, trainer: Any, tokenizer: Any, folder: Path) -> None:
    """In the number format that the base is stored in, with the base's own tokenizer files."""
    import torch

    base = Path(job.model)
    config = json.loads((base / "config.json").read_text(encoding="utf-8-sig"))
    stored = getattr(torch, str(config.get("dtype") or config.get("torch_dtype") or "bfloat16"), torch.bfloat16)
    # Training is over, so the weights may be rounded where they are.
    trainer.model.to(stored)
    trainer.model.config.use_cache = config.get("use_cache", True)
    trainer.model.save_pretrained(folder, safe_serialization=True, max_shard_size="4GB")
    copy_companions(base, folder)
    if base_template(base) is None and tokenizer.chat_template:
        (folder / TEMPLATE).write_text(tokenizer.chat_template, encoding="utf-8", newline="\n")
    for name in ("LICENSE", "LICENSE.txt", "LICENSE.md", "NOTICE"):
        if (base / name).is_file():
            shutil.copyfile(base / name, folder / name)
