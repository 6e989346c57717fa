"""Take out of a snapshot what belongs to a person: user name, home folder, host names, credentials, tokens. Pure."""

from __future__ import annotations

import dataclasses
import re
from dataclasses import dataclass
from typing import Any, cast

from doctor.snapshot.model import (
    Absent,
    CudaToolkit,
    Disk,
    PythonEnvironment,
    PythonInterpreter,
    Setting,
    Snapshot,
    Unknown,
)

HIDDEN = "<hidden>"

_FREE_WORDS: dict[type, tuple[str, ...]] = {
    Unknown: ("why",),
    Absent: ("why",),
    Disk: ("path",),
    PythonInterpreter: ("path",),
    CudaToolkit: ("path",),
    PythonEnvironment: ("path",),
    Setting: ("value", "origin"),
}
"""Where a person's traces can stand. Names of products and versions are left as the machine gave them."""

_SECRET_NAME = re.compile(r"TOKEN|SECRET|PASSW|USERNAME|CREDENTIAL|API_?KEY|PRIVATE", re.IGNORECASE)
_HOST_NAME = re.compile(r"PROXY$|TRUSTED.HOST", re.IGNORECASE)
"""Settings whose values are host names with or without `http://` before them."""
_TOKEN = re.compile(r"\b(hf_[A-Za-z0-9]{8,}|gh[pousr]_[A-Za-z0-9]{16,}|pypi-[A-Za-z0-9_-]{16,}|sk-[A-Za-z0-9_-]{16,})")
_CREDENTIALS = re.compile(r"(?<=://)[^/\s@]+@")
_HOST = re.compile(r"(?<=://)(\[[^]\s]+]|[^/\s:@,;]+)")
_SHARE = re.compile(r"(?<![\\\w:])\\\\[^\\\s?.][^\\\s]*")
_QUERY = re.compile(r"(?<=[?&])([A-Za-z_]*(?:token|key|secret|password|signature)[A-Za-z_]*)=[^&\s]+", re.IGNORECASE)

# Public services that everybody uses: knowing that they are set helps, and they say nothing about the person.
# Also the short form that Windows makes of a long or Chinese name, and other people's folders.
_SOMEBODYS_FOLDER = re.compile(
    r"(?<=[\\/])(Users|home)([\\/])(?!(Public|Default|All Users|<user>)(?![^\\/]))[^\\/\s:;,\"']+", re.IGNORECASE
)
_PUBLIC_HOSTS = re.compile(
    r"localhost|127(\.\d+){3}|\[::1]|(.+\.)?(pytorch\.org|huggingface\.co|hf-mirror\.com|modelscope\.cn|nvidia\.com)",
    re.IGNORECASE,
)
_COMMON_NAMES = {"root", "user", "admin", "administrator", "system", "public", "default", "home", "localhost", "python"}
"""Account and host names that identify nobody and are also ordinary words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Whose machine it is. Empty strings are not looked for."""

    user: str = ""
    home_folder: str = ""
    host_name: str = ""


def redact(snapshot: Snapshot, identity: Identity) -> Snapshot:
    """The snapshot without traces of the person. Applying it twice changes nothing more."""
    return cast(Snapshot, _redacted(snapshot, identity))


def redact_words(words: str, identity: Identity) -> str:
    """One string without traces of the person."""
    for pattern, stand_in in _personal_patterns(identity):
        words = pattern.sub(stand_in, words)
    words = _SOMEBODYS_FOLDER.sub(r"\1\2<user>", words)
    words = _TOKEN.sub(HIDDEN, words)
    words = _CREDENTIALS.sub("", words)
    words = _QUERY.sub(rf"\1={HIDDEN}", words)
    words = _SHARE.sub(lambda _: r"\\<host>", words)
    return _HOST.sub(lambda found: found[0] if _PUBLIC_HOSTS.fullmatch(found[0]) else "<host>", words)


def _redacted(value: Any, identity: Identity) -> Any:
    if isinstance(value, tuple):
        return type(value)(_redacted(item, identity) for item in value)
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    changes: dict[str, Any] = {}
    for field in dataclasses.fields(value):
        old = getattr(value, field.name)
        free = field.name in _FREE_WORDS.get(type(value), ())
        new = redact_words(old, identity) if free and isinstance(old, str) else _redacted(old, identity)
        if new is not old:
            changes[field.name] = new
    if isinstance(value, Setting) and _SECRET_NAME.search(value.name):
        changes["value"] = HIDDEN
    elif isinstance(value, Setting) and _HOST_NAME.search(value.name) and value.value:
        changes["value"] = "<host>"
    return dataclasses.replace(value, **changes) if changes else value


def _personal_patterns(identity: Identity) -> list[tuple[re.Pattern[str], str]]:
    found: list[tuple[re.Pattern[str], str]] = []
    folder = identity.home_folder.rstrip("\\/")
    if len(folder) > 1:
        parts = [re.escape(part) for part in re.split(r"[\\/]", folder)]
        # Windows writes one path in several ways: either slash, any case, doubled in JSON-like settings.
        flags = re.IGNORECASE if "\\" in folder or ":" in folder[:2] else re.NOFLAG
        found.append((re.compile(r"[\\/]+".join(parts) + r"(?![^\\/\s:;,\"'])", flags), "~"))
    for name, stand_in in ((identity.user, "<user>"), (identity.host_name, "<host>")):
        if not name or name.lower() in _COMMON_NAMES:
            continue
        found.append((re.compile(rf"(?<=[\\/]){re.escape(name)}(?=[\\/]|$)", re.IGNORECASE), stand_in))
        if len(name) > 2:
            found.append((re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])", re.IGNORECASE), stand_in))
    return found
