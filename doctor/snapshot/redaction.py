"""Take out of a snapshot what belongs to a person: user name, home folder, host names, credentials, tokens. Pure.

Every string of every section is gone through, unless it is one of a fixed choice: a field that is added to the model
tomorrow is redacted too. What is special about a field is said below.
"""

from __future__ import annotations

import dataclasses
import re
from typing import TYPE_CHECKING, Any, cast

from doctor.late_pattern import late_pattern
from doctor.quick_dataclass import dataclass
from doctor.snapshot.model import Endpoint, Gpu, NvidiaDriver, Setting, Snapshot, WindowsState
from doctor.snapshot.private_words import (
    HIDDEN,
    HOST,
    KNOWN_NAMES,
    ORDINARY_NAMES,
    USER,
    folder_names,
    hide_private,
    is_public_host,
    replace_folder,
    replace_name,
)

if TYPE_CHECKING:
    from collections.abc import Callable

_VERSION_FIELDS = {
    "version", "smi_version", "cuda_version", "smi_cuda_version", "library_version", "kernel_version", "driver_version",
    "linux_driver", "msvc", "torch", "cuda", "python", "python_version", "abi_tag", "kernel", "libc", "tunedoc",
    "compute_capability", "pci_bus", "taken_at", "stack",
}  # fmt: skip
"""Fields in which four numbers are a version, not an address."""
_VERSION = late_pattern(r"[\w.+!() -]{1,80}")
_PLAIN = late_pattern(r"[a-z0-9.+-]{0,18}")
_SERIAL = (Gpu, "uuid")
"""Names the GPU in CUDA_VISIBLE_DEVICES, so it is kept as long as the machine is judged; files have a stand-in."""
_SECRET_NAME = late_pattern(
    r"TOKEN(?!IZER)|SECRET|PASSW|USERNAME|CREDENTIAL|API_?KEY|ACCESS_?KEY|PRIVATE|COOKIE|AUTH", re.IGNORECASE
)
_HOST_NAME = late_pattern(r".*PROXY|.*TRUSTED.HOST|MASTER_ADDR|.*_HOST", re.IGNORECASE)
"""Settings whose values are host names with or without `http://` before them."""
_AUTHORITIES = late_pattern(
    r"digicert|let's encrypt|isrg|google trust|gts |amazon|globalsign|sectigo|comodo|usertrust|entrust|geotrust|thawte"
    r"|godaddy|certum|identrust|trustasia|wotrus|cfca|baltimore|microsoft|cloudflare|ssl\.com|zerossl|buypass|quovadis"
    r"|zscaler|fortinet|fortigate|netskope|palo alto|blue ?coat|symantec|cisco|sophos|kaspersky|eset|avast|avg"
    r"|bitdefender|fiddler|charles|mitmproxy|burp|squid|adguard|watchguard|checkpoint|check point|sangfor",
    re.IGNORECASE,
)
"""Public authorities, and products that read along: their names say nothing about the person."""
_GPU_NAME = late_pattern(r"GPU-[0-9A-Fa-f][0-9A-Fa-f-]{3,35}(?![A-Za-z])")
_NO_GPU = "GPU-ffffffff-1111-2222-3333-444444444444"
"""For an identifier that no GPU of the snapshot has."""


@dataclass(frozen=True, kw_only=True)
class Identity:
    """Whose machine it is. Empty strings are not looked for."""

    user: str = ""
    home_folder: str = ""
    host_name: str = ""


def redact(snapshot: Snapshot, identity: Identity) -> Snapshot:
    """The snapshot without traces of the person. Applying it twice changes nothing more."""
    return cast(Snapshot, _redacted(snapshot, identity))


def redact_words(words: str, identity: Identity, *, is_version: bool = False, serials: bool = True) -> str:
    """One text without traces of the person, in time proportional to its length.

    Names of people that stand in paths (`C:\\Users\\…`) are taken out wherever else they stand, too. `is_version`:
    four numbers are a version, not an address. `serials`: identifiers of GPUs are hidden as well.
    """
    if _is_plain(words, identity, is_version):
        return words
    words = _without_identity(words, identity)
    names = folder_names(words) if not is_version else ()
    words = hide_private(words, is_version=is_version, serials=serials)
    for name in names:
        words = replace_name(words, name, USER)
    return words


def hide_serials(snapshot: Snapshot) -> Snapshot:
    """The snapshot with stand-ins for the GPUs' identifiers, the same in every place, as it goes into a file."""
    gpus = snapshot.nvidia.gpus if isinstance(snapshot.nvidia, NvidiaDriver) else ()
    stand_ins = {gpu.uuid.upper(): f"GPU-{gpu.index + 1:08d}-1111-2222-3333-444444444444" for gpu in gpus}

    def stand_in(found: re.Match[str]) -> str:
        if found[0] in stand_ins.values() or found[0] == _NO_GPU:
            return found[0]
        # CUDA takes the beginning of an identifier as well.
        named = [new for old, new in stand_ins.items() if old.startswith(found[0].upper())]
        return named[0] if len(named) == 1 else _NO_GPU

    return cast(Snapshot, _replaced(snapshot, lambda words: _GPU_NAME.sub(stand_in, words) if "-" in words else words))


def _replaced(value: Any, change: Callable[[str], str]) -> Any:
    """The value with every string in it changed."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, tuple):
        items = tuple(_replaced(item, change) for item in value)
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    changes = {}
    for field in dataclasses.fields(value):
        old = getattr(value, field.name)
        new = _replaced(old, change)
        if new is not old:
            changes[field.name] = new
    return dataclasses.replace(value, **changes) if changes else value


def _redacted(value: Any, identity: Identity) -> Any:
    if isinstance(value, tuple):
        return type(value)(_redacted(item, identity) for item in value)
    if isinstance(value, str):
        return redact_words(value, identity, serials=False)
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    changes: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        old = getattr(value, field.name)
        if (type(value), field.name) == _SERIAL:
            continue
        if isinstance(old, str):
            is_version = field.name in _VERSION_FIELDS and _VERSION.fullmatch(old) is not None
            new = redact_words(old, identity, is_version=is_version, serials=False)
        else:
            new = _redacted(old, identity)
        if new is not old:
            changes[field.name] = new
    changes |= _special(value, changes)
    return dataclasses.replace(value, **changes) if changes else value


def _special(value: Any, changes: dict[str, Any]) -> dict[str, Any]:
    """Fields that hold something of a person by what they are, whatever they look like."""
    if isinstance(value, Setting) and value.value:
        if _SECRET_NAME.search(value.name):
            return {"value": HIDDEN}
        if _HOST_NAME.fullmatch(value.name) and not is_public_host(value.value.strip()):
            # The scheme says nothing of the person, and `socks://` is a fault to be found.
            scheme = re.match(r"[A-Za-z][A-Za-z0-9]{0,9}://", value.value.strip())
            return {"value": f"{scheme[0]}{HOST}" if scheme else HOST}
    if isinstance(value, WindowsState) and isinstance(value.hosts_loopback, tuple):
        return {"hosts_loopback": tuple(n if n.lower() in KNOWN_NAMES else HOST for n in value.hosts_loopback)}
    if isinstance(value, Endpoint):
        special: dict[str, Any] = {}
        if "://" not in value.address and not is_public_host(value.address.partition("/")[0].partition(":")[0]):
            special["address"] = HOST
        if isinstance(value.tls_issuer, str) and value.tls_issuer and not _AUTHORITIES.search(value.tls_issuer):
            special["tls_issuer"] = "<organisation>"
        return special
    return {}


def _is_plain(words: str, identity: Identity, is_version: bool) -> bool:
    """Whether a word is too short and simple to hold anything: most of a snapshot are names of packages and numbers."""
    if _PLAIN.fullmatch(words) is None or (words.count(".") == 3 and not is_version):
        return False
    return not any(name and name.lower() in words for name in (identity.user, identity.host_name))


def _without_identity(words: str, identity: Identity) -> str:
    folder = identity.home_folder.rstrip("\\/")
    if len(folder) > 1:
        words = replace_folder(words, folder)
    for name, stand_in in ((identity.user, USER), (identity.host_name, HOST)):
        if name and name.lower() not in ORDINARY_NAMES:
            words = replace_name(words, name, stand_in)
    return words
