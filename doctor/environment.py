"""The training environment in use: where it is and what it was built from. Reading it touches two small files."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Literal

from doctor.errors import NotInstalled
from doctor.quick_dataclass import dataclass
from doctor.words.text import text

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.paths import Home

ENVIRONMENT_VERSION = 1
RECORD = "environment.json"
"""Written last, after the proof: a folder without it is unfinished."""


@dataclass(frozen=True, kw_only=True)
class Environment:
    """A finished and proved training environment."""

    folder: Path
    stack: str
    """Id of the catalogue row."""
    device: Literal["cpu", "cuda"]
    python: Path
    """The environment's interpreter."""
    converter: Path
    """Folder with llama.cpp's convert_hf_to_gguf.py and the packages that belong to it."""
    lock: Path
    """The pylock.toml that it was built from."""


def current_environment(home: Home) -> Environment | None:
    """The environment that the pointer names, or None when there is none or it is gone."""
    try:
        pointer = json.loads(home.current_environment.read_text(encoding="utf-8"))
        return read_environment(home.environments / str(pointer["environment"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def read_environment(folder: Path) -> Environment | None:
    """The record of one environment, or None for a folder that is unfinished or damaged."""
    try:
        record = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        if record["schema"] != ENVIRONMENT_VERSION or record["device"] not in ("cpu", "cuda"):
            return None
        environment = Environment(
            folder=folder,
            stack=str(record["stack"]),
            device=record["device"],
            python=folder / record["python"],
            converter=folder / record["converter"],
            lock=folder / record["lock"],
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return environment if environment.python.exists() else None


def require_environment(home: Home) -> Environment:
    """The environment in use. Raises NotInstalled."""
    environment = current_environment(home)
    if environment is None:
        raise NotInstalled(text("environment.missing"), hint=text("environment.missing_hint"))
    return environment
