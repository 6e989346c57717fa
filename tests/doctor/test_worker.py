"""How the end of a program in the training environment is told, whatever that end is."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from doctor.errors import WorkerFailed
from doctor.worker import Worker
from trainer.contract import Event, Failed, Finished, Staged, Started, write_event

if TYPE_CHECKING:
    from collections.abc import Iterator


class Spoken:
    """A program that said these events and ended with this code."""

    pid = 1

    def __init__(self, code: int, *events: Event) -> None:
        self.code = code
        self.events = events

    def lines(self) -> Iterator[str]:
        return (write_event(event) for event in self.events)

    def write_line(self, line: str) -> None: ...

    def close_stdin(self) -> None: ...

    def wait(self, timeout_seconds: float | None = None) -> int:
        return self.code

    def end(self) -> None: ...


STARTED = Started(program="smoke")
TORCH = {"device": "cuda:0", "package": "torch"}
NF4 = {"device": "cuda:0", "package": "bitsandbytes"}


def failure(code: int, *events: Event) -> WorkerFailed:
    with pytest.raises(WorkerFailed) as caught:
        Worker(Spoken(code, STARTED, *events), Path("nowhere.log")).follow(lambda _: None)
    return caught.value


def test_a_failed_proof_names_its_package() -> None:
    failed = failure(1, Failed(kind="crashed", message="m", package="torch", proof="matmul", device="cuda:1"))
    assert (failed.package, failed.proof, failed.device) == ("torch", "matmul", "cuda:1")


def test_a_library_that_ends_the_process_is_known_by_the_stage_that_began() -> None:
    """A segmentation fault in bitsandbytes: no event tells of it."""
    failed = failure(
        -11,
        Staged(stage="matmul", detail=TORCH),
        Staged(stage="matmul", seconds=1.0, detail=TORCH),
        Staged(stage="nf4", detail=NF4),
    )
    assert (failed.kind, failed.package, failed.proof, failed.device) == ("crashed", "bitsandbytes", "nf4", "cuda:0")


def test_between_stages_nobody_is_accused() -> None:
    failed = failure(-9, Staged(stage="matmul", detail=TORCH), Staged(stage="matmul", seconds=1.0, detail=TORCH))
    assert (failed.package, failed.proof) == (None, None)


def test_other_programs_have_no_packages() -> None:
    failed = failure(-9, Staged(stage="loading"))
    assert (failed.package, failed.proof) == (None, "loading")


def test_the_end_of_one_that_ends_well() -> None:
    finished = Finished(result={"a": 1})
    assert Worker(Spoken(0, STARTED, finished), Path("nowhere.log")).follow(lambda _: None) == finished
