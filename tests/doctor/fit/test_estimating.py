"""What the planner gathers: shapes from folders and hubs, cards by words, and what the verb says of them."""

from __future__ import annotations

import json
import os
import struct
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from doctor.errors import BadInput
from doctor.estimating import parse_cards, read_folder

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
TINY = ROOT / "tests" / "models" / "aidreams260k"
COMMIT = "a" * 40
CONFIG = {
    "model_type": "llama",
    "hidden_size": 4096,
    "num_hidden_layers": 32,
    "intermediate_size": 14336,
    "num_attention_heads": 32,
    "num_key_value_heads": 8,
    "vocab_size": 128256,
    "tie_word_embeddings": False,
}


def tensors_of_8b() -> dict[str, list[int]]:
    """Names and shapes as an 8B Llama has them."""
    found: dict[str, list[int]] = {
        "model.embed_tokens.weight": [128256, 4096],
        "lm_head.weight": [128256, 4096],
        "model.norm.weight": [4096],
    }
    for layer in range(32):
        place = f"model.layers.{layer}."
        for name, shape in (
            ("self_attn.q_proj", [4096, 4096]), ("self_attn.k_proj", [1024, 4096]), ("self_attn.v_proj", [1024, 4096]),
            ("self_attn.o_proj", [4096, 4096]), ("mlp.gate_proj", [14336, 4096]), ("mlp.up_proj", [14336, 4096]),
            ("mlp.down_proj", [4096, 14336]), ("input_layernorm", [4096]), ("post_attention_layernorm", [4096]),
        ):  # fmt: skip
            found[f"{place}{name}.weight"] = shape
    return found


def header_of(tensors: dict[str, list[int]]) -> bytes:
    entries: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    begin = 0
    for name, shape in tensors.items():
        size = 2
        for side in shape:
            size *= side
        entries[name] = {"dtype": "BF16", "shape": shape, "data_offsets": [begin, begin + size]}
        begin += size
    raw = json.dumps(entries).encode()
    return struct.pack("<Q", len(raw)) + raw


class Hub(BaseHTTPRequestHandler):
    """A hub with an 8B model in two files, of which nothing but the headers exists. It counts what it sends."""

    protocol_version = "HTTP/1.1"
    files: dict[str, bytes]
    size = 8_030_261_248
    sent = 0
    knows_ranges = True

    def log_message(self, *words: object) -> None:
        pass

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if path.startswith("/api/"):
            siblings = [
                {"rfilename": name, "size": self.size if name.endswith(".safetensors") else len(data)}
                for name, data in self.files.items()
            ]
            return self.answer(json.dumps({"id": "made/up-8b", "sha": COMMIT, "siblings": siblings}).encode(), 200)
        data = self.files[path.rpartition("/")[2]]
        wanted = self.headers.get("range")
        if wanted and self.knows_ranges and data[:1] != b"{":
            last = int(wanted.rpartition("-")[2])
            return self.answer(data[: last + 1].ljust(last + 1, b"\0"), 206)
        if data[:1] != b"{":
            # Ranges are not known here: all of it comes, gigabytes long.
            self.send_response(200)
            self.send_header("Content-Length", str(self.size))
            self.end_headers()
            try:
                self.wfile.write(data)
                for _ in range(1000):
                    self.wfile.write(b"\0" * (1 << 20))
                    type(self).sent += 1 << 20
            except OSError:
                pass
            self.close_connection = True
            return None
        return self.answer(data, 200)

    def answer(self, body: bytes, code: int) -> None:
        type(self).sent += len(body)
        self.send_response(code)
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(params=[True, False], ids=["ranges", "no-ranges"])
def hub(request: pytest.FixtureRequest) -> Iterator[tuple[str, type[Hub]]]:
    names = list(tensors_of_8b().items())
    half = len(names) // 2
    index = {
        "weight_map": {name: f"model-0000{1 + (i >= half)}-of-00002.safetensors" for i, (name, _) in enumerate(names)}
    }
    kind = type("Kind", (Hub,), {
        "files": {
            "config.json": json.dumps(CONFIG).encode(),
            "tokenizer.json": b"{}",
            "model.safetensors.index.json": json.dumps(index).encode(),
            "model-00001-of-00002.safetensors": header_of(dict(names[:half])),
            "model-00002-of-00002.safetensors": header_of(dict(names[half:])),
        },
        "knows_ranges": request.param,
    })  # fmt: skip
    server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", kind
    server.shutdown()
    server.server_close()


def tunedoc(home: Path, *arguments: str, endpoint: str = "http://127.0.0.1:9") -> tuple[int, dict[str, Any], str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    environ |= {"TUNEDOC_HOME": str(home), "HF_ENDPOINT": endpoint, "HF_HOME": str(home / "hf"), "PYTHONUTF8": "1"}
    environ |= {"NO_PROXY": "127.0.0.1"}
    done = subprocess.run(
        [sys.executable, "-m", "doctor", "train", *arguments, "--lang", "en"],
        env=environ, cwd=ROOT, capture_output=True, encoding="utf-8", check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    answer = json.loads(done.stdout)["data"] if "--json" in arguments and done.stdout else {}
    return done.returncode, answer, done.stdout + done.stderr


def test_a_model_on_a_hub_is_planned_from_its_headers_alone(hub: tuple[str, type[Hub]], tmp_path: Path) -> None:
    endpoint, kind = hub
    code, data, words = tunedoc(
        tmp_path, "--plan", "--model", "made/up-8b", "--card", "16GiB,16GiB", "--json", endpoint=endpoint
    )
    assert code == 0, words
    assert data["parameters"] == 8_030_261_248
    assert data["exact"] is True
    assert data["disk"]["download"] > 16e9
    assert data["verdict"] == "too_large"
    assert data["chosen"]["kind"] == "split"
    assert {lever["name"] for lever in data["levers"]} >= {"nf4"}
    assert not (tmp_path / "models").exists()
    # What a server sends beyond the header is not waited for, even where it sends everything.
    assert kind.sent < 64 << 20


def test_a_folder_is_read_by_its_headers() -> None:
    shape = read_folder(TINY)
    assert shape.numbers == 230_976
    assert len(shape.layers) == 4
    assert shape.exact


def test_the_verb_says_what_it_needs_and_writes_nothing(tmp_path: Path) -> None:
    code, _, words = tunedoc(tmp_path, "--plan", "--model", str(TINY), "--card", "8GiB")
    assert code == 0, words
    assert "one card: fits" in words
    assert "allocator's slack" in words
    assert list(tmp_path.glob("**/*.json")) == []


@pytest.mark.parametrize("bad", ["", "16 apples", "0GiB", "-3", "16GiB,,16GiB"])
def test_a_card_that_is_none_is_refused(bad: str) -> None:
    with pytest.raises(BadInput):
        parse_cards(bad)


def test_cards_are_written_as_people_write_them() -> None:
    assert [round(card.total / 2**30, 1) for card in parse_cards("16GiB,24 GB")] == [15.9, 23.9]
    assert len(parse_cards("2x24")) == 2
    first, second = parse_cards("2×16", system="windows")
    assert first.free < second.free


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("--card", "16GiB"), "--plan"),
        (("--plan",), "--model"),
        ((), "job file"),
        (("--plan", "--model", "no/such folder"), "config.json"),
    ],
)
def test_what_makes_no_sense_is_refused(arguments: tuple[str, ...], hint: str, tmp_path: Path) -> None:
    code, _, words = tunedoc(tmp_path, *arguments)
    assert code == 2, words
    assert hint in words


def test_a_configuration_without_sizes_is_refused_by_field(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "clip"}), encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        read_folder(tmp_path)
    assert caught.value.file == str(tmp_path / "config.json")


def test_a_header_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    (tmp_path / "model.safetensors").write_bytes(struct.pack("<Q", 1000) + b"{")
    with pytest.raises(BadInput) as caught:
        read_folder(tmp_path)
    assert caught.value.file == str(tmp_path / "model.safetensors")
