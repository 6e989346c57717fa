"""Which of the machine's Pythons tunedoc can be set up with: those that the registry knows (PEP 514) and that start.

Only python.org's own (company `PythonCore`): others come and go with the program that brought them, as conda's and
uv's do, and the Store's is replaced under what was made from it.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import PureWindowsPath
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

PREFERRED = ((3, 12), (3, 11), (3, 13), (3, 14))
"""In the order in which wheels.toml prefers them: the training environment is made from the same Python."""
PLATFORM = "win-amd64"
PATIENCE_SECONDS = 60
"""The first start of a Python after the machine's is slow, the more so with a virus scanner."""
PARTS = ("ssl", "venv", "ctypes", "sqlite3", "lzma")
QUESTION = """
import json, sys, sysconfig
lacking = []
for part in sys.argv[1:]:
    try:
        __import__(part)
    except ImportError:
        lacking.append(part)
print(json.dumps({"version": list(sys.version_info[:3]), "implementation": sys.implementation.name,
    "platform": sysconfig.get_platform(), "free_threads": bool(sysconfig.get_config_var("Py_GIL_DISABLED")),
    "prefix": sys.prefix, "base": sys.base_prefix, "executable": sys.executable, "lacking": lacking}))
"""


@dataclass(frozen=True, kw_only=True)
class Registered:
    """One entry of the registry."""

    company: str
    tag: str
    """`3.12`, `3.12-32`, `3.13t`."""
    executable: str


@dataclass(frozen=True, kw_only=True)
class Answered:
    """What a Python said of itself."""

    version: tuple[int, int, int]
    executable: str


@dataclass(frozen=True, kw_only=True)
class Unfit:
    """Why a Python is not used: a key of the words, and what fills it."""

    executable: str
    why: str
    fields: tuple[tuple[str, str], ...] = ()


def worth_asking(entries: Iterable[Registered]) -> tuple[Registered, ...]:
    """Those that may fit by what the registry says, best first. The user's own come before the machine's, as given."""
    wanted = {f"{major}.{minor}": place for place, (major, minor) in enumerate(PREFERRED)}
    fitting = [
        entry
        for entry in entries
        if entry.company.casefold() == "pythoncore" and entry.tag in wanted and not _is_the_stores(entry.executable)
    ]
    return tuple(sorted(fitting, key=lambda entry: wanted[entry.tag]))


def _is_the_stores(executable: str) -> bool:
    return any(part.casefold() == "windowsapps" for part in PureWindowsPath(executable).parts)


def judge(executable: str, said: Mapping[str, Any] | None, *, is_condas: bool) -> Answered | Unfit:
    """Whether a Python can be used, by what it said; None when it did not start or said nothing."""

    def unfit(why: str, **fields: str) -> Unfit:
        return Unfit(executable=executable, why=why, fields=tuple(fields.items()))

    if said is None:
        return unfit("why_start")
    major, minor, micro = said["version"]
    words = f"{major}.{minor}.{micro}"
    if said["implementation"] != "cpython" or (major, minor) not in PREFERRED:
        return unfit("why_version", version=f"{said['implementation']} {words}")
    if said["platform"] != PLATFORM:
        return unfit("why_bits", platform=str(said["platform"]))
    if said["free_threads"]:
        return unfit("why_threads")
    if said["prefix"] != said["base"]:
        return unfit("why_inner")
    if is_condas:
        return unfit("why_conda")
    if said["lacking"]:
        return unfit("why_parts", parts=", ".join(said["lacking"]))
    return Answered(version=(major, minor, micro), executable=str(said["executable"]))


def find_python(
    entries: Iterable[Registered],
    ask: Callable[[str], Mapping[str, Any] | None],
    is_condas: Callable[[str], bool],
    on_unfit: Callable[[Unfit], None],
) -> Answered | None:
    """The best of the registered Pythons that really works; None where there is none."""
    for entry in worth_asking(entries):
        verdict = judge(entry.executable, ask(entry.executable), is_condas=is_condas(entry.executable))
        if isinstance(verdict, Answered):
            return verdict
        on_unfit(verdict)
    return None


def ask_python(executable: str, environ: Mapping[str, str] | None = None) -> dict[str, Any] | None:
    """Start a Python and let it tell of itself."""
    try:
        ran = subprocess.run(
            [executable, "-I", "-c", QUESTION, *PARTS],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=PATIENCE_SECONDS,
            env=environ,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        said = json.loads(ran.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return None
    return said if isinstance(said, dict) and ran.returncode == 0 else None


def interpreter(place: str) -> str:
    """The interpreter of an install folder, where the registry names the folder alone."""
    return place if re.search(r"(?i)\.exe$", place) else str(PureWindowsPath(place) / "python.exe")


if sys.platform == "win32":
    import winreg

    def registered_pythons() -> tuple[Registered, ...]:
        """All 64-bit entries of the user's and the machine's registry."""
        found = []
        for hive in (winreg.HKEY_CURRENT_USER, winreg.HKEY_LOCAL_MACHINE):
            for company in _subkeys(hive, r"Software\Python"):
                for tag in _subkeys(hive, rf"Software\Python\{company}"):
                    key = rf"Software\Python\{company}\{tag}\InstallPath"
                    place = _value(hive, key, "ExecutablePath") or _value(hive, key, "")
                    if place:
                        found.append(Registered(company=company, tag=tag, executable=interpreter(place)))
        return tuple(found)

    def _subkeys(hive: int, key: str) -> list[str]:
        try:
            with winreg.OpenKey(hive, key, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY) as opened:
                return [winreg.EnumKey(opened, index) for index in range(winreg.QueryInfoKey(opened)[0])]
        except OSError:
            return []

    def _value(hive: int, key: str, name: str) -> str:
        try:
            with winreg.OpenKey(hive, key, 0, winreg.KEY_READ | winreg.KEY_WOW64_64KEY) as opened:
                value, _ = winreg.QueryValueEx(opened, name)
        except OSError:
            return ""
        return value if isinstance(value, str) else ""

else:

    def registered_pythons() -> tuple[Registered, ...]:
        """All 64-bit entries of the user's and the machine's registry; elsewhere than on Windows there are none."""
        return ()
