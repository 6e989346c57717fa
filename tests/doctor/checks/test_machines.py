"""Every machine in tests/machines gives the report beside it; every check fires on one machine and is well on another.

A bug is fixed by adding its snapshot here, watching the report come out wrong, and putting it right. After a change of
words `TUNEDOC_WRITE_REPORTS=1` writes the reports anew; read the difference before committing it.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor.catalogue.load import load_catalogue
from doctor.checks.base import Status
from doctor.checks.registry import ALL_CHECKS
from doctor.cli.findings import report_lines
from doctor.diagnosis import Diagnosis, diagnose
from doctor.knowledge.load import load_knowledge
from doctor.snapshot.codec import from_json, to_json
from doctor.words.text import LANGUAGES

if TYPE_CHECKING:
    from doctor.catalogue.model import Catalogue
    from doctor.snapshot.model import Snapshot

ROOT = Path(__file__).parent.parent.parent.parent
MACHINES = sorted((ROOT / "tests" / "machines").glob("*.json"))
NAMES = [file.stem for file in MACHINES]


@cache
def catalogue() -> Catalogue:
    # A copy: the reports must not change whenever a row is added to the product's catalogue.
    return load_catalogue(ROOT / "tests" / "machines" / "wheels.toml")


def read(file: Path) -> Snapshot:
    return from_json(file.read_text(encoding="utf-8"), file.name)


@cache
def diagnoses() -> dict[str, Diagnosis]:
    return {file.stem: diagnose(read(file), catalogue()) for file in MACHINES}


def test_there_are_machines() -> None:
    assert len(MACHINES) >= 40


@pytest.mark.parametrize("file", MACHINES, ids=NAMES)
def test_the_machine_gives_its_report(file: Path) -> None:
    report = "\n".join(report_lines(diagnoses()[file.stem], ALL_CHECKS, "en")) + "\n"
    golden = file.with_suffix(".report.txt")
    if os.environ.get("TUNEDOC_WRITE_REPORTS"):
        golden.write_text(report, encoding="utf-8", newline="\n")
    assert report == golden.read_bytes().decode("utf-8")


@pytest.mark.parametrize("file", MACHINES, ids=NAMES)
def test_the_machine_is_written_as_it_was_read(file: Path) -> None:
    assert to_json(read(file)) == file.read_text(encoding="utf-8")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("file", MACHINES, ids=NAMES)
def test_every_report_can_be_put_into_words_with_its_evidence(file: Path, language: str) -> None:
    diagnosis = diagnoses()[file.stem]
    lines = report_lines(diagnosis, ALL_CHECKS, "zh" if language == "zh" else "en", verbose=True)
    assert len(lines) >= len(diagnosis.findings)
    assert not any("{" in line for line in lines)


@pytest.mark.parametrize("name", NAMES)
def test_no_check_crashes(name: str) -> None:
    assert not [finding for finding in diagnoses()[name].findings if finding.summary.key == "check.crashed"]


@pytest.mark.parametrize("check", ALL_CHECKS, ids=lambda check: check.id)
def test_a_check_fires_on_one_machine_and_is_well_on_another(check: object) -> None:
    name = getattr(check, "id", "")
    found = {
        finding.status for diagnosis in diagnoses().values() for finding in diagnosis.findings if finding.check == name
    }
    assert Status.OK in found
    assert found & {Status.NOTE, Status.WARNING, Status.FAILURE}


@pytest.mark.parametrize("name", NAMES)
def test_what_needs_attention_tells_its_cause_and_what_to_do(name: str) -> None:
    assert not [
        finding.check
        for finding in diagnoses()[name].findings
        if finding.status.needs_attention and not (finding.fixes and finding.cause)
    ]


def test_ids_are_unique_and_what_a_check_explains_can_be_found() -> None:
    ids = [check.id for check in ALL_CHECKS]
    entries = {entry.id for entry in load_knowledge()}
    assert len(set(ids)) == len(ids)
    assert {name for check in ALL_CHECKS for name in check.explains} <= {*ids, *entries}


def test_a_machine_that_answers_nothing_is_neither_well_nor_broken() -> None:
    statuses = {finding.check: finding.status for finding in diagnoses()["nothing-answered"].findings}
    assert Status.OK not in statuses.values()
    assert statuses["nvidia.driver"] is Status.UNKNOWN
    assert not [name for name, status in statuses.items() if status.needs_attention and name != "environment.stack"]


def test_the_same_snapshot_gives_the_same_diagnosis() -> None:
    first = read(MACHINES[0])
    assert diagnose(first, catalogue()) == diagnose(first, catalogue())


@pytest.mark.parametrize("check", ALL_CHECKS, ids=lambda check: check.id)
def test_every_check_has_a_page_in_both_languages(check: object) -> None:
    name = getattr(check, "id", "")
    page = ROOT / "docs" / "reference" / "checks" / f"{name}.md"
    words = page.read_text(encoding="utf-8")
    assert words.startswith(f"# {name}\n") and "\n---\n\n## 中文\n" in words
    assert f"({name}.md)" in (page.parent / "README.md").read_text(encoding="utf-8")


def test_machines_carry_nothing_personal() -> None:
    for file in MACHINES:
        words = json.dumps(json.loads(file.read_text(encoding="utf-8")), ensure_ascii=False)
        assert "\\Users\\" not in words and "/home/" not in words
