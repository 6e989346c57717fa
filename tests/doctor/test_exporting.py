"""What is exported from what, and what is refused before the work begins."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor.environment import Environment
from doctor.errors import BadInput, NoSpace
from doctor.export_source import find_source, fingerprint
from doctor.exporting import TYPES, export, parse_types
from doctor.host.real import RealHost
from doctor.model_folder import check_model_folder
from trainer.quantise import FILE_TYPES

if TYPE_CHECKING:
    from doctor.paths import Home

MODEL = Path(__file__).parent.parent / "models" / "aidreams260k"


@pytest.fixture
def unbuilt(tmp_path: Path) -> Environment:
    """An environment that must not be started."""
    folder = tmp_path / "environment"
    return Environment(
        folder=folder, stack="s", device="cpu", python=folder / "python", converter=folder, lock=folder / "pylock.toml"
    )


def make_run(folder: Path, model: Path = MODEL, *, finished: bool = True) -> Path:
    folder.mkdir(parents=True)
    (folder / "job.json").write_text(json.dumps({"model": str(model)}), encoding="utf-8")
    if finished:
        (folder / "adapter").mkdir()
        (folder / "adapter" / "adapter_config.json").write_text("{}", encoding="utf-8")
        (folder / "adapter" / "adapter_model.safetensors").write_bytes(b"weights")
    return folder


def test_both_sides_of_the_contract_know_the_same_types() -> None:
    assert {name: kind.bits for name, kind in FILE_TYPES.items() if name != "f32"} == TYPES


def test_types_are_read_in_any_spelling_and_once() -> None:
    assert parse_types("q4_k_m, F16,Q4_K_M") == ("Q4_K_M", "f16")


@pytest.mark.parametrize("words", ["q9", "", " , "])
def test_types_that_do_not_exist_are_refused_with_those_that_do(words: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse_types(words)
    assert caught.value.hint is not None
    assert "Q4_K_M" in str(caught.value.hint.fields)


def test_a_run_is_found_by_its_folder_and_by_its_name(home: Home) -> None:
    run = make_run(home.runs / "first")
    for named in ("first", str(run)):
        source = find_source(home, named)
        assert (source.name, source.model, source.adapter) == ("first", MODEL, run / "adapter")


def test_a_model_folder_is_exported_without_an_adapter(home: Home) -> None:
    source = find_source(home, str(MODEL))
    assert source.adapter is None
    assert source.model == MODEL


def test_an_absent_run_is_told_with_those_that_are_there(home: Home) -> None:
    make_run(home.runs / "first")
    with pytest.raises(BadInput) as caught:
        find_source(home, "second")
    assert caught.value.hint is not None
    assert dict(caught.value.hint.fields) == {"runs": "first"}


def test_an_unfinished_run_is_told(home: Home) -> None:
    make_run(home.runs / "first", finished=False)
    with pytest.raises(BadInput) as caught:
        find_source(home, "first")
    assert caught.value.message.key == "export.unfinished_run"


def test_a_run_whose_base_model_is_gone_is_told(home: Home, tmp_path: Path) -> None:
    make_run(home.runs / "first", tmp_path / "gone")
    with pytest.raises(BadInput) as caught:
        find_source(home, "first")
    assert caught.value.message.key == "export.base_gone"


def test_another_adapter_gives_another_fingerprint(tmp_path: Path, unbuilt: Environment) -> None:
    facts = check_model_folder(MODEL)
    run = make_run(tmp_path / "run")
    first = fingerprint(facts, run / "adapter", unbuilt)
    assert first == fingerprint(facts, run / "adapter", unbuilt)
    (run / "adapter" / "adapter_model.safetensors").write_bytes(b"others")
    assert first != fingerprint(facts, run / "adapter", unbuilt)
    assert first != fingerprint(facts, None, unbuilt)


class FullDisk(RealHost):
    """This machine with a thousand bytes left."""

    def free_bytes(self, path: Path) -> int:
        return 1000


def test_a_full_disk_is_told_before_the_work(home: Home, unbuilt: Environment, tmp_path: Path) -> None:
    with pytest.raises(NoSpace):
        export(
            FullDisk(), home, unbuilt, run=None, model=MODEL, adapter=None, output=tmp_path / "out",
            report=lambda event: None,
        )  # fmt: skip
    assert list((tmp_path / "out").iterdir()) == []


def test_a_quantised_base_is_refused(home: Home, unbuilt: Environment, tmp_path: Path) -> None:
    model = tmp_path / "model"
    shutil.copytree(MODEL, model)
    config = json.loads((model / "config.json").read_text(encoding="utf-8"))
    config["quantization_config"] = {"quant_method": "bitsandbytes"}
    (model / "config.json").write_text(json.dumps(config), encoding="utf-8")
    run = make_run(tmp_path / "run", model)
    with pytest.raises(BadInput) as caught:
        export(
            RealHost(), home, unbuilt, run=run, model=model, adapter=run / "adapter", output=tmp_path / "out",
            report=lambda event: None,
        )  # fmt: skip
    assert caught.value.message.key == "export.quantised_base"


def test_a_model_without_weights_is_refused(home: Home, unbuilt: Environment, tmp_path: Path) -> None:
    model = tmp_path / "model"
    shutil.copytree(MODEL, model)
    (model / "model.safetensors").unlink()
    with pytest.raises(BadInput):
        export(
            RealHost(), home, unbuilt, run=None, model=model, adapter=None, output=tmp_path / "out",
            report=lambda event: None,
        )  # fmt: skip
    assert not (tmp_path / "out").exists()
