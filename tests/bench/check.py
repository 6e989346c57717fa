"""Measure `tunedoc check` and `tunedoc --version` as whole processes, against what the project promises.

python tests/bench/check.py           prints JSON to stdout and words to stderr; exits 1 when a promise is broken

`check` looks at two simulated GPUs (where there is a C compiler) and at the training environment that the tests build
(`.tunedoc/test-home`, or the home that --home names), beside PyTorch's own collect_env in that environment.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
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
COLLECT_ENV_RATIO = 8.0
"""So many times as long takes `python -m torch.utils.collect_env`, at least."""
CARDS = "driver 581.29\ncuda 13000\n" + "gpu NVIDIA GeForce RTX 5060 Ti\ncapability 12 0\nmemory 16311\n" * 2


def main() -> int:
    """Measure, print, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, default=ROOT / ".tunedoc" / "test-home")
    home: Path = parser.parse_args().home
    with tempfile.TemporaryDirectory() as folder:
        environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        environ |= {"TUNEDOC_HOME": str(home), **two_cards(Path(folder))}
        check = [sys.executable, "-m", "doctor", "check"]
        check_seconds, check_mib = measure(check, environ)
        version_seconds, _ = measure([sys.executable, "-m", "doctor", "--version"], environ)
        bare_seconds, _ = measure([sys.executable, "-c", "pass"], environ)
        python = training_python(home)
        collect_seconds, beside_seconds = (
            beside([python, "-m", "torch.utils.collect_env"], check, environ) if python else (None, None)
        )
    promises = {
        "check_seconds": (check_seconds, CHECK_SECONDS),
        "check_peak_mib": (check_mib, CHECK_MIB),
        "version_ratio": (version_seconds / bare_seconds, VERSION_RATIO),
    }
    if collect_seconds is not None and beside_seconds is not None:
        promises["check_by_collect_env"] = (beside_seconds / collect_seconds, 1 / COLLECT_ENV_RATIO)
    record: dict[str, object] = {
        name: {"measured": round(measured, 3), "promised": round(promised, 3), "kept": measured <= promised}
        for name, (measured, promised) in promises.items()
    }
    record |= {
        "version_seconds": round(version_seconds, 4),
        "bare_python_seconds": round(bare_seconds, 4),
        "collect_env_seconds": None if collect_seconds is None else round(collect_seconds, 3),
        "collect_env_times_slower": (
            None if collect_seconds is None or beside_seconds is None else round(collect_seconds / beside_seconds, 1)
        ),
        "simulated_gpus": 2 if "TUNEDOC_SIMULATED_NVML" in environ else 0,
        "runs": RUNS,
    }
    print(json.dumps(record, indent=2))
    for name, (measured, promised) in promises.items():
        kept = "kept" if measured <= promised else "BROKEN"
        print(f"{name}: {measured:.3g}, promised at most {promised:.3g}: {kept}", file=sys.stderr)
    if collect_seconds is None:
        print(f"no training environment under {home}: not compared with collect_env", file=sys.stderr)
    return int(any(measured > promised for measured, promised in promises.values()))


def two_cards(folder: Path) -> dict[str, str]:
    """Variables that put two simulated GPUs before the real nvidia-ml-py; none without a C compiler."""
    compiler = shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        return {}
    source = ROOT / "tests" / "nvml" / "simulated.c"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", str(folder / "libnvidia-ml.so.1"), str(source)], check=True
    )
    (folder / "cards.txt").write_text(CARDS, encoding="utf-8")
    return {"LD_LIBRARY_PATH": str(folder), "TUNEDOC_SIMULATED_NVML": str(folder / "cards.txt")}


def training_python(home: Path) -> str | None:
    """The Python of the training environment in use there."""
    sys.path.insert(0, str(ROOT))
    from doctor.environment import current_environment
    from doctor.paths import Home

    environment = current_environment(Home(home))
    return str(environment.python) if environment else None


def measure(argv: list[str], environ: dict[str, str], runs: int = RUNS) -> tuple[float, float]:
    """Median wall time in seconds and highest memory use in MiB of some runs, after one that warms the caches."""
    times: list[float] = []
    peak = 0.0
    for run in range(runs + 1):
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


def beside(slow: list[str], quick: list[str], environ: dict[str, str], rounds: int = 5) -> tuple[float, float]:
    """Median seconds of two programs that take turns, so that a machine that is busy for a while slows both."""
    pairs = [(measure(slow, environ, 1)[0], measure(quick, environ, 1)[0]) for _ in range(rounds)]
    return statistics.median(each[0] for each in pairs), statistics.median(each[1] for each in pairs)


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
