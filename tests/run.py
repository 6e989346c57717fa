"""All that CI runs, in order: format, lint, import contracts, types twice, the wheel in a clean environment, tests.

sh installers/test.sh              everything, the tests under Windows' Python (in Wine) included
sh installers/test.sh --quick      without the tests that need the training environment or Windows
sh installers/test.sh -k words     arguments of pytest; then only the tests run
sh installers/test.sh --windows    only the tests on Windows; arguments of pytest may follow
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORKERS = max(1, min(os.cpu_count() or 1, 4))
"""How many tests run at a time. Those that train or install use more than a core, and gigabytes."""


def main(arguments: list[str]) -> int:
    """Run every step; the first that fails ends the run with its exit code."""
    scripts = Path(sys.executable).parent
    python = [sys.executable, "-X", "warn_default_encoding"]
    quick = "--quick" in arguments
    only_windows = "--windows" in arguments
    chosen = [word for word in arguments if word not in ("--quick", "--windows")]
    tests = [*python, "-m", "pytest", *(["-m", "not slow"] if quick else []), *chosen]
    if not chosen:
        # Those on Windows have a step of their own. A file's tests stay together: they share what takes long to make.
        tests += ["--ignore=tests/windows", f"-n{WORKERS}", "--dist=loadfile", "--no-loadscope-reorder"]
    on_windows = [*python, str(ROOT / "tests" / "windows" / "run.py"), *(chosen if only_windows else [])]
    steps = {
        "format": [scripts / "ruff", "format", "--check", "."],
        "lint": [scripts / "ruff", "check", "."],
        "import contracts": [scripts / "lint-imports", "--no-cache"],
        "types": [scripts / "mypy"],
        "types on Windows": [scripts / "mypy", "--platform", "win32"],
        "wheel": [*python, str(ROOT / "tests" / "wheel.py")],
        "training environment": [*python, "-m", "tests.training_environment"],
        "tests": tests,
        "tests on Windows": on_windows,
    }
    wanted = set(steps)
    if only_windows:
        wanted = {"tests on Windows"}
    elif chosen:
        wanted = {"tests"}
    elif quick:
        wanted -= {"training environment", "tests on Windows"}
    for name, argv in steps.items():
        if name not in wanted:
            continue
        print(f"── {name}", flush=True)
        begun = time.monotonic()
        environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
        code = subprocess.run([str(word) for word in argv], cwd=ROOT, env=environ).returncode
        print(f"── {name}: {'ok' if code == 0 else 'FAILED'} in {time.monotonic() - begun:.0f} s", flush=True)
        if code != 0:
            return code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
