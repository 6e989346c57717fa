"""What an environment's files tell of torch, its extensions and its libraries, broken ones included."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from doctor.host.real import RealHost
from doctor.probe.environment import probe_environment
from doctor.probe.extensions import bitsandbytes_libraries, built_for, llama_backend
from doctor.probe.imports import Surroundings, missing_libraries
from doctor.probe.libraries import openmp_runtimes, runtime_beside_python
from doctor.probe.packages import read_packages
from doctor.probe.places import find_place, site_folders
from doctor.probe.torch_files import read_torch
from doctor.snapshot.model import Absent, Package, PythonEnvironment, TorchFiles, Unknown
from tests.library_files import make_elf, make_pe

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.paths import Home

RUNTIME = ("vcruntime140.dll", "vcruntime140_1.dll", "msvcp140.dll")
FUNCTIONS = {"VCRUNTIME140.dll": ["memcpy"], "MSVCP140.dll": ["?_Xlength_error@std@@YAXPEBD@Z"]}
CUDA_DLLS = ("cudart64_12.dll", "cublas64_12.dll", "cudnn64_9.dll")


def windows_environment(root: Path, *, cuda: bool = False, gloo: bool = True) -> Path:
    """A portable Python for Windows with a torch that lacks nothing; its site-packages."""
    library = root / "Lib" / "site-packages" / "torch" / "lib"
    library.mkdir(parents=True)
    (root / "python.exe").write_bytes(make_pe(["python312.dll", "VCRUNTIME140.dll"]))
    (root / "python312.dll").write_bytes(make_pe(["KERNEL32.dll"], version=(3, 12, 9150, 1013)))
    local, number = ("+cu128", "'12.8'") if cuda else ("+cpu", "None")
    words = f"__version__ = '2.13.0{local}'\ncuda: Optional[str] = {number}\nhip: Optional[str] = None\n"
    (library.parent / "version.py").write_text(words, encoding="utf-8")
    files: dict[str, bytes] = {
        "c10.dll": make_pe(
            {**FUNCTIONS, "KERNEL32.dll": [], "api-ms-win-crt-runtime-l1-1-0.dll": []},
            exports=["?fail@c10@@YAXXZ"],
            linker=(14, 42),
        ),
        "uv.dll": make_pe(["WS2_32.dll"]),
        "libiomp5md.dll": make_pe(["KERNEL32.dll"]),
        "fbgemm.dll": make_pe({"c10.dll": ["?fail@c10@@YAXXZ"], "libomp140.x86_64.dll": []}),
        "torch_cpu.dll": make_pe(["c10.dll", "libiomp5md.dll", "fbgemm.dll", *(["uv.dll"] if gloo else [])]),
        "torch_python.dll": make_pe(["torch_cpu.dll", "python312.dll", "VCRUNTIME140_1.dll"]),
        "libomp140.x86_64.dll": make_pe(["KERNEL32.dll"]),
    }
    if cuda:
        files["torch_cuda.dll"] = make_pe(["torch_cpu.dll", *CUDA_DLLS], delayed=["nvcuda.dll"])
        files |= {name: make_pe(["KERNEL32.dll"]) for name in CUDA_DLLS}
        files["torch_python.dll"] += b"\0sm_75 sm_80 sm_86 sm_90 sm_100 sm_120 compute_120\0"
    for name, words_ in files.items():
        (library / name).write_bytes(words_)
    record = "".join(f"torch/lib/{name},sha256=x,{len(words_)}\n" for name, words_ in files.items())
    metadata = library.parent.parent / f"torch-2.13.0{local}.dist-info"
    metadata.mkdir()
    (metadata / "RECORD").write_text(record, encoding="utf-8")
    return library.parent.parent


def system32(folder: Path, *, version: tuple[int, int] = (14, 44)) -> Surroundings:
    """A Windows with the C++ runtime of a version, which gives away what `FUNCTIONS` wants."""
    folder.mkdir()
    for name in ("kernel32.dll", "ws2_32.dll"):
        (folder / name).write_bytes(make_pe())
    exports = [name for names in FUNCTIONS.values() for name in names]
    for name in RUNTIME:
        (folder / name).write_bytes(make_pe(["KERNEL32.dll"], exports=exports, version=(*version, 35211, 0)))
    return Surroundings(system=folder)


def walk(site: Path, around: Surroundings) -> list[tuple[str, str, str]]:
    """Name, problem and who needs it."""
    place = find_place(site)
    assert place is not None
    found = missing_libraries(place, read_packages(site_folders(place)), around)
    assert isinstance(found, tuple)
    return [(library.name, library.problem, library.needed_by) for library in found]


# ---------------------------------------------------------------------------------------------- the walk, Windows


@pytest.mark.parametrize("cuda", [False, True], ids=["cpu", "cuda"])
def test_a_whole_torch_lacks_nothing(tmp_path: Path, cuda: bool) -> None:
    site = windows_environment(tmp_path / "整合 包", cuda=cuda)
    assert walk(site, system32(tmp_path / "System32")) == []
    assert walk(site, Surroundings(system=None)) == []


def test_a_missing_openmp_is_named_with_who_needs_it(tmp_path: Path) -> None:
    site = windows_environment(tmp_path / "a")
    (site / "torch" / "lib" / "libomp140.x86_64.dll").unlink()
    found = walk(site, system32(tmp_path / "System32"))
    assert found == [("libomp140.x86_64.dll", "missing", "torch/lib/fbgemm.dll")]


def test_a_windows_without_the_runtime_is_named(tmp_path: Path) -> None:
    site = windows_environment(tmp_path / "a")
    around = system32(tmp_path / "System32")
    for name in RUNTIME:
        (tmp_path / "System32" / name).unlink()
    found = walk(site, around)
    assert {name.lower() for name, _, _ in found} == set(RUNTIME)


def test_an_old_runtime_beside_python_hides_the_new_one_of_windows(tmp_path: Path) -> None:
    site = windows_environment(tmp_path / "a")
    around = system32(tmp_path / "System32")
    (tmp_path / "a" / "vcruntime140.dll").write_bytes(make_pe(exports=["memset"], version=(14, 0, 24215, 1)))
    assert walk(site, around) == [("VCRUNTIME140.dll", "too_old", "torch/lib/c10.dll")]
    place = find_place(tmp_path / "a")
    assert place is not None
    assert runtime_beside_python(place) == (Package(name="vcruntime140.dll", version="14.0.24215"),)


def test_a_runtime_from_before_the_new_mutex_is_too_old_for_a_newer_tool_set(tmp_path: Path) -> None:
    site = windows_environment(tmp_path / "a")
    around = system32(tmp_path / "System32", version=(14, 36))
    assert walk(site, around) == [("MSVCP140.dll", "too_old", "torch/lib/c10.dll")]


def test_a_32_bit_library_on_path_is_named(tmp_path: Path) -> None:
    site = windows_environment(tmp_path / "a")
    around = system32(tmp_path / "System32")
    (site / "torch" / "lib" / "libomp140.x86_64.dll").unlink()
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "libomp140.x86_64.dll").write_bytes(make_pe(bits=32))
    with_path = Surroundings(system=around.system, path=(tmp_path / "tools",))
    assert walk(site, with_path)[0][:2] == ("libomp140.x86_64.dll", "wrong_bits")


def test_a_library_that_is_cut_short_is_damaged(tmp_path: Path) -> None:
    site = windows_environment(tmp_path / "a", cuda=True)
    file = site / "torch" / "lib" / "cublas64_12.dll"
    file.write_bytes(file.read_bytes()[:-4])
    assert [found[:2] for found in walk(site, system32(tmp_path / "System32"))] == [("cublas64_12.dll", "damaged")]


def test_a_library_of_another_torch_is_named(tmp_path: Path) -> None:
    site = windows_environment(tmp_path / "a")
    file = site / "torch" / "lib" / "c10.dll"
    file.write_bytes(make_pe(FUNCTIONS, exports=["?fail2@c10@@YAXXZ"]))
    assert walk(site, system32(tmp_path / "System32")) == [("c10.dll", "damaged", "torch/lib/fbgemm.dll")]


def test_a_file_that_a_scanner_took_away_is_missed_by_the_record(tmp_path: Path) -> None:
    site = windows_environment(tmp_path / "a", cuda=True)
    metadata = next(site.glob("torch-*.dist-info"))
    with (metadata / "RECORD").open("a", encoding="utf-8") as stream:
        stream.write("torch/lib/cudnn_ops64_9.dll,sha256=x,1000\n")
    found = walk(site, system32(tmp_path / "System32"))
    assert found == [("cudnn_ops64_9.dll", "missing", f"{metadata.name}/RECORD")]


def test_another_file_of_nvidias_in_place_of_the_one_that_came_is_no_damage(tmp_path: Path) -> None:
    site = windows_environment(tmp_path / "a", cuda=True)
    (site / "torch" / "lib" / "cudnn64_9.dll").write_bytes(make_pe([]))
    assert walk(site, system32(tmp_path / "System32")) == []


def test_cuda_from_a_package_beside_torch_is_found(tmp_path: Path) -> None:
    site = windows_environment(tmp_path / "a", cuda=True)
    folder = site / "nvidia" / "cudnn" / "bin"
    folder.mkdir(parents=True)
    (site / "torch" / "lib" / "cudnn64_9.dll").rename(folder / "cudnn64_9.dll")
    (next(site.glob("torch-*.dist-info")) / "RECORD").unlink()
    assert walk(site, system32(tmp_path / "System32")) == []


# ---------------------------------------------------------------------------------------------- the walk, Linux


def linux_environment(root: Path, needed: list[str]) -> Path:
    """A Python for Linux with a torch whose libraries need these; its site-packages."""
    library = root / "lib" / "python3.12" / "site-packages" / "torch" / "lib"
    library.mkdir(parents=True)
    (root / "bin").mkdir()
    (root / "bin" / "python3").write_bytes(make_elf(["libc.so.6"]))
    (library / "libtorch_global_deps.so").write_bytes(make_elf(["libc.so.6", *needed], runpath="$ORIGIN"))
    (library / "libtorch_python.so").write_bytes(make_elf(["libc10.so"], runpath="$ORIGIN"))
    new = b"\0_ZN3c105ErrorC2ENS_14SourceLocationENSt7__cxx1112basic_stringIcE\0"
    (library / "libc10.so").write_bytes(make_elf(["libc.so.6"], extra=new))
    words = "__version__ = '2.8.0+cu128'\ncuda: Optional[str] = '12.8'\nhip: Optional[str] = None\n"
    (library.parent / "version.py").write_text(words, encoding="utf-8")
    return library.parent.parent


def test_a_cuda_library_that_no_package_brings_is_named(tmp_path: Path) -> None:
    site = linux_environment(tmp_path, ["libcudart.so.12", "libcudnn.so.9"])
    folder = site / "nvidia" / "cudnn" / "lib"
    folder.mkdir(parents=True)
    (folder / "libcudnn.so.9").write_bytes(make_elf(["libcublas.so.12"]))
    around = Surroundings(system=None, cache=frozenset({"libc.so.6"}))
    assert walk(site, around) == [
        ("libcudart.so.12", "missing", "torch/lib/libtorch_global_deps.so"),
        ("libcublas.so.12", "missing", "nvidia/cudnn/lib/libcudnn.so.9"),
    ]


def test_a_library_of_the_system_is_not_missed(tmp_path: Path) -> None:
    site = linux_environment(tmp_path, ["libcudart.so.12"])
    assert walk(site, Surroundings(system=None, cache=frozenset({"libc.so.6", "libcudart.so.12"}))) == []
    assert walk(site, Surroundings(system=None, cache=None)) == []


def test_a_linux_library_of_no_bytes_is_damaged(tmp_path: Path) -> None:
    site = linux_environment(tmp_path, ["libcudart.so.12"])
    (site / "torch" / "lib" / "libcudart.so.12").touch()
    found = walk(site, Surroundings(system=None, cache=frozenset({"libc.so.6"})))
    assert [library[:2] for library in found] == [("libcudart.so.12", "damaged")]


# ---------------------------------------------------------------------------------------------- torch


def test_a_torch_for_windows_tells_its_architectures_and_transport(tmp_path: Path) -> None:
    found = read_torch(read_packages([windows_environment(tmp_path / "a", cuda=True, gloo=False)]), windows=True)
    assert isinstance(found, TorchFiles)
    assert (found.version, found.cuda) == ("2.13.0+cu128", "12.8")
    assert found.architectures == ("7.5", "8.0", "8.6", "9.0", "10.0", "12.0", "12.0+PTX")
    assert (found.gloo_transport, found.store_libuv) == (False, False)


def test_a_torch_without_cuda_says_so(tmp_path: Path) -> None:
    found = read_torch(read_packages([windows_environment(tmp_path / "a")]), windows=True)
    assert isinstance(found, TorchFiles)
    assert isinstance(found.cuda, Absent)
    assert (found.gloo_transport, isinstance(found.architectures, Unknown)) == (True, True)


def test_a_torch_for_linux_tells_its_strings(tmp_path: Path) -> None:
    found = read_torch(read_packages([linux_environment(tmp_path, [])]), windows=False)
    assert isinstance(found, TorchFiles)
    assert (found.cxx11_abi, found.store_libuv) == (True, True)


def test_a_torch_for_amd_is_one_without_cuda(tmp_path: Path) -> None:
    (tmp_path / "torch").mkdir()
    words = "__version__ = '2.9.0+rocm6.4'\ncuda: Optional[str] = None\nhip: Optional[str] = '6.4.43484'\n"
    (tmp_path / "torch" / "version.py").write_text(words, encoding="utf-8")
    found = read_torch(read_packages([tmp_path]), windows=False)
    assert isinstance(found, TorchFiles)
    assert found.cuda == Absent("built for hip 6.4.43484")


def test_a_torch_of_which_only_the_metadata_is_left_is_unknown(tmp_path: Path) -> None:
    assert isinstance(read_torch(read_packages([tmp_path]), windows=True), Absent)
    (tmp_path / "torch-2.8.0.dist-info").mkdir()
    assert isinstance(read_torch(read_packages([tmp_path]), windows=True), Unknown)


# ---------------------------------------------------------------------------------------------- extensions


def package(site: Path, name: str, version: str, *, tag: str = "", requires: str = "") -> None:
    metadata = site / f"{name}-{version}.dist-info"
    metadata.mkdir(parents=True)
    (metadata / "METADATA").write_text(f"Name: {name}\n{requires}\n", encoding="utf-8")
    if tag:
        (metadata / "WHEEL").write_text(f"Wheel-Version: 1.0\nTag: {tag}\n", encoding="utf-8")


@pytest.mark.parametrize(
    ("version", "torch", "cuda", "abi"),
    [
        ("2.8.3+cu128torch2.8.0cxx11abiTRUE", "2.8.0", "12.8", True),
        ("2.8.3+cu12torch2.7cxx11abiFALSE", "2.7", "12", False),
        ("2.7.4.post1+cu126torch2.6.0cxx11abiFALSE", "2.6.0", "12.6", False),
        ("2.8.2+pt28cu129", "2.8", "12.9", None),
    ],
)
def test_flash_attention_tells_what_it_was_built_for(
    tmp_path: Path, version: str, torch: str, cuda: str, abi: bool | None
) -> None:
    package(tmp_path, "flash_attn", version, tag="cp312-cp312-win_amd64", requires="Requires-Dist: torch")
    (found,) = built_for(read_packages([tmp_path]))
    assert (found.package, found.torch, found.cuda) == ("flash-attn", torch, cuda)
    assert (found.python, found.system) == ("cp312", "windows")
    assert found.cxx11_abi == abi if abi is not None else isinstance(found.cxx11_abi, Unknown)


def test_flash_attention_that_was_built_here_tells_its_cuda_by_its_needs(tmp_path: Path) -> None:
    package(tmp_path, "flash_attn", "2.8.3", tag="cp312-cp312-linux_x86_64")
    (tmp_path / "flash_attn_2_cuda.cpython-312-x86_64-linux-gnu.so").write_bytes(make_elf(["libcudart.so.12"]))
    (found,) = built_for(read_packages([tmp_path]))
    assert (found.cuda, isinstance(found.torch, Unknown)) == ("12", True)


def test_an_extension_that_pins_torch_was_built_for_it(tmp_path: Path) -> None:
    package(
        tmp_path, "torchvision", "0.23.0+cu128", tag="cp312-cp312-win_amd64", requires="Requires-Dist: torch==2.8.0"
    )
    (found,) = built_for(read_packages([tmp_path]))
    assert (found.torch, found.cuda) == ("2.8.0", "12.8")


@pytest.mark.parametrize(
    ("tag", "requires", "torch"),
    [
        ("cp312-cp312-win_amd64", "Requires-Dist: torch==2.8.0", "2.8.0+cu128"),
        ("py39-none-win_amd64", "Requires-Dist: torch>=2.10", None),
    ],
    ids=["bound", "stable"],
)
def test_xformers_tells_by_its_own_record(tmp_path: Path, tag: str, requires: str, torch: str | None) -> None:
    package(tmp_path, "xformers", "0.0.32", tag=tag, requires=requires)
    (tmp_path / "xformers").mkdir()
    record = '{"version": {"cuda": 1208, "hip": null, "torch": "2.8.0+cu128", "python": "3.10.11"}}'
    (tmp_path / "xformers" / "cpp_lib.json").write_text(record, encoding="utf-8")
    (found,) = built_for(read_packages([tmp_path]))
    assert found.cuda == "12.8"
    assert found.torch == torch if torch else isinstance(found.torch, Unknown)


@pytest.mark.parametrize("words", ["", "[]", '{"version": 3}', "\x00"])
def test_a_broken_record_of_xformers_is_no_harm(tmp_path: Path, words: str) -> None:
    package(tmp_path, "xformers", "0.0.32")
    (tmp_path / "xformers").mkdir()
    (tmp_path / "xformers" / "cpp_lib.json").write_text(words, encoding="utf-8")
    assert isinstance(built_for(read_packages([tmp_path]))[0].cuda, Unknown)


@pytest.mark.parametrize(
    ("files", "versions", "system"),
    [
        (["cpu.dll", "cuda128.dll", "cuda118.dll"], ("11.8", "12.8", "cpu"), "windows"),
        (["cuda117_nocublaslt.so", "cpu.so"], ("11.7", "cpu"), "linux"),
        (["rocm714.so", "cuda130.so"], ("13.0", "rocm 7.14"), "linux"),
        (["x.py"], (), "none"),
    ],
)
def test_bitsandbytes_tells_its_libraries(
    tmp_path: Path, files: list[str], versions: tuple[str, ...], system: str
) -> None:
    (tmp_path / "bitsandbytes").mkdir()
    for name in files:
        (tmp_path / "bitsandbytes" / f"libbitsandbytes_{name}").touch()
    assert bitsandbytes_libraries(read_packages([tmp_path])) == (versions, system)


@pytest.mark.parametrize(
    ("files", "backend"),
    [
        (["llama.dll", "ggml-cuda.dll", "ggml-cpu.dll"], "cuda"),
        (["libllama.so", "libggml-vulkan.so"], "vulkan"),
        (["libllama.dylib", "libggml-metal.dylib"], "metal"),
        (["libllama.so", "libggml-cpu.so"], "cpu"),
    ],
)
def test_llama_tells_what_it_computes_on(tmp_path: Path, files: list[str], backend: str) -> None:
    assert isinstance(llama_backend(read_packages([tmp_path])), Absent)
    package(tmp_path, "llama_cpp_python", "0.3.16")
    assert isinstance(llama_backend(read_packages([tmp_path])), Unknown)
    (tmp_path / "llama_cpp" / "lib").mkdir(parents=True)
    for name in files:
        (tmp_path / "llama_cpp" / "lib" / name).touch()
    assert llama_backend(read_packages([tmp_path])) == backend


def test_openmp_runtimes_are_named_once_each(tmp_path: Path) -> None:
    site = windows_environment(tmp_path / "a")
    for name in ("numpy.libs/vcomp140-f96f3a14.dll", "sklearn/.libs/vcomp140.dll", "other/deep/down/libiomp5md.dll"):
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).touch()
    (tmp_path / "a" / "Library" / "bin").mkdir(parents=True)
    (tmp_path / "a" / "Library" / "bin" / "libiomp5md.dll").touch()
    place = find_place(tmp_path / "a")
    assert place is not None
    assert openmp_runtimes(place, (site,)) == (
        "Library/bin/libiomp5md.dll",
        "numpy.libs/vcomp140-f96f3a14.dll",
        "sklearn/.libs/vcomp140.dll",
        "torch/lib/libiomp5md.dll",
        "torch/lib/libomp140.x86_64.dll",
    )


# ---------------------------------------------------------------------------------------------- the whole


def test_an_environment_full_of_rubbish_is_still_told(tmp_path: Path, home: Home) -> None:
    site = windows_environment(tmp_path / "a", cuda=True)
    for file in sorted(site.rglob("*")):
        if file.is_file():
            file.write_bytes(b"\xff\xfe\0rubbish" * 7)
    package(site, "bitsandbytes", "0.45.0")
    (site / "bitsandbytes").touch()
    found = probe_environment(RealHost(), home, tmp_path / "a")
    assert isinstance(found, PythonEnvironment)
    assert isinstance(found.torch, Unknown)
    assert isinstance(found.missing_libraries, (tuple, Unknown))


@pytest.mark.slow
def test_the_real_environment_lacks_nothing(test_home: Home) -> None:
    found = probe_environment(RealHost(), test_home)
    assert isinstance(found, PythonEnvironment)
    assert isinstance(found.torch, TorchFiles)
    assert found.missing_libraries == ()
    assert (found.leftovers, found.duplicates) == ((), ())
    assert any("torch/lib" in runtime for runtime in found.openmp if isinstance(found.openmp, tuple))
