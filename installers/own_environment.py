"""tunedoc's own environment: built beside the one in use, proved, put in its place. Standard library only."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import random
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from telling import FAILED, WINDOWS, Stop, say

if TYPE_CHECKING:
    import argparse

FETCHED_PYTHON = "3.12"
STAMP = "tunedoc-set-up.txt"
RESCUED = "dr.old"
"""Where the environment in use waits while its successor takes its place."""


class Source(NamedTuple):
    """What tunedoc is installed from."""

    package: Path
    """The wheel of a release, or the top of a source tree."""
    lock: Path
    content: str
    """SHA-256 over all of it."""
    package_hash: str = ""
    """SHA-256 of the wheel."""


class Installer(NamedTuple):
    """pip, or uv where there is no pip."""

    name: str
    program: list[str]
    options: list[str]

    def install(self, python: Path, words: list[str]) -> None:
        """Install into an environment. Raises Stop."""
        if self.name == "pip":
            command = [*self.program, "--python", str(python), "install", "--quiet", "--no-input"]
        else:
            command = [*self.program, "pip", "install", "--quiet", "--python", str(python)]
        run([*command, *words], environ=clean_environ())


def find_installer(options: argparse.Namespace) -> Installer:
    """This Python's pip, else uv. Raises Stop."""
    sources = ["--index-url", options.index] if options.index else []
    if options.wheels:
        wheels = Path(options.wheels).expanduser().absolute()
        if not wheels.is_dir():
            raise Stop(f"there is no folder {wheels}", f"没有文件夹 {wheels}")
        sources = ["--no-index", "--find-links", str(wheels)]
    if importlib.util.find_spec("pip"):
        return Installer("pip", [sys.executable, "-m", "pip"], sources)
    uv = shutil.which("uv")
    if uv:
        return Installer("uv", [uv], sources)
    raise Stop(
        f"{sys.executable} has no pip, and there is no uv (Debian, Ubuntu: apt install python3-pip)",
        f"{sys.executable} 没有 pip，也没有 uv（Debian、Ubuntu：apt install python3-pip）",
    )


def set_up(source: Source, home: Path, options: argparse.Namespace) -> None:
    """Build the environment beside the one in use, prove it, and switch. Raises Stop."""
    final = home / "doctor"
    tidy(home)
    if final.exists() and not (final / "pyvenv.cfg").is_file():
        raise Stop(f"{final} is in the way, and tunedoc did not make it", f"{final} 已存在，且不是 tunedoc 创建的")
    wanted = hashlib.sha256(f"{source.content} {sys.version} {sys.base_prefix} {final}".encode()).hexdigest()
    if is_ready(final, wanted):
        say(f"tunedoc is set up in {final} already", f"tunedoc 已安装在 {final}")
        return
    begun = time.monotonic()
    installer = find_installer(options)
    say(f"making tunedoc's environment in {final} ...", f"正在创建 tunedoc 的运行环境：{final} ……")
    # A name of the same length, so that launchers, which hold the whole path, can be given the final one in place.
    name = next(name for name in (f"dr.{random.randrange(1000):03}" for _ in range(99)) if name not in str(home))
    building = home / name
    try:
        run([sys.executable, "-m", "venv", "--without-pip", str(building)], environ=clean_environ())
        python = python_of(building)
        words = ["--no-deps", "--require-hashes", "--only-binary=:all:", "-r", str(source.lock)]
        if source.package.is_file():
            own = building / "own.lock.txt"
            own.write_text(
                f"tunedoc @ {source.package.as_uri()} --hash=sha256:{source.package_hash}\n", encoding="utf-8"
            )
            installer.install(python, [*words, "-r", str(own), *installer.options])
        else:
            installer.install(python, [*words, *installer.options])
            tree = ["--no-deps", "--no-build-isolation", "--no-index", str(source.package)]
            # uv would take what it built of an earlier state of these files.
            installer.install(python, tree if installer.name == "pip" else [*tree, "--no-cache"])
        version = run([str(python), "-I", "-m", "doctor", "--version"], environ=clean_environ())
        rename_inside(building, name, "doctor")
        (building / STAMP).write_text(wanted, encoding="utf-8")
        switch(building, final)
    except Stop as stop:
        if stop.code == FAILED and not (final / STAMP).is_file():
            stop.english += "; nothing was installed"
            stop.chinese += "；未安装任何内容"
        raise
    finally:
        shutil.rmtree(building, ignore_errors=True)
        if final.exists():
            shutil.rmtree(home / RESCUED, ignore_errors=True)
    seconds = f"{time.monotonic() - begun:.0f}"
    say(f"{version.decode().strip()} is ready ({seconds} s)", f"{version.decode().strip()} 已就绪（{seconds} 秒）")


def is_ready(final: Path, wanted: str) -> bool:
    """Made of the same parts, and its Python still starts."""
    try:
        if (final / STAMP).read_text(encoding="utf-8") != wanted or not command_in(final).is_file():
            return False
        return subprocess.call([str(python_of(final)), "-I", "-c", "import doctor"]) == 0
    except OSError:
        return False


def tidy(home: Path) -> None:
    """What an interrupted set-up left: the environment in use comes back, unfinished ones go."""
    rescued, final = home / RESCUED, home / "doctor"
    if rescued.exists() and not final.exists():
        rescued.rename(final)
    for left in home.glob("dr.*"):
        if left == rescued or re.fullmatch(r"dr\.\d{3}", left.name):
            shutil.rmtree(left, ignore_errors=True)


def rename_inside(folder: Path, before: str, after: str) -> None:
    """Give launchers, activation scripts and pyvenv.cfg the folder's final name; all have it as text."""
    for file in [folder / "pyvenv.cfg", *python_of(folder).parent.iterdir()]:
        if file.is_file() and not file.is_symlink() and file.stat().st_size < 1 << 20:
            content = file.read_bytes()
            if before.encode() in content:
                file.write_bytes(content.replace(before.encode(), after.encode()))


def switch(building: Path, final: Path) -> None:
    """Put the new environment in the place of the old one, or leave the old one. Raises Stop."""
    rescued = final.with_name(RESCUED)
    try:
        if final.exists():
            shutil.rmtree(rescued, ignore_errors=True)
            patiently(final, rescued)
        patiently(building, final)
    except OSError as error:
        if rescued.exists() and not final.exists():
            patiently(rescued, final)
        raise Stop(
            f"{final} could not be replaced ({error}): close every tunedoc and run this again",
            f"无法替换 {final}（{error}）：请关闭所有 tunedoc 后重试",
            FAILED,
        ) from error


def patiently(path: Path, target: Path) -> None:
    """Rename; a virus scanner that still looks at a new file is given five seconds. Raises OSError."""
    for patience in range(25, -1, -1):
        try:
            path.rename(target)
            return
        except PermissionError:
            if not (WINDOWS and patience):
                raise
            time.sleep(0.2)


def python_of(folder: Path) -> Path:
    return folder / ("Scripts/python.exe" if WINDOWS else "bin/python")


def command_in(folder: Path) -> Path:
    return python_of(folder).with_name("tunedoc.exe" if WINDOWS else "tunedoc")


def fetch_python(home: Path, lock: Path, options: argparse.Namespace) -> Path:
    """The pinned uv, by pip, and with it a Python into tunedoc's own folder. Raises Stop."""
    installer = find_installer(options)
    place = home / "pythons"
    version = sys.version.split()[0]
    say(
        f"Python {version} is too old for tunedoc: fetching Python {FETCHED_PYTHON} (about 30 MB) into {place} ...",
        f"Python {version} 版本过低：正在下载 Python {FETCHED_PYTHON}（约 30 MB）到 {place} ……",
    )
    uv = Path(installer.program[0])
    work = home / "scratch" / "set-up-uv"
    try:
        if installer.name == "pip":
            shutil.rmtree(work, ignore_errors=True)
            work.mkdir(parents=True)
            pinned = re.search(r"^uv==.*?(?=^\S|\Z)", lock.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
            assert pinned is not None
            (work / "uv.lock.txt").write_text(pinned[0], encoding="utf-8")
            words = ["install", "--quiet", "--no-input", "--target", str(work / "uv"), "--no-deps", "--require-hashes"]
            lines = [*words, "--only-binary=:all:", "-r", str(work / "uv.lock.txt"), *installer.options]
            run([*installer.program, *lines], environ=clean_environ())
            uv = next(path for path in (work / "uv").rglob("uv.exe" if WINDOWS else "uv") if path.is_file())
            uv.chmod(0o755)
        environ = clean_environ()
        environ.update(UV_PYTHON_INSTALL_DIR=str(place), UV_PYTHON_INSTALL_BIN="0", UV_PYTHON_INSTALL_REGISTRY="0")
        run([str(uv), "python", "install", "--no-config", "--no-progress", FETCHED_PYTHON], environ=environ)
        find = [str(uv), "python", "find", "--no-config", "--managed-python", FETCHED_PYTHON]
        return Path(run(find, environ=environ).decode("utf-8").strip().splitlines()[-1])
    except Stop as stop:
        raise Stop(
            f"Python {FETCHED_PYTHON} could not be fetched; {how_to_get_python()[0]}",
            f"无法下载 Python {FETCHED_PYTHON}；{how_to_get_python()[1]}",
            FAILED,
        ) from stop
    finally:
        shutil.rmtree(work, ignore_errors=True)


def how_to_get_python() -> tuple[str, str]:
    """What to do by hand."""
    if WINDOWS:
        command = "winget install Python.Python.3.12"
        return (
            f"`{command}`, or use tunedoc-setup.exe, which brings its own",
            f"请运行 `{command}`，或使用自带 Python 的 tunedoc-setup.exe",
        )
    command = "apt install python3 python3-pip"
    return (f"Debian 12, Ubuntu 24.04 and newer: `{command}`", f"Debian 12、Ubuntu 24.04 及更新版本：`{command}`")


def continue_with(python: Path, words: list[str]) -> int:
    """Start again with the Python that was fetched."""
    return subprocess.call([str(python), str(Path(__file__).resolve().with_name("set_up.py")), *words])


def run(command: list[str], *, environ: dict[str, str]) -> bytes:
    """A step and what it printed, which is shown only when it fails. Raises Stop."""
    try:
        done = subprocess.run(command, env=environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    except OSError as error:
        print(f"{command[0]}: {error}", file=sys.stderr)
        raise Stop("a program could not be started", "无法启动程序", FAILED) from error
    if done.returncode != 0:
        sys.stderr.write(done.stdout.decode("utf-8", "replace"))
        raise Stop(
            "a step failed, and the lines above say why. Without a network or behind a company's: --wheels FOLDER, "
            "--index URL, pip's own configuration, or on Windows tunedoc-setup.exe",
            "有一步失败，原因见上。无网络或在公司网络内时，可使用 --wheels 文件夹、--index 镜像地址、pip 自身的配置，"
            "或在 Windows 上使用 tunedoc-setup.exe",
            FAILED,
        )
    return done.stdout


def clean_environ() -> dict[str, str]:
    """Ours without what would send packages elsewhere or make Python another one."""
    left_out = {
        "PYTHONDONTWRITEBYTECODE",
        "PYTHONHOME",
        "PYTHONPATH",
        "VIRTUAL_ENV",
        "PIP_TARGET",
        "PIP_PREFIX",
        "PIP_ROOT",
    }
    environ = {name: value for name, value in os.environ.items() if name.upper() not in left_out}
    environ.update(PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_USER="0")
    if "PIP_CERT" in environ:
        # uv reads SSL_CERT_FILE where pip reads PIP_CERT.
        environ.setdefault("SSL_CERT_FILE", environ["PIP_CERT"])
    return environ
