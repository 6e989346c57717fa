"""What both faces ask for to put things right: propose fixes, carry out what was agreed to, look again, take back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from doctor.apply.changes import Ground
from doctor.apply.fixes import carry_out_fixes
from doctor.apply.progress import stage
from doctor.catalogue.load import catalogue_file, load_catalogue
from doctor.checks.registry import ALL_CHECKS
from doctor.diagnosis import diagnose
from doctor.errors import StepFailed
from doctor.holding import hold
from doctor.host.user_variables import user_variables
from doctor.plan.fixes import plan_fixes
from doctor.plan.variables import Situation
from doctor.quick_dataclass import dataclass
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from doctor.apply.fixes import Done
    from doctor.apply.progress import Progress
    from doctor.apply.undoing import Undone, Work
    from doctor.diagnosis import Diagnosis
    from doctor.host.base import Host
    from doctor.paths import Home
    from doctor.plan.fix_model import FixPlan, Scope
    from doctor.snapshot.model import Snapshot
    from doctor.words.text import Text


@dataclass(frozen=True, kw_only=True)
class FixProposal:
    """A plan of fixes and what it was made from."""

    plan: FixPlan
    before: Diagnosis


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """Findings before against findings after, by the ids of their checks: only a second look may say "fixed"."""

    fixed: tuple[str, ...]
    left: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class FixResult:
    """What came of it."""

    proposal: FixProposal
    done: Done
    after: Diagnosis
    outcome: Outcome


def propose_fixes(
    host: Host, home: Home, *, ids: Sequence[str], scope: Scope, snapshot: Snapshot | None = None
) -> FixProposal:
    """A plan for this machine, or for the one that a snapshot describes; changes nothing.

    Raises UsageError and BadInput.
    """
    catalogue = load_catalogue(catalogue_file(host.environ))
    if snapshot is None:
        snapshot = _examine(host, home)
    diagnosis = diagnose(snapshot, catalogue)
    situation = Situation(snapshot=snapshot, catalogue=catalogue, home_folder=str(home.root))
    plan = plan_fixes(situation, diagnosis, ALL_CHECKS, ids=ids, scope=scope)
    return FixProposal(plan=plan, before=diagnosis)


def fix(
    host: Host,
    home: Home,
    proposal: FixProposal,
    *,
    report: Callable[[Progress], None],
    say: Callable[[Text], None],
    install: Callable[[], bool],
) -> FixResult:
    """Carry out a plan that was agreed to and look again. `install` does what `tunedoc install` does.

    One fix at a time. Raises StepFailed and what an install raises; what was done until then can be taken back.
    """
    with hold(home.root / "fix.lock", _busy(home)):
        done = carry_out_fixes(proposal.plan, ground_of(host, home), build=install, report=say)
        with stage(report, "examine", text("fix.looking_again")):
            snapshot = _examine(host, home)
    after = diagnose(snapshot, load_catalogue(catalogue_file(host.environ)))
    return FixResult(proposal=proposal, done=done, after=after, outcome=compare(proposal.before, after))


def compare(before: Diagnosis, after: Diagnosis) -> Outcome:
    """Which findings that needed attention are gone, which are left, and which were not there before."""
    then = {finding.check for finding in before.findings if finding.status.needs_attention}
    now = {finding.check for finding in after.findings if finding.status.needs_attention}
    # Gone means answered well: a check that could not be answered this time has fixed nothing.
    answered = {f.check for f in after.findings if f.status.value != "unknown"} | set(after.left_out)
    return Outcome(
        fixed=tuple(f.check for f in before.findings if f.check in then - now and f.check in answered),
        left=tuple(f.check for f in before.findings if f.check in then and (f.check in now or f.check not in answered)),
        new=tuple(f.check for f in after.findings if f.check in now - then),
    )


def past_work(host: Host, home: Home) -> tuple[Work, ...]:
    """What was done to this machine, newest first."""
    from doctor.apply.undoing import history

    return history(ground_of(host, home))


def take_back(
    host: Host, home: Home, *, wanted: str | None, force: bool, agree: Callable[[Work], bool]
) -> tuple[Work, tuple[Undone, ...]] | None:
    """Undo one piece of work, the newest unless one is named. None when `agree` said no.

    Raises UsageError when there is nothing, StepFailed when the system refuses.
    """
    from doctor.apply.undoing import choose_work, history, undo

    with hold(home.root / "fix.lock", _busy(home)):
        ground = ground_of(host, home)
        work = choose_work(history(ground), ground, wanted)
        if not agree(work):
            return None
        return work, undo(work, ground, force=force, report=lambda _: None)


def ground_of(host: Host, home: Home) -> Ground:
    """Where this machine's changes are made."""
    return Ground(host=host, home=home, user=user_variables(host, Path.home()))


def _examine(host: Host, home: Home) -> Snapshot:
    from doctor.probe.machine import examine_machine

    return examine_machine(host, home)


def _busy(home: Home) -> StepFailed:
    return StepFailed(text("fix.busy", folder=str(home.root)), hint=text("fix.busy_hint"))
