"""`tunedoc catalogue` as a maintainer and a script see it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor.catalogue.load import load_catalogue
from doctor.errors import ExitCode
from tests.catalogue_made_up import small_catalogue
from tests.index_made_up import Indexes, binary_wheel
from tests.library_files import make_elf, make_fatbin, make_pe
from tests.package_source import clean_environ

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parent.parent.parent.parent
LINUX = "torch-2.13.0+cu130-cp312-cp312-manylinux_2_28_x86_64.whl"
BITSANDBYTES = "bitsandbytes-0.50.2-py3-none-manylinux_2_24_x86_64.whl"


def catalogue(*argv: str, tmp_path: Path, language: str = "en", **more: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "doctor", "catalogue", *argv, "--lang", language],
        cwd=ROOT,
        env=clean_environ(TUNEDOC_HOME=str(tmp_path / "home"), **more),
        capture_output=True,
        timeout=120,
    )


def torch_wheel(file: str = LINUX, *, cubins: tuple[str, ...] = ("7.5", "9.0", "12.0"), threads: bool = False) -> bytes:
    version, system = file.split("-")[1], "windows" if "win" in file else "linux"
    cuda = "'13.0'" if "+cu130" in version or (system == "linux" and "+" not in version) else "None"
    local = version if "+" in version else version + ("+cu130" if cuda != "None" else "+cpu")
    flags = "\0" + " ".join("sm_" + name.replace(".", "") for name in cubins) + "\0"
    words = flags.encode() + b"numpy._core._multiarray_umath\0"
    members: dict[str, bytes | str] = {"torch/version.py": f"__version__ = '{local}'\ncuda: str = {cuda}\n"}
    if system == "linux":
        members |= {
            "torch/lib/libtorch_python.so": make_elf(extra=words),
            "torch/lib/libc10.so": make_elf(extra=b"_ZN3c105ErrorC1ENS_14SourceLocationENSt7__cxx11\0"),
            "torch/lib/libtorch_cpu.so": make_elf(extra=b"LibUVStoreDaemon\0"),
            "torch/lib/libtorch_cuda.so": make_elf(extra=make_fatbin(cubins) * 3),
        }
    else:
        runtime = ["VCRUNTIME140_THREADS.dll"] if threads else []
        members |= {
            "torch/lib/torch_python.dll": make_pe(["c10.dll"], extra=words),
            "torch/lib/torch_cpu.dll": make_pe(["uv.dll", *runtime]),
        }
    return binary_wheel(file, members, requires=['triton==3.7.1; platform_system == "Linux"'])


def bitsandbytes_wheel(file: str, cubins: tuple[str, ...] = ("7.5", "9.0", "12.0")) -> bytes:
    kind = "dll" if "win" in file else "so"
    library = make_elf(extra=make_fatbin(cubins, cubins[-1:], payload=40) + bytes(range(256)) * 20)
    name = f"bitsandbytes/libbitsandbytes_cuda130.{kind}"
    return binary_wheel(file, {name: library}, requires=["torch<3,>=2.4"])


@pytest.fixture
def indexes() -> Iterator[Indexes]:
    with Indexes(kind="html") as server:
        yield server


@pytest.fixture
def file(tmp_path: Path, indexes: Indexes) -> Path:
    return small_catalogue(tmp_path / "目录 1" / "wheels.toml", indexes.url("").rstrip("/"))


def test_a_wheel_that_agrees_with_the_catalogue_is_well(tmp_path: Path, file: Path) -> None:
    wheel = tmp_path / LINUX
    wheel.write_bytes(torch_wheel())
    done = catalogue("read", str(wheel), "--file", str(file), "--json", tmp_path=tmp_path)
    assert done.returncode == ExitCode.WELL, done.stdout
    data = json.loads(done.stdout)["data"]
    assert data["contradictions"] == 0 and data["compared"] == 9
    (read,) = data["wheels"]
    assert read["facts"]["torch"]["architectures"] == ["7.5", "9.0", "12.0"]
    assert {row["table"] for row in read["lines"]} == {"torch.releases", "torch.builds"}


def test_a_contradiction_is_said_and_is_exit_code_1(tmp_path: Path, file: Path) -> None:
    wheel = tmp_path / LINUX
    wheel.write_bytes(torch_wheel(cubins=("7.5", "8.0")))
    done = catalogue("read", str(wheel), "--file", str(file), tmp_path=tmp_path)
    assert done.returncode == ExitCode.FINDINGS
    assert b"torch.builds 2.13 cu130 linux: `code for` is 7.5 9.0 12.0 in the catalogue, and 7.5 8.0 in" in done.stdout
    chinese = catalogue("read", str(wheel), "--file", str(file), tmp_path=tmp_path, language="zh")
    assert "目录中 `code for` 为 7.5 9.0 12.0" in chinese.stdout.decode()


def test_facts_are_printed_as_lines_of_the_catalogue(tmp_path: Path, file: Path) -> None:
    wheel = tmp_path / BITSANDBYTES
    wheel.write_bytes(bitsandbytes_wheel(BITSANDBYTES))
    done = catalogue("read", "--toml", "--file", str(file), str(tmp_path), tmp_path=tmp_path)
    assert b"0.50.2 | linux | cu130 | 7.5 9.0 12.0 | 12.0 | 2.4 | 3.10" in done.stdout
    assert done.returncode == ExitCode.WELL


@pytest.mark.parametrize("ranges", [True, False])
def test_a_wheel_on_an_index_is_read_by_its_name(tmp_path: Path, file: Path, indexes: Indexes, ranges: bool) -> None:
    other = "bitsandbytes-0.50.2-py3-none-win_arm64.whl"
    indexes.ranges = ranges
    indexes.wheels["simple"] = {BITSANDBYTES: bitsandbytes_wheel(BITSANDBYTES), other: b"x"}
    done = catalogue(
        "read", "bitsandbytes==0.50.2", "--file", str(file), "--json", tmp_path=tmp_path, UV_DEFAULT_INDEX=indexes.url()
    )
    assert done.returncode == ExitCode.WELL, done.stdout
    (read,) = json.loads(done.stdout)["data"]["wheels"]
    assert read["place"] == indexes.file_url("simple", BITSANDBYTES)


def test_of_a_large_wheel_only_what_is_looked_at_is_fetched(tmp_path: Path, file: Path, indexes: Indexes) -> None:
    import random

    members = {"torch/lib/huge.bin": random.Random(2).randbytes(4_000_000)}
    small = torch_wheel()
    import io
    import zipfile

    buffer = io.BytesIO(small)
    with zipfile.ZipFile(buffer, "a") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    indexes.wheels["a"] = {LINUX: buffer.getvalue()}
    done = catalogue("read", indexes.file_url("a", LINUX), "--file", str(file), "--json", tmp_path=tmp_path)
    (read,) = json.loads(done.stdout)["data"]["wheels"]
    assert read["bytes"] > 4_000_000 and read["bytes_read"] < 400_000
    assert indexes.sent_bytes < 400_000


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (LINUX, b""),
        (LINUX, b"PK\x05\x06"),
        (LINUX, torch_wheel()[:-200]),
        (LINUX, binary_wheel(LINUX, {"torch/other.py": ""})),
        ("strange.whl", torch_wheel()),
    ],
    ids=["empty", "stub", "cut short", "no torch", "no name"],
)
def test_what_is_no_wheel_is_refused_in_words(tmp_path: Path, file: Path, name: str, content: bytes) -> None:
    wheel = tmp_path / name
    wheel.write_bytes(content)
    done = catalogue("read", str(wheel), "--file", str(file), tmp_path=tmp_path)
    assert done.returncode == ExitCode.USAGE
    assert b"not a wheel that can be read" in done.stderr and b"Traceback" not in done.stderr


def test_one_bad_wheel_of_a_folder_ends_nothing(tmp_path: Path, file: Path) -> None:
    folder = tmp_path / "轮子 1"
    folder.mkdir()
    (folder / LINUX).write_bytes(torch_wheel())
    (folder / BITSANDBYTES).write_bytes(b"nothing")
    done = catalogue("read", str(folder), "--file", str(file), "--json", tmp_path=tmp_path)
    assert done.returncode == ExitCode.USAGE
    data = json.loads(done.stdout)["data"]
    assert len(data["wheels"]) == 1 and len(data["unread"]) == 1
    assert BITSANDBYTES.encode() in done.stderr


def test_no_password_is_shown(tmp_path: Path, file: Path, indexes: Indexes) -> None:
    indexes.wheels["simple"] = {BITSANDBYTES: bitsandbytes_wheel(BITSANDBYTES)}
    index = indexes.url().replace("://", "://user:secret@")
    for argv in (("read", "bitsandbytes==0.50.2", "--json"), ("refresh", "--json"), ("refresh", "-v")):
        done = catalogue(*argv, "--file", str(file), tmp_path=tmp_path, UV_DEFAULT_INDEX=index)
        assert done.returncode in (ExitCode.WELL, ExitCode.FINDINGS), done.stderr
        assert b"secret" not in done.stdout + done.stderr


@pytest.mark.parametrize("argv", [(), ("nothing.whl",), ("http://127.0.0.1:9/a-1-py3-none-any.whl",)])
def test_what_is_not_there_is_said(tmp_path: Path, file: Path, argv: tuple[str, ...]) -> None:
    done = catalogue("read", *argv, "--file", str(file), tmp_path=tmp_path)
    assert done.returncode in (ExitCode.USAGE, ExitCode.FAILED)
    assert done.stderr.startswith(b"error: ") and b"Traceback" not in done.stderr


def test_refresh_prints_a_difference_and_writes_nothing_unasked(tmp_path: Path, file: Path, indexes: Indexes) -> None:
    indexes.wheels["simple"] = {"transformers-5.1.0-py3-none-any.whl": b"x"}
    before = file.read_bytes()
    done = catalogue("refresh", "--file", str(file), tmp_path=tmp_path, UV_DEFAULT_INDEX=indexes.url())
    assert done.returncode == ExitCode.FINDINGS
    assert b"- stack linux-cu130 transformers: 5.0.0 is not on the index" in done.stdout
    assert b"+ stack linux-cu130 transformers: 5.1.0 is there; the catalogue has 5.0.0" in done.stdout
    assert file.read_bytes() == before


def test_refresh_writes_what_it_read_out_of_new_wheels(tmp_path: Path, file: Path, indexes: Indexes) -> None:
    new = [
        f"torch-2.14.0-{tag}-{tag}-{system}.whl"
        for tag in ("cp312", "cp313")
        for system in ("win_amd64", "manylinux_2_28_x86_64")
    ]
    bitsandbytes = "bitsandbytes-0.51.0-py3-none-manylinux_2_24_x86_64.whl"
    indexes.wheels["simple"] = {
        name: torch_wheel(name, cubins=("8.0", "12.0"), threads=True) for name in new
    } | {bitsandbytes: bitsandbytes_wheel(bitsandbytes, ("7.5", "10.0"))}  # fmt: skip
    before = file.read_text(encoding="utf-8").splitlines()
    done = catalogue(
        "refresh", "--write", "--json", "--file", str(file), tmp_path=tmp_path, UV_DEFAULT_INDEX=indexes.url()
    )
    assert done.returncode == ExitCode.FINDINGS, done.stdout
    assert json.loads(done.stdout)["data"]["written"] == 3
    facts = load_catalogue(file).facts
    release = facts.release("2.14.0")
    assert release is not None
    assert (release.month, release.windows_pythons, release.glibc) == ("2026-11", ("3.12", "3.13"), "2.28")
    assert (release.linux_cuda, release.new_abi, release.windows_gloo, release.windows_vc_threads) == (
        "13.0", True, True, True,
    )  # fmt: skip
    assert release.triton == "3.7.1"
    build = facts.build("2.14", "cu130", "linux")
    assert build is not None and build.architectures == ("8.0", "12.0") and build.source == ("PyPI torch 2.14.0",)
    library = facts.library("0.51.0", "linux", "cu130")
    assert library is not None
    assert (library.architectures, library.ptx, library.torch, library.python) == (
        ("7.5", "10.0"),
        ("10.0",),
        "2.4",
        "3.10",
    )
    gone = [line for line in before if line not in file.read_text(encoding="utf-8").splitlines()]
    assert gone == ["updated = 2026-01-01"]


def test_check_names_each_fault(tmp_path: Path, file: Path) -> None:
    words = file.read_text(encoding="utf-8").replace("linux   | 7.5 9.0", "linux   | 6.1 7.5 9.0")
    file.write_text(words, encoding="utf-8")
    line = next(n for n, each in enumerate(words.splitlines(), 1) if "linux   | 6.1 7.5" in each)
    done = catalogue("check", str(file), tmp_path=tmp_path)
    assert done.returncode == ExitCode.FINDINGS
    assert (
        f"wheels.toml:{line}: torch.builds 2.13 cu130 linux.code for: has code for 6.1, but CUDA 13.0".encode()
        in done.stdout
    )
    assert catalogue("check", str(tmp_path / "none.toml"), tmp_path=tmp_path).returncode == ExitCode.USAGE


def test_check_asks_the_index_where_it_is_told_to(tmp_path: Path, file: Path, indexes: Indexes) -> None:
    indexes.wheels["simple"] = {"transformers-4.0.0-py3-none-any.whl": b"x"}
    alone = catalogue("check", str(file), tmp_path=tmp_path)
    assert alone.returncode == ExitCode.WELL and b"no fault found" in alone.stdout
    online = catalogue("check", str(file), "--online", "--json", tmp_path=tmp_path, UV_DEFAULT_INDEX=indexes.url())
    assert online.returncode == ExitCode.FINDINGS
    faults = json.loads(online.stdout)["data"]["faults"]
    assert any("transformers" in fault["field"] and fault["line"] for fault in faults)


@pytest.mark.network
def test_a_real_small_wheel_is_read_off_the_default_index(tmp_path: Path) -> None:
    done = catalogue("read", "xformers==0.0.35", "--json", tmp_path=tmp_path)
    assert done.returncode == ExitCode.WELL, done.stdout
    wheels = json.loads(done.stdout)["data"]["wheels"]
    assert [wheel["facts"]["name"]["platforms"] for wheel in wheels] == [["win_amd64"], ["manylinux_2_28_x86_64"]]
    for wheel in wheels:
        assert dict(wheel["facts"]["built_with"])["torch"] == "2.10.0+cu128"
        assert ["9.0a", 11] in wheel["facts"]["libraries"][0]["code"]["cubins"]
