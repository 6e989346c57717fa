"""The archive of scripts as users unpack it, with a tiny tunedoc and a lock of one package."""

from __future__ import annotations

import hashlib
import zipfile
from pathlib import Path

from installers.script_archive import script_archive
from tests.package_source import wheel

INSTALLERS = Path(__file__).resolve().parents[2] / "installers"

_MAIN = """import os, sys
def main():
    import tinydep
    sys.stdout.reconfigure(encoding="utf-8")
    if sys.argv[1:2] == ["--version"]:
        print("tunedoc {version}")
    else:
        print("looked at", os.environ.get("TUNEDOC_HOME"), *sys.argv[1:])
        sys.exit(1 if "fail" in sys.argv else 0)
if __name__ == "__main__":
    main()
"""
_COMMAND = "[console_scripts]\ntunedoc = doctor.__main__:main\n"


def make_release(folder: Path, wheels: Path, *, version: str = "9.1") -> Path:
    """The folder. `wheels` gets the package that the lock names, for `--wheels`."""
    wheels.mkdir(parents=True, exist_ok=True)
    main = {"doctor/__init__.py": "", "doctor/__main__.py": _MAIN.format(version=version)}
    name, content = wheel("tunedoc", version, {**main, f"tunedoc-{version}.dist-info/entry_points.txt": _COMMAND})
    (wheels / name).write_bytes(content)
    archive = script_archive(wheels, wheels / name, version=version, epoch=0)
    with zipfile.ZipFile(archive) as packed:
        packed.extractall(folder.parent)
    (folder.parent / archive.stem.removesuffix("-scripts")).rename(folder)
    name, content = wheel("tinydep", "1.0", {"tinydep/__init__.py": ""})
    (wheels / name).write_bytes(content)
    (folder / "doctor.lock.txt").unlink()
    lock_package(folder, "tinydep==1.0", content)
    write_sums(folder)
    return folder


def lock_package(folder: Path, pinned: str, content: bytes) -> None:
    """One more line of the lock."""
    with (folder / "doctor.lock.txt").open("a", encoding="utf-8", newline="\n") as stream:
        stream.write(f"{pinned} \\\n    --hash=sha256:{hashlib.sha256(content).hexdigest()}\n")


def write_sums(folder: Path) -> None:
    """SHA256SUMS of all the other files."""
    (folder / "SHA256SUMS").unlink(missing_ok=True)
    lines = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in sorted(folder.iterdir())]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8", newline="\n")
