"""Two processes that train together beside one that has a single core: tokens a second, with the same global batch.

    python tests/bench/train_together.py --home HOME [--model FOLDER] [--rounds 3] [--steps 20]

HOME is a tunedoc home with a training environment. The runs take turns. The one process, and all that it starts, stays
on the first core; the two have a thread each. Tokens are counted over the steps alone, the first of them left out.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from datetime import datetime
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from doctor.paths import Home
from tests.training_runs import Runs

MODEL = Path(__file__).parent.parent / "models" / "aidreams260k"
DATA = Path(__file__).parent.parent / "data" / "llamafactory" / "alpaca_en_demo.json"
BATCH = 32
PROMISED = 1.3


def main() -> int:
    """1 when two processes are not as much quicker as promised."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--model", type=lambda word: Path(word).resolve(), default=MODEL)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--steps", type=int, default=20)
    options = parser.parse_args()
    everywhere = psutil.Process().cpu_affinity()
    speeds: dict[int, list[float]] = {1: [], 2: []}
    losses: dict[int, list[float]] = {}
    with tempfile.TemporaryDirectory(prefix="together ") as folder:
        runs = Runs(Path(folder), Home(options.home.resolve()))
        for number in range(options.rounds):
            for processes in (1, 2):
                name = f"{processes} of round {number}"
                # What a process starts keeps to its cores.
                psutil.Process().cpu_affinity(everywhere[:1] if processes == 1 else everywhere)
                runs.job(
                    name, model=options.model, data=DATA, processes=processes, max_steps=options.steps, held_out=0,
                    per_device_batch_size=BATCH // processes, max_length=512, save_steps=10_000,
                )  # fmt: skip
                runs.finish(name)
                speeds[processes].append(speed(runs, name))
                losses[processes] = runs.loss_curve(name)
                print(f"{name}: {speeds[processes][-1]:.0f} tokens/s", file=sys.stderr, flush=True)
    ratio = statistics.median(two / one for one, two in zip(speeds[1], speeds[2], strict=True))
    furthest = max(abs(one - two) for one, two in zip(losses[1], losses[2], strict=True))
    print(
        f"one {statistics.median(speeds[1]):.0f} tokens/s, two {statistics.median(speeds[2]):.0f}: {ratio:.2f} x "
        f"(promised {PROMISED}); losses differ by {furthest:.5f} at most; load {os.getloadavg()[0]:.1f}"
    )
    return 0 if ratio >= PROMISED else 1


def speed(runs: Runs, name: str) -> float:
    """Tokens a second from the end of the first step to the end of the last."""
    steps = [event for event in runs.events(name) if event["event"] == "progressed"]
    begun, ended = (datetime.fromisoformat(steps[place]["time"]) for place in (0, -1))
    return float((steps[-1]["tokens"] - steps[0]["tokens"]) / (ended - begun).total_seconds())


if __name__ == "__main__":
    sys.exit(main())
