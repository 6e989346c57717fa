"""Which language the user's system speaks."""

from __future__ import annotations

import os
import sys


def locale_names() -> tuple[str | None, ...]:
    """Locale names in falling priority: POSIX variables, then on Windows the language of the user interface."""
    names: list[str | None] = [os.environ.get(name) for name in ("TUNEDOC_LANG", "LC_ALL", "LC_MESSAGES", "LANG")]
    if sys.platform == "win32":
        import ctypes
        import locale

        interface = ctypes.windll.kernel32.GetUserDefaultUILanguage()
        names.append(locale.windows_locale.get(interface))
    return tuple(names)


def is_plain_terminal() -> bool:
    """Whether the terminal says of itself that it cannot move its cursor."""
    return sys.platform != "win32" and os.environ.get("TERM", "dumb") in {"dumb", "unknown", ""}
