"""The real CPU environment on this Windows, built by the real uv.exe in a folder with Chinese letters and a blank."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import pytest

from doctor.apply.journal import read_journal
from doctor.environment import require_environment
from tests.windows.inside.windows_machine import WindowsMachine, kept_environ

if TYPE_CHECKING:
    from doctor.paths import Home


@pytest.fixture
def kept(windows_home: Home) -> WindowsMachine:
    return WindowsMachine(home=windows_home, environ=kept_environ(windows_home))


def test_it_is_the_windows_cpu_stack_and_was_proved(windows_home: Home) -> None:
    environment = require_environment(windows_home)
    assert environment.stack.startswith("windows-cpu-") and environment.device == "cpu"
    assert environment.python.name == "python.exe"
    record = json.loads((environment.folder / "environment.json").read_text(encoding="utf-8"))
    assert {"import", "matmul", "train"} <= set(record["proved"])
    steps = [
        (line["step"], line["phase"])
        for line in read_journal(windows_home.journal)
        if line["work"] == environment.folder.name
    ]
    assert [step for step, phase in steps if phase == "after"][-2:] == ["prove", "switch"]


def test_installing_again_says_that_there_is_nothing_to_do(kept: WindowsMachine, windows_home: Home) -> None:
    before = windows_home.journal.read_bytes()
    data = kept.envelope("install", "--yes")["data"]
    assert data["reused"] is True
    assert data["folder"] == str(require_environment(windows_home).folder)
    assert windows_home.journal.read_bytes() == before


def test_it_is_listed_as_the_one_in_use(kept: WindowsMachine, windows_home: Home) -> None:
    words = kept.run("env", "list", PYTHONIOENCODING="utf-8").stdout.decode("utf-8")
    assert require_environment(windows_home).folder.name in words
    listed = kept.envelope("env", "list")["data"]["environments"]
    (current,) = [each for each in listed if each["in_use"]]
    assert current["name"] == require_environment(windows_home).folder.name


def test_check_finds_nothing_against_it(kept: WindowsMachine, windows_home: Home) -> None:
    environment = require_environment(windows_home)
    judged = kept.check("--environment", str(environment.folder))
    against = [
        name
        for name, finding in judged.findings.items()
        if name.startswith(("environment.", "torch.", "packages.", "versions.")) and finding["status"] in _BAD
    ]
    assert against == [], [judged.findings[name] for name in against]
    assert judged.status("environment.torch") == "ok"


_BAD = ("failure", "warning", "unknown")


def test_torch_computes_in_it(windows_home: Home) -> None:
    environment = require_environment(windows_home)
    words = (
        "import json, sys, torch; a = torch.arange(6.0).reshape(2, 3);"
        "print(json.dumps([torch.__version__, (a @ a.T).tolist(), sys.prefix, torch.cuda.is_available()]))"
    )
    ran = subprocess.run(
        [environment.python, "-X", "utf8", "-c", words], env=kept_environ(windows_home), capture_output=True,
        encoding="utf-8", stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    version, product, prefix, cuda = json.loads(ran.stdout.splitlines()[-1])
    assert (product, cuda) == ([[5.0, 14.0], [14.0, 50.0]], False)
    assert f"{version}+cpu".startswith("2.")
    assert prefix == str(environment.folder / "venv")
