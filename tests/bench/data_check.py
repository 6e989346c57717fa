"""Measure `tunedoc data check` as a whole process on a large file: megabytes a second and peak memory.

python tests/bench/data_check.py [--mb 100]      prints JSON to stdout
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

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> None:
    """Write a file, check it in both ways, tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mb", type=int, default=100)
    megabytes: int = parser.parse_args().mb
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "records.jsonl"
        records = write(file, megabytes)
        found = {name: measure(file, *options) for name, options in (("quick", ["--quick"]), ("near", []))}
    print(json.dumps({"megabytes": megabytes, "records": records, **found}, indent=2))


def write(file: Path, megabytes: int) -> int:
    """Alpaca records of 150 made-up words; one in a thousand is the same as another, one in a thousand nearly so."""
    chance = random.Random(1)
    words = ["".join(chance.choices("abcdefghijklmnop", k=chance.randrange(2, 9))) for _ in range(5000)]
    count = 0
    last: list[str] = []
    with file.open("w", encoding="utf-8", newline="\n") as stream:
        while stream.tell() < megabytes * 1_000_000:
            told = chance.choices(words, k=150)
            if count % 1000 == 999:
                told = last if count % 2000 == 999 else [*last[:-1], "changed"]
            row = {"instruction": " ".join(told[:30]), "input": "", "output": " ".join(told[30:])}
            stream.write(json.dumps(row) + "\n")
            last = told
            count += 1
    return count


def measure(file: Path, *options: str) -> dict[str, float | int]:
    """Seconds, speed and peak memory of one check, and what it found."""
    begun = time.perf_counter()
    command = [sys.executable, "-m", "doctor", "data", "check", str(file), "--json", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        told = json.loads(process.stdout.read())
        # wait4 tells of this child alone.
        _, _, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begun
    return {
        "seconds": round(seconds, 2),
        "processor_seconds": round(usage.ru_utime + usage.ru_stime, 2),
        "mb_per_second": round(file.stat().st_size / 1e6 / (usage.ru_utime + usage.ru_stime), 1),
        "peak_mib": usage.ru_maxrss // 1024,
        **told["data"]["files"][0]["counts"],
    }


if __name__ == "__main__":
    main()
