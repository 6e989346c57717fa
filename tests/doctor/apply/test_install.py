"""Real installs of a tiny stack by the real uv: from a wheel folder, from an index, through faults and kills."""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor.apply.journal import read_journal
from doctor.environment import current_environment
from doctor.errors import NoSpace
from doctor.host.real import RealHost
from doctor.session import install
from tests.installing import PATIENCE_SECONDS, Machine, wait_for
from tests.package_source import HOLD, PackageSource, tiny_catalogue, tiny_wheels, wheel

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine.at(tmp_path)


@pytest.fixture
def source() -> Iterator[PackageSource]:
    with PackageSource(tiny_wheels()) as opened:
        yield opened


@pytest.fixture
def online(machine: Machine, source: PackageSource) -> Machine:
    """The machine with pip configured for the loopback index, which is also torch's own."""
    tiny_catalogue(machine.catalogue, index=source.url)
    machine.environ |= {"PIP_INDEX_URL": source.url, "UV_HTTP_RETRIES": "0"}
    return machine


def update(machine: Machine, source: PackageSource) -> None:
    """A newer catalogue with another peft, and the wheel for it."""
    tiny_catalogue(machine.catalogue, index=source.url, peft="0.2")
    source.served |= tiny_wheels(peft="0.2")


def test_from_a_folder_of_wheels(machine: Machine, tmp_path: Path) -> None:
    folder = tmp_path / "my wheels"
    folder.mkdir()
    for name, content in tiny_wheels().items():
        (folder / name).write_bytes(content)
    machine.environ |= {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder)}
    done = machine.install()
    assert done["reused"] is False
    assert machine.version_in_use("torch") == "1.0+cpu"
    environment = current_environment(machine.home)
    assert environment is not None
    assert (environment.converter / "convert_hf_to_gguf.py").exists()
    assert environment.lock.exists()
    # The same again: nothing is asked of anybody, nothing is built.
    machine.environ["PIP_FIND_LINKS"] = str(tmp_path / "gone")
    again = machine.install()
    assert (again["reused"], again["folder"]) == (True, done["folder"])


def test_through_an_index_and_torch_from_its_own(online: Machine, source: PackageSource) -> None:
    ordinary = {name: content for name, content in source.served.items() if not name.startswith("torch")}
    with PackageSource(ordinary) as mirror:
        # A mirror with another torch of the same version: the row's own index must be asked, and no other.
        mirror.served |= dict([wheel("torch", "1.0+cpu", {"torch/__init__.py": "raise SystemExit('wrong torch')"})])
        online.environ["PIP_INDEX_URL"] = mirror.url
        done = online.install()
        assert not any("torch-1.0" in asked for asked in mirror.asked)
        assert any("torch-1.0" in asked for asked in source.asked)
        assert not any("transformers" in asked for asked in source.asked)
    packages = {package["name"]: package for package in done["plan"]["packages"]}
    assert packages["torch"]["bytes"] == len(next(v for k, v in source.served.items() if k.startswith("torch")))
    assert done["plan"]["unknown_sizes"] == 0


def test_the_plan_changes_nothing(online: Machine, tmp_path: Path) -> None:
    code, envelope, _ = online.run("plan", "--lock", str(tmp_path / "pylock.toml"))
    assert code == 0
    assert envelope["data"]["stack"].startswith("tiny-")
    assert "transformers" in (tmp_path / "pylock.toml").read_text(encoding="utf-8")
    assert [step["step"] for step in envelope["data"]["steps"]][-1] == "switch"
    assert not online.home.environments.exists()


def test_without_yes_and_without_a_terminal_nothing_is_done(online: Machine) -> None:
    code, envelope, _ = online.run("install")
    assert (code, envelope["errors"][0]["code"]) == (2, "usage")
    assert not online.home.environments.exists()


def test_no_network(machine: Machine) -> None:
    machine.environ |= {"PIP_INDEX_URL": "http://me:secret@127.0.0.1:9/simple", "UV_HTTP_RETRIES": "0"}
    machine.home.environments.mkdir(parents=True)
    error = machine.fails()
    assert error["code"] == "no_network"
    assert "127.0.0.1:9" in error["message"]
    assert "secret" not in error["message"]
    assert "mirror" in error["hint"]


def test_a_wrong_hash_is_refused(online: Machine, source: PackageSource) -> None:
    online.install()
    update(online, source)
    source.hashes["peft-0.2-py3-none-any.whl"] = "00" * 32
    error = online.fails()
    assert error["code"] == "step_failed"
    assert "hash" in error["message"]
    assert online.version_in_use("peft") == "0.1"
    source.hashes.clear()
    online.environ["UV_CACHE_DIR"] += " 2"
    online.install()
    assert online.version_in_use("peft") == "0.2"


def test_a_truncated_wheel_is_refused(online: Machine, source: PackageSource) -> None:
    online.install()
    update(online, source)
    source.truncated.add("peft-0.2-py3-none-any.whl")
    online.fails()
    assert online.version_in_use("peft") == "0.1"
    source.truncated.clear()
    online.install()
    assert online.version_in_use("peft") == "0.2"


def test_cuda_packages_never_reach_a_cpu_machine(online: Machine, source: PackageSource) -> None:
    del source.served["torch-1.0+cpu-py3-none-any.whl"]
    source.served |= dict([wheel("torch", "1.0+cpu", {"torch/__init__.py": ""}, requires=("nvidia-cublas",))])
    source.served |= dict([wheel("nvidia-cublas", "13.0", {"nvidia/__init__.py": ""})])
    online.home.environments.mkdir(parents=True)
    error = online.fails()
    assert "nvidia-cublas 13.0 is for NVIDIA GPUs" in error["message"]


def test_an_environment_that_fails_its_proof_is_not_used(online: Machine, source: PackageSource) -> None:
    online.install()
    update(online, source)
    source.served |= dict([wheel("peft", "0.2", {"peft/__init__.py": "import no_such_library"})])
    error = online.fails()
    assert "peft cannot be imported" in error["message"]
    assert online.version_in_use("peft") == "0.1"


def test_a_full_disk_is_noticed_before_anything_is_done(online: Machine) -> None:
    class FullDisk(RealHost):
        def free_bytes(self, path: Path) -> int:
            return 1000

    host = FullDisk()
    host.environ = online.environ
    with pytest.raises(NoSpace):
        install(host, online.home, lambda progress: None, agree=lambda plan: True)
    assert not online.home.environments.exists()
    assert online.install()["reused"] is False


def test_a_declined_plan_changes_nothing(online: Machine) -> None:
    host = RealHost()
    host.environ = online.environ
    assert install(host, online.home, lambda progress: None, agree=lambda plan: False) is None
    assert not online.home.environments.exists()


@pytest.mark.parametrize("moment", ["resolving", "installing", "proving", "switching"])
def test_killed_at_any_moment(online: Machine, source: PackageSource, tmp_path: Path, moment: str) -> None:
    """The old environment works on, and the same command succeeds, even while orphans of the dead one still work."""
    old = online.install()["folder"]
    update(online, source)
    hold = tmp_path / "hold"
    if moment == "resolving":
        source.held = "/simple/peft"
    elif moment == "installing":
        source.held = "/files/peft-0.2"
    else:
        hold.touch()
        online.environ[HOLD] = str(hold)
    process = online.start()

    def proving() -> bool:
        return any(
            (line["step"], line["phase"]) == ("prove", "before") and line["work"].endswith("-2")
            for line in read_journal(online.home.journal)
        )

    wait_for(source.holding.is_set if source.held else proving, process)
    if moment == "switching":
        # As if it had died between writing the record and moving the pointer.
        pointer = online.home.current_environment.read_bytes()
        hold.unlink()
        process.communicate()
        online.home.current_environment.write_bytes(pointer)
    else:
        process.kill()
        process.communicate()
    assert online.version_in_use("peft") == "0.1"
    source.release()
    hold.unlink(missing_ok=True)
    done = online.install()
    assert done["folder"] != old
    assert done["reused"] is (moment == "switching")
    assert online.version_in_use("peft") == "0.2"
    assert online.install()["reused"] is True
    assert Path(old).name in online.folders()


@pytest.mark.skipif(sys.platform == "win32", reason="sends SIGINT to one process")
@pytest.mark.parametrize("moment", ["installing", "proving"])
def test_ctrl_c_stops_cleanly(online: Machine, source: PackageSource, tmp_path: Path, moment: str) -> None:
    online.install()
    update(online, source)
    hold = tmp_path / "hold"
    if moment == "installing":
        source.held = "/files/peft-0.2"
    else:
        hold.touch()
        online.environ[HOLD] = str(hold)
    process = online.start()

    def proving() -> bool:
        return any(
            (line["step"], line["phase"], line["work"][-2:]) == ("prove", "before", "-2")
            for line in read_journal(online.home.journal)
        )

    wait_for(source.holding.is_set if source.held else proving, process)
    os.kill(process.pid, signal.SIGINT)
    _, stderr = process.communicate(timeout=PATIENCE_SECONDS)
    # Where the signal met code that Python runs from a string (a dataclass being made), Python ends itself by SIGINT
    # after all is done, which the shell shows as 130 too.
    assert process.returncode in (130, -signal.SIGINT), stderr
    assert "Traceback" not in stderr
    assert online.folders() == [online.in_use()]
    assert online.version_in_use("peft") == "0.1"
    source.release()
    hold.unlink(missing_ok=True)
    online.install()
    assert online.version_in_use("peft") == "0.2"


def test_one_install_at_a_time(online: Machine, source: PackageSource) -> None:
    source.held = "/simple/peft"
    process = online.start()
    wait_for(source.holding.is_set, process)
    code, envelope, _ = online.run("install", "--yes")
    assert code == 3
    assert "another" in envelope["errors"][0]["message"]
    source.release()
    _, stderr = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, stderr


def test_a_damaged_environment_is_built_anew(online: Machine) -> None:
    first = online.install()
    site = next(Path(first["folder"]).glob("venv/*/python*/site-packages"), None) or next(
        Path(first["folder"]).glob("venv/Lib/site-packages")
    )
    for entry in site.glob("peft-*.dist-info/*"):
        entry.unlink()
    next(site.glob("peft-*.dist-info")).rmdir()
    second = online.install()
    assert (second["reused"], second["folder"] != first["folder"]) == (False, True)


def test_the_undo_is_journalled_before_the_step(online: Machine, source: PackageSource) -> None:
    online.install()
    update(online, source)
    online.install()
    lines = [line for line in read_journal(online.home.journal) if line["work"].endswith("-2")]
    assert [(line["step"], line["phase"]) for line in lines] == [
        (step, phase) for step in ("create", "install", "converter", "prove", "switch") for phase in ("before", "after")
    ]
    undo = next(line["undo"] for line in lines if line["step"] == "switch")
    assert undo == {"kind": "switch_environment", "environment": lines[0]["work"][:-1] + "1"}
