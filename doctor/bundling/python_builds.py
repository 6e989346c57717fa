"""The Python build that goes into a bundle: uv knows which, fetches it and finds its hash right."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import unquote

from doctor.bundling.model import PYTHON
from doctor.errors import StepFailed
from doctor.mirrors.places import variables
from doctor.mirrors.survey import python_build, survey
from doctor.quick_dataclass import dataclass
from doctor.uv.program import Uv
from doctor.words.text import text
from trainer.file_moves import remove_tree, replace_file

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.bundling.targets import Target
    from doctor.catalogue.model import Catalogue
    from doctor.host.base import Host
    from doctor.mirrors.places import Place
    from doctor.paths import Home


@dataclass(frozen=True, kw_only=True)
class PythonBuild:
    """A build and where to get it."""

    version: str
    """Exact."""
    path: str
    """Inside the bundle, as uv's mirrors lay it out: `python/<release>/<archive>`."""
    key: str
    """uv's name for it, which is also that of its folder among uv's own Pythons."""
    place: Place


def find_python(
    host: Host, home: Home, catalogue: Catalogue, target: Target, uv: Uv, wish: str = "auto"
) -> PythonBuild | None:
    """The build for a target, if some place that has it can be reached. uv's own settings for a mirror come first."""
    mirrored = uv.sources.variables.get("UV_PYTHON_INSTALL_MIRROR", "")
    url, version = python_build(host, target.python, target.system, uv.sources.variables)
    _, found, inside = url.partition("/python-build-standalone/releases/download/")
    if not found:
        return None
    own = f"python={mirrored}" if mirrored and wish == "auto" else wish
    asked = survey(
        host, home, catalogue, own, options=uv.sources.options, variables=uv.sources.variables, kinds=("python",),
        python=target.python, system=target.system, everything=True,
    )  # fmt: skip
    reachable = {one.place for one in asked.measured if one.reachable}
    place = next((place for place in asked.of("python") if place in reachable), None)
    if place is None:
        return None
    key = f"cpython-{version}-{target.system}-x86_64-{'gnu' if target.system == 'linux' else 'none'}"
    return PythonBuild(version=version, path=f"{PYTHON}/{unquote(inside)}", key=key, place=place)


def fetch_python(host: Host, home: Home, build: PythonBuild, uv: Uv, file: Path) -> None:
    """Bring the archive of a build under its name. Raises NoNetwork, NoSpace, StepFailed."""
    # uv unpacks a build of another system too, and leaves the archive, whose hash it knows, where it is told to.
    scratch = home.scratch / f"unpack-python-{os.getpid()}"
    remove_tree(scratch)
    scratch.mkdir(parents=True)
    try:
        told = {name: value for name, value in uv.sources.environ if name != "UV_PYTHON_INSTALL_MIRROR"}
        told |= {"UV_PYTHON_CACHE_DIR": str(scratch / "cache"), **variables([build.place])}
        mirrored = Uv(host, replace(uv.sources, environ=tuple(told.items())))
        arguments = ["python", "install", build.key, "--install-dir", str(scratch / "unpacked"), "--no-bin"]
        mirrored.run([*arguments, "--no-registry", "--no-config"], cwd=scratch)
        archives = list((scratch / "cache").glob("*.tar.gz"))
        if len(archives) != 1:
            raise StepFailed(text("bundle.no_archive", version=build.version))
        file.parent.mkdir(parents=True, exist_ok=True)
        partial = file.with_name(f"{file.name}.partial")
        shutil.copyfile(archives[0], partial)
        replace_file(partial, file)
    finally:
        remove_tree(scratch)
