"""The locks of a bundle, and which row and Python it is for."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor.bundling.locks import bundle_lock, lock_file_name, pinned_hashes, placed, requirements_text
from doctor.bundling.own_wheel import own_requirements
from doctor.bundling.targets import choose_target
from doctor.catalogue.load import load_catalogue
from doctor.errors import BadInput, NoStack, UsageError
from doctor.plan.lock import read_lock
from doctor.snapshot.codec import from_json

if TYPE_CHECKING:
    from doctor.bundling.targets import Target

ROOT = Path(__file__).parents[3]
MACHINES = ROOT / "tests" / "machines"
TOML = """lock-version = "1.0"
created-by = "uv"
requires-python = ">=3.11"

[[packages]]
name = "torch"
version = "2.0+cpu"
marker = "sys_platform == 'linux'"
wheels = [
    { url = "https://a.example/torch-2.0%2Bcpu-py3-none-any.whl", hashes = { sha256 = "aa" } },
    { url = "https://a.example/torch-2.0%2Bcpu-cp311-cp311-linux_x86_64.whl", size = 7, hashes = { sha256 = "bb" } },
]
"""


def test_a_lock_in_a_bundle_has_one_wheel_a_package_by_its_path() -> None:
    words = bundle_lock(read_lock(TOML))
    (row,) = tomllib.loads(words)["packages"]
    assert row["marker"] == "sys_platform == 'linux'"
    path = "../wheels/torch-2.0+cpu-cp311-cp311-linux_x86_64.whl"
    assert row["wheels"] == [{"path": path, "size": 7, "hashes": {"sha256": "bb"}}]


def test_a_placed_lock_can_be_used_from_anywhere(tmp_path: Path) -> None:
    folder = tmp_path / "离线 包"
    (package,) = read_lock(placed(bundle_lock(read_lock(TOML)), folder)).packages
    assert package.url == f"{(folder / 'wheels').as_uri()}/torch-2.0%2Bcpu-cp311-cp311-linux_x86_64.whl"
    assert package.file == "torch-2.0+cpu-cp311-cp311-linux_x86_64.whl"


def test_a_lock_has_a_name_that_pip_and_uv_know_as_one() -> None:
    assert lock_file_name("linux-cpu-torch2.13", "3.12") == "pylock.linux-cpu-torch2-13-py312.toml"


def test_requirements_have_a_hash_each_and_tunedoc_itself() -> None:
    words = requirements_text(read_lock(TOML).packages, ("0.1.0", "cc"))
    assert words == "tunedoc==0.1.0 --hash=sha256:cc\ntorch==2.0+cpu --hash=sha256:bb\n"


def test_the_programs_own_lock_pins_all_that_tunedoc_needs() -> None:
    known = pinned_hashes((ROOT / "installers" / "doctor.lock.txt").read_text(encoding="utf-8"))
    needed = {line.partition(">")[0] for line in own_requirements()}
    assert "uv" in needed
    assert needed <= known.keys()
    assert all(hashes for hashes in known.values())


CATALOGUE = load_catalogue()


def target(name: str, **wishes: str) -> Target:
    file = MACHINES / f"{name}.json"
    return choose_target(from_json(file.read_text(encoding="utf-8"), str(file)), CATALOGUE, **wishes)


def test_a_bundle_for_a_machine_has_the_row_that_fits_it() -> None:
    chosen = target("win11-two-5060ti")
    assert (chosen.system, chosen.stack.device, chosen.guessed) == ("windows", "cuda", False)
    assert chosen.python in chosen.stack.needs.pythons


def test_a_bundle_for_another_system_has_no_gpu_packages() -> None:
    chosen = target("debian12-cpu", system="windows")
    assert (chosen.system, chosen.stack.device, chosen.guessed) == ("windows", "cpu", True)
    assert chosen.python == chosen.stack.needs.pythons[0]


def test_a_row_and_a_python_can_be_named() -> None:
    row = next(stack for stack in CATALOGUE.stacks if stack.needs.os == "windows" and stack.device == "cuda")
    chosen = target("debian12-cpu", stack_id=row.id, python=row.needs.pythons[-1])
    assert (chosen.stack.id, chosen.python, chosen.guessed) == (row.id, row.needs.pythons[-1], False)


@pytest.mark.parametrize(
    "wishes",
    [{"stack_id": "no-such-row"}, {"python": "3.2"}, {"stack_id": CATALOGUE.stacks[0].id, "system": "other"}],
)
def test_what_the_catalogue_does_not_have_is_refused(wishes: dict[str, str]) -> None:
    with pytest.raises(UsageError):
        target("debian12-cpu", **wishes)


def test_models_are_the_catalogues() -> None:
    file = MACHINES / "debian12-cpu.json"
    snapshot = from_json(file.read_text(encoding="utf-8"), str(file))
    model = CATALOGUE.models[0]
    assert choose_target(snapshot, CATALOGUE, models=(model.id.upper(),)).models == (model,)
    with pytest.raises(UsageError):
        choose_target(snapshot, CATALOGUE, models=("no-such-model",))


def test_optional_parts_are_those_of_the_row() -> None:
    file = MACHINES / "win11-two-5060ti.json"
    snapshot = from_json(file.read_text(encoding="utf-8"), str(file))
    gpu = choose_target(snapshot, CATALOGUE, parts=("liger",))
    assert {part.name for part in gpu.parts if part.reason is None} >= {"liger"}
    cpu = choose_target(snapshot, CATALOGUE, system="linux", parts=("liger",))
    assert cpu.parts[-1].reason is not None
    with pytest.raises(BadInput):
        choose_target(snapshot, CATALOGUE, parts=("no-such-part",))


def test_a_system_that_the_catalogue_does_not_know_has_no_row() -> None:
    with pytest.raises(NoStack):
        target("debian12-cpu", system="macos")
