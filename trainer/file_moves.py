"""Rename and remove files that another program has open for a moment.

On Windows an antivirus, an indexer or a reader keeps a file from being renamed, replaced or removed for as long as it
looks at it, mostly for milliseconds. So these wait and try again for a few seconds before they fail with the system's
own error. Elsewhere, where open files can be renamed, nothing is waited for.
"""

from __future__ import annotations

import os
import shutil
import stat
import sys
import time
from contextlib import suppress
from itertools import chain
from typing import TYPE_CHECKING, Any

from trainer.long_paths import deep_root, long_path

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_ACCESS_DENIED = 5
_NOT_EMPTY = 145
"""What Windows says of a folder whose last file is removed, but still open somewhere."""
HELD = frozenset({_ACCESS_DENIED, 32, 33})
"""Windows' errors for a file that another program has open (5 also says: no right to it)."""
_JUNCTION = 0xA0000003
"""Windows' tag of a directory that stands for another, also called a mount point."""
_WAITS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.4, 0.8, 1.0, 1.0)
"""Seconds between the tries: 3.6 in all."""


def is_held(error: BaseException) -> bool:
    """Whether an error is Windows' for a file that another program has open, or may have."""
    return isinstance(error, OSError) and getattr(error, "winerror", None) in HELD


def replace_file(source: Path, target: Path) -> None:
    """Give a finished file its name, in one step, over an older file of that name.

    Raises OSError: the system's own, when the file cannot be replaced after a few seconds either.
    """

    _patiently(
        # Elsewhere a file that is marked read-only can be replaced; Windows wants the mark off first.
        _unmarking(lambda: os.replace(long_path(source), long_path(target)), long_path(target)),  # noqa: PTH105
        iter(() if target.is_dir() else _WAITS),
    )


def move_folder(source: Path, target: Path) -> Path:
    """Rename a folder, or a file, to a name that is free, and return the new path.

    On Windows a folder cannot be renamed while a file in it is open. Raises OSError: the system's own, when that is
    still so after a few seconds, when the name is taken, or when it is on another volume.
    """
    taken = os.path.lexists(long_path(target))
    _patiently(
        lambda: os.rename(long_path(source), long_path(target)),  # noqa: PTH104
        iter(() if taken else _WAITS),
    )
    return target


def remove_tree(folder: Path, *, patient: bool = True) -> bool:
    """Remove a folder with everything in it, or a file, as far as the system lets; True when nothing of it is left.

    A link or a junction is removed itself, and never what it leads to; likewise when `folder` is one. Files that are
    marked read-only go too. What is in use is waited for, for a few seconds over the whole tree, if `patient`.
    """
    root = deep_root(folder)
    if not os.path.lexists(root):
        return True
    waits = iter(_WAITS if patient else ())

    def again(remove: Callable[..., Any], path: str, error: BaseException) -> None:
        if remove in (os.unlink, os.rmdir) and (is_held(error) or getattr(error, "winerror", None) == _NOT_EMPTY):
            with suppress(OSError):
                _patiently(_unmarking(lambda: remove(path), path), chain((0.0,), waits))

    if leads_elsewhere(root) or not os.path.isdir(root):  # noqa: PTH112
        with suppress(OSError):
            _patiently(_unmarking(lambda: os.unlink(root), root), waits)  # noqa: PTH108
    elif sys.version_info >= (3, 12):
        shutil.rmtree(root, onexc=again)
    else:
        shutil.rmtree(root, onerror=lambda remove, path, told: again(remove, path, told[1]))
    return not os.path.lexists(root)


def leads_elsewhere(path: str | os.PathLike[str]) -> bool:
    """Whether a path is a symbolic link or, on Windows, a junction: its contents belong to another place.

    Other reparse points, such as OneDrive's files or Windows' app aliases, are where they seem to be.
    """
    try:
        return is_link(os.lstat(path))
    except OSError:
        return False


def is_link(facts: os.stat_result) -> bool:
    """The same, of what the system told of a path itself (`os.lstat`, or `os.scandir` without following links)."""
    return stat.S_ISLNK(facts.st_mode) or getattr(facts, "st_reparse_tag", 0) == _JUNCTION


def _patiently(act: Callable[[], object], waits: Iterator[float]) -> None:
    """Do something that fails while a file is held, until it works or the waits are used up."""
    while True:
        try:
            act()
        except OSError as error:
            passing = is_held(error) or getattr(error, "winerror", None) == _NOT_EMPTY
            wait = next(waits, None) if passing else None
            if wait is None:
                raise
            time.sleep(wait)
        else:
            return


def _unmarking(act: Callable[[], object], path: str) -> Callable[[], None]:
    """The same act, which takes the read-only mark off a file that it was refused for; the next try then goes well."""

    def tried() -> None:
        try:
            act()
        except OSError as error:
            if getattr(error, "winerror", None) == _ACCESS_DENIED:
                with suppress(OSError):
                    os.chmod(path, stat.S_IREAD | stat.S_IWRITE)  # noqa: PTH101
            raise

    return tried
