"""A run hears wishes once, and what is computed again leaves its list of events."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from doctor.run_folder import RunFolder
from doctor.training import set_undone_aside
from doctor.wishes import forget_wishes, taken_wish, wish
from trainer.contract import Evaluated, Progressed, Saved, Staged

if TYPE_CHECKING:
    from pathlib import Path

    from trainer.contract import Event


@pytest.mark.parametrize("what", ["pause", "continue", "save", "stop"])
def test_a_wish_is_heard_once(what: str, tmp_path: Path) -> None:
    assert taken_wish(tmp_path) is None
    wish(tmp_path, what)  # type: ignore[arg-type]
    assert taken_wish(tmp_path) == what
    assert taken_wish(tmp_path) is None


def test_a_later_wish_replaces_one_that_was_not_heard(tmp_path: Path) -> None:
    wish(tmp_path, "pause")
    wish(tmp_path, "stop")
    assert taken_wish(tmp_path) == "stop"


def test_a_wish_to_a_run_that_had_ended_is_forgotten(tmp_path: Path) -> None:
    wish(tmp_path, "stop")
    forget_wishes(tmp_path)
    forget_wishes(tmp_path)
    assert taken_wish(tmp_path) is None


def test_what_is_no_wish_is_taken_away_unheard(tmp_path: Path) -> None:
    (tmp_path / "wish").write_text("explode", encoding="utf-8")
    assert taken_wish(tmp_path) is None
    assert not (tmp_path / "wish").exists()


def step(number: int) -> Event:
    return Progressed(
        step=number, steps=9, epoch=0.1, loss=1.0, learning_rate=0.1, tokens_per_second=1, seconds_left=1, peak_mib=1
    )


def begun(tmp_path: Path) -> RunFolder:
    folder = RunFolder(tmp_path / "run")
    folder.root.mkdir()
    folder.append(Staged(stage="data"))
    folder.append(Evaluated(step=0, loss=2.0, records=1))
    for number in range(1, 6):
        folder.append(step(number))
        if number in (2, 4):
            folder.append(Saved(step=number, path="p"))
    return folder


def steps(folder: RunFolder, name: str = "events.jsonl") -> list[tuple[str, int]]:
    lines = (folder.root / name).read_text(encoding="utf-8").splitlines()
    return [(event["event"], event["step"]) for event in map(json.loads, lines) if "step" in event]


def test_steps_after_the_checkpoint_are_moved_to_a_list_of_their_own(tmp_path: Path) -> None:
    folder = begun(tmp_path)
    set_undone_aside(folder, 2)
    assert steps(folder) == [("evaluated", 0), ("progressed", 1), ("progressed", 2), ("saved", 2)]
    undone = [("progressed", 3), ("progressed", 4), ("saved", 4), ("progressed", 5)]
    assert steps(folder, "undone.jsonl") == undone
    set_undone_aside(folder, 2)
    assert steps(folder, "undone.jsonl") == undone


def test_a_run_without_a_checkpoint_begins_with_no_step(tmp_path: Path) -> None:
    folder = begun(tmp_path)
    set_undone_aside(folder, -1)
    assert steps(folder) == []
    assert len(steps(folder, "undone.jsonl")) == 8


def test_lines_that_are_no_events_are_kept(tmp_path: Path) -> None:
    folder = begun(tmp_path)
    with folder.events.open("a", encoding="utf-8") as stream:
        stream.write('{"event": "progressed", "st\n\n[1]\n')
    set_undone_aside(folder, 0)
    assert folder.events.read_text(encoding="utf-8").endswith('{"event": "progressed", "st\n\n[1]\n')


def test_a_new_run_has_nothing_to_set_aside(tmp_path: Path) -> None:
    set_undone_aside(RunFolder(tmp_path), -1)
    assert not (tmp_path / "undone.jsonl").exists()
