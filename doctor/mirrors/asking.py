"""One conversation with a place over HTTP: within a time, through the proxies and certificates of given variables."""

from __future__ import annotations

import base64
import socket
import ssl
import time
import urllib.request
from http.client import HTTPException
from typing import TYPE_CHECKING, Any, Self
from urllib.error import HTTPError, URLError
from urllib.parse import unquote, urlsplit, urlunsplit

from doctor.version import __version__
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.words.text import Text

_PIECE = 64 * 2**10
_TELLING_BYTES = 64 * 2**10
_BEGINNINGS = {".whl": b"PK", ".zip": b"PK", ".gz": b"\x1f\x8b", ".json": b"{"}
"""How files begin, by the ends of their names: a page that stands in for one begins otherwise."""


class Failure(Exception):
    """A place did not give what it should have."""

    def __init__(self, reason: Text) -> None:
        super().__init__(reason.key)
        self.reason = reason


def trusting(variables: Mapping[str, str]) -> ssl.SSLContext:
    """The authorities that this machine trusts. Made once for many conversations: reading them all takes a while."""
    file = variables.get("SSL_CERT_FILE") or variables.get("REQUESTS_CA_BUNDLE") or None
    try:
        return ssl.create_default_context(cafile=file, capath=variables.get("SSL_CERT_DIR") or None)
    except (OSError, ssl.SSLError):
        # Certificates that are gone are for `tunedoc check` to tell; here the system's own must do.
        return ssl.create_default_context()


class Asking:
    """Requests to one place. `until` is a time of `time.monotonic`, `trust` is what `trusting` gives."""

    def __init__(self, variables: Mapping[str, str], until: float, trust: ssl.SSLContext) -> None:
        self._until = until
        self._proxies = _Proxies(variables)
        self._opener = urllib.request.build_opener(self._proxies, urllib.request.HTTPSHandler(context=trust))
        self.latency_ms: int | None = None
        """Of the first answer."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._opener.close()

    def page(self, url: str, limit: int) -> tuple[str, str]:
        """A page's words, and its address after redirections. Raises Failure."""
        with self._open(url, {"Accept": "text/html"}) as answer:
            content = self._read(answer, limit, self._until)
            return content.decode("utf-8", "replace"), answer.geturl()

    def sample(self, url: str, limit: int, seconds: float) -> int | None:
        """Bytes a second over the beginning of a file; None for a file too small to tell by.

        Raises Failure, also where something else is there than a file of this name.
        """
        with self._open(url, {"Range": f"bytes=0-{limit - 1}"}) as answer:
            kind = answer.headers.get("Content-Type", "")
            begun = time.monotonic()
            content = self._read(answer, limit, min(self._until, begun + seconds), whole=False)
            elapsed = max(time.monotonic() - begun, 1e-4)
        name = unquote(urlsplit(url).path)
        beginning = next((start for end, start in _BEGINNINGS.items() if name.endswith(end)), b"")
        if not content:
            raise Failure(text("mirrors.problem_stalled"))
        if kind.startswith("text/html") or not content.lstrip().startswith(beginning):
            raise Failure(text("mirrors.problem_other_page"))
        return int(len(content) / elapsed) if len(content) >= _TELLING_BYTES or elapsed > seconds / 2 else None

    def _open(self, url: str, headers: Mapping[str, str]) -> Any:
        left = self._until - time.monotonic()
        if left <= 0:
            raise Failure(text("mirrors.problem_timeout"))
        address, login = _without_login(url)
        request = urllib.request.Request(
            address, headers={"User-Agent": f"tunedoc/{__version__}", **login, **headers, "Accept-Encoding": "identity"}
        )
        begun = time.monotonic()
        try:
            answer = self._opener.open(request, timeout=left)
        except HTTPError as error:
            with error:
                raise Failure(_status(error.code)) from error
        except (OSError, HTTPException, ValueError) as error:
            raise Failure(_reason(error, through_proxy=self._proxies.used)) from error
        if self.latency_ms is None:
            self.latency_ms = round((time.monotonic() - begun) * 1000)
        return answer

    def _read(self, answer: Any, limit: int, until: float, *, whole: bool = True) -> bytes:
        """Up to `limit` bytes, until the time is over. A page that is `whole` must come to its end by then."""
        length = answer.headers.get("Content-Length", "")
        wanted = min(limit, int(length)) if length.isdigit() else limit
        pieces: list[bytes] = []
        have = 0
        try:
            while have < wanted:
                if time.monotonic() > until:
                    if whole:
                        raise Failure(text("mirrors.problem_timeout"))
                    break
                piece = answer.read1(min(_PIECE, wanted - have))
                if not piece:
                    break
                pieces.append(piece)
                have += len(piece)
        except TimeoutError as error:
            if whole or not pieces:
                raise Failure(text("mirrors.problem_timeout")) from error
            return b"".join(pieces)
        except (OSError, HTTPException) as error:
            raise Failure(_reason(error)) from error
        if length.isdigit() and have < wanted and time.monotonic() <= until:
            raise Failure(text("mirrors.problem_truncated"))
        return b"".join(pieces)


class _Proxies(urllib.request.ProxyHandler):
    """The proxies of given variables, their exceptions included."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        lowered = {name.lower(): value.strip() for name, value in variables.items()}
        found = {scheme: lowered.get(f"{scheme}_proxy") or lowered.get("all_proxy") or "" for scheme in _SCHEMES}
        self._exceptions = lowered.get("no_proxy", "")
        self.used = False
        """Whether a request went to a proxy."""
        super().__init__({scheme: url if "://" in url else f"http://{url}" for scheme, url in found.items() if url})

    def proxy_open(self, request: Any, proxy: str, scheme: str) -> Any:
        host = urlsplit(request.full_url).hostname or ""
        if _excepted(host, self._exceptions):
            return None
        if proxy.startswith("socks"):
            raise Failure(text("mirrors.problem_socks"))
        self.used = True
        return super().proxy_open(request, proxy, scheme)


_SCHEMES = ("http", "https")


def _excepted(host: str, exceptions: str) -> bool:
    for part in exceptions.split(","):
        exception = part.strip().lower().lstrip(".")
        if exception == "*" or (exception and (host == exception or host.endswith("." + exception))):
            return True
    return False


def _without_login(url: str) -> tuple[str, dict[str, str]]:
    """The address without user and password, and the header that carries them."""
    parts = urlsplit(url)
    login, at, place = parts.netloc.rpartition("@")
    if not at:
        return url, {}
    coded = base64.b64encode(unquote(login).encode()).decode()
    return urlunsplit(parts._replace(netloc=place)), {"Authorization": f"Basic {coded}"}


def _status(code: int) -> Text:
    if code == 404:
        return text("mirrors.problem_not_there")
    return text("mirrors.problem_status", status=code)


def _reason(error: BaseException, *, through_proxy: bool = False) -> Text:
    """What went wrong, from what urllib and the socket say."""
    if isinstance(error, URLError) and isinstance(error.reason, BaseException):
        error = error.reason
    match error:
        case socket.gaierror() | ConnectionRefusedError() if through_proxy:
            return text("mirrors.problem_proxy")
        case socket.gaierror():
            return text("mirrors.problem_name")
        case ssl.SSLCertVerificationError():
            return text("mirrors.problem_tls")
        case TimeoutError():
            return text("mirrors.problem_timeout")
        case ConnectionRefusedError():
            return text("mirrors.problem_refused")
        case OSError() if "Tunnel connection failed" in str(error):
            return text("mirrors.problem_proxy")
        case _:
            return text("mirrors.problem_broken", detail=str(error).strip() or type(error).__name__)
