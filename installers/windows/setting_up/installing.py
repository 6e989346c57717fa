"""Install tunedoc: a new environment beside the old one, tried out, and only then used."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from installers.windows.setting_up.program import MOST_CHARACTERS, Installed, Program, base_of
from installers.windows.setting_up.pythons import Unfit, ask_python, find_python, judge, registered_pythons
from installers.windows.setting_up.words import Language, say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

PATIENCE_SECONDS = 900
"""For one step. Compiling the packages is the longest, and slow with a virus scanner."""
_FOREIGN = ("PYTHON", "PIP_", "UV_", "VIRTUAL_ENV", "CONDA", "__PYVENV")
"""Variables that are meant for other Pythons and other installs."""


class Refused(Exception):
    """Setting up ends here, with words for the user."""


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What this setup shall do."""

    root: Path
    new: Path
    """What the setup program has unpacked: wheels, requirements.txt, launchers, set_up.pyz, about.json."""
    own_python: Path
    """tunedoc's own Python as it was unpacked; the one that runs this."""
    version: str
    must_use_own: bool
    language: Language
    installed_elsewhere: str = ""
    """Where the registry says that tunedoc is installed."""


@dataclass(kw_only=True)
class Voice:
    """Words to the setup program's window, and more of them to the log."""

    language: Language
    log: Callable[[str], None]
    show: Callable[[str], None]
    notes: list[str] = field(default_factory=list)
    """What the user should read at the end."""

    def say(self, key: str, **fields: object) -> None:
        self.show(say(key, self.language, **fields))

    def note(self, key: str, **fields: object) -> None:
        self.notes.append(say(key, self.language, **fields))
        self.say(key, **fields)


def install(wish: Wish, voice: Voice, environ: Mapping[str, str]) -> Installed:
    """Install, or leave everything as it was. Raises Refused and OSError."""
    program = Program(wish.root)
    _require_folder(wish, program)
    before = program.installed()
    if before is not None and _older(wish.version, before.version):
        voice.note("older", new=wish.version, old=before.version)
    program.tidy()
    environ = clean_environ(environ)
    python, own = _choose_python(wish, voice, environ)
    name = program.next_name(wish.version)
    environment = program.versions / name
    try:
        voice.say("building", name=name)
        _build(wish, environment, python, voice, environ)
        voice.say("proving")
        _prove(environment / "Scripts" / "python.exe", wish, voice, environ)
        for source in sorted((wish.new / "bin").iterdir()):
            program.place(source, wish.root / "bin" / source.name)
        for file in ("set_up.pyz", "uninstall.exe", "tunedoc.ico", "LICENSE.txt"):
            program.place(wish.new / file, wish.root / file)
        installed = Installed(version=wish.version, environment=name, own_python=own, language=wish.language)
        program.use(installed)
    except BaseException:
        # The one in use, if there is one, was not touched.
        if program.current() != environment:
            shutil.rmtree(environment, ignore_errors=True)
        raise
    if not program.remove_others(own, training_bases(environ)):
        voice.note("kept_running")
    return installed


def clean_environ(environ: Mapping[str, str]) -> dict[str, str]:
    """The environment without what is meant for other Pythons."""
    return {name: value for name, value in environ.items() if not name.upper().startswith(_FOREIGN)}


def training_bases(environ: Mapping[str, str]) -> set[str]:
    """Folders of the Pythons that tunedoc's training environments were made from, in small letters."""
    home = environ.get("TUNEDOC_HOME") or (
        str(Path(environ["LOCALAPPDATA"]) / "tunedoc") if environ.get("LOCALAPPDATA") else ""
    )
    if not home:
        return set()
    environments = [file.parent for file in Path(home, "environments").glob("*/pyvenv.cfg")]
    environments += [file.parent for file in Path(home, "environments").glob("*/*/pyvenv.cfg")]
    return {base.casefold() for environment in environments if (base := base_of(environment))}


def _require_folder(wish: Wish, program: Program) -> None:
    length = len(str(wish.root))
    if length > MOST_CHARACTERS:
        raise Refused(say("too_long", wish.language, count=length, most=MOST_CHARACTERS))
    other = wish.installed_elsewhere
    if other and not _same_folder(other, wish.root) and Program(Path(other)).installed() is not None:
        raise Refused(say("elsewhere", wish.language, other=other))
    if program.strangers():
        raise Refused(say("not_ours", wish.language, folder=wish.root))


def _same_folder(one: str, other: Path) -> bool:
    return os.path.normcase(os.path.normpath(one)) == os.path.normcase(os.path.normpath(str(other)))


def _older(version: str, than: str) -> bool:
    return _ordered(version) < _ordered(than)


def _ordered(version: str) -> tuple[tuple[int, ...], int, str]:
    """Enough of an order for our own versions: numbers first; a suffix (`0.2.0.dev1`, `0.2.0rc1`) comes before."""
    numbers, rest = [], version
    while rest[:1].isdigit():
        digits = rest[: len(rest) - len(rest.lstrip("0123456789"))]
        numbers.append(int(digits))
        rest = rest[len(digits) :]
        if not (rest[:1] == "." and rest[1:2].isdigit()):
            break
        rest = rest[1:]
    return (tuple(numbers), 0 if rest else 1, rest)


def _choose_python(wish: Wish, voice: Voice, environ: Mapping[str, str]) -> tuple[str, str]:
    """The interpreter, and the name of the folder under python\\ when it is tunedoc's own."""
    own = str(wish.own_python / "python.exe")
    if not wish.must_use_own:

        def tell(unfit: Unfit) -> None:
            why = say(unfit.why, wish.language, **dict(unfit.fields))
            voice.say("python_unfit", path=unfit.executable, why=why)

        found = find_python(registered_pythons(), lambda path: ask_python(path, environ), _is_condas, tell)
        if found is not None:
            version = ".".join(map(str, found.version))
            voice.say("python_taken", version=version, path=found.executable)
            return found.executable, ""
    said = judge(own, ask_python(own, environ), is_condas=False)
    if isinstance(said, Unfit):
        raise Refused(f"{own}: {say(said.why, wish.language, **dict(said.fields))}")
    voice.say("python_own", version=".".join(map(str, said.version)))
    return own, wish.own_python.name


def _is_condas(executable: str) -> bool:
    return (Path(executable).parent / "conda-meta").is_dir()


def _build(wish: Wish, environment: Path, python: str, voice: Voice, environ: Mapping[str, str]) -> None:
    uv = _unpack_uv(wish.new)
    wheels = wish.new / "wheels"
    alone = ["--offline", "--no-config", "--color", "never", "--cache-dir", str(wish.new / "cache")]
    _step([str(uv), "venv", *alone, "--no-project", "--python", python, str(environment)], "step_venv", voice, environ)
    install = [str(uv), "pip", "install", *alone, "--no-index", "--find-links", str(wheels), "--require-hashes"]
    install += ["--link-mode", "hardlink", "--requirements", str(wish.new / "requirements.txt")]
    _step([*install, "--python", str(environment / "Scripts" / "python.exe")], "step_packages", voice, environ)


def _unpack_uv(new: Path) -> Path:
    """uv comes once, as the wheel that tunedoc needs anyway."""
    wheel = next((new / "wheels").glob("uv-*.whl"))
    with zipfile.ZipFile(wheel) as archive:
        name = next(entry for entry in archive.namelist() if entry.endswith("/scripts/uv.exe"))
        target = new / "uv.exe"
        with archive.open(name) as source, target.open("wb") as stream:
            shutil.copyfileobj(source, stream, 1 << 20)
    return target


def _prove(python: Path, wish: Wish, voice: Voice, environ: Mapping[str, str]) -> None:
    ran = _step([str(python), "-I", "-m", "doctor", "--version"], "step_version", voice, environ)
    if ran.strip() != f"tunedoc {wish.version}":
        raise Refused(say("step_version", wish.language))
    # Exit code 1 means that the machine has findings, which is what the doctor is for.
    ran = _step([str(python), "-I", "-m", "doctor", "check", "--json"], "step_check", voice, environ, well=(0, 1))
    try:
        answered = "tunedoc_result" in json.loads(ran)
    except ValueError:
        answered = False
    if not answered:
        raise Refused(say("step_check", wish.language))


def _step(
    argv: Sequence[str], failure: str, voice: Voice, environ: Mapping[str, str], *, well: Sequence[int] = (0,)
) -> str:
    """Run a program to its end and return what it wrote to stdout. Raises Refused with the last line of stderr."""
    voice.log(f"> {subprocess.list2cmdline(argv)}")
    try:
        ran = subprocess.run(
            list(argv), stdin=subprocess.DEVNULL, capture_output=True, env=dict(environ), timeout=PATIENCE_SECONDS,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired) as exc:
        raise Refused(f"{say(failure, voice.language)}: {exc}") from exc
    words = ran.stdout.decode("utf-8", "replace")
    errors = ran.stderr.decode("utf-8", "replace")
    voice.log(f"exit code {ran.returncode}\n{words}{errors}")
    if ran.returncode not in well:
        raise Refused(": ".join([say(failure, voice.language), *_complaint(errors)]))
    return words


def _complaint(errors: str) -> list[str]:
    """The first line in which a program says what is wrong, and the reasons under it (uv marks both)."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    first = next(
        (place for place, line in enumerate(lines) if line.lower().startswith(("error", "×", "traceback"))), None
    )
    if first is None:
        return lines[-1:]
    reasons = [line for line in lines[first + 1 :] if line.startswith(("╰", "├", "cause", "Caused by"))]
    return [" ".join([lines[first], *reasons[:2]])] if not lines[first].startswith("Traceback") else lines[-1:]


def discard_unused_python(wish: Wish, installed: Installed | None) -> bool:
    """Whether the unpacked Python is needed any more; the setup program deletes it, since it runs this."""
    if installed is not None and installed.own_python == wish.own_python.name:
        return False
    present = Program(wish.root).installed()
    if present is not None and present.own_python == wish.own_python.name:
        return False
    return str(wish.own_python).casefold() not in training_bases(os.environ)
