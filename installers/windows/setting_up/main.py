"""What the setup program and the uninstaller run: `set_up.pyz install | remove | tidy`. Windows only.

    install --folder F --new F\\new --own-python F\\python\\X --version V --path 1 --menu 1 --must-own 0 --language en
    remove  --folder F --everything 0 --language en
    tidy    --folder F

Every verb takes `--log FILE`, and `--result FILE` for an .ini file with what the window shall say.
Exit code: 0 done, 2 nothing was changed.
"""

from __future__ import annotations

import argparse
import datetime
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from installers.windows.setting_up.installing import Refused, Voice, Wish, discard_unused_python, install
from installers.windows.setting_up.program import Program, base_of
from installers.windows.setting_up.removing import remove_data
from installers.windows.setting_up.words import LANGUAGES, say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from installers.windows.setting_up.program import Installed

_LONGEST_MESSAGE = 900
"""NSIS cuts words after 1024 characters."""


def main(argv: Sequence[str]) -> int:
    """Carry out one verb."""
    if sys.platform != "win32":
        print("this is for Windows", file=sys.stderr)
        return 2
    arguments = _arguments(argv)
    for stream in (sys.stdout, sys.stderr):
        getattr(stream, "reconfigure", lambda **_: None)(errors="replace")
    if arguments.verb == "tidy":
        return 0 if Program(arguments.folder).tidy() else 2
    with (arguments.log or Path(os.devnull)).open("a", encoding="utf-8") as log:
        begun = time.monotonic()

        def write(words: str) -> None:
            log.write(f"[{time.monotonic() - begun:5.1f} s] {words.rstrip()}\n")
            log.flush()

        def show(words: str) -> None:
            print(words, flush=True)
            write(words)

        write(f"{datetime.datetime.now().isoformat(timespec='seconds')} {arguments.verb} {arguments.folder}")
        voice = Voice(language=arguments.language, log=write, show=show)
        facts: dict[str, str] = {}
        try:
            _install(arguments, voice, facts) if arguments.verb == "install" else _remove(arguments, voice)
            code, message = 0, "\r\n".join(voice.notes)
        except (Refused, OSError) as problem:
            code, message = 2, _failure(arguments, problem)
            show(message.replace("\r\n", "\n"))
    if arguments.result:
        _write_result(arguments.result, {"message": message, **facts})
    return code


def _install(arguments: argparse.Namespace, voice: Voice, facts: dict[str, str]) -> None:
    from installers.windows.setting_up.registry import entry, install_location, write_entry
    from installers.windows.setting_up.user_path import add_to_path, take_from_path

    wish = Wish(
        root=arguments.folder,
        new=arguments.new,
        own_python=arguments.own_python,
        version=arguments.version,
        must_use_own=bool(arguments.must_own),
        language=arguments.language,
        installed_elsewhere=install_location(),
    )
    installed: Installed | None = None
    try:
        installed = install(wish, voice, os.environ)
        folder = str(wish.root / "bin")
        (add_to_path if arguments.path else take_from_path)(folder)
        program = Program(wish.root)
        environment = program.current()
        values = entry(
            wish.root,
            version=wish.version,
            size_bytes=program.bytes(),
            python=base_of(environment) + "\\python.exe" if environment else "",
            path=bool(arguments.path),
            menu=bool(arguments.menu),
            own=bool(arguments.must_own),
            language=wish.language,
            date=datetime.date.today().strftime("%Y%m%d"),
        )
        write_entry(values)
        voice.say("installed", version=wish.version, folder=wish.root)
    finally:
        facts["discard"] = str(int(discard_unused_python(wish, installed)))


def _remove(arguments: argparse.Namespace, voice: Voice) -> None:
    from installers.windows.setting_up.user_path import take_from_path

    remove_data(arguments.folder, voice, os.environ, everything=bool(arguments.everything))
    take_from_path(str(arguments.folder / "bin"))


def _failure(arguments: argparse.Namespace, problem: Exception) -> str:
    language = arguments.language
    why = str(problem)
    if isinstance(problem, OSError):
        detail = f"{problem.strerror or problem} {problem.filename or ''}".strip()
        why = say("step_refused", language, detail=detail)
    if arguments.verb == "remove":
        return why
    lines = [say("failed", language, version=arguments.version, why=why)]
    before = Program(arguments.folder).installed()
    if before is not None:
        lines.append(say("still_there", language, version=before.version))
    if arguments.log:
        lines.append(say("see_log", language, log=arguments.log))
    return "\r\n".join(lines)


def _write_result(file: Path, facts: dict[str, str]) -> None:
    """An .ini file that Windows reads as Unicode; a line break would end a value."""
    lines = ["[result]", *(f"{name}={_one_line(value)}" for name, value in facts.items())]
    file.write_bytes(b"\xff\xfe" + "".join(f"{line}\r\n" for line in lines).encode("utf-16-le"))


def _one_line(words: str) -> str:
    return words.replace("\r\n", " · ").replace("\n", " ")[:_LONGEST_MESSAGE]


def _arguments(argv: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="set_up", allow_abbrev=False)
    parser.add_argument("verb", choices=("install", "remove", "tidy"))
    for name in ("folder", "new", "own-python", "log", "result"):
        parser.add_argument(f"--{name}", type=Path)
    for name in ("path", "menu", "must-own", "everything"):
        parser.add_argument(f"--{name}", type=int, default=0)
    parser.add_argument("--version", default="")
    parser.add_argument("--language", choices=LANGUAGES, default="en")
    return parser.parse_args(argv)
