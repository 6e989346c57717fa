"""The Trainer's settings of a job."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from trainer.demands import installed

if TYPE_CHECKING:
    from pathlib import Path

    from trainer.contract import Job

_OPTIMIZERS = {
    "adamw": "adamw_torch_fused",
    "adamw_8bit": "adamw_bnb_8bit",
    "paged_adamw": "paged_adamw_32bit",
    "paged_adamw_8bit": "paged_adamw_8bit",
    "adafactor": "adafactor",
    "sgd": "sgd",
}
"""Their names in transformers."""


def trainer_settings(job: Job, run: Path, *, steps: int, number_format: str, on_gpu: bool) -> Any:
    """TRL's SFTConfig for a job that takes so many optimizer steps."""
    from trl import SFTConfig

    return SFTConfig(
        output_dir=str(run / "checkpoints"),
        num_train_epochs=job.epochs,
        max_steps=job.max_steps,
        learning_rate=job.learning_rate,
        # A step comes whole, and is split into micro-batches by `whole_steps`.
        per_device_train_batch_size=job.per_device_batch_size * job.gradient_accumulation,
        per_device_eval_batch_size=job.per_device_batch_size,
        gradient_accumulation_steps=1,
        warmup_steps=job.warmup_steps or round(steps * job.warmup_ratio),
        lr_scheduler_type="constant_with_warmup" if job.scheduler == "constant" else job.scheduler,
        weight_decay=job.weight_decay,
        max_grad_norm=job.max_grad_norm,
        optim=_OPTIMIZERS[job.optimizer],
        # Said outright: what TRL takes when nothing is said has changed between its versions.
        loss_type="nll",
        neftune_noise_alpha=job.neftune_alpha or None,
        use_liger_kernel=takes_liger(job, on_gpu=on_gpu),
        bf16=number_format == "bf16",
        fp16=number_format == "fp16",
        use_cpu=not on_gpu,
        # Recomputing activations costs a third of the speed; small models on long memories do without.
        gradient_checkpointing=on_gpu if job.gradient_checkpointing == "auto" else job.gradient_checkpointing == "on",
        max_length=None,
        dataset_kwargs={"skip_prepare_dataset": True},
        logging_steps=job.log_steps,
        logging_nan_inf_filter=False,
        save_steps=job.save_steps,
        save_total_limit=None,
        seed=job.seed,
        data_seed=job.seed,
        dataloader_num_workers=0,
        dataloader_pin_memory=on_gpu,
        disable_tqdm=True,
        report_to="none",
        include_num_input_tokens_seen="no",
        **(_settings_together(on_gpu) if job.processes > 1 else {}),
    )


def takes_liger(job: Job, *, on_gpu: bool) -> bool:
    """Whether Liger's layers are put in; the loss is TRL's own head in tiles either way."""
    return on_gpu and (job.kernels == "liger" or (job.kernels == "auto" and installed("liger_kernel")))


def _settings_together(on_gpu: bool) -> dict[str, Any]:
    """What the Trainer needs to know beside when several processes train."""
    return {
        # Every process has met the others already; this tells accelerate what with, where it would guess NCCL.
        "ddp_backend": "gloo" if on_gpu and sys.platform == "win32" else None,
        "ddp_find_unused_parameters": False,
    }
