"""Make a release with one command: `python installers/release.py [--out dist] [--url URL] [--sign COMMAND]`

Wheel, source archive, tunedoc-setup.exe, the scripts as an archive, a list of what is in it (SBOM), winget's manifest,
and SHA256SUMS over the files. The version is doctor/version.py's. What is uncommitted is refused unless `--allow-dirty`
says otherwise.
"""

from __future__ import annotations

import argparse
import datetime
import hashlib
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from installers.sbom import sbom
from installers.script_archive import script_archive
from installers.windows.build import COMPRESSIONS, CannotBuild, build, own_version, source_epoch
from installers.windows.gathering import PYTHON_LOCK, ROOT, build_package, make_own_wheel, read_lock
from installers.windows.winget import IDENTIFIER, manifests

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SUMS = "SHA256SUMS"


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(description="make a release of tunedoc")
    parser.add_argument(
        "--out", type=Path, default=ROOT / "dist", metavar="FOLDER", help="new or empty, or an earlier release"
    )
    parser.add_argument(
        "--url", default="", metavar="URL", help="where the files will lie; without it no winget manifest is made"
    )
    parser.add_argument(
        "--sign",
        default="",
        metavar="'COMMAND {file}'",
        help="signs the launchers, the uninstaller and the setup program",
    )
    parser.add_argument("--python", type=Path, metavar="ZIP", help="another whole CPython for Windows to embed")
    parser.add_argument("--compress", choices=COMPRESSIONS, default="small", help=argparse.SUPPRESS)
    parser.add_argument("--allow-dirty", action="store_true", help="release what is not committed")
    given = parser.parse_args(argv)
    changed = uncommitted()
    if changed and not given.allow_dirty:
        print(f"error: not committed ({len(changed)}): {', '.join(changed[:5])}", file=sys.stderr)
        return 2
    if given.url and not given.url.startswith("https://"):
        print("error: --url must begin with https://", file=sys.stderr)
        return 2
    try:
        files = release(given.out, url=given.url, sign=given.sign, python=given.python, compress=given.compress)
    except (CannotBuild, ValueError, OSError) as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 2
    except subprocess.CalledProcessError as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 3
    for file in files:
        print(f"{file.stat().st_size:>11,}  {file.relative_to(given.out.resolve())}")
    return 0


def release(out: Path, *, url: str, sign: str, python: Path | None, compress: str = "small") -> list[Path]:
    """The files that were made. Raises CannotBuild, ValueError, OSError, CalledProcessError."""
    version, epoch, out = own_version(), source_epoch(), out.resolve()
    _clear(out)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="tunedoc-release-") as scratch:
        own = make_own_wheel(Path(scratch) / "out", Path(scratch), version, epoch)
        shutil.copyfile(own.file, out / own.file.name)
    own = replace(own, file=out / own.file.name)
    build_package("sdist", ROOT, out, epoch)
    built = build(out, version=version, python=python, compress=compress, sign=sign, own=own)
    script_archive(out, own.file, version=version, epoch=epoch)
    setup_sha256 = digest(built.file)
    pinned = read_lock(PYTHON_LOCK.read_text(encoding="utf-8"))[0]
    source = f"{python.name}" if python else f"{pinned.name} {pinned.version} (sha256 {min(pinned.hashes)})"
    (out / f"tunedoc-{version}.cdx.json").write_text(
        sbom(built, epoch=epoch, source=source, setup_sha256=setup_sha256), encoding="utf-8", newline="\n"
    )
    if url:
        folder = out / "winget" / IDENTIFIER.replace(".", "/") / version
        folder.mkdir(parents=True)
        date = datetime.datetime.fromtimestamp(epoch, datetime.UTC).date().isoformat()
        made = manifests(version, url=f"{url.rstrip('/')}/{built.file.name}", sha256=setup_sha256, date=date)
        for name, words in made.items():
            (folder / name).write_text(words, encoding="utf-8", newline="\n")
    files = sorted(file for file in out.iterdir() if file.is_file() and file.name != ".gitignore")
    (out / SUMS).write_text(sums(files), encoding="ascii", newline="\n")
    return [*files, out / SUMS, *sorted((out / "winget").rglob("*.yaml"))]


def sums(files: Iterable[Path]) -> str:
    """As `sha256sum --check` reads it."""
    return "".join(f"{digest(file)} *{file.name}\n" for file in files)


def digest(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def uncommitted() -> list[str]:
    """Paths that git knows to differ from the last commit, and new ones. Without git everything may be anything."""
    ran = subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, encoding="utf-8")
    if ran.returncode:
        return ["this is not a git checkout"]
    return [line[3:] for line in ran.stdout.splitlines()]


def _clear(out: Path) -> None:
    """Take an earlier release away; a folder with other things in it is refused. Raises ValueError."""
    if not out.exists():
        return
    ours = ("tunedoc-", SUMS, ".gitignore")
    strangers = [
        path.name
        for path in out.iterdir()
        if path.name != "winget" and (path.is_dir() or not path.name.startswith(ours))
    ]
    if strangers:
        raise ValueError(f"{out} has other things in it: {', '.join(sorted(strangers)[:5])}")
    for path in out.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
