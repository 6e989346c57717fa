"""A tunedoc folder with a small environment that was really installed, for the tests that change environments."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.package_source import tiny_wheels, wheel

if TYPE_CHECKING:
    from collections.abc import Callable

    from doctor.paths import Home
    from tests.package_source import PackageSource

ROOT = Path(__file__).parent.parent
PATIENCE_SECONDS = 60 if sys.platform != "win32" else 240
"""No test is about time; this only ends one that would wait for ever."""
MANY = {
    # Under Wine every file costs some hundredths of a second.
    f"transformers/part_{number:03}.py": f"VALUE = {number}\n"
    for number in range(300 if sys.platform != "win32" else 40)
}


@dataclass
class Bench:
    """A tunedoc folder with one tiny environment, and where its packages come from."""

    home: Home
    environ: dict[str, str]
    source: PackageSource

    @property
    def name(self) -> str:
        return str(json.loads(self.home.current_environment.read_text(encoding="utf-8"))["environment"])

    @property
    def folder(self) -> Path:
        return self.home.environments / self.name

    @property
    def site(self) -> Path:
        venv = self.folder / "venv"
        (site,) = [*venv.glob("lib/python*/site-packages")] or [*venv.glob("Lib/site-packages")]
        return site

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "doctor", "env", *arguments]

    def run(self, *arguments: str) -> tuple[int, dict[str, Any]]:
        """Exit code and envelope."""
        ran = subprocess.run(
            [*self.command(*arguments), "--json"], env=self.environ, cwd=ROOT, capture_output=True, encoding="utf-8",
            stdin=subprocess.DEVNULL, timeout=PATIENCE_SECONDS, check=False,
        )  # fmt: skip
        assert "Traceback" not in ran.stderr, ran.stderr
        return ran.returncode, json.loads(ran.stdout)

    def repair(self, *arguments: str) -> dict[str, Any]:
        code, envelope = self.run("repair", *arguments)
        assert code == 0, envelope
        return dict(envelope["data"])

    def start_repair(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.command("repair"), env=self.environ, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, start_new_session=os.name != "nt",
        )  # fmt: skip

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End it and all that it started, as a power cut would."""
        if os.name == "nt":
            process.kill()
        else:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
        process.wait(PATIENCE_SECONDS)

    def contents(self) -> dict[str, bytes]:
        """Every file of site-packages but the compiled ones."""
        return {
            file.relative_to(self.site).as_posix(): file.read_bytes()
            for file in sorted(self.site.rglob("*"))
            if file.is_file() and file.suffix != ".pyc" and file.name not in ("INSTALLER", "REQUESTED", "RECORD")
        }


def bench_wheels() -> dict[str, bytes]:
    """The tiny wheels; one has many files, one a program, one needs another."""
    wheels = tiny_wheels()
    for name, files, requires in (
        ("transformers", {"transformers/__init__.py": "", **MANY}, ()),
        ("peft", {"peft/__init__.py": "import transformers\n"}, ("transformers", "rich ; extra == 'x'")),
        ("accelerate", {"accelerate/__init__.py": "def main():\n    print('well')\n",
                        "accelerate-0.1.dist-info/entry_points.txt":
                        "[console_scripts]\naccelerate = accelerate:main\n"}, ()),
    ):  # fmt: skip
        wheels |= dict([wheel(name, "0.1", files, requires=requires)])
    return wheels


def flip(file: Path, place: int = 0) -> None:
    """Turn one bit over where the file lies, so that whoever shares it by a hard link sees it too."""
    with file.open("r+b") as stream:
        stream.seek(place)
        byte = stream.read(1)
        stream.seek(place)
        stream.write(bytes([byte[0] ^ 1]))


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.002)
