"""Model folders: their facts, and every fault by its name."""

from __future__ import annotations

import json
import shutil
from typing import TYPE_CHECKING

import pytest

from doctor.errors import BadInput
from doctor.model_folder import INDEX, check_model_folder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from doctor.paths import Home


@pytest.fixture
def folder(tmp_path: Path, model_folder: Path) -> Path:
    """A copy of the tiny model that a test may spoil."""
    copy = tmp_path / "模 型"
    shutil.copytree(model_folder, copy)
    return copy


@pytest.fixture
def model_folder(request: pytest.FixtureRequest) -> Path:
    return request.config.rootpath / "tests" / "models" / "aidreams260k"


def test_the_facts_of_a_whole_model(model_folder: Path) -> None:
    facts = check_model_folder(model_folder)
    assert facts.architecture == "LlamaForCausalLM"
    assert facts.parameters == 230_976
    assert facts.dtype == "F32"
    assert facts.context_tokens == 2048
    assert facts.vocabulary == 512
    assert facts.tokenizer == "tokenizer.json"
    assert facts.has_chat_template
    assert facts.quantised is None


def test_the_licence_comes_from_the_model_card(folder: Path) -> None:
    (folder / "README.md").write_text("---\nlanguage: en\nlicense: apache-2.0\n---\n# x\n", encoding="utf-8")
    assert check_model_folder(folder).licence == "apache-2.0"


def test_a_quantised_copy_is_told(folder: Path) -> None:
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    config["quantization_config"] = {"quant_method": "bitsandbytes"}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    assert check_model_folder(folder).quantised == "bitsandbytes"


def without(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).unlink()


def spoil_config(folder: Path) -> None:
    (folder / "config.json").write_text('{\n  "a": 1,\n  oops\n}', encoding="utf-8")


def cut_weights(folder: Path) -> None:
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[:-1000])


def cut_header(folder: Path) -> None:
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[:100])


def only_pickle(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")


def lfs_pointer(folder: Path) -> None:
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    (folder / "model.safetensors").write_text(pointer, encoding="utf-8")


def lost_shard(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")
    places = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    (folder / INDEX).write_text(json.dumps({"weight_map": places}), encoding="utf-8")


def lost_index(folder: Path) -> None:
    (folder / "model.safetensors").rename(folder / "model-00001-of-00002.safetensors")


def escaping_index(folder: Path) -> None:
    (folder / INDEX).write_text(json.dumps({"weight_map": {"a": "../model.safetensors"}}), encoding="utf-8")


def adapter_only(folder: Path) -> None:
    (folder / "config.json").rename(folder / "adapter_config.json")


def no_tokenizer(folder: Path) -> None:
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer.model").unlink()


@pytest.mark.parametrize(
    ("spoil", "key"),
    [
        pytest.param(without("config.json"), "model.no_config", id="no config.json"),
        pytest.param(spoil_config, "model.bad_json", id="config.json is not JSON"),
        pytest.param(without("model.safetensors"), "model.no_weights", id="no weights"),
        pytest.param(only_pickle, "model.pickle_only", id="pickles only"),
        pytest.param(lfs_pointer, "model.lfs_pointer", id="a Git LFS pointer"),
        pytest.param(cut_weights, "model.wrong_size", id="weights cut short"),
        pytest.param(cut_header, "model.truncated", id="header cut short"),
        pytest.param(lost_shard, "model.missing_shards", id="a shard is missing"),
        pytest.param(lost_index, "model.no_index", id="shards without an index"),
        pytest.param(escaping_index, "model.bad_index", id="an index that leaves the folder"),
        pytest.param(adapter_only, "model.is_adapter", id="an adapter"),
        pytest.param(no_tokenizer, "model.no_tokenizer", id="no tokenizer"),
        pytest.param(shutil.rmtree, "model.no_folder", id="no folder"),
    ],
)
def test_each_fault_has_its_name(folder: Path, spoil: Callable[[Path], None], key: str) -> None:
    spoil(folder)
    with pytest.raises(BadInput) as caught:
        check_model_folder(folder)
    assert caught.value.message.key == key
    assert caught.value.file is not None
    assert caught.value.file.startswith(str(folder))


def test_malformed_json_is_told_with_its_line(folder: Path) -> None:
    spoil_config(folder)
    with pytest.raises(BadInput) as caught:
        check_model_folder(folder)
    assert caught.value.line == 3


def test_a_file_in_place_of_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "m.gguf").write_bytes(b"GGUF")
    with pytest.raises(BadInput) as caught:
        check_model_folder(tmp_path / "m.gguf")
    assert caught.value.hint is not None
    assert caught.value.hint.key == "model.gguf_hint"


def test_a_damaged_model_does_not_count_as_installed(folder: Path, home: Home) -> None:
    from doctor.models import _write_record, installed_model, installed_models

    _write_record(folder, source="here", licence=None, origin={})
    home.models.mkdir(parents=True)
    folder.rename(home.models / "tiny")
    assert [model.id for model in installed_models(home)] == ["tiny"]
    cut_weights(home.models / "tiny")
    assert installed_model(home, "tiny") is None
