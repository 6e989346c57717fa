"""The files of installed packages against what their RECORD says of them: missing, altered, added."""

from __future__ import annotations

import base64
import binascii
import csv
import hashlib
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from doctor.late_pattern import late_pattern
from doctor.quick_dataclass import dataclass
from trainer.file_moves import leads_elsewhere
from trainer.long_paths import long_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

RECORD = "RECORD"
_METADATA = late_pattern(r"(?P<name>[^-]+)-(?P<version>[^-]+)\.dist-info")
_OWN_NAMES = frozenset({"_virtualenv.py", "_virtualenv.pth"})
"""What uv puts into every environment that it makes; no package lists them."""
_BLOCK_BYTES = 1 << 20
_BATCH_FILES = 64


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One file that a RECORD lists with a hash."""

    path: str
    """As RECORD has it: relative to site-packages, with slashes."""
    file: str
    """Its full path."""
    sha256: bytes
    bytes: int | None
    """The size that is told; None where none is."""


@dataclass(frozen=True, kw_only=True)
class Installed:
    """A package as its metadata folder tells it."""

    name: str
    """Normalised."""
    version: str
    site: Path
    metadata: Path
    record_readable: bool
    """False for a RECORD that is gone, cannot be parsed, or is not the one that was there when it was proved."""
    entries: tuple[Entry, ...]
    unhashed: tuple[str, ...]
    """Paths that RECORD lists without a hash: itself, and compiled files where pip made them."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What became of the files of some packages."""

    missing: dict[str, tuple[str, ...]]
    """Paths by the package's name, of packages that miss any."""
    altered: dict[str, tuple[str, ...]]
    files: int
    bytes: int
    """Read and hashed."""


def read_installed(sites: Iterable[Path], digests: dict[str, str]) -> tuple[Installed, ...]:
    """Every package that has a metadata folder. `digests`: what the RECORDs hashed to when all was well, if known."""
    found: list[Installed] = []
    for site in sites:
        for metadata in sorted(site.glob("*.dist-info")):
            match = _METADATA.fullmatch(metadata.name)
            if match is not None and metadata.is_dir():
                found.append(_read(site, metadata, match["name"], match["version"], digests.get(metadata.name)))
    return tuple(found)


def compare(packages: Sequence[Installed], told: Callable[[int, int], None]) -> Comparison:
    """Read every listed file and compare it, several at once. `told` gets the bytes done and the bytes of all."""
    work = [(package.name, entry) for package in packages for entry in package.entries]
    total = sum(entry.bytes or 0 for _, entry in work)
    # Large files on their own and first, so that none is left for the end; small ones by the handful.
    work.sort(key=lambda item: item[1].bytes or 0, reverse=True)
    large = sum((entry.bytes or 0) >= _BLOCK_BYTES for _, entry in work)
    batches = [work[i : i + 1] for i in range(large)]
    batches += [work[i : i + _BATCH_FILES] for i in range(large, len(work), _BATCH_FILES)]
    missing: dict[str, list[str]] = {}
    altered: dict[str, list[str]] = {}
    done = 0
    with ThreadPoolExecutor(max(1, min(8, os.cpu_count() or 1))) as pool:
        for batch, verdicts in zip(batches, pool.map(_judge, batches), strict=True):
            for (name, entry), verdict in zip(batch, verdicts, strict=True):
                if verdict is not None:
                    (missing if verdict == "missing" else altered).setdefault(name, []).append(entry.path)
                done += entry.bytes or 0
            told(done, total)
    return Comparison(
        missing={name: tuple(sorted(paths)) for name, paths in missing.items()},
        altered={name: tuple(sorted(paths)) for name, paths in altered.items()},
        files=len(work),
        bytes=done,
    )


def is_as_listed(entry: Entry) -> bool:
    """Whether a file is the one that was listed."""
    return _verdict(entry) is None


def added_files(sites: Iterable[Path], packages: Sequence[Installed]) -> tuple[Path, ...]:
    """Files below site-packages that no package lists; compiled files are nobody's business."""
    sites = tuple(sites)
    listed = {os.path.normcase(entry.file) for package in packages for entry in package.entries}
    listed |= {os.path.normcase(_place(str(p.site), path)) for p in packages for path in p.unhashed}
    # A package whose list cannot be trusted may own anything below its folders.
    unsure = [package.site for package in packages if not package.record_readable]
    found: list[Path] = []
    for site in sites:
        if site in unsure:
            continue
        for folder, folders, names in os.walk(site):
            # Python enters junctions before 3.12; what is there is no part of the environment.
            folders[:] = [n for n in folders if n != "__pycache__" and not leads_elsewhere(f"{folder}{os.sep}{n}")]
            found += [
                Path(folder, name)
                for name in names
                if not name.endswith(".pyc")
                and not (folder == str(site) and name in _OWN_NAMES)
                and os.path.normcase(f"{folder}{os.sep}{name}") not in listed
            ]
    return tuple(sorted(found))


def _read(site: Path, metadata: Path, name: str, version: str, digest: str | None) -> Installed:
    from doctor.apply.environments import normalised

    entries: list[Entry] = []
    unhashed: list[str] = []
    readable = True
    try:
        content = (metadata / RECORD).read_bytes()
        readable = digest is None or hashlib.sha256(content).hexdigest() == digest
        for row in csv.reader(content.decode("utf-8").splitlines()):
            if not row:
                continue
            entry = _entry(site, row)
            if entry is None:
                unhashed.append(row[0])
            else:
                entries.append(entry)
        # Every list has itself in it, without a hash.
        readable = readable and f"{metadata.name}/{RECORD}" in unhashed
    except (OSError, ValueError, csv.Error):
        readable = False
    return Installed(
        name=normalised(name),
        version=version,
        site=site,
        metadata=metadata,
        record_readable=readable,
        entries=tuple(entries),
        unhashed=tuple(unhashed),
    )


def _entry(site: Path, row: list[str]) -> Entry | None:
    """A row of RECORD. Raises ValueError for one that is none."""
    path, told, size = row  # ValueError for another count
    if not told or path.endswith(".pyc"):
        return None
    kind, _, value = told.partition("=")
    if kind != "sha256":
        raise ValueError(kind)
    try:
        digest = base64.urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except binascii.Error as exc:
        raise ValueError(value) from exc
    if len(digest) != 32 or "\0" in path:
        raise ValueError(value)
    return Entry(path=path, file=_place(str(site), path), sha256=digest, bytes=int(size) if size else None)


def _place(site: str, path: str) -> str:
    """Where a listed file lies, without `..`, so that it compares with what a walk finds."""
    # Tens of thousands of these: strings cost a fifth of what Paths do.
    file = f"{site}/{path}"
    return os.path.normpath(file) if ".." in path or os.sep != "/" else file


def _judge(batch: Sequence[tuple[str, Entry]]) -> list[str | None]:
    return [_verdict(entry) for _, entry in batch]


def _verdict(entry: Entry) -> str | None:
    try:
        with Path(long_path(entry.file)).open("rb", buffering=0) as stream:
            if entry.bytes is not None and os.fstat(stream.fileno()).st_size != entry.bytes:
                return "altered"
            digest = hashlib.sha256()
            while block := stream.read(_BLOCK_BYTES):
                digest.update(block)
    except FileNotFoundError:
        return "missing"
    except OSError:
        # A folder where a file should be, a bad block: not what was listed.
        return "altered"
    return None if digest.digest() == entry.sha256 else "altered"
