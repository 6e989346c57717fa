"""GGUF export and an answer from llama.cpp, under Windows Python, in folders with Chinese letters and blanks."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from doctor.environment import require_environment
from doctor.gguf_file import read_gguf
from tests.windows.inside.windows_machine import ROOT, kept_environ

if TYPE_CHECKING:
    from doctor.paths import Home

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="needs Windows Python")

MODEL = ROOT / "tests" / "models" / "aidreams260k"
TYPES = {"f16": "F16", "Q4_K_M": "Q5_0", "Q4_0": "Q4_0"}
"""Each with a number format that its weights have; the rows of so small a model fit no K-quant.

Not Q8_0: the converter would make it, whose start takes half a minute here.
"""
NAME = "小 梦"
"""The model's folder, hence the files': letters that no Western code page has, and a blank."""


class Exports:
    """One folder, into which an export was begun, ended half-way and finished."""

    def __init__(self, home: Home, folder: Path) -> None:
        self.home = home
        self.model = folder / NAME
        self.output = folder / "导出 的 文件"
        shutil.copytree(MODEL, self.model)

    def tunedoc(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "doctor", *words]

    def start(self) -> subprocess.Popen[bytes]:
        words = ("export", str(self.model), "--output", str(self.output), "--types", ",".join(TYPES), "--json")
        return subprocess.Popen(
            self.tunedoc(*words), env=kept_environ(self.home), cwd=ROOT, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    def names(self) -> list[str]:
        return sorted(path.name for path in self.output.iterdir())

    def scratch(self) -> list[Path]:
        return list(self.output.glob(".export-*/*")) if self.output.is_dir() else []


@pytest.fixture(scope="module")
def exports(windows_home: Home, tmp_path_factory: pytest.TempPathFactory) -> Exports:
    return Exports(windows_home, tmp_path_factory.mktemp("模型 models"))


@pytest.fixture(scope="module")
def killed(exports: Exports) -> list[str]:
    """What lay in the folder after the task manager had ended an export while it wrote a file."""
    process = exports.start()
    while process.poll() is None and not exports.scratch():
        time.sleep(0.1)
    assert exports.scratch(), process.communicate()[1].decode("utf-8", "replace")
    process.kill()
    process.communicate()
    return exports.names()


@pytest.fixture(scope="module")
def finished(exports: Exports, killed: list[str]) -> dict[str, Any]:
    """What the next export said."""
    assert killed
    process = exports.start()
    out, err = process.communicate()
    assert process.returncode == 0, err.decode("utf-8", "replace")
    data: dict[str, Any] = json.loads(out.decode("utf-8"))["data"]
    return data


def test_an_export_that_was_ended_leaves_nothing_under_a_final_name(killed: list[str]) -> None:
    assert not [name for name in killed if name.endswith(".gguf")]


def test_the_next_export_finishes_and_every_file_has_its_own_name(exports: Exports, finished: dict[str, Any]) -> None:
    """llama.cpp's quantiser opens its output in the ANSI code page: a folder of that name would have other letters."""
    assert [row["type"] for row in finished["files"]] == list(TYPES)
    assert exports.names() == sorted(["export.json", *(f"{NAME}-{kind}.gguf" for kind in TYPES)])
    assert sorted(path.name for path in exports.output.parent.iterdir()) == sorted([NAME, exports.output.name])


@pytest.mark.parametrize("kind", TYPES)
def test_files_are_of_the_type_that_was_asked_for_and_have_answered(
    exports: Exports, finished: dict[str, Any], kind: str
) -> None:
    facts = read_gguf(exports.output / f"{NAME}-{kind}.gguf")
    assert facts.file_type == kind
    (row,) = [row for row in finished["files"] if row["type"] == kind]
    assert row["bytes"] == facts.bytes
    assert row["answer"]
    assert TYPES[kind] in row["tensor_types"], row["tensor_types"]


def test_quantising_in_a_folder_with_chinese_letters_gives_the_file_its_name(
    exports: Exports, finished: dict[str, Any], tmp_path: Path
) -> None:
    """llama.cpp opens its output in the ANSI code page, so `trainer/quantise.py` goes there and gives bare names."""
    assert finished
    source = exports.output / f"{NAME}-f16.gguf"
    folder = tmp_path / "量化"
    folder.mkdir()
    shutil.copyfile(source, folder / "f16.gguf")
    script = (
        "import sys; from pathlib import Path; from trainer.quantise import quantise\n"
        "folder = Path(sys.argv[1])\n"
        "quantise(folder / 'f16.gguf', folder / 'Q8_0.gguf', 'Q8_0', threads=1)\n"
    )
    python = require_environment(exports.home).python
    done = subprocess.run(
        [python, "-c", script, str(folder)], env=kept_environ(exports.home) | {"PYTHONPATH": str(ROOT)},
        cwd=ROOT, stdin=subprocess.DEVNULL, capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    assert sorted(path.name for path in folder.iterdir()) == ["Q8_0.gguf", "f16.gguf"]
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]
    assert read_gguf(folder / "Q8_0.gguf").file_type == "Q8_0"


def test_llama_cpp_answers_in_the_chat(exports: Exports, finished: dict[str, Any]) -> None:
    assert finished
    file = exports.output / f"{NAME}-Q4_K_M.gguf"
    words = ("chat", str(file), "--prompt", "Who are you?", "--max-tokens", "12", "--threads", "1", "--json")
    done = subprocess.run(
        exports.tunedoc(*words), env=kept_environ(exports.home), cwd=ROOT, stdin=subprocess.DEVNULL,
        capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr.decode("utf-8", "replace")
    data = json.loads(done.stdout.decode("utf-8"))["data"]
    assert Path(data["file"]) == file
    (answer,) = data["answers"]
    assert answer["answer"]
    assert 0 < answer["answer_tokens"] <= 12


def test_an_export_that_is_there_already_is_kept(exports: Exports, finished: dict[str, Any]) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in exports.output.glob("*.gguf")}
    process = exports.start()
    out, err = process.communicate()
    assert process.returncode == 0, err.decode("utf-8", "replace")
    assert all(row["reused"] for row in json.loads(out.decode("utf-8"))["data"]["files"])
    assert {path.name: path.stat().st_mtime_ns for path in exports.output.glob("*.gguf")} == before
