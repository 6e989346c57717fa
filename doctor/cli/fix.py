"""`tunedoc fix`: show what can be put right, ask, do it, look again."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, Any

from doctor.cli.face import Answer
from doctor.cli.parser import VerbParser, add_common
from doctor.words.text import render, text

if TYPE_CHECKING:
    import argparse

    from doctor.cli.face import Face
    from doctor.fixing import FixProposal, FixResult
    from doctor.plan.fix_model import FixPlan, FixStep, PlannedFix
    from doctor.words.text import Text

DESCRIPTION = text("cli.verb_fix")
EXAMPLE = text("fix.example")


def configure(parser: VerbParser) -> None:
    parser.add_argument("ids", nargs="*", metavar="ID", help=parser.say(text("fix.help_id")))
    parser.add_argument(
        "--scope", choices=("tunedoc", "user"), default="tunedoc", help=parser.say(text("fix.help_scope"))
    )
    parser.add_argument("--plan", action="store_true", dest="only_plan", help=parser.say(text("fix.help_plan")))
    parser.add_argument("--from", dest="source", metavar="FILE", help=parser.say(text("fix.help_from")))
    add_common(parser, yes=True)


def run(arguments: argparse.Namespace, face: Face) -> Answer:
    from doctor.fixing import propose_fixes

    snapshot = None
    if arguments.source:
        from pathlib import Path

        from doctor.cli.plan import read_input
        from doctor.snapshot.codec import from_json

        snapshot = from_json(read_input(Path(arguments.source)), arguments.source)
    proposal = propose_fixes(face.host, face.home, ids=arguments.ids, scope=arguments.scope, snapshot=snapshot)
    show_fixes(proposal.plan, face)
    data: dict[str, Any] = {"applied": False, "plan": fix_plan_record(proposal.plan, face)}
    if arguments.source or arguments.only_plan:
        return Answer(data=data)
    if not proposal.plan.steps:
        return Answer(data=data, exit_code=_code(proposal, None))
    if not face.agrees(yes=arguments.yes):
        face.screen.note(text("cli.declined"))
        return Answer(data=data)
    return _do(proposal, face, yes=arguments.yes)


def show_fixes(plan: FixPlan, face: Face) -> None:
    """The plan in words, on stdout."""
    show = face.screen.show
    ours = [fix for fix in plan.fixes if fix.steps]
    others = [fix for fix in plan.fixes if not fix.steps]
    if not plan.fixes:
        show(text("fix.nothing"))
    if ours:
        show(text("fix.will_do"))
    for number, fix in enumerate(ours, 1):
        show(text("fix.entry", number=number, title=fix.title, id=fix.id))
        for step in fix.steps:
            show(text("fix.line", words=words_of_step(step)))
        _show_rest(fix, face)
    if any(is_variable(step) for step in plan.steps):
        show(text("fix.effect_tunedoc" if plan.scope == "tunedoc" else _user_effect(face)))
    if others:
        show(text("fix.by_hand"))
    for fix in others:
        show(text("fix.entry_by_hand", title=fix.title, id=fix.id))
        _show_rest(fix, face)
    if plan.only_when_named:
        show(text("fix.also", ids=", ".join(f"`tunedoc fix {each}`" for each in plan.only_when_named)))


def words_of_step(step: FixStep) -> Text:
    """What a step does, in words."""
    from doctor.plan.fix_model import KeepVariable, MoveLeftovers, RemoveUserVariable, SetUserVariable, TrimVariable

    match step:
        case KeepVariable(value=None):
            return text("fix.step_drop", name=step.name)
        case KeepVariable():
            return text("fix.step_keep", name=step.name, value=step.value)
        case SetUserVariable():
            return text("fix.step_set_user", name=step.name, value=step.value)
        case RemoveUserVariable():
            return text("fix.step_remove_user", name=step.name)
        case TrimVariable():
            return text("fix.step_trim", name=step.name)
        case MoveLeftovers():
            return text("fix.step_leftovers", names=", ".join(step.names))
        case _:
            return text("fix.step_install")


def fix_plan_record(plan: FixPlan, face: Face) -> dict[str, Any]:
    """The plan as the envelope carries it."""

    def say(message: Text | None) -> str | None:
        return None if message is None else render(message, face.language)

    return {
        "scope": plan.scope,
        "fixes": [
            {
                "id": fix.id,
                "title": say(fix.title),
                "checks": list(fix.checks),
                "steps": [
                    {"step": type(step).__name__, "words": say(words_of_step(step)), **dataclasses.asdict(step)}
                    for step in fix.steps
                ],
                "advice": say(fix.advice),
                "by_hand": [say(line) for line in fix.by_hand],
                "warning": say(fix.warning),
                "why_not": say(fix.why_not),
            }
            for fix in plan.fixes
        ],
        "only_when_named": list(plan.only_when_named),
    }


def _show_rest(fix: PlannedFix, face: Face) -> None:
    show = face.screen.show
    if fix.warning is not None:
        show(text("fix.line_warning", words=fix.warning))
    if fix.why_not is not None:
        show(text("fix.line", words=fix.why_not))
    if fix.advice is not None and not fix.steps and fix.by_hand != (fix.advice,):
        show(text("fix.line", words=fix.advice))
    for number, line in enumerate(fix.by_hand, 1):
        if len(fix.by_hand) == 1:
            show(text("fix.line", words=line))
        else:
            show(text("fix.line_numbered", number=number, words=line))


def is_variable(step: FixStep) -> bool:
    """Whether the step is about a variable, which has a scope."""
    from doctor.plan.fix_model import BuildEnvironment, MoveLeftovers

    return not isinstance(step, (BuildEnvironment, MoveLeftovers))


def _user_effect(face: Face) -> str:
    return "fix.effect_windows" if face.host.system == "windows" else "fix.effect_linux"


def _do(proposal: FixProposal, face: Face, *, yes: bool) -> Answer:
    from doctor.cli.install import agreement, reporter
    from doctor.fixing import fix
    from doctor.plan.fix_model import BuildEnvironment

    # A finding says that the present environment will not do; without one a whole environment is used as it is.
    rebuild = any(fix.checks and BuildEnvironment() in fix.steps for fix in proposal.plan.fixes)

    def install() -> bool:
        from doctor.session import install as build

        agree = agreement(face, yes=yes)
        return build(face.host, face.home, reporter(face), agree=agree, rebuild=rebuild) is not None

    def say(message: Text) -> None:
        face.screen.note(text("fix.did", words=message))

    result = fix(face.host, face.home, proposal, report=reporter(face), say=say, install=install)
    for line in outcome_lines(result):
        face.screen.show(line)
    return Answer(data=_result_record(result, face), exit_code=_code(proposal, result))


def outcome_lines(result: FixResult) -> list[Text]:
    """What came of a plan, in words: what is fixed, left and new, and the way back."""
    titles, outcome = _titles(), result.outcome
    about = {check for fix in result.proposal.plan.fixes for check in fix.checks}
    left = tuple(check for check in outcome.left if check in about)
    lines = [
        text(key, title=titles.get(check, check), check=check)
        for key, checks in (("fix.fixed", outcome.fixed), ("fix.left", left), ("fix.new", outcome.new))
        for check in checks
    ]
    if not result.done.changes:
        lines.append(text("fix.was_so"))
    if result.done.work:
        lines.append(text("fix.undo_with", work=result.done.work))
    return lines


def _titles() -> dict[str, Text]:
    from doctor.checks.registry import ALL_CHECKS

    return {check.id: check.title for check in ALL_CHECKS}


def _result_record(result: FixResult, face: Face) -> dict[str, Any]:
    from doctor.apply.changes import to_record

    return {
        "applied": True,
        "work": result.done.work or None,
        "changes": [to_record(change) for change in result.done.changes],
        "fixed": list(result.outcome.fixed),
        "left": list(result.outcome.left),
        "new": list(result.outcome.new),
        "plan": fix_plan_record(result.proposal.plan, face),
    }


def _code(proposal: FixProposal, result: FixResult | None) -> Any:
    """Findings, while something that this plan is about, or something new, needs attention."""
    from doctor.errors import ExitCode

    about = {check for fix in proposal.plan.fixes for check in fix.checks}
    diagnosis = proposal.before if result is None else result.after
    bad = {finding.check for finding in diagnosis.findings if finding.status.needs_attention} & about
    return ExitCode.FINDINGS if bad or (result is not None and result.outcome.new) else ExitCode.WELL
