"""A machine with a tunedoc folder of its own, on which the real command installs tiny stacks."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doctor.environment import current_environment
from doctor.paths import Home
from doctor.uv.program import find_uv
from tests.package_source import clean_environ, tiny_catalogue

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parent.parent
PATIENCE_SECONDS = 240
"""No test is about time; this only ends one that would wait for ever."""


@dataclass
class Machine:
    """A tunedoc folder, and the variables that its commands get."""

    home: Home
    environ: dict[str, str]
    catalogue: Path

    @staticmethod
    def at(folder: Path, **variables: str) -> Machine:
        """A machine whose folder has a blank and Chinese letters in its name, and its own uv cache."""
        home = Home(folder / "我的 tunedoc")
        catalogue = tiny_catalogue(folder / "wheels.toml")
        environ = clean_environ(
            TUNEDOC_HOME=str(home.root), TUNEDOC_CATALOGUE=str(catalogue), UV_CACHE_DIR=str(folder / "uv cache")
        )
        return Machine(home, environ | variables, catalogue)

    def known(self, index: str, **pins: str) -> Machine:
        """With a catalogue whose torch comes from this index."""
        tiny_catalogue(self.catalogue, index=index, **pins)
        return self

    def uv(self, *arguments: str) -> str:
        """What uv prints when it is run by hand on this machine."""
        environ = {name.replace("PIP_INDEX_URL", "UV_DEFAULT_INDEX"): value for name, value in self.environ.items()}
        ran = subprocess.run(
            [find_uv(), *arguments], env=environ, capture_output=True, encoding="utf-8", timeout=PATIENCE_SECONDS
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "doctor", *arguments]

    def run(self, *arguments: str) -> tuple[int, dict[str, Any], str]:
        """Exit code, envelope and stderr of a command with --json."""
        ran = subprocess.run(
            self.command(*arguments, "--json"), env=self.environ, cwd=ROOT, capture_output=True, encoding="utf-8",
            stdin=subprocess.DEVNULL, timeout=PATIENCE_SECONDS, check=False,
        )  # fmt: skip
        return ran.returncode, json.loads(ran.stdout), ran.stderr

    def install(self, *arguments: str) -> dict[str, Any]:
        code, envelope, stderr = self.run("install", "--yes", *arguments)
        assert code == 0, (envelope, stderr)
        return dict(envelope["data"])

    def fails(self, *arguments: str) -> dict[str, Any]:
        """The one error of an install that fails as it should: with exit code 3 and nothing left behind."""
        code, envelope, stderr = self.run("install", "--yes", *arguments)
        assert code == 3, (envelope, stderr)
        assert "Traceback" not in stderr, stderr
        assert self.folders() == ([] if self.in_use() is None else [self.in_use()])
        return dict(envelope["errors"][0])

    def start(self) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command("install", "--yes"), env=self.environ, cwd=ROOT, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
        )  # fmt: skip

    def in_use(self) -> str | None:
        environment = current_environment(self.home)
        return None if environment is None else environment.folder.name

    def version_in_use(self, package: str) -> str:
        """What the environment in use says, asked of its own Python."""
        environment = current_environment(self.home)
        assert environment is not None
        words = f"import {package}; from importlib.metadata import version; print(version({package!r}))"
        ran = subprocess.run([environment.python, "-c", words], capture_output=True, encoding="utf-8", check=True)
        return ran.stdout.strip()

    def folders(self) -> list[str]:
        return sorted(entry.name for entry in self.home.environments.iterdir() if entry.is_dir())


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.02)
