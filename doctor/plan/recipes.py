"""The table of what tunedoc does for which fix: ids of fixes to variables that are set or taken away. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.late_pattern import late_pattern
from doctor.plan.variables import VARIABLES
from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    from doctor.plan.variables import Situation
    from doctor.snapshot.model import Setting

INSTALL = "environment.install"
LEFTOVERS = "torch.leftovers"
SPACES = "settings.spaces"

KEPT = ("environment", "user", "machine")
"""Origins of settings that are variables."""


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """One fix that comes down to variables."""

    sets: str = ""
    """The variable that gets the value which is right for the machine."""
    removes: tuple[str, ...] = ()
    """Variables that are taken away, those of them that are set."""
    named_only: bool = False
    """It has a price: done only for somebody who asks for it."""
    value: str | None = None
    """Instead of the value that is chosen for the machine."""


_ALLOCATOR = ("PYTORCH_CUDA_ALLOC_CONF", "PYTORCH_ALLOC_CONF", "PYTORCH_HIP_ALLOC_CONF")
_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE")
_SLOW = ("CUDA_LAUNCH_BLOCKING", "TORCH_USE_CUDA_DSA", "PYTORCH_NO_CUDA_MEMORY_CACHING")

_RECIPES: dict[str, Recipe] = {
    "nvidia.visible": Recipe(sets="CUDA_VISIBLE_DEVICES"),
    "nvidia.mixed": Recipe(sets="CUDA_VISIBLE_DEVICES"),
    "torch.hide_gpu": Recipe(sets="CUDA_VISIBLE_DEVICES"),
    "settings.one_gpu": Recipe(sets="CUDA_VISIBLE_DEVICES", value="0", named_only=True),
    "nvidia.order": Recipe(sets="CUDA_DEVICE_ORDER"),
    "visibility.pci_order": Recipe(sets="CUDA_DEVICE_ORDER"),
    "settings.libuv": Recipe(sets="USE_LIBUV"),
    "settings.utf8": Recipe(sets="PYTHONUTF8"),
    "settings.user_site": Recipe(sets="PYTHONNOUSERSITE"),
    "settings.master_address": Recipe(sets="MASTER_ADDR"),
    "settings.mirror": Recipe(sets="HF_ENDPOINT", named_only=True),
    "settings.cache": Recipe(sets="HF_HOME", named_only=True),
    "settings.kmp": Recipe(sets="KMP_DUPLICATE_LIB_OK", named_only=True),
    "settings.openmp": Recipe(removes=("KMP_DUPLICATE_LIB_OK",)),
    "settings.allocator": Recipe(removes=_ALLOCATOR),
    "settings.pythonhome": Recipe(removes=("PYTHONHOME",)),
    "settings.pythonpath": Recipe(removes=("PYTHONPATH",)),
    **{f"settings.{name.lower()}": Recipe(removes=_OFFLINE) for name in _OFFLINE},
    **{f"settings.{name.lower()}": Recipe(removes=_SLOW) for name in _SLOW},
}
_ADDRESS = late_pattern(r"https?://[\w.<-]+")


def recipe_for(fix_id: str, situation: Situation) -> Recipe | None:
    """What is done for a fix, or None where it does not come down to variables."""
    if fix_id == "settings.mirror":
        endpoint = [each.value for each in variables_of(situation) if each.name == "HF_ENDPOINT"]
        if endpoint and not any(_ADDRESS.match(value.strip()) for value in endpoint):
            # What stands there is no address at all: without it the hub's own is used, which costs nobody anything.
            return Recipe(removes=("HF_ENDPOINT",))
    return _RECIPES.get(fix_id)


def is_doable(fix_id: str) -> bool:
    """Whether tunedoc itself can carry out a fix of this id."""
    return fix_id in _RECIPES or fix_id in {SPACES, INSTALL, LEFTOVERS}


def known_ids() -> tuple[str, ...]:
    """Every fix that tunedoc can carry out, and the variables that it can set."""
    return (*_RECIPES, SPACES, LEFTOVERS, INSTALL, *VARIABLES)


def variables_of(situation: Situation) -> list[Setting]:
    """The settings that are environment variables."""
    settings = situation.snapshot.settings
    return [each for each in settings if each.origin in KEPT] if isinstance(settings, tuple) else []
