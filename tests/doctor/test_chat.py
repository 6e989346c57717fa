"""GGUF files: their facts, their faults, and which one `chat` takes."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor.chatting import newest_export
from doctor.errors import BadInput
from doctor.gguf_file import read_gguf

if TYPE_CHECKING:
    from doctor.paths import Home

ROOT = Path(__file__).parent.parent.parent


def words(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def a_gguf(*, data_bytes: int = 64, version: int = 3) -> bytes:
    """A whole GGUF with one f16 tensor of 32 values and a few fields of each kind."""
    fields = [
        words("general.architecture") + struct.pack("<I", 8) + words("llama"),
        words("general.file_type") + struct.pack("<II", 4, 15),
        words("llama.context_length") + struct.pack("<II", 4, 2048),
        words("tokenizer.chat_template") + struct.pack("<I", 8) + words("{{ messages }}"),
        words("tokenizer.ggml.tokens") + struct.pack("<IIQ", 9, 8, 2) + words("你") + words("b"),
        words("tokenizer.ggml.scores") + struct.pack("<IIQff", 9, 6, 2, 0.0, 1.0),
    ]
    tensor = words("output.weight") + struct.pack("<IQIQ", 1, 32, 1, 0)
    head = b"GGUF" + struct.pack("<IQQ", version, 1, len(fields)) + b"".join(fields) + tensor
    return head + b"\0" * (-len(head) % 32) + b"\0" * data_bytes


def test_the_header_tells_the_facts(tmp_path: Path) -> None:
    file = tmp_path / "模 型.gguf"
    file.write_bytes(a_gguf())
    facts = read_gguf(file)
    assert (facts.architecture, facts.file_type, facts.tensors, facts.parameters) == ("llama", "Q4_K_M", 1, 32)
    assert facts.context_tokens == 2048
    assert facts.has_chat_template
    assert facts.title is None


@pytest.mark.parametrize(
    ("content", "key"),
    [
        pytest.param(b"", "chat.not_gguf", id="empty"),
        pytest.param(b"<html>", "chat.not_gguf", id="a web page"),
        pytest.param(b"GGUF", "chat.truncated", id="four bytes"),
        pytest.param(a_gguf()[:100], "chat.truncated", id="half a header"),
        pytest.param(a_gguf(data_bytes=63), "chat.cut_short", id="one byte short"),
        pytest.param(a_gguf(version=9), "chat.other_version", id="a version of the future"),
        pytest.param(b"GGUF" + struct.pack("<IQQ", 3, 1, 1 << 60), "chat.truncated", id="a lying count"),
        pytest.param(b"GGUF" + struct.pack("<IQQQ", 3, 1, 1, 1 << 62), "chat.truncated", id="a lying length"),
    ],
)
def test_each_fault_of_a_file_has_its_name(tmp_path: Path, content: bytes, key: str) -> None:
    file = tmp_path / "x.gguf"
    file.write_bytes(content)
    with pytest.raises(BadInput) as caught:
        read_gguf(file)
    assert caught.value.message.key == key


def test_a_missing_file_and_a_folder_are_told(tmp_path: Path) -> None:
    for path, key in ((tmp_path / "no.gguf", "chat.no_file"), (tmp_path, "chat.is_folder")):
        with pytest.raises(BadInput) as caught:
            read_gguf(path)
        assert caught.value.message.key == key


def test_every_cut_of_a_file_is_refused_and_none_crashes(tmp_path: Path) -> None:
    whole = a_gguf()
    file = tmp_path / "x.gguf"
    for length in range(0, len(whole), 7):
        file.write_bytes(whole[:length])
        with pytest.raises(BadInput):
            read_gguf(file)


def test_the_newest_export_is_taken(home: Home) -> None:
    with pytest.raises(BadInput):
        newest_export(home)
    for age, name in ((200, "old"), (100, "new")):
        folder = home.exports / name
        folder.mkdir(parents=True)
        (folder / f"{name}.gguf").write_bytes(a_gguf())
        stamp = 1_700_000_000 - age
        os.utime(folder / f"{name}.gguf", (stamp, stamp))
    assert newest_export(home).name == "new.gguf"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["no.gguf", "--prompt", "x"], 2),
        (["--prompt", "x"], 2),
        (["x.gguf"], 2),
        (["x.gguf", "--prompt", "x", "--max-tokens", "0"], 2),
        (["x.gguf", "--prompt", "x", "--temperature", "nan"], 2),
    ],
)
def test_the_verb_refuses_what_cannot_be_answered(tmp_path: Path, arguments: list[str], expected: int) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "doctor", "chat", *arguments, "--json"],
        env={**os.environ, "TUNEDOC_HOME": str(tmp_path), "PYTHONUTF8": "1"},
        cwd=ROOT, capture_output=True, encoding="utf-8", check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    assert done.returncode == expected
    assert json.loads(done.stdout)["errors"][0]["message"]
    assert "Traceback" not in done.stderr
