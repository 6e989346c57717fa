"""A machine with simulated GPUs gets the CUDA builds of the torch family, whatever its own index offers, or the next
packages that work."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor.environment import require_environment
from doctor.uv.program import find_uv
from tests.installing import Machine
from tests.package_source import PackageSource, tiny_wheels, wheel

if TYPE_CHECKING:
    from collections.abc import Iterator

CARDS = "driver 572.61\ncuda 12080\n" + "gpu NVIDIA GeForce RTX 5060 Ti\ncapability 12 0\nmemory 16311\n" * 2
FAMILY = {"torch": "2.11.0", "torchvision": "0.26.0", "torchaudio": "2.11.0"}
ROW = """[[stack]]
id = "tiny-cuda"
status = "supported"
device = "cuda"
cuda = "12.8"
index = "torch-cu128"
needs = {{ os = "linux", machines = ["x86_64"], pythons = ["3.11", "3.12", "3.13", "3.14"], min_driver = "570.26", min_compute = "7.5" }}
architectures = ["7.5", "8.0", "8.6", "9.0", "10.0", "12.0"]
packages = {{ {packages} }}
smoke = ["import"]
source = ["a test"]

"""  # noqa: E501

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the simulated driver library is for Linux")


def family(tag: str) -> dict[str, bytes]:
    """torch and its companions with one local tag, as torch's own index has them."""
    return dict(
        wheel(name, f"{version}+{tag}" if tag else version, {f"{name}/__init__.py": ""})
        for name, version in FAMILY.items()
    )


@pytest.fixture
def torch_index() -> Iterator[PackageSource]:
    with PackageSource(family("cu128") | family("cpu")) as opened:
        yield opened


@pytest.fixture
def ordinary() -> Iterator[PackageSource]:
    """The index that the machine is configured with; it has everything else, and lies about torch."""
    hostile = dict([wheel("torch", "99.0", {"torch/__init__.py": "raise SystemExit('a newer torch')"})])
    hostile |= dict([wheel("torch", "2.11.0+cu128", {"torch/__init__.py": "raise SystemExit('not the real one')"})])
    with PackageSource(tiny_wheels() | family("") | hostile) as opened:
        yield opened


@pytest.fixture
def machine(tmp_path: Path, torch_index: PackageSource, ordinary: PackageSource, nvml_library: Path) -> Machine:
    (tmp_path / "cards.txt").write_text(CARDS, encoding="utf-8")
    machine = Machine.at(
        tmp_path,
        PIP_INDEX_URL=ordinary.url,
        UV_HTTP_RETRIES="0",
        LD_LIBRARY_PATH=str(nvml_library),
        TUNEDOC_SIMULATED_NVML=str(tmp_path / "cards.txt"),
    )
    pins = dict.fromkeys(
        ("transformers", "peft", "trl", "accelerate", "datasets", "gguf", "sentencepiece", "cyllama"), "0.1"
    )
    pins |= {name: f"{version}+cu128" for name, version in FAMILY.items()}
    packages = ", ".join(f'{name} = "{version}"' for name, version in pins.items())
    words = machine.catalogue.read_text(encoding="utf-8")
    words = words.replace("[tools.converter]", f'torch-cu128 = "{torch_index.url}"\n[tools.converter]')
    head, first, rest = words.partition("[[stack]]")
    machine.catalogue.write_text(head + ROW.format(packages=packages) + first + rest, encoding="utf-8")
    return machine


def test_the_family_is_of_one_build_from_its_own_index(
    machine: Machine, torch_index: PackageSource, ordinary: PackageSource
) -> None:
    done = machine.install()
    assert (done["plan"]["stack"], done["plan"]["cuda"]) == ("tiny-cuda", "12.8")
    packages = {package["name"]: package for package in done["plan"]["packages"]}
    assert {name: packages[name]["version"] for name in FAMILY} == {
        name: f"{version}+cu128" for name, version in FAMILY.items()
    }
    host = torch_index.url.removesuffix("/simple")
    assert all(packages[name]["url"].startswith(host) for name in FAMILY)
    assert machine.version_in_use("torch") == "2.11.0+cu128"
    # Neither is the ordinary index asked for the family, nor the family's for anything else.
    assert not [asked for asked in ordinary.asked if any(f"/{name}" in asked for name in FAMILY)]
    assert not [asked for asked in torch_index.asked if "transformers" in asked]
    assert [step["devices"] for step in done["plan"]["steps"] if step["step"] == "prove"] == [["cuda:0", "cuda:1"]]


def test_when_the_proof_fails_the_next_packages_are_taken(machine: Machine, torch_index: PackageSource) -> None:
    broken = "raise ImportError('libcudart.so.12: cannot open shared object file')"
    torch_index.served |= dict([wheel("torch", "2.11.0+cu128", {"torch/__init__.py": broken})])
    _with_cpu_torch(machine, torch_index)
    code, envelope, stderr = machine.run("install", "--yes")
    assert code == 0, stderr
    done = envelope["data"]
    assert (done["not_proved"], done["plan"]["stack"]) == (["tiny-cuda"], "tiny-linux")
    assert "libcudart.so.12" in stderr
    assert "torch" in str(done["plan"]["rejected"])
    assert machine.folders() == [machine.in_use()]
    # It is not built again by the next install: the environment in use still is what was chosen then.
    assert require_environment(machine.home).device == "cpu"


def test_when_nothing_works_it_says_so_and_the_old_environment_stays(
    machine: Machine, torch_index: PackageSource, ordinary: PackageSource
) -> None:
    first = machine.install()
    _with_cpu_torch(machine, torch_index)
    ordinary.served |= dict([wheel("peft", "0.1", {"peft/__init__.py": "import no_such_library"})])
    machine.environ["UV_CACHE_DIR"] += " 2"
    error = machine.fails("--rebuild")
    assert "tiny-cuda" in error["message"]
    assert "tiny-linux" in error["message"]
    assert "peft" in error["message"]
    assert machine.in_use() == Path(first["folder"]).name
    assert machine.version_in_use("torch") == "2.11.0+cu128"


def test_only_the_cpu_is_used_where_that_is_wished(machine: Machine, torch_index: PackageSource) -> None:
    _with_cpu_torch(machine, torch_index)
    done = machine.install("--device", "cpu")
    assert done["plan"]["stack"] == "tiny-linux"


def test_one_card_is_proved_where_one_is_wished(machine: Machine) -> None:
    done = machine.install("--gpus", "1")
    assert [step["devices"] for step in done["plan"]["steps"] if step["step"] == "prove"] == [["cuda:0"]]
    code, envelope, _ = machine.run("install", "--yes", "--gpus", "one")
    assert (code, envelope["errors"][0]["code"]) == (2, "usage")
    code, envelope, _ = machine.run("install", "--yes", "--gpus", "7")
    assert code == 2


PARTS = """
[[part]]
name = "xformers"
title = "xFormers"
import = "xformers"
index = "torch"
missing = ["a CUDA build", "CUDA 版"]
source = ["a test"]
offers = '''
system | torch  | cuda  | gpus | pythons | package          | source
linux  | 2.11.0 | cu128 | 7.5+ | *       | xformers==0.0.35 | a_test
'''

[[part]]
name = "liger"
title = "Liger Kernel"
import = "liger_kernel"
dependencies = false
missing = ["a GPU", "显卡"]
source = ["a test"]
offers = '''
system | torch | cuda | gpus | pythons | package             | source
linux  | *     | *    | 8.0+ | *       | liger-kernel==0.8.5 | a_test
'''

[[part]]
name = "flash-attn"
title = "FlashAttention 2"
import = "flash_attn"
base = "@BASE@/files/"
missing = ["a prebuilt wheel", "预编译的 wheel"]
source = ["a test"]
offers = '''
system | torch | cuda  | gpus | pythons | package                                    | source
linux  | 2.11  | cu128 | 8.0+ | *       | flash_attn-2.8.3+cu128-py3-none-any.whl | a_test
'''

[[part]]
name = "deepspeed"
title = "DeepSpeed"
import = "deepspeed"
missing = ["a compiler", "编译器"]
source = ["a test"]
"""


def test_optional_parts_are_locked_each_from_its_place(
    machine: Machine, torch_index: PackageSource, ordinary: PackageSource, tmp_path: Path
) -> None:
    torch_index.served |= dict([wheel("xformers", "0.0.35", {"xformers/__init__.py": ""}, requires=("torch",))])
    flash = dict([wheel("flash-attn", "2.8.3+cu128", {"flash_attn/__init__.py": ""}, requires=("torch",))])
    torch_index.served |= flash
    ordinary.served |= dict([wheel("liger-kernel", "0.8.5", {"liger_kernel/__init__.py": ""}, requires=("no-such",))])
    ordinary.served |= dict([wheel("xformers", "0.0.35", {"xformers/__init__.py": "raise SystemExit('for no GPU')"})])
    with machine.catalogue.open("a", encoding="utf-8") as stream:
        stream.write(PARTS.replace("@BASE@", torch_index.url.removesuffix("/simple")))
    file = tmp_path / "pylock.toml"
    code, envelope, stderr = machine.run("plan", "--with", "xformers,liger,flash-attn,deepspeed", "--lock", str(file))
    assert code == 0, stderr
    packages = {package["name"]: package for package in envelope["data"]["packages"]}
    home = torch_index.url.removesuffix("/simple")
    assert packages["xformers"]["url"].startswith(home)
    assert packages["flash-attn"]["url"].startswith(home)
    (content,) = flash.values()
    assert packages["flash-attn"]["sha256"] == hashlib.sha256(content).hexdigest()
    # It asks for a package that does not exist, and is taken without what it asks for.
    assert packages["liger-kernel"]["url"].startswith(ordinary.url.removesuffix("/simple"))
    (refused,) = [part for part in envelope["data"]["parts"] if part["name"] == "deepspeed"]
    assert "a compiler" in refused["reason"]
    machine.uv("venv", str(tmp_path / "venv"))
    machine.uv("pip", "sync", str(file), "--python", str(tmp_path / "venv" / "bin" / "python"))


@pytest.mark.network
def test_pip_and_uv_install_the_lock(machine: Machine, tmp_path: Path) -> None:
    """The lock that the plan writes is a PEP 751 file that other programs read."""
    file = tmp_path / "pylock.toml"
    code, _, _ = machine.run("plan", "--lock", str(file))
    assert code == 0
    lock = tomllib.loads(file.read_text(encoding="utf-8"))
    assert lock["lock-version"] == "1.0"
    machine.uv("venv", str(tmp_path / "by uv"))
    python = tmp_path / "by uv" / "bin" / "python"
    machine.uv("pip", "sync", str(file), "--python", str(python))
    listed = machine.uv("pip", "list", "--python", str(python), "--format", "json")
    versions = {row["name"]: row["version"] for row in json.loads(listed)}
    assert versions["torch"] == "2.11.0+cu128"
    pip = _new_pip(tmp_path / "pip")
    if pip is None:
        pytest.skip("no pip can be had that reads pylock.toml")
    target = tmp_path / "by pip"
    ran = subprocess.run(
        [pip, "-m", "pip", "install", "--target", target, "--no-deps", "-r", file],
        env=machine.environ,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    assert (target / "torch-2.11.0+cu128.dist-info").is_dir()


def _with_cpu_torch(machine: Machine, torch_index: PackageSource) -> None:
    """The row for the CPU takes its torch from the same place."""
    torch_index.served |= dict([wheel("torch", "1.0+cpu", {"torch/__init__.py": ""})])
    words = machine.catalogue.read_text(encoding="utf-8")
    machine.catalogue.write_text(words.replace("https://host.invalid/whl", torch_index.url), encoding="utf-8")
    words = machine.catalogue.read_text(encoding="utf-8")
    machine.catalogue.write_text(
        words.replace('device = "cpu"\n', 'device = "cpu"\nindex = "torch-cpu"\n'), encoding="utf-8"
    )


def _new_pip(folder: Path) -> Path | None:
    """The Python of an environment whose pip reads pylock.toml; from this machine's own package sources."""
    environ = dict(os.environ)
    if "PIP_CERT" in environ:
        environ.setdefault("SSL_CERT_FILE", environ["PIP_CERT"])
    for arguments in (["venv", folder], ["pip", "install", "pip>=26.1", "--python", folder / "bin" / "python"]):
        ran = subprocess.run([find_uv(), *arguments], env=environ, capture_output=True, check=False)
        if ran.returncode != 0:
            return None
    return folder / "bin" / "python"
