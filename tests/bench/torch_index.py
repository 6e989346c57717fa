"""A stand-in for torch's own package index on this machine, reached as a proxy, so that programs ask it unchanged.

Programs believe that they talk to the real address: the proxy answers CONNECT itself, with a certificate made for it.
Files are tiny wheels without dependencies, named as the real ones are.
"""

from __future__ import annotations

import html
import io
import re
import ssl
import threading
import urllib.parse
import zipfile
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

HOST = "download.pytorch.org"


class TorchIndex:
    """Serves `/whl/<variant>/torch/` with the given file names, by variant. A context manager."""

    def __init__(self, files: dict[str, tuple[str, ...]], certificate: Path) -> None:
        """`certificate`: a PEM file with key and certificate for HOST."""
        self.files = files
        self.asked: list[str] = []
        """Paths that were asked for, in order."""
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate)
        self._server = _Server(("127.0.0.1", 0), partial(_Answer, self))

    def __enter__(self) -> TorchIndex:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def proxy(self) -> str:
        """Its address, for HTTPS_PROXY."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"


def wheel_name(version: str, variant: str, python: str, system: str) -> str:
    """As torch's index names its files: `torch-2.7.0+cu128-cp312-cp312-win_amd64.whl`."""
    tag = "cp" + python.replace(".", "")
    numbers = tuple(int(part) for part in version.split(".")[:2])
    linux = "linux_x86_64" if numbers <= (2, 6) else "manylinux_2_28_x86_64"
    return f"torch-{version}+{variant}-{tag}-{tag}-{'win_amd64' if system == 'windows' else linux}.whl"


def page(variant: str, names: Iterable[str]) -> str:
    """A project's page."""
    links = (
        f'<a href="/whl/{variant}/{urllib.parse.quote(name)}" data-dist-info-metadata="true" '
        f'data-core-metadata="true">{html.escape(name)}</a><br/>'
        for name in names
    )
    return "<!DOCTYPE html><html><body>" + "\n".join(links) + "</body></html>"


def metadata(name: str) -> str:
    """What the wheel of that name says of itself."""
    project, version = name.split("-")[:2]
    return f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n"


def wheel(name: str) -> bytes:
    """A tiny wheel of that name."""
    stem = "-".join(name.split("-")[:2])
    tag = name.removesuffix(".whl").removeprefix(f"{stem}-")
    content = {
        f"{stem}.dist-info/METADATA": metadata(name),
        f"{stem}.dist-info/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: false\nTag: {tag}\n",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for path, words in {**content, f"{stem}.dist-info/RECORD": ""}.items():
            archive.writestr(path, words)
    return buffer.getvalue()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128
    """Programs ask some thirty indexes at once; with the usual five they wait seconds for a place."""


class _Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, index: TorchIndex, *arguments: Any) -> None:
        self.index = index
        super().__init__(*arguments)

    def do_CONNECT(self) -> None:
        """Take the part of the host that the client wants to reach."""
        if self.path.partition(":")[0] != HOST:
            self.send_error(403)
            return
        self.send_response(200)
        self.end_headers()
        try:
            self.connection = self.index.context.wrap_socket(self.connection, server_side=True)
        except OSError:
            self.close_connection = True
            return
        self.rfile = self.connection.makefile("rb")  # type: ignore[assignment]
        self.wfile = self.connection.makefile("wb", buffering=0)  # type: ignore[assignment]
        self.close_connection = False

    def do_GET(self) -> None:
        path = urllib.parse.unquote(self.path.partition("?")[0])
        self.index.asked.append(path)
        found = re.fullmatch(r"/whl/([a-z0-9]+)/(.*)", path)
        variant, rest = (found[1], found[2]) if found else ("", "")
        names = self.index.files.get(variant, ())
        if rest in ("torch/", "torch") and names:
            self._send(page(variant, names).encode(), "text/html")
        elif rest.removesuffix(".metadata") in names:
            words = metadata(rest).encode() if rest.endswith(".metadata") else wheel(rest)
            self._send(words, "application/octet-stream")
        else:
            self._send(b"", "text/html", 404)

    def do_HEAD(self) -> None:
        """The same without the content."""
        self.do_GET()

    def _send(self, content: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, *words: Any) -> None:
        """Say nothing."""
