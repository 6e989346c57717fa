"""The scripts that set tunedoc up, its wheel and all their hashes as one zip archive, a release's other way in.

The same input gives the same bytes.
"""

from __future__ import annotations

import hashlib
import time
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
PROGRAMS = ("set_up.py", "own_environment.py", "known_command.py", "telling.py")
SCRIPTS = ("install.ps1", "install.cmd", "install.sh", "python.cmd")
LOCK = "doctor.lock.txt"


def script_archive(out: Path, wheel: Path, *, version: str, epoch: int) -> Path:
    """Write `tunedoc-<version>-scripts.zip` into `out`. Raises OSError."""
    content = {name: _as_windows_reads(name) for name in (*SCRIPTS, *PROGRAMS, LOCK)}
    content["LICENSE"] = (HERE.parent / "LICENSE").read_bytes()
    content[wheel.name] = wheel.read_bytes()
    sums = "".join(f"{hashlib.sha256(content[name]).hexdigest()}  {name}\n" for name in sorted(content))
    content["SHA256SUMS"] = sums.encode("ascii")
    archive = out / f"tunedoc-{version}-scripts.zip"
    moment = time.gmtime(max(epoch, 315532800))[:6]  # the first that a zip archive can tell: 1980
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in sorted(content):
            entry = zipfile.ZipInfo(f"tunedoc-{version}/{name}", moment)
            entry.external_attr = (0o100755 if name.endswith(".sh") else 0o100644) << 16
            packed.writestr(entry, content[name], zipfile.ZIP_DEFLATED)
    return archive


def _as_windows_reads(name: str) -> bytes:
    """Line ends as .gitattributes wants them, whatever this checkout has."""
    content = (HERE / name).read_bytes().replace(b"\r\n", b"\n")
    return content.replace(b"\n", b"\r\n") if name.endswith((".cmd", ".ps1")) else content
