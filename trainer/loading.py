"""Load the base model and its tokenizer: local files, safetensors, no code from the model's folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from trainer.adapters import choose_weights
from trainer.attention import expand_grouped_heads
from trainer.demands import installed, quantised_base
from trainer.failures import first_line, is_out_of_memory
from trainer.program import Refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trainer.contract import Job

_HEAD_SHARE = 0.85
"""Of the others' weights, what the last GPU takes where layers are split: it also holds the head and its logits."""


def load(job: Job, number_format: str, weights_mib: Sequence[int] = ()) -> tuple[Any, Any]:
    """The tokenizer, and the model with the weights to be trained chosen. Raises Refusal."""
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(job.model, local_files_only=True, trust_remote_code=False)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise _refusal(error, job) from error
    model = _load_model(job, number_format, weights_mib)
    if job.method == "reward":
        # The judge looks at the last token that is no padding, which it tells by its number.
        pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else tokenizer.eos_token_id
        model.config.get_text_config().pad_token_id = pad
        model.config.pad_token_id = pad
    choose_weights(job, model)
    return tokenizer, model


def load_reference(job: Job, number_format: str) -> Any:
    """The model as it is before training, frozen; None where the job needs none or switches an adapter off instead."""
    if job.tuning == "lora" or job.method not in ("dpo", "kto"):
        return None
    import torch

    model = _load_model(job, number_format, ()).eval().requires_grad_(False)
    if torch.cuda.is_available():
        model.to("cuda")
    from trl.trainer.utils import add_fused_lm_head

    add_fused_lm_head(model)
    return model


def attention_of(job: Job) -> str:
    """The attention kernel that transformers is asked for."""
    if job.attention != "auto":
        return job.attention
    # Records that lie end to end are kept apart by flash attention itself; SDPA needs a mask of the whole row.
    if job.packing == "padding_free" and _on_gpu() and installed("flash_attn"):
        return "flash_attention_2"
    return "sdpa"


def quantisation_of(job: Job, number_format: str) -> Any:
    """bitsandbytes' settings of the job; None where the base stays as it is."""
    if job.quantisation == "none":
        return None
    import torch
    from transformers import BitsAndBytesConfig

    if job.quantisation == "int8":
        return BitsAndBytesConfig(load_in_8bit=True)
    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=job.double_quantisation,
        bnb_4bit_compute_dtype=getattr(torch, _TYPES[number_format]),
    )


def shares_mib(weights_mib: int, gpus: int) -> list[int]:
    """The weights that each of several GPUs takes, in MiB: even shares, and less for the last, which holds the head."""
    even = weights_mib / (gpus - 1 + _HEAD_SHARE)
    return [*[round(even)] * (gpus - 1), round(even * _HEAD_SHARE)]


_TYPES = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}


def _load_model(job: Job, number_format: str, weights_mib: Sequence[int]) -> Any:
    import torch
    from transformers import AutoModelForCausalLM, AutoModelForSequenceClassification

    expand_grouped_heads()
    settings: dict[str, Any] = {"attn_implementation": attention_of(job)}
    if job.method == "reward":
        settings["num_labels"] = 1
    kind = AutoModelForSequenceClassification if job.method == "reward" else AutoModelForCausalLM
    if (quantisation := quantisation_of(job, number_format)) is not None:
        settings["quantization_config"] = quantisation
    if quantised_base(Path(job.model)) is not None:
        dtype: Any = "auto"
    else:
        # Weights that are trained are kept in fp32 and computed in 16 bits; fp16 is scaled, which wants fp32 too.
        dtype = torch.bfloat16 if number_format == "bf16" and job.tuning != "full" else torch.float32
    if job.split == "layers":
        settings |= {"device_map": "auto", "max_memory": _most_memory(job, weights_mib)}
    try:
        return kind.from_pretrained(
            job.model, dtype=dtype, local_files_only=True, trust_remote_code=False, use_safetensors=True, **settings
        )
    except ImportError as error:
        raise Refusal("missing_package", f"the model cannot be loaded: {first_line(error)}", file=job.model) from error
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        raise _refusal(error, job) from error


def _most_memory(job: Job, weights_mib: Sequence[int]) -> dict[int, str]:
    """What accelerate may put on each GPU. The last takes what is left, so that nothing lands on the CPU."""
    import torch

    count = torch.cuda.device_count()
    if not weights_mib:
        stored = sum(file.stat().st_size for file in Path(job.model).glob("*.safetensors")) >> 20
        factor = {"none": 1.0, "int8": 0.55, "nf4": 0.32}[job.quantisation]
        weights_mib = shares_mib(round(stored * factor), count)
    most = {place: f"{share}MiB" for place, share in enumerate(weights_mib[: count - 1])}
    most[count - 1] = f"{torch.cuda.get_device_properties(count - 1).total_memory >> 20}MiB"
    return most


def _on_gpu() -> bool:
    import torch

    return bool(torch.cuda.is_available())


def _refusal(error: BaseException, job: Job) -> Refusal:
    if is_out_of_memory(error):
        return Refusal("out_of_memory", first_line(error))
    return Refusal("bad_model", f"the model cannot be loaded: {first_line(error)}", file=job.model)
