"""Train from a large JSONL, and say how much more memory that takes than a small one.

    python tests/bench/streaming.py --home HOME --mib 5120 [--model FOLDER] [--folder SCRATCH] [--steps 2]

HOME is a tunedoc home with a training environment. The records are made up (no two the same), the steps few: what takes
the time is turning all of them into tokens. SCRATCH needs room for the file and about as much again for its tokens.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from doctor.paths import Home
from tests.training_runs import Runs

TINY = Path(__file__).parent.parent / "models" / "aidreams260k"
WORDS = ("dream", "echo", "vector", "light", "sea", "quiet", "number", "flower", "letter", "wind", "stone", "river")
PROMISED_MIB = 2048


def main() -> int:
    """1 when the large file takes more than promised."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--mib", type=int, default=5120)
    parser.add_argument("--model", type=lambda word: Path(word).resolve(), default=TINY)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--steps", type=int, default=2)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="streaming ", dir=options.folder) as scratch:
        folder = Path(scratch)
        runs = Runs(folder, Home(options.home.resolve()))
        figures = {}
        for name, mib in (("small", 1), ("large", options.mib)):
            file = folder / f"{name}.jsonl"
            records = write(file, mib << 20)
            begun = time.monotonic()
            figures[name] = {"mib": mib, "records": records, **train(runs, name, file, options), "seconds": 0.0}
            figures[name]["seconds"] = round(time.monotonic() - begun, 1)
            file.unlink()
            print(json.dumps({name: figures[name]}), flush=True)
    more = figures["large"]["peak_mib"] - figures["small"]["peak_mib"]
    print(f"{options.mib} MiB take {more} MiB of memory more than 1 MiB; promised are {PROMISED_MIB}")
    return 0 if more <= PROMISED_MIB else 1


def write(file: Path, size: int) -> int:
    """Records until the file is so large; says how many."""
    chance = random.Random(1)
    written = count = 0
    with file.open("w", encoding="utf-8", newline="\n") as stream:
        while written < size:
            words = chance.choices(WORDS, k=chance.randint(20, 260))
            row = {"instruction": f"Say number {count}.", "output": " ".join(words)}
            written += stream.write(json.dumps(row) + "\n")
            count += 1
    return count


def train(runs: Runs, name: str, file: Path, options: argparse.Namespace) -> dict[str, Any]:
    """What a run's events say of its memory and its tokens."""
    job = runs.job(name, model=options.model, data=file, max_steps=options.steps, held_out=0, max_length=512)
    subprocess.run(
        [sys.executable, "-m", "doctor", "train", str(job), "--lang", "en"],
        cwd=Path(__file__).parent.parent.parent,
        env={**os.environ, "TUNEDOC_HOME": str(runs.home.root)},
        stdin=subprocess.DEVNULL,
        check=True,
    )
    events = runs.events(name)
    tokens = next(e for e in events if e["event"] == "staged" and e["stage"] == "tokenise" and e["seconds"])
    peak = max(event["peak_mib"] for event in events if event["event"] == "progressed")
    return {"peak_mib": peak, "tokens": tokens["detail"]["tokens"], "tokenise_seconds": tokens["seconds"]}


if __name__ == "__main__":
    sys.exit(main())
