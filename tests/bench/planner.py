"""Measure how long the planner takes to answer, against what a form that asks at every key can bear.

python tests/bench/planner.py         prints JSON to stdout; exits 1 when a promise is broken
"""

from __future__ import annotations

import json
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

from doctor.estimating import read_folder  # noqa: E402
from doctor.fit.fit import estimate, fit  # noqa: E402
from doctor.fit.model import GIB, Card  # noqa: E402
from doctor.fit.shape import read_shape  # noqa: E402
from doctor.fit.software import Versions  # noqa: E402
from trainer.contract import Job  # noqa: E402

if TYPE_CHECKING:
    from collections.abc import Callable

RUNS = 30
PROMISES_MS = {"estimate": 10.0, "estimate_split": 40.0, "advice": 250.0, "read_folder": 20.0}
"""Median milliseconds: a form's estimate on one card, with a model spread over two, the whole answer with levers, and
the reading of a small model's folder."""


def main() -> int:
    """Measure, print, compare."""
    data = json.loads((ROOT / "tests" / "data" / "memory" / "measured.json").read_text(encoding="utf-8"))
    shape = read_shape(data["models"]["Qwen2.5-32B"])
    cards = tuple(Card(index=i, total=16 * GIB, free=15 * GIB) for i in range(2))
    job = Job(model="", data=(), output="", quantisation="nf4")
    split = replace(job, split="layers")
    now = Versions(trl="1.16.0")
    measured = {
        "estimate": median_ms(lambda: estimate(shape, job, cards, now)),
        "estimate_split": median_ms(lambda: estimate(shape, split, cards, now)),
        "advice": median_ms(lambda: fit(shape, job, cards, now)),
        "read_folder": median_ms(lambda: read_folder(ROOT / "tests" / "models" / "aidreams260k")),
    }
    print(json.dumps({"milliseconds": measured, "promised": PROMISES_MS}, indent=2))
    return int(any(measured[name] > most for name, most in PROMISES_MS.items()))


def median_ms(work: Callable[[], object]) -> float:
    """Median of several runs, in milliseconds."""
    spent = []
    for _ in range(RUNS):
        begun = time.perf_counter()
        work()
        spent.append((time.perf_counter() - begun) * 1000)
    return round(statistics.median(spent), 2)


if __name__ == "__main__":
    sys.exit(main())
