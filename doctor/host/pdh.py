"""Windows' performance counters, by ctypes: the numbers that its Task Manager shows."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

if sys.platform == "win32":
    import ctypes
    from ctypes import wintypes

    class _Value(ctypes.Structure):
        """PDH_FMT_COUNTERVALUE with a large number."""

        _fields_ = (("status", wintypes.DWORD), ("number", ctypes.c_longlong))

    class _Item(ctypes.Structure):
        """PDH_FMT_COUNTERVALUE_ITEM_W."""

        _fields_ = (("name", wintypes.LPWSTR), ("value", _Value))


_LARGE = 0x400
"""pdh.h: PDH_FMT_LARGE."""
_MORE_DATA = 0x800007D2


def open_counters(path: str) -> Callable[[], tuple[int, ...] | None] | None:
    """A function that reads all counters of a path, which is written in English on every Windows.

    None where Windows has no such counters; the function says None when they cannot be read this time.
    """
    if sys.platform != "win32":
        return None
    else:
        try:
            pdh = ctypes.WinDLL("pdh")
            formatted = pdh.PdhGetFormattedCounterArrayW
            query, counter = wintypes.HANDLE(), wintypes.HANDLE()
            if pdh.PdhOpenQueryW(None, None, ctypes.byref(query)):
                return None
            if pdh.PdhAddEnglishCounterW(query, path, None, ctypes.byref(counter)):
                pdh.PdhCloseQuery(query)
                return None
        except (OSError, AttributeError):
            return None

        def read() -> tuple[int, ...] | None:
            size, count = wintypes.DWORD(), wintypes.DWORD()
            if pdh.PdhCollectQueryData(query):
                return None
            asked = formatted(counter, _LARGE, ctypes.byref(size), ctypes.byref(count), None)
            if asked & 0xFFFFFFFF != _MORE_DATA:
                return None
            room = ctypes.create_string_buffer(size.value)
            if formatted(counter, _LARGE, ctypes.byref(size), ctypes.byref(count), room):
                return None
            items = ctypes.cast(room, ctypes.POINTER(_Item))
            return tuple(int(items[place].value.number) for place in range(count.value))

        return read
