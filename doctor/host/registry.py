"""Windows' registry, for reading. Elsewhere every question raises OSError."""

from __future__ import annotations

import contextlib
import sys
from typing import Literal, Protocol

Root = Literal["machine", "user"]
"""HKEY_LOCAL_MACHINE and HKEY_CURRENT_USER."""
Value = str | int | tuple[str, ...]


class Registry(Protocol):
    """What the probes ask of a registry. None and empty answers: there is no such key or value, or no right to it."""

    def value(self, root: Root, key: str, name: str) -> Value | None: ...

    def values(self, root: Root, key: str) -> dict[str, Value]:
        """All values of a key; variables in them (`%USERPROFILE%`) are filled in."""
        ...

    def subkeys(self, root: Root, key: str) -> tuple[str, ...]: ...


class RealRegistry:
    """The registry of this machine, in its 64-bit view even for a 32-bit Python."""

    def value(self, root: Root, key: str, name: str) -> Value | None:
        if sys.platform == "win32":
            import winreg

            try:
                with winreg.OpenKey(_root(root), key, access=winreg.KEY_READ | winreg.KEY_WOW64_64KEY) as opened:
                    return _plain(*winreg.QueryValueEx(opened, name))
            except OSError:
                return None
        else:
            raise OSError(f"not Windows: {root}, {key}, {name}")

    def values(self, root: Root, key: str) -> dict[str, Value]:
        if sys.platform == "win32":
            import winreg

            found: dict[str, Value] = {}
            with (
                contextlib.suppress(OSError),
                winreg.OpenKey(_root(root), key, access=winreg.KEY_READ | winreg.KEY_WOW64_64KEY) as opened,
            ):
                for index in range(winreg.QueryInfoKey(opened)[1]):
                    name, data, kind = winreg.EnumValue(opened, index)
                    value = _plain(data, kind)
                    if value is not None:
                        found[name] = value
            return found
        else:
            raise OSError(f"not Windows: {root}, {key}")

    def subkeys(self, root: Root, key: str) -> tuple[str, ...]:
        if sys.platform == "win32":
            import winreg

            names: list[str] = []
            with (
                contextlib.suppress(OSError),
                winreg.OpenKey(_root(root), key, access=winreg.KEY_READ | winreg.KEY_WOW64_64KEY) as opened,
            ):
                names.extend(winreg.EnumKey(opened, index) for index in range(winreg.QueryInfoKey(opened)[0]))
            return tuple(names)
        else:
            raise OSError(f"not Windows: {root}, {key}")


if sys.platform == "win32":

    def _root(root: Root) -> int:
        import winreg

        return winreg.HKEY_LOCAL_MACHINE if root == "machine" else winreg.HKEY_CURRENT_USER

    def _plain(data: object, kind: int) -> Value | None:
        import winreg

        if isinstance(data, int):
            return data
        if isinstance(data, str):
            return winreg.ExpandEnvironmentStrings(data) if kind == winreg.REG_EXPAND_SZ else data
        if isinstance(data, list):
            return tuple(str(item) for item in data)
        return None
