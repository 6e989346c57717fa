"""The tests on Windows: the doctor's suite and scenarios under Windows' Python, then those that drive it from outside.

python tests/windows/run.py                    all of it
python tests/windows/run.py tests/doctor/host  arguments of pytest; then one Windows Python runs only those
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass, field
from pathlib import Path

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from tests.windows.lab import ROOT, Lab, NoLab, screen, windows_path

FEWEST = 150
"""Fewer passed tests than this mean that something kept them from being found."""
LIMIT_SECONDS = 45 * 60
HANG_SECONDS = 480
"""A test that takes longer is taken to hang: its stack is shown, and its run ends."""
OUTSIDE = ROOT / "tests" / "windows" / "outside"
INSIDE = ROOT / "tests" / "windows" / "inside"
_HALVES = (
    ("tests/windows/inside", "tests/contracts", "tests/doctor"),
    (
        "tests/doctor/apply", "tests/doctor/bundling", "tests/doctor/refreshing", "tests/doctor/catalogue",
        "tests/doctor/catalogue_grid", "tests/doctor/checks", "tests/doctor/fetching", "tests/doctor/knowledge",
        "tests/doctor/mirrors", "tests/doctor/plan", "tests/doctor/reading", "tests/doctor/uv",
    ),
)  # fmt: skip
"""What each of two Windows runs, one for each core; the first leaves out what the second has."""
_NOISE = "wine: Read access denied for device"
"""Said by Wine about the disk that the checkout lies on, whoever may read what."""


@dataclass
class Counts:
    """How the tests of one run came out."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)


@dataclass
class Half:
    """One Windows with its share of the tests."""

    name: str
    lab: Lab
    arguments: tuple[str, ...]
    live: bool
    """Whether its words are shown as they come, or when it has ended; that one also has a screen."""
    exit_code: int = 1
    counts: Counts = field(default_factory=Counts)
    said: list[str] = field(default_factory=list)


def main(arguments: list[str]) -> int:
    """0 when all passed, or when this machine can have no lab."""
    begun = time.monotonic()
    lab = Lab()
    try:
        lab.up()
    except NoLab as exc:
        print(f"the tests on Windows are left out: {exc}")
        return 0
    deadline = begun + LIMIT_SECONDS
    if arguments:
        halves = [Half("chosen", lab, tuple(arguments), live=True)]
    else:
        # Made anew, and without what the scenarios keep in C:\\lab: gigabytes that only the first half uses.
        second = lab.clone(lab.places.folder / "second", without=("lab",))
        without_volume_names(second)
        left_out = tuple(f"--ignore={place}" for place in _HALVES[1])
        first_places = tuple(place for place in _HALVES[0] if any((ROOT / place).rglob("test_*.py")))
        halves = [
            Half("first", lab, (*first_places, *left_out), live=True),
            Half("second", second, _HALVES[1], live=False),
        ]
    # A session that began without a screen has none.
    lab.down()
    with screen() as display:
        threads = [threading.Thread(target=run_inside, args=(half, deadline, display)) for half in halves]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    for half in halves:
        if not half.live:
            print("".join(half.said), flush=True)
    code = next((half.exit_code for half in halves if half.exit_code), 0)
    counts = sum((half.counts for half in halves), Counts())
    minutes = (time.monotonic() - begun) / 60
    print(f"{_summary(counts)} under Windows Python in {minutes:.1f} min, the lab included", flush=True)
    if not arguments:
        if counts.passed < FEWEST:
            print(f"fewer than {FEWEST} tests passed under Windows Python")
            code = code or 1
        code = run_outside(deadline) or code
        print(f"the tests on Windows took {(time.monotonic() - begun) / 60:.1f} min")
    lab.down()
    return code


def without_volume_names(lab: Lab) -> None:
    """Switch Wine's mount manager off, which is asked for the disk at every look at a file: installs take a third
    less. Programs that ask which drives there are get no answer; what is about drives is in the other half."""
    manager = r"HKLM\System\CurrentControlSet\Services\MountMgr"
    switched = lab.run(["reg", "add", manager, "/v", "Start", "/t", "REG_DWORD", "/d", "4", "/f"])
    if switched.returncode != 0:
        print(f"the mount manager stays on: {switched.stdout}{switched.stderr}")
    lab.down()


def run_inside(half: Half, deadline: float, display: dict[str, str]) -> None:
    """pytest under Windows' Python. Its report is a file, since a run that was ended early has no last line."""
    report = half.lab.drive_c / "lab" / "report.xml"
    report.parent.mkdir(exist_ok=True)
    report.unlink(missing_ok=True)
    compiled = windows_path(half.lab.places.folder / "compiled")
    argv = [
        half.lab.python, "-X", "warn_default_encoding", "-X", f"pycache_prefix={compiled}", "-m", "pytest",
        "-m", "not slow", "-p", "no:cacheprovider", "--basetemp", r"C:\lab\temporary",
        "--junitxml", r"C:\lab\report.xml", "--durations=15", "-o", "console_output_style=classic",
        "-o", f"faulthandler_timeout={HANG_SECONDS}", "-o", "faulthandler_exit_on_timeout=true", *half.arguments,
    ]  # fmt: skip
    ours = {name: value for name, value in os.environ.items() if name.startswith("TUNEDOC_TEST")}
    process = half.lab.start(argv, environ=ours | (display if half.live else {}), stderr=subprocess.STDOUT)
    # With all that it started: whoever is left would hold the pipe.
    ended = threading.Timer(max(1.0, deadline - time.monotonic()), half.lab.down)
    ended.start()
    assert process.stdout is not None
    for line in process.stdout:
        # It may come in the middle of pytest's dots.
        words, noise, _ = line.partition(_NOISE)
        shown = words if noise else line
        half.said.append(shown)
        if half.live:
            print(shown, end="", flush=True)
    half.exit_code = process.wait()
    if ended.finished.is_set():
        print(f"the {half.name} run was ended at the limit of {LIMIT_SECONDS // 60} minutes", flush=True)
    ended.cancel()
    half.counts = read_report(report)
    half.lab.down()


def run_outside(deadline: float) -> int:
    """The tests that drive Windows programs from this side."""
    if not any(OUTSIDE.glob("test_*.py")):
        return 0
    argv = [sys.executable, "-X", "warn_default_encoding", "-m", "pytest", str(OUTSIDE), "--durations=5"]
    argv += ["-o", f"faulthandler_timeout={HANG_SECONDS}", "-o", "faulthandler_exit_on_timeout=true"]
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    try:
        return subprocess.run(argv, cwd=ROOT, env=environ, timeout=max(60.0, deadline - time.monotonic())).returncode
    except subprocess.TimeoutExpired:
        print(f"the tests from outside were ended at the limit of {LIMIT_SECONDS // 60} minutes")
        return 1


def read_report(file: Path) -> Counts:
    """The counts of pytest's report; none where there is none."""
    if not file.exists():
        return Counts()
    total = Counts()
    for suite in ElementTree.parse(file).getroot().iter("testsuite"):
        of = {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}
        failed = of["failures"] + of["errors"]
        total += Counts(of["tests"] - failed - of["skipped"], failed, of["skipped"])
    return total


def _summary(counts: Counts) -> str:
    return f"{counts.passed} passed, {counts.failed} failed, {counts.skipped} skipped"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
