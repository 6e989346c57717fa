"""Ask addresses over HTTP: pages, and files of which only some ranges are fetched."""

from __future__ import annotations

import io
import time
import urllib.error
from http.client import HTTPException
from typing import IO, TYPE_CHECKING

from doctor.errors import NoNetwork
from doctor.fetching.addresses import without_credentials, without_user
from doctor.fetching.connection import Connections
from doctor.quick_dataclass import dataclass
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http.client import HTTPResponse

PATIENCE_SECONDS = 30.0
"""How long an address may stay silent."""
_TRIES = 3
_PAUSE_SECONDS = 0.25
_SMALLEST = 64 * 1024
_LARGEST = 8 * 1024 * 1024
_MOST_PAGE = 64 * 1024 * 1024
_KEPT = 8
ACCEPT = (
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.9, application/json;q=0.8, "
    "text/html;q=0.5, */*;q=0.1"
)


class NoRanges(Exception):
    """The server gives a file as a whole or not at all."""


@dataclass(frozen=True, kw_only=True)
class Page:
    """What an address answered."""

    url: str
    """Where it came from in the end, after redirections."""
    kind: str
    """The media type: `text/html`."""
    body: bytes


class Web:
    """The network as this machine's uv and pip are configured to use it: proxies and certificates."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._connections = Connections(variables)

    def page(self, url: str) -> Page:
        """A page, whole. Raises NoNetwork; `NoNetwork.field` has the status of a refusal (`404`)."""
        with self._open(url, {"Accept": ACCEPT}) as answer:
            try:
                body = answer.read(_MOST_PAGE + 1)
            except (OSError, HTTPException) as exc:
                raise _no_answer(url, exc) from exc
            if len(body) > _MOST_PAGE:
                raise NoNetwork(text("refreshing.too_large", url=without_credentials(url)))
            # Links on a page that asked for a password want the same one.
            final = url if answer.url == without_user(url) else answer.url
            return Page(url=final, kind=answer.headers.get_content_type(), body=body)

    def file(self, url: str) -> RemoteFile:
        """A file behind an address, to be read anywhere. Raises NoNetwork; NoRanges where it only comes whole."""
        with self._open(url, {"Range": "bytes=0-0"}) as answer:
            size = _whole_size(answer)
            final = url if answer.url == without_user(url) else answer.url
        if size is None:
            raise NoRanges(url)
        return RemoteFile(self, final, size)

    def exists(self, url: str) -> bool:
        """Whether a server has something there. Raises NoNetwork where none answers, or it does not want to say."""
        try:
            self._open(url, {}, method="HEAD").close()
        except NoNetwork as exc:
            if exc.field in ("404", "410"):
                return False
            if exc.field == "405":
                self._open(url, {"Range": "bytes=0-0"}).close()
                return True
            raise
        return True

    def whole(self, url: str, into: IO[bytes]) -> int:
        """Copy a file from its beginning to its end; its bytes. Raises NoNetwork, OSError of the disk."""
        with self._open(url, {}) as answer:
            said = answer.headers.get("Content-Length", "")
            copied = 0
            while True:
                try:
                    piece = answer.read(_LARGEST // 8)
                except (OSError, HTTPException) as exc:
                    raise _no_answer(url, exc) from exc
                if not piece:
                    break
                into.write(piece)
                copied += len(piece)
        if said.isdigit() and copied != int(said):
            raise _no_answer(url, OSError(f"{copied} of {said} bytes"))
        return copied

    def range(self, url: str, start: int, size: int) -> bytes:
        """A piece of a file, tried again when the connection breaks. Raises NoNetwork."""
        for attempt in range(_TRIES):
            try:
                with self._open(url, {"Range": f"bytes={start}-{start + size - 1}"}) as answer:
                    if answer.status != 206:
                        raise OSError(f"status {answer.status} for a range")
                    piece: bytes = answer.read(size + 1)
                if len(piece) != size:
                    raise OSError(f"{len(piece)} of {size} bytes")
                return piece
            except (OSError, HTTPException) as exc:
                if attempt == _TRIES - 1:
                    raise _no_answer(url, exc) from exc
                time.sleep(_PAUSE_SECONDS * (attempt + 1))
        raise AssertionError

    def _open(self, url: str, headers: dict[str, str], *, method: str = "GET") -> HTTPResponse:
        try:
            answer = self._connections.open(url, patience_seconds=PATIENCE_SECONDS, method=method, more_headers=headers)
        except (OSError, HTTPException, ValueError) as exc:
            if isinstance(exc, urllib.error.HTTPError):
                exc.close()
            raise _no_answer(url, exc) from exc
        return answer


class RemoteFile(io.RawIOBase):
    """A file behind an address. Only what is read is fetched, in larger ranges the longer it is read straight on."""

    def __init__(self, web: Web, url: str, size: int) -> None:
        self.url = url
        self.size = size
        self.fetched_bytes = 0
        self._web = web
        self._at = 0
        self._next = -1
        self._step = _SMALLEST
        self._pieces: list[tuple[int, bytes]] = []

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = offset + (0, self._at, self.size)[whence]
        return self._at

    def read(self, size: int = -1) -> bytes:
        """Raises NoNetwork."""
        end = self.size if size < 0 else min(self._at + size, self.size)
        found: list[bytes] = []
        while self._at < end:
            start, piece = self._piece(self._at, end - self._at)
            part = piece[self._at - start : end - start]
            found.append(part)
            self._at += len(part)
        return b"".join(found)

    def _piece(self, at: int, wanted: int) -> tuple[int, bytes]:
        for start, piece in self._pieces:
            if start <= at < start + len(piece):
                return start, piece
        self._step = min(self._step * 2, _LARGEST) if at == self._next else _SMALLEST
        known = min((start for start, _ in self._pieces if start > at), default=self.size)
        size = min(max(self._step, min(wanted, _LARGEST)), known - at)
        piece = self._web.range(self.url, at, size)
        self.fetched_bytes += size
        self._next = at + size
        self._pieces = [(at, piece), *self._pieces[: _KEPT - 1]]
        return at, piece


def _whole_size(answer: HTTPResponse) -> int | None:
    """`bytes 0-0/526605292` → 526605292."""
    total = answer.headers.get("Content-Range", "").rpartition("/")[2]
    return int(total) if answer.status == 206 and total.isdigit() else None


def _no_answer(url: str, exc: Exception) -> NoNetwork:
    if isinstance(exc, NoNetwork):
        return exc
    status = str(exc.code) if isinstance(exc, urllib.error.HTTPError) else None
    detail = f"HTTP {status}" if status else str(getattr(exc, "reason", None) or exc)
    return NoNetwork(
        text("refreshing.no_answer", url=without_credentials(url), detail=detail),
        hint=text("uv.no_network_hint"),
        field=status,
    )
