"""Wheels with compiled libraries made of bytes, and a loopback server with index pages, ranges, and its whims."""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import threading
import zipfile
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


def binary_wheel(
    file: str, members: Mapping[str, bytes | str] | None = None, *, requires: Sequence[str] = (), python: str = ">=3.10"
) -> bytes:
    """A wheel of this name with these members."""
    name, version = file.split("-")[:2]
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\nRequires-Python: {python}\n"
    metadata += "".join(f"Requires-Dist: {each}\n" for each in requires)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in {**(members or {}), f"{name}-{version}.dist-info/METADATA": metadata}.items():
            archive.writestr(path, content)
    return buffer.getvalue()


@dataclass
class Indexes:
    """Package indexes on the loopback interface: `/INDEX/PROJECT/` lists the wheels of a project."""

    wheels: dict[str, dict[str, bytes]] = field(default_factory=dict)
    """Files by index."""
    pages: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    """Status and body of any other path."""
    kind: str = "json"
    """`json` or `html`."""
    yanked: dict[str, str] = field(default_factory=dict)
    hashes: dict[str, str] = field(default_factory=dict)
    """Hashes to claim instead of the right ones, by file name."""
    ranges: bool = True
    broken: int = 0
    """So many ranges are cut short before all goes well."""
    sent_bytes: int = 0
    _server: Any = None

    def __enter__(self) -> Indexes:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str = "simple") -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}/{path}"

    def file_url(self, index: str, file: str) -> str:
        return self.url(f"files/{index}/{file.replace('+', '%2B')}")

    def page(self, index: str, project: str) -> tuple[str, bytes] | None:
        files = {
            file: content
            for file, content in self.wheels.get(index, {}).items()
            if file.partition("-")[0].replace("_", "-") == project
        }
        if not files:
            return None
        if self.kind == "json":
            listed = [
                {
                    "filename": file,
                    "url": self.file_url(index, file),
                    "hashes": {"sha256": self.hash_of(file, content)},
                    "size": len(content),
                    "yanked": self.yanked.get(file, False),
                    "upload-time": "2026-11-03T10:00:00Z",
                }
                for file, content in files.items()
            ]
            body = json.dumps({"meta": {"api-version": "1.1"}, "name": project, "files": listed}).encode()
            return "application/vnd.pypi.simple.v1+json", body
        links = (
            f'<a href="../../files/{index}/{file.replace("+", "%2B")}#sha256={self.hash_of(file, content)}"'
            + (f' data-yanked="{self.yanked[file]}"' if file in self.yanked else "")
            + f' data-requires-python="&gt;=3.10" data-upload-time="2026-11-03T10:00:00Z">{file}</a>'
            for file, content in files.items()
        )
        return "text/html", f"<!DOCTYPE html><html><body>{'<br>'.join(links)}</body></html>".encode()

    def hash_of(self, file: str, content: bytes) -> str:
        return self.hashes.get(file) or hashlib.sha256(content).hexdigest()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, indexes: Indexes, *arguments: Any) -> None:
        self.indexes = indexes
        super().__init__(*arguments)

    def do_GET(self) -> None:
        self._answer()

    def do_HEAD(self) -> None:
        self._answer()

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self) -> None:
        indexes = self.indexes
        path = self.path.partition("?")[0].strip("/")
        if path in indexes.pages:
            status, body = indexes.pages[path]
            self._send(status, "application/json", body)
        elif path.startswith("files/"):
            _, index, file = path.split("/", 2)
            content = indexes.wheels.get(index, {}).get(file.replace("%2B", "+"))
            self._send(404, "text/plain", b"") if content is None else self._file(content)
        else:
            index, _, project = path.rpartition("/")
            page = indexes.page(index, project)
            self._send(*((404, "text/plain", b"") if page is None else (200, *page)))

    def _file(self, content: bytes) -> None:
        asked = self.headers.get("Range", "").removeprefix("bytes=")
        if not asked or not self.indexes.ranges:
            self._send(200, "application/zip", content)
            return
        first, _, last = asked.partition("-")
        start, end = int(first), min(int(last or len(content)), len(content) - 1)
        piece = content[start : end + 1]
        more = {"Content-Range": f"bytes {start}-{end}/{len(content)}"}
        if self.indexes.broken and len(piece) > 1:
            self.indexes.broken -= 1
            self._send(206, "application/zip", piece, more, cut=True)
        else:
            self._send(206, "application/zip", piece, more)

    def _send(
        self, status: int, kind: str, body: bytes, more: Mapping[str, str] | None = None, *, cut: bool = False
    ) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (more or {}).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "GET":
            with contextlib.suppress(ConnectionError):
                self.wfile.write(body[: len(body) // 2] if cut else body)
            self.indexes.sent_bytes += len(body)
            self.close_connection = cut
