"""The one next step on a machine: what its findings ask for, as words and as the command that does it. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from doctor.checks.registry import ALL_CHECKS
from doctor.diagnosis import causes
from doctor.plan.fix_model import BuildEnvironment
from doctor.quick_dataclass import dataclass
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.diagnosis import Diagnosis
    from doctor.plan.fix_model import FixPlan
    from doctor.words.text import Text

Kind = Literal["fix", "by_hand", "install", "begin"]
"""`fix`: tunedoc can do it. `by_hand`: a person has to. `install`: nothing is wrong, and there is no environment yet.
`begin`: the machine is ready."""


@dataclass(frozen=True, kw_only=True)
class NextStep:
    """What to do now."""

    kind: Kind
    words: Text
    command: str
    """What does it, or shows how: `tunedoc fix settings.libuv`."""
    check: str = ""
    """The finding that it answers."""


def next_step(diagnosis: Diagnosis, plan: FixPlan) -> NextStep:
    """The first step: the root of what needs attention, else the environment, else the first training.

    `plan` is that of all findings that need attention.
    """
    titles = {check.id: check.title for check in ALL_CHECKS}
    for finding in causes(diagnosis):
        what = text("tui.entry", title=titles[finding.check], summary=finding.summary)
        planned = next((fix for fix in plan.fixes if finding.check in fix.checks), None)
        if planned is not None and planned.steps:
            key = "tui.next_rebuild" if BuildEnvironment() in planned.steps else "tui.next_fix"
            words = text(key, what=what, title=planned.title)
            return NextStep(kind="fix", words=words, command=f"tunedoc fix {finding.check}", check=finding.check)
        words = text("tui.next_by_hand", what=what)
        return NextStep(kind="by_hand", words=words, command=f"tunedoc fix {finding.check} --plan", check=finding.check)
    if any(fix.id == "environment.install" for finding in diagnosis.findings for fix in finding.fixes):
        return NextStep(kind="install", words=text("tui.next_install"), command="tunedoc install")
    return NextStep(kind="begin", words=text("tui.next_begin"), command="tunedoc demo")
