"""How `tunedoc catalogue` shows wheels, differences and faults."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from doctor.fetching.addresses import without_credentials
from doctor.words.text import text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from doctor.catalogue.model import Catalogue
    from doctor.cli.face import Face
    from doctor.errors import TunedocError
    from doctor.reading.fatbins import DeviceCode
    from doctor.reading.wheel_facts import TorchWheel, WheelFacts
    from doctor.refreshing.asked import Silent
    from doctor.refreshing.changes import Change
    from doctor.refreshing.checking import Fault
    from doctor.refreshing.comparing import Compared
    from doctor.refreshing.reading import ReadWheel
    from doctor.refreshing.refresh import Refreshed
    from doctor.words.text import Text


def progress(face: Face) -> Callable[[str, str], None] | None:
    """Says on stderr which library is read, where there is a person to see it."""
    if not face.verbose:
        return None

    def say(file: str, member: str) -> None:
        face.screen.note(text("refreshing.reading", file=file, member=member))

    return say


def show_wheel(read: ReadWheel, compared: Sequence[Compared], face: Face) -> None:
    """The facts of one wheel, and what the catalogue has otherwise."""
    from rich.table import Table

    wheel, words = read.facts, face.screen.words
    face.screen.show(wheel.name.file)
    facts = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    facts.add_column(no_wrap=True)
    facts.add_column(overflow="fold")
    for label, value in (*_facts(wheel), *(_torch_facts(wheel.torch) if wheel.torch is not None else ())):
        if value:
            facts.add_row("  " + words(label), words(value))
    megabytes = text(
        "refreshing.bytes_read", read=f"{read.read_bytes / 1e6:.1f}", whole=f"{read.whole_bytes / 1e6:.1f}"
    )
    facts.add_row("  " + words(text("refreshing.fact_read")), words(megabytes))
    if wheel.code is not None:
        count = wheel.code.containers
        counted = text("refreshing.counted", count=count)
        counted = counted if wheel.code.whole else text("refreshing.sampled", count=count)
        facts.add_row("  " + words(text("refreshing.fact_code")), words(counted))
    for line in wheel.unknown:
        facts.add_row("  " + words(text("refreshing.fact_unknown")), line)
    face.screen.show(facts)
    rows = _code_rows(wheel)
    if rows:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
        for key in ("library", "cuda", "code", "ptx", "few"):
            heading = ("  " if key == "library" else "") + words(text(f"refreshing.column_{key}"))
            table.add_column(heading, no_wrap=key != "few", overflow="fold")
        for row in rows:
            table.add_row(*row)
        face.screen.show(table)
    for fact in compared:
        if not fact.agrees:
            face.screen.show("  ✗ " + words(_contradiction(fact)))
    if compared and all(fact.agrees for fact in compared):
        face.screen.show("  ✓ " + words(text("refreshing.agrees", count=len(compared))))
    face.screen.show("")


def show_lines(read: ReadWheel, compared: Sequence[Compared], face: Face) -> None:
    """The facts as the catalogue writes them; cells that a wheel does not tell have a `?`. Contradictions on stderr."""
    from doctor.catalogue.facts import COLUMNS
    from doctor.refreshing.lines import table_lines

    for table, cells in table_lines(read.facts):
        columns = COLUMNS.get(table, tuple(cells))
        face.screen.show(f"# {table}: {read.facts.name.file}")
        face.screen.show(" | ".join(columns))
        face.screen.show(" | ".join((cells[name] or "-") if name in cells else "?" for name in columns))
    for fact in compared:
        if not fact.agrees:
            face.screen.note(_contradiction(fact))


def wheel_record(read: ReadWheel, compared: Sequence[Compared]) -> dict[str, Any]:
    """One wheel for the envelope."""
    from doctor.refreshing.lines import table_lines

    return {
        "place": without_credentials(read.place),
        "bytes": read.whole_bytes,
        "bytes_read": read.read_bytes,
        "facts": _with_lists(asdict(read.facts)),
        "lines": [{"table": table, "cells": cells} for table, cells in table_lines(read.facts)],
        "compared": [asdict(fact) | {"agrees": fact.agrees} for fact in compared],
    }


def show_failure(error: TunedocError, place: str, face: Face) -> None:
    """What happened to one of several wheels."""
    face.screen.note(f"✗ {without_credentials(place)}: {face.screen.words(error.message)}")


def _contradiction(fact: Compared) -> Text:
    nothing = text("refreshing.nothing")
    return text(
        "refreshing.contradicts", row=fact.row, field=fact.field, said=fact.said or nothing, read=fact.read or nothing,
        file=fact.file,
    )  # fmt: skip


def _facts(wheel: WheelFacts) -> list[tuple[Text, str | Text]]:
    built = " ".join(f"{name} {value}" for name, value in wheel.built_with)
    return [
        (
            text("refreshing.fact_pythons"),
            " ".join(wheel.name.pythons + wheel.name.abis) + f" ({wheel.requires_python})",
        ),
        (text("refreshing.fact_glibc"), wheel.name.glibc),
        (text("refreshing.fact_built_with"), built),
        (text("refreshing.fact_requires"), ", ".join(_needed(wheel))),
    ]


def _torch_facts(torch: TorchWheel) -> list[tuple[Text, str | Text]]:
    numpy: str | Text = ""
    if torch.numpy_2 is not None:
        numpy = text("refreshing.numpy_2") if torch.numpy_2 else text("refreshing.numpy_1")
    abi: str | Text = ""
    if torch.cxx11_abi is not None:
        abi = text("refreshing.new_abi") if torch.cxx11_abi else text("refreshing.old_abi")
    return [
        (text("refreshing.fact_cuda"), torch.cuda),
        (text("refreshing.fact_list"), " ".join(torch.architectures)),
        (text("refreshing.fact_gloo"), _answer(torch.gloo)),
        (text("refreshing.fact_libuv"), _answer(torch.libuv_store)),
        (text("refreshing.fact_libuv_default"), torch.libuv_default),
        (text("refreshing.fact_abi"), abi),
        (text("refreshing.fact_numpy"), numpy),
        (text("refreshing.fact_linker"), torch.linker),
        (text("refreshing.fact_vc_threads"), _answer(torch.threads_runtime)),
    ]


def _code_rows(wheel: WheelFacts) -> list[tuple[str, str, str, str, str]]:
    torch = wheel.torch
    own = [("  torch_cuda", torch.cuda, *_code_cells(torch.code))] if torch is not None and torch.code else []
    return own + [
        ("  " + library.member.rpartition("/")[2], library.cuda, *_code_cells(library.code))
        for library in wheel.libraries
    ]


def _code_cells(code: DeviceCode | None) -> tuple[str, str, str]:
    if code is None:
        return "-", "-", "-"
    few = [f"{name} ({count}/{code.containers})" for name, count in code.cubins if name not in code.architectures] + [
        f"{name}+PTX ({count}/{code.containers})" for name, count in code.ptx if name not in code.ptx_architectures
    ]
    return " ".join(code.architectures) or "-", " ".join(code.ptx_architectures) or "-", " ".join(few) or "-"


def _answer(value: bool | None) -> str | Text:
    return "" if value is None else text("refreshing.yes") if value else text("refreshing.no")


def _needed(wheel: WheelFacts) -> list[str]:
    """Requirements on the wheel's own system, without their markers."""
    from packaging.requirements import InvalidRequirement, Requirement

    windows = wheel.name.system == "windows"
    there = {"platform_system": "Windows" if windows else "Linux", "sys_platform": "win32" if windows else "linux"}
    found = []
    for line in wheel.requires:
        try:
            requirement = Requirement(line)
        except InvalidRequirement:
            found.append(line)
            continue
        if requirement.marker is None or requirement.marker.evaluate(there):
            found.append(line.partition(";")[0].strip())
    return found


def _with_lists(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _with_lists(each) for key, each in value.items()}
    return [_with_lists(each) for each in value] if isinstance(value, (list, tuple)) else value


def show_refreshed(refreshed: Refreshed, face: Face, *, writing: bool) -> None:
    """The differences, what did not answer, and what `--write` would do."""
    show, nothing = face.screen.show, text("refreshing.nothing")
    if refreshed.index:
        show(text("refreshing.asked_index", index=without_credentials(refreshed.index)))
    for change in refreshed.changes:
        field = "" if change.field == "-" else change.field
        was, now = change.was or nothing, change.now or nothing
        show(text(f"refreshing.change_{change.kind}", row=change.row, field=field, was=was, now=now))
        if face.verbose:
            show(f"    {without_credentials(change.source)}")
    for silent in refreshed.silent:
        show(text("refreshing.silent", url=without_credentials(silent.url)))
        if face.verbose:
            show(text("refreshing.why_silent", why=silent.why))
    show(text("refreshing.refreshed", changes=len(refreshed.changes), silent=len(refreshed.silent)))
    count = sum(1 for change in refreshed.changes if change.table)
    if count and not writing:
        face.screen.note(text("refreshing.write_hint", count=count))


def change_record(change: Change) -> dict[str, Any]:
    return asdict(change) | {"cells": dict(change.cells), "source": without_credentials(change.source)}


def silent_record(silent: Silent, face: Face) -> dict[str, str]:
    return {"url": without_credentials(silent.url), "why": face.screen.words(silent.why)}


def show_faults(
    faults: Sequence[Fault], silent: Sequence[Silent], catalogue: Catalogue | None, file: Path, face: Face
) -> None:
    """Each fault with file, line and field; else that there is none."""
    for fault in faults:
        place = f"{file}:{fault.line}" if fault.line else str(file)
        face.screen.show(f"{place}: {fault.field}: {face.screen.words(fault.message)}")
    for one in silent:
        face.screen.show(text("refreshing.silent", url=without_credentials(one.url)))
    if catalogue is not None and not faults:
        counted = text(
            "refreshing.sound", stacks=len(catalogue.stacks), builds=len(catalogue.facts.builds),
            parts=len(catalogue.parts),
        )  # fmt: skip
        face.screen.show(counted)


def fault_record(fault: Fault, face: Face) -> dict[str, Any]:
    return {"line": fault.line, "field": fault.field, "message": face.screen.words(fault.message)}
