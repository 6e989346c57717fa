"""tunedoc's entry under "Installed apps", in which setting up also keeps what the user chose."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

KEY = r"Software\Microsoft\Windows\CurrentVersion\Uninstall\tunedoc"
Value = str | int


def entry(root: Path, *, version: str, size_bytes: int, python: str, path: bool, menu: bool, own: bool, language: str,
          date: str) -> dict[str, Value]:  # fmt: skip
    """The values by name. Numbers are DWORDs."""
    uninstall = str(root / "uninstall.exe")
    numbers = [*(int(part) for part in version.split(".") if part.isdigit()), 0, 0]
    return {
        "DisplayName": "tunedoc",
        "DisplayVersion": version,
        "Publisher": "tunedoc",
        "DisplayIcon": str(root / "tunedoc.ico"),
        "InstallLocation": str(root),
        "InstallDate": date,
        "UninstallString": f'"{uninstall}"',
        "QuietUninstallString": f'"{uninstall}" /S',
        "EstimatedSize": max(1, size_bytes // 1024),
        "VersionMajor": numbers[0],
        "VersionMinor": numbers[1],
        "NoModify": 1,
        "NoRepair": 1,
        "SetupPython": python,
        "SetupPath": int(path),
        "SetupMenu": int(menu),
        "SetupOwnPython": int(own),
        "SetupLanguage": language,
    }


if sys.platform == "win32":
    import winreg

    def write_entry(values: dict[str, Value]) -> None:
        """Raises OSError."""
        with winreg.CreateKeyEx(winreg.HKEY_CURRENT_USER, KEY, 0, winreg.KEY_SET_VALUE) as opened:
            for name, value in values.items():
                winreg.SetValueEx(opened, name, 0, winreg.REG_DWORD if isinstance(value, int) else winreg.REG_SZ, value)

    def install_location() -> str:
        """Where tunedoc is installed; empty when it is not."""
        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, KEY) as opened:
                value, _ = winreg.QueryValueEx(opened, "InstallLocation")
        except OSError:
            return ""
        return value if isinstance(value, str) else ""
