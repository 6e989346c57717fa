"""The schema, the page and the job to start from say what the contract says."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from doctor.fields.files import schema_text, write_schema
from doctor.fields.ranges import RANGES, UNITS
from doctor.fields.schema import job_schema
from doctor.fields.starting import starting_job
from doctor.fields.table import field_table, renewed
from doctor.fields.writing import job_text, scalar
from doctor.jobs import read_job
from doctor.words.fields import WORDS
from trainer.contract import Job, Lora, Preference, Source

if TYPE_CHECKING:
    from doctor.paths import Home

ROOT = Path(__file__).parent.parent.parent.parent
PAGE = ROOT / "docs" / "reference" / "job.md"
MODEL = ROOT / "tests" / "models" / "aidreams260k"
KINDS: dict[str, type] = {"": Job, "lora.": Lora, "preference.": Preference, "data.": Source}
NAMES = [f"{prefix}{field.name}" for prefix, kind in KINDS.items() for field in dataclasses.fields(kind)]


@pytest.mark.parametrize("name", NAMES)
def test_every_field_has_words_and_stands_on_the_page(name: str) -> None:
    assert f"fields.{name}" in WORDS
    page = PAGE.read_text(encoding="utf-8")
    assert page.count(f"| `{name}` |") == 2


def test_every_number_has_a_range_and_no_range_is_left_over() -> None:
    numbers = {
        f"{prefix}{field.name}"
        for prefix, kind in KINDS.items()
        for field in dataclasses.fields(kind)
        if field.type in ("int", "float")
    }
    assert set(RANGES) == numbers
    assert set(UNITS) <= numbers
    assert all(limits.holds(default_of(name)) for name, limits in RANGES.items())


def default_of(name: str) -> float:
    outer, _, inner = name.rpartition(".")
    value: float = next(
        field.default for field in dataclasses.fields(KINDS[f"{outer}." if outer else ""]) if field.name == inner
    )
    return value


def test_the_page_holds_the_tables_of_today() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert renewed(page) == page, "python -m doctor.fields.table docs/reference/job.md"
    assert field_table("en") in page
    assert field_table("zh") in page


def test_the_schema_in_the_documentation_is_the_one_that_is_written() -> None:
    assert PAGE.with_name("job.schema.json").read_text(encoding="utf-8") == schema_text("en")


def test_the_schema_knows_every_field_and_default() -> None:
    schema = job_schema("en")
    assert list(schema["properties"]) == [field.name for field in dataclasses.fields(Job)]
    assert schema["required"] == ["model", "data"]
    assert schema["additionalProperties"] is False
    for field in dataclasses.fields(Job):
        if field.default not in (dataclasses.MISSING, ()):
            assert schema["properties"][field.name]["default"] == field.default
    assert list(schema["properties"]["lora"]["properties"]) == [field.name for field in dataclasses.fields(Lora)]
    assert schema["properties"]["max_steps"]["anyOf"][1] == {"const": -1}


def test_the_schema_is_written_once_and_renewed(home: Home) -> None:
    file = write_schema(home, "en")
    before = file.stat().st_mtime_ns
    assert write_schema(home, "en").stat().st_mtime_ns == before
    write_schema(home, "zh")
    assert json.loads(file.read_text(encoding="utf-8"))["title"] == "tunedoc 的微调任务"


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_job_to_start_from_can_be_read_and_so_can_all_of_its_comments(
    language: Any, tmp_path: Path, home: Home
) -> None:
    (tmp_path / "records.jsonl").write_text('{"prompt": "a", "completion": "b"}\n', encoding="utf-8")
    words = starting_job(model=str(MODEL), data="records.jsonl", language=language, schema="file:///x")
    file = tmp_path / "job.yaml"
    file.write_text(words, encoding="utf-8")
    plain = Job(model=str(MODEL), data=(Source(path=str(tmp_path / "records.jsonl")),), output=str(home.runs / "job"))
    assert read_job(file, home) == plain
    # With every commented field taken in, but those that name files, it is the same job still.
    lines = []
    for line in words.splitlines():
        if not line.startswith("#"):
            lines.append(line)
            continue
        is_inner = line.startswith("#   ") and not line.startswith("#   #")
        bare = line.removeprefix("# ")
        name = bare.strip().partition(":")[0]
        known = {each.rpartition(".")[2] for each in NAMES} if is_inner else set(NAMES) - {"output", "held_out_data"}
        if name in known and ":" in bare:
            lines.append(bare)
    whole = tmp_path / "whole.yaml"
    whole.write_text("\n".join(lines), encoding="utf-8")
    assert dataclasses.replace(read_job(whole, home), output=plain.output) == plain


@pytest.mark.parametrize(
    "value",
    [
        "plain", "with space", "a: b", "a #b", "- a", "C:\\data\\x.json", "数据/甲.jsonl", "on", "null", "1e3", "12",
        "", " lead", "it's", 'say "x"', "{a}", "[a", "*a", "&a", "!x", "%x", "@x", "a,b",
        "tab\there", "line\nfeed", "~", "2024-01-01", "0x1F", "1:30", True, False, 3, 0, -1, 0.5, 2e-4, 1e-8, 3.0, 1e22,
    ],
)  # fmt: skip
def test_a_scalar_is_read_back_as_it_was(value: object) -> None:
    from doctor.fields.nodes import compose_text, plain

    for words, path in ((f"x: {scalar(value)}\n", ()), (f"x: [{scalar(value, in_list=True)}]\n", (0,))):
        node: Any = compose_text(words, Path("x"))
        found = node.value[0][1]
        read = plain(found.value[0] if path else found)
        assert read == value and isinstance(read, type(value))
        assert isinstance(yaml.safe_load(words), dict)


def test_a_job_file_keeps_the_order_of_the_contract_and_its_comments() -> None:
    words = job_text(
        {"lora.rank": 4, "data": [{"path": "a b.json", "columns": {"role:user": "客户"}}, {"path": "c"}], "model": "m"},
        comments={"model": "which model", "lora.rank": "small"},
        header=["made"],
    )
    assert words == (
        "# made\n\n# which model\nmodel: m\ndata:\n  - path: a b.json\n"
        '    columns: {"role:user": 客户}\n  - c\nlora:\n  # small\n  rank: 4\n'
    )
