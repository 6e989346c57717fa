"""A base in four or eight bits, quantised by us or by others, is learned beside and not changed by a bit."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.many_trainings import MODEL, ROOT, job, variables

if TYPE_CHECKING:
    from doctor.environment import Environment

pytestmark = [pytest.mark.slow, pytest.mark.network]

IDENTITY = ROOT / "tests" / "data" / "llamafactory" / "identity.json"

PROGRAM = """
import hashlib, json, sys
from pathlib import Path
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig
from trainer.contract import TrainRequest, build
from trainer.emit import claim_stdout
from trainer.program import end_process
import trainer.recipe as recipe
from trainer.telling import close_ledgers

claim_stdout()
requests, out, quantised = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")), Path(sys.argv[2]), sys.argv[3]
settings = BitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_compute_dtype=torch.float32)
base = AutoModelForCausalLM.from_pretrained(sys.argv[4], quantization_config=settings, dtype=torch.float32)
base.save_pretrained(quantised)
AutoTokenizer.from_pretrained(sys.argv[4]).save_pretrained(quantised)
seen = {}

def look(model):
    digest = hashlib.sha256()
    kinds = {}
    for name, weight in model.named_parameters():
        if not weight.requires_grad:
            kinds[str(weight.dtype)] = kinds.get(str(weight.dtype), 0) + weight.numel()
            digest.update(weight.detach().contiguous().view(torch.uint8).numpy().tobytes())
    return {"base": digest.hexdigest(), "numbers": kinds,
            "adapter": sorted({str(w.dtype) for w in model.parameters() if w.requires_grad}),
            "layers": sorted({type(m).__name__ for m in model.modules() if "Linear" in type(m).__name__})}

begin, end = recipe.pissa_start, recipe.save_result
def begun(job, model):
    seen["before"] = look(model)
    return begin(job, model)
def ended(job, trainer, *rest):
    seen["after"] = look(trainer.model)
    end(job, trainer, *rest)
recipe.pissa_start, recipe.save_result = begun, ended
found = []
for request in requests:
    result = recipe.train(build(TrainRequest, request))
    close_ledgers(well=True)
    found.append({**result, **seen})
out.write_text(json.dumps(found), encoding="utf-8")
end_process(0)
"""


@pytest.fixture(scope="module")
def python(environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The training environment's interpreter with bitsandbytes, which environments for a CPU do without."""
    there = subprocess.run([str(environment.python), "-c", "import bitsandbytes"], capture_output=True, check=False)
    if there.returncode == 0:
        return environment.python
    from uv import find_uv_bin

    folder = tmp_path_factory.mktemp("beside") / "venv"
    subprocess.run([find_uv_bin(), "venv", "-q", "--python", str(environment.python), str(folder)], check=True)
    inner = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    ask = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    own, theirs = (
        subprocess.run([str(each), "-c", ask], capture_output=True, check=True, encoding="utf-8").stdout.strip()
        for each in (inner, environment.python)
    )
    (Path(own) / "theirs.pth").write_text(theirs + "\n", encoding="utf-8")
    subprocess.run(
        [find_uv_bin(), "pip", "install", "-q", "--no-deps", "--python", str(inner), "bitsandbytes==0.50.2"], check=True
    )
    return inner


@pytest.fixture(scope="module")
def runs(python: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("量化 quantised")
    records = json.loads(IDENTITY.read_text(encoding="utf-8"))[:24]
    data = folder / "asked.json"
    data.write_text(json.dumps(records), encoding="utf-8")
    fields: dict[str, Any] = {"data": [data], "epochs": 2.0, "max_length": 64}
    quantised = folder / "already"
    jobs: dict[str, dict[str, Any]] = {
        "nf4": {**fields, "quantisation": "nf4"},
        "nf4 dora": {**fields, "quantisation": "nf4", "double_quantisation": False, "lora": {"dora": True}},
        "int8": {**fields, "quantisation": "int8"},
        "already": {**fields, "model": str(quantised)},
    }
    requests = folder / "requests.json"
    requests.write_text(json.dumps([job(name, folder, **each) for name, each in jobs.items()]), encoding="utf-8")
    process = subprocess.Popen(
        [str(python), "-c", PROGRAM, str(requests), str(folder / "out.json"), str(quantised), str(MODEL)],
        cwd=ROOT, env=variables(), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        encoding="utf-8", errors="replace",
    )  # fmt: skip
    assert process.stdin is not None and process.stderr is not None
    said = process.stderr.read()
    assert process.wait() == 0, said[-4000:]
    process.stdin.close()
    process.stderr.close()
    found = json.loads((folder / "out.json").read_text(encoding="utf-8"))
    return dict(zip(jobs, found, strict=True))


@pytest.mark.parametrize("name", ["nf4", "nf4 dora", "int8", "already"])
def test_the_adapter_learns_and_the_quantised_base_stays(runs: dict[str, dict[str, Any]], name: str) -> None:
    run = runs[name]
    assert run["loss_after"] < run["loss_before"] - 1
    assert run["before"]["base"] == run["after"]["base"]


@pytest.mark.parametrize(("name", "kind"), [("nf4", "torch.uint8"), ("already", "torch.uint8"), ("int8", "torch.int8")])
def test_linear_weights_are_kept_in_few_bits(runs: dict[str, dict[str, Any]], name: str, kind: str) -> None:
    linear = 4 * (4 * 64 * 64 + 3 * 64 * 172)
    kept = runs[name]["before"]["numbers"][kind]
    assert kept == (linear if kind == "torch.int8" else linear // 2)


def test_quantised_bases_differ_little_from_whole_ones(runs: dict[str, dict[str, Any]]) -> None:
    losses = [run["loss_before"] for run in runs.values()]
    assert max(losses) - min(losses) < 0.05
