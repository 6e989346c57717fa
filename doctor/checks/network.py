"""Checks of the network as it answered: hub and mirror, package indexes, certificates, proxy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.checks.base import Check, Finding, Status, by_hand, setting_values
from doctor.snapshot.model import Unknown
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue
    from doctor.snapshot.model import Endpoint, Snapshot
    from doctor.words.text import Text

_MIRROR = "https://hf-mirror.com"
_SLOW_MS = 1500
_AUTHORITIES = (
    "amazon", "cloudflare", "comodo", "digicert", "entrust", "geotrust", "globalsign", "godaddy", "google trust",
    "isrg", "let's encrypt", "microsoft", "sectigo", "ssl.com", "starfield", "trustasia", "usertrust", "wotrus",
    "zerossl",
)  # fmt: skip
"""Public certificate authorities that sign the places tunedoc asks."""


def examine_hub(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    hub, mirrors = _endpoint(snapshot, "hub"), [_endpoint(snapshot, "hub_mirror"), _endpoint(snapshot, "modelscope")]
    assert hub is not None
    evidence = tuple(_describe(each) for each in (hub, *mirrors) if each is not None)
    if hub.reachable or hub.problem in {"tls", "proxy"}:
        return _reached(hub, evidence)
    mirror = mirrors[0]
    if mirror is not None and mirror.reachable:
        chosen = setting_values(snapshot.settings).get("HF_ENDPOINT", "").strip().rstrip("/")
        if chosen == mirror.address.rstrip("/"):
            return Finding("network.hub", Status.OK, text("network.mirror_used", address=chosen), evidence)
        fixes = by_hand("settings.mirror", text("network.fix_mirror"), text("network.by_hand_mirror", mirror=_MIRROR))
        summary = text("network.hub_mirror", address=hub.address)
        return Finding("network.hub", Status.WARNING, summary, evidence, fixes, text("network.cause_hub"))
    fixes = by_hand("network.hub", text("network.fix_network"), text("network.by_hand_network"))
    summary = text("network.hub_away", address=hub.address)
    return Finding("network.hub", Status.WARNING, summary, evidence, fixes, text("network.cause_hub_alone"))


def examine_indexes(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    found = [each for name in ("package_index", "torch_index") if (each := _endpoint(snapshot, name)) is not None]
    evidence = tuple(_describe(each) for each in found)
    away = [each for each in found if not each.reachable and each.problem not in {"tls", "proxy"}]
    if not away:
        return Finding("network.indexes", Status.OK, text("network.indexes_ok"), evidence)
    if not any(each.reachable for each in _endpoints(snapshot)):
        # Nothing answers at all: network.hub says so.
        return Finding("network.indexes", Status.NOTE, text("network.nothing_answers"), evidence)
    first = away[0]
    advice = text("network.by_hand_torch" if first.name == "torch_index" else "network.by_hand_index")
    fixes = by_hand("settings.index", text("network.fix_index"), advice)
    summary = text("network.index_away", address=first.address)
    return Finding("network.indexes", Status.WARNING, summary, evidence, fixes, text("network.cause_index"))


def examine_certificates(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    endpoints = _endpoints(snapshot)
    evidence = tuple(
        text("network.signed", address=each.address, issuer=each.tls_issuer)
        for each in endpoints
        if isinstance(each.tls_issuer, str)
    )
    refused = [each for each in endpoints if each.problem == "tls"]
    if refused:
        fixes = by_hand("settings.certificates", text("network.fix_tls"), text("network.by_hand_tls"))
        summary = text("network.tls", address=refused[0].address)
        return Finding("network.certificates", Status.WARNING, summary, evidence, fixes, text("network.cause_tls"))
    private = [each for each in endpoints if isinstance(each.tls_issuer, str) and not _is_public(each.tls_issuer)]
    if private:
        summary = text("network.read_along", issuer=private[0].tls_issuer)
        return Finding("network.certificates", Status.NOTE, summary, evidence)
    return Finding("network.certificates", Status.OK, text("network.trusted"), evidence)


def examine_proxy(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    endpoints = _endpoints(snapshot)
    evidence = tuple(_describe(each) for each in endpoints if each.through_proxy or each.problem == "proxy")
    broken = [each for each in endpoints if each.problem == "proxy"]
    if broken:
        fixes = by_hand("settings.https_proxy", text("network.fix_proxy"), text("network.by_hand_proxy"))
        summary = text("network.proxy_broken", address=broken[0].address)
        return Finding("network.proxy", Status.WARNING, summary, evidence, fixes, text("network.cause_proxy"))
    if evidence:
        return Finding("network.proxy", Status.NOTE, text("network.proxy_used"), evidence)
    return Finding("network.proxy", Status.OK, text("network.proxy_none"))


def _endpoints(snapshot: Snapshot) -> tuple[Endpoint, ...]:
    return () if isinstance(snapshot.network, Unknown) else snapshot.network


def _endpoint(snapshot: Snapshot, name: str) -> Endpoint | None:
    return next((each for each in _endpoints(snapshot) if each.name == name), None)


def _reached(hub: Endpoint, evidence: tuple[Text, ...]) -> Finding:
    if not hub.reachable:
        # Its certificate or the proxy is the cause, and another check's to tell.
        return Finding("network.hub", Status.NOTE, text("network.hub_see_below", address=hub.address), evidence)
    if isinstance(hub.latency_ms, int) and hub.latency_ms > _SLOW_MS:
        summary = text("network.hub_slow", address=hub.address, latency=hub.latency_ms)
        return Finding("network.hub", Status.NOTE, summary, evidence)
    return Finding("network.hub", Status.OK, text("network.hub", address=hub.address), evidence)


def _describe(endpoint: Endpoint) -> Text:
    if endpoint.reachable:
        latency = "?" if isinstance(endpoint.latency_ms, Unknown) else endpoint.latency_ms
        return text("network.answers", address=endpoint.address, latency=latency)
    return text("network.fails", address=endpoint.address, problem=text(f"network.problem_{endpoint.problem}"))


def _is_public(issuer: str) -> bool:
    return any(name in issuer.lower() for name in _AUTHORITIES)


def _saw_certificates(snapshot: Snapshot) -> bool:
    return any(each.problem == "tls" or isinstance(each.tls_issuer, str) for each in _endpoints(snapshot))


def _was_asked(snapshot: Snapshot) -> bool:
    return bool(_endpoints(snapshot))


HUB = Check(
    id="network.hub",
    title=text("network.title_hub"),
    examine=examine_hub,
    applies=lambda snapshot: _endpoint(snapshot, "hub") is not None,
    rank=30,
)
INDEXES = Check(
    id="network.indexes",
    title=text("network.title_indexes"),
    examine=examine_indexes,
    applies=_was_asked,
    rank=30,
)
CERTIFICATES = Check(
    id="network.certificates",
    title=text("network.title_certificates"),
    examine=examine_certificates,
    applies=_saw_certificates,
    rank=20,
    explains=("network.hub", "network.indexes"),
)
PROXY = Check(
    id="network.proxy",
    title=text("network.title_proxy"),
    examine=examine_proxy,
    applies=_was_asked,
    rank=15,
    explains=("network.hub", "network.indexes"),
)
