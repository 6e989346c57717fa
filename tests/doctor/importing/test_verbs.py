"""`tunedoc import` and `tunedoc job`, as they are typed."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from doctor.cli.main import run
from doctor.errors import ExitCode, TunedocError
from doctor.importing.job import completed, text_of
from doctor.importing.recognise import import_file
from doctor.jobs import read_job_file
from doctor.paths import Home
from doctor.words.text import render

ROOT = Path(__file__).parent.parent.parent.parent
MODEL = ROOT / "tests" / "models" / "aidreams260k"

AXOLOTL = """\
base_model: small
adapter: lora
datasets: [{path: records.jsonl, type: chat_template}]
sequence_len: 256
learning_rate: 1e-4
lora_r: 8
lora_alpha: 16
strict: false
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("TUNEDOC_HOME", str(tmp_path / "home"))
    folder = tmp_path / "my work 工作"
    folder.mkdir()
    (folder / "records.jsonl").write_text('{"prompt": "a", "completion": "b"}\n', encoding="utf-8")
    (folder / "axolotl.yml").write_text(AXOLOTL.replace("small", str(MODEL).replace("\\", "/")), encoding="utf-8")
    return folder


def answer(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, dict[str, Any]]:
    code = run([*argv, "--json"])
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert found["exit_code"] == code
    return code, found


def test_a_file_is_imported_checked_and_not_written_over(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = str(place / "axolotl.yml")
    code, found = answer(capsys, "import", source)
    assert code == ExitCode.WELL
    data = found["data"]
    assert (data["tool"], data["job"]["lora.rank"], data["job"]["max_length"]) == ("Axolotl", 8, 256)
    assert {note["kind"] for note in data["notes"]} == {"same", "default", "idle"}
    strict = next(note for note in data["notes"] if note["name"] == "strict")
    assert (strict["line"], strict["value"], strict["field"]) == (8, "false", None)
    written = Path(data["job_file"])
    assert written.name == "axolotl.tunedoc.yaml"
    words = written.read_text(encoding="utf-8")
    assert words.startswith("# yaml-language-server: $schema=file:///")
    assert "\r" not in words
    code, found = answer(capsys, "job", "check", str(written))
    assert code == ExitCode.WELL
    assert found["data"]["job"]["lora"]["rank"] == 8
    code, found = answer(capsys, "import", source)
    assert (code, found["errors"][0]["code"]) == (ExitCode.USAGE, "bad_input")
    assert answer(capsys, "import", source, "--force")[0] == ExitCode.WELL
    assert not list(place.glob(".*"))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_is_lost_is_said(language: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    source = place / "lossy.yml"
    source.write_text(AXOLOTL + "deepspeed: z3.json\nlora_rr: 1\n", encoding="utf-8")
    code = run(["import", str(source), "-o", str(place / "deep" / "job.yaml"), "--lang", language, "-v"])
    assert code == ExitCode.FINDINGS
    shown = capsys.readouterr().out
    assert "deepspeed" in shown and "lora_rr" in shown and "`lora_r`" in shown and "strict" in shown
    assert (place / "deep" / "job.yaml").is_file()


def test_a_job_is_begun_and_looked_over(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = place / "new.yaml"
    code, found = answer(capsys, "job", "new", str(file), "--model", str(MODEL), "--data", "records.jsonl")
    assert code == ExitCode.WELL
    schema = Path(found["data"]["schema"])
    assert json.loads(schema.read_text(encoding="utf-8"))["required"] == ["model", "data"]
    assert answer(capsys, "job", "check", str(file))[0] == ExitCode.WELL
    assert answer(capsys, "job", "new", str(file))[0] == ExitCode.USAGE
    with file.open("a", encoding="utf-8") as job:
        job.write("\ntrained_layers: 3\n")
    code, found = answer(capsys, "job", "check", str(file))
    assert code == ExitCode.FINDINGS
    (remark,) = found["data"]["remarks"]
    assert (remark["field"], remark["line"]) == ("trained_layers", len(file.read_text(encoding="utf-8").splitlines()))
    with file.open("a", encoding="utf-8") as job:
        job.write("quantisation: nf4\ntuning: full\n")
    code, found = answer(capsys, "job", "check", str(file))
    assert (code, found["errors"][0]["field"]) == (ExitCode.USAGE, "quantisation")


def test_the_schema_is_printed_and_written(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["job", "schema"]) == ExitCode.WELL
    printed = json.loads(capsys.readouterr().out)
    assert answer(capsys, "job", "schema", str(place / "s.json"))[0] == ExitCode.WELL
    assert json.loads((place / "s.json").read_text(encoding="utf-8")) == printed
    code, found = answer(capsys, "job", "check")
    assert (code, found["errors"][0]["code"]) == (ExitCode.USAGE, "usage")


GOOD = {
    "a.yaml": AXOLOTL,
    "b.yaml": "model_name_or_path: a\nstage: sft\ndataset: x\ntemplate: t\nlora_rank: 8\nfp16: true\nval_size: 0.1\n",
    "c.json": '{"model_name_or_path": "m", "per_device_train_batch_size": 2, "learning_rate": 1e-4, "bf16": true}',
    "d.sh": "export A=1\ntorchrun --nproc_per_node=2 t.py --model_name_or_path $A \\\n --train_file 'x y' --lr 1e-4\n",
    "e.py": "a = {'r': 8}\nTrainingArguments(output_dir='o', learning_rate=1e-4 * 2, **a)\nLoraConfig(r=a['r'])\n",
    "f.ipynb": json.dumps({"cells": [{"cell_type": "code", "source": ["SFTConfig(output_dir='o', seed=3)\n"]}]}),
    "g.ps1": "$m = 'x'\npython t.py `\n --model_name_or_path $m --train_file d.json --optim adamw_torch\n",
    "h.yaml": "model: m\ndata: [{path: x, columns: {output: y}}]\nlora: {rank: 4}\nepochs: 2\ntrackers: [wandb]\n",
}
PIECES = [
    "\x00", "\t", "\ufeff", ": ", "[", "{", "}", "'", '"', "&a ", "*a", "!!x ", "\n", "\r", "- ", "? ", "| ",
    "9" * 400, "1e999", "-1", "nan", ".inf", "null", "true", "[]", "{}", "é", "你", "\U0001f600", "\x85", "#", "%",
    "@", "${X}", "\\", "`", "<<: ", "=", "\x1b[0m", "..", "~", "--", "$(rm)", ",", "=>",
]  # fmt: skip


def test_five_hundred_broken_files_are_refused_with_words_or_read(tmp_path: Path) -> None:
    chance = random.Random(6)
    home = Home(tmp_path / "home")
    for number in range(500):
        name = chance.choice(sorted(GOOD))
        words = GOOD[name]
        for _ in range(chance.randint(1, 4)):
            place = chance.randrange(len(words) + 1)
            match chance.randrange(4):
                case 0:
                    words = words[:place] + chance.choice(PIECES) + words[place:]
                case 1:
                    words = words[:place] + words[place + chance.randint(1, 20) :]
                case 2:
                    words = words[:place]
                case _:
                    lines = words.splitlines(keepends=True)
                    chance.shuffle(lines)
                    words = "".join(lines)
        file = tmp_path / f"{number}-{name}"
        content = words.encode("utf-8", "surrogatepass")
        file.write_bytes(content)
        try:
            if name == "h.yaml":
                read_job_file(file, home)
            else:
                text_of(completed(import_file(file, folder=tmp_path)), schema="x", language="en")
        except TunedocError as error:
            assert error.file is not None, (name, words)
            assert render(error.message, "en") and render(error.message, "zh")
        assert file.read_bytes() == content
