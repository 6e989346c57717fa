"""Measure `tunedoc explain` on a 5 MB log as a whole process, and the slowest that hostile lines can make a pattern.

python tests/bench/explain.py         prints JSON to stdout and words to stderr; exits 1 when a promise is broken
"""

from __future__ import annotations

import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT))

RUNS = 5
LOG_SECONDS = 1.5
GROWTH = 3.0
"""A hostile text of twice the size may take this many times as long: 2 is linear, the rest is for the clock."""


def main() -> int:
    """Measure, print, compare."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "train.log"
        log.write_bytes(training_log(5_000_000))
        environ = {**os.environ, "TUNEDOC_HOME": folder}
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
        seconds = statistics.median(run(log, environ) for _ in range(RUNS + 1))
    half, full = hostile(1_250_000), hostile(2_500_000)
    hostile_half, hostile_full = explain_seconds(half), explain_seconds(full)
    promises = {"log_seconds": (seconds, LOG_SECONDS), "hostile_growth": (hostile_full / hostile_half, GROWTH)}
    record: dict[str, object] = {
        name: {"measured": round(measured, 3), "promised": promised, "kept": measured <= promised}
        for name, (measured, promised) in promises.items()
    }
    record["hostile_seconds"] = {"1.25 MB": round(hostile_half, 3), "2.5 MB": round(hostile_full, 3)}
    print(json.dumps(record, indent=2))
    for name, (measured, promised) in promises.items():
        kept = "kept" if measured <= promised else "BROKEN"
        print(f"{name}: {measured:.3g}, promised at most {promised:g}: {kept}", file=sys.stderr)
    return int(any(measured > promised for measured, promised in promises.values()))


def run(log: Path, environ: dict[str, str]) -> float:
    """Seconds of one whole process."""
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "doctor", "explain", str(log), "--json"], cwd=ROOT, env=environ, capture_output=True
    )
    if b"no kernel image" not in done.stdout:
        raise SystemExit("the cause was not found")
    return time.perf_counter() - begun


def explain_seconds(raw: bytes) -> float:
    """Seconds inside a process that has everything loaded; the best of three."""
    from doctor.catalogue.load import load_catalogue
    from doctor.explaining import explain
    from doctor.knowledge.load import load_knowledge

    catalogue, entries = load_catalogue(), load_knowledge()
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        explain(raw, catalogue, entries)
        times.append(time.perf_counter() - begun)
    return min(times)


def training_log(size: int) -> bytes:
    """A log of a long training run with all that makes lines unlike each other, and the error at its end."""
    chance = random.Random(7)
    words = [
        "torch",
        "cuda",
        "error",
        "windows",
        "driver",
        "version",
        "memory",
        "GPU",
        "triton",
        "file",
        "could",
        "not",
    ]
    lines: list[str] = []
    written = 0
    while written < size:
        match chance.randrange(10):
            case 0 | 1 | 2 | 3:
                line = f"{{'loss': {chance.random():.4f}, 'grad_norm': {chance.random():.3f}, 'epoch': 0.37}}"
            case 4 | 5:
                line = f"[10:00:00] [trainer.py:{chance.randrange(3000)}] step {written} {chance.getrandbits(128):x}"
            case 6:
                line = (
                    f'  File "/opt/venv/lib/python3.11/site-packages/pkg/m{chance.getrandbits(24):x}.py", line 7, in f'
                )
            case 7:
                line = f"Map: {chance.randrange(100)}%|####| {written}/99999 [00:07<01:00, 812.5 examples/s]\r"
            case _:
                line = " ".join(chance.choices(words, k=12)) + f" {chance.getrandbits(64):x}"
        lines.append(line)
        written += len(line) + 1
    lines.append("NVIDIA GeForce RTX 5060 Ti with CUDA capability sm_120 is not compatible with the current PyTorch")
    lines.append("RuntimeError: CUDA error: no kernel image is available for execution on the device")
    return "\n".join(lines).encode()


def hostile(size: int) -> bytes:
    """Lines made of the patterns' own beginnings and of what their quantifiers like, never quite a match."""
    from doctor.knowledge.load import load_knowledge

    chance = random.Random(11)
    literals = [
        literal for entry in load_knowledge() for pattern in (*entry.any, *entry.all) for literal in pattern.literals
    ]
    fillers = ["a", "_", "a.", "0", "0.", " ", "\\", "/", "-", "=", "a ", "'", "(", "sm_1"]
    lines: list[str] = []
    written = 0
    while written < size:
        line = "".join(
            chance.choice(literals) + chance.choice(fillers) * chance.randrange(1, 120)
            for _ in range(chance.randrange(1, 9))
        )
        lines.append(line)
        written += len(line) + 1
    return "\n".join(lines).encode()


if __name__ == "__main__":
    raise SystemExit(main())
