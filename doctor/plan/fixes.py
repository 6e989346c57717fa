"""From findings to a plan of fixes: a table from ids to steps. Pure."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from doctor.errors import UsageError
from doctor.plan.fix_model import (
    BuildEnvironment,
    FixPlan,
    KeepVariable,
    MoveLeftovers,
    PlannedFix,
    RemoveUserVariable,
    SetUserVariable,
    TrimVariable,
)
from doctor.plan.guides import guide_for
from doctor.plan.recipes import INSTALL, LEFTOVERS, SPACES, is_doable, known_ids, recipe_for, variables_of
from doctor.plan.variables import VARIABLES, Nothing
from doctor.snapshot.model import NvidiaDriver, PythonEnvironment
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from doctor.checks.base import Check, Finding, Fix
    from doctor.diagnosis import Diagnosis
    from doctor.plan.fix_model import FixStep, Scope
    from doctor.plan.variables import Situation
    from doctor.words.text import Text


def plan_fixes(
    situation: Situation, diagnosis: Diagnosis, checks: Sequence[Check], *, ids: Sequence[str] = (), scope: Scope
) -> FixPlan:
    """What to do about the findings that need attention, root causes first; with `ids`, about those alone.

    An id is that of a fix or of a check, a variable's name, or `NAME=value`. Raises UsageError for another word.
    """
    ranks = {check.id: check.rank for check in checks}
    findings = sorted(diagnosis.findings, key=lambda finding: ranks.get(finding.check, 50))
    fixes: dict[str, PlannedFix] = {}
    named_only: list[str] = []
    if ids:
        for word in ids:
            for fix in _named(word, situation, findings, ranks, scope):
                fixes.setdefault(fix.id, fix)
    else:
        for finding in findings:
            if finding.status.needs_attention:
                for fix in _for_finding(finding, situation, scope, named_only):
                    _merge(fixes, fix)
            else:
                named_only += [fix.id for fix in finding.fixes if is_doable(fix.id)]
    ordered = sorted(fixes.values(), key=_place)
    acting = {fix.id for fix in ordered if fix.steps}
    further = tuple(dict.fromkeys(each for each in named_only if each not in acting)) if not ids else ()
    return FixPlan(scope=scope, fixes=tuple(ordered), only_when_named=further)


def _place(fix: PlannedFix) -> int:
    """Variables first, for an install obeys them; what a person does comes last."""
    if not fix.steps:
        return 2
    return 1 if any(isinstance(step, BuildEnvironment) for step in fix.steps) else 0


def _merge(fixes: dict[str, PlannedFix], fix: PlannedFix) -> None:
    before = fixes.get(fix.id)
    if before is None:
        fixes[fix.id] = fix
    else:
        joined = tuple(dict.fromkeys((*before.checks, *fix.checks)))
        fixes[fix.id] = PlannedFix(
            id=fix.id,
            title=before.title,
            checks=joined,
            steps=before.steps,
            advice=before.advice,
            by_hand=before.by_hand,
            warning=before.warning,
            why_not=before.why_not,
        )


def _for_finding(finding: Finding, situation: Situation, scope: Scope, named_only: list[str]) -> list[PlannedFix]:
    """The first fix that tunedoc can do; else all that a person can."""
    by_hand: list[PlannedFix] = []
    for fix in finding.fixes:
        recipe = recipe_for(fix.id, situation)
        if recipe is not None and recipe.named_only:
            named_only.append(fix.id)
            by_hand.append(_plan_by_hand(fix, situation, finding.check))
            continue
        planned = _plan_fix(fix, situation, scope, finding.check)
        if planned.steps:
            return [planned]
        by_hand.append(planned)
    return by_hand


def _named(
    word: str, situation: Situation, findings: Sequence[Finding], ranks: dict[str, int], scope: Scope
) -> list[PlannedFix]:
    name, equals, value = word.partition("=")
    if equals or name.upper() in VARIABLES:
        return [_plan_given(name, value if equals else None, situation, scope)]
    offered = [(finding, fix) for finding in findings for fix in finding.fixes if word in (fix.id, finding.check)]
    direct = [(finding, fix) for finding, fix in offered if fix.id == word]
    if direct:
        planned = _plan_fix(direct[0][1], situation, scope, direct[0][0].check)
        return [planned]
    if offered:
        return _chosen([_plan_fix(fix, situation, scope, finding.check) for finding, fix in offered])
    if is_doable(word):
        return [_plan_known(word, text("fix.title_known", id=word), situation, scope, ())]
    if word in ranks or any(finding.check == word for finding in findings):
        return [PlannedFix(id=word, title=text("fix.title_known", id=word), why_not=text("fix.nothing_wrong"))]
    everything = [*known_ids(), *ranks, *(fix.id for finding in findings for fix in finding.fixes)]
    nearest = get_close_matches(word, everything, n=1)
    hint = text("fix.unknown_hint", nearest=nearest[0]) if nearest else text("fix.unknown_hint_list")
    raise UsageError(text("fix.unknown", id=word), hint=hint)


def _chosen(planned: list[PlannedFix]) -> list[PlannedFix]:
    doable = [fix for fix in planned if fix.steps]
    return doable[:1] or planned


def _plan_fix(fix: Fix, situation: Situation, scope: Scope, check: str) -> PlannedFix:
    # Leftovers in tunedoc's own environment are put aside; building a new one would be gigabytes for the same.
    fix_id = LEFTOVERS if check == LEFTOVERS and fix.id == INSTALL else fix.id
    if is_doable(fix_id):
        planned = _plan_known(fix_id, fix.title, situation, scope, (check,), advice=fix.by_hand)
        if planned.steps or planned.why_not is not None:
            return planned
    return _plan_by_hand(fix, situation, check)


def _plan_by_hand(fix: Fix, situation: Situation, check: str) -> PlannedFix:
    return PlannedFix(
        id=fix.id,
        title=fix.title,
        checks=(check,),
        advice=fix.by_hand,
        by_hand=guide_for(fix.id, situation.snapshot) or ((fix.by_hand,) if fix.by_hand else ()),
        why_not=None if fix.by_hand else text("fix.not_ours"),
    )


def _plan_known(
    fix_id: str,
    title: Text,
    situation: Situation,
    scope: Scope,
    checks: tuple[str, ...],
    *,
    advice: Text | None = None,
) -> PlannedFix:
    """One of the fixes of the table."""
    recipe = recipe_for(fix_id, situation)
    if recipe is not None and recipe.sets:
        chosen = recipe.value if recipe.value is not None else VARIABLES[recipe.sets].choose(situation)
        return _plan_variable(fix_id, title, recipe.sets, chosen, situation, scope, checks, advice=advice)
    if recipe is not None:
        return _plan_removal(fix_id, title, recipe.removes, situation, scope, checks)
    if fix_id == SPACES:
        names = sorted({each.name for each in variables_of(situation) if each.value != each.value.strip()})
        steps: list[FixStep] = [TrimVariable(name=name, scope=scope) for name in names]
        why_not = None if names else text("fix.nothing_wrong")
        return PlannedFix(id=fix_id, title=title, checks=checks, steps=tuple(steps), why_not=why_not)
    if fix_id == LEFTOVERS:
        return _plan_leftovers(title, situation, checks, advice)
    return PlannedFix(id=fix_id, title=title, checks=checks, steps=(BuildEnvironment(),))


def _plan_given(name: str, value: str | None, situation: Situation, scope: Scope) -> PlannedFix:
    """A variable that was named, with or without a value. Raises UsageError."""
    variable = VARIABLES.get(name.upper())
    if variable is None:
        known = ", ".join(VARIABLES)
        raise UsageError(text("fix.unknown_variable", name=name), hint=text("fix.known_variables", names=known))
    if value is not None and (value != value.strip() or not variable.allowed.fullmatch(value)):
        raise UsageError(text("fix.bad_value", name=variable.name, value=value), hint=text("fix.bad_value_hint"))
    chosen = variable.choose(situation) if value is None else value
    title = text("fix.title_variable", name=variable.name)
    return _plan_variable(variable.name, title, variable.name, chosen, situation, scope, ())


def _plan_variable(
    fix_id: str,
    title: Text,
    name: str,
    value: str | Nothing | None,
    situation: Situation,
    scope: Scope,
    checks: tuple[str, ...],
    *,
    advice: Text | None = None,
) -> PlannedFix:
    if isinstance(value, Nothing):
        instead = (advice,) if advice else ()
        return PlannedFix(id=fix_id, title=title, checks=checks, by_hand=instead, why_not=value.why)
    if value is None:
        return _plan_removal(fix_id, title, (name,), situation, scope, checks)
    steps: list[FixStep] = []
    if name == "CUDA_VISIBLE_DEVICES" and value[:1].isdigit() and _gpu_count(situation) > 1:
        # The numbers are NVML's, by PCI bus; CUDA counts the fastest first unless told so.
        steps += _variable_steps("CUDA_DEVICE_ORDER", "PCI_BUS_ID", scope)
    steps += _variable_steps(name, value, scope)
    warning = VARIABLES[name].warning
    return PlannedFix(id=fix_id, title=title, checks=checks, steps=tuple(steps), warning=warning)


def _plan_removal(
    fix_id: str, title: Text, names: tuple[str, ...], situation: Situation, scope: Scope, checks: tuple[str, ...]
) -> PlannedFix:
    """Take away those of the variables that are set."""
    found = [each for each in variables_of(situation) if each.name.upper() in names]
    if not found:
        why_not = text("fix.not_set", name=names[0])
        return PlannedFix(id=fix_id, title=title, checks=checks, why_not=why_not)
    steps: list[FixStep] = []
    by_hand: list[Text] = []
    for name in dict.fromkeys(each.name for each in found):
        steps += _variable_steps(name, None, scope)
        if scope == "user" and any(each.name == name and each.origin == "machine" for each in found):
            by_hand.append(text("fix.hand_machine_variable", name=name))
        elif scope == "user" and not _is_windows(situation):
            by_hand.append(text("fix.hand_shell_variable", name=name))
    return PlannedFix(id=fix_id, title=title, checks=checks, steps=tuple(steps), by_hand=tuple(by_hand))


def _variable_steps(name: str, value: str | None, scope: Scope) -> list[FixStep]:
    own: FixStep = KeepVariable(name=name, value=value)
    if scope == "tunedoc":
        return [own]
    # tunedoc's own too: this terminal has the old environment for as long as it is open.
    return [own, RemoveUserVariable(name=name) if value is None else SetUserVariable(name=name, value=value)]


def _plan_leftovers(title: Text, situation: Situation, checks: tuple[str, ...], advice: Text | None) -> PlannedFix:
    environment = situation.snapshot.environment
    by_hand = (advice,) if advice else ()
    if not isinstance(environment, PythonEnvironment) or not isinstance(environment.leftovers, tuple):
        return PlannedFix(id=LEFTOVERS, title=title, checks=checks, why_not=text("fix.nothing_wrong"))
    if environment.role != "training":
        why_not = text("fix.not_our_environment", path=environment.path)
        return PlannedFix(id=LEFTOVERS, title=title, checks=checks, by_hand=by_hand, why_not=why_not)
    names = tuple(name for name in environment.leftovers if name.startswith("~") and not set(name) & set("/\\"))
    if not names:
        return PlannedFix(id=LEFTOVERS, title=title, checks=checks, by_hand=by_hand, why_not=text("fix.nothing_wrong"))
    return PlannedFix(id=LEFTOVERS, title=title, checks=checks, steps=(MoveLeftovers(names=names),))


def _gpu_count(situation: Situation) -> int:
    nvidia = situation.snapshot.nvidia
    return len(nvidia.gpus) if isinstance(nvidia, NvidiaDriver) else 0


def _is_windows(situation: Situation) -> bool:
    return getattr(situation.snapshot.os, "system", "") == "windows"
