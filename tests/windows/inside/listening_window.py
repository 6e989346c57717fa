"""A top-level window that hears what Windows announces to all windows, on a desktop of its own.

A desktop of its own, since announcements end at its edge: nobody else's reach the window. Under Wine it needs no
display either, as long as the registry names the graphics driver `null` when the desktop is made.
"""

from __future__ import annotations

import ctypes
import os
import queue
import threading
from ctypes import wintypes
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

_SETTING_CHANGE = 0x001A
_CLOSE = 0x0010
_DESTROY = 0x0002
_ALL_RIGHTS = 0x10000000
PATIENCE_SECONDS = 60

_Procedure = ctypes.WINFUNCTYPE(  # type: ignore[attr-defined]
    ctypes.c_ssize_t, wintypes.HWND, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM
)


class _WindowClass(ctypes.Structure):
    _fields_ = (
        ("style", wintypes.UINT),
        ("procedure", _Procedure),
        ("class_extra", ctypes.c_int),
        ("window_extra", ctypes.c_int),
        ("instance", wintypes.HINSTANCE),
        ("icon", wintypes.HANDLE),
        ("cursor", wintypes.HANDLE),
        ("background", wintypes.HANDLE),
        ("menu", wintypes.LPCWSTR),
        ("name", wintypes.LPCWSTR),
    )


class ListeningWindow:
    """Hears WM_SETTINGCHANGE until it is closed, or (`deaf`) is there and never answers."""

    def __init__(self, *, deaf: bool = False) -> None:
        create = ctypes.windll.user32.CreateDesktopW
        create.restype = wintypes.HANDLE
        self._desktop = create(f"tunedoc-{os.getpid()}-{id(self)}", None, None, 0, _ALL_RIGHTS, None)
        self._deaf = deaf
        self._silence = threading.Event()
        self._heard: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._ready = threading.Event()
        self._window = 0
        self._thread = threading.Thread(target=self._live, daemon=True)

    def __enter__(self) -> ListeningWindow:
        self._thread.start()
        assert self._ready.wait(PATIENCE_SECONDS) and self._window, "no window could be made"
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._silence.set()
        ctypes.windll.user32.PostMessageW(wintypes.HWND(self._window), _CLOSE, 0, 0)
        self._thread.join(PATIENCE_SECONDS)
        ctypes.windll.user32.CloseDesktop(wintypes.HANDLE(self._desktop))

    def beside(self, work: Callable[[], object]) -> None:
        """Do something on the window's desktop, to its end."""
        failed: list[BaseException] = []

        def live() -> None:
            self._settle()
            try:
                work()
            except BaseException as exc:
                failed.append(exc)

        thread = threading.Thread(target=live)
        thread.start()
        thread.join()
        if failed:
            raise failed[0]

    def words(self) -> list[str]:
        """What was announced and not asked for yet."""
        found: list[str] = []
        while not self._heard.empty():
            found.append(self._heard.get())
        return found

    def _settle(self) -> None:
        assert ctypes.windll.user32.SetThreadDesktop(wintypes.HANDLE(self._desktop))

    def _live(self) -> None:
        self._settle()
        user = ctypes.WinDLL("user32", use_last_error=True)
        user.DefWindowProcW.argtypes = (wintypes.HWND, wintypes.UINT, wintypes.WPARAM, wintypes.LPARAM)
        user.DefWindowProcW.restype = ctypes.c_ssize_t
        user.CreateWindowExW.restype = wintypes.HWND
        user.CreateWindowExW.argtypes = (
            wintypes.DWORD, wintypes.LPCWSTR, wintypes.LPCWSTR, wintypes.DWORD, ctypes.c_int, ctypes.c_int,
            ctypes.c_int, ctypes.c_int, wintypes.HWND, wintypes.HMENU, wintypes.HINSTANCE, wintypes.LPVOID,
        )  # fmt: skip

        def procedure(window: Any, message: int, first: int, second: int) -> int:
            if message == _SETTING_CHANGE:
                self._heard.put(ctypes.wstring_at(second) if second else "")
                return 0
            if message == _CLOSE:
                user.DestroyWindow(wintypes.HWND(window))
                return 0
            if message == _DESTROY:
                user.PostQuitMessage(0)
                return 0
            return int(user.DefWindowProcW(window, message, first, second))

        kept = _Procedure(procedure)
        instance = ctypes.windll.kernel32.GetModuleHandleW(None)
        name = f"tunedoc-listener-{threading.get_ident()}"
        made = _WindowClass(procedure=kept, instance=instance, name=name)
        user.RegisterClassW(ctypes.byref(made))
        # Never shown: announcements go to every top-level window, seen or not.
        self._window = user.CreateWindowExW(0, name, name, 0, 0, 0, 0, 0, None, None, instance, None) or 0
        self._ready.set()
        if self._deaf:
            self._silence.wait()
        message = wintypes.MSG()
        while self._window and user.GetMessageW(ctypes.byref(message), None, 0, 0) > 0:
            user.DispatchMessageW(ctypes.byref(message))
        user.UnregisterClassW(name, instance)
