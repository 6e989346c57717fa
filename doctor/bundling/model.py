"""What a bundle is: a folder with everything for a machine without a network, and the manifest that makes it whole."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Literal, cast

from doctor.errors import BadInput
from doctor.quick_dataclass import dataclass
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

SCHEMA = 1
MANIFEST = "manifest.json"
"""Written last: a folder without it is unfinished."""
UNFINISHED = "unfinished.json"
"""There from the beginning until the manifest is: marks a folder as one that the same command may go on with."""
WHEELS = "wheels"
PROGRAM = "doctor"
"""Folder with tunedoc's own wheel and what it needs."""
PYTHON = "python"
"""Laid out as uv's mirror of Python builds: `<release>/<archive>`."""
LOCKS = "locks"
CATALOGUE = "wheels.toml"
REQUIREMENTS = "requirements.txt"

SystemName = Literal["windows", "linux"]


@dataclass(frozen=True)
class FileFacts:
    """One file as it must be."""

    sha256: str
    bytes: int


@dataclass(frozen=True, kw_only=True)
class LockFacts:
    """One lock and what it is for."""

    stack: str
    python: str
    file: str


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """What a finished bundle holds."""

    tunedoc: str
    """Version that made it."""
    made: str
    """When, in UTC."""
    system: SystemName
    stack: str
    device: str
    python: str
    """Major and minor: `3.12`."""
    python_archive: str | None
    """Path of the Python build inside; None: the machine must have that Python."""
    models: tuple[str, ...]
    locks: tuple[LockFacts, ...]
    files: tuple[tuple[str, FileFacts], ...]
    """Every file but the manifest, by its path inside, with slashes."""

    @property
    def bytes(self) -> int:
        """All files together."""
        return sum(facts.bytes for _, facts in self.files)


def manifest_text(manifest: Manifest) -> str:
    """The manifest as it stands in its file."""
    record: dict[str, Any] = {
        "tunedoc_bundle": SCHEMA,
        "tunedoc": manifest.tunedoc,
        "made": manifest.made,
        "system": manifest.system,
        "machine": "x86_64",
        "stack": manifest.stack,
        "device": manifest.device,
        "python": manifest.python,
        "python_archive": manifest.python_archive,
        "models": list(manifest.models),
        "locks": [{"stack": lock.stack, "python": lock.python, "file": lock.file} for lock in manifest.locks],
        "files": {name: {"sha256": facts.sha256, "bytes": facts.bytes} for name, facts in manifest.files},
    }
    return json.dumps(record, indent=1, ensure_ascii=False) + "\n"


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a bundle. Raises BadInput for a folder that is none, is unfinished, or has a damaged one."""
    file = folder / MANIFEST
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as exc:
        if (folder / UNFINISHED).exists():
            raise BadInput(
                text("bundle.unfinished", folder=str(folder)), hint=text("bundle.unfinished_hint", folder=str(folder))
            ) from exc
        raise BadInput(text("bundle.no_bundle", folder=str(folder)), hint=text("bundle.no_bundle_hint")) from exc
    except (OSError, ValueError) as exc:
        raise _damaged(file, str(exc)) from exc
    try:
        if told["tunedoc_bundle"] != SCHEMA:
            raise BadInput(
                text("bundle.other_schema", have=told["tunedoc_bundle"], want=SCHEMA),
                hint=text("bundle.other_schema_hint"),
                file=str(file),
            )
        return _manifest(told)
    except (KeyError, TypeError, ValueError, AttributeError) as exc:
        raise _damaged(file, f"{type(exc).__name__}: {exc}") from exc


def _manifest(told: Mapping[str, Any]) -> Manifest:
    if told["system"] not in ("windows", "linux"):
        raise ValueError(str(told["system"]))
    files = tuple((str(name), FileFacts(str(row["sha256"]), int(row["bytes"]))) for name, row in told["files"].items())
    for name, _ in files:
        # The names lead to files that are opened: none may lead out of the folder.
        if name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/"):
            raise ValueError(name)
    archive = told["python_archive"]
    return Manifest(
        tunedoc=str(told["tunedoc"]),
        made=str(told["made"]),
        system=cast("SystemName", told["system"]),
        stack=str(told["stack"]),
        device=str(told["device"]),
        python=str(told["python"]),
        python_archive=None if archive is None else str(archive),
        models=tuple(str(model) for model in told["models"]),
        locks=tuple(
            LockFacts(stack=str(row["stack"]), python=str(row["python"]), file=str(row["file"]))
            for row in told["locks"]
        ),
        files=files,
    )


def _damaged(file: Path, detail: str) -> BadInput:
    return BadInput(text("bundle.damaged_manifest", detail=detail), hint=text("bundle.copy_again_hint"), file=str(file))
