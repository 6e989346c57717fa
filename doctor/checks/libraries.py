"""Checks of the shared libraries that torch loads: missing, damaged, stale, doubled, or of another Python."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.checks.base import Check, Finding, Fix, Status, setting_values
from doctor.checks.subject import environment_of, install_fix, remedies, system_name, torch_build, versions
from doctor.checks.torch import install_torch
from doctor.checks.wheel_choice import pip_command
from doctor.snapshot.model import VcRuntime, WindowsState
from doctor.versions import at_least, numbers
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue
    from doctor.snapshot.model import MissingLibrary, Snapshot
    from doctor.words.text import Text

_NEW_MUTEX_TORCH, _NEW_MUTEX_RUNTIME = "2.9", "14.40"
"""Windows wheels since 2.9 are built with MSVC 14.42, whose std::mutex needs a newer msvcp140.dll; with an older one
c10.dll fails to start (WinError 1114). https://github.com/pytorch/pytorch/pull/196987"""
_RUNTIME_NAMES = ("vcruntime140", "msvcp140", "vcomp140", "concrt140")
_INTEL_OPENMP = ("libiomp5md.dll", "libiomp5.so", "libiomp5.dylib")
_SHADOWING = ("torch", "torchvision", "torchaudio", "numpy", "transformers", "bitsandbytes", "peft", "accelerate")


def examine_missing(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    environment = environment_of(snapshot)
    assert environment is not None and isinstance(environment.missing_libraries, tuple)
    missing = environment.missing_libraries
    if not missing:
        return Finding("libraries.missing", Status.OK, text("libraries.none_missing"))
    first = missing[0]
    evidence = tuple(_describe(each) for each in missing)
    summary = text("libraries.missing_one", library=first.name, needed_by=first.needed_by)
    if first.problem != "missing":
        summary = text("libraries.bad_one", library=first.name, needed_by=first.needed_by, problem=_problem(first))
        if first.needed_by.endswith(first.name):  # one of torch's own, where the walk begins
            summary = text("libraries.bad_itself", library=first.needed_by, problem=_problem(first))
    if first.name.lower().startswith(_RUNTIME_NAMES):
        fixes: tuple[Fix, ...] = (_vc_fix(),)
        cause = text("libraries.cause_missing_vc", library=first.name)
    elif first.name.lower().startswith("libomp140"):
        # The Windows wheels of 2.4.0 want it and do not bring it. https://github.com/pytorch/pytorch/issues/131662
        fixes = remedies(snapshot, "torch.reinstall", text("libraries.fix_missing"), text("libraries.by_hand_libomp"))
        cause = text("libraries.cause_libomp", library=first.name)
    else:
        reinstall = text("libraries.by_hand_missing", advice=install_torch(snapshot))
        fixes = remedies(snapshot, "torch.reinstall", text("libraries.fix_missing"), reinstall)
        cause = text("libraries.cause_missing", library=first.name)
    return Finding("libraries.missing", Status.FAILURE, summary, evidence, fixes, cause)


def examine_beside_python(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    environment, build, runtime = environment_of(snapshot), torch_build(snapshot), _vc_runtime(snapshot)
    assert environment is not None and isinstance(environment.runtime_beside_python, tuple)
    beside = environment.runtime_beside_python
    evidence = tuple(text("packages.version", name=each.name, version=each.version) for each in beside)
    system = runtime.version if runtime is not None and isinstance(runtime.version, str) else None
    fix = Fix(
        id="libraries.beside_python",
        title=text("libraries.fix_beside"),
        by_hand=text("libraries.by_hand_beside"),
    )
    for each in beside:
        if not each.version[:1].isdigit():
            continue
        stale = at_least(_NEW_MUTEX_RUNTIME, each.version) and numbers(each.version)[:2] < (14, 40)
        if each.name.lower().startswith("msvcp140") and build is not None and at_least(build.version, _NEW_MUTEX_TORCH):
            if stale:
                summary = text("libraries.beside", name=each.name, version=each.version, needs=_NEW_MUTEX_RUNTIME)
                cause = text("libraries.cause_beside", name=each.name)
                return Finding("libraries.beside_python", Status.FAILURE, summary, evidence, (fix,), cause)
        elif "triton-windows" in versions(snapshot) and system and system[:1].isdigit() and stale:
            # https://github.com/woct0rdho/triton-windows/issues/58, /87: libtriton was built with a newer one.
            summary = text("libraries.beside", name=each.name, version=each.version, needs=system)
            cause = text("libraries.cause_beside", name=each.name)
            return Finding("libraries.beside_python", Status.WARNING, summary, evidence, (fix,), cause)
    return Finding("libraries.beside_python", Status.OK, text("libraries.beside_ok"), evidence)


def examine_openmp(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    environment = environment_of(snapshot)
    assert environment is not None and isinstance(environment.openmp, tuple)
    # Several copies of GNU's libgomp live together; Intel's stops the program at the second one.
    intel = [path for path in environment.openmp if path.replace("\\", "/").rpartition("/")[2].lower() in _INTEL_OPENMP]
    evidence = tuple(text("libraries.path", path=path) for path in environment.openmp)
    if len(intel) < 2:
        return Finding("libraries.openmp", Status.OK, text("libraries.openmp_ok"), evidence)
    allowed = setting_values(snapshot.settings).get("KMP_DUPLICATE_LIB_OK", "").strip().upper() in {"TRUE", "1"}
    if allowed:
        summary = text("libraries.openmp_allowed", count=len(intel))
        return Finding("libraries.openmp", Status.NOTE, summary, evidence)
    summary = text("libraries.openmp", count=len(intel), first=intel[0], second=intel[1])
    fix = Fix(id="settings.kmp", title=text("libraries.fix_openmp"), by_hand=text("libraries.by_hand_openmp"))
    cause = text("libraries.cause_openmp")
    return Finding("libraries.openmp", Status.WARNING, summary, evidence, (fix, install_fix()), cause)


def examine_user_site(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    environment = environment_of(snapshot)
    assert environment is not None and isinstance(environment.user_site, tuple)
    evidence = tuple(text("packages.version", name=each.name, version=each.version) for each in environment.user_site)
    shadowing = [each for each in environment.user_site if each.name in _SHADOWING]
    disabled = setting_values(snapshot.settings).get("PYTHONNOUSERSITE", "").strip() not in {"", "0"}
    if not shadowing or disabled:
        return Finding("libraries.user_site", Status.OK, text("libraries.user_site_ok"), evidence)
    names = ", ".join(f"{each.name} {each.version}" for each in shadowing)
    summary = text("libraries.user_site", names=names)
    by_hand = text("libraries.by_hand_user_site", names=" ".join(each.name for each in shadowing))
    fix = Fix(id="settings.user_site", title=text("libraries.fix_user_site"), by_hand=by_hand)
    cause = text("libraries.cause_user_site")
    return Finding("libraries.user_site", Status.WARNING, summary, evidence, (fix, install_fix()), cause)


def examine_cuda_packages(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    build = torch_build(snapshot)
    assert build is not None
    runtime = _cuda_runtime(snapshot)
    assert runtime is not None
    name, version = runtime
    evidence = (text("packages.version", name=name, version=version),)
    if numbers(version)[:2] == numbers(build.cuda)[:2]:
        return Finding("libraries.cuda_packages", Status.OK, text("libraries.cuda_ok", cuda=build.cuda), evidence)
    summary = text("libraries.cuda_packages", name=name, version=version, torch=build.version, cuda=build.cuda)
    command = pip_command(f"cu{build.cuda.replace('.', '')}", build.version)
    by_hand = text("libraries.by_hand_cuda_packages", command=command)
    fixes = remedies(snapshot, "torch.reinstall", text("libraries.fix_missing"), by_hand)
    cause = text("libraries.cause_cuda_packages", cuda=build.cuda)
    return Finding("libraries.cuda_packages", Status.WARNING, summary, evidence, fixes, cause)


def were_libraries_walked(snapshot: Snapshot) -> bool:
    environment = environment_of(snapshot)
    return environment is not None and isinstance(environment.missing_libraries, tuple)


def was_beside_python_read(snapshot: Snapshot) -> bool:
    environment = environment_of(snapshot)
    return (
        system_name(snapshot) == "windows"
        and environment is not None
        and isinstance(environment.runtime_beside_python, tuple)
    )


def was_openmp_sought(snapshot: Snapshot) -> bool:
    environment = environment_of(snapshot)
    return environment is not None and isinstance(environment.openmp, tuple)


def was_user_site_read(snapshot: Snapshot) -> bool:
    environment = environment_of(snapshot)
    return environment is not None and isinstance(environment.user_site, tuple)


def has_cuda_packages(snapshot: Snapshot) -> bool:
    build = torch_build(snapshot)
    return build is not None and build.kind == "cuda" and _cuda_runtime(snapshot) is not None


MISSING = Check(
    id="libraries.missing",
    title=text("libraries.title_missing"),
    examine=examine_missing,
    applies=were_libraries_walked,
    rank=24,
)
BESIDE_PYTHON = Check(
    id="libraries.beside_python",
    title=text("libraries.title_beside"),
    examine=examine_beside_python,
    applies=was_beside_python_read,
    rank=22,
)
OPENMP = Check(
    id="libraries.openmp",
    title=text("libraries.title_openmp"),
    examine=examine_openmp,
    applies=was_openmp_sought,
    rank=45,
)
USER_SITE = Check(
    id="libraries.user_site",
    title=text("libraries.title_user_site"),
    examine=examine_user_site,
    applies=was_user_site_read,
    rank=28,
)
CUDA_PACKAGES = Check(
    id="libraries.cuda_packages",
    title=text("libraries.title_cuda_packages"),
    examine=examine_cuda_packages,
    applies=has_cuda_packages,
    rank=38,
)


def _vc_runtime(snapshot: Snapshot) -> VcRuntime | None:
    windows = snapshot.windows
    if not isinstance(windows, WindowsState) or not isinstance(windows.vc_runtime, VcRuntime):
        return None
    return windows.vc_runtime


def _vc_fix() -> Fix:
    return Fix(id="windows.vc_runtime", title=text("libraries.fix_vc"), by_hand=text("libraries.by_hand_vc"))


def _describe(library: MissingLibrary) -> Text:
    if library.problem == "missing":
        return text("libraries.missing_one", library=library.name, needed_by=library.needed_by)
    return text("libraries.bad_one", library=library.name, needed_by=library.needed_by, problem=_problem(library))


def _problem(library: MissingLibrary) -> Text:
    if library.problem == "wrong_bits":
        return text("libraries.wrong_bits", found=library.found or "?")
    if library.problem == "too_old":
        return text("libraries.too_old", found=library.found or "?")
    return text("libraries.damaged", found=library.found or "?")


def _cuda_runtime(snapshot: Snapshot) -> tuple[str, str] | None:
    """The CUDA runtime that torch's Linux wheels pin: `nvidia-cuda-runtime`, up to CUDA 12 with a suffix `-cu12`."""
    build = torch_build(snapshot)
    if build is None or not build.cuda:
        return None
    major = numbers(build.cuda)[0]
    for name in ("nvidia-cuda-runtime", f"nvidia-cuda-runtime-cu{major}"):
        version = versions(snapshot).get(name, "")
        if version[:1].isdigit():
            return name, version
    return None
