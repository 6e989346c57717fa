"""Say what is wrong from a text alone, or from a text and this machine: facts, checks, knowledge, ranked. Pure."""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any, Literal

from doctor.checks.base import Finding, Fix, Status
from doctor.checks.registry import ALL_CHECKS
from doctor.diagnosis import diagnose, in_order_of_cause
from doctor.knowledge.facts import facts_of
from doctor.knowledge.judge import Line, Lines, judge
from doctor.late_pattern import late_pattern
from doctor.quick_dataclass import dataclass
from doctor.reading.document import read_document
from doctor.reading.told import read_facts
from doctor.snapshot.model import NvidiaDriver, OperatingSystem, PythonEnvironment, Snapshot, TorchFiles, Unknown
from doctor.snapshot.redaction import Identity, redact
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doctor.catalogue.model import Catalogue
    from doctor.checks.base import Check
    from doctor.knowledge.conditions import Facts
    from doctor.knowledge.model import Entry
    from doctor.reading.document import Document
    from doctor.words.text import Text

Verdict = Literal["cause", "healthy", "unknown"]

_OF_TUNEDOC = {"environment.stack", "environment.present", "environment.changed", "nvidia.driver"}
"""Checks of what tunedoc's own environment needs: somebody's old driver may suit somebody's old torch."""

_TRAPS = {"nvidia.order"}

_TROUBLE = late_pattern(
    r"traceback|error|exception|fail(?:ed|ure)|fatal|abort|cannot|could ?n.t|could not|unable|not found|denied|refused|"
    r"crash|killed|segmentation|undefined symbol|错误|失败|异常|无法|找不到",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Explanation:
    """What a text tells, and what that means."""

    verdict: Verdict
    findings: tuple[Finding, ...]
    """Most likely cause first; then what merely follows or is worth knowing."""
    snapshot: Snapshot
    facts: Facts
    document: Document


@dataclass(frozen=True)
class TextRead:
    """What was pasted, read."""

    document: Document
    lines: Lines
    snapshot: Snapshot
    facts: Facts


def read_text(
    raw: bytes, *, here: Snapshot | None = None, identity: Identity | None = None, whole: bool = True
) -> TextRead:
    """Lines and facts of a text. `here` fills what it does not tell with this machine's facts."""
    document = read_document(raw, whole=whole)
    reading = read_facts([words for _, words in document.lines])
    snapshot = redact(reading.snapshot if here is None else join(reading.snapshot, here), identity or Identity())
    facts = facts_of(snapshot)
    if reading.systems:
        facts["os"] = tuple(dict.fromkeys((*facts.get("os", ()), *reading.systems)))
    lines = Lines(tuple(Line(number, words) for number, words in document.lines))
    return TextRead(document, lines, snapshot, facts)


def explain(
    raw: bytes,
    catalogue: Catalogue,
    entries: Sequence[Entry],
    *,
    here: Snapshot | None = None,
    identity: Identity | None = None,
    whole: bool = True,
) -> Explanation:
    """The causes that a pasted text points to. `here` fills what the text does not tell with this machine's facts.

    `identity`: whose traces must not come out again. `whole`: False when the caller left the middle out.
    """
    read = read_text(raw, here=here, identity=identity, whole=whole)
    fired = judge(entries, read.lines, read.snapshot, read.facts, identity or Identity())
    told = [
        finding
        for finding in diagnose(read.snapshot, catalogue, _checks_for(here)).findings
        if finding.status in {Status.NOTE, Status.WARNING, Status.FAILURE}
    ]
    ranked = _rank([*fired, *told], entries)
    if here is None and not any(finding.status.needs_attention for finding in ranked):
        ranked = tuple(_suspected(finding) for finding in ranked)
    verdict: Verdict = "unknown"
    if any(finding.status.needs_attention for finding in ranked):
        verdict = "cause"
    elif not read.document.binary:
        trouble = any(_TROUBLE.search(words) for _, words in read.document.lines)
        if read.facts and not trouble:
            verdict, ranked = "healthy", (_healthy(), *ranked)
        elif fired:
            # Every complaint that is known here is known to be harmless.
            verdict, ranked = "healthy", (*ranked, _healthy())
    if verdict == "unknown":
        ranked = (_unknown(read.facts, read.document), *ranked)
    return Explanation(verdict, ranked, read.snapshot, read.facts, read.document)


def _suspected(finding: Finding) -> Finding:
    """A trap that is worth a note on a machine is what a post is about when its text tells nothing else."""
    return dataclasses.replace(finding, status=Status.WARNING) if finding.check in _TRAPS else finding


def _checks_for(here: Snapshot | None) -> tuple[Check, ...]:
    """Of a text nobody asks whether tunedoc's own environment is there."""
    return ALL_CHECKS if here is not None else tuple(check for check in ALL_CHECKS if check.id not in _OF_TUNEDOC)


def wrong_examples(entries: Sequence[Entry]) -> tuple[tuple[Entry, int], ...]:
    """Entries that do not fire on an example of theirs, or fire where they must not, each with the example's place."""
    wrong = []
    for entry in entries:
        for number, example in enumerate(entry.examples):
            read = read_text(example.text.encode())
            if bool(judge((entry,), read.lines, read.snapshot, read.facts, Identity())) != example.fires:
                wrong.append((entry, number))
    return tuple(wrong)


def join(told: Snapshot, here: Snapshot) -> Snapshot:
    """The text's facts, and this machine's where the text is silent."""
    changes: dict[str, Any] = {}
    for field in dataclasses.fields(Snapshot):
        if field.name in {"schema", "tunedoc"}:
            continue
        old = getattr(told, field.name)
        if isinstance(old, Unknown) or old == "":
            changes[field.name] = getattr(here, field.name)
    nvidia, other = told.nvidia, here.nvidia
    if isinstance(nvidia, NvidiaDriver) and isinstance(other, NvidiaDriver):
        changes["nvidia"] = dataclasses.replace(
            other if not nvidia.gpus else nvidia,
            version=other.version if isinstance(nvidia.version, Unknown) else nvidia.version,
            cuda_version=other.cuda_version if isinstance(nvidia.cuda_version, Unknown) else nvidia.cuda_version,
        )
    return dataclasses.replace(told, **changes)


def facts_read(snapshot: Snapshot, facts: Facts) -> tuple[Text, ...]:
    """The facts in words, for people: `Windows`, `torch 2.8.0+cu128`, …"""
    lines: list[Text] = []
    if isinstance(snapshot.os, OperatingSystem):
        lines.append(text("explain.fact_os", name=snapshot.os.name))
    if facts.get("python"):
        lines.append(text("explain.fact_python", version=facts["python"][0]))
    if isinstance(snapshot.nvidia, NvidiaDriver):
        if names := ", ".join(gpu.name for gpu in snapshot.nvidia.gpus):
            lines.append(text("explain.fact_gpus", names=names))
        if isinstance(snapshot.nvidia.version, str):
            lines.append(text("explain.fact_driver", version=snapshot.nvidia.version))
    if isinstance(snapshot.environment, PythonEnvironment):
        torch = snapshot.environment.torch
        packages = [f"{package.name} {package.version}" for package in snapshot.environment.packages]
        if isinstance(torch, TorchFiles) and torch.version and not any(name.startswith("torch ") for name in packages):
            packages.insert(0, f"torch {torch.version}")
        if packages:
            lines.append(text("explain.fact_packages", names=", ".join(packages[:12])))
    return tuple(lines)


def _rank(findings: list[Finding], entries: Sequence[Entry]) -> tuple[Finding, ...]:
    """Root first. What another finding explains becomes a note that says so."""
    ranks = {entry.id: entry.rank for entry in entries} | {check.id: check.rank for check in ALL_CHECKS}
    explains: dict[str, set[str]] = {entry.id: set(entry.explains) for entry in entries}
    for check in ALL_CHECKS:
        explains[check.id] = set(check.explains)
    for entry in entries:
        for above_it in entry.explained_by:
            explains.setdefault(above_it, set()).add(entry.id)
    ordered: list[Finding] = []
    for finding, root in in_order_of_cause(findings, ranks, explains):
        if root is not None:
            evidence = (text("explain.follows", summary=root.summary), *finding.evidence)
            finding = dataclasses.replace(finding, status=Status.NOTE, evidence=evidence)
        ordered.append(finding)
    return (*ordered, *(finding for finding in findings if finding.status is Status.NOTE))


def _healthy() -> Finding:
    return Finding(
        "explain.healthy",
        Status.OK,
        text("explain.healthy"),
        cause=text("explain.healthy_cause"),
        page="docs/reference/explain.md",
    )


def _unknown(facts: Facts, document: Document) -> Finding:
    if document.binary:
        summary, cause = text("explain.binary"), text("explain.binary_cause")
    elif not document.lines:
        summary, cause = text("explain.empty"), text("explain.empty_cause")
    else:
        summary, cause = text("explain.no_cause"), text("explain.no_cause_cause")
    wanted: list[Fix] = []
    if "torch" not in facts:
        wanted.append(Fix(id="explain.collect_env", title=text("explain.collect_env")))
    if "driver" not in facts:
        wanted.append(Fix(id="explain.collect_smi", title=text("explain.collect_smi")))
    wanted.append(Fix(id="explain.collect_log", title=text("explain.collect_log")))
    wanted.append(Fix(id="explain.collect_here", title=text("explain.collect_here")))
    return Finding(
        "explain.unknown", Status.UNKNOWN, summary, fixes=tuple(wanted), cause=cause, page="docs/reference/explain.md"
    )
