"""Read a PEP 751 lock and refuse one that is not what the catalogue's row asked for. Pure."""

from __future__ import annotations

import json
import tomllib
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from doctor.errors import StepFailed
from doctor.late_pattern import late_pattern
from doctor.quick_dataclass import dataclass
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.catalogue.model import Pin, Stack

TORCH_FAMILY = ("torch", "torchvision", "torchaudio")
"""Packages that must come from the row's own source and be of one build, whatever index the machine has configured."""

_CUDA_PACKAGE = late_pattern(r"(nvidia|cuda)(-.*)?|triton|pytorch-triton|.*-cu1[0-9]")
"""Packages that only a machine with an NVIDIA GPU can use, by their normalised names."""
_ESCAPED = late_pattern(r"%([0-9A-Fa-f]{2})")
_SPECIFIER = late_pattern(r"(<=|>=|==|<|>)(3\.\d+)")


@dataclass(frozen=True, kw_only=True)
class Locked:
    """One package of the lock: the wheel that will be installed."""

    name: str
    version: str
    file: str
    """Name of the wheel."""
    url: str
    """Where it comes from; `file:` for a folder of this machine."""
    sha256: str
    bytes: int | None
    """Size of the wheel; None while it is not known."""
    index: str = ""
    """The index that it was found on, as it was given to uv; empty for a folder, and where the lock does not say."""


@dataclass(frozen=True)
class Lock:
    """A whole lock: its text, which is what gets installed, and its packages."""

    toml: str
    packages: tuple[Locked, ...]

    @property
    def download_bytes(self) -> int:
        """Sum of the sizes that are known."""
        return sum(package.bytes or 0 for package in self.packages)

    @property
    def unknown_sizes(self) -> int:
        """How many packages have a size that is not known."""
        return sum(package.bytes is None for package in self.packages)


def toml_string(words: str) -> str:
    """A word as TOML writes it: a JSON string is a basic string there."""
    return json.dumps(words, ensure_ascii=False)


def read_lock(toml: str) -> Lock:
    """A lock from its text. Raises StepFailed for a package without a wheel or a wheel without a hash."""
    try:
        rows = tomllib.loads(toml).get("packages", [])
    except tomllib.TOMLDecodeError as exc:
        raise _refused(text("plan.lock_unreadable", detail=str(exc))) from exc
    return Lock(toml, tuple(sorted((_locked(row) for row in rows), key=lambda package: package.name)))


def with_sizes(lock: Lock, sizes: Mapping[str, int]) -> Lock:
    """The lock with sizes filled in, by address."""
    return Lock(lock.toml, tuple(replace(p, bytes=p.bytes or sizes.get(p.url)) for p in lock.packages))


def pins_for(stack: Stack, python: str) -> tuple[Pin, ...]:
    """The row's pins that are for this Python, such as `3.12`."""
    return tuple(pin for pin in stack.pins if not pin.python or _allows(pin.python, python))


def verify_lock(lock: Lock, stack: Stack, python: str, *, torch_from: str = "") -> None:
    """Refuse a lock that is not the row's: another version of a pin, a torch family of several builds or from
    elsewhere, or CUDA parts on a CPU row. Raises StepFailed.

    An inherited mirror can hold anything under a name; a CPU machine must never download gigabytes of CUDA libraries,
    nor a machine with GPUs get a torch that cannot use them. `torch_from` is the index that the torch family was asked
    from; empty where it comes from a folder, or it is not known.
    """
    versions = {package.name: package.version for package in lock.packages}
    for pin in pins_for(stack, python):
        have = versions.get(pin.name)
        if have != pin.version:
            raise _refused(text("plan.lock_other_version", name=pin.name, want=pin.version, have=have or "-"))
    _verify_family(lock, stack, torch_from)
    if stack.device == "cuda":
        return
    for package in lock.packages:
        if _CUDA_PACKAGE.fullmatch(package.name) or "+cu" in package.version:
            raise _refused(text("plan.lock_cuda_on_cpu", name=package.name, version=package.version))


def _verify_family(lock: Lock, stack: Stack, torch_from: str) -> None:
    build = stack.torch.partition("+")[2]
    for package in lock.packages:
        if package.name not in TORCH_FAMILY:
            continue
        if package.version.partition("+")[2] != build:
            raise _refused(text("plan.lock_other_build", name=package.name, version=package.version, torch=stack.torch))
        if torch_from and package.index and _plain(package.index) != _plain(torch_from):
            raise _refused(
                text("plan.lock_other_source", name=package.name, want=_plain(torch_from), have=_plain(package.index))
            )


def _plain(address: str) -> str:
    """An address without credentials and the slash at its end."""
    scheme, mark, rest = address.partition("://")
    host, slash, path = rest.partition("/")
    return f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}".rstrip("/")


def _locked(row: dict[str, Any]) -> Locked:
    name, version = str(row.get("name", "?")), str(row.get("version", ""))
    # A wheel that was asked for by its address stands as an archive.
    archive = row.get("archive")
    rows = row.get("wheels", []) or (
        [archive] if isinstance(archive, dict) and _file_of(archive).endswith(".whl") else []
    )
    wheels = [wheel for wheel in rows if isinstance(wheel, dict)]
    if not wheels:
        raise _refused(text("plan.lock_no_wheel", name=name, version=version))
    for wheel in wheels:
        if not wheel.get("hashes", {}).get("sha256"):
            raise _refused(text("plan.lock_no_hash", name=name, version=version))
    # uv lists the wheels that fit, and installs the most particular one; a pure one is only its last resort.
    wheel = next((w for w in wheels if not _file_of(w).endswith("-none-any.whl")), wheels[0])
    size = wheel.get("size")
    return Locked(
        name=name,
        version=version,
        file=_file_of(wheel),
        url=str(wheel.get("url") or wheel.get("path") or ""),
        sha256=str(wheel["hashes"]["sha256"]),
        bytes=size if isinstance(size, int) else None,
        index=str(row.get("index") or ""),
    )


def _file_of(wheel: dict[str, Any]) -> str:
    if wheel.get("name"):
        return str(wheel["name"])
    place = str(wheel.get("url") or wheel.get("path") or "").partition("#")[0]
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), place.replace("\\", "/").rpartition("/")[2])


def _allows(specifier: str, python: str) -> bool:
    found = _SPECIFIER.fullmatch(specifier)
    assert found is not None  # the loader let nothing else through
    have = tuple(int(part) for part in python.split(".")[:2])
    want = tuple(int(part) for part in found[2].split("."))
    return {
        "<": have < want,
        "<=": have <= want,
        ">": have > want,
        ">=": have >= want,
        "==": have == want,
    }[found[1]]


def _refused(reason: Any) -> StepFailed:
    return StepFailed(text("plan.lock_refused", reason=reason), hint=text("plan.lock_refused_hint"))
