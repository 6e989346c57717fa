"""Merge a LoRA adapter into the 16-bit model that it was trained on, into a folder in Hugging Face layout.

peft does the arithmetic, in fp32 and layer by layer, so that memory holds the model once, in its own number format,
and each weight is rounded once. The base's own tokenizer and template files go with it: files that other tools saved
again are where converters go wrong.
"""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING, Any

from trainer.program import Refusal, is_disk_full

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEMPLATE = "chat_template.jinja"
"""Where transformers keeps a chat template beside a tokenizer."""

COPIED = (
    "tokenizer.json",
    "tokenizer.model",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "merges.txt",
    "tekken.json",
    "spiece.model",
    TEMPLATE,
    "chat_template.json",
    "generation_config.json",
    "README.md",
)
"""What makes a model's tokenizer, template and stop tokens; the model card gives the GGUF its licence and origin."""


def merge_adapter(
    base: Path, adapter: Path, output: Path, *, on_layer: Callable[[int, int], None] | None = None
) -> int:
    """Write base + adapter into `output` and return the number of layers changed.

    Raises Refusal when the two do not belong together or the result is not finite.
    """
    import torch
    import transformers
    from peft import PeftModel
    from peft.tuners.tuners_utils import BaseTunerLayer

    config = read_config(base)
    if config.get("quantization_config"):
        raise Refusal(
            "bad_model",
            "this model is a quantised copy; an adapter is merged into the 16-bit original",
            file=str(base / "config.json"),
        )
    tensors = _adapter_tensors(adapter)
    transformers.utils.logging.disable_progress_bar()
    try:
        model = transformers.AutoModelForCausalLM.from_pretrained(base, dtype="auto", device_map=None)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        if is_disk_full(error):
            raise
        raise Refusal("bad_model", f"the base model cannot be loaded: {_first_line(error)}", file=str(base)) from error
    try:
        tuned: Any = PeftModel.from_pretrained(model, adapter)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise Refusal(
            "bad_model", f"the adapter does not belong to this base model: {_first_line(error)}", file=str(adapter)
        ) from error
    layers = [module for module in tuned.modules() if isinstance(module, BaseTunerLayer)]
    expected = sum(1 for name in tensors if ".lora_A." in name or ".lora_embedding_A" in name)
    if not layers or len(layers) < expected:
        raise Refusal(
            "bad_model",
            f"the adapter does not belong to this base model: {expected} layers in the adapter, {len(layers)} found",
            file=str(adapter),
        )
    for place, layer in enumerate(layers):
        _merge_layer(layer, torch.float32, adapter)
        if on_layer is not None:
            on_layer(place + 1, len(layers))
    # The layers are merged already; this only takes the adapter's modules out.
    merged = tuned.merge_and_unload()
    output.mkdir(parents=True, exist_ok=True)
    merged.save_pretrained(output, max_shard_size="4GB")
    _write_config(config, output, vocabulary=merged.get_input_embeddings().weight.shape[0])
    copy_companions(base, output)
    if base_template(base) is None and (adapter / TEMPLATE).is_file():
        # A base model without a chat template was trained with a plain one, which the adapter carries.
        shutil.copyfile(adapter / TEMPLATE, output / TEMPLATE)
    return len(layers)


def read_config(folder: Path) -> dict[str, Any]:
    """A model folder's config.json. Raises Refusal."""
    path = folder / "config.json"
    try:
        config = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise Refusal("bad_model", "this is not a model folder: it has no config.json", file=str(folder)) from error
    except (OSError, ValueError) as error:
        raise Refusal("bad_model", f"config.json cannot be read: {error}", file=str(path)) from error
    if not isinstance(config, dict):
        raise Refusal("bad_model", "config.json is not a JSON object", file=str(path))
    if not list(folder.glob("*.safetensors")):
        raise Refusal("bad_model", "the folder has no weights (*.safetensors)", file=str(folder))
    return config


def base_template(folder: Path) -> str | None:
    """The chat template of a model folder, or None when it has none or several."""
    own = folder / TEMPLATE
    if own.is_file():
        return own.read_text(encoding="utf-8")
    for name in ("chat_template.json", "tokenizer_config.json"):
        try:
            found = json.loads((folder / name).read_text(encoding="utf-8-sig")).get("chat_template")
        except (OSError, ValueError, AttributeError):
            continue
        if isinstance(found, str):
            return found
    return None


def copy_companions(base: Path, output: Path) -> None:
    """The tokenizer's and template's files, unchanged."""
    for name in COPIED:
        if (base / name).is_file():
            shutil.copyfile(base / name, output / name)


def _merge_layer(layer: Any, dtype: Any, adapter: Path) -> None:
    """Merge one layer in `dtype` and round it back to the number format that it is stored in."""
    base = layer.get_base_layer()
    weight = getattr(base, "weight", None)
    stored = None if weight is None else weight.dtype
    try:
        if stored is not None and stored != dtype:
            base.to(dtype)
        layer.merge(safe_merge=True)
    except ValueError as error:
        raise Refusal("bad_model", f"the adapter is broken: {_first_line(error)}", file=str(adapter)) from error
    finally:
        if stored is not None and stored != dtype:
            base.to(stored)


def _adapter_tensors(adapter: Path) -> list[str]:
    from safetensors import SafetensorError, safe_open

    path = adapter / "adapter_model.safetensors"
    if not path.is_file() or not (adapter / "adapter_config.json").is_file():
        raise Refusal(
            "bad_model",
            "this is not an adapter: it needs adapter_config.json and adapter_model.safetensors",
            file=str(adapter),
        )
    try:
        with safe_open(path, framework="pt") as tensors:
            return list(tensors.keys())
    except (SafetensorError, OSError) as error:
        raise Refusal("bad_model", f"the adapter is damaged: {error}", file=str(path)) from error


def _write_config(config: dict[str, Any], output: Path, *, vocabulary: int) -> None:
    """The base's config.json as it was, but for what the merge changed."""
    config = {name: value for name, value in config.items() if name != "quantization_config"}
    if config.get("vocab_size") not in (None, vocabulary):
        config["vocab_size"] = vocabulary
    (output / "config.json").write_text(json.dumps(config, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _first_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return " ".join(lines[:2])[:400] if lines else type(error).__name__
