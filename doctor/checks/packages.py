"""Checks of single packages in the training environment against each other and against the machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.catalogue.select import covers, visible_gpus
from doctor.checks.base import Check, Finding, Fix, Status, setting_values
from doctor.checks.environment import find_row, has_environment, install_fix
from doctor.checks.reasons import told
from doctor.checks.torch_builds import TorchBuild, architectures, matching_torch, oldest_driver, read_torch_build
from doctor.snapshot.model import Absent, NvidiaDriver, OperatingSystem, PythonEnvironment, Unknown
from doctor.versions import at_least
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue
    from doctor.snapshot.model import Gpu, Snapshot

_COMPANIONS = ("torchvision", "torchaudio")

# Read from the fat binaries in the wheels: the first release with code for each, and what each CUDA build covers.
_FIRST_BITSANDBYTES = (("13.2", "0.50.0"), ("13.0", "0.48.0"), ("12.9", "0.46.1"), ("12.8", "0.45.3"))
_MIN_NF4 = "6.0"
"""https://github.com/bitsandbytes-foundation/bitsandbytes/blob/main/docs/source/installation.mdx"""


def versions(snapshot: Snapshot) -> dict[str, str]:
    """Installed packages by name."""
    environment = snapshot.environment
    if not isinstance(environment, PythonEnvironment):
        return {}
    return {package.name: package.version for package in environment.packages}


def system_name(snapshot: Snapshot) -> str:
    return snapshot.os.system if isinstance(snapshot.os, OperatingSystem) else ""


def shown_gpus(snapshot: Snapshot) -> tuple[Gpu, ...]:
    """GPUs that CUDA will show."""
    nvidia = snapshot.nvidia
    return visible_gpus(nvidia, snapshot.settings) if isinstance(nvidia, NvidiaDriver) else ()


def torch_build(snapshot: Snapshot) -> TorchBuild | None:
    """The installed torch; None when there is none or its version says nothing."""
    version = versions(snapshot).get("torch", "")
    return read_torch_build(version, system_name(snapshot)) if version[:1].isdigit() else None


def examine_torch(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    build = torch_build(snapshot)
    if build is None:
        return Finding("environment.torch", Status.FAILURE, text("packages.no_torch"), (), (install_fix(),))
    if build.kind == "other":
        summary = text("packages.torch_other", version=build.version)
        return Finding("environment.torch", Status.NOTE, summary)
    if build.kind == "cpu":
        return _judge_cpu_torch(snapshot, build)
    return _judge_cuda_torch(snapshot, catalogue, build)


def examine_companions(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    have = versions(snapshot)
    torch = have.get("torch", "")
    present = [(name, have[name]) for name in _COMPANIONS if name in have]
    evidence = tuple(
        text("packages.version", name=name, version=version) for name, version in [("torch", torch), *present]
    )
    for name, version in present:
        if not torch[:1].isdigit() or not version[:1].isdigit():
            continue
        wanted = matching_torch(name, version)
        # The libraries are linked against one torch: another release, or another CUDA, fails at import.
        if wanted is not None and not _same_minor(torch, wanted):
            summary = text("packages.companion_release", name=name, version=version, wanted=wanted, torch=torch)
            return Finding("environment.companions", Status.FAILURE, summary, evidence, (install_fix(),))
        tag, torch_tag = version.partition("+")[2], torch.partition("+")[2]
        if tag != torch_tag:
            summary = text("packages.companion_tag", name=name, version=version, torch=torch)
            return Finding("environment.companions", Status.WARNING, summary, evidence, (install_fix(),))
    return Finding("environment.companions", Status.OK, text("packages.companions_ok"), evidence)


def examine_bitsandbytes(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    version = versions(snapshot).get("bitsandbytes")
    build = torch_build(snapshot)
    assert build is not None
    if version is None:
        summary = text("packages.no_bitsandbytes")
        return Finding("environment.bitsandbytes", Status.NOTE, summary, (), (install_fix(),))
    evidence = (text("packages.version", name="torch", version=build.version),)
    needed = next((first for cuda, first in _FIRST_BITSANDBYTES if at_least(build.cuda, cuda)), None)
    if needed is not None and not at_least(version, needed):
        summary = text("packages.bitsandbytes_old", version=version, needs=needed, cuda=build.cuda)
        return Finding("environment.bitsandbytes", Status.FAILURE, summary, evidence, (install_fix(),))
    for gpu in shown_gpus(snapshot):
        capability = gpu.compute_capability
        if isinstance(capability, str) and capability[:1].isdigit() and not at_least(capability, _MIN_NF4):
            summary = text("packages.bitsandbytes_gpu", name=gpu.name, have=capability, needs=_MIN_NF4)
            return Finding("environment.bitsandbytes", Status.WARNING, summary, evidence)
    return Finding("environment.bitsandbytes", Status.OK, text("packages.plain", version=version), evidence)


def examine_gloo(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    build = torch_build(snapshot)
    assert build is not None
    # Run with every Windows wheel from 2.4 to 2.15: 2.8 to 2.10 are built without gloo's transport.
    if at_least(build.version, "2.8") and not at_least(build.version, "2.11"):
        summary = text("packages.no_gloo", version=build.version)
        return Finding("environment.gloo", Status.WARNING, summary, (), (install_fix(),))
    return Finding("environment.gloo", Status.OK, text("packages.gloo", version=build.version))


def examine_libuv(snapshot: Snapshot, catalogue: Catalogue) -> Finding:
    build = torch_build(snapshot)
    assert build is not None
    value = setting_values(snapshot.settings).get("USE_LIBUV")
    evidence = (text("packages.libuv_value", value="–" if value is None else value),)
    # No Windows wheel has the libuv store. torch 2.4 to 2.6 ask for it unless told not to; from 2.7 on they do not.
    # https://github.com/pytorch/pytorch/issues/148283
    asked_by_default = at_least(build.version, "2.4") and not at_least(build.version, "2.7")
    fix = Fix(id="settings.libuv", title=text("packages.fix_libuv"), by_hand=text("packages.by_hand_libuv"))
    if value == "1":
        return Finding("settings.libuv", Status.WARNING, text("packages.libuv_forced"), evidence, (fix,))
    if asked_by_default and value != "0":
        status = Status.WARNING if len(shown_gpus(snapshot)) > 1 else Status.NOTE
        summary = text("packages.libuv_default", version=build.version)
        return Finding("settings.libuv", status, summary, evidence, (fix,))
    return Finding("settings.libuv", Status.OK, text("packages.libuv_ok"), evidence)


def has_torch(snapshot: Snapshot) -> bool:
    return torch_build(snapshot) is not None


def has_companions(snapshot: Snapshot) -> bool:
    return any(name in versions(snapshot) for name in _COMPANIONS)


def has_cuda_torch(snapshot: Snapshot) -> bool:
    build = torch_build(snapshot)
    return build is not None and build.kind == "cuda"


def has_windows_torch(snapshot: Snapshot) -> bool:
    return system_name(snapshot) == "windows" and has_torch(snapshot)


def trains_on_several_windows_gpus(snapshot: Snapshot) -> bool:
    return has_windows_torch(snapshot) and len(shown_gpus(snapshot)) > 1


TORCH = Check(
    id="environment.torch", title=text("packages.title_torch"), examine=examine_torch, applies=has_environment
)
COMPANIONS = Check(
    id="environment.companions",
    title=text("packages.title_companions"),
    examine=examine_companions,
    applies=has_companions,
)
BITSANDBYTES = Check(
    id="environment.bitsandbytes",
    title=text("packages.title_bitsandbytes"),
    examine=examine_bitsandbytes,
    applies=has_cuda_torch,
)
GLOO = Check(
    id="environment.gloo",
    title=text("packages.title_gloo"),
    examine=examine_gloo,
    applies=trains_on_several_windows_gpus,
)
LIBUV = Check(id="settings.libuv", title=text("packages.title_libuv"), examine=examine_libuv, applies=has_windows_torch)


def _judge_cpu_torch(snapshot: Snapshot, build: TorchBuild) -> Finding:
    nvidia = snapshot.nvidia
    if isinstance(nvidia, NvidiaDriver) and nvidia.gpus:
        summary = text("packages.torch_cpu_with_gpu", version=build.version)
        evidence = tuple(text("packages.gpu_name", name=gpu.name) for gpu in nvidia.gpus)
        return Finding("environment.torch", Status.WARNING, summary, evidence, (install_fix(),))
    return Finding("environment.torch", Status.OK, text("packages.torch_cpu", version=build.version))


def _judge_cuda_torch(snapshot: Snapshot, catalogue: Catalogue, build: TorchBuild) -> Finding:
    nvidia, system = snapshot.nvidia, system_name(snapshot)
    if isinstance(nvidia, Absent):
        summary = text("packages.torch_cuda_without_gpu", version=build.version)
        return Finding("environment.torch", Status.NOTE, summary, (), (install_fix(),))
    if isinstance(nvidia, Unknown):
        summary = text("packages.torch_untold", version=build.version)
        return Finding("environment.torch", Status.UNKNOWN, summary, (text("check.why", why=told(nvidia.why)),))
    targets = _architectures(snapshot, catalogue, build)
    driver = oldest_driver(build, system)
    evidence = (
        text("packages.torch_cuda_version", cuda=build.cuda),
        text("packages.torch_targets", targets="?" if targets is None else ", ".join(targets)),
        text("packages.torch_driver", needs=driver or "?"),
    )
    have = nvidia.version
    if driver and isinstance(have, str) and have[:1].isdigit() and not at_least(have, driver):
        summary = text("packages.torch_driver_old", version=build.version, needs=driver, have=have)
        fix = Fix(
            id="nvidia.driver",
            title=text("nvidia.fix_driver"),
            by_hand=text("packages.by_hand_torch_driver", needs=driver),
        )
        return Finding("environment.torch", Status.FAILURE, summary, evidence, (fix,))
    for gpu in shown_gpus(snapshot):
        capability = gpu.compute_capability
        if isinstance(capability, Unknown) or targets is None or not capability[:1].isdigit():
            continue
        if not covers(targets, capability):
            summary = text(
                "packages.torch_uncovered", version=build.version, name=gpu.name, have=capability, index=gpu.index
            )
            return Finding("environment.torch", Status.FAILURE, summary, evidence, (install_fix(),))
    return Finding("environment.torch", Status.OK, text("packages.torch_cuda", version=build.version), evidence)


def _architectures(snapshot: Snapshot, catalogue: Catalogue, build: TorchBuild) -> tuple[str, ...] | None:
    """The catalogue knows its own wheels best; for any other the table does."""
    environment = snapshot.environment
    if isinstance(environment, PythonEnvironment):
        row = find_row(environment, catalogue)
        if row is not None and row.architectures and row.torch == build.version:
            return row.architectures
    return architectures(build, system_name(snapshot))


def _same_minor(version: str, release: str) -> bool:
    return version == release or version.startswith((release + ".", release + "+"))
