"""Every setting that the other tools have is known by name, and none is dropped without a word."""

from __future__ import annotations

from pathlib import Path

import pytest

from doctor.errors import BadInput
from doctor.importing.axolotl import import_axolotl
from doctor.importing.axolotl_keys import AXOLOTL_KEYS, AXOLOTL_PREFIXES
from doctor.importing.llamafactory import import_llamafactory
from doctor.importing.llamafactory_keys import LLAMAFACTORY_KEYS, LLAMAFACTORY_PREFIXES
from doctor.importing.model import Copy, Given, Imported
from doctor.importing.trainer import import_trainer
from doctor.importing.trainer_keys import TRAINER_KEYS, TRAINER_PREFIXES
from doctor.words.text import render, text

HERE = Path(__file__).parent
KEYS = {
    name: (HERE / f"{name}_keys.txt").read_text(encoding="utf-8").split()
    for name in ("llamafactory", "axolotl", "trainer")
}
"""The names of all settings of LLaMA-Factory 0.9.5, Axolotl 0.19, and transformers 5.23 with TRL 1.16 and peft 0.21."""
VALUES: tuple[object, ...] = (True, 0.5, "name", ["one", "two"], {"a": 1})
FIRM: dict[str, object] = {
    "stage": "sft",
    "rl": "dpo",
    "dataset": "x",
    "datasets": [{"path": "x"}],
    "finetuning_type": "lora",
}


def given(values: dict[str, object]) -> dict[str, Given]:
    return {
        name: Given(name=name, value=value, file=Path("x.yaml"), line=line)
        for line, (name, value) in enumerate(values.items(), start=1)
    }


def imported(tool: str, values: dict[str, object]) -> Imported:
    source, folder = Path("x.yaml"), Path()
    if tool == "llamafactory":
        return import_llamafactory(source, given({**values, "dataset": values.get("dataset", "x")}), folder, None)
    if tool == "axolotl":
        return import_axolotl(source, given({**values, "datasets": values.get("datasets", [{"path": "x"}])}), folder)
    return import_trainer(source, given(values), folder, {})


@pytest.mark.parametrize("tool", sorted(KEYS))
def test_every_setting_is_known_and_none_is_dropped_without_a_word(tool: str) -> None:
    silent, unknown = [], set()
    for name in [*KEYS[tool], "never_heard_of"]:
        for value in (FIRM[name],) if name in FIRM else VALUES:
            try:
                found = imported(tool, {name: value})
            except BadInput as error:
                assert (error.field, error.line) == (name, 1), (name, value, error.message)
                assert render(error.message, "en") and render(error.message, "zh")
                continue
            told = [note for note in found.notes if name_of(note.name) == name]
            if not told:
                silent.append((name, value))
            unknown |= {name for note in told if note.kind == "unknown"}
            for note in told:
                if note.message is not None:
                    assert render(note.message, "en") and render(note.message, "zh")
    assert not silent
    assert unknown == {"never_heard_of"}


def name_of(told: str) -> str:
    """`datasets[0].path` and `dataset: one` tell of `datasets` and `dataset`."""
    return told.partition(":")[0].partition("[")[0]


@pytest.mark.parametrize("tool", sorted(KEYS))
def test_settings_that_are_left_empty_have_their_word_too(tool: str) -> None:
    values: dict[str, object] = {name: FIRM.get(name) for name in KEYS[tool]}
    told = {name_of(note.name) for note in imported(tool, values).notes}
    assert set(KEYS[tool]) <= told


def test_every_reason_has_words() -> None:
    for table in (
        LLAMAFACTORY_KEYS,
        AXOLOTL_KEYS,
        TRAINER_KEYS,
        LLAMAFACTORY_PREFIXES,
        AXOLOTL_PREFIXES,
        TRAINER_PREFIXES,
    ):
        for fate in table.values():
            if not isinstance(fate, Copy):
                assert render(text(fate.reason), "en")


def test_the_tables_know_hundreds_of_names() -> None:
    assert len(KEYS["llamafactory"]) >= 150
    assert len(KEYS["axolotl"]) >= 150
    assert len(KEYS["trainer"]) >= 150
