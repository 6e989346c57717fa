"""Build tunedoc-setup.exe on Linux: `python installers/windows/build.py [--out dist]`

It needs NSIS and a cross compiler (Debian, Ubuntu: `apt-get install nsis gcc-mingw-w64-x86-64`) and the environment of
the doctor, which `python3 installers/bootstrap.py` makes. What it embeds is pinned by sha256. The same sources make the
same file: no time of day goes into it, and files are packed in the order of their names.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from installers.windows.gathering import (
    ROOT,
    gather_python,
    gather_wheels,
    make_own_wheel,
    python_version,
    requirements_text,
    tree_digest,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from installers.windows.gathering import Wheel

HERE = Path(__file__).resolve().parent
CACHE = ROOT / ".tunedoc" / "setup-program"
LIMIT_BYTES = 80 * 10**6
COMPILER, RESOURCES, PACKER = "x86_64-w64-mingw32-gcc", "x86_64-w64-mingw32-windres", "makensis"
PROGRAMS = {PACKER: "nsis", COMPILER: "gcc-mingw-w64-x86-64", RESOURCES: "binutils-mingw-w64-x86-64"}
COMPRESSIONS = {"small": "/SOLID lzma", "quick": "zlib", "none": "off"}
"""`none` is for tests: two thirds larger, and made and unpacked in a third of the time."""
LAUNCHERS = {"tunedoc.exe": (), "tunedoc-app.exe": ("-DAPP", "-mwindows")}


class CannotBuild(Exception):
    """With words on what is missing."""


@dataclass(frozen=True, kw_only=True)
class Built:
    """A setup program and what is in it."""

    file: Path
    version: str
    wheels: tuple[Wheel, ...]
    """tunedoc's own first."""
    python_version: str
    python_digest: str
    nsis_version: str


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="build tunedoc-setup.exe")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", metavar="FOLDER")
    parser.add_argument("--version", default="", help="another version than doctor/version.py's, for tests of upgrades")
    parser.add_argument(
        "--python", type=Path, metavar="ZIP", help="a whole CPython for Windows instead of the pinned one"
    )
    parser.add_argument("--compress", choices=COMPRESSIONS, default="small")
    parser.add_argument(
        "--sign",
        default="",
        metavar="'COMMAND {file}'",
        help="run on the launchers, the uninstaller and the setup program",
    )
    given = parser.parse_args(argv)
    try:
        built = build(
            given.out,
            version=given.version or own_version(),
            python=given.python,
            compress=given.compress,
            sign=given.sign,
        )
    except (CannotBuild, ValueError) as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 3
    print(
        f"{built.file}: {built.file.stat().st_size / 1e6:.1f} MB, tunedoc {built.version}, "
        f"{len(built.wheels)} wheels, Python {built.python_version}"
    )
    return 0


def own_version() -> str:
    """doctor/version.py's."""
    words = (ROOT / "doctor" / "version.py").read_text(encoding="utf-8")
    return str(re.findall(r'(?m)^__version__ = "(.+)"$', words)[0])


def source_epoch() -> int:
    """SOURCE_DATE_EPOCH, else when the checkout's last commit was made."""
    told = os.environ.get("SOURCE_DATE_EPOCH")
    if told:
        return int(told)
    ran = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, encoding="ascii")
    return int(ran.stdout.strip()) if ran.returncode == 0 and ran.stdout.strip() else 1_600_000_000


def build(
    out: Path,
    *,
    version: str,
    python: Path | None = None,
    compress: str = "small",
    sign: str = "",
    own: Wheel | None = None,
) -> Built:
    """`own` is tunedoc's wheel, where it was made already. Raises CannotBuild, ValueError, CalledProcessError."""
    missing = sorted({package for program, package in PROGRAMS.items() if shutil.which(program) is None})
    if missing:
        raise CannotBuild(f"missing programs: apt-get install {' '.join(missing)}")
    if not (re.fullmatch(r"\d+(\.\d+)*[A-Za-z0-9.+]*", version)):
        raise CannotBuild(f"{version!r} is not a version")
    CACHE.mkdir(parents=True, exist_ok=True)
    wheels = gather_wheels(CACHE)
    own_python = gather_python(CACHE, python)
    stage = CACHE / f"stage-{os.getpid()}"
    shutil.rmtree(stage, ignore_errors=True)
    try:
        new = stage / "new"
        own = own or make_own_wheel(stage / "own", stage, version, source_epoch())
        (new / "wheels").mkdir(parents=True)
        for wheel in (own, *wheels):
            shutil.copyfile(wheel.file, new / "wheels" / wheel.file.name)
        (new / "requirements.txt").write_text(requirements_text(wheels, own), encoding="utf-8", newline="\n")
        _compile_launchers(new / "bin", stage, version, sign)
        pack_set_up(new / "set_up.pyz")
        shutil.copyfile(HERE / "tunedoc.ico", new / "tunedoc.ico")
        words = (ROOT / "LICENSE").read_text(encoding="utf-8")
        (new / "LICENSE.txt").write_text(words, encoding="utf-8", newline="\r\n")
        digest = tree_digest(own_python)
        name = f"{python_version(own_python)}-{digest[:8]}"
        out.mkdir(parents=True, exist_ok=True)
        target = out.resolve() / "tunedoc-setup.exe"
        (stage / "new.nsh").write_text(file_commands(new, "$INSTDIR\\new"), encoding="utf-8")
        (stage / "python.nsh").write_text(file_commands(own_python, f"$INSTDIR\\python\\{name}"), encoding="utf-8")
        _pack(stage, target, version, name, compress, sign)
        if sign:
            run_sign(sign, target)
        size = target.stat().st_size
        if compress == "small" and size > LIMIT_BYTES:
            raise CannotBuild(f"{target} has {size} bytes, more than {LIMIT_BYTES}")
        return Built(
            file=target, version=version, wheels=(own, *wheels), python_version=python_version(own_python),
            python_digest=digest,
            nsis_version=nsis_version(),
        )  # fmt: skip
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def pack_set_up(target: Path) -> None:
    """set_up.pyz: the package setting_up under the name that it has here."""
    start = "import sys\n\nfrom installers.windows.setting_up.main import main\n\nsys.exit(main(sys.argv[1:]))\n"
    content = {"__main__.py": start.encode()}
    content |= {
        f"{name}/__init__.py": b"" for name in ("installers", "installers/windows", "installers/windows/setting_up")
    }
    for file in sorted((HERE / "setting_up").glob("*.py")):
        content[f"installers/windows/setting_up/{file.name}"] = file.read_bytes()
    target.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, words in content.items():
            archive.writestr(zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0)), words, zipfile.ZIP_DEFLATED)


def file_commands(folder: Path, target: str) -> str:
    """NSIS's commands that unpack a folder. One for each file: `File /r` packs in the order of the file system."""
    lines = []
    for place in [folder, *sorted(path for path in folder.rglob("*") if path.is_dir())]:
        inner = str(place.relative_to(folder)).replace("/", "\\")
        files = sorted(path for path in place.iterdir() if path.is_file())
        if files:
            lines.append(f'SetOutPath "{target}"' if inner == "." else f'SetOutPath "{target}\\{inner}"')
            lines += [f'File "{nsis(str(file))}"' for file in files]
    return "\n".join(lines) + "\n"


def nsis_version() -> str:
    """`3.08`, as the packer says it."""
    said = subprocess.run([PACKER, "-VERSION"], capture_output=True, encoding="ascii", check=True).stdout
    return said.strip().removeprefix("v").partition("-")[0]


def nsis(words: str) -> str:
    """Words inside quotes of an NSIS script."""
    return words.replace("$", "$$").replace('"', '$\\"')


def run_sign(command: str, file: Path) -> None:
    """Run the signing command on a file. Raises CalledProcessError."""
    subprocess.run([word.replace("{file}", str(file)) for word in shlex.split(command)], check=True)


def version_numbers(version: str) -> tuple[int, int, int, int]:
    """The four numbers that Windows wants."""
    numbers = [int(part) for part in re.match(r"\d+(?:\.\d+)*", version)[0].split(".")]  # type: ignore[index]
    first, second, third, fourth = (*numbers[:4], 0, 0, 0)[:4]
    return first, second, third, fourth


def _compile_launchers(folder: Path, scratch: Path, version: str, sign: str) -> None:
    folder.mkdir(parents=True)
    numbers = ",".join(map(str, version_numbers(version)))
    resources = scratch / "launcher.res"
    words = ['-DVERSION_WORDS=\\"' + version + '\\"', f"-DVERSION_NUMBERS={numbers}"]
    subprocess.run([RESOURCES, *words, "launcher.rc", "-O", "coff", "-o", str(resources)], check=True, cwd=HERE)
    for name, options in LAUNCHERS.items():
        argv = [
            COMPILER,
            *options,
            "-O2",
            "-s",
            "-municode",
            "-Wall",
            "-Wextra",
            "-Werror",
            "-Wl,--no-insert-timestamp",
        ]
        subprocess.run([*argv, "-o", str(folder / name), "launcher.c", str(resources)], check=True, cwd=HERE)
        if sign:
            run_sign(sign, folder / name)


def _pack(stage: Path, target: Path, version: str, python: str, compress: str, sign: str) -> None:
    defines = {
        "VERSION": version,
        "NUMBERS": ".".join(map(str, version_numbers(version))),
        "STAGE": str(stage),
        "PYTHON": python,
        "OUT": str(target),
        "COMPRESSION": COMPRESSIONS[compress],
    }
    if sign:
        defines["SIGN"] = sign.replace("{file}", "%1")
    argv = [PACKER, "-V2", "-WX", "-INPUTCHARSET", "UTF8", *(f"-D{name}={value}" for name, value in defines.items())]
    environ = {**os.environ, "SOURCE_DATE_EPOCH": str(source_epoch()), "LC_ALL": "C.UTF-8"}
    subprocess.run([*argv, "tunedoc.nsi"], check=True, cwd=HERE, env=environ)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
