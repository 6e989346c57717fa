"""A Python that the machine lacks is fetched into tunedoc's own folder, as a step of the plan."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

from doctor.apply.journal import read_journal
from doctor.environment import require_environment
from tests.installing import Machine
from tests.package_source import tiny_wheels

ARCHIVE = "cpython-build.tar.gz"
RUNNING = f"3.{sys.version_info.minor}"
ABSENT = "3.14" if sys.version_info < (3, 14) else "3.13"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="packs a Python as Linux lays it out")


def other_python() -> Path | None:
    """The folder of a Python of this machine that is not of the version that runs this test."""
    for python in sorted(Path.home().glob(".pyenv/versions/3.*/bin/python3.1?")):
        if (
            python.name in {"python3.11", "python3.12", "python3.13", "python3.14"}
            and python.name != f"python{RUNNING}"
        ):
            return python.parent.parent
    return None


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    folder = tmp_path / "wheels"
    folder.mkdir()
    for name, content in tiny_wheels().items():
        (folder / name).write_bytes(content)
    # No Python is found but the one that runs tunedoc.
    return Machine.at(
        tmp_path, PIP_NO_INDEX="1", PIP_FIND_LINKS=str(folder), UV_HTTP_RETRIES="0", PATH="/nowhere",
    )  # fmt: skip


def pack_python(base: Path, folder: Path) -> tuple[Path, str]:
    """The standard library and the interpreter of a Python, packed as builds of Python are, and its version."""
    interpreter = next(base.glob("bin/python3.1?"))
    left_out = {"test", "idlelib", "tkinter", "ensurepip", "site-packages", "__pycache__", "lib2to3", "turtledemo"}

    def chosen(entry: tarfile.TarInfo) -> tarfile.TarInfo | None:
        return None if left_out & set(entry.name.split("/")) else entry

    archive = folder / ARCHIVE
    with tarfile.open(archive, "w:gz", compresslevel=1) as tar:
        tar.add(interpreter.resolve(), f"python/bin/{interpreter.name}")
        tar.add(base / "lib" / interpreter.name, f"python/lib/{interpreter.name}", filter=chosen)
        for library in base.glob(f"lib/lib{interpreter.name}*.so*"):
            tar.add(library, f"python/lib/{library.name}")
    words = subprocess.run([interpreter, "--version"], capture_output=True, encoding="utf-8", check=True).stdout
    return archive, words.split()[1]


def offer_python(machine: Machine, folder: Path, archive: Path, version: str) -> None:
    """Tell uv of the one build that there is."""
    row = {
        "name": "cpython", "arch": {"family": "x86_64", "variant": None}, "os": "linux", "libc": "gnu", "major": 3,
        "minor": int(version.split(".")[1]), "patch": int(version.split(".")[2]), "prerelease": "", "variant": None,
        "url": f"https://github.com/astral-sh/python-build-standalone/releases/download/20261110/{ARCHIVE}",
        "sha256": hashlib.sha256(archive.read_bytes()).hexdigest(), "build": "20261110",
    }  # fmt: skip
    known = folder / "builds.json"
    known.write_text(json.dumps({f"cpython-{version}-linux-x86_64-gnu": row}), encoding="utf-8")
    mirror = folder / "mirror"
    (mirror / "20261110").mkdir(parents=True)
    archive.rename(mirror / "20261110" / ARCHIVE)
    machine.environ |= {"UV_PYTHON_DOWNLOADS_JSON_URL": str(known), "UV_PYTHON_INSTALL_MIRROR": mirror.as_uri()}


def test_a_python_is_fetched_where_none_fits(machine: Machine, tmp_path: Path) -> None:
    base = other_python()
    if base is None:
        pytest.skip("no second Python to pack")
    archive, version = pack_python(base, tmp_path)
    offer_python(machine, tmp_path, archive, version)
    short = version.rpartition(".")[0]
    done = machine.install("--python", short)
    steps = done["plan"]["steps"]
    assert [step["step"] for step in steps][:2] == ["python", "create"]
    assert steps[0]["source"].startswith("file:")
    home = machine.home
    undone = [line["undo"] for line in read_journal(home.journal) if line.get("undo") and line["step"] == "python"]
    assert undone == [{"kind": "remove_python", "version": short}]
    settings = (require_environment(home).folder / "venv" / "pyvenv.cfg").read_text(encoding="utf-8")
    assert f"home = {home.pythons}" in settings
    # It is there now: the next install makes its environment from it and fetches none.
    again = machine.install("--rebuild", "--python", short)
    assert "python" not in [step["step"] for step in again["plan"]["steps"]]


def test_it_is_said_what_to_do_where_none_can_be_had(machine: Machine, tmp_path: Path) -> None:
    machine.environ["UV_PYTHON_INSTALL_MIRROR"] = (tmp_path / "gone").as_uri()
    machine.home.environments.mkdir(parents=True)
    error = machine.fails("--python", ABSENT, "--mirror", "official")
    assert f"Python {ABSENT} could not be had" in error["message"]
    assert "--mirror python=URL" in error["hint"]
