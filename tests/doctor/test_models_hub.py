"""Fetching from a hub: a small server on loopback that speaks the hub's protocol, under the hub's own client."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from doctor.errors import BadInput
from doctor.hub import HubFile, choose_files

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent
MODEL = ROOT / "tests" / "models" / "aidreams260k"
COMMIT = "c" * 40


class Hub(BaseHTTPRequestHandler):
    """One repository, `dreams/tiny`; `dreams/gated` wants a licence, `dreams/broken` answers 503."""

    protocol_version = "HTTP/1.1"

    def log_message(self, *words: object) -> None:
        pass

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.partition("?")[0]
        if "/dreams/gated" in path:
            self.answer(b"{}", 403, {"X-Error-Code": "GatedRepo", "X-Error-Message": "accept the licence"})
        elif "/dreams/broken" in path:
            self.answer(b"{}", 503, {})
        elif "/dreams/tiny" not in path:
            self.answer(b"{}", 404, {"X-Error-Code": "RepoNotFound"})
        elif path.startswith("/api/"):
            self.api(path)
        else:
            file = MODEL / path.rpartition("/")[2]
            data = file.read_bytes()
            etag = hashlib.sha256(data).hexdigest()
            self.answer(data, 200, {"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT}, kind="application/octet-stream")

    def api(self, path: str) -> None:
        files = [file for file in sorted(MODEL.glob("*")) if file.is_file()]
        if "/tree/" in path:
            tree = [{"type": "file", "oid": "0" * 40, "size": f.stat().st_size, "path": f.name} for f in files]
            return self.answer(json.dumps(tree).encode(), 200, {})
        siblings: list[dict[str, Any]] = [{"rfilename": f.name, "size": f.stat().st_size} for f in files]
        siblings.append({"rfilename": "pytorch_model.bin", "size": 10})
        siblings.append({"rfilename": "onnx/model.onnx", "size": 10})
        for sibling in siblings:
            if sibling["rfilename"] == "model.safetensors":
                digest = hashlib.sha256((MODEL / "model.safetensors").read_bytes()).hexdigest()
                sibling["lfs"] = {"sha256": digest, "size": sibling["size"], "pointerSize": 130}
        info = {"id": "dreams/tiny", "sha": COMMIT, "siblings": siblings, "cardData": {"license": "mit"}}
        return self.answer(json.dumps(info).encode(), 200, {})

    def answer(self, body: bytes, code: int, headers: dict[str, str], kind: str = "application/json") -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


@pytest.fixture(scope="module")
def hub() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def tunedoc(home: Path, endpoint: str, *arguments: str, **variables: str) -> tuple[int, dict[str, Any]]:
    """The command in a process of its own, since the hub's client reads its variables when it is loaded."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    environ |= {"TUNEDOC_HOME": str(home), "HF_ENDPOINT": endpoint, "HF_HOME": str(home / "hf"), "PYTHONUTF8": "1"}
    environ |= {"HF_HUB_DISABLE_XET": "1", "NO_PROXY": "127.0.0.1"} | variables
    done = subprocess.run(
        [sys.executable, "-m", "doctor", *arguments, "--json"],
        env=environ, cwd=ROOT, capture_output=True, encoding="utf-8", check=False, stdin=subprocess.DEVNULL,
    )  # fmt: skip
    return done.returncode, json.loads(done.stdout)


def test_a_model_comes_whole_and_a_second_time_at_once(hub: str, tmp_path: Path) -> None:
    code, answer = tunedoc(tmp_path, hub, "model", "get", "dreams/tiny")
    assert code == 0, answer
    folder = Path(answer["data"]["folder"])
    assert folder == tmp_path / "models" / "dreams--tiny"
    assert (folder / "model.safetensors").read_bytes() == (MODEL / "model.safetensors").read_bytes()
    assert not (folder / "pytorch_model.bin").exists()
    assert not (folder / "onnx").exists()
    record = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    assert record["licence"] == "mit"
    assert record["origin"] == {"repo": "dreams/tiny", "revision": COMMIT}
    assert answer["data"]["reused"] is False
    code, answer = tunedoc(tmp_path, "http://127.0.0.1:9", "model", "get", "dreams/tiny")
    assert code == 0
    assert answer["data"]["reused"] is True


@pytest.mark.parametrize(
    ("repo", "expected", "words"),
    [
        ("dreams/gated", 2, "licence"),
        ("dreams/absent", 2, "no model"),
        ("dreams/broken", 3, "503"),
        ("not-a-name", 2, "neither"),
    ],
)
def test_each_refusal_is_explained(hub: str, tmp_path: Path, repo: str, expected: int, words: str) -> None:
    code, answer = tunedoc(tmp_path, hub, "model", "get", repo)
    assert code == expected
    assert words in answer["errors"][0]["message"]
    assert answer["errors"][0]["hint"]
    assert not list((tmp_path / "models").glob("*"))


def test_without_a_network_the_hub_is_named_unreachable(tmp_path: Path) -> None:
    code, answer = tunedoc(tmp_path, "http://127.0.0.1:9", "model", "get", "dreams/tiny")
    assert code == 3
    assert answer["errors"][0]["code"] == "no_network"
    assert "HF_ENDPOINT" in answer["errors"][0]["hint"]


def test_a_mirror_is_taken_where_the_hub_is_away(hub: str, tmp_path: Path) -> None:
    away = {"HTTPS_PROXY": "http://127.0.0.1:9", "NO_PROXY": "127.0.0.1"}
    code, answer = tunedoc(
        tmp_path, "http://127.0.0.1:9", "model", "get", "dreams/tiny", "--mirror", f"hub={hub}", **away
    )
    assert code == 0, answer
    assert str(answer["data"]["source"]).startswith(hub)


def test_offline_mode_is_obeyed_and_named(hub: str, tmp_path: Path) -> None:
    code, answer = tunedoc(tmp_path, hub, "model", "get", "dreams/tiny", HF_HUB_OFFLINE="1")
    assert code == 3
    assert "HF_HUB_OFFLINE" in answer["errors"][0]["message"]


def names(*words: str) -> list[HubFile]:
    return [HubFile(name, 1, None) for name in words]


def test_only_one_kind_of_weights_is_chosen() -> None:
    found = names(
        "config.json", "tokenizer.json", "model.safetensors.index.json", "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors", "consolidated.safetensors", "pytorch_model.bin", "model.Q4.gguf",
        "modeling_custom.py", "original/config.json",
    )  # fmt: skip
    assert [file.name for file in choose_files("a/b", found)] == [
        "config.json", "tokenizer.json", "model.safetensors.index.json", "model-00001-of-00002.safetensors",
        "model-00002-of-00002.safetensors",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("found", "key"),
    [
        (("config.json", "pytorch_model.bin"), "model.pickle_only"),
        (("config.json", "model.Q4.gguf"), "model.repo_no_weights"),
        (("model.safetensors",), "model.repo_no_config"),
    ],
)
def test_repositories_without_usable_weights_are_refused(found: tuple[str, ...], key: str) -> None:
    with pytest.raises(BadInput) as caught:
        choose_files("a/b", names(*found))
    assert caught.value.message.key == key
