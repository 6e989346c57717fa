"""Large wheels on their way into an environment: fetched once, resumed after kills, and from uv's cache ever after."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import pytest

from doctor.apply.install import fetched_wheels
from doctor.apply.journal import read_journal
from tests.installing import Machine, wait_for
from tests.package_source import PackageSource, large_wheel, tiny_catalogue, tiny_wheels

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TORCH = "torch-1.0+cpu-py3-none-any.whl"


@pytest.fixture(scope="module")
def wheels() -> dict[str, bytes]:
    """The tiny stack with two wheels that are large enough to be fetched by tunedoc itself."""
    return tiny_wheels() | dict([large_wheel("torch", "1.0+cpu"), large_wheel("trl", "0.1")])


@pytest.fixture
def source(wheels: dict[str, bytes]) -> Iterator[PackageSource]:
    with PackageSource(dict(wheels)) as opened:
        yield opened


@pytest.fixture
def machine(tmp_path: Path, source: PackageSource) -> Machine:
    return Machine.at(tmp_path, PIP_INDEX_URL=source.url, UV_HTTP_RETRIES="1", UV_HTTP_TIMEOUT="2").known(source.url)


def asked_for_torch(source: PackageSource) -> list[str]:
    return [each for each in source.asked if each.startswith("GET /files/torch") and ".metadata" not in each]


def steps(machine: Machine) -> list[str]:
    return [line["step"] for line in read_journal(machine.home.journal) if line["phase"] == "after"]


def test_a_large_wheel_is_fetched_once_and_uv_keeps_it(machine: Machine, source: PackageSource, tmp_path: Path) -> None:
    done = machine.install()
    assert [step["step"] for step in done["plan"]["steps"]][:2] == ["fetch", "create"]
    assert len(asked_for_torch(source)) == 1
    assert steps(machine)[0] == "fetch"
    assert not fetched_wheels(machine.home).exists()
    # The lock beside the environment has the real addresses.
    lock = (machine.home.environments / str(machine.in_use()) / "pylock.toml").read_text(encoding="utf-8")
    assert f"{source.url.removesuffix('/simple')}/files/torch-1.0%2Bcpu" in lock
    # Again, with a warm cache: nothing is fetched, and nothing needs to be.
    again = machine.install("--rebuild")
    assert "fetch" not in [step["step"] for step in again["plan"]["steps"]]
    assert len(asked_for_torch(source)) == 1
    source.__exit__()
    assert machine.install("--rebuild", "--offline")["reused"] is False
    assert machine.version_in_use("torch") == "1.0+cpu"


def test_a_wheel_that_uv_has_already_is_not_fetched(machine: Machine, source: PackageSource, tmp_path: Path) -> None:
    machine.uv("venv", str(tmp_path / "other"))
    python = tmp_path / "other" / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    code, _, _ = machine.run("plan", "--lock", str(tmp_path / "pylock.toml"))
    assert code == 0
    machine.uv("pip", "sync", str(tmp_path / "pylock.toml"), "--python", str(python))
    assert len(asked_for_torch(source)) == 1
    machine.install()
    assert len(asked_for_torch(source)) == 1


def test_after_a_kill_in_the_middle_of_a_wheel_the_rest_is_fetched(
    machine: Machine, source: PackageSource, wheels: dict[str, bytes]
) -> None:
    source.stalls[TORCH] = 12 * 2**20
    process = machine.start()
    wait_for(source.holding.is_set, process)
    partial = fetched_wheels(machine.home) / f"{source.hash_of(TORCH)}.partial"
    wait_for(lambda: partial.stat().st_size == 12 * 2**20, process)
    process.kill()
    process.communicate()
    assert machine.in_use() is None
    assert not (fetched_wheels(machine.home) / TORCH).exists()
    source.stalls.clear()
    source.release()
    machine.install()
    assert source.sent[TORCH] == len(wheels[TORCH])
    assert asked_for_torch(source)[-1].endswith(f" from {12 * 2**20}")


def test_a_mirror_that_breaks_off_and_one_that_stalls(
    machine: Machine, source: PackageSource, wheels: dict[str, bytes]
) -> None:
    """It goes on from there within one install: each time some megabytes come."""
    source.stalls[TORCH] = 9 * 2**20
    machine.environ["UV_HTTP_TIMEOUT"] = "1"
    machine.install()
    assert source.sent[TORCH] == len(wheels[TORCH])
    assert len(asked_for_torch(source)) == 3


@pytest.mark.parametrize("fault", ["corrupt", "truncated"])
def test_a_wrong_wheel_never_gets_its_name(machine: Machine, source: PackageSource, fault: str) -> None:
    right = source.served[TORCH]
    if fault == "corrupt":
        claimed = source.hash_of(TORCH)
        source.served[TORCH] = right[: 8 * 2**20] + b"-" + right[8 * 2**20 + 1 :]
        source.hashes[TORCH] = claimed
    else:
        source.hashes[TORCH] = source.hash_of(TORCH)
        source.truncated.add(TORCH)
    machine.home.environments.mkdir(parents=True)
    error = machine.fails()
    assert error["code"] == "step_failed"
    if fault == "corrupt":
        assert f"sha256 should be {source.hash_of(TORCH)}" in error["message"]
    assert not (fetched_wheels(machine.home) / TORCH).exists()
    source.served[TORCH] = right
    source.truncated.clear()
    machine.install()


def test_a_password_reaches_the_wheels(machine: Machine, source: PackageSource) -> None:
    source.password = "me:se cret"
    with_login = source.url.replace("//", "//me:se%20cret@")
    machine.environ["PIP_INDEX_URL"] = with_login
    tiny_catalogue(machine.catalogue, index=with_login)
    done = machine.install()
    assert not [piece for piece in str(done).split(",") if "cret" in piece]
    lock = (machine.home.environments / str(machine.in_use()) / "pylock.toml").read_text(encoding="utf-8")
    assert "cret" not in lock


@pytest.mark.skipif(sys.platform != "linux" or os.geteuid() != 0, reason="mounts a small disk")
def test_a_disk_that_fills_up(machine: Machine, source: PackageSource, tmp_path: Path) -> None:
    import subprocess

    first = machine.install()
    tiny_catalogue(machine.catalogue, index=source.url, peft="0.2")
    source.served |= dict([large_wheel("peft", "0.2")])
    scratch = fetched_wheels(machine.home)
    scratch.mkdir(parents=True)
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=5m", "tmpfs", scratch], capture_output=True, check=False
    )
    if mounted.returncode != 0:
        pytest.skip("no disk can be mounted here")
    try:
        error = machine.fails()
        assert error["code"] == "no_space"
        assert machine.in_use() == first["folder"].rpartition(os.sep)[2]
    finally:
        subprocess.run(["umount", scratch], check=True)
    machine.install()
    assert machine.version_in_use("peft") == "0.2"
