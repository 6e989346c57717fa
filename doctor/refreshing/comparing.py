"""Facts that were read out of wheels against what the catalogue says. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from doctor.late_pattern import late_pattern
from doctor.quick_dataclass import dataclass
from doctor.reading.fatbins import by_age

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from doctor.catalogue.facts import Facts
    from doctor.catalogue.model import Catalogue
    from doctor.reading.fatbins import DeviceCode
    from doctor.reading.wheel_facts import TorchWheel, WheelFacts

_TRITON = late_pattern(r"triton\s*\(?((?:==|~=|>=)\s*[\d.]+)")
_LEAST = late_pattern(r">=\s*(\d+(?:\.\d+)*)")


@dataclass(frozen=True, kw_only=True)
class Compared:
    """One fact in both places."""

    row: str
    """`torch.builds 2.13 cu130 linux`."""
    field: str
    """The column."""
    said: str
    """By the catalogue."""
    read: str
    """Out of the wheel."""
    file: str

    @property
    def agrees(self) -> bool:
        return self.said == self.read


def compare(catalogue: Catalogue, wheel: WheelFacts) -> tuple[Compared, ...]:
    """Every fact that both have. What the wheel did not tell, or the catalogue does not say, is left out."""
    if wheel.torch is not None:
        return tuple(_torch(catalogue.facts, wheel, wheel.torch))
    if wheel.name.package == "bitsandbytes":
        return tuple(_bitsandbytes(catalogue.facts, wheel))
    return tuple(_part(catalogue, wheel))


def plain(architectures: Iterable[str]) -> tuple[str, ...]:
    """Architectures as the catalogue counts them: code for `9.0a` runs on 9.0."""
    return tuple(sorted({name.rstrip("af") for name in architectures}, key=by_age))


def built_for(code: DeviceCode) -> str:
    return " ".join(plain(code.architectures))


def built_ptx(code: DeviceCode) -> str:
    return " ".join(plain(code.ptx_architectures))


def variant_of(torch: TorchWheel) -> str:
    """`13.0` → `cu130`, `` → `cpu`."""
    return "cu" + torch.cuda.replace(".", "") if torch.cuda else "cpu"


def python_of(tag: str) -> str:
    """`cp312` → `3.12`."""
    return f"{tag[2]}.{tag[3:]}" if tag.startswith("cp") else tag


def release_of(version: str) -> str:
    """`2.13.0+cu130` → `2.13.0`."""
    return version.partition("+")[0]


def triton_of(wheel: WheelFacts) -> str:
    """What a torch wheel asks of triton, as the catalogue has it: `triton==3.7.1` → `3.7.1`, else with its operator."""
    found = next(filter(None, map(_TRITON.match, wheel.requires)), None)
    return found[1].replace(" ", "").removeprefix("==") if found else ""


def _torch(facts: Facts, wheel: WheelFacts, torch: TorchWheel) -> Iterator[Compared]:
    file, system = wheel.name.file, wheel.name.system
    version = release_of(torch.version)
    release = facts.release(version)
    row = f"torch.releases {version}"
    if release is not None:
        python = python_of(wheel.name.pythons[0])
        pythons = release.pythons(system)
        # The catalogue leaves out Pythons without the lock.
        if pythons and not wheel.name.abis[0].endswith("t"):
            yield _one(row, f"pythons of {system}", python if python in pythons else "", python, file)
        if system == "linux":
            if release.glibc and wheel.name.glibc:
                yield _one(row, "glibc", release.glibc, wheel.name.glibc, file)
            if torch.cxx11_abi is not None:
                yield _one(row, "abi", _abi(release.new_abi), _abi(torch.cxx11_abi), file)
            if release.triton and triton_of(wheel):
                yield _one(row, "triton", release.triton, triton_of(wheel), file)
            if "+" not in wheel.name.version and torch.cuda and release.linux_cuda:
                said = ".".join(release.linux_cuda.split(".")[:2])
                yield _one(row, "cuda of linux", said, torch.cuda, file)
        if system == "windows":
            if release.windows_gloo is not None and torch.gloo is not None:
                yield _one(row, "gloo windows", _word(release.windows_gloo), _word(torch.gloo), file)
            if release.windows_vc_threads is not None and torch.threads_runtime is not None:
                yield _one(row, "vc threads", _word(release.windows_vc_threads), _word(torch.threads_runtime), file)
        said = release.windows_numpy if system == "windows" else release.linux_numpy
        if said and torch.numpy_2 is not None:
            yield _one(row, f"numpy {system}", said, "2" if torch.numpy_2 else "1", file)
    if torch.cuda:
        yield from _build(facts, wheel, torch)


def _build(facts: Facts, wheel: WheelFacts, torch: TorchWheel) -> Iterator[Compared]:
    short = ".".join(release_of(torch.version).split(".")[:2])
    variant, system = variant_of(torch), wheel.name.system
    build = facts.build(short, variant, system)
    if build is None:
        return
    row = f"torch.builds {short} {variant} {system}"
    said, said_ptx = " ".join(plain(build.architectures)), " ".join(plain(build.ptx))
    listed = [name for name in torch.architectures if not name.endswith("+PTX")]
    if listed:
        yield _one(row, "code for", said, " ".join(plain(listed)), wheel.name.file)
        listed_ptx = [name.removesuffix("+PTX") for name in torch.architectures if name.endswith("+PTX")]
        yield _one(row, "ptx", said_ptx, " ".join(plain(listed_ptx)), wheel.name.file)
    if torch.code is not None:
        yield _one(row, "code for", said, built_for(torch.code), wheel.name.file)
        if torch.code.whole:
            yield _one(row, "ptx", said_ptx, built_ptx(torch.code), wheel.name.file)


def _bitsandbytes(facts: Facts, wheel: WheelFacts) -> Iterator[Compared]:
    version, system = wheel.name.version, wheel.name.system
    rows = [row for row in facts.libraries if row.version == version and row.system == system]
    if not rows or wheel.name.machine != "x86_64":
        return
    row_name = f"bitsandbytes.libraries {version} {system}"
    said = {variant: row for row in rows for variant in row.variants}
    read = {"cu" + library.cuda.replace(".", ""): library for library in wheel.libraries if library.code is not None}
    floor = rows[0]
    torch = least(next((line for line in wheel.requires if line.startswith("torch")), ""))
    if floor.torch and torch:
        yield _one(row_name, "torch", floor.torch, torch, wheel.name.file)
    if floor.python and wheel.requires_python:
        yield _one(row_name, "python", floor.python, least(wheel.requires_python), wheel.name.file)
    yield _one(row_name, "cuda", " ".join(sorted(said)), " ".join(sorted(read)), wheel.name.file)
    for variant in sorted(said.keys() & read.keys()):
        code = read[variant].code
        assert code is not None
        row = said[variant]
        yield _one(
            f"{row_name} {variant}", "code for", " ".join(plain(row.architectures)), built_for(code), wheel.name.file
        )
        yield _one(f"{row_name} {variant}", "ptx", " ".join(plain(row.ptx)), built_ptx(code), wheel.name.file)


def _part(catalogue: Catalogue, wheel: WheelFacts) -> Iterator[Compared]:
    """The offers of a part that name this wheel's release."""
    code = wheel.code
    package = f"{wheel.name.package}=={wheel.name.version}"
    seen: set[tuple[str, ...]] = set()
    for part in catalogue.parts:
        for offer in part.offers:
            if offer.package != package or (offer.systems and wheel.name.system not in offer.systems):
                continue
            row = f"part {part.name} {package}"
            if offer.pythons and offer.pythons not in seen and wheel.name.pythons[0].startswith("cp"):
                seen.add(offer.pythons)
                python = python_of(wheel.name.pythons[0])
                if wheel.name.abis[0] != "abi3":
                    yield _one(row, "pythons", python if python in offer.pythons else "", python, wheel.name.file)
            gpus = (*offer.architectures, "+", *offer.ptx)
            if code is not None and offer.architectures and gpus not in seen:
                seen.add(gpus)
                yield _one(row, "gpus", " ".join(plain(offer.architectures)), built_for(code), wheel.name.file)
                yield _one(row, "gpus +", " ".join(plain(offer.ptx)), built_ptx(code), wheel.name.file)


def least(requirement: str) -> str:
    """`torch<3,>=2.4` → `2.4`."""
    found = _LEAST.search(requirement)
    return found[1] if found else ""


def _one(row: str, field: str, said: str, read: str, file: str) -> Compared:
    return Compared(row=row, field=field, said=said, read=read, file=file)


def _word(value: bool) -> str:
    return "yes" if value else "no"


def _abi(new: bool) -> str:
    return "new" if new else "old"
