"""A real bundle of a tiny stack: made by the command, carried elsewhere, and installed from without any network."""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from doctor.bundling.making import Offer, make_bundle
from doctor.bundling.model import MANIFEST, UNFINISHED
from doctor.bundling.opening import open_bundle
from doctor.bundling.targets import choose_target
from doctor.catalogue.load import load_catalogue
from doctor.environment import current_environment
from doctor.errors import NoSpace
from doctor.fetching import Wanted, fetch
from doctor.host.real import RealHost
from doctor.paths import Home
from doctor.plan.lock import read_lock
from doctor.probe.machine import examine_machine
from doctor.uv.program import Uv
from tests.mirror_server import Mirror
from tests.package_source import PACKAGES, PackageSource, clean_environ, tiny_catalogue, tiny_wheels, wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[3]
WINDOWS = sys.platform == "win32"
PATIENCE_SECONDS = 360 if WINDOWS else 120
"""No test is about time; this only ends one that would wait for ever."""
STACK = "tiny-windows" if WINDOWS else "tiny-linux"
PYTHON = f"3.{sys.version_info.minor}"

pytestmark = pytest.mark.network


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Every wheel of the doctor's own lock, for this system and for Windows, from this machine's package index: what
    the loopback index is to serve."""
    folder = tmp_path_factory.mktemp("program")
    uv = Uv(RealHost())
    lock = str(ROOT / "installers" / "doctor.lock.txt")
    arguments = ["pip", "compile", lock, "--format", "pylock.toml", "-o", "pylock.toml", "--quiet", "--no-header"]
    arguments += ["--no-build", "--no-config", "--python", sys.executable, *uv.sources.options]
    for more in ((), ("--python-platform", "x86_64-pc-windows-msvc", "--upgrade")):
        uv.run([*arguments, *more], cwd=folder)
        packages = read_lock((folder / "pylock.toml").read_text(encoding="utf-8")).packages
        wanted = [Wanted(file=p.file, sha256=p.sha256, bytes=p.bytes, urls=(p.url,)) for p in packages]
        fetch(wanted, folder / "wheels", variables=uv.sources.variables)
    return {file.name: file.read_bytes() for file in (folder / "wheels").glob("*.whl")}


@dataclass
class Maker:
    """The machine that has a network: a loopback index and nothing else."""

    source: PackageSource
    home: Home
    environ: dict[str, str]

    def command(self, folder: Path, *more: str) -> list[str]:
        return [sys.executable, "-m", "doctor", "bundle", str(folder), "--yes", "--python", PYTHON, "--json", *more]

    def make(
        self, folder: Path, *more: str, catalogue: Path | None = None, **variables: str
    ) -> tuple[int, dict[str, Any], str]:
        """Exit code, envelope and stderr."""
        changed = {"TUNEDOC_CATALOGUE": str(catalogue)} if catalogue else {}
        ran = subprocess.run(
            self.command(folder, *more), env=self.environ | changed | variables, cwd=ROOT, capture_output=True,
            encoding="utf-8", stdin=subprocess.DEVNULL, timeout=PATIENCE_SECONDS, check=False,
        )  # fmt: skip
        assert "Traceback" not in ran.stderr
        return ran.returncode, json.loads(ran.stdout), ran.stderr


def written(bundle: Path) -> dict[str, tuple[int, int]]:
    """When each wheel was written, and which file it is."""
    return {
        file.name: (file.stat().st_mtime_ns, file.stat().st_ino)
        for name in ("wheels", "doctor")
        for file in (bundle / name).glob("*.whl")
        # tunedoc's own is built anew each time, and is the same.
        if not file.name.startswith("tunedoc-")
    }


@pytest.fixture(scope="module")
def maker(program: dict[str, bytes], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Maker]:
    folder = tmp_path_factory.mktemp("maker")
    home = Home(folder / "home")
    with PackageSource(tiny_wheels() | program) as source:
        catalogue = tiny_catalogue(folder / "wheels.toml", index=source.url)
        environ = clean_environ(
            TUNEDOC_HOME=str(home.root), TUNEDOC_CATALOGUE=str(catalogue), UV_CACHE_DIR=str(folder / "cache"),
            PIP_INDEX_URL=source.url, UV_HTTP_RETRIES="0", HTTPS_PROXY="http://127.0.0.1:9",
        )  # fmt: skip
        yield Maker(source, home, environ)


@pytest.fixture(scope="module")
def finished(maker: Maker, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished bundle, which tests must not change."""
    folder = tmp_path_factory.mktemp("finished") / "bundle"
    code, envelope, stderr = maker.make(folder)
    assert code == 0, (envelope, stderr)
    assert envelope["data"]["python_archive"] is None
    return folder


@pytest.fixture
def bundle(finished: Path, tmp_path: Path) -> Path:
    """A copy, carried to a folder with a blank and Chinese letters in its name."""
    folder = tmp_path / "离线 包"
    shutil.copytree(finished, folder)
    return folder


def test_everything_is_in_it_and_in_the_manifest(finished: Path) -> None:
    opened = open_bundle(finished)
    opened.check()
    there = {file.relative_to(finished).as_posix() for file in finished.rglob("*") if file.is_file()}
    assert there == {name for name, _ in opened.manifest.files} | {MANIFEST}
    assert {"README.md", "README.zh-CN.md", "install.cmd" if WINDOWS else "install.sh"} <= there
    assert any(name.startswith("doctor/uv-") for name in there)
    assert any(name.startswith("wheels/tiny_converter-") for name in there)
    lock = opened.lock(STACK, PYTHON)
    assert lock is not None
    assert {"torch", "cyllama"} <= {package.name for package in lock.packages}


def test_tunedocs_own_wheel_is_this_tunedocs(finished: Path) -> None:
    (wheel,) = (finished / "doctor").glob("tunedoc-*.whl")
    with zipfile.ZipFile(wheel) as archive:
        assert archive.read("doctor/bundling/making.py") == (ROOT / "doctor/bundling/making.py").read_bytes()
        assert "doctor/bundling/start/install.cmd" in archive.namelist()


ROW = """[[stack]]
id = "tiny-cuda"
status = "supported"
device = "cuda"
cuda = "12.8"
index = "torch-cu128"
needs = {{ os = "windows", machines = ["amd64"], pythons = ["3.11", "3.12", "3.13", "3.14"], min_driver = "570.65", min_compute = "7.5" }}
architectures = ["7.5", "8.0", "8.6", "9.0", "10.0", "12.0"]
packages = {{ torch = "2.11.0+cu128", {packages} }}
smoke = ["import"]
source = ["a test"]

"""  # noqa: E501


def test_for_another_machine_with_gpus_it_has_its_cuda_build(maker: Maker, tmp_path: Path) -> None:
    pins = ", ".join(f'{name} = "0.1"' for name in PACKAGES if name != "torch")
    name, right = wheel("torch", "2.11.0+cu128", {"torch/__init__.py": ""})
    lies = dict([wheel("torch", "2.11.0+cu128", {"torch/__init__.py": "wrong = 1"}), wheel("torch", "99.0", {})])
    with PackageSource({name: right}) as torch_index:
        catalogue = tiny_catalogue(tmp_path / "wheels.toml", index=maker.source.url)
        words = catalogue.read_text(encoding="utf-8")
        words = words.replace("[tools.converter]", f'torch-cu128 = "{torch_index.url}"\n[tools.converter]')
        head, first, rest = words.partition("[[stack]]")
        catalogue.write_text(head + ROW.format(packages=pins) + first + rest, encoding="utf-8")
        maker.source.served |= lies
        try:
            machine = str(ROOT / "tests" / "machines" / "win11-two-5060ti.json")
            code, envelope, stderr = maker.make(tmp_path / "b", "--for", machine, catalogue=catalogue)
        finally:
            for file in lies:
                del maker.source.served[file]
    assert code == 0, (envelope, stderr)
    opened = open_bundle(tmp_path / "b", system="windows")
    assert (opened.manifest.stack, opened.manifest.device) == ("tiny-cuda", "cuda")
    assert opened.file(f"wheels/{name}").read_bytes() == right
    assert (tmp_path / "b" / "install.cmd").read_bytes().count(b"\r\n") > 50
    assert list((tmp_path / "b" / "doctor").glob("uv-*-win_amd64.whl"))


def test_it_says_that_the_python_is_missing(finished: Path) -> None:
    assert f"must have Python {PYTHON}" in (finished / "README.md").read_text(encoding="utf-8")
    assert f"必须已有 Python {PYTHON}" in (finished / "README.zh-CN.md").read_text(encoding="utf-8")


def test_made_again_it_fetches_nothing_and_is_the_same(maker: Maker, bundle: Path) -> None:
    before = json.loads((bundle / MANIFEST).read_text(encoding="utf-8"))["files"]
    wheels = written(bundle)
    code, envelope, stderr = maker.make(bundle)
    assert code == 0, (envelope, stderr)
    assert json.loads((bundle / MANIFEST).read_text(encoding="utf-8"))["files"] == before
    assert written(bundle) == wheels


def test_only_what_is_missing_or_wrong_is_fetched_again(maker: Maker, bundle: Path) -> None:
    (torch,) = (bundle / "wheels").glob("torch-*.whl")
    (peft,) = (bundle / "wheels").glob("peft-*.whl")
    right = peft.read_bytes()
    torch.unlink()
    peft.write_bytes(right[:-1] + b"x")
    (bundle / "wheels" / "stranger-1.0-py3-none-any.whl").write_bytes(b"")
    before = written(bundle)
    code, envelope, stderr = maker.make(bundle)
    assert code == 0, (envelope, stderr)
    after = written(bundle)
    changed = {name for name in after if after[name] != before.get(name)}
    assert changed == {torch.name, peft.name}
    assert peft.read_bytes() == right
    assert not (bundle / "wheels" / "stranger-1.0-py3-none-any.whl").exists()
    open_bundle(bundle).check()


@pytest.mark.skipif(WINDOWS, reason="Windows has no SIGKILL; ending a process there is the same as here")
def test_killed_in_the_middle_it_is_unfinished_and_goes_on(maker: Maker, tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    process = subprocess.Popen(
        maker.command(folder), env=maker.environ, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    until = time.monotonic() + PATIENCE_SECONDS
    while not list(folder.glob("wheels/*.whl")):
        assert time.monotonic() < until
        assert process.poll() is None
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    assert (folder / UNFINISHED).exists()
    assert not (folder / MANIFEST).exists()
    code, envelope, stderr = maker.make(folder)
    assert code == 0, (envelope, stderr)
    assert not (folder / UNFINISHED).exists()
    open_bundle(folder).check()


def test_a_mirror_that_lies_leaves_the_bundle_unfinished(maker: Maker, tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    maker.source.truncated = {name for name in maker.source.served if name.startswith("trl-")}
    try:
        code, envelope, _ = maker.make(folder)
    finally:
        maker.source.truncated = set()
    assert code == 3
    assert "trl-" in envelope["errors"][0]["message"]
    assert not (folder / MANIFEST).exists()
    assert not list((folder / "wheels").glob("trl-*.whl")), "nothing half under a final name"
    assert maker.make(folder)[0] == 0


def test_what_the_index_has_wrong_comes_from_a_mirror(maker: Maker, tmp_path: Path) -> None:
    folder = tmp_path / "bundle"
    broken = {name for name in maker.source.served if name.startswith("trl-")}
    with PackageSource(dict(maker.source.served)) as mirror:
        catalogue = tmp_path / "wheels.toml"
        row = f"""
[[mirror]]
kind = "packages"
name = "Near"
url = "{mirror.url}"
layout = "simple"
region = "cn"
source = "a test"
"""
        catalogue.write_text(tiny_catalogue(catalogue, index=maker.source.url).read_text("utf-8") + row, "utf-8")
        maker.source.truncated = broken
        try:
            # A configured index is never replaced unasked.
            code, envelope, stderr = maker.make(folder, "--mirror", "auto", catalogue=catalogue)
        finally:
            maker.source.truncated = set()
    assert code == 0, (envelope, stderr)
    open_bundle(folder).check()
    assert broken <= {line.rpartition("/")[2] for line in mirror.asked}


class FullDisk(RealHost):
    """This machine with other variables and a megabyte left."""

    def __init__(self, environ: dict[str, str]) -> None:
        super().__init__()
        self.environ = environ

    def free_bytes(self, path: Path) -> int:
        return 2**20


def test_a_full_disk_is_told_before_anything_is_fetched(maker: Maker, tmp_path: Path) -> None:
    host = FullDisk(maker.environ)
    catalogue = load_catalogue(Path(maker.environ["TUNEDOC_CATALOGUE"]))
    target = choose_target(examine_machine(host, maker.home), catalogue, python=PYTHON)
    offers: list[Offer] = []

    def agree(offer: Offer) -> bool:
        offers.append(offer)
        return True

    with pytest.raises(NoSpace):
        make_bundle(host, maker.home, tmp_path / "b", target, lambda news: None, agree=agree)
    assert offers[0].missing_bytes == offers[0].bytes > 2**20
    assert not (tmp_path / "b").exists()


def test_a_folder_with_other_things_is_left_alone(maker: Maker, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    code, envelope, _ = maker.make(tmp_path)
    assert (code, envelope["errors"][0]["code"]) == (2, "bad_input")
    assert [entry.name for entry in tmp_path.iterdir()] == ["letter.txt"]


def test_without_anybody_to_ask_it_needs_yes_and_writes_nothing(maker: Maker, tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "doctor", "bundle", str(tmp_path / "b"), "--python", PYTHON, "--lang", "en"],
        env=maker.environ, cwd=ROOT, capture_output=True, encoding="utf-8", stdin=subprocess.DEVNULL, check=False,
        timeout=PATIENCE_SECONDS,
    )  # fmt: skip
    assert ran.returncode == 2
    assert "to fetch" in ran.stdout, "what it takes is said first"
    assert not (tmp_path / "b").exists()


def offline(tmp_path: Path) -> dict[str, str]:
    """Variables of a machine whose every way out is closed."""
    away = "http://127.0.0.1:9"
    return clean_environ(
        TUNEDOC_HOME=str(tmp_path / "我的 tunedoc"), UV_CACHE_DIR=str(tmp_path / "other cache"), HTTP_PROXY=away,
        HTTPS_PROXY=away, ALL_PROXY=away, NO_PROXY="", TUNEDOC_PYTHON=sys.executable,
    )  # fmt: skip


def test_uv_installs_the_lock_where_it_lies(bundle: Path, tmp_path: Path) -> None:
    environ = offline(tmp_path)
    (lock,) = (bundle / "locks").iterdir()
    uv = [sys.executable, "-m", "uv"]
    for arguments in (
        ["venv", "--quiet", "--python", sys.executable, "venv"],
        ["pip", "sync", "--offline", "--no-index", "--quiet", "--python", "venv", str(lock)],
    ):
        subprocess.run([*uv, *arguments], env=environ, cwd=tmp_path, check=True, timeout=PATIENCE_SECONDS)
    assert list((tmp_path / "venv").rglob("torch-1.0+cpu.dist-info"))


def start(bundle: Path, environ: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    script = ["cmd", "/c", str(bundle / "install.cmd")] if WINDOWS else ["sh", str(bundle / "install.sh")]
    return subprocess.run(
        [*script, "--yes", "--lang", "en", *arguments], env=environ, cwd=bundle.parent, capture_output=True,
        encoding="utf-8", stdin=subprocess.DEVNULL, timeout=PATIENCE_SECONDS, check=False,
    )  # fmt: skip


def test_its_script_sets_up_tunedoc_and_the_environment_without_a_network(bundle: Path, tmp_path: Path) -> None:
    environ = offline(tmp_path)
    home = Home(Path(environ["TUNEDOC_HOME"]))
    ran = start(bundle, environ)
    assert ran.returncode == 0, ran.stderr
    environment = current_environment(home)
    assert environment is not None
    assert environment.stack == STACK
    program = Path(ran.stdout.strip().splitlines()[-1])
    if WINDOWS:
        # cmd.exe writes its words in the console's code page, which may not have the folder's letters.
        assert program.parts[-3:] == ("doctor", "Scripts", "tunedoc.exe")
        program = home.root / "doctor" / "Scripts" / "tunedoc.exe"
    assert program.is_relative_to(home.root)
    assert subprocess.run([program, "--version"], env=environ, capture_output=True, check=True).stdout
    assert not [entry for entry in home.root.iterdir() if entry.name.startswith("start.")]
    # The installed tunedoc can make the wheel that it came from.
    words = (
        "import sys; from pathlib import Path; from doctor.bundling.own_wheel import pack_installed, source_tree;"
        "assert source_tree() is None; pack_installed(Path(sys.argv[1]))"
    )
    python = program.parent / ("python.exe" if WINDOWS else "python")
    subprocess.run(
        [python, "-c", words, tmp_path / "own.whl"], check=True, env=environ, cwd=tmp_path, timeout=PATIENCE_SECONDS
    )
    (original,) = (bundle / "doctor").glob("tunedoc-*.whl")
    assert contents(tmp_path / "own.whl") == contents(original)


@pytest.mark.skipif(WINDOWS, reason="the Python in it is a script of Linux")
def test_a_python_that_comes_along_is_the_one_that_is_used(maker: Maker, tmp_path: Path) -> None:
    name = f"cpython-{PYTHON}.99+20261110-x86_64-unknown-linux-gnu-install_only_stripped.tar.gz"
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as tar:
        script = f'#!/bin/sh\nexec "{sys.executable}" "$@"\n'.encode()
        for path, content in {
            "bin/python3": script,
            f"bin/python{PYTHON}": script,
            # uv corrects what the build wrote into it.
            f"lib/python{PYTHON}/_sysconfigdata__linux_x86_64-linux-gnu.py": (
                b"# system configuration generated and used by the sysconfig module\nbuild_time_vars = {}\n"
            ),
        }.items():
            entry = tarfile.TarInfo(f"python/{path}")
            entry.size, entry.mode = len(content), 0o755
            tar.addfile(entry, io.BytesIO(content))
    known = tmp_path / "builds.json"
    key = f"cpython-{PYTHON}.99-linux-x86_64-gnu"
    row = {
        "name": "cpython", "arch": {"family": "x86_64", "variant": None}, "os": "linux", "libc": "gnu", "major": 3,
        "minor": sys.version_info.minor, "patch": 99, "prerelease": "", "variant": None, "build": "20261110",
        "url": "https://github.com/astral-sh/python-build-standalone/releases/download/20261110/" + name,
        "sha256": hashlib.sha256(buffer.getvalue()).hexdigest(),
    }  # fmt: skip
    known.write_text(json.dumps({key: row}), encoding="utf-8")
    folder = tmp_path / "离线 包"
    with Mirror({f"/20261110/{name}": buffer.getvalue()}) as mirror:
        variables = {"UV_PYTHON_DOWNLOADS_JSON_URL": str(known), "UV_PYTHON_INSTALL_MIRROR": mirror.url}
        code, envelope, stderr = maker.make(folder, **variables)
    assert code == 0, (envelope, stderr)
    assert envelope["data"]["python_archive"] == f"python/20261110/{name}"
    assert f"{PYTHON} is in it" in (folder / "README.md").read_text(encoding="utf-8")
    environ = offline(tmp_path)
    del environ["TUNEDOC_PYTHON"]
    ran = start(folder, environ)
    assert ran.returncode == 0, ran.stderr
    home = Home(Path(environ["TUNEDOC_HOME"]))
    assert (home.pythons / key / "bin" / "python3").is_file()
    assert current_environment(home) is not None


def contents(wheel: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(wheel) as archive:
        return {name: archive.read(name) for name in archive.namelist() if not name.endswith("RECORD")}


def test_its_script_refuses_an_unfinished_bundle(bundle: Path, tmp_path: Path) -> None:
    (bundle / MANIFEST).unlink()
    ran = start(bundle, offline(tmp_path))
    assert ran.returncode == 2
    assert "unfinished" in ran.stderr


@pytest.mark.skipif(WINDOWS, reason="the script of Linux")
def test_its_script_says_which_python_is_missing(bundle: Path, tmp_path: Path) -> None:
    environ = offline(tmp_path)
    script = bundle / "install.sh"
    script.write_text(script.read_text(encoding="utf-8").replace(f"wanted={PYTHON}", "wanted=3.99"), encoding="utf-8")
    ran = start(bundle, environ)
    assert ran.returncode == 2
    assert "needs Python 3.99" in ran.stderr
