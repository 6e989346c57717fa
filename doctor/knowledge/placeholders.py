"""What the {placeholders} in an entry's words stand for: facts, or words that fit where the text does not tell."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.checks.wheel_choice import command_for, known_capability, recommended_index
from doctor.gpu_models import architecture, family_of
from doctor.snapshot.model import NvidiaDriver
from doctor.versions import numbers

if TYPE_CHECKING:
    from doctor.knowledge.conditions import Facts
    from doctor.snapshot.model import Gpu, Snapshot
    from doctor.words.text import Language

PLACEHOLDERS: dict[str, tuple[str, str]] = {
    "torch": ("the installed torch", "已安装的 torch"),
    "python": ("this Python", "当前 Python"),
    "driver": ("the installed driver", "已安装的驱动"),
    "driver_cuda": ("an older CUDA", "较旧的 CUDA"),
    "gpu": ("the GPU", "显卡"),
    "capability": ("its compute capability", "其计算能力"),
    "architecture": ("its architecture", "其架构"),
    "family": ("its generation", "这一代"),
    "toolkit": ("the installed CUDA toolkit", "已安装的 CUDA 工具包"),
    "index": ("cu128", "cu128"),
    "torch_install": (
        "python -m pip install --force-reinstall torch torchvision --index-url https://download.pytorch.org/whl/cu128",
        "python -m pip install --force-reinstall torch torchvision --index-url https://download.pytorch.org/whl/cu128",
    ),
}
"""Names, and the words in their place where the fact is not known."""


def placeholder_values(snapshot: Snapshot, facts: Facts, language: Language) -> dict[str, str]:
    """A value for every placeholder."""
    values = {name: words[0 if language == "en" else 1] for name, words in PLACEHOLDERS.items()}
    for name in ("python", "driver", "driver_cuda"):
        if facts.get(name):
            values[name] = facts[name][0]
    if facts.get("toolkit"):
        values["toolkit"] = f"CUDA {facts['toolkit'][0]}"
    if facts.get("torch"):
        tag = {"cpu": "+cpu", "cuda": "+cu" + "".join(facts.get("torch_cuda", ("",))).replace(".", "")}
        values["torch"] = "torch " + facts["torch"][0] + tag.get(facts.get("torch_build", ("",))[0], "")
    gpu = telling_gpu(snapshot)
    if gpu is not None:
        values["gpu"] = gpu.name
        capability = known_capability(gpu)
        if capability is not None:
            values["capability"], values["architecture"] = capability, architecture(capability)
            values["family"] = family_of(capability) or values["family"]
    _add_index(values, snapshot)
    return values


def telling_gpu(snapshot: Snapshot) -> Gpu | None:
    """The GPU that words about one card mean: the newest or the oldest, whichever is further from the ordinary."""
    nvidia = snapshot.nvidia
    if not isinstance(nvidia, NvidiaDriver) or not nvidia.gpus:
        return None
    known = [(numbers(capability), gpu) for gpu in nvidia.gpus if (capability := known_capability(gpu))]
    if not known:
        return nvidia.gpus[0]
    newest, oldest = max(known, key=lambda item: item[0]), min(known, key=lambda item: item[0])
    return oldest[1] if oldest[0] < (7, 5) and newest[0] < (12,) else newest[1]


def _add_index(values: dict[str, str], snapshot: Snapshot) -> None:
    index, command = recommended_index(snapshot), command_for(snapshot)
    if index is not None and command is not None:
        values["index"], values["torch_install"] = index, command
