"""Run the checks over a snapshot. Pure: the same snapshot and catalogue always give the same diagnosis."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from doctor.checks.base import Finding, Status
from doctor.checks.registry import ALL_CHECKS
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doctor.catalogue.model import Catalogue
    from doctor.checks.base import Check
    from doctor.snapshot.model import Snapshot


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What all the checks found, in the order of the report."""

    findings: tuple[Finding, ...]
    left_out: tuple[str, ...] = ()
    """Ids of the checks that do not apply to this machine."""

    @property
    def counts(self) -> dict[Status, int]:
        """How many findings of each status; every status is there."""
        counted = Counter(finding.status for finding in self.findings)
        return {status: counted[status] for status in Status}

    @property
    def needs_attention(self) -> bool:
        return any(finding.status.needs_attention for finding in self.findings)


def diagnose(snapshot: Snapshot, catalogue: Catalogue, checks: Sequence[Check] = ALL_CHECKS) -> Diagnosis:
    """Every check's finding. A check that fails becomes an unknown finding, and the report goes on."""
    findings: list[Finding] = []
    left_out: list[str] = []
    for check in checks:
        try:
            if check.applies(snapshot):
                findings.append(check.examine(snapshot, catalogue))
            else:
                left_out.append(check.id)
        except Exception as exc:
            reason = text("check.crashed_why", kind=type(exc).__name__, detail=str(exc))
            findings.append(Finding(check.id, Status.UNKNOWN, text("check.crashed"), (reason,)))
    return Diagnosis(tuple(findings), tuple(left_out))
