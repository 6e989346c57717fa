"""Checks of CUDA toolkits, compilers and loose CUDA libraries; most is harmless, for PyTorch brings its own CUDA."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.checks.base import Check, Finding, Fix, Status, asked_here, by_hand, setting_values
from doctor.snapshot.model import PythonEnvironment, TorchFiles, Unknown, WindowsState
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue
    from doctor.snapshot.model import LooseLibrary, Snapshot

_COMPILED = ("deepspeed", "flash-attn", "xformers", "auto-gptq", "causal-conv1d", "mamba-ssm")
"""Packages that compile code when they are installed from source, or while they run."""


def examine_cuda_path(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    value = _cuda_path(snapshot)
    assert value is not None
    toolkits = () if isinstance(snapshot.cuda_toolkits, Unknown) else snapshot.cuda_toolkits
    evidence = (
        text("toolkits.cuda_path", value=value),
        *(text("toolkits.found", path=each.path, version=_version(each.version)) for each in toolkits),
    )
    if any(_same_place(value, each.path) for each in toolkits):
        return Finding("toolkit.cuda_path", Status.OK, text("toolkits.path_right", value=value), evidence)
    fix = Fix(id="settings.cuda_path", title=text("toolkits.fix_path"), by_hand=text("toolkits.by_hand_path"))
    return Finding("toolkit.cuda_path", Status.NOTE, text("toolkits.path_gone", value=value), evidence, (fix,))


def examine_nvcc(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    nvcc, cuda = _nvcc(snapshot), _torch_cuda(snapshot)
    assert nvcc is not None and cuda is not None
    evidence = (text("toolkits.nvcc_is", version=nvcc), text("toolkits.torch_is", cuda=cuda))
    if nvcc.split(".")[:2] == cuda.split(".")[:2]:
        return Finding("toolkit.nvcc", Status.OK, text("toolkits.nvcc_same", version=nvcc), evidence)
    return Finding("toolkit.nvcc", Status.NOTE, text("toolkits.nvcc_other", version=nvcc, cuda=cuda), evidence)


def examine_loose(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    libraries = _loose(snapshot)
    if not libraries:
        return Finding("toolkit.loose", Status.OK, text("toolkits.loose_none"))
    evidence = tuple(text("toolkits.loose_at", name=each.name, place=each.place, path=each.path) for each in libraries)
    for each in libraries:
        if not each.name.startswith("libcuda.so"):
            continue
        folder = each.path.replace("\\", "/").lower()
        if "/stubs" in folder:
            fixes = by_hand("toolkit.loose", text("toolkits.fix_loose"), text("toolkits.by_hand_stub", path=each.path))
            summary = text("toolkits.stub", path=each.path)
            return Finding("toolkit.loose", Status.FAILURE, summary, evidence, fixes, text("toolkits.cause_stub"))
        if "/compat" in folder:
            fixes = by_hand(
                "toolkit.loose", text("toolkits.fix_loose"), text("toolkits.by_hand_compat", path=each.path)
            )
            summary = text("toolkits.compat", path=each.path)
            return Finding("toolkit.loose", Status.WARNING, summary, evidence, fixes, text("toolkits.cause_compat"))
    first = libraries[0]
    summary = text("toolkits.loose", name=first.name, place=first.place)
    return Finding("toolkit.loose", Status.NOTE, summary, evidence)


def examine_compiler(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    windows = snapshot.windows
    assert isinstance(windows, WindowsState) and not isinstance(windows.build_tools, Unknown)
    if windows.build_tools:
        first = windows.build_tools[0]
        evidence = tuple(
            text("toolkits.tools", name=each.name, msvc=_version(each.msvc)) for each in windows.build_tools
        )
        return Finding("toolkit.compiler", Status.OK, text("toolkits.compiler", name=first.name), evidence)
    environment = snapshot.environment
    names = {package.name for package in environment.packages} if isinstance(environment, PythonEnvironment) else set()
    wanting = sorted(names & set(_COMPILED))
    fix = Fix(id="toolkit.compiler", title=text("toolkits.fix_compiler"), by_hand=text("toolkits.by_hand_compiler"))
    if wanting:
        summary = text("toolkits.compiler_wanted", name=wanting[0])
        return Finding("toolkit.compiler", Status.NOTE, summary, (), (fix,))
    return Finding("toolkit.compiler", Status.NOTE, text("toolkits.compiler_none"), (), (fix,))


def _version(version: str | Unknown) -> str:
    return "?" if isinstance(version, Unknown) else version


def _cuda_path(snapshot: Snapshot) -> str | None:
    values = setting_values(snapshot.settings)
    return values.get("CUDA_PATH") or values.get("CUDA_HOME")


def _same_place(one: str, other: str) -> bool:
    def plain(path: str) -> str:
        return path.strip().strip('"').replace("/", "\\").rstrip("\\").lower()

    return plain(one) == plain(other)


def _nvcc(snapshot: Snapshot) -> str | None:
    programs = () if isinstance(snapshot.programs, Unknown) else snapshot.programs
    return next((each.version for each in programs if each.name == "nvcc" and isinstance(each.version, str)), None)


def _torch_cuda(snapshot: Snapshot) -> str | None:
    environment = snapshot.environment
    if not isinstance(environment, PythonEnvironment) or not isinstance(environment.torch, TorchFiles):
        return None
    return environment.torch.cuda if isinstance(environment.torch.cuda, str) else None


def _loose(snapshot: Snapshot) -> tuple[LooseLibrary, ...]:
    return () if isinstance(snapshot.loose_libraries, Unknown) else snapshot.loose_libraries


def _points_somewhere(snapshot: Snapshot) -> bool:
    known = isinstance(snapshot.cuda_toolkits, tuple)
    return asked_here(snapshot) and known and _cuda_path(snapshot) is not None


def _knows_compiler(snapshot: Snapshot) -> bool:
    return isinstance(snapshot.windows, WindowsState) and isinstance(snapshot.windows.build_tools, tuple)


CUDA_PATH = Check(
    id="toolkit.cuda_path",
    title=text("toolkits.title_path"),
    examine=examine_cuda_path,
    applies=_points_somewhere,
    rank=85,
)
NVCC = Check(
    id="toolkit.nvcc",
    title=text("toolkits.title_nvcc"),
    examine=examine_nvcc,
    applies=lambda snapshot: _nvcc(snapshot) is not None and _torch_cuda(snapshot) is not None,
    rank=90,
)
LOOSE = Check(
    id="toolkit.loose",
    title=text("toolkits.title_loose"),
    examine=examine_loose,
    applies=lambda snapshot: isinstance(snapshot.loose_libraries, tuple),
    rank=12,
)
COMPILER = Check(
    id="toolkit.compiler",
    title=text("toolkits.title_compiler"),
    examine=examine_compiler,
    applies=_knows_compiler,
    rank=85,
)
