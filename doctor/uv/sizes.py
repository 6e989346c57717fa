"""Ask sources how large the wheels of a lock are, all at once and without waiting long. What does not answer stays
unknown: a size is for the user to see, never a condition."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from typing import TYPE_CHECKING

from doctor.fetching.addresses import local_file
from doctor.fetching.connection import Connections

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
    connections = Connections(sources.variables)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        sizes = pool.map(lambda url: _size(url, connections), urls)
    return {url: size for url, size in zip(urls, sizes, strict=True) if size is not None}


def _size(url: str, connections: Connections) -> int | None:
    try:
        path = local_file(url)
        if path is not None:
            return path.stat().st_size
        with connections.open(url, method="HEAD", patience_seconds=PATIENCE_SECONDS) as answer:
            length = answer.headers.get("Content-Length", "")
            return int(length) if length.isdigit() else None
    except (OSError, HTTPException, ValueError):
        return None
