"""The contract between the doctor and the programs that run in the training environment.

A program gets one JSON request file as its argument and writes one JSON event a line on stdout; commands come as one
JSON object a line on stdin. Both sides import this module, so that they cannot drift. Standard library only.
"""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar, get_type_hints

CONTRACT_VERSION = 1
"""Raised whenever a request or an event changes its meaning; `started` carries it."""

T = TypeVar("T")

FailureKind = Literal[
    "bad_job",
    "bad_data",
    "bad_model",
    "missing_package",
    "out_of_memory",
    "no_space",
    "diverged",
    "no_group",
    "process_lost",
    "interrupted",
    "crashed",
]

DataLayout = Literal["auto", "alpaca", "sharegpt", "openai", "prompt_completion", "text", "preference", "kto"]
Method = Literal["sft", "pretrain", "dpo", "orpo", "kto", "reward"]

# ---------------------------------------------------------------------------------------------------- requests


@dataclass(frozen=True, slots=True, kw_only=True)
class Lora:
    """The adapter."""

    rank: int = 16
    """LoRA rank r: the width of the two small matrices. 16 is the usual middle for instruction tuning."""
    alpha: int = 32
    """Scale: the update counts alpha / rank. Twice the rank is the common choice."""
    dropout: float = 0.0
    """Share of adapter inputs dropped while training, 0 to 1. Zero is fastest and fine for few epochs."""
    targets: tuple[str, ...] = ("all-linear",)
    """Names of the modules that get an adapter; `all-linear` is every linear layer but the head."""
    start: Literal["default", "gaussian", "pissa"] = "default"
    """First values of the matrices. `pissa` takes the principal directions of the base weights and changes those."""
    dora: bool = False
    """Learn the length of each weight column apart from its direction (DoRA): a little better, a third slower."""
    rslora: bool = False
    """Scale by alpha / sqrt(rank) and not by alpha / rank, which keeps high ranks learning."""
    plus_ratio: float = 0.0
    """LoRA+: how many times faster B learns than A; 0 is off, 16 is its authors' choice."""
    modules_to_save: tuple[str, ...] = ()
    """Modules that are trained whole beside the adapter, such as `lm_head` and `embed_tokens`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Where records come from. In YAML a plain file name stands for one with nothing else said."""

    path: str
    """A data file, or a folder of which every data file is taken, in the order of their names."""
    weight: float = 1.0
    """How often an epoch takes each record: 0.5 takes half of them, 2 takes each twice."""
    layout: DataLayout = "auto"
    """What the records look like; `auto` sees it from their fields."""
    columns: dict[str, str] = field(default_factory=dict)
    """The file's names for fields that are called otherwise there: `{output: answer}`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """What preference methods (dpo, orpo, kto) need beside."""

    beta: float = 0.1
    """How strongly the model is held to where it started (dpo, kto), or how much the odds count (orpo)."""
    loss: Literal["sigmoid", "ipo", "hinge"] = "sigmoid"
    """DPO's loss."""
    sft_weight: float = 0.0
    """Share of the usual loss on the chosen answers that DPO adds (RPO); 0 is none."""
    desirable_weight: float = 1.0
    """KTO: weight of the good answers' loss."""
    undesirable_weight: float = 1.0
    """KTO: weight of the bad answers' loss."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One fine-tuning run. The YAML that users write has the same names (`doctor/jobs.py` reads and checks it)."""

    model: str
    """Folder of the base model in Hugging Face layout (config.json, *.safetensors, tokenizer)."""
    data: tuple[Source, ...]
    """Where the records come from. What they must look like depends on `method`."""
    output: str
    """Run folder: checkpoints, adapter, logs and the record of the run go here."""
    method: Method = "sft"
    """What is learned: `sft` answers, `pretrain` raw text, `dpo`, `orpo` and `kto` preferences, `reward` a judge."""
    tuning: Literal["lora", "full", "freeze"] = "lora"
    """Which weights are trained: an adapter, all, or those of the last `trained_layers` layers. The last two need
    memory for the weights, gradients and the optimizer's state, 12 to 16 bytes a trained parameter."""
    trained_layers: int = 2
    """For `tuning: freeze`: layers at the end of the model that are trained."""
    quantisation: Literal["none", "nf4", "int8"] = "none"
    """How the base model's linear weights are kept while an adapter is trained: 16 bits, 4 (QLoRA) or 8."""
    double_quantisation: bool = True
    """NF4: quantise its scales too, which saves 0.4 bits a weight."""
    held_out: float = 0.1
    """Share of the records kept out of training to measure the loss, 0 to 0.5. At least one record when above 0, and
    at most 2,000."""
    held_out_data: tuple[Source, ...] = ()
    """Records of their own to measure the loss on; then nothing is kept out of `data`."""
    epochs: float = 1.0
    """Passes over the training records."""
    max_steps: int = -1
    """Stop after so many optimizer steps; -1 means the epochs decide."""
    learning_rate: float = 2e-4
    """Peak learning rate of AdamW. 2e-4 is the usual start for LoRA."""
    per_device_batch_size: int = 8
    """Records computed at once on one device."""
    gradient_accumulation: int = 1
    """Micro-batches summed into one optimizer step."""
    processes: int = 1
    """Processes that train together, one for each GPU; without a GPU they share the CPU. One step learns from
    per_device_batch_size x gradient_accumulation x processes records."""
    batching: Literal["same_records", "like_lengths", "plain"] = "same_records"
    """How the records of an epoch become batches. `same_records`: each step learns from records drawn by chance, as a
    plain script would, split into micro-batches of like lengths, so that a tenth is padding and the loss the same.
    `like_lengths`: a step's records are themselves of like lengths: a little quicker, with a slightly higher loss.
    `plain`: micro-batches of `per_device_batch_size` records as they are drawn."""
    micro_batch_tokens: int = 0
    """`same_records`: most tokens, padding counted, in one micro-batch; 0 is max_length x per_device_batch_size."""
    packing: Literal["none", "padding_free"] = "none"
    """`padding_free` lays the records of a micro-batch end to end, which needs flash attention to be right and fast."""
    max_length: int = 1024
    """Longest record in tokens; the surplus is cut from the end, counted and told."""
    warmup_ratio: float = 0.03
    """Share of the steps over which the learning rate rises from zero."""
    warmup_steps: int = 0
    """The same as a number of steps; above 0 it counts in place of `warmup_ratio`."""
    scheduler: Literal["cosine", "linear", "constant"] = "cosine"
    """How the learning rate falls after the warm-up."""
    optimizer: Literal["adamw", "adamw_8bit", "paged_adamw", "paged_adamw_8bit", "adafactor", "sgd"] = "adamw"
    """The 8-bit ones keep their state in 2 bytes a trained parameter and not in 8; paged ones let it leave the GPU."""
    max_grad_norm: float = 1.0
    """Longer gradients are cut to this length; 0 leaves them."""
    neftune_alpha: float = 0.0
    """Noise on the embeddings while training (NEFTune); 0 is none, 5 its authors' choice."""
    gradient_checkpointing: Literal["auto", "on", "off"] = "auto"
    """Compute activations again and not keep them: a third slower, and most of the memory saved. `auto`: on a GPU."""
    attention: Literal["auto", "sdpa", "eager", "flash_attention_2"] = "auto"
    """The attention kernel; `auto` takes flash attention where it is installed and needed, else torch's own (SDPA)."""
    kernels: Literal["auto", "none", "liger"] = "auto"
    """Faster layers: `liger` where the package is installed; `auto` takes it on a GPU where it is there."""
    split: Literal["none", "layers"] = "none"
    """`layers` spreads the model's layers over all GPUs in one process: room for a larger model, not more speed."""
    weight_decay: float = 0.0
    """AdamW's weight decay. Adapters are small, so none by default."""
    assistant_only_loss: bool = True
    """Learn from the answers only, not from the questions."""
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    """Number format of the computation; `auto` takes bf16 where the hardware computes it natively, else fp32."""
    seed: int = 42
    """Seed of the shuffle, the split and the adapter's initial values."""
    save_steps: int = 50
    """Optimizer steps between checkpoints."""
    save_limit: int = 2
    """Checkpoints kept."""
    log_steps: int = 1
    """Optimizer steps between progress events."""
    eval_steps: int = 0
    """Optimizer steps between measurements on the held-out records; 0 measures before and after only."""
    threads: int = 0
    """CPU threads of torch in each process; 0 leaves the choice to the trainer."""
    sample_prompts: tuple[str, ...] = ()
    """Questions that the model answers whenever the held-out loss is measured."""
    trackers: tuple[str, ...] = ()
    """Where else to write the metrics: tensorboard, wandb, swanlab, mlflow. metrics.csv is always written."""
    lora: Lora = field(default_factory=Lora)
    preference: Preference = field(default_factory=Preference)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainRequest:
    """What `python -m trainer` gets."""

    job: Job
    resume: bool = False
    """Go on from the newest complete checkpoint in the run folder; without one, start over."""
    store_file: str = ""
    """File by which several processes meet, relative to their working folder; without one they meet over the port that
    their environment names."""
    weights_mib: tuple[int, ...] = ()
    """`split: layers`: the most MiB of weights that each GPU takes, in the order of torch's numbers. Without it the
    layers are shared out evenly by bytes, with less for the last GPU, which also holds the head."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRequest:
    """What `python -m trainer.export_gguf` gets: base + adapter → merged folder → GGUF files."""

    model: str
    """Folder of the 16-bit base model."""
    adapter: str | None
    """Folder of the LoRA adapter; None exports the base as it is."""
    output: str
    """Folder that the finished files go into."""
    name: str
    """Stem of the files: NAME-f16.gguf, NAME-Q8_0.gguf, …"""
    types: tuple[str, ...] = ("f16", "Q8_0", "Q4_K_M")
    """GGUF types to write. The 16-bit file is always made first; it is removed at the end unless named here."""
    converter: str = ""
    """Folder that holds llama.cpp's convert_hf_to_gguf.py with its `conversion` and `gguf` packages."""
    work: str = ""
    """Scratch folder on the same volume as `output`."""
    threads: int = 0
    """Threads for quantising; 0 is all."""
    prompt: str = "Who are you?"
    """What the finished files are asked, as a proof that llama.cpp loads and answers with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConverseRequest:
    """What `python -m trainer.converse` gets; then it reads `say` commands."""

    gguf: str
    context_tokens: int = 2048
    threads: int = 0
    """CPU threads; 0 is all physical cores."""
    gpu_layers: int = -1
    """Layers put on the GPU; -1 is all of them where llama.cpp was built with a GPU backend."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnpackRequest:
    """What `python -m trainer.unpack_gguf` gets: a GGUF becomes a folder in Hugging Face layout."""

    gguf: str
    output: str
    name: str
    """What to call the model in messages."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LookRequest:
    """What `python -m trainer.look` gets: data to be read as training reads it, and counted in the model's tokens.

    Every problem is a `warned` of code `data_problem` with the fields of `trainer.records.Problem` in its detail.
    """

    data: tuple[Source, ...]
    held_out_data: tuple[Source, ...] = ()
    """Records that are meant for measuring only: looked for among `data`."""
    held_out: float = 0.0
    """As in Job: records that are the same may fall on both sides, which is told."""
    model: str = ""
    """Folder of the model whose tokenizer counts; empty for no counting."""
    method: Method | None = None
    """With one, a layout that it cannot learn from is a failure."""
    max_length: int = 1024
    """As in Job."""
    assistant_only_loss: bool = True
    """As in Job."""
    examples: int = 3
    """Records that come back as the model would see them, each part marked as learned or not."""
    near: bool = True
    """Look for records that are nearly the same, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SmokeRequest:
    """What `python -m trainer.smoke` gets."""

    tests: tuple[str, ...]
    """Names of the proofs to run, in order: import, matmul, attention, nf4, train, gguf, all-reduce, and optional parts
    by their own names."""
    devices: tuple[str, ...] = ("cpu",)
    """`cpu`, or `cuda:0`, `cuda:1`, … : every device that must work; `cuda` alone is every GPU that torch sees."""
    converter: str = ""
    """As in ExportRequest, for the `gguf` proof."""
    patience: float = 1.0
    """Factor on the time after which a proof counts as hanging."""


# ---------------------------------------------------------------------------------------------------- events


@dataclass(frozen=True, slots=True, kw_only=True)
class Started:
    """First event of every program."""

    program: str
    contract: int = CONTRACT_VERSION
    versions: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A stage begins, or ends when `seconds` is given. Stage names are stable: the doctor words them."""

    stage: str
    seconds: float | None = None
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Progressed:
    """One optimizer step of training."""

    step: int
    steps: int
    epoch: float
    loss: float
    learning_rate: float
    tokens_per_second: float
    """Real tokens, padding not counted."""
    seconds_left: float
    peak_mib: int
    """Highest memory use so far: of the GPU where there is one, else of the process."""
    tokens: int = 0
    """Real tokens since the run began."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """Loss on the held-out records: mean over their answer tokens, in nats; of preference methods, over the records."""

    step: int
    loss: float
    records: int
    measures: dict[str, float] = field(default_factory=dict)
    """What else a preference method is judged by: `accuracy`, the share of records whose good answer scores above the
    bad one, and `margin`, by how much it does on average."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampled:
    """What the model answers to one of the job's `sample_prompts`, greedily and in at most 64 tokens."""

    step: int
    number: int
    """Which of the prompts, from 1."""
    prompt: str
    answer: str
    tokens: int
    """Of the answer, the token that ends it left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A complete checkpoint or the final adapter is on disk."""

    step: int
    path: str
    final: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Warned:
    """Something the user should know; the work goes on. `code` is stable, `detail` fills the doctor's words."""

    code: str
    message: str
    detail: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A piece of a model's answer."""

    piece: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """A model's answer is complete."""

    text: str
    prompt_tokens: int
    answer_tokens: int
    seconds: float
    reason: Literal["stop", "length", "stopped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """Last event of a program that could not finish."""

    kind: FailureKind
    message: str
    """What happened, in English; the doctor adds its own words for the kind."""
    file: str | None = None
    line: int | None = None
    field_name: str | None = None
    package: str | None = None
    """The package that is at fault, by the name it is installed under; None where none is, or it is not known."""
    proof: str | None = None
    """The proof that failed, of the smoke program."""
    device: str | None = None
    """Where it failed, where that matters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """Last event of a program that finished; `result` is the program's own."""

    result: dict[str, Any] = field(default_factory=dict)
    stopped: bool = False
    """Ended early because it was told to; the work can be resumed."""


Event = Started | Staged | Progressed | Evaluated | Sampled | Saved | Warned | Said | Answered | Failed | Finished

_EVENTS: dict[str, type[Event]] = {
    "started": Started,
    "staged": Staged,
    "progressed": Progressed,
    "evaluated": Evaluated,
    "sampled": Sampled,
    "saved": Saved,
    "warned": Warned,
    "said": Said,
    "answered": Answered,
    "failed": Failed,
    "finished": Finished,
}
_NAMES = {kind: name for name, kind in _EVENTS.items()}


def write_event(event: Event) -> str:
    """One line of JSON, without the line feed. ASCII only, so that no console encoding can spoil it."""
    return json.dumps({"event": _NAMES[type(event)], **dataclasses.asdict(event)}, ensure_ascii=True)


def read_event(line: str) -> Event | None:
    """The event on a line, or None for a stray line: some library's print must never break the stream."""
    try:
        record = json.loads(line)
        kind = _EVENTS[record.pop("event")]
        return build(kind, record)
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def write_request(request: Any) -> str:
    """A request as JSON text."""
    return json.dumps(dataclasses.asdict(request), ensure_ascii=False, indent=2) + "\n"


def build(kind: type[T], record: dict[str, Any]) -> T:
    """A dataclass of this module from parsed JSON: nested dataclasses and tuples restored, unknown names refused.

    Raises TypeError with the name of the field that is missing or unknown.
    """
    hints = get_type_hints(kind)
    known = {f.name for f in dataclasses.fields(kind)}  # type: ignore[arg-type]
    unknown = sorted(set(record) - known)
    if unknown:
        raise TypeError(f"{kind.__name__} has no field {unknown[0]!r}")
    values = {name: _restore(hints[name], value) for name, value in record.items()}
    return kind(**values)


def _restore(hint: Any, value: Any) -> Any:
    if dataclasses.is_dataclass(hint) and isinstance(value, dict):
        return build(hint, value)  # type: ignore[arg-type]
    if getattr(hint, "__origin__", None) is tuple and isinstance(value, list):
        return tuple(_restore(hint.__args__[0], each) for each in value)
    if hint is Source and isinstance(value, str):
        # As runs of version 1 wrote their data.
        return Source(path=value)
    return value
