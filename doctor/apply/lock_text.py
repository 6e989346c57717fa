"""Write locks: a PEP 751 pylock.toml and a requirements.txt from the packages of an environment's lock. Pure."""

from __future__ import annotations

import tomllib
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from doctor.errors import StepFailed
from doctor.plan.lock import toml_string
from doctor.quick_dataclass import dataclass
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping


@dataclass(frozen=True, kw_only=True)
class LockedWheel:
    """One wheel of a lock."""

    file: str
    """Its name."""
    url: str
    """Its address; empty where the lock has a path."""
    path: str
    """A path relative to the lock, or an absolute one; empty where the lock has an address."""
    sha256: str
    bytes: int | None


@dataclass(frozen=True, kw_only=True)
class LockedPackage:
    """One package of a lock with all that it takes to write it again."""

    name: str
    version: str
    marker: str
    wheels: tuple[LockedWheel, ...]
    direct: bool = False
    """It was asked for by its address: no index is known to have it."""


def read_packages(toml: str) -> tuple[LockedPackage, ...]:
    """The packages of a lock, by name. Raises StepFailed for one that cannot be read."""
    try:
        return tuple(sorted((_package(row) for row in tomllib.loads(toml)["packages"]), key=lambda p: p.name))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError, IndexError) as exc:
        raise StepFailed(text("env.lock_unreadable", detail=str(exc)), hint=text("env.rebuild_hint")) from exc


def pylock(packages: Iterable[LockedPackage], *, python: str, system: str = "") -> str:
    """A pylock.toml. `python`: major and minor of the Python it is for; `system`: `windows` or `linux`."""
    lines = ['lock-version = "1.0"']
    if system:
        machine = "platform_machine == 'AMD64'" if system == "windows" else "platform_machine == 'x86_64'"
        platform = "sys_platform == 'win32'" if system == "windows" else "sys_platform == 'linux'"
        lines.append(f"environments = [{toml_string(f'{platform} and {machine}')}]")
    lines.append(f"requires-python = {toml_string(f'=={python}.*')}")
    lines.append('created-by = "tunedoc"')
    for package in packages:
        lines += [
            "",
            "[[packages]]",
            f"name = {toml_string(package.name)}",
            f"version = {toml_string(package.version)}",
        ]
        if package.marker:
            lines.append(f"marker = {toml_string(package.marker)}")
        lines.append("wheels = [")
        lines += [f"    {_wheel_words(wheel)}," for wheel in package.wheels]
        lines.append("]")
    return "\n".join(lines) + "\n"


def requirements(packages: Iterable[LockedPackage], *, indexes: Collection[str], comment: str) -> str:
    """A requirements.txt with every hash. `indexes`: what to look at besides the ordinary index.

    A local version such as `+cpu` is on no ordinary index: it is named by its address where there is one, since torch's
    own index beside the ordinary one would offer both pip and uv its old copies of other packages.
    """
    lines = [f"# {line}".rstrip() for line in comment.splitlines()]
    lines += [f"--extra-index-url {index}" for index in indexes]
    for package in packages:
        marker = f" ; {package.marker}" if package.marker else ""
        hashes = [f"    --hash=sha256:{wheel.sha256}" for wheel in package.wheels]
        what = f"{package.name} @ {package.wheels[0].url}" if is_named_by_address(package) else ""
        lines.append(" \\\n".join([f"{what or f'{package.name}=={package.version}'}{marker}", *hashes]))
    return "\n".join(lines) + "\n"


def is_named_by_address(package: LockedPackage) -> bool:
    """Whether requirements name a package by its address."""
    return (package.direct or "+" in package.version) and len(package.wheels) == 1 and bool(package.wheels[0].url)


def _package(row: Mapping[str, Any]) -> LockedPackage:
    # A wheel that was asked for by its address stands in the lock as an archive, whose version only its name may tell.
    archive = [row["archive"]] if "archive" in row else []
    wheels = tuple(_wheel(wheel) for wheel in [*row.get("wheels", []), *archive])
    return LockedPackage(
        name=str(row["name"]),
        version=str(row.get("version") or wheels[0].file.split("-")[1]),
        marker=str(row.get("marker", "")),
        wheels=wheels,
        direct=bool(archive),
    )


def _wheel(wheel: Mapping[str, Any]) -> LockedWheel:
    url, path = str(wheel.get("url", "")), str(wheel.get("path", ""))
    place = unquote((url or path).partition("#")[0].partition("?")[0])
    size = wheel.get("size")
    return LockedWheel(
        file=str(wheel.get("name") or place.replace("\\", "/").rpartition("/")[2]),
        url=url,
        path=path,
        sha256=str(wheel["hashes"]["sha256"]),
        bytes=size if isinstance(size, int) else None,
    )


def _wheel_words(wheel: LockedWheel) -> str:
    parts = [f"name = {toml_string(wheel.file)}"]
    parts.append(f"url = {toml_string(wheel.url)}" if wheel.url else f"path = {toml_string(wheel.path)}")
    if wheel.bytes is not None:
        parts.append(f"size = {wheel.bytes}")
    parts.append(f"hashes = {{ sha256 = {toml_string(wheel.sha256)} }}")
    return f"{{ {', '.join(parts)} }}"
