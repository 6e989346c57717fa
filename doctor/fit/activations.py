"""What a forward and a backward pass keep on a card: saved activations, the live layer, attention, logits. Pure.

Counted from what the layers' own backward functions need, one tensor after the other; all figures are bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.fit.trained import is_target
from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    from doctor.fit.shape import ModelShape
    from doctor.fit.software import Software
    from trainer.contract import Job

_TOKEN_TILE = 4096
_VOCABULARY_TILE = 32768
"""TRL's tiles: so many tokens by so many words of the vocabulary."""
_LARGEST_LOGITS = 1 << 27
"""Numbers of logits beyond which our trainer leaves them to TRL's tiles on a CPU, too."""
_CHUNK = 256
"""Answer tokens at once in TRL 1.7 to 1.14."""
_TILE_BYTES_WITHOUT_TRITON = 31
"""Per number of a tile where torch's own operations fold it: its fp32 copies while the gradient is made."""
_MATH_COPIES = (4, 5, 12)
"""Low, likely and high: how many fp32 copies of the heads x tokens x tokens matrix the math kernel holds at once."""


@dataclass(frozen=True, kw_only=True)
class Activations:
    """Bytes of one micro-batch."""

    saved_layer: int
    """What one layer leaves for the backward pass: its input alone with checkpointing."""
    live: int
    """One layer computed again, and the gradients that run through it."""
    attention: tuple[int, int, int]
    """Low, likely and high of what the attention matrix itself takes at once."""
    workspace: int
    """Base weights unpacked to 16 bits for one product."""
    end: int
    """The last norm and what the loss keeps of the hidden states."""
    logits: int
    """Logits and the gradients of them, at their peak."""
    largest: int
    """Largest single block among those that come and go."""


def count_activations(shape: ModelShape, job: Job, software: Software, *, rows: int, tokens: int) -> Activations:
    """Of a micro-batch of `rows` rows with `tokens` tokens each."""
    places = rows * tokens
    stream, hidden = software.stream, shape.hidden
    whole = _layer_saves(shape, job, software, tokens) * places
    going = _layer_gradients(shape, job, software) * places
    matrix = rows * shape.heads * tokens * tokens
    attention = (0, 0, 0)
    if software.kernel == "math":
        low, likely, high = (copies * 4 * matrix for copies in _MATH_COPIES)
        attention = (low, likely, high)
    elif software.kernel == "eager":
        # Scores, their sum with the mask, softmax in fp32, its 16-bit copy; their gradients on the way back.
        per = 2 * stream + 4 + stream
        attention = (per * matrix, (per + 4) * matrix, (per + 4 + stream) * matrix)
    logits, block = count_logits(shape, job, software, places)
    end = places * hidden * (4 + stream)
    if software.loss in {"trl_tiles", "trl_chunks", "answers"}:
        end += places * hidden * stream
    saved = places * hidden * stream if software.checkpointing else whole
    if software.offloads:
        saved = 0
    workspace = _workspace(shape, job)
    largest = max(block, places * shape.inner * 4, attention[1] // 4, workspace)
    return Activations(
        saved_layer=saved,
        live=whole + going if software.checkpointing else going,
        attention=attention,
        workspace=workspace,
        end=end,
        logits=logits,
        largest=largest,
    )


def _layer_saves(shape: ModelShape, job: Job, software: Software, tokens: int) -> int:
    """Bytes per token that one layer's backward pass needs."""
    stream, inside, hidden = software.stream, software.inside, shape.hidden
    queries, keys = shape.heads * shape.head_size, shape.kv
    values, out = shape.kv_heads * shape.value_size, shape.heads * shape.value_size
    own = job.tuning != "lora"
    # Autocast over weights in fp32: each matrix that is trained has a 16-bit copy of its input made for itself.
    casts = software.casts or (own and inside < stream)

    def inputs(width: int, given: int, *names: str) -> int:
        """What the matrices behind one input keep of it: nothing when frozen, one copy shared, or one each.

        `given`: bytes of its numbers.
        """
        count = sum(1 for name in names if own or is_target(name, job))
        if job.quantisation == "int8":
            # bitsandbytes keeps an fp16 copy for each matrix besides.
            return width * 2 * len(names) + (width * given if count else 0)
        if not count:
            return 0
        dropped = 0 if own or not job.lora.dropout else width * count
        if casts and (not own or given > inside):
            return width * inside * count + dropped
        # What is dropped differs from matrix to matrix, and so does what is kept.
        return width * given * (count if dropped else 1) + dropped

    # A norm keeps an fp32 copy; one that is trained keeps what it made as well.
    total = shape.norms * hidden * ((stream if software.fused_layers else 4) + (stream if own else 0))
    if shape.head_norms:
        total += (queries + keys) * ((inside if software.fused_layers else 4) + (inside if own else 0))
    total += inputs(hidden, stream, "q_proj", "k_proj", "v_proj")
    if software.expands or software.kernel == "math":
        keys, values = queries, out
    total += (4 if software.kernel == "math" else inside) * (queries + keys + values)
    total += inside * out
    if software.kernel == "math":
        total += 4 * shape.heads * tokens
    elif software.kernel == "eager":
        total += (4 + inside) * shape.heads * tokens
    else:
        total += 4 * shape.heads + (2 * tokens if software.masked else 0)
    # What attention gives out is kept by attention already; only a copy of it counts.
    if (is_target("o_proj", job) and software.casts) or job.quantisation == "int8":
        total += inside * out
    total += inputs(hidden, stream, "gate_proj", "up_proj")
    total += shape.inner * inside * (2 if software.fused_layers else 3)
    total += inputs(shape.inner, inside, "down_proj")
    if shape.experts:
        # Each token is laid out once for every expert that it goes to, before and after.
        chosen = max(1, shape.inner // max(_expert_width(shape), 1))
        total += 3 * chosen * hidden * stream
    if job.lora.dora and not own:
        # Both shares of each output are kept for the gradient of its length.
        outputs = {"q_proj": queries, "k_proj": keys, "v_proj": values, "o_proj": hidden, "gate_proj": shape.inner,
                   "up_proj": shape.inner, "down_proj": hidden}  # fmt: skip
        total += sum(2 * inside * width for name, width in outputs.items() if is_target(name, job))
    rank = job.lora.rank if job.tuning == "lora" else 0
    return total + rank * inside * 7


def _expert_width(shape: ModelShape) -> int:
    return next((each.inner for layer in reversed(shape.layers) for each in layer.linears
                 if each.fused and each.name == "down_proj"), shape.inner)  # fmt: skip


def _layer_gradients(shape: ModelShape, job: Job, software: Software) -> int:
    """Bytes per token of the gradients that run through a layer, at their largest: in its feed-forward part.

    Where the last matrix has an adapter, its input is let go before the product's two gradients are made.
    """
    inside = software.inside
    own = job.tuning != "lora"
    hidden = 3 * inside * shape.hidden
    if not own and is_target("down_proj", job):
        # The adapter's share comes back in its own format before it joins the base's.
        return shape.inner * (2 * inside + 4) if software.casts else 2 * inside * shape.inner + hidden
    return shape.inner * inside * (2 if software.fused_layers or own else 3) + hidden


def _workspace(shape: ModelShape, job: Job) -> int:
    dora = 3 if job.lora.dora and job.tuning == "lora" else 0
    if job.quantisation == "none" and not shape.quantised and not dora:
        return 0
    widest = max((each.outer * each.inner for layer in shape.layers[:1] for each in layer.linears if not each.fused),
                 default=0)  # fmt: skip
    # The matrix in 16 bits and its scales in fp32; 8-bit goes by fp32.
    # DoRA makes each matrix whole for the lengths of its columns: base, update and their sum.
    return widest * ((6 if job.quantisation == "int8" else 2) + 2 * dora) + widest // 64 * 4


def count_logits(shape: ModelShape, job: Job, software: Software, places: int) -> tuple[int, int]:
    """Bytes of the logits and their gradients at their peak, and of the largest block among them."""
    words = shape.vocabulary
    path = software.loss
    if path == "none":
        return 0, 0
    if path == "trl_tiles" or (path == "answers" and places * words > _LARGEST_LOGITS):
        tile = min(places, _TOKEN_TILE) * min(words, _VOCABULARY_TILE)
        each, block = (2, 2) if software.triton else (_TILE_BYTES_WITHOUT_TRITON, 4)
        # A head in fp32 is cast one tile of words at a time.
        cast = min(words, _VOCABULARY_TILE) * shape.hidden * 2 if software.embedding > software.inside else 0
        return tile * each + places * shape.hidden * (4 + software.stream) + cast, tile * block
    if path == "trl_chunks":
        return 14 * min(places, _CHUNK) * words, 4 * _CHUNK * words
    if path == "unsloth":
        # Measured by others: logits once in fp32, and a head of its own once more in fp32.
        return 4 * places * words + (0 if shape.tied else 4 * words * shape.hidden), 4 * places * words
    if path == "fused":
        return max(places * words // 2, 8 * _CHUNK * words) + 2 * places * words // 8, places * words // 2
    if path == "script":
        # Kept by the caller in the head's format; then fp32, its log-softmax and two gradients.
        return (16 if software.embedding == 4 else 14) * places * words, 4 * places * words
    return (18 if path == "old_stock" else 12) * places * words, 4 * places * words
