"""An install that is killed again and again, at moments that nobody chose, harms nothing and ends in the end."""

from __future__ import annotations

import hashlib
import random
import threading
from typing import TYPE_CHECKING

import pytest

from doctor.apply.install import fetched_wheels
from tests.installing import PATIENCE_SECONDS, Machine
from tests.package_source import PackageSource, large_wheel, tiny_catalogue, tiny_wheels

if TYPE_CHECKING:
    from pathlib import Path

KILLS = 20
SEED = 20261121


@pytest.mark.parametrize("part", range(4))
def test_killed_at_random_moments(tmp_path: Path, part: int) -> None:
    """Five kills each, seeded; the moment is a share of the time that a whole install takes here and now."""
    moments = random.Random(SEED)
    shares = [moments.random() for _ in range(KILLS)][part::4]
    with PackageSource(tiny_wheels() | dict([large_wheel("torch", "1.0+cpu")])) as source:
        machine = Machine.at(tmp_path, PIP_INDEX_URL=source.url).known(source.url)
        whole = machine.install()["seconds"]
        for number, share in enumerate(shares):
            before = machine.in_use()
            # Another version and an empty cache: there is as much to do as the first time.
            version = f"0.{number + 2}"
            tiny_catalogue(machine.catalogue, index=source.url, peft=version)
            source.served |= tiny_wheels(peft=version) | dict([large_wheel("torch", "1.0+cpu")])
            machine.environ["UV_CACHE_DIR"] = str(tmp_path / f"cache {number}")
            process = machine.start()
            timer = threading.Timer(share * whole, process.kill)
            timer.start()
            process.communicate(timeout=PATIENCE_SECONDS)
            timer.cancel()
            # Whichever environment is in use now, it is a whole one: the old one, or after the switch the new one.
            assert machine.in_use() is not None
            switched = machine.in_use() != before
            assert switched or process.returncode != 0
            assert machine.version_in_use("peft") == (version if switched else f"0.{number + 1}")
            require_right_names(fetched_wheels(machine.home), source)
            machine.install()
            assert machine.version_in_use("peft") == version
            assert machine.version_in_use("torch") == "1.0+cpu"
            assert not fetched_wheels(machine.home).exists()


def require_right_names(folder: Path, source: PackageSource) -> None:
    """What has a final name is whole."""
    for file in folder.glob("*"):
        if file.suffix != ".partial":
            assert hashlib.sha256(file.read_bytes()).hexdigest() == source.hash_of(file.name)
