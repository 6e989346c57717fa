"""Lines that are written into a catalogue, and faults that are found in one."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING

import pytest

from doctor.catalogue.load import load_catalogue, shipped_file
from doctor.errors import BadInput
from doctor.refreshing.checking import check_file
from doctor.refreshing.writing import with_line, write_lines
from tests.catalogue_made_up import small_catalogue

if TYPE_CHECKING:
    from pathlib import Path

DAY = datetime.date(2026, 11, 21)
RELEASE = {"torch": "2.14.0", "month": "2026-09", "pythons of windows": "3.12", "pythons of linux": "3.12 3.13"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return small_catalogue(tmp_path / "目录 1" / "wheels.toml", "https://host.invalid")


def test_one_cell_is_changed_and_every_other_byte_stays(file: Path) -> None:
    before = file.read_text(encoding="utf-8")
    write_lines(file, [("torch.releases", {"torch": "2.13.0", "glibc": "2.34"})], DAY)
    after = file.read_text(encoding="utf-8")
    old = [line for line in before.splitlines() if line not in after.splitlines()]
    new = [line for line in after.splitlines() if line not in before.splitlines()]
    assert len(old) == len(new) == 2
    assert new[0] == "updated = 2026-11-21"
    assert new[1] == old[1].replace("2.28 ", "2.34 ")
    release = load_catalogue(file).facts.release("2.13.0")
    assert release is not None and release.glibc == "2.34"


def test_a_new_line_stands_at_the_end_of_its_table(file: Path) -> None:
    write_lines(file, [("torch.releases", RELEASE)], DAY)
    facts = load_catalogue(file).facts
    assert [release.version for release in facts.releases] == ["2.12.0", "2.13.0", "2.14.0"]
    assert facts.releases[-1].linux_pythons == ("3.12", "3.13") and facts.releases[-1].triton == ""
    lines = file.read_text(encoding="utf-8").splitlines()
    at = next(number for number, line in enumerate(lines) if line.startswith("2.14.0"))
    assert lines[at + 1] == "'''" and lines[at].index("|") == lines[at - 1].index("|")
    assert lines[0] == "# A comment that must stay." and "# and this one" in "\n".join(lines)


def test_a_file_with_windows_line_ends_keeps_them(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    write_lines(file, [("torch.releases", RELEASE)], DAY)
    content = file.read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n")
    assert load_catalogue(file).facts.release("2.14.0") is not None


def test_what_would_not_load_is_not_written(file: Path) -> None:
    before = file.read_bytes()
    with pytest.raises(BadInput):
        write_lines(
            file, [("torch.builds", {"torch": "2.13", "variant": "cu130", "system": "linux", "code for": "x"})], DAY
        )
    assert file.read_bytes() == before
    assert [entry.name for entry in file.parent.iterdir()] == [file.name]


def test_a_table_that_is_not_there_is_said(file: Path) -> None:
    words = file.read_text(encoding="utf-8").replace("builds = '''", "others = '''")
    with pytest.raises(KeyError):
        with_line(words, "torch.builds", {"torch": "2.13"})


def test_the_shipped_catalogue_takes_a_line_and_stays_valid(tmp_path: Path) -> None:
    file = tmp_path / "wheels.toml"
    file.write_bytes(shipped_file().read_bytes())
    write_lines(file, [("torch.releases", RELEASE | {"torch": "9.0.0"})], DAY)
    assert load_catalogue(file).facts.release("9.0.0") is not None
    assert check_file(file)[0] is not None


def test_the_shipped_catalogue_has_no_fault() -> None:
    assert check_file(shipped_file())[1] == []


def test_a_catalogue_without_fault_has_none(file: Path) -> None:
    assert check_file(file)[1] == []


@pytest.mark.parametrize(
    ("old", "new", "field", "at"),
    [
        ("schema = 1", "schema = 9", "schema", "schema = 9"),
        ("schema = 1", "schema = ", "-", "schema = "),
        ('status = "supported"\nsystem = "linux"\ntorch = "2.13.0+cu130"', 'status = "fine"\nsystem = "linux"\ntorch = "2.13.0+cu130"', "status", 'status = "fine"'),  # noqa: E501
        ("2.13  | cu130   | linux   | 7.5 9.0", "2.13  | cu130   | linux   | 7.5 nine", "code for", "2.13  | cu130   | linux   | 7.5 nine"),  # noqa: E501
        ("2.13  | cu130   | linux   | 7.5", "2.13  | cu130   | linux   | 6.1", "code for", "2.13  | cu130   | linux   | 6.1"),  # noqa: E501
        ("2.13  | cu130    | https", "2.13  | cu132    | https", "variant", "2.13  | cu130   | linux"),
        ("2.13  | cu130   | windows | 7.5 9.0 12.0  | -   | https://host.invalid/matrix", "2.13  | cu130   | windows | 7.5 9.0 12.0  | -   | -", "source", "2.13  | cu130   | windows"),  # noqa: E501
        ("| 0.27.0      |", "| 0.29.0      |", "torchvision", "2.13.0 | 2026-07"),
        ("| 0.28.0      |", "| -           |", "torchvision", "2.13.0 | 2026-07"),
        ("13.0.1 | -       | 580.82.07", "13.0.1 | -       | 575.82.07", "linux", "13.0.1"),
        ("linux  | 2.13.0 | cu130 | 7.5 9.0 +8.0", "linux  | 2.99.0 | cu130 | 7.5 9.0 +8.0", "torch", "offers = '''"),
        ('torch-cpu = "https', 'torch-cu999 = "https://host.invalid/x"\ntorch-cpu = "https', "torch-cu999", "torch-cu999"),  # noqa: E501
        ('kind = "packages"', 'kind = "sweets"', "kind", 'kind = "sweets"'),
        ("0.50.2  | linux  | cu130 |", "0.50.2  | linux  | cu118 |", "bitsandbytes", 'bitsandbytes = "0.50.2"'),
    ],
    ids=lambda value: str(value)[:24].replace("\n", " "),
)  # fmt: skip
def test_a_fault_is_named_with_its_line_and_field(file: Path, old: str, new: str, field: str, at: str) -> None:
    words = file.read_text(encoding="utf-8")
    assert words.count(old) >= 1
    file.write_text(words.replace(old, new, 1), encoding="utf-8")
    faults = check_file(file)[1]
    fault = next(fault for fault in faults if fault.field.endswith(field))
    assert fault.line is not None
    assert file.read_text(encoding="utf-8").splitlines()[fault.line - 1].startswith(at)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        check_file(tmp_path / "nothing.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput):
        check_file(tmp_path / "bytes.toml")
