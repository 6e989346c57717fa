"""A checkpoint counts when its record and every file agree, and never otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from trainer.checkpoints import (
    Completeness,
    checkpoints_in,
    complete,
    newest_complete,
    prune,
    read_completeness,
)

if TYPE_CHECKING:
    from pathlib import Path


def facts(step: int) -> Completeness:
    return Completeness(step=step, data="d", loss_before=1.5, seconds=2.0, tokens=30)


def make(folder: Path, step: int) -> Path:
    checkpoint = folder / f"checkpoint-{step}"
    checkpoint.mkdir(parents=True)
    (checkpoint / "adapter_model.safetensors").write_bytes(b"weights" * 100)
    (checkpoint / "optimizer.pt").write_bytes(b"moments" * 100)
    complete(checkpoint, facts(step))
    return checkpoint


def test_what_was_recorded_is_read_back(tmp_path: Path) -> None:
    assert read_completeness(make(tmp_path, 5)) == facts(5)


@pytest.mark.parametrize("harm", ["shorter", "changed", "missing", "no record", "half a record"])
def test_a_damaged_checkpoint_is_put_aside_and_the_one_before_it_is_found(harm: str, tmp_path: Path) -> None:
    good, bad = make(tmp_path / "c", 5), make(tmp_path / "c", 10)
    file = bad / "optimizer.pt"
    match harm:
        case "shorter":
            file.write_bytes(file.read_bytes()[:-1])
        case "changed":
            file.write_bytes(b"Moments" * 100)
        case "missing":
            file.unlink()
        case "no record":
            (bad / "complete.json").unlink()
        case _:
            record = bad / "complete.json"
            record.write_text(record.read_text(encoding="utf-8")[:40], encoding="utf-8")
    assert newest_complete(tmp_path / "c", tmp_path / "aside") == (good, facts(5), ["checkpoint-10"])
    assert (tmp_path / "aside" / "checkpoint-10").is_dir()


def test_steps_are_ordered_as_numbers(tmp_path: Path) -> None:
    for step in (100, 20, 3):
        make(tmp_path, step)
    assert [path.name for path in checkpoints_in(tmp_path)] == ["checkpoint-3", "checkpoint-20", "checkpoint-100"]


def test_pruning_keeps_the_newest(tmp_path: Path) -> None:
    for step in (1, 2, 3):
        make(tmp_path, step)
    prune(tmp_path, 2)
    assert [path.name for path in checkpoints_in(tmp_path)] == ["checkpoint-2", "checkpoint-3"]
    prune(tmp_path, 0)
    assert [path.name for path in checkpoints_in(tmp_path)] == ["checkpoint-3"]


def test_no_checkpoint_is_no_error(tmp_path: Path) -> None:
    assert newest_complete(tmp_path / "none", tmp_path / "aside") == (None, None, [])
