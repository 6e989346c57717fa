"""Where the parts of a Python lie on disk, and what their names and headers say of it; nothing is started."""

from __future__ import annotations

import contextlib
import os
import re
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from doctor.late_pattern import late_pattern
from doctor.probe.folders import names_in
from doctor.quick_dataclass import dataclass
from doctor.reading.elf import ElfError, read_elf
from doctor.reading.pe import PeError, read_pe
from doctor.snapshot.model import Unknown

if TYPE_CHECKING:
    from collections.abc import Mapping

Kind = Literal["system", "venv", "conda", "store", "uv", "portable", "other"]

_PORTABLE = ("python_embeded", "python_embedded", "python", "runtime", "venv", ".venv", "env", "system/python")
"""Where programs that are unpacked and run keep their Python, below their own folder."""
_RELEASE = late_pattern(r"\d+\.\d+(?:\.\d+)?(?:(?:a|b|rc)\d+)?")
_DEFINED = late_pattern(rb'^#define\s+PY_VERSION\s+"([^"]+)"', re.MULTILINE)
_LIBRARY_FOLDER = late_pattern(r"(?:python|pypy)(\d+)\.(\d+)([a-z]?)")
_INTERPRETER = late_pattern(r"(?:python|pypy)w?[\w.-]*", re.IGNORECASE)
_PROGRAM = late_pattern(r"(?:python|pypy)(\d+\.\d+)[a-z]?")
_LIBRARY_FILE = late_pattern(r"python(\d)(\d+)(t?)\.dll", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Place:
    """One Python on disk, virtual environment or not."""

    root: Path
    """Its prefix."""
    python: Path
    windows: bool
    """Made for Windows, whatever this machine is."""
    configuration: Mapping[str, str] | None
    """Of pyvenv.cfg; None where there is none."""
    minor: str
    """`3.12` where the interpreter's file name says it: one prefix can hold several. Else empty."""
    base: Path | None
    """Prefix of the Python that runs in it: of another one for a virtual environment; None when that one is gone."""

    @property
    def is_venv(self) -> bool:
        return self.configuration is not None

    @cached_property
    def release(self) -> str | Unknown:
        """Its version, with as many numbers as the files tell: from the environment's configuration, else headers."""
        return _read_release(self)

    @cached_property
    def identity(self) -> str:
        """What tells one Python from another, by whatever path it is reached."""
        if self.is_venv:
            return os.path.normcase(self.root.resolve())
        return os.path.normcase((self.base or self.root).resolve()) + "|" + str(self.release)


def find_place(path: Path) -> Place | None:
    """The Python at a path: an interpreter, its folder, a virtual environment, or a program's folder around one."""
    path = Path(os.path.abspath(path))  # noqa: PTH100  (a link in an environment must not lead out of it)
    try:
        if path.is_file():
            if not _INTERPRETER.fullmatch(path.name):
                return None
            folder = path.parent
            return _place(folder.parent if folder.name.lower() in ("bin", "scripts", "shims") else folder, path)
        for candidate in (path, *_around(path), *(path / name for name in _PORTABLE)):
            found = _place(candidate, None)
            if found is not None:
                return found
    except (OSError, ValueError):  # closed to this user, or no name that a file could have
        return None
    return None


def site_folders(place: Place) -> tuple[Path, ...]:
    """Its site-packages, its own first; with those of the Python it rests on where it sees them."""
    found = _own_sites(place.root, place)
    if place.configuration is not None and sees_system_sites(place) and place.base is not None:
        found += _own_sites(place.base, place)
    unique: dict[Path, Path] = {}
    for folder in found:
        unique.setdefault(folder.resolve(), folder)
    return tuple(unique.values())


def sees_system_sites(place: Place) -> bool:
    """Whether packages outside a virtual environment count in it."""
    return place.configuration is None or place.configuration.get("include-system-site-packages", "").lower() == "true"


def _read_release(place: Place) -> str | Unknown:
    if place.configuration is not None:
        for key in ("version_info", "version"):
            found = _RELEASE.match(place.configuration.get(key, ""))
            if found:
                return found[0]
    for root in (place.base, place.root):
        if root is not None:
            version = _release_of(root, place)
            if version:
                return version
    return Unknown(f"no file of {place.root.name} tells its version")


def python_bits(place: Place) -> Literal[32, 64] | Unknown:
    """From the interpreter's own header."""
    try:
        # What stands under python.exe in a virtual environment is a small starter with the same bits.
        return read_pe(place.python).bits if place.windows else read_elf(place.python).bits
    except (PeError, ElfError, OSError) as exc:
        return Unknown(f"{place.python.name}: {exc}")


def python_abi(place: Place) -> str | Unknown:
    """The tag in wheel names: `cp312`, `cp313t`, `pp310`."""
    release = place.release
    if isinstance(release, Unknown):
        return release
    major, minor = release.split(".")[:2]
    names: list[str] = []
    for root in (place.base, place.root):
        with contextlib.suppress(OSError):
            folder = root if place.windows or root is None else root / "lib"
            names += [entry.name.lower() for entry in os.scandir(folder)] if folder else []
    said = (place.configuration or {}).get("implementation", "").lower()
    if said == "pypy" or any(name.startswith(("libpypy3", "pypy3")) for name in names):
        return f"pp{major}{minor}"
    release_names = {f"python{major}.{minor}", f"python{major}{minor}.dll"}
    free = {f"python{major}.{minor}t", f"python{major}{minor}t.dll"}
    threads = "t" if free & set(names) and not release_names & set(names) else ""
    return f"cp{major}{minor}{threads}"


def python_origin(place: Place) -> Kind:
    """Where it comes from. What it is built on counts for more than a virtual environment around it."""
    root = place.base or place.root
    words = (root.as_posix() + "/").lower()
    if "/windowsapps/" in words or "pythonsoftwarefoundation" in words:
        return "store"
    if _exists(root / "conda-meta"):
        return "conda"
    if place.is_venv:
        return "venv"
    if "/uv/python/" in words:
        return "uv"
    if place.windows:
        if any(_LIBRARY_FILE.fullmatch(name.replace("._pth", ".dll")) for name in names_in(root) if "._pth" in name):
            return "portable"
        # The installer leaves its uninstaller's files elsewhere, but always these two beside python.exe.
        return "system" if _exists(root / "Doc") or _exists(root / "NEWS.txt") else "portable"
    if "/.pyenv/" in words:
        return "other"
    return "system" if words in ("/usr/", "/usr/local/", "/") or words.startswith("/opt/") else "other"


def user_site(place: Place, environ: Mapping[str, str], user_folder: Path) -> Path | None:
    """The user's own site-packages that this Python sees, or None where it does not look there."""
    release = place.release
    if environ.get("PYTHONNOUSERSITE") or isinstance(release, Unknown) or not sees_system_sites(place):
        return None
    if place.windows and any(name.endswith("._pth") for name in names_in(place.root)):
        return None  # an embedded Python looks nowhere but where this file says
    major, minor = release.split(".")[:2]
    chosen = environ.get("PYTHONUSERBASE")
    if not place.windows:
        base = Path(chosen) if chosen else user_folder / ".local"
        return base / "lib" / f"python{major}.{minor}" / "site-packages"
    folder = f"Python{major}{minor}" + ("-32" if python_bits(place) == 32 else "")
    if chosen:
        return Path(chosen) / folder / "site-packages"
    if python_origin(place) == "store":
        local = Path(environ.get("LOCALAPPDATA") or user_folder / "AppData" / "Local") / "Packages"
        owners = [
            name for name in names_in(local) if name.startswith(f"PythonSoftwareFoundation.Python.{major}.{minor}_")
        ]
        for name in owners:
            return local / name / "LocalCache" / "local-packages" / folder / "site-packages"
    return Path(environ.get("APPDATA") or user_folder / "AppData" / "Roaming") / "Python" / folder / "site-packages"


def read_configuration(file: Path) -> dict[str, str] | None:
    """The entries of a pyvenv.cfg, keys in lower case; None where there is no such file."""
    try:
        with file.open(encoding="utf-8", errors="replace") as stream:
            lines = stream.read(64 * 1024).splitlines()
    except OSError:
        return None
    parts = (line.partition("=") for line in lines)
    return {key.strip().lower(): value.strip() for key, sign, value in parts if sign}


def _place(root: Path, python: Path | None) -> Place | None:
    configuration = read_configuration(root / "pyvenv.cfg")
    python = python or _interpreter(root)
    if python is None:
        return None
    # A file can be called anything (`python3.12-intel64`); one beside Lib, or in Scripts, is Windows'.
    windows = python.suffix.lower() in (".exe", ".bat") or _exists(root / "Scripts")
    base: Path | None = root
    if configuration is not None:
        base = None
        home = configuration.get("home", "")
        if home and Path(home).is_absolute() and _exists(Path(home)):
            base = Path(home) if windows else Path(home).parent
            real = None if windows else _real_base(python)
            # An environment made with copies has no links that would lead further.
            base = real if real is not None and real != root.resolve() else base
    elif not windows:
        base = _real_base(python) or root
    return Place(
        root=root, python=python, windows=windows, configuration=configuration, minor=_minor_of(python), base=base
    )


def _minor_of(python: Path) -> str:
    with contextlib.suppress(OSError, RuntimeError):
        found = _PROGRAM.fullmatch(python.resolve().name.lower().removesuffix(".exe"))
        return found[1] if found else ""
    return ""


def _real_base(python: Path) -> Path | None:
    """The prefix of the file behind the links, since distributions link /usr/bin/python3 in several steps."""
    with contextlib.suppress(OSError, RuntimeError):
        real = python.resolve()
        if real.parent.name == "bin":
            return real.parent.parent
    return None


def _interpreter(root: Path) -> Path | None:
    for name in ("Scripts/python.exe", "bin/python3", "bin/python", "python.exe"):
        file = root / name
        if file.is_file():
            return file
    return None


def _around(path: Path) -> tuple[Path, ...]:
    """The prefix of a folder that lies inside a Python: its programs or its packages."""
    name = path.name.lower()
    if name in ("bin", "scripts"):
        return (path.parent,)
    if name in ("site-packages", "dist-packages"):
        return (path.parent.parent, path.parent.parent.parent)
    return ()


def _own_sites(root: Path, place: Place) -> list[Path]:
    if place.windows:
        return [folder for name in ("Lib", "lib") if (folder := root / name / "site-packages").is_dir()][:1]
    # Debian keeps its own packages apart from those that pip adds.
    roots = [root, root / "local"] if root == Path("/usr") else [root]
    found = [
        base / library / name / kind
        for base in roots
        for library in ("lib", "lib64")
        for name in sorted(names_in(base / library))
        if _is_its_own(name, place) or (name == "python3" and base == Path("/usr"))
        for kind in ("site-packages", "dist-packages")
    ]
    return [folder for folder in found if folder.is_dir()]


def _is_its_own(name: str, place: Place) -> bool:
    """Whether a folder such as `python3.12` belongs to this Python and not to another in the same prefix."""
    found = _LIBRARY_FOLDER.fullmatch(name)
    return found is not None and place.minor in ("", f"{found[1]}.{found[2]}")


def _release_of(root: Path, place: Place) -> str:
    headers = [root / "include", root / "Include"]
    if not place.windows:
        headers += [root / "include" / name for name in names_in(root / "include") if _is_its_own(name, place)]
    for folder in headers:
        with contextlib.suppress(OSError):
            found = _DEFINED.search((folder / "patchlevel.h").read_bytes())
            if found:
                version = _RELEASE.match(found[1].decode("ascii", "replace"))
                if version:
                    return version[0]
    for name in names_in(root / "conda-meta"):
        found_name = re.fullmatch(r"python-(\d+\.\d+\.\d+)-[^-]+\.json", name)
        if found_name:
            return found_name[1]
    if place.windows:
        return _release_of_library(root)
    for name in sorted(names_in(root / "lib"), reverse=True):
        folder_name = _LIBRARY_FOLDER.fullmatch(name)
        if folder_name and _is_its_own(name, place) and (root / "lib" / name / "os.py").exists():
            return f"{folder_name[1]}.{folder_name[2]}"
    return place.minor


def _release_of_library(root: Path) -> str:
    for name in names_in(root):
        found = _LIBRARY_FILE.fullmatch(name)
        if not found:
            continue
        with contextlib.suppress(PeError, OSError, ValueError):
            # 3.12.9 writes 3.12.9150.1013: the third number holds the release level as well.
            major, minor, packed, _ = (int(part) for part in read_pe(root / name, version=True).version.split("."))
            return f"{major}.{minor}.{packed // 1000}"
        return f"{found[1]}.{found[2]}"
    return ""


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        return False


def read_first_line(file: Path) -> str:
    """The first line of a small file; empty when it cannot be read."""
    try:
        with file.open(encoding="utf-8", errors="replace") as stream:
            return stream.readline(1024).strip()
    except OSError:
        return ""
