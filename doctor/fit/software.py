"""How the installed programs compute, as far as memory follows from it: loss path, attention kernel, formats. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from doctor.quick_dataclass import dataclass
from doctor.versions import numbers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.fit.shape import ModelShape
    from trainer.contract import Job

LossPath = Literal["script", "stock", "old_stock", "trl_chunks", "trl_tiles", "answers", "unsloth", "fused", "none"]
"""Where the logits are made. `script`: a plain loop that keeps the model's output; `stock`: transformers' own loss in
its Trainer; `old_stock`: with the shifted copy that it made before 4.46; `trl_chunks`: TRL 1.7 to 1.14; `trl_tiles`:
from 1.15 on; `answers`: our own on a CPU, at answer tokens only; `unsloth`; `fused`: Liger, cut cross-entropy,
torchtune; `none`: a reward model's head of one number."""

Kernel = Literal["flash", "efficient", "math", "eager"]


@dataclass(frozen=True, kw_only=True)
class Versions:
    """Of the packages in the training environment; an empty string is one that is not there."""

    torch: str = ""
    transformers: str = ""
    trl: str = ""
    peft: str = ""
    bitsandbytes: str = ""
    flash_attn: str = ""
    liger: str = ""
    unsloth: str = ""
    triton: str = ""
    system: Literal["windows", "linux", "macos"] = "linux"

    @property
    def words(self) -> str:
        """Those that matter, in one line: what a calibration is kept under."""
        named = (("torch", self.torch), ("transformers", self.transformers), ("trl", self.trl), ("peft", self.peft),
                 ("bitsandbytes", self.bitsandbytes))  # fmt: skip
        return " ".join(f"{name} {version}" for name, version in named if version)


_PACKAGES = {
    "torch": "torch", "transformers": "transformers", "trl": "trl", "peft": "peft", "bitsandbytes": "bitsandbytes",
    "flash-attn": "flash_attn", "liger-kernel": "liger", "unsloth": "unsloth", "triton": "triton",
    "triton-windows": "triton",
}  # fmt: skip


def versions_of(packages: Mapping[str, str], system: Literal["windows", "linux", "macos"]) -> Versions:
    """From the names and versions of an environment's packages; torch on Linux with CUDA brings triton along."""
    found = {_PACKAGES[name]: version for name, version in packages.items() if name in _PACKAGES}
    return Versions(system=system, **found)


@dataclass(frozen=True, kw_only=True)
class Software:
    """How one job is computed."""

    loss: LossPath
    kernel: Kernel
    stream: int = 2
    """Bytes of a number between the layers: 4 where the embeddings and norms are in fp32."""
    inside: int = 2
    """Bytes of a number within a layer: what its matrices give out."""
    embedding: int = 2
    """Bytes of a number of the embedding, the head and the norms."""
    adapter: int = 4
    """Bytes of a number of the adapter and of its gradient."""
    casts: bool = True
    """Autocast over an adapter in fp32: each of its matrices keeps an input of its own in 16 bits."""
    weight: int = 2
    """Bytes of a number of the layers' own weights, where they are not quantised."""
    master: int = 4
    """Bytes of a base weight that is trained itself."""
    checkpointing: bool = True
    offloads: bool = False
    """Saved layer inputs wait in host memory (Unsloth)."""
    fused_layers: bool = False
    """Liger's norm and feed-forward part, which keep less."""
    expands: bool = False
    """Keys and values are repeated for grouped heads before attention."""
    masked: bool = False
    """Rows are padded, so that each layer's attention has a mask of tokens x tokens in 16 bits."""
    triton: bool = True


def loss_path(versions: Versions, *, method: str = "sft", on_gpu: bool = True, kernels: str = "auto") -> LossPath:
    """The path that our trainer takes with these packages."""
    if method == "reward":
        return "none"
    if not on_gpu:
        return "answers"
    # Preference methods take TRL's fused head as well.
    if not versions.trl or numbers(versions.trl) >= (1, 15):
        return "trl_tiles"
    if method == "sft" and numbers(versions.trl) >= (1, 7):
        return "trl_chunks"
    return "stock"


def attention_kernel(job: Job, shape: ModelShape, versions: Versions, *, on_gpu: bool) -> tuple[Kernel, bool]:
    """The kernel that attention runs on, and whether keys and values are repeated for it.

    torch's CUDA wheels for Windows have no flash kernel; a batch with padding carries a mask, with which only the
    memory-efficient kernel works; heads wider than 256 have neither.
    """
    grouped = shape.kv_heads < shape.heads
    if job.attention == "eager":
        return "eager", grouped
    if job.attention == "flash_attention_2" or (job.packing == "padding_free" and versions.flash_attn):
        return "flash", False
    if max(shape.head_size, shape.value_size) > 256:
        return "math", True
    if not on_gpu:
        return "flash", grouped
    if has_padding(job) or versions.system == "windows":
        return "efficient", grouped
    return "flash", False


def has_padding(job: Job) -> bool:
    """Whether rows of unlike lengths are computed together."""
    return job.per_device_batch_size > 1 or job.batching == "same_records" or job.method not in {"sft", "pretrain"}


def checkpoints(job: Job, *, on_gpu: bool) -> bool:
    """Whether the layers' activations are computed again rather than kept."""
    return job.gradient_checkpointing == "on" or (job.gradient_checkpointing == "auto" and on_gpu)


def software_of(job: Job, shape: ModelShape, versions: Versions, *, on_gpu: bool, native_bf16: bool = True) -> Software:
    """How our trainer computes this job."""
    kernel, expands = attention_kernel(job, shape, versions, on_gpu=on_gpu)
    half = job.precision in {"bf16", "fp16"} or (job.precision == "auto" and native_bf16)
    quantised = job.quantisation != "none" or bool(shape.quantised)
    # As `trainer.loading` loads them: weights that are trained, and those of fp16, lie in fp32.
    weight = 2 if half and job.tuning != "full" and job.precision != "fp16" else 4
    if shape.quantised:
        weight = 2
    stream = weight
    return Software(
        loss=loss_path(versions, method=job.method, on_gpu=on_gpu),
        kernel=kernel,
        expands=expands,
        masked=on_gpu and kernel == "efficient" and has_padding(job),
        stream=stream,
        inside=2 if half else 4,
        embedding=weight,
        weight=weight,
        # TRL casts the adapters of quantised models to bf16; peft keeps others in fp32.
        adapter=2 if quantised and half else 4,
        casts=half and not quantised,
        master=4,
        checkpointing=checkpoints(job, on_gpu=on_gpu),
        fused_layers=on_gpu and bool(versions.liger) and job.kernels != "none",
        triton=on_gpu and (bool(versions.triton) or versions.system == "linux"),
    )
