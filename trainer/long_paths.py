r"""Paths longer than Windows' old limit of 260 characters, in the `\\?\` form that every version of Windows takes."""

from __future__ import annotations

import ntpath
import os
import sys

_ROOM = 240
"""Paths up to here are left alone: a folder may have 248 characters, and names are put beside files."""


def long_path(path: str | os.PathLike[str]) -> str:
    r"""A path to hand to the system: in the `\\?\` form on Windows when it is long, otherwise as it is."""
    plain = os.fspath(path)
    if sys.platform == "win32" and len(os.path.abspath(plain)) > _ROOM:  # noqa: PTH100 - links must not be followed
        return deep_root(plain)
    return plain


def deep_root(path: str | os.PathLike[str]) -> str:
    r"""The root of a tree that may be deeper than its own name is long: in the `\\?\` form on Windows, always."""
    plain = os.fspath(path)
    return extended(os.path.abspath(plain)) if sys.platform == "win32" else plain  # noqa: PTH100


def extended(path: str) -> str:
    r"""An absolute Windows path in the form that has no limit: `C:\x` is `\\?\C:\x`, `\\host\share` is
    `\\?\UNC\host\share`. What is in that form already, names a device or is relative comes back as it is.

    The system takes the form literally, so `/`, `.` and `..` are worked out here.
    """
    plain = path.replace("/", "\\")
    if plain.startswith(("\\\\?\\", "\\\\.\\", "\\??\\")):
        return path
    drive, rest = ntpath.splitdrive(plain)
    if not drive or not rest.startswith("\\"):
        return path
    whole = ntpath.normpath(plain)
    return "\\\\?\\UNC\\" + whole[2:] if drive.startswith("\\\\") else "\\\\?\\" + whole
