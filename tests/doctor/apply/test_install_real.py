"""The real thing: this machine's own stack from this machine's own package sources, into a fresh home."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from doctor.environment import require_environment

if TYPE_CHECKING:
    from doctor.paths import Home

ROOT = Path(__file__).parent.parent.parent.parent


def run(home: Home, *arguments: str, **variables: str) -> dict[str, Any]:
    ran = subprocess.run(
        [sys.executable, "-m", "doctor", *arguments, "--json"],
        env={**os.environ, "TUNEDOC_HOME": str(home.root), **variables},
        cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert ran.returncode == 0, (ran.stdout, ran.stderr)
    return dict(json.loads(ran.stdout)["data"])


@pytest.mark.slow
@pytest.mark.network
def test_install_proves_and_reuses(home: Home) -> None:
    done = run(home, "install", "--yes")
    assert done["reused"] is False
    environment = require_environment(home)
    record = json.loads((environment.folder / "environment.json").read_text(encoding="utf-8"))
    assert record["proved"] == done["plan"]["steps"][-2]["tests"]
    if done["plan"]["device"] == "cpu":
        names = {package["name"] for package in done["plan"]["packages"]}
        assert not any(name.startswith(("nvidia", "cuda", "triton")) for name in names)
    again = run(home, "install")
    assert (again["reused"], again["folder"]) == (True, done["folder"])


@pytest.mark.slow
@pytest.mark.network
def test_a_folder_of_wheels_is_enough(home: Home, tmp_path: Path) -> None:
    folder = tmp_path / "wheels 轮子"
    run(home, "bundle", str(folder), "--yes")
    dead = "http://127.0.0.1:9"
    done = run(
        home,
        *("install", "--yes", "--bundle", str(folder)),
        HTTP_PROXY=dead,
        HTTPS_PROXY=dead,
        ALL_PROXY=dead,
        UV_CACHE_DIR=str(tmp_path / "empty cache"),
    )
    assert done["reused"] is False
    files = {hashlib.sha256(file.read_bytes()).hexdigest() for file in folder.rglob("*.whl")}
    assert {package["sha256"] for package in done["plan"]["packages"]} <= files
    assert require_environment(home).folder == Path(done["folder"])
