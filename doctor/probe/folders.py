"""What is in folders that may be gone or closed to this user: then there is nothing in them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def names_in(folder: Path) -> list[str]:
    """Names of what is in a folder, in no order."""
    try:
        return os.listdir(folder)  # noqa: PTH208  (names alone; Path objects would cost ten times as much)
    except OSError:
        return []


def is_file(file: Path) -> bool:
    """Whether there is a file, as far as this user can tell."""
    try:
        return file.is_file()
    except OSError:
        return False
