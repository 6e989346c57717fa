"""Variables, pip's options and system switches that change how the work goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.errors import BadInput
from doctor.host.pip_configuration import read_pip_configuration
from doctor.host.registry import RealRegistry
from doctor.snapshot.model import Setting

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.host.base import Host
    from doctor.host.registry import Registry, Root

_FAMILIES = (
    "CUDA_PATH", "CUDA_CACHE_", "PYTORCH_", "TORCH_", "TORCHINDUCTOR_", "TRITON_", "NCCL_", "GLOO_", "HF_",
    "HUGGINGFACE_", "TRANSFORMERS_", "ACCELERATE_", "BITSANDBYTES_", "BNB_", "PIP_", "UV_", "TUNEDOC_", "OMP_", "MKL_",
    "KMP_", "MODELSCOPE_", "XFORMERS_", "FLASH_ATTENTION_", "NVIDIA_", "CUDNN_", "DS_", "GGML_", "LLAMA_", "UNSLOTH_",
)  # fmt: skip
"""How the names of variables begin that matter."""
_NAMES = """
CUDA_VISIBLE_DEVICES CUDA_DEVICE_ORDER CUDA_LAUNCH_BLOCKING CUDA_MODULE_LOADING CUDA_HOME CUDA_FORCE_PTX_JIT
HIP_VISIBLE_DEVICES USE_MODELSCOPE_HUB FORCE_CUDA FORCE_TORCHRUN MASTER_ADDR MASTER_PORT RANK WORLD_SIZE LOCAL_RANK
CMAKE_ARGS CC CXX LD_PRELOAD LD_LIBRARY_PATH DISTUTILS_USE_SDK VCINSTALLDIR VCTOOLSINSTALLDIR CONDA_DEFAULT_ENV
CONDA_PREFIX VIRTUAL_ENV USE_LIBUV TOKENIZERS_PARALLELISM PYTHONHOME PYTHONPATH PYTHONSTARTUP PYTHONUTF8
PYTHONIOENCODING PYTHONNOUSERSITE PYTHONDONTWRITEBYTECODE PYTHONLEGACYWINDOWSSTDIO HTTP_PROXY HTTPS_PROXY ALL_PROXY
NO_PROXY SSL_CERT_FILE SSL_CERT_DIR REQUESTS_CA_BUNDLE CURL_CA_BUNDLE LC_ALL LANG
"""
_VARIABLES = frozenset(_NAMES.split())

_SWITCHES = (
    ("LongPathsEnabled", r"SYSTEM\CurrentControlSet\Control\FileSystem", "LongPathsEnabled"),
    (
        "DeveloperMode",
        r"SOFTWARE\Microsoft\Windows\CurrentVersion\AppModelUnlock",
        "AllowDevelopmentWithoutDevLicense",
    ),
)

_KEPT: tuple[tuple[str, Root, str], ...] = (
    ("user", "user", "Environment"),
    ("machine", "machine", r"SYSTEM\CurrentControlSet\Control\Session Manager\Environment"),
)


def probe_settings(host: Host, user_folder: Path, registry: Registry | None = None) -> tuple[Setting, ...]:
    """All settings that matter and are set. The values are raw, blanks at their ends included: `machine` redacts them.

    On Windows a value that the registry keeps is said to come from there: `user` or `machine`.
    """
    known = (registry or RealRegistry()) if host.system == "windows" else None
    kept = _kept_variables(known) if known else []
    found = [
        Setting(name=name, value=value, origin=_origin(name, value, kept))
        for name, value in sorted(host.environ.items())
        if (upper := name.upper()) in _VARIABLES or upper.startswith(_FAMILIES)
    ]
    found += _pip_options(host, user_folder)
    if known:
        found += _switches(known)
    return tuple(found)


def _kept_variables(registry: Registry) -> list[tuple[str, dict[str, str]]]:
    """Variables that Windows gives to every new program, the user's before the machine's as Windows merges them."""
    return [
        (origin, {name.upper(): str(value) for name, value in registry.values(root, key).items()})
        for origin, root, key in _KEPT
    ]


def _origin(name: str, value: str, kept: list[tuple[str, dict[str, str]]]) -> str:
    return next((origin for origin, variables in kept if variables.get(name.upper()) == value), "environment")


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


def _switches(registry: Registry) -> list[Setting]:
    # A switch that was never touched has no value at all, and is off.
    return [
        Setting(name=name, value="1" if registry.value("machine", key, value) == 1 else "0", origin="registry")
        for name, key, value in _SWITCHES
    ]
