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
LAST_WORDS_SECONDS = 5
"""How long after the end of pytest its pipe is read; a program that it left behind holds the pipe for ever."""
OUTSIDE = ROOT / "tests" / "windows" / "outside"
_INSTALLS = ("tests/doctor/apply", "tests/doctor/bundling", "tests/doctor/refreshing")
_DECIDING = (
    "catalogue", "catalogue_grid", "checks", "fields", "fit", "importing", "knowledge", "plan", "reading", "snapshot",
    "uv",
)  # fmt: skip
_PURE = tuple(f"tests/doctor/{room}" for room in _DECIDING)
_SERVED = ("tests/doctor/fetching", "tests/doctor/mirrors")
_COMMANDS = ("tests/doctor/cli",)
_TRAINED = tuple(f"tests/windows/inside/test_{what}.py" for what in ("install_real", "training", "export"))
"""What uses the training environment that the lab keeps."""
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
class Share:
    """Tests that run together in one Windows. Two shares run at a time, one for each core."""

    name: str
    arguments: tuple[str, ...]
    """pytest's."""
    drives: bool = False
    """Whether they ask which drives there are."""
    exit_code: int = 1
    counts: Counts = field(default_factory=Counts)
    seconds: float = 0.0
    said: list[str] = field(default_factory=list)


def shares() -> list[Share]:
    """The first needs the lab's own Windows with what it keeps. The longest come first."""
    rest = tuple(f"--ignore={place}" for place in (*_INSTALLS, *_PURE, *_SERVED, *_COMMANDS))
    others = tuple(f"--ignore={place}" for place in _TRAINED)
    return [
        Share("training", _TRAINED),
        Share("installs", _INSTALLS),
        Share("scenarios", ("tests/windows/inside", *others), drives=True),
        Share("the rest of the doctor's suite", ("tests/doctor", *rest), drives=True),
        Share("from outside", (str(OUTSIDE),)),
        Share("deciding", _PURE),
        Share("commands", _COMMANDS),
        Share("contracts", ("tests/contracts",)),
        Share("servers", _SERVED),
    ]


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
    # A session that began without a screen has none.
    lab.down()
    with screen() as display:
        if arguments:
            done = [Share("chosen", tuple(arguments))]
            run_inside(done[0], lab, deadline, display)
        else:
            done = run_shares(lab, deadline, display)
    lab.down()
    code = next((share.exit_code for share in done if share.exit_code), 0)
    counts = sum((share.counts for share in done), Counts())
    for share in done:
        print(f"{share.name}: {_summary(share.counts)} in {share.seconds / 60:.1f} min")
    if not arguments and counts.passed < FEWEST:
        print(f"fewer than {FEWEST} tests passed under Windows Python")
        code = code or 1
    print(f"the tests on Windows took {(time.monotonic() - begun) / 60:.1f} min, the lab included")
    print(_summary(counts), flush=True)
    return code


def run_shares(lab: Lab, deadline: float, display: dict[str, str]) -> list[Share]:
    """All of it: two threads, each with a Windows for either kind of share, take what is next."""
    done = shares()
    waiting = list(done)
    shown = threading.Lock()
    mount_manager(lab, on=True)
    # Copies are without what the lab keeps in C:\\lab: gigabytes that nobody else uses.
    with_drives, other, other_with_drives, outer = (
        lab.clone(lab.places.folder / name, without=("lab",)) for name in ("with drives", "second", "third", "outer")
    )

    def work(plain: Lab, with_drives: Lab) -> None:
        while True:
            with shown:
                if not waiting:
                    return
                share = waiting.pop(0)
                print(f"{share.name}: begun", flush=True)
            begun = time.monotonic()
            if share.name == "from outside":
                run_outside(share, outer, deadline)
            else:
                run_inside(share, with_drives if share.drives else plain, deadline, display)
            share.seconds = time.monotonic() - begun
            with shown:
                print("".join(share.said))
                print(f"{share.name}: {_summary(share.counts)} in {share.seconds / 60:.1f} min", flush=True)

    mount_manager(lab, on=False)
    mount_manager(other, on=False)
    try:
        threads = [
            threading.Thread(target=work, args=pair) for pair in ((lab, with_drives), (other, other_with_drives))
        ]
        for thread in threads:
            thread.start()
            # The first share is for the lab's own.
            time.sleep(1)
        for thread in threads:
            thread.join()
    finally:
        mount_manager(lab, on=True)
    return done


def mount_manager(lab: Lab, *, on: bool) -> None:
    """Switch Wine's mount manager, which is asked for the disk at every look at a file: without it what opens many
    files takes a third less, and programs that ask which drives there are get no answer."""
    service = r"HKLM\System\CurrentControlSet\Services\MountMgr"
    switched = lab.run(["reg", "add", service, "/v", "Start", "/t", "REG_DWORD", "/d", "2" if on else "4", "/f"])
    if switched.returncode != 0:
        print(f"the mount manager stays as it is: {switched.stdout}{switched.stderr}")
    lab.down()


def run_inside(share: Share, lab: Lab, deadline: float, display: dict[str, str]) -> None:
    """pytest under Windows' Python. Its report is a file, since a run that was ended early has no last line."""
    report = lab.drive_c / "lab" / "report.xml"
    report.parent.mkdir(exist_ok=True)
    report.unlink(missing_ok=True)
    compiled = windows_path(lab.places.folder / "compiled")
    argv = [
        lab.python, "-X", "warn_default_encoding", "-X", f"pycache_prefix={compiled}", "-m", "pytest",
        "-m", "not slow", "-p", "no:cacheprovider", "--basetemp", r"C:\lab\temporary",
        "--junitxml", r"C:\lab\report.xml", "--durations=15", "-o", "console_output_style=classic",
        "-o", f"faulthandler_timeout={HANG_SECONDS}", "-o", "faulthandler_exit_on_timeout=true", *share.arguments,
    ]  # fmt: skip
    ours = {name: value for name, value in os.environ.items() if name.startswith("TUNEDOC_TEST")}
    process = lab.start(argv, environ=ours | display, stderr=subprocess.STDOUT)
    # With all that it started: whoever is left would hold the pipe.
    ended = threading.Timer(max(1.0, deadline - time.monotonic()), lab.down)
    ended.start()

    read = threading.Event()

    def let_go() -> None:
        process.wait()
        if not read.wait(LAST_WORDS_SECONDS):
            lab.down()

    threading.Thread(target=let_go, daemon=True).start()
    assert process.stdout is not None
    for line in process.stdout:
        # It may come in the middle of pytest's dots.
        words, noise, _ = line.partition(_NOISE)
        share.said.append(words if noise else line)
    read.set()
    share.exit_code = process.wait()
    if ended.finished.is_set():
        share.said.append(f"ended at the limit of {LIMIT_SECONDS // 60} minutes: {share.name}\n")
        share.exit_code = share.exit_code or 1
    ended.cancel()
    share.counts = read_report(report)
    lab.down()


def run_outside(share: Share, lab: Lab, deadline: float) -> None:
    """The tests that drive Windows programs from this side."""
    report = lab.drive_c / "lab" / "report.xml"
    report.parent.mkdir(exist_ok=True)
    argv = [sys.executable, "-X", "warn_default_encoding", "-m", "pytest", *share.arguments, "--durations=15"]
    argv += ["-p", "no:cacheprovider", "--junitxml", str(report)]
    argv += ["-o", f"faulthandler_timeout={HANG_SECONDS}", "-o", "faulthandler_exit_on_timeout=true"]
    environ = {**os.environ, "PYTHONDONTWRITEBYTECODE": "", "TUNEDOC_WINDOWS_PREFIX": str(lab.prefix)}
    try:
        ran = subprocess.run(
            argv, cwd=ROOT, env=environ, timeout=max(60.0, deadline - time.monotonic()), encoding="utf-8",
            errors="replace", stdout=subprocess.PIPE, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
        )  # fmt: skip
        share.exit_code = ran.returncode
        share.said.append(ran.stdout)
    except subprocess.TimeoutExpired as exc:
        said = exc.stdout or b""
        share.said.append(said.decode("utf-8", "replace") if isinstance(said, bytes) else said)
        share.said.append(f"ended at the limit of {LIMIT_SECONDS // 60} minutes: {share.name}\n")
    share.counts = read_report(report)
    lab.down()


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
