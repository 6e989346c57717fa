"""Set tunedoc up for this user: its own environment, a command, a first look. Standard library only.

install.ps1, install.cmd and install.sh find a Python, check the programs beside them and start this. It lies beside
doctor.lock.txt, either in a source tree or in a release folder together with tunedoc's wheel and SHA256SUMS; what it
uses of a release is checked by hash first, and what it downloads is checked by the lock. A Python older than 3.11 is
good enough to fetch a newer one.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from known_command import OPTION, is_known, make_known, publish
from own_environment import Source, clean_environ, continue_with, fetch_python, set_up
from telling import FAILED, WINDOWS, Stop, ask, say

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).resolve().parent
OLDEST = (3, 11)
INTERRUPTED = 130
PARTS = ("set_up.py", "own_environment.py", "known_command.py", "telling.py", "doctor.lock.txt")
"""What a release must have beside tunedoc's wheel and SHA256SUMS."""


def main(words: list[str]) -> int:
    """Exit code: 0; 2 for files that are not what they should be; 3 when a step failed."""
    for stream in (sys.stdout, sys.stderr):
        if not isinstance(stream, io.TextIOWrapper):
            continue
        if stream.isatty():
            stream.reconfigure(errors="replace")
        else:
            # A program that reads this expects UTF-8, whatever Windows' code page is.
            stream.reconfigure(encoding="utf-8", errors="replace")
    options = read_options(words)
    try:
        home = find_home(options.home)
        source = find_source(options.sums)
        if sys.version_info < OLDEST:
            with alone(home):
                newer = fetch_python(home, source.lock, options)
            return continue_with(newer, words)
        with alone(home):
            set_up(source, home, options)
        return finish(home, options)
    except Stop as stop:
        print(f"error: {stop.english}\n错误：{stop.chinese}", file=sys.stderr)
        return stop.code
    except KeyboardInterrupt:
        return INTERRUPTED
    except OSError as error:
        print(f"error: {error}\n错误：{error}", file=sys.stderr)
        return FAILED


def read_options(words: list[str]) -> argparse.Namespace:
    """Every option has a variable: TUNEDOC_ and its name in capitals."""
    given = os.environ
    parser = argparse.ArgumentParser(
        prog="install", description="Set tunedoc up for this user. 为当前用户安装 tunedoc。"
    )
    say_home = "tunedoc's folder; everything that it makes lies in it (TUNEDOC_HOME)"
    parser.add_argument("--home", default=given.get("TUNEDOC_HOME"), metavar="DIR", help=say_home)
    say_index = "package index instead of pip's own (TUNEDOC_INDEX)"
    parser.add_argument("--index", default=given.get("TUNEDOC_INDEX"), metavar="URL", help=say_index)
    say_wheels = "take packages from this folder and from no network (TUNEDOC_WHEELS)"
    parser.add_argument("--wheels", default=given.get("TUNEDOC_WHEELS"), metavar="DIR", help=say_wheels)
    say_sums = "SHA-256 that the file SHA256SUMS must have, as told by whoever gave it to you (TUNEDOC_SUMS)"
    parser.add_argument("--sums", default=given.get("TUNEDOC_SUMS"), metavar="HEX", help=say_sums)
    for name, what in (("path", "make the command `tunedoc` known to new terminals"), ("check", "end with a check")):
        choice = {"1": True, "0": False}.get(given.get(f"TUNEDOC_{name.upper()}", ""))
        say = f"{what}; asked in a terminal if neither is given (TUNEDOC_{name.upper()}=1 or 0)"
        parser.add_argument(f"--{name}", action="store_true", default=choice, help=say)
        parser.add_argument(f"--no-{name}", dest=name, action="store_false", default=choice, help="do not")
    return parser.parse_args(words)


def find_home(chosen: str | None) -> Path:
    """The same place that tunedoc finds for itself."""
    if chosen:
        return Path(os.path.abspath(os.path.expanduser(chosen)))  # noqa: PTH100, PTH111 - drives are not resolved
    user = Path.home()
    if WINDOWS:
        base = os.environ.get("LOCALAPPDATA")
        return (Path(base) if base else user / "AppData" / "Local") / "tunedoc"
    if sys.platform == "darwin":
        return user / "Library" / "Application Support" / "tunedoc"
    data = os.environ.get("XDG_DATA_HOME")
    return (Path(data) if data else user / ".local" / "share") / "tunedoc"


def find_source(sums_hash: str | None) -> Source:
    """What lies beside this file, checked. Raises Stop."""
    sums, lock, tree = HERE / "SHA256SUMS", HERE / "doctor.lock.txt", HERE.parent
    if sums.is_file():
        wheel = check_release(sums, sums_hash)
        return Source(wheel, lock, digest([wheel, lock]), digest([wheel]))
    if sums_hash:
        raise Stop(f"there is no {sums} to check", f"没有可校验的 {sums}")
    if lock.is_file() and (tree / "pyproject.toml").is_file() and (tree / "doctor" / "version.py").is_file():
        parts = [path for part in ("doctor", "trainer") for path in (tree / part).rglob("*") if path.suffix != ".pyc"]
        files = sorted(path for path in parts if path.is_file())
        return Source(tree, lock, digest([*files, tree / "wheels.toml", tree / "pyproject.toml", lock]))
    raise Stop(
        f"{HERE} is neither a release (no SHA256SUMS) nor a source tree: unpack the whole archive and start again",
        f"{HERE} 既不是发布文件夹（没有 SHA256SUMS），也不是源代码目录：请完整解压后重试",
    )


def check_release(sums: Path, sums_hash: str | None) -> Path:
    """Check every file of SHA256SUMS that is here, and return the wheel. Raises Stop."""
    if sums_hash and sums_hash.strip().lower() != digest([sums]):
        raise Stop(
            f"{sums} is not the file with SHA-256 {sums_hash}: fetch the release again",
            f"{sums} 的 SHA-256 不是 {sums_hash}：请重新下载发布文件",
        )
    wanted: dict[str, str] = {}
    for number, line in enumerate(sums.read_bytes().decode("utf-8", "replace").splitlines(), 1):
        found = re.fullmatch(r"([0-9a-f]{64}) [ *]([^\\/:]+)", line)
        if not found or found[2] in wanted:
            raise Stop(f"{sums}, line {number} is damaged", f"{sums} 第 {number} 行已损坏")
        wanted[found[2]] = found[1]
    wheels = [name for name in wanted if re.fullmatch(r"tunedoc-[^-]+-py3-none-any\.whl", name)]
    for name in (*PARTS, *(wheels or ["tunedoc-*-py3-none-any.whl"])):
        if name not in wanted or not (HERE / name).is_file():
            raise Stop(f"the release is incomplete: {name} is missing", f"发布文件不完整：缺少 {name}")
    for name, expected in wanted.items():
        if (HERE / name).is_file() and digest([HERE / name]) != expected:
            raise Stop(
                f"{HERE / name} is not what SHA256SUMS says: nothing was installed; fetch the release again",
                f"{HERE / name} 与 SHA256SUMS 不符：未安装任何内容，请重新下载发布文件",
            )
    if len(wheels) != 1:
        raise Stop("the release has more than one wheel of tunedoc", "发布文件中有多个 tunedoc 的 wheel 文件")
    return HERE / wheels[0]


def digest(files: list[Path]) -> str:
    """SHA-256 of one file, or of the names and contents of several."""
    whole = hashlib.sha256()
    for file in files:
        if len(files) > 1:
            whole.update(file.name.encode() + b"\0")
        with file.open("rb") as stream:
            while block := stream.read(1 << 20):
                whole.update(block)
    return whole.hexdigest()


@contextlib.contextmanager
def alone(home: Path) -> Iterator[None]:
    """One set-up at a time in a folder; the lock ends with the process. Raises Stop."""
    (home / "scratch").mkdir(parents=True, exist_ok=True)
    with (home / "scratch" / "set-up.lock").open("a+b") as stream:
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(stream.fileno(), msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Stop("tunedoc is being set up already", "已有一个安装正在进行", FAILED) from None
        yield


def finish(home: Path, options: argparse.Namespace) -> int:
    """Make the command known and look at the machine, if that is wished; print the command's path. Raises Stop."""
    command = publish(home)
    interactive = all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))
    if options.path is None and interactive and not is_known(command):
        options.path = ask(
            "make the command `tunedoc` known to new terminals?", "让新终端可以直接使用 `tunedoc` 命令？"
        )
    if options.path:
        make_known(command)
    elif not is_known(command):
        say(
            f"to have it as `tunedoc` everywhere, run this again with {OPTION}",
            f"如需随处使用 `tunedoc`，请加 {OPTION} 重新运行",
        )
    if options.home and "TUNEDOC_HOME" not in os.environ:
        say(
            f"tell tunedoc of its folder: set the variable TUNEDOC_HOME to {home} for yourself",
            f"请将用户变量 TUNEDOC_HOME 设为 {home}，tunedoc 才能找到它的文件夹",
        )
    if options.check is None and interactive:
        options.check = ask("look at this machine now (`tunedoc check`)?", "现在检查这台电脑吗（`tunedoc check`）？")
    print(command, flush=True)
    if options.check:
        return subprocess.call([str(command), "check"], env={**clean_environ(), "TUNEDOC_HOME": str(home)})
    say(f"next: `{command} check`", f"下一步：`{command} check`")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
