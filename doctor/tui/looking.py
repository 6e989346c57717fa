"""One look at the machine for all rooms: facts, findings, what could be put right, and the next step."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.catalogue.load import catalogue_file, load_catalogue
from doctor.checks.registry import ALL_CHECKS
from doctor.diagnosis import diagnose
from doctor.next_step import next_step
from doctor.plan.fixes import plan_fixes
from doctor.plan.variables import Situation
from doctor.probe.machine import examine_machine
from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue
    from doctor.diagnosis import Diagnosis
    from doctor.host.base import Host
    from doctor.next_step import NextStep
    from doctor.paths import Home
    from doctor.plan.fix_model import FixPlan
    from doctor.snapshot.model import Snapshot


@dataclass(frozen=True, kw_only=True)
class Look:
    """What the machine said, and what follows from it."""

    snapshot: Snapshot
    catalogue: Catalogue
    diagnosis: Diagnosis
    fixes: FixPlan
    """For all that needs attention."""
    step: NextStep


def look(host: Host, home: Home, snapshot: Snapshot | None = None) -> Look:
    """Examine this machine, or judge the snapshot that is given. Raises BadInput for a catalogue that is no good."""
    if snapshot is None:
        snapshot = examine_machine(host, home)
    catalogue = load_catalogue(catalogue_file(host.environ))
    diagnosis = diagnose(snapshot, catalogue)
    situation = Situation(snapshot=snapshot, catalogue=catalogue, home_folder=str(home.root))
    fixes = plan_fixes(situation, diagnosis, ALL_CHECKS, scope="tunedoc")
    return Look(
        snapshot=snapshot,
        catalogue=catalogue,
        diagnosis=diagnosis,
        fixes=fixes,
        step=next_step(diagnosis, fixes),
    )
