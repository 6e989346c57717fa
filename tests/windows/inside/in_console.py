"""Run a command in a console of its own with a given code page, and print what the console then shows, as JSON.

    python in_console.py CODE_PAGE PROGRAM ARGUMENT…

The console is new and this program's own: no window of anybody's changes its code page. Its words come as the screen
has them, so that what a person would see is what is looked at.
"""

from __future__ import annotations

import ctypes
import json
import subprocess
import sys
from ctypes import wintypes

COLUMNS, ROWS = 160, 400


class _Place(ctypes.Structure):
    _fields_ = (("x", ctypes.c_short), ("y", ctypes.c_short))


def main(page: int, argv: list[str]) -> None:
    kernel = ctypes.WinDLL("kernel32", use_last_error=True)
    kernel.CreateFileW.restype = wintypes.HANDLE
    kernel.FreeConsole()
    assert kernel.AllocConsole(), ctypes.get_last_error()
    assert kernel.SetConsoleOutputCP(page) and kernel.SetConsoleCP(page), ctypes.get_last_error()
    # GENERIC_READ | GENERIC_WRITE, shared for reading and writing, OPEN_EXISTING.
    screen = wintypes.HANDLE(kernel.CreateFileW("CONOUT$", 0xC0000000, 3, None, 3, 0, None))
    assert kernel.SetConsoleScreenBufferSize(screen, _Place(COLUMNS, ROWS)), ctypes.get_last_error()
    with open("CONOUT$", "w", encoding="utf-8") as shown:  # noqa: PTH123 - a device, not a file
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=shown, stderr=shown, check=False)
    line = ctypes.create_unicode_buffer(COLUMNS + 1)
    lines: list[str] = []
    for row in range(ROWS):
        got = wintypes.DWORD()
        kernel.ReadConsoleOutputCharacterW(screen, line, COLUMNS, _Place(0, row), ctypes.byref(got))
        lines.append(line[: got.value].replace("\0", "").rstrip())
    told = {"exit_code": done.returncode, "code_page": kernel.GetConsoleOutputCP(), "screen": "\n".join(lines).rstrip()}
    print(json.dumps(told))


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
