"""Run the checks over a snapshot. Pure: the same snapshot and catalogue always give the same diagnosis."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from doctor.checks.base import Finding, Status
from doctor.checks.registry import ALL_CHECKS
from doctor.quick_dataclass import dataclass
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence

    from doctor.catalogue.model import Catalogue
    from doctor.checks.base import Check
    from doctor.snapshot.model import Snapshot


@dataclass(frozen=True)
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


def in_order_of_cause(
    findings: Iterable[Finding], ranks: Mapping[str, int], explains: Mapping[str, Container[str]]
) -> tuple[tuple[Finding, Finding | None], ...]:
    """What needs attention, the root first; with each the finding that it merely follows from, or None.

    `ranks` and `explains` hold, by a check's or entry's id, how near the root it stands and what follows from it.
    Those that follow come last.
    """
    attention = sorted(
        (finding for finding in findings if finding.status.needs_attention),
        key=lambda finding: ranks.get(finding.check, 50),
    )
    pairs = [(finding, _root_of(finding, attention, explains)) for finding in attention]
    return (*(pair for pair in pairs if pair[1] is None), *(pair for pair in pairs if pair[1] is not None))


def causes(diagnosis: Diagnosis, checks: Iterable[Check] = ALL_CHECKS) -> tuple[Finding, ...]:
    """What needs attention, the root first; what merely follows from another finding is left out."""
    checks = tuple(checks)
    pairs = in_order_of_cause(
        diagnosis.findings, {check.id: check.rank for check in checks}, {check.id: check.explains for check in checks}
    )
    return tuple(finding for finding, root in pairs if root is None)


def _root_of(finding: Finding, attention: Sequence[Finding], explains: Mapping[str, Container[str]]) -> Finding | None:
    place = attention.index(finding)
    for number, other in enumerate(attention):
        if other is finding or finding.check not in explains.get(other.check, ()):
            continue
        # Of two that explain each other the first in rank stands.
        if number < place or other.check not in explains.get(finding.check, ()):
            return other
    return None


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
