"""The folder that tunedoc is installed in: which version is in use, and how one takes the place of another.

bin\\tunedoc.exe, bin\\tunedoc-app.exe   launchers; they read current.txt
current.txt                             the folder under versions\\ that is in use
versions\\<version>-<n>                  environments, never changed once they are in use
python\\<version>-<build>                tunedoc's own Python, where one is used
installed.json                          what was chosen; the next setup reads it
leftovers.txt                           what could not be deleted yet
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import time
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MOST_CHARACTERS = 120
"""Of the folder's path: inside, paths grow by some 130, and Windows may end at 260."""
OWN_NAMES = {
    "bin", "versions", "python", "new", "current.txt", "installed.json", "leftovers.txt", "set_up.pyz", "uninstall.exe",
    "tunedoc.ico", "LICENSE.txt", "setup.log",
}  # fmt: skip
"""All that the folder ever has in it. The uninstaller removes these and no others."""
_TRIES = 10
_PAUSE_SECONDS = 0.2


@dataclass(frozen=True, kw_only=True)
class Installed:
    """What the last setup did."""

    version: str
    environment: str
    own_python: str
    """The folder under python\\, empty where the machine's Python is used."""
    language: str
    schema: int = 1


@dataclass(frozen=True)
class Program:
    """The folder."""

    root: Path

    @property
    def versions(self) -> Path:
        return self.root / "versions"

    @property
    def current_file(self) -> Path:
        return self.root / "current.txt"

    @property
    def record(self) -> Path:
        return self.root / "installed.json"

    @property
    def leftovers(self) -> Path:
        return self.root / "leftovers.txt"

    def strangers(self) -> list[str]:
        """What is in the folder and not tunedoc's, unless tunedoc is installed there already."""
        if self.record.is_file() or not self.root.is_dir():
            return []
        # `bin` alone may be anybody's: without the record only what this setup has just put there counts as its own.
        return sorted(entry.name for entry in self.root.iterdir() if entry.name not in {"new", "python", "setup.log"})

    def installed(self) -> Installed | None:
        """What the last setup wrote; None for a folder without it."""
        try:
            told = json.loads(self.record.read_text(encoding="utf-8"))
            return Installed(
                version=str(told["version"]),
                environment=str(told["environment"]),
                own_python=str(told["own_python"]),
                language=str(told["language"]),
            )
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def current(self) -> Path | None:
        """The environment in use."""
        try:
            name = self.current_file.read_text(encoding="utf-8").strip()
        except OSError:
            return None
        return self.versions / name if name else None

    def next_name(self, version: str) -> str:
        """A name that no environment has."""
        taken = {entry.name for entry in self.versions.iterdir()} if self.versions.is_dir() else set()
        return next(name for n in range(1, 10_000) if (name := f"{version}-{n}") not in taken)

    def use(self, installed: Installed) -> None:
        """From here on the launchers start this environment."""
        write_whole(self.current_file, f"{installed.environment}\n")
        write_whole(self.record, json.dumps(asdict(installed), indent=2) + "\n")

    def place(self, source: Path, target: Path) -> None:
        """Move a file to its name. One that runs under that name is put aside: it can be renamed, not replaced."""
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            patiently_replace(source, target)
        except PermissionError:
            aside = target.with_name(f"{target.name}.{os.getpid()}.old")
            target.rename(aside)
            patiently_replace(source, target)
            self.note_leftovers([aside])

    def note_leftovers(self, paths: list[Path]) -> None:
        """Remember what to delete later."""
        names = [path.relative_to(self.root).as_posix() for path in paths]
        known = self._leftover_names()
        write_whole(self.leftovers, "".join(f"{name}\n" for name in dict.fromkeys([*known, *names])))

    def tidy(self) -> bool:
        """Delete what earlier setups left; whether everything is gone."""
        left = []
        current = self.current()
        for name in self._leftover_names():
            path = self.root / name
            if path.resolve().is_relative_to(self.root.resolve()) and path != current and not remove(path):
                left.append(path)
        self.leftovers.unlink(missing_ok=True)
        if left:
            self.note_leftovers(left)
        return not left

    def remove_others(self, own_python: str, used: set[str]) -> bool:
        """Delete every version but the one in use, and own Pythons that nothing was made from any more.

        `used` are the folders of Pythons, in small letters, that training environments were made from. Whether all of
        it is gone.
        """
        current = self.current()
        others = [path for path in _entries(self.versions) if path != current]
        left = [path for path in others if not remove(path)]
        used = used | {base_of(path).casefold() for path in left}
        pythons = [path for path in _entries(self.root / "python") if path.name != own_python]
        left += [path for path in pythons if str(path).casefold() not in used and not remove(path)]
        asides = list((self.root / "bin").glob("*.old")) if (self.root / "bin").is_dir() else []
        left += [path for path in asides if not remove(path)]
        if left:
            self.note_leftovers(left)
        return not left

    def bytes(self) -> int:
        """The size of what stays."""
        total = 0
        pending = [entry for entry in _listed(self.root) if entry.name != "new"]
        while pending:
            entry = pending.pop()
            if entry.is_dir(follow_symlinks=False):
                pending += _listed(entry.path)
            else:
                # Windows lists sizes with names: this asks for nothing more.
                total += entry.stat(follow_symlinks=False).st_size
        return total

    def _leftover_names(self) -> list[str]:
        try:
            return self.leftovers.read_text(encoding="utf-8").split("\n")[:-1]
        except OSError:
            return []


def base_of(environment: Path) -> str:
    """The folder of the Python that an environment was made from; empty where it does not say."""
    try:
        words = (environment / "pyvenv.cfg").read_text(encoding="utf-8")
    except (OSError, UnicodeError):
        return ""
    found = re.search(r"(?m)^home\s*=\s*(.+?)\s*$", words)
    return found[1] if found else ""


def is_running(environment: Path) -> bool:
    """Whether a program of this environment runs. Windows does not let a running program be opened for writing."""
    for program in (environment / "Scripts").glob("*.exe"):
        try:
            with program.open("r+b"):
                pass
        except PermissionError:
            return True
        except OSError:
            continue
    return False


def remove(path: Path) -> bool:
    """Delete a file or a folder unless a program of it runs; whether it is gone. A folder goes whole or not at all,
    as far as Windows can tell before."""
    if not path.exists():
        return True
    if path.is_file():
        with contextlib.suppress(OSError):
            path.unlink()
        return not path.exists()
    if is_running(path) or any(_is_locked(file) for file in path.glob("*.exe")):
        return False
    gone = path.with_name(f"{path.name}.gone") if not path.name.endswith(".gone") else path
    try:
        if gone != path:
            path.rename(gone)
    except OSError:
        return False
    shutil.rmtree(gone, ignore_errors=True)
    if gone.exists() and gone != path:
        # Some file is held after all: under this name nothing takes it for an environment.
        with contextlib.suppress(OSError):
            gone.rename(path)
    return not gone.exists() and not path.exists()


def _is_locked(file: Path) -> bool:
    try:
        with file.open("r+b"):
            return False
    except PermissionError:
        return True
    except OSError:
        return False


def _listed(folder: str | Path) -> list[os.DirEntry[str]]:
    with os.scandir(folder) as entries:
        return list(entries)


def _entries(folder: Path) -> list[Path]:
    return sorted(folder.iterdir()) if folder.is_dir() else []


def write_whole(file: Path, words: str) -> None:
    """Write a small file so that it is there whole or not at all."""
    partial = file.with_name(f"{file.name}.{os.getpid()}")
    with partial.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(words)
        stream.flush()
        os.fsync(stream.fileno())
    patiently_replace(partial, file)


def patiently_replace(source: Path, target: Path) -> None:
    """Rename, again for two seconds where a virus scanner has one of the two open. Raises OSError."""
    for attempt in range(_TRIES):
        try:
            source.replace(target)
        except PermissionError:
            if attempt == _TRIES - 1:
                raise
            time.sleep(_PAUSE_SECONDS)
        else:
            return
