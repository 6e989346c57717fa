"""Stack rows of the catalogue: what they name themselves, and what they take from the facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from doctor.catalogue.facts import library_covers
from doctor.catalogue.model import PROOFS, Needs, Pin, Stack, Verified
from doctor.catalogue.tables import NAME, NUMBER, PYTHON, Row
from doctor.late_pattern import late_pattern
from doctor.quick_dataclass import dataclass
from doctor.versions import at_least, numbers
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from doctor.catalogue.facts import Facts, Library, TorchBuild, TorchRelease

VERSION = late_pattern(r"\d+(\.\d+)*([a-z]+\d+)?(\.post\d+)?(\+[a-z0-9.]+)?")
ID = late_pattern(r"[a-z0-9]+([.-][a-z0-9]+)*")
_SPECIFIER = late_pattern(r"(<|<=|>|>=|==)3\.\d+")
_VARIANT = late_pattern(r"cu(\d\d)(\d)")

_PROOFS = ("import", "matmul", "attention", "nf4", "train", "gguf", "all-reduce")
"""What an environment must pass where its row does not say; `nf4` only with bitsandbytes."""
_MACHINES = {"windows": ("amd64", "x86_64"), "linux": ("x86_64",)}


@dataclass(frozen=True, kw_only=True)
class PackageSet:
    """Packages that rows share."""

    pins: tuple[Pin, ...]
    source: tuple[str, ...]
    pythons: tuple[str, ...] = ()
    """Versions that every package has a wheel for, the preferred one first."""
    torch: str = ""
    """Oldest torch that it takes."""
    glibc: str = ""


def read_set(row: Row) -> PackageSet:
    """A row of [sets]."""
    found = PackageSet(
        pins=_pins(row, "packages"),
        source=row.strings("source"),
        pythons=row.strings("pythons", PYTHON, required=False),
        torch=row.string("torch", NUMBER, required=False),
        glibc=row.string("glibc", NUMBER, required=False),
    )
    row.finish()
    return found


def read_stack(
    row: Row, indexes: Collection[str], sets: Mapping[str, PackageSet], facts: Facts, nf4_capability: str
) -> Stack:
    """A stack: one that names a build of torch takes what it can do from the facts, any other says it all itself."""
    stack = _derived(row, indexes, sets, facts, nf4_capability) if "torch" in row else _spelled_out(row, indexes, sets)
    if stack.status == "recommended" and not stack.verified:
        raise row.refuse("verified", text("catalogue.unverified"))
    row.finish()
    return stack


def _derived(
    row: Row, indexes: Collection[str], sets: Mapping[str, PackageSet], facts: Facts, nf4_capability: str
) -> Stack:
    system = row.choice("system", ("windows", "linux"))
    torch = row.string("torch", VERSION)
    version, _, local = torch.partition("+")
    shared = _set_of(row, sets)
    release = facts.release(version)
    if release is None:
        raise row.refuse("torch", text("catalogue.no_release", value=version))
    if shared.torch and not at_least(version, shared.torch):
        raise row.refuse("set", text("catalogue.set_too_new", needs=shared.torch, have=version))
    cuda = _cuda_of(row, local)
    pins: tuple[Pin, ...] = (Pin("torch", torch),)
    source = [release.source]
    build, library, floor, driver, driver_wsl = None, None, "", "", ""
    if cuda:
        short = ".".join(str(part) for part in numbers(version)[:2])
        build = facts.build(short, local, system)
        least = facts.minimum_driver(cuda)
        if build is None:
            raise row.refuse("torch", text("catalogue.no_build", value=torch, system=system))
        if least is None:
            raise row.refuse("torch", text("catalogue.no_driver", value=cuda))
        library = _library_of(row, facts, system, local, version)
        driver = _raised(row, "min_driver", least.of(system))
        driver_wsl = _newest(driver, least.windows) if system == "linux" else ""
        floor = _raised(row, "min_compute", _oldest_served(row, build, library, nf4_capability))
        source += [*build.source, *least.source]
        if library is not None:
            pins += (Pin("bitsandbytes", library.version),)
            source.append(library.source)
    pins += _pins(row, "packages", required=False)
    names = {pin.name for pin in pins}
    several_gpus = system != "windows" or not cuda or release.windows_gloo is True
    left_out = {"nf4"} if library is None else set()
    if not (cuda and several_gpus):
        # On a CPU nobody trains in several processes, and two of them cost seconds to start.
        left_out.add("all-reduce")
    smoke = row.strings("smoke", required=False) or tuple(proof for proof in _PROOFS if proof not in left_out)
    return Stack(
        id=row.string("id", ID),
        status=cast("Any", status := _status(row)),
        device="cuda" if cuda else "cpu",
        needs=Needs(
            os=cast("Any", system),
            machines=_MACHINES[system],
            pythons=_pythons(row, release, shared, library, system),
            min_driver=driver,
            min_driver_wsl="" if driver_wsl == driver else driver_wsl,
            min_compute=floor,
            min_glibc=_newest(release.glibc, shared.glibc) if system == "linux" else "",
        ),
        pins=pins + tuple(pin for pin in shared.pins if pin.name not in names),
        smoke=_known_proofs(row, smoke),
        source=tuple(dict.fromkeys((*row.strings("source", required=False), *source, *shared.source))),
        why=row.string("why", required=status == "withdrawn"),
        index=_index_for(row, indexes, local, system),
        cuda=cuda,
        architectures=build.architectures if build else (),
        verified=_verified(row),
        nf4_architectures=library.architectures if library else (),
        nf4_ptx=library.ptx if library else (),
        several_gpus=several_gpus,
    )


def _spelled_out(row: Row, indexes: Collection[str], sets: Mapping[str, PackageSet]) -> Stack:
    status = _status(row)
    device = row.choice("device", ("cpu", "cuda"))
    shared = _set_of(row, sets)
    own = _pins(row, "packages")
    if not any(pin.name == "torch" for pin in own):
        raise row.refuse("packages", text("catalogue.no_torch"))
    index = row.string("index", required=False)
    if index and index not in indexes:
        raise row.refuse("index", text("catalogue.no_such_index", value=index))
    cuda = row.string("cuda", NUMBER, required=device == "cuda")
    architectures = row.strings("architectures", NUMBER, required=device == "cuda")
    stack = Stack(
        id=row.string("id", ID),
        status=cast("Any", status),
        device=cast("Any", device),
        needs=_needs(Row(f"{row.name} needs", row.take("needs")), device),
        pins=own + tuple(pin for pin in shared.pins if all(pin.name != mine.name for mine in own)),
        smoke=_known_proofs(row, row.strings("smoke")),
        source=row.strings("source") + shared.source,
        why=row.string("why", required=status == "withdrawn"),
        index=index,
        cuda=cuda,
        architectures=architectures,
        verified=_verified(row),
    )
    if device == "cpu" and (cuda or architectures or "+cu" in stack.torch):
        raise row.refuse("device", text("catalogue.cuda_on_cpu"))
    return stack


def _cuda_of(row: Row, local: str) -> str:
    """`13.0` for `cu130`; empty for a CPU build."""
    if local in ("", "cpu"):
        return ""
    found = _VARIANT.fullmatch(local)
    if found is None:
        raise row.refuse("torch", text("catalogue.bad_form", value=local))
    return f"{found[1]}.{found[2]}"


def _index_for(row: Row, indexes: Collection[str], local: str, system: str) -> str:
    """The index of the build. The ordinary one has CPU builds for Windows, and CUDA builds for Linux."""
    if not local and system == "linux":
        raise row.refuse("torch", text("catalogue.untagged"))
    name = f"torch-{local}" if local else ""
    if name and name not in indexes:
        raise row.refuse("torch", text("catalogue.no_such_index", value=name))
    return name


def _library_of(row: Row, facts: Facts, system: str, variant: str, torch: str) -> Library | None:
    version = row.string("bitsandbytes", VERSION, required=False)
    if not version:
        return None
    library = facts.library(version, system, variant)
    if library is None:
        raise row.refuse("bitsandbytes", text("catalogue.no_library", value=version, cuda=variant))
    if library.torch and not at_least(torch, library.torch):
        raise row.refuse("bitsandbytes", text("catalogue.set_too_new", needs=library.torch, have=torch))
    return library


def _oldest_served(row: Row, build: TorchBuild, library: Library | None, nf4_capability: str) -> str:
    """The oldest compute capability that both torch and bitsandbytes have code for."""
    for each in sorted(build.architectures, key=numbers):
        if library is None:
            return each
        if at_least(each, nf4_capability) and library_covers(library.architectures, library.ptx, each):
            return each
    raise row.refuse("bitsandbytes", text("catalogue.nothing_served"))


def _raised(row: Row, key: str, fact: str) -> str:
    """A row's own, higher demand. Raises Refused for one below the fact."""
    own = row.string(key, NUMBER, required=False)
    if own and not at_least(own, fact):
        raise row.refuse(key, text("catalogue.below_fact", have=own, fact=fact))
    return own or fact


def _pythons(
    row: Row, release: TorchRelease, shared: PackageSet, library: Library | None, system: str
) -> tuple[str, ...]:
    published = release.pythons(system)
    wanted = row.strings("pythons", PYTHON, required=False)
    beyond = [version for version in wanted if version not in published or version not in shared.pythons]
    if beyond:
        raise row.refuse("pythons", text("catalogue.below_fact", have=beyond[0], fact=", ".join(published)))
    floor = library.python if library is not None else ""
    found = tuple(
        version
        for version in wanted or shared.pythons
        if version in published and (not floor or at_least(version, floor))
    )
    if not found:
        raise row.refuse("pythons", text("catalogue.no_python"))
    return found


def _needs(row: Row, device: str) -> Needs:
    cuda = device == "cuda"
    needs = Needs(
        os=cast("Any", row.choice("os", ("windows", "linux"))),
        machines=row.strings("machines"),
        pythons=row.strings("pythons", PYTHON),
        min_driver=row.string("min_driver", NUMBER, required=cuda),
        min_compute=row.string("min_compute", NUMBER, required=cuda),
        min_glibc=row.string("min_glibc", NUMBER, required=False),
    )
    row.finish()
    return needs


def _status(row: Row) -> str:
    return row.choice("status", ("recommended", "supported", "withdrawn"))


def _set_of(row: Row, sets: Mapping[str, PackageSet]) -> PackageSet:
    named = row.string("set", required=False)
    if named and named not in sets:
        raise row.refuse("set", text("catalogue.no_such_set", value=named))
    return sets[named] if named else PackageSet(pins=(), source=())


def _pins(row: Row, key: str, *, required: bool = True) -> tuple[Pin, ...]:
    value = row.take(key, required=required)
    if value is None:
        return ()
    table = Row(f"{row.name} {key}", value)
    pins: list[Pin] = []
    for name, versions in table.items():
        if not NAME.fullmatch(name):
            raise table.refuse(name, text("catalogue.bad_form", value=name))
        for part in versions if isinstance(versions, list) else [versions]:
            one = Row(f"{table.name} {name}", part if isinstance(part, dict) else {"version": part})
            pins.append(Pin(name, one.string("version", VERSION), one.string("python", _SPECIFIER, required=False)))
            one.finish()
    return tuple(pins)


def _known_proofs(row: Row, smoke: tuple[str, ...]) -> tuple[str, ...]:
    for proof in smoke:
        if proof not in PROOFS:
            raise row.refuse("smoke", text("catalogue.want_choice", allowed=", ".join(PROOFS), value=proof))
    return smoke


def _verified(row: Row) -> tuple[Verified, ...]:
    found = []
    for table in row.rows("verified", required=False):
        one = Row(f"{row.name} verified", table)
        found.append(Verified(on=one.date("on"), machine=one.string("machine")))
        one.finish()
    return tuple(found)


def _newest(*versions: str) -> str:
    """The highest of versions, of which some are empty."""
    known = [version for version in versions if version]
    return max(known, key=numbers) if known else ""
