"""The one next step of whole machines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doctor.host.real import RealHost
from doctor.tui.looking import look
from tests.machines_made_up import MACHINES, machine_file

if TYPE_CHECKING:
    from doctor.paths import Home


@pytest.mark.parametrize(
    ("machine", "kind", "command"),
    [
        ("win11-two-5060ti-complete", "begin", "tunedoc demo"),
        ("win11-two-4090-torch26", "fix", "tunedoc fix environment.companions"),
    ],
)
def test_the_next_step_answers_the_root_of_what_is_wrong(home: Home, machine: str, kind: str, command: str) -> None:
    step = look(RealHost(), home, machine_file(machine)).step
    assert (step.kind, step.command) == (kind, command)


def test_every_machine_has_a_next_step_about_a_finding_of_its_own(home: Home) -> None:
    for file in MACHINES.glob("*.json"):
        seen = look(RealHost(), home, machine_file(file.stem))
        if seen.step.check:
            finding = next(each for each in seen.diagnosis.findings if each.check == seen.step.check)
            assert finding.status.needs_attention
        else:
            assert not seen.diagnosis.needs_attention
