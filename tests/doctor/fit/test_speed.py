"""How long a job takes: said from measured speeds and counted tokens, or not at all."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

import pytest

from doctor.fit.model import Measured
from doctor.run_folder import RunFolder
from doctor.speed import expected_pace
from trainer.contract import Job, Source

if TYPE_CHECKING:
    from pathlib import Path

    from doctor.paths import Home

JOB = Job(model="/models/tiny", data=(Source(path="/data/a.jsonl"),), output="", epochs=2.0)


def finished(home: Home, name: str, job: Job, **record: Any) -> Path:
    """A run folder as a finished run leaves it."""
    folder = RunFolder(home.runs / name)
    folder.root.mkdir(parents=True)
    (folder.root / "adapter").mkdir()
    (folder.root / "adapter" / "adapter_config.json").write_text("{}", encoding="utf-8")
    folder.job.write_text(json.dumps(asdict(job)), encoding="utf-8")
    values = {"tokens": 10_000, "seconds": 50.0, **record}
    folder.finish({"adapter": "adapter", "steps": 1, "loss_before": None, "loss_after": None, **values})
    return folder.root


def test_a_finished_run_of_the_same_work_says_how_long_another_takes(home: Home) -> None:
    finished(home, "before", JOB)
    pace = expected_pace(home, replace(JOB, epochs=6.0), None)
    assert pace is not None
    assert pace.tokens == 30_000
    assert pace.tokens_per_second == pytest.approx(200)


def test_nothing_is_guessed(home: Home) -> None:
    assert expected_pace(home, JOB, None) is None
    finished(home, "other model", replace(JOB, model="/models/large"))
    assert expected_pace(home, JOB, None) is None
    # A run that stopped at so many steps does not say how many tokens an epoch has.
    finished(home, "few steps", replace(JOB, max_steps=5))
    assert expected_pace(home, JOB, None) is None


def test_a_calibration_says_the_speed_and_a_run_the_tokens(home: Home) -> None:
    measured = Measured(card="x", versions="y", family="z", points=((1, 1),), tokens_per_second=500.0, watts=150.0)
    assert expected_pace(home, JOB, measured) is None
    finished(home, "before", replace(JOB, per_device_batch_size=2))
    pace = expected_pace(home, JOB, measured)
    assert pace is not None
    assert (pace.tokens, pace.tokens_per_second, pace.watts) == (10_000, 500.0, 150.0)


@pytest.mark.parametrize("record", [{"tokens": "many"}, {"tokens": 0}, {"seconds": 0.0}])
def test_a_record_without_sense_counts_for_nothing(record: dict[str, Any], home: Home) -> None:
    finished(home, "odd", JOB, **record)
    assert expected_pace(home, JOB, None) is None
