"""Talking with a GGUF over stdin and stdout, in the real environment."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from doctor.environment import Environment

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parent.parent.parent
MODEL = ROOT / "tests" / "models" / "aidreams260k"


def variables() -> dict[str, str]:
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "2", "OMP_WAIT_POLICY": "PASSIVE"}


def converse(
    environment: Environment, gguf: Path, tmp_path: Path, *lines: str, context_tokens: int = 512
) -> tuple[int, list[dict[str, Any]]]:
    """One process: all lines at once, then the end of stdin. Every line of stdout must be an event."""
    request = tmp_path / "request.json"
    request.write_text(
        json.dumps({"gguf": str(gguf), "context_tokens": context_tokens, "threads": 2}, ensure_ascii=False),
        encoding="utf-8",
    )
    done = subprocess.run(
        [str(environment.python), "-m", "trainer.converse", str(request)],
        input="".join(line + "\n" for line in lines), env=variables(), capture_output=True, encoding="utf-8",
        check=False,
    )  # fmt: skip
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def say(*contents: str, **options: Any) -> str:
    roles = ("user", "assistant")
    messages = [{"role": roles[place % 2], "content": words} for place, words in enumerate(contents)]
    return json.dumps({"command": "say", "messages": messages, "max_tokens": 24, **options})


def of(kind: str, events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [event for event in events if event["event"] == kind]


def test_an_answer_comes_in_pieces_and_then_whole(environment: Environment, tiny_gguf: Path, tmp_path: Path) -> None:
    code, events = converse(environment, tiny_gguf, tmp_path, say("I dream of the sea"), say("I dream of the sea"))
    assert code == 0
    assert [event["event"] for event in events[:3]] == ["started", "staged", "staged"]
    first, second = of("answered", events)
    assert "".join(event["piece"] for event in of("said", events)) == first["text"] + second["text"]
    assert first["text"]
    # Greedy, and the beginning that was computed before changes nothing.
    assert (second["text"], second["prompt_tokens"]) == (first["text"], first["prompt_tokens"])
    assert events[-1] == {"event": "finished", "result": {"answers": 2}, "stopped": False}


def test_the_same_seed_gives_the_same_answer(environment: Environment, tiny_gguf: Path, tmp_path: Path) -> None:
    hot = [say("Echoes of", temperature=1.5, seed=seed) for seed in (7, 7, 8)]
    _, events = converse(environment, tiny_gguf, tmp_path, *hot)
    first, again, other = (event["text"] for event in of("answered", events))
    assert first == again
    assert first != other


def test_bad_commands_are_told_and_the_next_is_answered(
    environment: Environment, tiny_gguf: Path, tmp_path: Path
) -> None:
    bad = ["{not json", '{"command": "sing"}', '{"command": "say", "messages": []}', '{"command": "say"}']
    code, events = converse(environment, tiny_gguf, tmp_path, *bad, say("Echoes of"))
    assert code == 0
    assert [event["code"] for event in of("warned", events)] == ["bad_command"] * 4
    assert len(of("answered", events)) == 1


def test_the_oldest_turns_go_with_a_warning_when_the_context_is_full(
    environment: Environment, tiny_gguf: Path, tmp_path: Path
) -> None:
    turns = ["the sea " * 25, "a wave", "the sky " * 25, "a cloud", "Echoes of"]
    _, events = converse(environment, tiny_gguf, tmp_path, say(*turns), context_tokens=256)
    (warned,) = of("warned", events)
    assert warned["code"] == "turns_dropped"
    assert warned["detail"]["messages"] in (2, 4)
    assert of("answered", events)[0]["text"]


def test_a_message_longer_than_the_context_is_refused_and_the_chat_goes_on(
    environment: Environment, tiny_gguf: Path, tmp_path: Path
) -> None:
    code, events = converse(environment, tiny_gguf, tmp_path, say("the sea " * 300), say("Hi"), context_tokens=256)
    assert code == 0
    assert [event["code"] for event in of("warned", events)] == ["refused_too_long"]
    refused, answered = of("answered", events)
    assert refused["text"] == ""
    assert answered["answer_tokens"] > 0


def test_stop_breaks_an_answer_off_and_the_chat_goes_on(
    environment: Environment, tiny_gguf: Path, tmp_path: Path
) -> None:
    request = tmp_path / "request.json"
    request.write_text(json.dumps({"gguf": str(tiny_gguf), "context_tokens": 2048, "threads": 1}), encoding="utf-8")
    with subprocess.Popen(
        [str(environment.python), "-c", ENDLESS, str(request)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=variables(), encoding="utf-8",
    ) as process:  # fmt: skip
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(say("Echoes of", max_tokens=100_000) + "\n")
        process.stdin.flush()
        events = []
        for line in process.stdout:
            events.append(json.loads(line))
            if events[-1]["event"] == "said" and len(of("said", events)) == 1:
                process.stdin.write('{"command": "stop"}\n')
                process.stdin.flush()
            if events[-1]["event"] == "answered" and len(of("answered", events)) == 1:
                process.stdin.write(say("Echoes of", max_tokens=4) + "\n")
                process.stdin.close()
    first, second = of("answered", events)
    assert first["reason"] == "stopped"
    assert first["text"]
    assert second["answer_tokens"] == 4


ENDLESS = """
# An answer that has no end by itself, so that only the stop can end it.
import trainer.speaker as speaker
class Endless(speaker.Speaker):
    def __init__(self, *arguments, **options):
        super().__init__(*arguments, **options)
        known = self.vocabulary
        class Vocabulary:
            def __getattr__(self, name):
                return getattr(known, name)
            def is_eog(self, token):
                return False
        self.vocabulary = Vocabulary()
speaker.Speaker = Endless
from trainer import converse
converse.run_program("trainer.converse", converse.ConverseRequest, converse.converse)
"""


def test_a_file_that_is_no_gguf_fails_as_a_bad_model(environment: Environment, tmp_path: Path) -> None:
    (tmp_path / "x.gguf").write_bytes(b"GGUF" + b"\0" * 100)
    code, events = converse(environment, tmp_path / "x.gguf", tmp_path, say("Hi"))
    assert code == 1
    assert events[-1]["event"] == "failed"
    assert events[-1]["kind"] == "bad_model"


def test_characters_of_several_tokens_come_whole(environment: Environment, tiny_gguf: Path) -> None:
    """Every token's bytes, one after the other through the decoder, give the text back: Chinese, emoji, accents."""
    done = subprocess.run(
        [str(environment.python), "-c", BYTES, str(tiny_gguf)],
        env=variables(), capture_output=True, encoding="utf-8", check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]


BYTES = """
import sys, codecs
from pathlib import Path
from trainer.speaker import Speaker, spelt_bytes
speaker = Speaker(Path(sys.argv[1]), context_tokens=64, threads=1)
for words in ("你好，世界！😀 été", "a", "龘" * 5):
    ids = speaker.ids(words)
    assert len(ids) >= len(words)
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    pieces = [decoder.decode(speaker._bytes(token)) for token in ids]
    assert "".join(pieces).lstrip(" ") == words, pieces
    assert not any("\\ufffd" in piece for piece in pieces)
# Byte-level BPE, as GPT-2 spells it: two tokens that hold one character between them.
assert spelt_bytes("ä½", 2) + spelt_bytes("ł", 2) == "你".encode()
assert spelt_bytes("Ġhello", 2) == b" hello"
assert spelt_bytes("<0xE4>", 1) == b"\\xe4"
assert spelt_bytes("hello", 1) is None
"""


def test_templates_are_rendered_as_transformers_renders_them(environment: Environment) -> None:
    done = subprocess.run(
        [str(environment.python), "-c", TEMPLATES, str(MODEL)],
        env=variables(), capture_output=True, encoding="utf-8", check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]


TEMPLATES = r"""
import sys
from transformers import AutoTokenizer
from trainer.chat_template import ChatTemplate, TemplateRefused
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1])
chats = [
    [{"role": "user", "content": "你好 <b>&</b>"}],
    [{"role": "system", "content": "S"}, {"role": "user", "content": "a"}, {"role": "assistant", "content": "b"},
     {"role": "user", "content": "c"}],
]
templates = [
    tokenizer.chat_template,
    "{% for m in messages %}\n  {% if m.role == 'system' %}{% continue %}{% endif %}\n{{ m | tojson }}\n{% endfor %}",
    "{{ bos_token }}{% for m in messages %}{% generation %}{{ m.content }}{% endgeneration %}{{ eos_token }}"
    "{% endfor %}",
    "{% set ns = namespace(n=0) %}{% for m in messages %}{% set ns.n = ns.n + 1 %}{% endfor %}{{ ns.n }}",
    "{{ strftime_now('%Y') }}{% if add_generation_prompt %}A{% endif %}{{ tools is none }}",
]
for template in templates:
    for chat in chats:
        theirs = tokenizer.apply_chat_template(chat, chat_template=template, add_generation_prompt=True, tokenize=False)
        ours = ChatTemplate(template, bos=tokenizer.bos_token, eos=tokenizer.eos_token).render(chat)
        assert ours == theirs, (template, ours, theirs)
for bad in ("{{ raise_exception('no system role') }}", "{{ messages.__class__.__mro__ }}", "{% if %}"):
    try:
        ChatTemplate(bad, bos="", eos="").render(chats[0])
    except TemplateRefused:
        continue
    raise SystemExit(f"accepted: {bad}")
"""
