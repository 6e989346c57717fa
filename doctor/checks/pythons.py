"""Checks of the Pythons on this machine: which one `python` means, and what makes one find another's packages."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.checks.base import Check, Finding, Fix, Status, asked_here, by_hand, setting_values
from doctor.snapshot.model import OperatingSystem, Unknown
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue
    from doctor.snapshot.model import PythonInterpreter, Snapshot


def examine_first(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    pythons = _pythons(snapshot)
    evidence = tuple(text("pythons.one", version=each.version, bits=each.bits, path=each.path) for each in pythons)
    first = pythons[0]
    if first.kind == "store_stub":
        fix = Fix(id="python.first", title=text("pythons.fix_stub"), by_hand=text("pythons.by_hand_stub"))
        return Finding("python.first", Status.NOTE, text("pythons.stub"), evidence, (fix,))
    served = {version for stack in catalogue.stacks for version in stack.needs.pythons}
    # tunedoc brings a Python of its own, and a Linux system's own Python is nobody's to change.
    windows = isinstance(snapshot.os, OperatingSystem) and snapshot.os.system == "windows"
    if _is_served(first, served) or (not windows and first.bits == 64):
        summary = text("pythons.first", version=first.version, path=first.path)
        return Finding("python.first", Status.OK, summary, evidence)
    better = next((each for each in pythons if _is_served(each, served)), None)
    if better is None:
        advice = text("pythons.by_hand_none", versions=", ".join(sorted(served)))
    else:
        advice = text("pythons.by_hand_better", version=better.version, path=better.path)
    fix = Fix(id="python.first", title=text("pythons.fix_first"), by_hand=advice)
    summary = text("pythons.unserved", version=first.version, bits=first.bits)
    return Finding("python.first", Status.NOTE, summary, evidence, (fix,))


def examine_home(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    value = setting_values(snapshot.settings).get("PYTHONHOME", "")
    if not value:
        return Finding("settings.python_home", Status.OK, text("pythons.home_unset"))
    evidence = (text("pythons.variable", name="PYTHONHOME", value=value),)
    fixes = by_hand("settings.pythonhome", text("pythons.fix_home"), text("pythons.by_hand_home"))
    summary = text("pythons.home_set", value=value)
    return Finding("settings.python_home", Status.WARNING, summary, evidence, fixes, text("pythons.cause_home"))


def examine_path(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    value = setting_values(snapshot.settings).get("PYTHONPATH", "")
    if not value:
        return Finding("settings.python_path", Status.OK, text("pythons.path_unset"))
    evidence = (text("pythons.variable", name="PYTHONPATH", value=value),)
    if "site-packages" in value or "dist-packages" in value:
        fixes = by_hand("settings.pythonpath", text("pythons.fix_path"), text("pythons.by_hand_path"))
        summary = text("pythons.path_packages")
        return Finding("settings.python_path", Status.WARNING, summary, evidence, fixes, text("pythons.cause_path"))
    return Finding("settings.python_path", Status.NOTE, text("pythons.path_set"), evidence)


def examine_active(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    values = setting_values(snapshot.settings)
    conda, venv = values.get("CONDA_PREFIX", ""), values.get("VIRTUAL_ENV", "")
    evidence = tuple(
        text("pythons.variable", name=name, value=value)
        for name, value in (("CONDA_PREFIX", conda), ("VIRTUAL_ENV", venv))
        if value
    )
    if conda and venv:
        fix = Fix(id="python.active", title=text("pythons.fix_active"), by_hand=text("pythons.by_hand_active"))
        return Finding("python.active", Status.NOTE, text("pythons.two_active"), evidence, (fix,))
    return Finding("python.active", Status.OK, text("pythons.one_active"), evidence)


def _pythons(snapshot: Snapshot) -> tuple[PythonInterpreter, ...]:
    return () if isinstance(snapshot.pythons, Unknown) else snapshot.pythons


def _is_served(python: PythonInterpreter, served: set[str]) -> bool:
    fits = ".".join(python.version.split(".")[:2]) in served and not python.abi_tag.endswith("t")
    return fits and python.bits == 64 and python.implementation == "cpython" and python.kind != "store_stub"


def _knows_settings(snapshot: Snapshot) -> bool:
    return asked_here(snapshot) and isinstance(snapshot.settings, tuple)


FIRST = Check(
    id="python.first",
    title=text("pythons.title_first"),
    examine=examine_first,
    applies=lambda snapshot: asked_here(snapshot) and bool(_pythons(snapshot)),
    rank=70,
)
HOME = Check(
    id="settings.python_home",
    title=text("pythons.title_home"),
    examine=examine_home,
    applies=lambda snapshot: isinstance(snapshot.settings, tuple),
    rank=8,
)
PATH = Check(
    id="settings.python_path",
    title=text("pythons.title_path"),
    examine=examine_path,
    applies=_knows_settings,
    rank=15,
)
ACTIVE = Check(
    id="python.active", title=text("pythons.title_active"), examine=examine_active, applies=_knows_settings, rank=60
)
