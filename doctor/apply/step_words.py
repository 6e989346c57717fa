"""What a step of an install is called, what it does in words, and how it is taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from doctor.plan.model import (
    CreateEnvironment,
    FetchWheels,
    InstallPackages,
    InstallPython,
    ProveEnvironment,
    ResolveLock,
    SetAside,
    SwitchEnvironment,
    UnpackConverter,
)
from doctor.sizing import size_words
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.plan.model import Step
    from doctor.words.text import Text


def words_of(step: Step) -> tuple[str, Text]:
    """A step's stable name, and what it does in words."""
    match step:
        case ResolveLock():
            count, torch_from = len(step.requirements), step.torch_from or text("install.ordinary_index")
            return "resolve", text("install.step_resolve", count=count, python=step.python, torch_from=torch_from)
        case SetAside():
            return "set_aside", text("install.step_set_aside", folders=", ".join(step.folders))
        case InstallPython(source=""):
            return "python", text("install.step_python", version=step.version)
        case InstallPython():
            return "python", text("install.step_python_from", version=step.version, source=step.source)
        case FetchWheels():
            size, sources = size_words(step.download_bytes), ", ".join(step.sources)
            return "fetch", text("install.step_fetch", count=step.wheels, size=size, sources=sources)
        case CreateEnvironment():
            return "create", text("install.step_create", environment=step.environment, python=step.python)
        case InstallPackages(packages=0):
            return "install", text("install.step_install_unresolved")
        case InstallPackages():
            return "install", text("install.step_install", count=step.packages, size=size_words(step.download_bytes))
        case UnpackConverter():
            return "converter", text("install.step_converter", package=step.package, version=step.version)
        case ProveEnvironment():
            return "prove", text("install.step_prove", tests=", ".join(step.tests), devices=", ".join(step.devices))
        case SwitchEnvironment(previous=None):
            return "switch", text("install.step_switch", environment=step.environment)
        case SwitchEnvironment():
            return "switch", text("install.step_switch_from", environment=step.environment, previous=step.previous)
        case _:
            assert_never(step)


def undo_of(step: Step) -> dict[str, str | None]:
    match step:
        case CreateEnvironment():
            return {"kind": "remove_environment", "environment": step.environment}
        case InstallPython():
            return {"kind": "remove_python", "version": step.version}
        case SwitchEnvironment():
            return {"kind": "switch_environment", "environment": step.previous}
        case ResolveLock() | SetAside() | FetchWheels() | InstallPackages() | UnpackConverter() | ProveEnvironment():
            # All inside the new environment's folder, which goes as a whole; leftovers are of no use to anybody.
            return {"kind": "nothing"}
        case _:
            assert_never(step)
