"""Checks of variables and configuration files that change where packages come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.checks.base import Check, Finding, Fix, Status, asked_here
from doctor.checks.reasons import told
from doctor.snapshot.model import Unknown
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue
    from doctor.snapshot.model import Snapshot

_SOURCES = {
    "pip.index-url",
    "pip.extra-index-url",
    "pip.find-links",
    "pip.no-index",
    "PIP_INDEX_URL",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_NO_INDEX",
    "UV_INDEX",
    "UV_INDEX_URL",
    "UV_DEFAULT_INDEX",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_NO_INDEX",
    "UV_OFFLINE",
}
"""Options that say where packages are looked for."""


def examine_index(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    settings = snapshot.settings
    if isinstance(settings, Unknown):
        return Finding(
            "settings.index", Status.UNKNOWN, text("settings.unknown"), (text("check.why", why=told(settings.why)),)
        )
    for setting in settings:
        if setting.name == "pip.unreadable":
            fix = Fix(
                id="settings.index",
                title=text("settings.fix_pip_file"),
                by_hand=text("settings.by_hand_pip_file", file=setting.origin),
            )
            summary = text("settings.pip_unreadable", file=setting.origin, detail=setting.value)
            return Finding("settings.index", Status.FAILURE, summary, (), (fix,), text("settings.cause_pip_file"))
    found = [setting for setting in settings if setting.name in _SOURCES and setting.value]
    if not found:
        return Finding("settings.index", Status.OK, text("settings.ordinary"))
    evidence = tuple(text("settings.one", name=each.name, value=each.value, origin=each.origin) for each in found)
    plain = [each for each in found if "http://" in each.value and "://localhost" not in each.value]
    if any(each for each in plain if "://127." not in each.value):
        return Finding("settings.index", Status.NOTE, text("settings.not_encrypted"), evidence)
    names = ", ".join(each.name for each in found)
    return Finding("settings.index", Status.NOTE, text("settings.own", names=names), evidence)


INDEX = Check(
    id="settings.index", title=text("settings.title_index"), examine=examine_index, applies=asked_here, rank=30
)
