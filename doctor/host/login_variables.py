"""A user's variables on Linux: one managed file, read by systemd's user sessions and, by a marked block, by shells.

Desktop sessions of systemd read `~/.config/environment.d/*.conf`; a console, SSH or WSL login reads only the shell's
own file, so that one gets a block which sources the same file. Both vanish with the last variable.
"""

from __future__ import annotations

import contextlib
import os
import re
from typing import TYPE_CHECKING, Literal

from doctor.host.user_variables import UserValue
from doctor.late_pattern import late_pattern
from trainer.file_moves import replace_file

if TYPE_CHECKING:
    from pathlib import Path

FILE = "60-tunedoc.conf"
_HEADER = "# Written by `tunedoc fix --scope user`; `tunedoc undo` takes it back.\n"
_BEGIN = "# >>> tunedoc >>>"
_END = "# <<< tunedoc <<<"
_NOTE = "# Variables kept by `tunedoc fix --scope user`; `tunedoc undo` removes this."
_BLOCK = late_pattern(rf"{re.escape(_BEGIN)}\n.*?{re.escape(_END)}\n?", re.DOTALL)
_LINE = late_pattern(r"([A-Za-z_]\w*)='([^']*)'")
_UNFIT = late_pattern(r"['\"$\\`\x00-\x1f\x7f]")
"""systemd and the shell read these differently inside quotes; everything else means the same to both."""


class LoginVariables:
    """`60-tunedoc.conf` and the block in the login shells' files."""

    effect: Literal["new_programs", "next_login"] = "next_login"

    def __init__(self, config_folder: Path, user_folder: Path) -> None:
        self.file = config_folder / "environment.d" / FILE
        self._user_folder = user_folder
        self.place = str(self.file)

    def read(self, name: str) -> UserValue | None:
        value = self._read_all().get(name)
        return None if value is None else UserValue(value)

    def write(self, name: str, value: UserValue | None) -> None:
        if value is not None and _UNFIT.search(value.value):
            raise ValueError(name)
        variables = self._read_all()
        variables.pop(name, None)
        if value is not None:
            variables[name] = value.value
        if variables:
            lines = "".join(f"{name}='{value}'\n" for name, value in sorted(variables.items()))
            _replace(self.file, _HEADER + lines)
            for shell_file in self._shell_files():
                self._put_block(shell_file)
            return
        # The block first: a shell that starts in between must not source a file that is gone.
        for shell_file in self._shell_files():
            self._take_block(shell_file)
        self.file.unlink(missing_ok=True)
        with contextlib.suppress(OSError):
            self.file.parent.rmdir()  # stays when others have files there

    def _read_all(self) -> dict[str, str]:
        try:
            words = self.file.read_text(encoding="utf-8")
        except FileNotFoundError:
            return {}
        return {found[1]: found[2] for line in words.splitlines() if (found := _LINE.fullmatch(line.strip()))}

    def _shell_files(self) -> tuple[Path, ...]:
        """The file that a bash login reads, and zsh's where that shell is in use."""
        bash = [self._user_folder / name for name in (".bash_profile", ".bash_login", ".profile")]
        chosen = [next((file for file in bash if file.exists()), bash[-1])]
        zsh = self._user_folder / ".zprofile"
        if zsh.exists() or (self._user_folder / ".zshrc").exists():
            chosen.append(zsh)
        return tuple(chosen)

    def _put_block(self, file: Path) -> None:
        words = _words(file)
        if _BEGIN in words:
            return
        place = str(self.file).replace("'", "'\\''")
        block = f"{_BEGIN}\n{_NOTE}\nif [ -r '{place}' ]; then set -a; . '{place}'; set +a; fi\n{_END}\n"
        _replace(file, words + "\n" * bool(words and not words.endswith("\n")) + block)

    def _take_block(self, file: Path) -> None:
        words = _words(file)
        if _BEGIN not in words:
            return
        rest = _BLOCK.sub("", words)
        if rest or file.is_symlink():
            _replace(file, rest)
        else:
            file.unlink()


def _words(file: Path) -> str:
    try:
        # A shell's file may hold anything; what cannot be decoded is carried over as it is.
        with file.open(encoding="utf-8", errors="surrogateescape", newline="") as stream:
            return stream.read()
    except FileNotFoundError:
        return ""


def _replace(file: Path, words: str) -> None:
    """Write a file whole, keeping its rights, and where it is a link, the link."""
    file = file.resolve()
    file.parent.mkdir(parents=True, exist_ok=True)
    partial = file.with_name(f"{file.name}.tunedoc-{os.getpid()}")
    with partial.open("w", encoding="utf-8", errors="surrogateescape", newline="") as stream:
        stream.write(words)
        stream.flush()
        os.fsync(stream.fileno())
    with contextlib.suppress(FileNotFoundError):
        partial.chmod(file.stat().st_mode)
    replace_file(partial, file)
