"""Unpack one pinned and hashed package into a folder of its own, outside every environment."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from doctor.uv.program import Uv
from trainer.file_moves import move_folder, remove_tree

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from doctor.host.base import Host
    from doctor.paths import Home


def unpack_package(
    host: Host,
    home: Home,
    *,
    name: str,
    version: str,
    sha256: str,
    target: Path,
    python: Path,
    on_line: Callable[[str], None] | None = None,
    uv: Uv | None = None,
) -> None:
    """Put what is in a package into `target`, from the sources of `uv`, else those of this machine's pip.

    Its hash is checked and its dependencies are left out. The folder gets its name only when it is complete; one that
    is there already is replaced. `python` is an interpreter that the package is for. Raises NoNetwork, NoSpace,
    StepFailed.
    """
    uv = uv or Uv(host)
    work = home.scratch / f"unpack-{name}-{os.getpid()}"
    remove_tree(work)
    work.mkdir(parents=True)
    try:
        # The hash goes into a requirements file: uv takes none on its command line.
        (work / "requirements.txt").write_text(f"{name}=={version} --hash=sha256:{sha256}\n", encoding="utf-8")
        arguments = ["pip", "install", "--requirements", "requirements.txt", "--target", str(work / "content")]
        arguments += ["--python", str(python), "--no-deps", "--require-hashes", "--no-build", *uv.sources.options]
        uv.run(arguments, cwd=work, on_line=on_line)
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists():
            # Renamed first: on Windows a file in use can be renamed but not deleted.
            move_folder(target, work / "old")
        move_folder(work / "content", target)
    finally:
        remove_tree(work)
