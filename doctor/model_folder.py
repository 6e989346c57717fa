"""Look at a model folder in Hugging Face layout: what is in it, and whether it can be trained on and exported.

Reads headers and small JSON files only, so a folder of any size takes milliseconds.
"""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

from doctor.errors import BadInput
from doctor.quick_dataclass import dataclass
from doctor.words.text import Text, text

INDEX = "model.safetensors.index.json"
SINGLE = "model.safetensors"
_TOKENIZERS: tuple[tuple[str, ...], ...] = (
    ("tokenizer.json",),
    ("tokenizer.model",),
    ("tekken.json",),
    ("vocab.json", "merges.txt"),
    ("spiece.model",),
)
"""Files that make a tokenizer, best first; a row counts when all of its files are there."""
_PICKLES = ("*.bin", "*.pt", "*.pth", "*.ckpt")
_CONTEXT_FIELDS = ("max_position_embeddings", "n_positions", "n_ctx", "seq_length", "max_seq_len")
_LONGEST_HEADER = 100_000_000
"""Bytes; safetensors itself refuses a longer header."""
_LFS_POINTER = b"version https://git-lfs"


@dataclass(frozen=True, kw_only=True)
class ModelFacts:
    """What a model folder says about itself."""

    folder: Path
    architecture: str
    """`architectures[0]` of config.json, e.g. `LlamaForCausalLM`; the model type when that is missing."""
    model_type: str
    parameters: int
    """Counted from the safetensors headers; a 4-bit copy counts its packed bytes."""
    dtype: str
    """Number format of most of the weights: BF16, F16, F32, …"""
    weight_bytes: int
    """Size of the safetensors files."""
    weights: tuple[str, ...]
    """Names of the safetensors files."""
    context_tokens: int | None
    vocabulary: int | None
    tokenizer: str
    """The file (or files) that the tokenizer is made from."""
    has_chat_template: bool
    quantised: str | None
    """Method of `quantization_config` (bitsandbytes, gptq, awq, …), or None for plain weights."""
    licence: str | None
    """As the model card's front matter says it."""


def check_model_folder(folder: Path) -> ModelFacts:
    """Read a model folder. Raises BadInput that names the file and what is wrong with it."""
    config = _config(folder)
    files = _weight_files(folder)
    widest: dict[str, int] = {}
    for file in files:
        for dtype, count in _tensor_counts(file).items():
            widest[dtype] = widest.get(dtype, 0) + count
    parameters = sum(widest.values())
    if parameters == 0:
        raise _bad(text("model.no_tensors"), files[0])
    names = config.get("architectures")
    model_type = str(config.get("model_type") or "")
    inner = config.get("text_config")
    places = [config, inner] if isinstance(inner, dict) else [config]
    return ModelFacts(
        folder=folder,
        architecture=str(names[0]) if isinstance(names, list) and names else model_type,
        model_type=model_type,
        parameters=parameters,
        dtype=max(widest, key=lambda name: widest[name]),
        weight_bytes=sum(file.stat().st_size for file in files),
        weights=tuple(file.name for file in files),
        context_tokens=_number(places, _CONTEXT_FIELDS),
        vocabulary=_number(places, ("vocab_size",)),
        tokenizer=_tokenizer(folder),
        has_chat_template=_has_chat_template(folder),
        quantised=_quantised(config),
        licence=_licence(folder),
    )


def _config(folder: Path) -> dict[str, Any]:
    if not folder.exists():
        raise _bad(text("model.no_folder"), folder, hint=text("model.no_folder_hint"))
    if not folder.is_dir():
        hint = text("model.gguf_hint") if folder.suffix.lower() == ".gguf" else text("model.no_folder_hint")
        raise _bad(text("model.not_a_folder"), folder, hint=hint)
    if not (folder / "config.json").is_file():
        if (folder / "adapter_config.json").is_file():
            raise _bad(text("model.is_adapter"), folder, hint=text("model.is_adapter_hint"))
        raise _bad(text("model.no_config"), folder, hint=text("model.no_config_hint"))
    return _json_object(folder / "config.json")


def _weight_files(folder: Path) -> list[Path]:
    if (folder / INDEX).is_file():
        places = _json_object(folder / INDEX).get("weight_map")
        if not isinstance(places, dict) or not places:
            raise _bad(text("model.bad_index"), folder / INDEX)
        shards = sorted({str(name) for name in places.values()})
        if any(Path(name).name != name for name in shards):
            raise _bad(text("model.bad_index"), folder / INDEX)
        missing = [name for name in shards if not (folder / name).is_file()]
        if missing:
            raise _bad(
                text("model.missing_shards", count=len(missing), all=len(shards), first=missing[0]),
                folder / INDEX,
                hint=text("model.fetch_again_hint"),
            )
        return [folder / name for name in shards]
    if (folder / SINGLE).is_file():
        return [folder / SINGLE]
    shards = sorted(path.name for path in folder.glob("model-*-of-*.safetensors"))
    if shards:
        raise _bad(text("model.no_index", count=len(shards)), folder, hint=text("model.fetch_again_hint"))
    pickles = sorted(path.name for pattern in _PICKLES for path in folder.glob(pattern))
    if pickles:
        raise _bad(text("model.pickle_only", first=pickles[0]), folder, hint=text("model.pickle_only_hint"))
    raise _bad(text("model.no_weights"), folder, hint=text("model.no_weights_hint"))


def _tensor_counts(file: Path) -> dict[str, int]:
    """Values per number format in one safetensors file, with its header checked against the file's size."""
    size = file.stat().st_size
    with file.open("rb") as stream:
        head = stream.read(len(_LFS_POINTER))
        if head == _LFS_POINTER:
            raise _bad(text("model.lfs_pointer"), file, hint=text("model.lfs_pointer_hint"))
        length = int.from_bytes(head[:8], "little")
        if size < 8 or not 2 <= length <= min(_LONGEST_HEADER, size - 8):
            raise _bad(text("model.truncated"), file, hint=text("model.fetch_again_hint"))
        stream.seek(8)
        raw = stream.read(length)
    counts: dict[str, int] = {}
    end = 0
    try:
        header = json.loads(raw)
        for name, tensor in header.items():
            if name == "__metadata__":
                continue
            count = math.prod(int(side) for side in tensor["shape"])
            counts[str(tensor["dtype"])] = counts.get(str(tensor["dtype"]), 0) + count
            end = max(end, int(tensor["data_offsets"][1]))
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as exc:
        raise _bad(text("model.truncated"), file, hint=text("model.fetch_again_hint")) from exc
    if size != 8 + length + end:
        raise _bad(
            text("model.wrong_size", have=size, want=8 + length + end), file, hint=text("model.fetch_again_hint")
        )
    return counts


def _tokenizer(folder: Path) -> str:
    for row in _TOKENIZERS:
        if all((folder / name).is_file() for name in row):
            return " + ".join(row)
    raise _bad(text("model.no_tokenizer"), folder, hint=text("model.no_tokenizer_hint"))


def _has_chat_template(folder: Path) -> bool:
    if (folder / "chat_template.jinja").is_file() or (folder / "chat_template.json").is_file():
        return True
    settings = folder / "tokenizer_config.json"
    return settings.is_file() and bool(_json_object(settings).get("chat_template"))


def _quantised(config: dict[str, Any]) -> str | None:
    settings = config.get("quantization_config")
    if not isinstance(settings, dict):
        return None
    return str(settings.get("quant_method") or "unknown")


def _licence(folder: Path) -> str | None:
    """`license:` of the model card's front matter."""
    try:
        lines = (folder / "README.md").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    if not lines or lines[0].strip() != "---":
        return None
    for line in lines[1:]:
        if line.strip() == "---":
            break
        name, colon, value = line.partition(":")
        if colon and name.strip() == "license" and value.strip():
            return value.strip().strip("\"'")
    return None


def _number(places: list[dict[str, Any]], names: tuple[str, ...]) -> int | None:
    for place in places:
        for name in names:
            value = place.get(name)
            if isinstance(value, int):
                return value
    return None


def _json_object(file: Path) -> dict[str, Any]:
    try:
        found = json.loads(file.read_text(encoding="utf-8-sig"))
    except json.JSONDecodeError as exc:
        raise BadInput(text("model.bad_json", detail=exc.msg), file=str(file), line=exc.lineno) from exc
    except UnicodeDecodeError as exc:
        raise _bad(text("model.bad_json", detail="UTF-8"), file) from exc
    if not isinstance(found, dict):
        raise _bad(text("model.bad_json", detail="{ }"), file)
    return found


def _bad(message: Text, place: Path, *, hint: Text | None = None) -> BadInput:
    return BadInput(message, hint=hint, file=str(place))
