"""The Python build of a bundle: found and fetched by the real uv from a mirror on this computer."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from typing import TYPE_CHECKING, Any, cast

import pytest

from doctor.bundling.python_builds import PythonBuild, fetch_python, find_python
from doctor.catalogue.load import load_catalogue
from doctor.errors import StepFailed
from doctor.host.real import RealHost
from doctor.quick_dataclass import dataclass
from doctor.uv.options import Sources
from doctor.uv.program import Uv
from tests.mirror_server import Mirror
from tests.package_source import clean_environ

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from doctor.paths import Home

ARCHIVE = "cpython-3.12.16+20261110-x86_64-pc-windows-msvc-install_only_stripped.tar.gz"
CATALOGUE = load_catalogue()


def make_archive() -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        for name in ("python/python.exe", "python/Lib/os.py"):
            tar.addfile(tarfile.TarInfo(name), io.BytesIO())
    return buffer.getvalue()


CONTENT = make_archive()


@dataclass(frozen=True, kw_only=True)
class For:
    """What of a target a Python build depends on."""

    system: str
    python: str


TARGET = cast("Any", For(system="windows", python="3.12"))


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    with Mirror({f"/20261110/{ARCHIVE}": CONTENT}) as opened:
        yield opened


@pytest.fixture
def uv(tmp_path: Path, mirror: Mirror) -> Uv:
    """uv that knows one build, and where its mirror is."""
    official = f"https://github.com/astral-sh/python-build-standalone/releases/download/20261110/{ARCHIVE}"
    row = {
        "name": "cpython", "arch": {"family": "x86_64", "variant": None}, "os": "windows", "libc": "none", "major": 3,
        "minor": 12, "patch": 16, "prerelease": "", "url": official.replace("+", "%2B"), "variant": None,
        "sha256": hashlib.sha256(mirror.files[f"/20261110/{ARCHIVE}"]).hexdigest(), "build": "20261110",
    }  # fmt: skip
    known = tmp_path / "builds.json"
    known.write_text(json.dumps({"cpython-3.12.16-windows-x86_64-none": row}), encoding="utf-8")
    environ = clean_environ(
        UV_PYTHON_DOWNLOADS_JSON_URL=str(known), UV_PYTHON_INSTALL_MIRROR=mirror.url, UV_HTTP_RETRIES="0",
        UV_CACHE_DIR=str(tmp_path / "cache"),
    )  # fmt: skip
    return Uv(RealHost(), Sources((), tuple(environ.items()), ()))


def find(home: Home, uv: Uv) -> PythonBuild | None:
    return find_python(uv.host, home, CATALOGUE, TARGET, uv)


def test_a_build_of_another_system_comes_as_its_archive(home: Home, uv: Uv, tmp_path: Path) -> None:
    build = find(home, uv)
    assert build is not None
    assert (build.version, build.key) == ("3.12.16", "cpython-3.12.16-windows-x86_64-none")
    assert build.path == f"python/20261110/{ARCHIVE}"
    file = tmp_path / "离线 包" / build.path
    fetch_python(uv.host, home, build, uv, file)
    assert file.read_bytes() == CONTENT
    assert [entry.name for entry in file.parent.iterdir()] == [ARCHIVE]


def test_a_build_in_a_bundle_serves_uv_as_a_mirror(home: Home, uv: Uv, mirror: Mirror, tmp_path: Path) -> None:
    build = find(home, uv)
    assert build is not None
    folder = tmp_path / "离线 包"
    fetch_python(uv.host, home, build, uv, folder / build.path)
    mirror.manner = "broken"
    own = (folder / "python").as_uri()
    uv.with_variables({"UV_PYTHON_INSTALL_MIRROR": own, "UV_PYTHON_INSTALL_DIR": str(tmp_path / "pythons")}).run(
        ["python", "install", build.key, "--no-bin", "--no-registry", "--no-config"]
    )
    assert (tmp_path / "pythons" / build.key / "python.exe").is_file()


def test_a_build_with_another_hash_is_not_taken(home: Home, uv: Uv, mirror: Mirror, tmp_path: Path) -> None:
    build = find(home, uv)
    assert build is not None
    mirror.files[f"/20261110/{ARCHIVE}"] = CONTENT + b"more"
    with pytest.raises(StepFailed):
        fetch_python(uv.host, home, build, uv, tmp_path / "file.tar.gz")
    assert not (tmp_path / "file.tar.gz").exists()


def test_without_a_place_that_has_it_there_is_none(home: Home, uv: Uv, mirror: Mirror) -> None:
    mirror.manner = "login page"
    away = uv.with_variables({"HTTPS_PROXY": "http://127.0.0.1:9"})
    assert find(home, away) is None
