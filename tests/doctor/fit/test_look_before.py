"""Before a run: what cannot fit is refused with what would, what is tight is told, and calibrations are kept."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import doctor.estimating
from doctor.calibrating import calibrate, read_measured
from doctor.cli.face import Face
from doctor.cli.render import Screen
from doctor.cli.train_plan import look_before
from doctor.environment import Environment
from doctor.errors import BadInput
from doctor.estimating import LiveEstimate, find_versions, predict_allocated, read_folder
from doctor.fit.model import GIB, Card
from doctor.fit.software import Versions
from doctor.host.real import RealHost
from doctor.words.text import render
from trainer.contract import Job

if TYPE_CHECKING:
    from doctor.calibrating import Trial
    from doctor.paths import Home

TINY = Path(__file__).parents[2] / "models" / "aidreams260k"
CONFIG = {
    "model_type": "qwen2",
    "hidden_size": 3584,
    "num_hidden_layers": 28,
    "intermediate_size": 18944,
    "num_attention_heads": 28,
    "num_key_value_heads": 4,
    "vocab_size": 152064,
    "tie_word_embeddings": False,
}


@pytest.fixture
def face(home: Home) -> Face:
    screen = Screen(language="en", json_mode=False)
    return Face(host=RealHost(), home=home, screen=screen, language="en", json=False, verbose=False)


@pytest.fixture
def with_gpu(tmp_path: Path) -> Environment:
    """An environment for a GPU, with nothing in it."""
    return Environment(
        folder=tmp_path, stack="made-up", device="cuda", python=tmp_path / "bin" / "python", converter=tmp_path,
        lock=tmp_path / "lock",
    )  # fmt: skip


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "模型 7b"
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps(CONFIG), encoding="utf-8")
    return folder


def cards(monkeypatch: pytest.MonkeyPatch, *gib: int) -> None:
    found = tuple(Card(index=i, name="made up", total=size * GIB, free=size * GIB) for i, size in enumerate(gib))
    monkeypatch.setattr(doctor.estimating, "find_cards", lambda _: found)


def job(model: Path, **given: Any) -> Job:
    return Job(model=str(model), data=(), output=str(model.parent / "run"), **given)


def test_what_cannot_fit_is_refused_with_what_would(
    face: Face, with_gpu: Environment, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards(monkeypatch, 12)
    with pytest.raises(BadInput) as caught:
        look_before(face, with_gpu, job(model), anyway=False)
    assert "does not fit" in render(caught.value.message, "en")
    assert caught.value.hint is not None
    assert "nf4" in render(caught.value.hint, "en")
    assert "放不下" in render(caught.value.message, "zh")
    look_before(face, with_gpu, job(model), anyway=True)


def test_micro_batches_that_are_too_large_are_told_and_not_refused(
    face: Face, with_gpu: Environment, model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cards(monkeypatch, 12)
    look_before(face, with_gpu, job(model, quantisation="nf4", max_length=2048, per_device_batch_size=16), anyway=False)
    assert "smaller" in capsys.readouterr().err


def test_what_fits_passes_without_a_word(
    face: Face, with_gpu: Environment, model: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cards(monkeypatch, 24)
    assert look_before(face, with_gpu, job(model, quantisation="nf4"), anyway=False) == ()
    assert capsys.readouterr().err == ""


def test_a_split_gets_its_weights_from_the_planner(
    face: Face, with_gpu: Environment, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards(monkeypatch, 16, 16)
    shares = look_before(face, with_gpu, job(model, split="layers", per_device_batch_size=1), anyway=False)
    assert len(shares) == 2
    assert sum(shares) * 2**20 > read_folder(model).numbers * 2
    # torch may number unlike cards in another order, so then it is left to the trainer.
    cards(monkeypatch, 24, 16)
    assert look_before(face, with_gpu, job(model, split="layers", per_device_batch_size=1), anyway=False) == ()


def test_a_model_that_the_planner_does_not_know_trains_all_the_same(
    face: Face, with_gpu: Environment, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cards(monkeypatch, 12)
    (model / "config.json").write_text(json.dumps({"model_type": "rwkv"}), encoding="utf-8")
    assert look_before(face, with_gpu, job(model), anyway=False) == ()


def test_a_form_is_answered_from_what_was_asked_once(face: Face, model: Path) -> None:
    live = LiveEstimate(face.host, face.home, None, cards=(Card(index=0, total=16 * GIB, free=16 * GIB),))
    first = live.ask(job(model, quantisation="nf4", per_device_batch_size=1))
    (model / "config.json").unlink()
    longer = live.ask(job(model, quantisation="nf4", per_device_batch_size=1, max_length=8192))
    assert first.as_asked.worst.device.likely < longer.as_asked.worst.device.likely
    with pytest.raises(BadInput):
        live.ask(job(model.parent / "nothing"))


@pytest.mark.slow
def test_a_calibration_runs_the_job_and_the_planner_goes_by_it(environment: Environment, home: Home) -> None:
    host = RealHost()
    shape, versions = read_folder(TINY), find_versions(host, environment)
    assert versions.torch
    assert versions.trl
    wanted = Job(model=str(TINY), data=(), output="", max_length=64, per_device_batch_size=2)
    told: list[Trial | int] = []
    measured = calibrate(
        host, home, environment, wanted, card="CPU", versions=versions, shape=shape,
        predict=lambda changed: predict_allocated(host, shape, changed, (), versions), report=told.append,
    )  # fmt: skip
    assert [length for length in told if isinstance(length, int)] == [32, 64]
    assert len(measured.points) == 2
    assert measured.tokens_per_second > 0
    assert read_measured(home, "CPU", versions, shape, wanted) == measured
    # Another card, other packages or another method is another matter.
    assert read_measured(home, "RTX", versions, shape, wanted) is None
    assert read_measured(home, "CPU", Versions(trl="0.1"), shape, wanted) is None
    live = LiveEstimate(host, home, environment)
    found = live.ask(wanted)
    assert found.measured == measured
    seen = measured.points[-1][1]
    assert abs(found.as_asked.worst.device.likely - seen) < 0.05 * seen
    assert not any(home.scratch.iterdir())


@pytest.mark.parametrize("words", ["", "{", "[]", '{"schema": 1, "measured": [{"card": 3}, 4]}', '{"schema": 99}'])
def test_a_damaged_file_of_calibrations_counts_as_none(words: str, home: Home) -> None:
    file = home.root / "cache" / "calibrations.json"
    file.parent.mkdir(parents=True)
    file.write_text(words, encoding="utf-8")
    wanted = Job(model=str(TINY), data=(), output="")
    assert read_measured(home, "CPU", Versions(), read_folder(TINY), wanted) is None
