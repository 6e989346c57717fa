"""Look for faults in a catalogue: what its loader refuses, and what only all of its tables together can tell."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import TYPE_CHECKING

from packaging.version import Version

from doctor.catalogue.facts import COLUMNS, covers
from doctor.catalogue.load import load_catalogue
from doctor.catalogue.tables import Refused
from doctor.errors import BadInput, NoNetwork
from doctor.quick_dataclass import dataclass
from doctor.refreshing.asked import Asked, Silent
from doctor.refreshing.changes import package_changes, python_changes
from doctor.refreshing.indexes import default_index
from doctor.refreshing.writing import place_of, read_all
from doctor.versions import at_least, numbers
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from doctor.catalogue.model import Catalogue, Offer
    from doctor.refreshing.web import Web
    from doctor.uv.program import Uv
    from doctor.words.text import Text


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One thing that is wrong in a catalogue."""

    line: int | None
    """From 1; None where no single line is to blame."""
    field: str
    """`torch.builds 2.13 cu130 linux.code for`."""
    message: Text


def check_file(file: Path) -> tuple[Catalogue | None, list[Fault]]:
    """The catalogue as far as it can be loaded, and its faults. Raises BadInput for a file that cannot be read."""
    try:
        words = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as exc:
        detail = getattr(exc, "strerror", None) or str(exc)
        raise BadInput(text("catalogue.unreadable", detail=detail), file=str(file)) from exc
    try:
        catalogue = load_catalogue(file)
        read_all(catalogue)
    except BadInput as exc:
        return None, [Fault(line=_line_of_error(words, exc), field=exc.field or "-", message=exc.message)]
    except Refused as exc:
        message = text("catalogue.refused", row=exc.row, name=exc.key, reason=exc.reason)
        return None, [Fault(line=line_of(words, exc.row, exc.key), field=f"{exc.row}.{exc.key}", message=message)]
    found = [
        Fault(line=line_of(words, row, key), field=f"{row}.{key}", message=message)
        for rule in (
            _torch_faults,
            _build_faults,
            _pair_faults,
            _stack_faults,
            _part_faults,
            _driver_faults,
            _gpu_faults,
        )
        for row, key, message in rule(catalogue)
    ]
    return catalogue, found


def check_online(catalogue: Catalogue, file: Path, uv: Uv, web: Web) -> tuple[list[Fault], tuple[Silent, ...]]:
    """Packages that the default index does not have, advises against, or has no wheel of for a promised Python."""
    words = file.read_text(encoding="utf-8")
    try:
        asked = Asked(web, default_index(uv))
    except NoNetwork as exc:
        return [], (Silent(url="-", why=exc.message),)
    faults = []
    for change in (*package_changes(catalogue, asked), *python_changes(catalogue, asked)):
        if change.kind == "new":
            continue
        message = text(
            f"refreshing.change_{change.kind}", row=change.row, field=change.field, was=change.was, now=change.now
        )
        faults.append(
            Fault(line=line_of(words, change.row, "-"), field=f"{change.row}.{change.field}", message=message)
        )
    return faults, tuple(asked.silent)


def line_of(words: str, row: str, key: str) -> int | None:
    """The line of a row's key, as near as can be told: `stack NAME`, `sets.NAME`, `part NAME offers`, or a table in
    text with the first cells of its line. None where it is nowhere."""
    lines = words.splitlines()
    kind, _, rest = row.partition(" ")
    table = next((name for name in (kind, f"{kind}s") if name in COLUMNS or name in _TEXTS), None)
    if table is not None:
        return _line_of_cells(words, lines, table, rest.split())
    for first in range(len(lines)):
        name = rest.partition(" ")[0]
        if rest and re.match(rf'(id|name) = "{re.escape(name)}"', lines[first]):
            return _key_below(lines, first, key if " " not in rest else rest.partition(" ")[2])
        if lines[first].startswith((f"[{row}]", f"[{row}.")):
            return _key_below(lines, first, key)
    for at, line in enumerate(lines):
        if re.match(rf"{re.escape(key)}\s*=", line):
            return at + 1
    return None


_TEXTS = ("gpu.models", "llama.releases")


def _line_of_cells(words: str, lines: list[str], table: str, cells: list[str]) -> int | None:
    if table not in words and table.partition(".")[0] not in words:
        return None
    try:
        first = place_of(words, table)
    except KeyError:
        return None
    for at in range(first, len(lines)):
        if lines[at].strip() in ("'''", '"""'):
            break
        found = lines[at].replace("|", " ").split()
        if cells and found[: len(cells)] == cells:
            return at + 1
    return first


def _key_below(lines: list[str], first: int, key: str) -> int:
    start = first
    while start > 0 and not lines[start].startswith("["):
        start -= 1
    for at in range(start + 1, len(lines)):
        if lines[at].startswith("["):
            break
        if re.match(rf"{re.escape(key)}\s*=", lines[at]):
            return at + 1
    return first + 1


def _line_of_error(words: str, error: BadInput) -> int | None:
    """TOML's own complaint names a line; the loader's a row and a key."""
    fields = dict(error.message.fields)
    told = re.search(r"at line (\d+)", str(fields.get("detail", "")))
    if told:
        return int(told[1])
    if "row" in fields:
        return line_of(words, str(fields["row"]), str(fields["name"]))
    return None


Found = tuple[str, str, "Text"]


def _torch_faults(catalogue: Catalogue) -> Iterator[Found]:
    """Releases, variants and builds that do not know one another."""
    facts = catalogue.facts
    short = {_short(release.version) for release in facts.releases}
    seen: set[str] = set()
    for release in facts.releases:
        if release.version in seen:
            yield f"torch.releases {release.version}", "torch", text("catalogue.twice")
        seen.add(release.version)
    known = {each.torch: set(each.variants) for each in facts.variants}
    for each in facts.variants:
        row = f"torch.variants {each.torch}"
        if each.torch not in short:
            yield row, "torch", text("refreshing.no_release", value=each.torch)
        if not each.source:
            yield row, "source", text("refreshing.no_source")
    for build in facts.builds:
        row = f"torch.builds {build.torch} {build.variant} {build.system}"
        if build.variant not in known.get(build.torch, set()):
            yield row, "variant", text("refreshing.no_variant", variant=build.variant, torch=build.torch)
        if not build.source:
            yield row, "source", text("refreshing.no_source")
        if build.system not in ("windows", "linux"):
            yield row, "system", text("catalogue.bad_form", value=build.system)


def _build_faults(catalogue: Catalogue) -> Iterator[Found]:
    """Architectures that their CUDA cannot compile for; lines that are there twice."""
    facts = catalogue.facts
    rows = [
        (f"torch.builds {b.torch} {b.variant} {b.system}", b.variant, (*b.architectures, *b.ptx)) for b in facts.builds
    ] + [
        (f"bitsandbytes.libraries {b.version} {b.system} {variant}", variant, (*b.architectures, *b.ptx))
        for b in facts.libraries
        for variant in b.variants
    ]
    seen: set[str] = set()
    for row, variant, architectures in rows:
        if row in seen:
            yield row, "-", text("catalogue.twice")
        seen.add(row)
        cuda = _cuda(variant)
        if cuda is None:
            yield row, "variant", text("catalogue.bad_form", value=variant)
            continue
        for family in facts.families:
            for architecture in dict.fromkeys(architectures):
                if architecture not in family.capabilities:
                    continue
                last = family.last_cuda.replace(".x", "")
                if not at_least(cuda, family.first_cuda):
                    yield row, "code for", text(
                        "refreshing.cuda_too_old", cuda=cuda, family=family.name, architecture=architecture,
                        first=family.first_cuda,
                    )  # fmt: skip
                elif last and numbers(cuda)[0] > numbers(last)[0]:
                    yield row, "code for", text(
                        "refreshing.cuda_too_new", cuda=cuda, family=family.name, architecture=architecture,
                        last=family.last_cuda,
                    )  # fmt: skip


def _pair_faults(catalogue: Catalogue) -> Iterator[Found]:
    """torch and torchvision: every release has one, a newer torch none that is older; pinned pairs are among them."""
    newest, of = "0", ""
    by_version = {release.version: release for release in catalogue.facts.releases}
    for release in sorted(by_version.values(), key=lambda each: Version(each.version)):
        row = f"torch.releases {release.version}"
        if not release.torchvision:
            yield row, "torchvision", text("catalogue.missing")
            continue
        oldest = max(release.torchvision, key=Version)
        if Version(oldest) < Version(newest):
            yield row, "torchvision", text("refreshing.older_pair", have=oldest, other=of, newer=newest)
        newest, of = oldest, release.version
    for stack in catalogue.stacks:
        paired = by_version.get(stack.torch.partition("+")[0])
        for pin in stack.pins:
            if pin.name != "torchvision" or paired is None:
                continue
            if pin.version.partition("+")[0] not in paired.torchvision:
                yield f"stack {stack.id}", "packages", text(
                    "refreshing.no_pair", torchvision=pin.version, torch=stack.torch,
                    known=" ".join(paired.torchvision),
                )  # fmt: skip


def _stack_faults(catalogue: Catalogue) -> Iterator[Found]:
    """What stacks say of themselves against the facts."""
    used = {stack.index for stack in catalogue.stacks}
    for index in catalogue.indexes:
        if index.name not in used:
            yield "indexes", index.name, text("refreshing.unused")
    for stack in catalogue.stacks:
        row = f"stack {stack.id}"
        release = catalogue.facts.release(stack.torch.partition("+")[0])
        if not stack.source:
            yield row, "source", text("refreshing.no_source")
        if release is None:
            yield row, "torch", text("refreshing.no_release", value=stack.torch)
            continue
        for python in stack.needs.pythons:
            if python not in release.pythons(stack.needs.os):
                yield (
                    row,
                    "pythons",
                    text("refreshing.no_python", python=python, torch=stack.torch, system=stack.needs.os),
                )
        if stack.device == "cuda" and not covers(stack.architectures, stack.needs.min_compute):
            yield (
                row,
                "min_compute",
                text("refreshing.uncovered", have=stack.needs.min_compute, known=" ".join(stack.architectures)),
            )


def _part_faults(catalogue: Catalogue) -> Iterator[Found]:
    """Parts that no stack can ever have, and offers without a source."""
    stacks = [stack for stack in catalogue.stacks if stack.status != "withdrawn"]
    for part in catalogue.parts:
        if not part.source:
            yield f"part {part.name}", "source", text("refreshing.no_source")
        if part.offers and not any(
            _fits(offer, stack.needs.os, stack.torch, stack.needs.pythons) for offer in part.offers for stack in stacks
        ):
            yield f"part {part.name} offers", "torch", text("refreshing.no_stack_for_part")
    for mirror in catalogue.mirrors:
        if not mirror.source:
            yield f"mirror {mirror.name}", "source", text("refreshing.no_source")


def _driver_faults(catalogue: Catalogue) -> Iterator[Found]:
    """Drivers: each CUDA of a stack has one, a newer toolkit none that is older."""
    facts = catalogue.facts
    for each in facts.minimum_drivers:
        if not each.source:
            yield f"driver.minimum {each.cuda}", "source", text("refreshing.no_source")
    for system in ("windows", "linux"):
        known = [(each.cuda, getattr(each, system)) for each in facts.toolkits if getattr(each, system)]
        known.sort(key=lambda pair: numbers(pair[0]))
        for (older, before), (newer, after) in pairwise(known):
            if not at_least(after, before):
                yield (
                    f"driver.toolkits {newer}",
                    system,
                    text("refreshing.older_driver", have=after, other=older, newer=before),
                )


def _gpu_faults(catalogue: Catalogue) -> Iterator[Found]:
    """Cards that are there twice with different capabilities."""
    seen: dict[str, str] = {}
    for model in catalogue.gpu_models:
        if seen.setdefault(model.name, model.capability) != model.capability:
            yield f"gpu.models {model.name}", "capability", text("catalogue.twice")


def _fits(offer: Offer, system: str, torch: str, pythons: tuple[str, ...]) -> bool:
    version, _, local = torch.partition("+")
    return (
        (not offer.systems or system in offer.systems)
        and (not offer.torch or f"{version}.".startswith(f"{offer.torch}."))
        and (not offer.variants or local in offer.variants)
        and (not offer.pythons or any(python in offer.pythons for python in pythons))
    )


def _short(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _cuda(variant: str) -> str | None:
    digits = variant.removeprefix("cu")
    return f"{digits[:-1]}.{digits[-1]}" if variant.startswith("cu") and digits.isdigit() and len(digits) > 2 else None
