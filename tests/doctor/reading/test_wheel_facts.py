"""Facts out of wheels made of small libraries."""

from __future__ import annotations

import contextlib
import io
import json
import random
from typing import TYPE_CHECKING

import pytest

from doctor.reading.wheel_facts import Depth, read_wheel
from doctor.reading.wheel_file import WheelError, WheelFile
from tests.index_made_up import binary_wheel
from tests.library_files import make_elf, make_fatbin, make_pe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from doctor.reading.wheel_facts import WheelFacts

CUDA = "__version__ = '2.13.0+cu130'\ncuda: Optional[str] = '13.0'\n"
CPU = "__version__ = '2.13.0+cpu'\ncuda: Optional[str] = None\n"
RENDEZVOUS = """
    if sys.platform == "win32":
        return query_dict.get("use_libuv", os.environ.get("USE_LIBUV", "0")) == "1"
    return query_dict.get("use_libuv", os.environ.get("USE_LIBUV", "1")) == "1"
"""
FLAGS = b"\0sm_75 sm_90 sm_120 compute_120\0"
LINUX = "torch-2.13.0+cu130-cp312-cp312-manylinux_2_28_x86_64.whl"
WINDOWS = "torch-2.13.0+cu130-cp312-cp312-win_amd64.whl"


def facts(file: str, members: Mapping[str, bytes | str], depth: Depth | None = None, **more: object) -> WheelFacts:
    with WheelFile(io.BytesIO(binary_wheel(file, members, **more)), file) as wheel:  # type: ignore[arg-type]
        return read_wheel(wheel, depth)


def linux_torch(**members: bytes) -> dict[str, bytes | str]:
    return {
        "torch/version.py": CUDA,
        "torch/distributed/rendezvous.py": RENDEZVOUS,
        "torch/lib/libtorch_python.so": make_elf(extra=FLAGS + b"numpy._core._multiarray_umath\0"),
        "torch/lib/libc10.so": make_elf(extra=b"_ZN3c105ErrorC1ENS_14SourceLocationENSt7__cxx1112basic_stringE\0"),
        "torch/lib/libtorch_cpu.so": make_elf(extra=b"LibUVStoreDaemon\0"),
        "torch/lib/libtorch_cuda.so": make_elf(extra=make_fatbin(["7.5", "9.0", "12.0"], ["12.0"]) * 6),
        **members,
    }


def test_a_linux_torch_tells_all() -> None:
    torch = facts(LINUX, linux_torch()).torch
    assert torch is not None and torch.code is not None
    assert (torch.version, torch.cuda) == ("2.13.0+cu130", "13.0")
    assert torch.architectures == ("7.5", "9.0", "12.0", "12.0+PTX")
    assert torch.code.architectures == ("7.5", "9.0", "12.0") and torch.code.ptx_architectures == ("12.0",)
    assert torch.cxx11_abi is True and torch.numpy_2 is True
    assert torch.libuv_store is True and torch.libuv_default == "1"
    assert torch.gloo is None and torch.linker == ""


def test_the_library_with_magma_does_not_speak_for_torch() -> None:
    magma = make_elf(extra=make_fatbin(["5.0", "8.0"]) * 50)
    wheel = facts(LINUX, linux_torch(**{"torch/lib/libtorch_cuda_linalg.so": magma}))
    assert wheel.code is not None and wheel.code.architectures == ("7.5", "9.0", "12.0")
    (other,) = wheel.libraries
    assert other.code is not None and other.code.architectures == ("5.0", "8.0")


def test_an_older_linux_torch_is_told_apart() -> None:
    members = linux_torch() | {
        "torch/lib/libtorch_python.so": make_elf(extra=FLAGS + b"numpy.core._multiarray_umath\0"),
        "torch/lib/libc10.so": make_elf(extra=b"_ZN3c105ErrorC2ENS_14SourceLocationESs\0"),
        "torch/lib/libtorch_cpu.so": make_elf(),
    }
    torch = facts(LINUX, members).torch
    assert torch is not None
    assert torch.cxx11_abi is False and torch.numpy_2 is False and torch.libuv_store is False


@pytest.mark.parametrize(
    ("imports", "gloo", "threads"),
    [(["uv.dll", "KERNEL32.dll"], True, False), (["c10.dll", "VCRUNTIME140_THREADS.dll"], False, True)],
)
def test_a_windows_torch_tells_by_its_imports(imports: list[str], gloo: bool, threads: bool) -> None:
    members = {
        "torch/version.py": CPU,
        "torch/distributed/rendezvous.py": RENDEZVOUS,
        "torch/lib/torch_python.dll": make_pe(["c10.dll"], linker=(14, 42), extra=b"numpy._core._multiarray_umath\0"),
        "torch/lib/torch_cpu.dll": make_pe(imports, extra=b"built without libuv\0"),
    }
    torch = facts("torch-2.13.0-cp312-cp312-win_amd64.whl", members).torch
    assert torch is not None
    assert torch.gloo is gloo and torch.threads_runtime is threads
    assert (torch.cuda, torch.linker, torch.libuv_default, torch.libuv_store) == ("", "14.42", "0", False)
    assert torch.cxx11_abi is None and torch.code is None


def test_a_windows_cuda_torch_has_its_code_in_torch_cuda_dll() -> None:
    members = {
        "torch/version.py": CUDA,
        "torch/lib/torch_python.dll": make_pe(extra=FLAGS),
        "torch/lib/torch_cpu.dll": make_pe(["uv.dll"]),
        "torch/lib/torch_cuda.dll": make_pe(extra=make_fatbin(["6.1", "9.0"])),
    }
    torch = facts(WINDOWS, members).torch
    assert torch is not None and torch.code is not None
    assert torch.code.architectures == ("6.1", "9.0")


def test_reading_may_stop_early() -> None:
    members = linux_torch(**{
        "torch/lib/libtorch_cuda.so": make_elf(extra=make_fatbin(["8.0"], payload=300_000) * 20),
    })  # fmt: skip
    torch = facts(LINUX, members, Depth(container_bytes=1_000_000)).torch
    assert torch is not None and torch.code is not None
    assert not torch.code.whole and 3 <= torch.code.containers < 20
    assert torch.libuv_store is None


def test_missing_and_damaged_libraries_are_said_and_the_rest_is_told() -> None:
    members = linux_torch()
    del members["torch/lib/libtorch_python.so"], members["torch/lib/libc10.so"]
    members["torch/lib/libtorch_cuda.so"] = b"nothing"
    wheel = facts(LINUX, members)
    assert wheel.torch is not None and wheel.torch.architectures == () and wheel.torch.code is None
    assert any("libtorch_python.so: not in the wheel" in line for line in wheel.unknown)
    assert any("torch_cuda: no code for GPUs" in line for line in wheel.unknown)


def test_a_windows_library_that_is_none_is_said() -> None:
    members = {"torch/version.py": CPU, "torch/lib/torch_python.dll": b"MZ", "torch/lib/torch_cpu.dll": make_elf()}
    wheel = facts("torch-2.13.0-cp312-cp312-win_amd64.whl", members)
    assert wheel.torch is not None and wheel.torch.gloo is None
    assert sum("not a Windows library" in line for line in wheel.unknown) == 2


def test_a_torch_without_its_version_is_refused() -> None:
    with pytest.raises(WheelError, match=r"torch/version\.py"):
        facts(LINUX, {})


def test_no_bytes_raise_anything_else() -> None:
    dice = random.Random(7)
    good = binary_wheel(LINUX, linux_torch())
    for _ in range(60):
        words = bytearray(good)
        for _ in range(dice.choice([1, 3, 20])):
            words[dice.randrange(len(words))] = dice.randrange(256)
        with contextlib.suppress(WheelError), WheelFile(io.BytesIO(bytes(words)), LINUX) as wheel:
            read_wheel(wheel)


def test_each_library_of_bitsandbytes_is_told_apart() -> None:
    members = {
        "bitsandbytes/libbitsandbytes_cpu.so": make_elf(extra=b"\1" * 9000),
        "bitsandbytes/libbitsandbytes_cuda118.so": make_elf(extra=make_fatbin(["6.0"], ["6.0"], payload=9000)),
        "bitsandbytes/libbitsandbytes_cuda130.so": make_elf(extra=make_fatbin(["7.5", "12.0"], ["12.0"], payload=9000)),
    }
    wheel = facts("bitsandbytes-0.50.2-py3-none-manylinux_2_24_x86_64.whl", members, requires=["torch<3,>=2.4"])
    found = {library.cuda: library.code for library in wheel.libraries}
    assert set(found) == {"11.8", "13.0"}
    code = found["13.0"]
    assert code is not None and code.architectures == ("7.5", "12.0") and code.ptx_architectures == ("12.0",)
    assert wheel.requires == ("torch<3,>=2.4",) and wheel.requires_python == ">=3.10"


def test_xformers_says_what_it_was_built_with() -> None:
    record = json.dumps({"version": {"cuda": 1208, "torch": "2.10.0+cu128", "python": "3.12"}})
    library = make_pe(["cudart64_12.dll"], extra=make_fatbin(["8.0", "9.0a"], ["8.0"])).ljust(5000, b"\0")
    wheel = facts(
        "xformers-0.0.35-py39-none-win_amd64.whl", {"xformers/cpp_lib.json": record, "xformers/_C.pyd": library}
    )
    assert dict(wheel.built_with) == {"torch": "2.10.0+cu128", "cuda": "12.8"}
    assert wheel.libraries[0].cuda == "12" and wheel.code is not None
    assert wheel.code.architectures == ("8.0", "9.0a")


@pytest.mark.parametrize("record", ["", "[]", "{", '{"version": 3}', '{"version": {"cuda": []}}'])
def test_a_strange_record_of_the_build_ends_nothing(record: str) -> None:
    assert facts("xformers-0.0.35-py39-none-win_amd64.whl", {"xformers/cpp_lib.json": record}).built_with == ()


def test_triton_for_windows_says_its_cuda() -> None:
    header = "#define CUDA_VERSION 13010\n"
    members = {"triton/backends/nvidia/include/cuda.h": header}
    wheel = facts("triton_windows-3.7.1.post27-cp312-cp312-win_amd64.whl", members)
    assert wheel.built_with == (("cuda", "13.1"),)


@pytest.mark.parametrize(
    ("backends", "said"),
    [
        ({"cuda": {"enabled": False}, "metal": None}, "cpu"),
        ({"cuda": {"enabled": True}, "vulkan": {"enabled": True}}, "cuda vulkan"),
    ],
)
def test_cyllama_says_its_backends(backends: dict[str, object], said: str) -> None:
    record = json.dumps({"backend": backends})
    wheel = facts("cyllama-0.7.0-cp312-abi3-win_amd64.whl", {"cyllama/build_config.json": record})
    assert wheel.built_with == (("backend", said),)


def test_a_requirement_of_an_extra_is_none() -> None:
    wheel = facts("a-1-py3-none-any.whl", {}, requires=['torch>=2; extra == "gpu"', "numpy"])
    assert wheel.requires == ("numpy",)
