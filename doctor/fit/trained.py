"""Which numbers a job trains, and what training each costs beside its weight. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

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
        saved = _saved_modules(shape, job, first=first, last=last)
        if saved:
            # A module that is trained whole is a copy beside the original.
            tensors.append((saved, 1))
        each, is_copy = software.adapter, True
    else:
        tensors = []
        for layer, count in alike(layers):
            tensors += [(linear.outer * linear.inner, linear.copies * count) for linear in layer.linears]
            tensors.append((layer.others, count))
        if job.tuning == "full":
            tensors += [(shape.embeddings + shape.beside, 1)] if first else []
            tensors += [(shape.head + shape.others, 1)] if last else []
        each, is_copy = software.master, False
    numbers = sum(size * count for size, count in tensors)
    state, paged = _state(job, tensors, each)
    return Trained(
        numbers=numbers,
        weights=numbers * each if is_copy else 0,
        gradients=numbers * each,
        state=state,
        paged=paged,
    )


def alike(layers: Iterable[Layer]) -> list[tuple[Layer, int]]:
    """Each kind of layer once, with how many there are: most models have one or two kinds."""
    found: dict[int, tuple[Layer, int]] = {}
    for layer in layers:
        # `read_shape` makes one object of those that are equal.
        found[id(layer)] = (layer, found[id(layer)][1] + 1) if id(layer) in found else (layer, 1)
    return list(found.values())


def trained_layers(shape: ModelShape, job: Job) -> int:
    """How many layers, counted from the end, take part in the backward pass."""
    return min(job.trained_layers, len(shape.layers)) if job.tuning == "freeze" else len(shape.layers)


def _adapter_tensors(
    shape: ModelShape, job: Job, layers: tuple[Layer, ...], *, first: bool
) -> Iterator[tuple[int, int]]:
    """Sizes of the adapter's tensors, and how many there are of each."""
    rank = job.lora.rank
    everywhere = job.lora.targets == ("all-linear",)
    names = {target.rsplit(".", 1)[-1] for target in job.lora.targets}
    linears = [(linear, count) for layer, count in alike(layers) for linear in layer.linears]
    if first and everywhere:
        linears += [(linear, 1) for linear in shape.beside_linears]
    for linear, count in linears:
        if linear.fused or not (everywhere or linear.name in names):
            continue
        yield rank * linear.inner, linear.copies * count
        yield rank * linear.outer, linear.copies * count
        if job.lora.dora:
            yield linear.outer, linear.copies * count


def _saved_modules(shape: ModelShape, job: Job, *, first: bool, last: bool) -> int:
    size = shape.vocabulary * shape.hidden
    return sum(
        size
        for name in job.lora.modules_to_save
        if (last and name in {"lm_head", "embed_out"}) or (first and name in {"embed_tokens", "wte"})
    )


def _state(job: Job, tensors: list[tuple[int, int]], each: int) -> tuple[int, int]:
    """Bytes of the optimizer's state: fixed, and pageable. torch keeps it in the weights' own format."""
    kind = job.optimizer
    if kind == "sgd":
        return 0, 0
    if kind == "adafactor":
        # One row and one column stand for a matrix; one matrix at a time is updated in fp32.
        largest = max((size for size, _ in tensors), default=0)
        return sum(int(8 * size**0.5) * count for size, count in tensors) + 8 * largest, 0
    if kind == "adamw":
        return sum(size * count for size, count in tensors) * 2 * each, 0
    fixed = paged = 0
    for size, count in tensors:
        small = kind == "paged_adamw" or size < _SMALL
        state = (size * 8 if small else size * 2 + size // 256 * 8) * count
        if kind.startswith("paged") and size >= _PAGED_FROM:
            paged += state
        else:
            fixed += state
    return fixed, paged
