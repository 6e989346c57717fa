"""Measure `tunedoc check` and `tunedoc --version` as whole processes, against what the project promises.

python tests/bench/check.py           prints JSON to stdout and words to stderr; exits 1 when a promise is broken
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
RUNS = 7
CHECK_SECONDS = 0.8
CHECK_MIB = 80.0
VERSION_RATIO = 2.5


def main() -> int:
    """Measure, print, compare."""
    with tempfile.TemporaryDirectory() as home:
        environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environ["TUNEDOC_HOME"] = home
        check_seconds, check_mib = measure([sys.executable, "-m", "doctor", "check"], environ)
        version_seconds, _ = measure([sys.executable, "-m", "doctor", "--version"], environ)
        bare_seconds, _ = measure([sys.executable, "-c", "pass"], environ)
    ratio = version_seconds / bare_seconds
    promises = {
        "check_seconds": (check_seconds, CHECK_SECONDS),
        "check_peak_mib": (check_mib, CHECK_MIB),
        "version_ratio": (ratio, VERSION_RATIO),
    }
    record: dict[str, object] = {
        name: {"measured": round(measured, 3), "promised": promised, "kept": measured <= promised}
        for name, (measured, promised) in promises.items()
    }
    record |= {
        "version_seconds": round(version_seconds, 4),
        "bare_python_seconds": round(bare_seconds, 4),
        "runs": RUNS,
    }
    print(json.dumps(record, indent=2))
    for name, (measured, promised) in promises.items():
        kept = "kept" if measured <= promised else "BROKEN"
        print(f"{name}: {measured:.3g}, promised at most {promised:g}: {kept}", file=sys.stderr)
    return int(any(measured > promised for measured, promised in promises.values()))


def measure(argv: list[str], environ: dict[str, str]) -> tuple[float, float]:
    """Median wall time in seconds and highest memory use in MiB of some runs, after one that warms the caches."""
    times: list[float] = []
    peak = 0.0
    for run in range(RUNS + 1):
        begun = time.perf_counter()
        process = subprocess.Popen(
            argv, cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        used, code = wait(process)
        if run:
            times.append(time.perf_counter() - begun)
        peak = max(peak, used)
        if code not in (0, 1):
            raise SystemExit(f"{' '.join(argv)} ended with exit code {code}")
    return statistics.median(times), peak


def wait(process: subprocess.Popen[bytes]) -> tuple[float, int]:
    """Wait for a process; its peak memory in MiB (on Windows as the process counters say) and its exit code."""
    if sys.platform == "win32":
        import psutil

        peak = 0
        watched = psutil.Process(process.pid)
        while process.poll() is None:
            try:
                peak = max(peak, watched.memory_info().peak_wset)
            except psutil.Error:
                break
            time.sleep(0.005)
        return peak / 1024**2, process.wait()
    else:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        per_mib = 1024**2 if sys.platform == "darwin" else 1024
        return usage.ru_maxrss / per_mib, process.returncode


if __name__ == "__main__":
    sys.exit(main())
