"""The Windows lab: Windows' own CPython and uv.exe under Wine, built from Debian's and the package index's packages.

python tests/windows/lab.py up                 build it; again: seconds
python tests/windows/lab.py py -m doctor check run the lab's Windows Python
python tests/windows/lab.py run PROGRAM ...    run any Windows program
python tests/windows/lab.py clone FOLDER       copy it; use the copy with TUNEDOC_WINDOWS_PREFIX=FOLDER
python tests/windows/lab.py down               end what runs in it

It lies in `.tunedoc/winlab` of the checkout, or where TUNEDOC_WINDOWS_LAB says, and is kept between runs.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from tests.windows.building import NoLab, Places, build, copy_prefix, end_programs, need_programs, say, windows_path

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

__all__ = ["Lab", "NoLab", "lab_folder", "need_programs", "screen", "windows_path"]

ROOT = Path(__file__).resolve().parent.parent.parent
_PASSED_ON = (
    "PATH", "USER", "LOGNAME", "TZ", "CI", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy",
    "no_proxy", "XDG_RUNTIME_DIR", "PIP_INDEX_URL", "UV_DEFAULT_INDEX",
)  # fmt: skip
_CERTIFICATES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE")
_SESSION_SECONDS = 120
"""How long Wine waits for the next program: one that finds it there starts in a tenth of the time."""


@contextlib.contextmanager
def screen() -> Iterator[dict[str, str]]:
    """The variables of a screen that nobody sees, while it is there: without one Windows has no console. It counts for
    a session that begins with them."""
    ours, theirs = os.pipe()
    silent: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
    server = subprocess.Popen(["Xvfb", "-displayfd", str(theirs)], pass_fds=(theirs,), **silent)
    os.close(theirs)
    try:
        with os.fdopen(ours, encoding="ascii") as told:
            number = told.readline().strip()
        yield {"DISPLAY": f":{number}"} if number else {}
    finally:
        server.terminate()
        server.wait()


def lab_folder() -> Path:
    """Where the lab of this checkout lies."""
    return Path(os.environ.get("TUNEDOC_WINDOWS_LAB") or ROOT / ".tunedoc" / "winlab")


class Lab:
    """A Windows to run programs in."""

    python = r"C:\Python312\python.exe"
    uv = r"C:\uv\uv.exe"

    def __init__(self, folder: Path | None = None, *, prefix: Path | None = None) -> None:
        self.places = Places((folder or lab_folder()).absolute())
        self.prefix = (prefix or self.places.prefix).absolute()

    @property
    def drive_c(self) -> Path:
        return self.prefix / "drive_c"

    def up(self) -> None:
        """Build what is missing. Raises NoLab, with the reason, where that cannot be done."""
        from filelock import FileLock

        self.places.folder.mkdir(parents=True, exist_ok=True)
        with FileLock(self.places.folder / "lab.lock"):
            build(self.places, self.environ())

    def down(self) -> None:
        """End everything that runs in it."""
        end_programs(self.prefix, self.environ())

    def clone(self, folder: Path, *, without: tuple[str, ...] = ()) -> Lab:
        """A copy whose registry and files are its own, with everything but these folders of drive C."""
        self.down()
        end_programs(folder, self.environ())
        copy_prefix(self.prefix, folder, without=without)
        return Lab(self.places.folder, prefix=folder)

    def fresh(self, folder: Path) -> Lab:
        """A new Windows without Python, as a user's before the setup program."""
        copy_prefix(self.places.bare, folder)
        return Lab(self.places.folder, prefix=folder)

    def environ(self, **extra: str) -> dict[str, str]:
        """The variables for a Windows program: little of this machine's, and what Wine needs."""
        environ = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
        for name in _CERTIFICATES:
            value = os.environ.get(name, "")
            if value.startswith("/"):
                environ[name] = windows_path(Path(value))
        return {
            **environ,
            "WINEPREFIX": str(self.prefix),
            "WINEARCH": "win64",
            "WINEDEBUG": "-all",
            # No questions about Mono and Gecko, no entries in this machine's menus.
            "WINEDLLOVERRIDES": "mscoree,mshtml=;winemenubuilder.exe=d",
            "HOME": str(self.places.user_folder),
            # Otherwise whatever is not ASCII becomes a question mark. It also makes Windows' code pages 1252 and 437.
            "LC_ALL": "C.UTF-8",
            "OMP_NUM_THREADS": "1",
            "KMP_AFFINITY": "disabled",
            **extra,
        }

    def run(
        self,
        argv: Sequence[str],
        *,
        environ: Mapping[str, str] = {},
        timeout_seconds: float = 600,
        command_line: str | None = None,
        cwd: Path = ROOT,
    ) -> subprocess.CompletedProcess[str]:
        """Run a Windows program to its end. `command_line` follows argv as it is, not quoted (NSIS's /D=)."""
        process = self.start(argv, environ=environ, command_line=command_line, cwd=cwd)
        try:
            output, errors = process.communicate(timeout=timeout_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            # What it started may hold the pipes; a hung test must not hang the run.
            try:
                process.communicate(timeout=5)
            except subprocess.TimeoutExpired:
                for pipe in (process.stdout, process.stderr):
                    if pipe is not None:
                        pipe.close()
            raise
        return subprocess.CompletedProcess(process.args, process.returncode, output, errors)

    def start(
        self,
        argv: Sequence[str],
        *,
        environ: Mapping[str, str] = {},
        command_line: str | None = None,
        cwd: Path = ROOT,
        **options: Any,
    ) -> subprocess.Popen[str]:
        """Start a Windows program with pipes; under Wine 8 Python cannot write to a file or terminal."""
        variables = self.environ(**environ)
        self._begin_session(variables)
        raw: list[str] = []
        if command_line is not None:
            # Wine joins words with spaces and puts quotes round those that have spaces: so none has.
            raw = command_line.split(" ")
            if "" in raw or '"' in command_line or "\t" in command_line:
                raise ValueError(f"cannot be handed over as it is: {command_line}")
        settings: dict[str, Any] = {
            "stdin": subprocess.DEVNULL,
            "stdout": subprocess.PIPE,
            "stderr": subprocess.PIPE,
            "encoding": "utf-8",
            "errors": "replace",
            "env": variables,
            "cwd": cwd,
        }
        return subprocess.Popen(["wine", *argv, *raw], **(settings | options))

    def _begin_session(self, variables: Mapping[str, str]) -> None:
        """Whatever begins a session has its pipes held open by Wine's services until they end: so this begins it."""
        silent: dict[str, Any] = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.DEVNULL)
        server = subprocess.run(["wineserver", f"-p{_SESSION_SECONDS}"], env=dict(variables), **silent)
        if server.returncode == 0:
            subprocess.run(["wine", "wineboot"], env=dict(variables), **silent)


def main(arguments: list[str]) -> int:
    verb, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    chosen = os.environ.get("TUNEDOC_WINDOWS_PREFIX")
    lab = Lab(prefix=Path(chosen) if chosen else None)
    try:
        match verb:
            case "up":
                lab.up()
            case "py":
                return _pass_through(lab, [lab.python, *rest])
            case "run" if rest:
                return _pass_through(lab, rest)
            case "clone" if len(rest) == 1:
                lab.clone(Path(rest[0]))
            case "down":
                lab.down()
            case _:
                print(__doc__, file=sys.stderr)
                return 2
    except NoLab as exc:
        say(str(exc))
        return 3
    return 0


def _pass_through(lab: Lab, argv: list[str]) -> int:
    """Run with our streams, by way of pipes; our own TUNEDOC_ and PYTHON variables count."""
    ours = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("TUNEDOC_", "PYTHON", "UV_", "DISPLAY"))
        and name not in ("PYTHONDONTWRITEBYTECODE", "UV_CACHE_DIR")
    }
    process = lab.start(argv, environ=ours, cwd=Path.cwd(), encoding=None, errors=None)

    def copy(source: IO[bytes], target: IO[bytes]) -> None:
        while block := os.read(source.fileno(), 1 << 16):
            target.write(block)
            target.flush()

    pairs = ((process.stdout, sys.stdout.buffer), (process.stderr, sys.stderr.buffer))
    threads = [threading.Thread(target=copy, args=pair, daemon=True) for pair in pairs]
    for thread in threads:
        thread.start()
    code = process.wait()
    for thread in threads:
        thread.join(timeout=10)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
