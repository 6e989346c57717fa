"""A loopback server that has what a mirror has, or misbehaves as mirrors do."""

from __future__ import annotations

import contextlib
import ssl
import threading
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

CERTIFICATE = Path(__file__).parent / "data" / "localhost.pem"
"""A certificate that nobody has reason to trust, with its key: for localhost."""

Manner = Literal["good", "slow", "truncating", "login page", "redirecting", "broken", "silent", "stalling"]
WHEEL = b"PK\x03\x04" + bytes(300_000)


@dataclass
class Mirror:
    """Files by path; `manner` may be changed at any time. A folder's page lists what is below it."""

    files: dict[str, bytes] = field(default_factory=dict)
    manner: Manner = "good"
    secure: bool = False
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)
    _server: Any = None

    def __enter__(self) -> Mirror:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self._server.daemon_threads = True
        if self.secure:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
            # The handshake belongs to the connection's own thread: one that nobody trusts must not stop the server.
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        scheme, host = ("https", "localhost") if self.secure else ("http", "127.0.0.1")
        return f"{scheme}://{host}:{self._server.server_address[1]}"

    def add_package(self, project: str, *versions: str, index: str = "simple", content: bytes = WHEEL) -> None:
        """Wheels of a project, and the page of an index for them."""
        for version in versions:
            self.files[f"/{index}/{project}/{project}-{version}-py3-none-any.whl"] = content


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, mirror: Mirror, *arguments: Any) -> None:
        self.mirror = mirror
        super().__init__(*arguments)

    def log_message(self, *_: object) -> None:
        pass

    def handle(self) -> None:
        # Whoever asked has what he wanted, or did not trust the certificate.
        with contextlib.suppress(OSError):
            super().handle()

    def do_GET(self) -> None:
        mirror = self.mirror
        mirror.asked.append(self.path)
        mirror.headers.append(dict(self.headers))
        if mirror.manner == "silent":
            mirror.closing.wait(60)
        elif mirror.manner == "broken":
            self._send(500, "text/plain", b"out of order")
        elif mirror.manner == "login page":
            self._send(200, "text/html", b"<html><title>Welcome</title><form><input name=password></form></html>")
        elif mirror.manner == "redirecting" and self.path != "/login":
            self.send_response(302)
            self.send_header("Location", "/login")
            self.send_header("Content-Length", "0")
            self.end_headers()
        elif self.path == "/login":
            self._send(200, "text/html", b"<html><title>Welcome</title>Please log in</html>")
        else:
            self._answer()

    def _answer(self) -> None:
        path = self.path.replace("%2B", "+")
        content = self.mirror.files.get(path)
        if content is not None:
            self._send(200, "application/octet-stream", content)
            return
        below = [name[len(path) :] for name in self.mirror.files if path.endswith("/") and name.startswith(path)]
        links = [f'<a href="{name.replace("+", "%2B")}#sha256=00">{name}</a><br>' for name in below if "/" not in name]
        if not links:
            self.send_error(404)
            return
        self._send(200, "text/html", f"<!DOCTYPE html><title>Links</title>{''.join(links)}".encode())

    def _send(self, status: int, kind: str, content: bytes) -> None:
        is_file = kind == "application/octet-stream"
        wanted = self.headers.get("Range", "").removeprefix("bytes=").split("-")
        if is_file and len(wanted) == 2:
            status, content = 206, content[int(wanted[0] or 0) : int(wanted[1] or len(content)) + 1]
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if is_file and self.mirror.manner == "truncating":
            self.wfile.write(content[: len(content) // 2])
            self.close_connection = True
        elif is_file and self.mirror.manner == "stalling":
            self.wfile.flush()
            self.mirror.closing.wait(60)
        elif is_file and self.mirror.manner == "slow":
            for start in range(0, len(content), 2000):
                self.wfile.write(content[start : start + 2000])
                if self.mirror.closing.wait(0.05):
                    return
        else:
            self.wfile.write(content)
