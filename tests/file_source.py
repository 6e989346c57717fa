"""A real HTTP server on the loopback interface that serves files and can misbehave in all the ways that servers do."""

from __future__ import annotations

import base64
import hashlib
import random
import threading
from dataclasses import dataclass, field
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

from doctor.fetching import Wanted

if TYPE_CHECKING:
    from collections.abc import Callable


def noise(size: int, seed: int = 1) -> bytes:
    """Bytes that are the same each time."""
    return random.Random(seed).randbytes(size)


def wanted(file: str, content: bytes, *sources: FileSource, size: bool = True) -> Wanted:
    """The right file, from these sources in this order."""
    return Wanted(
        file=file,
        sha256=hashlib.sha256(content).hexdigest(),
        bytes=len(content) if size else None,
        urls=tuple(f"{source.url}/{file}" for source in sources),
    )


@dataclass
class Asked:
    """One request."""

    file: str
    start: int
    sent: int = 0
    """Bytes of the body that were sent."""


@dataclass
class FileSource:
    """Serves `files`; every fault may be switched on and off at any time."""

    files: dict[str, bytes]
    status: int = 0
    """Answer with this status."""
    ignores_range: bool = False
    wrong_range: bool = False
    """Says that it sends what was asked for, from another place."""
    breaks_after: int = 0
    """Closes the connection after so many bytes of a body."""
    stalls_after: int = 0
    """Sends nothing more after so many bytes of a body, and keeps the connection."""
    shorter_by: int = 0
    """Has a file that is shorter, and says so."""
    silent: bool = False
    """Says nothing of lengths: the end of the connection is the end of the file."""
    chunked: bool = False
    encoding: str = ""
    redirect: str = ""
    password: str = ""
    """`user:password` that it wants."""
    trickle: float = 0.0
    """Waits so many seconds after each 4 KiB."""
    faults: int = -1
    """How many requests are answered with the faults; negative: all."""
    asked: list[Asked] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    on_block: Callable[[Asked], None] = lambda _: None
    released: threading.Event = field(default_factory=threading.Event)
    _server: Any = None

    def __enter__(self) -> FileSource:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Handler, self))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def starts(self) -> list[int]:
        """Where each request began."""
        return [asked.start for asked in self.asked]

    @property
    def sent(self) -> int:
        return sum(asked.sent for asked in self.asked)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, source: FileSource, *arguments: Any) -> None:
        self.source = source
        super().__init__(*arguments)

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        source = self.source
        name = self.path.rpartition("/")[2].replace("%2B", "+")
        words = self.headers.get("Range", "").removeprefix("bytes=").removesuffix("-")
        asked = Asked(name, int(words) if words else 0)
        source.asked.append(asked)
        source.headers.append(dict(self.headers))
        self.close_connection = True
        faulty = source.faults != 0
        source.faults -= source.faults > 0
        right = "Basic " + base64.b64encode(source.password.encode()).decode()
        content = source.files.get(name)
        if source.password and self.headers.get("Authorization") != right:
            self._only(401)
        elif source.redirect:
            self._only(302, Location=f"{source.redirect}/{name}")
        elif faulty and source.status:
            self._only(source.status)
        elif content is None:
            self._only(404)
        else:
            if faulty and source.shorter_by:
                content = content[: -source.shorter_by]
            start = 0 if faulty and source.ignores_range else asked.start
            if start >= len(content) and start:
                self._only(416, **{"Content-Range": f"bytes */{len(content)}"})
            else:
                self._send(asked, content, start, faulty=faulty, ranged="Range" in self.headers)

    def _only(self, status: int, **headers: str) -> None:
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def _send(self, asked: Asked, content: bytes, start: int, *, faulty: bool, ranged: bool) -> None:
        source = self.source
        if faulty and source.wrong_range:
            start = start // 2
        part = content[start:]
        if ranged and not (faulty and source.ignores_range):
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        else:
            self.send_response(200)
        if source.encoding:
            self.send_header("Content-Encoding", source.encoding)
        if source.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif not source.silent:
            self.send_header("Content-Length", str(len(part)))
        self.end_headers()
        step = 4096
        for place in range(0, len(part), step):
            block = part[place : place + step]
            if faulty and source.breaks_after and place + len(block) > source.breaks_after:
                return
            if faulty and source.stalls_after and place + len(block) > source.stalls_after:
                source.released.wait(60)
                return
            if faulty and source.trickle and source.released.wait(source.trickle):
                return
            try:
                self.wfile.write(b"%x\r\n%s\r\n" % (len(block), block) if source.chunked else block)
            except OSError:
                return
            asked.sent += len(block)
            source.on_block(asked)
        if source.chunked:
            self.wfile.write(b"0\r\n\r\n")
