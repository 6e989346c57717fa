"""The command `tunedoc` for this user: where it lies, and how new terminals find it. Standard library only."""

from __future__ import annotations

import contextlib
import os
import struct
import subprocess
import sys
from pathlib import Path

from own_environment import clean_environ, command_in, patiently, python_of
from telling import WINDOWS, Stop, say

OPTION = "-AddToPath (install.cmd: --path)" if WINDOWS else "--path"


def publish(home: Path) -> Path:
    """The command, on Windows in a folder of its own: the environment's has a python.exe, which must not come first."""
    made = command_in(home / "doctor")
    if not WINDOWS:
        return made
    folder = home / "bin"
    folder.mkdir(exist_ok=True)
    program, script = folder / "tunedoc.exe", folder / "tunedoc.cmd"
    if put(program, for_any_folder(made.read_bytes(), python_of(made.parent.parent))) and not starts(program):
        # A kind of launcher that this file does not know: a script can do it, though cmd.exe asks back after Ctrl-C.
        program.unlink()
        put(script, b'@"%~dp0..\\doctor\\Scripts\\tunedoc.exe" %*\r\n')
    return program if program.is_file() else script


def for_any_folder(launcher: bytes, python: Path) -> bytes:
    """pip's launcher is a program, a line that names a Python, and a zip archive: the same with the whole path."""
    end = launcher.rfind(b"PK\5\6")
    size, offset = struct.unpack_from("<LL", launcher, end + 12) if 0 < end <= len(launcher) - 22 else (0, 0)
    archive = end - size - offset
    line = launcher.rfind(b"#!", 0, archive)
    if not size or line < 0 or launcher[archive : archive + 4] != b"PK\3\4":
        return launcher
    return launcher[:line] + f'#!"{python}"\r\n'.encode() + launcher[archive:]


def put(file: Path, content: bytes) -> bool:
    """Whether the file had to be written. A program that runs can be renamed, not replaced. Raises OSError."""
    if file.is_file() and file.read_bytes() == content:
        return False
    partial, aside = file.with_suffix(".new"), file.with_suffix(".old")
    partial.write_bytes(content)
    with contextlib.suppress(OSError):
        aside.unlink()
    if file.is_file():
        patiently(file, aside)
    patiently(partial, file)
    with contextlib.suppress(OSError):
        aside.unlink()
    return True


def starts(program: Path) -> bool:
    words = [str(program), "--version"]
    return subprocess.call(words, env=clean_environ(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def link_of() -> Path:
    return Path.home() / ".local" / "bin" / "tunedoc"


def is_known(command: Path) -> bool:
    """A new terminal finds it."""
    if WINDOWS:
        return is_among(str(command.parent), read_user_path()[0])
    return link_of().is_symlink() and link_of().readlink() == command


def make_known(command: Path) -> None:
    """Windows: one more entry of the user's PATH, whose kind is kept; elsewhere a link in ~/.local/bin. Raises Stop."""
    if is_known(command):
        return
    if WINDOWS:
        folder = str(command.parent)
        value, kind = read_user_path()
        if ";" in folder:
            raise Stop(f"PATH cannot name a folder with a semicolon: {folder}", f"PATH 不支持含分号的文件夹：{folder}")
        write_user_path(f"{value.rstrip(';')};{folder}" if value.strip(";") else folder, kind)
        say("new terminals know `tunedoc`", "新打开的终端可以使用 `tunedoc`")
        return
    link = link_of()
    if link.exists() and not link.is_symlink():
        raise Stop(f"{link} is in the way, and tunedoc did not make it", f"{link} 已存在，且不是 tunedoc 创建的")
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)
    link.symlink_to(command)
    if str(link.parent) in os.environ.get("PATH", "").split(os.pathsep):
        say("`tunedoc` is known now", "现在可以使用 `tunedoc`")
    else:
        say(
            f"{link} is there; log in again, or put {link.parent} on your PATH",
            f"已创建 {link}；请重新登录，或将 {link.parent} 加入 PATH",
        )


def is_among(folder: str, path: str) -> bool:
    entries = (os.path.normcase(os.path.expandvars(entry.strip().strip('"'))).rstrip("\\") for entry in path.split(";"))
    return os.path.normcase(folder).rstrip("\\") in entries


if sys.platform == "win32":

    def read_user_path() -> tuple[str, int]:
        import winreg

        try:
            with winreg.OpenKey(winreg.HKEY_CURRENT_USER, "Environment") as key:
                value, kind = winreg.QueryValueEx(key, "Path")
        except FileNotFoundError:
            return "", winreg.REG_EXPAND_SZ
        if kind not in (winreg.REG_SZ, winreg.REG_EXPAND_SZ):
            raise Stop("the user's PATH in the registry is not text", "注册表中的用户 PATH 不是文本")
        return str(value), int(kind)

    def write_user_path(value: str, kind: int) -> None:
        import ctypes
        import winreg

        with winreg.CreateKeyEx(winreg.HKEY_CURRENT_USER, "Environment", 0, winreg.KEY_SET_VALUE) as key:
            winreg.SetValueEx(key, "Path", 0, kind, value)
        # The Explorer gives new programs the new value; a window that hangs is not waited for (SMTO_ABORTIFHUNG).
        ctypes.windll.user32.SendMessageTimeoutW(
            0xFFFF, 0x1A, 0, "Environment", 2, 2000, ctypes.byref(ctypes.c_size_t())
        )

else:

    def read_user_path() -> tuple[str, int]:
        raise AssertionError

    def write_user_path(value: str, kind: int) -> None:
        raise AssertionError
