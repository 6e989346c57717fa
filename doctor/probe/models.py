"""The models in tunedoc's folder, by the sizes of their weight files alone."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from doctor.snapshot.model import ModelFiles

if TYPE_CHECKING:
    from doctor.paths import Home

_MIB = 1024 * 1024
_WEIGHTS = (".safetensors", ".bin", ".pt", ".pth", ".gguf")
_MOST_MODELS = 100


def probe_models(home: Home) -> tuple[ModelFiles, ...]:
    """One entry a model, by name; none where there is no model folder. Raises OSError where it cannot be looked at."""
    try:
        folders = sorted((entry for entry in os.scandir(home.models) if entry.is_dir()), key=lambda entry: entry.name)
    except FileNotFoundError:
        return ()
    found: list[ModelFiles] = []
    for folder in folders[:_MOST_MODELS]:
        try:
            with os.scandir(folder) as entries:
                sizes = [entry.stat().st_size for entry in entries if entry.name.lower().endswith(_WEIGHTS)]
        except OSError:
            continue  # gone meanwhile, or closed to this user: not a model that can be loaded
        if sizes:
            # Rounded up: a small model has no weights of 0 MiB.
            total, largest = -(-sum(sizes) // _MIB), -(-max(sizes) // _MIB)
            found.append(ModelFiles(name=folder.name, weights_mib=total, largest_file_mib=largest))
    return tuple(found)
