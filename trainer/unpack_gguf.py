"""A GGUF becomes a model folder in Hugging Face layout again: `python -m trainer.unpack_gguf request.json`.

For models that come inside a package as a quantised GGUF. The weights are what the GGUF holds, rounded to bf16; what
quantising took away does not come back.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from trainer.contract import Staged, UnpackRequest, Warned
from trainer.emit import emit
from trainer.program import Refusal, is_disk_full, run_program


def unpack(request: UnpackRequest) -> dict[str, Any]:
    """Write the folder. Raises Refusal."""
    file, output = Path(request.gguf), Path(request.output)
    if not file.is_file():
        raise Refusal("bad_model", f"{request.name}: there is no such file", file=str(file))
    emit(Staged(stage="load"))
    begun = time.perf_counter()
    import torch
    import transformers

    transformers.utils.logging.disable_progress_bar()
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
        loaded = transformers.AutoModelForCausalLM.from_pretrained(
            file.parent, gguf_file=file.name, dtype=torch.float32
        )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        if is_disk_full(error):
            raise
        raise Refusal("bad_model", f"{request.name}: this GGUF cannot be read: {error}", file=str(file)) from error
    emit(Staged(stage="load", seconds=round(time.perf_counter() - begun, 3)))

    emit(Staged(stage="save"))
    begun = time.perf_counter()
    config = loaded.config
    # transformers refuses to save what it loaded from a GGUF while the config says so.
    for name in ("quantization_config", "_name_or_path"):
        if hasattr(config, name):
            delattr(config, name)
    model = type(loaded)(config).to(torch.bfloat16)
    model.load_state_dict(loaded.state_dict())
    for name in ("bos_token_id", "eos_token_id", "pad_token_id"):
        setattr(model.generation_config, name, getattr(tokenizer, name))
    output.mkdir(parents=True, exist_ok=True)
    model.save_pretrained(output)
    tokenizer.save_pretrained(output)
    if not tokenizer.chat_template:
        emit(Warned(code="no_chat_template", message="the file has no chat template"))
    parameters = sum(weights.numel() for weights in model.parameters())
    emit(Staged(stage="save", seconds=round(time.perf_counter() - begun, 3), detail={"parameters": parameters}))
    return {"parameters": parameters, "architecture": type(model).__name__}


if __name__ == "__main__":
    run_program("trainer.unpack_gguf", UnpackRequest, unpack, "torch", "transformers", "gguf")
