"""Plan every machine of the grid in one process, against what the project promises.

python tests/bench/grid.py           prints JSON to stdout and words to stderr; exits 1 when a promise is broken

The machines are those of tests/doctor/catalogue_grid. Each is planned as `tunedoc plan` does: the stack, why better
ones do not fit, the changes that would help, the Python, the devices to prove. Making the machines is not counted.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from doctor.catalogue.load import load_catalogue, shipped_file  # noqa: E402
from tests.doctor.catalogue_grid.checker import contradictions  # noqa: E402
from tests.doctor.catalogue_grid.facts import read_facts  # noqa: E402
from tests.doctor.catalogue_grid.machines import grid  # noqa: E402
from tests.doctor.catalogue_grid.planning import plan_of  # noqa: E402

SECONDS = 5.0
"""Of processor time."""
MACHINES = 5000
RUNS = 3


def main() -> int:
    """Measure, print, compare."""
    argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter).parse_args()
    facts = read_facts(shipped_file())
    machines = list(grid())
    snapshots = [machine.snapshot() for machine in machines]
    times: list[float] = []
    busy: list[float] = []
    plans: list[dict[str, Any]] = []
    for _ in range(RUNS):
        begun, begun_busy = time.perf_counter(), time.process_time()
        # The catalogue is read anew, so that nothing is counted as known from the run before.
        catalogue = load_catalogue()
        plans = [plan_of(snapshot, catalogue) for snapshot in snapshots]
        times.append(time.perf_counter() - begun)
        busy.append(time.process_time() - begun_busy)
    # One thread that waits for nothing: on a machine with nothing else to do its processor time is its time, and what
    # others take meanwhile says nothing about the planning. The clock's time is told beside it.
    seconds = min(busy)
    broken = sum(bool(contradictions(facts, m.facts(), plan)) for m, plan in zip(machines, plans, strict=True))
    promises = {
        "seconds": (seconds, SECONDS, seconds <= SECONDS),
        "machines": (len(machines), MACHINES, len(machines) >= MACHINES),
        "plans_against_a_fact": (broken, 0, broken == 0),
    }
    record = {
        name: {"measured": round(measured, 3), "promised": promised, "kept": kept}
        for name, (measured, promised, kept) in promises.items()
    }
    stacks = Counter(plan["stack"] or "none" for plan in plans)
    print(
        json.dumps(
            {
                **record,
                "clock_seconds": round(min(times), 3),
                "machines_per_second": round(len(machines) / seconds),
                "stacks": dict(stacks.most_common()),
                "runs": RUNS,
            },
            indent=2,
        )
    )
    for name, (measured, promised, kept) in promises.items():
        print(f"{name}: {measured:.4g}, promised {promised}: {'kept' if kept else 'BROKEN'}", file=sys.stderr)
    return int(not all(kept for _, _, kept in promises.values()))


if __name__ == "__main__":
    sys.exit(main())
