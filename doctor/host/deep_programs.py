r"""Programs and folders deeper than Windows' old limit of 260 characters, by names that every program takes.

Files have the `\\?\` form (`trainer.long_paths`). It does not help where a name is handed on: CreateProcess takes it
for the program alone and not for the working folder, whether long paths are switched on or not, and a Python that is
started deep down looks for its modules deeper still. What helps there is the short name that Windows keeps beside a
long one (`C:\PROGRA~1`), on volumes that have such names.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.long_paths import extended

if TYPE_CHECKING:
    from collections.abc import Callable

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

_LONGEST_PROGRAM = 259
_LONGEST_WORKING_FOLDER = 257
"""Windows puts a backslash behind it, and a zero."""
_LONGEST_HOME = 100
"""A training environment has names of up to 160 characters below its home."""
_LONGEST_ANSWER = 32768


def program_file(program: str) -> str | None:
    """What CreateProcess is to load, where that is another name than the first word of the command line."""
    system: str = sys.platform
    if system != "win32" or not is_too_long(program, _LONGEST_PROGRAM):
        return None
    short = shortened(program, _LONGEST_PROGRAM, short_name)
    return extended(program) if short == program else short


def working_folder(folder: str | os.PathLike[str] | None) -> str | None:
    """The working folder by a name that CreateProcess takes, if it has one."""
    if folder is None:
        return None
    plain = os.fspath(folder)
    return shortened(plain, _LONGEST_WORKING_FOLDER, short_name) if sys.platform == "win32" else plain


def reachable_home(root: Path) -> Path:
    """tunedoc's own folder, by its short name where programs could not work with what lies below it."""
    system: str = sys.platform
    if system != "win32" or not is_too_long(str(root), _LONGEST_HOME):
        return root
    there, rest = root, Path()
    while not Path(extended(str(there))).exists() and there != there.parent:
        there, rest = there.parent, Path(there.name) / rest
    return Path(shortened(str(there), _LONGEST_HOME - len(str(rest)), short_name)) / rest


def is_too_long(path: str, longest: int) -> bool:
    r"""Whether a path is beyond a limit and not already in the form that has none (`\\?\`)."""
    return len(path) > longest and not path.startswith("\\\\?\\")


def shortened(path: str, longest: int, ask: Callable[[str], str]) -> str:
    """A path by its short name where its own is too long; `ask` is Windows. Without one it stays as it is."""
    if not is_too_long(path, longest):
        return path
    short = ask(extended(path)).removeprefix("\\\\?\\")
    return short if short and len(short) < len(path) else path


def short_name(path: str) -> str:
    """The name with at most eight letters a part that Windows keeps beside a long one; empty without an answer."""
    if sys.platform == "win32":
        answer = ctypes.create_unicode_buffer(_LONGEST_ANSWER)
        length = ctypes.windll.kernel32.GetShortPathNameW(
            ctypes.c_wchar_p(path), answer, wintypes.DWORD(_LONGEST_ANSWER)
        )
        return answer.value if 0 < length < _LONGEST_ANSWER else ""
    else:
        return ""
