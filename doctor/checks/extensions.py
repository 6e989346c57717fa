"""Checks of what else is compiled against torch or the GPU: xformers, Triton, llama-cpp-python, deepspeed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.checks.base import Check, Finding, Fix, Status
from doctor.checks.subject import (
    built_for,
    describe,
    environment_of,
    install_fix,
    minor,
    release,
    remedies,
    shown_gpus,
    system_name,
    torch_build,
    version_of,
    versions,
)
from doctor.checks.wheel_choice import known_capability, recommended_index
from doctor.versions import at_least, numbers
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue
    from doctor.snapshot.model import Snapshot

_XFORMERS_TORCH = {
    "0.0.27.post2": "2.4.0",
    "0.0.28.post3": "2.5.1",
    "0.0.29.post1": "2.5.1",
    "0.0.29.post3": "2.6.0",
    "0.0.30": "2.7.0",
    "0.0.31": "2.7.1",
    "0.0.31.post1": "2.7.1",
    "0.0.32.post2": "2.8.0",
    "0.0.33": "2.9.0",
    "0.0.33.post1": "2.9.0",
    "0.0.33.post2": "2.9.1",
    "0.0.34": "2.10.0",
}
"""The torch that each release requires; 0.0.35 takes any from 2.10 on. PyPI xformers, and
https://github.com/unslothai/unsloth/blob/main/install.ps1"""
_XFORMERS_STABLE, _XFORMERS_STABLE_TORCH = "0.0.35", "2.10"
_XFORMERS_WITHOUT_VOLTA = "0.0.31"
"""Its wheels begin at compute capability 7.5. PyPI xformers 0.0.31.post1 to 0.0.35"""

_TRITON_FOR = (
    ((2, 15), "3.9"),
    ((2, 14), "3.8"),
    ((2, 12), "3.7"),
    ((2, 10), "3.6"),
    ((2, 9), "3.5"),
    ((2, 8), "3.4"),
    ((2, 7), "3.3"),
    ((2, 6), "3.2"),
    ((2, 5), "3.1"),
)
"""The Triton that torch of this release or newer pins. PyPI torch 2.5.0 to 2.15.0; the same on Windows:
https://github.com/triton-lang/triton-windows/blob/readme/README.md"""
_TRITON_24 = {"linux": "3.0", "windows": "3.1"}
_TRITON_WITHOUT_TURING = "3.3"
"""https://github.com/triton-lang/triton-windows/blob/readme/README.md; also the first for RTX 50"""
_LAST_DEEPSPEED_WHEEL = "0.16.5"
"""For Windows. PyPI deepspeed 0.16.5"""
_LLAMA_INDEX = "https://abetlen.github.io/llama-cpp-python/whl/{tag}"
"""Windows wheels with CUDA: cu118, cu124, cu125, cu130, cu132.
https://github.com/abetlen/llama-cpp-python/blob/main/.github/workflows/build-wheels-cuda.yaml"""


def examine_xformers(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    build, version = torch_build(snapshot), version_of(snapshot, "xformers")
    assert build is not None and version is not None
    made = built_for(snapshot, "xformers")
    torch_made = made.torch if made is not None and isinstance(made.torch, str) else None
    cuda_made = made.cuda if made is not None and isinstance(made.cuda, str) else None
    wanted = None
    if at_least(version, _XFORMERS_STABLE):
        wanted = _XFORMERS_STABLE_TORCH if not at_least(build.version, _XFORMERS_STABLE_TORCH) else None
    else:
        required = torch_made or _XFORMERS_TORCH.get(release(version))
        wanted = required if required is not None and numbers(required) != numbers(build.version) else None
        if wanted is None and cuda_made and build.kind == "cuda" and numbers(cuda_made)[:2] != numbers(build.cuda)[:2]:
            wanted = f"{torch_made or release(build.version)} (CUDA {cuda_made})"
    evidence = (text("packages.version", name="torch", version=build.version),)
    if wanted is None:
        return Finding("xformers.torch", Status.OK, text("extensions.xformers_ok", version=version), evidence)
    summary = text("extensions.xformers", version=version, wanted=wanted, torch=build.version)
    by_hand = text("extensions.by_hand_xformers", index=f"cu{build.cuda.replace('.', '')}" if build.cuda else "cpu")
    fixes = remedies(snapshot, "xformers.match", text("extensions.fix_xformers"), by_hand)
    cause = text("extensions.cause_xformers")
    return Finding("xformers.torch", Status.WARNING, summary, evidence, fixes, cause)


def examine_xformers_gpu(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    version = version_of(snapshot, "xformers")
    assert version is not None
    for gpu in shown_gpus(snapshot):
        capability = known_capability(gpu)
        if capability is not None and at_least(version, _XFORMERS_WITHOUT_VOLTA) and not at_least(capability, "7.5"):
            summary = text("extensions.xformers_gpu", version=version, name=describe(gpu))
            fixes = remedies(
                snapshot, "xformers.sdpa", text("extensions.fix_sdpa"), text("extensions.by_hand_xformers_gpu")
            )
            cause = text("extensions.cause_xformers_gpu")
            return Finding("xformers.gpu", Status.WARNING, summary, (), fixes, cause)
    return Finding("xformers.gpu", Status.OK, text("extensions.xformers_gpu_ok", version=version))


def examine_triton(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    build = torch_build(snapshot)
    name = _triton_name(snapshot)
    version = version_of(snapshot, name)
    assert build is not None and version is not None
    wanted = _triton_for(snapshot)
    evidence = (text("packages.version", name="torch", version=build.version),)
    if wanted is None or minor(version) == minor(wanted):
        return Finding("triton.torch", Status.OK, text("extensions.triton_ok", version=version), evidence)
    summary = text("extensions.triton", name=name, version=version, wanted=wanted, torch=release(build.version))
    command = f'python -m pip install -U "{_spec(name, wanted)}"'
    fixes = remedies(
        snapshot, "triton.match", text("extensions.fix_triton"), text("extensions.by_hand_triton", command=command)
    )
    cause = text("extensions.cause_triton", wanted=wanted, torch=release(build.version))
    return Finding("triton.torch", Status.WARNING, summary, evidence, fixes, cause)


def examine_triton_windows(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    have = versions(snapshot)
    users = [name for name in ("unsloth", "liger-kernel") if name in have]
    wanted = _triton_for(snapshot)
    spec = (
        "triton-windows" if wanted is None else f"triton-windows>={wanted},<{minor(wanted)[0]}.{minor(wanted)[1] + 1}"
    )
    if "triton" in have and "triton-windows" in have:
        summary = text("extensions.two_tritons", first=have["triton"], second=have["triton-windows"])
        cause = text("extensions.cause_two_tritons")
        command = f'python -m pip install --force-reinstall --no-deps "{spec}"'
        by_hand = text("extensions.by_hand_two_tritons", command=command)
        fixes = remedies(snapshot, "triton.windows", text("extensions.fix_triton"), by_hand)
        return Finding("triton.windows", Status.WARNING, summary, (), fixes, cause)
    if users and "torch" in have and "triton" not in have and "triton-windows" not in have:  # else a mere excerpt
        summary = text("extensions.no_triton", name=users[0])
        by_hand = text("extensions.by_hand_triton", command=f'python -m pip install -U "{spec}"')
        fixes = remedies(snapshot, "triton.windows", text("extensions.fix_triton"), by_hand)
        cause = text("extensions.cause_no_triton", name=users[0])
        return Finding("triton.windows", Status.WARNING, summary, (), fixes, cause)
    return Finding("triton.windows", Status.OK, text("extensions.triton_windows_ok"))


def examine_triton_gpu(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    version = version_of(snapshot, _triton_name(snapshot))
    assert version is not None
    for gpu in shown_gpus(snapshot):
        capability = known_capability(gpu)
        if capability is None:
            continue
        if at_least(capability, "10.0") and not at_least(version, _TRITON_WITHOUT_TURING):
            summary = text("extensions.triton_new_gpu", version=version, name=describe(gpu))
            command = f'python -m pip install -U "{_triton_name(snapshot)}>={_triton_for(snapshot) or "3.3"}"'
            by_hand = text("extensions.by_hand_triton", command=command)
            fixes = remedies(snapshot, "triton.match", text("extensions.fix_triton"), by_hand)
            cause = text("extensions.cause_triton_new_gpu")
            return Finding("triton.gpu", Status.WARNING, summary, (), fixes, cause)
        old = not at_least(capability, "7.0") or (
            at_least(version, _TRITON_WITHOUT_TURING) and not at_least(capability, "8.0")
        )
        if old:
            # Training needs no Triton; only torch.compile and what is written in it do.
            summary = text("extensions.triton_old_gpu", version=version, name=describe(gpu))
            return Finding("triton.gpu", Status.NOTE, summary)
    return Finding("triton.gpu", Status.OK, text("extensions.triton_gpu_ok", version=version))


def examine_llama(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    environment = environment_of(snapshot)
    version = version_of(snapshot, "llama-cpp-python")
    assert environment is not None and version is not None
    backend = environment.llama_backend
    if backend != "cpu":
        return Finding("llama.backend", Status.OK, text("extensions.llama_ok", backend=str(backend)))
    gpu = shown_gpus(snapshot)[0]
    tag = "cu130" if recommended_index(snapshot) == "cu130" else "cu124"
    summary = text("extensions.llama_cpu", version=version, name=gpu.name)
    command = (
        f"python -m pip install --force-reinstall --no-deps llama-cpp-python --index-url {_LLAMA_INDEX.format(tag=tag)}"
    )
    by_hand = text("extensions.by_hand_llama", command=command)
    fixes = (Fix(id="llama.cuda", title=text("extensions.fix_llama"), by_hand=by_hand), install_fix())
    cause = text("extensions.cause_llama")
    return Finding("llama.backend", Status.WARNING, summary, (describe(gpu),), fixes, cause)


def examine_deepspeed(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    version = version_of(snapshot, "deepspeed")
    assert version is not None
    if at_least(version, _LAST_DEEPSPEED_WHEEL) and numbers(version) != numbers(_LAST_DEEPSPEED_WHEEL):
        return Finding("deepspeed.windows", Status.NOTE, text("extensions.deepspeed_source", version=version))
    return Finding("deepspeed.windows", Status.OK, text("extensions.deepspeed_wheel", version=version))


def has_xformers(snapshot: Snapshot) -> bool:
    return version_of(snapshot, "xformers") is not None and torch_build(snapshot) is not None


def has_xformers_and_gpus(snapshot: Snapshot) -> bool:
    known = [known_capability(gpu) for gpu in shown_gpus(snapshot)]
    return version_of(snapshot, "xformers") is not None and any(each is not None for each in known)


def has_triton(snapshot: Snapshot) -> bool:
    return version_of(snapshot, _triton_name(snapshot)) is not None and torch_build(snapshot) is not None


def has_triton_and_gpus(snapshot: Snapshot) -> bool:
    known = [known_capability(gpu) for gpu in shown_gpus(snapshot)]
    return version_of(snapshot, _triton_name(snapshot)) is not None and any(each is not None for each in known)


def has_packages_on_windows(snapshot: Snapshot) -> bool:
    return system_name(snapshot) == "windows" and bool(versions(snapshot))


def has_llama_and_gpus(snapshot: Snapshot) -> bool:
    environment = environment_of(snapshot)
    if environment is None or version_of(snapshot, "llama-cpp-python") is None:
        return False
    return isinstance(environment.llama_backend, str) and bool(shown_gpus(snapshot))


def has_deepspeed_on_windows(snapshot: Snapshot) -> bool:
    return system_name(snapshot) == "windows" and version_of(snapshot, "deepspeed") is not None


XFORMERS = Check(
    id="xformers.torch",
    title=text("extensions.title_xformers"),
    examine=examine_xformers,
    applies=has_xformers,
    rank=50,
)
XFORMERS_GPU = Check(
    id="xformers.gpu",
    title=text("extensions.title_xformers_gpu"),
    examine=examine_xformers_gpu,
    applies=has_xformers_and_gpus,
    rank=55,
)
TRITON = Check(
    id="triton.torch", title=text("extensions.title_triton"), examine=examine_triton, applies=has_triton, rank=48
)
TRITON_WINDOWS = Check(
    id="triton.windows",
    title=text("extensions.title_triton_windows"),
    examine=examine_triton_windows,
    applies=has_packages_on_windows,
    rank=47,
    explains=("triton.torch",),
)
TRITON_GPU = Check(
    id="triton.gpu",
    title=text("extensions.title_triton_gpu"),
    examine=examine_triton_gpu,
    applies=has_triton_and_gpus,
    rank=52,
)
LLAMA = Check(
    id="llama.backend",
    title=text("extensions.title_llama"),
    examine=examine_llama,
    applies=has_llama_and_gpus,
    rank=60,
)
DEEPSPEED = Check(
    id="deepspeed.windows",
    title=text("extensions.title_deepspeed"),
    examine=examine_deepspeed,
    applies=has_deepspeed_on_windows,
    rank=70,
)


def _spec(name: str, wanted: str) -> str:
    """`triton-windows>=3.4,<3.5`."""
    return f"{name}>={wanted},<{minor(wanted)[0]}.{minor(wanted)[1] + 1}"


def _triton_name(snapshot: Snapshot) -> str:
    return "triton-windows" if system_name(snapshot) == "windows" else "triton"


def _triton_for(snapshot: Snapshot) -> str | None:
    """The Triton release that belongs to the installed torch."""
    build = torch_build(snapshot)
    if build is None:
        return None
    if minor(build.version) == (2, 4):
        return _TRITON_24.get(system_name(snapshot))
    return next((triton for first, triton in _TRITON_FOR if minor(build.version) >= first), None)
