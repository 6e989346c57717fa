"""Snapshots as files: round trips, and a clear refusal of everything that is none."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from doctor.errors import BadInput
from doctor.snapshot.codec import decode, from_json, to_json
from doctor.snapshot.model import NvidiaDriver
from doctor.words.text import LANGUAGES, render

MACHINES = Path(__file__).parent.parent.parent / "machines"
GOOD = (MACHINES / "win11-two-5060ti.json").read_text(encoding="utf-8")


def changed(change: dict[str, Any]) -> str:
    return json.dumps({**json.loads(GOOD), **change})


def refusal(words: str) -> BadInput:
    with pytest.raises(BadInput) as caught:
        from_json(words, "machine.json")
    for language in LANGUAGES:
        assert "machine.json" in render(caught.value.message, language)
    return caught.value


def test_text_that_is_no_json_names_its_line() -> None:
    assert refusal('{\n  "schema": 1,\n  oops\n}').line == 3


@pytest.mark.parametrize(
    "words", ["", "[]", "null", '"text"', "[" * 100_000], ids=["empty", "list", "null", "string", "deep"]
)
def test_what_is_no_object_is_refused(words: str) -> None:
    refusal(words)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"schema": 99}, "schema"),
        ({"schema": None}, "schema"),
        ({"os": "Windows"}, "os"),
        ({"memory": {"total_mib": 1}}, "memory.available_mib"),
        ({"disks": {}}, "disks"),
        ({"taken_at": 5}, "taken_at"),
        ({"nvidia": {"version": "1", "cuda_version": "1", "gpus": [{"index": True}]}}, "nvidia.gpus[0].index"),
        ({"nvidia": {"unknown": 3}}, "nvidia.unknown"),
        ({"python": {"absent": "x"}}, "python.path"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_wrong_field_is_named(change: dict[str, Any], field: str) -> None:
    assert refusal(changed(change)).field == field


def test_a_missing_section_is_named() -> None:
    record = json.loads(GOOD)
    del record["settings"]
    assert refusal(json.dumps(record)).field == "settings"


def test_a_wrong_choice_says_what_is_allowed() -> None:
    record = json.loads(GOOD)
    record["os"]["system"] = "amiga"
    error = refusal(json.dumps(record))
    assert error.field == "os.system"
    assert "windows, linux, macos" in render(error.message, "en")


def test_fields_of_a_newer_tunedoc_are_passed_over() -> None:
    assert from_json(changed({"moon_phase": "full"}), "x") == from_json(GOOD, "x")


def test_fields_that_older_files_lack_have_their_defaults() -> None:
    record = json.loads(GOOD)
    for disk in record["disks"]:
        del disk["traits"], disk["remote"]
    assert from_json(json.dumps(record), "x") == from_json(GOOD, "x")


def test_an_envelope_that_carries_a_snapshot_is_read() -> None:
    envelope = {"tunedoc_result": 1, "data": {"snapshot": json.loads(GOOD)}}
    assert isinstance(from_json(json.dumps(envelope), "x").nvidia, NvidiaDriver)


def test_an_envelope_without_one_is_refused() -> None:
    refusal('{"tunedoc_result": 1, "data": {}}')


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be"])
def test_files_are_read_in_the_encodings_that_shells_write(encoding: str) -> None:
    raw = GOOD.encode(encoding)
    if encoding == "utf-16-be":
        raw = b"\xfe\xff" + raw
    assert from_json(decode(raw), "x") == from_json(GOOD, "x")


def test_the_text_is_ascii_and_ends_with_a_line() -> None:
    words = to_json(from_json(GOOD, "x"))
    assert words.isascii() and words.endswith("}\n")
