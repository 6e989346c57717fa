"""The user's Path variable: tunedoc's entry in it, and nothing else of it touched.

Read and written whole through winreg: NSIS's own strings end after 1024 characters, and a Path that was cut is lost.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

KEY = "Environment"
NAME = "Path"


def with_entry(value: str, folder: str, expand: Callable[[str], str] = os.path.expandvars) -> str:
    """The variable with the folder at its end; as it was where the folder is in it already."""
    if any(_same(part, folder, expand) for part in value.split(";")):
        return value
    return f"{value.rstrip(';')};{folder}" if value.strip(";") else folder


def without_entry(value: str, folder: str, expand: Callable[[str], str] = os.path.expandvars) -> str:
    """The variable without the folder, however it is spelt."""
    return ";".join(part for part in value.split(";") if not _same(part, folder, expand))


def _same(part: str, folder: str, expand: Callable[[str], str]) -> bool:
    def plain(path: str) -> str:
        return expand(path.strip().strip('"')).replace("/", "\\").rstrip("\\").casefold()

    return plain(part) == plain(folder)


if sys.platform == "win32":
    import winreg

    def add_to_path(folder: str) -> None:
        """Put the folder into the user's Path. A value keeps its kind; a new one may hold variables. Raises OSError."""
        _change(lambda value: with_entry(value, folder))

    def take_from_path(folder: str) -> None:
        """Take the folder out again; a Path that held nothing else goes. Raises OSError."""
        _change(lambda value: without_entry(value, folder))

    def _change(change: Callable[[str], str]) -> None:
        access = winreg.KEY_QUERY_VALUE | winreg.KEY_SET_VALUE
        with winreg.CreateKeyEx(winreg.HKEY_CURRENT_USER, KEY, 0, access) as opened:
            try:
                value, kind = winreg.QueryValueEx(opened, NAME)
            except FileNotFoundError:
                value, kind = "", winreg.REG_EXPAND_SZ
            wanted = change(value)
            if wanted == value:
                return
            if wanted:
                winreg.SetValueEx(opened, NAME, 0, kind, wanted)
            else:
                winreg.DeleteValue(opened, NAME)
        _announce()

    def _announce() -> None:
        """Tell all windows; one that hangs is not waited for."""
        import ctypes
        from ctypes import wintypes

        send = ctypes.windll.user32.SendMessageTimeoutW
        send.argtypes = (
            wintypes.HWND, wintypes.UINT, wintypes.WPARAM, wintypes.LPCWSTR, wintypes.UINT, wintypes.UINT,
            ctypes.POINTER(ctypes.c_size_t),
        )  # fmt: skip
        everyone, setting_change, abort_if_hung, patience_ms = 0xFFFF, 0x001A, 0x0002, 2000
        answer = ctypes.c_size_t()
        send(everyone, setting_change, 0, "Environment", abort_if_hung, patience_ms, ctypes.byref(answer))
