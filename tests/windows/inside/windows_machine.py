"""This Windows as the scenarios use it: the real command in a process of its own, the registry, a simulated driver."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from doctor.catalogue.load import load_catalogue
from doctor.cli.findings import finding_record
from doctor.diagnosis import causes, diagnose
from doctor.paths import Home
from doctor.snapshot.codec import from_json

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.snapshot.model import Snapshot

ROOT = Path(__file__).parent.parent.parent.parent
PATIENCE_SECONDS = 300
"""No test is about time; this only ends one that would wait for ever."""
KEPT_HOME = Home(Path("C:/lab/医生 的家"))
"""A tunedoc folder that outlives the run (the fixture `windows_home`); its name has Chinese letters and a blank."""
KEPT_CACHE = Path("C:/lab/uv cache")
COMPILED_DRIVER = Path("C:/driver/NVIDIA Corporation/NVSMI/nvml.dll")
"""tests/nvml/simulated.c, as the lab has compiled it."""
RTX_5060_TI = "gpu NVIDIA GeForce RTX 5060 Ti\ncapability 12 0\nmemory 16311\n"
TWO_CARDS = "driver 581.29\ncuda 13000\n" + RTX_5060_TI + RTX_5060_TI
LETTERS = "微调 医生"
"""Part of the names of folders: letters that code page 1252 does not have, and a blank."""

_LEADS_ELSEWHERE = (
    "CUDA_", "PIP_", "UV_", "PYTORCH_", "HF_", "SSL_", "REQUESTS_", "CURL_", "TUNEDOC_", "PYTHONIO", "PYTHONUTF8",
    "LC_", "LANG",
)  # fmt: skip


def clean_environ(**more: str | None) -> dict[str, str]:
    """This process's variables without those that would change what the command says; None takes one more out."""
    kept = {name: value for name, value in os.environ.items() if not name.upper().startswith(_LEADS_ELSEWHERE)}
    return changed(kept, more)


def changed(environ: Mapping[str, str], more: Mapping[str, str | None]) -> dict[str, str]:
    """Variables with others laid over them; names in upper case, as Windows compares them."""
    merged = {name.upper(): value for name, value in environ.items()}
    merged |= {name.upper(): value for name, value in more.items()}  # type: ignore[misc]
    return {name: value for name, value in merged.items() if value is not None}


def kept_environ(home: Home) -> dict[str, str]:
    """The variables of commands that use the kept folder: this process's own, with the lab's index and certificates."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("TUNEDOC_", "PYTHONIO"))}
    own = {"TUNEDOC_HOME": str(home.root), "TUNEDOC_LANG": "en", "UV_CACHE_DIR": str(KEPT_CACHE)}
    return kept | own | {"OMP_NUM_THREADS": "1"}


@dataclass
class Judged:
    """What the checks found."""

    findings: dict[str, dict[str, Any]]
    """As in the envelope, by the ids of the checks."""
    causes: list[str]

    def status(self, check: str) -> str:
        return str(self.findings[check]["status"])

    def said(self, check: str) -> str:
        """Everything that a finding says, in lower case."""
        finding = self.findings[check]
        told = [finding["summary"], finding["cause"], finding["evidence"], finding["fixes"]]
        return json.dumps(told, ensure_ascii=False).lower()


def judged(snapshot: Snapshot) -> Judged:
    """The shipped catalogue's and all checks' word on a machine."""
    diagnosis = diagnose(snapshot, load_catalogue())
    records = (finding_record(finding, "en") for finding in diagnosis.findings)
    return Judged({record["check"]: record for record in records}, [each.check for each in causes(diagnosis)])


@dataclass(kw_only=True)
class WindowsMachine:
    """A tunedoc folder on this Windows, and the variables that its commands get."""

    home: Home
    environ: dict[str, str]

    @staticmethod
    def at(folder: Path, **more: str | None) -> WindowsMachine:
        home = Home(folder / f"{LETTERS} home")
        return WindowsMachine(home=home, environ=clean_environ(TUNEDOC_HOME=str(home.root), TUNEDOC_LANG="en", **more))

    def run(self, *arguments: str, **more: str | None) -> subprocess.CompletedProcess[bytes]:
        """Carry out one command to its end; a traceback is a failure whatever was asked."""
        done = subprocess.run(
            self.command(*arguments), env=changed(self.environ, more), cwd=ROOT, capture_output=True,
            stdin=subprocess.DEVNULL, timeout=PATIENCE_SECONDS, check=False,
        )  # fmt: skip
        assert b"Traceback" not in done.stderr, done.stderr.decode("utf-8", "replace")
        return done

    def start(self, *arguments: str, **more: str | None) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.command(*arguments), env=changed(self.environ, more), cwd=ROOT, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def command(self, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "doctor", *arguments]

    def envelope(self, *arguments: str, **more: str | None) -> dict[str, Any]:
        """What a command with --json answers."""
        done = self.run(*arguments, "--json", **more)
        answer: dict[str, Any] = json.loads(done.stdout)
        assert answer["exit_code"] == done.returncode, (answer, done.stderr.decode("utf-8", "replace"))
        assert not any(error["code"] == "crashed" for error in answer["errors"]), answer
        return answer

    def check(self, *arguments: str, **more: str | None) -> Judged:
        """What `check` finds."""
        data = self.envelope("check", *arguments, **more)["data"]
        return Judged({finding["check"]: finding for finding in data["findings"]}, data["causes"])

    def look(self, **more: str | None) -> tuple[dict[str, Any], Judged]:
        """A snapshot taken by the command, and what the checks find in it: one process for both."""
        done = self.run("snapshot", **more)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout), judged(from_json(done.stdout.decode(), "snapshot"))


@dataclass(kw_only=True)
class SimulatedDriver:
    """An NVIDIA driver as far as its management library goes; what it says can be changed at any time."""

    folder: Path

    @staticmethod
    def at(folder: Path) -> SimulatedDriver:
        """In a folder that stands for C:\\Windows: drivers put their library into System32."""
        (folder / "System32").mkdir(parents=True)
        shutil.copyfile(COMPILED_DRIVER, folder / "System32" / "nvml.dll")
        return SimulatedDriver(folder=folder)

    @property
    def library(self) -> Path:
        return self.folder / "System32" / "nvml.dll"

    def saying(self, settings: str) -> dict[str, str]:
        """The variables under which a program meets a driver that says this; the form: tests/nvml/simulated.c."""
        (self.folder / "cards.txt").write_text(settings, encoding="utf-8")
        return {"WINDIR": str(self.folder), "TUNEDOC_SIMULATED_NVML": str(self.folder / "cards.txt")}


@dataclass
class RegistryDesk:
    """Changes to this machine's registry that are all taken back by `restore`."""

    _before: dict[tuple[int, str, str], tuple[Any, int] | None] = field(default_factory=dict)
    _made: list[tuple[int, str]] = field(default_factory=list)

    def put(self, root: int, key: str, name: str, value: object, kind: int) -> None:
        import winreg

        self._remember(root, key, name)
        self._make_key(root, key)
        with winreg.OpenKey(root, key, 0, winreg.KEY_SET_VALUE | winreg.KEY_WOW64_64KEY) as opened:
            winreg.SetValueEx(opened, name, 0, kind, value)

    def drop(self, root: int, key: str, name: str) -> None:
        import winreg

        self._remember(root, key, name)
        with (
            contextlib.suppress(FileNotFoundError),
            winreg.OpenKey(root, key, 0, winreg.KEY_SET_VALUE | winreg.KEY_WOW64_64KEY) as opened,
        ):
            winreg.DeleteValue(opened, name)

    def read(self, root: int, key: str, name: str) -> tuple[Any, int] | None:
        """Value and kind as they stand, with nothing filled in."""
        import winreg

        try:
            with winreg.OpenKey(root, key, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY) as opened:
                return winreg.QueryValueEx(opened, name)
        except FileNotFoundError:
            return None

    def watch(self, root: int, key: str, name: str) -> None:
        """Put this value back at the end, whoever changes it."""
        self._remember(root, key, name)

    def restore(self) -> None:
        import winreg

        for (root, key, name), before in self._before.items():
            with (
                contextlib.suppress(FileNotFoundError),
                winreg.OpenKey(root, key, 0, winreg.KEY_SET_VALUE | winreg.KEY_WOW64_64KEY) as opened,
            ):
                if before is None:
                    winreg.DeleteValue(opened, name)
                else:
                    winreg.SetValueEx(opened, name, 0, before[1], before[0])
        for root, key in reversed(self._made):
            with contextlib.suppress(OSError):
                winreg.DeleteKeyEx(root, key, winreg.KEY_WOW64_64KEY)
        self._before.clear()
        self._made.clear()

    def _remember(self, root: int, key: str, name: str) -> None:
        self._before.setdefault((root, key, name), self.read(root, key, name))

    def _make_key(self, root: int, key: str) -> None:
        import winreg

        path = ""
        for part in key.split("\\"):
            path = f"{path}\\{part}" if path else part
            try:
                winreg.OpenKey(root, path, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY).Close()
            except FileNotFoundError:
                winreg.CreateKeyEx(root, path, 0, winreg.KEY_WRITE | winreg.KEY_WOW64_64KEY).Close()
                self._made.append((root, path))
