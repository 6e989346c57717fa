"""The f16 GGUF computes what the Hugging Face model computes: same tokens, same likeliest next token."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from doctor.environment import Environment

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
MODEL = ROOT / "tests" / "models" / "aidreams260k"
DATA = ROOT / "tests" / "data" / "llamafactory"


def test_the_gguf_agrees_with_the_model_on_real_prompts(
    environment: Environment, tiny_gguf: Path, tmp_path: Path
) -> None:
    prompts = [
        record["instruction"]
        for name in ("alpaca_en_demo.json", "alpaca_zh_demo.json")
        for record in json.loads((DATA / name).read_text(encoding="utf-8"))[:16]
    ]
    assert len(prompts) == 32
    (tmp_path / "prompts.json").write_text(json.dumps(prompts), encoding="utf-8")
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    done = subprocess.run(
        [str(environment.python), "-c", COMPARE, str(MODEL), str(tiny_gguf), str(tmp_path / "prompts.json")],
        env=environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "2", "OMP_WAIT_POLICY": "PASSIVE"},
        capture_output=True, encoding="utf-8", check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    counted = json.loads(done.stdout.splitlines()[-1])
    print(counted)
    assert counted["prompts_with_other_ids"] == 0
    assert counted["positions"] > 1000
    assert counted["same"] / counted["positions"] >= 0.95


COMPARE = """
import json, sys
from pathlib import Path
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer
from trainer.speaker import Speaker
model_folder, gguf, prompts = sys.argv[1], Path(sys.argv[2]), json.loads(Path(sys.argv[3]).read_text(encoding="utf-8"))
tokenizer = AutoTokenizer.from_pretrained(model_folder)
model = AutoModelForCausalLM.from_pretrained(model_folder, dtype=torch.float32).eval()
speaker = Speaker(gguf, context_tokens=2048, threads=2)
counted = {"prompts_with_other_ids": 0, "positions": 0, "same": 0}
for prompt in prompts:
    chat = [{"role": "user", "content": prompt}]
    ids = tokenizer.apply_chat_template(chat, add_generation_prompt=True, return_dict=True)["input_ids"][:1024]
    counted["prompts_with_other_ids"] += speaker.prompt_ids(chat)[:1024] != list(ids)
    with torch.inference_mode():
        theirs = model(torch.tensor([ids])).logits[0].argmax(-1).tolist()
    ours = speaker.likeliest(ids)
    counted["positions"] += len(ids)
    counted["same"] += sum(a == b for a, b in zip(theirs, ours, strict=True))
print(json.dumps(counted))
"""
