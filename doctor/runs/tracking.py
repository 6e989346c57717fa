"""Whether the trackers that a job names are in the training environment, asked before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.errors import BadInput, NotInstalled
from doctor.words.text import text

if TYPE_CHECKING:
    from pathlib import Path

    from trainer.contract import Job

WRITTEN_ALWAYS = "tensorboard"
PACKAGES = {"wandb": ("wandb", "wandb"), "swanlab": ("swanlab", "swanlab"), "mlflow": ("mlflow", "mlflow")}
"""The module of each tracker and the package that brings it, as in trainer/trackers.py."""


def require_trackers(python: Path, job: Job) -> None:
    """Refuse a job whose trackers are unknown or not there. `python` is the training environment's.

    Raises BadInput, NotInstalled.
    """
    for name in job.trackers:
        if name == WRITTEN_ALWAYS:
            continue
        if name not in PACKAGES:
            known = ", ".join([WRITTEN_ALWAYS, *PACKAGES])
            raise BadInput(text("runs.unknown_tracker", name=name, known=known), field="trackers")
        module, package = PACKAGES[name]
        root = python.parent.parent
        sites = [*root.glob("lib/python3*/site-packages"), *root.glob("Lib/site-packages")]
        # Where the packages are kept elsewhere, the trainer itself looks for them.
        if (
            sites
            and not any((site / module).is_dir() for site in sites)
            and not any(_is_linked(each) for each in sites)
        ):
            raise NotInstalled(
                text("runs.no_tracker", name=name, package=package),
                hint=text("runs.no_tracker_hint", python=str(python), package=package, name=name),
            )


def _is_linked(site: Path) -> bool:
    """Whether packages come from other folders too."""
    return any(not file.name.startswith(("_", "distutils")) for file in site.glob("*.pth"))
