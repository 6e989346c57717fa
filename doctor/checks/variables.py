"""Checks of environment variables that change how PyTorch, the model hub and downloads behave."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from doctor.checks.base import Check, Finding, Fix, Status, by_hand, from_text, setting_values
from doctor.late_pattern import late_pattern
from doctor.snapshot.model import OperatingSystem, Unknown
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue
    from doctor.snapshot.model import Setting, Snapshot

_SPACE_BREAKS = {"PYTHONUTF8", "CUDA_DEVICE_ORDER", "HF_ENDPOINT", "HF_HOME", "HF_HUB_OFFLINE", "KMP_DUPLICATE_LIB_OK"}
"""What is compared letter by letter; CUDA itself passes over spaces around the numbers of CUDA_VISIBLE_DEVICES."""
_SPACE_SHOWS = {"CUDA_VISIBLE_DEVICES", "USE_LIBUV", "CUDA_LAUNCH_BLOCKING", "TOKENIZERS_PARALLELISM"}
_TRUE = {"1", "true", "yes", "on"}
_ALLOCATOR = ("PYTORCH_CUDA_ALLOC_CONF", "PYTORCH_ALLOC_CONF", "PYTORCH_HIP_ALLOC_CONF")
_OPTION = late_pattern(r"\s*[a-z0-9_]+\s*:\s*(\[[^\]]*\]|[^:,\[\]=]+)\s*")
_SLOW = ("CUDA_LAUNCH_BLOCKING", "TORCH_USE_CUDA_DSA", "PYTORCH_NO_CUDA_MEMORY_CACHING")
_OFFLINE = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE")
_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
_ORDINARY_CERTIFICATES = late_pattern(r"^/etc/(ssl|pki)/|[/\\]certifi[/\\]")
_CERTIFICATES = ("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


def examine_spaces(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    spoilt = [each for each in _settings(snapshot) if _is_spoilt(each)]
    if not spoilt:
        return Finding("settings.spaces", Status.OK, text("variables.no_spaces"))
    evidence = tuple(text("variables.quoted", name=each.name, value=each.value) for each in spoilt)
    breaking = [each for each in spoilt if each.name.upper() in _SPACE_BREAKS]
    first = (breaking or spoilt)[0]
    summary = text("variables.space", name=first.name, value=first.value)
    advice = text("variables.by_hand_space", name=first.name, value=first.value.strip())
    if not breaking:
        trim = Fix(id="settings.spaces", title=text("variables.fix_space"), by_hand=advice)
        return Finding("settings.spaces", Status.NOTE, summary, evidence, (trim,))
    fixes = by_hand("settings.spaces", text("variables.fix_space"), advice)
    return Finding("settings.spaces", Status.WARNING, summary, evidence, fixes, text("variables.cause_space"))


def examine_openmp(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    value = setting_values(snapshot.settings).get("KMP_DUPLICATE_LIB_OK", "")
    if value.strip().lower() not in _TRUE:
        return Finding("settings.openmp", Status.OK, text("variables.openmp_unset"))
    evidence = (text("variables.quoted", name="KMP_DUPLICATE_LIB_OK", value=value),)
    fixes = by_hand("settings.openmp", text("variables.fix_openmp"), text("variables.by_hand_openmp"))
    if from_text(snapshot):
        return Finding("settings.openmp", Status.NOTE, text("variables.openmp_set"), evidence, fixes)
    cause = text("variables.cause_openmp")
    return Finding("settings.openmp", Status.WARNING, text("variables.openmp_set"), evidence, fixes, cause)


def examine_allocator(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    values = setting_values(snapshot.settings)
    name = next((each for each in _ALLOCATOR if values.get(each, "").strip()), None)
    if name is None:
        return Finding("settings.allocator", Status.OK, text("variables.allocator_unset"))
    value = values[name]
    evidence = (text("variables.quoted", name=name, value=value),)
    wrong = _wrong_option(value)
    if wrong is not None:
        fixes = by_hand(
            "settings.allocator", text("variables.fix_allocator"), text("variables.by_hand_allocator", name=name)
        )
        summary = text("variables.allocator_malformed", name=name, option=wrong)
        return Finding(
            "settings.allocator", Status.FAILURE, summary, evidence, fixes, text("variables.cause_allocator")
        )
    windows = isinstance(snapshot.os, OperatingSystem) and snapshot.os.system == "windows"
    if windows and "expandable_segments" in value and "expandable_segments:false" not in value.lower():
        return Finding("settings.allocator", Status.NOTE, text("variables.allocator_windows"), evidence)
    return Finding("settings.allocator", Status.OK, text("variables.allocator", value=value), evidence)


def examine_debugging(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    values = setting_values(snapshot.settings)
    left_on = [name for name in _SLOW if values.get(name, "").strip().lower() in _TRUE]
    if not left_on:
        return Finding("settings.debugging", Status.OK, text("variables.debugging_off"))
    evidence = tuple(text("variables.quoted", name=name, value=values[name]) for name in left_on)
    fixes = by_hand(
        f"settings.{left_on[0].lower()}",
        text("variables.fix_debugging"),
        text("variables.by_hand_unset", name=left_on[0]),
    )
    summary = text("variables.debugging_on", name=left_on[0])
    if from_text(snapshot):
        return Finding("settings.debugging", Status.NOTE, summary, evidence, fixes)
    cause = text("variables.cause_debugging")
    return Finding("settings.debugging", Status.WARNING, summary, evidence, fixes, cause)


def examine_offline(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    values = setting_values(snapshot.settings)
    names = [name for name in _OFFLINE if values.get(name, "").strip().lower() in _TRUE]
    if not names:
        return Finding("settings.offline", Status.OK, text("variables.online"))
    evidence = tuple(text("variables.quoted", name=name, value=values[name]) for name in names)
    fixes = by_hand(
        f"settings.{names[0].lower()}", text("variables.fix_offline"), text("variables.by_hand_unset", name=names[0])
    )
    if snapshot.models == ():
        summary = text("variables.offline_without_models", name=names[0])
        cause = text("variables.cause_offline")
        return Finding("settings.offline", Status.WARNING, summary, evidence, fixes, cause)
    return Finding("settings.offline", Status.NOTE, text("variables.offline", name=names[0]), evidence, fixes)


def examine_hub(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    value = setting_values(snapshot.settings).get("HF_ENDPOINT", "").strip()
    if not value:
        return Finding("settings.hub", Status.OK, text("variables.hub_ordinary"))
    evidence = (text("variables.quoted", name="HF_ENDPOINT", value=value),)
    if not re.match(r"https?://[\w.-]+", value):
        fixes = by_hand("settings.mirror", text("variables.fix_hub"), text("variables.by_hand_hub"))
        summary = text("variables.hub_no_address", value=value)
        return Finding("settings.hub", Status.WARNING, summary, evidence, fixes, text("variables.cause_hub"))
    return Finding("settings.hub", Status.NOTE, text("variables.hub_other", value=value), evidence)


def examine_proxy(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    found = [each for each in _settings(snapshot) if each.name.upper() in _PROXIES and each.value.strip()]
    if not found:
        return Finding("settings.proxy", Status.OK, text("variables.proxy_none"))
    evidence = tuple(text("variables.quoted", name=each.name, value=each.value) for each in found)
    for each in found:
        scheme = each.value.strip().partition("://")[0].lower() if "://" in each.value else "http"
        if scheme not in {"http", "https", "socks5", "socks5h", "socks4"}:
            fixes = by_hand(
                f"settings.{each.name.lower()}",
                text("variables.fix_proxy"),
                text("variables.by_hand_proxy", name=each.name),
            )
            summary = text("variables.proxy_scheme", name=each.name, scheme=scheme)
            return Finding("settings.proxy", Status.WARNING, summary, evidence, fixes, text("variables.cause_proxy"))
    names = ", ".join(dict.fromkeys(each.name for each in found))
    return Finding("settings.proxy", Status.NOTE, text("variables.proxy", names=names), evidence)


def examine_certificates(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    values = setting_values(snapshot.settings)
    present = [name for name in _CERTIFICATES if name in values]
    evidence = tuple(text("variables.quoted", name=name, value=values[name]) for name in present)
    found = [name for name in present if not _ORDINARY_CERTIFICATES.search(values[name])]
    if not found:
        return Finding("settings.certificates", Status.OK, text("variables.certificates_ordinary"), evidence)
    names = ", ".join(found)
    return Finding("settings.certificates", Status.NOTE, text("variables.certificates", names=names), evidence)


def _settings(snapshot: Snapshot) -> tuple[Setting, ...]:
    return () if isinstance(snapshot.settings, Unknown) else snapshot.settings


def _is_spoilt(setting: Setting) -> bool:
    known = setting.name.upper() in _SPACE_BREAKS | _SPACE_SHOWS
    return known and setting.value.strip() != "" and setting.value != setting.value.strip()


def _wrong_option(value: str) -> str | None:
    """The first part of an allocator setting that PyTorch cannot read; it must be `option:value`, comma-separated."""
    for part in re.split(r",(?![^\[]*\])", value):
        if _OPTION.fullmatch(part) is None:
            return part.strip() or value
        name, _, said = part.partition(":")
        if name.strip() == "max_split_size_mb" and said.strip().isdigit() and int(said) <= 20:
            return part.strip()
    return None


def _knows_settings(snapshot: Snapshot) -> bool:
    return isinstance(snapshot.settings, tuple)


SPACES = Check(
    id="settings.spaces",
    title=text("variables.title_spaces"),
    examine=examine_spaces,
    applies=_knows_settings,
    rank=15,
)
OPENMP = Check(
    id="settings.openmp",
    title=text("variables.title_openmp"),
    examine=examine_openmp,
    applies=_knows_settings,
    rank=50,
)
ALLOCATOR = Check(
    id="settings.allocator",
    title=text("variables.title_allocator"),
    examine=examine_allocator,
    applies=_knows_settings,
    rank=10,
)
DEBUGGING = Check(
    id="settings.debugging",
    title=text("variables.title_debugging"),
    examine=examine_debugging,
    applies=_knows_settings,
    rank=70,
)
OFFLINE = Check(
    id="settings.offline",
    title=text("variables.title_offline"),
    examine=examine_offline,
    applies=_knows_settings,
    rank=40,
)
HUB = Check(
    id="settings.hub",
    title=text("variables.title_hub"),
    examine=examine_hub,
    applies=_knows_settings,
    rank=40,
)
PROXY = Check(
    id="settings.proxy",
    title=text("variables.title_proxy"),
    examine=examine_proxy,
    applies=_knows_settings,
    rank=12,
    explains=("network.proxy", "network.hub", "network.indexes"),
)
CERTIFICATES = Check(
    id="settings.certificates",
    title=text("variables.title_certificates"),
    examine=examine_certificates,
    applies=_knows_settings,
    rank=60,
)
