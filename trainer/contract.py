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


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One fine-tuning run. The YAML that users write has the same names (`doctor/jobs.py` reads and checks it)."""

    model: str
    """Folder of the base model in Hugging Face layout (config.json, *.safetensors, tokenizer)."""
    data: tuple[str, ...]
    """Files with records: Alpaca, ShareGPT, OpenAI messages or prompt/completion, as JSON or JSONL."""
    output: str
    """Run folder: checkpoints, adapter, logs and the record of the run go here."""
    held_out: float = 0.1
    """Share of the records kept out of training to measure the loss, 0 to 0.5. At least one record when above 0."""
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
    max_length: int = 1024
    """Longest record in tokens; the surplus is cut from the end, counted and told."""
    warmup_ratio: float = 0.03
    """Share of the steps over which the learning rate rises from zero."""
    scheduler: Literal["cosine", "linear", "constant"] = "cosine"
    """How the learning rate falls after the warm-up."""
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
    lora: Lora = field(default_factory=Lora)


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainRequest:
    """What `python -m trainer` gets."""

    job: Job
    resume: bool = False
    """Go on from the newest complete checkpoint in the run folder; without one, start over."""
    store_file: str = ""
    """File by which several processes meet, relative to their working folder; without one they meet over the port that
    their environment names."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """Loss on the held-out records: mean over their answer tokens, in nats."""

    step: int
    loss: float
    records: int


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


Event = Started | Staged | Progressed | Evaluated | Saved | Warned | Said | Answered | Failed | Finished

_EVENTS: dict[str, type[Event]] = {
    "started": Started,
    "staged": Staged,
    "progressed": Progressed,
    "evaluated": Evaluated,
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
        return tuple(value)
    return value
