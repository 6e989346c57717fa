"""The table of metrics, the samples and TensorBoard's file: nothing twice, nothing lost, damage left out."""

from __future__ import annotations

import struct
import sys
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tests.run_folders_made_up import progressed
from trainer import trackers
from trainer.contract import Evaluated, Job, Sampled
from trainer.ledger import Ledger
from trainer.metrics import COLUMNS, METRICS, SAMPLES, Row, read_metrics, read_samples, row_line
from trainer.program import Refusal
from trainer.tensorboard_file import FOLDER, TensorboardFile
from trainer.trackers import PACKAGES, described, require_trackers, told

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

JOB = Job(model="/home/somebody/models/smol", data=(), output="run")


_opened: list[Ledger] = []


@pytest.fixture(autouse=True)
def _close() -> Iterator[None]:
    yield
    while _opened:
        _opened.pop().close(well=True)


def ledger(run: Path, from_step: int | None) -> Ledger:
    """A new session's. The one before it has ended, and its files are open no more."""
    while _opened:
        _opened.pop().close(well=False)
    _opened.append(Ledger(JOB, run, from_step, lambda name, why: None))
    return _opened[-1]


def steps(run: Path) -> list[tuple[int, bool]]:
    return [row.place for row in read_metrics(run / METRICS)]


def train(book: Ledger, first: int, last: int) -> None:
    for step in range(first, last + 1):
        book(progressed(step, 10, 4 - step / 10, tokens=step * 7))
        if step % 4 == 0:
            book(Evaluated(step=step, loss=5 - step / 10, records=3))
            book(Sampled(step=step, number=1, prompt="你好?", answer="hello\nthere", tokens=2))


def test_every_measurement_is_a_line_with_what_was_measured(tmp_path: Path) -> None:
    book = ledger(tmp_path, None)
    train(book, 1, 4)
    # Not closed: a process that is killed closes nothing.
    lines = (tmp_path / METRICS).read_text(encoding="utf-8").splitlines()
    assert lines[0] == ",".join(COLUMNS)
    assert [line.split(",")[:6] for line in lines[1:]] == [
        ["1", "0.1", "3.9", "0.0001", "7", "10.0"],
        ["2", "0.2", "3.8", "0.0001", "14", "10.0"],
        ["3", "0.3", "3.7", "0.0001", "21", "10.0"],
        ["4", "0.4", "3.6", "0.0001", "28", "10.0"],
        ["4", "", "", "", "", ""],
    ]
    assert read_metrics(tmp_path / METRICS)[-1].held_out_loss == 4.6
    book.close(well=True)


def test_a_run_that_goes_on_takes_out_what_came_after_its_checkpoint(tmp_path: Path) -> None:
    book = ledger(tmp_path, None)
    train(book, 1, 7)
    book = ledger(tmp_path, 4)
    assert steps(tmp_path) == [(1, False), (2, False), (3, False), (4, False), (4, True)]
    train(book, 5, 10)
    # The end is measured again by a session that was ended behind the last step.
    book = ledger(tmp_path, 10)
    book(Evaluated(step=10, loss=4.0, records=3))
    book(Evaluated(step=10, loss=4.0, records=3))
    assert [step for step, held_out in steps(tmp_path) if not held_out] == list(range(1, 11))
    assert [step for step, held_out in steps(tmp_path) if held_out] == [4, 8, 10]
    assert [sample.step for sample in read_samples(tmp_path / SAMPLES)] == [4, 8]


def test_what_was_not_measured_before_a_stop_is_known(tmp_path: Path) -> None:
    book = ledger(tmp_path, None)
    train(book, 1, 4)
    assert book.knows(4, 1, True)
    assert not book.knows(4, 2, True)
    assert not book.knows(3, 0, True)
    assert book.knows(3, 0, False)


def test_a_new_beginning_keeps_nothing(tmp_path: Path) -> None:
    train(ledger(tmp_path, None), 1, 5)
    ledger(tmp_path, None)
    assert steps(tmp_path) == []
    assert read_samples(tmp_path / SAMPLES) == []


def test_half_a_line_is_left_out_and_taken_away(tmp_path: Path) -> None:
    train(ledger(tmp_path, None), 1, 3)
    file = tmp_path / METRICS
    for end in range(1, 40):
        whole = file.read_bytes()
        file.write_bytes(whole[:-end])
        assert steps(tmp_path)[:2] == [(1, False), (2, False)]
        assert len(steps(tmp_path)) == 2
        file.write_bytes(whole)
    file.write_bytes(file.read_bytes()[:-5])
    train(ledger(tmp_path, 2), 3, 3)
    assert steps(tmp_path) == [(1, False), (2, False), (3, False)]


@pytest.mark.skipif(sys.platform != "win32", reason="elsewhere nobody can keep a file to himself")
def test_what_another_program_holds_is_written_when_it_lets_go(tmp_path: Path) -> None:
    train(ledger(tmp_path, None), 1, 5)
    with (tmp_path / METRICS).open("rb"):
        book = ledger(tmp_path, 2)
        train(book, 3, 3)
        assert steps(tmp_path)[-1] == (5, False)
    train(book, 4, 5)
    assert [step for step, held_out in steps(tmp_path) if not held_out] == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", b"step\n", b"a,b\n1,2\n", b"\0" * 100, b'"' * 5000, b"step,epoch\n1,2\n", b"," * 10000],
)
def test_any_damage_is_read_as_nothing(tmp_path: Path, content: bytes) -> None:
    (tmp_path / METRICS).write_bytes(content)
    (tmp_path / SAMPLES).write_bytes(content)
    assert read_metrics(tmp_path / METRICS) == []
    assert read_samples(tmp_path / SAMPLES) == []


def test_a_row_is_read_as_it_was_written(tmp_path: Path) -> None:
    rows = [Row(step=1, loss=float("inf"), time="t"), Row(step=2, loss=0.1 + 0.2, tokens=2**40, time="t")]
    (tmp_path / METRICS).write_text("\n".join([",".join(COLUMNS), *map(row_line, rows), ""]), encoding="utf-8")
    assert read_metrics(tmp_path / METRICS) == rows


# -------------------------------------------------------------------------------------------------- TensorBoard


def checksum(content: bytes) -> int:
    """CRC-32C bit by bit, masked as TensorFlow does."""
    crc = 0xFFFFFFFF
    for byte in content:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def events(folder: Path) -> list[bytes]:
    (file,) = folder.glob("events.out.tfevents.*")
    content, found = file.read_bytes(), []
    while content:
        length, length_checksum = struct.unpack("<QI", content[:12])
        assert checksum(content[:8]) == length_checksum
        event, content = content[12 : 12 + length], content[12 + length :]
        assert checksum(event) == struct.unpack("<I", content[:4])[0]
        found.append(event)
        content = content[4:]
    return found


def test_tensorboard_files_are_records_with_right_checksums(tmp_path: Path) -> None:
    board = TensorboardFile(tmp_path, from_step=2)
    board.scalars({"train/loss": 1.5, "huge": 1e300}, step=300, at=1.0)
    board.text("samples/1", "你好", step=300, at=1.0)
    first, start, scalars, words = events(tmp_path)
    assert first.endswith(b"\x1a\x0dbrain.Event:2")
    assert start[9:] == b"\x10\x03\x3a\x02\x08\x01"  # step 3, a session that starts
    assert scalars[9:12] == b"\x10\xac\x02"
    assert b"train/loss\x15" + struct.pack("<f", 1.5) in scalars
    assert struct.pack("<f", float("inf")) in scalars
    assert "你好".encode() in words
    board.close()


def test_a_run_that_goes_on_has_one_file_with_every_step_once(tmp_path: Path) -> None:
    book = ledger(tmp_path, None)
    train(book, 1, 7)
    book.close(well=False)
    book = ledger(tmp_path, 4)
    train(book, 5, 10)
    book.close(well=True)
    found = [event for event in events(tmp_path / FOLDER) if b"train/loss" in event]
    assert [event[10] for event in found] == list(range(1, 11))


# ----------------------------------------------------------------------------------------------------- trackers


def test_a_tracker_that_is_not_there_is_refused_with_its_package() -> None:
    for name, (_, package) in PACKAGES.items():
        job = Job(model="m", data=(), output="o", trackers=("tensorboard", name))
        with pytest.raises(Refusal, match=f"has no package {package}; add it with `uv pip install") as refused:
            require_trackers(job)
        assert refused.value.kind == "missing_package"


def test_an_unknown_tracker_is_refused() -> None:
    with pytest.raises(Refusal, match="names comet, and there are tensorboard, wandb, swanlab, mlflow"):
        require_trackers(Job(model="m", data=(), output="o", trackers=("comet",)))


def test_a_judge_is_asked_for_no_answers() -> None:
    with pytest.raises(Refusal, match="no answers"):
        require_trackers(Job(model="m", data=(), output="o", method="reward", sample_prompts=("Hello",)))


def test_no_secret_is_in_what_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WANDB_API_KEY", "0123456789abcdef")
    monkeypatch.setenv("MLFLOW_TRACKING_PASSWORD", "hunter22")
    error = RuntimeError("cannot log in to https://me:hunter22@host/api with 0123456789abcdef\nmore")
    assert told(error) == "RuntimeError: cannot log in to https://…@host/api with …"


def test_trackers_are_shown_names_and_no_folders() -> None:
    assert described(JOB)["model"] == "smol"
    assert "/home/somebody" not in str(described(JOB))


class Heard:
    """A tracker that keeps what it is told."""

    def __init__(self) -> None:
        self.told: list[tuple[int, str]] = []
        self.ends: list[bool] = []

    def log(self, values: Mapping[str, float], step: int) -> None:
        if step == 9:
            raise OSError("no route to https://me:hunter22@host")
        self.told += [(step, tag) for tag in values if tag.endswith("/loss")]

    def end(self, *, well: bool) -> None:
        self.ends.append(well)


def test_a_tracker_hears_every_step_once_over_all_sessions(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    heard = Heard()
    begun: list[dict[str, str]] = []

    def begin(job: object, identity: dict[str, str], run: Path) -> Heard:
        begun.append(dict(identity))
        return heard

    monkeypatch.setitem(trackers._KINDS, "wandb", begin)
    failures: list[tuple[str, str]] = []
    job = replace(JOB, trackers=("wandb",))
    for first, last, from_step in ((1, 7, None), (5, 10, 4)):
        book = Ledger(job, tmp_path, from_step, lambda name, why: failures.append((name, why)))
        train(book, first, last)
        book.close(well=last == 10)
    # Of the last before the break nobody knows whether it was heard, so it is told again.
    assert heard.told == [
        *((step, "train/loss") for step in (1, 2, 3, 4)), (4, "eval/loss"),
        *((step, "train/loss") for step in (5, 6, 7, 7, 8)), (8, "eval/loss"),
    ]  # fmt: skip
    assert begun[0] == begun[1]
    assert begun[0]["name"] == tmp_path.name
    # It failed at step 9 and is told no more; the table has everything.
    assert failures == [("wandb", "OSError: no route to https://…@host")]
    assert heard.ends == [False]
    assert [step for step, held_out in steps(tmp_path) if not held_out] == list(range(1, 11))
