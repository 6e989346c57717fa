"""The catalogue is parsed strictly, and the shipped one is sound."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor.catalogue.later import LATER, split
from doctor.catalogue.load import catalogue_file, load_catalogue, shipped_file
from doctor.catalogue.machine import plain_name
from doctor.errors import BadInput, ExitCode
from doctor.gpu_models import capability_of
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
def test_bitsandbytes_its_proof_and_its_architectures_go_together(stack: Stack) -> None:
    assert stack.four_bits == ("nf4" in stack.smoke) == bool(stack.nf4_architectures)
    assert not stack.four_bits or stack.device == "cuda"


def test_every_row_keeps_its_source() -> None:
    assert all(stack.source for stack in CATALOGUE.stacks)
    for part in CATALOGUE.parts:
        assert part.source
    for fact in (*CATALOGUE.facts.builds, *CATALOGUE.facts.variants, *CATALOGUE.facts.minimum_drivers):
        assert fact.source
    assert all(mirror.source for mirror in CATALOGUE.mirrors)


def test_a_stack_takes_what_it_can_do_from_the_facts() -> None:
    """Read again from the file, without the code that loads it."""
    raw = tomllib.loads(TEXT)
    builds = {
        tuple(cell.strip() for cell in line.split("|")[:3]): line.split("|")[3].split()
        for line in raw["torch"]["builds"].strip().splitlines()[1:]
    }
    drivers = {
        line.split("|")[0].strip(): dict(zip(("windows", "linux"), map(str.strip, line.split("|")[1:3]), strict=True))
        for line in raw["driver"]["minimum"].strip().splitlines()[1:]
    }
    for row, stack in zip(raw["stack"], CATALOGUE.stacks, strict=True):
        assert (row["id"], row["system"], row["torch"]) == (stack.id, stack.needs.os, stack.torch)
        wanted = {**raw["sets"][row["set"]]["packages"], "torch": row["torch"]}
        if "bitsandbytes" in row:
            wanted["bitsandbytes"] = row["bitsandbytes"]
        assert {pin.name for pin in stack.pins} == set(wanted)
        for pin in stack.pins:
            value = wanted[pin.name]
            assert pin.version == value or {"version": pin.version, "python": pin.python} in value
        assert set(stack.needs.pythons) <= set(raw["sets"][row["set"]]["pythons"])
        release, _, variant = row["torch"].partition("+")
        if stack.device == "cpu":
            assert stack.architectures == ()
            continue
        assert list(stack.architectures) == builds[(release.rpartition(".")[0], variant, row["system"])]
        assert stack.needs.min_driver == row.get("min_driver", drivers[stack.cuda.split(".")[0]][row["system"]])


def test_the_rest_of_the_file_is_loaded_as_it_stands() -> None:
    raw = tomllib.loads(TEXT)
    assert [dataclasses.asdict(model) for model in CATALOGUE.models] == raw["model"]
    assert dataclasses.asdict(CATALOGUE.tools.converter) == raw["tools"]["converter"]
    assert [dataclasses.asdict(mirror) for mirror in CATALOGUE.mirrors] == raw["mirror"]
    assert [part.name for part in CATALOGUE.parts] == [row["name"] for row in raw["part"]]

    def lines(words: str) -> int:
        return len(words.strip().splitlines()) - 1

    facts = CATALOGUE.facts
    assert len(facts.releases) == lines(raw["torch"]["releases"])
    assert len(facts.builds) == lines(raw["torch"]["builds"])
    assert len(facts.variants) == lines(raw["torch"]["variants"])
    assert len(facts.toolkits) == lines(raw["driver"]["toolkits"])
    assert len(facts.families) == lines(raw["driver"]["families"])
    assert len(facts.libraries) == lines(raw["bitsandbytes"]["libraries"])
    assert len(CATALOGUE.gpu_models) == lines(raw["gpu"]["models"])
    assert len(CATALOGUE.llama_releases) == lines(raw["llama"]["releases"])


def test_the_file_in_two_parts_is_the_file() -> None:
    """What is read at once and what is read later are, together, the whole."""
    now, later = split(TEXT)
    assert set(tomllib.loads(later)) == LATER
    assert tomllib.loads(now) | tomllib.loads(later) == tomllib.loads(TEXT)


def test_the_library_that_bitsandbytes_loads() -> None:
    def cuda(version: str, variant: str) -> tuple[str, ...] | None:
        library = CATALOGUE.facts.library(version, "linux", variant)
        return None if library is None else library.variants

    assert cuda("0.50.2", "cu128") == ("cu128",)
    assert cuda("0.50.2", "cu129") == ("cu128",)  # the highest below
    assert cuda("0.50.2", "cu120") == ("cu118", "cu121", "cu124", "cu126")  # the lowest above
    assert cuda("0.46.1", "cu130") is None  # never of another major version


def test_every_card_by_name_has_one_capability() -> None:
    assert CATALOGUE.capabilities["rtx 2050"] == "8.6"
    for model in CATALOGUE.gpu_models:
        assert CATALOGUE.capabilities[plain_name(model.name)] == model.capability
        by_pattern = capability_of(model.name)
        assert by_pattern in (None, model.capability), model.name


def test_an_environment_variable_names_another_catalogue() -> None:
    assert catalogue_file({}) == shipped_file()
    assert catalogue_file({"TUNEDOC_CATALOGUE": "/some where/目录.toml"}) == Path("/some where/目录.toml")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param("schema = 1", "schema = 2", "`schema` is 2", id="another schema"),
        pytest.param('torch = "2.13.0+cu130"', 'torch = "2.13.0+cu132"', "'torch-cu132'", id="no such index"),
        pytest.param('torch = "2.13.0+cu130"', 'torch = "2.13.0+cu999"', "torch.builds", id="a build without facts"),
        pytest.param('torch = "2.13.0+cu130"', 'torch = "2.99.0+cu130"', "torch.releases", id="no such torch"),
        pytest.param('torch = "2.13.0+cu130"', 'torch = "2.13.0+xpu"', "'xpu'", id="a build for something else"),
        pytest.param('torch = "2.13.0+cpu"', 'torch = "2.13.0"', "CUDA builds for Linux", id="Linux without a tag"),
        pytest.param('bitsandbytes = "0.50.2"', 'bitsandbytes = "0.47.0"', "cu130", id="no such library"),
        pytest.param('status = "supported"', 'status = "fine"', "`status` has 'fine'", id="a status there is not"),
        pytest.param('system = "windows"', 'system = "macos"', "`system`", id="a system there is not"),
        pytest.param('min_driver = "570.65"', "min_driver = 570", "`min_driver` is not a string", id="a number"),
        pytest.param('min_driver = "570.65"', 'min_driver = "500.10"', "facts say 528.33", id="below the fact"),
        pytest.param('min_driver = "570.65"', 'min_drivers = "570.65"', "`min_drivers` is not a key", id="misspelt"),
        pytest.param('set = "hf-5-23"', 'set = "hf"', "[sets]", id="no such set"),
        pytest.param('torch = "2.7"', 'torch = "2.14"', "needs torch 2.14", id="a set that is too new"),
        pytest.param("linux-cu130-torch2.13", "windows-cu130-torch2.13", "used twice", id="an id used twice"),
        pytest.param("bytes = 92871040", "bytes = 0", "model smollm2", id="no size"),
        pytest.param('sha256 = "bcc', 'sha256 = "xyz', "`sha256`", id="a wrong hash"),
        pytest.param("updated = 2026-11-21", 'updated = "soon"', "`updated`", id="no date"),
        pytest.param("[tools.converter]", "[tools.convertor]", "`converter` is missing", id="no converter"),
        pytest.param('python = "<3.12"', 'python = "old"', "`python`", id="a Python that is no specifier"),
        pytest.param("schema = 1", "schema = 1\nextra = 1", "`extra` is not a key", id="an unknown key"),
        pytest.param("| code for ", "| architectures ", "torch.builds", id="an unknown column"),
        pytest.param("2.13  | cu130   | windows", "2.13  | cu130   windows", "torch.builds", id="a cell too few"),
    ],
)
def test_a_refusal_names_the_row_and_the_key(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in TEXT
    assert told in refusal(tmp_path, TEXT.replace(old, new, 1))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        pytest.param('kind = "packages"', 'kind = "food"', "mirror Tsinghua TUNA", id="a kind there is not"),
        pytest.param('layout = "find-links"', 'layout = "endpoint"', "`layout`", id="a layout of another kind"),
        pytest.param('needs = ["triton"]', 'needs = ["tritone"]', "which is no part", id="no such part"),
        pytest.param("dependencies = false", 'dependencies = "no"', "neither true nor false", id="no truth"),
        pytest.param("| 8.0+ | ", "| new+ | ", "'new'", id="no capability"),
        pytest.param("| 12.1       | Blackwell", "| twelve     | Blackwell", "NVIDIA GB10", id="a card without one"),
    ],
)
def test_what_is_read_later_is_refused_then(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in TEXT
    file = tmp_path / "wheels.toml"
    file.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    catalogue = load_catalogue(file)
    with pytest.raises(BadInput) as refused:
        _ = catalogue.mirrors, catalogue.parts, catalogue.gpu_models
    assert told in render(refused.value.message, "en")
    assert refused.value.file == str(file)


def test_a_row_may_say_everything_itself(tmp_path: Path) -> None:
    """As catalogues without fact tables do."""
    file = tmp_path / "wheels.toml"
    file.write_text(
        """schema = 1
updated = 2026-11-21
model = []
[indexes]
here = "https://example.com/simple"
[[stack]]
id = "own"
status = "supported"
device = "cuda"
cuda = "12.6"
index = "here"
needs = { os = "linux", machines = ["x86_64"], pythons = ["3.12"], min_driver = "525", min_compute = "7.0" }
architectures = ["7.0"]
packages = { torch = "9.9+cu126" }
smoke = ["import"]
source = ["nowhere"]
[tools.converter]
package = "c"
version = "1"
sha256 = \""""
        + "0" * 64
        + """"
bytes = 1
source = "nowhere"
""",
        encoding="utf-8",
    )
    catalogue = load_catalogue(file)
    assert [(stack.id, stack.torch, stack.variant) for stack in catalogue.stacks] == [("own", "9.9+cu126", "cu126")]
    assert (catalogue.parts, catalogue.mirrors, catalogue.facts.builds) == ((), (), ())


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
