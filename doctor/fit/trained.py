"""Which numbers a job trains, and what training each costs beside its weight. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterator

    from doctor.fit.shape import Layer, ModelShape
    from doctor.fit.software import Software
    from trainer.contract import Job

_SMALL = 4096
"""bitsandbytes keeps the state of tensors with fewer numbers in 32 bits."""
_PAGED_FROM = 100_000
"""Smaller states of its paged optimizers stay in the card's own memory."""
_NAMES = {
    "q_proj": ("q_proj", "c_attn", "query_key_value", "qkv_proj", "Wqkv"),
    "k_proj": ("k_proj", "c_attn", "query_key_value", "qkv_proj", "Wqkv"),
    "v_proj": ("v_proj", "c_attn", "query_key_value", "qkv_proj", "Wqkv"),
    "o_proj": ("o_proj", "dense", "out_proj"),
    "gate_proj": ("gate_proj", "gate_up_proj", "w1"),
    "up_proj": ("up_proj", "gate_up_proj", "w3", "fc1", "c_fc", "dense_h_to_4h"),
    "down_proj": ("down_proj", "w2", "fc2", "dense_4h_to_h"),
}
"""What the matrices are called in families that name them otherwise."""


def is_target(name: str, job: Job) -> bool:
    """Whether the adapter sits at matrices of this name, by the names that Llama gave them or their own."""
    if job.tuning != "lora":
        return False
    targets = job.lora.targets
    if targets == ("all-linear",):
        return True
    return any(target.rsplit(".", 1)[-1] in _NAMES.get(name, (name,)) for target in targets)


@dataclass(frozen=True, kw_only=True)
class Trained:
    """Numbers that are trained, of some layers or of all, and their bytes on a card."""

    numbers: int
    weights: int
    """Bytes of the adapter; 0 where the base's own weights are trained."""
    gradients: int
    state: int
    """Bytes of the optimizer's state in the card's own memory."""
    paged: int
    """Bytes of it that may leave for host memory."""


def count_trained(
    shape: ModelShape, job: Job, software: Software, layers: tuple[Layer, ...], *, first: bool, last: bool
) -> Trained:
    """Of these layers; `first` adds the embedding and what stands beside the model, `last` the head."""
    if job.tuning == "lora":
        tensors = list(_adapter_tensors(shape, job, layers, first=first))
        each = software.adapter
        saved = _saved_modules(shape, job, first=first, last=last)
        numbers = sum(tensors) + saved
        state, paged = _state(job, tensors, each)
        more, more_paged = _state(job, [saved] if saved else [], each)
        # A module that is trained whole is a copy beside the original.
        return Trained(
            numbers=numbers, weights=numbers * each, gradients=numbers * each, state=state + more,
            paged=paged + more_paged,
        )  # fmt: skip
    tensors = [each.numbers // each.copies for layer in layers for each in layer.linears for _ in range(each.copies)]
    tensors += [layer.others for layer in layers if layer.others]
    if job.tuning == "full":
        tensors += [shape.embeddings + shape.beside] if first else []
        tensors += [shape.head + shape.others] if last else []
    numbers = sum(tensors)
    state, paged = _state(job, tensors, software.master)
    return Trained(numbers=numbers, weights=0, gradients=numbers * software.master, state=state, paged=paged)


def trained_layers(shape: ModelShape, job: Job) -> int:
    """How many layers, counted from the end, take part in the backward pass."""
    return min(job.trained_layers, len(shape.layers)) if job.tuning == "freeze" else len(shape.layers)


def _adapter_tensors(shape: ModelShape, job: Job, layers: tuple[Layer, ...], *, first: bool) -> Iterator[int]:
    rank = job.lora.rank
    everywhere = job.lora.targets == ("all-linear",)
    linears = [each for layer in layers for each in layer.linears]
    if first and everywhere:
        linears += shape.beside_linears
    for linear in linears:
        if linear.fused or not (everywhere or any(t.rsplit(".", 1)[-1] == linear.name for t in job.lora.targets)):
            continue
        for _ in range(linear.copies):
            yield rank * linear.inner
            yield rank * linear.outer
            if job.lora.dora:
                yield linear.outer


def _saved_modules(shape: ModelShape, job: Job, *, first: bool, last: bool) -> int:
    size = shape.vocabulary * shape.hidden
    return sum(
        size
        for name in job.lora.modules_to_save
        if (last and name in {"lm_head", "embed_out"}) or (first and name in {"embed_tokens", "wte"})
    )


def _state(job: Job, tensors: list[int], each: int) -> tuple[int, int]:
    """Bytes of the optimizer's state: fixed, and pageable. torch keeps it in the weights' own format."""
    kind = job.optimizer
    if kind == "sgd":
        return 0, 0
    if kind == "adafactor":
        # One row and one column stand for a matrix; one matrix at a time is updated in fp32.
        return sum(int(8 * size**0.5) for size in tensors) + 8 * max(tensors, default=0), 0
    if kind == "adamw":
        return sum(tensors) * 2 * each, 0
    fixed = paged = 0
    for size in tensors:
        small = kind == "paged_adamw" or size < _SMALL
        state = size * 8 if small else size * 2 + size // 256 * 8
        if kind.startswith("paged") and size >= _PAGED_FROM:
            paged += state
        else:
            fixed += state
    return fixed, paged
