"""Checks of the training environment as a whole: which stack fits, whether one stands, whether it is as built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.catalogue.select import choose_stack
from doctor.checks.base import Check, Finding, Fix, Status
from doctor.checks.reasons import told
from doctor.snapshot.model import Absent, NvidiaDriver, PythonEnvironment, Unknown
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue, Stack
    from doctor.catalogue.select import Choice
    from doctor.snapshot.model import Snapshot
    from doctor.words.text import Text


def has_environment(snapshot: Snapshot) -> bool:
    return isinstance(snapshot.environment, PythonEnvironment)


def install_fix() -> Fix:
    """Build the environment, anew or for the first time: the doctor can do it."""
    return Fix(id="environment.install", title=text("packages.fix_install"))


def examine_stack(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    choice = choose_stack(snapshot, catalogue)
    # That a row is for another system is no news to anybody.
    passed_over = tuple(
        text("packages.rejected", row=each.stack_id, reason=each.reason)
        for each in choice.rejected
        if each.reason.key != "catalogue.other_system"
    )
    if isinstance(snapshot.os, Unknown):
        return Finding("environment.stack", Status.UNKNOWN, text("packages.stack_unknown"), passed_over)
    if choice.stack is None:
        fix = Fix(id="environment.stack", title=text("packages.fix_stack"), by_hand=text("packages.by_hand_no_stack"))
        return Finding("environment.stack", Status.FAILURE, text("packages.no_stack"), passed_over, (fix,))
    if choice.stack.device == "cpu" and isinstance(snapshot.nvidia, Unknown):
        summary = text("packages.stack_for_now", row=choice.stack.id)
        return Finding("environment.stack", Status.UNKNOWN, summary, passed_over)
    gpus = isinstance(snapshot.nvidia, NvidiaDriver) and bool(snapshot.nvidia.gpus)
    if choice.stack.device == "cpu" and gpus:
        return _explain_cpu_stack(choice, text("packages.cpu_stack", row=choice.stack.id), passed_over)
    return Finding("environment.stack", Status.OK, text("packages.stack", row=choice.stack.id), passed_over)


def examine_present(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    environment = snapshot.environment
    if isinstance(environment, Absent):
        return Finding("environment.present", Status.NOTE, text("packages.absent"), (), (install_fix(),))
    if isinstance(environment, Unknown):
        why = (text("check.why", why=told(environment.why)),)
        return Finding("environment.present", Status.UNKNOWN, text("packages.damaged"), why, (install_fix(),))
    python = "?" if isinstance(environment.python_version, Unknown) else environment.python_version
    evidence = (
        text("packages.place", path=environment.path, python=python),
        text("packages.count", count=len(environment.packages)),
    )
    if not environment.proved:
        return Finding("environment.present", Status.WARNING, text("packages.unproved"), evidence, (install_fix(),))
    row = find_row(environment, catalogue)
    summary = text("packages.present", row=environment.stack)
    if row is not None and row.status == "withdrawn":
        withdrawn = text("packages.withdrawn", row=row.id, why=row.why)
        return Finding("environment.present", Status.WARNING, withdrawn, evidence, (install_fix(),))
    return Finding("environment.present", Status.OK, summary, evidence)


def examine_changed(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    environment = snapshot.environment
    assert isinstance(environment, PythonEnvironment)
    row = find_row(environment, catalogue)
    if row is None:
        summary = text("packages.row_gone", row=environment.stack)
        return Finding("environment.changed", Status.NOTE, summary)
    have = {package.name: package.version for package in environment.packages}
    wanted: dict[str, set[str]] = {}
    for pin in row.pins:
        wanted.setdefault(pin.name, set()).add(pin.version)
    changes: list[Text] = []
    for name, versions in sorted(wanted.items()):
        if name not in have:
            changes.append(text("packages.missing_one", name=name, wanted=" / ".join(sorted(versions))))
        # A local tag says where a wheel came from: `2.13.0+cpu` fulfils a row that says 2.13.0.
        elif have[name] not in versions and have[name].partition("+")[0] not in versions:
            changes.append(text("packages.other_one", name=name, have=have[name], wanted=" / ".join(sorted(versions))))
    if changes:
        summary = text("packages.changed", count=len(changes), row=row.id)
        return Finding("environment.changed", Status.WARNING, summary, tuple(changes), (install_fix(),))
    return Finding("environment.changed", Status.OK, text("packages.unchanged", count=len(wanted)))


def find_row(environment: PythonEnvironment, catalogue: Catalogue) -> Stack | None:
    """The catalogue's row that an environment was built from, if it is still there."""
    return next((row for row in catalogue.stacks if row.id == environment.stack), None)


STACK = Check(id="environment.stack", title=text("packages.title_stack"), examine=examine_stack)
PRESENT = Check(id="environment.present", title=text("packages.title_present"), examine=examine_present)
CHANGED = Check(
    id="environment.changed", title=text("packages.title_changed"), examine=examine_changed, applies=has_environment
)


def _explain_cpu_stack(choice: Choice, summary: Text, evidence: tuple[Text, ...]) -> Finding:
    """An old driver, a hidden or an unserved GPU has a check of its own that says what to do, so here it is a note.

    A GPU that does not answer has none: its own check can only say 'unknown', and the work would quietly go elsewhere.
    """
    for rejection in choice.rejected:
        if rejection.reason.key in {"catalogue.unknown_capability", "catalogue.unknown_driver"}:
            hint = text("packages.by_hand_cpu_stack", reason=rejection.reason)
            fix = Fix(id="environment.stack", title=text("packages.fix_stack"), by_hand=hint)
            return Finding("environment.stack", Status.WARNING, summary, evidence, (fix,))
    return Finding("environment.stack", Status.NOTE, summary, evidence)
