"""Load the base model and its tokenizer: local files, safetensors, no code from the model's folder."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from trainer.failures import first_line, is_out_of_memory
from trainer.program import Refusal

if TYPE_CHECKING:
    from trainer.contract import Job


def load(job: Job, dtype: Any) -> tuple[Any, Any]:
    """The tokenizer and the model. Raises Refusal."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(job.model, local_files_only=True, trust_remote_code=False)
        model = AutoModelForCausalLM.from_pretrained(
            job.model, dtype=dtype, local_files_only=True, trust_remote_code=False, use_safetensors=True
        )
    except (OSError, ValueError, KeyError, TypeError, RuntimeError) as error:
        if is_out_of_memory(error):
            raise Refusal("out_of_memory", first_line(error)) from error
        raise Refusal("bad_model", f"the model cannot be loaded: {first_line(error)}", file=job.model) from error
    return tokenizer, model
