"""What the set-up says, in both languages, and how it ends. Standard library only."""

from __future__ import annotations

import os
import sys

WINDOWS = os.name == "nt"
BAD_INPUT, FAILED = 2, 3


class Stop(Exception):
    """The end of the work, in both languages."""

    def __init__(self, english: str, chinese: str, code: int = BAD_INPUT) -> None:
        super().__init__(english)
        self.english, self.chinese, self.code = english, chinese, code


def is_chinese() -> bool:
    """TUNEDOC_LANG, else the system's language."""
    if os.environ.get("TUNEDOC_LANG"):
        return os.environ["TUNEDOC_LANG"].lower().startswith("zh")
    if sys.platform == "win32":
        import ctypes

        return bool(ctypes.windll.kernel32.GetUserDefaultUILanguage() & 0x3FF == 0x04)
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return locale.lower().startswith("zh")


def say(english: str, chinese: str) -> None:
    print(f"[tunedoc] {chinese if is_chinese() else english}", file=sys.stderr, flush=True)


def ask(english: str, chinese: str) -> bool:
    print(f"[tunedoc] {chinese if is_chinese() else english} [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in {"y", "yes", "是"}
