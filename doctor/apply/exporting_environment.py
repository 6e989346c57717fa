"""Export an environment for others: pylock.toml and requirements.txt with real addresses and no credentials."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit, urlunsplit

from doctor.apply import environments
from doctor.apply.environment_list import find_folder, require_finished
from doctor.apply.lock_text import is_named_by_address, pylock, read_packages, requirements
from doctor.apply.replacing import python_short
from doctor.catalogue.load import catalogue_file, load_catalogue
from doctor.errors import BadInput, NoNetwork, StepFailed
from doctor.quick_dataclass import dataclass
from doctor.uv.program import Uv, failure
from doctor.uv.resolve import TORCH_FAMILY
from doctor.version import __version__
from doctor.words.text import render, text
from trainer.file_moves import remove_tree

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.apply.lock_text import LockedPackage, LockedWheel
    from doctor.host.base import Host
    from doctor.paths import Home
    from doctor.words.text import Language

PYLOCK = "pylock.toml"
REQUIREMENTS = "requirements.txt"


@dataclass(frozen=True, kw_only=True)
class Exported:
    """What another machine needs to build the same."""

    name: str
    pylock: str
    requirements: str
    local: tuple[str, ...]
    """Wheels that no index was found to have: their entries have a path of this machine."""


def export_environment(host: Host, home: Home, name: str | None, language: Language) -> Exported:
    """The lock of an environment as others can use it, the one in use unless another is named; changes nothing.

    A wheel that came from a folder of this machine is looked for, by its hash, where this machine's packages come
    from. Raises UsageError and StepFailed.
    """
    folder = find_folder(home, name)
    environment = require_finished(folder)
    try:
        words = environment.lock.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        raise StepFailed(text("env.lock_unreadable", detail=str(exc)), hint=text("env.rebuild_hint")) from exc
    packages = read_packages(words)
    index = _row_index(host, environment.stack)
    python = python_short(folder)
    found = _addresses(packages, Uv(host), home, index, python)
    packages = tuple(_for_others(package, found) for package in packages)
    local = tuple(wheel.file for package in packages for wheel in package.wheels if not wheel.url)
    system = host.system if host.system in ("windows", "linux") else ""
    comment = render(
        text("env.export_comment", name=folder.name, stack=environment.stack, python=python, version=__version__),
        language,
    )
    family = any(package.name in TORCH_FAMILY and not is_named_by_address(package) for package in packages)
    return Exported(
        name=folder.name,
        pylock=pylock(packages, python=python, system=system),
        requirements=requirements(packages, indexes=(index,) if index and family else (), comment=comment),
        local=local,
    )


def write_export(exported: Exported, folder: Path) -> tuple[Path, ...]:
    """Both files, each written as a whole. Raises BadInput where a file stands in the folder's place, and OSError."""
    if folder.exists() and not folder.is_dir():
        raise BadInput(text("env.export_not_a_folder", folder=str(folder)), hint=text("env.export_not_a_folder_hint"))
    folder.mkdir(parents=True, exist_ok=True)
    environments.write_whole(folder / PYLOCK, exported.pylock)
    environments.write_whole(folder / REQUIREMENTS, exported.requirements)
    return folder / PYLOCK, folder / REQUIREMENTS


def public_address(url: str) -> str:
    """An address without user, password, query and fragment: signed queries are credentials, and end with time."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment=""))


def _for_others(package: LockedPackage, found: dict[str, str]) -> LockedPackage:
    def wheel(one: LockedWheel) -> LockedWheel:
        if _is_public(one.url):
            return replace(one, url=public_address(one.url), path="")
        address = found.get(one.sha256, "")
        return replace(one, url=address, path="" if address else one.path or _path_of(one.url))

    return replace(package, wheels=tuple(wheel(one) for one in package.wheels))


def _addresses(packages: tuple[LockedPackage, ...], uv: Uv, home: Home, row_index: str, python: str) -> dict[str, str]:
    """Addresses of the wheels that the lock has no public one for, by their sha256: asked of the indexes by uv."""
    wanted = [package for package in packages if any(not _is_public(wheel.url) for wheel in package.wheels)]
    if not wanted:
        return {}
    family = [package for package in wanted if package.name in TORCH_FAMILY and row_index]
    others = [package for package in wanted if package not in family]
    online = _without_local(uv.sources.options)
    found = _asked(others, uv, home, online, python)
    if family:
        found |= _asked(family, uv, home, [*_without_indexes(online), "--default-index", row_index], python)
    return found


def _asked(packages: list[LockedPackage], uv: Uv, home: Home, options: list[str], python: str) -> dict[str, str]:
    if not packages:
        return {}
    folder = home.scratch / f"resolve-export-{os.getpid()}"
    remove_tree(folder)
    folder.mkdir(parents=True)
    try:
        words = "".join(f"{package.name}=={package.version}\n" for package in packages)
        (folder / "wanted.in").write_text(words, encoding="utf-8")
        arguments = ["pip", "compile", "wanted.in", "--no-deps", "--no-build", "--quiet", "--format", "pylock.toml"]
        arguments += ["-o", PYLOCK, "--python", str(uv.host.python), "--python-version", python, *options]
        ran = uv.attempt(arguments, cwd=folder)
        if ran.exit_code != 0:
            # One that no index has takes the others down: ask for each half on its own.
            half = len(packages) // 2
            if half == 0 or isinstance(failure(ran.stderr), NoNetwork):
                return {}
            return _asked(packages[:half], uv, home, options, python) | _asked(
                packages[half:], uv, home, options, python
            )
        told = read_packages((folder / PYLOCK).read_text(encoding="utf-8"))
    except (OSError, StepFailed):
        return {}
    finally:
        remove_tree(folder)
    return {
        wheel.sha256: public_address(wheel.url) for package in told for wheel in package.wheels if _is_public(wheel.url)
    }


def _without_local(options: tuple[str, ...]) -> list[str]:
    """uv's options without the places that only this machine has."""
    kept: list[str] = []
    words = iter(options)
    for word in words:
        if word == "--find-links":
            next(words, None)
        elif word in ("--index", "--default-index"):
            place = next(words, "")
            if place.startswith(("http:", "https:")):
                kept += [word, place]
        elif word != "--no-index":
            kept.append(word)
    return kept


def _without_indexes(options: list[str]) -> list[str]:
    return [
        word
        for place, word in enumerate(options)
        if word not in ("--index", "--default-index")
        and (place == 0 or options[place - 1] not in ("--index", "--default-index"))
    ]


def _row_index(host: Host, stack_id: str) -> str:
    catalogue = load_catalogue(catalogue_file(host.environ))
    stack = next((row for row in catalogue.stacks if row.id == stack_id), None)
    return catalogue.index_url(stack.index) if stack is not None and stack.index else ""


def _is_public(url: str) -> bool:
    """Whether other machines can use an address."""
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and (parts.hostname or "") not in ("localhost", "127.0.0.1", "::1")


def _path_of(url: str) -> str:
    if not url.lower().startswith("file:"):
        return url
    path = unquote(urlsplit(url).path)
    # file:///C:/wheels has a slash before the drive
    return path[1:] if path[2:3] == ":" else path
