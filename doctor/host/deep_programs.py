r"""Starting programs that lie, or work, deeper than Windows' old limit of 260 characters.

CreateProcess keeps that limit whether long paths are switched on or not: a program deeper down is taken in the
`\\?\` form alone, and a working folder in no form but its short name (`C:\PROGRA~1`), which a volume may not keep.
"""

from __future__ import annotations

import os
import sys
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
_LONGEST_ANSWER = 32768


def program_file(program: str) -> str | None:
    """What CreateProcess is to load, where that is another name than the first word of the command line."""
    return extended(program) if sys.platform == "win32" and is_too_long(program, _LONGEST_PROGRAM) else None


def working_folder(folder: str | os.PathLike[str] | None) -> str | None:
    """The working folder by a name that CreateProcess takes, if it has one."""
    if folder is None:
        return None
    plain = os.fspath(folder)
    return shortened(plain, short_name) if sys.platform == "win32" else plain


def is_too_long(path: str, longest: int) -> bool:
    r"""Whether a path is beyond a limit and not already in the form that has none (`\\?\`)."""
    return len(path) > longest and not path.startswith("\\\\?\\")


def shortened(folder: str, ask: Callable[[str], str]) -> str:
    """A folder's short name where its own is too long; `ask` is Windows. Without one Windows says what is wrong."""
    if not is_too_long(folder, _LONGEST_WORKING_FOLDER):
        return folder
    short = ask(extended(folder)).removeprefix("\\\\?\\")
    return short if short and not is_too_long(short, _LONGEST_WORKING_FOLDER) else folder


def short_name(path: str) -> str:
    """The name with at most eight letters a part that Windows keeps beside a long one; empty where it keeps none."""
    if sys.platform == "win32":
        answer = ctypes.create_unicode_buffer(_LONGEST_ANSWER)
        length = ctypes.windll.kernel32.GetShortPathNameW(
            ctypes.c_wchar_p(path), answer, wintypes.DWORD(_LONGEST_ANSWER)
        )
        return answer.value if 0 < length < _LONGEST_ANSWER else ""
    else:
        return ""
