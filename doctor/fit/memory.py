"""The memory of one card: weights, what is trained, activations and the allocator's own losses. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.fit.activations import count_activations
from doctor.fit.model import Band, Component, Need, exactly
from doctor.fit.trained import alike, count_trained, trained_layers

if TYPE_CHECKING:
    from doctor.fit.model import Measured
    from doctor.fit.shape import ModelShape
    from doctor.fit.software import Software
    from trainer.contract import Job

_MIB = 2**20
_CONTEXT = Band(350 * _MIB, 600 * _MIB, 1100 * _MIB)
"""CUDA's context, loaded kernels and libraries: outside torch's allocator."""
_TOGETHER = Band(60 * _MIB, 150 * _MIB, 400 * _MIB)
"""Buffers of NCCL or gloo beside it."""
_PRODUCT_WORKSPACE = Band(8 * _MIB, 9 * _MIB, 33 * _MIB)
"""cuBLAS' own, taken from torch: 32 MiB on Hopper and Blackwell."""
_BUCKET = 64 * _MIB
_NF4 = 0.5 + 1 / 64 + 4 / (64 * 256)
"""Bytes a number: 4 bits, one byte of scale for 64, one fp32 for 256 scales."""
_NF4_SINGLE = 0.5 + 4 / 64
_LEAST_SLACK, _LIKELY_SLACK, _MOST_SLACK = 0.005, 0.015, 0.05
"""Of what is allocated: lost to rounding up and to blocks too small to be used again."""
_LIKELY_BLOCK, _MOST_BLOCK = 0.45, 1.0
"""How much of the largest block that comes and goes lies unused at the peak. Measured: 0.2 to 0.65."""


def weight_bytes(shape: ModelShape, job: Job, software: Software, layers: range, *, first: bool, last: bool) -> int:
    """The base model's weights of these layers, as they lie in memory."""
    each, plain = software.embedding, software.weight
    frozen = len(shape.layers) - trained_layers(shape, job) if job.tuning != "lora" else len(shape.layers)
    total = 0.0
    packed = _bytes_of(shape, job, plain)
    for layer, count in alike(shape.layers[place] for place in layers if place < frozen):
        for linear in layer.linears:
            total += linear.numbers * (plain if linear.fused else packed) * count
        total += layer.others * each * count
    for layer, count in alike(shape.layers[place] for place in layers if place >= frozen):
        total += layer.numbers * software.master * count
    if first:
        beside = sum(linear.numbers for linear in shape.beside_linears)
        total += shape.embeddings * each + beside * packed + (shape.beside - beside) * plain
    if last:
        total += shape.head * each + shape.others * each
        if shape.tied and not first:
            # Of a split model both ends have it.
            total += shape.embeddings * each
    return int(total)


def _bytes_of(shape: ModelShape, job: Job, plain: int) -> float:
    """Bytes a number of the layers' matrices."""
    if shape.quantised:
        if shape.stored_bytes and shape.linear_numbers:
            rest = 2 * (shape.embeddings + shape.head + shape.others + shape.beside)
            return max(0.25, min(2.0, (shape.stored_bytes - rest) / shape.linear_numbers))
        return shape.quantised_bits / 8 + 4 / 128
    if job.quantisation == "nf4":
        return _NF4 if job.double_quantisation else _NF4_SINGLE
    if job.quantisation == "int8":
        return 1.0 + 4 / max(shape.hidden, 1)
    return float(plain)


def need_of(
    shape: ModelShape, job: Job, software: Software, *, layers: range, rows: int, tokens: int, card: int = 0,
    usable: int = 0, processes: int = 1, measured: Measured | None = None, jitter: bool = True,
) -> Need:  # fmt: skip
    """Memory of a card that holds these layers of the model and computes micro-batches of this size.

    `jitter`: the batches differ in length, so that more blocks of the allocator lie unused.
    """
    count = len(shape.layers)
    first, last = layers.start == 0, layers.stop == count
    weights = weight_bytes(shape, job, software, layers, first=first, last=last)
    if job.method in {"dpo", "kto"} and job.tuning != "lora":
        # The model that it started from, to compare with.
        weights *= 2
    own_layers = (
        layers if job.tuning != "freeze" else range(max(layers.start, count - trained_layers(shape, job)), layers.stop)
    )
    trained = count_trained(
        shape, job, software, tuple(shape.layers[place] for place in own_layers), first=first, last=last
    )
    acts = count_activations(shape, job, software, rows=rows, tokens=tokens)
    saved = acts.saved_layer * len(own_layers)
    # Gradients are sent to the other cards in pieces.
    buckets = min(trained.gradients, _BUCKET) if processes > 1 else 0
    # Autocast keeps a 16-bit copy of every weight that it casts until the forward pass ends; after that the backward
    # pass holds them, of one layer at a time where layers are computed again.
    own = 0
    if job.tuning != "lora":
        own = sum(layer.numbers * count for layer, count in alike(shape.layers[place] for place in own_layers))
    all_casts = own * software.inside if software.inside < software.master else 0
    casts = all_casts // len(own_layers) if software.checkpointing and own_layers else all_casts
    gathered = _head_gradient(shape, job, software)
    state = Band(trained.state, trained.state + trained.paged, trained.state + trained.paged)
    # Of a tied matrix the head's gradient waits for the embedding's, and both for their sum.
    held = gathered if shape.tied else 0
    backward = acts.live + acts.attention[1] + acts.workspace + held
    loss = acts.end + acts.logits + gathered if last else 0
    loss = max(loss, all_casts - casts + (acts.end + acts.logits if last else 0))
    closing = (3 if shape.tied else 1) * gathered - saved if first else 0
    backward = max(backward, closing)
    at_loss = loss > backward
    parts = [
        Component(name="weights", bytes=exactly(weights)),
        Component(name="adapter", bytes=exactly(trained.weights)),
        Component(name="gradients", bytes=exactly(trained.gradients + buckets + casts)),
        Component(name="optimizer", bytes=state),
        Component(name="saved", bytes=exactly(saved)),
        Component(
            name="layer", bytes=Band(int(acts.live * 0.85), acts.live, int(acts.live * 1.15)), at_peak=not at_loss
        ),
        Component(name="attention", bytes=Band(*acts.attention), at_peak=not at_loss or acts.attention[2] > loss),
        Component(name="unpacking", bytes=exactly(acts.workspace), at_peak=not at_loss),
        Component(name="logits", bytes=Band(int(loss * 0.95), loss, int(loss * 1.03)), at_peak=at_loss),
        Component(name="products", bytes=_PRODUCT_WORKSPACE),
    ]
    fixed = Band(weights, weights, weights) + exactly(trained.weights + trained.gradients + buckets + casts + saved)
    fixed = fixed + state + _PRODUCT_WORKSPACE
    low = max(int(loss * 0.95), int(acts.live * 0.85) + acts.attention[0] + acts.workspace)
    high = max(int(loss * 1.03), int(acts.live * 1.15) + acts.attention[2] + acts.workspace + held, closing)
    allocated = fixed + Band(low, max(loss, backward), high)
    block = acts.largest
    slack = Band(
        int(allocated.low * _LEAST_SLACK),
        int(allocated.likely * _LIKELY_SLACK + block * _LIKELY_BLOCK),
        int(allocated.high * _MOST_SLACK + block * (_MOST_BLOCK + (0.25 if jitter else 0))),
    )
    reserved = allocated + slack
    if measured is not None:
        reserved = calibrated(measured, allocated) or reserved
        slack = Band(*(max(0, after - before) for after, before in
                       zip((reserved.low, reserved.likely, reserved.high),
                           (allocated.low, allocated.likely, allocated.high), strict=True)))  # fmt: skip
    context = _CONTEXT + (_TOGETHER if processes > 1 else exactly(0))
    parts += [Component(name="slack", bytes=slack), Component(name="context", bytes=context)]
    return Need(
        card=card,
        components=tuple(part for part in parts if part.bytes.high),
        allocated=allocated,
        reserved=reserved,
        device=reserved + context,
        usable=usable,
        layers=len(layers),
        weights=weights,
    )


def _head_gradient(shape: ModelShape, job: Job, software: Software) -> int:
    """Bytes of the gradient of a head that is trained: it gathers in fp32 before it joins the others."""
    trains = job.tuning == "full" or "lm_head" in job.lora.modules_to_save
    return shape.vocabulary * shape.hidden * 4 if trains and software.loss == "trl_tiles" else 0


def calibrated(measured: Measured, allocated: Band) -> Band | None:
    """What is reserved, from what was: a line through the measured points, and no line where there is but one."""
    points = sorted({point for point in measured.points if point[0] > 0})
    if not points:
        return None
    if len(points) == 1 or points[-1][0] - points[0][0] < points[0][0] // 50:
        slope = sum(seen for _, seen in points) / sum(said for said, _ in points)
        start = 0.0
    else:
        mean_said = sum(said for said, _ in points) / len(points)
        mean_seen = sum(seen for _, seen in points) / len(points)
        spread = sum((said - mean_said) ** 2 for said, _ in points)
        slope = sum((said - mean_said) * (seen - mean_seen) for said, seen in points) / spread
        # Beyond these something else was measured than the job's own memory.
        slope = min(max(slope, 0.5), 2.0)
        start = mean_seen - slope * mean_said
    likely = int(start + slope * allocated.likely)
    # Further from what was measured, less is certain.
    farthest = max(said for said, _ in points)
    doubt = 0.03 + 0.05 * max(0.0, allocated.likely / farthest - 1)
    return Band(int(likely * (1 - doubt)), likely, int(likely * (1 + doubt)))
