"""The sizes of a model that its memory follows from, read from config.json and the headers of its weights. Pure."""

from __future__ import annotations

import math
from dataclasses import field
from typing import TYPE_CHECKING, Any

from doctor.late_pattern import late_pattern
from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_LAYER = late_pattern(r"(?:^|\.)(?:layers|h|blocks|block)\.(\d+)\.(.+)$")
_BESIDE = late_pattern(r"vision|visual|audio|image|multi_modal|mm_projector|speech|aligner")
_EMBEDDING = late_pattern(r"(?:embed_tokens|wte|word_embeddings|tok_embeddings|embed_in|embedding)\.weight$")
_HEAD = late_pattern(r"(?:lm_head|embed_out|output)\.weight$")
_EXPERT = late_pattern(r"experts\.\d+\.")
_FUSED_EXPERTS = late_pattern(r"experts\.(?:gate_up_proj|gate_proj|up_proj|down_proj)")
_BYTES = {"F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4, "F16": 2, "BF16": 2, "I16": 2, "U16": 2}


class UnknownShape(ValueError):
    """The configuration lacks a size that everything else follows from; the argument is its name."""


@dataclass(frozen=True)
class Tensor:
    """One entry of a safetensors header."""

    dtype: str
    shape: tuple[int, ...]

    @property
    def numbers(self) -> int:
        return math.prod(self.shape)

    @property
    def bytes(self) -> int:
        return self.numbers * _BYTES.get(self.dtype, 1)


@dataclass(frozen=True)
class Linear:
    """A matrix that maps `inner` numbers of a token to `outer` ones."""

    name: str
    """The module's last name, such as `q_proj`."""
    outer: int
    inner: int
    copies: int = 1
    """So many of them: one for each expert."""
    fused: bool = False
    """Experts in one tensor: not a linear module, so no quantiser and no `all-linear` adapter takes it."""

    @property
    def numbers(self) -> int:
        return self.outer * self.inner * self.copies


@dataclass(frozen=True)
class Layer:
    """One decoder layer."""

    linears: tuple[Linear, ...]
    others: int = 0
    """Numbers of its norms, biases and the like."""

    @property
    def numbers(self) -> int:
        return sum(linear.numbers for linear in self.linears) + self.others


@dataclass(frozen=True, kw_only=True)
class ModelShape:
    """What the planner knows of a model."""

    family: str
    """`model_type` of its configuration."""
    hidden: int
    inner: int
    """Width of the feed-forward part that one token passes: of all experts chosen for it together."""
    heads: int
    kv_heads: int
    head_size: int
    value_size: int
    """Width of one head's values: differs from `head_size` with latent attention."""
    vocabulary: int
    tied: bool
    """Head and embedding are one matrix."""
    layers: tuple[Layer, ...]
    embeddings: int
    """Numbers of the embedding matrix."""
    head: int
    """Numbers of the head; 0 where it is tied."""
    beside: int = 0
    """Numbers of what stands beside the language model: a vision tower, its projector."""
    beside_linears: tuple[Linear, ...] = ()
    others: int = 0
    """Numbers of the rest: the last norm, position embeddings."""
    experts: int = 0
    window: int = 0
    """Sliding attention window in tokens; 0 is none."""
    context: int = 0
    norms: int = 2
    """Norms of the whole width in a layer: Gemma has four."""
    head_norms: bool = False
    """Queries and keys are normed by head (Qwen3, Gemma3)."""
    quantised: str = ""
    """How the weights are stored quantised already: `gptq`, `awq`, `bitsandbytes`, …"""
    quantised_bits: float = 0
    stored_bytes: int = 0
    """Of all tensors; 0 where no header was read."""
    largest_file: int = 0
    exact: bool = field(default=False)
    """Sizes come from the weights' headers, not from the configuration alone."""

    @property
    def linear_numbers(self) -> int:
        """Numbers of the layers' linear matrices that a quantiser takes."""
        return sum(each.numbers for layer in self.layers for each in layer.linears if not each.fused)

    @property
    def numbers(self) -> int:
        """All parameters."""
        return sum(layer.numbers for layer in self.layers) + self.embeddings + self.head + self.beside + self.others

    @property
    def kv(self) -> int:
        """Width of all keys of a token."""
        return self.kv_heads * self.head_size


def read_shape(config: Mapping[str, Any], tensors: Mapping[str, Tensor] | None = None) -> ModelShape:
    """The shape of a model from its configuration and, where they are known, the entries of its weights' headers.

    Raises UnknownShape.
    """
    inner_config = next((config[name] for name in ("text_config", "llm_config", "language_config")
                         if isinstance(config.get(name), dict)), None)  # fmt: skip
    read = _Numbers([inner_config, config] if inner_config else [config])
    hidden = read.need("hidden_size", "n_embd", "d_model", "dim")
    count = read.need("num_hidden_layers", "n_layer", "num_layers", "n_layers")
    heads = read.need("num_attention_heads", "n_head", "num_heads")
    vocabulary = read.need("vocab_size")
    kv_heads = read.get("num_key_value_heads", "num_kv_heads", default=1 if read.flag("multi_query") else heads)
    head_size = read.get("head_dim", default=hidden // max(heads, 1))
    latent = read.get("kv_lora_rank")
    if latent:
        head_size = read.get("qk_nope_head_dim") + read.get("qk_rope_head_dim") or head_size
        kv_heads = heads
    value_size = read.get("v_head_dim", default=head_size) if latent else head_size
    wide = read.get("intermediate_size", "n_inner", "ffn_dim", default=4 * hidden)
    experts = read.get("num_local_experts", "num_experts", "n_routed_experts")
    chosen = read.get("num_experts_per_tok", "num_experts_per_token", "moe_topk", default=2)
    expert_width = read.get("moe_intermediate_size", default=wide)
    shared = read.get("n_shared_experts") * expert_width or read.get("shared_expert_intermediate_size")
    # Of unequal layers the wider one decides.
    used = max(chosen * expert_width + shared, wide if read.get("first_k_dense_replace") else 0) if experts else wide
    family = str((inner_config or config).get("model_type") or config.get("model_type") or "")
    tied = read.flag("tie_word_embeddings", default=_ties(family, tensors))
    settings = config.get("quantization_config")
    quantised, bits = _stored(settings) if isinstance(settings, dict) else ("", 0.0)
    sizes: dict[str, Any] = _from_tensors(tensors, tied=tied, count=count) if tensors and not quantised else {}
    if sizes.get("layers"):
        tied = sizes.pop("tied")
    else:
        sizes = _from_config(
            read, hidden=hidden, count=count, heads=heads, kv_heads=kv_heads, head_size=head_size,
            value_size=value_size, wide=wide, experts=experts, expert_width=expert_width, shared=shared,
            vocabulary=vocabulary, tied=tied,
        )  # fmt: skip
        if tensors:
            sizes["stored_bytes"] = sum(tensor.bytes for tensor in tensors.values())
            sizes["beside"] = sum(t.numbers for name, t in tensors.items() if _BESIDE.search(name))
            sizes["exact"] = True
    if sizes["embeddings"] and vocabulary * hidden != sizes["embeddings"] and not sizes["embeddings"] % hidden:
        vocabulary = sizes["embeddings"] // hidden
    uses_window = read.flag("use_sliding_window", default=True)
    return ModelShape(
        family=family,
        hidden=hidden,
        inner=used,
        heads=heads,
        kv_heads=kv_heads,
        head_size=head_size,
        value_size=value_size,
        vocabulary=vocabulary,
        tied=tied,
        experts=experts,
        window=read.get("sliding_window") if uses_window else 0,
        context=read.get("max_position_embeddings", "n_positions", "max_seq_len"),
        norms=4 if family.startswith(("gemma2", "gemma3", "glm4")) and family != "glm4_moe" else 2,
        head_norms=family.startswith(("qwen3", "gemma3", "olmo2")),
        quantised=quantised,
        quantised_bits=bits,
        **sizes,
    )


def _ties(family: str, tensors: Mapping[str, Tensor] | None) -> bool:
    """Whether head and embedding are one, where the configuration does not say."""
    if tensors:
        return not any(_HEAD.search(name) and len(tensor.shape) == 2 for name, tensor in tensors.items())
    return family.startswith(("gemma", "gpt2", "bloom", "opt", "cohere", "t5gemma", "starcoder2"))


def _from_tensors(tensors: Mapping[str, Tensor], *, tied: bool, count: int) -> dict[str, Any]:
    """Every size as the headers say it. Layers beyond `count` are for guessing ahead, and are not loaded."""
    layers: dict[int, _Gathered] = {}
    beside = _Gathered()
    found = {"embeddings": 0, "head": 0, "others": 0}
    for name, tensor in tensors.items():
        place = _LAYER.search(name)
        if _BESIDE.search(name):
            beside.take(name, tensor)
        elif place is not None and int(place[1]) >= count:
            continue
        elif place is not None:
            layers.setdefault(int(place[1]), _Gathered()).take(place[2], tensor)
        elif _HEAD.search(name) and len(tensor.shape) == 2:
            found["head"] += tensor.numbers
        elif _EMBEDDING.search(name) and len(tensor.shape) == 2:
            found["embeddings"] += tensor.numbers
        else:
            found["others"] += tensor.numbers
    if found["head"] and not found["embeddings"]:
        found["embeddings"], found["head"] = found["head"], 0
    # Equal layers are one object: what is counted of one holds for all.
    kinds: dict[Layer, Layer] = {}
    if tied:
        # Saved twice by some programs, loaded once.
        found["head"] = 0
    return {
        **found,
        "tied": tied or not found["head"],
        "layers": tuple(
            kinds.setdefault(layer, layer) for layer in (layers[place].layer() for place in sorted(layers))
        ),
        "beside": beside.numbers,
        "beside_linears": beside.layer().linears,
        "stored_bytes": sum(tensor.bytes for tensor in tensors.values()),
        "exact": True,
    }


class _Gathered:
    """The tensors of one layer, sorted into matrices and the rest."""

    def __init__(self) -> None:
        self._linears: dict[tuple[str, int, int, bool], int] = {}
        self._others = 0
        self.numbers = 0

    def take(self, name: str, tensor: Tensor) -> None:
        self.numbers += tensor.numbers
        module = name.removesuffix(".weight").rsplit(".", 1)[-1]
        if len(tensor.shape) == 2 and name.endswith(".weight") and "norm" not in module:
            outer, inner = tensor.shape
            # transformers 5 joins a model's experts into one tensor when it loads them.
            fused = _EXPERT.search(name) is not None
            key = (module, outer, inner, fused)
            self._linears[key] = self._linears.get(key, 0) + 1
        elif len(tensor.shape) == 3 and _FUSED_EXPERTS.search(name):
            copies, outer, inner = tensor.shape
            self._linears[(module, outer, inner, True)] = copies
        else:
            self._others += tensor.numbers

    def layer(self) -> Layer:
        return Layer(
            tuple(Linear(name, outer, inner, copies, fused)
                  for (name, outer, inner, fused), copies in self._linears.items()),
            self._others,
        )  # fmt: skip


def _from_config(
    read: _Numbers, *, hidden: int, count: int, heads: int, kv_heads: int, head_size: int, value_size: int, wide: int,
    experts: int, expert_width: int, shared: int, vocabulary: int, tied: bool,
) -> dict[str, Any]:  # fmt: skip
    """The sizes that a model of this configuration has by the usual rules; a few vectors may be missing."""
    latent = read.get("kv_lora_rank")
    if latent:
        narrow, rope = read.get("q_lora_rank"), read.get("qk_rope_head_dim")
        nope = read.get("qk_nope_head_dim")
        attention = [
            *([Linear("q_a_proj", narrow, hidden), Linear("q_b_proj", heads * head_size, narrow)] if narrow
              else [Linear("q_proj", heads * head_size, hidden)]),
            Linear("kv_a_proj_with_mqa", latent + rope, hidden),
            Linear("kv_b_proj", heads * (nope + value_size), latent),
            Linear("o_proj", hidden, heads * value_size),
        ]  # fmt: skip
    else:
        attention = [
            Linear("q_proj", heads * head_size, hidden),
            Linear("k_proj", kv_heads * head_size, hidden),
            Linear("v_proj", kv_heads * head_size, hidden),
            Linear("o_proj", hidden, heads * head_size),
        ]
    plain = read.plain_feed_forward()

    def feed_forward(width: int, copies: int = 1, fused: bool = False) -> list[Linear]:
        up = [
            Linear(name, width, hidden, copies, fused) for name in (("up_proj",) if plain else ("gate_proj", "up_proj"))
        ]
        return [*up, Linear("down_proj", hidden, width, copies, fused)]

    dense = Layer((*attention, *feed_forward(wide)), 2 * hidden)
    if experts:
        router = Linear("gate", experts, hidden, 1, True)
        beside = feed_forward(shared) if shared else []
        mixed = Layer((*attention, router, *feed_forward(expert_width, experts, True), *beside), 2 * hidden)
        first = read.get("first_k_dense_replace")
        layers = (*([dense] * first), *([mixed] * (count - first)))
    else:
        layers = (dense,) * count
    return {
        "layers": layers,
        "embeddings": vocabulary * hidden,
        "head": 0 if tied else vocabulary * hidden,
        "others": hidden,
    }


def _stored(settings: Mapping[str, Any]) -> tuple[str, float]:
    method = str(settings.get("quant_method") or ("bitsandbytes" if settings.get("load_in_4bit") else "unknown"))
    if settings.get("load_in_4bit"):
        return method, 4.0
    if settings.get("load_in_8bit") or method in {"fp8", "compressed-tensors"}:
        return method, 8.0
    bits = settings.get("bits") or settings.get("w_bit") or settings.get("nbits") or 4
    return method, float(bits)


class _Numbers:
    """Looks numbers up in one configuration after the other."""

    def __init__(self, places: Iterable[Mapping[str, Any]]) -> None:
        self._places = tuple(places)

    def get(self, *names: str, default: int = 0) -> int:
        for place in self._places:
            for name in names:
                value = place.get(name)
                if isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0:
                    return int(value)
        return default

    def need(self, *names: str) -> int:
        found = self.get(*names)
        if not found:
            raise UnknownShape(names[0])
        return found

    def flag(self, name: str, *, default: bool = False) -> bool:
        # The outer configuration's word on tying counts where both have one: that is the one the loader reads.
        for place in reversed(self._places):
            value = place.get(name)
            if isinstance(value, bool):
                return value
        return default

    def plain_feed_forward(self) -> bool:
        """Whether the feed-forward part has one matrix up and not a gate beside it."""
        family = next((str(place["model_type"]) for place in self._places if place.get("model_type")), "")
        return family.startswith(("gpt2", "gpt_neo", "gptj", "opt", "bloom", "falcon", "phi-msft", "starcoder2")) or (
            family == "phi"
        )
