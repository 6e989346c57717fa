"""Turn what pip is configured with into uv's options and variables. uv's own variables always win. Pure."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from doctor.fetching.addresses import local_file, without_credentials
from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.host.pip_configuration import PipConfiguration

__all__ = ["Sources", "local_folders", "sources_for", "without_credentials"]

_DROPPED = (
    "VIRTUAL_ENV", "CONDA_PREFIX", "PYTHONHOME", "PYTHONPATH", "UV_PROJECT_ENVIRONMENT", "UV_SYSTEM_PYTHON",
    "UV_PROJECT", "UV_WORKING_DIR", "UV_WORKING_DIRECTORY", "UV_TORCH_BACKEND", "UV_NO_SOURCES", "UV_NO_VERIFY_HASHES",
)  # fmt: skip
"""Variables that would point uv at another environment or folder than it is told, take the torch family from elsewhere
than the catalogue says, or switch off the hashes."""


@dataclass(frozen=True)
class Sources:
    """Where packages come from, as uv takes it."""

    options: tuple[str, ...]
    """For `uv pip compile`, `sync` and `install`."""
    environ: tuple[tuple[str, str], ...]
    """The whole environment of uv's process."""
    find_links: tuple[str, ...]
    """Places with wheels, from pip's or uv's configuration."""

    @property
    def variables(self) -> dict[str, str]:
        return dict(self.environ)


def sources_for(pip: PipConfiguration, environ: Mapping[str, str]) -> Sources:
    """uv's options for a machine whose pip is configured so. An option whose UV_ variable is set is left to uv."""
    options: list[str] = []
    variables = {name: value for name, value in environ.items() if name not in _DROPPED}

    def says(*names: str) -> bool:
        return any(environ.get(name) for name in names)

    if pip.index_url and not says("UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        options += ["--default-index", pip.index_url]
    if pip.extra_index_urls and not says("UV_INDEX", "UV_EXTRA_INDEX_URL"):
        for url in pip.extra_index_urls:
            options += ["--index", url]
        # pip looks at all its indexes and takes the best version; uv by default takes a package from the first index
        # that knows its name, older or not. What a machine's pip can install, tunedoc must find too; what guards
        # against a stranger's package of the same name are the exact pins and the hashes of the lock.
        if not says("UV_INDEX_STRATEGY"):
            options += ["--index-strategy", "unsafe-best-match"]
    find_links = pip.find_links
    if says("UV_FIND_LINKS"):
        find_links = tuple(part for part in environ["UV_FIND_LINKS"].split(",") if part)
    else:
        for place in pip.find_links:
            options += ["--find-links", place]
    if pip.no_index and not says("UV_NO_INDEX"):
        options.append("--no-index")
    if not says("UV_INSECURE_HOST"):
        for host in pip.trusted_hosts:
            options += ["--allow-insecure-host", host]
    if pip.cert and not says("SSL_CERT_FILE", "SSL_CERT_DIR"):
        variables["SSL_CERT_DIR" if Path(pip.cert).is_dir() else "SSL_CERT_FILE"] = pip.cert
    if pip.client_cert and not says("SSL_CLIENT_CERT"):
        variables["SSL_CLIENT_CERT"] = pip.client_cert
    if pip.proxy:
        proxy = pip.proxy if "://" in pip.proxy else f"http://{pip.proxy}"
        for name in ("HTTP_PROXY", "HTTPS_PROXY"):
            if not says(name, name.lower(), "ALL_PROXY", "all_proxy"):
                variables[name] = proxy
    if pip.timeout_seconds and not says("UV_HTTP_TIMEOUT", "UV_REQUEST_TIMEOUT"):
        whole = pip.timeout_seconds.partition(".")[0]
        if whole.isdigit() and int(whole) > 0:
            variables["UV_HTTP_TIMEOUT"] = whole
    return Sources(tuple(options), tuple(sorted(variables.items())), find_links)


def local_folders(places: tuple[str, ...]) -> tuple[Path, ...]:
    """The find-links that are folders of this machine."""
    folders: list[Path] = []
    for place in places:
        folder = local_file(place)
        if folder is not None:
            folders.append(folder.expanduser())
    return tuple(folder for folder in folders if folder.is_dir())
