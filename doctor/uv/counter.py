"""Hand fetched wheels over to uv, on the loopback interface: it takes wheels of an index by HTTP alone."""

from __future__ import annotations

import sys
import threading
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from doctor.plan.lock import Locked

VARIABLES = ("NO_PROXY", "no_proxy")
HOST = "127.0.0.1"


@contextmanager
def counter(folder: Path, wheels: Iterable[Locked]) -> Iterator[dict[str, str]]:
    """Serve the wheels of a folder while the block lasts; yields the address of each by its sha256."""
    files = {f"/{wheel.sha256}/{quote(wheel.file)}": folder / wheel.file for wheel in wheels}
    if not files:
        yield {}
        return
    server = _Counter((HOST, 0), partial(_Handler, files))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        base = f"http://{HOST}:{server.server_address[1]}"
        yield {path.split("/")[1]: base + path for path in files}
    finally:
        server.shutdown()
        server.server_close()


def past_proxies(variables: dict[str, str]) -> dict[str, str]:
    """The variables, with the loopback interface excepted from every proxy."""
    excepted = {name: ",".join(part for part in (variables.get(name, ""), HOST) if part) for name in VARIABLES}
    if not variables.get("no_proxy"):
        # Where only one spelling is set, a second one would hide its exceptions.
        del excepted["no_proxy"]
    elif not variables.get("NO_PROXY"):
        del excepted["NO_PROXY"]
    return variables | excepted


class _Counter(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        # uv may go away at any moment, when something else has failed; that is no trouble of ours to tell.
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, files: dict[str, Path], *arguments: Any) -> None:
        self._files = files
        super().__init__(*arguments)

    def do_GET(self) -> None:
        self._answer(body=True)

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def log_message(self, *_: object) -> None:
        pass

    def _answer(self, *, body: bool) -> None:
        file = self._files.get(self.path)
        if file is None:
            self.send_error(404)
            return
        with file.open("rb") as stream:
            self.send_response(200)
            self.send_header("Content-Type", "application/octet-stream")
            self.send_header("Content-Length", str(file.stat().st_size))
            # uv keeps what the answer says: this file never changes, so it need never be asked for again.
            self.send_header("Cache-Control", "max-age=365000000, immutable, public")
            self.end_headers()
            if body:
                self.connection.sendfile(stream)
