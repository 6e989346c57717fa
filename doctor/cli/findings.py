"""Put a diagnosis into lines of words and into JSON. Nothing is decided or printed here."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING, Any

from doctor.checks.base import Status
from doctor.diagnosis import causes
from doctor.words.text import render, text

if TYPE_CHECKING:
    from collections.abc import Iterable

    from doctor.checks.base import Check, Finding, Fix
    from doctor.diagnosis import Diagnosis
    from doctor.words.text import Language, Text

MARKS = {Status.OK: "✓", Status.NOTE: "·", Status.WARNING: "●", Status.FAILURE: "✗", Status.UNKNOWN: "?"}


HEADLINES = frozenset(
    {
        "system.build", "memory.total", "storage.free", "nvidia.driver", "nvidia.gpus", "environment.stack",
        "environment.present", "environment.torch",
    }
)  # fmt: skip
"""Checks that say what machine this is; they are shown even when all is well."""


def report_lines(
    diagnosis: Diagnosis, checks: Iterable[Check], language: Language, *, verbose: bool = False, whole: bool = True
) -> list[str]:
    """The report: what machine it is, what is not well, the causes with their hints, one sentence of verdict.

    `verbose` shows every check with its evidence. `whole` is False when only some checks were asked for: then all of
    them are shown, and nothing is said about the machine as such.
    """
    checks = tuple(checks)
    titles = {check.id: render(check.title, language) for check in checks}
    shown = [
        finding
        for finding in diagnosis.findings
        if verbose or not whole or finding.status is not Status.OK or finding.check in HEADLINES
    ]
    width = max((columns(titles[finding.check]) for finding in shown), default=0)
    lines: list[str] = []
    for finding in shown:
        title = _padded(titles[finding.check], width)
        lines.append(f"{MARKS[finding.status]} {title}  {render(finding.summary, language)}")
        if verbose:
            lines += [f"    {render(fact, language)}" for fact in finding.evidence]
    if rest := len(diagnosis.findings) - len(shown):
        lines.append(f"{MARKS[Status.OK]} {render(text('check.more', count=rest), language)}")
    for hints, findings in _by_advice(diagnosis, checks, language).items():
        lines.append("")
        for finding in findings:
            name = text("check.attention", title=titles[finding.check], name=finding.check)
            lines.append(f"{MARKS[finding.status]} {render(name, language)}")
            if finding.cause is not None:
                lines.append(f"  {render(finding.cause, language)}")
        lines += [f"  {render(text('check.hint', advice=hint), language)}" for hint in hints]
    if diagnosis.findings:
        lines += ["", render(verdict(diagnosis, whole=whole), language)]
    return lines


def verdict(diagnosis: Diagnosis, *, whole: bool = True) -> Text:
    """The one sentence at the end."""
    counts, total = diagnosis.counts, len(diagnosis.findings)
    bad = counts[Status.WARNING] + counts[Status.FAILURE]
    if bad == 1:
        return text("check.verdict_attention_one", count=total)
    if bad:
        return text("check.verdict_attention", bad=bad, count=total)
    if counts[Status.UNKNOWN]:
        return text("check.verdict_unknown", unknown=counts[Status.UNKNOWN], count=total)
    if not whole:
        return text("check.verdict_part")
    if any(fix.id == "environment.install" for finding in diagnosis.findings for fix in finding.fixes):
        return text("check.verdict_install")
    if counts[Status.NOTE] == 1:
        return text("check.verdict_note", count=total)
    if counts[Status.NOTE]:
        return text("check.verdict_notes", notes=counts[Status.NOTE], count=total)
    return text("check.verdict_well", count=total)


def advice(fix: Fix) -> Text:
    """What to tell a person: the way by hand where there is one, else what the fix does."""
    return fix.by_hand or fix.title


def finding_record(finding: Finding, language: Language) -> dict[str, Any]:
    """A finding as the envelope carries it."""
    return {
        "check": finding.check,
        "status": finding.status.value,
        "summary": render(finding.summary, language),
        "cause": render(finding.cause, language) if finding.cause else None,
        "evidence": [render(fact, language) for fact in finding.evidence],
        "fixes": [
            {
                "id": fix.id,
                "title": render(fix.title, language),
                "by_hand": render(fix.by_hand, language) if fix.by_hand else None,
            }
            for fix in finding.fixes
        ],
        "docs": finding.docs,
    }


def columns(words: str) -> int:
    """Columns that words take on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in words)


def _by_advice(
    diagnosis: Diagnosis, checks: tuple[Check, ...], language: Language
) -> dict[tuple[str, ...], list[Finding]]:
    """What needs attention, the root first, by what to do about it: advice that puts several right is given once."""
    groups: dict[tuple[str, ...], list[Finding]] = {}
    unknown = [finding for finding in diagnosis.findings if finding.status is Status.UNKNOWN]
    for finding in (*causes(diagnosis, checks), *unknown):
        if finding.fixes:
            hints = tuple(render(advice(fix), language) for fix in finding.fixes)
            groups.setdefault(hints, []).append(finding)
    return groups


def _padded(words: str, width: int) -> str:
    return words + " " * (width - columns(words))
