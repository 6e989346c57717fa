"""tunedoc's own wheel: built from a source tree, else put together again from the files that are installed."""

from __future__ import annotations

import base64
import hashlib
import zipfile
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from doctor.errors import StepFailed
from doctor.version import __version__
from doctor.words.text import text
from trainer.file_moves import remove_tree, replace_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.uv.program import Uv

WHEEL = f"tunedoc-{__version__}-py3-none-any.whl"
_NOT_CARRIED = ("INSTALLER", "REQUESTED", "RECORD", "direct_url.json", "uv_cache.json", "uv_build.json")
"""What an installer writes beside a package."""


def source_tree() -> Path | None:
    """The checkout that tunedoc runs from; None when it was installed from a wheel."""
    root = Path(__file__).parents[2]
    return root if (root / "pyproject.toml").is_file() and (root / "installers" / "doctor.lock.txt").is_file() else None


def own_requirements() -> tuple[str, ...]:
    """What tunedoc itself needs, as its metadata says; the extras are the training environment's. Raises StepFailed."""
    try:
        told = distribution("tunedoc").requires or []
    except PackageNotFoundError as exc:
        raise StepFailed(text("bundle.no_metadata"), hint=text("bundle.no_metadata_hint")) from exc
    return tuple(line for line in told if "extra ==" not in line)


def make_own_wheel(uv: Uv, folder: Path, scratch: Path) -> Path:
    """Put the wheel into `folder`; one of other content under its name is replaced. Raises StepFailed, NoNetwork."""
    root = source_tree()
    remove_tree(scratch)
    scratch.mkdir(parents=True)
    try:
        if root is not None:
            arguments = ["build", "--wheel", "--quiet", "--no-config", "--python", str(uv.host.python)]
            uv.run([*arguments, "--out-dir", str(scratch), *uv.sources.options, str(root)], cwd=scratch)
        else:
            (scratch / WHEEL).write_bytes(b"")
            pack_installed(scratch / WHEEL)
        built = next(scratch.glob("tunedoc-*.whl"))
        folder.mkdir(parents=True, exist_ok=True)
        replace_file(built, folder / built.name)
        return folder / built.name
    finally:
        remove_tree(scratch)


def pack_installed(wheel: Path) -> None:
    """Write the wheel that the installed tunedoc came from, by its RECORD. Raises StepFailed."""
    found = distribution("tunedoc")
    content: dict[str, bytes] = {}
    for entry in found.files or ():
        name = PurePosixPath(entry.as_posix())
        outside = name.is_absolute() or ".." in name.parts
        if outside or name.suffix == ".pyc" or (name.parent.suffix == ".dist-info" and name.name in _NOT_CARRIED):
            continue
        content[str(name)] = Path(str(entry.locate())).read_bytes()
    information = f"tunedoc-{found.version}.dist-info"
    if f"{information}/METADATA" not in content or "doctor/version.py" not in content:
        raise StepFailed(text("bundle.no_metadata"), hint=text("bundle.no_metadata_hint"))
    content[f"{information}/RECORD"] = _record(content, information)
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, words in content.items():
            archive.writestr(zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0)), words, zipfile.ZIP_DEFLATED)


def _record(content: Mapping[str, bytes], information: str) -> bytes:
    lines = [
        f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(words).digest()).rstrip(b'=').decode()},{len(words)}"
        for path, words in content.items()
    ]
    return "".join(f"{line}\n" for line in [*lines, f"{information}/RECORD,,"]).encode()
