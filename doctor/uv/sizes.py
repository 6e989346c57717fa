"""Ask sources how large the wheels of a lock are, all at once and without waiting long. What does not answer stays
unknown: a size is for the user to see, never a condition."""

from __future__ import annotations

import ssl
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

if TYPE_CHECKING:
    from doctor.plan.lock import Lock
    from doctor.uv.options import Sources

PATIENCE_SECONDS = 5.0
"""How long one source may take to say a size."""
_AT_ONCE = 16


def wheel_sizes(lock: Lock, sources: Sources) -> dict[str, int]:
    """Sizes in bytes by address, for the packages whose size the lock does not say."""
    urls = [package.url for package in lock.packages if package.bytes is None]
    if not urls:
        return {}
    opener = _opener(sources)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        sizes = pool.map(lambda url: _size(url, opener), urls)
    return {url: size for url, size in zip(urls, sizes, strict=True) if size is not None}


def _size(url: str, opener: urllib.request.OpenerDirector) -> int | None:
    try:
        if url.startswith("file:"):
            path = unquote(urlsplit(url).path)
            return Path(path[1:] if path[2:3] == ":" else path).stat().st_size
        if "://" not in url:
            return Path(url).stat().st_size
        request = urllib.request.Request(url, method="HEAD")
        with opener.open(request, timeout=PATIENCE_SECONDS) as answer:
            length = answer.headers.get("Content-Length", "")
            return int(length) if length.isdigit() else None
    except (OSError, HTTPException, ValueError):
        return None


def _opener(sources: Sources) -> urllib.request.OpenerDirector:
    variables = sources.variables
    handlers: list[urllib.request.BaseHandler] = []
    proxies = {
        scheme: variables.get(f"{scheme.upper()}_PROXY") or variables.get(f"{scheme}_proxy") or ""
        for scheme in ("http", "https")
    }
    if any(proxies.values()):
        handlers.append(urllib.request.ProxyHandler({scheme: url for scheme, url in proxies.items() if url}))
    cert = variables.get("SSL_CERT_FILE")
    try:
        context = ssl.create_default_context(cafile=cert or None)
    except OSError:
        context = ssl.create_default_context()
    handlers.append(urllib.request.HTTPSHandler(context=context))
    return urllib.request.build_opener(*handlers)
