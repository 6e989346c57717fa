"""Variables that the system keeps for the user: Windows' registry, elsewhere a file that login sessions read."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

from doctor.quick_dataclass import dataclass

if TYPE_CHECKING:
    from doctor.host.base import Host


@dataclass(frozen=True)
class UserValue:
    """A variable's value as the system keeps it."""

    value: str
    kind: Literal["plain", "expand"] = "plain"
    """`expand`: Windows' REG_EXPAND_SZ, in which `%NAME%` stands for another variable."""


class UserVariables(Protocol):
    """Where a user's variables are kept. Raises OSError, and ValueError for a value that cannot be kept there."""

    place: str
    """Where, in words for a person."""
    effect: Literal["new_programs", "next_login"]
    """When other programs see a change."""

    def read(self, name: str) -> UserValue | None: ...

    def write(self, name: str, value: UserValue | None) -> None:
        """Set a variable, or remove it, and tell the system."""
        ...


def user_variables(host: Host, user_folder: Path) -> UserVariables | None:
    """This system's place, or None where there is none that tunedoc knows."""
    if sys.platform == "win32":
        return RegistryVariables()
    elif host.system == "linux":
        from doctor.host.login_variables import LoginVariables

        config = host.environ.get("XDG_CONFIG_HOME")
        return LoginVariables(Path(config) if config else user_folder / ".config", user_folder)
    else:
        return None


if sys.platform == "win32":
    import ctypes
    import winreg
    from ctypes import wintypes

    _BROADCAST = 0xFFFF
    _SETTING_CHANGE = 0x001A
    _ABORT_IF_HUNG = 0x0002
    _PATIENCE_MS = 2000
    """For each window that does not answer."""

    class RegistryVariables:
        """HKEY_CURRENT_USER\\Environment, where Windows keeps what the settings dialogue shows."""

        place = "HKCU\\Environment"
        effect: Literal["new_programs", "next_login"] = "new_programs"

        def __init__(self, key: str = "Environment") -> None:
            self._key = key

        def read(self, name: str) -> UserValue | None:
            try:
                with winreg.OpenKey(winreg.HKEY_CURRENT_USER, self._key) as opened:
                    value, kind = winreg.QueryValueEx(opened, name)
            except FileNotFoundError:
                return None
            return UserValue(str(value), "expand" if kind == winreg.REG_EXPAND_SZ else "plain")

        def write(self, name: str, value: UserValue | None) -> None:
            with winreg.CreateKeyEx(winreg.HKEY_CURRENT_USER, self._key, 0, winreg.KEY_SET_VALUE) as opened:
                if value is not None:
                    kind = winreg.REG_EXPAND_SZ if value.kind == "expand" else winreg.REG_SZ
                    winreg.SetValueEx(opened, name, 0, kind, value.value)
                else:
                    try:
                        winreg.DeleteValue(opened, name)
                    except FileNotFoundError:
                        return
            _announce()

    def _announce() -> None:
        """Tell every window that the environment has changed: the Explorer then gives it to what it starts.

        Nobody has to answer; a program that hangs must not hold this one up.
        """
        send = ctypes.windll.user32.SendMessageTimeoutW
        send.argtypes = (
            wintypes.HWND, wintypes.UINT, wintypes.WPARAM, wintypes.LPCWSTR, wintypes.UINT, wintypes.UINT,
            ctypes.POINTER(ctypes.c_size_t),
        )  # fmt: skip
        answer = ctypes.c_size_t()
        send(_BROADCAST, _SETTING_CHANGE, 0, "Environment", _ABORT_IF_HUNG, _PATIENCE_MS, ctypes.byref(answer))
