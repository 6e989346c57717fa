"""What the tests of environments share."""

from __future__ import annotations

import shutil
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from doctor.paths import Home
from tests.environment_bench import PATIENCE_SECONDS, ROOT, Bench, bench_wheels
from tests.package_source import PackageSource, clean_environ, tiny_catalogue

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """One real install; every test works on a copy."""
    folder = tmp_path_factory.mktemp("环境 repair")
    with PackageSource(bench_wheels()) as source:
        catalogue = tiny_catalogue(folder / "wheels.toml", index=source.url)
        home = Home(folder / "my home")
        environ = clean_environ(
            TUNEDOC_HOME=str(home.root), TUNEDOC_CATALOGUE=str(catalogue), UV_CACHE_DIR=str(folder / "uv cache"),
            PIP_INDEX_URL=source.url, UV_HTTP_RETRIES="0",
        )  # fmt: skip
        subprocess.run(
            [sys.executable, "-m", "doctor", "install", "--yes"], env=environ, cwd=ROOT, check=True,
            capture_output=True, stdin=subprocess.DEVNULL, timeout=PATIENCE_SECONDS,
        )  # fmt: skip
        yield Bench(home, environ, source)


@pytest.fixture
def bench(built: Bench, tmp_path: Path) -> Iterator[Bench]:
    """A copy that shares nothing with the next test's."""
    home = Home(tmp_path / "我的 home")
    shutil.copytree(built.home.root, home.root, symlinks=True)
    shutil.copytree(built.environ["UV_CACHE_DIR"], tmp_path / "cache", symlinks=True)
    served = dict(built.source.served)
    yield Bench(
        home, built.environ | {"TUNEDOC_HOME": str(home.root), "UV_CACHE_DIR": str(tmp_path / "cache")}, built.source
    )
    built.source.served.clear()
    built.source.served |= served
    built.source.held = ""
