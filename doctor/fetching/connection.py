"""Open addresses the way this machine reaches them: its proxies, certificates, user names and passwords.

urllib does the talking and no other library: it reads into a buffer of ours, it is there wherever Python is, and the
client that comes with the hub's library changes when that library does.
"""

from __future__ import annotations

import base64
import ssl
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from doctor.fetching.addresses import credentials_for, host_of, without_user

if TYPE_CHECKING:
    from collections.abc import Mapping
    from http.client import HTTPResponse
    from typing import IO


class Connections:
    """Opens addresses as a set of environment variables says. Threads may share one."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self._proxies = {
            scheme: _named(variables, f"{scheme}_proxy") or _named(variables, "all_proxy")
            for scheme in ("http", "https")
        }
        self._direct = [each.strip() for each in _named(variables, "no_proxy").lower().split(",") if each.strip()]
        self._insecure = set(variables.get("UV_INSECURE_HOST", "").replace(",", " ").lower().split())
        self._openers: dict[tuple[bool, bool], urllib.request.OpenerDirector] = {}

    def open(
        self,
        url: str,
        *,
        start: int = 0,
        patience_seconds: float,
        method: str = "GET",
        more_headers: Mapping[str, str] | None = None,
    ) -> HTTPResponse:
        """An answer whose body begins at byte `start`, if the server can do that: the answer tells.

        Raises OSError (URLError, HTTPError and timeouts are some), HTTPException and ValueError.
        """
        headers = {"User-Agent": "tunedoc", "Accept-Encoding": "identity"} | dict(more_headers or {})
        if start:
            headers["Range"] = f"bytes={start}-"
        request = urllib.request.Request(without_user(url), headers=headers, method=method)
        credentials = credentials_for(url, self._variables)
        if credentials is not None:
            words = base64.b64encode(":".join(credentials).encode()).decode()
            # Not one of the headers that follow a redirect: that may lead to somebody else's server.
            request.add_unredirected_header("Authorization", f"Basic {words}")
        answer: HTTPResponse = self._opener(url).open(request, timeout=patience_seconds)
        return answer

    def _opener(self, url: str) -> urllib.request.OpenerDirector:
        parts = urlsplit(url)
        names = {(parts.hostname or "").lower(), parts.netloc.rpartition("@")[2].lower()}
        near = any(_is_named(each, name) for each in self._direct for name in names)
        insecure = bool(self._insecure & names)
        key = (near, insecure)
        if key not in self._openers:
            proxies = {} if near else {scheme: url for scheme, url in self._proxies.items() if url}
            self._openers[key] = urllib.request.build_opener(
                # Always given, even empty: without it urllib looks for proxies by itself.
                urllib.request.ProxyHandler(proxies),
                urllib.request.HTTPSHandler(context=_trust(self._variables, insecure=insecure)),
                _Redirects(),
            )
        return self._openers[key]


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Redirects that keep the password on the same host and never hand it to another."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: object, newurl: str
    ) -> urllib.request.Request | None:
        request = super().redirect_request(req, fp, code, msg, headers, newurl)  # type: ignore[arg-type]
        secret = req.unredirected_hdrs.get("Authorization")
        if request is not None and secret and host_of(newurl) == host_of(req.full_url):
            request.add_unredirected_header("Authorization", secret)
        return request


def _trust(variables: Mapping[str, str], *, insecure: bool) -> ssl.SSLContext:
    file, folder = variables.get("SSL_CERT_FILE", ""), variables.get("SSL_CERT_DIR", "")
    try:
        context = ssl.create_default_context(
            cafile=file if file and Path(file).is_file() else None,
            capath=folder if folder and Path(folder).is_dir() else None,
        )
    except (OSError, ssl.SSLError):
        context = ssl.create_default_context()
    own = variables.get("SSL_CLIENT_CERT")
    if own and Path(own).is_file():
        context.load_cert_chain(own)
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _is_named(rule: str, host: str) -> bool:
    """Whether an entry of NO_PROXY is for this host: `*`, a host, or the domain that it is in."""
    domain = rule.lstrip("*").lstrip(".")
    return rule == "*" or host == domain or (bool(domain) and host.endswith(f".{domain}"))


def _named(variables: Mapping[str, str], name: str) -> str:
    """Proxies have their names in small letters on some machines and in capitals on others."""
    return variables.get(name) or variables.get(name.upper()) or ""
