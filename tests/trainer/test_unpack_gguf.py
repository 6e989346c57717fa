"""A GGUF becomes a model folder again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor.errors import WorkerFailed
from doctor.host.real import RealHost
from doctor.model_folder import check_model_folder
from doctor.worker import start_worker
from trainer.contract import UnpackRequest

if TYPE_CHECKING:
    from doctor.environment import Environment
    from doctor.paths import Home

pytestmark = pytest.mark.slow

MODEL = Path(__file__).parent.parent / "models" / "aidreams260k"


def unpack(home: Home, environment: Environment, gguf: Path, output: Path) -> dict[str, object]:
    worker = start_worker(
        RealHost(), home, environment.python, "trainer.unpack_gguf",
        UnpackRequest(gguf=str(gguf), output=str(output), name="tiny"),
        log=home.logs / "unpack.log", request_file=home.scratch / "request.json",
    )  # fmt: skip
    return worker.follow(lambda event: None).result


def test_the_folder_holds_the_model_that_the_file_holds(
    environment: Environment, home: Home, tiny_gguf: Path, tmp_path: Path
) -> None:
    output = tmp_path / "模型 folder"
    result = unpack(home, environment, tiny_gguf, output)
    facts = check_model_folder(output)
    assert facts.parameters == result["parameters"] == check_model_folder(MODEL).parameters
    assert facts.dtype == "BF16"
    assert facts.has_chat_template
    assert facts.quantised is None
    config = json.loads((output / "config.json").read_text(encoding="utf-8"))
    assert config["hidden_size"] == 64
    assert config["num_hidden_layers"] == 4


def test_a_damaged_file_is_a_bad_model(environment: Environment, home: Home, tmp_path: Path) -> None:
    (tmp_path / "x.gguf").write_bytes(b"GGUF" + b"\0" * 64)
    with pytest.raises(WorkerFailed) as caught:
        unpack(home, environment, tmp_path / "x.gguf", tmp_path / "out")
    assert caught.value.kind == "bad_model"
