"""Checks of the training environment as a whole: which stack fits, whether one stands, whether it is as built."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.catalogue.select import choose_stack
from doctor.checks.base import Check, Finding, Fix, Status, from_text
from doctor.checks.reasons import told
from doctor.checks.subject import find_row, install_fix, is_own
from doctor.checks.torch_builds import read_torch_build
from doctor.snapshot.model import Absent, NvidiaDriver, PythonEnvironment, TorchFiles, Unknown
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue
    from doctor.catalogue.select import Choice
    from doctor.snapshot.model import Snapshot
    from doctor.words.text import Text


def concerns_tunedoc(snapshot: Snapshot) -> bool:
    """Whether tunedoc's own environment, or the lack of one, is what the question is about."""
    return is_own(snapshot) and not from_text(snapshot)


def has_own_environment(snapshot: Snapshot) -> bool:
    return concerns_tunedoc(snapshot) and isinstance(snapshot.environment, PythonEnvironment)


def has_other_environments(snapshot: Snapshot) -> bool:
    return isinstance(snapshot.other_environments, tuple) and not from_text(snapshot)


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
        return Finding(
            "environment.stack",
            Status.FAILURE,
            text("packages.no_stack"),
            passed_over,
            (fix,),
            text("packages.cause_no_stack"),
        )
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
        summary, cause = text("packages.unproved"), text("packages.cause_unproved")
        return Finding("environment.present", Status.WARNING, summary, evidence, (install_fix(),), cause)
    row = find_row(environment, catalogue)
    summary = text("packages.present", row=environment.stack)
    if row is not None and row.status == "withdrawn":
        withdrawn = text("packages.withdrawn", row=row.id, why=row.why)
        cause = text("packages.cause_withdrawn")
        return Finding("environment.present", Status.WARNING, withdrawn, evidence, (install_fix(),), cause)
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
        cause = text("packages.cause_changed")
        return Finding("environment.changed", Status.WARNING, summary, tuple(changes), (install_fix(),), cause)
    return Finding("environment.changed", Status.OK, text("packages.unchanged", count=len(wanted)))


def examine_others(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    others = snapshot.other_environments
    assert isinstance(others, tuple)
    gpus = isinstance(snapshot.nvidia, NvidiaDriver) and bool(snapshot.nvidia.gpus)
    system = "" if isinstance(snapshot.os, Unknown) else snapshot.os.system
    evidence = tuple(text("packages.other_torch", path=each.path, torch=_torch_of(each) or "?") for each in others)
    for each in others:
        version = _torch_of(each)
        if gpus and version is not None and read_torch_build(version, system).kind == "cpu":
            summary = text("packages.other_cpu", path=each.path, torch=version)
            return Finding("environment.others", Status.NOTE, summary, evidence)
    return Finding("environment.others", Status.OK, text("packages.others", count=len(others)), evidence)


def _torch_of(environment: PythonEnvironment) -> str | None:
    """The version of its torch, by its files before its metadata."""
    if isinstance(environment.torch, TorchFiles) and environment.torch.version[:1].isdigit():
        return environment.torch.version
    version = next((package.version for package in environment.packages if package.name == "torch"), "")
    return version if version[:1].isdigit() else None


STACK = Check(
    id="environment.stack",
    title=text("packages.title_stack"),
    examine=examine_stack,
    applies=concerns_tunedoc,
    rank=70,
)
PRESENT = Check(
    id="environment.present",
    title=text("packages.title_present"),
    examine=examine_present,
    applies=concerns_tunedoc,
    rank=55,
)
CHANGED = Check(
    id="environment.changed",
    title=text("packages.title_changed"),
    examine=examine_changed,
    applies=has_own_environment,
    rank=75,
)
OTHERS = Check(
    id="environment.others",
    title=text("packages.title_others"),
    examine=examine_others,
    applies=has_other_environments,
    rank=90,
)


def _explain_cpu_stack(choice: Choice, summary: Text, evidence: tuple[Text, ...]) -> Finding:
    """An old driver, a hidden or an unserved GPU has a check of its own that says what to do, so here it is a note.

    A GPU that does not answer has none: its own check can only say 'unknown', and the work would quietly go elsewhere.
    """
    for rejection in choice.rejected:
        if rejection.reason.key in {"catalogue.unknown_capability", "catalogue.unknown_driver"}:
            hint = text("packages.by_hand_cpu_stack", reason=rejection.reason)
            fix = Fix(id="environment.stack", title=text("packages.fix_stack"), by_hand=hint)
            cause = text("packages.cause_cpu_stack")
            return Finding("environment.stack", Status.WARNING, summary, evidence, (fix,), cause)
    return Finding("environment.stack", Status.NOTE, summary, evidence)
