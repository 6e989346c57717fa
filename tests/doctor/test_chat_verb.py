"""`tunedoc chat` with a real file: answered once, and as a conversation of lines."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor.chatting import answer_prompts, open_chat
from doctor.errors import BadInput
from doctor.host.real import RealHost

if TYPE_CHECKING:
    from doctor.environment import Environment
    from doctor.paths import Home

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent


def tunedoc(home: Home, *arguments: str, lines: str = "") -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "TUNEDOC_HOME": str(home.root), "PYTHONUTF8": "1", "OMP_NUM_THREADS": "2"}
    return subprocess.run(
        [sys.executable, "-m", "doctor", "chat", *arguments], input=lines, env=environ, cwd=ROOT,
        capture_output=True, encoding="utf-8", check=False,
    )  # fmt: skip


def test_prompts_are_answered_in_one_envelope(test_home: Home, environment: Environment, tiny_gguf: Path) -> None:
    asked = ("Echoes of", "你好")
    options = [word for prompt in asked for word in ("--prompt", prompt)]
    done = tunedoc(test_home, str(tiny_gguf), *options, "--max-tokens", "16", "--json")
    assert done.returncode == 0, done.stderr
    data = json.loads(done.stdout)["data"]
    assert [answer["prompt"] for answer in data["answers"]] == list(asked)
    assert all(0 < answer["answer_tokens"] <= 16 for answer in data["answers"])
    assert data["type"] == "f16"


def test_lines_are_answered_until_the_user_leaves(test_home: Home, environment: Environment, tiny_gguf: Path) -> None:
    lines = "/help\nEchoes of\n/nonsense\n/clear\n\nEchoes of\n/exit\nnever read\n"
    # Warm, since the likeliest words of so small a model are line feeds.
    done = tunedoc(test_home, str(tiny_gguf), "--max-tokens", "24", "--temperature", "1", "--seed", "5", lines=lines)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()
    # After /clear the model does not remember, so the same words get the same answer.
    half = len(done.stdout) // 2
    assert done.stdout[:half] == done.stdout[half:]
    assert "/nonsense" in done.stderr
    assert "never read" not in done.stdout


def test_the_end_of_input_leaves(test_home: Home, environment: Environment, tiny_gguf: Path) -> None:
    assert tunedoc(test_home, str(tiny_gguf), lines="").returncode == 0


def test_prompts_have_the_answers_that_a_chat_gives(home: Home, environment: Environment, tiny_gguf: Path) -> None:
    host = RealHost()
    pieces: list[str] = []
    with open_chat(host, home, environment, tiny_gguf, threads=2) as chat:
        assert chat.context_tokens == 2048
        answer = chat.say([{"role": "user", "content": "Echoes of"}], pieces.append, max_tokens=16)
        with pytest.raises(BadInput):
            chat.say([{"role": "user", "content": "the sea " * 2000}])
        again = chat.say([{"role": "user", "content": "Echoes of"}], max_tokens=16)
    assert "".join(pieces) == answer.text == again.text
    assert answer_prompts(host, home, environment, tiny_gguf, ["Echoes of"], max_tokens=16, threads=2) == [answer.text]
    assert not [path for path in home.scratch.iterdir() if path.is_dir()]
