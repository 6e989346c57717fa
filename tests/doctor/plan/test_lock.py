"""A lock is read, and one that is not the row's is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doctor.catalogue.load import load_catalogue
from doctor.errors import StepFailed
from doctor.plan.lock import Lock, pins_for, read_lock, verify_lock, with_sizes
from doctor.words.text import render

if TYPE_CHECKING:
    from doctor.catalogue.model import Stack

STACKS = {stack.id: stack for stack in load_catalogue().stacks}
CPU = STACKS["linux-cpu-torch2.13"]
CUDA = STACKS["linux-cu130-torch2.13"]
HASH = "ab" * 32


def entry(name: str, version: str, *, sha256: str = HASH, extra: str = "") -> str:
    file = f"{name.replace('-', '_')}-{version.replace('+', '%2B')}-py3-none-any.whl"
    return (
        f'[[packages]]\nname = "{name}"\nversion = "{version}"\n'
        f'wheels = [{{ url = "https://host/{file}"{extra}, hashes = {{ sha256 = "{sha256}" }} }}]\n'
    )


def lock_of(stack: Stack, *more: str, python: str = "3.12", without: str = "") -> Lock:
    pins = [entry(pin.name, pin.version) for pin in pins_for(stack, python) if pin.name != without]
    return read_lock('lock-version = "1.0"\n' + "".join([*pins, *more]))


def refusal(lock: Lock, stack: Stack) -> str:
    with pytest.raises(StepFailed) as refused:
        verify_lock(lock, stack, "3.12")
    return render(refused.value.message, "en")


def test_a_lock_that_is_the_rows_is_taken() -> None:
    verify_lock(lock_of(CPU, entry("numpy", "2.4.6")), CPU, "3.12")
    verify_lock(lock_of(CPU, python="3.11"), CPU, "3.11")
    verify_lock(lock_of(CUDA, entry("nvidia-cublas", "13.1"), entry("triton", "3.7.1")), CUDA, "3.12")


@pytest.mark.parametrize("name", ["nvidia-cublas-cu12", "nvidia-nccl", "cuda-toolkit", "triton", "cuda-bindings"])
def test_a_cpu_row_never_gets_cuda_packages(name: str) -> None:
    assert f"{name} 1 is for NVIDIA GPUs" in refusal(lock_of(CPU, entry(name, "1")), CPU)


@pytest.mark.parametrize("version", ["2.13.0", "2.13.0+cu130"])
def test_a_cpu_row_never_gets_another_torch(version: str) -> None:
    lock = lock_of(CPU, entry("torch", version), without="torch")
    assert f"torch should be 2.13.0+cpu and is {version}" in refusal(lock, CPU)


def test_a_mirror_cannot_turn_a_cuda_row_into_a_cpu_one() -> None:
    lock = lock_of(CUDA, entry("torch", "2.13.0"), without="torch")
    assert "torch should be 2.13.0+cu130 and is 2.13.0" in refusal(lock, CUDA)


def with_index(package: str, index: str) -> str:
    return package.replace("wheels =", f'index = "{index}"\nwheels =')


def test_companions_are_of_torchs_own_build() -> None:
    verify_lock(lock_of(CUDA, entry("torchvision", "0.28.0+cu130")), CUDA, "3.12")
    for version in ("0.28.0", "0.28.0+cu126", "0.28.0+cpu"):
        told = refusal(lock_of(CUDA, entry("torchvision", version)), CUDA)
        assert f"torchvision {version} is of another build than torch 2.13.0+cu130" in told


def test_the_torch_family_comes_from_where_it_was_asked_from() -> None:
    named = "https://download.pytorch.org/whl/cu130"
    torch = with_index(entry("torch", "2.13.0+cu130"), named + "/")
    verify_lock(lock_of(CUDA, torch, without="torch"), CUDA, "3.12", torch_from=named)
    elsewhere = with_index(entry("torch", "2.13.0+cu130"), "https://mirror/simple")
    with pytest.raises(StepFailed) as refused:
        verify_lock(lock_of(CUDA, elsewhere, without="torch"), CUDA, "3.12", torch_from=named)
    assert "https://mirror/simple" in render(refused.value.message, "en")


def test_the_pin_of_another_python_is_refused() -> None:
    assert "cyllama should be 0.7.0 and is 0.2.18" in refusal(lock_of(CPU, python="3.11"), CPU)


def test_a_package_without_hash_or_wheel_is_refused() -> None:
    for row, told in (
        ('[[packages]]\nname="a"\nversion="1"\nwheels=[{url="https://h/a-1-py3-none-any.whl"}]\n', "has no hash"),
        ('[[packages]]\nname="a"\nversion="1"\nsdist={url="https://h/a.tar.gz"}\n', "has no wheel"),
        ("not toml", "not TOML"),
    ):
        with pytest.raises(StepFailed) as refused:
            read_lock(row)
        assert told in render(refused.value.message, "en")


def test_sizes_come_from_the_lock_or_are_filled_in() -> None:
    lock = read_lock(entry("a", "1", extra=", size = 7") + entry("b", "2+cpu"))
    assert (lock.download_bytes, lock.unknown_sizes) == (7, 1)
    assert lock.packages[1].file == "b-2+cpu-py3-none-any.whl"
    filled = with_sizes(lock, {lock.packages[1].url: 5})
    assert (filled.download_bytes, filled.unknown_sizes) == (12, 0)
