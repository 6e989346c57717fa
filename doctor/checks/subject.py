"""What is judged: the Python environment in question, its torch, and the GPUs that it would use."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from doctor.catalogue.select import visible_gpus
from doctor.checks.base import Fix
from doctor.checks.torch_builds import TorchBuild, architectures, read_torch_build
from doctor.checks.wheel_choice import known_capability
from doctor.gpu_models import architecture, family_of
from doctor.late_pattern import late_pattern
from doctor.snapshot.model import (
    Absent,
    BuiltFor,
    NvidiaDriver,
    OperatingSystem,
    PythonEnvironment,
    TorchFiles,
    Unknown,
)
from doctor.versions import numbers
from doctor.words.text import text

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue, Stack
    from doctor.snapshot.model import Gpu, Snapshot
    from doctor.words.text import Text

_NOT_TOLD = Unknown("its name does not tell")
_BUILT_TAG = late_pattern(
    r"cu(?P<cuda>\d+)torch(?P<torch>\d+(?:\.\d+)+)(?:cxx11abi(?P<abi>TRUE|FALSE))?", re.IGNORECASE
)


def environment_of(snapshot: Snapshot) -> PythonEnvironment | None:
    return snapshot.environment if isinstance(snapshot.environment, PythonEnvironment) else None


def is_read_whole(snapshot: Snapshot) -> bool:
    """Whether all of the environment was seen, so that what is not listed is not there. A text tells only a part."""
    environment = environment_of(snapshot)
    return environment is not None and environment.role != "told"


def is_own(snapshot: Snapshot) -> bool:
    """Whether it is tunedoc's own environment that is judged, or the lack of one."""
    environment = environment_of(snapshot)
    return environment is None or environment.role == "training"


def versions(snapshot: Snapshot) -> dict[str, str]:
    """Installed packages by name."""
    environment = environment_of(snapshot)
    return {} if environment is None else {package.name: package.version for package in environment.packages}


def version_of(snapshot: Snapshot, name: str) -> str | None:
    """A package's version, where it is there and its version is a number."""
    version = versions(snapshot).get(name, "")
    return version if version[:1].isdigit() else None


def system_name(snapshot: Snapshot) -> str:
    return snapshot.os.system if isinstance(snapshot.os, OperatingSystem) else ""


def in_wsl(snapshot: Snapshot) -> bool:
    return isinstance(snapshot.os, OperatingSystem) and snapshot.os.wsl > 0


def shown_gpus(snapshot: Snapshot) -> tuple[Gpu, ...]:
    """GPUs that CUDA will show."""
    nvidia = snapshot.nvidia
    return visible_gpus(nvidia, snapshot.settings) if isinstance(nvidia, NvidiaDriver) else ()


def python_minor(snapshot: Snapshot) -> tuple[int, int] | None:
    """(3, 12) of the environment's Python."""
    environment = environment_of(snapshot)
    if environment is None or not isinstance(environment.python_version, str):
        return None
    if not environment.python_version[:1].isdigit():
        return None
    parts = (*numbers(environment.python_version), 0)
    return parts[0], parts[1]


def torch_files(snapshot: Snapshot) -> TorchFiles | None:
    environment = environment_of(snapshot)
    return environment.torch if environment is not None and isinstance(environment.torch, TorchFiles) else None


def torch_build(snapshot: Snapshot) -> TorchBuild | None:
    """The installed torch, by its own files before its metadata; None when there is none or its version says nothing.

    A version without a tag tells the build only of wheels from the default index: conda's carry no tag either, and a
    text may have left it out.
    """
    environment = environment_of(snapshot)
    if environment is None or isinstance(environment.torch, Absent):
        return None
    files = environment.torch if isinstance(environment.torch, TorchFiles) else None
    version = (
        files.version if files is not None and files.version[:1].isdigit() else versions(snapshot).get("torch", "")
    )
    if not version[:1].isdigit():
        return None
    build = read_torch_build(version, system_name(snapshot))
    tag = version.partition("+")[2]
    if files is not None and isinstance(files.cuda, str) and files.cuda[:1].isdigit():
        return TorchBuild(version=version, kind="cuda", cuda=files.cuda)
    if files is not None and isinstance(files.cuda, Absent):
        return build if build.kind == "other" and tag else TorchBuild(version=version, kind="cpu")
    said_no = files is not None and files.cuda_available is False
    doubtful = environment.kind == "conda" or (environment.role == "told" and build.kind == "cpu" and not said_no)
    return TorchBuild(version=version, kind="other") if not tag and doubtful else build


def compiled_targets(snapshot: Snapshot) -> tuple[str, ...] | None:
    """Compute capabilities that torch has machine code for, as its own files, or a text, say.

    What is there as PTX only does not count: cuBLAS and cuDNN inside the wheel do not follow it.
    """
    files = torch_files(snapshot)
    if files is None or not isinstance(files.architectures, tuple):
        return None
    return tuple(each for each in files.architectures if each[:1].isdigit() and "PTX" not in each.upper()) or None


def torch_targets(snapshot: Snapshot, catalogue: Catalogue) -> tuple[str, ...] | None:
    """The same, where its files do not say it, by its catalogue row, else by the table of builds."""
    compiled, build, environment = compiled_targets(snapshot), torch_build(snapshot), environment_of(snapshot)
    if compiled is not None or build is None:
        return compiled
    row = None if environment is None else find_row(environment, catalogue)
    if row is not None and row.architectures and row.torch == build.version:
        return row.architectures
    return architectures(build, system_name(snapshot))


def find_row(environment: PythonEnvironment, catalogue: Catalogue) -> Stack | None:
    """The catalogue's row that an environment was built from, if it is still there."""
    return next((row for row in catalogue.stacks if row.id == environment.stack), None)


def built_for(snapshot: Snapshot, package: str) -> BuiltFor | None:
    """What an extension was compiled against: by its files, else by the tag in its version."""
    environment = environment_of(snapshot)
    if environment is None:
        return None
    if isinstance(environment.built_for, tuple):
        for each in environment.built_for:
            if each.package == package:
                return each
    found = _BUILT_TAG.search(versions(snapshot).get(package, "").partition("+")[2])
    if found is None:
        return None
    cuda = found["cuda"]
    return BuiltFor(
        package=package,
        torch=found["torch"],
        cuda=f"{cuda[:2]}.{cuda[2:]}" if len(cuda) > 2 else cuda,
        python=_NOT_TOLD,
        cxx11_abi=_NOT_TOLD if found["abi"] is None else found["abi"].upper() == "TRUE",
    )


def describe(gpu: Gpu) -> Text:
    """`NVIDIA GeForce GTX 1080 Ti (sm_61, Pascal)`."""
    capability = known_capability(gpu)
    if capability is None:
        return text("packages.gpu_name", name=gpu.name)
    return text(
        "packages.gpu", name=gpu.name, architecture=architecture(capability), family=family_of(capability) or capability
    )


def release(version: str) -> str:
    """`2.13.0` of `2.13.0+cu130`."""
    return version.partition("+")[0]


def minor(version: str) -> tuple[int, int]:
    """(2, 13) of `2.13.0+cu130`. Raises ValueError when the version does not begin with a digit."""
    parts = (*numbers(version), 0)
    return parts[0], parts[1]


def install_fix() -> Fix:
    """Build the environment, anew or for the first time: the doctor can do it."""
    return Fix(id="environment.install", title=text("packages.fix_install"))


def remedies(snapshot: Snapshot, fix_id: str, title: Text, by_hand: Text) -> tuple[Fix, ...]:
    """What puts a package right: tunedoc's own environment is built anew, never changed; any other is the owner's."""
    if is_own(snapshot):
        return (install_fix(),)
    return (Fix(id=fix_id, title=title, by_hand=by_hand), install_fix())
