"""The Pythons that Windows' registry knows, as installers write them (PEP 514); elsewhere there are none."""

from __future__ import annotations

import sys

if sys.platform == "win32":
    import winreg

    def registered_pythons() -> tuple[str, ...]:
        """Interpreters, or folders of those that are written without one, the user's own first."""
        found: list[str] = []
        for hive in (winreg.HKEY_CURRENT_USER, winreg.HKEY_LOCAL_MACHINE):
            for view in (winreg.KEY_WOW64_64KEY, winreg.KEY_WOW64_32KEY):
                for company in _subkeys(hive, r"Software\Python", view):
                    if company == "PyLauncher":
                        continue
                    for tag in _subkeys(hive, rf"Software\Python\{company}", view):
                        key = rf"Software\Python\{company}\{tag}\InstallPath"
                        place = _value(hive, key, "ExecutablePath", view) or _value(hive, key, "", view)
                        if place:
                            found.append(place)
        return tuple(dict.fromkeys(found))

    def _subkeys(hive: int, key: str, view: int) -> list[str]:
        try:
            with winreg.OpenKey(hive, key, 0, winreg.KEY_READ | view) as opened:
                return [winreg.EnumKey(opened, index) for index in range(winreg.QueryInfoKey(opened)[0])]
        except OSError:
            return []

    def _value(hive: int, key: str, name: str, view: int) -> str:
        try:
            with winreg.OpenKey(hive, key, 0, winreg.KEY_READ | view) as opened:
                value, _ = winreg.QueryValueEx(opened, name)
        except OSError:
            return ""
        return value if isinstance(value, str) else ""

else:

    def registered_pythons() -> tuple[str, ...]:
        """Interpreters, or folders of those that are written without one, the user's own first."""
        return ()
