"""What an export is made from: a run, or a model folder, found by path or by name, and told apart by content."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doctor.errors import BadInput
from doctor.quick_dataclass import dataclass
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.environment import Environment
    from doctor.model_folder import ModelFacts
    from doctor.paths import Home

_MADE = ("adapter", "model")
"""What a run makes, in its folder: an adapter, or a whole model."""
ADAPTER_FILES = ("adapter_config.json", "adapter_model.safetensors")
_EDGE_BYTES = 1 << 20


@dataclass(frozen=True, kw_only=True)
class ExportSource:
    """A run with its base model and adapter, or a model alone."""

    name: str
    model: Path
    adapter: Path | None
    run: Path | None


def find_source(home: Home, named: str) -> ExportSource:
    """What the user means: a run folder, a model folder, or the name of one in tunedoc's own places.

    Raises BadInput.
    """
    for folder in (Path(named).expanduser(), home.runs / named, home.models / named):
        if folder.is_dir():
            if (folder / "job.json").is_file() or any((folder / made).is_dir() for made in _MADE):
                return _run(folder)
            return ExportSource(name=folder.absolute().name, model=folder, adapter=None, run=None)
    runs = sorted(path.name for path in home.runs.glob("*") if any((path / made).is_dir() for made in _MADE))
    hint = text("export.runs_hint", runs=", ".join(runs[-5:])) if runs else text("export.no_runs_hint")
    raise BadInput(text("export.no_source", named=named), hint=hint)


def check_adapter(adapter: Path) -> None:
    """Raises BadInput for a folder that is no LoRA adapter."""
    missing = [name for name in ADAPTER_FILES if not (adapter / name).is_file()]
    if missing:
        raise BadInput(text("export.no_adapter", missing=missing[0]), file=str(adapter))


def fingerprint(facts: ModelFacts, adapter: Path | None, environment: Environment) -> str:
    """Equal for equal inputs: the adapter byte by byte, of the base's weights their sizes and edges, the tools' lock.

    A base model is tens of gigabytes and is never changed in place, so its weights are not read whole.
    """
    digest = hashlib.sha256()
    for path in sorted(facts.folder.glob("*")):
        if path.is_file() and path.suffix in {".json", ".jinja", ".model", ".txt"}:
            digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    for name in facts.weights:
        weights = facts.folder / name
        digest.update(f"{name}\0{weights.stat().st_size}\0".encode())
        with weights.open("rb") as stream:
            digest.update(stream.read(_EDGE_BYTES))
            stream.seek(max(0, weights.stat().st_size - _EDGE_BYTES))
            digest.update(stream.read(_EDGE_BYTES))
    if adapter is not None:
        for name in ADAPTER_FILES:
            digest.update(name.encode() + b"\0")
            with (adapter / name).open("rb") as stream:
                while block := stream.read(_EDGE_BYTES):
                    digest.update(block)
    if environment.lock.is_file():
        digest.update(environment.lock.read_bytes())
    return digest.hexdigest()


def _run(folder: Path) -> ExportSource:
    job = folder / "job.json"
    try:
        record: dict[str, Any] = json.loads(job.read_text(encoding="utf-8"))
        model = Path(str(record["model"]))
        method = str(record.get("method", "sft"))
    except (OSError, ValueError, KeyError, TypeError) as exc:
        raise BadInput(text("export.bad_run"), file=str(job), hint=text("export.bad_run_hint")) from exc
    if method == "reward":
        raise BadInput(text("export.judge"), hint=text("export.judge_hint"), file=str(folder))
    if (folder / "model" / "config.json").is_file():
        return ExportSource(name=folder.absolute().name, model=folder / "model", adapter=None, run=folder)
    if not (folder / "adapter").is_dir():
        raise BadInput(text("export.unfinished_run"), file=str(folder), hint=text("export.unfinished_run_hint"))
    if not model.is_dir():
        raise BadInput(text("export.base_gone", model=str(model)), file=str(job), hint=text("export.base_gone_hint"))
    return ExportSource(name=folder.absolute().name, model=model, adapter=folder / "adapter", run=folder)
