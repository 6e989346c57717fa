"""The catalogue is parsed strictly, and the shipped one is sound."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor.catalogue.load import catalogue_file, load_catalogue, shipped_file
from doctor.errors import BadInput, ExitCode
from doctor.words.text import render

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue, Stack

TEXT = shipped_file().read_text(encoding="utf-8")
CATALOGUE = load_catalogue()


def refusal(tmp_path: Path, words: str) -> str:
    file = tmp_path / "wheels.toml"
    file.write_text(words, encoding="utf-8")
    with pytest.raises(BadInput) as refused:
        load_catalogue(file)
    assert refused.value.exit_code == ExitCode.USAGE
    assert refused.value.file == str(file)
    return render(refused.value.message, "en")


def test_ids_are_unique() -> None:
    ids = [stack.id for stack in CATALOGUE.stacks]
    assert len(ids) == len(set(ids))


def test_every_named_index_exists() -> None:
    names = {index.name for index in CATALOGUE.indexes}
    assert {stack.index for stack in CATALOGUE.stacks if stack.index} <= names


@pytest.mark.parametrize("stack", CATALOGUE.stacks, ids=lambda stack: stack.id)
def test_torch_comes_from_where_its_local_version_says(stack: Stack) -> None:
    _, _, local = stack.torch.partition("+")
    if stack.device == "cuda":
        assert local == "cu" + stack.cuda.replace(".", "")
        assert stack.index == f"torch-{local}"
    elif stack.needs.os == "linux":
        # The ordinary index has CUDA builds for Linux: the local version alone tells them apart.
        assert (local, stack.index) == ("cpu", "torch-cpu")


@pytest.mark.parametrize("stack", CATALOGUE.stacks, ids=lambda stack: stack.id)
def test_bitsandbytes_and_its_proof_go_with_cuda(stack: Stack) -> None:
    has = any(pin.name == "bitsandbytes" for pin in stack.pins)
    assert has == (stack.device == "cuda") == ("nf4" in stack.smoke)


def test_every_row_keeps_its_source() -> None:
    assert all(stack.source for stack in CATALOGUE.stacks)


def test_nothing_of_the_file_is_lost() -> None:
    """Every value of the file is found again in what was loaded."""
    raw = tomllib.loads(TEXT)
    assert [row["id"] for row in raw["stack"]] == [stack.id for stack in CATALOGUE.stacks]
    for row, stack in zip(raw["stack"], CATALOGUE.stacks, strict=True):
        for key in ("id", "status", "device", "cuda", "index"):
            assert row.get(key, "") == getattr(stack, key)
        assert tuple(row.get("architectures", ())) == stack.architectures
        assert tuple(row["smoke"]) == stack.smoke
        loaded = dataclasses.asdict(stack.needs)
        assert {key: list(value) if isinstance(value, tuple) else value for key, value in loaded.items()} == {
            "min_driver": "", "min_compute": "", "min_glibc": "", **row["needs"],
        }  # fmt: skip
        wanted = {**raw["sets"][row["set"]]["packages"], **row["packages"]}
        assert {pin.name for pin in stack.pins} == set(wanted)
        for pin in stack.pins:
            value = wanted[pin.name]
            assert pin.version == value or {"version": pin.version, "python": pin.python} in value
    assert [dataclasses.asdict(model) for model in CATALOGUE.models] == raw["model"]
    assert dataclasses.asdict(CATALOGUE.tools.converter) == raw["tools"]["converter"]


def test_an_environment_variable_names_another_catalogue() -> None:
    assert catalogue_file({}) == shipped_file()
    assert catalogue_file({"TUNEDOC_CATALOGUE": "/some where/目录.toml"}) == Path("/some where/目录.toml")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param("schema = 1", "schema = 2", "`schema` is 2", id="another schema"),
        pytest.param('index = "torch-cu130"', 'index = "torch-cu131"', "windows-cu130-torch2.13", id="no such index"),
        pytest.param('status = "supported"', 'status = "fine"', "`status` has 'fine'", id="a status there is not"),
        pytest.param('cuda = "13.0"\n', "", "`cuda` is missing", id="CUDA without its version"),
        pytest.param('device = "cuda"', 'device = "gpu"', "`device`", id="a device there is not"),
        pytest.param('min_driver = "580"', "min_driver = 580", "`min_driver` is not a string", id="a number"),
        pytest.param('min_driver = "580"', 'min_drivers = "580"', "`min_driver` is missing", id="a misspelt key"),
        pytest.param('smoke = ["import"', 'smok = ["import"', "`smoke` is missing", id="no proofs"),
        pytest.param('smoke = ["import"', 'smoke = ["luck"', "'luck'", id="a proof there is not"),
        pytest.param("linux-cu130-torch2.13", "windows-cu130-torch2.13", "used twice", id="an id used twice"),
        pytest.param("bytes = 92871040", "bytes = 0", "model smollm2", id="no size"),
        pytest.param('sha256 = "bcc', 'sha256 = "xyz', "`sha256`", id="a wrong hash"),
        pytest.param("updated = 2026-11-21", 'updated = "soon"', "`updated`", id="no date"),
        pytest.param('torch = "2.13.0"', 'pytorch = "2.13.0"', "has no `torch`", id="no torch"),
        pytest.param('torch = "2.13.0+cpu"', 'torch = "2.13.0+cu130"', "linux-cpu", id="CUDA torch on a CPU row"),
        pytest.param("[tools.converter]", "[tools.convertor]", "`converter` is missing", id="no converter"),
        pytest.param('python = "<3.12"', 'python = "old"', "`python`", id="a Python that is no specifier"),
        pytest.param("schema = 1", "schema = 1\nextra = 1", "`extra` is not a key", id="an unknown key"),
    ],
)
def test_a_refusal_names_the_row_and_the_key(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in TEXT
    assert told in refusal(tmp_path, TEXT.replace(old, new, 1))


def test_only_a_row_that_ran_somewhere_is_recommended(tmp_path: Path) -> None:
    words = re.sub(r"^verified = .*\n", "", TEXT, flags=re.MULTILINE)
    assert "may be recommended" in refusal(tmp_path, words)


def test_a_file_that_is_no_toml_is_refused_with_its_line(tmp_path: Path) -> None:
    assert "line 1" in refusal(tmp_path, "schema = = 1")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        load_catalogue(tmp_path / "none.toml")


def test_loading_twice_gives_equal_values() -> None:
    again: Catalogue = load_catalogue()
    assert again == CATALOGUE
