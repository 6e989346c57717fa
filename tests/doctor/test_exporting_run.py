"""A LoRA run becomes GGUF files: end to end, again, and after being killed."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from doctor.errors import WorkerFailed
from doctor.export_source import find_source
from doctor.exporting import export
from doctor.gguf_file import read_gguf
from doctor.host.real import RealHost
from doctor.paths import Home
from trainer.contract import Staged

if TYPE_CHECKING:
    from doctor.environment import Environment
    from doctor.exporting import ExportOutcome
    from trainer.contract import Event

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
MODEL = ROOT / "tests" / "models" / "aidreams260k"

MAKE_ADAPTER = """
import sys, torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
torch.manual_seed(0)
model = AutoModelForCausalLM.from_pretrained(sys.argv[1], dtype=torch.float32)
tuned = get_peft_model(model, LoraConfig(r=4, lora_alpha=8, target_modules="all-linear", task_type="CAUSAL_LM"))
for name, weight in tuned.named_parameters():
    if "lora_B" in name:
        torch.nn.init.normal_(weight, std=0.02)
tuned.save_pretrained(sys.argv[2])
"""

COMPARE = """
import sys, torch
from pathlib import Path
from peft import PeftModel
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM
from trainer.merge import merge_adapter
base, adapter, output = map(Path, sys.argv[1:4])
layers = merge_adapter(base, adapter, output)
theirs = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32), adapter)
theirs = theirs.merge_and_unload().state_dict()
ours = load_file(output / "model.safetensors")
assert layers == 28, layers
assert all(torch.equal(theirs[name], weight) for name, weight in ours.items())
names = {file.name for file in output.iterdir()}
assert {"tokenizer.json", "chat_template.jinja", "config.json"} <= names, names
assert (output / "tokenizer.json").read_bytes() == (base / "tokenizer.json").read_bytes()
half = AutoModelForCausalLM.from_pretrained(base, dtype=torch.bfloat16)
half.save_pretrained(output / "half")
merge_adapter(output / "half", adapter, output / "half-merged")
merged = load_file(output / "half-merged" / "model.safetensors")
start = load_file(output / "half" / "model.safetensors")
exact = PeftModel.from_pretrained(AutoModelForCausalLM.from_pretrained(output / "half", dtype=torch.float32), adapter)
exact = exact.merge_and_unload().state_dict()
assert {weight.dtype for weight in merged.values()} == {torch.bfloat16}
# Computed in fp32 and rounded once: exactly the rounded exact result.
assert all(torch.equal(exact[name].to(torch.bfloat16), weight) for name, weight in merged.items())
print("equal")
"""


def in_environment(environment: Environment, script: str, *arguments: object) -> str:
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [str(environment.python), "-c", script, *map(str, arguments)],
        env=environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "2", "OMP_WAIT_POLICY": "PASSIVE"},
        capture_output=True, encoding="utf-8", check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return done.stdout


@pytest.fixture(scope="module")
def run_home(environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with one finished run, `梦 run`."""
    home = Home(tmp_path_factory.mktemp("家 home"))
    run = home.runs / "梦 run"
    run.mkdir(parents=True)
    in_environment(environment, MAKE_ADAPTER, MODEL, run / "adapter")
    (run / "job.json").write_text(json.dumps({"model": str(MODEL)}), encoding="utf-8")
    return home


@pytest.fixture(scope="module")
def exported(environment: Environment, run_home: Home) -> tuple[ExportOutcome, list[Event]]:
    events: list[Event] = []
    return export_run(environment, run_home, events), events


def export_run(environment: Environment, home: Home, events: list[Event]) -> ExportOutcome:
    source = find_source(home, "梦 run")
    return export(
        RealHost(), home, environment, run=source.run, model=source.model, adapter=source.adapter,
        output=home.exports / source.name, report=events.append,
    )  # fmt: skip


def test_every_file_is_what_its_name_says(exported: tuple[ExportOutcome, list[Event]]) -> None:
    outcome, _ = exported
    assert [file.path.name for file in outcome.files] == [f"梦 run-{kind}.gguf" for kind in ("f16", "Q8_0", "Q4_K_M")]
    facts = [read_gguf(file.path) for file in outcome.files]
    assert [fact.file_type for fact in facts] == ["f16", "Q8_0", "Q4_K_M"]
    assert all(fact.has_chat_template and fact.tensors == facts[0].tensors for fact in facts)
    assert [fact.parameters for fact in facts] == [facts[0].parameters] * 3
    assert facts[0].bytes > facts[1].bytes > facts[2].bytes
    # Rows of 64 and 172 values: llama.cpp cannot cut them into blocks of 256, and says so.
    assert outcome.files[2].fallbacks
    assert outcome.files[1].tensor_types["Q8_0"] == 25


def test_every_file_has_answered(exported: tuple[ExportOutcome, list[Event]]) -> None:
    outcome, _ = exported
    assert all(file.answer for file in outcome.files)


def test_every_stage_is_told_with_its_time(exported: tuple[ExportOutcome, list[Event]]) -> None:
    _, events = exported
    ended = [event.stage for event in events if isinstance(event, Staged) and event.seconds is not None]
    assert ended[:4] == ["merge", "convert", "verify:f16", "answer:f16"]
    assert ended[-1] == "place:f16"


def test_a_second_export_keeps_what_is_there(
    environment: Environment, run_home: Home, exported: tuple[ExportOutcome, list[Event]]
) -> None:
    events: list[Event] = []
    again = export_run(environment, run_home, events)
    assert events == []
    assert all(file.reused for file in again.files)
    assert [file.path for file in again.files] == [file.path for file in exported[0].files]


def test_the_merge_is_pefts_own_rounded_once(environment: Environment, run_home: Home, tmp_path: Path) -> None:
    adapter = run_home.runs / "梦 run" / "adapter"
    assert in_environment(environment, COMPARE, MODEL, adapter, tmp_path / "merged").strip().endswith("equal")


def test_a_base_without_a_template_takes_the_one_that_it_was_trained_with(
    environment: Environment, run_home: Home, tmp_path: Path
) -> None:
    base, adapter = tmp_path / "base", tmp_path / "adapter"
    shutil.copytree(MODEL, base)
    shutil.copytree(run_home.runs / "梦 run" / "adapter", adapter)
    (base / "chat_template.jinja").unlink()
    (adapter / "chat_template.jinja").write_text("{{ bos_token }}plain", encoding="utf-8")
    outcome = export(
        RealHost(), run_home, environment, run=None, model=base, adapter=adapter, output=tmp_path / "out",
        types=("f16",), report=lambda event: None,
    )  # fmt: skip
    assert b"{{ bos_token }}plain" in outcome.files[0].path.read_bytes()[:200_000]


def test_an_adapter_of_another_base_is_refused(environment: Environment, run_home: Home, tmp_path: Path) -> None:
    model = tmp_path / "wider"
    in_environment(
        environment,
        "import sys, shutil\nfrom transformers import LlamaConfig, LlamaForCausalLM\n"
        "config = LlamaConfig.from_pretrained(sys.argv[1])\nconfig.hidden_size = 128\n"
        "LlamaForCausalLM(config).save_pretrained(sys.argv[2])\n"
        "[shutil.copy(f'{sys.argv[1]}/{n}', sys.argv[2]) for n in ('tokenizer.json', 'tokenizer_config.json')]",
        MODEL,
        model,
    )
    with pytest.raises(WorkerFailed) as caught:
        export(
            RealHost(), Home(tmp_path / "home"), environment, run=None, model=model,
            adapter=run_home.runs / "梦 run" / "adapter", output=tmp_path / "out", report=lambda event: None,
        )  # fmt: skip
    assert caught.value.kind == "bad_model"
    assert caught.value.exit_code == 2
    assert not list((tmp_path / "out").rglob("*.gguf"))


@pytest.mark.parametrize("moment", ["merge", "quantise:Q4_K_M"])
def test_killed_in_the_middle_the_same_command_succeeds(
    environment: Environment, run_home: Home, tmp_path: Path, moment: str
) -> None:
    """`kill -9` when a stage begins: nothing half written has a name, and the next run finishes."""
    output = tmp_path / "out"
    command = [sys.executable, "-c", KILLED, str(run_home.root), str(environment.folder), str(output), moment]
    killed = subprocess.run(command, cwd=ROOT, check=False, stdin=subprocess.DEVNULL, capture_output=True)
    assert killed.returncode != 0
    assert all(read_gguf(file) for file in output.glob("*.gguf"))
    command[-1] = "never"
    done = subprocess.run(command, cwd=ROOT, check=False, stdin=subprocess.DEVNULL, capture_output=True)
    assert done.returncode == 0, done.stderr
    assert sorted(file.name for file in output.iterdir()) == ["export.json", "梦 run-Q4_K_M.gguf"]
    assert read_gguf(output / "梦 run-Q4_K_M.gguf").file_type == "Q4_K_M"


KILLED = """
import os, signal, sys
from pathlib import Path
from doctor.environment import read_environment
from doctor.export_source import find_source
from doctor.exporting import export
from doctor.host.real import RealHost
from doctor.paths import Home
from trainer.contract import Staged
home, environment, output, moment = Home(Path(sys.argv[1])), read_environment(Path(sys.argv[2])), *sys.argv[3:]
def report(event):
    if isinstance(event, Staged) and event.stage == moment:
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
source = find_source(home, "梦 run")
export(RealHost(), home, environment, run=source.run, model=source.model, adapter=source.adapter,
       output=Path(output), types=("Q4_K_M",), report=report)
"""


def records(output: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((output / "export.json").read_text(encoding="utf-8"))
    return found


def test_the_record_names_every_file_and_its_source(exported: tuple[ExportOutcome, list[Event]]) -> None:
    outcome, _ = exported
    rows = records(outcome.output)["files"]
    assert sorted(rows) == sorted(file.path.name for file in outcome.files)
    assert len({row["source"] for row in rows.values()}) == 1
