"""Resolve a catalogue row into a hashed PEP 751 lock, with the torch family from its named source."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from doctor.errors import StepFailed
from doctor.plan.lock import read_lock, toml_string, verify_lock
from doctor.quick_dataclass import dataclass
from doctor.uv.options import local_folders
from doctor.words.text import text
from trainer.file_moves import remove_tree

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from doctor.catalogue.model import Catalogue, Stack
    from doctor.catalogue.parts import PartChoice
    from doctor.paths import Home
    from doctor.plan.lock import Lock
    from doctor.plan.model import PythonChoice
    from doctor.uv.options import Sources
    from doctor.uv.program import Uv

TORCH_FAMILY = ("torch", "torchvision", "torchaudio")
"""Packages that must come from the row's own source, whatever index the machine has configured."""

_PLATFORMS = {"windows": "x86_64-pc-windows-msvc", "linux": "x86_64-manylinux_2_28"}


@dataclass(frozen=True)
class TorchSource:
    """Where the torch family comes from."""

    kind: str
    """`folder`: a wheel folder that pip or uv is configured with; `index`: the row's own; `ordinary`: the default."""
    place: str
    """The folder or the address; empty for `ordinary`."""
    flat: bool = False
    """The address is a page of links, not an index of projects."""


def torch_source(stack: Stack, catalogue: Catalogue, python: str, sources: Sources) -> TorchSource:
    """A configured wheel folder that holds the exact wheels, local version included; else the row's index."""
    family = [pin for pin in stack.pins if pin.name in TORCH_FAMILY]
    tag = "cp" + python.replace(".", "")
    for folder in local_folders(sources.find_links):
        if all(_holds(folder, pin.name, pin.version, tag, stack.needs.os) for pin in family):
            return TorchSource("folder", str(folder))
    if stack.index:
        return TorchSource("index", catalogue.index_url(stack.index))
    return TorchSource("ordinary", "")


def resolve(
    uv: Uv,
    home: Home,
    stack: Stack,
    catalogue: Catalogue,
    python: PythonChoice,
    *,
    for_this_machine: bool = True,
    torch: TorchSource | None = None,
    parts: Sequence[PartChoice] = (),
    on_line: Callable[[str], None] | None = None,
) -> Lock:
    """The row's lock, checked against the row. Only wheels: nothing is compiled on a user's machine.

    `torch` takes the place of the row's own index, not of a configured folder. `parts` are wanted besides the row's
    pins; of one with an address and no hash the lock gets the hash that the download has.

    Raises NoNetwork, NoSpace, StepFailed.
    """
    source = torch_source(stack, catalogue, python.version, uv.sources)
    if torch is not None and source.kind == "index":
        source = torch
    folder = home.scratch / f"resolve-{os.getpid()}"
    remove_tree(folder)
    folder.mkdir(parents=True)
    try:
        (folder / "pyproject.toml").write_text(project(stack, source, parts), encoding="utf-8", newline="\n")
        arguments = ["pip", "compile", "pyproject.toml", "--format", "pylock.toml", "-o", "pylock.toml", "--quiet"]
        arguments += ["--no-header", "--no-annotate", "--no-build", *uv.sources.options]
        # Any interpreter will do for resolving; the doctor's own is certain to be there.
        arguments += ["--python", str(uv.host.python), "--python-version", python.version]
        if not for_this_machine:
            arguments += ["--python-platform", _PLATFORMS[stack.needs.os]]
        uv.run(arguments, cwd=folder, on_line=on_line)
        lock = read_lock((folder / "pylock.toml").read_text(encoding="utf-8"))
    finally:
        remove_tree(folder)
    verify_lock(lock, stack, python.version, torch_from=source.place if source.kind == "index" else "")
    return lock


def project(stack: Stack, source: TorchSource, parts: Sequence[PartChoice] = ()) -> str:
    """The project file that uv resolves: every pin, and the torch family tied to its index.

    An explicit index serves the packages that name it and no others, so neither can an inherited mirror replace
    torch, nor can torch's index replace an ordinary package.
    """
    lines = [
        "[project]",
        'name = "tunedoc-environment"',
        'version = "0"',
        "dependencies = [",
        *(f"    {toml_string(pin.requirement)}," for pin in stack.pins),
        *(f"    {toml_string(_requirement(part))}," for part in parts),
        "]",
        "[tool.uv]",
        "package = false",
    ]
    # What is said here of a package is taken for its own word: so it asks for nothing in turn.
    lines += [
        line
        for part in parts
        if not part.dependencies
        for line in ("[[tool.uv.dependency-metadata]]", f"name = {toml_string(_name(part))}", "requires-dist = []")
    ]
    indexes = {_name(part): part.index for part in parts if part.index}
    sources: list[str] = []
    if source.kind == "index":
        lines += _index("torch-family", source.place, flat=source.flat)
        sources += [f'{pin.name} = {{ index = "torch-family" }}' for pin in stack.pins if pin.name in TORCH_FAMILY]
    for number, (name, url) in enumerate(indexes.items()):
        lines += _index(f"part-{number}", url)
        sources.append(f'{name} = {{ index = "part-{number}" }}')
    if sources:
        lines += ["[tool.uv.sources]", *sources]
    return "\n".join(lines) + "\n"


def _index(name: str, url: str, *, flat: bool = False) -> list[str]:
    lines = ["[[tool.uv.index]]", f"name = {toml_string(name)}", f"url = {toml_string(url)}", "explicit = true"]
    return [*lines, 'format = "flat"'] if flat else lines


def _requirement(part: PartChoice) -> str:
    if not part.url:
        return part.requirement
    return f"{_name(part)} @ {part.url}" + (f"#sha256={part.sha256}" if part.sha256 else "")


def _name(part: PartChoice) -> str:
    """The name of the package, which is not always that of the part."""
    if part.requirement:
        return re.split(r"[^A-Za-z0-9._-]", part.requirement, maxsplit=1)[0]
    return part.url.rpartition("/")[2].partition("-")[0].replace("_", "-").lower()


def _holds(folder: Path, name: str, version: str, tag: str, system: str) -> bool:
    platform = "win_amd64" if system == "windows" else "linux.*_x86_64"
    wanted = re.compile(rf"{re.escape(name)}-{re.escape(version)}-({tag}-{tag}|py3-none)-.*({platform}|any)\.whl")
    try:
        return any(wanted.fullmatch(entry.name) for entry in folder.iterdir())
    except OSError as exc:
        raise StepFailed(text("uv.folder_unreadable", folder=str(folder), detail=exc.strerror or str(exc))) from exc
