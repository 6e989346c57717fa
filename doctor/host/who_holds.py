"""Which programs have a file open. Windows' Restart Manager knows; no other system has to be asked."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    from pathlib import Path

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    class _UniqueProcess(ctypes.Structure):
        _fields_ = (("pid", wintypes.DWORD), ("started", wintypes.FILETIME))

    class _ProcessInfo(ctypes.Structure):
        _fields_ = (
            ("process", _UniqueProcess),
            ("name", wintypes.WCHAR * 256),
            ("service", wintypes.WCHAR * 64),
            ("kind", ctypes.c_int),
            ("status", wintypes.ULONG),
            ("session", wintypes.DWORD),
            ("restartable", wintypes.BOOL),
        )


_MOST_FILES = 2000
"""Of a folder's files that many are asked about: the answer is for a message, and may take no minutes."""
_MOST_PROGRAMS = 32


@dataclass(frozen=True, kw_only=True)
class Holder:
    """A program that has a file open."""

    name: str
    """As Windows shows it: `Python`, `Windows Explorer`."""
    pid: int


def who_holds(*paths: Path) -> tuple[Holder, ...]:
    """The programs that have one of these files open, or a file in one of these folders; nothing where nobody tells.

    Drivers, and programs of other users, are not told of. Never fails.
    """
    if sys.platform == "win32":
        files = [str(file) for path in paths for file in _files(path)][:_MOST_FILES]
        if not files:
            return ()
        try:
            return _ask(files)
        except (OSError, AttributeError):
            return ()
    else:
        return ()


def _files(path: Path) -> list[Path]:
    from itertools import islice

    try:
        return list(islice((file for file in path.rglob("*") if file.is_file()), _MOST_FILES)) or [path]
    except OSError:
        return [path]


if sys.platform == "win32":

    def _ask(files: list[str]) -> tuple[Holder, ...]:
        manager = ctypes.WinDLL("rstrtmgr")
        session = wintypes.DWORD()
        if manager.RmStartSession(ctypes.byref(session), 0, ctypes.create_unicode_buffer(64)):
            return ()
        try:
            names = (wintypes.LPCWSTR * len(files))(*files)
            if manager.RmRegisterResources(session, len(files), names, 0, None, 0, None):
                return ()
            found = (_ProcessInfo * _MOST_PROGRAMS)()
            count, needed, reasons = wintypes.UINT(_MOST_PROGRAMS), wintypes.UINT(), wintypes.DWORD()
            if manager.RmGetList(session, ctypes.byref(needed), ctypes.byref(count), found, ctypes.byref(reasons)):
                return ()
            return tuple(Holder(name=row.name or "?", pid=row.process.pid) for row in found[: count.value])
        finally:
            manager.RmEndSession(session)
