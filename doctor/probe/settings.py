"""Variables, pip's options and system switches that change how the work goes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from doctor.errors import BadInput
from doctor.host.pip_configuration import read_pip_configuration
from doctor.snapshot.model import Setting

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.host.base import Host

_VARIABLES = re.compile(
    r"CUDA_(VISIBLE_DEVICES|DEVICE_ORDER|LAUNCH_BLOCKING|MODULE_LOADING|HOME|PATH\w*)"
    r"|(PYTORCH|TORCH|TORCHINDUCTOR|TRITON|NCCL|GLOO|HF|HUGGINGFACE|TRANSFORMERS|ACCELERATE|BITSANDBYTES|BNB)_\w+"
    r"|(PIP|UV|TUNEDOC|OMP|MKL|KMP)_\w+"
    r"|USE_LIBUV|TOKENIZERS_PARALLELISM|PYTHON(HOME|PATH|STARTUP|UTF8|IOENCODING|NOUSERSITE|DONTWRITEBYTECODE)"
    r"|(HTTPS?|ALL|NO)_PROXY|SSL_CERT_(FILE|DIR)|REQUESTS_CA_BUNDLE|CURL_CA_BUNDLE|CONDA_PREFIX|VIRTUAL_ENV"
    r"|LD_LIBRARY_PATH|LC_ALL|LANG",
    re.IGNORECASE,
)

_SWITCHES = (
    ("LongPathsEnabled", r"SYSTEM\CurrentControlSet\Control\FileSystem", "LongPathsEnabled"),
    (
        "DeveloperMode",
        r"SOFTWARE\Microsoft\Windows\CurrentVersion\AppModelUnlock",
        "AllowDevelopmentWithoutDevLicense",
    ),
)


def probe_settings(host: Host, user_folder: Path) -> tuple[Setting, ...]:
    """All settings that matter and are set. The values are raw: `machine` redacts them."""
    found = [
        Setting(name=name, value=value, origin="environment")
        for name, value in sorted(host.environ.items())
        if _VARIABLES.fullmatch(name)
    ]
    found += _pip_options(host, user_folder)
    if host.system == "windows":
        found += _switches()
    return tuple(found)


def _pip_options(host: Host, user_folder: Path) -> list[Setting]:
    """What pip's files say about where packages come from; its variables are listed with the others."""
    try:
        pip = read_pip_configuration(host.environ, host.system, user_folder)
    except BadInput as exc:
        place = exc.file or "?"
        line = f", line {exc.line}" if exc.line else ""
        return [Setting(name="pip.unreadable", value=f"no configuration file{line}", origin=place)]
    values = {
        "index-url": pip.index_url,
        "extra-index-url": " ".join(pip.extra_index_urls),
        "find-links": " ".join(pip.find_links),
        "no-index": "true" if pip.no_index else "",
        "cert": pip.cert,
        "trusted-host": " ".join(pip.trusted_hosts),
        "proxy": pip.proxy,
    }
    origins = dict(pip.origins)
    return [
        Setting(name=f"pip.{name}", value=value, origin=origins.get(name, "?"))
        for name, value in values.items()
        if value and origins.get(name) != "environment"
    ]


def _switches() -> list[Setting]:
    from doctor.host.windows import registry_value

    # A switch that was never touched has no value at all, and is off.
    return [
        Setting(name=name, value="1" if registry_value(key, value) == 1 else "0", origin="registry")
        for name, key, value in _SWITCHES
    ]
