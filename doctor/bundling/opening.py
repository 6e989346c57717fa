"""Open a bundle: refuse one that is unfinished, damaged or for another system, and check what it hands out."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from doctor.bundling.locks import placed
from doctor.bundling.model import CATALOGUE, PYTHON, WHEELS, FileFacts, Manifest, read_manifest
from doctor.errors import BadInput
from doctor.plan.lock import read_lock
from doctor.quick_dataclass import dataclass
from doctor.words.text import text

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.plan.lock import Lock


@dataclass(frozen=True)
class Bundle:
    """A finished bundle. Whatever is handed out by a method was hashed before."""

    folder: Path
    manifest: Manifest

    @property
    def wheels(self) -> Path:
        """Folder with every wheel, for `--no-index --find-links`: the environment's, the converter's, the models'."""
        return self.folder / WHEELS

    @property
    def python(self) -> Path | None:
        """Folder that serves as UV_PYTHON_INSTALL_MIRROR (as a `file:` address); None: the machine's own Python."""
        return self.folder / PYTHON if self.manifest.python_archive else None

    def lock(self, stack_id: str, python: str) -> Lock | None:
        """The lock for a row of the catalogue and a Python such as `3.12`; None when the bundle has none for these.

        Its addresses are the bundle's own wheels. Raises BadInput for a damaged lock and for a wheel that is missing,
        of another size or of another hash.
        """
        found = next((lock for lock in self.manifest.locks if (lock.stack, lock.python) == (stack_id, python)), None)
        if found is None:
            return None
        lock = read_lock(placed(self.file(found.file).read_text(encoding="utf-8"), self.folder))
        for package in lock.packages:
            self.file(f"{WHEELS}/{package.file}")
        return lock

    def catalogue(self) -> Path:
        """The catalogue that the bundle was made from. Raises BadInput."""
        return self.file(CATALOGUE)

    def file(self, name: str) -> Path:
        """A file by its path inside, after its hash was found right. Raises BadInput."""
        facts = dict(self.manifest.files).get(name)
        if facts is None:
            raise _missing(self.folder, name)
        path = self.folder / name
        _require_size(self.folder, name, facts)
        with path.open("rb") as stream:
            if hashlib.file_digest(stream, "sha256").hexdigest() != facts.sha256:
                raise BadInput(
                    text("bundle.damaged_file", file=name), hint=text("bundle.copy_again_hint"), file=str(path)
                )
        return path

    def check(self) -> None:
        """Hash every file. Raises BadInput for the first that is not as it was."""
        for name, _ in self.manifest.files:
            self.file(name)


def open_bundle(folder: Path, *, system: str = "") -> Bundle:
    """A bundle whose files are all there in their sizes; hashes are checked of what is handed out.

    `system` refuses a bundle for another one. Raises BadInput.
    """
    manifest = read_manifest(folder)
    if system and manifest.system != system:
        raise BadInput(
            text("bundle.other_system", have=manifest.system, want=system),
            hint=text("bundle.other_system_hint", system=system),
            file=str(folder),
        )
    for name, facts in manifest.files:
        _require_size(folder, name, facts)
    return Bundle(folder, manifest)


def _require_size(folder: Path, name: str, facts: FileFacts) -> None:
    try:
        size = (folder / name).stat().st_size
    except OSError as exc:
        raise _missing(folder, name) from exc
    if size != facts.bytes:
        raise BadInput(
            text("bundle.other_size", file=name, have=size, want=facts.bytes),
            hint=text("bundle.copy_again_hint"),
            file=str(folder / name),
        )


def _missing(folder: Path, name: str) -> BadInput:
    return BadInput(
        text("bundle.missing_file", file=name), hint=text("bundle.copy_again_hint"), file=str(folder / name)
    )
