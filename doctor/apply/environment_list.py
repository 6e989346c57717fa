"""The training environments of this machine: what each is, whether it is whole, and the room that it takes."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal

from doctor.apply import environments
from doctor.environment import read_environment
from doctor.errors import UsageError
from doctor.late_pattern import late_pattern
from doctor.quick_dataclass import dataclass
from doctor.words.text import text
from trainer.file_moves import is_link
from trainer.long_paths import deep_root

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.environment import Environment
    from doctor.paths import Home
from doctor.words.text import Text

State = Literal["proved", "unproved", "damaged", "unfinished"]
"""`proved`: its proofs passed when it was built, and every package still has its metadata. `unproved`: whole, but no
proof is recorded, or a repair did not come to its proofs. `damaged`: something that it was built from is gone.
`unfinished`: an install never ended."""

_TORCH = late_pattern(r"torch-(?P<version>\d[^-]*)\.dist-info")


@dataclass(frozen=True, kw_only=True)
class Listed:
    """One folder under `environments`."""

    name: str
    folder: Path
    state: State
    in_use: bool
    stack: str
    """Id of the catalogue row; empty where no record tells it."""
    device: str
    torch: str
    """Version of the torch that lies there; empty for none."""
    python: str
    """Version of its interpreter, such as `3.12.4`; empty where nothing tells."""
    proved: tuple[str, ...]
    bytes: int
    """On disk; a file with several names inside counts once."""
    frees: int | None
    """What the disk would gain: files that also have names elsewhere, in uv's cache for one, are left out.

    None where the system does not tell cheaply (Windows).
    """


@dataclass(frozen=True, kw_only=True)
class Listing:
    """All of them, by name."""

    environments: tuple[Listed, ...]
    bytes: int
    """Together; a file that several of them share counts once."""


@dataclass(frozen=True, kw_only=True)
class _Room:
    """What one walk through a folder found."""

    plain: int
    """Bytes of files with one name, and of everything where the system does not tell of names."""
    shared: dict[tuple[int, int], tuple[int, int, int]]
    """Files with several names, by volume and number: bytes, names in all, names in this folder."""
    told: bool


def list_environments(home: Home) -> Listing:
    """Look at every environment. Reads names and sizes, never the content of packages."""
    current = environments.current_name(home)
    folders = [home.environments / name for name in _names(home)]
    with ThreadPoolExecutor(max(1, min(4, os.cpu_count() or 1))) as pool:
        rooms = list(pool.map(_room, folders))
    everything: dict[tuple[int, int], int] = {}
    for room in rooms:
        everything |= {key: size for key, (size, _, _) in room.shared.items()}
    return Listing(
        environments=tuple(_listed(folder, room, current) for folder, room in zip(folders, rooms, strict=True)),
        bytes=sum(room.plain for room in rooms) + sum(everything.values()),
    )


def find_folder(home: Home, name: str | None) -> Path:
    """The folder of an environment by its name; without one that of the environment in use. Raises UsageError."""
    names = _names(home)
    if name is None:
        name = environments.current_name(home)
        if name is None:
            raise UsageError(text("env.none_in_use"), hint=text("env.list_hint") if names else text("env.install_hint"))
    if name in names:
        return home.environments / name
    nearest = get_close_matches(name, names, n=1)
    if nearest:
        raise UsageError(text("env.unknown", name=name), hint=text("env.unknown_hint", nearest=nearest[0]))
    raise UsageError(text("env.unknown", name=name), hint=text("env.list_hint") if names else text("env.install_hint"))


def require_finished(folder: Path) -> Environment:
    """The environment of a folder. Raises UsageError for one that is unfinished or has lost its interpreter."""
    environment = read_environment(folder)
    if environment is not None:
        return environment
    if not environments.raw_record(folder):
        raise UsageError(text("env.unfinished", name=folder.name), hint=text("env.unfinished_hint", name=folder.name))
    raise UsageError(text("env.damaged", name=folder.name), hint=text("env.repair_hint", name=folder.name))


def what_is_wrong(folder: Path) -> Text | None:
    """Why an environment is not whole, by names alone; None for one that is."""
    environment = read_environment(folder)
    if environment is None or not environments.is_whole(environment):
        return text("env.damaged", name=folder.name)
    return None


def python_version(folder: Path) -> str:
    """The version that pyvenv.cfg tells; empty where there is none."""
    try:
        lines = (folder / environments.VENV / "pyvenv.cfg").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    values = {key.strip().lower(): value.strip() for key, _, value in (line.partition("=") for line in lines)}
    return values.get("version_info") or values.get("version") or ""


def _listed(folder: Path, room: _Room, current: str | None) -> Listed:
    record = environments.raw_record(folder)
    environment = read_environment(folder)
    proved = record.get("proved")
    names = tuple(str(name) for name in proved) if isinstance(proved, list) else ()
    if not record:
        state: State = "unfinished"
    elif environment is None or not environments.is_whole(environment):
        state = "damaged"
    else:
        state = "proved" if names and environments.REPAIRING not in record else "unproved"
    inside = {key: size for key, (size, all_, here) in room.shared.items() if all_ <= here}
    return Listed(
        name=folder.name,
        folder=folder,
        state=state,
        in_use=folder.name == current,
        stack=str(record.get("stack", "")),
        device=str(record.get("device", "")),
        torch=_torch_version(folder),
        python=python_version(folder),
        proved=names,
        bytes=room.plain + sum(size for size, _, _ in room.shared.values()),
        frees=room.plain + sum(inside.values()) if room.told else None,
    )


def _torch_version(folder: Path) -> str:
    for site in environments.site_packages(folder):
        for metadata in site.glob("torch-*.dist-info"):
            found = _TORCH.fullmatch(metadata.name)
            if found:
                return found["version"]
    return ""


def _names(home: Home) -> list[str]:
    try:
        return sorted(entry.name for entry in home.environments.iterdir() if entry.is_dir())
    except OSError:
        return []


def _room(folder: Path) -> _Room:
    plain = 0
    shared: dict[tuple[int, int], tuple[int, int, int]] = {}
    # On Windows the listing of a folder brings sizes along, but asking for a file's number opens every single file.
    told = sys.platform != "win32"
    waiting = [deep_root(folder)]
    while waiting:
        try:
            entries = list(os.scandir(waiting.pop()))
        except OSError:
            continue
        for entry in entries:
            try:
                facts = entry.stat(follow_symlinks=False)
                if entry.is_dir(follow_symlinks=False):
                    # What a junction leads to is another's, and may be a folder that the junction itself is in.
                    if not is_link(facts):
                        waiting.append(entry.path)
                    continue
            except OSError:
                continue
            size = facts.st_size
            if sys.platform != "win32":
                size = facts.st_blocks * 512
            if not told or facts.st_nlink < 2:
                plain += size
                continue
            key = (facts.st_dev, facts.st_ino)
            _, _, here = shared.get(key, (0, 0, 0))
            shared[key] = (size, facts.st_nlink, here + 1)
    return _Room(plain=plain, shared=shared, told=told)
