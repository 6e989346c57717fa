"""Other places take over where a source is away or lies, and the user's wish decides where packages come from."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from tests.installing import Machine
from tests.package_source import PackageSource, large_wheel, tiny_wheels, wheel

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TORCH = "torch-1.0+cpu-py3-none-any.whl"


@pytest.fixture(scope="module")
def wheels() -> dict[str, bytes]:
    return tiny_wheels() | dict([large_wheel("torch", "1.0+cpu")])


@pytest.fixture
def source(wheels: dict[str, bytes]) -> Iterator[PackageSource]:
    with PackageSource(dict(wheels)) as opened:
        yield opened


@pytest.fixture
def mirror(wheels: dict[str, bytes]) -> Iterator[PackageSource]:
    with PackageSource(dict(wheels)) as opened:
        yield opened


@pytest.fixture
def machine(tmp_path: Path, source: PackageSource, mirror: PackageSource) -> Machine:
    machine = Machine.at(tmp_path, PIP_INDEX_URL=source.url, UV_HTTP_RETRIES="0").known(source.url)
    with machine.catalogue.open("a", encoding="utf-8") as stream:
        for kind in ("packages", "torch"):
            stream.write(
                f'[[mirror]]\nkind = "{kind}"\nname = "Near {kind}"\nurl = "{mirror.url}"\nlayout = "simple"\n'
                'region = "cn"\nsource = "a test"\n'
            )
    return machine


def nowhere() -> str:
    """An address where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}/simple"


@pytest.mark.parametrize("fault", ["away", "lies", "breaks off"])
def test_another_place_goes_on_with_a_large_wheel(
    machine: Machine, source: PackageSource, mirror: PackageSource, wheels: dict[str, bytes], fault: str
) -> None:
    right = wheels[TORCH]
    if fault == "lies":
        source.hashes[TORCH] = source.hash_of(TORCH)
        source.served[TORCH] = right[: 5 * 2**20] + b"-" + right[5 * 2**20 + 1 :]
    elif fault == "breaks off":
        source.stalls[TORCH] = 11 * 2**20
        source.release()
    else:
        source.gone.add(TORCH)
    code, envelope, stderr = machine.run("install", "--yes")
    assert code == 0, (envelope, stderr)
    # The last request: those before it measured the place with a sample.
    asked = [each for each in mirror.asked if each.startswith("GET /files/torch") and "metadata" not in each][-1]
    # What came from a source that is only broken is kept, what came from a liar is not.
    assert asked.endswith(f" from {11 * 2**20}") is (fault == "breaks off")
    if fault != "breaks off":
        assert f"{source.url.removesuffix('/simple')}/files/torch" in stderr
    # The lock has the address that the row's own index gave.
    (torch,) = [package for package in envelope["data"]["plan"]["packages"] if package["name"] == "torch"]
    assert torch["url"].startswith(source.url.removesuffix("/simple"))


def test_the_family_comes_from_a_mirror_where_its_index_is_away(machine: Machine, mirror: PackageSource) -> None:
    words = machine.catalogue.read_text(encoding="utf-8")
    index = next(line for line in words.splitlines() if line.startswith("torch-cpu"))
    machine.catalogue.write_text(words.replace(index, f'torch-cpu = "{nowhere()}"'), encoding="utf-8")
    machine.install()
    assert any("torch" in asked for asked in mirror.asked)
    # The ordinary packages still come from where this machine is told to take them.
    assert not any("accelerate" in asked for asked in mirror.asked)


def test_a_configured_index_that_is_away_is_not_replaced_behind_its_back(
    machine: Machine, mirror: PackageSource
) -> None:
    machine.environ["PIP_INDEX_URL"] = nowhere()
    machine.home.environments.mkdir(parents=True)
    assert machine.fails()["code"] == "no_network"
    assert not any("accelerate" in asked for asked in mirror.asked)
    # The user may wish it.
    machine.install("--mirror", f"packages={mirror.url}")
    assert any("accelerate" in asked for asked in mirror.asked)


def test_a_mirror_with_another_torch_is_not_believed(machine: Machine, mirror: PackageSource) -> None:
    """It has the right name and version and other bytes: the row's own index said the hash."""
    evil = dict([wheel("torch", "1.0+cpu", {"torch/__init__.py": "raise SystemExit('evil')"})])
    mirror.served |= evil
    machine.install("--mirror", f"packages={mirror.url}")
    assert machine.version_in_use("torch") == "1.0+cpu"


@pytest.mark.parametrize("wish", ["nonsense", "ftp://host/simple"])
def test_a_wish_that_is_none_is_refused(machine: Machine, wish: str) -> None:
    code, envelope, _ = machine.run("install", "--yes", "--mirror", wish)
    assert (code, envelope["errors"][0]["code"]) == (2, "usage")
