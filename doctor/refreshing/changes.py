"""What the indexes have otherwise than wheels.toml. Pure but for the answers that it is given."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from packaging.version import InvalidVersion, Version

from doctor.late_pattern import late_pattern
from doctor.quick_dataclass import dataclass
from doctor.refreshing.comparing import python_of

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Iterator, Sequence

    from doctor.catalogue.model import Catalogue, Mirror, Part, Pin
    from doctor.refreshing.asked import Asked
    from doctor.refreshing.indexes import IndexFile

_NAMED = late_pattern(r"PyPI ([a-z0-9][a-z0-9-]*)(?: (\d+(?:\.\d+)*(?:\.post\d+)?))?")
"""A source that is a package, with or without its release."""

Kind = Literal["new", "missing", "withdrawn", "changed", "pythons", "gone"]
SYSTEMS = ("windows", "linux")


@dataclass(frozen=True, kw_only=True)
class Change:
    """One thing that is not as the catalogue has it."""

    kind: Kind
    """`new`: the index has more; `missing`: it lacks what the catalogue names; `withdrawn`: it advises against it;
    `changed`: another value; `pythons`: a Python that some package has no wheel for; `gone`: an address without
    anything behind it."""
    row: str
    field: str
    was: str
    now: str
    source: str
    """The page that says so."""
    table: str = ""
    """The table in text that the line belongs to, where the change can be written."""
    cells: tuple[tuple[str, str], ...] = ()
    """The cells to write, by column; the first is the key."""


def package_changes(catalogue: Catalogue, asked: Asked) -> Iterator[Change]:
    """Packages at fixed versions: those of stacks, parts, models and tools, on the default index."""
    pinned = _pinned(catalogue)
    asked.projects((asked.index, name) for name in pinned)
    for name, rows in pinned.items():
        files = asked.files(asked.index, name)
        if files is None:
            continue
        source = f"{asked.index}/{name}/"
        for version, row in rows.items():
            yield from _version_changes(files, name, version, row, source)
        newer = _newest(files)
        if newer and newer not in rows and all(_is_newer(newer, version) for version in rows):
            first = next(iter(rows))
            yield Change(kind="new", row=rows[first], field=name, was=", ".join(rows), now=newer, source=source)
    yield from _hash_changes(catalogue, asked)
    yield from _waited_for(catalogue, asked, pinned)


def python_changes(catalogue: Catalogue, asked: Asked) -> Iterator[Change]:
    """Stacks that promise a Python for which some package has no wheel."""
    wanted = [pin for stack in catalogue.stacks for pin in stack.pins if "+" not in pin.version]
    asked.projects((asked.index, pin.name) for pin in wanted)
    told: set[tuple[str, str, str]] = set()
    for stack in catalogue.stacks:
        if stack.status == "withdrawn":
            continue
        for pin in stack.pins:
            files = asked.files(asked.index, pin.name) if "+" not in pin.version else None
            offered = [file.name for file in files or () if file.name.version == pin.version]
            if not offered:
                continue  # said already, as a missing version
            for python in stack.needs.pythons:
                key = (pin.name, pin.version, f"{stack.needs.os} {python}")
                if key in told or not _is_for(pin, python):
                    continue
                if not any(
                    name.runs_on(python) and name.system in ("", stack.needs.os) and name.machine in ("", "x86_64")
                    for name in offered
                ):
                    told.add(key)
                    yield Change(
                        kind="pythons", row=f"stack {stack.id}", field=pin.requirement, was=key[2], now="",
                        source=f"{asked.index}/{pin.name}/",
                    )  # fmt: skip


def torch_changes(catalogue: Catalogue, asked: Asked) -> Iterator[Change]:
    """Releases of torch on the default index: new ones, their Pythons and glibc; torchvision that no release names."""
    files = asked.files(asked.index, "torch")
    if files is None:
        return
    source = f"{asked.index}/torch/"
    known = {release.version: release for release in catalogue.facts.releases}
    oldest = min(known, key=Version, default="0")
    by_version: dict[str, list[IndexFile]] = {}
    for file in files:
        if file.final and Version(file.name.version) >= Version(oldest):
            by_version.setdefault(file.name.version, []).append(file)
    for version in sorted(by_version.keys() | known.keys(), key=Version):
        published = by_version.get(version, [])
        row = f"torch.releases {version}"
        now = {f"pythons of {system}": " ".join(_pythons(published, system)) for system in SYSTEMS}
        now["glibc"] = _glibc(published)
        release = known.get(version)
        if release is None:
            month = min((file.uploaded for file in published if file.uploaded), default="")
            cells = (("torch", version), ("month", month), *now.items())
            yield Change(
                kind="new", row=row, field="-", was="", now=version, source=source, table="torch.releases", cells=cells
            )
            continue
        if not published:
            withdrawn = any(file.name.version == version for file in files)
            yield Change(
                kind="withdrawn" if withdrawn else "missing", row=row, field="-", was=version, now="", source=source
            )
            continue
        was = {
            "pythons of windows": " ".join(release.windows_pythons),
            "pythons of linux": " ".join(release.linux_pythons),
            "glibc": release.glibc,
        }
        for field, value in now.items():
            if value and value != was[field]:
                yield Change(
                    kind="changed", row=row, field=field, was=was[field], now=value, source=source,
                    table="torch.releases", cells=(("torch", version), (field, value)),
                )  # fmt: skip
    named = {version for release in known.values() for version in release.torchvision}
    newest = max(named, key=Version, default="0")
    for version in sorted(
        {f.name.version for f in asked.files(asked.index, "torchvision") or () if f.final}, key=Version
    ):
        if version not in named and Version(version) > Version(newest):
            yield Change(
                kind="new", row="torch.releases", field="torchvision", was=newest, now=version,
                source=f"{asked.index}/torchvision/",
            )  # fmt: skip


def bitsandbytes_changes(catalogue: Catalogue, asked: Asked) -> Iterator[Change]:
    """Releases of bitsandbytes newer than the catalogue's."""
    known = {library.version for library in catalogue.facts.libraries}
    newest = max(known, key=Version, default="0")
    files = asked.files(asked.index, "bitsandbytes") or ()
    for version in sorted({file.name.version for file in files if file.final}, key=Version):
        if version not in known and Version(version) > Version(newest):
            yield Change(
                kind="new", row="bitsandbytes.libraries", field="version", was=newest, now=version,
                source=f"{asked.index}/bitsandbytes/", table="bitsandbytes.libraries", cells=(("version", version),),
            )  # fmt: skip


def variant_changes(catalogue: Catalogue, asked: Asked) -> Iterator[Change]:
    """Builds of torch on PyTorch's own index, variant by variant; and variants that the catalogue does not know."""
    base = next((index.url.rpartition("/")[0] for index in catalogue.indexes if index.name.startswith("torch-")), "")
    if not base:
        return
    known = {each.torch: each.variants for each in catalogue.facts.variants}
    variants = sorted({variant for each in known.values() for variant in each} | {"cpu"})
    asked.projects((f"{base}/{variant}", "torch") for variant in variants)
    for variant in variants:
        files = asked.files(f"{base}/{variant}", "torch")
        if files is None:
            continue
        source = f"{base}/{variant}/torch/"
        for system in SYSTEMS:
            offered = {
                ".".join(file.name.version.split(".")[:2])
                for file in files
                if file.final and file.name.system == system and file.name.version.endswith(f"+{variant}")
            }
            if variant == "cpu":
                continue
            for torch in sorted(offered - {torch for torch, each in known.items() if variant in each}, key=Version):
                if Version(torch) >= Version(min(known, key=Version)):
                    yield Change(
                        kind="new", row=f"torch.variants {torch}", field=system, was=" ".join(known.get(torch, ())),
                        now=variant, source=source,
                    )  # fmt: skip
            for torch, each in known.items():
                if variant in each and torch not in offered:
                    yield Change(
                        kind="missing", row=f"torch.variants {torch}", field=system, was=variant, now="", source=source
                    )
        for stack in catalogue.stacks:
            if stack.torch.endswith(f"+{variant}") and stack.status != "withdrawn":
                names = [file.name for file in files if file.name.version == stack.torch]
                for python in stack.needs.pythons:
                    if not any(name.runs_on(python) and name.system == stack.needs.os for name in names):
                        yield Change(
                            kind="pythons", row=f"stack {stack.id}", field=f"torch=={stack.torch}",
                            was=f"{stack.needs.os} {python}", now="", source=source,
                        )  # fmt: skip
    together = asked.files(base, "torch") or ()
    tags = {file.name.version.partition("+")[2] for file in together if file.final}
    for tag in sorted(tag for tag in tags if tag.startswith("cu") and tag not in variants):
        newest = max(
            (file.name.version for file in together if file.name.version.endswith(f"+{tag}")), key=Version, default=""
        )
        if Version(newest) >= Version(min(known, key=Version)):
            yield Change(kind="new", row="torch.variants", field="variant", was="", now=tag, source=f"{base}/torch/")


def address_changes(catalogue: Catalogue, asked: Asked) -> Iterator[Change]:
    """Wheels that parts name by address, and mirrors: those that do not exist any more."""
    wheels = {
        part.base + offer.package.format(abi="cp" + offer.pythons[0].replace(".", "")): f"part {part.name}"
        for part in catalogue.parts
        for offer in part.offers
        if part.base and offer.pythons
    }
    mirrors = {_page_of(mirror): f"mirror {mirror.name}" for mirror in catalogue.mirrors}
    # With what comes before an address alone, a server may well have nothing to say.
    prefixes = {_page_of(mirror) for mirror in catalogue.mirrors if mirror.layout == "prefix"}
    for url, exists in asked.answers([*wheels, *mirrors]).items():
        if exists is False and url not in prefixes:
            yield Change(kind="gone", row=wheels.get(url) or mirrors[url], field="url", was=url, now="", source=url)


def _page_of(mirror: Mirror) -> str:
    """A page that a mirror must have."""
    place = mirror.url.format(variant="cu126").rstrip("/")
    if mirror.layout == "simple":
        return f"{place}/{'torch' if mirror.kind == 'torch' else 'packaging'}/"
    return f"{place}/" if mirror.layout == "find-links" else place


def _pinned(catalogue: Catalogue) -> dict[str, dict[str, str]]:
    """Versions by package, each with a row that names it."""
    found: dict[str, dict[str, str]] = {}
    for stack in catalogue.stacks:
        for pin in stack.pins:
            if pin.name not in ("torch", "torchaudio", "torchvision", "bitsandbytes"):
                found.setdefault(pin.name, {}).setdefault(pin.version, f"stack {stack.id}")
    for stack in catalogue.stacks:
        for pin in stack.pins:
            if pin.name == "bitsandbytes":
                found.setdefault(pin.name, {}).setdefault(pin.version, f"stack {stack.id}")
    for part in catalogue.parts:
        for offer in part.offers:
            name, exact, version = offer.package.partition("==")
            if exact and part.index in ("", "torch"):
                found.setdefault(name, {}).setdefault(version, f"part {part.name}")
    for model in catalogue.models:
        found.setdefault(model.package, {}).setdefault(model.version, f"model {model.id}")
    converter = catalogue.tools.converter
    found.setdefault(converter.package, {}).setdefault(converter.version, "tools.converter")
    return found


def _version_changes(files: Sequence[IndexFile], name: str, version: str, row: str, source: str) -> Iterator[Change]:
    offered = [file for file in files if file.name.version == version]
    if not offered:
        yield Change(kind="missing", row=row, field=name, was=version, now="", source=source)
    elif all(file.yanked is not None for file in offered):
        yield Change(
            kind="withdrawn", row=row, field=name, was=version, now=next(filter(None, (f.yanked for f in offered)), ""),
            source=source,
        )  # fmt: skip


def _hash_changes(catalogue: Catalogue, asked: Asked) -> Iterator[Change]:
    """Wheels whose hash and size the catalogue has."""
    fixed = [
        (f"model {model.id}", model.package, model.version, model.sha256, model.bytes) for model in catalogue.models
    ]
    converter = catalogue.tools.converter
    fixed.append(("tools.converter", converter.package, converter.version, converter.sha256, converter.bytes))
    for row, name, version, sha256, size in fixed:
        offered = [file for file in asked.files(asked.index, name) or () if file.name.version == version]
        source = f"{asked.index}/{name}/"
        same = next((file for file in offered if file.sha256 == sha256), None)
        if offered and same is None and all(file.sha256 for file in offered):
            now = ", ".join(file.sha256 for file in offered)
            yield Change(kind="changed", row=row, field="sha256", was=sha256, now=now, source=source)
        elif same is not None and same.bytes is not None and same.bytes != size:
            yield Change(kind="changed", row=row, field="bytes", was=str(size), now=str(same.bytes), source=source)


def _waited_for(catalogue: Catalogue, asked: Asked, pinned: Container[str]) -> Iterator[Change]:
    """Parts without an offer whose packages have a wheel now: newer than the release that the part's source names."""
    sources = [
        (part, found[1], found[2] or "0")
        for part in catalogue.parts
        if not part.offers
        for source in part.source
        if (found := _NAMED.fullmatch(source)) and found[1] not in pinned
    ]
    asked.projects((asked.index, name) for _, name, _ in sources)
    for part, name, version in sources:
        newest = _newest(asked.files(asked.index, name) or ())
        if newest and _is_newer(newest, max(version, _last_named(sources, name), key=Version)):
            yield Change(
                kind="new",
                row=f"part {part.name}",
                field=name,
                was="" if version == "0" else version,
                now=newest,
                source=f"{asked.index}/{name}/",
            )


def _last_named(sources: Iterable[tuple[Part, str, str]], name: str) -> str:
    return max((version for _, other, version in sources if other == name), key=Version, default="0")


def _pythons(files: Iterable[IndexFile], system: str) -> list[str]:
    found = {
        python_of(tag)
        for file in files
        if file.name.system == system and file.name.machine == "x86_64" and not file.name.abis[0].endswith("t")
        for tag in file.name.pythons
        if tag.startswith("cp")
    }
    return sorted(found, key=lambda python: [int(part) for part in python.split(".")])


def _glibc(files: Iterable[IndexFile]) -> str:
    """From tags such as manylinux_2_28 alone: torch up to 2.6 said manylinux1 and needed more."""
    found = (
        file.name.glibc
        for file in files
        if file.name.machine == "x86_64" and any(tag.startswith("manylinux_") for tag in file.name.platforms)
    )
    return min(found, key=Version, default="")


def _newest(files: Iterable[IndexFile]) -> str:
    return max((file.name.version for file in files if file.final), key=Version, default="")


def _is_newer(version: str, than: str) -> bool:
    try:
        return Version(version) > Version(than)
    except InvalidVersion:
        return False


def _is_for(pin: Pin, python: str) -> bool:
    from packaging.specifiers import SpecifierSet

    return not pin.python or SpecifierSet(pin.python).contains(python)
