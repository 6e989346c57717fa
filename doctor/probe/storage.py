"""The volumes that tunedoc needs, and what is unusual about the paths on them."""

from __future__ import annotations

import contextlib
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from doctor.late_pattern import late_pattern
from doctor.snapshot.model import Disk, Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.host.base import Host
    from doctor.paths import Home
    from doctor.snapshot.model import PathTrait

Purpose = Literal["home", "temporary", "hub_cache", "working"]

ROOT = Path("/")
_MIB = 1024 * 1024
_LONG = 100
"""Characters. A training environment adds up to some 150 below its home, and the old limit of Windows is 260."""
_REMOTE = late_pattern(
    r"nfs\d?|cifs|smb\d?|smbfs|9p|drvfs|afs|ceph|glusterfs|lustre|fuse\.(sshfs|rclone|s3fs)|virtiofs"
)
_SYNCED = late_pattern(r"[\\/](OneDrive|Dropbox|Google ?Drive|iCloudDrive|Nutstore)( ?- ?[^\\/]+)?[\\/]", re.IGNORECASE)


def probe_disks(host: Host, home: Home, user_folder: Path, root: Path = ROOT) -> tuple[Disk, ...]:
    """One entry for each of tunedoc's needs, even where several lie on one volume."""
    places: list[tuple[Purpose, Path]] = [
        ("home", home.root),
        ("temporary", temporary_folder(host)),
        ("hub_cache", hub_cache(host.environ, user_folder)),
    ]
    with contextlib.suppress(OSError):  # the working folder may have been removed
        places.append(("working", Path.cwd()))
    mounts = parse_mounts(_read_mounts(root)) if host.system == "linux" else ()
    disks: list[Disk] = []
    for purpose, path in places:
        try:
            existing = _nearest(path)
            usage = shutil.disk_usage(existing)
        except OSError:
            # One place that cannot be looked at says nothing about the others; without the home there is no answer.
            if purpose == "home":
                raise
            continue
        filesystem, remote = _volume(host, existing, mounts)
        disks.append(
            Disk(
                purpose=purpose,
                path=str(path),
                total_mib=usage.total // _MIB,
                free_mib=usage.free // _MIB,
                filesystem=filesystem,
                remote=remote,
                traits=path_traits(str(path)),
            )
        )
    return tuple(disks)


def temporary_folder(host: Host) -> Path:
    """Where programs put their temporary files."""
    names = ("TEMP", "TMP") if host.system == "windows" else ("TMPDIR", "TEMP", "TMP")
    for name in names:
        value = host.environ.get(name)
        if value:
            return Path(value)
    return Path("C:/Windows/Temp" if host.system == "windows" else "/tmp")


def hub_cache(environ: Mapping[str, str], user_folder: Path) -> Path:
    """Where the Hugging Face libraries keep what they download."""
    if environ.get("HF_HUB_CACHE"):
        return Path(environ["HF_HUB_CACHE"])
    if environ.get("HF_HOME"):
        return Path(environ["HF_HOME"]) / "hub"
    base = environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else user_folder / ".cache") / "huggingface" / "hub"


def path_traits(path: str) -> tuple[PathTrait, ...]:
    """What is unusual about a path."""
    found: list[PathTrait] = []
    if " " in path:
        found.append("spaces")
    if not path.isascii():
        found.append("non_ascii")
    if _SYNCED.search(path + "/"):
        found.append("cloud_synced")
    if len(path) > _LONG:
        found.append("long")
    return tuple(found)


def parse_mounts(words: str) -> tuple[tuple[str, str], ...]:
    """Mount point and file system from /proc/mounts, in which a blank is written `\\040`."""
    found: list[tuple[str, str]] = []
    for line in words.splitlines():
        parts = line.split(" ")
        if len(parts) >= 3:
            point = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), parts[1])
            found.append((point, parts[2]))
    return tuple(found)


def filesystem_of(path: str, mounts: tuple[tuple[str, str], ...]) -> str | Unknown:
    """The file system of the mount that is nearest above a path; of two on one point the later hides the earlier."""
    best, kind = -1, ""
    for point, filesystem in mounts:
        folder = point.rstrip("/")
        if (path == point or path.startswith(folder + "/")) and len(folder) >= best:
            best, kind = len(folder), filesystem
    return kind or Unknown("not among the mounts")


def is_remote(filesystem: str) -> bool:
    return _REMOTE.fullmatch(filesystem.lower()) is not None


def _volume(host: Host, path: Path, mounts: tuple[tuple[str, str], ...]) -> tuple[str | Unknown, bool]:
    if host.system == "windows":
        from doctor.host.windows import read_volume

        try:
            return read_volume(str(path))
        except OSError as exc:
            return Unknown(str(exc)), str(path).startswith("\\\\")
    filesystem = filesystem_of(str(path), mounts)
    return filesystem, isinstance(filesystem, str) and is_remote(filesystem)


def _nearest(path: Path) -> Path:
    path = path.absolute()
    while not _visible(path) and path != path.parent:
        path = path.parent
    with contextlib.suppress(OSError):  # of a folder that is too deep for the system to name
        return path.resolve()
    return path


def _visible(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a folder that this user may not look into
        return False


def _read_mounts(root: Path) -> str:
    try:
        return (root / "proc/mounts").read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""
