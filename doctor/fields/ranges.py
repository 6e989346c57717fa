"""The numbers that each field of a job takes, and what they count. Pure."""

from __future__ import annotations

from doctor.quick_dataclass import dataclass


@dataclass(frozen=True)
class Range:
    """The numbers that a field takes."""

    low: float
    high: float
    words: str
    """As it is shown, such as `0 … 0.5`."""
    also: float | None = None
    """One number outside the range that has a meaning of its own."""

    def holds(self, value: float) -> bool:
        """Whether the field takes this number; `nan` lies in no range."""
        return value == self.also or self.low <= value <= self.high


RANGES: dict[str, Range] = {
    "trained_layers": Range(1, 10_000, "≥ 1"),
    "held_out": Range(0, 0.5, "0 … 0.5"),
    "epochs": Range(0.001, 10_000, "> 0"),
    "max_steps": Range(1, 1e9, "≥ 1, -1", also=-1),
    "learning_rate": Range(1e-9, 1, "> 0, ≤ 1"),
    "per_device_batch_size": Range(1, 65_536, "≥ 1"),
    "gradient_accumulation": Range(1, 65_536, "≥ 1"),
    "processes": Range(1, 64, "1 … 64"),
    "micro_batch_tokens": Range(8, 1e9, "≥ 8, 0", also=0),
    "max_length": Range(8, 10_000_000, "≥ 8"),
    "warmup_ratio": Range(0, 1, "0 … 1"),
    "warmup_steps": Range(0, 1e9, "≥ 0"),
    "max_grad_norm": Range(0, 1e6, "≥ 0"),
    "neftune_alpha": Range(0, 1000, "≥ 0"),
    "weight_decay": Range(0, 10, "≥ 0"),
    "seed": Range(0, 2**32 - 1, "0 … 4294967295"),
    "save_steps": Range(1, 1e9, "≥ 1"),
    "save_limit": Range(1, 1e6, "≥ 1"),
    "log_steps": Range(1, 1e9, "≥ 1"),
    "eval_steps": Range(0, 1e9, "≥ 0"),
    "threads": Range(0, 4096, "≥ 0"),
    "lora.rank": Range(1, 4096, "1 … 4096"),
    "lora.alpha": Range(1, 65_536, "≥ 1"),
    "lora.dropout": Range(0, 0.99, "0 … 0.99"),
    "lora.plus_ratio": Range(1, 1e6, "≥ 1, 0", also=0),
    "preference.beta": Range(1e-6, 1000, "> 0"),
    "preference.sft_weight": Range(0, 1000, "≥ 0"),
    "preference.desirable_weight": Range(1e-6, 1000, "> 0"),
    "preference.undesirable_weight": Range(1e-6, 1000, "> 0"),
    "data.weight": Range(1e-6, 1000, "> 0, ≤ 1000"),
}
"""By the field's name; those of nested mappings have it in front: `lora.rank`, `data.weight`."""

UNITS: dict[str, str] = {
    "trained_layers": "layers",
    "held_out": "share",
    "epochs": "passes",
    "max_steps": "steps",
    "per_device_batch_size": "records",
    "gradient_accumulation": "batches",
    "processes": "processes",
    "micro_batch_tokens": "tokens",
    "max_length": "tokens",
    "warmup_ratio": "share",
    "warmup_steps": "steps",
    "save_steps": "steps",
    "save_limit": "checkpoints",
    "log_steps": "steps",
    "eval_steps": "steps",
    "threads": "threads",
    "lora.dropout": "share",
    "data.weight": "times",
}
"""What a field's number counts, by the key of its word; the others are plain numbers."""

TRACKERS = ("tensorboard", "wandb", "swanlab", "mlflow")
COLUMNS = (
    "instruction", "input", "output", "system", "history", "messages", "tools", "prompt", "completion", "chosen",
    "rejected", "label", "text", "images", "videos", "audios", "role", "content", "role:user", "role:assistant",
    "role:system", "role:tool", "role:tool_call",
)  # fmt: skip
"""Our names of a record's fields, and of the speakers in a conversation, for which `columns` gives the file's."""
